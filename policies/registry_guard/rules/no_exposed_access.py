"""Forbids registries that the internet can reach."""

from __future__ import annotations

from .. import facts, tokens
from ..model import Resource
from ..rule import MANDATORY, Config, Example, Levels, Option, Problems, Rule, Severity, undetermined, violation
from ..values import UNKNOWN

MAX_PUBLIC_PREFIX = Option(
    {
        "type": "object",
        "properties": {
            "ipv4": {"type": "integer", "minimum": 0, "maximum": 32},
            "ipv6": {"type": "integer", "minimum": 0, "maximum": 128},
        },
        "required": ["ipv4", "ipv6"],
        "additionalProperties": False,
    },
    {"ipv4": 24, "ipv6": 48},
    "The widest network that an IP rule may open, as prefix lengths.",
)


def check(registry: Resource, config: Config) -> Problems:
    reason = facts.exposure(registry, config["max_public_prefix"])
    if reason is UNKNOWN:
        yield undetermined(registry, "publicNetworkAccess or networkRuleSet", scalar=True)
    elif reason is not None:
        yield violation(registry, f"Registry {registry.label} is exposed: {reason}")


def _registry(title: str, **inputs: object) -> Example:
    given = {"registryName": "contoso", "resourceGroupName": "rg", "sku": {"name": "Premium"}, **inputs}
    return Example(title, ({"type": "azure-native:containerregistry:Registry", "name": "registry", "inputs": given},))


def _rules(action: str | None, *addresses: str) -> dict[str, object]:
    given: dict[str, object] = {"ipRules": [{"iPAddressOrRange": a, "action": "Allow"} for a in addresses]}
    return {**given, "defaultAction": action} if action else given


RULE = Rule(
    id="no-exposed-access",
    title="Registries are not exposed to the internet",
    severity=Severity.CRITICAL,
    rationale=(
        "A registry with public network access that does not deny by default answers anyone who has a credential, "
        "from anywhere. So does one whose IP rules are as wide as the internet."
    ),
    fix=(
        "Set publicNetworkAccess to Disabled and use a private endpoint; or set networkRuleSet.defaultAction to Deny "
        "with IP rules no wider than max_public_prefix."
    ),
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    references=(
        "Azure Policy d0793b48-0edc-4296-a390-4c75d1bdfd71",
        "PSRule Azure.ACR.Firewall",
        "CIS Azure 2.2.1.2",
        "MCSB NS-2",
    ),
    options={"max_public_prefix": MAX_PUBLIC_PREFIX},
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    compliant=(
        _registry("public access off", publicNetworkAccess="Disabled"),
        _registry(
            "public access off, whatever the default action",
            publicNetworkAccess="disabled",
            networkRuleSet=_rules("Allow"),
        ),
        _registry("deny by default with a narrow rule", networkRuleSet=_rules("Deny", "203.0.113.0/24")),
        _registry(
            "deny by default with one address",
            publicNetworkAccess="Enabled",
            networkRuleSet=_rules("deny", "203.0.113.7"),
        ),
    ),
    violating=(
        _registry("nothing set: Azure's defaults are open"),
        _registry("public access on", publicNetworkAccess="Enabled"),
        _registry("default action absent", networkRuleSet=_rules(None, "203.0.113.7")),
        _registry("a rule for half the internet", networkRuleSet=_rules("Deny", "0.0.0.0/1")),
        _registry("a rule that is no network", networkRuleSet=_rules("Deny", "everyone")),
        _registry("an IPv6 rule that is too wide", networkRuleSet=_rules("Deny", "2001:db8::/32")),
    ),
)
