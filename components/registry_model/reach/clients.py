"""The places that a client of a registry may stand in, and what each asks for names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..azure import names
from .alibaba import clients as alibaba
from .alibaba.model import AlibabaRegistry
from .firewalls import (
    ANY_SOURCE,
    Destination,
    Firewall,
    Kind,
    is_address,
    network_of,
    sources_inside,
    sources_of,
    tells_apart,
    within,
)
from .model import (
    PUBLIC_RESOLVER,
    Client,
    DnsProxy,
    Location,
    Model,
    Network,
    Registry,
    VNetLink,
    Zone,
)
from .routes import private_destinations, public_destinations

if TYPE_CHECKING:
    from .kinds import AnyRegistry

_PEERED_NETWORK = "(a peered network)"
_ANY_OTHER_NETWORK = "(another network)"


def model_of(registry: AnyRegistry) -> Model:
    """The registry with its default clients."""
    return Model(registry, tuple(default_clients(registry)))


def default_clients(registry: AnyRegistry) -> list[Client]:
    """Every place that a client of this registry may stand in, one client for each.

    The networks of the estate, then the places that no document declares: peered networks with and without the zone, a
    network linked to another team's zone of the same name, on-premises with and without a forwarder, the internet (any
    address, and one of each IP rule), a trusted service, and the clients behind each client firewall. Names do not
    depend on the answer, so two models of one registry can be compared. A registry of Alibaba Cloud has its own places;
    for one that is known by name alone a single client stands for all.
    """
    if isinstance(registry, AlibabaRegistry):
        return alibaba.default_clients(registry)
    if registry.by_name:
        return [Client("any client", Location.INTERNET)]
    homes = tuple(dict.fromkeys(e.vnet for e in registry.private_endpoints))
    linked = _linked(registry)
    forwarder = next((v for v in linked if _routes(registry, v) & set(homes)), next(iter(linked), PUBLIC_RESOLVER))
    other_zone = Zone(registry.cloud.private_link_zone, links=(VNetLink(_ANY_OTHER_NETWORK),), id="another team's zone")
    clients = [_vm(registry, network) for network in registry.networks]
    clients += [
        Client("VM in a peered network, with the zone", Location.VNET, _PEERED_NETWORK, homes, forwarder),
        Client("VM in a peered network, without the zone", Location.VNET, _PEERED_NETWORK, homes, _PEERED_NETWORK),
        Client(
            f"VM in a network linked to another {registry.cloud.private_link_zone}",
            Location.VNET,
            _ANY_OTHER_NETWORK,
            resolver=_ANY_OTHER_NETWORK,
            other_zones=(other_zone,),
        ),
        Client(
            "on-premises, forwarding DNS into a linked network",
            Location.ON_PREMISES,
            "",
            homes,
            forwarder,
            conditions=_lines_to(registry, homes),
        ),
        Client("on-premises, public DNS", Location.ON_PREMISES, "", homes),
        Client("internet, any address", Location.INTERNET),
        *(
            Client(f"internet, from {rule}", Location.INTERNET, public_ip=rule)
            for rule in dict.fromkeys(registry.ip_rules or ())
        ),
        Client("trusted Azure service", Location.TRUSTED_SERVICE),
    ]
    for firewall in registry.firewalls:
        if not told_by_its_networks(registry, firewall):
            clients += clients_behind(registry, firewall)
    return clients


def _lines_to(registry: Registry, homes: tuple[str, ...]) -> tuple[str, ...]:
    """What must hold for a site to have a way to the endpoints' networks.

    A folder of what Azure lists tells of no connection: a subnet for a gateway does not show that one is there. A stack
    may leave the gateway to another: there the row's own name says enough.
    """
    listed = [network for vnet in homes if (network := registry.network(vnet)) is not None and network.live]
    return (f"a VPN or ExpressRoute leads to {' or '.join(each.label for each in listed)}",) if listed else ()


def told_by_its_networks(registry: Registry, firewall: Firewall) -> bool:
    """Whether the rows of the networks tell all of a firewall, so that a row of its own would say less, or other.

    Routes that lead to an Azure Firewall tell who is behind it; a security group on nothing but the subnets of private
    endpoints has no client behind it.
    """
    if firewall.kind is Kind.SECURITY_GROUP:
        endpoints = {(e.vnet, e.subnet.lower()) for e in registry.private_endpoints}
        return bool(firewall.subnets) and endpoints.issuperset(firewall.subnets)
    routes = (route for network in registry.networks for subnet in network.subnets for route in subnet.routes)
    return any(each.firewall is not None and each.firewall.rules == firewall.rules for each in routes)


def clients_behind(registry: Registry, firewall: Firewall) -> list[Client]:
    """The clients whose traffic passes a firewall: one for each network that it stands in, and for each group of
    sources that its rules tell apart."""
    hosts = registry.hosts()
    to = [d for host in hosts for d in public_destinations(host)]
    to += [d for host in hosts for e in registry.private_endpoints for d in private_destinations(host, e)]
    networks = [network for vnet in firewall.vnets if (network := registry.network(vnet)) is not None]
    # The address that the firewall hides its clients behind is not declared; the first IP rule stands for it, so that
    # the verdict speaks of the firewall's rules.
    address = next(iter(registry.ip_rules or ()), None)
    clients: list[Client] = []
    for network in networks or [None]:
        groups = (
            [((), group) for group in sources_of(firewall, to)] if network is None else _groups(firewall, network, to)
        )
        for subnets, group in groups:
            which = f" in {network.label}" if len(networks) > 1 and network is not None else ""
            if len(groups) > 1:
                which += f", from {', '.join(group) if group != ANY_SOURCE else 'anywhere'}"
            name, key = (f"client behind {called}{which}" for called in (firewall.label, firewall.name))
            if network is None:
                made = Client(name, Location.INTERNET, public_ip=address, firewall=firewall, source=group, key=key)
                clients.append(made)
                continue
            stands = replace(_vm(registry, network), name=name, subnets=subnets, key=key)
            clients.append(replace(stands, public_ip=address, firewall=firewall, source=group))
    return clients


def _groups(
    firewall: Firewall, network: Network, to: list[Destination]
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The groups of clients of a firewall in a network: the subnets that they may stand in, and their sources.

    Where its rules tell sources apart, the addresses of a subnet say which rules are about its clients.
    """
    names_held = tuple(subnet for vnet, subnet in firewall.subnets if vnet == network.id)
    places = [subnet for subnet in network.subnets if subnet.name.lower() in names_held]
    if not tells_apart(firewall) or not places or not all(place.prefixes for place in places):
        return [(names_held, group) for group in sources_of(firewall, to)]
    return [
        ((place.name.lower(),), group) for place in places for group in sources_inside(firewall, to, place.prefixes)
    ]


def _linked(registry: Registry) -> list[str]:
    """The networks that are linked to a zone of the registries, those first whose links this stack declares."""
    zone = registry.cloud.private_link_zone
    found = [link for each in registry.zones if each.name == zone for link in each.links]
    return [link.vnet for link in sorted(found, key=lambda link: not link.declared)]


def _vm(registry: Registry, network: Network) -> Client:
    proxies = [_proxy(registry, server) for server in network.dns_servers or ()]
    off = [proxy for proxy in proxies if proxy is not None and not proxy.on]
    if off and len(off) == len(proxies):
        return Client(f"VM in {network.label}", Location.VNET, vnet=network.id, mute=off[0])
    if off:  # clients ask the next server where one does not answer
        muted = {proxy.address for proxy in off}
        network = replace(network, dns_servers=tuple(s for s in network.dns_servers or () if s not in muted))
    resolver, conditions = resolver_of(registry, network)
    return Client(f"VM in {network.label}", Location.VNET, vnet=network.id, resolver=resolver, conditions=conditions)


def _proxy(registry: Registry, server: str) -> DnsProxy | None:
    """The DNS proxy of an Azure Firewall that a DNS server's address is; None where it is none."""
    return next((proxy for each in registry.networks for proxy in each.proxies if proxy.address == server), None)


def resolver_of(registry: Registry, network: Network) -> tuple[str, tuple[str, ...]]:
    """The network whose resolver answers a network's clients, and what must hold for that to be so.

    A custom DNS server answers as the network that it stands in does, if it asks Azure's resolver there
    (learn.microsoft.com/azure/private-link/private-endpoint-dns-integration).
    """
    if network.gap:
        untold = f"the DNS servers, routes and security groups of {network.label}, {network.gap}"
        return network.id, (f"{untold}, lead it to Azure's resolver and to the endpoint",)
    if network.dns_servers is None:
        return network.id, (f"the DNS servers of {network.label}, not known yet, ask Azure's resolver",)
    if not network.dns_servers:
        return network.id, ()
    found = [(server, *_asked(registry, network, server)) for server in network.dns_servers]
    server, resolver, condition = found[0]
    conditions = [condition] if condition else []
    # Clients ask the first server that answers.
    conditions += [more for _, same, more in found[1:] if same == resolver and more]
    if any(other != resolver for _, other, _ in found):
        conditions.append(f"{server} answers, which is the first of the DNS servers of {network.label}")
    return resolver, tuple(dict.fromkeys(conditions))


def _asked(registry: Registry, network: Network, server: str) -> tuple[str, str]:
    """The network whose resolver a DNS server of a network asks, and on what condition."""
    if server == names.AZURE_DNS:
        return network.id, ""
    holding = [n for n in registry.networks if any(within(server, block) for block in n.address_space)]
    # Address spaces may overlap: a network reaches its own addresses, then those that it is peered with.
    holding.sort(key=lambda n: (n.id != network.id, n.id not in network.peered))
    if holding:
        place = holding[0]
        reached = place.id == network.id or place.id in network.peered
        proxy = _proxy(registry, server)
        peering = network.peering_with(place.id)
        others = tuple(each for each in proxy.servers if each != server) if proxy is not None and proxy.on else ()
        if others:
            resolver, conditions = resolver_of(registry, replace(place, dns_servers=others, gap=""))
            way = [] if reached else [f"{network.label} has a route to {place.label}"]
            return resolver, " and ".join((*way, *conditions))
        if reached and proxy is not None and proxy.on and (peering is None or not peering.conditions):
            return place.id, ""
        condition = f"{server} asks Azure's resolver in {place.label}"
        return place.id, condition if reached else f"{network.label} has a route to {place.label}, and {condition}"
    if is_address(server) and (address := network_of(server)) is not None and address.is_global:
        return PUBLIC_RESOLVER, ""
    linked = next(iter(_linked(registry)), PUBLIC_RESOLVER)
    if linked == PUBLIC_RESOLVER:
        return PUBLIC_RESOLVER, ""
    held = registry.network(linked)
    label = held.label if held is not None else linked
    return linked, f"{server} forwards {registry.cloud.registry_suffix} to Azure's resolver in {label}"


def _routes(registry: Registry, vnet: str) -> set[str]:
    network = registry.network(vnet)
    return {vnet, *(network.peered if network is not None else ())}
