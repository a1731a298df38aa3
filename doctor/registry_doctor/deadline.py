"""The limit of a whole run of the doctor, as a message and an exit code."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from registry_model.deadline import TimeIsUpError, deadline

from .errors import UNABLE, DoctorError

if TYPE_CHECKING:
    from collections.abc import Iterator

GRACE = 2.0  # seconds in which a run that has no time left puts its report together


class RunLimitError(DoctorError):
    """The whole run took longer than it may."""


@contextlib.contextmanager
def run_limit(seconds: float) -> Iterator[float]:
    """`registry_model.deadline.deadline` with a grace; RunLimitError when the time is up."""
    text = f"the run took longer than {seconds:g} s, which --max-time allows; raise it, or look at what took so long"

    def give_up() -> int:
        sys.stderr.write(f"registry-doctor: {text}\n")
        sys.stderr.flush()
        return UNABLE

    try:
        with deadline(seconds, give_up, grace=GRACE) as until:
            yield until
    except TimeIsUpError:
        raise RunLimitError(text) from None
