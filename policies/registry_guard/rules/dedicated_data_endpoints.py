"""Forbids registries whose layers come from blob storage."""

from __future__ import annotations

from registry_model.estate import facts, relations, tokens
from registry_model.estate.model import Estate, Resource
from registry_model.estate.values import UNKNOWN

from ..examples import endpoint, example, registry
from ..frameworks import mcsb
from ..rule import MANDATORY, Config, Levels, Option, Problems, Rule, Severity, undetermined, violation


def check_switch(registry: Resource, config: Config) -> Problems:
    if not config["require_switch"]:
        return
    on = facts.flag(registry, "dataEndpointEnabled")
    if on is UNKNOWN:
        yield undetermined(registry, "dataEndpointEnabled", scalar=True)
    elif not on:
        yield violation(registry, f"Registry {registry.label} does not have dedicated data endpoints switched on")


def check_path(estate: Estate, config: Config) -> Problems:
    if config["require_switch"]:
        return
    for each in relations.registries(estate):
        on = facts.flag(each, "dataEndpointEnabled")
        if on is True or relations.endpoints_of(estate).get(each) or relations.approved_elsewhere(estate, each):
            continue
        if on is UNKNOWN:
            yield undetermined(each, "dataEndpointEnabled", scalar=True)
        elif relations.maybe_connected(estate, each):
            yield undetermined(each, "whether a private endpoint leads to the registry")
        else:
            yield violation(
                each,
                f"Registry {each.label} has neither dedicated data endpoints nor a private endpoint, so its layers "
                f"come from {facts.cloud_of(each).blob_wildcard}",
                without=(tokens.ENDPOINT_CONNECTION,),
            )


RULE = Rule(
    id="dedicated-data-endpoints",
    title="Layers come from dedicated data endpoints, not from blob storage",
    severity=Severity.HIGH,
    rationale=(
        "Without dedicated data endpoints a pull is redirected to a storage account whose name nobody can know, so the "
        "client's firewall must allow every storage account of Azure: a way out for any data."
    ),
    fix=(
        "Announce the new hosts to every client firewall first, then set dataEndpointEnabled to true (see the rule "
        "switch-order)."
    ),
    fix_live=(
        "Announce the new hosts to every client firewall first, then az acr update --name REGISTRY "
        "--data-endpoint-enabled true"
    ),
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(mcsb("NS-2"),),
    references=("Checkov CKV_AZURE_237",),
    options={
        "require_switch": Option(
            {"type": "boolean"},
            False,
            "Whether the switch must be on even where a private endpoint already serves the layers.",
            presets={"strict": True, "no-private-link": True},
        )
    },
    decision=(
        "A first private endpoint turns data endpoints on as well, so baseline accepts either. Strict wants the switch "
        "itself: the last endpoint's removal must not send clients back to blob storage."
    ),
    applies_to=(tokens.REGISTRY,),
    check_resource=check_switch,
    check_estate=check_path,
    compliant=(
        example("switched on", registry()),
        example("a private endpoint and no switch", registry(dataEndpointEnabled=False), endpoint()),
        example("switched on where the switch is required", registry(), require_switch=True),
    ),
    violating=(
        example("neither", registry(dataEndpointEnabled=False)),
        example("not set", registry(dataEndpointEnabled=None)),
        example(
            "an endpoint of another registry",
            registry(dataEndpointEnabled=False),
            registry("other", "fabrikam"),
            endpoint(of="fabrikam"),
        ),
        example(
            "an endpoint, where the switch is required",
            registry(dataEndpointEnabled=False),
            endpoint(),
            require_switch=True,
        ),
    ),
)
