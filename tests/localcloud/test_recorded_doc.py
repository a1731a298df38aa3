"""docs/rehearsal.md says what each answer rests on: no more than the tests show."""

from __future__ import annotations

from pathlib import Path

import pytest
from localcloud.azure import TYPES

from tests.localcloud.recorded_doc import BASIS, BEGIN, END, PAGE, Basis, page
from tests.localcloud.test_recorded import FACTS

HERE = Path(__file__).parent


def test_the_page_is_what_the_tests_show() -> None:
    text = PAGE.read_text()
    assert text.count(BEGIN) == text.count(END) == 1
    assert page(text) == text, "run `make reference`"


# What the page says that the local cloud does not have, written by hand.
MISSING = {
    "route tables": "network:RouteTable",
    "NAT gateways": "network:NatGateway",
    "storage accounts": "storage:StorageAccount",
    "connected registries": "containerregistry:ConnectedRegistry",
    "tasks": "containerregistry:Task",
    "agent pools": "containerregistry:AgentPool",
}


@pytest.mark.parametrize("words", MISSING)
def test_what_the_page_calls_missing_is_missing(words: str) -> None:
    known = f"azure-native:{MISSING[words]}" in TYPES
    assert not known, (
        f"the local cloud has {MISSING[words]}: take '{words}' out of docs/rehearsal.md, and out of MISSING"
    )
    assert words in PAGE.read_text(), f"docs/rehearsal.md no longer calls '{words}' missing: take it out of MISSING"


@pytest.mark.parametrize("basis", BASIS, ids=lambda basis: f"{basis.operation}, {basis.about}")
def test_an_answer_without_a_record_has_a_test(basis: Basis) -> None:
    file, _, name = basis.tests.partition("::")
    source = (HERE / file).read_text()
    assert not name or f"def {name}(" in source


def test_a_fact_that_goes_changes_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(FACTS, "registry-put-premium")
    assert page(PAGE.read_text()) != PAGE.read_text()
