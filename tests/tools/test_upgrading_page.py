"""The commands of docs/upgrading.md: what can be run without a feed is run as written, with a file in its place."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import private_registry
import pytest

from tests.rehearsal import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (ROOT / "docs" / "upgrading.md").read_text()
(LINE,) = re.findall(r"^private-registry\[.*$", PAGE, re.M)
COMMANDS = [line.strip().removeprefix("$ ") for line in PAGE.splitlines() if line.strip().startswith("$ ")]


def test_the_page_names_this_version_and_never_the_bare_package() -> None:
    assert set(re.findall(r"\b0\.\d+\.\d+\b", PAGE)) <= {private_registry.__version__}
    assert len(PAGE.splitlines()) <= 60
    installs = [each for each in COMMANDS if "install" in each or "compile" in each]
    assert installs
    assert not [each for each in installs if "private-registry" in each or "extra-index" in each]


def test_the_floors_are_those_of_the_package() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    floors = re.findall(r'^    "(pulumi|pulumi-azure-native)>=([\d.]+),<(\d+)"', project, re.M)
    rows = re.findall(r"^\| `(pulumi[a-z-]*)`.* \| ([\d.]+) \| (\d+) \|$", PAGE, re.M)
    assert sorted(rows) == sorted(floors)
    (python,) = re.findall(r'^requires-python = ">=([\d.]+)"', project, re.M)
    assert f"| Python | {python} |" in PAGE


@pytest.mark.full
def test_the_hash_that_is_pinned_is_the_one_that_is_installed(tmp_path: Path) -> None:
    sys.path.insert(0, str(ROOT / "tools"))
    import distributions

    (wheel,) = (each for each in distributions.make(tmp_path / "dist") if each.suffix == ".whl")
    pip = [str(ROOT / "components" / ".venv" / "bin" / "python"), "-m", "pip"]
    assert f"pip hash dist/{wheel.name}" in COMMANDS

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)

    (found,) = re.findall(r"sha256:([0-9a-f]{64})", run(*pip, "hash", f"dist/{wheel.name}").stdout)
    install = next(each for each in COMMANDS if each.startswith("pip install")).split()
    # The other packages come from a feed, which a test has not.
    alone = [*pip, *install[1:2], "--no-deps", "--no-index", "--target", "here", *install[2:3], *install[-2:]]
    for digest, code in ((found, 0), ("0" * 64, 1)):
        line = LINE.replace("https://feed.example.com/", (tmp_path / "dist").as_uri() + "/").replace("…", digest)
        (tmp_path / "requirements.txt").write_text(line + "\n")
        done = run(*alone)
        assert done.returncode == code, done.stdout + done.stderr
    assert "DO NOT MATCH" in done.stderr
    assert (tmp_path / "here" / "private_registry" / "py.typed").is_file()
