"""Asks for zone redundancy where the region has zones."""

from __future__ import annotations

from registry_model.azure import regions
from registry_model.estate import facts, tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN

from ..examples import child, example, registry
from ..frameworks import azure_policy
from ..rule import ADVISORY, OFF, Config, Levels, Problems, Rule, Severity, undetermined, violation

PROPERTY = "zoneRedundancy"


def check(registry: Resource, _config: Config) -> Problems:
    if PROPERTY in registry.options.ignore_changes:
        return  # left to Azure: what is declared is only what the SDK's class sends when nothing is said
    place = facts.region(registry)
    known = regions.find(place) if isinstance(place, str) else None
    if known is not None and not known.has_zones:
        return
    on = facts.is_enabled(registry, PROPERTY)
    if on is UNKNOWN:
        yield undetermined(registry, PROPERTY)
    elif not on:
        yield violation(registry, f"Registry {registry.label} does not ask for zone redundancy")


RULE = Rule(
    id="zone-redundancy",
    title="Registries ask for zone redundancy where the region has zones",
    severity=Severity.LOW,
    rationale=("A registry in one zone stops with that zone, and every deployment that needs an image with it."),
    fix=(
        "Set zoneRedundancy to Enabled before the registry is created; Azure refuses to change it later. On one that "
        "exists, leave it to Azure: put zoneRedundancy into ignore_changes."
    ),
    fix_template=(
        "Set zoneRedundancy to Enabled before the registry is created; Azure refuses to change it later. For "
        "one that exists, leave the property as it is there."
    ),
    fix_live="Nothing can change it on a registry that exists: a new one is needed for another choice.",
    levels=Levels(baseline=OFF, strict=ADVISORY, no_private_link=ADVISORY),
    frameworks=(azure_policy("9d2b0a20-57d6-474c-9d12-44a4a20999c6"),),
    references=("Checkov CKV_AZURE_233",),
    decision=(
        "Azure now makes registries zone-redundant by default where the region has zones, and the property may read "
        "Disabled and mean nothing. Azure Policy and Checkov require it; here it is never more than advice, and its "
        "absence passes, and so does ignoreChanges on it, which leaves it to Azure. Replicas are always "
        "zone-redundant, whatever the property reads, so none is named."
    ),
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    compliant=(
        example("enabled", registry(zoneRedundancy="Enabled")),
        example("not set: Azure's default is on", registry()),
        example("left to Azure", registry(zoneRedundancy="Disabled", more={"ignoreChanges": ["zoneRedundancy"]})),
        example(
            "a replica with it disabled: Azure ignores it",
            registry(),
            child("Replication", "eastus", location="eastus", zoneRedundancy="Disabled"),
        ),
        example("disabled in a region without zones", registry(location="West US", zoneRedundancy="Disabled")),
    ),
    violating=(example("disabled", registry(zoneRedundancy="Disabled")),),
)
