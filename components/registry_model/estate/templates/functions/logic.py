"""Comparisons and logic: template-functions-comparison and template-functions-logical of Microsoft's reference."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ...values import UNKNOWN
from ..expressions import Call
from ..values import StandIn, equal
from .table import Function

if TYPE_CHECKING:
    from ..scope import Frame

_WORDS = {"true": True, "false": False, "1": True, "0": False}


def boolean(value: Any) -> Any:
    if isinstance(value, str):
        return UNKNOWN if isinstance(value, StandIn) else _WORDS[str.lower(value)]
    if isinstance(value, int | float):
        return bool(value)
    raise TypeError("no truth value")


def _if(call: Call, frame: Frame, depth: int) -> Any:
    """Only the branch that counts is worked out; where nobody knows which, both are, and must be the same."""
    if len(call.arguments) != 3:
        return UNKNOWN
    test = frame.run(call.arguments[0], depth + 1)
    test = test if test is UNKNOWN else boolean(test)
    if test is not UNKNOWN:
        return frame.run(call.arguments[1 if test else 2], depth + 1)
    one, other = (frame.run(argument, depth + 1) for argument in call.arguments[1:])
    return one if equal(one, other) is True else UNKNOWN


def _decided(call: Call, frame: Frame, depth: int, by: bool) -> Any:
    """``or`` is decided by a true argument and ``and`` by a false one, whatever the others are."""
    unknown = False
    for argument in call.arguments:
        value = frame.run(argument, depth + 1)
        value = value if value is UNKNOWN else boolean(value)
        if value is UNKNOWN:
            unknown = True
        elif value is by:
            return by
    return UNKNOWN if unknown or not call.arguments else not by


def _coalesce(call: Call, frame: Frame, depth: int) -> Any:
    for argument in call.arguments:
        value = frame.run(argument, depth + 1)
        if value is not None:
            return value
    return None


def _not(value: Any) -> Any:
    known = boolean(value)
    return known if known is UNKNOWN else not known


def _less(one: Any, other: Any, *, or_equal: bool) -> bool:
    if isinstance(one, str) != isinstance(other, str) or isinstance(one, bool) or isinstance(other, bool):
        raise TypeError("two numbers or two texts")
    first, second = (_sorted_as(one), _sorted_as(other)) if isinstance(one, str) else (one, other)
    return first < second or (or_equal and first == second)


def _sorted_as(text: str) -> tuple[str, str]:
    """Texts as .NET's cultures sort them: by letter, and of one letter the lower case first.

    Raises ValueError for marks and other alphabets, whose order is longer to tell.
    """
    plain = str.__str__(text)
    if not (plain.isascii() and plain.isalnum()):
        raise ValueError("letters and digits")
    return plain.lower(), plain.swapcase()


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "if": Function(_if, lazy=True),
        "and": Function(lambda call, frame, depth: _decided(call, frame, depth, False), lazy=True),
        "or": Function(lambda call, frame, depth: _decided(call, frame, depth, True), lazy=True),
        "not": Function(_not, marks=False),
        "bool": Function(boolean, marks=False),
        "true": Function(lambda: True),
        "false": Function(lambda: False),
        "coalesce": Function(_coalesce, lazy=True),
        "equals": Function(equal, walks=True, marks=False),
        "less": Function(lambda one, other: _less(one, other, or_equal=False)),
        "lessOrEquals": Function(lambda one, other: _less(one, other, or_equal=True)),
        "greater": Function(lambda one, other: _less(other, one, or_equal=False)),
        "greaterOrEquals": Function(lambda one, other: _less(other, one, or_equal=True)),
    }
)
