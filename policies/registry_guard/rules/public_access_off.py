"""Forbids public network access."""

from __future__ import annotations

from registry_model.estate import facts, tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN, show

from ..examples import example, registry
from ..frameworks import azure_policy, cis, mcsb
from ..rule import MANDATORY, OFF, Config, Levels, Problems, Rule, Severity, undetermined, violation

PATH = "publicNetworkAccess"


def check(registry: Resource, _config: Config) -> Problems:
    off = facts.public_access_off(registry)
    if off is UNKNOWN:
        yield undetermined(registry, PATH, scalar=True)
    elif not off:
        slip = facts.unheard_of(registry, PATH)
        value = show(registry.get(PATH))
        said = f"no usable {PATH}: {slip}" if slip else f"public network access {value}; Azure's default is on"
        yield violation(registry, f"Registry {registry.label} has {said}")


RULE = Rule(
    id="public-access-off",
    title="Registries have public network access switched off",
    severity=Severity.HIGH,
    rationale=(
        "In the private profile every client comes through a private endpoint. Public access that is left on is a "
        "second way in, kept shut only by its IP rules."
    ),
    fix="Set publicNetworkAccess to Disabled, and give clients a private endpoint first.",
    fix_live=(
        "az acr update --name REGISTRY --public-network-enabled false, once the clients have a private endpoint."
    ),
    levels=Levels(baseline=OFF, strict=MANDATORY, no_private_link=OFF),
    frameworks=(cis("4.0.0", "2.2.1.1"), mcsb("NS-2"), azure_policy("0fdf0491-d080-4575-b627-ad0e843cba0f")),
    references=("Checkov CKV_AZURE_139", "Prowler containerregistry_not_publicly_accessible"),
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    compliant=(example("public access off", registry()),),
    violating=(
        example("public access on", registry(publicNetworkAccess="Enabled")),
        example("public access not set", registry(publicNetworkAccess=None)),
        example("a misspelt value, which Azure refuses", registry(publicNetworkAccess="Disable")),
        example(
            "public access on, with default action Deny",
            registry(publicNetworkAccess="Enabled", networkRuleSet={"defaultAction": "Deny", "ipRules": []}),
        ),
    ),
)
