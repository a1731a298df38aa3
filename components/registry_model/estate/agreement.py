"""Puts together what several answers of Azure tell of one resource, and finds where they contradict each other.

Answers complete one another: `show` tells more than `list`, az writes nested objects with other details than Resource
Graph, and ids in other letter case. Which one was read first decides nothing. What moves by itself (etags, times, the
state of provisioning) differs between two moments, and contradicts nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .values import UNKNOWN, Partial, show

_MOVES = re.compile(r".*(?:etag|time|timestamp|date)|provisioningstate|systemdata")
# Filled in a moment after the endpoint, and left empty beside a zone group.
_FILLED_LATER = frozenset({"customdnsconfigs"})
_TAGS = "tags"
_OWN_STATE = "status"  # of a registry: an object with a message and a time


@dataclass(frozen=True)
class Clash:
    """A property, by its path, of which one answer says ``one`` and another ``other``."""

    path: str
    one: str
    other: str


def agreed(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[dict[str, Any], list[Clash]]:
    """What two answers tell of one resource, together, and where they contradict each other.

    A value counts more than null and than what is not known. Of tags, those count that both tell.
    """
    clashes: list[Clash] = []
    return _objects(one, other, "", clashes), clashes


def _objects(one: Mapping[str, Any], other: Mapping[str, Any], path: str, clashes: list[Clash]) -> dict[str, Any]:
    keys = dict.fromkeys([*dict.keys(one), *dict.keys(other)])  # type: ignore[arg-type]
    made = {key: _values(_held(one, key), _held(other, key), f"{path}.{key}".lstrip("."), clashes) for key in keys}
    return Partial(made) if isinstance(one, Partial) and isinstance(other, Partial) else made


def _held(holder: Mapping[str, Any], key: str) -> Any:
    return dict.get(holder, key, UNKNOWN)  # type: ignore[arg-type]


def _values(one: Any, other: Any, path: str, clashes: list[Clash]) -> Any:
    key = path.rpartition(".")[2]
    if one is UNKNOWN or one is None:
        return one if other is UNKNOWN else other
    if other is UNKNOWN or other is None:
        return one
    if path == _TAGS and isinstance(one, dict) and isinstance(other, dict):
        return {name: value for name, value in one.items() if name in other and other[name] == value}
    if _MOVES.fullmatch(key) or (path == _OWN_STATE and isinstance(one, dict)):
        return max(one, other, key=_written)
    if isinstance(one, dict) and isinstance(other, dict):
        return _objects(one, other, path, clashes)
    if isinstance(one, list) and isinstance(other, list):
        return _lists(one, other, path, clashes)
    if isinstance(one, dict | list) or isinstance(other, dict | list):
        # A projection may give a property another form: what it says of it is not known.
        return one if isinstance(one, dict | list) else other
    if _plain(one) != _plain(other):
        clashes.append(Clash(path, show(one), show(other)))
    return max(one, other, key=_written)


def _lists(one: list[Any], other: list[Any], path: str, clashes: list[Clash]) -> list[Any]:
    if path.rpartition(".")[2] in _FILLED_LATER and not (one and other):
        return one or other
    mine, theirs = dict(_members(one)), dict(_members(other))
    if mine.keys() != theirs.keys():
        clashes.append(Clash(path, _counted(one), _counted(other)))
        return one
    return [_values(value, theirs[key], f"{path}[{key[0]}]", clashes) for key, value in mine.items()]


def _members(items: list[Any]) -> Iterator[tuple[tuple[Any, int], Any]]:
    """The members of a list, each by what tells it from the others: its id or name, else its value, else its place
    among the others by what it holds. Azure promises no order."""
    seen: dict[Any, int] = {}
    for place, item in enumerate(sorted(items, key=_written)):
        if isinstance(item, dict):
            texts = (dict.get(item, key) for key in ("id", "name", "fqdn"))
            called = next((text.lower() for text in texts if isinstance(text, str) and text), place)
        else:
            called = _plain(item) if not isinstance(item, list) else place
        seen[called] = seen.get(called, -1) + 1
        yield (called, seen[called]), item


def _counted(items: list[Any]) -> str:
    return (
        show(items)
        if len(items) < 4 and not any(isinstance(each, dict | list) for each in items)
        else f"{len(items)} entries"
    )


def _plain(value: Any) -> str:
    """A value so that spellings of the same one are equal: ``Japan East`` and ``japaneast``, ids in any letter case."""
    return re.sub(r"\s+", "", str(value)).lower().rstrip("/")


def _written(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
