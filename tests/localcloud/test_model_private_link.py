"""Private endpoints, their addresses, their zone groups' records, and what a replica that comes later does to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from localcloud.model import Cloud, Refused

from tests.localcloud.model_estate import ENDPOINT, GROUP, NETWORK, REGISTRY, SUBNET, VAULT, ZONE, Case, Estate, several

R, REPLICA, E = "containerregistry:Registry", "containerregistry:Replication", "network:PrivateEndpoint"
V, S, G, CONNECTION = (
    "network:VirtualNetwork",
    "network:Subnet",
    "network:PrivateDnsZoneGroup",
    "containerregistry:PrivateEndpointConnection",
)
NIC = "network:NetworkInterface"
LAND = several(R, V, S)
ALL = several(R, V, S, E, "privatedns:PrivateZone", G)


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return Estate(Cloud.open(tmp_path / "cloud.sqlite"))


def connection(**changed: Any) -> list[dict[str, Any]]:
    return [{"name": "registry", "groupIds": ["registry"], "privateLinkServiceId": REGISTRY, **changed}]


def static(**addresses: str) -> dict[str, Any]:
    given = [
        {"name": name, "groupId": "registry", "memberName": name, "privateIPAddress": address}
        for name, address in addresses.items()
    ]
    return {"ipConfigurations": given}


def land_of(**changed: Any) -> Any:
    def make(estate: Estate) -> None:
        estate.make(R, **changed)
        several(V, S)(estate)

    return make


CASES = [
    Case("endpoint", E, {}, before=LAND),
    Case("no registry", E, {}, "was not found", "InvalidResourceReference", before=several(V, S)),
    Case("no subnet", E, {}, "was not found", "InvalidResourceReference", before=lambda e: e.make(R)),
    Case("no connection", E, {"privateLinkServiceConnections": []}, "must have one connection", before=LAND),
    Case("two connections", E, {"manualPrivateLinkServiceConnections": connection()}, "it has 2", before=LAND),
    Case(
        "wrong group",
        E,
        {"privateLinkServiceConnections": connection(groupIds=["blob"])},
        "must be ['registry']",
        before=LAND,
    ),
    Case("Standard registry", E, {}, "need the SKU Premium", before=land_of(sku={"name": "Standard"})),
    Case(
        "other region than the network",
        E,
        {"location": "westus2"},
        "same region",
        "InvalidResourceReference",
        before=LAND,
    ),
    Case(
        "a target without Private Link",
        E,
        {"privateLinkServiceConnections": connection(privateLinkServiceId=NETWORK)},
        "no Private Link for Microsoft.Network/virtualNetworks",
        before=LAND,
    ),
    Case("endpoint name", E, {"privateEndpointName": "-"}, "must have 2 to 64", before=LAND),
    Case("static", E, static(registry="10.0.0.10", registry_data_japaneast="10.0.0.11"), before=LAND),
    Case(
        "static, member missing",
        E,
        static(registry="10.0.0.10"),
        "does not name the member 'registry_data_japaneast'",
        before=LAND,
    ),
    Case(
        "static, member unknown",
        E,
        static(registry="10.0.0.10", registry_data_japaneast="10.0.0.11", registry_data_westus2="10.0.0.12"),
        "'registry_data_westus2' is not a member",
        before=LAND,
    ),
    Case(
        "static, one address twice",
        E,
        static(registry="10.0.0.10", registry_data_japaneast="10.0.0.10"),
        "occurs more than once",
        before=LAND,
    ),
    Case(
        "static, outside",
        E,
        static(registry="10.0.0.10", registry_data_japaneast="10.0.1.11"),
        "does not belong to the range",
        "PrivateIPAddressNotInSubnet",
        before=LAND,
    ),
    Case(
        "static, reserved",
        E,
        static(registry="10.0.0.10", registry_data_japaneast="10.0.0.31"),
        "reserved IP range",
        "PrivateIPAddressInReservedRange",
        before=LAND,
    ),
    Case(
        "static, taken",
        E,
        {"privateEndpointName": "pe2", **static(registry="10.0.0.10", registry_data_japaneast="10.0.0.4")},
        "already allocated",
        "PrivateIPAddressIsAllocated",
        before=lambda e: (LAND(e), e.make(E)),
    ),
    Case(
        "static, no address",
        E,
        static(registry="10.0.0.10", registry_data_japaneast="here"),
        "is not an IPv4 address",
        before=LAND,
    ),
    Case(
        "interface name taken",
        E,
        {"privateEndpointName": "pe2", "customNetworkInterfaceName": "nic"},
        "exists already",
        status=409,
        before=lambda e: (LAND(e), e.make(E, customNetworkInterfaceName="nic")),
    ),
    Case(
        "subnet changed",
        E,
        {"subnet": {"id": f"{NETWORK}/subnets/other"}},
        "subnet.id of",
        before=lambda e: (LAND(e), e.make(E), e.make(S, subnetName="other", addressPrefix="10.0.1.0/27")),
        target=ENDPOINT,
    ),
    Case(
        "connection changed",
        E,
        {"privateLinkServiceConnections": connection(name="another")},
        "cannot be changed",
        before=lambda e: (LAND(e), e.make(E)),
        target=ENDPOINT,
    ),
    Case("tags changed", E, {"tags": {"a": "b"}}, before=lambda e: (LAND(e), e.make(E)), target=ENDPOINT),
    Case("second endpoint", E, {"privateEndpointName": "pe2"}, before=lambda e: (LAND(e), e.make(E))),
    # zone groups
    Case("zone group", G, {}, before=lambda e: (LAND(e), e.make(E), e.make("privatedns:PrivateZone"))),
    Case(
        "zone group without zone",
        G,
        {},
        "was not found",
        "InvalidResourceReference",
        before=lambda e: (LAND(e), e.make(E)),
    ),
    Case("zone group without endpoint", G, {}, "parent resource", "ParentResourceNotFound", 404),
    Case("second zone group", G, {"privateDnsZoneGroupName": "another"}, "it can have one", before=ALL),
    Case(
        "a zone twice",
        G,
        {"privateDnsZoneConfigs": [{"name": "a", "privateDnsZoneId": ZONE}, {"name": "b", "privateDnsZoneId": ZONE}]},
        "more than one zone",
        before=lambda e: (LAND(e), e.make(E), e.make("privatedns:PrivateZone")),
    ),
    # connections
    Case(
        "a connection by itself",
        CONNECTION,
        {"registryName": "contoso", "privateEndpointConnectionName": "mine"},
        "a private endpoint makes it",
        before=lambda e: e.make(R),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rule(estate: Estate, case: Case) -> None:
    case.run(estate)


def test_an_endpoint_has_an_address_for_each_member_on_its_interface(estate: Estate) -> None:
    LAND(estate)
    estate.make(REPLICA)
    made = estate.make(E)
    nic_id = made.outputs["networkInterfaces"][0]["id"]
    nic = estate.read(NIC, nic_id)
    shown = [
        (
            c["privateLinkConnectionProperties"]["groupId"],
            c["privateLinkConnectionProperties"]["requiredMemberName"],
            c["privateLinkConnectionProperties"]["fqdns"],
            c["privateIPAddress"],
            c["privateIPAllocationMethod"],
        )
        for c in nic["ipConfigurations"]
    ]
    assert shown == [
        ("registry", "registry_data_japaneast", ["contoso.japaneast.data.azurecr.io"], "10.0.0.4", "Dynamic"),
        ("registry", "registry_data_westus2", ["contoso.westus2.data.azurecr.io"], "10.0.0.5", "Dynamic"),
        ("registry", "registry", ["contoso.azurecr.io"], "10.0.0.6", "Dynamic"),
    ]
    assert nic["privateEndpoint"] == {"id": ENDPOINT}
    assert made.outputs["customDnsConfigs"] == [
        {"fqdn": "contoso.japaneast.data.azurecr.io", "ipAddresses": ["10.0.0.4"]},
        {"fqdn": "contoso.westus2.data.azurecr.io", "ipAddresses": ["10.0.0.5"]},
        {"fqdn": "contoso.azurecr.io", "ipAddresses": ["10.0.0.6"]},
    ]
    subnet = estate.read(S, SUBNET)
    assert [c["privateIPAddress"] for c in subnet["ipConfigurations"]] == ["10.0.0.4", "10.0.0.5", "10.0.0.6"]
    assert subnet["privateEndpoints"] == [{"id": ENDPOINT}]


def test_a_home_replica_takes_no_address(estate: Estate) -> None:
    LAND(estate)
    estate.make(REPLICA, replicationName="japaneast", location="japaneast")
    estate.make(E)
    assert list(estate.members()) == ["registry_data_japaneast", "registry"]
    estate.delete(REPLICA, f"{REGISTRY}/replications/japaneast")
    assert list(estate.members()) == ["registry_data_japaneast", "registry"]


def test_static_addresses_are_the_members_addresses(estate: Estate) -> None:
    LAND(estate)
    made = estate.make(E, **static(registry="10.0.0.20", registry_data_japaneast="10.0.0.11"))
    assert estate.members() == {"registry": "10.0.0.20", "registry_data_japaneast": "10.0.0.11"}
    nic = estate.read(NIC, made.outputs["networkInterfaces"][0]["id"])
    assert [c["name"] for c in nic["ipConfigurations"]] == ["registry_data_japaneast", "registry"]


def test_the_interface_has_the_chosen_name_and_goes_with_the_endpoint_only(estate: Estate) -> None:
    LAND(estate)
    made = estate.make(E, customNetworkInterfaceName="pe-nic")
    nic = made.outputs["networkInterfaces"][0]["id"]
    assert nic == f"{GROUP}/providers/Microsoft.Network/networkInterfaces/pe-nic"
    with pytest.raises(Refused, match="in use with an private endpoint") as caught:
        estate.delete(NIC, nic)
    assert caught.value.code == "NicInUseWithPrivateEndpoint"
    estate.delete(E, ENDPOINT)
    assert estate.gone(NIC, nic)
    assert estate.read(S, SUBNET)["ipConfigurations"] == []


def test_a_connection_is_approved_by_itself(estate: Estate) -> None:
    LAND(estate)
    made = estate.make(E)
    approved = {"status": "Approved", "description": "Auto-Approved", "actionsRequired": "None"}
    assert made.outputs["privateLinkServiceConnections"][0]["privateLinkServiceConnectionState"] == approved
    (shown,) = estate.read(R, REGISTRY)["privateEndpointConnections"]
    assert shown["privateEndpoint"] == {"id": ENDPOINT}
    assert shown["privateLinkServiceConnectionState"] == approved


def test_a_manual_connection_waits_for_approval(estate: Estate) -> None:
    LAND(estate)
    asked = connection(requestMessage="please")
    made = estate.make(E, privateLinkServiceConnections=None, manualPrivateLinkServiceConnections=asked)
    state = made.outputs["manualPrivateLinkServiceConnections"][0]["privateLinkServiceConnectionState"]
    assert (state["status"], state["description"]) == ("Pending", "please")
    (shown,) = estate.read(R, REGISTRY)["privateEndpointConnections"]
    estate.change(
        CONNECTION,
        shown["id"],
        registryName="contoso",
        privateEndpointConnectionName=shown["name"],
        privateLinkServiceConnectionState={"status": "Approved", "description": "by the owner"},
    )
    after = estate.read(E, ENDPOINT)["manualPrivateLinkServiceConnections"][0]["privateLinkServiceConnectionState"]
    assert (after["status"], after["description"]) == ("Approved", "by the owner")


def test_deleting_a_connection_disconnects_its_endpoint_for_good(estate: Estate) -> None:
    LAND(estate)
    estate.make(E)
    (shown,) = estate.read(R, REGISTRY)["privateEndpointConnections"]
    estate.delete(CONNECTION, shown["id"])
    estate.make(REPLICA)
    state = estate.read(E, ENDPOINT)["privateLinkServiceConnections"][0]["privateLinkServiceConnectionState"]
    assert state["status"] == "Disconnected"
    assert "registry_data_westus2" not in estate.members()
    estate.change(E, ENDPOINT, tags={"still": "editable"})
    state = estate.read(E, ENDPOINT)["privateLinkServiceConnections"][0]["privateLinkServiceConnectionState"]
    assert state["status"] == "Disconnected"


def test_a_subnet_that_is_too_small_refuses_the_endpoint(estate: Estate) -> None:
    several(R, V)(estate)
    estate.make(S, addressPrefix="10.0.0.0/29")
    for region in ("westus2", "eastus"):
        estate.make(REPLICA, replicationName=region, location=region)
    with pytest.raises(Refused, match="does not have enough capacity for 4 IP addresses") as caught:
        estate.make(E)
    assert caught.value.code == "SubnetIsFull"
    assert estate.read(S, SUBNET)["ipConfigurations"] == []


class TestLaterReplica:
    def test_every_endpoint_gets_a_member_an_address_and_a_record(self, estate: Estate) -> None:
        ALL(estate)
        estate.make(E, privateEndpointName="pe2")
        estate.make(REPLICA)
        second = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe2"
        assert estate.members()["registry_data_westus2"] == "10.0.0.8"
        assert estate.members(second)["registry_data_westus2"] == "10.0.0.9"
        assert estate.records()["contoso.westus2.data"] == ["10.0.0.8"]
        assert {"fqdn": "contoso.westus2.data.azurecr.io", "ipAddresses": ["10.0.0.9"]} in estate.read(E, second)[
            "customDnsConfigs"
        ]

    def test_its_addresses_and_records_go_with_it(self, estate: Estate) -> None:
        ALL(estate)
        estate.make(REPLICA)
        estate.delete(REPLICA, f"{REGISTRY}/replications/westus2")
        assert list(estate.members()) == ["registry_data_japaneast", "registry"]
        assert estate.records() == {"contoso": ["10.0.0.5"], "contoso.japaneast.data": ["10.0.0.4"]}
        estate.make(REPLICA, replicationName="eastus", location="eastus")
        assert estate.members()["registry_data_eastus"] == "10.0.0.6"

    def test_a_full_subnet_rolls_it_back_without_naming_the_subnet(self, estate: Estate) -> None:
        several(R, V)(estate)
        estate.make(S, addressPrefix="10.0.0.0/29")
        estate.make(E)
        estate.make(REPLICA)
        with pytest.raises(Refused, match="failed and was rolled back") as caught:
            estate.make(REPLICA, replicationName="eastus", location="eastus")
        assert "subnet" not in caught.value.problems[0].lower()
        assert estate.gone(REPLICA, f"{REGISTRY}/replications/eastus")
        assert list(estate.members()) == ["registry_data_japaneast", "registry", "registry_data_westus2"]

    def test_two_endpoints_in_a_subnet_with_room_for_one_more_address(self, estate: Estate) -> None:
        several(R, V)(estate)
        estate.make(S, addressPrefix="10.0.0.0/28")
        for n in range(5):
            estate.make(E, privateEndpointName=f"pe{n}")
        with pytest.raises(Refused, match="failed and was rolled back"):
            estate.make(REPLICA)

    def test_an_endpoint_with_static_addresses_fails_it(self, estate: Estate) -> None:
        LAND(estate)
        estate.make(E, **static(registry="10.0.0.10", registry_data_japaneast="10.0.0.11"))
        with pytest.raises(Refused, match="static IP addresses cannot take the new data endpoint"):
            estate.make(REPLICA)
        estate.make(REPLICA, replicationName="japaneast", location="japaneast")


class TestZoneGroup:
    def test_it_writes_a_records(self, estate: Estate) -> None:
        several(R, REPLICA)(estate)
        several(V, S, E, "privatedns:PrivateZone")(estate)
        made = estate.make(G)
        assert estate.records() == {
            "contoso": ["10.0.0.6"],
            "contoso.japaneast.data": ["10.0.0.4"],
            "contoso.westus2.data": ["10.0.0.5"],
        }
        record = estate.read("privatedns:PrivateRecordSet", f"{ZONE}/A/contoso.westus2.data")
        assert record["ttl"] == 10
        assert record["fqdn"] == "contoso.westus2.data.privatelink.azurecr.io."
        assert record["metadata"]["creator"].startswith("created by private endpoint pe ")
        (config,) = made.outputs["privateDnsZoneConfigs"]
        assert config["recordSets"][1] == {
            "recordType": "A",
            "recordSetName": "contoso.westus2.data",
            "fqdn": "contoso.westus2.data.privatelink.azurecr.io",
            "ttl": 10,
            "ipAddresses": ["10.0.0.5"],
            "provisioningState": "Succeeded",
        }

    def test_the_endpoint_lists_no_hosts_while_it_has_one(self, estate: Estate) -> None:
        ALL(estate)
        assert estate.read(E, ENDPOINT)["customDnsConfigs"] == []
        estate.delete(G, f"{ENDPOINT}/privateDnsZoneGroups/default")
        assert len(estate.read(E, ENDPOINT)["customDnsConfigs"]) == 2

    def test_a_zone_of_another_name_gets_nothing(self, estate: Estate) -> None:
        LAND(estate)
        estate.make(E)
        zone = estate.make("privatedns:PrivateZone", privateZoneName="japaneast.data.privatelink.azurecr.io")
        made = estate.make(G, privateDnsZoneConfigs=[{"name": "a", "privateDnsZoneId": zone.id}])
        assert estate.records(zone.id) == {}
        assert made.outputs["privateDnsZoneConfigs"][0]["recordSets"] == []

    def test_it_removes_what_it_wrote_and_nothing_else(self, estate: Estate) -> None:
        ALL(estate)
        estate.make("privatedns:PrivateRecordSet")
        estate.delete(G, f"{ENDPOINT}/privateDnsZoneGroups/default")
        assert estate.records() == {"by-hand": ["10.0.0.9"]}

    def test_it_goes_with_its_endpoint(self, estate: Estate) -> None:
        ALL(estate)
        estate.delete(E, ENDPOINT)
        assert estate.records() == {}
        assert estate.read(R, REGISTRY)["privateEndpointConnections"] == []

    def test_the_last_of_two_endpoints_of_one_registry_wins(self, estate: Estate) -> None:
        ALL(estate)
        estate.make(E, privateEndpointName="pe2")
        estate.make(G, privateEndpointName="pe2")
        assert estate.records()["contoso"] == ["10.0.0.7"]
        estate.delete(E, ENDPOINT)
        assert estate.records()["contoso"] == ["10.0.0.7"]
        estate.delete(E, f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe2")
        assert estate.records() == {}

    def test_a_record_of_the_last_writer_outlives_the_first_ones_group(self, estate: Estate) -> None:
        ALL(estate)
        estate.make(E, privateEndpointName="pe2")
        estate.make(G, privateEndpointName="pe2")
        estate.change(G, f"{ENDPOINT}/privateDnsZoneGroups/default", privateDnsZoneConfigs=[])
        assert estate.records()["contoso"] == ["10.0.0.7"]

    def test_two_registries_share_a_zone(self, estate: Estate) -> None:
        ALL(estate)
        other = estate.make(R, registryName="fabrikam")
        linked = connection(privateLinkServiceId=other.id)
        estate.make(E, privateEndpointName="pe2", privateLinkServiceConnections=linked)
        estate.make(G, privateEndpointName="pe2")
        assert sorted(estate.records()) == ["contoso", "contoso.japaneast.data", "fabrikam", "fabrikam.japaneast.data"]

    def test_another_zone_takes_over(self, estate: Estate) -> None:
        ALL(estate)
        estate.make("resources:ResourceGroup", resourceGroupName="rg2")
        other = estate.make("privatedns:PrivateZone", resourceGroupName="rg2")
        group = f"{ENDPOINT}/privateDnsZoneGroups/default"
        estate.change(G, group, privateDnsZoneConfigs=[{"name": "registry", "privateDnsZoneId": other.id}])
        assert estate.records() == {}
        assert sorted(estate.records(other.id)) == ["contoso", "contoso.japaneast.data"]


def test_a_vault_has_a_private_endpoint_too(estate: Estate) -> None:
    several(V, S, "keyvault:Vault")(estate)
    linked = [{"name": "vault", "groupIds": ["vault"], "privateLinkServiceId": VAULT}]
    estate.make(E, privateLinkServiceConnections=linked)
    assert estate.members() == {"default": "10.0.0.4"}
    zone = estate.make("privatedns:PrivateZone", privateZoneName="privatelink.vaultcore.azure.net")
    made = estate.make(G, privateDnsZoneConfigs=[{"name": "vault", "privateDnsZoneId": zone.id}])
    assert estate.records(zone.id) == {"keys": ["10.0.0.4"]}
    assert made.outputs["privateDnsZoneConfigs"][0]["recordSets"][0]["fqdn"] == "keys.privatelink.vaultcore.azure.net"
    estate.delete("keyvault:Vault", VAULT)
    state = estate.read(E, ENDPOINT)["privateLinkServiceConnections"][0]["privateLinkServiceConnectionState"]
    assert state["status"] == "Disconnected"
