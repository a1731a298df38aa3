"""A plan (``pulumi preview --save-plan``) as the states it leads to.

A plan tells for each resource only what changes of its inputs, so that anything but a create needs the state that the
plan starts from (``apitype.DeploymentPlanV1`` in pulumi/sdk/go/common/apitype/plan.go).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from . import tokens
from .losses import Removal, removal
from .reading import concerns

# The types, and those that have no canonical one, whose deletion may be that of a registry or replica.
_MAY_HOLD_A_REGISTRY = frozenset({"", *tokens.HOLDERS, tokens.REPLICATION, tokens.RESOURCE_GROUP, tokens.GENERIC})
_NEEDS_NO_STATE = frozenset({"create", "import", "read"})


class PlanError(ValueError):
    """The plan alone does not tell what it leads to."""


def is_plan(document: Mapping[str, Any]) -> bool:
    """Whether a document is a plan; the CLI writes it bare, with a version around it elsewhere."""
    held = document.get("plan")
    return "resourcePlans" in document or (isinstance(held, dict) and "resourcePlans" in held)


def states(document: Mapping[str, Any], before: Iterable[Mapping[str, Any]] | None) -> list[Mapping[str, Any]]:
    """The state of every resource that the plan keeps or makes; ``before`` are the resources of the stack's export.

    Raises PlanError.
    """
    plan = document.get("plan") if "resourcePlans" not in document else document
    plans = plan.get("resourcePlans") if isinstance(plan, dict) else None
    if not isinstance(plans, dict) or not all(
        isinstance(p, dict) and isinstance(p.get("goal") or {}, dict) for p in plans.values()
    ):
        raise PlanError("its resourcePlans are no object of plans: it is no plan of `pulumi preview --save-plan`")
    known = {str(state.get("urn")): state for state in before or ()}
    needy = [urn for urn, resource in plans.items() if _needs_state(urn, resource) and urn not in known]
    if needy:
        raise PlanError(
            f"it tells only what changes, and changes {len(needy)} existing resources that are judged; give the "
            "stack's export too, with --state"
        )
    return [_state(urn, resource, known.get(urn, {})) for urn, resource in plans.items() if resource.get("goal")]


def removed(document: Mapping[str, Any], before: Iterable[Mapping[str, Any]]) -> dict[str, Removal]:
    """What the plan deletes or replaces, by URN; a plan that `states` takes."""
    plans = (document if "resourcePlans" in document else document["plan"])["resourcePlans"]
    found: dict[str, Removal] = {}
    for state in before:
        steps = (plans.get(state.get("urn")) or {}).get("steps")
        gone = removal(map(str, steps), state) if isinstance(steps, list) and not state.get("delete") else None
        if gone is not None:
            found[str(state["urn"])] = gone
    return found


def _needs_state(urn: str, resource: Mapping[str, Any]) -> bool:
    goal = resource.get("goal")
    steps = resource.get("steps")
    if not isinstance(goal, dict):
        # Deleted: whether a registry goes with it, its state alone tells.
        kind = urn.split("::")[2].rpartition("$")[2] if urn.count("::") > 2 else ""
        return concerns(kind) and tokens.canonical(kind) in _MAY_HOLD_A_REGISTRY
    if not concerns(str(goal.get("type", ""))):
        return False
    return not isinstance(steps, list) or any(step not in _NEEDS_NO_STATE for step in map(str, steps))


def _state(urn: str, resource: Mapping[str, Any], before: Mapping[str, Any]) -> Mapping[str, Any]:
    goal = resource["goal"]
    change = goal.get("inputDiff") or {}
    if not isinstance(change, dict) or not all(isinstance(change.get(k) or {}, dict) for k in ("adds", "updates")):
        raise PlanError(f"its change of {urn} is no plan of `pulumi preview --save-plan`")
    inputs = {**(before.get("inputs") or {}), **(change.get("adds") or {}), **(change.get("updates") or {})}
    for key in change.get("deletes") or ():
        inputs.pop(str(key), None)
    return {
        "urn": urn,
        "type": goal.get("type"),
        "custom": goal.get("custom"),
        "id": before.get("id"),
        "inputs": inputs,
        "outputs": resource.get("state") or {},
        "parent": goal.get("parent"),
        "protect": goal.get("protect"),
        "provider": goal.get("provider"),
        "dependencies": goal.get("dependencies"),
        "propertyDependencies": goal.get("propertyDependencies"),
        "ignoreChanges": goal.get("ignoreChanges"),
    }
