"""What is generated from the rules is what is committed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from registry_guard import rules_doc
from registry_guard.rule import rules

ROOT = Path(__file__).resolve().parents[2]


def test_the_committed_files_are_the_generated_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert rules_doc.main(["--check"]) == 0, capsys.readouterr().err


def test_a_stale_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rules_doc, "POLICIES", tmp_path)
    assert rules_doc.main(["--check"]) == 1
    assert "RULES.md is out of date" in capsys.readouterr().err
    assert rules_doc.main([]) == 0
    assert rules_doc.main(["--check"]) == 0


def test_a_preset_that_no_rule_gives_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rules_doc, "POLICIES", tmp_path / "policies")
    (tmp_path / "policies").mkdir()
    assert rules_doc.main([]) == 0
    (tmp_path / "policies" / "presets" / "mine.json").write_text("{}")
    assert rules_doc.main(["--check"]) == 1
    assert capsys.readouterr().err == "policies/presets/mine.json is no preset of the rules: remove it\n"


def test_every_rule_has_its_section_with_every_option() -> None:
    text = rules_doc.rules_markdown()
    for rule in rules().values():
        section = text.partition(f"\n## {rule.id}\n")[2].partition("\n## ")[0]
        assert rule.rationale in section
        assert [key for key in rule.options if f"`{key}`" not in section] == []


def test_the_table_has_every_rule_with_its_severity_the_worst_first() -> None:
    table = rules_doc.rules_markdown().partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:3]] for line in table.splitlines() if "](#" in line]
    assert sorted(rows) == sorted([each.severity.value, f"[{each.id}](#{each.id})"] for each in rules().values())
    order = ["critical", "high", "medium", "low"]
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), key=order.index)
    assert {row[0] for row in rows} == set(order)
    for severity in order:
        names = [row[1] for row in rows if row[0] == severity]
        assert names == sorted(names)


def test_it_refers_to_nothing_that_only_its_writers_have() -> None:
    text = rules_doc.rules_markdown()
    folders = (ROOT / "docs", ROOT / "policies")
    known = {path.name for folder in folders for path in folder.rglob("*.md")}
    assert set(re.findall(r"[\w-]+\.md", text)) <= known
