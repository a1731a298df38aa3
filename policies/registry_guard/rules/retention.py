"""Asks for untagged manifests to be cleaned up, or for soft delete."""

from __future__ import annotations

from registry_model.estate import facts, tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN

from ..examples import example, registry
from ..frameworks import mcsb
from ..rule import ADVISORY, OFF, Config, Levels, Problems, Rule, Severity, undetermined, violation

RETENTION = "policies.retentionPolicy.status"
SOFT_DELETE = "policies.softDeletePolicy.status"


def check(registry: Resource, _config: Config) -> Problems:
    states = [facts.is_enabled(registry, path) for path in (RETENTION, SOFT_DELETE)]
    if True in states:
        return
    if UNKNOWN in states:
        yield undetermined(registry, RETENTION)
    else:
        yield violation(registry, f"Registry {registry.label} keeps untagged manifests for ever")


RULE = Rule(
    id="retention",
    title="Untagged manifests are cleaned up",
    severity=Severity.LOW,
    rationale=(
        "Images that nothing points to any more are still pulled by digest, still hold what was built into them, and "
        "still cost. A retention policy removes them after a time; soft delete keeps what was deleted for a time."
    ),
    fix=f"Set {RETENTION} to enabled with a number of days.",
    fix_live=(
        "az acr config retention update --registry REGISTRY --status enabled --type UntaggedManifests --days DAYS"
    ),
    levels=Levels(baseline=OFF, strict=ADVISORY, no_private_link=ADVISORY),
    frameworks=(mcsb("PV-6"),),
    references=("PSRule Azure.ACR.Retention", "Checkov CKV_AZURE_167"),
    decision="Soft delete counts as well, since Azure refuses both at once.",
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    compliant=(
        example("retention", registry(policies={"retentionPolicy": {"status": "enabled", "days": 30}})),
        example("soft delete", registry(policies={"softDeletePolicy": {"status": "enabled"}})),
    ),
    violating=(
        example("disabled", registry(policies={"retentionPolicy": {"status": "disabled"}})),
        example("not set", registry()),
    ),
)
