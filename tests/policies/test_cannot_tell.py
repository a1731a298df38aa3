"""A mandatory rule never falls silent because something cannot be told: it is decided, or it is undetermined."""

from __future__ import annotations

import json
from typing import Any

import pytest
from registry_guard.engine import evaluate
from registry_guard.examples import (
    PROVIDERS,
    application_rule,
    deny_internet,
    endpoint,
    firewall_rules,
    network_rule,
    registry,
    replica,
    security_group,
    security_rule,
)
from registry_guard.rule import Declared
from registry_model.estate.documents import load

from tests.policies.guardkit import UNKNOWN, stack

LOGIN, HOME, EAST = "contoso.azurecr.io", "contoso.japaneast.data.azurecr.io", "contoso.eastus.data.azurecr.io"
GAMES = {**application_rule(LOGIN), "webCategories": ["Games"]}
TOLD, OPEN, QUIET = "violation", "undetermined", ""


def kinds(rule: str, *resources: Declared) -> list[str]:
    config = {"all": "disabled", rule: {"enforcementLevel": "mandatory"}}
    return [each.kind for each in evaluate(stack(*resources), config=config)]


def says(rule: str, *resources: Declared) -> str:
    config = {"all": "disabled", rule: {"enforcementLevel": "mandatory"}}
    return " ".join(each.message for each in evaluate(stack(*resources), config=config))


@pytest.mark.parametrize("rule", ["switch-order", "firewall-complete"])
@pytest.mark.parametrize(
    ("rules", "right"),
    [
        ([application_rule(LOGIN)], TOLD),
        ([GAMES], OPEN),
        ([{**GAMES, "webCategories": []}], TOLD),
        ([{**application_rule(LOGIN, HOME), "webCategories": ["Games"]}], QUIET),
        ([application_rule(LOGIN, UNKNOWN)], OPEN),
        ([application_rule(LOGIN, HOME, UNKNOWN)], QUIET),
        ([application_rule(LOGIN), {**network_rule(), "destinationIpGroups": ["/theirs"]}], OPEN),
        ([application_rule(LOGIN), network_rule("40.79.192.0/21")], OPEN),
        ([application_rule(LOGIN), {**application_rule("x.com"), "sourceAddresses": [UNKNOWN]}], TOLD),
    ],
)
def test_what_a_firewall_lets_through(rule: str, rules: list[Any], right: str) -> None:
    assert kinds(rule, registry(), firewall_rules(*rules)) == [right] * bool(right)


def test_a_category_is_named_as_the_reason_and_is_not_said_to_be_missing() -> None:
    said = says("switch-order", registry(), firewall_rules(GAMES))
    assert "rule 'registry' of collection 'clients', whose web categories may hold it" in said
    assert "not known yet" not in said


def test_a_folder_of_what_azure_says_of_itself_is_not_said_to_lack_the_rule() -> None:
    shown = [
        {
            "id": f"{PROVIDERS}/Microsoft.ContainerRegistry/registries/contoso",
            "name": "contoso",
            "type": "Microsoft.ContainerRegistry/registries",
            "location": "japaneast",
            "sku": {"name": "Premium"},
            "properties": {"loginServer": LOGIN, "dataEndpointEnabled": True},
        },
        {
            "id": f"{PROVIDERS}/Microsoft.Network/firewallPolicies/egress/ruleCollectionGroups/acr",
            "name": "acr",
            "type": "Microsoft.Network/firewallPolicies/ruleCollectionGroups",
            "properties": firewall_rules(GAMES)["inputs"],
        },
    ]
    estate = load("shown.json", json.dumps(shown)).estate
    assert estate.coverage is not None
    found = [each for each in evaluate(estate) if each.rule == "switch-order"]
    assert [each.kind for each in found] == [OPEN]
    assert "whose web categories may hold it" in found[0].message
    assert "not in this folder" not in found[0].message


@pytest.mark.parametrize(
    ("flag", "around", "right"),
    [
        (UNKNOWN, [], OPEN),
        (UNKNOWN, [endpoint()], TOLD),
        (True, [], TOLD),
        (False, [], QUIET),
    ],
)
def test_a_switch_that_is_not_known(flag: Any, around: list[Declared], right: str) -> None:
    found = kinds("switch-order", registry(dataEndpointEnabled=flag), *around, firewall_rules(application_rule(LOGIN)))
    assert found == [right] * bool(right)


def test_a_switch_that_is_not_known_with_a_firewall_that_is_ready() -> None:
    rules = firewall_rules(application_rule(LOGIN, HOME))
    assert kinds("switch-order", registry(dataEndpointEnabled=UNKNOWN), rules) == []


# The region is an output or a parameter: what holds in every region is decided.


@pytest.mark.parametrize(
    ("rules", "right"),
    [
        ([firewall_rules(application_rule(LOGIN))], TOLD),
        ([firewall_rules(application_rule(LOGIN, "fabrikam.japaneast.data.azurecr.io"))], TOLD),
        ([firewall_rules(application_rule(LOGIN, "*.blob.core.windows.net"))], TOLD),
        ([firewall_rules(application_rule(LOGIN, HOME))], OPEN),
        ([firewall_rules(application_rule(LOGIN, "*east.data.azurecr.io"))], OPEN),
        ([firewall_rules(application_rule(LOGIN), network_rule("AzureContainerRegistry.JapanEast"))], OPEN),
        ([firewall_rules(application_rule("contoso.azurecr.us", "contoso.usgovvirginia.data.azurecr.us"))], OPEN),
        ([firewall_rules(application_rule(LOGIN, UNKNOWN))], OPEN),
        ([firewall_rules(application_rule(LOGIN, "*.data.azurecr.io"))], QUIET),
        ([firewall_rules(network_rule("AzureContainerRegistry"))], QUIET),
        ([security_group(), security_rule("AzureContainerRegistry.JapanEast"), deny_internet()], OPEN),
        ([security_group(), security_rule("AzureContainerRegistry"), deny_internet()], QUIET),
    ],
)
def test_a_home_region_that_is_not_known(rules: list[Declared], right: str) -> None:
    assert kinds("switch-order", registry(location=UNKNOWN), *rules) == [right] * bool(right)


@pytest.mark.parametrize(
    ("allowed", "right"),
    [
        ([LOGIN], TOLD),
        ([LOGIN, HOME], TOLD),
        ([LOGIN, HOME, EAST], OPEN),
        ([LOGIN, EAST], TOLD),
        ([LOGIN, "*.data.azurecr.io"], QUIET),
    ],
)
def test_a_replica_s_region_that_is_not_known(allowed: list[str], right: str) -> None:
    resources = registry(), replica(UNKNOWN, name="replica"), firewall_rules(application_rule(*allowed))
    assert kinds("switch-order", *resources) == [right] * bool(right)


def test_a_host_of_an_unknown_region_is_shown_as_one() -> None:
    said = says("switch-order", registry(location=UNKNOWN), firewall_rules(application_rule(LOGIN)))
    assert "contoso.<region>.data.azurecr.io" in said
    assert "unknown-region" not in said


def test_a_name_that_is_not_known_decides_nothing() -> None:
    resources = registry(registry_name=UNKNOWN), firewall_rules(application_rule("contoso.azurecr.io"))
    assert kinds("switch-order", *resources) == [OPEN]


@pytest.mark.parametrize(
    ("addresses", "right"),
    [([UNKNOWN], OPEN), ([UNKNOWN, "203.0.113.7"], QUIET), ([UNKNOWN, "0.0.0.0/1"], OPEN), (["0.0.0.0/1"], TOLD)],
)
def test_ip_rules_that_are_not_known(addresses: list[str], right: str) -> None:
    rules = {"defaultAction": "Deny", "ipRules": [{"iPAddressOrRange": each} for each in addresses]}
    held = registry(publicNetworkAccess="Enabled", networkRuleSet=rules)
    assert kinds("restricted-ip-rules", held) == [right] * bool(right)


# What providers print empty.


@pytest.mark.parametrize(("ports", "right"), [(["443"], QUIET), (["443", "80"], TOLD)])
def test_an_empty_port_beside_a_list_of_ports_opens_nothing(ports: list[str], right: str) -> None:
    rule = security_rule("AzureContainerRegistry")
    rule["inputs"].update(destinationPortRange="", destinationPortRanges=ports)
    assert kinds("firewall-complete", registry(), security_group(), rule) == [right] * bool(right)


def classic(rules: Any) -> Declared:
    """A rule collection group of the classic provider."""
    return {
        "type": "azure:network/firewallPolicyRuleCollectionGroup:FirewallPolicyRuleCollectionGroup",
        "name": "egress",
        "inputs": {
            "name": "egress",
            "firewallPolicyId": f"{PROVIDERS}/Microsoft.Network/firewallPolicies/policy",
            "priority": 200,
            "applicationRuleCollections": [
                {"name": "registry", "priority": 100, "action": "Allow", "rules": rules},
            ],
            "networkRuleCollections": [],
        },
    }


def group(collections: Any, name: str = "acr") -> Declared:
    made = firewall_rules(name=name)
    made["inputs"]["ruleCollections"] = collections
    return made


def collection(rules: Any, action: Any = "Allow") -> dict[str, Any]:
    return {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "name": "clients",
        "priority": 200,
        "action": {"type": action},
        "rules": rules,
    }


@pytest.mark.parametrize("rule", ["switch-order", "firewall-complete"])
@pytest.mark.parametrize(
    "collections",
    [
        UNKNOWN,
        [UNKNOWN],
        [collection(UNKNOWN)],
        [collection([UNKNOWN])],
        [collection([application_rule(LOGIN), UNKNOWN])],
        [collection([application_rule(LOGIN)]), UNKNOWN],
    ],
)
def test_rules_that_are_not_known_neither_let_through_nor_deny(rule: str, collections: Any) -> None:
    assert kinds(rule, registry(), group(collections)) == [OPEN]


def test_rules_that_are_not_known_are_nobody_s_without_a_registry_s_name() -> None:
    assert kinds("switch-order", registry(), group(UNKNOWN, name="web")) == []


def classic_rule(*hosts: str) -> dict[str, Any]:
    return {
        "name": "registry",
        "sourceAddresses": ["10.0.0.0/8"],
        "destinationFqdns": list(hosts),
        "protocols": [{"type": "Https", "port": 443}],
        "destinationAddresses": [],
        "destinationFqdnTags": [],
        "destinationUrls": [],
        "httpHeaders": [],
        "sourceIpGroups": [],
        "webCategories": [],
    }


@pytest.mark.parametrize(
    ("rules", "right"),
    [
        ([classic_rule(LOGIN)], TOLD),
        ([classic_rule(LOGIN, HOME)], QUIET),
        ([{**classic_rule(LOGIN), "webCategories": ["Games"]}], OPEN),
        ([classic_rule(LOGIN), UNKNOWN], OPEN),
        (UNKNOWN, OPEN),
    ],
)
def test_rules_of_the_classic_provider(rules: Any, right: str) -> None:
    assert kinds("switch-order", registry(), classic(rules)) == [right] * bool(right)
