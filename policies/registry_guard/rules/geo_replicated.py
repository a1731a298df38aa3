"""Asks for replicas in other regions."""

from __future__ import annotations

from registry_model.estate import relations, tokens
from registry_model.estate.model import Estate

from ..examples import example, registry, replica
from ..rule import ADVISORY, OFF, Config, Levels, Option, Problems, Rule, Severity, undetermined, violation


def check(estate: Estate, config: Config) -> Problems:
    wanted = config["min_replicas"]
    owners = [relations.registry_of(estate, replica) for replica in estate.of(tokens.REPLICATION)]
    for each in relations.registries(estate):
        found = len(relations.replicas(estate, each))
        if found >= wanted:
            continue
        if any(owner.may_mean(each) for owner in owners):
            yield undetermined(each, "the registry of a replica")
        else:
            yield violation(
                each, f"Registry {each.label} has {found} of {wanted} replicas", without=(tokens.REPLICATION,)
            )


RULE = Rule(
    id="geo-replicated",
    title="Registries are geo-replicated",
    severity=Severity.LOW,
    rationale=(
        "A registry in one region stops with that region, and clusters elsewhere cannot start what they cannot pull."
    ),
    fix="Add a replica, its data endpoint to the clients' firewalls, and its record to the private zone.",
    fix_live=(
        "az acr replication create --registry REGISTRY --location REGION, its data endpoint to the clients' "
        "firewalls, and its record to the private zone."
    ),
    levels=Levels(baseline=OFF, strict=ADVISORY, no_private_link=ADVISORY),
    references=("PSRule Azure.ACR.GeoReplica", "Checkov CKV_AZURE_165"),
    options={"min_replicas": Option({"type": "integer", "minimum": 0}, 1, "How many replicas a registry needs.")},
    needs=((tokens.REPLICATION,),),
    check_estate=check,
    compliant=(
        example("a replica", registry(), replica("eastus")),
        example("no replica required", registry(), min_replicas=0),
    ),
    violating=(
        example("no replica", registry()),
        example("only the entry that Azure keeps of the home region", registry(), replica("japaneast")),
        example(
            "the replica of another registry",
            registry(),
            registry("other", "fabrikam"),
            replica("eastus", "fabrikam"),
        ),
    ),
)
