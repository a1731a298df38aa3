"""Forbids soft delete together with what it conflicts with."""

from __future__ import annotations

from registry_model.estate import facts, relations, tokens
from registry_model.estate.model import Estate, Resource, Written
from registry_model.estate.values import UNKNOWN

from ..examples import example, registry, replica
from ..rule import MANDATORY, Config, Levels, Problems, Rule, Severity, undetermined, violation

SOFT_DELETE = "policies.softDeletePolicy.status"
RETENTION = "policies.retentionPolicy.status"


def check(registry: Resource, _config: Config) -> Problems:
    soft_delete = facts.is_enabled(registry, SOFT_DELETE)
    retention = facts.is_enabled(registry, RETENTION)
    if soft_delete is False or retention is False:
        return
    if soft_delete is UNKNOWN or retention is UNKNOWN:
        yield undetermined(registry, SOFT_DELETE if soft_delete is UNKNOWN else RETENTION)
    else:
        yield violation(registry, f"Registry {registry.label} has soft delete and the retention policy enabled")


def check_replicas(estate: Estate, _config: Config) -> Problems:
    for each in relations.children(estate, tokens.REPLICATION):
        replicas = relations.replicas(estate, each)
        if not replicas or each.external:
            continue
        soft_delete = facts.is_enabled(each, SOFT_DELETE)
        if soft_delete is UNKNOWN:
            # Else the check of the registry says so. What runs already has not got both: Azure refuses it.
            if facts.is_enabled(each, RETENTION) is False and each.written is not Written.LIVE:
                yield undetermined(each, SOFT_DELETE)
        elif soft_delete:
            names = ", ".join(replica.label for replica in replicas)
            yield violation(each, f"Registry {each.label} has soft delete enabled and replicas ({names})")
    for each in relations.registries(estate):
        if facts.is_enabled(each, SOFT_DELETE) is not False and relations.possible_replicas(estate, each):
            yield undetermined(each, "whether a replica is this registry's")


RULE = Rule(
    id="retention-conflict",
    title="Soft delete is not combined with retention or replicas",
    severity=Severity.MEDIUM,
    rationale=(
        "Azure refuses soft delete on a registry with a retention policy or with replicas; the deployment fails "
        "halfway, or what was meant to be kept is not."
    ),
    fix="Disable policies.softDeletePolicy, or the retention policy and the replicas.",
    fix_live=(
        "az acr config soft-delete update --registry REGISTRY --status disabled; or switch the retention "
        "policy off and remove the replicas."
    ),
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    references=("PSRule Azure.ACR.SoftDelete", "PSRule Azure.ACR.Retention"),
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    check_estate=check_replicas,
    compliant=(
        example(
            "retention alone, with a replica",
            registry(policies={"retentionPolicy": {"status": "enabled"}}),
            replica("eastus"),
        ),
        example(
            "soft delete alone; the replica is another registry's",
            registry(policies={"softDeletePolicy": {"status": "enabled"}}),
            registry("other", "fabrikam"),
            replica("eastus", "fabrikam"),
        ),
        example(
            "soft delete alone; the entry that Azure keeps of the home region",
            registry(policies={"softDeletePolicy": {"status": "enabled"}}),
            replica("japaneast"),
        ),
    ),
    violating=(
        example(
            "soft delete and retention",
            registry(policies={"softDeletePolicy": {"status": "enabled"}, "retentionPolicy": {"status": "enabled"}}),
        ),
        example(
            "soft delete and a replica",
            registry(policies={"softDeletePolicy": {"status": "enabled"}}),
            replica("eastus"),
        ),
    ),
)
