"""The client firewalls of Alibaba Cloud that an estate declares: security groups of ECS, and Cloud Firewall.

Security groups (alibabacloud.com/help/en/ecs/user-guide/security-group-rules, 2026-11): outbound rules by priority, 1
first; of two with one priority that differ in the action alone the denying one counts. What no rule matches, a basic
group allows and an enterprise one denies. An instance may be in several groups of one type, whose rules are judged
together; each group is judged alone here.

Cloud Firewall (alibabacloud.com/help/en/cloud-firewall/cloudfirewall/user-guide/overview-of-access-control-policies and
…/how-access-control-policies-work-1, 2026-11): policies by priority, 1 first; what none matches is allowed. It calls
TLS on 443 HTTPS. A domain with an asterisk matches the name that a client asks for, never what that resolves to.
The Internet border and NAT gateways see what goes to the internet, a VPC firewall what goes from one VPC to another.

Registries answer over IPv4 here: rules for IPv6 match nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ...estate import alicloud, tokens
from ...estate.model import Estate, Resource
from ...estate.values import UNKNOWN, Unknown, as_list, as_text, as_written, known_items
from ..firewalls import ANY_SOURCE, Destination, Firewall, FirewallRule, Kind, Layer, is_everything, network_of, passage
from .model import AlibabaRegistry
from .networks import attached_to

_LOWEST = 1 << 31
_ALLOWED = FirewallRule(addresses=("*",), ports=(), name="what no policy matches is allowed", default=True)
_GROUP_DEFAULTS = {
    "normal": FirewallRule(addresses=("*",), ports=(), name="a basic group allows what goes out", default=True),
    "enterprise": FirewallRule(
        addresses=("*",), ports=(), allow=False, name="an enterprise group denies what goes out", default=True
    ),
}


@dataclass(frozen=True)
class _Placed:
    """A rule, and its place among the others; ``order`` is None where nothing that is declared tells it."""

    rule: FirewallRule
    order: int | None


def client_firewalls(estate: Estate) -> list[Firewall]:
    """Every firewall of Alibaba Cloud whose rules the estate declares, each worked out once."""
    return estate.memo("alibaba_firewalls", lambda: [*_groups(estate), *_cloud_firewalls(estate)])


def meant_for(estate: Estate, registry: AlibabaRegistry) -> list[Firewall]:
    """The firewalls that have a word about a registry's hosts: one that a rule lets through, or a rule that stops them.

    A rule for every address says nothing of a registry: by itself it makes a firewall nobody's allow-list.
    """
    to = [each for _, destinations in registry.connections() for each in destinations]
    return [firewall for firewall in client_firewalls(estate) if any(_about(rule, to) for rule in firewall.rules)]


def _about(rule: FirewallRule, to: Iterable[Destination]) -> bool:
    if rule.default or any(is_everything(each) for each in rule.addresses):
        return False
    alone = Firewall("", (replace(rule, sources=ANY_SOURCE, allow=True),))
    said = (passage(alone, each) for each in to)
    return any(each.by is not None or each.unclear for each in said)


# Security groups


def _groups(estate: Estate) -> Iterator[Firewall]:
    held: dict[str, list[_Placed]] = defaultdict(list)
    declared: dict[str, Resource] = {}
    for rule in estate.read_too(tokens.ALI_SECURITY_RULE):
        group = alicloud.refer(estate, rule, "securityGroupId", tokens.ALI_SECURITY_GROUP)
        if group.key and as_text(rule.known("type")) in ("egress", UNKNOWN):
            if group.one is not None:
                declared[group.key] = group.one
            held[group.key] += _group_rule(rule)
    for key, rules in held.items():
        group = declared.get(key)
        # At one priority the denying rule counts.
        ordered = sorted(rules, key=lambda each: (each.order or 0, each.rule.allow is not False))
        vpc = alicloud.refer(estate, group, "vpcId", tokens.ALI_VPC).key if group is not None else ""
        yield Firewall(
            alicloud.shown_name(group) if group is not None else key,
            (*(each.rule for each in ordered), _group_default(group)),
            Kind.ECS_SECURITY_GROUP,
            (vpc,) if vpc else (),
        )


def _group_default(group: Resource | None) -> FirewallRule:
    kind = as_text(group.known("securityGroupType")) if group is not None else UNKNOWN
    known = _GROUP_DEFAULTS.get("normal" if kind is None else str(kind))
    return known or FirewallRule(addresses=("*",), ports=(), allow=None, name="of its type", default=True)


def _group_rule(rule: Resource) -> Iterator[_Placed]:
    block, books = rule.known("cidrIp"), rule.known("prefixListId")
    if block is None and books is None:
        return  # for IPv6, or between security groups, of which a registry is in none
    protocol = as_text(rule.known("ipProtocol"))
    tcp = None if protocol is UNKNOWN or as_text(rule.known("type")) is UNKNOWN else protocol in ("tcp", "all")
    priority = rule.known("priority")
    made = FirewallRule(
        addresses=(as_written(block),) if as_written(block) else (),
        ports=_ports(rule.known("portRange")),
        tcp=tcp,
        allow=_action(rule.known("policy"), "accept"),
        layer=Layer.NETWORK,
        unknown=not as_written(block),
        name=as_written(rule.known("description")) or rule.name,
        origin=rule,
    )
    yield _Placed(made, int(priority) if isinstance(priority, int | float) else 1)


# Cloud Firewall


def _cloud_firewalls(estate: Estate) -> Iterator[Firewall]:
    books = {as_written(book.get("groupName")): book for book in estate.read_too(tokens.ALI_ADDRESS_BOOK)}
    held: dict[tuple[Kind, str, tuple[str, ...]], list[_Placed]] = defaultdict(list)
    orders = _orders(estate)
    for policy in estate.read_too(tokens.ALI_FIREWALL_POLICY):
        if as_text(policy.known("direction")) == "in" or as_text(policy.known("release")) == "false":
            continue
        if as_written(policy.known("ipVersion")) != "6":
            held[_border(estate, policy)].append(_Placed(_policy_rule(policy, books), _order(policy, orders)))
    for (kind, name, vpcs), placed in held.items():
        yield Firewall(name, (*_ordered(placed), _ALLOWED), kind, vpcs)


def _border(estate: Estate, policy: Resource) -> tuple[Kind, str, tuple[str, ...]]:
    """The firewall that a policy is of, and the VPCs whose clients pass it, where that is known."""
    if policy.get("natGatewayId") is not None:
        gateway = alicloud.refer(estate, policy, "natGatewayId", tokens.ALI_NAT_GATEWAY)
        vpc = alicloud.refer(estate, gateway.one, "vpcId", tokens.ALI_VPC).key if gateway.one is not None else ""
        name = alicloud.shown_name(gateway.one) if gateway.one is not None else gateway.id
        return Kind.CLOUD_FIREWALL, f"the NAT firewall of {name or policy.name}", (vpc,) if vpc else ()
    if policy.get("vpcFirewallId") is not None:
        network = alicloud.refer(estate, policy, "vpcFirewallId", tokens.ALI_CEN)
        name = alicloud.shown_name(network.one) if network.one is not None else network.id
        return Kind.VPC_FIREWALL, f"the VPC firewall of {name or policy.name}", attached_to(estate, network.key)
    return Kind.CLOUD_FIREWALL, "the Internet firewall", ()


def _policy_rule(policy: Resource, books: dict[str, Resource]) -> FirewallRule:
    hosts, addresses, unknown = _destination(policy, books)
    sources = _source(policy, books)
    tcp, ports = _all_of(policy, books)
    return FirewallRule(
        hosts=hosts,
        addresses=addresses,
        ports=ports,
        tcp=None if tcp is not False and sources is None else tcp,
        allow=_action(policy.known("aclAction"), "accept", "log"),
        layer=Layer.APPLICATION if hosts else Layer.NETWORK,
        sources=sources or ANY_SOURCE,
        unknown=unknown,
        name=as_written(policy.known("description")) or policy.name,
        origin=policy,
    )


def _destination(policy: Resource, books: dict[str, Resource]) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """The hosts and addresses of a policy, and whether more of them are not known."""
    kind, written = as_text(policy.known("destinationType")), as_written(policy.known("destination"))
    if kind is UNKNOWN and network_of(written) is None:
        return (written,) if written else (), (), True
    if not written or kind in ("location", UNKNOWN):
        return (), (), True
    if kind == "net":
        return (), (written,), False
    names, whole = _listed(books.get(written)) if kind == "group" else ((written,), True)
    book = as_text(books[written].known("groupType")) if kind == "group" and written in books else None
    if kind == "group" and book != "domain":
        return (), names, not whole
    by_address = as_text(policy.known("domainResolveType")) in ("dns", "1", "1.0")
    return tuple(each for each in names if not (by_address and "*" in each)), (), not whole


def _source(policy: Resource, books: dict[str, Resource]) -> tuple[str, ...] | None:
    """The clients that a policy is for; None while they are not known."""
    kind, written = as_text(policy.known("sourceType")), as_written(policy.known("source"))
    if kind == "group":
        names, whole = _listed(books.get(written))
        return names if whole and names else None
    return (written,) if kind == "net" and written else None


def _listed(book: Resource | None) -> tuple[tuple[str, ...], bool]:
    """What an address book holds, and whether that is all of it."""
    items = as_list(book.known("addressLists")) if book is not None else UNKNOWN
    if isinstance(items, Unknown):
        return (), False
    return tuple(as_written(each) for each in known_items(items)), UNKNOWN not in items


def _all_of(policy: Resource, books: dict[str, Resource]) -> tuple[bool | None, tuple[str, ...]]:
    """Whether a policy is for HTTPS, as far as protocol, application and the time of day go, and its ports."""
    protocol = as_text(policy.known("proto"))
    listed = policy.known("applicationNameLists")
    applications = as_list(listed) if listed is not None else [policy.known("applicationName")]
    told = [as_text(each) for each in applications] if isinstance(applications, list) else [UNKNOWN]
    carried = not set(told).isdisjoint({"any", "https", None})
    answers: list[bool | None] = [None if protocol is UNKNOWN else protocol in ("any", "tcp", None)]
    answers.append(True if carried else None if UNKNOWN in told or "ssl" in told else False)
    if as_text(policy.known("repeatType")) not in ("permanent", None):
        answers.append(None)
    if as_text(policy.known("destPortType")) == "group":
        names, whole = _listed(books.get(as_written(policy.known("destPortGroup"))))
        ports = tuple(port for each in names for port in _ports(each))
        answers.append(None if not whole else True)
    else:
        ports = _ports(policy.known("destPort"))
    return False if False in answers else None if None in answers else True, ports


def _orders(estate: Estate) -> dict[str, Any]:
    """The places that the estate gives to policies of the Internet border, by what names them."""
    found: dict[str, Any] = {}
    for each in estate.read_too(tokens.ALI_FIREWALL_ORDER):
        target = alicloud.refer(estate, each, "aclUuid", tokens.ALI_FIREWALL_POLICY)
        for key in (*(one.urn for one in target.resources), target.id):
            found[key] = each.known("order")
    return found


def _order(policy: Resource, orders: dict[str, Any]) -> int | None:
    """A policy's place; None where it is added after those that are there, whenever that is."""
    own = next((value for key in ("order", "newOrder") if (value := policy.known(key)) is not None), None)
    named = orders.get(policy.urn, orders.get(as_written(policy.observed.get("aclUuid")) or policy.urn))
    written = str(as_text(own if own is not None else named)).removesuffix(".0")
    return int(written) if written.isdigit() else None  # -1 is the lowest priority


def _ordered(placed: list[_Placed]) -> Iterator[FirewallRule]:
    """Rules in order. Of several without one, of which some allow and some deny, nobody can tell which comes first."""
    loose = [each.rule for each in placed if each.order is None]
    disputed = len({rule.allow for rule in loose}) > 1
    for each in sorted(placed, key=lambda each: _LOWEST if each.order is None else each.order):
        doubtful = disputed and each.order is None and each.rule.tcp
        yield replace(each.rule, tcp=None, name=f"{each.rule.name} (order not told)") if doubtful else each.rule


# What both have


def _action(value: Any, *allowing: str) -> bool | None:
    text = as_text(value)
    return None if text is UNKNOWN else text is None or text in allowing


def _ports(value: Any) -> tuple[str, ...]:
    """Port ranges as ``443/443`` in the form of rules; empty for every port."""
    written = [each.strip().replace("/", "-") for each in as_written(value).split(",")]
    every = {"", "-1--1", "0-0", "1-65535", "0-65535"}
    return () if any(each in every for each in written) else tuple(written)
