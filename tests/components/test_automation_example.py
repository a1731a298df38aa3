"""The example with the Automation API: what it does with a verb that it does not know is nothing."""

from __future__ import annotations

import re
import shlex
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


def test_the_gallery_shows_the_command_of_the_example() -> None:
    """The engine runs that of the example, in test_adoption.py."""

    def command(text: str) -> list[str]:
        (found,) = re.findall(r"^(?:\$ )?(bin/local python examples/automation .*)$", text, re.M)
        return shlex.split(found)

    page = (ROOT / "examples" / "README.md").read_text().replace("\\\n", " ")
    example = (ROOT / "examples" / "automation" / "__main__.py").read_text().replace("\\\\\n", " ")
    assert command(page) == command(example)
