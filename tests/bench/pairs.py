"""Ratios of what two commands take (seconds, or memory), measured in turn so that a machine whose speed drifts does not
favour either."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Timed = Callable[[], float]


@dataclass(frozen=True)
class Measure:
    """One line of ``make bench``."""

    name: str
    ratio: float
    spread: tuple[float, float]
    goal: str
    note: str

    def line(self) -> str:
        low, high = self.spread
        return f"{self.name}: {self.ratio:.2f} ({self.note}; runs {low:.2f} to {high:.2f}; goal {self.goal})"


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def paired(name: str, ours: Timed, reference: Timed, *, goal: str, note: str, runs: int = 5) -> Measure:
    """The median of ``ours / reference`` over ``runs`` pairs, after one pair that is not counted."""
    ratios: list[float] = []
    for run in range(runs + 1):
        # The order alternates: whatever the first of a pair warms up, it does so for both sides equally often.
        if run % 2:
            theirs = reference()
            mine = ours()
        else:
            mine = ours()
            theirs = reference()
        if run:
            ratios.append(mine / theirs)
    return Measure(name, statistics.median(ratios), (min(ratios), max(ratios)), goal, note)
