"""Forbids connected registries under a registry without data endpoints."""

from __future__ import annotations

from registry_model.estate import facts, relations, tokens
from registry_model.estate.model import Estate
from registry_model.estate.values import UNKNOWN

from ..examples import child, example, registry
from ..rule import MANDATORY, Config, Levels, Problems, Rule, Severity, undetermined, violation


def check(estate: Estate, _config: Config) -> Problems:
    for owner, connected in relations.children(estate, tokens.CONNECTED_REGISTRY).items():
        on = facts.flag(owner, "dataEndpointEnabled")
        if on is True or owner.external:
            continue
        for each in connected:
            if on is UNKNOWN:
                yield undetermined(each, "dataEndpointEnabled of its owner")
            else:
                yield violation(
                    each, f"Connected registry {each.label} is under {owner.label}, which has no data endpoints"
                )
    for owner in relations.registries(estate):
        if facts.flag(owner, "dataEndpointEnabled") is not True:
            for each in relations.possible_children(estate, owner, tokens.CONNECTED_REGISTRY):
                yield undetermined(each, f"whether its registry is {owner.label}, without data endpoints,")


RULE = Rule(
    id="connected-registry",
    title="Connected registries are under a registry with data endpoints",
    severity=Severity.MEDIUM,
    rationale="A connected registry synchronises through the dedicated data endpoint; without it nothing arrives.",
    fix="Set dataEndpointEnabled to true on the registry.",
    fix_live="az acr update --name REGISTRY --data-endpoint-enabled true",
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    references=("learn.microsoft.com/azure/container-registry/intro-connected-registry",),
    needs=((tokens.CONNECTED_REGISTRY,),),
    check_estate=check,
    compliant=(example("data endpoints on", registry(), child("ConnectedRegistry", "edge")),),
    violating=(
        example("data endpoints off", registry(dataEndpointEnabled=False), child("ConnectedRegistry", "edge")),
        example(
            "data endpoints of another registry",
            registry(),
            registry("other", "fabrikam", dataEndpointEnabled=False),
            child("ConnectedRegistry", "edge", "fabrikam"),
        ),
    ),
)
