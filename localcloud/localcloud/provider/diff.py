"""Compares old and new inputs as azure-native does, and tells what replaces a resource."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .naming import CREATE_BEFORE_DELETE, same
from .values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localcloud.model import TypeInfo
    from localcloud.sdk.description import Properties

_MISSING: Any = object()
_PLAIN_KEY = re.compile(r"[A-Za-z_$][\w$]*")


@dataclass(frozen=True)
class Change:
    """One changed input: its path as Pulumi writes it, ``add``, ``delete`` or ``update``, and whether it replaces."""

    path: str
    kind: str
    replaces: bool


@dataclass(frozen=True)
class Difference:
    changes: list[Change]
    delete_before_replace: bool


def difference(
    info: TypeInfo, properties: Properties, old: dict[str, Any], new: dict[str, Any], old_outputs: dict[str, Any]
) -> Difference:
    """What changes between two sets of inputs.

    An input that is set for the first time to the SDK's default, or one that replaces to what the resource has already,
    is no change of the resource.
    """
    replacing = {*info.scope_properties, *info.replaced_for}
    changes = []
    for name in [*old, *(name for name in new if name not in old)]:
        if name.startswith("__"):
            continue
        before, after = old.get(name, _MISSING), new.get(name, _MISSING)
        if before is _MISSING and after == properties.get(name, {}).get("default", _MISSING):
            continue
        if same(name, before, after):
            continue
        found = list(_compare(before, after, name, name, replacing))
        if before is _MISSING and same(name, after, old_outputs.get(name)):
            found = [Change(change.path, change.kind, False) for change in found]
        changes += found
    replaced = any(change.replaces for change in changes)
    # azure-native names most resources without chance, so the old one has to make room, unless it was named at random.
    return Difference(changes, delete_before_replace=replaced and old.get(CREATE_BEFORE_DELETE) is not True)


def _compare(before: Any, after: Any, path: str, plain_path: str, replacing: set[str]) -> Iterator[Change]:
    """The changes between two values; ``plain_path`` is the path without indices, as paths that replace are given."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            inner = f"{path}.{key}" if _PLAIN_KEY.fullmatch(key) else f'{path}["{key}"]'
            yield from _compare(
                before.get(key, _MISSING), after.get(key, _MISSING), inner, f"{plain_path}.{key}", replacing
            )
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            old = before[index] if index < len(before) else _MISSING
            new = after[index] if index < len(after) else _MISSING
            yield from _compare(old, new, f"{path}[{index}]", plain_path, replacing)
    elif before is UNKNOWN or after is UNKNOWN or not same(path, before, after):
        kind = "add" if before is _MISSING else "delete" if after is _MISSING else "update"
        yield Change(path, kind, _replaces(plain_path, before, after, replacing))


def _replaces(path: str, before: Any, after: Any, replacing: set[str]) -> bool:
    """Whether a change here is at, below or around something that cannot change."""
    if any(path.startswith(f"{fixed}.") for fixed in replacing):
        return not (_is_off(before) and _is_off(after))
    held = [
        value
        for fixed in replacing
        if path == fixed or fixed.startswith(f"{path}.")
        for side in (before, after)
        for value in _values(side, [step for step in fixed.removeprefix(path).split(".") if step])
    ]
    return not all(map(_is_off, held))


def _values(value: Any, path: list[str]) -> Iterator[Any]:
    """What a value holds at a path; a list holds what its elements hold."""
    if isinstance(value, list):
        for item in value:
            yield from _values(item, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not path or key == path[0]:
                yield from _values(item, path[1:])
    elif not path:
        yield value


def _is_off(value: Any) -> bool:
    """Whether a value says the same as leaving it out: ``encryption.status: disabled`` is no encryption."""
    return value is _MISSING or value is False or (isinstance(value, str) and value.lower() == "disabled")
