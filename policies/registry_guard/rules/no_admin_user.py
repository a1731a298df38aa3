"""Forbids the admin user."""

from __future__ import annotations

from collections.abc import Mapping

from registry_model.estate import facts, tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN

from ..examples import example, registry
from ..frameworks import azure_policy, mcsb
from ..rule import MANDATORY, Config, Levels, Problems, Rule, Severity, undetermined, violation


def check(registry: Resource, _config: Config) -> Problems:
    on = facts.flag(registry, "adminUserEnabled")
    if on is UNKNOWN:
        yield undetermined(registry, "adminUserEnabled", scalar=True)
    elif on:
        yield violation(registry, f"Registry {registry.label} has its admin user enabled")


def remediate(registry: Resource, _config: Config) -> Mapping[str, object]:
    return {"adminUserEnabled": False} if facts.flag(registry, "adminUserEnabled") is True else {}


RULE = Rule(
    id="no-admin-user",
    title="The admin user is off",
    severity=Severity.HIGH,
    rationale=(
        "The admin user is one shared account with full rights and two passwords that do not expire. It cannot be "
        "limited, and its use cannot be told apart."
    ),
    fix="Set adminUserEnabled to false; clients sign in with managed identities or Entra tokens.",
    fix_live=(
        "az acr update --name REGISTRY --admin-enabled false; clients sign in with managed identities or Entra tokens."
    ),
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(mcsb("IM-1"), azure_policy("dc921057-6b28-4fbe-9b83-f7bec05db6c2")),
    references=("PSRule Azure.ACR.AdminUser", "Checkov CKV_AZURE_137", "Prowler containerregistry_admin_user_disabled"),
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    remediate=remediate,
    compliant=(
        example("off", registry()),
        example("not set: Azure's default is off", registry(adminUserEnabled=None)),
    ),
    violating=(
        example("on", registry(adminUserEnabled=True)),
        example("on, written as text", registry(adminUserEnabled="true")),
    ),
)
