"""Forbids public access without Deny by default and at least one narrow IP rule."""

from __future__ import annotations

from typing import Any

from registry_model.estate import facts, tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN, Unknown
from registry_model.reach.exposure import is_wide

from ..examples import example, registry
from ..frameworks import azure_policy, cis
from ..rule import MANDATORY, OFF, Config, Levels, Problems, Rule, Severity, undetermined, violation
from .no_exposed_access import MAX_PUBLIC_PREFIX


def check(registry: Resource, config: Config) -> Problems:
    off = facts.public_access_off(registry)
    if off is True:
        return
    denies = facts.denies_by_default(registry)
    rules = facts.ip_rules(registry)
    if denies is False:
        text = f"Registry {registry.label} has public network access without a default action of Deny"
        yield (
            undetermined(registry, "publicNetworkAccess", scalar=True) if off is UNKNOWN else violation(registry, text)
        )
    elif denies is UNKNOWN or isinstance(rules, Unknown):
        yield undetermined(registry, "networkRuleSet", scalar=denies is UNKNOWN)
    elif any(isinstance(rule, str) and not is_wide(rule, config["max_public_prefix"]) for rule in rules):
        return
    elif UNKNOWN in rules:
        yield undetermined(registry, "networkRuleSet.ipRules")
    else:
        text = f"Registry {registry.label} has public network access and no narrow IP rule, so no client can be meant"
        yield (
            undetermined(registry, "publicNetworkAccess", scalar=True) if off is UNKNOWN else violation(registry, text)
        )


def _rules(action: str, *addresses: str) -> dict[str, Any]:
    rules = [{"iPAddressOrRange": address} for address in addresses]
    return {"publicNetworkAccess": "Enabled", "networkRuleSet": {"defaultAction": action, "ipRules": rules}}


RULE = Rule(
    id="restricted-ip-rules",
    title="Registries with public access list their clients' addresses",
    severity=Severity.HIGH,
    rationale=(
        "Where clients come over the internet, the registry's own firewall is what keeps others out: it must deny by "
        "default and name the clients. Public access without a rule serves nobody and waits to be opened wide."
    ),
    fix="Set networkRuleSet.defaultAction to Deny and list the clients' addresses in networkRuleSet.ipRules.",
    fix_live=(
        "az acr update --name REGISTRY --default-action Deny, and az acr network-rule add --name REGISTRY "
        "--ip-address RANGE for each of the clients' ranges."
    ),
    levels=Levels(baseline=OFF, strict=OFF, no_private_link=MANDATORY),
    frameworks=(cis("4.0.0", "2.2.1.2"), azure_policy("d0793b48-0edc-4296-a390-4c75d1bdfd71")),
    references=("PSRule Azure.ACR.Firewall",),
    options={"max_public_prefix": MAX_PUBLIC_PREFIX},
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    compliant=(
        example("deny by default and one client", registry(**_rules("Deny", "203.0.113.7"))),
        example("public access off", registry()),
    ),
    violating=(
        example("allow by default", registry(**_rules("Allow", "203.0.113.7"))),
        example("no rule at all", registry(**_rules("Deny"))),
        example("only a rule for half the internet", registry(**_rules("Deny", "0.0.0.0/1"))),
    ),
)
