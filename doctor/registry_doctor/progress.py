"""Says on stderr what is being waited for, once a step takes longer than two seconds."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

AFTER = 2.0


class Progress:
    """``say`` names what begins now; silent if the next comes soon. One line each, so that logs stay readable."""

    def __init__(self, first: str = "", after: float = AFTER) -> None:
        self._after = after
        self._timer: threading.Timer | None = None
        if first:
            self.say(first)

    def say(self, text: str) -> None:
        self._cancel()
        self._timer = threading.Timer(self._after, lambda: sys.stderr.write(f"… {text}\n") and sys.stderr.flush())
        self._timer.daemon = True
        self._timer.start()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cancel()
