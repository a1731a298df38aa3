"""Asks for zone redundancy where the region has zones."""

from __future__ import annotations

from registry_model.azure import limits
from registry_model.estate import facts, tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN, as_text

from ..examples import child, example, registry
from ..rule import ADVISORY, OFF, Config, Levels, Problems, Rule, Severity, undetermined, violation


def check(resource: Resource, _config: Config) -> Problems:
    place = facts.region(resource)
    known = limits.REGIONS.get(place) if isinstance(place, str) else None
    if known is not None and not known.has_zones:
        return
    value = as_text(resource.get("zoneRedundancy", "Enabled"))
    if value is UNKNOWN:
        yield undetermined(resource, "zoneRedundancy")
    elif value != "enabled":
        yield violation(resource, f"{resource.label} has zone redundancy switched off")


RULE = Rule(
    id="zone-redundancy",
    title="Registries and replicas are zone-redundant where the region has zones",
    severity=Severity.LOW,
    rationale=("A registry in one zone stops with that zone, and every deployment that needs an image with it."),
    fix="Set zoneRedundancy to Enabled.",
    levels=Levels(baseline=OFF, strict=ADVISORY, no_private_link=ADVISORY),
    references=("Azure Policy 9d2b0a20-57d0-4d90-b34e-72b7f0f1d3a6", "Checkov CKV_AZURE_233"),
    decision=(
        "Azure now makes registries zone-redundant by default where the region has zones, and the property may read "
        "Disabled and mean nothing. Azure Policy and Checkov require it; here it is never more than advice, and its "
        "absence passes. It is one of two deliberate differences."
    ),
    applies_to=(tokens.REGISTRY, tokens.REPLICATION),
    check_resource=check,
    compliant=(
        example("enabled", registry(zoneRedundancy="Enabled")),
        example("not set: Azure's default is on", registry()),
        example("disabled in a region without zones", registry(location="West US", zoneRedundancy="Disabled")),
    ),
    violating=(
        example("disabled", registry(zoneRedundancy="Disabled")),
        example(
            "a replica with it disabled", child("Replication", "eastus", location="eastus", zoneRedundancy="Disabled")
        ),
    ),
)
