"""What a policy definition does where it is assigned is judged, whatever carries it; what only observes is silent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from registry_guard.engine import evaluate
from registry_model.estate.documents import load
from registry_model.estate.model import Estate
from registry_model.estate.reading import estate_from_states, estate_from_template

from tests.policies.evasions import nested
from tests.policies.guardkit import UNKNOWN, urn

KIND = "Microsoft.ContainerRegistry/registries"
DEFINITION = "Microsoft.Authorization/policyDefinitions"


def rule(effect: Any, details: Any) -> dict[str, Any]:
    return {"if": {"field": "type", "equals": KIND}, "then": {"effect": effect, "details": details}}


def deploys(*resources: dict[str, Any], effect: Any = "deployIfNotExists", **parts: Any) -> dict[str, Any]:
    """A policy that deploys resources; their templates know the name of the resource that it is applied to."""
    template = {"parameters": {"name": {"type": "string"}}, "resources": list(resources), **parts}
    given = {"name": {"value": "[field('name')]"}}
    properties = {"mode": "incremental", "parameters": given, "template": template}
    return rule(effect, {"type": KIND, "roleDefinitionIds": [], "deployment": {"properties": properties}})


def registry(access: Any = "Enabled") -> dict[str, Any]:
    body = {
        "type": KIND,
        "apiVersion": "2023-07-01",
        "name": "[concat(parameters('name'), 'acr')]",
        "location": "uksouth",
    }
    return {**body, "sku": {"name": "Premium"}, "properties": {"publicNetworkAccess": access}}


def sets(value: Any, field: str = f"{KIND}/publicNetworkAccess", operation: str = "addOrReplace") -> dict[str, Any]:
    return rule("modify", {"operations": [{"operation": operation, "field": field, "value": value}]})


def appends(value: Any, field: str = f"{KIND}/publicNetworkAccess") -> dict[str, Any]:
    return rule("append", [{"field": field, "value": value}])


def escaped(value: Any) -> Any:
    """As a template holds the policy's own expressions: ``[[field('name')]``."""
    if isinstance(value, dict):
        return {key: escaped(each) for key, each in value.items()}
    if isinstance(value, list):
        return [escaped(each) for each in value]
    return f"[{value}" if isinstance(value, str) and value.startswith("[") else value


def in_template(policy: Any, parameters: Any = None, kind: str = DEFINITION) -> dict[str, Any]:
    written = "[variables('rule')]" if policy == "{rule}" else escaped(policy)
    properties = {"policyRule": written, "parameters": parameters or {}}
    return {
        "contentVersion": "1.0.0.0",
        "resources": [{"type": kind, "apiVersion": "2023-04-01", "name": "spread", "properties": properties}],
    }


def state(token: str, **inputs: Any) -> Estate:
    return estate_from_states([{"urn": urn(token, "spread"), "type": token, "inputs": inputs, "outputs": inputs}])


def body(policy: Any, parameters: Any) -> dict[str, Any]:
    return {"properties": {"policyRule": policy, "parameters": parameters}}


CARRIERS = {
    "template": lambda p, g: estate_from_template(in_template(p, g)),
    "template, a version": lambda p, g: estate_from_template(in_template(p, g, f"{DEFINITION}/versions")),
    "nested template": lambda p, g: estate_from_template(nested(in_template(p, g))),
    "variable of a template": lambda p, g: estate_from_template(
        {"variables": {"rule": escaped(p)}, **in_template("{rule}", g)}
    ),
    "native": lambda p, g: state("azure-native:authorization:PolicyDefinition", policyRule=p, parameters=g),
    "native, management group": lambda p, g: state(
        "azure-native:authorization/v20230401:PolicyDefinitionAtManagementGroup", policyRule=p, parameters=g
    ),
    "native, a version": lambda p, g: state(
        "azure-native:authorization:PolicyDefinitionVersion", policyRule=p, parameters=g
    ),
    "azapi": lambda p, g: state(
        "azapi:index/resource:Resource", type=f"{DEFINITION}@2023-04-01", name="spread", body=body(p, g)
    ),
    "azapi, text": lambda p, g: state(
        "azapi:resources:Resource", type=f"{DEFINITION}@2023-04-01", name="spread", body=json.dumps(body(p, g))
    ),
    "generic": lambda p, g: state(
        "azure-native:resources:Resource",
        resourceProviderNamespace="Microsoft.Authorization",
        resourceType="policyDefinitions",
        parentResourcePath="",
        resourceName="spread",
        **body(p, g),
    ),
    "classic": lambda p, g: state(
        "azure:policy/definition:Definition", name="spread", policyRule=json.dumps(p), parameters=json.dumps(g)
    ),
    "azurerm": lambda p, g: state(
        "azurerm:index/policyDefinition:PolicyDefinition", policy_rule=json.dumps(p), parameters=json.dumps(g)
    ),
}


def kinds(name: str, estate: Estate, preset: str = "strict") -> set[str]:
    return {each.kind for each in evaluate(estate, preset=preset) if each.rule == name}


@pytest.mark.parametrize("carrier", CARRIERS)
def test_what_a_policy_does_is_judged_in_every_carrier(carrier: str) -> None:
    make = CARRIERS[carrier]
    for policy, closed in (
        (deploys(registry("Enabled")), deploys(registry("Disabled"))),
        (sets("Enabled"), sets("Disabled")),
        (appends("Enabled"), appends("Disabled")),
    ):
        assert kinds("public-access-off", make(policy, {})) == {"violation"}
        assert kinds("public-access-off", make(closed, {})) == set()
        assert kinds("escape-hatch", make(closed, {})) == set()


@pytest.mark.parametrize("carrier", CARRIERS)
def test_the_effect_decides_and_its_parameter_has_its_default(carrier: str) -> None:
    make, policy = CARRIERS[carrier], deploys(registry("Enabled"), effect="[parameters('effect')]")
    for effect, expected in (
        ("DeployIfNotExists", {"violation"}),
        ("AuditIfNotExists", set()),
        ("Disabled", set()),
    ):
        given = {"effect": {"type": "String", "defaultValue": effect}}
        assert kinds("public-access-off", make(policy, given)) == expected
    assert kinds("public-access-off", make(policy, {"effect": {"type": "String"}})) == {"violation"}


@pytest.mark.parametrize("effect", ["audit", "auditIfNotExists", "Deny", "denyAction", "disabled", "manual"])
def test_a_policy_that_observes_or_refuses_is_silent(effect: str) -> None:
    refuses = {"if": {"field": f"{KIND}/publicNetworkAccess", "equals": "Enabled"}, "then": {"effect": effect}}
    written = sets("Enabled")["then"]["details"]
    for policy in (
        refuses,
        deploys(registry("Enabled"), effect=effect),
        rule(effect, written),
        rule(effect, [written]),
    ):
        estate = estate_from_template(in_template(policy))
        assert evaluate(estate, preset="strict") == []


def test_a_finding_names_the_policy() -> None:
    (found,) = evaluate(estate_from_template(in_template(sets(True, f"{KIND}/adminUserEnabled"))))
    assert (found.rule, found.kind, found.level.value) == ("no-admin-user", "violation", "mandatory")
    assert found.urn == "template::microsoft.authorization/policydefinitions::spread"
    assert "Declared in the policy definition 'spread'" in found.message
    inside = [f for f in evaluate(estate_from_template(in_template(deploys(registry())))) if f.mandatory]
    assert {f.rule for f in inside} == {"no-exposed-access", "dedicated-data-endpoints"}
    assert all("the policy definition 'spread'" in f.message for f in inside)


@pytest.mark.parametrize(
    ("field", "value", "broken"),
    [
        ("adminUserEnabled", True, "no-admin-user"),
        ("anonymousPullEnabled", True, "no-anonymous-pull"),
        ("dataEndpointEnabled", False, "dedicated-data-endpoints"),
        ("policies.exportPolicy.status", "enabled", "export-off"),
        ("tokens/status", "enabled", "repository-tokens-off"),
        ("publicNetworkAccess", "[parameters('asked')]", "public-access-off"),
    ],
)
def test_each_setting_of_a_registry_is_judged(field: str, value: Any, broken: str) -> None:
    estate = estate_from_template(in_template(sets(value, f"{KIND}/{field}"), {"asked": {"type": "String"}}))
    expected = "undetermined" if value == "[parameters('asked')]" else "violation"
    assert {(f.rule, f.kind) for f in evaluate(estate, preset="strict")} >= {(broken, expected)}


def test_a_setting_of_something_else_or_one_that_never_holds_is_silent() -> None:
    never = sets("Enabled")
    never["then"]["details"]["operations"][0]["condition"] = False
    for policy in (
        sets("x", "tags['owner']"),
        sets("x", "[concat('tags[', parameters('tag'), ']')]"),
        sets("Enabled", "Microsoft.Storage/storageAccounts/publicNetworkAccess"),
        never,
    ):
        estate = estate_from_template(in_template(policy, {"tag": {"type": "String"}}))
        assert evaluate(estate, preset="strict") == []


def test_a_removed_setting_has_the_default_of_azure() -> None:
    removed = evaluate(estate_from_template(in_template(sets(None, operation="remove"))), preset="strict")
    (said,) = (f for f in removed if f.rule == "public-access-off")
    assert "(absent); Azure's default is on" in said.message


def test_a_parameter_of_a_policy_is_none_of_its_template() -> None:
    """Nobody can give it with a parameters file."""
    estate = estate_from_template(in_template(sets("[parameters('asked')]"), {"asked": {"type": "String"}}))
    assert estate.ungiven == ()
    assert not [f for f in evaluate(estate, preset="strict") if "--parameters" in f.message]


def test_what_a_policy_deploys_around_registries_is_judged_too() -> None:
    def firewall(host: str) -> Estate:
        applies = {"ruleType": "ApplicationRule", "name": "layers", "targetFqdns": [host], "sourceAddresses": ["*"]}
        login = {**applies, "name": "acr", "targetFqdns": ["contoso.azurecr.io"]}
        collection = {"name": "pulls", "action": {"type": "Allow"}, "rules": [login, applies]}
        group = {
            "type": "Microsoft.Network/firewallPolicies/ruleCollectionGroups",
            "name": "[concat(parameters('name'), '/registries')]",
            "properties": {"priority": 200, "ruleCollections": [collection]},
        }
        return estate_from_template(in_template(deploys(group)))

    assert kinds("firewall-no-wildcard", firewall("*.blob.core.windows.net")) == {"violation"}
    assert kinds("firewall-no-wildcard", firewall("contoso.uksouth.data.azurecr.io")) == set()


def test_deployments_inside_a_policys_template_are_followed() -> None:
    assert kinds(
        "public-access-off",
        estate_from_template(in_template(deploys(*nested({"resources": [registry()]})["resources"]))),
    ) == {"violation"}


def test_a_rule_that_nobody_can_read_is_noted() -> None:
    for unread in (UNKNOWN, {"if": {}, "then": UNKNOWN}):
        estate = state("azure-native:authorization:PolicyDefinition", policyRule=unread)
        assert kinds("escape-hatch", estate, "baseline") == {"note"}
        assert kinds("escape-hatch", estate) == {"violation"}, "strict wants to read everything"
    unread = {"if": {"field": "type", "equals": KIND}, "then": UNKNOWN}
    assert kinds("escape-hatch", state("azure-native:authorization:PolicyDefinition", policyRule=unread)) == {
        "violation"
    }


def test_a_policy_is_found_where_it_is_written() -> None:
    text = json.dumps(in_template(sets("Enabled")), indent=1)
    document = load("policy.json", text)
    place = document.locate("template::microsoft.authorization/policydefinitions::spread")
    assert place is not None
    assert DEFINITION in text.splitlines()[place.line - 1]


OFF = {"effect": {"type": "String", "defaultValue": "Disabled"}}
SET = "Microsoft.Authorization/policySetDefinitions"
ASSIGNMENT = "Microsoft.Authorization/policyAssignments"
SPREAD = f"/subscriptions/s/providers/{DEFINITION}/spread"
INITIATIVE = f"/subscriptions/s/providers/{SET}/initiative"


def switched_off() -> dict[str, Any]:
    return deploys(registry("Enabled"), effect="[parameters('effect')]")


def beside(*others: dict[str, Any]) -> Estate:
    """A policy that its default switches off, and what gives it parameters."""
    document = in_template(switched_off(), OFF)
    return estate_from_template({**document, "resources": [*document["resources"], *others]})


def assignment(effect: Any, of: str = SPREAD) -> dict[str, Any]:
    given = {"policyDefinitionId": of, "parameters": {"effect": {"value": effect}}}
    return {"type": ASSIGNMENT, "name": "everywhere", "properties": given}


def initiative(effect: Any, parameters: Any = None) -> dict[str, Any]:
    members = [{"policyDefinitionId": SPREAD, "parameters": {"effect": {"value": effect}}}]
    return {
        "type": SET,
        "name": "initiative",
        "properties": {"policyDefinitions": members, "parameters": parameters or {}},
    }


def default(effect: str) -> dict[str, Any]:
    return {"on": {"type": "String", "defaultValue": effect}}


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ((), set()),
        ((assignment("DeployIfNotExists"),), {"violation"}),
        ((assignment("AuditIfNotExists"),), set()),
        ((assignment("DeployIfNotExists", f"/subscriptions/s/providers/{DEFINITION}/other"),), set()),
        ((initiative("DeployIfNotExists"),), {"violation"}),
        ((initiative("Disabled"),), set()),
        ((initiative("[[parameters('on')]", default("DeployIfNotExists")),), {"violation"}),
        ((initiative("[[parameters('on')]", default("Disabled")),), set()),
        (
            (
                initiative("[[parameters('on')]", default("Disabled")),
                {
                    **assignment(None, INITIATIVE),
                    "properties": {
                        "policyDefinitionId": INITIATIVE,
                        "parameters": {"on": {"value": "DeployIfNotExists"}},
                    },
                },
            ),
            {"violation"},
        ),
    ],
)
def test_what_assignments_and_sets_make_of_a_policy_is_judged(others: tuple[Any, ...], expected: set[str]) -> None:
    assert kinds("public-access-off", beside(*others)) == expected


def test_a_finding_names_what_assigns_the_policy() -> None:
    (found,) = (f for f in evaluate(beside(assignment("DeployIfNotExists"))) if f.rule == "no-exposed-access")
    assert "the policy definition 'spread', as the assignment 'everywhere' has it" in found.message


def test_an_assignment_that_changes_nothing_is_not_reported_twice() -> None:
    document = in_template(
        deploys(registry("Enabled"), effect="[parameters('effect')]"),
        {"effect": {"type": "String", "defaultValue": "DeployIfNotExists"}},
    )
    alone = evaluate(estate_from_template(document), preset="strict")
    assigned = {**document, "resources": [*document["resources"], assignment("deployIfNotExists")]}
    assert evaluate(estate_from_template(assigned), preset="strict") == alone != []


def stated(*resources: tuple[str, str, dict[str, Any]]) -> Estate:
    return estate_from_states(
        [{"urn": urn(token, name), "type": token, "inputs": held, "outputs": held} for token, name, held in resources]
    )


@pytest.mark.parametrize("effect", ["DeployIfNotExists", "Disabled"])
@pytest.mark.parametrize("identity", [SPREAD, UNKNOWN])
def test_an_assignment_of_the_stack_is_read_with_the_policy_before_it(effect: str, identity: str) -> None:
    given = {"effect": {"value": effect}}
    typed = (
        "azure-native:authorization:PolicyDefinition",
        "d",
        {"policyDefinitionName": "spread", "policyRule": switched_off(), "parameters": OFF},
    )
    classic = (
        "azure:policy/definition:Definition",
        "d",
        {"name": "spread", "policyRule": json.dumps(switched_off()), "parameters": json.dumps(OFF)},
    )
    by_azapi = {
        "type": f"{ASSIGNMENT}@2023-04-01",
        "name": "a",
        "body": {"properties": {"policyDefinitionId": identity, "parameters": given}},
    }
    for definition in (typed, classic):
        for token, held in (
            ("azure-native:authorization:PolicyAssignment", {"policyDefinitionId": identity, "parameters": given}),
            ("azapi:resources:Resource", by_azapi),
            (
                "azure:core/subscriptionPolicyAssignment:SubscriptionPolicyAssignment",
                {"policyDefinitionId": identity, "parameters": json.dumps(given)},
            ),
            (
                "azure:policy/policySetDefinition:PolicySetDefinition",
                {
                    "policyDefinitionReferences": [
                        {"policyDefinitionId": identity, "parameterValues": json.dumps(given)}
                    ]
                },
            ),
            (
                "azurerm:index/policySetDefinition:PolicySetDefinition",
                {
                    "policy_definition_reference": [
                        {"policy_definition_id": identity, "parameter_values": json.dumps(given)}
                    ]
                },
            ),
        ):
            found = kinds("public-access-off", stated(definition, (token, "a", held)))
            assert found == ({"violation"} if effect == "DeployIfNotExists" else set()), token
            assert kinds("public-access-off", stated((token, "a", held))) == set()


def test_a_policy_of_one_deployment_is_assigned_by_another() -> None:
    deployment = "azure-native:resources:DeploymentAtSubscriptionScope"
    first = {"properties": {"mode": "Incremental", "template": in_template(switched_off(), OFF)}}

    def second(effect: str) -> dict[str, Any]:
        return {"properties": {"mode": "Incremental", "template": {"resources": [assignment(effect)]}}}

    for effect, expected in (("DeployIfNotExists", {"violation"}), ("Disabled", set())):
        estate = stated((deployment, "policies", first), (deployment, "assignments", second(effect)))
        assert kinds("public-access-off", estate) == expected


@pytest.mark.parametrize("access", ["Enabled", "Disabled"])
def test_the_template_of_a_managed_application_is_read(access: str) -> None:
    kind = "Microsoft.Solutions/applicationDefinitions"
    template = {"parameters": {"name": {"type": "string"}}, "resources": [registry(access)]}
    expected = {"violation"} if access == "Enabled" else set()
    for main in (escaped(template), json.dumps(template)):
        body = {"type": kind, "name": "offer", "properties": {"lockLevel": "None", "mainTemplate": main}}
        assert kinds("public-access-off", estate_from_template({"resources": [body]})) == expected
    for token, held in (
        ("azure-native:solutions:ApplicationDefinition", {"mainTemplate": template}),
        (
            "azapi:resources:Resource",
            {"type": f"{kind}@2021-07-01", "body": {"properties": {"mainTemplate": template}}},
        ),
    ):
        assert kinds("public-access-off", state(token, **held)) == expected
