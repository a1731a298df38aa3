"""The TypeScript and Go examples compile against SDKs generated from the package's schema, and typos do not."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.rehearsal import ROOT

CONSUMERS = ROOT / "examples" / "consumers"
TEMPLATE = ROOT / "templates" / "private-registry-typescript"
SCHEMA = ROOT / "schema" / "private-registry.json"

pytestmark = [pytest.mark.engine, pytest.mark.full, pytest.mark.timeout(600)]


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


def prepared(folder: Path, source: Path, language: str) -> Path:
    """A copy of a program with its SDK where `pulumi package add` puts it."""
    project = folder / source.name
    shutil.copytree(source, project, ignore=shutil.ignore_patterns("sdks", "node_modules", "bin"))
    sdk = project / "sdks" / "private-registry"
    made = run("go", "run", "./sdkgen", language, SCHEMA, sdk, cwd=ROOT / "tools" / "pulumi")
    assert made.returncode == 0, made.stderr
    return project


@pytest.mark.skipif(shutil.which("go") is None, reason="compiles Go")
def test_the_go_example_compiles(tmp_path: Path) -> None:
    project = prepared(tmp_path, CONSUMERS / "go", "go")
    built = run("go", "build", "-o", os.devnull, "./...", cwd=project)
    assert built.returncode == 0, built.stderr
    main = project / "main.go"
    main.write_text(main.read_text().replace("SubnetPrefix:", "SubnetPrefx:"))
    assert "unknown field SubnetPrefx" in run("go", "build", "-o", os.devnull, "./...", cwd=project).stderr


@pytest.mark.skipif(shutil.which("go") is None or shutil.which("npm") is None, reason="generates with Go, needs npm")
@pytest.mark.parametrize("source", [CONSUMERS / "typescript", TEMPLATE], ids=["example", "template"])
def test_a_typescript_program_compiles(tmp_path: Path, source: Path) -> None:
    project = prepared(tmp_path, source, "nodejs")
    package = project / "package.json"
    package.write_text(package.read_text().replace("${PROJECT}", "images"))
    words = ("install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock")
    installed = run("npm", *words, cwd=project)
    assert installed.returncode == 0, installed.stderr
    compiler = project / "node_modules" / ".bin" / "tsc"
    built = run(compiler, "--noEmit", "-p", ".", cwd=project)
    assert built.returncode == 0, built.stdout
    program = project / "index.ts"
    program.write_text(program.read_text().replace("subnetPrefix:", "subnetPrefx:"))
    assert "'subnetPrefx' does not exist" in run(compiler, "--noEmit", "-p", ".", cwd=project).stdout
