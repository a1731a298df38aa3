"""docs/rehearsal.md says what each answer rests on: no more than the tests show."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.localcloud.recorded_doc import BASIS, BEGIN, END, PAGE, Basis, page
from tests.localcloud.test_recorded import FACTS

HERE = Path(__file__).parent


def test_the_page_is_what_the_tests_show() -> None:
    text = PAGE.read_text()
    assert text.count(BEGIN) == text.count(END) == 1
    assert page(text) == text, "run `make reference`"


@pytest.mark.parametrize("basis", BASIS, ids=lambda basis: f"{basis.operation}, {basis.about}")
def test_an_answer_without_a_record_has_a_test(basis: Basis) -> None:
    file, _, name = basis.tests.partition("::")
    source = (HERE / file).read_text()
    assert not name or f"def {name}(" in source


def test_a_fact_that_goes_changes_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(FACTS, "registry-put-premium")
    assert page(PAGE.read_text()) != PAGE.read_text()
