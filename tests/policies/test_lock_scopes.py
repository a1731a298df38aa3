"""`delete-lock` on templates: every way to write what a lock is on, each with twins that lock something else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from registry_guard.engine import evaluate
from registry_model.estate import documents

from tests.model.live.standin import PRINTED

SCHEMA = "https://schema.management.azure.com/schemas/"
GROUP_SCHEMA = f"{SCHEMA}2019-04-01/deploymentTemplate.json#"
SUBSCRIPTION_SCHEMA = f"{SCHEMA}2018-05-01/subscriptionDeploymentTemplate.json#"
SUBSCRIPTION = "/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590"
REGISTRY = {"type": "Microsoft.ContainerRegistry/registries", "apiVersion": "2023-07-01", "name": "contoso"}
NOTHING, UNDETERMINED, VIOLATION = None, "undetermined", "violation"


def lock(scope: str | None = None, level: str = "CanNotDelete", **parts: Any) -> dict[str, Any]:
    made = {"type": "Microsoft.Authorization/locks", "apiVersion": "2020-05-01", "name": "keep", **parts}
    return {**made, "properties": {"level": level}, **({} if scope is None else {"scope": scope})}


def template(*resources: Mapping[str, Any], schema: str = GROUP_SCHEMA, **parts: Any) -> dict[str, Any]:
    return {"$schema": schema, "contentVersion": "1.0.0.0", "resources": list(resources), **parts}


def nested(inner: Any, name: str = "m", scope: str = "inner", **parts: Any) -> dict[str, Any]:
    properties = {"mode": "Incremental", "template": inner, "expressionEvaluationOptions": {"scope": scope}}
    return {"type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": name, **parts} | {
        "properties": properties
    }


def kind_of(found: Any) -> str | None:
    document = documents.load("main.json", json.dumps(found))
    config = {"all": "disabled", "delete-lock": {"enforcementLevel": "mandatory"}}
    kinds = [each.kind for each in evaluate(document.estate, config=config)]
    assert len(kinds) < 2
    return kinds[0] if kinds else None


OWN = {
    "no scope, as Bicep writes a lock of the group": None,
    "the group's id": "[resourceGroup().id]",
    "the group by its name": "[subscriptionResourceId('Microsoft.Resources/resourceGroups', resourceGroup().name)]",
    "the subscription": "[subscription().id]",
    "the registry": "[resourceId('Microsoft.ContainerRegistry/registries', 'contoso')]",
    "the registry, relative": "Microsoft.ContainerRegistry/registries/contoso",
}
OTHER = {
    "another registry": "[resourceId('Microsoft.ContainerRegistry/registries', 'fabrikam')]",
    "another kind of resource": "Microsoft.Storage/storageAccounts/contoso",
    "a replica": "Microsoft.ContainerRegistry/registries/contoso/replications/westus",
}


@pytest.mark.parametrize("scope", OWN.values(), ids=OWN)
def test_a_lock_on_the_registry_or_above_it_counts(scope: str | None) -> None:
    assert kind_of(template(REGISTRY, lock(scope))) is NOTHING
    assert kind_of(template(REGISTRY, lock(scope, "ReadOnly"))) is NOTHING
    assert kind_of(template(REGISTRY, lock(scope, "NotSpecified"))) == VIOLATION


@pytest.mark.parametrize("scope", OTHER.values(), ids=OTHER)
def test_a_lock_on_something_else_does_not(scope: str) -> None:
    assert kind_of(template(REGISTRY, lock(scope))) == VIOLATION


@pytest.mark.parametrize("scope", [None, "[resourceGroup().id]"])
def test_one_that_may_not_be_deployed_is_undetermined(scope: str | None) -> None:
    on = {"on": {"type": "bool"}}
    assert kind_of(template(REGISTRY, lock(scope, condition="[parameters('on')]"), parameters=on)) == UNDETERMINED
    off = {"on": {"type": "bool", "defaultValue": False}}
    assert kind_of(template(REGISTRY, lock(scope, condition="[parameters('on')]"), parameters=off)) == VIOLATION


def test_a_group_by_its_id_may_be_the_templates_own() -> None:
    """A template does not say what its own group is called."""
    assert kind_of(template(REGISTRY, lock(f"{SUBSCRIPTION}/resourceGroups/rg"))) == UNDETERMINED


@pytest.mark.parametrize("scope", ["inner", "outer"])
def test_a_lock_in_a_module_of_the_same_group_counts(scope: str) -> None:
    for inside in (None, "[resourceGroup().id]"):
        module = nested(template(lock(inside)), scope=scope)
        assert kind_of(template(REGISTRY, module)) is NOTHING
        assert kind_of(template(nested(template(REGISTRY), "r"), module)) is NOTHING
    assert kind_of(template(REGISTRY, nested(template(lock(OTHER["another registry"])), scope=scope))) == VIOLATION


@pytest.mark.parametrize(
    ("where", "expected"),
    [("rg", NOTHING), ("RG", NOTHING), ("elsewhere", VIOLATION), ("[parameters('g')]", UNDETERMINED)],
)
@pytest.mark.parametrize("scope", [None, "[resourceGroup().id]"])
def test_locks_of_groups_that_are_named(where: str, expected: str | None, scope: str | None) -> None:
    given = {"g": {"type": "string"}}
    parts = (
        nested(template(REGISTRY), "r", resourceGroup="rg"),
        nested(template(lock(scope)), "l", resourceGroup=where),
    )
    for schema in (GROUP_SCHEMA, SUBSCRIPTION_SCHEMA):
        assert kind_of(template(*parts, schema=schema, parameters=given)) == expected
    assert kind_of(template(nested(template(REGISTRY, lock(scope)), resourceGroup="rg"))) is NOTHING


def test_the_own_group_and_one_that_is_named_may_be_the_same() -> None:
    assert kind_of(template(REGISTRY, nested(template(lock()), resourceGroup="rg"))) == UNDETERMINED
    assert kind_of(template(lock(), nested(template(REGISTRY), resourceGroup="rg"))) == UNDETERMINED


def test_locks_of_a_template_for_a_subscription() -> None:
    registry = nested(template(REGISTRY), "r", resourceGroup="rg")
    group = "[subscriptionResourceId('Microsoft.Resources/resourceGroups', '{}')]"
    whole = [lock(), lock("[subscription().id]"), lock(group.format("rg"))]
    for each in whole:
        assert kind_of(template(registry, each, schema=SUBSCRIPTION_SCHEMA)) is NOTHING
    below = nested(template(lock(), schema=SUBSCRIPTION_SCHEMA), "l", location="japaneast")
    assert kind_of(template(registry, below, schema=SUBSCRIPTION_SCHEMA)) is NOTHING
    elsewhere = lock(group.format("elsewhere"))
    assert kind_of(template(registry, elsewhere, schema=SUBSCRIPTION_SCHEMA)) == VIOLATION


def test_a_lock_on_another_subscription_does_not_count() -> None:
    registries = documents.load("acr.json", (PRINTED / "acr-list.json").read_text())
    for scope, kinds in ((SUBSCRIPTION, set()), (f"{SUBSCRIPTION[:-1]}1", {VIOLATION})):
        held = {"id": f"{scope}/providers/Microsoft.Authorization/locks/keep", "name": "keep", "level": "CanNotDelete"}
        # What was asked tells that there are no other locks.
        locks = {"asked": {"type": "Microsoft.Authorization/locks", "scope": SUBSCRIPTION}, "answer": [held]}
        (found,) = documents.joined([registries, documents.load("locks.json", json.dumps(locks))])
        config = {"all": "disabled", "delete-lock": {"enforcementLevel": "mandatory"}}
        assert {each.kind for each in evaluate(found.estate, config=config)} == kinds
