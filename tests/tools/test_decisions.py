"""Every decision is a short page with a title in one style, and the index lists them all."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "decisions"
PAGES = sorted(FOLDER.glob("[0-9]*.md"))
MOST_LINES = 30
# Files that a decision names and that are none of this checkout, by what they are.
NOT_OURS = {
    "policy.py": "a file of pulumi-policy",
    "schema/released/VERSION.json": "one for each release",
}


@cache
def files() -> str:
    """The path of every file of the checkout, each on a line of its own with a slash before it."""
    found: list[str] = []
    for folder, inner, names in os.walk(FOLDER.parents[1]):
        inner[:] = [name for name in inner if not name.startswith(".") and name != "node_modules"]
        found += [f"{folder}/{name}\n" for name in names]
    return "".join(found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_file_that_a_decision_names_exists(page: Path) -> None:
    named = re.findall(r"`([\w./-]*\w\.(?:py|json|ya?ml|toml|sh|md))`", page.read_text())
    gone = [name for name in named if name not in NOT_OURS and f"/{name}\n" not in files()]
    assert not gone, f"docs/decisions/{page.name} names files that do not exist: {', '.join(gone)}"


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
