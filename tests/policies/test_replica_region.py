"""The replication of the home region, which Azure makes and exports by itself, is worth a note and nothing more."""

from __future__ import annotations

import pytest
from registry_guard.engine import evaluate
from registry_guard.examples import registry, replica

from tests.policies.guardkit import stack


@pytest.mark.parametrize("allowed", [[], ["eastus"]])
@pytest.mark.parametrize("preset", ["baseline", "strict", "no-private-link"])
def test_the_home_region_is_a_note(preset: str, allowed: list[str]) -> None:
    made = stack(registry(), replica("eastus"), replica("Japan East", name="home"))
    config = {"all": "disabled", "replica-region": {"enforcementLevel": "mandatory", "allowed": allowed}}
    (found,) = evaluate(made, preset=preset, config=config)
    assert (found.resource, found.kind, found.mandatory) == ("home", "note", False)
    assert "Azure keeps this entry itself" in found.message
