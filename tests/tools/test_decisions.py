"""Every decision is a short page with a title in one style, and the index lists them all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "decisions"
PAGES = sorted(FOLDER.glob("[0-9]*.md"))
MOST_LINES = 30


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_decision_is_a_short_page(page: Path) -> None:
    lines = page.read_text().splitlines()
    assert re.fullmatch(rf"# {page.name[:4]}: \S.*", lines[0])
    assert len(lines) <= MOST_LINES


def test_the_index_lists_every_decision() -> None:
    titles = {page.name: page.read_text().split("\n", 1)[0].partition(": ")[2] for page in PAGES}
    listed = dict(re.findall(r"\[(.*)\]\((\d{4}-[^)]*\.md)\)", (FOLDER / "README.md").read_text()))
    assert {name: title for title, name in listed.items()} == titles
    assert len({name[:4] for name in titles}) == len(titles), "two decisions share a number"
