"""Each rule's own examples: the compliant ones pass, the violating ones do not."""

from __future__ import annotations

import pytest
from registry_guard.rule import Example, Rule, rules

from tests.policies.guardkit import judge

COMPLIANT = [pytest.param(r, e, id=f"{r.id}: {e.title}") for r in rules().values() for e in r.compliant]
VIOLATING = [pytest.param(r, e, id=f"{r.id}: {e.title}") for r in rules().values() for e in r.violating]


@pytest.mark.parametrize(("rule", "example"), COMPLIANT)
def test_compliant_example_passes(rule: Rule, example: Example) -> None:
    assert judge(example, rule) == []


@pytest.mark.parametrize(("rule", "example"), VIOLATING)
def test_violating_example_is_found(rule: Rule, example: Example) -> None:
    found = judge(example, rule)
    assert [f for f in found if f.mandatory and f.kind == "violation"], found


@pytest.mark.parametrize("rule", rules().values(), ids=lambda r: r.id)
def test_rule_has_both_kinds_of_example(rule: Rule) -> None:
    assert rule.compliant
    assert rule.violating


@pytest.mark.parametrize("rule", rules().values(), ids=lambda r: r.id)
def test_rule_says_what_why_and_how(rule: Rule) -> None:
    assert rule.title
    assert not rule.title.endswith(".")
    assert len(rule.rationale) > 40
    assert rule.fix.endswith("."), f"{rule.id}: `fix` must be sentences, and end with a full stop"
    assert all(option.description.endswith(".") for option in rule.options.values())
    assert rule.check_resource or rule.check_estate
    assert bool(rule.applies_to) == bool(rule.check_resource)
