"""Management locks: what a lock on a scope forbids in it.

A lock holds for its scope and everything in it; deleting a scope is forbidden as well while something in it is locked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import ids

if TYPE_CHECKING:
    from .kind import Problems
    from .store import Row, Transaction

ARM_TYPE = "Microsoft.Authorization/locks"
_MARK = "/providers/microsoft.authorization/locks/"


def locked_scope(lock: Row) -> str:
    """The scope that a lock is on."""
    return lock.id[: lock.key.index(_MARK)]


def _locks_on(tx: Transaction, resource_id: str) -> list[Row]:
    """The locks that hold for a resource: its own and those of every scope that it is in."""
    return [
        lock
        for scope in ids.scopes_of(resource_id)
        for lock in tx.below(f"{scope}/providers/Microsoft.Authorization/locks")
    ]


def _refuse(problems: Problems, verb: str, resource_id: str, scopes: list[str]) -> None:
    locked = ",".join(dict.fromkeys(scopes))
    problems.add(
        f"The scope '{resource_id}' cannot perform {verb} operation because following scope(s) are locked: "
        f"'{locked}'. Please remove the lock and try again.",
        "ScopeLocked",
        409,
    )


def check_write(tx: Transaction, resource_id: str, arm_type: str, problems: Problems) -> None:
    """A ReadOnly lock forbids every change in its scope, locks themselves aside."""
    if arm_type == ARM_TYPE:
        return
    scopes = [locked_scope(lock) for lock in _locks_on(tx, resource_id) if lock.body.get("level") == "ReadOnly"]
    if scopes:
        _refuse(problems, "write", resource_id, scopes)


def check_record(tx: Transaction, record: Row, problems: Problems) -> None:
    """Any lock on a zone, or on what it is in, keeps the zone group that wrote a record from taking it back.

    Seen with a CanNotDelete lock on the resource group of a central zone, 2026-06: deleting the zone group fails with
    ScopeLocked, and a program that destroys it waits for long. Here it fails at once.
    """
    scopes = [locked_scope(lock) for lock in _locks_on(tx, record.id)]
    if scopes:
        _refuse(problems, "delete", record.id, scopes)


def check_delete(tx: Transaction, row: Row, going: list[Row], problems: Problems) -> None:
    """Any lock forbids deleting what it is on, what is in that, and what that is in."""
    if _MARK in row.key:
        return
    inside = [each for each in going if _MARK in each.key]
    scopes = [locked_scope(lock) for lock in [*_locks_on(tx, row.id), *inside]]
    if scopes:
        _refuse(problems, "delete", row.id, scopes)
