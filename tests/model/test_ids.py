"""The ids of Azure's resources, against ids as the portal shows them."""

from __future__ import annotations

import pytest
from registry_model.azure.ids import SHAPES, is_id, network_of_subnet, shortened

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-net/providers"
VNET = f"{GROUP}/Microsoft.Network/virtualNetworks/vnet-hub"
IDS = {
    "subnet": f"{VNET}/subnets/endpoints",
    "virtual network": VNET,
    "private DNS zone": f"{GROUP}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io",
    "registry": f"{GROUP}/Microsoft.ContainerRegistry/registries/contoso",
    "application security group": f"{GROUP}/Microsoft.Network/applicationSecurityGroups/asg",
    "user-assigned identity": f"{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/id-registry",
}


@pytest.mark.parametrize("kind", IDS)
def test_an_id_is_one_of_its_own_kind_only(kind: str) -> None:
    assert {other for other in SHAPES if is_id(IDS[kind], other)} == {kind}
    assert is_id(IDS[kind].upper(), kind), "ids ignore letter case"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "contoso",
        IDS["registry"] + "/",
        IDS["registry"] + "/replications/japanwest",
        IDS["registry"].replace("00000000-0000-0000-0000-000000000001", "production"),
        IDS["registry"].replace("/providers", ""),
        " " + IDS["registry"],
    ],
)
def test_anything_else_is_no_id(text: str) -> None:
    assert not is_id(text, "registry")


def test_the_network_of_a_subnet_whatever_the_letter_case() -> None:
    assert network_of_subnet(IDS["subnet"]) == VNET
    assert network_of_subnet(f"{VNET}/SUBNETS/endpoints") == VNET


ZONE = "/subscriptions/1-2/resourcegroups/rg.dns/providers/microsoft.network/privatednszones/privatelink.azurecr.io"


@pytest.mark.parametrize(
    ("text", "short"),
    [
        (f"the zone {ZONE}, which", "the zone privatelink.azurecr.io (resource group rg.dns), which"),
        (f"'{ZONE}'", "'privatelink.azurecr.io (resource group rg.dns)'"),
        (f"ends with {ZONE}.", "ends with privatelink.azurecr.io (resource group rg.dns)."),
        (f"({ZONE})", "(privatelink.azurecr.io (resource group rg.dns))"),
        (
            "/subscriptions/s/resourceGroups/RG/providers/Microsoft.Network/virtualNetworks/hub/subnets/App",
            "hub/app (resource group rg)",
        ),
        ("/subscriptions/s/resourceGroups/rg", "/subscriptions/s/resourceGroups/rg"),
        ("no id: a/b, /subscriptions", "no id: a/b, /subscriptions"),
    ],
)
def test_ids_in_a_text_for_people(text: str, short: str) -> None:
    assert shortened(text) == short
