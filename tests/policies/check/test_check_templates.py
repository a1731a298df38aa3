"""ARM templates as Bicep writes them: modules, generated names, loops, symbolic names; and what stays unknown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from registry_model.azure.names import CLOUDS
from registry_model.estate import tokens
from registry_model.estate.reading import estate_from_template
from registry_model.estate.templates import Declared, budget, open_template
from registry_model.estate.values import Hidden, plain

from tests.policies.check.checkkit import guard

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
NAME = "[format('acr{0}', uniqueString(resourceGroup().id))]"
REGISTRY = "Microsoft.ContainerRegistry/registries"


def template(*resources: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": list(resources), **parts}


def registry(name: str = "[parameters('name')]", sku: str = "Premium", **more: Any) -> dict[str, Any]:
    properties = {
        "publicNetworkAccess": "Disabled",
        "dataEndpointEnabled": True,
        "policies": {"exportPolicy": {"status": "disabled"}},
    }
    made = {"type": REGISTRY, "apiVersion": "2023-07-01", "name": name, "location": "japaneast", "sku": {"name": sku}}
    return {**made, "properties": properties, **more}


def lock(name: str) -> dict[str, Any]:
    return {
        "type": "Microsoft.Authorization/locks",
        "apiVersion": "2020-05-01",
        "scope": f"[format('Microsoft.ContainerRegistry/registries/{{0}}', {name})]",
        "name": "keep",
        "properties": {"level": "CanNotDelete"},
    }


def module(called: str, inner: dict[str, Any], /, **parameters: Any) -> dict[str, Any]:
    return {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2022-09-01",
        "name": called,
        "properties": {
            "expressionEvaluationOptions": {"scope": "inner"},
            "mode": "Incremental",
            "parameters": {key: {"value": value} for key, value in parameters.items()},
            "template": inner,
        },
    }


def endpoint(target: str) -> dict[str, Any]:
    connection = {"name": "r", "properties": {"privateLinkServiceId": target, "groupIds": ["registry"]}}
    return {
        "type": "Microsoft.Network/privateEndpoints",
        "apiVersion": "2023-11-01",
        "name": "endpoint",
        "location": "japaneast",
        "properties": {
            "subnet": {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'vnet', 'endpoints')]"},
            "privateLinkServiceConnections": [connection],
        },
    }


REGISTRY_MODULE = template(
    registry(),
    lock("parameters('name')"),
    parameters={"name": {"type": "string"}},
    variables={"id": "[resourceId('Microsoft.ContainerRegistry/registries', parameters('name'))]"},
    outputs={"id": {"type": "string", "value": "[variables('id')]"}},
)
OUTPUT = "[reference(resourceId('Microsoft.Resources/deployments', 'registry'), '2022-09-01').outputs.id.value]"


def found(tmp_path: Path, document: dict[str, Any], *words: str) -> dict[tuple[str, str], tuple[str, bool]]:
    """What strict finds: by rule and resource, the kind and whether it fails."""
    path = tmp_path / "main.json"
    path.write_text(json.dumps(document))
    ran = guard("check", path, "--preset", "strict", "--json", *words)
    return {(f["rule"], f["urn"].rpartition("::")[2]): (f["kind"], f["fails"]) for f in ran.json()["findings"]}


def rules(findings: dict[tuple[str, str], tuple[str, bool]]) -> set[str]:
    return {rule for rule, _ in findings}


def test_a_module_and_an_endpoint_that_takes_its_output_belong_together(tmp_path: Path) -> None:
    name = {"registryName": {"type": "string", "defaultValue": NAME}}
    both = template(
        module("registry", REGISTRY_MODULE, name="[parameters('registryName')]"), endpoint(OUTPUT), parameters=name
    )
    assert not {"private-endpoint", "delete-lock"} & rules(found(tmp_path, both))
    alone = template(module("registry", REGISTRY_MODULE, name="[parameters('registryName')]"), parameters=name)
    assert "private-endpoint" in rules(found(tmp_path, alone))


def test_an_endpoint_to_another_registry_does_not_vouch_for_this_one(tmp_path: Path) -> None:
    other = endpoint("[resourceId('Microsoft.ContainerRegistry/registries', 'other')]")
    made = found(tmp_path, template(module("registry", REGISTRY_MODULE, name="contoso"), other))
    assert made["private-endpoint", "contoso"] == ("violation", True)


def test_symbolic_names_and_modules_of_modules(tmp_path: Path) -> None:
    outer = template(
        module("registry", REGISTRY_MODULE, name="[parameters('name')]"),
        parameters={"name": {"type": "string"}},
        outputs={"registryId": {"type": "string", "value": OUTPUT}},
    )
    document = template(languageVersion="2.0")
    document["resources"] = {
        "platform": module("platform", outer, name="contoso"),
        "endpoint": endpoint("[reference('platform').outputs.registryId.value]"),
        "kept": {"existing": True, **registry("legacy", "Basic")},
        "never": {"condition": False, **registry("never", "Basic")},
    }
    made = found(tmp_path, document)
    assert not {"private-endpoint", "premium-sku"} & rules(made)
    assert ("customer-managed-key", "contoso") in made


def test_loops_over_known_lists_are_judged_one_by_one(tmp_path: Path) -> None:
    looped = registry(
        "[parameters('names')[copyIndex('registries')]]",
        "[if(equals(copyIndex(), 1), 'Basic', 'Premium')]",
        copy={"name": "registries", "count": "[length(parameters('names'))]"},
    )
    document = template(
        looped, parameters={"names": {"type": "array", "defaultValue": ["alpha1", "bravo2", "charlie3"]}}
    )
    basic = {name for (rule, name), told in found(tmp_path, document).items() if rule == "premium-sku" and told[1]}
    assert basic == {"bravo2"}
    parameters = tmp_path / "parameters.json"
    parameters.write_text(json.dumps({"parameters": {"names": {"value": ["delta4"]}}}))
    names = {name for _, name in found(tmp_path, document, "--parameters", str(parameters))}
    assert "delta4" in names
    assert "bravo2" not in names


def test_a_loop_in_a_property_is_the_list_that_it_makes(tmp_path: Path) -> None:
    rules_of = {
        "copy": [
            {
                "name": "ipRules",
                "count": "[length(variables('clients'))]",
                "input": {"action": "Allow", "value": "[variables('clients')[copyIndex('ipRules')]]"},
            }
        ],
        "defaultAction": "Deny",
    }
    looped = registry("contoso")
    looped["properties"] = {**looped["properties"], "publicNetworkAccess": "Enabled", "networkRuleSet": rules_of}
    narrow = template(looped, variables={"clients": ["192.0.2.1", "198.51.100.0/28"]})
    wide = template(looped, variables={"clients": ["192.0.2.1", "0.0.0.0/1"]})
    assert ("no-exposed-access", "contoso") not in found(tmp_path, narrow)
    assert found(tmp_path, wide)["no-exposed-access", "contoso"] == ("violation", True)


def test_a_loop_of_unknown_length_is_undetermined_and_does_not_pass(tmp_path: Path) -> None:
    looped = registry("[format('contoso{0}', copyIndex())]", "[parameters('skus')[copyIndex()]]")
    looped["copy"] = {"name": "r", "count": "[length(parameters('skus'))]"}
    made = found(tmp_path, template(looped, parameters={"skus": {"type": "array"}}))
    assert {told for (rule, _), told in made.items() if rule == "premium-sku"} == {("undetermined", True)}


def test_the_environment_is_that_of_the_cloud() -> None:
    zone = "[format('privatelink{0}', environment().suffixes.acrLoginServer)]"
    document = template({"type": "Microsoft.Network/privateDnsZones", "name": zone})
    for name, expected in (("public", "azurecr.io"), ("usgov", "azurecr.us"), ("china", "azurecr.cn")):
        (made,) = estate_from_template(document, cloud=CLOUDS[name]).of(tokens.PRIVATE_ZONE)
        assert made.arm_name == f"privatelink.{expected}"


def test_the_cloud_is_the_one_of_the_configuration(tmp_path: Path) -> None:
    zone = {
        "type": "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
        "apiVersion": "2023-11-01",
        "name": "endpoint/default",
        "properties": {
            "privateDnsZoneConfigs": [{"name": "r", "properties": {"privateDnsZoneId": "[variables('zone')]"}}]
        },
    }
    name = "format('privatelink{0}', environment().suffixes.acrLoginServer)"
    variables = {"zone": f"[resourceId('Microsoft.Network/privateDnsZones', {name})]"}
    target = "[resourceId('Microsoft.ContainerRegistry/registries', 'contoso')]"
    document = template(registry("contoso"), endpoint(target), zone, variables=variables)
    document["resources"][0]["location"] = "chinanorth3"
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"zone-name": {"cloud": "china"}}))
    assert "zone-name" in rules(found(tmp_path, document))
    assert "zone-name" not in rules(found(tmp_path, document, "--config", str(config)))


def opened(document: dict[str, Any]) -> list[Declared | Hidden]:
    return open_template(plain(document))


def test_a_generated_name_is_the_same_for_the_same_values_and_as_long_as_a_real_one() -> None:
    resources = [
        {"type": "x/y", "name": f"[{e}]"}
        for e in ("uniqueString(variables('a'), 'b')", "uniqueString( 'A', 'b' )", "guid('A')", "uniqueString('c')")
    ]
    one, same, guid, other = (
        each.names[0] for each in opened(template(*resources, variables={"a": "A"})) if isinstance(each, Declared)
    )
    assert one == same != other
    assert len(one) == 13
    assert len(guid) == 36


@pytest.mark.parametrize(
    "expression",
    ["[", "[]", "[)]", "[reference(", "[uniqueString(']", "[parameters('p').outputs.x.value]", "[[literal]", "[a'b]",
     "[reference('m').outputs.missing.value]", "[copyIndex('a', 'b')]", "[resourceId()]", "[format(')')]"],
)  # fmt: skip
def test_a_broken_expression_is_unknown_and_no_crash(tmp_path: Path, expression: str) -> None:
    made = found(
        tmp_path, template(registry("contoso", expression), module("m", template(registry()), name=expression))
    )
    assert ("premium-sku", "contoso") in made


def test_modules_that_name_each_other_end() -> None:
    def other(name: str) -> str:
        return f"[reference(resourceId('Microsoft.Resources/deployments', '{name}')).outputs.x.value]"

    inner = template(
        parameters={"x": {"type": "string"}}, outputs={"x": {"value": "[concat(parameters('x'), parameters('x'))]"}}
    )
    document = template(module("a", inner, x=other("b")), module("b", inner, x=other("a")), registry("contoso"))
    assert [each.names for each in opened(document) if isinstance(each, Declared)] == [("contoso",)]


def test_loops_that_multiply_end() -> None:
    loop = {"name": "c", "count": budget.COPIES.value}
    inner: dict[str, Any] = template({"type": "x/y", "name": "n", "copy": loop})
    for level in range(4):
        inner = template({**module(f"m{level}", inner), "copy": loop})
    *made, hidden = opened(inner)
    assert len(made) <= budget.RESOURCES.value
    assert isinstance(hidden, Hidden)
    assert hidden.registry, "what is not seen may be a registry"


TEXT = st.text(alphabet="ab'()[],.? copyIndexuniqueStringreferenceparametersoutputs01", max_size=60)


@given(st.lists(TEXT, min_size=1, max_size=4))
def test_any_expression_is_survived(texts: list[str]) -> None:
    first, *rest = texts
    inner = template(
        registry(f"[{first}]"), outputs={"x": {"value": f"[{first}]"}}, parameters={"p": {"defaultValue": f"[{first}]"}}
    )
    outer = [registry(f"[{text}]", copy={"name": "c", "count": f"[{text}]"}) for text in rest]
    found = opened(template(module("m", inner, p=f"[{first}]"), *outer, variables={"v": f"[{first}]"}))
    assert REGISTRY.lower() in {each.type for each in found if isinstance(each, Declared)}, "the module's own registry"


def test_a_nullable_parameter_that_nobody_gives_is_null(tmp_path: Path) -> None:
    access = (
        "[if(not(empty(parameters('publicNetworkAccess'))), parameters('publicNetworkAccess'), "
        "if(and(not(empty(parameters('privateEndpoints'))), empty(parameters('ipRules'))), 'Disabled', null()))]"
    )
    rules_of = "[if(not(empty(parameters('ipRules'))), createObject('defaultAction', 'Deny'), null())]"
    body = {
        "dataEndpointEnabled": True,
        "anonymousPullEnabled": "[coalesce(parameters('anonymous'), false())]",
        "publicNetworkAccess": access,
        "networkRuleSet": rules_of,
    }
    kinds = {"publicNetworkAccess": "string", "privateEndpoints": "array", "ipRules": "array", "anonymous": "bool"}
    document = template(languageVersion="2.0", parameters={k: {"type": v, "nullable": True} for k, v in kinds.items()})
    document["resources"] = {"registry": {**registry("contoso"), "properties": body}}
    made = found(tmp_path, document)
    assert made["no-exposed-access", "contoso"] == ("violation", True)
    assert "no-anonymous-pull" not in rules(made)
    by_type = {**document, "parameters": {k: {"$ref": f"#/definitions/{k}"} for k in kinds}}
    by_type["definitions"] = document["parameters"]
    assert found(tmp_path, by_type) == made
    given = tmp_path / "parameters.json"
    given.write_text(json.dumps({"parameters": {"privateEndpoints": {"value": [{}]}, "anonymous": {"value": True}}}))
    made = found(tmp_path, document, "--parameters", str(given))
    assert "no-exposed-access" not in rules(made)
    assert made["no-anonymous-pull", "contoso"] == ("violation", True)


def test_lambdas_in_names_and_counts(tmp_path: Path) -> None:
    document = template(
        registry("[variables('name')]"),
        {
            "copy": {"name": "replicas", "count": "[length(variables('regions'))]"},
            "type": f"{REGISTRY}/replications",
            "apiVersion": "2023-07-01",
            "name": "[format('{0}/{1}', variables('name'), variables('regions')[copyIndex()])]",
            "location": "[variables('regions')[copyIndex()]]",
            "properties": {},
        },
        parameters={
            "replicas": {"type": "array", "defaultValue": [{"location": "japanwest"}, {"location": "japaneast"}]}
        },
        variables={
            "name": "[take(format('acr{0}', uniqueString(resourceGroup().id)), 50)]",
            "regions": "[map(parameters('replicas'), lambda('r', lambdaVariables('r').location))]",
        },
    )
    estate = estate_from_template(document)
    (made,) = estate.of(tokens.REGISTRY)
    replicas = list(estate.of(tokens.REPLICATION))
    assert str(made.name).startswith("acr")
    assert [each.arm_names for each in replicas] == [(made.arm_name, "japanwest"), (made.arm_name, "japaneast")]
    told = found(tmp_path, document)
    assert {name for rule, name in told if rule == "replica-region"} == {"japaneast"}, "the home region is noticed"
    assert ("geo-replicated", made.name) not in told


def test_a_resource_is_called_by_its_name_or_by_what_its_author_calls_it(tmp_path: Path) -> None:
    parameters = {"name": {"type": "string"}}
    by_name = template(registry("contoso", "Basic"))
    by_expression = template(registry("[parameters('name')]", "Basic"), parameters=parameters)
    by_symbol = template(languageVersion="2.0", parameters=parameters)
    by_symbol["resources"] = {"shop": registry("[parameters('name')]", "Basic")}
    in_a_loop = {**registry("[parameters('names')[copyIndex()]]", "Basic"), "copy": {"name": "shops", "count": 2}}
    looped = template(languageVersion="2.0", parameters={"names": {"type": "array"}})
    looped["resources"] = {"shops": in_a_loop}
    for document, names in (
        (by_name, {"contoso"}),
        (by_expression, {"[parameters('name')]"}),
        (by_symbol, {"shop"}),
        (looped, {"shops[0]", "shops[1]"}),
    ):
        assert {name for rule, name in found(tmp_path, document) if rule == "premium-sku"} == names


THIS_ZONE = "parameters('zoneGroup').configs[copyIndex('privateDnsZoneConfigs')].id"
AVM_ENDPOINT = template(
    languageVersion="2.0",
    parameters={
        "name": {"type": "string"},
        "subnetResourceId": {"type": "string"},
        "connections": {"type": "array", "nullable": True},
        "zoneGroup": {"type": "object", "nullable": True},
        "tags": {"type": "object", "nullable": True},
    },
)
AVM_ENDPOINT["resources"] = {
    "endpoint": {
        "type": "Microsoft.Network/privateEndpoints",
        "apiVersion": "2024-05-01",
        "name": "[parameters('name')]",
        "tags": "[parameters('tags')]",
        "properties": {
            "subnet": {"id": "[parameters('subnetResourceId')]"},
            "privateLinkServiceConnections": "[coalesce(parameters('connections'), createArray())]",
        },
    },
    "zones": {
        "condition": "[not(empty(parameters('zoneGroup')))]",
        "type": "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
        "apiVersion": "2024-05-01",
        "name": "[format('{0}/{1}', parameters('name'), coalesce(tryGet(parameters('zoneGroup'), 'name'), 'default'))]",
        "properties": {
            "copy": [
                {
                    "name": "privateDnsZoneConfigs",
                    "count": "[length(parameters('zoneGroup').configs)]",
                    "input": {
                        "name": f"[last(split({THIS_ZONE}, '/'))]",
                        "properties": {"privateDnsZoneId": f"[{THIS_ZONE}]"},
                    },
                }
            ]
        },
    },
}


def like_an_avm_module() -> dict[str, Any]:
    """The shape of a compiled Azure Verified Module of a registry: its endpoints and replicas are modules in loops."""
    each = "coalesce(parameters('endpoints'), createArray())[copyIndex()]"
    connection = (
        "createObject('name', format('{0}-registry', parameters('name')), 'properties', createObject("
        "'privateLinkServiceId', resourceId('Microsoft.ContainerRegistry/registries', parameters('name')), "
        f"'groupIds', createArray(coalesce(tryGet({each}, 'service'), 'registry'))))"
    )
    manual = f"equals(tryGet({each}, 'manual'), true())"
    endpoints = module(
        "[format('{0}-endpoint-{1}', uniqueString(deployment().name, parameters('location')), copyIndex())]",
        AVM_ENDPOINT,
        name=f"[coalesce(tryGet({each}, 'name'), format('pep-{{0}}-{{1}}', parameters('name'), copyIndex()))]",
        subnetResourceId=f"[{each}.subnetResourceId]",
        zoneGroup=f"[tryGet({each}, 'zoneGroup')]",
        tags=f"[coalesce(tryGet({each}, 'tags'), parameters('tags'))]",
    )
    endpoints["properties"]["parameters"]["connections"] = (
        f"[if(not({manual}), createObject('value', createArray({connection})), createObject('value', null()))]"
    )
    endpoints["copy"] = {"name": "endpoints", "count": "[length(coalesce(parameters('endpoints'), createArray()))]"}
    group = f"split(coalesce(tryGet({each}, 'resourceGroupResourceId'), resourceGroup().id), '/')"
    endpoints |= {"subscriptionId": f"[{group}[2]]", "resourceGroup": f"[{group}[4]]"}
    document = template(
        languageVersion="2.0",
        definitions={
            "endpoint": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "nullable": True},
                    "subnetResourceId": {"type": "string"},
                    "zoneGroup": {"type": "object", "nullable": True},
                },
            }
        },
        parameters={
            "name": {"type": "string"},
            "sku": {"type": "string", "defaultValue": "Premium"},
            "location": {"type": "string", "defaultValue": "[resourceGroup().location]"},
            "endpoints": {"type": "array", "items": {"$ref": "#/definitions/endpoint"}, "nullable": True},
            "publicNetworkAccess": {"type": "string", "nullable": True, "allowedValues": ["Enabled", "Disabled"]},
            "exportPolicyStatus": {"type": "string", "defaultValue": "disabled"},
            "lock": {"type": "object", "nullable": True},
            "tags": {"type": "object", "nullable": True},
            "ipRules": {"type": "array", "nullable": True},
            "diagnostics": {"type": "array", "nullable": True},
        },
    )
    access = (
        "[if(not(empty(parameters('publicNetworkAccess'))), parameters('publicNetworkAccess'), "
        "if(and(not(empty(parameters('endpoints'))), empty(parameters('ipRules'))), 'Disabled', null()))]"
    )
    rules = (
        "[if(empty(parameters('ipRules')), null(), "
        "createObject('defaultAction', 'Deny', 'ipRules', parameters('ipRules')))]"
    )
    document["resources"] = {
        "registry": registry(
            sku="[parameters('sku')]",
            location="[parameters('location')]",
            tags="[parameters('tags')]",
            properties={
                "adminUserEnabled": False,
                "dataEndpointEnabled": True,
                "publicNetworkAccess": access,
                "networkRuleSet": rules,
                "policies": {"exportPolicy": {"status": "[parameters('exportPolicyStatus')]"}},
            },
        ),
        "lock": {
            "condition": "[not(equals(coalesce(tryGet(parameters('lock'), 'kind'), 'None'), 'None'))]",
            **lock("parameters('name')"),
            "properties": {"level": "[coalesce(tryGet(parameters('lock'), 'kind'), '')]"},
        },
        "endpoints": endpoints,
        "diagnostics": like_avm_diagnostics(),
    }
    return document


def like_avm_diagnostics() -> dict[str, Any]:
    """Settings in a loop, each with a loop of its own for logs."""
    each = "coalesce(parameters('diagnostics'), createArray())[copyIndex()]"
    neither = f"if(empty(tryGet({each}, 'metrics')), createArray(createObject('group', 'allLogs')), createArray())"
    logs = f"coalesce(tryGet({each}, 'logs'), {neither})"
    return {
        "copy": {"name": "diagnostics", "count": "[length(coalesce(parameters('diagnostics'), createArray()))]"},
        "type": "Microsoft.Insights/diagnosticSettings",
        "apiVersion": "2021-05-01-preview",
        "scope": "[resourceId('Microsoft.ContainerRegistry/registries', parameters('name'))]",
        "name": f"[coalesce(tryGet({each}, 'name'), format('{{0}}-diagnostics', parameters('name')))]",
        "properties": {
            "workspaceId": f"[tryGet({each}, 'workspace')]",
            "copy": [
                {
                    "name": "logs",
                    "count": f"[length({logs})]",
                    "input": {
                        "categoryGroup": f"[tryGet({logs}[copyIndex('logs')], 'group')]",
                        "category": f"[tryGet({logs}[copyIndex('logs')], 'category')]",
                        "enabled": f"[coalesce(tryGet({logs}[copyIndex('logs')], 'enabled'), true())]",
                    },
                }
            ],
        },
    }


ZONE = "/subscriptions/s/resourceGroups/dns/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
SUBNET = "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub/subnets/endpoints"
WORKSPACE = "/subscriptions/s/resourceGroups/logs/providers/Microsoft.OperationalInsights/workspaces/logs"
CLOSED = {
    "endpoints": [{"subnetResourceId": SUBNET, "zoneGroup": {"configs": [{"id": ZONE}]}}],
    "lock": {"kind": "CanNotDelete"},
}


@pytest.mark.parametrize(
    ("given", "failing"),
    [
        # A registry by name alone is open, has no endpoint, and can be deleted.
        ({}, {"no-exposed-access", "public-access-off", "private-endpoint", "delete-lock", "audit-logs"}),
        # An endpoint closes it; its zone group and its lock are there as well.
        (
            {
                "endpoints": [{"subnetResourceId": SUBNET, "zoneGroup": {"configs": [{"id": ZONE}]}}],
                "lock": {"kind": "CanNotDelete"},
            },
            {"audit-logs"},
        ),
        # Without a zone group nobody resolves the endpoint.
        ({"endpoints": [{"subnetResourceId": SUBNET}], "lock": {"kind": "CanNotDelete"}}, {"zone-group", "audit-logs"}),
        # A connection by hand waits, and a lock of the kind None is none.
        (
            {
                "endpoints": [
                    {"subnetResourceId": SUBNET, "manual": True, "zoneGroup": {"configs": [{"id": ZONE}]}},
                ],
                "lock": {"kind": "None"},
            },
            {"private-endpoint", "delete-lock", "audit-logs"},
        ),
        # Public access and export that are asked for.
        (
            {
                "endpoints": [{"subnetResourceId": SUBNET, "zoneGroup": {"configs": [{"id": ZONE}]}}],
                "lock": {"kind": "CanNotDelete"},
                "publicNetworkAccess": "Enabled",
                "exportPolicyStatus": "enabled",
                "sku": "Standard",
            },
            {"no-exposed-access", "public-access-off", "export-off", "premium-sku", "audit-logs"},
        ),
        # IP rules open the public side again, although there is an endpoint; one of them is too wide.
        (
            {**CLOSED, "ipRules": [{"action": "Allow", "value": "203.0.112.0/23"}]},
            {"no-exposed-access", "public-access-off", "audit-logs"},
        ),
        # Diagnostics without a word more have every log; with metrics alone, or the logs switched off, none.
        ({**CLOSED, "diagnostics": [{"workspace": WORKSPACE}]}, set()),
        ({**CLOSED, "diagnostics": [{"workspace": WORKSPACE, "metrics": [{"category": "All"}]}]}, {"audit-logs"}),
        (
            {**CLOSED, "diagnostics": [{"workspace": WORKSPACE, "logs": [{"group": "audit", "enabled": False}]}]},
            {"audit-logs"},
        ),
    ],
    ids=[
        "by name alone", "an endpoint", "no zone group", "by hand", "public", "IP rules", "logs", "metrics", "no logs",
    ],
)  # fmt: skip
def test_a_compiled_module_gives_the_findings_that_one_would_write_by_hand(
    tmp_path: Path, given: dict[str, Any], failing: set[str]
) -> None:
    parameters = tmp_path / "parameters.json"
    parameters.write_text(
        json.dumps({"parameters": {k: {"value": v} for k, v in {"name": "contoso", **given}.items()}})
    )
    made = found(tmp_path, like_an_avm_module(), "--parameters", str(parameters))
    always = {"customer-managed-key"}  # what the module does not do in any example
    assert {rule for (rule, _), (kind, fails) in made.items() if fails and kind == "violation"} == failing | always
    assert not [told for told in made.values() if told[0] == "undetermined" and told[1]]
