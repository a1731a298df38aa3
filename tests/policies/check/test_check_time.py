"""The limit of a whole run: it names the file and how to raise it, and holds inside rules, readers and reports."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from registry_guard import engine
from registry_guard.report import findings, stream
from registry_model.estate import documents

from tests.policies.check.checkkit import guard, guard_process
from tests.policies.check.test_check_text import CLEAN


def never(*_: Any, **__: Any) -> Any:
    """A computation inside C that outlives any test."""
    return re.match(r"(a+)+$", "a" * 60 + "b")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "main.json"
    path.write_text(CLEAN)
    return path


@pytest.mark.parametrize(
    ("place", "name"),
    [(engine.Evaluator, "_findings"), (documents, "estate_from_template"), (findings, "in_order")],
    ids=["rule", "reader", "report"],
)
def test_a_check_that_takes_too_long_names_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch, place: Any, name: str
) -> None:
    monkeypatch.setattr(place, name, never)
    ran = guard("check", file, "--max-time", "0.3")
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err == (
        f"registry-guard: the run took longer than 0.3 s, at {file}; raise the limit with --max-time SECONDS or "
        "REGISTRY_GUARD_MAX_TIME=SECONDS.\n"
    )


def test_a_rule_that_never_ends_is_no_rule_that_failed(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine reports a rule that raises and goes on with the next; not so when the time is up."""
    from registry_guard.rules import premium_sku

    monkeypatch.setattr(premium_sku.facts, "sku", never)
    ran = guard("check", file, "--max-time", "0.3")
    assert ran.code == 2
    assert "the run took longer than 0.3 s" in ran.err


def test_a_report_has_the_limit_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "guard.ndjson"
    file.write_text("{}")
    monkeypatch.setattr(stream, "read", never)
    monkeypatch.setenv("REGISTRY_GUARD_MAX_TIME", "0.3")
    ran = guard("report", file)
    assert ran.code == 2
    assert f"the run took longer than 0.3 s, at {file}" in ran.err


def test_a_usual_run_is_far_from_it(file: Path) -> None:
    assert guard_process("check", file, "--max-time", "200").code == 0


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf"])
def test_a_limit_that_is_none_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch, seconds: str) -> None:
    ran = guard("check", file, f"--max-time={seconds}")
    assert ran.code == 2
    assert f"--max-time {float(seconds)}: a number of seconds above 0 is expected, such as 300" in ran.err
    monkeypatch.setenv("REGISTRY_GUARD_MAX_TIME", "long")
    assert "REGISTRY_GUARD_MAX_TIME long: a number of seconds" in guard("report", file).err


def test_the_documentation_says_the_default() -> None:
    from registry_guard.limits import SIZE, TIME

    page = (Path(__file__).resolve().parents[3] / "docs" / "limits.md").read_text()
    assert f"| whole run of `registry-guard check` and `report`, computation included | {TIME.default:g} s |" in page
    assert f"| size of a file, and of standard input | {SIZE.default:g} MB |" in page
