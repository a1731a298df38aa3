"""Forbids registries that the internet can reach."""

from __future__ import annotations

from typing import Any

from registry_model.azure import limits
from registry_model.estate import tokens
from registry_model.estate.model import Resource
from registry_model.reach.exposure import exposure_of

from ..examples import example, registry
from ..frameworks import azure_policy, cis, mcsb
from ..rule import MANDATORY, Config, Levels, Option, Problems, Rule, Severity, undetermined, violation

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
    dict(limits.NARROW_PREFIX),
    "The widest network that an IP rule, or rules side by side, may open, as prefix lengths.",
)


def check(registry: Resource, config: Config) -> Problems:
    found = exposure_of(registry, config["max_public_prefix"])
    if found.reason:
        yield violation(registry, f"Registry {registry.label} is exposed: {found.reason}")
    elif found.unknown:
        yield undetermined(registry, found.unknown, scalar=found.scalar)


def _open(action: str | None, *addresses: str) -> dict[str, Any]:
    """Public access left at Azure's default, with a rule set."""
    given: dict[str, Any] = {"ipRules": [{"iPAddressOrRange": a, "action": "Allow"} for a in addresses]}
    return {"publicNetworkAccess": None, "networkRuleSet": {**given, "defaultAction": action} if action else given}


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
    fix_live=(
        "az acr update --name REGISTRY --public-network-enabled false, with a private endpoint for the "
        "clients; or --default-action Deny, and az acr network-rule add --name REGISTRY --ip-address RANGE "
        "for each narrow range."
    ),
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(cis("4.0.0", "2.2.1.2"), mcsb("NS-2"), azure_policy("d0793b48-0edc-4296-a390-4c75d1bdfd71")),
    references=("PSRule Azure.ACR.Firewall",),
    options={"max_public_prefix": MAX_PUBLIC_PREFIX},
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    compliant=(
        example("public access off", registry()),
        example(
            "public access off, whatever the default action",
            registry(publicNetworkAccess="disabled", networkRuleSet={"defaultAction": "Allow"}),
        ),
        example("deny by default with a narrow rule", registry(**_open("Deny", "203.0.113.0/24"))),
        example("deny by default with one address", registry(**_open("deny", "203.0.113.7"))),
        example("narrow rules with gaps", registry(**_open("Deny", "198.51.100.0/24", "203.0.113.0/24"))),
        example("halves of a narrow network", registry(**_open("Deny", "203.0.113.0/25", "203.0.113.128/25"))),
        example(
            "a wider rule that the configuration allows",
            registry(**_open("Deny", "203.0.112.0/20")),
            max_public_prefix={"ipv4": 20, "ipv6": 48},
        ),
    ),
    violating=(
        example("nothing set: Azure's defaults are open", registry(publicNetworkAccess=None)),
        example("public access on", registry(publicNetworkAccess="Enabled")),
        example("default action absent", registry(**_open(None, "203.0.113.7"))),
        example("a rule for half the internet", registry(**_open("Deny", "0.0.0.0/1"))),
        example("a rule that is no network", registry(**_open("Deny", "everyone"))),
        example("narrow rules side by side", registry(**_open("Deny", "203.0.113.0/24", "203.0.114.0/24"))),
        example("an address that stands for everyone", registry(**_open("Deny", "0.0.0.0/32"))),
        example("an IPv6 rule that is too wide", registry(**_open("Deny", "2001:db8::/32"))),
    ),
)
