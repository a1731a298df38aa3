"""No unsafe registry passes by how it is written, and nothing safe is stopped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from registry_guard.engine import evaluate
from registry_guard.rule import Example
from registry_model.estate.reading import estate_from_states

from tests.bench.guard import estate
from tests.policies.evasions import EVASIONS, GOOD, Evasion
from tests.policies.guardkit import POLICIES, analyze, apart, as_engine, stack


@pytest.mark.parametrize("evasion", EVASIONS, ids=str)
def test_evasion_is_seen(evasion: Evasion) -> None:
    found = evaluate(stack(*evasion.example.resources), preset=evasion.preset)
    seen = [f for f in found if f.rule == evasion.rule and (f.mandatory or f.kind == "violation")]
    assert seen, found
    assert [f for f in seen if f.mandatory], "seen, but it would pass"


@pytest.mark.parametrize("good", GOOD, ids=lambda e: e.title)
def test_good_stack_raises_no_alarm(good: Example) -> None:
    found = [f for f in evaluate(stack(*good.resources)) if f.mandatory or f.kind == "violation"]
    # A baseline's advice on what a registry lacks is no alarm; these are what a sound stack may be advised of.
    assert {f.rule for f in found} <= {"export-off"}, found
    assert not [f for f in found if f.mandatory]


def test_a_complete_estate_passes_strict() -> None:
    found = evaluate(estate_from_states(estate.resources(3)), preset="strict")
    assert not [f for f in found if f.mandatory], found
    assert {f.rule for f in found} == {"quarantine", "scanning-plan"}


@pytest.mark.engine
@pytest.mark.parametrize("preset", ["baseline", "strict"])
def test_evasions_through_the_engine(tmp_path: Path, preset: str) -> None:
    keys = {f"e{index}x": evasion for index, evasion in enumerate(EVASIONS) if evasion.preset == preset}
    resources = [state for key, evasion in keys.items() for state in apart(evasion.example, key)]
    found = analyze(tmp_path, resources, POLICIES / "presets" / f"{preset}.json")
    assert found.events, found.err
    pairs = found.pairs("mandatory")
    missed = [
        str(evasion)
        for key, evasion in keys.items()
        if not any(rule == evasion.rule and name.startswith(f"{key}-") for rule, name in pairs)
    ]
    assert missed == []
    assert found.findings == as_engine(evaluate(estate_from_states(resources), preset=preset))


@pytest.mark.engine
def test_good_stacks_through_the_engine(tmp_path: Path) -> None:
    resources = [state for i, good in enumerate(GOOD) for state in apart(good, f"g{i}x")]
    resources += json.loads(json.dumps(estate.resources(2)[1:]).replace(estate.ROOT, ""))
    found = analyze(tmp_path, [{k: v for k, v in each.items() if v != ""} for each in resources])
    assert found.code == 0, found.pairs("mandatory")
    assert found.pairs("mandatory") == set()
