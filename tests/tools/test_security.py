"""SECURITY.md: one page, and every test that it names exists."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from tests.rehearsal import ROOT

PAGE = (ROOT / "SECURITY.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


def names_in(file: str) -> set[str]:
    made = ast.parse((ROOT / file).read_text())
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {each.name for each in ast.walk(made) if isinstance(each, functions) and each.name.startswith("test_")}


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_test_that_it_names_exists(file: str, name: str) -> None:
    assert name in names_in(file)


def test_each_threat_names_a_test_and_nothing_else_looks_like_one() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| who gives")]
    assert len(rows) > 5
    for row in rows:
        assert re.search(r"`tests/[\w/]+\.py::test_\w+`", row), row
    assert len(NAMED) == PAGE.count("`tests/")


def test_it_is_a_page_and_invents_no_address() -> None:
    assert len(PAGE.splitlines()) <= 60
    assert "@" not in PAGE
    assert "http" not in PAGE


# Also the other spellings that an index takes for it (packaging.python.org/specifications/name-normalization).
NAME = r"private[-_.]+registry"
INSTALLS = re.compile(
    r"(?:pip3? (?:install|download|wheel)|uv (?:add|tool)|uvx|pipx|poetry add|npm (?:i|install|add)|--from|--with)\b"
    r"[^\n]*"
    rf"[ \"'`=]{NAME}(?![-\w./])(?:\[[^\]\n]*\])?+(?! @ )",
    re.IGNORECASE,
)


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


def by_name(requirement: str) -> bool:
    """Whether pip would look this requirement up at an index, under the name that nobody owns there."""
    try:
        made = Requirement(requirement)
    except InvalidRequirement:  # an option or a path
        return False
    return canonicalize_name(made.name) == "private-registry" and made.url is None


def requirements(file: Path) -> list[str]:
    """What a file of requirements or a manifest of a Python project asks for."""
    if file.suffix in {".txt", ".in"}:
        return [line.partition(" #")[0].strip() for line in file.read_text().splitlines()]
    project = tomllib.loads(file.read_text())
    groups = [
        project["project"].get("dependencies", []),
        *project["project"].get("optional-dependencies", {}).values(),
        *project.get("dependency-groups", {}).values(),
    ]
    return [each for group in groups for each in group if isinstance(each, str)]


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("private-registry>=0.1,<1", True),
        ("Private_Registry[guard]==0.1.0", True),
        ("./private_registry-0.1.0-py3-none-any.whl", False),
        ("private-registry[guard] @ file:///srv/private_registry-0.1.0-py3-none-any.whl", False),
        ("pulumi>=3.259,<4", False),
    ],
)
def test_a_requirement_by_name_is_told_from_a_path(requirement: str, expected: bool) -> None:
    assert by_name(requirement) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ('$ pip install "private-registry[guard]"', True),
        ("pip install --upgrade private_registry", True),
        ("run: uvx --from 'private-registry[guard]' registry-guard", True),
        ("uv add private-registry>=0.1", True),
        ("npm install private-registry", True),
        ("$ pip install dist/private_registry-*.whl", False),
        ('$ pip install "$(ls dist/private_registry-*.whl)[guard]"', False),
        ('pip install "private-registry[guard] @ file:///srv/private_registry-0.1.0-py3-none-any.whl"', False),
    ],
)
def test_a_command_by_name_is_told_from_a_path(command: str, expected: bool) -> None:
    assert bool(INSTALLS.search(command)) == expected


def test_no_file_asks_an_index_for_the_name_that_nobody_owns_there() -> None:
    files = [f for f in tracked() if f.name == "pyproject.toml" or re.fullmatch(r"requirements.*\.(txt|in)", f.name)]
    assert len(files) > 3
    assert [(str(file), each) for file in files for each in requirements(file) if by_name(each)] == []
    packages = [file for file in tracked() if file.name == "package.json"]
    assert len(packages) > 1
    for file in packages:
        made = json.loads(file.read_text())
        asked = {**made.get("dependencies", {}), **made.get("devDependencies", {})}
        ours = {name: source for name, source in asked.items() if re.search(NAME, name)}
        assert ours
        assert all(source.startswith("file:") for source in ours.values()), file


def test_nothing_tells_people_to_install_a_name_that_nobody_owns_at_an_index() -> None:
    files = [f for f in tracked() if not f.is_relative_to(ROOT / "tests") and f.suffix not in {".lock", ".png"}]
    assert len(files) > 300
    assert [str(f) for f in files if INSTALLS.search(f.read_text(errors="replace"))] == []
