"""Forbids other zones than the one privatelink zone of the cloud."""

from __future__ import annotations

from registry_model.azure import names
from registry_model.estate import facts, relations, tokens
from registry_model.estate.model import Estate, Resource
from registry_model.estate.values import UNKNOWN, as_text

from ..examples import endpoint, example, link, other, registry, zone, zone_group
from ..frameworks import mcsb
from ..rule import MANDATORY, Config, Levels, Option, Problems, Rule, Severity, undetermined, violation

CLOUD = Option(
    {"type": "string", "enum": sorted(names.CLOUDS)},
    names.PUBLIC.name,
    "The Azure cloud; it decides where a registry's region does not tell.",
)
PRIVATE_LINK_ZONES = {cloud.private_link_zone for cloud in names.CLOUDS.values()}


def check(estate: Estate, config: Config) -> Problems:
    yield from _groups(estate, config)
    for each in estate.of(tokens.PRIVATE_ZONE, tokens.PUBLIC_ZONE):
        name = each.arm_name
        if _given_and_unknown(each) and relations.registry_endpoints(estate):
            yield undetermined(each, "the name of the zone")
        if not isinstance(name, str) or not names.in_registry_domain(name):
            continue
        if each.type == tokens.PUBLIC_ZONE and as_text(each.get("zoneType")) != "private":
            yield violation(each, f"Zone {each.label} is a public zone for {name}, which belongs to Azure")
        elif name not in PRIVATE_LINK_ZONES:
            yield violation(
                each, f"Zone {each.label} is {name}; registries resolve through one zone, {_expected(name)}"
            )


def _given_and_unknown(zone: Resource) -> bool:
    return zone.type == tokens.PRIVATE_ZONE and zone.get(tokens.NAME_INPUTS[zone.type][-1]) is UNKNOWN


def _groups(estate: Estate, config: Config) -> Problems:
    targets: dict[Resource, Resource | None] = {c.endpoint: c.registry.target for c in relations.connections(estate)}
    for each, groups in relations.zone_groups(estate).items():
        if each not in targets:
            continue
        target = targets[each]
        cloud = facts.cloud_of(target, config["cloud"]) if target is not None else names.CLOUDS[config["cloud"]]
        for use in (use for group in groups for use in relations.zone_uses(estate, group)):
            if use.name is UNKNOWN:
                yield undetermined(use.group, "the zone that the group writes to")
            elif use.name != cloud.private_link_zone:
                text = f"Zone group {use.group.label} writes to {use.name}; a registry needs {cloud.private_link_zone}"
                yield violation(use.group, text)


def _expected(name: str) -> str:
    return next(zone for zone in PRIVATE_LINK_ZONES if name.endswith(zone.partition(".")[2]))


RULE = Rule(
    id="zone-name",
    title="Registries resolve through the one privatelink zone of their cloud",
    severity=Severity.HIGH,
    rationale=(
        "Login server and data endpoints of all regions are records of one zone. A zone for a region "
        "(<region>.data.privatelink…) or for the registry domain itself answers NXDOMAIN for everything else and "
        "breaks pulls; a public zone for it can only mislead."
    ),
    fix="Use the zone {public} (US Government: {usgov}, China: {china}).".format(
        **{name: cloud.private_link_zone for name, cloud in names.CLOUDS.items()}
    ),
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(mcsb("NS-10"),),
    references=("Azure Verified Modules, private DNS zones, issue 96",),
    options={"cloud": CLOUD},
    needs=((tokens.ZONE_GROUP, tokens.PRIVATE_ZONE),),
    check_estate=check,
    compliant=(
        example("the privatelink zone", registry(), endpoint(), zone_group(), zone(), link()),
        example(
            "the zone of the US Government cloud",
            registry(location="usgovvirginia"),
            endpoint(),
            zone_group(zone="privatelink.azurecr.us"),
        ),
        example("a zone of something else", zone("privatelink.blob.core.windows.net")),
    ),
    violating=(
        example(
            "a group on another zone", registry(), endpoint(), zone_group(zone="privatelink.blob.core.windows.net")
        ),
        example("a group on another cloud's zone", registry(), endpoint(), zone_group(zone="privatelink.azurecr.cn")),
        example("a regional zone", registry(), zone("japaneast.data.privatelink.azurecr.io")),
        example("a private zone for the registry domain", registry(), zone("azurecr.io")),
        example(
            "a public zone",
            other("dns:Zone", "zone", "Microsoft.Network/dnsZones/contoso.azurecr.io", zoneName="contoso.azurecr.io"),
        ),
    ),
)
