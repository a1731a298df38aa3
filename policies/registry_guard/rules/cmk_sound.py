"""Forbids a customer-managed key that cannot rotate, cannot be reached, or can be lost."""

from __future__ import annotations

import re
from typing import Any

from registry_model.estate import facts, relations, tokens
from registry_model.estate.model import Estate, Resource
from registry_model.estate.values import UNKNOWN, SecretText, as_bool, as_text, lookup

from ..examples import PROVIDERS, example, other, registry
from ..frameworks import azure_policy, mcsb
from ..rule import MANDATORY, Config, Declared, Levels, Problems, Rule, Severity, undetermined, violation

KEY_HOST = re.compile(r"^https://([^./]+)\.[^/]+/keys/[^/]+(/[^/]+)?/?$")


ENABLED = "encryption.status"


def check(registry: Resource, _config: Config) -> Problems:
    enabled = facts.is_enabled(registry, ENABLED)
    if enabled is False:
        return
    found = list(_faults(registry))
    if enabled is UNKNOWN and found:
        yield undetermined(registry, ENABLED)  # a key that is sound, should it be one, leaves nothing to judge
    else:
        yield from found


def _faults(registry: Resource) -> Problems:
    """What is wrong with the registry's key, and cannot be told of it."""
    kind = as_text(registry.get("identity.type"))
    attached = registry.get("identity.userAssignedIdentities")
    if kind is UNKNOWN or attached is UNKNOWN:
        yield undetermined(registry, "identity")
    elif kind is None or "userassigned" not in kind.replace(" ", "") or not attached:
        yield violation(registry, f"Registry {registry.label} has a customer-managed key and no user-assigned identity")
    if registry.get("encryption.keyVaultProperties.identity") is None:
        yield violation(registry, f"Registry {registry.label} does not say which identity reads its key")
    key = registry.get("encryption.keyVaultProperties.keyIdentifier")
    if key is None:
        yield violation(registry, f"Registry {registry.label} has encryption enabled and names no key")
    elif isinstance(key, str):
        match = KEY_HOST.match(as_key(key))
        if match is not None and match[2]:
            yield violation(registry, f"Registry {registry.label} pins a version of its key, so the key cannot rotate")


def as_key(key: str) -> str:
    return str.__str__(key).strip().lower() if isinstance(key, SecretText) else key.strip().lower()


def check_vault(estate: Estate, _config: Config) -> Problems:
    for each in relations.registries(estate):
        enabled = facts.is_enabled(each, ENABLED)
        if enabled is False:
            continue
        if enabled is UNKNOWN:
            weak = [v for v in key_vaults(estate, each) if as_bool(v.get("enablePurgeProtection")) is not True]
            for vault in weak or possible_vaults(estate, each):
                yield undetermined(each, f"whether its key is in the vault {vault.label}, without purge protection,")
            continue
        for vault in key_vaults(estate, each):
            protected = as_bool(vault.get("enablePurgeProtection"))
            if protected is UNKNOWN:
                yield undetermined(each, f"purge protection of the vault {vault.label}")
            elif not protected:
                text = f"The key of registry {each.label} is in the vault {vault.label}, which has no purge protection"
                yield violation(each, text)
        for vault in possible_vaults(estate, each):
            unknown = as_bool(vault.get("enablePurgeProtection")) is UNKNOWN
            lack = "whose purge protection cannot be told" if unknown else "which has no purge protection"
            yield undetermined(each, f"whether its key is in the vault {vault.label}, {lack},")


def possible_vaults(estate: Estate, registry: Resource) -> list[Resource]:
    """The stack's own vaults without certain purge protection that may hold the key, where nothing tells which does."""
    key = lookup(registry.props, "encryption.keyVaultProperties.keyIdentifier")
    if key is None or key_vaults(estate, registry):
        return []
    match = KEY_HOST.match(as_key(key)) if isinstance(key, str) else None
    if match is None and registry.property_dependencies.get("encryption") and not registry.embedded:
        return []  # it comes from something else, and Pulumi tells from what
    return [
        vault
        for vault in estate.of(tokens.VAULT)
        if as_bool(vault.get("enablePurgeProtection")) is not True
        and (match is None or vault.props.get("vaultname") is UNKNOWN)
    ]


def key_vaults(estate: Estate, registry: Resource) -> list[Resource]:
    """The stack's own vault that holds the key: by the key's host name, else by what the encryption depends on."""
    key = lookup(registry.props, "encryption.keyVaultProperties.keyIdentifier")
    if isinstance(key, str):
        match = KEY_HOST.match(as_key(key))
        return [v for v in estate.named(tokens.VAULT, match[1]) if not v.external] if match is not None else []
    found: dict[int, Resource] = {}
    for each in estate.dependencies(registry, "encryption"):
        if each.type == tokens.VAULT_KEY:
            holder = estate.refer(each, each.props.get("vaultname"), "vaultname", tokens.VAULT).target
            each = holder if holder is not None else each
        if each.type == tokens.VAULT and not each.external:
            found[id(each)] = each
    return list(found.values())


def _registry(**changes: Any) -> dict[str, Any]:
    identity = f"{PROVIDERS}/Microsoft.ManagedIdentity/userAssignedIdentities/registry"
    sound: dict[str, Any] = {
        "identity": {"type": "UserAssigned", "userAssignedIdentities": [identity]},
        "encryption": {
            "status": "enabled",
            "keyVaultProperties": {
                "keyIdentifier": "https://keys.vault.azure.net/keys/registry",
                "identity": "00000000-0000-0000-0000-000000000002",
            },
        },
    }
    return sound | changes


def _key(identifier: str) -> dict[str, Any]:
    properties = {"keyIdentifier": identifier, "identity": "00000000-0000-0000-0000-000000000002"}
    return {"status": "enabled", "keyVaultProperties": properties}


def _vault(**properties: Any) -> Declared:
    arm = "Microsoft.KeyVault/vaults/keys"
    return other("keyvault:Vault", "vault", arm, vaultName="keys", properties={"tenantId": "t", **properties})


RULE = Rule(
    id="cmk-sound",
    title="A customer-managed key can rotate, be reached and not be lost",
    severity=Severity.HIGH,
    rationale=(
        "Without a user-assigned identity the registry cannot read its key; with a versioned key id it never takes a "
        "rotated key; in a vault without purge protection a deleted key is gone, and every image with it."
    ),
    fix=(
        "Attach a user-assigned identity and name it in encryption.keyVaultProperties, use the key id without a "
        "version, and set enablePurgeProtection on the vault."
    ),
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(mcsb("DP-8"), azure_policy("0b60c0b2-2dc2-4e1c-b5c9-abbed971de53")),
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    check_estate=check_vault,
    compliant=(
        example("no customer-managed key", registry()),
        example("a sound key", registry(**_registry()), _vault(enablePurgeProtection=True)),
        example("a key of a vault elsewhere", registry(**_registry())),
    ),
    violating=(
        example("no identity", registry(**_registry(identity=None))),
        example("a system-assigned identity only", registry(**_registry(identity={"type": "SystemAssigned"}))),
        example(
            "a versioned key", registry(**_registry(encryption=_key("https://keys.vault.azure.net/keys/registry/0a1b")))
        ),
        example("a vault without purge protection", registry(**_registry()), _vault()),
    ),
)
