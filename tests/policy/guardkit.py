"""Stacks for the guard's tests: from a rule's examples to states, and through the real engine."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from registry_guard.engine import Finding, evaluate
from registry_guard.model import Stack
from registry_guard.normalise import stack_from_states
from registry_guard.rule import Example, Rule

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
REGISTRY = "azure-native:containerregistry:Registry"


def urn(kind: str, name: str, stack: str = "dev") -> str:
    return f"urn:pulumi:{stack}::app::{kind}::{name}"


def states(resources: Iterable[Mapping[str, Any]], prefix: str = "") -> list[dict[str, Any]]:
    """Example resources as entries of a stack export; ``prefix`` keeps the names of several examples apart."""
    given = list(resources)
    urns = {r["name"]: urn(r["type"], prefix + r["name"]) for r in given}

    def resolved(names: Sequence[str]) -> list[str]:
        return [urns[name] for name in names]

    made = []
    for each in given:
        outputs = dict(each.get("outputs", {}))
        state = {
            "urn": urns[each["name"]],
            "custom": True,
            "id": outputs.pop("id", ""),
            "type": each["type"],
            "inputs": each.get("inputs", {}),
            "outputs": {**each.get("inputs", {}), **outputs},
            "dependencies": resolved(each.get("dependencies", ())),
            "propertyDependencies": {k: resolved(v) for k, v in each.get("propertyDependencies", {}).items()},
        }
        state |= {key: each[key] for key in ("protect", "ignoreChanges", "external") if key in each}
        if "parent" in each:
            state["parent"] = urns[each["parent"]]
        made.append(state)
    return made


def stack(*resources: Mapping[str, Any]) -> Stack:
    return stack_from_states(states(resources))


def judge(example: Example, rule: Rule, level: str = "mandatory") -> list[Finding]:
    """What one rule, and no other, finds in an example."""
    config = {"all": "disabled", rule.id: {"enforcementLevel": level, **example.config}}
    return evaluate(stack(*example.resources), config=config)


def deployment(resources: Iterable[Mapping[str, Any]]) -> str:
    """A stack export, as ``pulumi policy analyze --file`` reads it."""
    return json.dumps({"version": 3, "deployment": {"manifest": {}, "resources": list(resources)}})
