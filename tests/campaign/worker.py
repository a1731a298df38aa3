"""Feeds one reader for a while, in a process of its own with little memory: ``python -m tests.campaign.worker``.

The input at hand is always in the file that the parent named, so that it is known whatever becomes of this process.
What it says on standard output is one JSON object a line: how many inputs so far, and at the end what went wrong.
"""

from __future__ import annotations

import itertools
import json
import resource
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import hypothesis
from hypothesis import Phase, given, settings
from registry_model.deadline import TimeIsUpError, deadline

from tests.campaign.readers import READERS, Reader
from tests.conftest import UNHURRIED

ROUND = 200  # inputs between two looks at the clock


@dataclass(frozen=True)
class Terms:
    """How a reader is attacked: for how long, with which random inputs, and what one input may cost."""

    seconds: float = 60.0
    seed: int = 1
    megabytes: int = 256
    patience: float = 20.0  # seconds for one input, a thousand times what a usual one takes


def limit_memory(megabytes: int) -> None:
    """What this process may hold beyond what it holds now; more is a MemoryError."""
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    most = held + megabytes * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def read_once(reader: Reader, data: bytes, patience: float) -> None:
    """Ask the reader; AssertionError when it does not answer."""
    try:
        with deadline(patience, lambda: 1):
            reader.read(data)
    except TimeIsUpError:
        raise AssertionError(f"no answer within {patience:g} s") from None


def say(**what: object) -> None:
    print(json.dumps(what), flush=True)


def feed(reader: Reader, terms: Terms, current: BinaryIO) -> bool:
    """Whether every input was answered; says what was not."""
    until = time.monotonic() + terms.seconds
    count = 0

    def ask(data: bytes) -> None:
        nonlocal count
        count += 1
        current.seek(0)
        current.truncate()
        current.write(data)
        current.flush()
        read_once(reader, data, terms.patience)

    def round_of(number: int) -> None:
        @hypothesis.seed(number)
        @settings(
            max_examples=ROUND,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=UNHURRIED,
            report_multiple_bugs=False,
        )
        @given(reader.inputs())
        def answered(data: bytes) -> None:
            if time.monotonic() < until:
                ask(data)

        answered()

    try:
        for data in reader.seeds:
            ask(data)
        for number in itertools.count(terms.seed):
            if time.monotonic() > until:
                break
            round_of(number)
            say(inputs=count)
    except Exception:
        say(inputs=count, fault=traceback.format_exc(limit=-6))
        return False
    say(inputs=count)
    return True


def main(name: str, terms: str, current: str) -> int:
    reader, given_terms = READERS[name], Terms(**json.loads(terms))
    reader.inputs()
    limit_memory(given_terms.megabytes)
    with Path(current).open("w+b") as file:
        return 0 if feed(reader, given_terms, file) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
