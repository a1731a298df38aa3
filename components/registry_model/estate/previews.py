"""A preview (``pulumi preview --json``) as the states that it starts from and leads to.

A preview that failed, or that hides unchanged resources, does not hold the whole stack, so it is refused with the way
to get the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .losses import REPLACES, Removal, removal

State = Mapping[str, Any]

_KEPT = frozenset({"same", "update", "refresh"})
_GONE = frozenset({"delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace"})


class PreviewError(ValueError):
    """The preview does not tell what it leads to."""


@dataclass(frozen=True)
class Preview:
    """The states before and after an update, the URNs of those that it changes, and what it deletes or replaces."""

    before: list[State]
    after: list[State]
    planned: frozenset[str]
    removed: Mapping[str, Removal] = field(default_factory=dict)


def is_preview(document: Mapping[str, Any]) -> bool:
    """Whether a document is a preview; one without any step omits the list."""
    return isinstance(document.get("steps"), list) or {"changeSummary", "config"} <= set(document)


def states(document: Mapping[str, Any], export: Iterable[State] | None = None) -> Preview:
    """What a preview starts from and leads to.

    ``export``: the resources of the stack's export, which supply those that the preview leaves out as unchanged; with
    ``--show-sames`` it is not needed. Raises PreviewError.
    """
    steps = document.get("steps") or []
    if not isinstance(steps, list) or not all(isinstance(s, dict) for s in steps):
        raise PreviewError("its steps are no list of objects: it is no output of `pulumi preview --json`")
    if not all(isinstance(s.get("op"), str) and isinstance(s.get("urn"), str) for s in steps):
        raise PreviewError("a step has no operation or no URN: it is no output of `pulumi preview --json`")
    _check_success(document)
    summary = document.get("changeSummary")
    unchanged = summary.get("same", 0) if isinstance(summary, dict) else 0
    shown = sum(step.get("op") == "same" for step in steps)
    if export is None and isinstance(unchanged, int) and unchanged > shown:
        raise PreviewError(
            f"it leaves out {unchanged - shown} unchanged resources; preview with `pulumi preview --json --show-sames`,"
            " or give the stack's export too"
        )
    before: dict[str, State] = {str(s.get("urn")): s for s in export or () if not s.get("delete")}
    after = dict(before)
    planned: set[str] = set()
    removed: dict[str, Removal] = {}
    for step in steps:
        urn, operation = str(step.get("urn", "")), str(step.get("op", ""))
        old, new = step.get("oldState"), step.get("newState")
        if isinstance(old, dict):
            if operation in REPLACES:
                # The engine marks what it deletes after its successor is made: before the update it is there.
                old = {key: value for key, value in old.items() if key != "delete"}
            before.setdefault(urn, old)
            after.setdefault(urn, old)
            gone = removal((operation,), old, because=step.get("replaceReasons"))
            if gone is not None:
                removed[urn] = gone
        if operation == "delete":
            after.pop(urn, None)
        elif operation not in _GONE and new:
            after[urn] = _with_answers(new, old) if operation in _KEPT and isinstance(old, dict) else new
            if operation != "same":
                planned.add(urn)
    return Preview(list(before.values()), list(after.values()), frozenset(planned), removed)


def _check_success(document: Mapping[str, Any]) -> None:
    diagnostics = document.get("diagnostics")
    for said in diagnostics if isinstance(diagnostics, list) else ():
        if isinstance(said, dict) and said.get("severity") == "error":
            why = " ".join(str(said.get("message", "")).split())
            raise PreviewError(f"the preview failed, so it does not hold the whole stack: {why}")


def _with_answers(new: Any, old: Mapping[str, Any]) -> Any:
    """The new state of a resource that stays, with what Azure answered for it before and the preview leaves out."""
    answered = old.get("outputs")
    if not isinstance(new, dict) or not isinstance(answered, dict):
        return new
    outputs = new.get("outputs")
    return {**new, "id": new.get("id") or old.get("id"), "outputs": {**answered, **(outputs or {})}}
