"""Who reaches what of a registry of Alibaba Cloud: for a client and a host, the name, the path and the verdict.

How a pull finds its way (help.aliyun.com/zh/acr: configure access over the internet and over VPCs, access across
regions or from a data centre; each row of what follows was tried, 2026-10):

1. The Internet endpoint of Enterprise Edition is off, or on for everybody, or on for what its access control list
   names. That of Personal Edition is on for everybody.
2. The VPC endpoint of Enterprise Edition answers at an address in each bound VPC. Its name is in private zones alone:
   in the zone that the service makes for a bound VPC when asked, and in those that somebody declares. A VPC that Cloud
   Enterprise Network connects with a bound one reaches the address, and needs a zone of its own for the name.
3. The token service and OSS are shared. Their VPC names are in public DNS with addresses of the service range, which
   every VPC of the region reaches, and others by routes. So is the VPC endpoint of Personal Edition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...alibaba import limits, names, regions
from ...alibaba.editions import Edition
from ...alibaba.names import Way
from ...azure.names import HTTPS
from ..exposure import exposure
from ..firewalls import Destination, Kind, Passage, is_address, network_of, passage, within, worst_of
from ..model import (
    PUBLIC_RESOLVER,
    AddressClass,
    Client,
    Host,
    HostKind,
    Location,
    Network,
    Operation,
    Outcome,
    Path,
    PrivateEndpoint,
    Reach,
    Verdict,
    Zone,
)
from .model import AlibabaRegistry, way_of
from .networks import ServiceRoute, Vpc

_APEX = "@"


@dataclass(frozen=True)
class _Outcome(Outcome):
    """How a connection ends, and what the client's resolver answered for it."""

    address: str = ""
    address_class: AddressClass = AddressClass.PUBLIC


def judge(registry: AlibabaRegistry, client: Client, host: Host, operation: Operation) -> Reach:
    """What becomes of one client, one host and one operation."""
    way = way_of(host)
    if registry.by_name:
        reason = "only the registry's host is known, not its endpoints, their access control lists and bound VPCs"
        found = _Outcome(Path.NONE, Verdict.CANNOT_TELL, reason, address_class=AddressClass.NONE)
    elif host.kind is HostKind.BUCKET:
        found = _layers(registry, client, host)
    elif host.kind is HostKind.LOGIN and host.way != way:
        found = _by_own_name(registry, client, host)
    elif way is Way.INTERNET:
        found = _internet(registry, client, host)
    elif host.kind is HostKind.LOGIN and registry.edition is Edition.ENTERPRISE:
        found = _vpc_endpoint(registry, client, host)
    else:
        found = _service(registry, client, host)
    if found.verdict is Verdict.ALLOWED:
        found = _through_firewall(registry, client, host, found)
    return Reach(
        client=client.name,
        host=host.name,
        kind=host.kind,
        regions=host.regions,
        operation=operation,
        chain=(host.name,),
        address=found.address if is_address(found.address) else "",
        address_class=found.address_class,
        service_tags=(),
        path=found.path,
        verdict=found.verdict,
        reason=found.reason,
        fix=found.fix,
        conditions=found.conditions if found.verdict is Verdict.ALLOWED else (),
        sometimes=found.sometimes,
        way=host.way,
    )


# The Internet endpoint


def _internet(registry: AlibabaRegistry, client: Client, host: Host) -> _Outcome:
    # A VPC has no way out by itself; one whose address is known has one.
    inside = client.location is not Location.INTERNET and client.public_ip is None
    out = (f"{client.name} has a way out to the internet",) if inside else ()
    if host.kind is HostKind.LOGIN:
        return replace(_admitted(registry, client), conditions=out)
    what = "the token service" if host.kind is HostKind.TOKEN else "OSS"
    return _Outcome(Path.INTERNET, Verdict.ALLOWED, f"{what} answers everybody on the internet", conditions=out)


def _admitted(registry: AlibabaRegistry, client: Client) -> _Outcome:
    """Whether the registry's Internet endpoint lets a client in, and why."""
    if registry.edition is Edition.PERSONAL:
        reason = "the Internet endpoint of Personal Edition is on for everybody and cannot be turned off"
        return _Outcome(Path.INTERNET, Verdict.ALLOWED, reason)
    if registry.internet is False:
        fix = "turn the Internet endpoint on, with the client's address as an entry"
        return _Outcome(Path.NONE, Verdict.REFUSED, "the Internet endpoint is off", fix)
    entries = registry.entries
    if exposure(registry.internet, None if entries is None else not entries, entries).everyone:
        reason = "the Internet endpoint is on for every address: its access control list has no entry"
        return _Outcome(Path.INTERNET, Verdict.ALLOWED, reason)
    address = client.public_ip
    entry = next((e for e in entries or () if address is not None and within(address, e)), None)
    if entries is not None and entry is None:
        why = (
            "the Internet endpoint admits only the entries of its access control list, and the client's address is none"
            if address is None
            else f"its address {address} is in no entry of the access control list"
        )
        fix = (
            f"add its address {address} to the entries of the Internet endpoint"
            if address is not None
            else "connect from an address of the access control list"
        )
        return _Outcome(Path.NONE, Verdict.REFUSED, why, fix)
    if registry.internet is None or entry is None:
        what = "whether the Internet endpoint is on" if registry.internet is None else "the access control list"
        return _Outcome(Path.NONE, Verdict.CANNOT_TELL, f"{what} is not known yet")
    return _Outcome(Path.INTERNET, Verdict.ALLOWED, f"its address {address} is in the entry {entry}")


# The VPC endpoint of Enterprise Edition


def _vpc_endpoint(registry: AlibabaRegistry, client: Client, host: Host) -> _Outcome:
    if not registry.links:
        fix = "bind a VPC of the registry's account and region: cr.VpcEndpointLinkedVpc"
        return _unnamed("no VPC is bound, so that the VPC endpoint answers nobody", fix)
    zone, certain = _zone_asked(registry, client.resolver, host.name)
    if zone is None:
        return _unnamed(*_no_zone(registry, client, host))
    addresses = zone.addresses_of(_relative(host.name, zone))
    if not addresses:
        why = f"the private zone '{zone.name}' that it asks has no record for {host.name}"
        return _unnamed(why, f"add the record of {host.name} to '{zone.name}'")
    found = [_at(registry, client, host, zone, address) for address in addresses]
    through = [each for each in found if each.verdict is Verdict.ALLOWED]
    doubts = () if certain else (f"the service writes the record of {host.name} for {_label(registry, client.vnet)}",)
    if len(through) == len(found):
        conditions = (*client.conditions, *doubts, *(c for each in through for c in each.conditions))
        return replace(through[0], conditions=tuple(dict.fromkeys(conditions)))
    first = next(each for each in found if each.verdict is not Verdict.ALLOWED)
    return replace(first, sometimes=bool(through) and first.verdict is not Verdict.CANNOT_TELL)


def _unnamed(why: str, fix: str) -> _Outcome:
    return _Outcome(Path.NONE, Verdict.NO_NAME, why, fix, address_class=AddressClass.NONE)


def _no_zone(registry: AlibabaRegistry, client: Client, host: Host) -> tuple[str, str]:
    """Why a client's resolver does not know the VPC endpoint's name, and what would change that."""
    bound = {link.vnet for link in registry.links}
    name = f"{host.name} is in private zones only"
    if client.vnet in bound:
        why = f"{name}, and the link of {_label(registry, client.vnet)} writes no record there"
        return why, "set enable_create_dns_record_in_pvzt on the link; or attach a private zone with the record"
    if client.location is Location.INTERNET:
        return f"{name}, and no address of a VPC is reached from the internet", "pull from a bound VPC"
    if client.location is not Location.VNET:
        where = next(iter(_labels(registry, bound)), "a bound VPC")
        why = f"{name}, and its resolver asks none"
        return why, f"forward the registry's names to the name servers of {where} ({limits.VPC_NAME_SERVERS[0]})"
    network = registry.network(client.vnet) or Network(client.vnet)
    if any(_connection(network, link) is not None for link in registry.links):
        why = f"it has a way to a bound VPC, but {name}, and none that it asks has it"
        return why, "declare a private zone with the same host and address, and attach it to the VPC"
    if _region(registry, client) == registry.region:
        why = f"its VPC is not bound to the registry, and {name}"
        return why, "bind the VPC, which must be of the registry's account; or connect it with a bound VPC"
    why = f"its VPC is of another region or account, so that it cannot be bound, and {name}"
    fix = "connect it with a bound VPC by Cloud Enterprise Network, and give it a private zone with the same record"
    return why, fix


def _zone_asked(registry: AlibabaRegistry, resolver: str, host: str) -> tuple[Zone | None, bool]:
    """The private zone that a VPC asks for a host, the longest suffix of it, and whether it certainly does."""
    if resolver == PUBLIC_RESOLVER:
        return None, True
    asked = [
        (zone, link)
        for zone in registry.zones
        if (host == zone.name or host.endswith(f".{zone.name}")) and (link := zone.link_of(resolver)) is not None
    ]
    # A zone that only may be there is looked at last.
    found = max(asked, key=lambda each: (each[1].declared, len(each[0].name)), default=None)
    if found is None:
        return None, True
    return found[0], found[1].declared


def _relative(host: str, zone: Zone) -> str:
    return _APEX if host == zone.name else host.removesuffix(f".{zone.name}")


def _at(registry: AlibabaRegistry, client: Client, host: Host, zone: Zone, address: str) -> _Outcome:
    """What becomes of a connection to one address of the record."""
    shown = address if is_address(address) else "the registry's address, known after deployment"
    if not address:
        reason = f"the address in the record of {host.name} in '{zone.name}' is not known yet"
        fix = "take it from getVpcEndpointLinkedVpcs, once the VPC is bound"
        return _Outcome(Path.NONE, Verdict.CANNOT_TELL, reason, fix, address_class=AddressClass.PRIVATE)
    holder, doubt = _holder(registry, host, address)
    if holder is None:
        reason = f"the record in '{zone.name}' says {shown}, where the registry is in no bound VPC"
        fix = "correct the record: getVpcEndpointLinkedVpcs tells the address in each bound VPC"
        return _Outcome(
            Path.NONE, Verdict.WRONG_ADDRESS, reason, fix, address=address, address_class=AddressClass.PRIVATE
        )
    conditions = _way_to(registry, client, holder)
    label = _label(registry, holder.vnet)
    if conditions is None:
        reason = f"the name resolves to {shown} in {label}, and the client has no route there"
        fix = f"connect its network with {label} by Cloud Enterprise Network"
        return _Outcome(Path.NONE, Verdict.NO_ROUTE, reason, fix, address=address, address_class=AddressClass.PRIVATE)
    return _Outcome(
        Path.VPC,
        Verdict.ALLOWED,
        f"resolves to {shown}, the VPC endpoint in {label}",
        conditions=(*conditions, *doubt),
        address=address,
        address_class=AddressClass.PRIVATE,
    )


def _holder(registry: AlibabaRegistry, host: Host, address: str) -> tuple[PrivateEndpoint | None, tuple[str, ...]]:
    """The link that has an address, and what must hold for that: links do not tell theirs before somebody asks."""
    for link in registry.links:
        if link.address_of(host.name) == address:
            return link, ()
    for link in registry.links:
        known = link.address_of(host.name)
        unknown = known is None or not is_address(known)
        fits = not link.prefixes or any(within(address, prefix) for prefix in link.prefixes)
        if unknown and fits and is_address(address):
            return link, (f"{address} is the registry's address in {_label(registry, link.vnet)}",)
    return None, ()


def _way_to(registry: AlibabaRegistry, client: Client, link: PrivateEndpoint) -> tuple[str, ...] | None:
    """On what conditions a client has a way to a bound VPC; None where it has none."""
    if link.vnet in (client.vnet, *client.connected):
        return ()
    return _connection(registry.network(client.vnet) or Network(client.vnet), link)


def _connection(network: Network, link: PrivateEndpoint) -> tuple[str, ...] | None:
    if network.id == link.vnet:
        return ()
    peering = network.peering_with(link.vnet)
    return None if peering is None or peering.broken else peering.conditions


# A domain of the customer's own


def _by_own_name(registry: AlibabaRegistry, client: Client, host: Host) -> _Outcome:
    """What becomes of a connection by a domain of the customer's own: where its record leads, no document shows."""
    if way_of(host) is Way.INTERNET:
        found = _internet(registry, client, host)
        condition = f"{host.name} leads {client.name} to {registry.internet_host}"
        return replace(found, conditions=(*found.conditions, condition))
    ways = [_way_to(registry, client, link) for link in registry.links]
    open_ways = [way for way in ways if way is not None]
    label = ", ".join(_labels(registry, {link.vnet for link in registry.links}))
    if not open_ways:
        reason = f"{host.name} may lead to the VPC endpoint in {label}, and the client has no route there"
        fix = f"connect its network with {label} by Cloud Enterprise Network"
        return _Outcome(Path.NONE, Verdict.NO_ROUTE, reason, fix, address_class=AddressClass.PRIVATE)
    condition = f"{host.name} leads {client.name} to the address of {registry.vpc_host} in {label}"
    reason = f"{host.name} is a domain of your own, and its record says where it leads"
    conditions = (*client.conditions, *open_ways[0], condition)
    return _Outcome(Path.VPC, Verdict.ALLOWED, reason, conditions=conditions, address_class=AddressClass.PRIVATE)


# The layers


def _layers(registry: AlibabaRegistry, client: Client, host: Host) -> _Outcome:
    """What becomes of a connection to the host of the layers, which a storage domain rule may have chosen.

    Either endpoint may send clients to a host of either kind.
    """
    leads = names.storage_way(host.name)
    if leads is Way.VPC:
        return _service(registry, client, host)
    found = _internet(registry, client, host)
    if leads is Way.INTERNET or way_of(host) is Way.INTERNET or not found.conditions:
        return found
    condition = f"{host.name} leads {client.name} to OSS by a way that it has: out to the internet, or a private record"
    reason = f"{host.name} is a storage domain of its own, and its record says where it leads"
    return replace(found, reason=reason, conditions=(condition,))


# Shared services: the token service, OSS, and Personal Edition


def _service(registry: AlibabaRegistry, client: Client, host: Host) -> _Outcome:
    """What becomes of a connection to a private address of a service that all customers of a region share."""
    private = AddressClass.PRIVATE
    where = f"a private address of {registry.region} in {limits.SERVICE_RANGE}"
    if client.location is Location.VNET and _region(registry, client) == registry.region:
        reason = f"resolves to {where}, which every VPC of the region reaches"
        return _Outcome(Path.SERVICE, Verdict.ALLOWED, reason, address_class=private)
    if client.location is Location.VNET and not _region(registry, client):
        reason = f"the region of {_label(registry, client.vnet)} is not known, and {host.name} resolves to {where}"
        return _Outcome(Path.NONE, Verdict.CANNOT_TELL, reason, address_class=private)
    if host.kind is HostKind.LOGIN:
        reason = f"{host.name} resolves to {where}, which VPCs of that region alone reach"
        return _Outcome(
            Path.NONE,
            Verdict.NO_ROUTE,
            reason,
            "use the Internet endpoint; or Enterprise Edition",
            address_class=private,
        )
    if client.location is Location.ON_PREMISES and client.connected:
        through = _label(registry, client.connected[0])
        condition = f"its network routes {_wanted(registry, host)} through {through}"
        reason = f"resolves to {where}, which it reaches through {through}"
        return _Outcome(Path.SERVICE, Verdict.ALLOWED, reason, conditions=(condition,), address_class=private)
    network = registry.network(client.vnet)
    return _routed(registry, host, network.services if isinstance(network, Vpc) else ())


def _routed(registry: AlibabaRegistry, host: Host, routes: Sequence[ServiceRoute]) -> _Outcome:
    """What becomes of a connection to a shared service of another region, by the routes that lead there."""
    private = AddressClass.PRIVATE
    where = f"a private address of {registry.region} in {limits.SERVICE_RANGE}"
    fix = f"route {_wanted(registry, host)} to {registry.region}: cen.RouteService, or route entries of transit routers"
    fitting = [each for each in routes if not each.destination or _is_block(each) or each.destination == host.name]
    named = next((each for each in fitting if each.destination == host.name), None)
    whole = next((each for each in fitting if within(str(limits.SERVICE_RANGE), each.destination)), None)
    certain = named or whole
    if certain is not None:
        reason = f"resolves to {where}, to which {certain.destination} is routed"
        return _Outcome(Path.SERVICE, Verdict.ALLOWED, reason, conditions=certain.conditions, address_class=private)
    blocks = [each for each in fitting if _is_block(each)]
    place = regions.find(registry.region)
    if host.kind is HostKind.BUCKET and place is not None and blocks:
        held = [each for each in blocks if any(within(str(r), each.destination) for r in place.storage_ranges)]
        covered = [r for r in place.storage_ranges if any(within(str(r), each.destination) for each in held)]
        if len(covered) == len(place.storage_ranges):
            conditions = tuple(dict.fromkeys(c for each in held for c in each.conditions))
            reason = f"resolves to {where}; every range of OSS there is routed"
            return _Outcome(Path.SERVICE, Verdict.ALLOWED, reason, conditions=conditions, address_class=private)
        missing = ", ".join(str(r) for r in place.storage_ranges if r not in covered)
        reason = f"OSS moves between its ranges in {registry.region}, and {missing} is routed from nowhere here"
        return _Outcome(Path.NONE, Verdict.NO_ROUTE, reason, fix, sometimes=bool(covered), address_class=private)
    if fitting and (host.kind is HostKind.TOKEN or place is None or not blocks):
        shown = ", ".join(each.destination or "a range that is not known yet" for each in fitting)
        conditions = (f"{host.name} has its addresses in {shown}", *(c for each in fitting for c in each.conditions))
        reason = f"resolves to {where}; {shown} is routed there"
        return _Outcome(
            Path.SERVICE, Verdict.ALLOWED, reason, conditions=tuple(dict.fromkeys(conditions)), address_class=private
        )
    reason = f"{host.name} resolves to {where}, and nothing routes it there"
    return _Outcome(Path.NONE, Verdict.NO_ROUTE, reason, fix, address_class=private)


def _is_block(route: ServiceRoute) -> bool:
    return network_of(route.destination) is not None


def _wanted(registry: AlibabaRegistry, host: Host) -> str:
    """The addresses of a shared service, as far as they are documented."""
    place = regions.find(registry.region)
    if host.kind is HostKind.BUCKET and place is not None:
        return ", ".join(map(str, place.storage_ranges))
    return f"the addresses of {host.name}"


# What all of them need


def _region(registry: AlibabaRegistry, client: Client) -> str:
    return client.region or registry.region_of(client.vnet)


def _label(registry: AlibabaRegistry, vnet: str) -> str:
    network = registry.network(vnet)
    return f"'{network.label}'" if network is not None else f"'{vnet}'"


def _labels(registry: AlibabaRegistry, vnets: set[str]) -> list[str]:
    return sorted(_label(registry, vnet) for vnet in vnets)


def _through_firewall(registry: AlibabaRegistry, client: Client, host: Host, found: _Outcome) -> _Outcome:
    """The outcome where the client's firewall has its say."""
    firewall = client.firewall
    private = found.address_class is AddressClass.PRIVATE
    if firewall is None or not (firewall.filters_private if private else firewall.filters_public):
        return found
    # The services of its own region a VPC reaches without passing another.
    if (
        firewall.kind is Kind.VPC_FIREWALL
        and found.path is Path.SERVICE
        and _region(registry, client) == registry.region
    ):
        return found
    own = found.address if is_address(found.address) else ""
    to = [Destination(host.name, registry.region, True, own)] if own else registry.destinations_of(host)
    said = worst_of(passage(firewall, each, client.source) for each in to)
    if said is None or said.allowed is True:
        return found
    if host.name.startswith("*") and any(rule.hosts for rule in firewall.rules):
        said = Passage(None)  # the bucket's own name is not known yet, and the rules go by names
    verdict = Verdict.CANNOT_TELL if said.allowed is None else Verdict.BLOCKED
    reason = f"the client firewall '{firewall.name}' on {host.name}, TCP {HTTPS}: {said.reason}"
    return replace(found, path=Path.NONE, verdict=verdict, reason=reason, fix=f"allow {host.name} on TCP {HTTPS}")
