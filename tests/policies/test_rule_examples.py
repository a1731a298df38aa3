"""Each rule's own examples: the compliant ones pass, the violating ones do not."""

from __future__ import annotations

import pytest
from registry_guard.rule import Example, Rule, rules
from registry_model.estate import tokens, told

from tests.policies.guardkit import judge

# What deploys something, and policies: documents declare them, and no live document lists them.
OF_DOCUMENTS = {
    tokens.GENERIC,
    tokens.ACTION,
    tokens.SCRIPT,
    tokens.DEPLOYMENT,
    tokens.POLICY,
    tokens.POLICY_SET,
    tokens.POLICY_ASSIGNMENT,
}


def file_of(rule: Rule) -> str:
    return f"policies/registry_guard/rules/{rule.id.replace('-', '_')}.py"


COMPLIANT = [pytest.param(r, e, id=f"{r.id}: {e.title}") for r in rules().values() for e in r.compliant]
VIOLATING = [pytest.param(r, e, id=f"{r.id}: {e.title}") for r in rules().values() for e in r.violating]


@pytest.mark.parametrize(("rule", "example"), COMPLIANT)
def test_compliant_example_passes(rule: Rule, example: Example) -> None:
    found = judge(example, rule)
    assert not found, f"{file_of(rule)}: the compliant example '{example.title}' must have no finding: {found}"


@pytest.mark.parametrize(("rule", "example"), VIOLATING)
def test_violating_example_is_found(rule: Rule, example: Example) -> None:
    found = judge(example, rule)
    assert [f for f in found if f.mandatory and f.kind == "violation"], (
        f"{file_of(rule)}: the violating example '{example.title}' must give a violation, and gives "
        f"{found or 'nothing'}; is its type among those of components/registry_model/estate/tokens.py?"
    )


@pytest.mark.parametrize("rule", rules().values(), ids=lambda r: r.id)
def test_rule_has_both_kinds_of_example(rule: Rule) -> None:
    assert rule.compliant, f"{file_of(rule)}: add an example that passes to `compliant`"
    assert rule.violating, f"{file_of(rule)}: add an example that does not pass to `violating`"


@pytest.mark.parametrize("rule", rules().values(), ids=lambda r: r.id)
def test_the_types_of_a_rule_are_known_everywhere(rule: Rule) -> None:
    """But those of Alibaba Cloud, which no live document lists."""
    estate = "components/registry_model/estate"
    judged = {*rule.applies_to, *(kind for kinds in rule.needs for kind in kinds)}
    listed = {*rule.applies_to, *(kinds[0] for kinds in rule.needs)}
    for kind in sorted(kind for kind in judged if not kind.startswith("alibaba:") and kind not in OF_DOCUMENTS):
        assert kind in tokens.ARM_TYPES.values(), f"{estate}/tokens.py: ARM_TYPES lacks {kind}, a type of {rule.id}"
        assert kind in tokens.NAME_INPUTS, f"{estate}/tokens.py: NAME_INPUTS lacks {kind}, a type of {rule.id}"
        assert kind in told.COMMANDS or kind not in listed, (
            f"{estate}/told.py: COMMANDS lacks {kind}, a type of {rule.id}: the command of az that lists it"
        )


@pytest.mark.parametrize("rule", rules().values(), ids=lambda r: r.id)
def test_rule_says_what_why_and_how(rule: Rule) -> None:
    assert rule.title
    assert not rule.title.endswith(".")
    assert len(rule.rationale) > 40
    assert rule.fix.endswith("."), f"{rule.id}: `fix` must be sentences, and end with a full stop"
    assert all(option.description.endswith(".") for option in rule.options.values())
    assert rule.check_resource or rule.check_estate
    assert bool(rule.applies_to) == bool(rule.check_resource)
