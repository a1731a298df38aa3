"""The limit of a whole run ends waiting and computation, and nothing that catches exceptions goes on past it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from registry_model import deadline as module
from registry_model.deadline import TimeIsUpError, deadline


def never() -> object:
    """A computation inside C that outlives any test."""
    return re.match(r"(a+)+$", "a" * 60 + "b")


def give_up() -> int:
    raise AssertionError("only where there is no alarm")


def test_it_ends_a_computation() -> None:
    with pytest.raises(TimeIsUpError), deadline(0.05, give_up):
        never()


def test_who_catches_exceptions_does_not_go_on() -> None:
    def stubborn() -> None:
        while True:
            try:
                never()
            except Exception:
                continue

    with pytest.raises(TimeIsUpError), deadline(0.05, give_up):
        stubborn()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_alarm_that_python_drops_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow:
        def __del__(self) -> None:
            never()

    def twice() -> None:
        Slow()
        never()

    monkeypatch.setattr(module, "AGAIN", 0.05)
    with pytest.raises(TimeIsUpError), deadline(0.05, give_up):
        twice()


def test_what_is_quick_is_left_alone() -> None:
    with deadline(200, give_up) as until:
        pass
    assert until > 0


def test_without_an_alarm_the_process_ends_with_what_it_says() -> None:
    program = """
import re, sys, threading
from registry_model.deadline import deadline

def say():
    print("too long", file=sys.stderr, flush=True)
    return 7

def work():
    with deadline(0.05, say):
        while True:
            re.match("a", "b")

threading.Thread(target=work).start()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=100)
    assert (done.returncode, done.stderr) == (7, "too long\n")
