"""What a template declares is judged as Azure would evaluate it, wherever it is written; and its safe twin passes."""

from __future__ import annotations

from pathlib import Path

import pytest
from registry_guard.engine import evaluate
from registry_model.estate.reading import estate_from_states

from tests.policies.guardkit import POLICIES, analyze, apart, as_engine, stack
from tests.policies.template_twins import TWINS, Twins


@pytest.mark.parametrize("twins", TWINS, ids=lambda each: each.title)
def test_the_unsafe_twin_fails_by_its_rule_and_the_safe_one_does_not(twins: Twins) -> None:
    unsafe = evaluate(stack(*twins.unsafe), preset=twins.preset)
    assert {f.rule for f in unsafe if f.mandatory} >= {twins.rule}, unsafe
    safe = [f for f in evaluate(stack(*twins.safe), preset=twins.preset) if f.rule in (twins.rule, "escape-hatch")]
    assert safe == [], "the safe twin"


@pytest.mark.parametrize("twins", TWINS, ids=lambda each: each.title)
def test_the_safe_twin_passes_the_baseline(twins: Twins) -> None:
    found = [f for f in evaluate(stack(*twins.safe)) if f.mandatory or f.kind == "violation"]
    assert {f.rule for f in found} <= {"export-off"}, found


@pytest.mark.engine
def test_twins_through_the_engine(tmp_path: Path) -> None:
    keys = {f"t{index}x": twins for index, twins in enumerate(TWINS) if twins.preset == "baseline"}
    # One stack has one template spec, so that which one a deployment means is known.
    keys = {key: twins for key, twins in keys.items() if "template spec of the stack" not in twins.title}
    resources = [state for key, twins in keys.items() for state in apart(twins.evasion.example, key)]
    found = analyze(tmp_path, resources, POLICIES / "presets" / "baseline.json")
    pairs = found.pairs("mandatory")
    missed = [
        twins.title
        for key, twins in keys.items()
        if not any(rule == twins.rule and name.startswith(f"{key}-") for rule, name in pairs)
    ]
    assert missed == []
    assert found.findings == as_engine(evaluate(estate_from_states(resources), preset="baseline"))
