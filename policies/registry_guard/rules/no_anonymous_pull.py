"""Forbids pulls without a credential."""

from __future__ import annotations

from collections.abc import Mapping

from registry_model.estate import facts, tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN

from ..examples import example, registry
from ..frameworks import azure_policy, mcsb
from ..rule import MANDATORY, Config, Levels, Problems, Rule, Severity, undetermined, violation


def check(registry: Resource, _config: Config) -> Problems:
    on = facts.flag(registry, "anonymousPullEnabled")
    if on is UNKNOWN:
        yield undetermined(registry, "anonymousPullEnabled", scalar=True)
    elif on:
        yield violation(registry, f"Registry {registry.label} lets anyone who reaches it pull without a credential")


def remediate(registry: Resource, _config: Config) -> Mapping[str, object]:
    return {"anonymousPullEnabled": False} if facts.flag(registry, "anonymousPullEnabled") is True else {}


RULE = Rule(
    id="no-anonymous-pull",
    title="Anonymous pull is off",
    severity=Severity.HIGH,
    rationale=(
        "With anonymous pull every image is readable by whoever reaches the registry, and the audit log cannot say "
        "who it was."
    ),
    fix="Set anonymousPullEnabled to false.",
    fix_live="az acr update --name REGISTRY --anonymous-pull-enabled false",
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(mcsb("PA-7"), azure_policy("9f2dea28-e834-476c-99c5-3507b4728395")),
    references=("PSRule Azure.ACR.AnonymousAccess", "Checkov CKV_AZURE_138"),
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    remediate=remediate,
    compliant=(
        example("off", registry()),
        example("not set: Azure's default is off", registry(anonymousPullEnabled=None)),
    ),
    violating=(example("on", registry(anonymousPullEnabled=True)),),
)
