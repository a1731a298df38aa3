"""What is generated from the rules is what is committed."""

from __future__ import annotations

from pathlib import Path

import pytest
from registry_guard import rules_doc
from registry_guard.rule import rules


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


def test_every_rule_has_its_section_with_every_option() -> None:
    text = rules_doc.rules_markdown()
    for rule in rules().values():
        section = text.partition(f"\n## {rule.id}\n")[2].partition("\n## ")[0]
        assert rule.rationale in section
        assert [key for key in rule.options if f"`{key}`" not in section] == []
