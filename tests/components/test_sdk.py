"""The light resource classes ask the engine for exactly what pulumi-azure-native's own classes ask for.

The flat program declares the local stack's resources with the SDK; the component declares them with
``private_registry.azure.sdk``. What reaches the engine must be the same, resource by resource.
"""

from __future__ import annotations

import inspect
import json
import re
import runpy
import sys
from pathlib import Path
from typing import Any

import pulumi
import pulumi_azure_native as azure_native
import pytest
import yaml
from private_registry import PrivateRegistry, stack
from private_registry.azure import sdk

from tests.components.graph import Graph, run

ROOT = Path(__file__).resolve().parents[2]
TYPES = [name for name in sdk.__all__ if name[0].isupper()]


def config() -> dict[str, str]:
    values = yaml.safe_load((ROOT / "Pulumi.local.yaml").read_text())["config"]
    return {k: v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}


def flat() -> None:
    pulumi.runtime.set_all_config(config(), [])
    runpy.run_path(str(ROOT / "tests" / "bench" / "flat" / "__main__.py"))


def component() -> None:
    PrivateRegistry("main", stack.arguments(config(), "private-registry", "local"))


def asked(graph: Graph) -> dict[str, tuple[dict[str, Any], str]]:
    """Inputs by type, each of which is there once; of an id, which has the resource's own name, all but that name."""
    found: dict[str, tuple[dict[str, Any], str]] = {}
    for resource in graph.resources:
        if resource.custom:
            assert resource.type not in found
            inputs = re.sub(r'(/subscriptions/[^"]*/)[^/"]+"', r'\1<name>"', json.dumps(resource.inputs))
            found[resource.type] = (json.loads(inputs), resource.version)
    return found


def test_the_component_declares_what_the_flat_program_declares() -> None:
    ours, theirs = asked(run(component)), asked(run(flat))
    assert set(ours) == set(theirs)
    for resource_type, request in theirs.items():
        assert ours[resource_type] == request


@pytest.mark.parametrize("name", TYPES)
def test_the_least_that_can_be_asked_for(name: str) -> None:
    light = getattr(sdk, name)
    package, module, simple = light.pulumi_type.split(":")
    assert (package, simple) == ("azure-native", name)
    real = getattr(getattr(azure_native, module), name)
    declared_in = vars(sys.modules[real.__module__])
    # A nested input type of the same name makes the SDK call the resource's own arguments InitArgs.
    args = declared_in.get(f"{name}InitArgs") or declared_in[f"{name}Args"]
    required = {
        parameter: {"name": "Premium"} if parameter == "sku" else "x"
        for parameter, described in inspect.signature(args.__init__).parameters.items()
        if described.default is inspect.Parameter.empty and parameter != "__self__"
    }
    ours = run(lambda: light("it", **required) and None)["it"]
    theirs = run(lambda: real("it", **required) and None)["it"]
    assert ours.type == theirs.type
    assert ours.inputs == theirs.inputs
    assert ours.version == theirs.version
    for output in light.outputs:
        assert output in {_wire_name(member) for member in vars(real).values()}


def _wire_name(member: object) -> str:
    return getattr(getattr(member, "fget", None), "_pulumi_name", "")


def test_the_provider_version_is_the_sdks() -> None:
    assert sdk.version() == azure_native._utilities.get_version()
