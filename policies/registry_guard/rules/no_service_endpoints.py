"""Forbids virtual network rules (service endpoints) on a registry."""

from __future__ import annotations

from registry_model.estate import tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN, as_list

from ..examples import example, registry, subnet_id
from ..frameworks import mcsb
from ..rule import ADVISORY, MANDATORY, Config, Levels, Problems, Rule, Severity, undetermined, violation


def check(registry: Resource, _config: Config) -> Problems:
    rules = as_list(registry.get("networkRuleSet.virtualNetworkRules"))
    if rules is UNKNOWN:
        yield undetermined(registry, "networkRuleSet.virtualNetworkRules")
    elif rules:
        yield violation(registry, f"Registry {registry.label} opens itself to subnets by service endpoints")


RULE = Rule(
    id="no-service-endpoints",
    title="Registries use Private Link, not service endpoints",
    severity=Severity.MEDIUM,
    rationale=(
        "Service endpoints to registries never left preview, get no further features, keep the public address in the "
        "path and cannot be combined with Private Link."
    ),
    fix="Remove networkRuleSet.virtualNetworkRules; give the subnets a private endpoint.",
    levels=Levels(baseline=ADVISORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(mcsb("NS-2"),),
    references=("Azure Policy c4857be7-912a-4c75-87e6-e30292bcdf78 (asks for them)",),
    decision=(
        "Azure Policy c4857be7 asks for service endpoints. It contradicts a private registry, and the feature is in "
        "preview for good; the guard forbids what that policy wants."
    ),
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    compliant=(
        example("no rule set", registry()),
        example("an empty list", registry(networkRuleSet={"defaultAction": "Deny", "virtualNetworkRules": []})),
    ),
    violating=(
        example(
            "a subnet",
            registry(
                networkRuleSet={
                    "defaultAction": "Deny",
                    "virtualNetworkRules": [{"virtualNetworkResourceId": subnet_id(), "action": "Allow"}],
                }
            ),
        ),
    ),
)
