"""What a run may cost, as its option and its environment variable say."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """What a run may cost: its option, else its environment variable, else the default says."""

    option: str
    variable: str
    unit: str
    default: float
    below: float

    def of(self, given: float | None) -> float:
        """The limit that holds. Raises ValueError."""
        text = str(given) if given is not None else os.environ.get(self.variable, "").strip()
        if not text:
            return self.default
        where = self.option if given is not None else self.variable
        try:
            number = float(text)
        except ValueError:
            number = 0
        if not 0 < number < self.below:
            raise ValueError(f"{where} {text}: a number of {self.unit} above 0 is expected, such as {self.default:g}")
        return number

    def raised_by(self, value: str) -> str:
        """How a message says that it can be raised."""
        return f"{self.option} {value} or {self.variable}={value}"
