"""Names, locations and ids, by azure-native's rules."""

from __future__ import annotations

import re
import uuid

import pytest
from localcloud.azure import TYPES
from localcloud.provider import naming

GROUP = "/subscriptions/s/resourceGroups/rg"


def path(token: str) -> str:
    return TYPES[f"azure-native:{token}"][0]


def test_a_random_name_is_the_same_for_the_same_seed() -> None:
    name = naming.make_name("random", "registry", b"seed")
    assert re.fullmatch(r"registry[0-9a-f]{8}", name)
    assert naming.make_name("random", "registry", b"seed") == name
    assert naming.make_name("random", "registry", b"other") != name
    assert naming.make_name("random", "registry", b"") != naming.make_name("random", "registry", b"")


def test_children_are_named_as_they_are_and_role_assignments_by_uuid() -> None:
    assert naming.make_name("copy", "subnet", b"seed") == "subnet"
    assert str(uuid.UUID(naming.make_name("uuid", "grant", b"seed"))) == naming.make_name("uuid", "grant", b"seed")


@pytest.mark.parametrize(
    ("name", "old", "new", "same"),
    [
        ("location", "Japan East", "japaneast", True),
        ("location", "japaneast", "japanwest", False),
        ("resourceGroupName", "RG", "rg", True),
        ("registryName", "Contoso", "contoso", False),
        ("virtualNetworkId", "/subscriptions/S/resourceGroups/RG", "/subscriptions/s/resourcegroups/rg", True),
        ("tags", {"a": "B"}, {"a": "b"}, False),
    ],
)
def test_what_azure_native_takes_for_the_same(name: str, old: object, new: object, same: bool) -> None:
    assert naming.same(name, old, new) is same


@pytest.mark.parametrize(
    ("token", "id", "inputs"),
    [
        ("resources:ResourceGroup", GROUP, {"resourceGroupName": "rg"}),
        (
            "containerregistry:Replication",
            f"{GROUP}/providers/microsoft.containerregistry/registries/r/replications/p",
            {"resourceGroupName": "rg", "registryName": "r", "replicationName": "p"},
        ),
        (
            "privatedns:PrivateRecordSet",
            f"{GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io/A/contoso.japaneast.data",
            {
                "resourceGroupName": "rg",
                "privateZoneName": "privatelink.azurecr.io",
                "recordType": "A",
                "relativeRecordSetName": "contoso.japaneast.data",
            },
        ),
        (
            "authorization:ManagementLockByScope",
            f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/r/providers/Microsoft.Authorization/locks/l",
            {"scope": f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/r", "lockName": "l"},
        ),
    ],
)
def test_an_id_holds_the_inputs_of_its_path(token: str, id: str, inputs: dict[str, str]) -> None:
    assert naming.path_inputs(path(token), id) == inputs


@pytest.mark.parametrize("id", ["contoso", f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v", f"{GROUP}/"])
def test_another_types_id_is_refused_with_an_example(id: str) -> None:
    with pytest.raises(ValueError, match=r"which is like .*/registries/<registryName>"):
        naming.path_inputs(path("containerregistry:Registry"), id)
