"""The example with the Automation API: what it does with a verb that it does not know is nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.rehearsal import ROOT


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "the following arguments are required: verb"),
        (("plan", "a=b"), 2, "invalid choice: 'plan'"),
        (("up", "japaneast"), 2, "'japaneast' is not KEY=VALUE"),
        (("--help",), 0, "{preview,up,destroy}"),
    ],
)
def test_what_it_is_not_asked_it_does_not_do(words: tuple[str, ...], code: int, said: str) -> None:
    command = [sys.executable, ROOT / "examples" / "automation", *words]
    done = subprocess.run(command, capture_output=True, text=True, env={"PATH": "/nonexistent"}, check=False)
    assert done.returncode == code
    assert said in done.stdout + done.stderr
