"""What reach says of folders of `az` output, with the answers worked out by hand from Azure's documents.

What a folder cannot tell is a condition or "cannot tell", never a flat yes or no; its safe twin has the list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.model.live.estates import (
    HUB_SUBNETS,
    RECORDS,
    ZONE,
    Lists,
    hub_and_spokes,
    link,
    nsg,
    on,
    record,
    rows,
    subnet,
    vnet,
    zone,
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


def judged(case: Case) -> None:
    line = rows(case.lists)[case.client]
    assert (str(line.pull), line.reason) == (case.pull, line.reason)
    for words in case.says:
        assert words in line.reason
    for words in case.fix:
        assert words in line.fix
