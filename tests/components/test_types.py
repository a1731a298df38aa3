"""Types help whoever writes a program: outputs fit inputs, and words that are none of the choices are marked."""

from __future__ import annotations

import ast
import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from private_registry.azure import choices, rollout, settings
from registry_model.azure import names

from tests.components.graph import run

PROGRAMS = Path(__file__).parent / "programs"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """What basedpyright says of each program, as of code outside this repository."""
    folder = tmp_path_factory.mktemp("user")
    for program in PROGRAMS.glob("*.py"):
        (folder / program.name).write_text(program.read_text())
    (folder / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "standard"}))
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)
    assert told["summary"]["filesAnalyzed"] == len(list(PROGRAMS.glob("*.py")))
    found: dict[str, list[dict[str, Any]]] = {}
    for each in told["generalDiagnostics"]:
        found.setdefault(Path(each["file"]).stem, []).append(each)
    return found


@pytest.mark.xdist_group("type checker")
def test_outputs_fit_inputs(judged: dict[str, list[dict[str, Any]]]) -> None:
    assert judged.get("composes", []) == []


def test_what_the_type_checker_let_pass_runs() -> None:
    graph = run(lambda: runpy.run_path(str(PROGRAMS / "composes.py")) and None, preview=True)
    assert {"first-registry", "second-endpoint", "zone-link-a", "clients-private-endpoint", "pe"} <= graph.names


@pytest.mark.xdist_group("type checker")
def test_a_word_that_is_no_choice_is_marked(judged: dict[str, list[dict[str, Any]]]) -> None:
    lines = (PROGRAMS / "misspelt.py").read_text().splitlines()
    wrong = [number for number, line in enumerate(lines) if "Args = {" in line]
    assert len(wrong) == 4
    assert sorted(each["range"]["start"]["line"] for each in judged["misspelt"]) == wrong


def test_the_type_checker_and_the_checks_know_the_same_words() -> None:
    told = {
        node.targets[0].id: tuple(word.value for word in node.value.slice.elts)  # pyright: ignore
        for node in ast.walk(ast.parse(Path(choices.__file__).read_text()))
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript)
    }
    assert told == {
        "CloudName": tuple(names.CLOUDS),
        "DnsMode": settings.DNS_MODES,
        "Phase": rollout.PHASES,
        "Profile": settings.PROFILES,
    }
