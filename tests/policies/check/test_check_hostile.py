"""A hostile file fails the gate with words of ours, and its work grows with its size and no more.

Work is counted in calls of Python functions, which a clock on a busy machine cannot tell; `make bench` has the time and
memory of hostile files as ratios to plain ones of their size.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from registry_guard.engine import Evaluator
from registry_guard.settings import load as load_settings
from registry_model.estate import documents
from registry_model.estate.templates import budget

from tests.policies.check.checkkit import guard
from tests.policies.check.hostile_files import GROWING, REFUSED, STATES, TEMPLATES, alike, export

BUDGET_CALLS = (
    20 * budget.STEPS.value
)  # what a template may use up whatever its size: a step is a score of calls at most
EVALUATOR = Evaluator(load_settings({}, preset="strict"))


@pytest.mark.parametrize("make", [*STATES.values(), *TEMPLATES.values()], ids=[*STATES, *TEMPLATES])
def test_a_hostile_file_fails_the_gate(tmp_path: Path, make: Callable[[], str]) -> None:
    file = tmp_path / "hostile.json"
    file.write_text(make())
    ran = guard("check", file, "--preset", "strict", "--json")
    assert ran.code == 1, ran.err
    failing = [finding for finding in ran.json()["findings"] if finding["fails"]]
    assert failing
    assert all(finding["kind"] != "error" and 0 < len(finding["message"]) <= 10_000 for finding in failing)


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_refused_in_one_line(tmp_path: Path, make: Callable[[], str]) -> None:
    file = tmp_path / "hostile.json"
    file.write_text(make())
    ran = guard("check", file)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith(f"registry-guard: {file}: ")
    assert len(ran.err.splitlines()) == 1
    assert len(ran.err) < 1000


def calls(text: str) -> int:
    """How many Python functions are called to read and judge a document."""
    count = 0

    def counted(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        EVALUATOR.judge(documents.load("x.json", text).estate)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("name", GROWING)
def test_work_grows_with_the_size(name: str) -> None:
    few, many = (export(name, count) for count in (30, 240))
    assert calls(many) / len(many) <= 2 * calls(few) / len(few)


def test_work_grows_with_the_size_of_a_template_whose_names_tell_nothing() -> None:
    few, many = alike(60), alike(480)
    assert calls(many) / len(many) <= 2 * calls(few) / len(few)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_costs_its_budget_and_its_size_at_most(name: str) -> None:
    text = TEMPLATES[name]()
    assert calls(text) <= BUDGET_CALLS + len(text)
