"""Template specs that a template declares: each is judged, whether somebody deploys it here or elsewhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
from registry_guard.engine import evaluate
from registry_model.estate import documents, tokens

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
LINK = "[resourceId('Microsoft.Resources/templateSpecs/versions', '{}', '1.0')]"


def registry(sku: str) -> dict[str, Any]:
    kind = "Microsoft.ContainerRegistry/registries"
    return {"type": kind, "apiVersion": "2023-07-01", "name": "contoso", "location": "japaneast", "sku": {"name": sku}}


def template(*resources: Any, **parts: Any) -> dict[str, Any]:
    return {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": list(resources), **parts}


def takes(sku: str = "[parameters('sku')]", **default: str) -> dict[str, Any]:
    return template(registry(sku), parameters={"sku": {"type": "string", **default}})


def spec(main: Any, name: str = "spec/1.0", **parts: Any) -> dict[str, Any]:
    return {
        "type": "Microsoft.Resources/templateSpecs/versions",
        "apiVersion": "2022-02-01",
        "name": name,
        "properties": {"mainTemplate": main},
        **parts,
    }


def deployment(name: str = "spec", **parts: Any) -> dict[str, Any]:
    link = {"id": LINK.format(name)}
    parameters = {"sku": {"value": "Premium"}}
    properties = {"mode": "Incremental", "templateLink": link, "parameters": parameters}
    return {"type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": "d", **parts} | {
        "properties": properties
    }


def skus(found: Any) -> list[Any]:
    estate = documents.load("main.json", json.dumps(found)).estate
    config = {"all": "disabled", "premium-sku": {"enforcementLevel": "mandatory"}}
    assert all(each.resource for each in evaluate(estate, config=config))
    return [each.get("sku.name") for each in estate.of(tokens.REGISTRY)]


@pytest.mark.parametrize("main", [takes(defaultValue="Basic"), takes("[[parameters('sku')]", defaultValue="Basic")])
def test_a_spec_that_nobody_deploys_here_is_judged_by_its_defaults(main: Any) -> None:
    assert skus(template(spec(main))) == ["Basic"]
    assert skus(template(spec(json.dumps(takes(defaultValue="Basic"))))) == ["Basic"]


def test_without_a_default_its_parameter_is_unknown() -> None:
    (sku,) = skus(template(spec(takes())))
    assert not isinstance(sku, str)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("main", [takes(defaultValue="Basic"), takes("[[parameters('sku')]", defaultValue="Basic")])
def test_one_that_is_deployed_here_is_judged_once_with_what_it_is_given(first: bool, main: Any) -> None:
    parts = [spec(main), deployment()]
    assert skus(template(*(parts if first else parts[::-1]))) == ["Premium"]


def test_another_version_and_one_that_is_not_deployed_are_judged_by_themselves() -> None:
    both = template(spec(takes()), spec(takes(defaultValue="Basic"), "spec/2.0"), deployment())
    assert skus(both) == ["Premium", "Basic"]
    off = template(spec(takes(defaultValue="Basic")), deployment(condition=False))
    assert skus(off) == ["Basic"]
    assert skus(template(spec(takes(defaultValue="Basic"), condition=False))) == []


def test_a_version_inside_its_spec() -> None:
    child = {
        "type": "versions",
        "apiVersion": "2022-02-01",
        "name": "1.0",
        "properties": {"mainTemplate": takes("Basic")},
    }
    parent = {
        "type": "Microsoft.Resources/templateSpecs",
        "apiVersion": "2022-02-01",
        "name": "spec",
        "resources": [child],
    }
    assert skus(template(parent)) == ["Basic"]


def test_a_spec_inside_a_module_and_a_spec_inside_a_spec() -> None:
    properties = {"mode": "Incremental", "template": template(spec(takes("Basic")))}
    module = {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2022-09-01",
        "name": "m",
        "properties": properties,
    }
    assert skus(template(module)) == ["Basic"]
    assert skus(template(spec(template(spec(takes("Basic")))))) == ["Basic"]


def test_a_spec_without_a_registry_declares_none() -> None:
    assert skus(template(spec(template()))) == []
