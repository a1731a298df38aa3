"""What changes, what replaces, and in which order, as azure-native does it."""

from __future__ import annotations

from typing import Any

import pytest
from localcloud.model import TypeInfo
from localcloud.provider import naming
from localcloud.provider.diff import Change, Difference, difference
from localcloud.provider.values import UNKNOWN
from localcloud.sdk import cache

REGISTRY = "azure-native:containerregistry:Registry"
INFO = TypeInfo(
    REGISTRY,
    "Microsoft.ContainerRegistry/registries",
    "registryName",
    ("resourceGroupName", "registryName"),
    has_location=True,
    replaced_for=frozenset({"location", "encryption.status", "zoneRedundancy", "networkRuleSet.ipRules.action"}),
)
BASE = {"resourceGroupName": "rg", "registryName": "contoso", "location": "japaneast", "sku": {"name": "Premium"}}
found = cache.load(naming.surface()).resource(REGISTRY)
assert found
PROPERTIES = found.inputs


def diff(old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any] | None = None) -> Difference:
    return difference(INFO, PROPERTIES, {**BASE, **old}, {**BASE, **new}, outputs or {})


def test_nothing_changes_nothing() -> None:
    assert diff({}, {}) == Difference([], delete_before_replace=False)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, {"location": "Japan East"}),
        ({}, {"resourceGroupName": "RG"}),
        ({"__createBeforeDelete": True}, {}),
        ({}, {"publicNetworkAccess": "Enabled"}),  # the SDK's default
    ],
)
def test_what_is_the_same_to_azure(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert not diff(old, new).changes


@pytest.mark.parametrize(
    ("new", "path"),
    [
        ({"registryName": "other"}, "registryName"),
        ({"resourceGroupName": "other"}, "resourceGroupName"),
        ({"location": "westeurope"}, "location"),
        ({"encryption": {"status": "enabled"}}, "encryption"),
        ({"zoneRedundancy": "Enabled"}, "zoneRedundancy"),
        ({"resourceGroupName": UNKNOWN}, "resourceGroupName"),
    ],
)
def test_what_arm_cannot_change_replaces_the_resource(new: dict[str, Any], path: str) -> None:
    result = diff({}, new)
    assert [(change.path, change.replaces) for change in result.changes] == [(path, True)]
    assert result.delete_before_replace is True


def test_a_resource_named_at_random_is_replaced_before_it_goes() -> None:
    assert diff({"__createBeforeDelete": True}, {"location": "westeurope"}).delete_before_replace is False


def test_what_arm_can_change_is_updated() -> None:
    result = diff(
        {"tags": {"a.b": "1", "c": "2"}, "networkRuleSet": {"ipRules": [{"iPAddressOrRange": "1.1.1.1"}]}},
        {
            "tags": {"a.b": "9", "d": "3"},
            "networkRuleSet": {"ipRules": [{"iPAddressOrRange": "2.2.2.2"}, {"iPAddressOrRange": "3.3.3.3"}]},
        },
    )
    assert result.changes == [
        Change('tags["a.b"]', "update", False),
        Change("tags.c", "delete", False),
        Change("tags.d", "add", False),
        Change("networkRuleSet.ipRules[0].iPAddressOrRange", "update", False),
        Change("networkRuleSet.ipRules[1]", "add", False),
    ]
    assert result.delete_before_replace is False


def test_an_element_of_a_list_may_replace() -> None:
    old = {"networkRuleSet": {"ipRules": [{"action": "Allow"}]}}
    assert diff(old, {"networkRuleSet": {"ipRules": [{"action": "Deny"}]}}).changes[0].replaces
    assert diff(old, {"networkRuleSet": {"ipRules": []}}).changes[0].replaces
    assert not diff({}, {"networkRuleSet": {"ipRules": [{"iPAddressOrRange": "1.1.1.1"}]}}).changes[0].replaces


def test_saying_that_something_is_off_replaces_nothing() -> None:
    off = {"encryption": {"status": "disabled"}, "zoneRedundancy": "Disabled"}
    assert not any(change.replaces for change in diff({}, off).changes + diff(off, {}).changes)
    assert diff({"encryption": {"status": "enabled"}}, {}).delete_before_replace is True


def test_saying_what_is_so_already_replaces_nothing() -> None:
    outputs = {"zoneRedundancy": "Enabled"}
    (change,) = diff({}, {"zoneRedundancy": "Enabled"}, outputs).changes
    assert change == Change("zoneRedundancy", "add", False)


def test_below_something_that_cannot_change() -> None:
    info = TypeInfo("t", "M/t", "name", ("name",), replaced_for=frozenset({"subnet"}))
    old, new = {"subnet": {"id": "/subscriptions/S/a"}}, {"subnet": {"id": "/subscriptions/s/b"}}
    assert difference(info, {}, old, new, {}).changes == [Change("subnet.id", "update", True)]
    same = {"subnet": {"id": "/SUBSCRIPTIONS/s/a"}}
    assert difference(info, {}, same, same, {}).changes == []
