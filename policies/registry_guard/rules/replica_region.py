"""Forbids replicas in the home region and outside the allowed regions."""

from __future__ import annotations

from registry_model.azure import names
from registry_model.estate import facts, relations, tokens
from registry_model.estate.model import Estate

from ..examples import example, registry, replica
from ..rule import MANDATORY, Config, Levels, Option, Problems, Rule, Severity, note, undetermined, violation


def check(estate: Estate, config: Config) -> Problems:
    allowed = {names.normalise_region(region) for region in config["allowed"]}
    for each in estate.of(tokens.REPLICATION):
        region = facts.region(each)
        if not isinstance(region, str):
            if allowed:
                yield undetermined(each, "the replica's location")
            continue
        owner = relations.registry_of(estate, each).target
        if owner is not None and facts.region(owner) == region:
            if estate.coverage is not None:
                continue  # what Azure says of itself lists it always; only a program could leave it out
            text = f"Replica {each.label} is in {region}, the home region of registry {owner.label}"
            yield note(each, f"{text}: Azure keeps this entry itself and exports it; a program leaves it out")
            continue
        if allowed and region not in allowed:
            listed = ", ".join(sorted(allowed))
            yield violation(each, f"Replica {each.label} is in {region}, outside the allowed regions ({listed})")


RULE = Rule(
    id="replica-region",
    title="Replicas are in allowed regions",
    severity=Severity.MEDIUM,
    rationale=(
        "A replica outside the allowed regions takes every image out of them. An entry for the home region replicates "
        "nothing: Azure keeps one by itself in geo-replicated registries, and exports it."
    ),
    fix="Put the replica into another, allowed region.",
    fix_live=(
        "az acr replication create --registry REGISTRY --location ALLOWED, then az acr replication delete --registry "
        "REGISTRY --name REGION"
    ),
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    references=("PSRule Azure.ACR.ReplicaLocation", "Azure/azure-rest-api-specs#10233"),
    options={
        "allowed": Option(
            {"type": "array", "items": {"type": "string"}}, [], "Regions that replicas may be in; empty means any."
        )
    },
    needs=((tokens.REPLICATION,),),
    check_estate=check,
    compliant=(
        example("another region", registry(), replica("eastus")),
        example("an allowed region in another spelling", registry(), replica("East US"), allowed=["eastus"]),
    ),
    violating=(example("a region that is not allowed", registry(), replica("eastus"), allowed=["japanwest"]),),
)
