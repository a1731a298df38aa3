"""The pack as the real engine runs it: every example of every rule, and what the engine does with its answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from registry_guard.engine import evaluate
from registry_guard.rule import Example, Rule, rules
from registry_guard.settings import GUARD
from registry_model.estate.reading import estate_from_states

from tests.policies.guardkit import POLICIES, REGISTRY, Analysis, analyze, apart, as_engine, states, urn

pytestmark = pytest.mark.engine

# Examples that need the stack to themselves: what they show hangs on there being one registry, or one plan.
ALONE = {"firewall-complete", "firewall-no-wildcard", "switch-order", "scanning-plan"}


def batches(kind: str) -> list[list[tuple[Rule, Example]]]:
    """Every rule's examples of one kind, so that each batch holds at most one of a rule; those of a state only."""
    of_a_state = [(rule, [e for e in getattr(rule, kind) if not (e.steps or e.edits)]) for rule in rules().values()]
    deepest = max(len(examples) for _rule, examples in of_a_state)
    return [[(rule, examples[i]) for rule, examples in of_a_state if i < len(examples)] for i in range(deepest)]


def run(folder: Path, batch: list[tuple[Rule, Example]]) -> tuple[Analysis, list[dict[str, Any]], dict[str, Any]]:
    config: dict[str, Any] = {rule.id: {"enforcementLevel": "mandatory", **e.config} for rule, e in batch}
    config = {"all": "disabled", **config}
    resources = [s for rule, e in batch for s in apart(e, rule.id.replace("-", ""))]
    return analyze(folder, resources, config), resources, config


def agree(batch: list[tuple[Rule, Example]], found: Analysis, evaluated: set[tuple[str, str, str, str]]) -> None:
    """The engine and the evaluation find the same; else each difference, with the side that has it and its example."""
    titles = {rule.id.replace("-", ""): f"{rule.id}: {example.title}" for rule, example in batch}
    told = []
    for side, only in (("engine only", found.findings - evaluated), ("evaluation only", evaluated - found.findings)):
        for urn_of, rule_id, level, text in sorted(only):
            name = urn_of.rpartition("::")[2]
            key = name.partition("-")[0]
            where = f"policies/registry_guard/rules/{rule_id.replace('-', '_')}.py"
            told.append(f"{side}: {rule_id} ({where}), {level}, on {name} of the example '{titles.get(key)}': {text}")
    shared = "The examples of a batch share one stack and one configuration: that of each example's own rule."
    assert not told, "\n".join([shared, *told])


def own(analysis: Analysis, rule: Rule) -> set[str]:
    """The resources of a rule's own example that the rule reported as mandatory."""
    key = rule.id.replace("-", "") + "-"
    return {name for policy, name in analysis.pairs("mandatory") if policy == rule.id and name.startswith(key)}


@pytest.mark.parametrize("batch", batches("violating"), ids=lambda b: f"{len(b)} examples")
def test_violating_examples_through_the_engine(tmp_path: Path, batch: list[tuple[Rule, Example]]) -> None:
    found, resources, config = run(tmp_path, batch)
    assert found.code == 1, found.err
    agree(batch, found, as_engine(evaluate(estate_from_states(resources), config=config)))
    assert not [rule.id for rule, _example in batch if rule.id not in ALONE and not own(found, rule)]


@pytest.mark.parametrize("batch", batches("compliant"), ids=lambda b: f"{len(b)} examples")
def test_compliant_examples_through_the_engine(tmp_path: Path, batch: list[tuple[Rule, Example]]) -> None:
    found, resources, config = run(tmp_path, batch)
    agree(batch, found, as_engine(evaluate(estate_from_states(resources), config=config)))
    assert not [(rule.id, own(found, rule)) for rule, _example in batch if rule.id not in ALONE and own(found, rule)]


@pytest.mark.parametrize("rule_id", sorted(ALONE))
def test_examples_that_need_a_stack_of_their_own(tmp_path: Path, rule_id: str) -> None:
    rule = rules()[rule_id]
    for kind, code in (("violating", 1), ("compliant", 0)):
        example = getattr(rule, kind)[0]
        config = {"all": "disabled", rule.id: {"enforcementLevel": "mandatory", **example.config}}
        found = analyze(tmp_path, states(example.resources), config)
        assert (found.code, kind) == (code, kind), (found.events, found.err)


def _registry(**inputs: Any) -> list[dict[str, Any]]:
    given = {"resourceGroupName": "rg", **inputs}
    return states([{"type": REGISTRY, "name": "acr", "inputs": given}])


def test_without_a_configuration_the_baseline_is_enforced(tmp_path: Path) -> None:
    found = analyze(tmp_path, _registry(sku={"name": "Basic"}))
    assert found.code == 1
    assert {("premium-sku", "acr"), ("no-exposed-access", "acr")} <= found.pairs("mandatory")
    assert found.findings == as_engine(evaluate(estate_from_states(_registry(sku={"name": "Basic"}))))


@pytest.mark.parametrize("preset", ["baseline", "strict", "no-private-link", "audit"])
def test_presets_are_accepted_and_judge_as_the_evaluation_does(tmp_path: Path, preset: str) -> None:
    resources = _registry(sku={"name": "Standard"}, adminUserEnabled=True)
    found = analyze(tmp_path, resources, POLICIES / "presets" / f"{preset}.json")
    assert found.findings == as_engine(evaluate(estate_from_states(resources), preset=preset))
    assert found.code == (0 if preset == "audit" else 1), found.err
    assert ("no-admin-user", "acr") in found.pairs()


def test_an_unusable_configuration_is_refused_with_all_its_mistakes(tmp_path: Path) -> None:
    config = {"premium-skew": "mandatory", "no-exposed-access": {"max_prefix": 1}, "cmk": "advisory"}
    found = analyze(tmp_path, _registry(), config)
    assert found.code != 0
    assert "did you mean 'premium-sku'" in found.err
    assert "did you mean 'max_public_prefix'" in found.err
    assert "'cmk' is not a rule" in found.err
    assert "Traceback" not in found.err
    assert not found.events


def test_an_exemption_is_shown_and_lets_the_stack_pass(tmp_path: Path) -> None:
    exemption = {
        "rule": "premium-sku",
        "resource": urn(REGISTRY, "acr"),
        "reason": "sandbox",
        "owner": "ann",
        "expires": "2999-01-01",
    }
    config = {"all": "disabled", GUARD: {"exemptions": [exemption]}, "premium-sku": "mandatory"}
    found = analyze(tmp_path, _registry(sku={"name": "Basic"}), config)
    assert found.code == 0, found.err
    assert found.pairs("advisory") == {("premium-sku", "acr")}
    assert "Exempted until 2999-01-01 (owner ann: sandbox)" in found.events[0]["message"]


def test_a_rule_that_raises_fails_the_stack_under_its_own_name(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    python = POLICIES.parent / ".venv" / "bin" / "python"
    (pack / "broken").write_text(
        f"#!{python}\n"
        "from dataclasses import replace\n"
        "from registry_guard import pack, rule\n"
        "def broken(resource, config): raise KeyError('hunter2')\n"
        "found = dict(rule.rules())\n"
        "found['premium-sku'] = replace(found['premium-sku'], check_resource=broken)\n"
        "for module in (rule, pack, pack.settings, __import__('registry_guard.engine').engine):\n"
        "    module.rules = lambda: found\n"
        "pack.serve()\n"
    )
    (pack / "broken").chmod(0o755)
    config = {"all": "disabled", "premium-sku": "advisory"}
    found = analyze(tmp_path, _registry(sku={"name": "Premium"}), config, pack=pack / "broken")
    assert found.code == 1
    assert found.pairs("mandatory") == {("premium-sku", "acr")}
    assert "could not be run" in found.events[0]["message"]
    assert "hunter2" not in found.events[0]["message"] + found.err
