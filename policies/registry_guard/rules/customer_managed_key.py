"""Asks for encryption with a customer-managed key."""

from __future__ import annotations

from registry_model.estate import facts, tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN

from ..examples import example, registry
from ..frameworks import azure_policy, cis, mcsb
from ..rule import MANDATORY, OFF, Config, Levels, Problems, Rule, Severity, undetermined, violation

KEY = {"status": "enabled", "keyVaultProperties": {"keyIdentifier": "https://keys.vault.azure.net/keys/registry"}}


def check(registry: Resource, _config: Config) -> Problems:
    on = facts.is_enabled(registry, "encryption.status")
    if on is UNKNOWN:
        yield undetermined(registry, "encryption.status")
    elif not on:
        yield violation(registry, f"Registry {registry.label} is not encrypted with a customer-managed key")


RULE = Rule(
    id="customer-managed-key",
    title="Registries are encrypted with a customer-managed key",
    severity=Severity.MEDIUM,
    rationale=(
        "With a key of one's own, access to the images can be withdrawn at once and its use is logged. It can be "
        "chosen only when the registry is created."
    ),
    fix="Set encryption with a key of a vault that has purge protection. An existing registry has to be replaced.",
    fix_live=(
        "Nothing can add it to a registry that exists: make a new one with az acr create --key-encryption-key "
        "KEY --identity IDENTITY, and import the images."
    ),
    levels=Levels(baseline=OFF, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(cis("4.0.0", "2.1.1.2.1"), mcsb("DP-5"), azure_policy("5b9159ae-1701-4a6f-9a7a-aa9c8ddd0580")),
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    compliant=(example("a key", registry(encryption=KEY)),),
    violating=(
        example("no key", registry()),
        example("encryption disabled", registry(encryption={"status": "disabled"})),
    ),
)
