"""Runs the command line, and the engine beside it, for the tests of `registry-guard check`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry_guard.cli import app
from registry_guard.report import stream
from registry_guard.report.model import Report
from typer.testing import CliRunner

from tests.rehearsal import ROOT

PACK = ROOT / "policies"
PRESETS = PACK / "presets"


@dataclass
class Ran:
    """What a command answered."""

    code: int
    out: str
    err: str

    def json(self) -> dict[str, Any]:
        return json.loads(self.out)


def guard(*words: str | Path, stdin: str = "") -> Ran:
    """``registry-guard …``, in this process. An exception that reaches the user is always a failure of the test."""
    done = CliRunner().invoke(app, [str(word) for word in words], input=stdin)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Ran(done.exit_code, done.stdout, done.stderr)


def guard_process(*words: str | Path) -> Ran:
    """``registry-guard …`` as a user starts it."""
    command = [sys.executable, "-m", "registry_guard", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)


def export(states: Iterable[Mapping[str, Any]]) -> str:
    """A stack export of these states."""
    return json.dumps({"version": 3, "deployment": {"manifest": {}, "resources": list(states)}})


def analyzed(state: Path, folder: Path, config: Path | None = None, *, pack: Path = PACK) -> Report:
    """What the engine, running the pack, finds in the same state file."""
    words = ["policy", "analyze", "--file", str(state), "--json", "--policy-pack", str(pack)]
    if config is not None:
        words += ["--policy-pack-config", str(config)]
    done = subprocess.run(
        [str(ROOT / "bin" / "pulumi"), *words],
        env={**os.environ, "PULUMI_HOME": str(folder / "pulumi-home"), "PULUMI_SKIP_UPDATE_CHECK": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.stdout, done.stderr
    return stream.read(done.stdout, required=("registry-guard",))


Told = set[tuple[str, str, str, bool, str]]


def told(report: Report) -> Told:
    """Findings as the engine can tell them: it knows no notes, so these read as advisory violations."""
    return {(i.rule, i.urn, "violation" if i.kind == "note" else i.kind, i.fails, i.message) for i in report.items}


def told_json(document: Mapping[str, Any]) -> Told:
    return {
        (f["rule"], f["urn"], "violation" if f["kind"] == "note" else f["kind"], f["fails"], f["message"])
        for f in document["findings"]
    }
