"""Asks for the quarantine of pushed images."""

from __future__ import annotations

from registry_model.estate import facts, tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN

from ..examples import example, registry
from ..frameworks import mcsb
from ..rule import ADVISORY, OFF, Config, Levels, Problems, Rule, Severity, undetermined, violation

PATH = "policies.quarantinePolicy.status"


def check(registry: Resource, _config: Config) -> Problems:
    on = facts.is_enabled(registry, PATH)
    if on is UNKNOWN:
        yield undetermined(registry, PATH)
    elif not on:
        yield violation(registry, f"Registry {registry.label} shows pushed images to everyone before they are scanned")


RULE = Rule(
    id="quarantine",
    title="Pushed images wait in quarantine until they are scanned",
    severity=Severity.LOW,
    rationale=(
        "With quarantine a pushed image is visible to the scanner only until it is released. It needs a process that "
        "releases images; without one nothing can be pulled, so this is advice."
    ),
    fix=f"Set {PATH} to enabled, once something releases scanned images.",
    fix_live=(
        "az resource update --name REGISTRY --resource-group GROUP "
        "--resource-type Microsoft.ContainerRegistry/registries "
        f"--set properties.{PATH}=enabled, once something releases scanned images; az acr has no argument for it."
    ),
    levels=Levels(baseline=OFF, strict=ADVISORY, no_private_link=ADVISORY),
    frameworks=(mcsb("DS-6"),),
    references=("PSRule Azure.ACR.Quarantine", "Checkov CKV_AZURE_166"),
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    compliant=(example("enabled", registry(policies={"quarantinePolicy": {"status": "enabled"}})),),
    violating=(
        example("disabled", registry(policies={"quarantinePolicy": {"status": "disabled"}})),
        example("not set", registry()),
    ),
)
