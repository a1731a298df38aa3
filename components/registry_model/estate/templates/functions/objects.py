"""Functions of objects: template-functions-object of Microsoft's reference."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ...values import UNKNOWN, Partial
from ..values import ABSENT, at, key, text_of
from .arrays import merged
from .table import Function


def create_object(*values: Any) -> Any:
    made: dict[str, Any] = {}
    for name, value in zip(values[::2], values[1::2], strict=True):
        if name is UNKNOWN:
            made = Partial(made)
        else:
            made[text_of(name).lower()] = value
    return made


def items(value: dict[str, Any]) -> Any:
    """The pairs in the order of their keys."""
    if isinstance(value, Partial):
        return UNKNOWN
    return [{"key": key(each), "value": value[each]} for each in sorted(value)]


def object_keys(value: dict[str, Any]) -> Any:
    return UNKNOWN if isinstance(value, Partial) else [key(each) for each in sorted(value)]


def try_get(holder: Any, *keys: Any) -> Any:
    """The value at the end of the keys; null as soon as there is none."""
    for each in keys:
        if holder is UNKNOWN or each is UNKNOWN:
            return UNKNOWN
        if holder is None:
            return None
        holder = at(holder, each)
        if holder is ABSENT:
            return None
    return holder


def shallow_merge(values: Any) -> Any:
    return merged(values, deep=False)


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "createObject": Function(create_object, sees_unknown=True, marks=False),
        "items": Function(items, marks=False, known="as Azure does; keys in lower case"),
        "objectKeys": Function(object_keys, marks=False, known="as Azure does; keys in lower case"),
        "tryGet": Function(try_get, sees_unknown=True, marks=False),
        "shallowMerge": Function(shallow_merge, walks=True, marks=False),
        "null": Function(lambda: None),
    }
)
