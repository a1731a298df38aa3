"""What reach says of folders of `az` output, with the answers worked out by hand from Azure's documents.

What a folder cannot tell is a condition or "cannot tell", never a flat yes or no; its safe twin has the list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from registry_doctor import report

from tests.model.live.estates import (
    FIREWALL_ADDRESS,
    HOSTS,
    HUB_SUBNETS,
    POLICY,
    RECORDS,
    ZONE,
    Lists,
    acr,
    deny,
    firewall,
    hub_and_spokes,
    interface,
    link,
    nsg,
    on,
    policy,
    private_endpoint,
    record,
    registry_of,
    route_table,
    rows,
    rules,
    subnet,
    to_addresses,
    to_hosts,
    vnet,
    zone,
    zone_group,
)


@dataclass(frozen=True)
class Case:
    """A folder, and what it must say of a client's pull: words that the reason has, and words that the fix has."""

    name: str
    lists: Lists
    client: str
    pull: str
    says: tuple[str, ...] = ()
    fix: tuple[str, ...] = ()


def spoke2(*subnets: dict[str, Any], **more: Any) -> dict[str, Any]:
    return vnet("spoke2", "10.2.0.0/16", *subnets, peers=("hub",), **more)


def hub(*subnets: dict[str, Any], peers: tuple[str, ...] = ("spoke1", "spoke2"), **more: Any) -> dict[str, Any]:
    return vnet("hub", "10.0.0.0/16", *(subnets or HUB_SUBNETS), peers=peers, **more)


SPOKE1 = vnet("spoke1", "10.1.0.0/16", subnet("spoke1", "apps", "10.1.0.0/24"), peers=("hub",))
APPS = subnet("spoke2", "apps", "10.2.0.0/24")


def apps(**more: Any) -> list[dict[str, Any]]:
    """The networks, with a route table or security group on the only subnet of spoke2."""
    return [hub(), SPOKE1, spoke2(APPS | more)]


UNTOLD = "the DNS servers, routes and security groups of {}, which `az network vnet list` would tell"
THEIRS = ZONE.replace("/net/", "/theirs/")
ANOTHER_ZONE = {
    "zones": [zone(), zone(THEIRS)],
    "links": [link("hub"), link("spoke1"), link("spoke2", THEIRS)],
    "records": [*(record(name, address) for name, address in RECORDS.items()), record("fabrikam", "10.9.0.4", THEIRS)],
}
MISSING_LISTS = (
    Case("every list", hub_and_spokes(), "VM in spoke2", "yes"),
    Case(
        "no list of networks",
        hub_and_spokes(vnets=[]),
        "VM in spoke2",
        "yes, if",
        ("spoke2 is peered with hub, which `az network vnet list` would tell", UNTOLD.format("spoke2")),
    ),
    Case(
        "no list of networks, the endpoint's", hub_and_spokes(vnets=[]), "VM in hub", "yes, if", (UNTOLD.format("hub"),)
    ),
    Case(
        "a list with the hub alone, which has no peering with the spoke",
        hub_and_spokes(vnets=[hub(peers=("spoke1",))]),
        "VM in spoke2",
        "no",
        ("the client has no route there",),
        ("peer its network with 'hub'",),
    ),
    Case(
        "a list without peerings, by --query",
        hub_and_spokes(
            vnets=[
                {k: v for k, v in each.items() if k != "virtualNetworkPeerings"}
                for each in (hub(), SPOKE1, spoke2(APPS))
            ]
        ),
        "VM in spoke2",
        "yes, if",
        ("spoke2 is peered with hub, which `az network vnet list` would tell",),
    ),
    Case(
        "a network that is only named, by a link to another team's zone",
        hub_and_spokes(vnets=[hub(), SPOKE1], **ANOTHER_ZONE),
        "VM in spoke2",
        "cannot tell",
        ("it depends on the DNS servers of spoke2, which `az network vnet list` would tell",),
    ),
    Case(
        "the same network with its settings",
        hub_and_spokes(**ANOTHER_ZONE),
        "VM in spoke2",
        "no",
        ("has no record 'contoso'", "NXDOMAIN"),
    ),
    Case(
        "no list of security groups",
        hub_and_spokes(vnets=apps(**on("networkSecurityGroup", "guards"))),
        "VM in spoke2",
        "yes, if",
        ("the rules of the security group 'guards' of the subnet 'apps', which `az network nsg list` would tell",),
    ),
    Case(
        "a list of security groups",
        hub_and_spokes(vnets=apps(**on("networkSecurityGroup", "guards")), nsgs=[nsg("guards")]),
        "VM in spoke2",
        "yes",
    ),
    Case(
        "no list of the security group of the endpoint's subnet, which counts",
        hub_and_spokes(
            vnets=[
                hub(
                    HUB_SUBNETS[0],
                    HUB_SUBNETS[1]
                    | on("networkSecurityGroup", "kept")
                    | {"privateEndpointNetworkPolicies": "NetworkSecurityGroupEnabled"},
                ),
                SPOKE1,
                spoke2(APPS),
            ]
        ),
        "VM in spoke2",
        "cannot tell",
        ("the rules of 'kept', which `az network nsg list` would tell",),
    ),
    Case(
        "no list of route tables",
        hub_and_spokes(vnets=apps(**on("routeTable", "egress"))),
        "VM in spoke2",
        "yes, if",
        ("the route table 'egress', which `az network route-table list` would tell, does not take what goes to 'pe'",),
    ),
)


@pytest.mark.parametrize("case", MISSING_LISTS, ids=lambda case: case.name)
def test_a_list_that_was_not_given(case: Case) -> None:
    judged(case)


LOST = [record(name, address) for name, address in RECORDS.items() if "westus" not in name]
RECORD_CASES = (
    Case(
        "Azure lists two of the three records beside a zone group",
        hub_and_spokes(records=LOST),
        "VM in spoke2",
        "partly",
        ("has no record 'contoso.westus.data'",),
        ("add the missing A record 'contoso.westus.data'",),
    ),
    Case(
        "the zone group itself has written two, and the records are not listed",
        hub_and_spokes(records=[], zone_groups=[zone_group(*list(RECORDS)[:2])]),
        "VM in spoke2",
        "cannot tell",
        ("holds the record 'contoso.westus.data'",),
    ),
    Case(
        "the zone group has written all three, and the records are not listed",
        hub_and_spokes(records=[], zone_groups=[zone_group(*RECORDS)]),
        "VM in spoke2",
        "yes",
    ),
    Case(
        "the records are not listed, and Azure counts nothing but the SOA in the zone that is asked",
        hub_and_spokes(
            **ANOTHER_ZONE
            | {"zones": [zone(), zone(THEIRS) | {"numberOfRecordSets": 1}], "records": ANOTHER_ZONE["records"][:3]}
        ),
        "VM in spoke2",
        "no",
        ("is the only one asked: NXDOMAIN",),
    ),
    Case(
        "the records are not listed, and Azure counts others in the zone that is asked",
        hub_and_spokes(
            **ANOTHER_ZONE
            | {"zones": [zone(), zone(THEIRS) | {"numberOfRecordSets": 2}], "records": ANOTHER_ZONE["records"][:3]}
        ),
        "VM in spoke2",
        "cannot tell",
        ("of which `az network private-dns record-set list --zone-name privatelink.azurecr.io",),
    ),
    Case(
        "the zone group has written two, and Azure lists three",
        hub_and_spokes(zone_groups=[zone_group(*list(RECORDS)[:2])]),
        "VM in spoke2",
        "yes",
    ),
)


@pytest.mark.parametrize("case", RECORD_CASES, ids=lambda case: case.name)
def test_what_azure_lists_is_all_that_a_zone_has(case: Case) -> None:
    judged(case)


def test_show_lists_no_record_that_azure_lacks() -> None:
    shown = {row[1]: row[3] for row in report.record_rows(registry_of(hub_and_spokes(records=LOST)))}
    assert shown == {"contoso": "10.0.1.6", "contoso.japaneast.data": "10.0.1.4", "contoso.westus.data": "missing"}


BETWEEN = {host: address.replace("10.0.1.", "10.1.1.") for host, address in HOSTS.items()}
TO_FIREWALL = route_table("egress", ("0.0.0.0/0", "VirtualAppliance", FIREWALL_ADDRESS))


def between_spokes(group: dict[str, Any] | None, *, forwarded: bool = True, **settings: Any) -> Lists:
    """The endpoint in spoke1; spoke2 sends everything to the firewall in the hub."""
    flags = {"sides": {"allowForwardedTraffic": forwarded}}
    first = subnet("spoke1", "endpoints", "10.1.1.0/27")
    return hub_and_spokes(
        vnets=[
            vnet("hub", "10.0.0.0/16", HUB_SUBNETS[0], peers=("spoke1", "spoke2"), **flags),
            vnet("spoke1", "10.1.0.0/16", first, peers=("hub",), **flags),
            vnet("spoke2", "10.2.0.0/16", APPS | on("routeTable", "egress"), peers=("hub",), **flags),
        ],
        endpoints=[private_endpoint("spoke1")],
        nics=[interface(BETWEEN)],
        records=[record(host.removesuffix(".azurecr.io"), address) for host, address in BETWEEN.items()],
        route_tables=[TO_FIREWALL],
        firewalls=[firewall()],
        policies=[policy(**settings)],
        groups=[group] if group is not None else [],
    )


BY_ADDRESS, BY_NAME = rules(to_addresses("10.2.0.0/16", "10.1.1.0/27")), rules(to_hosts("10.2.0.0/16", *HOSTS))
ALWAYS_SNAT: dict[str, Any] = {"snat": {"privateRanges": ["255.255.255.255/32"]}}
OFF = "the peering of spoke1 with hub has allowForwardedTraffic off"
FIREWALL_CASES = (
    Case("application rules", between_spokes(BY_NAME), "VM in spoke2", "yes"),
    # The firewall asks in its own name there: nothing is forwarded.
    Case("application rules, no forwarded traffic", between_spokes(BY_NAME, forwarded=False), "VM in spoke2", "yes"),
    Case(
        "a network rule keeps the client's address",
        between_spokes(BY_ADDRESS),
        "VM in spoke2",
        "yes, if",
        ("Azure asks for SNAT or application rules",),
    ),
    Case(
        "a network rule, no forwarded traffic",
        between_spokes(BY_ADDRESS, forwarded=False),
        "VM in spoke2",
        "no",
        (OFF,),
        ("turn allowForwardedTraffic on in the peering of spoke1 with hub",),
    ),
    Case("a network rule with SNAT", between_spokes(BY_ADDRESS, **ALWAYS_SNAT), "VM in spoke2", "yes"),
    Case(
        "a network rule with SNAT, no forwarded traffic",
        between_spokes(BY_ADDRESS, forwarded=False, **ALWAYS_SNAT),
        "VM in spoke2",
        "yes",
    ),
    Case(
        "a network rule, SNAT but for 10.0.0.0/8",
        between_spokes(BY_ADDRESS, snat={"privateRanges": ["10.0.0.0/8"]}),
        "VM in spoke2",
        "yes, if",
        ("Azure asks for SNAT",),
    ),
    Case(
        "a firewall whose only group has no collections",
        between_spokes(rules()),
        "VM in spoke2",
        "no",
        ("which blocks it: no rule matches",),
        ("allow contoso.azurecr.io on TCP 443 in that firewall",),
    ),
    Case("a policy that has no group", between_spokes(None, ruleCollectionGroups=[]), "VM in spoke2", "no"),
    Case(
        "no list of rule collection groups",
        between_spokes(None),
        "VM in spoke2",
        "yes, if",
        (
            "the firewall 'edge' (10.0.0.4) in hub, to which the route 'r0' of the route table 'egress' sends it, lets",
            "`az network firewall policy rule-collection-group list",
        ),
    ),
    Case(
        "one of two rule collection groups",
        between_spokes(
            rules(),
            ruleCollectionGroups=[{"id": f"{POLICY}/ruleCollectionGroups/{each}"} for each in ("rules", "more")],
        ),
        "VM in spoke2",
        "yes, if",
    ),
    Case(
        "one of two rule collection groups, with another rule",
        between_spokes(
            rules(to_hosts("*", "example.com")),
            ruleCollectionGroups=[{"id": f"{POLICY}/ruleCollectionGroups/{each}"} for each in ("rules", "more")],
        ),
        "VM in spoke2",
        "yes, if",
        ("the rule collection group 'more', which `az network firewall policy rule-collection-group list",),
    ),
)


@pytest.mark.parametrize("case", FIREWALL_CASES, ids=lambda case: case.name)
def test_an_azure_firewall_on_the_way(case: Case) -> None:
    judged(case)


def by_proxy(*servers: str, **more: Any) -> Lists:
    """spoke2 asks the DNS proxy of the hub's firewall, which asks ``servers``."""
    settings = {"dnsSettings": {"enableProxy": True, "servers": list(servers)}}
    lists = {"links": [link("hub")], "firewalls": [firewall()], "policies": [policy(**settings)], "groups": [rules()]}
    vnets = [hub(), SPOKE1, spoke2(APPS | more.pop("held", {}), dns=(FIREWALL_ADDRESS,))]
    return hub_and_spokes(**{"vnets": vnets, **lists, **more})


DNS_CASES = (
    Case("a DNS proxy without servers", by_proxy(), "VM in spoke2", "yes"),
    Case("a DNS proxy that asks Azure's resolver by its address", by_proxy("168.63.129.16"), "VM in spoke2", "yes"),
    Case(
        "a DNS proxy that asks a server on-premises",
        by_proxy("192.168.10.10"),
        "VM in spoke2",
        "yes, if",
        ("192.168.10.10 forwards azurecr.io to Azure's resolver in hub",),
    ),
)


def asking(*rules_of_group: dict[str, Any], **more: Any) -> Lists:
    """spoke2 asks the hub's proxy, past a security group with these rules."""
    return by_proxy(held=on("networkSecurityGroup", "guards"), nsgs=[nsg("guards", *rules_of_group)], **more)


def by_azure(*rules_of_group: dict[str, Any]) -> Lists:
    return hub_and_spokes(vnets=apps(**on("networkSecurityGroup", "guards")), nsgs=[nsg("guards", *rules_of_group)])


TAG = {"destinationAddressPrefix": "AzurePlatformDNS"}
QUESTION_CASES = (
    Case(
        "a group denies DNS to the network's server",
        asking(deny("no-dns", port="53")),
        "VM in spoke2",
        "no",
        ("it cannot ask its DNS server 10.0.0.4 on UDP 53", "'guards' of the subnet 'apps' denies it: rule 'no-dns'"),
        ("allow UDP and TCP 53 to it in that group",),
    ),
    Case("a group denies UDP alone", asking(deny("no-dns", port="53", protocol="Udp")), "VM in spoke2", "no"),
    Case("a group denies DNS over TCP alone", asking(deny("no-dns", port="53", protocol="Tcp")), "VM in spoke2", "yes"),
    Case("a group denies another port", asking(deny("no-ssh", port="22")), "VM in spoke2", "yes"),
    Case(
        "a group denies DNS to another address",
        asking(deny("no-dns", port="53", destinationAddressPrefix="10.9.0.0/16")),
        "VM in spoke2",
        "yes",
    ),
    Case("Azure's own resolver, past a rule for port 53", by_azure(deny("no-dns", port="53")), "VM in spoke2", "yes"),
    Case(
        "Azure's own resolver, past a rule for its tag",
        by_azure(deny("no-azure-dns", port="53", **TAG)),
        "VM in spoke2",
        "no",
        ("it cannot ask its DNS server 168.63.129.16", "rule 'no-azure-dns'"),
    ),
)
DNS_CASES += QUESTION_CASES


@pytest.mark.parametrize("case", DNS_CASES, ids=lambda case: case.name)
def test_who_answers_a_networks_names(case: Case) -> None:
    judged(case)


SELECTED = acr("Enabled", ips=("203.0.113.7",))
PUBLIC = {each: [] for each in ("endpoints", "nics", "zone_groups", "zones", "links", "records")}


def behind_firewall(source: str, *hosts: str, routed: bool = True, registry: dict[str, Any] = SELECTED) -> Lists:
    """Spokes that send everything to the hub's firewall, if ``routed``, and a registry without a private path."""
    way = on("routeTable", "egress") if routed else {}
    spokes = [vnet(f"spoke{n}", f"10.{n}.0.0/16", APPS | way | {"addressPrefix": f"10.{n}.0.0/24"}) for n in (1, 2)]
    return hub_and_spokes(
        **PUBLIC
        | {
            "acr": [registry],
            "vnets": [vnet("hub", "10.0.0.0/16", HUB_SUBNETS[0]), *spokes],
            "route_tables": [TO_FIREWALL],
            "firewalls": [firewall()],
            "policies": [policy()],
            "groups": [rules(to_hosts(source, *hosts))],
        }
    )


def test_routes_tell_who_is_behind_a_firewall() -> None:
    """No row of its own contradicts those of the networks, and no note says that nobody knows who is behind it."""
    for lists in (between_spokes(BY_ADDRESS), between_spokes(BY_NAME), behind_firewall("10.1.0.0/16", *HOSTS)):
        assert not [client for client in rows(lists) if client.startswith("client behind")]
        assert not registry_of(lists).notes


def test_a_firewall_without_routes_has_a_row_that_says_for_whom_it_holds() -> None:
    lists = behind_firewall("10.1.0.0/16", *HOSTS, routed=False)
    (line,) = [line for client, line in rows(lists).items() if client.startswith("client behind")]
    assert (str(line.pull), line.holds_for) == ("yes", "this holds for clients at 10.1.0.0/16 only")
    opened = behind_firewall("10.1.0.0/16", *HOSTS, routed=False, registry=acr("Enabled", "Allow"))
    (shown,) = [row for row in report.reach_rows(list(rows(opened).values())) if row[0].startswith("client behind")]
    assert (shown[1], shown[-1]) == ("yes", "this holds for clients at 10.1.0.0/16 only")


def test_a_firewall_whose_rules_are_not_listed_names_the_command() -> None:
    settings = {"firewalls": [firewall()], "policies": [policy()], "route_tables": [TO_FIREWALL]}
    line = rows(hub_and_spokes(links=[link("hub")], vnets=apps(**on("routeTable", "egress")), **settings))[
        "VM in spoke2"
    ]
    assert str(line.pull) == "cannot tell"
    assert "`az network firewall policy rule-collection-group list" in line.reason


@pytest.mark.parametrize(
    ("destination", "pull"),
    [("10.0.1.0/27", "cannot tell"), ("10.0.0.0/8", "cannot tell"), ("10.3.0.0/16", "no"), ("10.0.1.6", "no")],
)
def test_a_firewall_that_lets_the_private_address_through(destination: str, pull: str) -> None:
    """It depends on what the unnamed network's DNS answers, unless some host's address is stopped too."""
    lists = hub_and_spokes(
        firewalls=[firewall()], policies=[policy()], groups=[rules(to_addresses("10.0.0.0/8", destination))]
    )
    registry = registry_of(lists)
    line = rows(lists)["client behind edge"]
    assert (str(line.pull), "whether its DNS answers the address of 'pe'" in line.reason) == (
        pull,
        pull == "cannot tell",
    )
    assert any("no rule is for this registry" in note for note in registry.notes) is (destination == "10.3.0.0/16")


@pytest.mark.parametrize(("guarded", "has_row"), [("endpoints", False), ("apps", True)])
def test_nobody_is_behind_the_group_of_the_endpoints_subnet(guarded: str, *, has_row: bool) -> None:
    held = on("networkSecurityGroup", "guards")
    first = hub(HUB_SUBNETS[0], HUB_SUBNETS[1] | (held if guarded == "endpoints" else {}))
    networks = [first, SPOKE1, spoke2(APPS | (held if guarded == "apps" else {}))]
    found = rows(hub_and_spokes(vnets=networks, nsgs=[nsg("guards", deny("out", port="22"))]))
    assert ("client behind guards" in found) is has_row


ALL = "'contoso' and 'contoso.japaneast.data' and 'contoso.westus.data'"
FIXES = (
    Case(
        "another team's zone, and a route to the endpoint",
        hub_and_spokes(**ANOTHER_ZONE),
        "VM in spoke2",
        "no",
        fix=(f"add to that zone the A records of 'pe', to which there is a route: {ALL}",),
    ),
    Case(
        "another team's zone, and no route to the endpoint",
        hub_and_spokes(vnets=[hub(peers=("spoke1",)), SPOKE1, vnet("spoke2", "10.2.0.0/16", APPS)], **ANOTHER_ZONE),
        "VM in spoke2",
        "no",
        fix=("give the network a private endpoint of 'contoso'",),
    ),
    Case(
        "another team's zone that falls back to public DNS",
        hub_and_spokes(**ANOTHER_ZONE | {"links": [link("hub"), link("spoke2", THEIRS, "NxDomainRedirect")]}),
        "VM in spoke2",
        "no",
        fix=(f"add the A records {ALL} to the zone that it asks",),
    ),
    Case(
        "a DNS proxy in a hub that is not linked",
        by_proxy(links=[link("spoke1")]),
        "VM in spoke2",
        "no",
        fix=("link the network 'hub', whose resolver its DNS server asks, to the zone 'privatelink.azurecr.io'",),
    ),
)


@pytest.mark.parametrize("case", FIXES, ids=lambda case: case.name)
def test_the_fix_is_enough(case: Case) -> None:
    judged(case)


SITE = "on-premises, forwarding DNS into a linked network"
GATEWAY = subnet("hub", "GatewaySubnet", "10.0.9.0/27")


@pytest.mark.parametrize(
    "networks",
    [[hub(*HUB_SUBNETS), SPOKE1, spoke2(APPS)], [hub(*HUB_SUBNETS, GATEWAY), SPOKE1, spoke2(APPS)], []],
    ids=["no gateway", "a subnet for a gateway", "no list of networks"],
)
def test_a_site_needs_a_line(networks: list[dict[str, Any]]) -> None:
    line = rows(hub_and_spokes(vnets=networks))[SITE]
    assert (str(line.pull), line.reason) == ("yes, if", "a VPN or ExpressRoute leads to hub")


@pytest.mark.parametrize("networks", [[hub(*HUB_SUBNETS), SPOKE1, spoke2(APPS)], []], ids=["networks", "none listed"])
def test_nobody_outside_has_a_route_to_a_private_address(networks: list[dict[str, Any]]) -> None:
    found = rows(hub_and_spokes(vnets=networks))
    for outside in ("internet, any address", "trusted Azure service"):
        assert "private endpoint" not in found[outside].reason
    assert found["on-premises, public DNS"].reason.startswith("it may have a route to the private endpoint 'pe', but")


def judged(case: Case) -> None:
    line = rows(case.lists)[case.client]
    assert (str(line.pull), line.reason) == (case.pull, line.reason)
    for words in case.says:
        assert words in line.reason
    for words in case.fix:
        assert words in line.fix
