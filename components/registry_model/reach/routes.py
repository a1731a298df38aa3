"""Whether a client's connections arrive at a private endpoint: own network, peerings, user-defined routes.

Peering is not transitive, and carries traffic only when both sides are connected and allow it
(learn.microsoft.com/azure/virtual-network/virtual-network-peering-overview). A private endpoint puts a /32 route into
its own network and those peered with it: a user-defined route takes that traffic only if the network policies of the
endpoint's subnet let routes do so and the route is no wider than the address space of the endpoint's network, or if it
is as narrow as the /32 itself (learn.microsoft.com/azure/private-link/disable-private-endpoint-network-policy and
inspect-traffic-with-azure-firewall, 2026-01). Everything else follows the route with the longest prefix
(learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..azure.names import HTTPS
from .firewalls import (
    ANY_SOURCE,
    Destination,
    Layer,
    Passage,
    before_rule,
    is_address,
    is_everything,
    network_of,
    overlaps,
    passage,
    tag_covers,
    within,
    worst_of,
)
from .model import Client, Hop, Host, HostKind, Location, Network, PrivateEndpoint, Registry, Route, Subnet

# Subnets that Azure keeps for its own services: no client of a registry stands there.
_RESERVED = frozenset(
    {
        "azurefirewallsubnet",
        "azurefirewallmanagementsubnet",
        "azurebastionsubnet",
        "gatewaysubnet",
        "routeserversubnet",
    }
)


@dataclass(frozen=True)
class Way:
    """How a connection goes: through, on conditions, or not, because of ``why``, which ``fix`` would change.

    ``dropped``: by a route without a next hop; ``blocked``: by the rules of a firewall on the way.
    """

    open: bool
    why: str = ""
    fix: str = ""
    conditions: tuple[str, ...] = ()
    dropped: bool = False
    blocked: bool = False


def way_to(registry: Registry, client: Client, endpoint: PrivateEndpoint, address: str = "", host: str = "") -> Way:
    """The way of a client to a private endpoint at ``address``, a placeholder or empty while it is not known.

    ``host`` is the name that it asks for; without it, the rules of firewalls on the way are not looked at.
    """
    network = registry.network(client.vnet) or Network(client.vnet)
    places = stands_in(registry, client)
    return _together(
        [(place, _private(registry, client, network, place, endpoint, address, host)) for place in places], places
    )


def way_out(registry: Registry, client: Client, host: Host) -> Way:
    """The way of a client to the public front ends of a host."""
    places = stands_in(registry, client)
    return _together([(place, _public(registry, client, place, host)) for place in places], places)


def stands_in(registry: Registry, client: Client) -> list[Subnet]:
    """The subnets that a client may stand in; one without name or routes where none is declared."""
    network = registry.network(client.vnet)
    if client.location is not Location.VNET or network is None:
        return [Subnet("")]
    if client.subnets:
        found = [each for each in network.subnets if each.name.lower() in client.subnets]
        return found or [Subnet("")]
    taken = {e.subnet.lower() for e in registry.private_endpoints if e.vnet == network.id}
    free = [s for s in network.subnets if s.name.lower() not in _RESERVED]
    return [s for s in free if s.name.lower() not in taken] or free or [Subnet("")]


def addresses_of(registry: Registry, client: Client) -> tuple[str, ...]:
    """The address ranges that a client may have, by its subnets or else its network; none where nothing tells."""
    if client.source != ANY_SOURCE:
        return tuple(each for each in client.source if network_of(each) is not None)
    places = stands_in(registry, client)
    if all(place.prefixes for place in places):
        return tuple(prefix for place in places for prefix in place.prefixes)
    network = registry.network(client.vnet)
    return network.address_space if network is not None else ()


def _together(found: list[tuple[Subnet, Way]], places: list[Subnet]) -> Way:
    """What becomes of a client that may stand in any of these subnets."""
    ways = [way for _, way in found]
    if len(set(ways)) == 1 or not any(way.open for way in ways):
        return ways[0]
    conditions: list[str] = []
    for place, way in found:
        if not way.open:
            conditions.append(f"it is not in the subnet '{place.name}': {way.why}")
            continue
        everywhere = [c for c in way.conditions if all(c in each.conditions for each in ways if each.open)]
        conditions += everywhere
        conditions += [f"{c} (from the subnet '{place.name}')" for c in way.conditions if c not in everywhere]
    return Way(True, conditions=tuple(dict.fromkeys(conditions)))


# To a private endpoint


def _private(
    registry: Registry,
    client: Client,
    network: Network,
    place: Subnet,
    endpoint: PrivateEndpoint,
    address: str,
    host: str,
) -> Way:
    direct = _direct(registry, client, network, place, endpoint)
    taken = _taken(registry, place, endpoint, address, direct=direct.open)
    if taken is None:
        return direct
    route, certain = taken
    if not certain:
        if route.hop is Hop.NETWORK:
            return direct
        doubt = f"{route.label}{_towards(registry, route)} does not take what goes to '{endpoint.name}'"
        return Way(direct.open, direct.why, direct.fix, (*direct.conditions, doubt) if direct.open else ())
    if route.hop is Hop.NETWORK:
        return direct
    known = address if is_address(address) else ""
    to = [Destination(host, "", True, known, endpoint.prefixes, endpoint.security_groups)] if host else []
    asked = _Asked(to, _sources(network, client, place), endpoint.vnet)
    return _along(registry, network, route, f"has a way to '{_label(registry, endpoint.vnet)}'", asked)


def _direct(registry: Registry, client: Client, network: Network, place: Subnet, endpoint: PrivateEndpoint) -> Way:
    """The way without user-defined routes."""
    if endpoint.vnet and endpoint.vnet in (client.vnet, *client.connected):
        return Way(True)
    label = _label(registry, endpoint.vnet)
    fix = f"peer its network with '{label}', or connect it by VPN or ExpressRoute"
    if registry.public_access is not False:  # else public DNS would lead to the closed side
        fix += "; or let it use public DNS"
    peering = network.peering_with(endpoint.vnet)
    if peering is None:
        # Who stands in no network of the documents has no peering that one could tell of.
        own = registry.network(client.vnet)
        doubt = _maybe_peered(own, registry.network(endpoint.vnet)) if own is not None else ""
        if doubt:
            return Way(True, conditions=(doubt,))
        return Way(False, "the client has no route there", fix)
    if peering.broken:
        return Way(False, f"the client has no route there: {peering.broken}", "mend that peering, on both sides")
    found = [
        *_covered(peering.near, place.name, place.prefixes, f"its subnet{_quoted(place.name)}"),
        *_covered(
            peering.far, endpoint.subnet, endpoint.prefixes, f"the subnet{_quoted(endpoint.subnet)} of '{label}'"
        ),
    ]
    for covered, what in found:
        if covered is False:
            why = f"the client has no route there: its network is peered with some subnets only, and {what} is not one"
            return Way(False, why, "add the subnet to that peering, on both sides")
    doubts = [f"{what} is one of the subnets that are peered" for covered, what in found if covered is None]
    return Way(True, conditions=(*peering.conditions, *dict.fromkeys(doubts)))


def _maybe_peered(one: Network, other: Network | None) -> str:
    """What must hold for a peering of two networks of which the documents show none; empty where there is none.

    A peering has two sides: a network that tells all of its own has no other.
    """
    if other is None or one.whole or other.whole or not (one.gap or other.gap):
        return ""
    return f"{one.label} is peered with {other.label}, {one.gap or other.gap}"


def _quoted(name: str) -> str:
    return f" '{name}'" if name else ""


def _covered(
    lists: tuple[tuple[str, ...], ...], name: str, prefixes: tuple[str, ...], what: str
) -> list[tuple[bool | None, str]]:
    """Whether each list of peered subnets, by names and prefixes, has a subnet."""
    return [(_in_list(held, name, prefixes), what) for held in lists]


def _in_list(held: tuple[str, ...], name: str, prefixes: tuple[str, ...]) -> bool | None:
    if name and name.lower() in held:
        return True
    blocks = [each for each in held if network_of(each) is not None]
    if prefixes and all(any(within(prefix, block) for block in blocks) for prefix in prefixes):
        return True
    by_name = len(blocks) < len(held)
    return False if (prefixes if blocks and not by_name else name) else None


def _taken(
    registry: Registry, place: Subnet, endpoint: PrivateEndpoint, address: str, *, direct: bool
) -> tuple[Route, bool] | None:
    """The user-defined route that takes what goes to an endpoint, and whether that is certain; None if none does."""
    found: list[tuple[int, bool, Route]] = []
    for route in place.routes:
        covered = _covers(route, endpoint, address)
        if covered is False:
            continue
        beats = _beats(registry, route, endpoint, address) if direct else True
        if beats is not False:
            length = block.prefixlen if (block := network_of(route.prefix)) is not None else 0
            found.append((length, covered is True and beats is True, route))
    if not found:
        return None
    _, certain, best = max(found, key=lambda each: each[0])
    return best, certain and best.hop is not None


def _covers(route: Route, endpoint: PrivateEndpoint, address: str) -> bool | None:
    """Whether a route's prefix holds the endpoint's address; None while that cannot be told."""
    if not route.prefix:
        return None
    if network_of(route.prefix) is None:
        return False  # a service tag: public addresses
    if is_address(address):
        return within(address, route.prefix)
    if is_everything(route.prefix):
        return True
    if not endpoint.prefixes:
        return None
    if all(within(prefix, route.prefix) for prefix in endpoint.prefixes):
        return True
    return None if any(overlaps(prefix, route.prefix) for prefix in endpoint.prefixes) else False


def _beats(registry: Registry, route: Route, endpoint: PrivateEndpoint, address: str) -> bool | None:
    """Whether a route replaces the endpoint's own /32 route."""
    block = network_of(route.prefix)
    if block is None:
        return None
    if block.prefixlen == block.max_prefixlen:
        return True if is_address(address) else None
    if is_everything(route.prefix) or endpoint.routed is False:
        return False
    network = registry.network(endpoint.vnet)
    spaces = network.address_space if network is not None else ()
    holding = [s for s in spaces if is_address(address) and within(address, s)] or list(spaces)
    wide = [(space := network_of(each)) is not None and block.prefixlen < space.prefixlen for each in holding]
    if holding and all(wide):
        return False
    return None if endpoint.routed is None or not holding or any(wide) else True


@dataclass(frozen=True)
class _Asked:
    """What a connection asks of a firewall on its way: from where it comes and to what it goes, ``vnet`` the network
    that it is to arrive in, empty for the internet."""

    to: Sequence[Destination]
    source: tuple[str, ...]
    vnet: str = ""


def _along(registry: Registry, network: Network, route: Route, beyond: str, asked: _Asked) -> Way:
    """Where a route leads."""
    if route.hop is Hop.NONE:
        return Way(
            False, f"{route.label} drops the traffic (next hop None)", "remove or narrow that route", dropped=True
        )
    if route.hop is Hop.INTERNET:
        return Way(False, f"{route.label} sends the traffic to the internet", "remove or narrow that route")
    if route.hop is Hop.GATEWAY:
        return Way(True, conditions=(f"the gateway to which {route.label} sends the traffic {beyond}",))
    conditions: list[str] = []
    at = _place_of(registry, route.address, network)
    if at is not None and at.id != network.id:
        peering = network.peering_with(at.id)
        if peering is not None and peering.broken:
            why = f"{route.label} sends the traffic to {_appliance(route)}, and {peering.broken}"
            return Way(False, why, "mend that peering, on both sides")
        conditions += peering.conditions if peering is not None else ()
    where = f"{_appliance(route)}{f' in {at.label}' if at is not None else ''}"
    found = None
    if route.firewall is not None:
        found = worst_of(passage(route.firewall, each, asked.source) for each in asked.to)
    if found is None or (found.allowed is False and registry.assumed):
        untold = f" ({route.untold})" if route.appliance and route.untold and found is None else ""
        doubt = f"lets it through{untold} and {beyond}"
    elif found.allowed is False:
        why = f"{route.label} sends the traffic to {where}, which blocks it: {found.reason}"
        hosts = " and ".join(dict.fromkeys(each.host for each in asked.to))
        fix = f"allow {hosts} on TCP {HTTPS} in that firewall{before_rule(found)}"
        return Way(False, why, fix, blocked=True)
    elif found.allowed is None:
        doubt = f"lets it through ({found.reason}) and {beyond}"
    else:
        arrives = not asked.vnet or (at is not None and asked.vnet in (at.id, *at.peered))
        doubt = "" if arrives else beyond
        snat = route.firewall is not None and route.firewall.snat
        if asked.vnet and found.by is not None and found.by.layer is Layer.NETWORK and not snat:
            back = _as_it_came(registry, route, at, asked.vnet)
            if not back.open:
                return back
            conditions += back.conditions
    if doubt:
        conditions.append(f"{where}, to which {route.label} sends it, {doubt}")
    return Way(True, conditions=tuple(conditions))


def _as_it_came(registry: Registry, route: Route, at: Network | None, vnet: str) -> Way:
    """What becomes of traffic that a firewall in ``at`` passes on with the client's own address, as network rules do.

    A network lets in what a peer forwards for others only if its own side of the peering has allowForwardedTraffic
    (learn.microsoft.com/azure/virtual-network/virtual-network-manage-peering), and the endpoint's answers do not find
    the firewall again by themselves, so that Azure asks for SNAT or application rules
    (learn.microsoft.com/azure/private-link/inspect-traffic-with-azure-firewall; both 2026-01).
    """
    conditions: list[str] = []
    there = registry.network(vnet)
    if at is not None and there is not None and at.id != vnet:
        peering = there.peering_with(at.id)
        side = f"the peering of {there.label} with {at.label}"
        if peering is not None and peering.forwarded is False:
            why = (
                f"{route.label} sends the traffic to {_appliance(route)}, whose network rule passes it on as it came,"
                f" and {side} has allowForwardedTraffic off"
            )
            return Way(False, why, f"turn allowForwardedTraffic on in {side}, or allow the hosts in application rules")
        if peering is not None and peering.forwarded is None:
            conditions.append(f"{side} has allowForwardedTraffic on")
    conditions.append(
        f"the endpoint's answers come back through {_appliance(route)}: its network rule keeps the client's address,"
        " and Azure asks for SNAT or application rules there"
    )
    return Way(True, conditions=tuple(conditions))


def _sources(network: Network, client: Client, place: Subnet) -> tuple[str, ...]:
    """The address ranges that a client in a subnet may have."""
    if client.source != ANY_SOURCE:
        return tuple(each for each in client.source if network_of(each) is not None)
    return place.prefixes or network.address_space


def _appliance(route: Route) -> str:
    if route.appliance:
        return f"the firewall '{route.appliance}'" + (f" ({route.address})" if route.address else "")
    return f"the appliance {route.address}" if route.address else "the appliance"


def _towards(registry: Registry, route: Route) -> str:
    if route.hop is Hop.APPLIANCE:
        at = _place_of(registry, route.address, None)
        return f" to {_appliance(route)}" + (f" in {at.label}" if at is not None else "")
    return f" (next hop {route.hop})" if route.hop is not None else ""


def _place_of(registry: Registry, address: str, near: Network | None) -> Network | None:
    """The network that holds an address: a client's own, else one that it is peered with, else any."""
    holding = [n for n in registry.networks if any(within(address, block) for block in n.address_space)]
    if near is not None:
        holding.sort(key=lambda n: (n.id != near.id, near.peering_with(n.id) is None))
    return next(iter(holding), None)


def public_destinations(host: Host) -> list[Destination]:
    """The front end of each region that may answer for a host, at public addresses."""
    return [Destination(host.name, region, storage=host.kind is HostKind.STORAGE) for region in host.regions]


def private_destinations(host: Host, endpoint: PrivateEndpoint) -> list[Destination]:
    """Where a host is at a private endpoint; empty where the endpoint does not serve it."""
    address = endpoint.address_of(host.name)
    if address is None:
        return []
    known = address if is_address(address) else ""
    return [Destination(host.name, "", True, known, endpoint.prefixes, endpoint.security_groups)]


# To the public front ends


def _public(registry: Registry, client: Client, place: Subnet, host: Host) -> Way:
    """Where the routes of a subnet send what goes to Azure's public addresses."""
    route = _public_route(place, host)
    if route is None or route.hop in (Hop.INTERNET, Hop.NETWORK):
        # A machine may have a public address of its own, or stand behind a load balancer with outbound rules.
        way_out = f"it has a way to the internet of its own, since the subnet '{place.name}' is private"
        return Way(True, conditions=(way_out,) if place.private else ())
    network = registry.network(client.vnet) or Network(client.vnet)
    if route.hop is None:
        return Way(True, conditions=(f"{route.label} leads to the internet",))
    asked = _Asked(public_destinations(host), _sources(network, client, place))
    return _along(registry, network, route, "reaches the internet", asked)


@dataclass(frozen=True)
class Relay:
    """An Azure Firewall to which a client's public traffic goes: where it stands, and how a message names the way."""

    place: Subnet
    network: Network
    route: Route
    label: str
    passage: Passage | None
    conditions: tuple[str, ...] = ()


def relays(registry: Registry, client: Client, host: Host) -> list[Relay | None]:
    """For each subnet that a client may stand in, the Azure Firewall of the estate that its route to the internet leads
    to; None where there is none, or none that a peering leads to."""
    network = registry.network(client.vnet)
    if client.location is not Location.VNET or network is None:
        return []
    return [_relay(registry, client, network, place, host) for place in stands_in(registry, client)]


def _relay(registry: Registry, client: Client, network: Network, place: Subnet, host: Host) -> Relay | None:
    route = _public_route(place, host)
    if route is None or route.hop is not Hop.APPLIANCE or not route.appliance:
        return None
    at = _place_of(registry, route.address, network)
    peering = network.peering_with(at.id) if at is not None else None
    if at is None or (at.id != network.id and (peering is None or peering.broken)):
        return None
    found = None
    if route.firewall is not None:
        source = _sources(network, client, place)
        found = worst_of(passage(route.firewall, each, source) for each in public_destinations(host))
    label = f"{_appliance(route)} in {at.label}, to which {route.label} sends it"
    return Relay(place, at, route, label, found, peering.conditions if peering is not None else ())


def _public_route(place: Subnet, host: Host) -> Route | None:
    """The route of a subnet to Azure's public addresses; a service tag is narrower than all."""
    tags = [r for r in place.routes if r.prefix and network_of(r.prefix) is None and _tagged(r.prefix, host)]
    everything = [r for r in place.routes if is_everything(r.prefix)]
    untold = [r for r in place.routes if not r.prefix]
    return next(iter([*tags, *everything, *untold]), None)


def _tagged(tag: str, host: Host) -> bool:
    return all(tag_covers(tag, region, storage=host.kind is HostKind.STORAGE) for region in host.regions)


def _label(registry: Registry, vnet: str) -> str:
    network = registry.network(vnet)
    return network.label if network is not None else vnet
