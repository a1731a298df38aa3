"""How much a template may ask for before what is beyond is not worked out: every limit with its meaning.

A template is input: somebody else's, in a pull request. A loop, a list that doubles or a variable that names itself
must cost no more than a readable template of its size. What is beyond a limit is UNKNOWN or hidden, and said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit: what is counted, how many there may be, and what happens beyond it."""

    name: str
    value: int
    unit: str
    beyond: str

    @property
    def text(self) -> str:
        """As a finding says it."""
        return f"more than {self.value:,} {self.unit}: {self.beyond}"


EXPRESSION: Final = Limit(
    "length of an expression", 24_576, "characters in one expression", "the expression is not worked out"
)  # Azure's own: Template limits, learn.microsoft.com/azure/azure-resource-manager/templates/best-practices
NESTING: Final = Limit(
    "nesting of expressions", 200, "expressions inside each other, through variables too", "the value is not known"
)
TEXT: Final = Limit("length of a text", 1_048_576, "characters in one text", "the value is not known")
ITEMS: Final = Limit(
    "length of a list", 10_000, "items in a list that a function or loop makes", "the list is not known"
)  # Azure's own for range()
VALUES: Final = Limit("size of a value", 50_000, "values inside one value", "the value is not known")
COPIES: Final = Limit(
    "copies of a resource", 800, "copies of one resource", "one resource stands for all"
)  # Azure's own: Template limits, as above
RESOURCES: Final = Limit(
    "resources of a template", 1_600, "resources beside those that are written in it", "the others are not seen"
)
DEPLOYMENTS: Final = Limit(
    "nesting of deployments", 32, "deployments inside each other", "what the innermost declare is not seen"
)
STEPS: Final = Limit(
    "work of one template", 200_000, "steps, and 2 for each value of its file", "the rest of the template is not seen"
)

LIMITS: Final = (EXPRESSION, NESTING, TEXT, ITEMS, VALUES, COPIES, RESOURCES, DEPLOYMENTS, STEPS)

CHARACTERS_A_STEP: Final = 64  # making text costs as well: a step for each so many characters


class ExceededError(Exception):
    """A limit was met; ``limit`` is the one."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(limit.text)
        self.limit = limit


class Budget:
    """What one template has left. Every evaluator of templates asks it before it makes something.

    ``written`` counts the values and the resources that the template itself holds, and is asked only when the first
    steps or resources are used up: reading what is written is no luxury.
    Each method raises ExceededError; `meet` remembers a limit that a value met, for the findings.
    """

    def __init__(self, written: Callable[[], tuple[int, int]] = lambda: (0, 0)) -> None:
        self.steps = STEPS.value
        self.resources = RESOURCES.value
        self.met: dict[Limit, None] = {}
        self._written: Callable[[], tuple[int, int]] | None = written
        self._sizes: dict[int, tuple[Any, int]] = {}

    def spend(self, steps: int = 1) -> None:
        self.steps -= steps
        if self.steps < 0:
            self._add_what_is_written()
            if self.steps < 0:
                raise ExceededError(STEPS)

    def make_text(self, length: int) -> None:
        """Before a text of this length is made."""
        if length > TEXT.value:
            raise ExceededError(TEXT)
        self.spend(1 + length // CHARACTERS_A_STEP)

    def make_list(self, length: int) -> None:
        """Before a list or object of this length is made."""
        if length > ITEMS.value:
            raise ExceededError(ITEMS)
        self.spend(1 + length)

    def make_resource(self) -> None:
        self.resources -= 1
        if self.resources < 0:
            self._add_what_is_written()
            if self.resources < 0:
                raise ExceededError(RESOURCES)

    def weigh(self, value: Any) -> int:
        """How many values are inside a value, counting those that it holds twice twice; each is counted once.

        A list of two lists of two lists is small in memory and endless for whoever looks through it.
        """
        if not isinstance(value, dict | list):
            return 1
        known = self._sizes.get(id(value))
        if known is not None:
            return known[1]
        size = 1
        for item in value.values() if isinstance(value, dict) else value:
            size += self.weigh(item) if isinstance(item, dict | list) else 1
        if size > VALUES.value:
            raise ExceededError(VALUES)
        self.spend(1 + len(value) // 8)
        self._sizes[id(value)] = (value, size)  # held, so that its id stays its own
        return size

    def meet(self, limit: Limit) -> None:
        """Remember that a value met a limit and is UNKNOWN for it."""
        self.met[limit] = None

    def _add_what_is_written(self) -> None:
        if self._written is not None:
            values, resources = self._written()
            self.steps += 2 * values
            self.resources += resources
            self._written = None
