"""Private endpoints, their addresses, their zone groups' records, and what a replica that comes later does to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from localcloud.model import Cloud, Refused

from tests.localcloud.model_estate import ENDPOINT, GROUP, NETWORK, REGISTRY, SUBNET, VAULT, ZONE, Case, Estate, several

PE2 = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe2"
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
    Case(
        "long approval message",
        E,
        {"privateLinkServiceConnections": connection(requestMessage="x" * 141)},
        "has 141 characters; at most 140",
        before=LAND,
    ),
    Case("approval message", E, {"privateLinkServiceConnections": connection(requestMessage="x" * 140)}, before=LAND),
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
        "[GroupId: registry, MemberName: registry_data_japaneast]",
        "PrivateEndpointIpConfigurationMissingMemberNamesRequiredByFps",
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
        "subnet of private endpoint 'pe' cannot be changed",
        "CannotChangeSubnetOnExistingPrivateEndpoint",
        before=lambda e: (LAND(e), e.make(E), e.make(S, subnetName="other", addressPrefix="10.0.1.0/27")),
        target=ENDPOINT,
    ),
    Case(
        "connection changed",
        E,
        {"privateLinkServiceConnections": connection(name="another")},
        f"Cannot change the private link connection on private endpoint {ENDPOINT}.",
        "CannotChangePrivateLinkConnectionOnPrivateEndpoint",
        before=lambda e: (LAND(e), e.make(E)),
        target=ENDPOINT,
    ),
    Case(
        "interface renamed",
        E,
        {"customNetworkInterfaceName": "another"},
        "customNetworkInterfaceName of private endpoint 'pe' cannot be changed",
        before=lambda e: (LAND(e), e.make(E)),
        target=ENDPOINT,
    ),
    Case(
        "asked for by hand now",
        E,
        {"privateLinkServiceConnections": None, "manualPrivateLinkServiceConnections": connection()},
        "Cannot change the private link connection",
        "CannotChangePrivateLinkConnectionOnPrivateEndpoint",
        before=lambda e: (LAND(e), e.make(E)),
        target=ENDPOINT,
    ),
    Case(
        "the same connection in other letters",
        E,
        {"privateLinkServiceConnections": connection(privateLinkServiceId=REGISTRY.upper())},
        before=lambda e: (LAND(e), e.make(E)),
        target=ENDPOINT,
    ),
    Case(
        "connection without a name",
        E,
        {"privateLinkServiceConnections": [{"groupIds": ["registry"], "privateLinkServiceId": REGISTRY}]},
        "Cannot parse the request.",
        "InvalidRequestFormat",
        before=LAND,
    ),
    Case(
        "dynamic to static, the addresses it has",
        E,
        static(registry="10.0.0.5", registry_data_japaneast="10.0.0.4"),
        before=lambda e: (LAND(e), e.make(E)),
        target=ENDPOINT,
    ),
    Case(
        "dynamic to static, another address",
        E,
        static(registry="10.0.0.5", registry_data_japaneast="10.0.0.9"),
        "exact Ip address to membername mapping",
        "PrivateEndpointStaticIpMustMatchDynamicIpMapping",
        before=lambda e: (LAND(e), e.make(E)),
        target=ENDPOINT,
    ),
    Case(
        "static to another static",
        E,
        static(registry="10.0.0.5", registry_data_japaneast="10.0.0.9"),
        "User cannot change IP Addresses",
        "PrivateEndpointWithStaticIpConfigurationsCannotChangeIpAddress",
        before=lambda e: (LAND(e), e.make(E, **static(registry="10.0.0.5", registry_data_japaneast="10.0.0.4"))),
        target=ENDPOINT,
    ),
    Case(
        "static to dynamic",
        E,
        {},
        before=lambda e: (LAND(e), e.make(E, **static(registry="10.0.0.5", registry_data_japaneast="10.0.0.4"))),
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
    assert [list(each) for each in subnet["ipConfigurations"]] == [["id"]] * 3
    assert [c["id"].lower() for c in subnet["ipConfigurations"]] == [c["id"].lower() for c in nic["ipConfigurations"]]
    assert "/networkInterfaces/PE.NIC." in subnet["ipConfigurations"][0]["id"]
    assert "/ipConfigurations/PRIVATEENDPOINTIPCONFIG." in subnet["ipConfigurations"][0]["id"]
    assert subnet["privateEndpoints"] == [{"id": ENDPOINT}]


def test_a_home_replica_takes_no_address(estate: Estate) -> None:
    LAND(estate)
    estate.make(REPLICA, replicationName="japaneast", location="japaneast")
    estate.make(E)
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
    approved = {"status": "Approved", "description": "Auto-Approved"}
    mine = {**approved, "actionsRequired": "None"}
    assert made.outputs["privateLinkServiceConnections"][0]["privateLinkServiceConnectionState"] == mine
    (shown,) = estate.read(R, REGISTRY)["privateEndpointConnections"]
    assert shown["privateEndpoint"] == {"id": ENDPOINT}
    assert shown["privateLinkServiceConnectionState"] == approved


def test_a_manual_connection_waits_for_approval(estate: Estate) -> None:
    LAND(estate)
    asked = connection(requestMessage="please")
    made = estate.make(E, privateLinkServiceConnections=None, manualPrivateLinkServiceConnections=asked)
    estate.make("privatedns:PrivateZone")
    estate.make(G)
    own = made.outputs["manualPrivateLinkServiceConnections"][0]
    state = own["privateLinkServiceConnectionState"]
    assert state == {"status": "Pending", "description": "", "actionsRequired": "None"}
    assert own["id"] == f"{ENDPOINT}/manualPrivateLinkServiceConnections/registry"
    assert own["type"] == "Microsoft.Network/privateEndpoints/manualPrivateLinkServiceConnections"
    assert made.outputs["customDnsConfigs"] == []
    assert estate.records() == {}
    (shown,) = estate.read(R, REGISTRY)["privateEndpointConnections"]
    assert shown["privateLinkServiceConnectionState"] == {"status": "Pending", "description": "please"}
    assert "systemData" not in shown
    estate.change(
        CONNECTION,
        shown["id"],
        registryName="contoso",
        privateEndpointConnectionName=shown["name"],
        privateLinkServiceConnectionState={"status": "Approved", "description": "by the owner"},
    )
    after = estate.read(E, ENDPOINT)["manualPrivateLinkServiceConnections"][0]["privateLinkServiceConnectionState"]
    assert (after["status"], after["description"]) == ("Approved", "by the owner")
    assert estate.records() == {"contoso": ["10.0.0.5"], "contoso.japaneast.data": ["10.0.0.4"]}


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

    def test_a_full_subnet_fails_it_without_naming_the_subnet(self, estate: Estate) -> None:
        several(R, V)(estate)
        estate.make(S, addressPrefix="10.0.0.0/29")
        estate.make(E)
        estate.make(REPLICA)
        with pytest.raises(Refused, match="no private IP address is available") as caught:
            estate.make(REPLICA, replicationName="eastus", location="eastus")
        assert "subnet" not in caught.value.problems[0].lower()
        assert estate.read(REPLICA, f"{REGISTRY}/replications/eastus")["provisioningState"] == "Failed"
        assert list(estate.members()) == ["registry_data_japaneast", "registry", "registry_data_westus2"]
        hosts = estate.read(R, REGISTRY)["dataEndpointHostNames"]
        assert not any("eastus." in host for host in hosts)

    def test_two_endpoints_in_a_subnet_with_room_for_one_more_address(self, estate: Estate) -> None:
        several(R, V)(estate)
        estate.make(S, addressPrefix="10.0.0.0/28")
        for n in range(5):
            estate.make(E, privateEndpointName=f"pe{n}")
        with pytest.raises(Refused, match="no private IP address is available"):
            estate.make(REPLICA)

    def test_an_endpoint_with_static_addresses_fails_it(self, estate: Estate) -> None:
        LAND(estate)
        estate.make(E, **static(registry="10.0.0.10", registry_data_japaneast="10.0.0.11"))
        with pytest.raises(Refused, match="Failed to replicate private endpoint") as caught:
            estate.make(REPLICA)
        assert caught.value.code == "BadRequest"
        estate.make(REPLICA, replicationName="japaneast", location="japaneast")

    def test_a_failed_one_is_left_until_what_was_in_its_way_is_gone(self, estate: Estate) -> None:
        LAND(estate)
        estate.make(E, **static(registry="10.0.0.10", registry_data_japaneast="10.0.0.11"))
        replica = f"{REGISTRY}/replications/westus2"
        for _ in range(2):
            with pytest.raises(Refused, match="Failed to replicate private endpoint"):
                estate.change(REPLICA, replica) if not estate.gone(REPLICA, replica) else estate.make(REPLICA)
            assert estate.read(REPLICA, replica)["provisioningState"] == "Failed"
        assert "registry_data_westus2" not in estate.members()
        estate.change(E, ENDPOINT)  # dynamic again
        estate.change(REPLICA, replica)
        assert estate.read(REPLICA, replica)["provisioningState"] == "Succeeded"
        assert "registry_data_westus2" in estate.members()

    def test_a_failed_one_can_be_deleted(self, estate: Estate) -> None:
        LAND(estate)
        estate.make(E, **static(registry="10.0.0.10", registry_data_japaneast="10.0.0.11"))
        with pytest.raises(Refused):
            estate.make(REPLICA)
        estate.delete(REPLICA, f"{REGISTRY}/replications/westus2")
        assert list(estate.members()) == ["registry_data_japaneast", "registry"]

    def test_a_failed_one_is_rolled_back_when_the_seed_says_so(self, estate: Estate) -> None:
        estate.cloud.set_failed_replicas("rolledBack")
        LAND(estate)
        estate.make(E, **static(registry="10.0.0.10", registry_data_japaneast="10.0.0.11"))
        with pytest.raises(Refused, match="Failed to replicate private endpoint"):
            estate.make(REPLICA)
        assert estate.gone(REPLICA, f"{REGISTRY}/replications/westus2")
        with pytest.raises(ValueError, match="must be 'left' or 'rolledBack'"):
            estate.cloud.set_failed_replicas("kept")


class TestHomeReplication:
    HOME = f"{REGISTRY}/replications/japaneast"

    def test_azure_makes_it_with_the_first_replica(self, estate: Estate) -> None:
        estate.make(R)
        assert estate.gone(REPLICA, self.HOME)
        estate.make(REPLICA)
        assert estate.read(REPLICA, self.HOME)["status"]["displayStatus"] == "Ready"

    def test_it_cannot_be_deleted_but_goes_with_its_registry(self, estate: Estate) -> None:
        several(R, REPLICA)(estate)
        with pytest.raises(Refused) as caught:
            estate.delete(REPLICA, self.HOME)
        assert caught.value.code == "HomeReplicationCannotBeDeleted"
        estate.delete(REPLICA, f"{REGISTRY}/replications/westus2")
        estate.delete(R, REGISTRY)
        assert estate.gone(REPLICA, self.HOME)

    def test_whoever_declares_it_later_meets_it(self, estate: Estate) -> None:
        several(R, REPLICA)(estate)
        with pytest.raises(Refused, match="already existing resource"):
            estate.make(REPLICA, replicationName="japaneast", location="japaneast")

    def test_it_is_no_replica_that_stands_in_the_way_of_a_downgrade(self, estate: Estate) -> None:
        several(R, REPLICA)(estate)
        estate.delete(REPLICA, f"{REGISTRY}/replications/westus2")
        estate.change(R, REGISTRY, sku={"name": "Standard"})


class TestLockedZone:
    """A lock on a zone or its group keeps what writes into it: seen on a central zone, 2026-06."""

    def lock(self, estate: Estate, scope: str) -> None:
        lock = {"level": "CanNotDelete", "lockName": "keep", "scope": scope}
        estate.make("authorization:ManagementLockByScope", **lock)

    @pytest.mark.parametrize("scope", [ZONE.replace("/rg/", "/hub/"), GROUP.replace("/rg", "/hub")])
    def test_neither_zone_group_nor_endpoint_can_be_deleted(self, estate: Estate, scope: str) -> None:
        estate.make("resources:ResourceGroup", resourceGroupName="hub")
        LAND(estate)
        estate.make(E)
        zone = estate.make("privatedns:PrivateZone", resourceGroupName="hub")
        estate.make(G, privateDnsZoneConfigs=[{"name": "registry", "privateDnsZoneId": zone.id}])
        self.lock(estate, scope)
        for token, id in ((G, f"{ENDPOINT}/privateDnsZoneGroups/default"), (E, ENDPOINT)):
            with pytest.raises(Refused, match=r"are locked") as caught:
                estate.delete(token, id)
            assert caught.value.code == "ScopeLocked"
        assert "contoso" in estate.records(zone.id)
        estate.make(REPLICA)  # a lock against deletion does not keep anyone from writing
        assert "contoso.westus2.data" in estate.records(zone.id)

    def test_a_zone_that_the_group_wrote_nothing_into_does_not_hold_it(self, estate: Estate) -> None:
        LAND(estate)
        estate.make(E)
        zone = estate.make("privatedns:PrivateZone", privateZoneName="privatelink.example.com")
        estate.make(G, privateDnsZoneConfigs=[{"name": "other", "privateDnsZoneId": zone.id}])
        self.lock(estate, zone.id)
        estate.delete(E, ENDPOINT)


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
        self.second_endpoint(estate)
        assert estate.records()["contoso"] == ["10.0.0.7"]

    @pytest.mark.parametrize("goes", ["group", "endpoint", "zone of the group"])
    def test_whichever_of_two_goes_takes_the_record_of_both(self, estate: Estate, goes: str) -> None:
        self.second_endpoint(estate)
        if goes == "endpoint":
            estate.delete(E, ENDPOINT)
        elif goes == "group":
            estate.delete(G, f"{ENDPOINT}/privateDnsZoneGroups/default")
        else:
            estate.change(G, f"{ENDPOINT}/privateDnsZoneGroups/default", privateDnsZoneConfigs=[])
        assert estate.records() == {}
        estate.change(G, f"{PE2}/privateDnsZoneGroups/default", privateEndpointName="pe2")
        assert estate.records()["contoso"] == ["10.0.0.7"]

    def test_one_that_still_waits_takes_nothing(self, estate: Estate) -> None:
        ALL(estate)
        manual = {"privateLinkServiceConnections": None, "manualPrivateLinkServiceConnections": connection()}
        estate.make(E, privateEndpointName="pe2", **manual)
        estate.make(G, privateEndpointName="pe2")
        estate.delete(E, PE2)
        assert estate.records()["contoso"] == ["10.0.0.5"]

    def test_a_record_that_somebody_wrote_by_hand_stays(self, estate: Estate) -> None:
        ALL(estate)
        values = {"recordType": "A", "ttl": 300, "aRecords": [{"ipv4Address": "10.9.9.9"}]}
        estate.make("privatedns:PrivateRecordSet", relativeRecordSetName="fabrikam", **values)
        estate.delete(E, ENDPOINT)
        assert estate.records() == {"fabrikam": ["10.9.9.9"]}

    def second_endpoint(self, estate: Estate) -> None:
        ALL(estate)
        estate.make(E, privateEndpointName="pe2")
        estate.make(G, privateEndpointName="pe2")

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
