"""What a template may leave out decides nothing about who reaches a registry."""

from __future__ import annotations

from typing import Any

import pytest
from registry_model.estate.reading import estate_from_template
from registry_model.reach.clients import default_clients
from registry_model.reach.judgement import summary
from registry_model.reach.model import Ability
from registry_model.reach.registries import registries

NETWORK = "[resourceId('Microsoft.Network/virtualNetworks', 'v')]"
SUBNET = "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'v', 'pe')]"
ZONE = "[resourceId('Microsoft.Network/privateDnsZones', 'privatelink.azurecr.io')]"
ON = "[parameters('on')]"


def template(unsure: tuple[str, ...], *, public: bool = False) -> dict[str, Any]:
    """A registry with an endpoint, a zone group and a linked zone; what is ``unsure`` has a condition."""
    link = {
        "name": "acr",
        "properties": {
            "privateLinkServiceId": "[resourceId('Microsoft.ContainerRegistry/registries', 'contoso')]",
            "groupIds": ["registry"],
        },
    }
    access = {"publicNetworkAccess": "Enabled" if public else "Disabled", "networkRuleBypassOptions": "None"}
    made: list[tuple[str, str, dict[str, Any]]] = [
        ("Microsoft.Network/virtualNetworks", "v", {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}),
        ("Microsoft.ContainerRegistry/registries", "contoso", access | {"dataEndpointEnabled": True}),
        ("Microsoft.Network/privateDnsZones", "privatelink.azurecr.io", {}),
        (
            "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
            "privatelink.azurecr.io/v",
            {"virtualNetwork": {"id": NETWORK}},
        ),
        (
            "Microsoft.Network/privateEndpoints",
            "pe",
            {"privateLinkServiceConnections": [link], "subnet": {"id": SUBNET}},
        ),
        (
            "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
            "pe/default",
            {"privateDnsZoneConfigs": [{"name": "acr", "properties": {"privateDnsZoneId": ZONE}}]},
        ),
    ]
    resources = [
        {
            "type": kind,
            "apiVersion": "2023-07-01",
            "name": name,
            "location": "japaneast",
            "sku": {"name": "Premium"},
            "properties": properties,
            **({"condition": ON} if kind.rpartition("/")[2] in unsure else {}),
        }
        for kind, name, properties in made
    ]
    return {"contentVersion": "1.0.0.0", "parameters": {"on": {"type": "bool"}}, "resources": resources}


def pulls(declared: dict[str, Any], given: Any = None) -> tuple[Ability, str]:
    (registry,) = registries(estate_from_template(declared, given))
    client = next(each for each in default_clients(registry) if each.name == "VM in v")
    line = summary(registry, client)
    return line.pull, line.reason


@pytest.mark.parametrize("unsure", ["privateEndpoints", "privateDnsZoneGroups", "virtualNetworkLinks"])
def test_a_private_path_is_a_condition_where_a_part_of_it_may_not_exist(unsure: str) -> None:
    able, reason = pulls(template((unsure,)))
    assert able is Ability.IF
    assert reason.endswith("a conditional resource is deployed: its condition [parameters('on')] is not known yet")
    assert pulls(template((unsure,)), {"on": {"value": True}})[0] is Ability.YES
    assert pulls(template((unsure,)), {"on": {"value": False}})[0] is not Ability.YES


def test_a_trap_that_may_not_exist_is_not_told() -> None:
    """A linked zone without records hides a public registry; where the zone's link may be left out, nobody can tell."""
    declared = template(("virtualNetworkLinks",), public=True)
    declared["resources"] = declared["resources"][:5]  # no zone group
    able, reason = pulls(declared)
    assert able is Ability.UNKNOWN
    assert reason.startswith("it depends on whether a conditional resource is deployed")
    assert pulls(declared, {"on": {"value": True}})[0] is Ability.NO
    assert pulls(declared, {"on": {"value": False}})[0] is Ability.YES


def test_what_exists_together_with_the_registry_is_no_condition() -> None:
    everything = (
        "registries",
        "privateDnsZones",
        "virtualNetworkLinks",
        "privateEndpoints",
        "privateDnsZoneGroups",
    )
    assert pulls(template(everything))[0] is pulls(template(()))[0] is Ability.YES
