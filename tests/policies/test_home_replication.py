"""The replication of the home region, which Azure makes and lists by itself, changes nothing of what the guard finds.

With it and without it the findings are the same, in a state, a preview, an exported template and a live folder. A
program that declares it gets a note (test_replica_region.py), and nothing else.
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest
from registry_guard.engine import Finding, evaluate
from registry_guard.examples import replica
from registry_guard.rule import Example, Rule, rules
from registry_model.estate import documents, facts, relations, tokens

from tests.model.live.standin import PRINTED
from tests.policies.guardkit import judge, previewed, stack

if TYPE_CHECKING:
    from registry_model.estate.model import Estate

PRESETS = ("baseline", "strict", "no-private-link")
ACR = "Microsoft.ContainerRegistry/registries"
EXAMPLES = [(rule, example) for rule in rules().values() for example in (*rule.compliant, *rule.violating)]


def estate_of(example: Example) -> Estate:
    return previewed(example) if example.steps or example.edits else stack(*example.resources)


def with_home(example: Example) -> Example | None:
    """The example with the home replication of each of its registries; None where it has none to add."""
    wanted = {}
    for registry in estate_of(example).of(tokens.REGISTRY):
        region, name = facts.region(registry), registry.props.get("registryname")
        if isinstance(region, str) and isinstance(name, str) and not registry.external and registry.target is None:
            wanted[f"home-{name}"] = replica(region, name, f"home-{name}")
    wanted = {key: each for key, each in wanted.items() if key not in {r["name"] for r in example.resources}}
    more = dataclasses.replace(example, resources=(*example.resources, *wanted.values()))
    held = {each.name for each in estate_of(more).of(tokens.REPLICATION) if _owner(estate_of(more), each.name)}
    kept = tuple(each for key, each in wanted.items() if key in held)
    return dataclasses.replace(example, resources=(*example.resources, *kept)) if kept else None


def _owner(estate: Estate, name: str) -> bool:
    (found,) = (each for each in estate.of(tokens.REPLICATION) if each.name == name)
    return relations.registry_of(estate, found).target is not None


def told(findings: list[Finding]) -> list[tuple[str, ...]]:
    """What was found; without the note on an entry for the home region that a program declares."""
    return sorted(
        (f.rule, f.level.value, f.kind, f.urn, f.message)
        for f in findings
        if not (f.rule == "replica-region" and f.kind == "note" and "home-" in f.resource)
    )


WITH_HOME = [(rule, example, more) for rule, example in EXAMPLES if (more := with_home(example)) is not None]


def test_most_rules_are_asked() -> None:
    assert len(WITH_HOME) > 150
    assert len({rule.id for rule, *_ in WITH_HOME}) > 30


@pytest.mark.parametrize(
    ("rule", "example", "more"), [pytest.param(*each, id=f"{each[0].id}: {each[1].title}") for each in WITH_HOME]
)
def test_each_rule_finds_the_same_in_its_examples(rule: Rule, example: Example, more: Example) -> None:
    assert told(judge(more, rule)) == told(judge(example, rule))


@pytest.mark.parametrize("preset", PRESETS)
def test_each_preset_finds_the_same(preset: str) -> None:
    for _, example, more in WITH_HOME:
        found = evaluate(estate_of(more), preset=preset)
        assert told(found) == told(evaluate(estate_of(example), preset=preset)), example.title


def exported(*regions: str) -> Estate:
    """A group as Azure exports it: a registry with soft delete and these replications."""
    body = {"type": ACR, "apiVersion": "2023-07-01", "name": "contoso", "location": "japaneast"}
    soft = {"policies": {"softDeletePolicy": {"status": "enabled"}}, "publicNetworkAccess": "Disabled"}
    resources: list[dict[str, Any]] = [{**body, "sku": {"name": "Premium"}, "properties": soft}]
    resources += [
        {
            "type": f"{ACR}/replications",
            "apiVersion": "2023-07-01",
            "name": f"contoso/{region}",
            "location": region,
            "dependsOn": [f"[resourceId('{ACR}', 'contoso')]"],
            "properties": {"regionEndpointEnabled": True},
        }
        for region in regions
    ]
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    return documents.load(
        "export.json", json.dumps({"$schema": schema, "contentVersion": "1.0.0.0", "resources": resources})
    ).estate


@pytest.mark.parametrize("preset", PRESETS)
def test_an_export_is_judged_the_same(preset: str) -> None:
    def found(*regions: str) -> list[tuple[str, ...]]:
        findings = evaluate(exported(*regions), preset=preset)
        home = [f for f in findings if f.rule == "replica-region"]
        assert [(f.kind, f.mandatory) for f in home] == [("note", False)] * ("japaneast" in regions)
        return sorted((f.rule, f.level.value, f.kind, f.urn, f.message) for f in findings if f not in home)

    assert found("japaneast") == found()
    assert found("japaneast", "eastus") == found("eastus") != found()


def live(*, home: bool) -> Estate:
    """The folder of what ``az`` printed, with the home replication that it lists, or without it."""
    answers = {file.name: json.loads(file.read_text()) for file in sorted(PRINTED.glob("*.json"))}
    listed = answers["acr-replication-list.json"]
    answers["acr-replication-list.json"] = [each for each in listed if home or each["name"] != "japaneast"]
    assert (len(listed) > len(answers["acr-replication-list.json"])) is not home
    loaded = [documents.load(name, json.dumps(answer)) for name, answer in answers.items()]
    return documents.joined(loaded)[0].estate


@pytest.mark.parametrize("preset", PRESETS)
def test_a_live_folder_is_judged_the_same(preset: str) -> None:
    def found(estate: Estate) -> list[tuple[str, ...]]:
        return sorted((f.rule, f.level.value, f.kind, f.urn, f.message) for f in evaluate(estate, preset=preset))

    assert found(live(home=True)) == found(live(home=False)) != []
