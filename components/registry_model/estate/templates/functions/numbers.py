"""Functions of numbers: template-functions-numeric of Microsoft's reference."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..values import text_of
from .table import Function


def whole(value: Any) -> int:
    """``int('5')``, and numbers that the engine sent as floats. Raises ValueError or TypeError."""
    if isinstance(value, bool):
        raise TypeError("no number")
    if isinstance(value, str):
        return int(text_of(value))
    return int(value)


def div(one: Any, other: Any) -> int:
    """Towards zero, as .NET does."""
    quotient = abs(whole(one)) // abs(whole(other))
    return quotient if (whole(one) < 0) == (whole(other) < 0) else -quotient


def mod(one: Any, other: Any) -> int:
    return whole(one) - whole(other) * div(one, other)


def _numbers(values: tuple[Any, ...]) -> list[int]:
    listed = values[0] if len(values) == 1 and isinstance(values[0], list) else values
    return [whole(value) for value in listed]


_MOST = 2**63  # numbers of templates are 64 bits long; without an end, a product of products has none


def _held(value: int) -> int:
    if not -_MOST <= value < _MOST:
        raise ValueError("more than 64 bits")
    return value


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "add": Function(lambda one, other: _held(whole(one) + whole(other))),
        "sub": Function(lambda one, other: _held(whole(one) - whole(other))),
        "mul": Function(lambda one, other: _held(whole(one) * whole(other))),
        "div": Function(div),
        "mod": Function(mod),
        "int": Function(whole),
        "float": Function(float),
        "min": Function(lambda *values: min(_numbers(values))),
        "max": Function(lambda *values: max(_numbers(values))),
    }
)
