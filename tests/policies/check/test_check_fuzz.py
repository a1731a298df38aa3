"""Whatever a file holds, `check` and `report` judge it or say why not; they never break."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from registry_guard.engine import Evaluator
from registry_guard.report import junit, markdown, sarif, stream
from registry_guard.report.formats import render
from registry_guard.settings import load as load_settings
from registry_model.estate.documents import InputError, load

from tests.policies.report.reportkit import STREAMS

KEYS = (
    "deployment checkpoint latest resources steps newState op urn type id inputs outputs parent provider delete "
    "protect ignoreChanges dependencies propertyDependencies resourcePlans goal inputDiff adds updates deletes "
    "state plan changeSummary same config diagnostics severity message $schema contentVersion parameters defaultValue "
    "value variables name properties template copy count input condition existing scope sku networkRuleSet ipRules "
    "privateLinkServiceConnections groupIds sourcePosition stackTrace sequence policyEvent summaryEvent metadata "
    "resourcePreEvent policyRemediationEvent before after PolicyPacks result passed failed"
)
WORDS = KEYS.split()
TEXTS = st.sampled_from(
    [
        "azure-native:containerregistry:Registry",
        "azure-native:network:PrivateEndpoint",
        "azure-native:resources:Deployment",
        "azure:containerservice/registry:Registry",
        "Microsoft.ContainerRegistry/registries",
        "Microsoft.Resources/deployments",
        "urn:pulumi:dev::app::azure-native:containerregistry:Registry::r",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/r",
        "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "[resourceId('Microsoft.ContainerRegistry/registries', parameters('name'))]",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "create",
        "",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers(-3, 5) | st.floats(allow_nan=False) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=30,
)
DOCUMENTS = st.dictionaries(st.sampled_from(WORDS), VALUES, min_size=1, max_size=6)
EVALUATOR = Evaluator(load_settings({}, preset="strict"))


def judged(document: Any) -> bool:
    try:
        made = load("x.json", json.dumps(document))
    except InputError:
        return False
    for finding in EVALUATOR.judge(made.estate):
        made.locate(finding.urn)
        assert finding.kind != "error", finding.message
    return True


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(DOCUMENTS)
def test_any_document(document: dict[str, Any]) -> None:
    judged(document)


@pytest.mark.parametrize("name", ["export.json", "digest-new.json", "plan-new.json"])
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_a_document_with_one_value_replaced(name: str, data: st.DataObject) -> None:
    document = json.loads((STREAMS / name).read_text())
    places: list[tuple[Any, Any]] = []

    def walk(held: Any) -> None:
        for key, item in held.items() if isinstance(held, dict) else enumerate(held):
            places.append((held, key))
            if isinstance(item, dict | list):
                walk(item)

    walk(document)
    holder, key = data.draw(st.sampled_from(places))
    holder[key] = data.draw(VALUES)
    judged(document)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(DOCUMENTS, min_size=1, max_size=4))
def test_any_events(documents: list[dict[str, Any]]) -> None:
    try:
        report = stream.read("\n".join(json.dumps({**d, "sequence": n}) for n, d in enumerate(documents)))
    except stream.StreamError:
        return
    assert report.exit_code in (0, 1)
    for write in (sarif.render, junit.render, markdown.render, lambda r: render(r, "table")):
        assert write(report)
