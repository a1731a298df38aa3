"""examples/README.md shows every example, each with its picture."""

from __future__ import annotations

import re

import pytest

from tests.components.gallery import PAGE, PROJECTS, pictured
from tests.rehearsal import ROOT

ROWS = re.findall(r"^\| \[([\w -]+)\]\((\S+)\) \| .* \| \[picture\]\(#([\w-]+)\) \|$", PAGE.read_text(), re.MULTILINE)


def test_every_example_has_a_row() -> None:
    folders = {path.name for path in (ROOT / "examples").iterdir() if path.is_dir() and any(path.iterdir())}
    assert {name for name, _, _ in ROWS} - {"root project"} == folders


@pytest.mark.parametrize(("name", "link", "picture"), ROWS)
def test_a_row_leads_to_the_example_and_to_its_picture(name: str, link: str, picture: str) -> None:
    assert (PAGE.parent / link).exists()
    assert picture == name.replace(" ", "-")
    assert len(pictured(name).splitlines()) > 3, f"run `.venv/bin/python -m tests.components.gallery` for {name}"


def test_every_example_that_deploys_a_registry_is_drawn() -> None:
    assert set(PROJECTS) <= {name for name, _, _ in ROWS}
