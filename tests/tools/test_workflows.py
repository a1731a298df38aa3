"""The workflows: what they install is pinned as it is here, and the linter that `make lint` runs on them can fail."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.rehearsal import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def zizmor(file: Path) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / ".venv/bin/zizmor"), "--offline", "--no-progress"]
    return subprocess.run([*command, str(file)], capture_output=True, text=True, check=False)


def test_the_release_is_published_with_the_uv_that_is_pinned_here() -> None:
    pinned = re.search(r"^UV_VERSION=(.+)$", (ROOT / "tools" / "versions.env").read_text(), re.MULTILINE)
    assert pinned is not None
    text = (ROOT / ".github/workflows/release.yml").read_text()
    assert re.findall(r"\buv==(\S+)", text) == [pinned[1]]


def test_the_cli_takes_what_the_release_publishes_to_the_pulumi_registry(tmp_path: Path) -> None:
    """Up to the service itself: a backend of one's own has no registry, and what is wrong before that is told first."""
    jobs = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())["jobs"]
    (script,) = [step["run"] for step in jobs["registry"]["steps"] if "package publish" in step.get("run", "")]
    environment = os.environ | {
        "PUBLISHER": "contoso",
        "PULUMI_HOME": str(tmp_path),
        "PULUMI_BACKEND_URL": f"file://{tmp_path}",
    }

    def publish(text: str) -> str:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0
        return done.stderr

    assert "Private Registry is not supported by diy backends" in publish(script)
    assert "unknown flag" in publish(script.replace("--readme", "--read-me"))
    pages = re.findall(r"docs/\S+\.md", script)
    assert [(ROOT / page).is_file() for page in pages] == [True, True]


def test_the_release_says_that_it_was_never_run() -> None:
    assert "Nothing of this was ever run" in (ROOT / ".github/workflows/release.yml").read_text()


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
