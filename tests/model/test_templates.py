"""ARM templates, opened: what is worked out, what stays unknown, what is hidden."""

from __future__ import annotations

import json
from typing import Any

import pytest
from registry_guard.engine import evaluate
from registry_model.estate import documents, tokens
from registry_model.estate.reading import estate_from_template
from registry_model.estate.templates import Declared, open_template
from registry_model.estate.templates.budget import DEPLOYMENTS
from registry_model.estate.values import UNKNOWN, Hidden, Partial, SecretText, plain

KIND = "Microsoft.ContainerRegistry/registries"


def opened(template: Any, parameters: Any = None, linked: Any = None) -> list[Declared | Hidden]:
    return list(open_template(plain(template), plain(parameters or {}), plain(linked) if linked else None))


def declared(template: Any, parameters: Any = None) -> list[Declared]:
    found = opened(template, parameters)
    assert not [each for each in found if isinstance(each, Hidden)], found
    return [each for each in found if isinstance(each, Declared)]


def value(expression: Any, **template: Any) -> Any:
    """What an expression in a registry's body comes to."""
    parameters = template.pop("given", None)
    resource = {"type": KIND, "name": "contoso", "properties": {"it": expression}}
    (each,) = declared({**template, "resources": [resource]}, parameters)
    body = each.body["properties"]
    return body["it"] if isinstance(body, dict) else body


@pytest.mark.parametrize(
    ("expression", "meaning"),
    [
        ("plain", "plain"),
        ("[[literal]", "[literal]"),
        ("[concat('a', 'b', 1)]", "ab1"),
        ("[format('{0}-{1}', 'a', 2)]", "a-2"),
        ("[toLower('ABC')]", "abc"),
        ("[if(equals('a', 'a'), 'Premium', 'Basic')]", "Premium"),
        ("[if(true(), 'Premium', 'Basic')]", "Premium"),
        ("[if(not(bool('true')), 1, 2)]", 2),
        ("[createObject('Status', 'enabled').status]", "enabled"),
        ("[createArray('a', 'b')[1]]", "b"),
        ("[union(createObject('a', 1), createObject('b', 2))]", {"a": 1, "b": 2}),
        ("[json('{\"A\": true}').a]", True),
        ("[coalesce(null(), 'x')]", "x"),
        ("['it''s']", "it's"),
        ("[split('a/b', '/')[0]]", "a"),
        ("[substring('abcd', 1, 2)]", "bc"),
        ("[replace('a-b', '-', '')]", "ab"),
        ("[resourceId('Microsoft.X/y', 'Z')]", "/providers/Microsoft.X/y/Z"),
        ("[resourceId('g', 'Microsoft.X/y/z', 'a', 'b')]", "/resourceGroups/g/providers/Microsoft.X/y/a/z/b"),
        ("[equals(uniqueString('a'), uniqueString('a'))]", True),
        ("[equals(uniqueString('a'), uniqueString('b'))]", UNKNOWN),
        ("[contains(concat('a', uniqueString('b')), 'z')]", UNKNOWN),
        ("[length(uniqueString('b'))]", UNKNOWN),
        ("[if(reference('x').y, 'Premium', 'Basic')]", UNKNOWN),
        ("[reference('x').properties.sku]", UNKNOWN),
        ("[concat('unbalanced']", UNKNOWN),
        ("[copyIndex()]", UNKNOWN),
        ("[int('x')]", UNKNOWN),
        ("[parameters('absent')]", UNKNOWN),
        ("[variables('absent')]", UNKNOWN),
    ],
)
def test_expressions(expression: str, meaning: Any) -> None:
    assert value(expression) == meaning


def test_parameters_and_variables() -> None:
    template = {
        "parameters": {
            "Sku": {"type": "string", "defaultValue": "[variables('sku')]"},
            "secret": {"type": "securestring"},
        },
        "variables": {"SKU": "Basic", "copy": [{"name": "rules", "count": 2, "input": {"value": "1.2.3.4"}}]},
    }
    assert value("[parameters('sku')]", **template) == "Basic"
    assert value("[parameters('sku')]", **template, given={"sku": {"value": "Premium"}}) == "Premium"
    assert value("[parameters('secret')]", **template, given={"secret": {"reference": {}}}) is UNKNOWN
    assert value("[variables('rules')]", **template) == [{"value": "1.2.3.4"}] * 2


def test_a_secure_default_does_not_print() -> None:
    template = {"parameters": {"p": {"type": "secureString", "defaultValue": "hunter2"}}}
    found = value("[concat(parameters('p'), '!')]", **template)
    assert isinstance(found, SecretText)
    assert str(found) == "[secret]"


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        ({"parameters": {"it": {"defaultValue": "[parameters('it')]"}}}, "parameter 'it'"),
        ({"variables": {"it": "[concat('a', variables('it'))]"}}, "variable 'it'"),
        ({"variables": {"it": "[variables('other')]", "other": ["[variables('IT')]"]}}, "variable 'it'"),
    ],
)
def test_what_is_defined_by_itself_is_said_and_ends(parts: dict[str, Any], word: str) -> None:
    asked = "[parameters('it')]" if "parameters" in parts else "[variables('it')]"
    resource = {"type": KIND, "name": "contoso", "properties": {"adminUserEnabled": asked}}
    registry, hidden = opened({**parts, "resources": [resource]})
    assert isinstance(registry, Declared)
    assert hidden == Hidden(f"its {word} is defined by itself", registry=True)


def test_property_loops_show_what_they_repeat() -> None:
    properties = {"copy": [{"name": "ipRules", "count": 3, "input": {"value": "0.0.0.0/1"}}]}
    (each,) = declared({"resources": [{"type": KIND, "name": "contoso", "properties": properties}]})
    assert each.body["properties"] == {"iprules": [{"value": "0.0.0.0/1"}] * 3}


def test_children_nested_and_flat() -> None:
    child = {"type": "replications", "name": "eastus", "location": "eastus"}
    nested = {"resources": [{"type": KIND, "name": "Contoso", "resources": [child]}]}
    flat = {"resources": [{"type": f"{KIND}/replications", "name": "[concat('contoso', '/eastus')]"}]}
    assert [(d.type, d.names) for d in declared(nested)][1] == (f"{KIND}/replications".lower(), ("contoso", "eastus"))
    assert declared(flat)[0].names == ("contoso", "eastus")


def test_symbolic_names_conditions_and_existing() -> None:
    template = {
        "languageVersion": "2.0",
        "parameters": {"deploy": {"type": "bool", "defaultValue": False}},
        "resources": {
            "registry": {"type": KIND, "name": "contoso"},
            "known": {"type": KIND, "name": "known", "existing": True},
            "off": {"type": KIND, "name": "off", "condition": "[parameters('deploy')]"},
            "maybe": {"type": KIND, "name": "maybe", "condition": "[reference('x').on]"},
            "lock": {
                "type": "Microsoft.Authorization/locks",
                "name": "keep",
                "scope": "[resourceInfo('registry').id]",
                "properties": {"level": "CanNotDelete"},
            },
        },
    }
    found = {d.names[-1]: d for d in declared(template)}
    assert set(found) == {"contoso", "maybe", "keep"}
    assert found["keep"].scope.lower() == "/providers/microsoft.containerregistry/registries/contoso"


def test_scopes_in_both_notations() -> None:
    older = {"type": f"{KIND}/providers/locks", "name": "contoso/Microsoft.Authorization/keep", "properties": {}}
    newer = {
        "type": "Microsoft.Authorization/locks",
        "name": "keep",
        "scope": "[format('Microsoft.ContainerRegistry/registries/{0}', 'contoso')]",
    }
    for resource in (older, newer):
        (each,) = declared({"resources": [resource]})
        assert each.type == "microsoft.authorization/locks"
        assert str(each.scope).lower() == "/providers/microsoft.containerregistry/registries/contoso"


def nested(template: Any, scope: str | None, **more: Any) -> dict[str, Any]:
    properties = {"mode": "Incremental", "template": template, **more}
    if scope:
        properties["expressionEvaluationOptions"] = {"scope": scope}
    return {"type": "Microsoft.Resources/deployments", "name": "nested", "properties": properties}


INNER = {
    "parameters": {"sku": {"defaultValue": "Basic"}},
    "resources": [{"type": KIND, "name": "contoso", "sku": {"name": "[parameters('sku')]"}}],
}


@pytest.mark.parametrize(
    ("scope", "more", "sku"),
    [
        ("inner", {}, "Basic"),
        ("Inner", {"parameters": {"sku": {"value": "[parameters('sku')]"}}}, "Premium"),
        ("outer", {}, "Premium"),
        (None, {}, "Premium"),
    ],
)
def test_nested_deployments_in_both_scopes(scope: str | None, more: dict[str, Any], sku: str) -> None:
    template = {"parameters": {"sku": {"defaultValue": "Premium"}}, "resources": [nested(INNER, scope, **more)]}
    (each,) = declared(template)
    assert each.body["sku"]["name"] == sku


def test_a_template_that_nests_itself_ends() -> None:
    template: dict[str, Any] = {"resources": []}
    for _ in range(DEPLOYMENTS.value + 5):
        template = {"resources": [nested(template, "inner")]}
    assert [each.registry for each in opened(template) if isinstance(each, Hidden)] == [True]


@pytest.mark.parametrize(
    ("template", "linked", "registry"),
    [
        (None, {"uri": "https://templates.example.com/main.json"}, False),
        (None, {"id": "/x/Microsoft.ContainerRegistry/templateSpecs/y"}, True),
        ("04da6b54-80e4-46f7-96ec-b56ff0331ba9", None, False),
        ("not json", None, False),
        ("Microsoft.ContainerRegistry {", None, True),
        ({"resources": [{"type": "[reference('x')]", "name": "y"}]}, None, False),
        ({"variables": {"x": KIND}, "resources": [{"type": "[reference('x')]", "name": "y"}]}, None, True),
        ({"resources": [nested(None, None, templateLink={"uri": "https://x"})]}, None, False),
    ],
)
def test_what_cannot_be_seen_is_said(template: Any, linked: Any, registry: bool) -> None:
    (each,) = opened(template, linked=linked)
    assert isinstance(each, Hidden)
    assert each.registry is registry


def test_a_template_as_text_is_read() -> None:
    text = json.dumps({"resources": [{"type": KIND, "name": "contoso", "sku": {"name": "Basic"}}]})
    (each,) = opened(text)
    assert isinstance(each, Declared)
    assert each.body["sku"] == {"name": "Basic"}


def test_a_body_that_is_an_expression_leaves_nothing_absent() -> None:
    template = {"resources": [{"type": KIND, "name": "contoso", "properties": "[reference('x').properties]"}]}
    (registry,) = estate_from_template(template).of("containerregistry:Registry")
    assert isinstance(registry.props, Partial)
    assert registry.get("publicNetworkAccess", "Enabled") is UNKNOWN


def test_a_template_is_judged_as_a_stack_with_its_parameters() -> None:
    template = {
        "parameters": {"admin": {"type": "bool"}, "name": {"type": "string"}},
        "resources": [
            {
                "type": KIND,
                "apiVersion": "2023-07-01",
                "name": "[parameters('name')]",
                "location": "japaneast",
                "sku": {"name": "Premium"},
                "properties": {"adminUserEnabled": "[parameters('admin')]", "publicNetworkAccess": "Disabled"},
            },
            {
                "type": "Microsoft.Network/privateEndpoints",
                "name": "endpoint",
                "properties": {
                    "privateLinkServiceConnections": [
                        {
                            "name": "registry",
                            "properties": {
                                "privateLinkServiceId": f"[resourceId('{KIND}', parameters('name'))]",
                                "groupIds": ["registry"],
                            },
                        }
                    ]
                },
            },
        ],
    }
    given = {"admin": {"value": True}, "name": {"value": "contoso"}}
    found = evaluate(estate_from_template(template, given))
    assert {f.rule for f in found if f.mandatory} == {"no-admin-user"}
    assert found[0].urn.startswith("template::")


def test_a_name_that_is_a_secret_is_one_in_each_part() -> None:
    template = {
        "parameters": {"name": {"type": "securestring", "defaultValue": "hunter2"}},
        "resources": [{"type": f"{KIND}/replications", "name": "[format('{0}/eastus', parameters('name'))]"}],
    }
    (each,) = declared(template)
    assert each.names == ("hunter2", "eastus")
    assert "hunter2" not in f"{each.names!r} {each.names[0]}"


def test_the_parts_of_a_name_that_are_known_are_kept() -> None:
    name = "[format('{0}/{1}-{2}', parameters('name'), 'east', 'us')]"
    template = {
        "parameters": {"name": {"type": "string"}},
        "resources": [{"type": f"{KIND}/replications", "name": name}],
    }
    (each,) = declared(template)
    assert each.names == (UNKNOWN, "east-us")
    assert each.label == name


def test_what_stands_beside_a_deployment_that_is_too_deep_is_seen() -> None:
    deep: dict[str, Any] = {"resources": []}
    for _ in range(DEPLOYMENTS.value + 5):
        deep = {"resources": [nested(deep, "inner")]}
    deep["resources"].append({"type": KIND, "name": "contoso"})
    assert [each.names for each in opened(deep) if isinstance(each, Declared)] == [("contoso",)]


@pytest.mark.parametrize(
    ("place", "group", "subscription"),
    [
        ({}, None, None),
        ({"resourceGroup": ""}, None, None),
        ({"resourceGroup": "[resourceGroup().name]", "subscriptionId": "[subscription().subscriptionId]"}, None, None),
        ({"resourceGroup": "hub", "subscriptionId": "1111"}, "hub", "1111"),
        ({"resourceGroup": "[reference('x').y]"}, UNKNOWN, None),
    ],
)
def test_a_deployment_into_another_group_says_so(place: dict[str, Any], group: Any, subscription: Any) -> None:
    id_of = {"type": KIND, "name": "contoso", "properties": {"id": f"[resourceId('{KIND}', 'contoso')]"}}
    (each,) = declared({"resources": [nested({"resources": [id_of]}, "inner") | place]})
    assert (each.group, each.subscription) == (group, subscription)
    own = f"/providers/{KIND}/contoso"
    scope = "/subscriptions/1111/resourceGroups/hub" if subscription else ""
    assert each.body["properties"]["id"] == f"{scope}{own}"


@pytest.mark.parametrize(
    ("link", "hidden"),
    [
        ({"id": "[resourceId('Microsoft.Resources/templateSpecs/versions', 'spec', '2.0')]"}, 1),
        ({"id": "[resourceId('Microsoft.Resources/templateSpecs/versions', 'SPEC', '1.0')]"}, 0),
        ({"relativePath": "inner.json"}, 1),
    ],
)
def test_a_linked_template_is_seen_only_where_it_is_declared(link: dict[str, str], hidden: int) -> None:
    spec = {
        "type": "Microsoft.Resources/templateSpecs/versions",
        "name": "spec/1.0",
        "properties": {"mainTemplate": INNER},
    }
    linked = {"type": "Microsoft.Resources/deployments", "name": "m", "properties": {"templateLink": link}}
    found = opened({"resources": [spec, linked]})
    assert len([each for each in found if isinstance(each, Hidden)]) == hidden
    registries = [each for each in found if isinstance(each, Declared) and each.type == KIND.lower()]
    assert len(registries) == 1  # judged by itself where no deployment opens it


def test_a_nested_resource_is_found_at_its_line_though_its_type_is_written_twice() -> None:
    def written(name: str) -> dict[str, Any]:
        return {"type": KIND, "apiVersion": "2023-07-01", "name": name, "sku": {"name": "Basic"}}

    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    inner = {"$schema": schema, "contentVersion": "1.0.0.0", "resources": [written("contoso")]}
    deployment = {"type": "Microsoft.Resources/deployments", "name": "module", "properties": {"template": inner}}
    template = {
        "$schema": schema,
        "contentVersion": "1.0.0.0",
        "resources": [deployment, written("fabrikam"), written("[concat('tail', 'spin')]")],
    }
    found = documents.load("main.json", json.dumps(template, indent=2))
    places = {each.name: found.locate(each.urn) for each in found.estate.of(tokens.REGISTRY)}
    assert {name: place and place.line for name, place in places.items()} == {
        "contoso": 14,
        "fabrikam": 26,
        "tailspin": 0,
    }
