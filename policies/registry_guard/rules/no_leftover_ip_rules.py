"""Forbids IP rules that wait for public access to be switched on again."""

from __future__ import annotations

from collections.abc import Mapping

from registry_model.estate import facts, tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN, Unknown, show

from ..examples import example, registry
from ..frameworks import mcsb
from ..rule import ADVISORY, MANDATORY, Config, Levels, Problems, Rule, Severity, undetermined, violation


def check(registry: Resource, _config: Config) -> Problems:
    rules = facts.ip_rules(registry)
    off = facts.public_access_off(registry)
    if off is False or rules == []:
        return
    if off is UNKNOWN or isinstance(rules, Unknown):
        yield undetermined(registry, "publicNetworkAccess" if off is UNKNOWN else "networkRuleSet.ipRules")
    else:
        listed = show(rules)
        yield violation(registry, f"Registry {registry.label} has public access off and still lists IP rules: {listed}")


def remediate(registry: Resource, _config: Config) -> Mapping[str, object]:
    rules = facts.ip_rules(registry)
    left_over = facts.public_access_off(registry) is True and not isinstance(rules, Unknown) and rules
    return {"networkRuleSet.ipRules": []} if left_over else {}


RULE = Rule(
    id="no-leftover-ip-rules",
    title="Registries with public access off list no IP rules",
    severity=Severity.LOW,
    rationale=(
        "While public access is off, IP rules do nothing; the day someone switches it on, each of them opens the "
        "registry to an address that nobody has looked at since."
    ),
    fix="Remove networkRuleSet.ipRules.",
    fix_live="az acr network-rule remove --name REGISTRY --ip-address RANGE",
    levels=Levels(baseline=ADVISORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(mcsb("NS-2"),),
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    remediate=remediate,
    compliant=(
        example("no rules", registry(networkRuleSet={"defaultAction": "Deny"})),
        example(
            "rules while public access is on",
            registry(
                publicNetworkAccess="Enabled",
                networkRuleSet={"defaultAction": "Deny", "ipRules": [{"iPAddressOrRange": "203.0.113.7"}]},
            ),
        ),
    ),
    violating=(
        example(
            "rules while public access is off",
            registry(networkRuleSet={"defaultAction": "Deny", "ipRules": [{"iPAddressOrRange": "203.0.113.7"}]}),
        ),
    ),
)
