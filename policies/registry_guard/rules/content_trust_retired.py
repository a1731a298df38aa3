"""Forbids enabling content trust, which is being retired."""

from __future__ import annotations

from collections.abc import Mapping

from registry_model.estate import facts, tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN

from ..examples import example, registry
from ..rule import ADVISORY, MANDATORY, Config, Levels, Problems, Rule, Severity, undetermined, violation

PATH = "policies.trustPolicy.status"


def check(registry: Resource, _config: Config) -> Problems:
    on = facts.is_enabled(registry, PATH)
    if on is UNKNOWN:
        yield undetermined(registry, PATH)
    elif on:
        yield violation(registry, f"Registry {registry.label} enables content trust, which ends on 2028-03-31")


def remediate(registry: Resource, _config: Config) -> Mapping[str, object]:
    return {PATH: "disabled"} if facts.is_enabled(registry, PATH) is True else {}


RULE = Rule(
    id="content-trust-retired",
    title="Content trust is not enabled",
    severity=Severity.LOW,
    rationale=(
        "Content trust (Docker Notary v1) cannot be newly enabled since 2026-05-31: Azure answers 400 "
        "ContentTrustUnsupported, \"The value 'enabled' for property 'status' in 'trustPolicy' is not supported.\" "
        "It ends on 2028-03-31. It conflicts with a customer-managed key. Signatures are Notation or other OCI "
        "artifacts now."
    ),
    fix=f"Set {PATH} to disabled and sign with Notation.",
    fix_live="az acr config content-trust update --registry REGISTRY --status disabled, and sign with Notation.",
    levels=Levels(baseline=ADVISORY, strict=MANDATORY, no_private_link=MANDATORY),
    references=("Checkov CKV_AZURE_164 (asks for it)", "PSRule Azure.ACR.ContentTrust (dropped in 1.45)"),
    decision=(
        "Checkov still requires content trust. Requiring what is being switched off would push estates the wrong way, "
        "so this rule forbids what that check wants."
    ),
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    remediate=remediate,
    compliant=(
        example("not set", registry()),
        example("disabled", registry(policies={"trustPolicy": {"status": "disabled", "type": "Notary"}})),
    ),
    violating=(example("enabled", registry(policies={"trustPolicy": {"status": "enabled", "type": "Notary"}})),),
)
