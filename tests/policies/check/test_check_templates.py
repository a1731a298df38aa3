"""ARM templates as Bicep writes them: modules, generated names, loops, symbolic names; and what stays unknown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from registry_model.azure.names import CLOUDS
from registry_model.estate.unroll import MAX_COPIES, MAX_RESOURCES, unrolled

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
    document = template(
        {"type": "x/y", "name": "n", "zone": "[format('privatelink{0}', environment().suffixes.acrLoginServer)]"}
    )
    for name, cloud in CLOUDS.items():
        text = json.dumps(unrolled(document, cloud=cloud))
        assert f"'.{cloud.registry_suffix}'" in text, name


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


def test_a_generated_name_is_the_same_for_the_same_expression_and_as_long_as_a_real_one() -> None:
    resources = [
        {"type": "x/y", "name": f"[{e}]"}
        for e in ("uniqueString(a, 'b')", "uniqueString( a,'b' )", "guid(a)", "uniqueString(c)")
    ]
    one, same, guid, other = (r["name"] for r in unrolled(template(*resources))["resources"])
    assert one == same != other
    assert len(one) == len("['']") + 13
    assert len(guid) == len("['']") + 36


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
    document = template(module("a", inner, x=other("b")), module("b", inner, x=other("a")))
    assert len(json.dumps(unrolled(document))) < 1_000_000


def test_loops_that_multiply_end() -> None:
    inner: dict[str, Any] = template({"type": "x/y", "name": "n", "copy": {"name": "c", "count": MAX_COPIES}})
    for level in range(4):
        inner = template({**module(f"m{level}", inner), "copy": {"name": "c", "count": MAX_COPIES}})
    assert json.dumps(unrolled(inner)).count('"x/y"') <= MAX_RESOURCES


TEXT = st.text(alphabet="ab'()[],.? copyIndexuniqueStringreferenceparametersoutputs01", max_size=60)


@given(st.lists(TEXT, min_size=1, max_size=4))
def test_any_expression_is_survived(texts: list[str]) -> None:
    first, *rest = texts
    inner = template(
        registry(f"[{first}]"), outputs={"x": {"value": f"[{first}]"}}, parameters={"p": {"defaultValue": f"[{first}]"}}
    )
    outer = [registry(f"[{text}]", copy={"name": "c", "count": f"[{text}]"}) for text in rest]
    unrolled(template(module("m", inner, p=f"[{first}]"), *outer, variables={"v": f"[{first}]"}))
