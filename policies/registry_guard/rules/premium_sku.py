"""Forbids registries below the Premium SKU."""

from __future__ import annotations

from registry_model.azure import skus
from registry_model.estate import facts, tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN, show

from ..examples import example, registry
from ..frameworks import azure_policy, mcsb
from ..rule import MANDATORY, Config, Levels, Problems, Rule, Severity, undetermined, violation

FEATURES = f"{', '.join(skus.PREMIUM_FEATURES[:-1])} and {skus.PREMIUM_FEATURES[-1]}"


def check(registry: Resource, _config: Config) -> Problems:
    sku = facts.sku(registry)
    if sku is UNKNOWN:
        yield undetermined(registry, "sku.name", scalar=True)
    elif sku != skus.PREMIUM.lower():
        yield violation(
            registry, f"Registry {registry.label} has the SKU {show(registry.get('sku.name'))}, not {skus.PREMIUM}"
        )


RULE = Rule(
    id="premium-sku",
    title="Registries use the Premium SKU",
    severity=Severity.HIGH,
    rationale=(
        f"{FEATURES[:1].upper()}{FEATURES[1:]} exist in {skus.PREMIUM} only. A Basic or Standard registry cannot be "
        "made private."
    ),
    fix=f"Set sku.name to {skus.PREMIUM}.",
    fix_live="az acr update --name REGISTRY --sku Premium",
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(mcsb("NS-2"), azure_policy("bd560fc0-3c69-498a-ae9f-aa8eb7de0e13")),
    references=("PSRule Azure.ACR.MinSku",),
    decision="PSRule accepts Standard; nothing that makes a registry private works there, so Premium is required.",
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    compliant=(
        example("Premium", registry()),
        example("premium, in any letter case", registry(sku={"name": "premium"})),
    ),
    violating=(
        example("Basic", registry(sku={"name": "Basic"})),
        example("Standard", registry(sku={"name": "Standard"})),
        example("no SKU", registry(sku=None)),
    ),
)
