"""What the evaluator needs to know of one function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...values import UNKNOWN
from ..budget import Budget


@dataclass(frozen=True, slots=True)
class Function:
    """One function: ``make`` gets the values of its arguments, or with ``lazy`` the call, its frame and its depth.

    ``sees_unknown``: it says itself what an unknown argument means; else its result is UNKNOWN. ``cost`` is asked
    before the result is made, where that may be much larger than the arguments. ``marks``: what it makes of a secret
    or a stand-in is one too, with ``marks_items`` of one inside a list as well. ``walks``: it looks through all that is
    inside its arguments. ``known`` says for the documentation how far its result is known.
    """

    make: Callable[..., Any]
    sees_unknown: bool = False
    lazy: bool = False
    marks: bool = True
    marks_items: bool = False
    walks: bool = False
    cost: Callable[[Budget, list[Any]], None] | None = None
    known: str = "as Azure does"


def never(why: str) -> Function:
    """A function whose result only Azure knows."""
    return Function(lambda *_values: UNKNOWN, sees_unknown=True, known=f"never: {why}")
