"""Reading the reachability model from stacks: ours and others', from state and from previews that know little."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import pytest
from registry_model.azure import names
from registry_model.estate.documents import InputError, load
from registry_model.reach.changes import compare
from registry_model.reach.clients import default_clients, model_of
from registry_model.reach.drawings import mermaid, svg
from registry_model.reach.judgement import summary, table
from registry_model.reach.model import (
    Ability,
    Hop,
    Location,
    Model,
    Network,
    Path,
    Peering,
    Registry,
    Route,
    Subnet,
    Verdict,
)
from registry_model.reach.registries import registries

from tests.model.asked import can_pull


def registries_from_export(document: dict[str, Any]) -> list[Registry]:
    return registries(load("state.json", json.dumps(document)).estate)


def registries_from_preview(
    document: dict[str, Any], exported: dict[str, Any] | None = None
) -> tuple[list[Registry], list[Registry]]:
    states = exported["deployment"]["resources"] if exported is not None else None
    found = load("preview.json", json.dumps(document), state=states)
    assert found.before is not None
    return registries(found.before), registries(found.estate)


UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SECRET = "4dabf18193072939515e22adb298388d"
GROUP = "/subscriptions/s/resourceGroups/rg/providers"
NETWORK = f"{GROUP}/Microsoft.Network"
REGISTRY_ID = f"{GROUP}/Microsoft.ContainerRegistry/registries/contoso"
ZONE_ID = f"{NETWORK}/privateDnsZones/privatelink.azurecr.io"
HOSTS = ["contoso.azurecr.io", "contoso.japaneast.data.azurecr.io"]
BLOBS = "*.blob.core.windows.net"


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:dev::app::azure-native:{token}::{name}"


def resource(
    token: str,
    name: str,
    inputs: dict[str, Any],
    outputs: dict[str, Any] | None = None,
    id_: str = "",
    **more: Any,
) -> dict[str, Any]:
    state = {"urn": urn(token, name), "custom": True, "type": f"azure-native:{token}", "inputs": inputs, **more}
    return state | ({"outputs": outputs} if outputs is not None else {}) | ({"id": id_} if id_ else {})


def export(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"version": 3, "deployment": {"manifest": {}, "resources": list(resources)}}


def preview(*steps: tuple[str, dict[str, Any] | None, dict[str, Any] | None], **more: Any) -> dict[str, Any]:
    return {
        "steps": [
            {"op": op, "urn": (new or old or {})["urn"]}
            | ({"oldState": old} if old else {})
            | ({"newState": new} if new else {})
            for op, old, new in steps
        ],
        **more,
    }


def registry(**outputs: Any) -> dict[str, Any]:
    known = {"name": "contoso", "loginServer": HOSTS[0], "location": "japaneast", **outputs}
    return resource("containerregistry:Registry", "acr", {"resourceGroupName": "rg"}, known, REGISTRY_ID)


def replica(region: str) -> dict[str, Any]:
    inputs = {"registryName": "contoso", "resourceGroupName": "rg", "location": region}
    return resource("containerregistry:Replication", region, inputs, {}, f"{REGISTRY_ID}/replications/{region}")


def network(name: str, **outputs: Any) -> dict[str, Any]:
    id_ = f"{NETWORK}/virtualNetworks/{name}"
    known = {"name": name, "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, **outputs}
    return resource("network:VirtualNetwork", name, {"resourceGroupName": "rg"}, known, id_)


def peering(one: str, other: str) -> dict[str, Any]:
    inputs = {
        "virtualNetworkName": one,
        "resourceGroupName": "rg",
        "remoteVirtualNetwork": {"id": f"{NETWORK}/virtualNetworks/{other}"},
    }
    id_ = f"{NETWORK}/virtualNetworks/{one}/virtualNetworkPeerings/{other}"
    return resource("network:VirtualNetworkPeering", f"{one}-{other}", inputs, {}, id_)


def zone(name: str = "privatelink.azurecr.io", logical: str = "zone") -> dict[str, Any]:
    inputs = {"privateZoneName": name, "resourceGroupName": "rg"}
    return resource("privatedns:PrivateZone", logical, inputs, {"name": name}, f"{NETWORK}/privateDnsZones/{name}")


def link(vnet: str, policy: str = "Default", zone_name: str = "privatelink.azurecr.io") -> dict[str, Any]:
    inputs = {
        "privateZoneName": zone_name,
        "resourceGroupName": "rg",
        "virtualNetwork": {"id": f"{NETWORK}/virtualNetworks/{vnet}"},
        "resolutionPolicy": policy,
    }
    id_ = f"{NETWORK}/privateDnsZones/{zone_name}/virtualNetworkLinks/{vnet}"
    return resource("privatedns:VirtualNetworkLink", f"{zone_name}-{vnet}", inputs, {}, id_)


def endpoint(addresses: dict[str, str] | None = None, manual: bool = False, name: str = "pe") -> dict[str, Any]:
    connection = [{"privateLinkServiceId": REGISTRY_ID, "groupIds": ["registry"]}]
    inputs = {
        "resourceGroupName": "rg",
        "subnet": {"id": f"{NETWORK}/virtualNetworks/hub/subnets/endpoints"},
        "manualPrivateLinkServiceConnections" if manual else "privateLinkServiceConnections": connection,
    }
    configs = [{"fqdn": host, "ipAddresses": [address]} for host, address in (addresses or {}).items()]
    outputs = {"name": name, "customDnsConfigs": configs}
    return resource("network:PrivateEndpoint", name, inputs, outputs, f"{NETWORK}/privateEndpoints/{name}")


def zone_group(records: dict[str, str], zone_id: str = ZONE_ID) -> dict[str, Any]:
    sets = [{"recordSetName": name, "ipAddresses": [address]} for name, address in records.items()]
    inputs = {"privateEndpointName": "pe", "resourceGroupName": "rg"}
    outputs = {"privateDnsZoneConfigs": [{"privateDnsZoneId": zone_id, "recordSets": sets}]}
    return resource("network:PrivateDnsZoneGroup", "group", inputs, outputs)


ADDRESSES = {HOSTS[0]: "10.0.1.4", HOSTS[1]: "10.0.1.5"}
RECORDS = {"contoso": "10.0.1.4", "contoso.japaneast.data": "10.0.1.5"}
CLOSED = {"publicNetworkAccess": "Disabled", "networkRuleBypassOptions": "None", "dataEndpointEnabled": True}
PRIVATE = [
    registry(**CLOSED),
    network("hub"),
    network("spoke"),
    network("island"),
    peering("hub", "spoke"),
    peering("spoke", "hub"),
    zone(),
    link("hub"),
    link("spoke"),
    endpoint(),
    zone_group(RECORDS),
]


def only(found: list[Registry]) -> Registry:
    assert len(found) == 1
    return found[0]


def verdicts(model: Model) -> dict[str, Ability]:
    return {line.client: line.pull for line in table(model)}


def hub() -> str:
    return f"{NETWORK}/virtualNetworks/hub".lower()


class TestExport:
    def test_a_private_registry(self) -> None:
        found = only(registries_from_export(export(*PRIVATE)))
        assert (found.name, found.login_server, found.home, found.replicas) == ("contoso", HOSTS[0], "japaneast", ())
        assert (found.public_access, found.data_endpoints, found.trusted_bypass) == (False, True, False)
        (pe,) = found.private_endpoints
        assert (pe.name, pe.vnet, pe.subnet, pe.approved) == ("pe", hub(), "endpoints", True)
        assert dict(pe.addresses) == ADDRESSES, (
            "customDnsConfigs are empty beside a zone group: the group's records tell"
        )
        (private_zone,) = found.zones
        assert dict(private_zone.records) == RECORDS
        assert [link.vnet.rpartition("/")[2] for link in private_zone.links] == ["hub", "spoke"]
        assert {n.name: [p.rpartition("/")[2] for p in n.peered] for n in found.networks} == {
            "hub": ["spoke"],
            "spoke": ["hub"],
            "island": [],
        }
        assert found.notes == ()

    def test_every_client_class_gets_its_verdict(self) -> None:
        found = only(registries_from_export(export(*PRIVATE)))
        assert verdicts(model_of(found)) == {
            "VM in hub": Ability.YES,
            "VM in spoke": Ability.YES,
            "VM in island": Ability.NO,
            "VM in a peered network, with the zone": Ability.YES,
            "VM in a peered network, without the zone": Ability.NO,
            "VM in a network linked to another privatelink.azurecr.io": Ability.NO,
            "on-premises, forwarding DNS into a linked network": Ability.YES,
            "on-premises, public DNS": Ability.NO,
            "internet, any address": Ability.NO,
            "trusted Azure service": Ability.NO,
        }

    def test_azures_defaults(self) -> None:
        found = only(registries_from_export(export(registry())))
        assert (found.public_access, found.default_allow, found.trusted_bypass) == (True, True, True)
        assert not found.data_endpoints
        assert (found.private_endpoints, found.zones, found.networks, found.firewalls) == ((), (), (), ())

    def test_network_rules_in_any_case(self) -> None:
        rules = {"defaultAction": "deny", "ipRules": [{"iPAddressOrRange": "203.0.113.0/28"}, {"action": "Allow"}]}
        found = only(registries_from_export(export(registry(networkRuleSet=rules, publicNetworkAccess="enabled"))))
        assert (found.public_access, found.default_allow, found.ip_rules) == (True, False, ("203.0.113.0/28",))
        lines = verdicts(model_of(found))
        assert lines["internet, from 203.0.113.0/28"] is Ability.YES
        assert lines["internet, any address"] is Ability.NO

    def test_replicas(self) -> None:
        found = only(registries_from_export(export(registry(), replica("West US 2"), replica("eastasia"))))
        assert found.replicas == ("eastasia", "westus2")

    def test_a_replica_later_than_the_endpoint_has_its_address_and_record(self) -> None:
        found = only(registries_from_export(export(*PRIVATE, replica("eastasia"))))
        vm = next(c for c in default_clients(found) if c.name == "VM in hub")
        line = summary(found, vm)
        assert line.pull is Ability.YES
        late = next(r for r in line.reaches if "eastasia" in r.host)
        assert (late.path, late.address) == (Path.PRIVATE, "")
        assert "known after deployment" in late.reason

    def test_regional_endpoints_are_private_too(self) -> None:
        parts = [registry(**CLOSED, regionalEndpoints="Enabled"), *PRIVATE[1:]]
        found = only(registries_from_export(export(*parts)))
        vm = next(c for c in default_clients(found) if c.name == "VM in hub")
        reaches = {r.host: r.path for r in summary(found, vm).reaches}
        assert reaches["contoso.japaneast.geo.azurecr.io"] is Path.PRIVATE
        assert len(reaches) == 3

    def test_two_registries_keep_their_own(self) -> None:
        other = resource(
            "containerregistry:Registry",
            "other",
            {"resourceGroupName": "rg"},
            {"name": "fabrikam", "loginServer": "fabrikam.azurecr.io", "location": "japaneast"},
            f"{GROUP}/Microsoft.ContainerRegistry/registries/fabrikam",
        )
        first, second = registries_from_export(export(*PRIVATE, other, replica("eastasia")))
        assert (first.replicas, len(first.private_endpoints)) == (("eastasia",), 1)
        assert (second.replicas, second.private_endpoints) == ((), ())
        assert dict(second.zones[0].records) == {}, "it shares the zone, not the records"

    def test_names_are_of_their_resource_group(self) -> None:
        twin = zone()
        twin["urn"], twin["id"] = urn("privatedns:PrivateZone", "twin"), ZONE_ID.replace("/rg/", "/other/")
        twin["inputs"]["resourceGroupName"] = "other"
        found = only(registries_from_export(export(*PRIVATE, twin)))
        ours, theirs = found.zones
        assert len(ours.links) == 2
        assert theirs.links == ()
        elsewhere = link("island")
        elsewhere["inputs"]["resourceGroupName"] = "OTHER"
        elsewhere["id"] = elsewhere["id"].replace("/rg/", "/other/")
        found = only(registries_from_export(export(*PRIVATE, twin, elsewhere)))
        assert [len(z.links) for z in found.zones] == [2, 1]

    def test_versioned_and_generated_packages(self) -> None:
        versioned = registry()
        versioned["type"] = "azure-native:containerregistry/v20230101preview:Registry"
        generated = registry()
        generated["type"] = "azure-native_containerregistry_v20251101:containerregistry:Registry"
        for state in (versioned, generated):
            assert only(registries_from_export(export(state))).login_server == HOSTS[0]

    def test_resources_that_are_going_away_and_other_providers(self) -> None:
        going = registry() | {"delete": True}
        other = registry() | {"type": "aws:ecr/repository:Repository"}
        assert registries_from_export(export(going, other)) == []

    def test_secrets_are_opened_where_the_state_shows_them(self) -> None:
        shown = {SECRET: "1b47061264138c4ac30d75fd1eb44270", "plaintext": json.dumps("Disabled")}
        hidden = {SECRET: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:xyz"}
        found = only(registries_from_export(export(registry(publicNetworkAccess=shown, networkRuleSet=hidden))))
        assert not found.public_access
        assert found.default_allow is None, "a masked secret is not known"

    def test_sovereign_login_server(self) -> None:
        state = registry(loginServer="contoso.azurecr.cn", location="chinaeast2")
        found = only(registries_from_export(export(state, zone("privatelink.azurecr.cn", "china"), zone())))
        assert [z.name for z in found.zones] == ["privatelink.azurecr.cn"]

    @pytest.mark.parametrize("value", [{}, {"resources": "no"}, {"deployment": {"resources": "no"}}])
    def test_something_else_is_refused(self, value: dict[str, Any]) -> None:
        with pytest.raises(InputError):
            registries_from_export(value)

    def test_an_empty_stack(self) -> None:
        assert registries_from_export({"version": 3, "deployment": {"manifest": {"version": "v3"}}}) == []


class TestEndpoints:
    def test_manual_connections_wait_for_approval(self) -> None:
        parts = [*PRIVATE[:-2], endpoint(ADDRESSES, manual=True), zone_group(RECORDS)]
        found = only(registries_from_export(export(*parts)))
        assert not found.private_endpoints[0].approved
        vm = next(c for c in default_clients(found) if c.name == "VM in hub")
        assert summary(found, vm).reaches[0].verdict is Verdict.NOT_APPROVED

    def test_custom_dns_configs_tell_without_a_zone_group(self) -> None:
        found = only(registries_from_export(export(*PRIVATE[:-2], endpoint(ADDRESSES))))
        assert dict(found.private_endpoints[0].addresses) == ADDRESSES
        assert "has no zone group in this stack" in found.notes[0]
        assert dict(found.zones[0].records) == {}

    def test_manual_records(self) -> None:
        def record(name: str, address: str) -> dict[str, Any]:
            inputs = {
                "privateZoneName": "privatelink.azurecr.io",
                "resourceGroupName": "rg",
                "relativeRecordSetName": name,
                "recordType": "A",
                "aRecords": [{"ipv4Address": address}],
            }
            return resource("privatedns:PrivateRecordSet", name, inputs, {})

        parts = [*PRIVATE[:-2], endpoint(ADDRESSES), record("contoso", "10.0.1.4")]
        found = only(registries_from_export(export(*parts)))
        vm = next(c for c in default_clients(found) if c.name == "VM in hub")
        line = summary(found, vm)
        assert (line.push, line.pull) == (Ability.YES, Ability.NO)
        assert "add the missing A record 'contoso.japaneast.data'" in line.fix

    def test_a_zone_of_another_stack(self) -> None:
        foreign = (
            "/subscriptions/t/resourceGroups/dns/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
        )
        parts = [p for p in PRIVATE[:-1] if "privatedns" not in p["type"]]
        found = only(registries_from_export(export(*parts, zone_group(RECORDS, foreign))))
        assert (found.zones[0].name, found.zones[0].id) == ("privatelink.azurecr.io", foreign.lower())
        assert "is outside this stack: which networks it is linked to is not known here" in found.notes[0]
        line = next(line for line in table(model_of(found)) if line.client == "VM in hub")
        assert (line.pull, line.reason) == (
            Ability.IF,
            f"hub is linked to the zone {foreign.lower()}, which is outside this stack",
        )

    def test_networks_of_other_stacks(self) -> None:
        parts = [p for p in PRIVATE if p["type"] != "azure-native:network:VirtualNetwork"]
        found = only(registries_from_export(export(*parts)))
        assert {n.label for n in found.networks} == {"hub", "spoke"}
        lines = {line.client: line for line in table(model_of(found))}
        untold = "the DNS servers, routes and security groups of hub, not declared here, lead it to Azure's resolver"
        assert (lines["VM in hub"].pull, lines["VM in hub"].reason) == (Ability.IF, f"{untold} and to the endpoint")

    def test_resolution_policy_and_custom_dns_servers(self) -> None:
        parts = [
            registry(dataEndpointEnabled=True),
            network("hub"),
            network("lab", dhcpOptions={"dnsServers": ["10.9.9.9"]}),
            zone(),
            link("hub", "NxDomainRedirect"),
            endpoint(ADDRESSES),
        ]
        found = only(registries_from_export(export(*parts)))
        assert found.zones[0].links[0].nx_domain_redirect
        assert found.networks[1].dns_servers == ("10.9.9.9",)
        lab = next(c for c in default_clients(found) if c.name == "VM in lab")
        assert (lab.location, lab.resolver) == (Location.VNET, hub())
        assert lab.conditions == ("10.9.9.9 forwards azurecr.io to Azure's resolver in hub",)

    def test_a_regional_zone_is_seen(self) -> None:
        wrong = "japaneast.data.privatelink.azurecr.io"
        found = only(registries_from_export(export(*PRIVATE, zone(wrong, "wrong"), link("hub", zone_name=wrong))))
        vm = next(c for c in default_clients(found) if c.name == "VM in hub")
        assert f"unlink or delete the zone '{wrong}'" in summary(found, vm).fix


def group_of_rules(
    *rules: dict[str, Any], priority: int = 200, name: str = "rules", allow: str = "Allow"
) -> dict[str, Any]:
    inputs = {
        "firewallPolicyName": "egress",
        "resourceGroupName": "rg",
        "priority": priority,
        "ruleCollections": [{"action": {"type": allow}, "priority": 100, "rules": list(rules)}],
    }
    return resource("network:FirewallPolicyRuleCollectionGroup", name, inputs, {})


def application(*hosts: str, port: int = 443) -> dict[str, Any]:
    protocols = [{"protocolType": "Https", "port": float(port)}]
    return {"ruleType": "ApplicationRule", "name": "app", "targetFqdns": list(hosts), "protocols": protocols}


def network_rule(*destinations: str, ports: str = "443") -> dict[str, Any]:
    return {
        "ruleType": "NetworkRule",
        "name": "net",
        "destinationAddresses": list(destinations),
        "destinationPorts": [ports],
        "ipProtocols": ["TCP"],
    }


EGRESS = f"{GROUP}/Microsoft.Network/firewallPolicies/egress"
POLICY = resource("network:FirewallPolicy", "egress", {"firewallPolicyName": "egress"}, {"id": EGRESS})


def firewall(name: str) -> dict[str, Any]:
    inputs = {"azureFirewallName": name, "firewallPolicy": {"id": EGRESS}}
    return resource("network:AzureFirewall", name, inputs, {})


class TestFirewalls:
    OPEN = registry(dataEndpointEnabled=True)

    def behind(self, *parts: dict[str, Any]) -> dict[str, Ability]:
        lines = verdicts(model_of(only(registries_from_export(export(self.OPEN, *parts)))))
        return {name.removeprefix("client behind "): v for name, v in lines.items() if name.startswith("client behind")}

    def test_a_policy_that_allows_the_hosts(self) -> None:
        assert self.behind(group_of_rules(application(*HOSTS))) == {"egress": Ability.YES}

    def test_a_row_is_named_by_the_firewalls_that_have_the_policy(self) -> None:
        rules = group_of_rules(application(*HOSTS))
        assert self.behind(rules, POLICY, firewall("afw-hub")) == {"afw-hub": Ability.YES}
        both = (firewall("afw-east"), firewall("afw-west"))
        assert self.behind(rules, POLICY, *both) == {"afw-east and afw-west": Ability.YES}

    def test_a_firewall_that_comes_to_its_policy_is_no_new_client(self) -> None:
        rules = group_of_rules(application(*HOSTS))
        before, after = (
            registries_from_export(export(self.OPEN, rules, POLICY, *more)) for more in ((), (firewall("afw-hub"),))
        )
        assert compare(before, after) == []

    @pytest.mark.parametrize(("sources", "said"), [(["10.1.0.0/16"], True), (["*"], False)])
    def test_a_row_says_for_which_sources_alone_it_holds(self, sources: list[str], said: bool) -> None:
        group = group_of_rules(application(*HOSTS) | {"sourceAddresses": sources})
        found = only(registries_from_export(export(self.OPEN, group)))
        line = next(s for s in table(model_of(found)) if s.client == "client behind egress")
        assert line.pull is Ability.YES
        assert ("this holds for clients at 10.1.0.0/16 only" in line.reason) is said

    def test_a_policy_that_lacks_one(self) -> None:
        assert self.behind(group_of_rules(application(HOSTS[0], BLOBS))) == {"egress": Ability.NO}

    def test_groups_of_one_policy_join(self) -> None:
        parts = [
            group_of_rules(application(HOSTS[0])),
            group_of_rules(application(HOSTS[1]), name="more", priority=300),
        ]
        assert self.behind(*parts) == {"egress": Ability.YES}

    def test_deny_by_priority_and_network_rules_first(self) -> None:
        allow = group_of_rules(application(*HOSTS))
        deny = group_of_rules(application(HOSTS[1]), name="deny", priority=100, allow="Deny")
        late = group_of_rules(application(HOSTS[1]), name="deny", priority=300, allow="Deny")
        tags = group_of_rules(network_rule("AzureContainerRegistry.JapanEast"), name="tags", priority=400)
        assert self.behind(allow, deny) == {"egress": Ability.NO}
        assert self.behind(allow, late) == {"egress": Ability.YES}
        assert self.behind(allow, deny, tags) == {"egress": Ability.YES}

    @pytest.mark.parametrize(
        ("ports", "ability"), [("443", Ability.YES), ("400-500", Ability.YES), ("*", Ability.YES), ("80", Ability.NO)]
    )
    def test_ports(self, ports: str, ability: Ability) -> None:
        rule = network_rule("AzureContainerRegistry", ports=ports)
        assert self.behind(group_of_rules(rule)) == {"egress": ability}

    @pytest.mark.parametrize(("hosts", "ability"), [(["*.ubuntu.com"], Ability.NO), (["github.com", "*"], Ability.YES)])
    def test_a_firewall_for_something_else_stops_the_clients_behind_it(
        self, hosts: list[str], ability: Ability
    ) -> None:
        assert self.behind(group_of_rules(application(*hosts))) == {"egress": ability}
        found = only(registries_from_export(export(self.OPEN, group_of_rules(application(*hosts)))))
        assert found.notes == (
            "client firewall 'egress': no rule is for this registry, and which clients are behind it is not known here;"
            " the rows hold if clients of the registry are; on the public path an Azure Firewall must then allow"
            f" {HOSTS[0]} and {HOSTS[1]} on TCP 443",
        )

    def test_the_note_names_five_of_many_firewalls(self) -> None:
        groups = [group_of_rules(application("*.ubuntu.com"), name=f"rules{n}") for n in range(7)]
        for number, group in enumerate(groups):
            group["inputs"]["firewallPolicyName"] = f"egress{number}"
        (note,) = only(registries_from_export(export(self.OPEN, *groups))).notes
        assert note.startswith(
            "client firewalls 'egress0', 'egress1', 'egress2', 'egress3', 'egress4' and 2 more: no rule is for"
        )

    def test_a_firewall_for_the_registry_has_no_such_note(self) -> None:
        assert only(registries_from_export(export(self.OPEN, group_of_rules(application(*HOSTS))))).notes == ()

    def test_a_security_group_without_outbound_rules_lets_its_clients_out(self) -> None:
        ssh = {
            "name": "ssh",
            "direction": "Inbound",
            "access": "Allow",
            "priority": 100,
            "protocol": "Tcp",
            "destinationAddressPrefix": "*",
            "destinationPortRange": "22",
        }
        known = {"name": "builds", "securityRules": [ssh]}
        group_id = f"{NETWORK}/networkSecurityGroups/builds"
        group = resource("network:NetworkSecurityGroup", "nsg", {"resourceGroupName": "rg"}, known, group_id)
        assert self.behind(group) == {"builds": Ability.YES}
        (note,) = only(registries_from_export(export(self.OPEN, group))).notes
        assert note.startswith("client firewall 'builds': no rule is for this registry")
        assert "Azure Firewall" not in note

    def test_an_nsg_blocks_only_with_a_rule_that_denies(self) -> None:
        def rule(name: str, tag: str, access: str, priority: int) -> dict[str, Any]:
            return {
                "name": name,
                "direction": "Outbound",
                "access": access,
                "priority": priority,
                "protocol": "Tcp",
                "destinationAddressPrefix": tag,
                "destinationPortRange": "443" if access == "Allow" else "*",
            }

        def nsg(*rules: dict[str, Any]) -> dict[str, Any]:
            return resource(
                "network:NetworkSecurityGroup",
                "nsg",
                {"resourceGroupName": "rg"},
                {"name": "agents", "securityRules": list(rules)},
                f"{NETWORK}/networkSecurityGroups/agents",
            )

        right = rule("acr", "AzureContainerRegistry.JapanEast", "Allow", 200)
        wrong = rule("acr", "AzureContainerRegistry.EastAsia", "Allow", 200)
        deny = rule("deny", "Internet", "Deny", 300)
        assert self.behind(nsg(wrong)) == {"agents": Ability.YES}
        assert self.behind(nsg(wrong, deny)) == {"agents": Ability.NO}
        assert self.behind(nsg(right, deny)) == {"agents": Ability.YES}
        separate = resource(
            "network:SecurityRule",
            "acr",
            {**right, "networkSecurityGroupName": "agents", "resourceGroupName": "rg"},
            {},
        )
        assert self.behind(nsg(deny), separate) == {"agents": Ability.YES}

    def test_an_nsg_stands_where_its_subnet_is(self) -> None:
        nsg_id = f"{NETWORK}/networkSecurityGroups/agents"
        rule = {
            "direction": "Outbound",
            "access": "Allow",
            "priority": 200,
            "protocol": "*",
            "destinationAddressPrefix": "AzureContainerRegistry",
            "destinationPortRange": "443",
        }
        group = {"resourceGroupName": "rg"}
        nsg = resource(
            "network:NetworkSecurityGroup", "nsg", group, {"name": "agents", "securityRules": [rule]}, nsg_id
        )
        subnet = resource(
            "network:Subnet",
            "builds",
            {"virtualNetworkName": "hub", "resourceGroupName": "rg", "networkSecurityGroup": {"id": nsg_id}},
            {},
            f"{NETWORK}/virtualNetworks/hub/subnets/builds",
        )
        found = only(registries_from_export(export(*PRIVATE, nsg, subnet)))
        client = next(c for c in default_clients(found) if c.name == "client behind agents")
        assert (client.location, client.vnet, client.resolver) == (Location.VNET, hub(), hub())
        assert can_pull(found, client), "an NSG lets a network's own traffic through"


class TestPreview:
    """In a preview nothing has an id or an address yet: correlation is by dependency, addresses are placeholders."""

    def new_stack(self) -> dict[str, Any]:
        def depends(**on: str) -> dict[str, Any]:
            return {"propertyDependencies": {prop: [target] for prop, target in on.items()}}

        acr = urn("containerregistry:Registry", "acr")
        vnet, subnet = urn("network:VirtualNetwork", "vnet"), urn("network:Subnet", "subnet")
        private_zone, pe = urn("privatedns:PrivateZone", "zone"), urn("network:PrivateEndpoint", "pe")
        parts = [
            resource(
                "containerregistry:Registry",
                "acr",
                {"registryName": "contoso", "location": "Japan East", **CLOSED},
                {"registryName": "contoso", "loginServer": UNKNOWN},
            ),
            resource(
                "containerregistry:Replication",
                "west",
                {"registryName": UNKNOWN, "location": "japanwest"},
                **depends(registryName=acr),
            ),
            resource("network:VirtualNetwork", "vnet", {"virtualNetworkName": "hub"}),
            resource("network:Subnet", "subnet", {"virtualNetworkName": UNKNOWN}, **depends(virtualNetworkName=vnet)),
            resource("privatedns:PrivateZone", "zone", {"privateZoneName": "privatelink.azurecr.io"}),
            resource(
                "privatedns:VirtualNetworkLink",
                "link",
                {"privateZoneName": UNKNOWN, "virtualNetwork": {"id": UNKNOWN}},
                **depends(privateZoneName=private_zone, virtualNetwork=vnet),
            ),
            resource(
                "network:PrivateEndpoint",
                "pe",
                {"subnet": {"id": UNKNOWN}, "privateLinkServiceConnections": [{"privateLinkServiceId": UNKNOWN}]},
                **depends(subnet=subnet, privateLinkServiceConnections=acr),
            ),
            resource(
                "network:PrivateDnsZoneGroup",
                "group",
                {"privateEndpointName": UNKNOWN, "privateDnsZoneConfigs": [{"privateDnsZoneId": UNKNOWN}]},
                **depends(privateEndpointName=pe, privateDnsZoneConfigs=private_zone),
            ),
        ]
        return preview(*[("create", None, part) for part in parts])

    def test_a_stack_that_does_not_exist_yet(self) -> None:
        before, after = registries_from_preview(self.new_stack())
        assert before == []
        found = only(after)
        assert (found.login_server, found.home, found.replicas) == (HOSTS[0], "japaneast", ("japanwest",))
        assert found.notes == ()
        lines = {line.client: line for line in table(model_of(found))}
        assert lines["VM in hub"].pull is Ability.YES
        assert {r.address for r in lines["VM in hub"].reaches} == {""}
        assert lines["internet, any address"].pull is Ability.NO
        changes = {c.client: c for c in compare(before, after)}
        assert changes["VM in hub"].text.startswith("is new: pull yes, push yes")

    def test_an_unknown_name_and_a_hash_are_said(self) -> None:
        nameless = resource("containerregistry:Registry", "my-acr", {"registryName": UNKNOWN, "location": "japaneast"})
        hashed = resource(
            "containerregistry:Registry",
            "acr",
            {"registryName": "contoso", "location": UNKNOWN, "autoGeneratedDomainNameLabelScope": "TenantReuse"},
        )
        _, after = registries_from_preview(preview(("create", None, nameless), ("create", None, hashed)))
        assert after[0].login_server == "myacr.azurecr.io"
        assert "name is not known yet" in after[0].notes[0]
        assert after[1].login_server == "contoso-hash.azurecr.io"
        assert {note.partition(":")[0] for note in after[1].notes} == {
            "the login server gets a hash when the registry is created",
            "the home region is not known yet",
        }

    def test_the_cloud_follows_the_region(self) -> None:
        china = resource("containerregistry:Registry", "acr", {"registryName": "contoso", "location": "China East 2"})
        _, after = registries_from_preview(preview(("create", None, china)))
        assert only(after).login_server == "contoso.azurecr.cn"

    def test_the_switch_is_seen_before_it_happens(self) -> None:
        old = registry()
        new = json.loads(json.dumps(old))
        new["inputs"]["dataEndpointEnabled"] = True
        site = group_of_rules(application(HOSTS[0], BLOBS))
        before, after = registries_from_preview(preview(("update", old, new)), export(old, site))
        change = next(c for c in compare(before, after) if c.client == "client behind egress")
        assert change.breaks
        assert change.new_hosts == (HOSTS[1],)

    def test_an_update_forgets_what_is_unknown_now(self) -> None:
        old = registry(publicNetworkAccess="Disabled")
        new = json.loads(json.dumps(old))
        new["inputs"]["publicNetworkAccess"] = UNKNOWN
        before, after = registries_from_preview(preview(("update", old, new)), export(old))
        assert not only(before).public_access
        assert only(after).public_access is None
        line = next(line for line in table(model_of(only(after))) if line.client == "internet, any address")
        assert (line.pull, line.reason) == (Ability.UNKNOWN, "the registry's publicNetworkAccess is not known yet")

    def test_replacement_and_deletion(self) -> None:
        west, acr = replica("westus2"), registry()
        steps = [
            ("delete", west, None),
            ("create-replacement", acr, registry(location="eastasia")),
            ("replace", acr, registry(location="eastasia")),
            ("delete-replaced", acr, None),
        ]
        before, after = registries_from_preview(preview(*steps), export(acr, west))
        assert (only(before).home, only(before).replicas) == ("japaneast", ("westus2",))
        assert (only(after).home, only(after).replicas) == ("eastasia", ())

    def test_a_deleted_registry(self) -> None:
        acr = registry()
        before, after = registries_from_preview(preview(("delete", acr, None)), export(acr))
        assert (len(before), after) == (1, [])
        for change in compare(before, after):
            assert change.after is None
            assert change.breaks is (change.before is not None and change.before.pull is Ability.YES)

    def test_same_steps_need_no_export(self) -> None:
        acr = registry()
        before, after = registries_from_preview(preview(("same", acr, acr), changeSummary={"same": 1}))
        assert before == after
        assert compare(before, after) == []

    def test_a_partial_preview_without_an_export_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"leaves out 3 unchanged resources; preview with .*--show-sames"):
            registries_from_preview(preview(changeSummary={"same": 3}))

    def test_a_preview_without_changes(self) -> None:
        acr = registry()
        before, after = registries_from_preview({"config": {}, "changeSummary": {"same": 1}}, export(acr))
        assert before == after != []

    @pytest.mark.parametrize("value", [{}, {"steps": 1}, {"config": {}, "changeSummary": {}, "steps": [1]}])
    def test_something_else_is_refused(self, value: dict[str, Any]) -> None:
        with pytest.raises(InputError):
            registries_from_preview(value)

    def test_a_failed_preview_is_refused(self) -> None:
        failed = preview(diagnostics=[{"severity": "error", "message": "the program raised"}])
        with pytest.raises(InputError, match=r"the preview failed, .*: the program raised"):
            registries_from_preview(failed)


class TestDrawings:
    FOUND = only(registries_from_export(export(*PRIVATE)))
    EVIL = replace(FOUND, name='a<b>&"c"#')
    HUB_AND_SPOKES = Registry(
        "contoso.azurecr.io",
        "japaneast",
        networks=(
            Network("hub", peerings=(Peering("spoke"), Peering("late", "the peering of hub with late is Initiated"))),
            Network(
                "spoke",
                peerings=(Peering("hub"),),
                subnets=(
                    Subnet("apps", routes=(Route("out", "0.0.0.0/0", Hop.APPLIANCE, "10.0.0.4", "edge"),)),
                    Subnet("jobs", routes=(Route("out", "0.0.0.0/0", Hop.APPLIANCE, "10.0.0.4", "edge"),)),
                    Subnet("else", routes=(Route("other", "10.0.0.0/8", Hop.APPLIANCE, "10.9.9.9"),)),
                ),
            ),
            Network("late", peerings=(Peering("hub", "the peering of hub with late is Initiated"),)),
        ),
    )

    def test_mermaid_says_who_reaches_it(self) -> None:
        text = mermaid(self.FOUND, default_clients(self.FOUND))
        assert text.startswith("flowchart LR\n")
        assert '==>|"private endpoint"| registry' in text
        assert '-.->|"wrong resolver"| registry' in text
        assert "10.0.1.4" in text
        assert text.count("subgraph") == text.count("  end") == 4
        declared = {line.split("[")[0].split("(")[0].strip() for line in text.splitlines() if line.startswith("  c")}
        assert len(declared) >= len(default_clients(self.FOUND))

    def test_mermaid_labels_cannot_break_out(self) -> None:
        assert 'a#lt;b#gt;&#quot;c#quot;#35;: contoso.azurecr.io"]' in mermaid(self.EVIL)

    @pytest.mark.parametrize("found", [FOUND, EVIL, Registry("contoso.azurecr.io", "japaneast")])
    def test_svg_is_one_self_contained_document(self, found: Registry) -> None:
        text = svg(found, default_clients(found))
        root = ET.fromstring(text)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        words = "".join(root.itertext())
        assert found.label in words
        for client in default_clients(found):
            assert client.name in words
        assert "href" not in text
        assert "<script" not in text
        width, height = float(root.attrib["width"]), float(root.attrib["height"])
        for rect in root.iter("{http://www.w3.org/2000/svg}rect"):
            assert float(rect.attrib["x"]) + float(rect.attrib["width"]) <= width
            assert float(rect.attrib["y"]) + float(rect.attrib["height"]) <= height

    def test_a_long_condition_makes_no_wide_box_and_is_not_lost(self) -> None:
        long = " and ".join(["the DNS servers of a network that nobody lists"] * 8)
        client = replace(default_clients(self.FOUND)[0], conditions=(long,))
        root = ET.fromstring(svg(self.FOUND, [client]))
        assert float(root.attrib["width"]) < 1600
        tooltips = [each.text or "" for each in root.iter("{http://www.w3.org/2000/svg}title")]
        assert any(long in each for each in tooltips)

    def test_peerings_and_routes_to_firewalls_are_drawn(self) -> None:
        text = mermaid(self.HUB_AND_SPOKES)
        lines = [line.strip() for line in text.splitlines()]
        assert "n0 ---|peered| n1" in lines
        assert 'n0 -.-|"the peering of hub with late is Initiated"| n2' in lines
        assert 'f0{{"firewall edge"}}' in lines
        assert 'n1 -->|"0.0.0.0/0"| f0' in lines
        assert sum("-->" in line and "f0" in line for line in lines) == 1, "an appliance that nothing declares"
        root = ET.fromstring(svg(self.HUB_AND_SPOKES))
        paths = [p.attrib["class"] for p in root.iter("{http://www.w3.org/2000/svg}path")]
        assert (paths.count("peering"), paths.count("peering broken")) == (1, 1)
        words = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
        assert "network hub" in words
        assert "peered with hub; 0.0.0.0/0 goes to edge" in words
        height = float(root.attrib["height"])
        bottoms = [
            float(r.attrib["y"]) + float(r.attrib["height"]) for r in root.iter("{http://www.w3.org/2000/svg}rect")
        ]
        assert max(bottoms) <= height
        assert len(set(bottoms)) > 3

    def test_networks_that_nothing_joins_add_nothing_to_a_drawing(self) -> None:
        apart = replace(self.HUB_AND_SPOKES, networks=(Network("hub"), Network("spoke")))
        assert "peered" not in mermaid(apart)
        assert "network hub" not in "".join(ET.fromstring(svg(apart)).itertext())

    def test_svg_labels_cannot_break_out(self) -> None:
        evil = replace(default_clients(self.FOUND)[0], name="<script>alert(1)</script> & co")
        root = ET.fromstring(svg(self.FOUND, [evil]))
        assert evil.name in "".join(root.itertext())

    def test_colours_follow_the_verdict(self) -> None:
        root = ET.fromstring(svg(self.FOUND, default_clients(self.FOUND)))
        kinds = [r.attrib["class"] for r in root.iter("{http://www.w3.org/2000/svg}rect")]
        assert [kind for kind in kinds if kind in {"yes", "partly", "no"}] == [
            str(line.pull) for line in table(model_of(self.FOUND))
        ]
        arrows = [p.attrib["class"] for p in root.iter("{http://www.w3.org/2000/svg}path")]
        assert arrows.count("way yes") == kinds.count("yes")
        assert arrows.count("way no") == kinds.count("no")


def test_pure_modules_do_not_import_pulumi() -> None:
    code = (
        "import sys, pkgutil, importlib, registry_model;"
        "[importlib.import_module(m.name) for m in pkgutil.walk_packages(registry_model.__path__, 'registry_model.')];"
        " sys.exit(any(m.split('.')[0].startswith('pulumi') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0


def test_every_host_is_computed_in_one_place() -> None:
    found = only(registries_from_export(export(*PRIVATE, replica("eastasia"))))
    assert [h.name for h in found.hosts()] == names.client_hosts(found.login_server, found.home, found.replicas)
