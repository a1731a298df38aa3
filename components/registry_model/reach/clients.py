"""The places that a client of a registry may stand in, and what each asks for names."""

from __future__ import annotations

from ..azure import names
from .firewalls import ANY_SOURCE, Firewall, is_address, network_of, sources_of, within
from .judgement import private_destinations, public_destinations
from .model import (
    PUBLIC_RESOLVER,
    Client,
    Location,
    Model,
    Network,
    Registry,
    VNetLink,
    Zone,
)

_PEERED_NETWORK = "(a peered network)"
_ANY_OTHER_NETWORK = "(another network)"


def model_of(registry: Registry) -> Model:
    """The registry with its default clients."""
    return Model(registry, tuple(default_clients(registry)))


def default_clients(registry: Registry) -> list[Client]:
    """Every place that a client of this registry may stand in, one client for each.

    The networks of the estate, then the places that no document declares: peered networks with and without the zone, a
    network linked to another team's zone of the same name, on-premises with and without a forwarder, the internet (any
    address, and one of each IP rule), a trusted service, and the clients behind each client firewall. Names do not
    depend on the answer, so two models of one registry can be compared.
    """
    homes = tuple(dict.fromkeys(e.vnet for e in registry.private_endpoints))
    linked = [link.vnet for z in registry.zones if z.name == registry.cloud.private_link_zone for link in z.links]
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
        Client("on-premises, forwarding DNS into a linked network", Location.ON_PREMISES, "", homes, forwarder),
        Client("on-premises, public DNS", Location.ON_PREMISES, "", homes),
        Client("internet, any address", Location.INTERNET),
        *(
            Client(f"internet, from {rule}", Location.INTERNET, public_ip=rule)
            for rule in dict.fromkeys(registry.ip_rules or ())
        ),
        Client("trusted Azure service", Location.TRUSTED_SERVICE),
    ]
    for firewall in registry.firewalls:
        clients += clients_behind(registry, firewall)
    return clients


def clients_behind(registry: Registry, firewall: Firewall) -> list[Client]:
    """The clients whose traffic passes a firewall: one for each network that it stands in, and for each group of
    sources that its rules tell apart."""
    hosts = registry.hosts()
    to = [d for host in hosts for d in public_destinations(host)]
    to += [d for host in hosts for e in registry.private_endpoints for d in private_destinations(host, e)]
    groups = sources_of(firewall, to)
    networks = [n for vnet in firewall.vnets for n in registry.networks if n.id == vnet]
    clients: list[Client] = []
    for network in networks or [None]:
        for group in groups:
            name = f"client behind {firewall.name}"
            if len(networks) > 1 and network is not None:
                name += f" in {network.label}"
            if len(groups) > 1:
                name += f", from {', '.join(group) if group != ANY_SOURCE else 'anywhere'}"
            # The address that the firewall hides its clients behind is not declared; the first IP rule stands for it,
            # so that the verdict speaks of the firewall's rules.
            address = next(iter(registry.ip_rules or ()), None)
            if network is None:
                clients.append(Client(name, Location.INTERNET, public_ip=address, firewall=firewall, source=group))
                continue
            stands = _vm(registry, network)
            clients.append(
                Client(
                    name,
                    Location.VNET,
                    stands.vnet,
                    stands.connected,
                    stands.resolver,
                    address,
                    firewall,
                    conditions=stands.conditions,
                    source=group,
                )
            )
    return clients


def _vm(registry: Registry, network: Network) -> Client:
    resolver, conditions = _resolver(registry, network)
    return Client(
        f"VM in {network.label}",
        Location.VNET,
        vnet=network.id,
        connected=network.peered,
        resolver=resolver,
        conditions=conditions,
    )


def _resolver(registry: Registry, network: Network) -> tuple[str, tuple[str, ...]]:
    """The network whose resolver answers a network's clients, and what must hold for that to be so.

    A custom DNS server answers as the network that it stands in does, if it asks Azure's resolver there
    (learn.microsoft.com/azure/private-link/private-endpoint-dns-integration).
    """
    if network.dns_servers is None:
        return network.id, (f"the DNS servers of {network.label}, not known yet, ask Azure's resolver",)
    servers = [server for server in network.dns_servers if server != names.AZURE_DNS]
    if not servers:
        return network.id, ()
    found = [_asked(registry, server) for server in servers]
    return found[0][0], tuple(dict.fromkeys(condition for _, condition in found if condition))


def _asked(registry: Registry, server: str) -> tuple[str, str]:
    """The network whose resolver a DNS server asks, and on what condition."""
    place = next((n for n in registry.networks if any(within(server, block) for block in n.address_space)), None)
    if place is not None:
        return place.id, f"{server} asks Azure's resolver in {place.label}"
    if is_address(server) and (address := network_of(server)) is not None and address.is_global:
        return PUBLIC_RESOLVER, ""
    zone = registry.cloud.private_link_zone
    linked = next((link.vnet for z in registry.zones if z.name == zone for link in z.links), PUBLIC_RESOLVER)
    if linked == PUBLIC_RESOLVER:
        return PUBLIC_RESOLVER, ""
    label = next((n.label for n in registry.networks if n.id == linked), linked)
    return linked, f"{server} forwards {registry.cloud.registry_suffix} to Azure's resolver in {label}"


def _routes(registry: Registry, vnet: str) -> set[str]:
    network = next((n for n in registry.networks if n.id == vnet), None)
    return {vnet, *(network.peered if network else ())}
