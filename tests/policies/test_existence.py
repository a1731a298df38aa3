"""A resource that may not be deployed satisfies no rule; one that is deployed together with its registry does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from registry_guard import settings
from registry_guard.engine import Evaluator, Finding
from registry_model.estate.reading import estate_from_states, estate_from_template
from registry_model.estate.values import UNKNOWN

from tests.policies.template_twins import module, registry, template

ID = "[resourceId('Microsoft.ContainerRegistry/registries', 'contoso')]"
ON = {"on": {"type": "bool"}}
RULES = {"private-endpoint", "zone-group", "audit-logs", "delete-lock"}


def around(**parts: Any) -> list[dict[str, Any]]:
    """An endpoint with its zone group, a diagnostic setting and a lock, each with ``parts``."""
    link = {"name": "acr", "properties": {"privateLinkServiceId": ID, "groupIds": ["registry"]}}
    zone = "[resourceId('Microsoft.Network/privateDnsZones', 'privatelink.azurecr.io')]"
    logs = {"workspaceId": "/w", "logs": [{"categoryGroup": "audit", "enabled": True}]}
    made = [
        (
            "Microsoft.Network/privateEndpoints",
            "pe",
            {"privateLinkServiceConnections": [link], "subnet": {"id": "/subscriptions/s/resourceGroups/n/subnets/a"}},
        ),
        (
            "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
            "pe/default",
            {"privateDnsZoneConfigs": [{"name": "acr", "properties": {"privateDnsZoneId": zone}}]},
        ),
        ("Microsoft.Insights/diagnosticSettings", "logs", logs),
        ("Microsoft.Authorization/locks", "keep", {"level": "CanNotDelete"}),
    ]
    scoped = ("Microsoft.Insights/diagnosticSettings", "Microsoft.Authorization/locks")
    return [
        {
            "type": kind,
            "apiVersion": "2023-01-01",
            "name": name,
            **({"scope": ID} if kind in scoped else {}),
            "properties": properties,
            **parts,
        }
        for kind, name, properties in made
    ]


def judged(declared: dict[str, Any], parameters: dict[str, Any] | None = None) -> dict[str, Finding]:
    estate = estate_from_template(declared, parameters)
    found = Evaluator(settings.load(preset="strict")).judge(estate)
    return {each.rule: each for each in found if each.mandatory and each.rule in RULES}


def by_a_file(inner: dict[str, Any]) -> dict[str, Any]:
    """A deployment whose parameters are in a file that is not shown."""
    made = module(inner)
    made["properties"]["parametersLink"] = {"uri": "https://x/parameters.json"}
    return made


UNSURE = {
    "a condition of the same words that a file decides": template(
        {**registry(), "condition": "[parameters('on')]"},
        by_a_file(template(*around(condition="[parameters('on')]"), parameters=ON)),
        parameters=ON,
    ),
    "a condition": template(registry(), *around(condition="[parameters('on')]"), parameters=ON),
    "a condition on where it is deployed": template(
        registry(), *around(condition="[equals(resourceGroup().location, 'x')]")
    ),
    "a deployment with a condition": template(
        registry(), module(template(*around()), condition="[parameters('on')]"), parameters=ON
    ),
    "copies": template(
        registry(), *around(copy={"name": "c", "count": "[parameters('n')]"}), parameters={"n": {"type": "int"}}
    ),
    "another condition than the registry's": template(
        {**registry(), "condition": "[parameters('off')]"},
        *around(condition="[parameters('on')]"),
        parameters={**ON, "off": {"type": "bool"}},
    ),
    "a condition that tells copies apart": template(
        registry(),
        *around(copy={"name": "c", "count": 2}, condition="[contains(parameters('on'), string(copyIndex()))]"),
        parameters={"on": {"type": "array"}},
    ),
    "a condition of the same words in another deployment": template(
        {**registry(), "condition": "[parameters('on')]"},
        module(
            template(*around(condition="[parameters('on')]"), parameters=ON),
            parameters={"on": {"value": "[parameters('off')]"}},
        ),
        parameters={**ON, "off": {"type": "bool"}},
    ),
}


@pytest.mark.parametrize("declared", UNSURE.values(), ids=UNSURE)
def test_what_may_not_exist_satisfies_no_rule(declared: dict[str, Any]) -> None:
    found = judged(declared)
    assert {rule: each.kind for rule, each in found.items()} == dict.fromkeys(RULES - {"zone-group"}, "undetermined")


def test_of_very_many_conditions_none_is_taken_for_the_registrys() -> None:
    zones = [
        {
            "type": "Microsoft.Network/privateDnsZones",
            "apiVersion": "2020-06-01",
            "name": f"z{n}.example",
            "condition": f"[contains(parameters('zones'), '{n}')]",
        }
        for n in range(17)
    ]
    parameters = {**ON, "zones": {"type": "array"}}
    unsure = template(
        {**registry(), "condition": "[parameters('on')]"},
        *around(condition="[parameters('on')]"),
        *zones,
        parameters=parameters,
    )
    assert {rule: each.kind for rule, each in judged(unsure).items()} == dict.fromkeys(RULES, "undetermined")
    assert judged(template(registry(), *around(), *zones, parameters=parameters)) == {}


def test_an_endpoint_is_not_served_by_a_zone_group_that_may_not_exist() -> None:
    endpoint, group, logs, lock = around()
    unsure = template(registry(), endpoint, {**group, "condition": "[parameters('on')]"}, logs, lock, parameters=ON)
    assert {rule: each.kind for rule, each in judged(unsure).items()} == {"zone-group": "undetermined"}
    assert judged(unsure, {"on": {"value": True}}) == {}


def test_the_finding_names_the_condition_and_the_parameter() -> None:
    found = judged(
        template(
            {**registry(), "tags": {"team": "[parameters('team')]"}},
            *around(condition="[parameters('on')]"),
            parameters={**ON, "team": {"type": "string"}},
        )
    )
    assert found["delete-lock"].message == (
        "Registry 'contoso' can be deleted: no lock holds it, unless a conditional resource is deployed: its condition "
        "[parameters('on')] is not known yet. The template's parameters without a value ('on') may decide it: give "
        "--parameters."
    )


CERTAIN = {
    "no condition": template(registry(), *around()),
    "a condition that holds": template(registry(), *around(condition="[not(equals(1, 2))]")),
    "a condition that holds by its default": template(
        registry(),
        *around(condition="[parameters('on')]"),
        parameters={"on": {"type": "bool", "defaultValue": True}},
    ),
    "the registry's own condition": template(
        {**registry(), "condition": "[parameters('on')]"}, *around(condition="[ parameters('on') ]"), parameters=ON
    ),
    "the registry's own condition, in a deployment": template(
        {**registry(), "condition": "[parameters('on')]"},
        module(
            template(*around(condition="[parameters('deploy')]"), parameters={"deploy": {"type": "bool"}}),
            parameters={"deploy": {"value": "[parameters('on')]"}},
        ),
        parameters=ON,
    ),
    "the same deployment": template(
        module(template(registry(), *around()), condition="[parameters('on')]"), parameters=ON
    ),
}


@pytest.mark.parametrize("declared", CERTAIN.values(), ids=CERTAIN)
def test_what_exists_where_the_registry_does_satisfies_the_rules(declared: dict[str, Any]) -> None:
    assert judged(declared) == {}


def test_a_registry_that_may_exist_is_judged() -> None:
    declared = template({**registry(adminUserEnabled=True), "condition": "[parameters('on')]"}, parameters=ON)
    found = Evaluator(settings.load()).judge(estate_from_template(declared))
    assert [each.kind for each in found if each.rule == "no-admin-user"] == ["violation"]


def test_a_deployment_of_a_stack_is_judged_as_its_template_is() -> None:
    declared = template(registry(), *around(condition="[parameters('on')]"), parameters=ON)
    state = {
        "urn": "urn:pulumi:dev::p::azure-native:resources:Deployment::d",
        "type": "azure-native:resources:Deployment",
        "inputs": {
            "resourceGroupName": "rg",
            "properties": {"mode": "Incremental", "template": declared, "parameters": {"on": {"value": UNKNOWN}}},
        },
    }
    found = Evaluator(settings.load(preset="strict")).judge(estate_from_states([state]))
    undetermined = {each.rule for each in found if each.mandatory and each.kind == "undetermined"}
    assert {"private-endpoint", "audit-logs", "delete-lock"} <= undetermined


def test_an_exemption_covers_what_may_not_exist_too() -> None:
    granted = {"rule": "delete-lock", "resource": "contoso", "reason": "r", "owner": "o", "expires": "2999-01-01"}
    document = {"registry-guard": {"exemptions": [granted]}}
    declared = template(registry(), *around(condition="[parameters('on')]"), parameters=ON)
    found = Evaluator(settings.load(json.loads(json.dumps(document)), preset="strict")).judge(
        estate_from_template(declared)
    )
    assert [(each.kind, each.mandatory) for each in found if each.rule == "delete-lock"] == [("exempted", False)]


def test_a_complete_deployment_may_delete_the_registry_that_it_only_may_declare() -> None:
    inner = template({**registry(), "condition": "[parameters('on')]"}, parameters=ON)
    deployment = module(inner, parameters={"on": {"value": "[parameters('on')]"}})
    deployment["properties"]["mode"] = "Complete"

    def declares(declared: dict[str, Any]) -> Any:
        estate = estate_from_template(declared)
        return [each.get("declares") for each in estate.resources if each.name == "m"]

    assert declares(template(deployment, parameters=ON)) == [[UNKNOWN]]
    assert declares(template({**deployment, "condition": "[parameters('on')]"}, parameters=ON)) == [["contoso"]]
