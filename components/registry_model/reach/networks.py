"""The virtual networks of an estate: subnets with their routes, peerings, DNS servers, and links to private zones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..estate import facts, relations, tokens, told
from ..estate.model import Estate, Resource, Written
from ..estate.values import UNKNOWN, Unknown, as_bool, as_text, as_written, has_unknown, known_items, lookup
from .client_firewalls import dns_proxy, dns_servers, group_only_named, inbound_rules, rules_of
from .firewalls import Firewall, FirewallRule, within
from .model import DnsProxy, Hop, Network, Peering, Route, Subnet, VNetLink

_NOT_CONNECTED = ("initiated", "disconnected")


def links(estate: Estate) -> dict[str, list[VNetLink]]:
    """The networks that each zone is linked to, by the zone's key, for zones of other stacks too."""

    def make() -> dict[str, list[VNetLink]]:
        found: dict[str, list[VNetLink]] = {}
        for link in estate.read_too(tokens.ZONE_LINK):
            zone = relations.zone_key_of(estate, link)
            network = relations.key_of(
                estate, link, link.observed.get("virtualNetwork.id", UNKNOWN), "virtualNetwork", tokens.VIRTUAL_NETWORK
            )
            if zone and network and not facts.stopped(link):
                redirect = as_text(link.observed.get("resolutionPolicy")) == "nxdomainredirect"
                found.setdefault(zone, []).append(VNetLink(network, redirect))
        return found

    return estate.memo("vnet_links", make)


def networks(estate: Estate) -> dict[str, Network]:
    """The networks that the estate declares, or names in peerings and links, by key."""

    def make() -> dict[str, Network]:
        found: dict[str, Network] = {}
        held = _subnets(estate)
        for network in estate.read_too(tokens.VIRTUAL_NETWORK):
            seen = network.observed
            servers, listed = seen.get("dhcpOptions.dnsServers"), seen.get("virtualNetworkPeerings")
            live = network.written is Written.LIVE
            whole = live and isinstance(listed, list) and not has_unknown(listed)
            found[network.key] = Network(
                network.key,
                relations.shown_name(network),
                _texts(seen.get("addressSpace.addressPrefixes")),
                dns_servers=None if servers is UNKNOWN else _texts(servers),
                gap=told.gap(estate, tokens.VIRTUAL_NETWORK) if live and not whole else "",
                # A stack's list is as old as its last refresh, and another stack may have added to it.
                whole=whole,
                live=live,
            )
        sides = _sides(estate)
        named = [*(local for local, _ in sides), *(link.vnet for linked in links(estate).values() for link in linked)]
        for key in named:
            found.setdefault(key, named_only(estate, key))
        labels = {key: network.label for key, network in found.items()}
        listed = _listed(estate)
        proxies = _proxies(estate, found)
        return {
            key: replace(
                network,
                peerings=tuple(_peerings(sides, key, labels, listed)),
                subnets=tuple(each.subnet for each in held.get(key, {}).values()),
                proxies=tuple(proxy for network_key, proxy in proxies if network_key == key),
            )
            for key, network in found.items()
        }

    return estate.memo("networks", make)


def named_only(estate: Estate, key: str) -> Network:
    """A network of which the estate tells nothing but its key."""
    gap = told.gap(estate, tokens.VIRTUAL_NETWORK)
    return Network(key, key.rpartition("/")[2], dns_servers=None, gap=gap, live=estate.coverage is not None)


def _proxies(estate: Estate, networks: dict[str, Network]) -> list[tuple[str, DnsProxy]]:
    """The DNS proxies of the estate's Azure Firewalls with their networks, which their addresses tell."""
    found: list[tuple[str, DnsProxy]] = []
    for firewall in estate.read_too(tokens.FIREWALL):
        seen = dns_proxy(estate, firewall)
        if seen is None:
            continue
        policy, on, servers = seen
        for address in _Appliance.of(estate, firewall).addresses:
            holding = [n for n in networks.values() if any(within(address, block) for block in n.address_space)]
            if len(holding) == 1:  # of several, the address may be another machine's
                proxy = DnsProxy(
                    str.__str__(address), relations.shown_name(firewall), policy.rpartition("/")[2], on, servers
                )
                found.append((holding[0].id, proxy))
    return found


# Subnets


@dataclass(frozen=True)
class EndpointSubnet:
    """A subnet, with what its network policies let hold for the private endpoints in it."""

    subnet: Subnet
    inbound: Firewall | None = None
    routed: bool | None = False


def endpoint_subnet(estate: Estate, network: str, name: str) -> EndpointSubnet | None:
    """The subnet of that name in a network, where the estate declares it."""
    return _subnets(estate).get(network, {}).get(name.lower())


def _subnets(estate: Estate) -> dict[str, dict[str, EndpointSubnet]]:
    """The subnets by network and name: those inside a network, and those of their own, which tell more."""

    def make() -> dict[str, dict[str, EndpointSubnet]]:
        found: dict[str, dict[str, EndpointSubnet]] = defaultdict(dict)
        for network in estate.read_too(tokens.VIRTUAL_NETWORK):
            for inline in known_items(network.observed.get("subnets")):
                name = lookup(inline, "name")
                if isinstance(name, str):
                    made = _subnet(estate, network, inline, str.__str__(name), "subnets")
                    found[network.key][name.lower()] = made
        for subnet in estate.read_too(tokens.SUBNET):
            name = relations.shown_name(subnet)
            made = _subnet(estate, subnet, subnet.observed.props, name, "routeTable")
            found[relations.network_of(estate, subnet)][name.lower()] = made
        return found

    return estate.memo("subnets", make)


def _subnet(estate: Estate, holder: Resource, props: Any, name: str, prop: str) -> EndpointSubnet:
    prefixes = (*_texts(lookup(props, "addressPrefixes")), *_texts(lookup(props, "addressPrefix")))
    routes = ()
    if lookup(props, "routeTable") is not None:
        reference = estate.refer(holder, lookup(props, "routeTable.id", UNKNOWN), prop, tokens.ROUTE_TABLE)
        if reference.target is not None:
            routes = _routes(estate)[reference.target]
        else:
            table = reference.foreign.name if reference.foreign is not None else "(not known yet)"
            routes = (Route("", "", None, table=table, gap=told.gap(estate, tokens.ROUTE_TABLE)),)
    policies = as_text(lookup(props, "privateEndpointNetworkPolicies", "Disabled"))
    inbound = None
    if policies is UNKNOWN or policies in ("enabled", "networksecuritygroupenabled"):
        inbound = inbound_rules(estate, holder, props)
    if inbound is not None and policies is UNKNOWN:
        off = FirewallRule(
            name=f"privateEndpointNetworkPolicies of the subnet '{name}', not known yet", ports=(), unknown=True
        )
        inbound = replace(inbound, rules=(off, *inbound.rules))
    routed = None if policies is UNKNOWN else policies in ("enabled", "routetableenabled")
    private = as_bool(lookup(props, "defaultOutboundAccess")) is False and lookup(props, "natGateway") is None
    group = group_only_named(estate, holder, props)
    where = told.gap(estate, tokens.SECURITY_GROUP)
    gap = f"the rules of the security group '{group}' of the subnet '{name}', {where}, let it out" if group else ""
    return EndpointSubnet(Subnet(name, prefixes, routes, private, gap), inbound, routed)


def _routes(estate: Estate) -> dict[Resource, tuple[Route, ...]]:
    """The routes of each route table: those inside it, and those of their own."""

    def make() -> dict[Resource, tuple[Route, ...]]:
        firewalls = [_Appliance.of(estate, each) for each in estate.read_too(tokens.FIREWALL)]
        found: dict[Resource, dict[str, Route]] = {}
        for table in estate.read_too(tokens.ROUTE_TABLE):
            held = found.setdefault(table, {})
            value = table.observed.get("routes")
            if value is UNKNOWN:
                held[""] = Route("(not known yet)", "", None, table=relations.shown_name(table))
            for inline in known_items(value):
                made = _route(estate, table, inline, table, "routes", firewalls)
                held[made.name.lower()] = made
        for route in estate.read_too(tokens.ROUTE):
            table = relations.route_table_of(estate, route).target
            if table is not None:
                made = _route(estate, route, route.observed.props, table, "nextHopIpAddress", firewalls)
                found.setdefault(table, {})[made.name.lower()] = made
        return {table: tuple(held.values()) for table, held in found.items()}

    return estate.memo("routes", make)


@dataclass(frozen=True)
class _Appliance:
    """An Azure Firewall as a next hop: its addresses, and the prefixes of its subnets while it has none yet."""

    resource: Resource
    addresses: tuple[str, ...]
    prefixes: tuple[str, ...]

    @classmethod
    def of(cls, estate: Estate, firewall: Resource) -> _Appliance:
        configs = known_items(firewall.observed.get("ipConfigurations"))
        held = [*(lookup(each, "privateIPAddress") for each in configs)]
        held.append(firewall.observed.get("hubIPAddresses.privateIPAddress"))
        uses = [
            relations.subnet_at(estate, firewall, lookup(each, "subnet.id"), "ipConfigurations") for each in configs
        ]
        prefixes = tuple(each for use in uses if use is not None for each in _texts(use.prefixes))
        return cls(firewall, tuple(each for each in held if isinstance(each, str)), prefixes)

    def has(self, address: str) -> bool:
        """Whether an address is the firewall's: nothing else can stand in its subnet."""
        if self.addresses:
            return address in self.addresses
        return any(within(address, prefix) for prefix in self.prefixes)


def _route(
    estate: Estate, holder: Resource, props: Any, table: Resource, prop: str, firewalls: list[_Appliance]
) -> Route:
    name = relations.shown_name(holder) if holder.type == tokens.ROUTE else as_written(lookup(props, "name"))
    prefix, hop = as_text(lookup(props, "addressPrefix")), as_text(lookup(props, "nextHopType"))
    address = lookup(props, "nextHopIpAddress")
    if address is UNKNOWN:
        target = estate.refer(holder, address, prop, tokens.FIREWALL).target
        found = [each for each in firewalls if each.resource is target]
    else:
        found = [each for each in firewalls if each.has(as_written(address))]
    firewall = found[0].resource if len(found) == 1 else None
    return Route(
        name or "(unnamed)",
        prefix if isinstance(prefix, str) else "",
        Hop(hop) if hop in list(Hop) else None,
        as_written(address),
        relations.shown_name(firewall) if firewall is not None else "",
        relations.shown_name(table),
        rules_of(estate, firewall) if firewall is not None else None,
        dns_servers(estate, firewall) if firewall is not None else (),
        untold="its rules are "
        + ("" if estate.coverage is None else "not in this folder, ")
        + told.gap(estate, tokens.FIREWALL_RULES),
    )


# Peerings


@dataclass(frozen=True)
class _Side:
    """One side of a peering, as its network declares it."""

    state: Any
    sync: Any
    allows: Any
    only_ipv6: bool
    forwarded: Any
    near: tuple[str, ...] | None
    far: tuple[str, ...] | None


def _sides(estate: Estate) -> dict[tuple[str, str], _Side]:
    """The sides of all peerings by local and remote network."""

    def make() -> dict[tuple[str, str], _Side]:
        found: dict[tuple[str, str], _Side] = {}
        for local, remote, props in _written_sides(estate):
            found.setdefault((local, remote), _side(props))
        return found

    return estate.memo("peering_sides", make)


def _written_sides(estate: Estate) -> Iterator[tuple[str, str, Any]]:
    # A peering of its own shows up in its network's list too, once the network has been refreshed, and is newer.
    for peering in estate.read_too(tokens.PEERING):
        local, props = relations.network_of(estate, peering), peering.observed.props
        yield from _placed(estate, peering, local, props, "remoteVirtualNetwork")
    for network in estate.read_too(tokens.VIRTUAL_NETWORK):
        for inline in known_items(network.observed.get("virtualNetworkPeerings")):
            yield from _placed(estate, network, network.key, inline, "virtualNetworkPeerings")


def _placed(estate: Estate, holder: Resource, local: str, props: Any, prop: str) -> Iterator[tuple[str, str, Any]]:
    value = lookup(props, "remoteVirtualNetwork.id", UNKNOWN)
    remote = relations.key_of(estate, holder, value, prop, tokens.VIRTUAL_NETWORK)
    if local and remote:
        yield local, remote, props


def _side(props: Any) -> _Side:
    partial = as_bool(lookup(props, "peerCompleteVnets", True)) is False
    names = (_texts(lookup(props, "localSubnetNames")), _texts(lookup(props, "remoteSubnetNames")))
    spaces = (
        _texts(lookup(props, "localAddressSpace.addressPrefixes")),
        _texts(lookup(props, "remoteAddressSpace.addressPrefixes")),
    )
    near, far = (tuple(each.lower() for each in (*named, *space)) for named, space in zip(names, spaces, strict=True))
    return _Side(
        as_text(lookup(props, "peeringState")),
        as_text(lookup(props, "peeringSyncLevel")),
        as_bool(lookup(props, "allowVirtualNetworkAccess", True)),
        as_bool(lookup(props, "enableOnlyIPv6Peering", False)) is True,
        as_bool(lookup(props, "allowForwardedTraffic", False)),
        near if partial else None,
        far if partial else None,
    )


def _listed(estate: Estate) -> set[str]:
    """The networks whose document gives the whole list of their peerings."""
    found: set[str] = set()
    for network in estate.read_too(tokens.VIRTUAL_NETWORK):
        value = network.observed.get("virtualNetworkPeerings")
        if isinstance(value, list) and not has_unknown(value):
            found.add(network.key)
    return found


def _peerings(
    sides: dict[tuple[str, str], _Side], network: str, labels: dict[str, str], listed: set[str]
) -> Iterator[Peering]:
    """The peerings of a network, declared on either side; ``listed`` are networks that tell all of theirs."""
    remotes = [b if a == network else a for a, b in sides if network in (a, b)]
    for remote in dict.fromkeys(remotes):
        own, other = sides.get((network, remote)), sides.get((remote, network))
        near = [
            each for side, each in ((own, own and own.near), (other, other and other.far)) if side and each is not None
        ]
        far = [
            each for side, each in ((own, own and own.far), (other, other and other.near)) if side and each is not None
        ]
        here, there = (labels.get(key, key.rpartition("/")[2]) for key in (network, remote))
        written = [(side, *ends) for side, *ends in ((own, here, there), (other, there, here)) if side is not None]
        broken = next((why for side, of, with_ in written if (why := _broken(side, of, with_))), "")
        conditions = [each for side, of, with_ in written for each in _doubts(side, of, with_)]
        for side, key, of, with_ in ((own, network, here, there), (other, remote, there, here)):
            if side is None and key in listed:
                conditions.append(
                    f"the documents contradict each other: {with_} has a peering with {of}, but the list of peerings of"
                    f" {of} does not have it; it is there, is connected and allows access"
                )
            elif side is None:
                conditions.append(
                    f"the peering of {of} with {with_}, not declared here, is connected and allows access"
                )
        forwarded = own.forwarded if own is not None and isinstance(own.forwarded, bool) else None
        yield Peering(remote, broken, tuple(conditions), tuple(near), tuple(far), forwarded)


def _broken(side: _Side, of: str, remote: str) -> str:
    """Why a side of a peering carries nothing; empty where it does."""
    label = f"the peering of {of} with {remote}"
    if side.state in _NOT_CONNECTED:
        return f"{label} is {str(side.state).capitalize()}"
    if side.allows is False:
        return f"{label} has allowVirtualNetworkAccess off"
    return f"{label} is for IPv6 only" if side.only_ipv6 else ""


def _doubts(side: _Side, of: str, remote: str) -> Iterator[str]:
    label = f"the peering of {of} with {remote}"
    if side.allows is UNKNOWN:
        yield f"{label} allows access (allowVirtualNetworkAccess, not known yet)"
    if side.sync not in (None, "fullyinsync") and not isinstance(side.sync, Unknown):
        yield f"{label} covers the endpoint's address although it is not in sync ({side.sync})"


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str.__str__(each).strip() for each in known_items(value) if isinstance(each, str))
