"""What all types share: ids, groups, existence, names, drift, functions, and what is told about each type."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from localcloud.azure import TYPES
from localcloud.model import Cloud, Refused, ids

from tests.localcloud.model_estate import GROUP, NETWORK, REGISTRY, SUBNET, SUBSCRIPTION, Estate, several

RG, R, V, S = "resources:ResourceGroup", "containerregistry:Registry", "network:VirtualNetwork", "network:Subnet"


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return Estate(Cloud.open(tmp_path / "cloud.sqlite"))


def test_a_group_is_made_read_and_normalised(estate: Estate) -> None:
    made = estate.make(RG, resourceGroupName="rg2", location="Japan East", tags={"a": "b"})
    assert made.id == f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg2"
    assert made.outputs["location"] == "japaneast"
    assert made.outputs["properties"] == {"provisioningState": "Succeeded"}
    assert made.outputs["type"] == "Microsoft.Resources/resourceGroups"
    assert estate.read(RG, made.id.upper()) == made.outputs


@pytest.mark.parametrize("name", ["rg.", "a" * 91, "r g"])
def test_group_names(estate: Estate, name: str) -> None:
    with pytest.raises(Refused, match="must have 1 to 90"):
        estate.make(RG, resourceGroupName=name)


def test_a_name_with_a_slash_is_refused(estate: Estate) -> None:
    with pytest.raises(Refused, match="resourceGroupName 'rg/1' must not hold a '/'"):
        estate.make(RG, resourceGroupName="rg/1")


def test_a_group_must_exist(estate: Estate) -> None:
    with pytest.raises(Refused, match="Resource group 'rg3' could not be found") as caught:
        estate.make(R, resourceGroupName="rg3")
    assert (caught.value.status, caught.value.code) == (404, "ResourceGroupNotFound")


def test_deleting_a_group_deletes_what_is_in_it(estate: Estate) -> None:
    several(R, V, S, "network:PrivateEndpoint", "privatedns:PrivateZone", "privatedns:VirtualNetworkLink")(estate)
    estate.make("network:PrivateDnsZoneGroup")
    estate.delete(RG, GROUP)
    assert estate.cloud.list() == []
    estate.make(RG)
    estate.make(R)


def test_a_group_is_kept_while_another_group_uses_what_is_in_it(estate: Estate) -> None:
    several(R, V, S)(estate)
    estate.make(RG, resourceGroupName="rg2")
    estate.make("network:PrivateEndpoint", resourceGroupName="rg2")
    with pytest.raises(Refused, match=r"Subnet pe is in use by .*/resourceGroups/rg2/"):
        estate.delete(RG, GROUP)
    assert not estate.gone(S, SUBNET)
    estate.delete(RG, f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg2")
    assert estate.read(R, REGISTRY)["privateEndpointConnections"] == []
    estate.delete(RG, GROUP)


def test_names_clash_without_regard_to_case(estate: Estate) -> None:
    estate.make(V)
    with pytest.raises(Refused, match="cannot create already existing resource") as caught:
        estate.make(V, virtualNetworkName="VNET")
    assert caught.value.status == 409
    with pytest.raises(Refused, match="cannot create already existing resource"):
        estate.make(V, resourceGroupName="RG")


def test_deleting_what_is_gone_is_fine(estate: Estate) -> None:
    estate.delete(V, NETWORK)
    estate.delete(RG, "/subscriptions/x/resourceGroups/never")


def test_updating_what_is_gone_is_not(estate: Estate) -> None:
    with pytest.raises(Refused, match="was not found") as caught:
        estate.change(V, NETWORK)
    assert (caught.value.status, caught.value.code) == (404, "ResourceNotFound")


def test_reading_needs_the_right_type(estate: Estate) -> None:
    estate.make(V)
    assert estate.gone(R, NETWORK)


def test_a_missing_part_of_an_id_is_named(estate: Estate) -> None:
    with pytest.raises(Refused, match="virtualNetworkName is missing"):
        estate.make(S, virtualNetworkName=None)


def test_a_refused_request_changes_nothing(estate: Estate) -> None:
    several(V, S)(estate)
    before = estate.cloud.list()
    with pytest.raises(Refused):
        estate.change(V, NETWORK, subnets=[{"name": "a", "addressPrefix": "10.0.0.0/27"}])
    with pytest.raises(Refused):
        estate.make("network:PrivateEndpoint")
    assert estate.cloud.list() == before


def test_an_etag_changes_with_the_resource(estate: Estate) -> None:
    first = estate.make(V).outputs["etag"]
    assert estate.read(V, NETWORK)["etag"] == first
    assert estate.change(V, NETWORK, tags={"a": "b"}).outputs["etag"] != first


class TestDrift:
    def test_a_change_in_the_portal_is_read(self, estate: Estate) -> None:
        estate.make(R, policies={"exportPolicy": {"status": "enabled"}})
        estate.cloud.set(REGISTRY, "adminUserEnabled", True)
        estate.cloud.set(REGISTRY, "policies.exportPolicy.status", "disabled")
        found = estate.cloud.read(f"azure-native:{R}", REGISTRY)
        assert found is not None
        assert found.outputs["adminUserEnabled"] is True
        assert found.outputs["policies"]["exportPolicy"]["status"] == "disabled"
        assert found.inputs["adminUserEnabled"] is True
        assert found.inputs["policies"]["exportPolicy"]["status"] == "disabled"

    def test_an_element_of_a_list_can_be_changed_and_a_property_removed(self, estate: Estate) -> None:
        estate.make(V, tags={"a": "b"})
        estate.cloud.set(NETWORK, "addressSpace.addressPrefixes.0", "10.9.0.0/16")
        estate.cloud.set(NETWORK, "tags", None)
        assert estate.read(V, NETWORK)["addressSpace"] == {"addressPrefixes": ["10.9.0.0/16"]}
        found = estate.cloud.read(f"azure-native:{V}", NETWORK)
        assert found is not None
        assert found.inputs["addressSpace"] == {"addressPrefixes": ["10.9.0.0/16"]}
        assert "tags" not in estate.read(V, NETWORK)

    def test_what_is_not_there_cannot_be_changed(self, estate: Estate) -> None:
        with pytest.raises(KeyError, match="there is no resource"):
            estate.cloud.set(NETWORK, "tags", {})

    def test_what_is_made_from_other_resources_cannot_be_changed(self, estate: Estate) -> None:
        estate.make(V)
        with pytest.raises(ValueError, match="is made from other resources"):
            estate.cloud.set(NETWORK, "subnets", [{"name": "made-up"}])
        assert estate.read(V, NETWORK)["subnets"] == []

    @pytest.mark.parametrize(
        "path", ["addressSpace.addressPrefixes.7", "location.first", "addressSpace.addressPrefixes.x"]
    )
    def test_a_path_that_leads_nowhere_is_refused(self, estate: Estate, path: str) -> None:
        estate.make(V)
        before = estate.read(V, NETWORK)
        with pytest.raises(ValueError, match="is no property of"):
            estate.cloud.set(NETWORK, path, "10.9.0.0/16")
        assert estate.read(V, NETWORK) == before


class TestFunctions:
    def ask(self, estate: Estate, function: str, **args: str) -> dict[str, object]:
        return estate.cloud.invoke(f"azure-native:{function}", args, SUBSCRIPTION)

    def test_get(self, estate: Estate) -> None:
        made = estate.make(R)
        found = self.ask(estate, "containerregistry:getRegistry", resourceGroupName="rg", registryName="contoso")
        assert found == {**made.outputs, "id": REGISTRY}

    def test_get_of_nothing(self, estate: Estate) -> None:
        with pytest.raises(
            Refused, match=r"'Microsoft\.Network/virtualNetworks/vnet' under resource group 'rg'"
        ) as caught:
            self.ask(estate, "network:getVirtualNetwork", resourceGroupName="rg", virtualNetworkName="vnet")
        assert (caught.value.status, caught.value.code) == (404, "ResourceNotFound")
        with pytest.raises(Refused, match="Resource group 'none' could not be found") as caught:
            self.ask(estate, "resources:getResourceGroup", resourceGroupName="none")
        assert caught.value.code == "ResourceGroupNotFound"

    def test_client_config(self, estate: Estate) -> None:
        found = self.ask(estate, "authorization:getClientConfig")
        assert found["subscriptionId"] == SUBSCRIPTION
        assert re.fullmatch(r"[0-9a-f-]{36}", str(found["tenantId"]))

    @pytest.mark.parametrize("function", ["storage:getStorageAccount", "containerregistry:listRegistryCredentials"])
    def test_unknown(self, estate: Estate, function: str) -> None:
        with pytest.raises(Refused, match="does not serve the function"):
            self.ask(estate, function)


def test_an_unknown_type_is_refused(estate: Estate) -> None:
    with pytest.raises(Refused, match="does not serve the type 'azure-native:storage:StorageAccount'"):
        estate.make("storage:StorageAccount")


class TestTypes:
    def test_every_type_has_its_rules_and_is_told_about(self, estate: Estate) -> None:
        served = estate.cloud.served()
        assert len(served) == len(TYPES) == len(list(served))
        for token, info in served.items():
            assert info.token == token
            assert info.arm_type.startswith("Microsoft.")
            assert info.name_property == info.scope_properties[-1]

    def test_what_a_front_end_needs(self, estate: Estate) -> None:
        served = estate.cloud.served()
        registry = served["azure-native:containerregistry:Registry"]
        assert registry.arm_type == "Microsoft.ContainerRegistry/registries"
        assert registry.scope_properties == ("resourceGroupName", "registryName")
        assert registry.has_location
        assert served["azure-native:authorization:RoleAssignment"].name_style == "uuid"
        assert served["azure-native:containerregistry:Webhook"].write_only == {"serviceUri", "customHeaders"}
        assert "azure-native:storage:StorageAccount" not in served
        with pytest.raises(KeyError):
            served["azure-native:storage:StorageAccount"]

    def test_only_what_azure_native_replaces_is_planned_as_a_replacement(self, estate: Estate) -> None:
        """By hand, from azure-native's forceNewMap and the specifications' x-ms-mutability (decision 0020)."""
        moved = {"location"}
        wanted: dict[str, set[str]] = {
            "resources:ResourceGroup": moved,
            "containerregistry:Registry": moved,
            "containerregistry:Replication": moved,
            "network:VirtualNetwork": moved,
            "network:PrivateEndpoint": {"subnet"},
            "privatedns:PrivateZone": moved,
            "privatedns:VirtualNetworkLink": moved,
            "authorization:RoleAssignment": {"principalId"},
            "managedidentity:UserAssignedIdentity": moved,
            "operationalinsights:Workspace": moved,
        }
        replaced = {
            token.removeprefix("azure-native:"): set(info.replaced_for)
            for token, info in estate.cloud.served().items()
            if info.replaced_for
        }
        assert replaced == wanted

    def test_what_is_planned_as_an_update_is_refused_by_azure(self, estate: Estate) -> None:
        estate.make("containerregistry:Registry")
        with pytest.raises(Refused, match=r"zoneRedundancy of .* cannot be changed"):
            estate.change("containerregistry:Registry", REGISTRY, zoneRedundancy="Enabled")

    def test_every_region_and_every_mark_says_where_it_stands(self, estate: Estate) -> None:
        for token in TYPES:
            kind = estate.cloud.kind(token)
            assert bool(kind.location) == ("location" in kind.immutable), (
                f"{token}: `immutable` of {type(kind).__name__} ({type(kind).__module__}) must have 'location' exactly "
                "where the type has one: a `Fixed` with where it stands that Azure does not move the resource"
            )
            for path, fixed in kind.immutable.items():
                assert "forceNewMap" in fixed.plan or "x-ms-mutability" in fixed.plan, (token, path)


@pytest.mark.parametrize(
    ("resource_id", "parent", "arm_type"),
    [
        (GROUP, f"/subscriptions/{SUBSCRIPTION}", "Microsoft.Resources/resourceGroups"),
        (NETWORK, GROUP, "Microsoft.Network/virtualNetworks"),
        (SUBNET, NETWORK, "Microsoft.Network/virtualNetworks/subnets"),
        (f"{SUBNET}/providers/Microsoft.Authorization/locks/l", SUBNET, "Microsoft.Authorization/locks"),
    ],
)
def test_ids(resource_id: str, parent: str, arm_type: str) -> None:
    assert ids.parent_of(resource_id) == parent
    assert ids.type_of(resource_id) == arm_type
    assert ids.scopes_of(resource_id)[-1] == f"/subscriptions/{SUBSCRIPTION}"
