"""The limit of a whole run: it holds for waiting and for computation, whatever a document or server makes a run do."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

AGAIN = 5.0  # seconds after which the alarm comes again: Python drops an exception that is raised in a destructor


class TimeIsUpError(BaseException):
    """A run took longer than it may. Like KeyboardInterrupt no Exception: whoever catches those must not go on."""


@contextlib.contextmanager
def deadline(seconds: float, give_up: Callable[[], int], *, grace: float = 0.0) -> Iterator[float]:
    """Stop what runs inside after ``seconds`` and a ``grace``; gives the moment (``time.perf_counter``) it has until.

    Waiting is to be limited by who waits, to that moment. This is the net below: an alarm interrupts computation in the
    main thread, regular expressions included, with TimeIsUpError. Where there is no alarm (Windows, other threads) a
    timer ends the process: ``give_up`` says why and returns the exit code.
    """
    until = time.perf_counter() + seconds
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        timer = threading.Timer(seconds + grace, lambda: os._exit(give_up()))
        timer.daemon = True
        timer.start()
        try:
            yield until
        finally:
            timer.cancel()
        return

    def stop(*_: Any) -> None:
        raise TimeIsUpError

    before = signal.signal(signal.SIGALRM, stop)
    rest, interval = signal.setitimer(signal.ITIMER_REAL, seconds + grace, AGAIN)
    began = time.perf_counter()
    try:
        yield until
    finally:
        # Whoever had set an alarm before gets what is left of it.
        left = max(rest - (time.perf_counter() - began), 0.001) if rest else 0.0
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, left, interval)
