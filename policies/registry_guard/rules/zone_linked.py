"""Forbids privatelink zones that no network asks, and links that register machines in them."""

from __future__ import annotations

from registry_model.estate import relations, tokens
from registry_model.estate.model import Estate, Reference
from registry_model.estate.values import UNKNOWN, as_bool

from ..examples import endpoint, example, link, registry, zone, zone_group
from ..frameworks import mcsb
from ..rule import MANDATORY, Config, Levels, Problems, Rule, Severity, undetermined, violation
from .zone_name import PRIVATE_LINK_ZONES


def check(estate: Estate, _config: Config) -> Problems:
    linked: set[object] = set()
    doubtful: list[Reference] = []
    for each in estate.of(tokens.ZONE_LINK):
        reference = relations.zone_of(estate, each)
        linked.update(reference.targets)
        doubtful.append(reference)
        if relations.zone_name_of(estate, each) not in PRIVATE_LINK_ZONES:
            continue
        network = each.get("virtualNetwork.id", each.get("virtualNetwork"))
        if network is UNKNOWN and not each.property_dependencies.get("virtualnetwork"):
            yield undetermined(each, "virtualNetwork.id")
        registration = as_bool(each.get("registrationEnabled"))
        if registration is UNKNOWN:
            yield undetermined(each, "registrationEnabled")
        elif registration:
            yield violation(each, f"Link {each.label} registers the network's machines in the registries' zone")
    for each in estate.of(tokens.PRIVATE_ZONE):
        if each.arm_name not in PRIVATE_LINK_ZONES or each in linked:
            continue
        if any(reference.may_mean(each) for reference in doubtful):
            yield undetermined(each, "the zone of a network link")
        else:
            yield violation(
                each, f"Zone {each.label} is linked to no network, so nobody asks it", without=(tokens.ZONE_LINK,)
            )


RULE = Rule(
    id="zone-linked",
    title="The privatelink zone is linked to the clients' networks, without registration",
    severity=Severity.HIGH,
    rationale=(
        "Only networks that are linked to the zone get the private addresses. Automatic registration would mix the "
        "names of machines into a zone that belongs to registries."
    ),
    fix="Add a VirtualNetworkLink for every client network, with registrationEnabled false.",
    fix_template=(
        "Declare a Microsoft.Network/privateDnsZones/virtualNetworkLinks for every client network, with "
        "registrationEnabled false."
    ),
    fix_live="az network private-dns link vnet create --registration-enabled false, for every client network.",
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(mcsb("NS-10"),),
    references=("learn.microsoft.com/azure/dns/private-dns-virtual-network-links",),
    needs=((tokens.PRIVATE_ZONE,), (tokens.ZONE_LINK,)),
    check_estate=check,
    compliant=(
        example("a link", registry(), endpoint(), zone_group(), zone(), link()),
        example("a link into a zone elsewhere", link()),
        example(
            "registration in a zone of something else", zone("corp.example"), link("corp.example", registration=True)
        ),
    ),
    violating=(
        example("no link", registry(), endpoint(), zone_group(), zone()),
        example("a link of another zone", zone(), zone("corp.example", "corp"), link("corp.example")),
        example("registration on", zone(), link(registration=True)),
    ),
)
