"""The Makefile as people call it: what it would run, and what it says of a name that does not exist."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.rehearsal import ROOT

ENV = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "PRIVATE_REGISTRY_"))}


def make(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *words], cwd=ROOT, env=ENV, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("target", ["up", "show", "preview", "down", "policy", "gate"])
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("STACK=lcoal", "no stack 'lcoal': Pulumi.lcoal.yaml does not exist; stacks: "),
        ("PRESET=strickt", "no preset 'strickt'; presets: "),
    ],
)
def test_a_name_that_does_not_exist_runs_nothing(target: str, wrong: str, said: str) -> None:
    done = make("--dry-run", target, wrong)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    names = set(re.findall(r"[\w-]+", done.stderr.partition("s: ")[2]))
    assert {"local", "prod"} <= names or {"baseline", "strict"} <= names


def test_a_preset_that_exists_goes_to_pulumi() -> None:
    said = make("--dry-run", "preview", "PRESET=strict").stdout
    assert "--stack local --policy-pack policies --policy-pack-config policies/presets/strict.json" in said


@pytest.mark.parametrize(("stack", "end"), [("local", " local --yes"), ("prod", " prod")])
def test_down_asks_before_it_destroys_a_real_stack(stack: str, end: str) -> None:
    lines = make("--dry-run", "down", f"STACK={stack}").stdout.splitlines()
    assert lines[-1].rstrip() == f".venv/bin/python tools/down.py{end}"


@pytest.mark.parametrize("stack", ["dev", "staging", "prod", "alibaba"])
def test_show_of_a_real_stack_finds_the_doctor_and_pulumi(stack: str, tmp_path: Path) -> None:
    done = subprocess.run(
        ["make", "show", f"STACK={stack}"],
        cwd=ROOT,
        env=ENV | {"PULUMI_BACKEND_URL": f"file://{tmp_path}", "PULUMI_CONFIG_PASSPHRASE": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2  # make's own; nothing is deployed
    assert done.stderr.startswith(f"registry-doctor: pulumi stack export --stack {stack}: failed with ")
    assert f"error: no stack named '{stack}' found" in done.stderr


def test_up_decides_on_a_refresh_by_a_field_and_not_by_prose() -> None:
    said = make("--dry-run", "up").stdout
    assert re.search(
        r"registry-doctor show --stack local --json [^|]*\| \.venv/bin/python tools/needs_refresh\.py", said
    )
    assert "grep" not in said[: said.index("needs_refresh.py")].rpartition("pulumi up")[2]


@pytest.mark.engine
@pytest.mark.full
@pytest.mark.xdist_group("make")
def test_show_up_and_down_as_written(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("rehearsal")
    env = ENV | {"PRIVATE_REGISTRY_LOCAL": str(folder)}

    def sh(line: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", "-o", "pipefail", "-c", line]
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    up = sh("make up")
    assert up.returncode == 0, up.stdout + up.stderr
    assert "unknown until" not in up.stdout
    head = sh("make show | head -n 2")
    assert head.stdout.splitlines()[0] == "contoso: hosts, TCP 443"
    assert len(head.stdout.splitlines()) == 2
    assert "Traceback" not in head.stderr
    down = sh("make down")
    assert down.returncode == 0, down.stdout + down.stderr
    assert sh("make show").returncode != 0
