"""The recipe for a rule in CONTRIBUTING.md, typed as it is written, in a checkout of its own with a new rule."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tools.test_repository import ROOT, TRACKED

NEW = "webhook-encrypted"
COPIED = "webhook-https"
ENGINE = "tests/policies/test_through_engine.py"  # minutes for the examples of all rules, which `make test` runs anyway

# Without the types, which take a minute: a copied rule has none that are new.
QUICK_LINT = "set -o pipefail; make --dry-run lint | grep -v basedpyright | bash -e"


def recipe() -> list[str]:
    """The commands of the section, with the new rule's name."""
    section = (ROOT / "CONTRIBUTING.md").read_text().partition("\n## Add a rule\n")[2].partition("\n## ")[0]
    (block,) = re.findall(r"^```console\n(.*?)^```", section, re.S | re.M)
    assert COPIED in block
    return [line.removeprefix("$ ").replace(COPIED, NEW) for line in block.splitlines() if ENGINE not in line]


def add_line(file: Path, table: str, line: str) -> None:
    """One more line at the beginning of a table."""
    text = file.read_text()
    assert text.count(table) == 1, f"{file.name} has no {table}"
    file.write_text(text.replace(table, f"{table}\n    {line}"))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the repository holds, as a fresh clone has it."""
    for name in filter(None, TRACKED):
        if (source := ROOT / name).is_file():
            target = tmp_path / "checkout" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    return tmp_path / "checkout"


@pytest.mark.full
@pytest.mark.timeout(900)
def test_the_recipe_for_a_rule_is_all_that_a_rule_needs(checkout: Path) -> None:
    outside = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL")}

    def typed(command: str) -> tuple[int, str]:
        done = subprocess.run(
            ["bash", "-c", command], cwd=checkout, env=outside, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    assert typed("git init --quiet && git add --all && make setup")[0] == 0
    rules = checkout / "policies/registry_guard/rules"
    text = (rules / "webhook_https.py").read_text()
    (rules / "webhook_encrypted.py").write_text(text.replace(COPIED, NEW))

    first, *others = recipe()
    code, said = typed(first)
    assert code == 1
    assert f"write the levels that {NEW} must have, by hand, into CONTRACT in tests/policies/test_settings.py" in said
    add_line(checkout / "tests/policies/test_settings.py", "\nCONTRACT = {", f'"{NEW}": (M, M, M),')
    live = checkout / "tests/policies/check/test_check_live.py"
    add_line(live, "\nNOT_IN_THE_FOLDER = {", f'"{NEW}": {{"contoso", "fabrikam"}},')
    assert "make lint" in others
    for command in (first, *others):
        code, said = typed(QUICK_LINT if command == "make lint" else command)
        assert code == 0, f"{command}\n{said}"
    assert f"## {NEW}\n" in (checkout / "policies/RULES.md").read_text()
