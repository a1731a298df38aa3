"""The limit of a whole run: it holds for waiting and for computation, whatever a server sends."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from .errors import UNABLE, DoctorError

if TYPE_CHECKING:
    from collections.abc import Iterator

GRACE = 2.0  # seconds in which a run that has no time left puts its report together


class RunLimitError(DoctorError):
    """The whole run took longer than it may."""


@contextlib.contextmanager
def run_limit(seconds: float) -> Iterator[float]:
    """Stop what runs inside after ``seconds`` and a grace; gives the moment (``time.perf_counter``) it has until.

    Waiting is to be limited by who waits, to that moment. This is the net below: an alarm interrupts computation in the
    main thread, regular expressions included, with RunLimitError. Where there is no alarm (Windows, other threads) a
    timer ends the process with the same message and exit code.
    """
    until = time.perf_counter() + seconds
    text = f"the run took longer than {seconds:g} s, which --max-time allows; raise it, or look at what took so long"
    if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():

        def stop(*_: Any) -> None:
            raise RunLimitError(text)

        before = signal.signal(signal.SIGALRM, stop)
        rest, interval = signal.setitimer(signal.ITIMER_REAL, seconds + GRACE)
        began = time.perf_counter()
        try:
            yield until
        finally:
            # Whoever had set an alarm before gets what is left of it.
            left = max(rest - (time.perf_counter() - began), 0.001) if rest else 0.0
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
            signal.setitimer(signal.ITIMER_REAL, left, interval)
        return

    def end() -> None:
        sys.stderr.write(f"registry-doctor: {text}\n")
        sys.stderr.flush()
        os._exit(UNABLE)

    timer = threading.Timer(seconds + GRACE, end)
    timer.daemon = True
    timer.start()
    try:
        yield until
    finally:
        timer.cancel()
