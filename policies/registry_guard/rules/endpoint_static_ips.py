"""Forbids static addresses that do not name every member."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from registry_model.azure import names
from registry_model.estate import relations, tokens
from registry_model.estate.model import Estate
from registry_model.estate.values import UNKNOWN, Unknown, as_list, as_text, known_items, lookup

from ..examples import endpoint, example, registry, replica
from ..rule import MANDATORY, Config, Levels, Problems, Rule, Severity, undetermined, violation


def check(estate: Estate, _config: Config) -> Problems:
    for each in relations.connections(estate):
        configurations = each.endpoint.get("ipConfigurations")
        items = as_list(configurations)
        if isinstance(items, Unknown) or UNKNOWN in items:
            yield undetermined(each.endpoint, "ipConfigurations")
            continue
        if not known_items(configurations):
            continue
        members = [as_text(lookup(item, "memberName")) for item in known_items(configurations)]
        if UNKNOWN in members:
            yield undetermined(each.endpoint, "a memberName of ipConfigurations")
            continue
        wanted, complete = _wanted(estate, each)
        missing = [member for member in wanted if member not in members]
        if not complete and not missing and not any(names.member_region(str(member)) for member in members):
            missing = [names.data_member("<region>")]
        if missing:
            listed = ", ".join(missing)
            yield violation(
                each.endpoint, f"Endpoint {each.endpoint.label} has static addresses, but none for {listed}"
            )


def _wanted(estate: Estate, each: relations.Connection) -> tuple[list[str], bool]:
    """The members that need an address, and whether these are all: a registry elsewhere keeps its regions to itself."""
    where = relations.regions(estate, each.registry.target) if each.registry.target is not None else None
    if where is None:
        return [names.REGISTRY_MEMBER], False
    return names.private_link_members(where.home, where.replicas), where.complete


def _static(members: Iterable[str]) -> list[dict[str, Any]]:
    return [
        {"name": member, "groupId": names.GROUP_ID, "memberName": member, "privateIPAddress": f"10.0.0.{4 + index}"}
        for index, member in enumerate(members)
    ]


RULE = Rule(
    id="endpoint-static-ips",
    title="Static addresses name every member of the registry",
    severity=Severity.MEDIUM,
    rationale=(
        "With static addresses Azure wants one for the member registry and one for registry_data_<region> of every "
        'region. With one missing it refuses the endpoint, and later the replica, which is left Failed: "Failed to '
        "replicate private endpoint. Private Endpoint … contains static ipconfigurations: … and it's missing these "
        "membernames/groupids requested by Private Link service … Private Endpoint needs to be reconfigured with "
        'missing memberNames."'
    ),
    fix="List every member in ipConfigurations, or leave them out and let Azure choose.",
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    references=("hashicorp/terraform-provider-azurerm#21781", "MicrosoftDocs/azure-management-docs#155"),
    needs=((tokens.ENDPOINT,),),
    check_estate=check,
    compliant=(
        example("no static address", registry(), endpoint()),
        example(
            "every member",
            registry(),
            replica("eastus"),
            endpoint(ipConfigurations=_static(names.private_link_members("japaneast", ["eastus"]))),
        ),
    ),
    violating=(
        example("the login server only", registry(), endpoint(ipConfigurations=_static(["registry"]))),
        example(
            "no address for the replica",
            registry(),
            replica("eastus"),
            endpoint(ipConfigurations=_static(names.private_link_members("japaneast"))),
        ),
    ),
)
