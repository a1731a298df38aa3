"""The TypeScript and Go examples compile against SDKs generated from the package's schema, and typos do not."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.components.registry_pages import example
from tests.components.sdks import generate, npm_install, run
from tests.rehearsal import ROOT

CONSUMERS = ROOT / "examples" / "consumers"
TEMPLATE = ROOT / "templates" / "private-registry-typescript"

pytestmark = [pytest.mark.engine, pytest.mark.full, pytest.mark.timeout(600)]


def prepared(folder: Path, source: Path, language: str) -> Path:
    """A copy of a program with its SDK."""
    project = folder / source.name
    shutil.copytree(source, project, ignore=shutil.ignore_patterns("sdks", "node_modules", "bin"))
    generate(project, language)
    return project


@pytest.mark.skipif(shutil.which("go") is None, reason="compiles Go")
def test_the_go_programs_compile(tmp_path: Path) -> None:
    """The example, and the program that docs/_index.md shows."""
    project = prepared(tmp_path, CONSUMERS / "go", "go")
    main = project / "main.go"
    for program in (main.read_text(), example("go")):
        main.write_text(program)
        built = run("go", "build", "-o", os.devnull, "./...", cwd=project)
        assert built.returncode == 0, built.stderr
    main.write_text(main.read_text().replace("SubnetPrefix:", "SubnetPrefx:"))
    assert "unknown field SubnetPrefx" in run("go", "build", "-o", os.devnull, "./...", cwd=project).stderr


@pytest.mark.skipif(shutil.which("go") is None or shutil.which("npm") is None, reason="generates with Go, needs npm")
@pytest.mark.parametrize("source", [CONSUMERS / "typescript", TEMPLATE], ids=["example", "template"])
def test_a_typescript_program_compiles(tmp_path: Path, source: Path) -> None:
    project = prepared(tmp_path, source, "nodejs")
    package = project / "package.json"
    package.write_text(package.read_text().replace("${PROJECT}", "images"))
    npm_install(project)
    compiler = project / "node_modules" / ".bin" / "tsc"
    built = run(compiler, "--noEmit", "-p", ".", cwd=project)
    assert built.returncode == 0, built.stdout
    program = project / "index.ts"
    program.write_text(program.read_text().replace("subnetPrefix:", "subnetPrefx:"))
    assert "'subnetPrefx' does not exist" in run(compiler, "--noEmit", "-p", ".", cwd=project).stdout
