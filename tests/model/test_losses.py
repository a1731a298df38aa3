"""What a preview deletes or replaces, and what Azure keeps all the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from registry_model.estate.documents import load

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
TEMPLATE = {"resources": [{"type": "Microsoft.ContainerRegistry/registries", "name": "contoso"}]}
CLASSIC = "azure:containerservice/registry:Registry"


def state(kind: str, name: str, inputs: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"urn": f"urn:pulumi:dev::app::{kind}::{name}", "type": kind, "custom": True, "inputs": inputs, **more}


def lost(*steps: tuple[str, Mapping[str, Any] | None, Mapping[str, Any] | None]) -> set[tuple[str, bool, str]]:
    """(what is lost, whether it is replaced, the group that takes it along) of a preview's steps."""
    held = [
        {"op": op, "urn": (new or old or {})["urn"], "oldState": old, "newState": new, "replaceReasons": ["location"]}
        for op, old, new in steps
    ]
    made = load("preview.json", json.dumps({"config": {}, "changeSummary": {}, "steps": held})).estate
    return {
        (f"{x.resource.name} {x.resource.get('location', '')}".strip(), x.replaced, x.holder.name if x.holder else "")
        for x in made.losses
    }


REGISTRY = state(
    "azure-native:containerregistry:Registry", "acr", {"registryName": "contoso", "resourceGroupName": "rg"}
)


@pytest.mark.parametrize(
    ("operation", "replaced"),
    [("delete", False), ("replace", True), ("create-replacement", True), ("delete-replaced", True)],
)
def test_steps_that_delete(operation: str, replaced: bool) -> None:
    assert lost((operation, REGISTRY, None if operation.startswith("delete") else REGISTRY)) == {("acr", replaced, "")}


@pytest.mark.parametrize("operation", ["same", "update", "refresh", "import", "discard", "read"])
def test_steps_that_keep(operation: str) -> None:
    assert lost((operation, REGISTRY, REGISTRY)) == set()


def test_creating_deletes_nothing() -> None:
    assert lost(("create", None, REGISTRY)) == set()


@pytest.mark.parametrize("held", [{"retainOnDelete": True}, {"external": True}])
def test_what_stays_in_azure(held: dict[str, Any]) -> None:
    assert lost(("delete", {**REGISTRY, **held}, None)) == set()


def test_a_deployment_leaves_what_it_made_and_terraforms_does_not() -> None:
    native = state("azure-native:resources:Deployment", "d", {"properties": {"template": TEMPLATE}})
    assert lost(("delete", native, None)) == set()
    kind = "azure:core/resourceGroupTemplateDeployment:ResourceGroupTemplateDeployment"
    classic = state(kind, "d", {"name": "d", "templateContent": json.dumps(TEMPLATE)})
    assert lost(("delete", classic, None)) == {("contoso", False, "")}


@pytest.mark.parametrize("token", [CLASSIC, "azurerm:index/containerRegistry:ContainerRegistry"])
def test_a_replica_that_is_no_longer_listed(token: str) -> None:
    def listed(*regions: str) -> dict[str, Any]:
        return state(token, "acr", {"name": "contoso", "georeplications": [{"location": r} for r in regions]})

    assert lost(("update", listed("eastus", "westus2"), listed("westus2"))) == {("acr eastus", False, "")}
    assert lost(("update", listed("eastus"), listed("westus2", "eastus"))) == set()
    assert lost(("replace", listed("eastus"), listed())) == {("acr", True, "")}, "the registry stands for its replicas"


def test_a_generic_registry() -> None:
    generic = state(
        "azure-native:resources:Resource",
        "acr",
        {
            "resourceProviderNamespace": "Microsoft.ContainerRegistry",
            "resourceType": "registries",
            "resourceName": "contoso",
        },
    )
    assert lost(("delete", generic, None)) == {("acr", False, "")}


@pytest.mark.parametrize("token", ["azure-native:resources:ResourceGroup", "azure:core/resourceGroup:ResourceGroup"])
def test_a_group_takes_along_what_the_stack_keeps(token: str) -> None:
    key = "resourceGroupName" if token.startswith("azure-native") else "name"
    group = state(token, "group", {key: "rg"})
    kept = {**REGISTRY, "retainOnDelete": True}
    assert lost(("delete", group, None), ("delete", kept, None)) == {("acr", False, "group")}
    assert lost(("delete", group, None), ("delete", REGISTRY, None)) == {("acr", False, "")}
    other = state(token, "group", {key: "elsewhere"})
    assert lost(("delete", other, None), ("same", REGISTRY, REGISTRY)) == set()


def test_a_patch_that_goes_takes_nothing_along() -> None:
    patch = state(
        "azapi:index/updateResource:UpdateResource",
        "patch",
        {
            "type": "Microsoft.ContainerRegistry/registries@2025-04-01",
            "resourceId": f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/contoso",
            "body": {"tags": {}},
        },
    )
    assert lost(("delete", patch, None), ("same", REGISTRY, REGISTRY)) == set()
