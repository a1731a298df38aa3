"""Functions that take a lambda: template-functions-lambda of Microsoft's reference."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ...values import UNKNOWN, Partial
from ..expressions import Call, Literal, Node
from ..values import text_of
from .logic import boolean
from .table import Function

if TYPE_CHECKING:
    from ..scope import Frame


class _Lambda:
    """``lambda('a', 'b', body)`` at one place of a template."""

    def __init__(self, node: Node, frame: Frame, depth: int) -> None:
        if not isinstance(node, Call) or node.name != "lambda" or not node.arguments:
            raise ValueError("no lambda")
        names = node.arguments[:-1]
        self.names = [str(name.value).lower() for name in names if isinstance(name, Literal)]
        self.body = node.arguments[-1]
        self.frame = frame
        self.depth = depth

    def __call__(self, *values: Any) -> Any:
        given = dict(zip(self.names, values, strict=False))
        return self.frame.with_lambda(given).run(self.body, self.depth + 1)


def _opened(call: Call, frame: Frame, depth: int, at: int = 1) -> tuple[Any, _Lambda]:
    held = frame.run(call.arguments[0], depth + 1)
    if isinstance(held, list | dict):
        frame.scope.world.budget.make_list(len(held))
    return held, _Lambda(call.arguments[at], frame, depth)


def _each(held: list[Any], given: _Lambda) -> Iterator[tuple[Any, Any]]:
    """Each item with what the lambda makes of it, and of its place where it asks for that."""
    for place, item in enumerate(held):
        yield item, given(item, place)


def _map(call: Call, frame: Frame, depth: int) -> Any:
    held, given = _opened(call, frame, depth)
    return [made for _, made in _each(held, given)] if isinstance(held, list) else UNKNOWN


def _filter(call: Call, frame: Frame, depth: int) -> Any:
    held, given = _opened(call, frame, depth)
    if not isinstance(held, list):
        return UNKNOWN
    kept: list[Any] = []
    for item, test in _each(held, given):
        known = test if test is UNKNOWN else boolean(test)
        if known is UNKNOWN:
            return UNKNOWN
        if known:
            kept.append(item)
    return kept


def _reduce(call: Call, frame: Frame, depth: int) -> Any:
    held, given = _opened(call, frame, depth, at=2)
    value = frame.run(call.arguments[1], depth + 1)
    if not isinstance(held, list):
        return UNKNOWN
    for place, item in enumerate(held):
        value = given(value, item, place)
    return value


def _sort(call: Call, frame: Frame, depth: int) -> Any:
    held, given = _opened(call, frame, depth)
    if not isinstance(held, list):
        return UNKNOWN

    def order(one: Any, other: Any) -> int:
        before = given(one, other)
        if before is UNKNOWN:
            raise ValueError("an order that is not known")
        return -1 if boolean(before) is True else 1 if boolean(given(other, one)) is True else 0

    return sorted(held, key=functools.cmp_to_key(order))


def _to_object(call: Call, frame: Frame, depth: int) -> Any:
    held, key_of = _opened(call, frame, depth)
    if not isinstance(held, list):
        return UNKNOWN
    value_of = _Lambda(call.arguments[2], frame, depth) if len(call.arguments) > 2 else None
    made: dict[str, Any] = {}
    for item in held:
        key = key_of(item)
        if key is UNKNOWN:
            made = Partial(made)
            continue
        made[text_of(key).lower()] = item if value_of is None else value_of(item)
    return made


def _group_by(call: Call, frame: Frame, depth: int) -> Any:
    held, key_of = _opened(call, frame, depth)
    if not isinstance(held, list):
        return UNKNOWN
    made: dict[str, list[Any]] = {}
    for item in held:
        key = key_of(item)
        if key is UNKNOWN:
            return UNKNOWN
        made.setdefault(text_of(key).lower(), []).append(item)
    return made


def _map_values(call: Call, frame: Frame, depth: int) -> Any:
    held, given = _opened(call, frame, depth)
    if not isinstance(held, dict):
        return UNKNOWN
    made = {key: given(item) for key, item in held.items()}
    return Partial(made) if isinstance(held, Partial) else made


def _variable(call: Call, frame: Frame, depth: int) -> Any:
    name = frame.run(call.arguments[0], depth + 1)
    return frame.lambdas.get(name.lower(), UNKNOWN) if isinstance(name, str) else UNKNOWN


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "map": Function(_map, lazy=True),
        "filter": Function(_filter, lazy=True),
        "reduce": Function(_reduce, lazy=True),
        "sort": Function(_sort, lazy=True),
        "toObject": Function(_to_object, lazy=True, known="as Azure does; keys in lower case"),
        "groupBy": Function(_group_by, lazy=True, known="as Azure does; keys in lower case"),
        "mapValues": Function(_map_values, lazy=True),
        "lambdaVariables": Function(_variable, lazy=True),
        "lambda": Function(lambda _call, _frame, _depth: UNKNOWN, lazy=True, known="inside the functions above"),
    }
)
