"""The VPCs of an estate: how Cloud Enterprise Network connects them, and where they have routes to shared services.

Transit routers carry traffic between VPCs that are attached to the same router, or to two that are peered, where the
attachments are associated with a route table, routes lead to them, learned or written, and each VPC has a route to the
other (alibabacloud.com/help/en/cen/user-guide/how-transit-routers-work, 2026-01). What a document does not show of that
is a condition.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from ...alibaba import limits
from ...estate import alicloud, tokens
from ...estate.model import Estate, Resource
from ...estate.values import as_bool, as_text, as_written, known_items
from ..firewalls import network_of, overlaps
from ..model import Network, Peering, Subnet


@dataclass(frozen=True)
class ServiceRoute:
    """A way of a VPC to shared services of another region.

    ``destination`` is a CIDR of the service range, or a host of a service; empty while it is not known. ``conditions``
    are what must hold for it to lead there.
    """

    destination: str
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vpc(Network):
    """A VPC: a virtual network with a region, empty while it is not known. ``services`` are its ways to the shared
    services of other regions; those of its own it reaches by itself."""

    region: str = ""
    services: tuple[ServiceRoute, ...] = ()


def vpcs(estate: Estate) -> dict[str, Vpc]:
    """The VPCs that the estate declares, or names in links and attachments, by key."""

    def make() -> dict[str, Vpc]:
        found = {alicloud.key_of(each): _declared(estate, each) for each in estate.read_too(tokens.ALI_VPC)}
        attachments = _attachments(estate)
        for attachment in attachments:
            found.setdefault(attachment.vpc, Vpc(attachment.vpc))
        for link in estate.read_too(tokens.ALI_VPC_LINK):
            # Only VPCs of the registry's own region can be bound.
            key = alicloud.refer(estate, link, "vpcId", tokens.ALI_VPC).key
            region = as_text(link.provider.props.get("region"))
            if key and (key not in found or not found[key].region):
                known = found.get(key, Vpc(key))
                found[key] = replace(known, region=region if isinstance(region, str) else "")
        for use in alicloud.zones(estate):
            for key in use.vpcs:
                found.setdefault(key, Vpc(key))
        beside = {pair for here, there in _peered(estate) for pair in ((here, there), (there, here))}
        peerings = _peerings(attachments, beside, {key: vpc.label for key, vpc in found.items()})
        services = _services(estate, attachments, found)
        return {
            key: replace(vpc, peerings=tuple(peerings.get(key, ())), services=tuple(services.get(key, ())))
            for key, vpc in found.items()
        }

    return estate.memo("alibaba_vpcs", make)


def _declared(estate: Estate, vpc: Resource) -> Vpc:
    own = [
        switch
        for switch in estate.read_too(tokens.ALI_VSWITCH)
        if alicloud.refer(estate, switch, "vpcId", tokens.ALI_VPC).one is vpc
    ]
    subnets = tuple(Subnet(alicloud.shown_name(each), _cidrs(each.known("cidrBlock"))) for each in own)
    blocks = (*_cidrs(vpc.known("cidrBlock")), *_cidrs(vpc.known("secondaryCidrBlocks")))
    region = alicloud.region_of(vpc)
    return Vpc(
        alicloud.key_of(vpc),
        alicloud.shown_name(vpc),
        blocks,
        subnets=subnets,
        region=region if isinstance(region, str) else "",
    )


def _cidrs(value: Any) -> tuple[str, ...]:
    return tuple(as_written(each) for each in known_items(value) if as_written(each))


# Cloud Enterprise Network


@dataclass(frozen=True)
class _Attachment:
    """A VPC's attachment: to a transit router, or with ``router`` empty to a network as a whole, which routes by
    itself."""

    vpc: str
    router: str
    cen: str
    resource: Resource
    associated: bool
    led_to: bool
    published: bool


def attached_to(estate: Estate, cen: str) -> tuple[str, ...]:
    """The VPCs that are attached to a CEN instance, by key; every attached one while the instance is not known."""
    found = (each.vpc for each in _attachments(estate) if not cen or each.cen == cen)
    return tuple(dict.fromkeys(found))


def _attachments(estate: Estate) -> list[_Attachment]:
    associated = _named_by(estate, tokens.ALI_ROUTER_ASSOCIATION)
    led_to = _named_by(estate, tokens.ALI_ROUTER_PROPAGATION)
    led_to |= _named_by(estate, tokens.ALI_ROUTER_ROUTE, "transitRouterRouteEntryNextHopId")
    routed = _named_by(estate, tokens.ALI_ROUTE, "nexthopId")
    found: list[_Attachment] = []
    for each in estate.read_too(tokens.ALI_ROUTER_VPC):
        vpc = alicloud.refer(estate, each, "vpcId", tokens.ALI_VPC).key
        router = alicloud.refer(estate, each, "transitRouterId", tokens.ALI_ROUTER).key
        if vpc and router:
            found.append(
                _Attachment(
                    vpc,
                    router,
                    alicloud.refer(estate, each, "cenId", tokens.ALI_CEN).key,
                    each,
                    as_bool(each.known("routeTableAssociationEnabled")) is True or each in associated,
                    as_bool(each.known("routeTablePropagationEnabled")) is True or each in led_to,
                    as_bool(each.known("autoPublishRouteEnabled")) is True or each in routed,
                )
            )
    for each in estate.read_too(tokens.ALI_CEN_ATTACHMENT):
        vpc = alicloud.refer(estate, each, "childInstanceId", tokens.ALI_VPC).key
        cen = alicloud.refer(estate, each, "instanceId", tokens.ALI_CEN).key
        if vpc and cen and as_text(each.known("childInstanceType")) == "vpc":
            found.append(_Attachment(vpc, "", cen, each, True, True, True))
    return found


def _named_by(estate: Estate, kind: str, prop: str = "transitRouterAttachmentId") -> set[Resource]:
    """The attachments that resources of a type name: those that are associated, that routes lead to."""
    found = (
        alicloud.refer(estate, each, prop, tokens.ALI_ROUTER_VPC, tokens.ALI_ROUTER_PEER)
        for each in estate.read_too(kind)
    )
    return {target for each in found for target in each.resources}


def _peered(estate: Estate) -> Iterator[tuple[str, str]]:
    for each in estate.read_too(tokens.ALI_ROUTER_PEER):
        here = alicloud.refer(estate, each, "transitRouterId", tokens.ALI_ROUTER).key
        there = alicloud.refer(estate, each, "peerTransitRouterId", tokens.ALI_ROUTER).key
        if here and there:
            yield here, there


def _peerings(
    attachments: list[_Attachment], beside: set[tuple[str, str]], labels: dict[str, str]
) -> dict[str, list[Peering]]:
    """The connections of each VPC; ``beside`` are pairs of transit routers that are peered."""
    found: dict[str, dict[str, Peering]] = defaultdict(dict)
    for one, other in combinations(attachments, 2):
        if one.vpc == other.vpc or not _meet(one, other, beside):
            continue
        conditions = (*_doubts(one, labels), *_doubts(other, labels))
        for here, there in ((one, other), (other, one)):
            found[here.vpc].setdefault(there.vpc, Peering(there.vpc, conditions=conditions))
    return {vpc: list(held.values()) for vpc, held in found.items()}


def _meet(one: _Attachment, other: _Attachment, beside: set[tuple[str, str]]) -> bool:
    if not one.router or not other.router:
        return bool(one.cen) and one.cen == other.cen
    return one.router == other.router or (one.router, other.router) in beside


def _doubts(attachment: _Attachment, labels: dict[str, str]) -> Iterator[str]:
    label = f"the transit router attachment of {labels.get(attachment.vpc, attachment.vpc)}"
    if not attachment.associated:
        yield f"{label} is associated with a route table of its router"
    if not attachment.led_to:
        yield f"a route table of its router leads to {label}"
    if not attachment.published:
        yield f"the route table of {labels.get(attachment.vpc, attachment.vpc)} leads to its transit router"


# Routes to shared services


def _services(estate: Estate, attachments: list[_Attachment], known: dict[str, Vpc]) -> dict[str, list[ServiceRoute]]:
    found: dict[str, list[ServiceRoute]] = defaultdict(list)
    for each in estate.read_too(tokens.ALI_ROUTE_SERVICE):
        cen = alicloud.refer(estate, each, "cenId", tokens.ALI_CEN).key
        region = as_text(each.known("accessRegionId"))
        for attachment in attachments:
            place = known[attachment.vpc].region
            if attachment.cen == cen and (not place or place == region):
                found[attachment.vpc].append(ServiceRoute(as_written(each.known("host")).lower()))
    carried = _vpc_routes(estate)
    for router, block in _router_routes(estate):
        for attachment in attachments:
            if attachment.router == router and (not block or overlaps(block, str(limits.SERVICE_RANGE))):
                found[attachment.vpc].append(ServiceRoute(block, tuple(_carried(attachment, block, carried, known))))
    return found


def _router_routes(estate: Estate) -> Iterator[tuple[str, str]]:
    """The routes that are written into transit routers: the router's key and the CIDR, empty while it is not known."""
    for each in estate.read_too(tokens.ALI_ROUTER_ROUTE):
        if as_text(each.known("transitRouterRouteEntryNextHopType")) == "blackhole":
            continue
        table = alicloud.refer(estate, each, "transitRouterRouteTableId", tokens.ALI_ROUTER_TABLE)
        router = alicloud.refer(estate, table.one, "transitRouterId", tokens.ALI_ROUTER).key if table.one else ""
        if not router and table.id:
            router = table.id.partition(":")[0]  # joined: the router's id, then the table's
        if router:
            yield router, as_written(each.known("transitRouterRouteEntryDestinationCidrBlock"))


def _vpc_routes(estate: Estate) -> list[tuple[Resource, str]]:
    """The routes of VPCs that lead to an attachment of theirs, with their CIDRs."""
    return [
        (target, as_written(each.known("destinationCidrblock")))
        for each in estate.read_too(tokens.ALI_ROUTE)
        for target in alicloud.refer(estate, each, "nexthopId", tokens.ALI_ROUTER_VPC).resources
    ]


def _carried(
    attachment: _Attachment, block: str, carried: Iterable[tuple[Resource, str]], known: dict[str, Vpc]
) -> Iterator[str]:
    """What must hold for a VPC to send a block to its router; else the service range stays in its own region."""
    wanted = network_of(block)
    blocks = [network_of(each) for resource, each in carried if resource is attachment.resource]
    covered = any(held is not None and wanted is not None and _inside(wanted, held) for held in blocks)
    if not covered and as_bool(attachment.resource.known("autoPublishRouteEnabled")) is not True:
        yield f"the route table of {known[attachment.vpc].label} sends {block or 'that range'} to its transit router"


def _inside(inner: Any, outer: Any) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)
