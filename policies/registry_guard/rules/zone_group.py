"""Asks for a DNS zone group on every private endpoint of a registry."""

from __future__ import annotations

from registry_model.estate import relations, tokens
from registry_model.estate.model import Estate
from registry_model.estate.values import UNKNOWN

from ..examples import endpoint, example, registry, zone_group
from ..frameworks import azure_policy, mcsb
from ..rule import MANDATORY, OFF, Config, Levels, Option, Problems, Rule, Severity, undetermined, violation

DNS_MODE = Option(
    {"type": "string", "enum": ["zone_group", "manual", "policy"]},
    "zone_group",
    "Who writes the private records: the endpoint's zone group, the program itself (manual), or Azure Policy (policy).",
)


def check(estate: Estate, config: Config) -> Problems:
    if config["dns_mode"] != "zone_group":
        return
    groups = relations.zone_groups(estate)
    holders = [
        estate.refer(group, group.props.get("privateendpointname"), "privateendpointname", tokens.ENDPOINT)
        for group in estate.of(tokens.ZONE_GROUP)
    ]
    for each in relations.registry_endpoints(estate):
        own = groups.get(each, [])
        if any(relations.zone_uses(estate, group) for group in own):
            continue
        unplaced = any(holder.may_mean(each) for holder in holders)
        if unplaced or any(group.get("privateDnsZoneConfigs") is UNKNOWN for group in own):
            yield undetermined(each, "which endpoint a DNS zone group is of")
        else:
            yield violation(
                each,
                f"Endpoint {each.label} has no DNS zone group, so no name leads to its addresses",
                without=(tokens.ZONE_GROUP,),
            )


RULE = Rule(
    id="zone-group",
    title="Private endpoints of registries write their records into a private zone",
    severity=Severity.HIGH,
    rationale=(
        "The private path depends on DNS alone. Without records clients resolve the public address and are refused, "
        "and a replica added later has no record although nothing looks wrong."
    ),
    fix="Add a PrivateDnsZoneGroup on the privatelink zone, or say with dns_mode who writes the records.",
    fix_template=(
        "Declare a Microsoft.Network/privateEndpoints/privateDnsZoneGroups on the privatelink zone, or say "
        "with dns_mode who writes the records."
    ),
    fix_live=(
        "az network private-endpoint dns-zone-group create with the privatelink zone; or say with dns_mode "
        "who writes the records."
    ),
    levels=Levels(baseline=OFF, strict=MANDATORY, no_private_link=OFF),
    frameworks=(mcsb("NS-10"), azure_policy("e9585a95-5b8c-4d03-b193-dc7eb5ac4c32")),
    options={"dns_mode": DNS_MODE},
    needs=((tokens.ENDPOINT,), (tokens.ZONE_GROUP,)),
    check_estate=check,
    compliant=(
        example("a zone group", registry(), endpoint(), zone_group()),
        example("records written by Azure Policy", registry(), endpoint(), dns_mode="policy"),
    ),
    violating=(
        example("none", registry(), endpoint()),
        example("the group of another endpoint", registry(), endpoint(), endpoint("second"), zone_group(of="second")),
    ),
)
