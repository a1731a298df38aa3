"""Rules of private zones, their links and their records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from localcloud.model import Cloud, Refused

from tests.localcloud.model_estate import NETWORK, ZONE, Case, Estate, several

Z, L, A, V = (
    "privatedns:PrivateZone",
    "privatedns:VirtualNetworkLink",
    "privatedns:PrivateRecordSet",
    "network:VirtualNetwork",
)
OTHER_GROUP = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg2"


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return Estate(Cloud.open(tmp_path / "cloud.sqlite"))


def zone(estate: Estate) -> None:
    estate.make(Z)


def linked(estate: Estate, **changed: Any) -> None:
    several(V, Z)(estate)
    estate.make(L, **changed)


def second_zone(estate: Estate, name: str = "privatelink.azurecr.io", **changed: Any) -> None:
    """A zone in another group, beside one that is linked to the network."""
    linked(estate, **changed)
    estate.make("resources:ResourceGroup", resourceGroupName="rg2")
    estate.make(Z, resourceGroupName="rg2", privateZoneName=name)


def record(kind: str, **changed: Any) -> dict[str, Any]:
    return {"recordType": kind, "aRecords": None, **changed}


CASES = [
    Case("zone", Z),
    Case("zone of one label", Z, {"privateZoneName": "local"}, "must be 2 to 34 labels"),
    Case("zone with an empty label", Z, {"privateZoneName": "a..b"}, "must be 2 to 34 labels"),
    Case("zone with a long label", Z, {"privateZoneName": "a" * 64 + ".b"}, "must be 2 to 34 labels"),
    Case("zone in a region", Z, {"location": "japaneast"}, "is 'global'", "LocationNotAvailableForResourceType"),
    Case("zone twice", Z, {"privateZoneName": "PrivateLink.azurecr.io"}, "already existing", status=409, before=zone),
    Case(
        "zone of the same name in another group",
        Z,
        {"resourceGroupName": "rg2"},
        before=lambda e: (e.make(Z), e.make("resources:ResourceGroup", resourceGroupName="rg2")),
    ),
    Case("link", L, {}, before=several(V, Z)),
    Case("link without network", L, {}, "was not found", "InvalidResourceReference", before=zone),
    Case("link without zone", L, {}, "parent resource", "ParentResourceNotFound", 404, before=several(V)),
    Case("link to nothing", L, {"virtualNetwork": None}, "virtualNetwork.id", before=several(V, Z)),
    Case(
        "link in a region",
        L,
        {"location": "japaneast"},
        "is 'global'",
        "LocationNotAvailableForResourceType",
        before=several(V, Z),
    ),
    Case(
        "second link of one network and zone",
        L,
        {"virtualNetworkLinkName": "again"},
        "is linked to zone",
        before=linked,
    ),
    Case(
        "second zone of the name for one network",
        L,
        {"resourceGroupName": "rg2"},
        "A virtual network cannot be linked to multiple zones with overlapping namespaces. You tried to link virtual "
        "network with 'privatelink.azurecr.io' and 'privatelink.azurecr.io' zones.",
        "BadRequest",
        before=second_zone,
    ),
    Case(
        "another zone for one network",
        L,
        {"resourceGroupName": "rg2", "privateZoneName": "example.com"},
        before=lambda e: second_zone(e, "example.com"),
    ),
    Case(
        "a zone below another for one network",
        L,
        {"resourceGroupName": "rg2", "privateZoneName": "a.privatelink.azurecr.io"},
        before=lambda e: second_zone(e, "a.privatelink.azurecr.io"),
    ),
    Case(
        "second registration zone",
        L,
        {"resourceGroupName": "rg2", "privateZoneName": "example.com", "registrationEnabled": True},
        "can only be linked to 1 Private DNS zone(s) with auto-registration enabled",
        "Conflict",
        409,
        before=lambda e: second_zone(e, "example.com", registrationEnabled=True),
    ),
    Case(
        "link moved to another network",
        L,
        {"virtualNetwork": {"id": f"{NETWORK}2"}},
        "virtualNetwork.id of",
        before=lambda e: (linked(e), e.make(V, virtualNetworkName="vnet2")),
        target=f"{ZONE}/virtualNetworkLinks/vnet",
    ),
    Case(
        "link's policy changed",
        L,
        {"resolutionPolicy": "NxDomainRedirect"},
        before=linked,
        target=f"{ZONE}/virtualNetworkLinks/vnet",
    ),
    Case("record", A, {}, before=zone),
    Case("record without zone", A, {}, "parent resource", "ParentResourceNotFound", 404),
    Case("record at the apex", A, {"relativeRecordSetName": "@"}, before=zone),
    Case("wildcard record", A, {"relativeRecordSetName": "*.data"}, before=zone),
    Case("record name", A, {"relativeRecordSetName": "a b"}, "must be '@', or labels", before=zone),
    Case("record type", A, record("NS"), "recordType 'NS' is unknown", before=zone),
    Case("A without address", A, record("A"), before=zone),
    Case("CNAME of nothing", A, record("CNAME"), "cnameRecord of record set 'by-hand' is missing", before=zone),
    Case("A of nothing", A, {"aRecords": [{"ipv4Address": "10.0.0.256"}]}, "is not an IPv4 address", before=zone),
    Case("A twice", A, {"aRecords": [{"ipv4Address": "10.0.0.1"}] * 2}, "occurs more than once", before=zone),
    Case("too many A", A, {"aRecords": [{"ipv4Address": f"10.0.0.{n}"} for n in range(21)]}, "at most 20", before=zone),
    Case("no ttl", A, {"ttl": None}, "ttl of record set", before=zone),
    Case("ttl of 0", A, {"ttl": 0}, "it must be 1 to", before=zone),
    Case("AAAA", A, record("AAAA", aaaaRecords=[{"ipv6Address": "fd00::1"}]), before=zone),
    Case(
        "AAAA of IPv4",
        A,
        record("AAAA", aaaaRecords=[{"ipv6Address": "10.0.0.1"}]),
        "is not an IPv6 address",
        before=zone,
    ),
    Case("CNAME", A, record("CNAME", cnameRecord={"cname": "example.com"}), before=zone),
    Case(
        "CNAME at the apex",
        A,
        record("CNAME", relativeRecordSetName="@", cnameRecord={"cname": "example.com"}),
        "apex",
        before=zone,
    ),
    Case(
        "CNAME beside A",
        A,
        record("CNAME", cnameRecord={"cname": "example.com"}),
        "cannot be beside other records",
        before=several(Z, A),
    ),
    Case(
        "A beside CNAME",
        A,
        {},
        "cannot be beside other records",
        before=lambda e: (e.make(Z), e.make(A, **record("CNAME", cnameRecord={"cname": "example.com"}))),
    ),
    Case("TXT beside A", A, record("TXT", txtRecords=[{"value": ["v=spf1"]}]), before=several(Z, A)),
    Case(
        "records of another type",
        A,
        {"cnameRecord": {"cname": "example.com"}},
        "is for record sets of type CNAME",
        before=zone,
    ),
    Case(
        "SOA",
        A,
        record("SOA", relativeRecordSetName="@", soaRecord={"email": "a.b"}),
        "is made with the zone",
        before=zone,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rule(estate: Estate, case: Case) -> None:
    case.run(estate)


def test_a_linked_zone_cannot_be_deleted(estate: Estate) -> None:
    linked(estate)
    with pytest.raises(Refused, match="Cannot delete resource while nested resources exist") as caught:
        estate.delete(Z, ZONE)
    assert (caught.value.status, caught.value.code) == (409, "CannotDeleteResource")
    assert "privatelink.azurecr.io/virtualNetworkLinks/vnet" in caught.value.problems[0]
    estate.delete(L, f"{ZONE}/virtualNetworkLinks/vnet")
    estate.make(A)
    estate.delete(Z, ZONE)
    assert estate.records() == {}


def test_a_zone_counts_what_is_in_it(estate: Estate) -> None:
    linked(estate, registrationEnabled=True)
    estate.make(A)
    shown = estate.read(Z, ZONE)
    assert shown["location"] == "global"
    assert (shown["numberOfRecordSets"], shown["numberOfVirtualNetworkLinks"]) == (2, 1)
    assert shown["numberOfVirtualNetworkLinksWithRegistration"] == 1
    assert shown["maxNumberOfVirtualNetworkLinks"] == 1000


def test_a_link_shows_its_state(estate: Estate) -> None:
    several(V, Z)(estate)
    shown = estate.make(L).outputs
    assert shown["virtualNetworkLinkState"] == "Completed"
    assert shown["registrationEnabled"] is False
    assert shown["resolutionPolicy"] == "Default"


def test_a_record_is_named_and_typed(estate: Estate) -> None:
    estate.make(Z)
    shown = estate.make(A)
    assert shown.id == f"{ZONE}/A/by-hand"
    assert shown.outputs["type"] == "Microsoft.Network/privateDnsZones/A"
    assert shown.outputs["fqdn"] == "by-hand.privatelink.azurecr.io."
    assert estate.make(A, relativeRecordSetName="@").outputs["fqdn"] == "privatelink.azurecr.io."


def test_a_network_can_be_linked_again_after_its_link_is_gone(estate: Estate) -> None:
    second_zone(estate)
    estate.delete(L, f"{ZONE}/virtualNetworkLinks/vnet")
    again = estate.make(L, resourceGroupName="rg2")
    assert again.id.startswith(f"{OTHER_GROUP}/")
