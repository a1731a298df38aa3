"""What a preview knows, and which inputs a refresh or an import finds."""

from __future__ import annotations

from typing import Any

from localcloud.provider import naming, shapes
from localcloud.provider.values import UNKNOWN
from localcloud.sdk import cache
from localcloud.sdk.description import ResourceShape

sdk = cache.load(naming.surface())


def shape(token: str) -> ResourceShape:
    found = sdk.resource(f"azure-native:{token}")
    assert found
    return found


REGISTRY = shape("containerregistry:Registry")
NETWORK = shape("network:VirtualNetwork")


def refreshed(kind: ResourceShape, inputs: dict[str, Any], old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return shapes.refreshed_inputs(sdk, kind, inputs, old, new)


def test_a_preview_knows_the_outputs_that_are_inputs() -> None:
    inputs = {"sku": {"name": "Premium"}, "location": "japaneast", "registryName": "contoso", "tags": {"a": UNKNOWN}}
    outputs = shapes.preview_outputs(sdk, REGISTRY.outputs, inputs)
    assert outputs["sku"] == {"name": "Premium", "tier": UNKNOWN}
    assert outputs["location"] == "japaneast"
    assert outputs["tags"] == {"a": UNKNOWN}
    assert outputs["loginServer"] is UNKNOWN
    assert outputs["name"] is UNKNOWN
    assert "registryName" not in outputs


def test_a_preview_does_not_take_an_input_of_another_type_for_the_output() -> None:
    assert shapes.preview_outputs(sdk, REGISTRY.outputs, {"loginServer": ["x"]})["loginServer"] is UNKNOWN


def test_a_refresh_without_drift_changes_no_input() -> None:
    outputs = {"sku": {"name": "Premium", "tier": "Premium"}, "publicNetworkAccess": "Enabled", "loginServer": "x"}
    inputs = {"sku": {"name": "premium"}}
    assert refreshed(REGISTRY, inputs, outputs, outputs) == inputs


def test_a_refresh_takes_over_what_changed_and_nothing_that_azure_chose() -> None:
    old = {
        "sku": {"name": "Premium", "tier": "Premium"},
        "publicNetworkAccess": "Disabled",
        "zoneRedundancy": "Disabled",
        "loginServer": "old",
        "tags": {"a": "1", "b": "2"},
    }
    new = {
        "sku": {"name": "Basic", "tier": "Basic"},
        "publicNetworkAccess": "Enabled",
        "zoneRedundancy": "Disabled",
        "loginServer": "new",
        "tags": {"a": "1", "c": "3"},
    }
    assert refreshed(REGISTRY, {"sku": {"name": "Premium"}, "tags": {"a": "1", "b": "2"}}, old, new) == {
        "sku": {"name": "Basic"},
        "tags": {"a": "1", "c": "3"},
        "publicNetworkAccess": "Enabled",
    }


def test_a_refresh_reaches_into_lists() -> None:
    old = {"networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"action": "Allow", "iPAddressOrRange": "1.1.1.1"}]}}
    rule = {"action": "Allow", "iPAddressOrRange": "2.2.2.2"}
    new = {"networkRuleSet": {"defaultAction": "Deny", "ipRules": [rule, rule]}}
    inputs = {"networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"iPAddressOrRange": "1.1.1.1"}]}}
    assert refreshed(REGISTRY, inputs, old, new) == {
        "networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"iPAddressOrRange": "2.2.2.2"}, rule]}
    }


def test_subnets_declared_on_their_own_are_not_taken_into_the_network() -> None:
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    subnet = {
        "name": "a",
        "addressPrefix": "10.0.0.0/24",
        "purpose": "x",
        "provisioningState": "Succeeded",
        "etag": "1",
    }
    old, new = {**space, "subnets": []}, {**space, "subnets": [subnet]}
    assert refreshed(NETWORK, space, old, new) == space
    given = {**space, "subnets": []}
    assert refreshed(NETWORK, given, old, new)["subnets"] == [{"name": "a", "addressPrefix": "10.0.0.0/24"}]


def test_what_changes_with_every_operation_is_no_drift() -> None:
    endpoint = shape("network:PrivateEndpoint")
    subnet = {"id": "/subscriptions/s", "etag": "1", "provisioningState": "Succeeded"}
    old = {"id": "old", "subnet": subnet}
    new = {"id": "new", "subnet": {**subnet, "etag": "2", "provisioningState": "Updating"}}
    inputs = {"subnet": {"id": "/subscriptions/s"}}
    assert refreshed(endpoint, inputs, old, new) == inputs


def test_an_import_finds_the_id_and_everything_that_can_be_set() -> None:
    outputs = {
        "name": "contoso",
        "sku": {"name": "Premium", "tier": "Premium"},
        "adminUserEnabled": False,
        "networkRuleSet": {"defaultAction": "Deny", "ipRules": []},
        "policies": {"retentionPolicy": {"days": 7, "status": "enabled", "lastUpdatedTime": "then"}},
        "tags": {},
        "loginServer": "contoso.azurecr.io",
    }
    inputs = shapes.imported_inputs(sdk, REGISTRY, {"resourceGroupName": "rg", "registryName": "contoso"}, outputs)
    assert inputs == {
        "resourceGroupName": "rg",
        "registryName": "contoso",
        "sku": {"name": "Premium"},
        "adminUserEnabled": False,
        "networkRuleSet": {"defaultAction": "Deny"},
        "policies": {"retentionPolicy": {"days": 7, "status": "enabled"}},
    }


def test_a_choice_of_types_becomes_an_input_of_its_own_type() -> None:
    rules = shape("network:FirewallPolicyRuleCollectionGroup")
    collection = {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "rules": [{"ruleType": "ApplicationRule", "name": "pull", "targetFqdns": ["a"]}],
    }
    outputs = {"ruleCollections": [collection], "etag": "x"}
    assert shapes.inputs_of(sdk, rules.inputs, outputs) == {"ruleCollections": [collection]}
