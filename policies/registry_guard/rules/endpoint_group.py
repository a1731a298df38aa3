"""Forbids private endpoints of a registry with another group than ``registry``."""

from __future__ import annotations

from registry_model.azure import names
from registry_model.estate import relations, tokens
from registry_model.estate.model import Estate
from registry_model.estate.values import UNKNOWN, as_text, has_unknown, known_items, show

from ..examples import connection, endpoint, example, registry
from ..rule import MANDATORY, Config, Levels, Problems, Rule, Severity, undetermined, violation


def check(estate: Estate, _config: Config) -> Problems:
    for each in relations.connections(estate):
        groups = [as_text(group) for group in known_items(each.groups)]
        if each.groups is UNKNOWN or has_unknown(each.groups):
            yield undetermined(each.endpoint, "groupIds")
        elif groups != [names.GROUP_ID]:
            written = show(each.groups) if each.groups else "(none)"
            text = (
                f"Endpoint {each.endpoint.label} asks for the groups {written}; a registry has one, '{names.GROUP_ID}'"
            )
            yield violation(each.endpoint, text)


RULE = Rule(
    id="endpoint-group",
    title="Private endpoints of a registry ask for the group registry",
    severity=Severity.MEDIUM,
    rationale="A registry has one private link group; with another, or with several, the endpoint cannot be created.",
    fix="Set groupIds to exactly registry.",
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    references=("learn.microsoft.com/azure/private-link/private-endpoint-overview#private-link-resource",),
    needs=((tokens.ENDPOINT,),),
    check_estate=check,
    compliant=(example("registry", registry(), endpoint()),),
    violating=(
        example("another group", registry(), endpoint(privateLinkServiceConnections=[connection(groups=("blob",))])),
        example("no group", registry(), endpoint(privateLinkServiceConnections=[connection(groups=())])),
        example(
            "a data member as a group",
            registry(),
            endpoint(privateLinkServiceConnections=[connection(groups=("registry", "registry_data_japaneast"))]),
        ),
    ),
)
