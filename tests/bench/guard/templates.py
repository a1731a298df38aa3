"""The estate as ARM templates: the same resources on the wire's own shape, for tools that read nothing of Pulumi's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.bench.guard import estate

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
API_VERSION = "2024-05-01"
# What ARM keeps beside a resource's `properties`, and what Pulumi needs only to make the id.
_TOP = {"location", "tags", "sku", "identity"}
_NAMES = {"resourceGroupName", "resourceUri", "scope", "name"}


def template(states: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """One template with the resources of these states."""
    return {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "resources": [_resource(state) for state in states if state.get("id")],
    }


def _resource(state: Mapping[str, Any]) -> dict[str, Any]:
    scope, found, own = state["id"].rpartition("/providers/")
    if not found:
        own = f"Microsoft.Resources/resourceGroups/{scope.rpartition('/')[2] or state['id'].rpartition('/')[2]}"
    namespace, *steps = own.split("/")
    inputs: dict[str, Any] = {
        key: value for key, value in state["inputs"].items() if key not in _NAMES and not key.endswith("Name")
    }
    if "userAssignedIdentities" in inputs.get("identity", {}):
        ids = inputs["identity"]["userAssignedIdentities"]
        inputs["identity"] = {**inputs["identity"], "userAssignedIdentities": {each: {} for each in ids}}
    properties = inputs.pop("properties", {})
    properties |= {key: value for key, value in inputs.items() if key not in _TOP}
    made = {
        "type": "/".join((namespace, *steps[::2])),
        "apiVersion": API_VERSION,
        "name": "/".join(steps[1::2]),
        **{key: value for key, value in inputs.items() if key in _TOP},
        "properties": properties,
    }
    if "/providers/" in scope:
        made["scope"] = scope
    return made


def write(folder: Path, stacks: int) -> Path:
    """A folder with one template a stack."""
    folder.mkdir()
    for index in range(stacks):
        (folder / f"stack-{index:05}.json").write_text(json.dumps(template(estate.stack(index)), indent=2))
    return folder


def write_one(file: Path, stacks: int) -> Path:
    """One template with all stacks."""
    file.write_text(json.dumps(template(estate.resources(stacks)), indent=2))
    return file
