"""Asks for a managed identity."""

from __future__ import annotations

from registry_model.estate import tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN, as_text

from ..examples import example, registry
from ..frameworks import mcsb
from ..rule import ADVISORY, OFF, Config, Levels, Problems, Rule, Severity, undetermined, violation


def check(registry: Resource, _config: Config) -> Problems:
    kind = as_text(registry.get("identity.type", "None"))
    if kind is UNKNOWN:
        yield undetermined(registry, "identity.type")
    elif kind == "none":
        yield violation(registry, f"Registry {registry.label} has no managed identity")


RULE = Rule(
    id="managed-identity",
    title="Registries have a managed identity",
    severity=Severity.LOW,
    rationale=(
        "A registry that reads a key vault, another registry or a storage account should do so as itself, not with a "
        "stored credential."
    ),
    fix="Set identity.type to SystemAssigned or UserAssigned.",
    fix_live="az acr identity assign --name REGISTRY --identities [system]",
    levels=Levels(baseline=OFF, strict=ADVISORY, no_private_link=ADVISORY),
    frameworks=(mcsb("IM-3"),),
    references=("CloudSploit acrManagedIdentityEnabled",),
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    compliant=(example("system-assigned", registry(identity={"type": "SystemAssigned"})),),
    violating=(
        example("none", registry()),
        example("explicitly None", registry(identity={"type": "None"})),
    ),
)
