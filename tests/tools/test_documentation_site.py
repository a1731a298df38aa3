"""The documentation site: built from the repository's pages, searchable, and refused with a link that leads nowhere."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import documentation_site  # noqa: E402


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    documentation_site.stage(tmp_path / "pages")
    return tmp_path / "pages"


def test_every_link_leads_somewhere_and_rules_are_found(staged: Path, tmp_path: Path) -> None:
    assert documentation_site.build(staged, tmp_path / "site") == 0
    index = json.loads((tmp_path / "site" / "search" / "search_index.json").read_text())
    found = {each["location"] for each in index["docs"]}
    assert {"policies/RULES.html#premium-sku", "docs/reference/components.html#privateregistry"} <= found


@pytest.mark.parametrize("link", ["nowhere.md", "guard.md#no-such-heading"])
def test_a_link_that_leads_nowhere_fails_the_build(staged: Path, tmp_path: Path, link: str) -> None:
    page = staged / "docs" / "doctor.md"
    page.write_text(page.read_text() + f"\n[somewhere]({link})\n")
    assert documentation_site.build(staged, tmp_path / "site") != 0
