"""Every row of the tables that reachability is built on, and every way a client can fail."""

from __future__ import annotations

from dataclasses import replace

import pytest
from registry_model.azure import names
from registry_model.reach.changes import diff
from registry_model.reach.firewalls import Firewall, FirewallRule, Kind, Layer, host_covers
from registry_model.reach.judgement import reach, summary, table
from registry_model.reach.model import (
    Ability,
    AddressClass,
    Client,
    Connection,
    HostKind,
    Location,
    Model,
    Operation,
    Path,
    PrivateEndpoint,
    Reach,
    Registry,
    Verdict,
    VNetLink,
    Zone,
)
from registry_model.reach.switch import switched

from tests.model.asked import can_pull, can_push, missing_hosts

LOGIN = "contoso.azurecr.io"
DATA = "contoso.japaneast.data.azurecr.io"
BLOBS = "*.blob.core.windows.net"
PUBLIC_ALIASES = ("*.data.azcr.io", "*.trafficmanager.net", "*.japaneast.cloudapp.azure.com")

PLAIN = Registry(LOGIN, "Japan East", trusted_bypass=False)
ENDPOINT = PrivateEndpoint("pe", "hub", "endpoints", ((LOGIN, "192.168.0.74"), (DATA, "192.168.0.73")))
ZONE = Zone(
    "privatelink.azurecr.io",
    (("contoso", "192.168.0.74"), ("contoso.japaneast.data", "192.168.0.73")),
    (VNetLink("hub"),),
)
PRIVATE = replace(PLAIN, private_endpoints=(ENDPOINT,), zones=(ZONE,))
CLOSED = replace(PRIVATE, public_access=False)

LINKED_VM = Client("vm", Location.VNET, "hub", resolver="hub")
PEERED_VM = Client("peered vm", Location.VNET, "spoke", connected=("hub",), resolver="spoke")
OUTSIDE = Client("outside", Location.INTERNET)


def pull_from(registry: Registry, client: Client, host: str) -> Reach:
    return next(r for r in reach(registry, client) if r.host == host and r.operation is Operation.PULL)


class TestWhereLayersComeFrom:
    """Which host serves step four of a pull, and what a client firewall must therefore allow."""

    @pytest.mark.parametrize(
        ("registry", "host", "kind"),
        [
            (PLAIN, BLOBS, HostKind.STORAGE),
            (replace(PLAIN, data_endpoints=True), DATA, HostKind.DATA),
            (PRIVATE, DATA, HostKind.DATA),
            (replace(PRIVATE, data_endpoints=True), DATA, HostKind.DATA),
        ],
        ids=["neither", "data endpoints", "private endpoint", "both"],
    )
    def test_host_of_layers(self, registry: Registry, host: str, kind: HostKind) -> None:
        hosts = registry.hosts()
        assert [h.name for h in hosts] == [LOGIN, host]
        assert hosts[1].kind is kind
        assert hosts[1].operations == (Operation.PULL,), "pushes go through the login server alone"

    def test_without_data_endpoints_a_firewall_needs_the_blob_wildcard(self) -> None:
        exact = Firewall("fw", (FirewallRule(hosts=(LOGIN, DATA)),))
        client = replace(OUTSIDE, firewall=exact)
        found = pull_from(PLAIN, client, BLOBS)
        assert (found.verdict, found.path) == (Verdict.BLOCKED, Path.NONE)
        assert "*.blob.core.windows.net" in found.reason
        assert "dedicated data endpoints" in found.fix
        assert can_push(PLAIN, client)
        assert not can_pull(PLAIN, client)
        with_wildcard = Firewall("fw", (FirewallRule(hosts=(LOGIN, BLOBS)),))
        assert can_pull(PLAIN, replace(OUTSIDE, firewall=with_wildcard))

    def test_with_data_endpoints_exact_hosts_are_enough(self) -> None:
        exact = Firewall("fw", (FirewallRule(hosts=(LOGIN, DATA)),))
        assert can_pull(replace(PLAIN, data_endpoints=True), replace(OUTSIDE, firewall=exact))

    def test_sovereign_clouds_have_their_own_hosts(self) -> None:
        assert [h.name for h in Registry("contoso.azurecr.us", "usgovvirginia").hosts()] == [
            "contoso.azurecr.us",
            "*.blob.core.usgovcloudapi.net",
        ]
        assert Registry("contoso.azurecr.cn", "chinaeast2").hosts()[1].name == "*.blob.core.chinacloudapi.cn"

    def test_one_data_endpoint_for_home_and_each_replica(self) -> None:
        registry = replace(PLAIN, data_endpoints=True, replicas=("West US 2", "eastasia"))
        assert [h.name for h in registry.hosts() if h.kind is HostKind.DATA] == [
            DATA,
            "contoso.eastasia.data.azurecr.io",
            "contoso.westus2.data.azurecr.io",
        ]

    def test_regional_endpoints_are_login_servers_of_their_region(self) -> None:
        registry = replace(PLAIN, data_endpoints=True, regional_endpoints=True, replicas=("eastasia",))
        regional = [h for h in registry.hosts() if h.kind is HostKind.REGIONAL]
        assert [h.name for h in regional] == ["contoso.japaneast.geo.azurecr.io", "contoso.eastasia.geo.azurecr.io"]
        assert all(h.operations == (Operation.PUSH, Operation.PULL) for h in regional)

    def test_a_hashed_login_server_names_its_data_endpoints(self) -> None:
        registry = Registry("contoso-a1b2.azurecr.io", "japaneast", data_endpoints=True)
        assert registry.hosts()[1].name == "contoso-a1b2.japaneast.data.azurecr.io"


class TestNameResolution:
    """What nslookup answers for the data endpoint, by what the registry has and where the client stands."""

    @pytest.mark.parametrize("client", [OUTSIDE, LINKED_VM], ids=["outside", "vm"])
    def test_data_endpoints_only_anywhere(self, client: Client) -> None:
        # The network is linked to a zone, for another registry: without a private endpoint nobody asks it.
        registry = replace(PLAIN, data_endpoints=True, zones=(replace(ZONE, records=()),))
        found = pull_from(registry, client, DATA)
        assert found.chain == (DATA, *PUBLIC_ALIASES)
        assert (found.address, found.address_class) == ("", AddressClass.PUBLIC)
        assert found.service_tags == ("AzureContainerRegistry.JapanEast",)

    def test_private_endpoint_from_a_linked_vnet(self) -> None:
        found = pull_from(PRIVATE, LINKED_VM, DATA)
        assert found.chain == (DATA, "contoso.japaneast.data.privatelink.azurecr.io")
        assert (found.address, found.address_class) == ("192.168.0.73", AddressClass.PRIVATE)
        assert (found.path, found.verdict, found.fix) == (Path.PRIVATE, Verdict.ALLOWED, "")
        assert found.service_tags == ()

    def test_both_from_outside(self) -> None:
        found = pull_from(replace(PRIVATE, data_endpoints=True), OUTSIDE, DATA)
        assert found.chain == (DATA, "contoso.japaneast.data.privatelink.azurecr.io", *PUBLIC_ALIASES)
        assert (found.address, found.address_class) == ("", AddressClass.PUBLIC)

    def test_both_from_a_linked_vnet(self) -> None:
        found = pull_from(replace(PRIVATE, data_endpoints=True), LINKED_VM, DATA)
        assert found.chain == (DATA, "contoso.japaneast.data.privatelink.azurecr.io")
        assert found.address == "192.168.0.73"

    def test_the_login_server_resolves_the_same_way(self) -> None:
        inside, outside = pull_from(PRIVATE, LINKED_VM, LOGIN), pull_from(PRIVATE, OUTSIDE, LOGIN)
        assert inside.chain == (LOGIN, "contoso.privatelink.azurecr.io")
        assert inside.address == "192.168.0.74"
        assert outside.chain[:2] == inside.chain
        assert outside.address_class is AddressClass.PUBLIC

    def test_without_an_observation_the_aliases_are_patterns(self) -> None:
        registry = Registry(LOGIN, "japaneast", data_endpoints=True)
        found = pull_from(registry, OUTSIDE, DATA)
        assert found.chain == (DATA, "*.data.azcr.io", "*.trafficmanager.net", "*.japaneast.cloudapp.azure.com")
        assert found.address == ""

    def test_undocumented_aliases_of_sovereign_clouds_are_left_out(self) -> None:
        registry = Registry("contoso.azurecr.us", "usgovvirginia", data_endpoints=True)
        found = pull_from(registry, OUTSIDE, "contoso.usgovvirginia.data.azurecr.us")
        assert found.chain == ("contoso.usgovvirginia.data.azurecr.us",)
        assert found.service_tags == ("AzureContainerRegistry.USGovVirginia",)


class TestNxdomainTrap:
    """A network linked to any privatelink zone asks it for every registry that has a private endpoint."""

    OTHER = Zone("privatelink.azurecr.io", (("fabrikam", "10.9.0.4"),), (VNetLink("their vnet"),), "theirs")
    THEIR_VM = Client("their vm", Location.VNET, "their vnet", resolver="their vnet", other_zones=(OTHER,))

    def test_a_registry_that_is_not_in_the_zone_does_not_resolve(self) -> None:
        found = pull_from(PRIVATE, self.THEIR_VM, LOGIN)
        assert (found.verdict, found.path, found.address_class) == (Verdict.NO_NAME, Path.NONE, AddressClass.NONE)
        assert "NXDOMAIN" in found.reason
        assert "public DNS" in found.reason
        assert found.fix.startswith("set resolutionPolicy NxDomainRedirect")

    def test_the_fix_does_not_promise_a_closed_public_side(self) -> None:
        fix = pull_from(CLOSED, self.THEIR_VM, LOGIN).fix
        assert fix.startswith("give the network a private endpoint")

    def test_nx_domain_redirect_falls_back_to_public_resolution(self) -> None:
        link = VNetLink("their vnet", nx_domain_redirect=True)
        client = replace(self.THEIR_VM, other_zones=(replace(self.OTHER, links=(link,)),))
        found = pull_from(PRIVATE, client, DATA)
        assert found.chain == (DATA, "contoso.japaneast.data.privatelink.azurecr.io", *PUBLIC_ALIASES)
        assert (found.verdict, found.path) == (Verdict.ALLOWED, Path.PUBLIC)

    def test_a_registry_without_a_private_endpoint_is_not_affected(self) -> None:
        assert can_pull(PLAIN, self.THEIR_VM)

    def test_the_first_private_endpoint_breaks_them(self) -> None:
        before, after = Model(PLAIN, (self.THEIR_VM,)), Model(PRIVATE, (self.THEIR_VM,))
        (change,) = diff(before, after)
        assert change.breaks
        assert change.text.startswith("can no longer pull and can no longer push: ")
        assert "NxDomainRedirect" in change.text

    def test_a_missing_replica_record_is_named(self) -> None:
        registry = replace(CLOSED, replicas=("eastasia",))
        found = pull_from(registry, LINKED_VM, "contoso.eastasia.data.azurecr.io")
        assert found.verdict is Verdict.NO_NAME
        assert found.fix == "add the missing A record 'contoso.eastasia.data' to 'privatelink.azurecr.io'"
        assert summary(registry, LINKED_VM).pull is Ability.PARTLY

    def test_a_regional_zone_swallows_the_data_endpoint(self) -> None:
        wrong = Zone("japaneast.data.privatelink.azurecr.io", (), (VNetLink("hub"),))
        found = pull_from(replace(CLOSED, zones=(ZONE, wrong)), LINKED_VM, DATA)
        assert found.verdict is Verdict.NO_NAME
        assert "unlink or delete the zone 'japaneast.data.privatelink.azurecr.io'" in found.fix

    def test_a_zone_for_the_public_name_swallows_everything(self) -> None:
        hijack = Zone("azurecr.io", (), (VNetLink("hub"),))
        found = pull_from(replace(CLOSED, zones=(ZONE, hijack)), LINKED_VM, LOGIN)
        assert found.chain == (LOGIN,)
        assert found.verdict is Verdict.NO_NAME


class TestPrivatePath:
    def test_a_peered_vm_without_the_zone_has_the_wrong_resolver(self) -> None:
        found = pull_from(CLOSED, PEERED_VM, LOGIN)
        assert found.verdict is Verdict.WRONG_RESOLVER
        assert (
            found.fix
            == "link the network 'spoke' to the zone 'privatelink.azurecr.io' that holds the registry's records"
        )

    def test_a_peered_vm_with_a_link_gets_through(self) -> None:
        linked = replace(ZONE, links=(VNetLink("hub"), VNetLink("spoke")))
        assert can_pull(replace(CLOSED, zones=(linked,)), PEERED_VM)

    def test_a_peered_vm_takes_the_public_path_where_it_is_open(self) -> None:
        found = pull_from(PRIVATE, PEERED_VM, LOGIN)
        assert (found.verdict, found.path) == (Verdict.ALLOWED, Path.PUBLIC)
        assert "its resolver answers the public address" in found.reason

    def test_a_vm_with_a_custom_dns_server_is_told_to_forward(self) -> None:
        found = pull_from(CLOSED, replace(LINKED_VM, resolver=""), LOGIN)
        assert found.verdict is Verdict.WRONG_RESOLVER
        assert "forward to 168.63.129.16" in found.fix

    @pytest.mark.parametrize(("resolver", "verdict"), [("hub", Verdict.ALLOWED), ("", Verdict.WRONG_RESOLVER)])
    def test_on_premises_depends_on_the_forwarder(self, resolver: str, verdict: Verdict) -> None:
        client = Client("site", Location.ON_PREMISES, connected=("hub",), resolver=resolver)
        found = pull_from(CLOSED, client, LOGIN)
        assert found.verdict is verdict
        if verdict is Verdict.WRONG_RESOLVER:
            assert "forward 'azurecr.io' to a DNS resolver inside a network linked to" in found.fix

    def test_a_linked_network_without_a_route(self) -> None:
        linked = replace(ZONE, links=(VNetLink("island"),))
        client = Client("island vm", Location.VNET, "island", resolver="island")
        found = pull_from(replace(PRIVATE, zones=(linked,)), client, LOGIN)
        assert found.verdict is Verdict.NO_ROUTE
        assert "peer its network with 'hub'" in found.fix

    def test_an_endpoint_that_waits_for_approval(self) -> None:
        registry = replace(PRIVATE, private_endpoints=(replace(ENDPOINT, connection=Connection.PENDING),))
        found = pull_from(registry, LINKED_VM, LOGIN)
        assert (found.verdict, found.fix) == (Verdict.NOT_APPROVED, "approve it on the registry")

    def test_records_of_another_host_and_of_nobody(self) -> None:
        swapped = replace(ZONE, records=(("contoso", "192.168.0.73"), ("contoso.japaneast.data", "192.168.0.99")))
        registry = replace(PRIVATE, zones=(swapped,))
        login, data = pull_from(registry, LINKED_VM, LOGIN), pull_from(registry, LINKED_VM, DATA)
        assert login.verdict is Verdict.WRONG_ADDRESS
        assert f"belongs to '{DATA}'" in login.reason
        assert data.verdict is Verdict.WRONG_ADDRESS
        assert "no private endpoint of 'contoso'" in data.reason

    def test_two_endpoints_in_one_zone(self) -> None:
        second = PrivateEndpoint("pe2", "far", "", ((LOGIN, "10.1.0.4"), (DATA, "10.1.0.5")))
        last_writer = replace(ZONE, records=(("contoso", "10.1.0.4"), ("contoso.japaneast.data", "10.1.0.5")))
        registry = replace(CLOSED, private_endpoints=(ENDPOINT, second), zones=(last_writer,))
        assert pull_from(registry, LINKED_VM, LOGIN).verdict is Verdict.NO_ROUTE

    def test_the_private_path_ignores_the_public_rules(self) -> None:
        assert can_pull(CLOSED, LINKED_VM)
        assert can_pull(replace(CLOSED, public_access=True, default_allow=False), LINKED_VM)


class TestPublicPath:
    def test_closed_registry(self) -> None:
        found = pull_from(CLOSED, OUTSIDE, LOGIN)
        assert (found.verdict, found.reason) == (Verdict.REFUSED, "the registry's public access is off")

    def test_ip_rules(self) -> None:
        registry = replace(PLAIN, data_endpoints=True, default_allow=False, ip_rules=("203.0.113.0/28", "198.51.100.7"))
        inside = replace(OUTSIDE, public_ip="203.0.113.5")
        assert can_pull(registry, inside)
        assert "in the IP rule 203.0.113.0/28" in pull_from(registry, inside, LOGIN).reason
        assert can_pull(registry, replace(OUTSIDE, public_ip="198.51.100.7"))
        refused = pull_from(registry, replace(OUTSIDE, public_ip="203.0.113.16"), LOGIN)
        assert refused.verdict is Verdict.REFUSED
        assert refused.fix == "add its address 203.0.113.16 to the registry's IP rules"
        assert pull_from(registry, OUTSIDE, LOGIN).verdict is Verdict.REFUSED

    def test_who_cannot_sign_in_has_no_path_to_the_layers(self) -> None:
        line = summary(replace(PLAIN, default_allow=False), OUTSIDE)
        assert pull_from(replace(PLAIN, default_allow=False), OUTSIDE, BLOBS).path is Path.STORAGE
        assert (line.pull, line.paths) == (Ability.NO, ())

    def test_ip_rules_do_nothing_while_public_access_is_off(self) -> None:
        registry = replace(CLOSED, ip_rules=("203.0.113.5",), default_allow=False)
        assert not can_pull(registry, replace(OUTSIDE, public_ip="203.0.113.5"))

    def test_trusted_services(self) -> None:
        service = Client("defender", Location.TRUSTED_SERVICE)
        found = pull_from(replace(CLOSED, trusted_bypass=True), service, LOGIN)
        assert (found.verdict, found.path) == (Verdict.ALLOWED, Path.TRUSTED)
        refused = pull_from(CLOSED, service, LOGIN)
        assert refused.verdict is Verdict.REFUSED
        assert "networkRuleBypassOptions" in refused.fix
        assert not can_pull(replace(CLOSED, trusted_bypass=True), OUTSIDE), "the bypass is not for everybody"


class TestClientFirewalls:
    OPEN = replace(PLAIN, data_endpoints=True, replicas=("eastasia",))
    HOSTS = (LOGIN, DATA, "contoso.eastasia.data.azurecr.io")

    def behind(self, *rules: FirewallRule) -> Client:
        return replace(OUTSIDE, firewall=Firewall("fw", rules))

    def test_exact_hosts(self) -> None:
        assert can_pull(self.OPEN, self.behind(FirewallRule(hosts=self.HOSTS)))

    @pytest.mark.parametrize("missing", [0, 1, 2])
    def test_every_host_counts(self, missing: int) -> None:
        hosts = tuple(h for i, h in enumerate(self.HOSTS) if i != missing)
        client = self.behind(FirewallRule(hosts=hosts))
        line = summary(self.OPEN, client)
        assert line.pull is (Ability.NO if missing == 0 else Ability.PARTLY)
        assert line.push is (Ability.NO if missing == 0 else Ability.YES)
        blocked = pull_from(self.OPEN, client, self.HOSTS[missing])
        assert (blocked.verdict, blocked.fix) == (Verdict.BLOCKED, f"allow {self.HOSTS[missing]} on TCP 443")

    def group(self, *rules: FirewallRule) -> Client:
        return replace(OUTSIDE, firewall=Firewall("nsg", rules, Kind.SECURITY_GROUP))

    def test_a_security_group_is_told_tags_for_every_region(self) -> None:
        deny = FirewallRule(addresses=("*",), ports=(), allow=False, name="all")
        blocked = pull_from(self.OPEN, self.group(deny), LOGIN)
        assert blocked.fix == (
            "allow the service tag AzureContainerRegistry.JapanEast and the service tag "
            "AzureContainerRegistry.EastAsia on TCP 443 before that rule; a security group takes no host names"
        )
        assert "may be answered" not in blocked.reason

    def test_a_tag_of_one_region_leaves_the_login_server_of_another(self) -> None:
        one = FirewallRule(service_tags=("azurecontainerregistry.japaneast",))
        blocked = pull_from(self.OPEN, self.group(one), LOGIN)
        assert "it may be answered by eastasia, whose addresses are not allowed" in blocked.reason
        assert "AzureContainerRegistry.EastAsia" in blocked.fix
        both = replace(one, service_tags=(*one.service_tags, "azurecontainerregistry.eastasia"))
        assert can_pull(self.OPEN, self.group(both))

    def test_no_application_rule_comes_before_a_network_rule(self) -> None:
        network = FirewallRule(addresses=("*",), allow=False, name="none", layer=Layer.NETWORK)
        fix = pull_from(self.OPEN, self.behind(network, FirewallRule(hosts=self.HOSTS)), LOGIN).fix
        every = " and ".join(self.HOSTS)
        assert fix.startswith(f"allow {every} on TCP 443 with a network rule before that one (destinationFqdns")
        application = replace(network, layer=Layer.APPLICATION, addresses=(), hosts=("*",))
        fix = pull_from(self.OPEN, self.behind(application, FirewallRule(hosts=self.HOSTS)), LOGIN).fix
        assert fix == f"allow {every} on TCP 443 before that rule"

    def test_the_fix_names_every_host_that_is_stopped_and_no_other(self) -> None:
        for missing in range(3):
            open_to = FirewallRule(hosts=(self.HOSTS[missing],), layer=Layer.APPLICATION)
            stopped = [host for host in self.HOSTS if host != self.HOSTS[missing]]
            line = summary(self.OPEN, self.behind(open_to))
            assert line.fix == f"allow {' and '.join(stopped)} on TCP 443"

    def test_the_port_counts(self) -> None:
        assert not can_pull(self.OPEN, self.behind(FirewallRule(hosts=self.HOSTS, ports=("80", "8443"))))
        assert can_pull(self.OPEN, self.behind(FirewallRule(hosts=self.HOSTS, ports=())))

    def test_regional_tags_must_cover_every_region(self) -> None:
        one = FirewallRule(service_tags=("AzureContainerRegistry.JapanEast",))
        line = summary(self.OPEN, self.behind(one))
        assert line.pull is Ability.NO, "the login server answers from both regions"
        both = FirewallRule(service_tags=("AzureContainerRegistry.JapanEast", "azurecontainerregistry.eastasia"))
        assert can_pull(self.OPEN, self.behind(both))
        assert can_pull(self.OPEN, self.behind(FirewallRule(service_tags=("AzureContainerRegistry",))))

    def test_storage_tag_is_for_blobs_only(self) -> None:
        rules = (FirewallRule(hosts=(LOGIN,)), FirewallRule(service_tags=("Storage.JapanEast",)))
        assert can_pull(PLAIN, self.behind(*rules))
        assert not can_pull(replace(PLAIN, data_endpoints=True), self.behind(*rules))

    def test_the_first_match_decides(self) -> None:
        deny = FirewallRule(hosts=(DATA,), allow=False)
        allow = FirewallRule(hosts=("*",), ports=())
        assert not can_pull(self.OPEN, self.behind(deny, allow))
        assert can_pull(self.OPEN, self.behind(allow, deny))

    def test_an_nsg_filters_the_private_path_by_address(self) -> None:
        vnet = FirewallRule(service_tags=("VirtualNetwork",), ports=())
        client = replace(LINKED_VM, firewall=Firewall("nsg", (vnet,), Kind.SECURITY_GROUP))
        assert can_pull(CLOSED, client)
        only_login = FirewallRule(addresses=("192.168.0.74/32",))
        narrow = replace(LINKED_VM, firewall=Firewall("nsg", (only_login,), Kind.SECURITY_GROUP))
        assert pull_from(CLOSED, narrow, DATA).verdict is Verdict.BLOCKED
        assert can_push(CLOSED, narrow)

    def test_an_egress_firewall_does_not_see_the_private_path(self) -> None:
        assert can_pull(CLOSED, replace(LINKED_VM, firewall=Firewall("egress")))

    def test_the_resolver_is_the_problem_before_the_firewall_is(self) -> None:
        found = pull_from(CLOSED, replace(PEERED_VM, firewall=Firewall("egress")), LOGIN)
        assert found.verdict is Verdict.WRONG_RESOLVER

    def test_missing_hosts_are_those_of_data_endpoints(self) -> None:
        registry = replace(PLAIN, replicas=("eastasia",))
        today = Firewall("fw", (FirewallRule(hosts=(LOGIN, BLOBS)),))
        assert missing_hosts(registry, today) == [DATA, "contoso.eastasia.data.azurecr.io"]
        assert missing_hosts(registry, Firewall("fw", (FirewallRule(hosts=self.HOSTS),))) == []

    @pytest.mark.parametrize(
        ("pattern", "host", "covered"),
        [
            ("contoso.azurecr.io", "CONTOSO.azurecr.io.", True),
            ("*.azurecr.io", LOGIN, True),
            ("*.azurecr.io", DATA, True),
            ("*.data.azurecr.io", LOGIN, False),
            ("*", LOGIN, True),
            ("*.core.windows.net", BLOBS, True),
            ("x.blob.core.windows.net", BLOBS, False),
            ("azurecr.io", LOGIN, False),
        ],
    )
    def test_patterns(self, pattern: str, host: str, covered: bool) -> None:
        assert host_covers(pattern, host) is covered


class TestSwitch:
    """What a preview would change for the clients of a registry that switches to data endpoints."""

    WILDCARD = Client("site", Location.INTERNET, firewall=Firewall("fw", (FirewallRule(hosts=(LOGIN, BLOBS)),)))
    READY = Client("ready", Location.INTERNET, firewall=Firewall("fw", (FirewallRule(hosts=(LOGIN, BLOBS, DATA)),)))
    CLIENTS = (WILDCARD, READY, OUTSIDE)

    @pytest.mark.parametrize("after", [switched(PLAIN), PRIVATE], ids=["data endpoints", "first private endpoint"])
    def test_the_switch_breaks_exactly_the_unready(self, after: Registry) -> None:
        changes = {c.client: c for c in diff(Model(PLAIN, self.CLIENTS), Model(after, self.CLIENTS))}
        assert [name for name, change in changes.items() if change.breaks] == ["site"]
        assert changes["site"].new_hosts == (DATA,)
        assert changes["site"].gone_hosts == (BLOBS,)
        assert f"allow {DATA} on TCP 443" in changes["site"].text
        assert changes["ready"].text == (
            f"path: public endpoint, blob storage → public endpoint; also uses {DATA}; no longer uses {BLOBS}"
        )

    def test_what_gets_better_is_said(self) -> None:
        (change,) = diff(Model(replace(PLAIN, public_access=False), (OUTSIDE,)), Model(PLAIN, (OUTSIDE,)))
        assert change.text.startswith("can pull now; can push now")
        assert not change.breaks

    def test_who_gets_nothing_does_not_mind_other_hosts(self) -> None:
        client = Client("nobody", Location.INTERNET)
        before, after = replace(CLOSED, replicas=()), replace(CLOSED, replicas=("eastasia",))
        assert diff(Model(before, (client,)), Model(after, (client,))) == []
        shut = replace(PLAIN, public_access=False)
        (change,) = diff(Model(shut, (PEERED_VM,)), Model(CLOSED, (PEERED_VM,)))
        assert "what stops it: refused by the registry → wrong resolver" in change.text
        assert not change.breaks

    def test_nothing_changes_for_equal_models(self) -> None:
        model = Model(PRIVATE, self.CLIENTS)
        assert diff(model, model) == []
        assert diff(None, None) == []

    def test_a_new_registry_and_a_deleted_one(self) -> None:
        model = Model(PRIVATE, (OUTSIDE,))
        assert diff(None, model)[0].text.startswith("is new: pull yes, push yes")
        gone = diff(model, None)[0]
        assert gone.after is None
        assert gone.breaks

    def test_a_new_replica_breaks_a_firewall_that_lacks_its_host(self) -> None:
        before = switched(PLAIN)
        after = replace(before, replicas=("eastasia",))
        (change,) = diff(Model(before, (self.READY,)), Model(after, (self.READY,)))
        assert change.breaks
        assert change.new_hosts == ("contoso.eastasia.data.azurecr.io",)
        assert change.text.startswith("can pull from some regions only, no longer from all: the client firewall 'fw'")

    def test_table_has_one_line_a_client(self) -> None:
        lines = table(Model(PLAIN, self.CLIENTS))
        assert [(line.client, line.pull) for line in lines] == [
            ("site", Ability.YES),
            ("ready", Ability.YES),
            ("outside", Ability.YES),
        ]
        assert lines[2].paths == (Path.PUBLIC, Path.STORAGE)
        assert all(names.PUBLIC.blob_wildcard in {r.host for r in line.reaches} for line in lines)
