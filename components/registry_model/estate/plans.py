"""A plan (``pulumi preview --save-plan``) as the states it leads to.

A plan tells for each resource only what changes of its inputs, so that anything but a create needs the state that the
plan starts from (``apitype.DeploymentPlanV1`` in pulumi/sdk/go/common/apitype/plan.go).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .reading import concerns

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
    needy = [urn for urn, resource in plans.items() if _needs_state(resource) and urn not in known]
    if needy:
        raise PlanError(
            f"it tells only what changes, and changes {len(needy)} existing resources that are judged; give the "
            "stack's export too, with --state"
        )
    return [_state(urn, resource, known.get(urn, {})) for urn, resource in plans.items() if resource.get("goal")]


def _needs_state(resource: Mapping[str, Any]) -> bool:
    goal = resource.get("goal")
    if not isinstance(goal, dict) or not concerns(str(goal.get("type", ""))):
        return False
    steps = resource.get("steps")
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
