"""The workflows: what they install is pinned as it is here, and the linter that `make lint` runs on them can fail."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.rehearsal import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def zizmor(file: Path) -> subprocess.CompletedProcess[str]:
    command = [
        str(ROOT / ".venv/bin/zizmor"),
        "--offline",
        "--no-progress",
        "--config",
        str(ROOT / ".github/zizmor.yml"),
    ]
    return subprocess.run([*command, str(file)], capture_output=True, text=True, check=False)


def test_the_release_is_published_with_the_uv_that_is_pinned_here() -> None:
    pinned = re.search(r"^UV_VERSION=(.+)$", (ROOT / "tools" / "versions.env").read_text(), re.MULTILINE)
    assert pinned is not None
    text = (ROOT / ".github/workflows/release.yml").read_text()
    assert re.findall(r"\buv==(\S+)", text) == [pinned[1]]


@pytest.mark.parametrize(
    ("good", "bad", "finding"),
    [
        (r"@[0-9a-f]{40} # v", "@v", "unpinned-uses"),
        (r"        with:\n          persist-credentials: false\n", "", "artipacked"),
        (r"package-manager-cache: false", "package-manager-cache: true", "cache-poisoning"),
        (r"permissions:\n  contents: read", "permissions: write-all", "excessive-permissions"),
        (r'"\$GITHUB_REF_NAME"', "${{ github.ref_name }}", "template-injection"),
    ],
)
def test_the_linter_finds_what_is_taken_back(tmp_path: Path, good: str, bad: str, finding: str) -> None:
    text = (ROOT / ".github/workflows/release.yml").read_text()
    worse = re.sub(good, bad, text)
    assert worse != text
    file = tmp_path / ".github" / "workflows" / "release.yml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert zizmor(file).returncode == 0
    file.write_text(worse)
    found = zizmor(file)
    assert found.returncode != 0
    assert finding in found.stdout
