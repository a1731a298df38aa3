"""Forbids artifacts leaving the registry by export."""

from __future__ import annotations

from collections.abc import Mapping

from registry_model.estate import facts, tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN

from ..examples import example, registry
from ..frameworks import azure_policy, mcsb
from ..rule import ADVISORY, MANDATORY, OFF, Config, Levels, Problems, Rule, Severity, undetermined, violation


def check(registry: Resource, _config: Config) -> Problems:
    on = facts.is_enabled(registry, "policies.exportPolicy.status")
    if on is UNKNOWN:
        yield undetermined(registry, "policies.exportPolicy.status", scalar=True)
    elif on:
        first = (
            ""
            if facts.public_access_off(registry) is True
            else "; before that can change, public network access has to be off"
        )
        yield violation(registry, f"Registry {registry.label} lets its artifacts be exported{first}")


def remediate(registry: Resource, _config: Config) -> Mapping[str, object]:
    on = facts.is_enabled(registry, "policies.exportPolicy.status")
    # Azure refuses the setting while public access is on, and switching that off is not a repair to make unasked.
    possible = on is True and facts.public_access_off(registry) is True
    return {"policies.exportPolicy.status": "disabled"} if possible else {}


RULE = Rule(
    id="export-off",
    title="Exporting artifacts is off",
    severity=Severity.MEDIUM,
    rationale=(
        "While exports are on, whoever may read the registry may copy its artifacts into another registry or a "
        "storage account through Azure, past every network rule."
    ),
    fix="Set policies.exportPolicy.status to disabled; it needs publicNetworkAccess Disabled.",
    fix_live="az acr update --name REGISTRY --allow-exports false; it needs public access off.",
    levels=Levels(baseline=ADVISORY, strict=MANDATORY, no_private_link=OFF),
    frameworks=(mcsb("DP-2"), azure_policy("524b0254-c285-4903-bee6-bb8126cde579")),
    references=("PSRule Azure.ACR.ExportPolicy",),
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    remediate=remediate,
    compliant=(example("disabled", registry()),),
    violating=(
        example("enabled", registry(policies={"exportPolicy": {"status": "enabled"}})),
        example("not set: Azure's default is on", registry(policies=None)),
    ),
)
