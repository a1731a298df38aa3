"""Functions of arrays, and those that take texts and objects too: template-functions-array."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ...values import UNKNOWN, Partial
from ..budget import Budget
from ..values import ABSENT, StandIn, at, equal, text_of
from .numbers import whole
from .table import Function


def contains(holder: Any, item: Any) -> Any:
    if isinstance(holder, dict):
        if text_of(item).lower() in holder:
            return True
        return UNKNOWN if isinstance(holder, Partial) else False
    if isinstance(holder, list):
        unknown = False
        for each in holder:
            same = equal(each, item)
            if same is UNKNOWN:
                unknown = True
            elif same:
                return True
        return UNKNOWN if unknown else False
    found = str.__contains__(holder, text_of(item))
    return UNKNOWN if isinstance(holder, StandIn) or isinstance(item, StandIn) else found


def empty(value: Any) -> Any:
    if value is None:
        return True
    if isinstance(value, Partial) and not value:
        return UNKNOWN
    return len(value) == 0


def length(value: Any) -> Any:
    return UNKNOWN if isinstance(value, Partial) else len(value)


def first(value: Any) -> Any:
    if isinstance(value, str):
        return text_of(value)[:1]
    return value[0] if value else None


def last(value: Any) -> Any:
    if isinstance(value, str):
        return text_of(value)[-1:]
    return value[-1] if value else None


def take(value: Any, count: Any) -> Any:
    count = max(0, whole(count))
    return text_of(value)[:count] if isinstance(value, str) else value[:count]


def skip(value: Any, count: Any) -> Any:
    count = max(0, whole(count))
    return text_of(value)[count:] if isinstance(value, str) else value[count:]


def range_of(start: Any, count: Any) -> list[int]:
    return list(range(whole(start), whole(start) + whole(count)))


def _range_cost(left: Budget, values: list[Any]) -> None:
    left.make_list(whole(values[1]))


def flatten(value: list[Any]) -> Any:
    if any(item is UNKNOWN for item in value):
        return UNKNOWN
    return [each for item in value for each in (item if isinstance(item, list) else [item])]


def _flatten_cost(left: Budget, values: list[Any]) -> None:
    left.make_list(sum(len(item) if isinstance(item, list) else 1 for item in values[0]))


def index_of(holder: Any, item: Any) -> Any:
    return _index(holder, item, str.find, range(len(holder)))


def last_index_of(holder: Any, item: Any) -> Any:
    return _index(holder, item, str.rfind, range(len(holder) - 1, -1, -1))


def _index(holder: Any, item: Any, find: Any, places: range) -> Any:
    if isinstance(holder, str):
        return find(str.lower(holder), str.lower(item))
    for place in places:
        same = equal(holder[place], item)
        if same is UNKNOWN:
            return UNKNOWN
        if same:
            return place
    return -1


def union(*values: Any) -> Any:
    """Arrays: each item once. Objects: later ones win, objects inside are merged."""
    if all(isinstance(value, list) for value in values):
        return _distinct([item for value in values for item in value])
    return merged(values, deep=True)


def _union_cost(left: Budget, values: list[Any]) -> None:
    left.make_list(sum(len(value) for value in values if isinstance(value, list | dict)))


def _distinct(items: list[Any]) -> list[Any]:
    made: list[Any] = []
    seen: set[Any] = set()
    for item in items:
        key = _key(item)
        if key is None:
            made.append(item)
        elif key not in seen:
            seen.add(key)
            made.append(item)
    return made


def _key(value: Any) -> Any:
    """A value as one that can be looked up, None for an unknown."""
    if value is UNKNOWN:
        return None
    if isinstance(value, dict):
        return ("object", *sorted((key, _key(item)) for key, item in value.items()))
    if isinstance(value, list):
        return ("array", *map(_key, value))
    return (
        type(value).__name__ if isinstance(value, bool) else "",
        str.__str__(value) if isinstance(value, str) else value,
    )


def merged(values: Any, *, deep: bool) -> Any:
    """Objects in one, the later winning; of one that is not known yet, any key may be there and win."""
    made: dict[str, Any] = {}
    for value in values:
        if value is UNKNOWN:
            made = Partial()
            continue
        if value is None:
            continue
        if not isinstance(value, dict):
            raise TypeError("objects")
        if isinstance(value, Partial):
            made = Partial(dict.fromkeys(made, UNKNOWN))
        for key, item in value.items():
            held = dict.get(made, key)
            both = deep and isinstance(held, dict) and isinstance(item, dict)
            made[key] = merged((held, item), deep=True) if both else item
    return made


def intersection(*values: Any) -> Any:
    if all(isinstance(value, list) for value in values):
        made = _distinct(values[0])
        for other in values[1:]:
            kept = [(item, contains(other, item)) for item in made]
            if any(found is UNKNOWN for _, found in kept):
                return UNKNOWN
            made = [item for item, found in kept if found]
        return made
    made = dict(values[0])
    for other in values[1:]:
        if isinstance(other, Partial):
            return UNKNOWN
        kept_keys = {key: equal(item, other[key]) for key, item in made.items() if key in other}
        if any(same is UNKNOWN for same in kept_keys.values()):
            return UNKNOWN
        made = {key: made[key] for key, same in kept_keys.items() if same}
    return made


def index_from_end(holder: Any, place: Any) -> Any:
    found = at(holder, len(holder) - whole(place))
    return UNKNOWN if found is ABSENT else found


def try_index_from_end(holder: Any, place: Any) -> Any:
    if holder is None:
        return None
    found = at(holder, len(holder) - whole(place))
    return None if found is ABSENT else found


def _each_with_each(left: Budget, values: list[Any]) -> None:
    left.spend(len(values[0]) * sum(left.weigh(value) for value in values[1:] if isinstance(value, list)) // 8)


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "createArray": Function(lambda *values: list(values), sees_unknown=True, marks=False),
        "array": Function(lambda value: value if isinstance(value, list) else [value], marks=False),
        "contains": Function(
            contains, walks=True, marks=False, cost=lambda left, values: left.spend(len(values[0]) // 16)
        ),
        "empty": Function(empty, marks=False),
        "length": Function(length),
        "first": Function(first),
        "last": Function(last),
        "take": Function(take),
        "skip": Function(skip),
        "range": Function(range_of, cost=_range_cost),
        "flatten": Function(flatten, cost=_flatten_cost, marks=False),
        "indexOf": Function(index_of, walks=True),
        "lastIndexOf": Function(last_index_of, walks=True),
        "union": Function(union, walks=True, sees_unknown=True, cost=_union_cost, marks=False),
        "intersection": Function(intersection, walks=True, cost=_each_with_each, marks=False),
        "indexFromEnd": Function(index_from_end, marks=False),
        "tryIndexFromEnd": Function(try_index_from_end, marks=False),
    }
)
