"""Forbids signing in with tokens made for Azure Resource Manager."""

from __future__ import annotations

from collections.abc import Mapping

from registry_model.estate import tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN, as_text

from ..examples import example, registry
from ..frameworks import azure_policy, mcsb
from ..rule import MANDATORY, OFF, Config, Levels, Problems, Rule, Severity, undetermined, violation

PATH = "policies.azureADAuthenticationAsArmPolicy.status"


def check(registry: Resource, _config: Config) -> Problems:
    status = as_text(registry.get(PATH))
    if status is UNKNOWN:
        yield undetermined(registry, PATH)
    elif status == "enabled":
        yield violation(registry, f"Registry {registry.label} accepts tokens made for Azure Resource Manager")


def remediate(registry: Resource, _config: Config) -> Mapping[str, object]:
    return {PATH: "disabled"} if as_text(registry.get(PATH)) == "enabled" else {}


RULE = Rule(
    id="arm-tokens-off",
    title="Tokens made for Azure Resource Manager do not open the registry",
    severity=Severity.MEDIUM,
    rationale=(
        "A token with the audience of Azure Resource Manager is everywhere: on build agents, in command lines. A "
        "registry that accepts it can be opened with a token that was stolen for another purpose."
    ),
    fix=f"Set {PATH} to disabled; clients ask for a token with the registry's own audience.",
    fix_live=(
        "az acr config authentication-as-arm update --registry REGISTRY --status disabled; clients ask for a "
        "token with the registry's own audience."
    ),
    levels=Levels(baseline=OFF, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(mcsb("IM-1"), azure_policy("42781ec6-6127-4c30-bdfa-fb423a0047d3")),
    decision=(
        "Only an explicit enabled is refused. Azure's default is enabled as well; as nothing but the property tells, "
        "absence is left to Azure Policy."
    ),
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    remediate=remediate,
    compliant=(
        example("disabled", registry(policies={"azureADAuthenticationAsArmPolicy": {"status": "disabled"}})),
        example("not set", registry()),
    ),
    violating=(
        example("enabled", registry(policies={"azureADAuthenticationAsArmPolicy": {"status": "enabled"}})),
        example("enabled, in capitals", registry(policies={"azureADAuthenticationAsArmPolicy": {"status": "ENABLED"}})),
    ),
)
