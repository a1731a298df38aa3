"""SECURITY.md: one page, and every test that it names exists."""

from __future__ import annotations

import ast
import re
import subprocess

import pytest

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


def test_nothing_tells_people_to_install_a_name_that_nobody_owns_at_an_index() -> None:
    """What installs the file of a wheel (`private_registry-….whl`) is right."""
    by_name = re.compile(r"(?:pip install|--from|uvx|pipx install)[^\n]*[ \"'`]private-registry\b")
    assert by_name.search('$ pip install "private-registry[guard]"')
    assert not by_name.search("$ pip install dist/private_registry-*.whl")
    words = ["git", "-C", str(ROOT), "ls-files", "*.md", "examples", "templates"]
    files = [ROOT / name for name in subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()]
    assert len(files) > 50
    texts = {file: file.read_text(errors="replace") for file in files if file.is_file()}
    assert [str(file) for file, text in texts.items() if by_name.search(text)] == []
