"""Every problem of a resource's inputs is told at once, each with its path and its fix."""

from __future__ import annotations

from typing import Any

import pytest
from localcloud.provider import naming
from localcloud.provider.check import Checker
from localcloud.provider.values import UNKNOWN
from localcloud.sdk import cache

REGISTRY = "azure-native:containerregistry:Registry"
RULES = "azure-native:network:FirewallPolicyRuleCollectionGroup"
sdk = cache.load(naming.surface())


def problems(token: str, inputs: dict[str, Any]) -> list[str]:
    shape = sdk.resource(token)
    assert shape
    return list(Checker(sdk).problems(shape.inputs, inputs))


def test_good_inputs_have_no_problem() -> None:
    assert not problems(
        REGISTRY,
        {
            "resourceGroupName": "rg",
            "sku": {"name": "Premium"},
            "adminUserEnabled": False,
            "policies": {"retentionPolicy": {"days": 7, "status": "enabled"}},
            "networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"iPAddressOrRange": "1.2.3.4"}]},
            "tags": {"any key": "value"},
        },
    )


def test_all_problems_come_at_once_with_their_paths() -> None:
    found = problems(
        REGISTRY,
        {
            "sku": {"name": "Premum"},
            "admin_user_enabled": True,
            "dataEndpointEnabled": "true",
            "policies": {"retentionPolicy": {"days": 7.5}},
            "networkRuleSet": {"ipRules": [{"iPAddressOrRange": "1.2.3.4", "actoin": "Allow"}, "5.6.7.8"]},
            "tags": {"cost": 5},
        },
    )
    assert found == [
        "sku.name: 'Premum' is not allowed; did you mean 'Premium'? Known: 'Basic', 'Classic', 'Premium', 'Standard'",
        found[1],
        "dataEndpointEnabled: is a string; must be true or false",
        "policies.retentionPolicy.days: is a number; must be a whole number",
        "networkRuleSet.ipRules[0].actoin: there is no such property; did you mean 'action'? "
        "Known: 'action', 'iPAddressOrRange'",
        "networkRuleSet.ipRules[1]: is a string; must be an object",
        "networkRuleSet.defaultAction: missing, and required; set it to one of 'Allow', 'Deny'",
        "tags.cost: is a whole number; must be a string",
        "resourceGroupName: missing, and required; set it to a string",
    ]
    assert found[1].startswith("admin_user_enabled: there is no such property; did you mean 'adminUserEnabled'?")


def test_values_of_a_wrong_type_are_never_shown() -> None:
    (problem,) = problems("azure-native:resources:ResourceGroup", {"location": {"password": "hunter2"}})
    assert "hunter2" not in problem


def test_an_unknown_value_is_right_until_it_is_known() -> None:
    assert not problems(
        REGISTRY,
        {
            "resourceGroupName": UNKNOWN,
            "sku": UNKNOWN,
            "networkRuleSet": {"defaultAction": UNKNOWN, "ipRules": UNKNOWN},
        },
    )


def test_true_is_no_number_and_one_is_not_true() -> None:
    assert problems(REGISTRY, {"resourceGroupName": "rg", "sku": {"name": "Basic"}, "adminUserEnabled": 1})
    retention = {"retentionPolicy": {"days": True}}
    assert problems(REGISTRY, {"resourceGroupName": "rg", "sku": {"name": "Basic"}, "policies": retention})


def collection(kind: object, **more: object) -> dict[str, Any]:
    return {
        "firewallPolicyName": "p",
        "resourceGroupName": "rg",
        "ruleCollections": [{"ruleCollectionType": kind, **more}],
    }


def test_an_object_of_several_types_is_checked_as_the_one_it_says_it_is() -> None:
    good = {"ruleType": "ApplicationRule", "targetFqdns": ["contoso.azurecr.io"]}
    assert not problems(RULES, collection("FirewallPolicyFilterRuleCollection", rules=[good]))
    assert not problems(RULES, collection(UNKNOWN, rules=5))
    (wrong,) = problems(RULES, collection("FirewallPolicyFilterRuleCollection", rules=[{**good, "targetFqdn": "x"}]))
    assert wrong.startswith(
        "ruleCollections[0].rules[0].targetFqdn: there is no such property; did you mean 'targetFqdns'"
    )
    (unknown_kind,) = problems(RULES, collection("FilterRuleCollection"))
    assert unknown_kind.startswith(
        "ruleCollections[0].ruleCollectionType: 'FilterRuleCollection' is not allowed; did you"
    )
    (missing,) = problems(RULES, collection(None) | {"ruleCollections": [{"name": "x"}]})
    assert missing.startswith("ruleCollections[0].ruleCollectionType: missing, and required")
    (no_object,) = problems(RULES, collection(None) | {"ruleCollections": ["x"]})
    assert no_object == "ruleCollections[0]: is a string; must be an object"


@pytest.mark.parametrize("spelled", ["disabled", "DISABLED", "Disabled"])
def test_enum_values_are_taken_in_any_case_and_reach_the_cloud_in_their_own(spelled: str) -> None:
    inputs = {"resourceGroupName": "rg", "sku": {"name": "premium"}, "publicNetworkAccess": spelled}
    assert not problems(REGISTRY, inputs)
    shape = sdk.resource(REGISTRY)
    assert shape
    normal = Checker(sdk).normalised(shape.inputs, inputs)
    assert normal == {"resourceGroupName": "rg", "sku": {"name": "Premium"}, "publicNetworkAccess": "Disabled"}


def test_normalising_reaches_into_lists_and_choices() -> None:
    shape = sdk.resource(RULES)
    assert shape
    rule = {"ruleType": "ApplicationRule", "protocols": [{"protocolType": "HTTPS", "port": 443}]}
    inputs = collection("FirewallPolicyFilterRuleCollection", rules=[rule], action={"type": "ALLOW"})
    (made,) = Checker(sdk).normalised(shape.inputs, inputs)["ruleCollections"]
    assert made["action"] == {"type": "Allow"}
    assert made["rules"][0]["protocols"] == [{"protocolType": "Https", "port": 443}]
