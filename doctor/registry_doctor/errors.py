"""What goes wrong in the doctor itself, as one readable message and an exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_First = TypeVar("_First")
_Second = TypeVar("_Second")

OK = 0
FOUND = 1
USAGE = 2
UNABLE = 3

EXIT_CODES = (
    "Exit codes: 0 no problem was found; 1 the doctor found a problem; 2 the command or its input is wrong; "
    "3 the doctor could not check (a tool, file or resolver that it needs is missing), nothing could be judged, or a "
    "list cannot be complete."
)


class DoctorError(Exception):
    """A message for the person at the terminal, never shown as a traceback."""

    exit_code = UNABLE


class InputError(DoctorError):
    """Input that is wrong, every ``problem`` at once: each names the field, the value, the rule and the fix."""

    exit_code = USAGE

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


def together(first: Callable[[], _First], second: Callable[[], _Second]) -> tuple[_First, _Second]:
    """What both give. Where the input of one is wrong the other is asked all the same, so that one InputError names
    every problem."""
    try:
        found = first()
    except InputError as error:
        problems = error.problems
    else:
        return found, second()
    try:
        second()
    except InputError as error:
        problems = [*problems, *error.problems]
    raise InputError(problems)
