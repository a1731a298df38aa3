"""What a registry's property may be, and what is said of a value that is none of these."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest
from pulumi_azure_native.containerregistry import _enums
from registry_model.azure import defaults, limits
from registry_model.estate import facts, tokens
from registry_model.estate.model import Resource
from registry_model.estate.reading import estate_from_template
from registry_model.estate.values import UNKNOWN
from registry_model.reach.exposure import exposure, exposure_of

# The SDK is generated from Azure's specification: by whom, and which of its enumerations each property takes.
ENUMS: dict[str, type[Enum]] = {
    "encryption.status": _enums.EncryptionStatus,
    "networkRuleBypassOptions": _enums.NetworkRuleBypassOptions,
    "networkRuleSet.defaultAction": _enums.DefaultAction,
    "policies.azureADAuthenticationAsArmPolicy.status": _enums.AzureADAuthenticationAsArmPolicyStatus,
    "policies.exportPolicy.status": _enums.ExportPolicyStatus,
    "policies.quarantinePolicy.status": _enums.PolicyStatus,
    "policies.retentionPolicy.status": _enums.PolicyStatus,
    "policies.softDeletePolicy.status": _enums.PolicyStatus,
    "policies.trustPolicy.status": _enums.PolicyStatus,
    "publicNetworkAccess": _enums.PublicNetworkAccess,
    "sku.name": _enums.SkuName,
    "zoneRedundancy": _enums.ZoneRedundancy,
}


def registry(sku: str = "Premium", **properties: Any) -> Resource:
    body = {"type": "Microsoft.ContainerRegistry/registries", "name": "contoso", "location": "japaneast"}
    estate = estate_from_template({"resources": [{**body, "sku": {"name": sku}, "properties": properties}]})
    (found,) = estate.of(tokens.REGISTRY)
    return found


@pytest.mark.parametrize("path", ENUMS)
def test_the_values_are_those_of_azure_s_specification(path: str) -> None:
    assert set(defaults.VALUES[path]) == {each.value for each in ENUMS[path]}


def test_each_default_is_a_value() -> None:
    for path, default in defaults.REGISTRY.items():
        assert str(default).lower() in {each.lower() for each in defaults.VALUES[path]}, path


@pytest.mark.parametrize("value", ["Disabled", "disabled", "ENABLED", None, "[parameters('access')]"])
def test_nothing_is_said_of_what_azure_takes_or_nobody_knows(value: str | None) -> None:
    assert facts.unheard_of(registry(publicNetworkAccess=value), "publicNetworkAccess") == ""


def test_a_slip_is_named_with_what_was_meant() -> None:
    slip = facts.unheard_of(registry(publicNetworkAccess="Disable"), "publicNetworkAccess")
    assert slip == "'Disable' is no value that Azure knows (it knows 'Disabled')"
    far = facts.unheard_of(registry(adminUserEnabled="yes"), "adminUserEnabled")
    assert far == "'yes' is no value that Azure knows"


def test_a_text_of_another_resource_is_shown_where_no_rule_can_read_it() -> None:
    kind = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"
    body = {"name": "z/l", "properties": {"registrationEnabled": "maybe", "virtualNetwork": {}, "tags": ["a"]}}
    (link,) = estate_from_template({"resources": [{"type": kind, **body}]}).of(tokens.ZONE_LINK)
    assert facts.unheard_of(link, "registrationEnabled") == "'maybe' is a value that this rule does not know"
    others = ("tags", "virtualNetwork", "virtualNetwork.id", "the zone of a network link")
    assert [facts.unheard_of(link, path) for path in others] == [""] * 4


@pytest.mark.parametrize("value", ["off", "Disable", "no"])
def test_a_status_that_is_none_is_neither_on_nor_off(value: str) -> None:
    made = registry(policies={"exportPolicy": {"status": value}})
    assert facts.is_enabled(made, "policies.exportPolicy.status") is UNKNOWN


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"publicNetworkAccess": "Disable"}, "publicNetworkAccess 'Disable' is no value that Azure knows"),
        ({"networkRuleSet": {"defaultAction": "Denied"}}, "networkRuleSet.defaultAction 'Denied' is no value"),
    ],
)
def test_the_public_side_counts_as_open_and_says_why(properties: dict[str, Any], said: str) -> None:
    found = exposure_of(registry(**properties), limits.NARROW_PREFIX)
    assert found.everyone
    assert said in found.reason
    assert "so it counts as open" in found.reason


def test_a_slip_behind_closed_doors_exposes_nothing() -> None:
    closed = registry(publicNetworkAccess="Disabled", networkRuleSet={"defaultAction": "Denied"})
    assert exposure_of(closed, limits.NARROW_PREFIX).reason == ""


@pytest.mark.parametrize(
    ("rules", "shown"),
    [
        (["0.0.0.0/32"], "'0.0.0.0/32'"),
        (["0.0.0.9/24"], "'0.0.0.9/24'"),
        (["::"], "'::'"),
        ([f"20.{i // 256}.{i % 256}.0/24" for i in range(512)], "20.0.0.0-20.1.255.255"),
        (["203.0.114.0/24", "203.0.113.0/24"], "203.0.113.0-203.0.114.255"),
        (["203.0.113.128/25", "203.0.114.0/24"], "203.0.113.128-203.0.114.255"),
        (["198.51.100.7", "203.0.113.0/24", "203.0.113.9", "203.0.114.0"], "203.0.113.0-203.0.114.0"),
        (["2001:db8::/48", "2001:db8:1::/48"], "2001:db8::-2001:db8:1:ffff:ffff:ffff:ffff:ffff"),
    ],
)
def test_ip_rules_are_wide_by_what_they_open_together(rules: list[str], shown: str) -> None:
    found = exposure(True, False, rules)
    assert found.reason.endswith(f"too wide: {shown}") or found.reason.endswith(f"too wide together: {shown}")
    assert exposure(False, False, rules).reason == ""


@pytest.mark.parametrize(
    "rules",
    [
        [f"20.{i // 128}.{i % 128 * 2}.0/24" for i in range(512)],
        ["203.0.113.0/25", "203.0.113.128/25"],
        ["203.0.113.128/25", "203.0.114.0/25"],
        ["203.0.113.0/24", "203.0.113.0/24", "203.0.113.7"],
        ["203.0.113.0/24", "2001:db8::/48"],
    ],
)
def test_narrow_rules_with_gaps_or_of_one_network_s_size_are_not(rules: list[str]) -> None:
    assert exposure(True, False, rules).reason == ""
