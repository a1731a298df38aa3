"""Types help whoever writes a program: outputs fit inputs, and words that are none of the choices are marked."""

from __future__ import annotations

import ast
import inspect
import itertools
import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any, is_typeddict

import private_registry
import pytest
from private_registry.azure import choices, rollout, settings
from registry_model.azure import names

from tests.components.graph import run

PROGRAMS = Path(__file__).parent / "programs"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
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


# What both checkers say of each call in mistaken.py.
SAID = {"misspelt": '"replica"', "wrong-type": '"list[str]"', "left-out": '"resource_group_name"'}


def calls() -> list[tuple[str, range]]:
    """The calls in mistaken.py by their name, with the lines that each takes, counted from 1."""
    tree = ast.parse((PROGRAMS / "mistaken.py").read_text())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [(ast.literal_eval(call.args[0]), range(call.lineno, (call.end_lineno or 0) + 1)) for call in found]


@pytest.mark.xdist_group("type checker")
def test_a_newcomers_mistakes_are_marked_where_they_are(judged: dict[str, list[dict[str, Any]]]) -> None:
    told = [(each["range"]["start"]["line"] + 1, each["message"]) for each in judged["mistaken"]]
    for name, lines in calls():
        assert [SAID[name] in message for line, message in told if line in lines] == [True], name


def test_mypy_marks_them_too(tmp_path: Path) -> None:
    program = tmp_path / "mistaken.py"
    program.write_text((PROGRAMS / "mistaken.py").read_text())
    # Reading all of azure-native takes mypy minutes, and tells nothing about our own settings.
    (tmp_path / "mypy.ini").write_text("[mypy]\n[mypy-pulumi_azure_native.*]\nfollow_imports = skip\n")
    command = [sys.executable, "-m", "mypy", "--no-incremental", "--cache-dir", os.devnull, str(program)]
    paths = {"MYPYPATH": str(ROOT / "components")}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=tmp_path, env={**os.environ, **paths}
    )
    told = re.findall(r"mistaken\.py:(\d+): error: (.*)", done.stdout)
    for name, lines in calls():
        assert [SAID[name] in message for line, message in told if int(line) in lines] == [True], done.stdout


def test_every_argument_has_the_text_that_editors_show() -> None:
    """Hovering shows the text after a key's declaration; completion needs the key declared in the class itself."""
    for name in private_registry.__all__:
        shape = getattr(private_registry, name)
        if not is_typeddict(shape):
            continue
        source = ast.parse(Path(inspect.getfile(shape)).read_text())
        (declared,) = [n for n in ast.walk(source) if isinstance(n, ast.ClassDef) and n.name == name]
        for key, after in itertools.pairwise([*declared.body, ast.Pass()]):
            if isinstance(key, ast.AnnAssign):
                assert isinstance(after, ast.Expr), f"{name}.{ast.unparse(key.target)} has no text"
                assert isinstance(ast.literal_eval(after.value), str)


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
