"""What an update changes for the clients of a registry: before and after, client by client."""

from __future__ import annotations

from collections.abc import Sequence

from .clients import model_of
from .judgement import table
from .kinds import AnyRegistry
from .model import Ability, Change, Model, Operation, Summary, Verdict


def compare(before: Sequence[AnyRegistry], after: Sequence[AnyRegistry]) -> list[Change]:
    """What changes for the default clients of every registry; registries are matched by ``key``."""
    old = {r.key or r.login_server: r for r in before}
    new = {r.key or r.login_server: r for r in after}
    changes: list[Change] = []
    for key in dict.fromkeys([*old, *new]):
        changes += diff(model_of(old[key]) if key in old else None, model_of(new[key]) if key in new else None)
    return changes


def diff(before: Model | None, after: Model | None) -> list[Change]:
    """What an update of the registry or of its surroundings changes, client by client; they are matched by key or name.

    None stands for a registry that is not there. Clients for whom nothing changes are left out.
    """
    present = after or before
    if present is None:
        return []
    changes: list[Change] = []
    old = {s.key or s.client: s for s in table(before)} if before else {}
    new = {s.key or s.client: s for s in table(after)} if after else {}
    for key in dict.fromkeys([*old, *new]):
        was, becomes = old.get(key), new.get(key)
        client = next(each.client for each in (becomes, was) if each is not None)
        change = _change(present.registry.label, client, was, becomes)
        if change is not None:
            changes.append(change)
    return changes


def _change(registry: str, client: str, old: Summary | None, new: Summary | None) -> Change | None:
    if old is not None and new is not None and _essence(old) == _essence(new):
        return None
    old_hosts = list(dict.fromkeys(r.host for r in old.reaches)) if old else []
    new_hosts = list(dict.fromkeys(r.host for r in new.reaches)) if new else []
    worse = [
        operation.value
        for operation, was, becomes in (
            (Operation.PULL, old.pull if old else Ability.NO, new.pull if new else Ability.NO),
            (Operation.PUSH, old.push if old else Ability.NO, new.push if new else Ability.NO),
        )
        if _RANK[becomes] < _RANK[was]
    ]
    return Change(
        registry=registry,
        client=client,
        before=old,
        after=new,
        new_hosts=tuple(h for h in new_hosts if h not in old_hosts),
        gone_hosts=tuple(h for h in old_hosts if h not in new_hosts),
        breaks=bool(worse),
        text=_change_text(old, new, worse),
    )


def _change_text(old: Summary | None, new: Summary | None, worse: list[str]) -> str:
    if new is None:
        return "is no longer considered: the registry or the client is gone"
    if old is None:
        return f"is new: pull {new.pull}, push {new.push}; {new.reason}"
    parts: list[str] = []
    for operation, was, becomes in ((Operation.PULL, old.pull, new.pull), (Operation.PUSH, old.push, new.push)):
        if was is not becomes:
            parts.append(_ability_text(operation, was, becomes))
    if worse:
        return f"{' and '.join(parts)}: {new.reason}; {new.fix}"
    if Ability.IF in (new.pull, new.push) or Ability.UNKNOWN in (new.pull, new.push):
        parts.append(new.reason)
    if old.paths != new.paths and new.paths and old.paths:
        parts.append(f"path: {', '.join(old.paths)} → {', '.join(new.paths)}")
    old_hosts, new_hosts = {r.host for r in old.reaches}, {r.host for r in new.reaches}
    if new_hosts - old_hosts:
        parts.append(f"also uses {', '.join(sorted(new_hosts - old_hosts))}")
    if old_hosts - new_hosts:
        parts.append(f"no longer uses {', '.join(sorted(old_hosts - new_hosts))}")
    if _obstacle(old) is not _obstacle(new):
        parts.append(f"what stops it: {_obstacle(old) or 'nothing'} → {_obstacle(new) or 'nothing'}")
    return "; ".join(parts) or "the addresses it uses change"


def _ability_text(operation: Operation, was: Ability, becomes: Ability) -> str:
    if becomes is Ability.NO:
        return f"can no longer {operation}"
    if becomes is Ability.UNKNOWN:
        return f"may or may not {operation}"
    if becomes is Ability.IF:
        return f"can {operation} on a condition"
    where = " from some regions only" if becomes is Ability.PARTLY else ""
    return f"can {operation}{where}" + (", no longer from all" if was is Ability.YES else " now")


def _obstacle(line: Summary) -> Verdict | None:
    """The first thing that stops a client."""
    return next((r.verdict for r in line.reaches if not r.allowed), None)


def _essence(line: Summary) -> tuple[object, ...]:
    """What of a line matters to its client. Who gets nothing does not mind which hosts it does not get."""
    if line.pull is Ability.NO and line.push is Ability.NO:
        return (_obstacle(line),)
    return (
        line.pull,
        line.push,
        line.paths,
        *((r.host, r.operation, r.verdict, r.path, r.address) for r in line.reaches),
    )


# What cannot be told is neither better nor worse: only what a client is known to lose breaks it.
_RANK = {Ability.NO: 0, Ability.PARTLY: 1, Ability.UNKNOWN: 2, Ability.IF: 2, Ability.YES: 2}
