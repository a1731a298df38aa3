"""SDKs of other languages, generated from the package's schema and put where `pulumi package add` puts them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.rehearsal import ROOT

SCHEMA = ROOT / "schema" / "private-registry.json"


def run(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words,
        cwd=cwd,
        env=os.environ | {"GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": "-mod=mod"},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


def generate(project: Path, language: str) -> Path:
    sdk = project / "sdks" / "private-registry"
    made = run("go", "run", "./sdkgen", language, SCHEMA, sdk, cwd=ROOT / "tools" / "pulumi")
    assert made.returncode == 0, made.stderr
    return sdk


def npm_install(project: Path) -> None:
    """The project's packages, and the step of the SDK's own that compiles it; no other package's scripts."""
    words = ("install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock")
    for done in (
        run("npm", *words, cwd=project),
        run("npm", "run", "postinstall", cwd=project / "sdks" / "private-registry"),
    ):
        assert done.returncode == 0, done.stdout + done.stderr
