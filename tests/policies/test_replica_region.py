"""The replication of the home region, which Azure makes and exports by itself, is worth a note and nothing more."""

from __future__ import annotations

import pytest
from registry_guard.engine import evaluate
from registry_guard.examples import UNKNOWN, registry, replica
from registry_guard.rule import Declared

from tests.policies.guardkit import stack


@pytest.mark.parametrize("allowed", [[], ["eastus"]])
@pytest.mark.parametrize("preset", ["baseline", "strict", "no-private-link"])
def test_the_home_region_is_a_note(preset: str, allowed: list[str]) -> None:
    made = stack(registry(), replica("eastus"), replica("Japan East", name="home"))
    config = {"all": "disabled", "replica-region": {"enforcementLevel": "mandatory", "allowed": allowed}}
    (found,) = evaluate(made, preset=preset, config=config)
    assert (found.resource, found.kind, found.mandatory) == ("home", "note", False)
    assert "Azure keeps this entry itself" in found.message


GENERIC: Declared = {
    "type": "azure-native:resources:Resource",
    "name": "replica",
    "inputs": {
        "resourceGroupName": "rg",
        "resourceProviderNamespace": "Microsoft.ContainerRegistry",
        "parentResourcePath": "registries/contoso",
        "resourceType": "replications",
        "resourceName": "japaneast",
        "location": "Japan East",
    },
}
CLASSIC: Declared = {
    "type": "azure:containerservice/registry:Registry",
    "name": "contoso",
    "inputs": {
        "name": "contoso",
        "resourceGroupName": "rg",
        "location": "japaneast",
        "sku": "Premium",
        "georeplications": [{"location": "Japan East"}],
    },
}


@pytest.mark.parametrize("declared", [[registry(), GENERIC], [CLASSIC]], ids=["generic", "classic"])
def test_whatever_declares_it(declared: list[Declared]) -> None:
    def found(**options: object) -> list[tuple[str, bool]]:
        rule = {"enforcementLevel": "mandatory", **options}
        judged = evaluate(stack(*declared), config={"all": "disabled", "replica-region": rule})
        return [(finding.kind, finding.mandatory) for finding in judged]

    assert found() == [("note", False)]
    elsewhere = [
        {**each, "inputs": {**each["inputs"], "location": "eastus"}} if each is GENERIC else each for each in declared
    ]
    if declared == [CLASSIC]:
        elsewhere = [{**CLASSIC, "inputs": {**CLASSIC["inputs"], "georeplications": [{"location": "East US"}]}}]
    judged = evaluate(
        stack(*elsewhere),
        config={"all": "disabled", "replica-region": {"enforcementLevel": "mandatory", "allowed": ["japanwest"]}},
    )
    assert [(finding.kind, finding.mandatory) for finding in judged] == [("violation", True)]


@pytest.mark.parametrize(("allowed", "kinds"), [([], []), (["eastus"], ["undetermined"])])
def test_an_unknown_location_is_undetermined_only_where_one_could_be_wrong(
    allowed: list[str], kinds: list[str]
) -> None:
    config = {"all": "disabled", "replica-region": {"enforcementLevel": "mandatory", "allowed": allowed}}
    found = evaluate(stack(registry(), replica(UNKNOWN, name="there")), config=config)
    assert [each.kind for each in found] == kinds
