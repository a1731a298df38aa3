"""Which member has which place among an endpoint's addresses is Azure's affair: no rule depends on it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from registry_guard.engine import Finding, evaluate
from registry_guard.rule import rules

from tests.model.reordered import reordered
from tests.model.test_address_order import DOCUMENTS, estate
from tests.policies.guardkit import judge

if TYPE_CHECKING:
    from collections.abc import Iterable


def told(findings: Iterable[Finding]) -> list[tuple[str, ...]]:
    return sorted((f.rule, f.level.value, f.kind, f.urn, f.message) for f in findings)


@pytest.mark.parametrize("preset", ["baseline", "strict", "no-private-link"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_same_is_found_in_any_order(name: str, preset: str) -> None:
    as_is, other = estate(DOCUMENTS[name]), estate(reordered(DOCUMENTS[name]))
    assert told(evaluate(as_is, preset=preset)) == told(evaluate(other, preset=preset)) != []


def test_each_rule_finds_the_same_in_its_examples_turned_round() -> None:
    turned: list[str] = []
    for rule in rules().values():
        for example in (*rule.compliant, *rule.violating):
            other = dataclasses.replace(
                example,
                resources=tuple(reordered(each, turned) for each in example.resources),
                edits=reordered(example.edits),
            )
            assert told(judge(other, rule)) == told(judge(example, rule)), f"{rule.id}: {example.title}"
    assert turned.count("ipConfigurations") > 1
