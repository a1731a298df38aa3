"""Who reaches what: for every client location and every host of a registry, the name, the path and the verdict.

Pure: the standard library, ``names`` and ``limits`` only. Nothing here asks a network; it says what a network that is
built as declared will do, so the same answer serves before a deployment and after it.

How a pull finds its way (learn.microsoft.com/azure/container-registry: private-link, dedicated-data-endpoints,
firewall-access-rules; learn.microsoft.com/azure/dns/private-dns-fallback):

1. A registry serves layers from dedicated data endpoints once ``dataEndpointEnabled`` is on *or* it has a private
   endpoint; before that from a blob storage account whose name nobody can know.
2. Once it has a private endpoint, public DNS answers every host of it with an alias into ``privatelink.azurecr.io``.
3. A VNet linked to a private zone that the alias falls into asks that zone and nothing else: no record there is
   NXDOMAIN, whoever owns the registry, unless the link's resolution policy is ``NxDomainRedirect``.
4. A private address needs a route; a public one needs the registry's public access and IP rules, or the bypass for
   trusted services. The private path depends on DNS alone.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..azure import limits, names
from .model import (
    HTTPS,
    PUBLIC_RESOLVER,
    Ability,
    AddressClass,
    Client,
    Firewall,
    Host,
    HostKind,
    Location,
    Model,
    Operation,
    Path,
    Reach,
    Registry,
    Summary,
    Verdict,
    Zone,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class _Answer:
    """What the client's resolver says: the chain, and either an address class or the zone that has no such name."""

    chain: tuple[str, ...]
    address_class: AddressClass
    address: str = ""
    zone: Zone | None = None


def reach(registry: Registry, client: Client) -> tuple[Reach, ...]:
    """Judge every host of the registry and every operation that touches it, for one client."""
    return tuple(
        _judge(registry, client, host, operation) for host in registry.hosts() for operation in host.operations
    )


def summary(registry: Registry, client: Client) -> Summary:
    """Add one client's judgements up: can it pull, can it push, by which paths, and what stops it.

    Regional endpoints are other names of the login server, so they decide nothing here.
    """
    reaches = reach(registry, client)
    decisive = [r for r in reaches if r.kind is not HostKind.REGIONAL]
    push = _ability([r for r in decisive if r.operation is Operation.PUSH])
    pulls = [r for r in decisive if r.operation is Operation.PULL]
    login = [r for r in pulls if r.kind is HostKind.LOGIN]
    pull = _ability([r for r in pulls if r.kind is not HostKind.LOGIN]) if login[0].allowed else Ability.NO
    telling = next((r for r in pulls if not r.allowed), login[0])
    return Summary(
        registry=registry.label,
        client=client.name,
        pull=pull,
        push=push,
        paths=tuple(dict.fromkeys(r.path for r in pulls if r.allowed and login[0].allowed)),
        reason=telling.reason,
        fix=telling.fix,
        reaches=reaches,
    )


def can_pull(registry: Registry, client: Client) -> bool:
    """Whether every pull of this client works, whatever region Azure routes it to."""
    return summary(registry, client).pull is Ability.YES


def can_push(registry: Registry, client: Client) -> bool:
    """Whether this client can push: the login server is enough."""
    return summary(registry, client).push is Ability.YES


def table(model: Model) -> list[Summary]:
    """The who-can-pull table of a model, in the order of its clients."""
    return [summary(model.registry, client) for client in model.clients]


def switched(registry: Registry) -> Registry:
    """The same registry with dedicated data endpoints on: what its clients must be ready for."""
    return replace(registry, data_endpoints=True)


def missing_hosts(registry: Registry, firewall: Firewall) -> list[str]:
    """The hosts that this client firewall must still allow on 443 before layers may come from data endpoints.

    The login server and the data endpoint of every region, switched on already or not. Regional endpoints are a choice
    of the client, so they are not demanded.
    """
    hosts = switched(registry).hosts()
    return [h.name for h in hosts if h.kind is not HostKind.REGIONAL and not _passes(firewall, h)]


def _ability(reaches: Sequence[Reach]) -> Ability:
    allowed = sum(r.allowed for r in reaches)
    if allowed == len(reaches):
        return Ability.YES
    return Ability.PARTLY if allowed else Ability.NO


def _judge(registry: Registry, client: Client, host: Host, operation: Operation) -> Reach:
    answer = _resolve(registry, client, host)
    if answer.address_class is AddressClass.NONE:
        path, verdict, reason, fix = _no_name(registry, client, host, answer)
    elif answer.address_class is AddressClass.PRIVATE:
        path, verdict, reason, fix = _private(registry, client, host, answer)
    else:
        path, verdict, reason, fix = _public(registry, client, host)
    return Reach(
        client=client.name,
        host=host.name,
        kind=host.kind,
        regions=host.regions,
        operation=operation,
        chain=answer.chain,
        address=answer.address if is_address(answer.address) else "",
        address_class=answer.address_class,
        service_tags=_service_tags(host) if answer.address_class is AddressClass.PUBLIC else (),
        path=path,
        verdict=verdict,
        reason=reason,
        fix=fix,
    )


def _resolve(registry: Registry, client: Client, host: Host) -> _Answer:
    if host.kind is HostKind.STORAGE:
        return _Answer((host.name,), AddressClass.PUBLIC)
    chain: list[str] = []
    # Public DNS aliases a host into the privatelink zone only once the registry has a private endpoint.
    for name in [host.name, names.private_fqdn(host.name)][: 2 if registry.private_endpoints else 1]:
        chain.append(name)
        zone = _zone_asked((*registry.zones, *client.other_zones), client.resolver, name)
        if zone is None:
            continue
        address = zone.address_of(name.removesuffix(f".{zone.name}"))
        if address is not None:
            return _Answer(tuple(chain), AddressClass.PRIVATE, address, zone)
        link = zone.link_of(client.resolver)
        if link is None or not link.nx_domain_redirect:
            return _Answer(tuple(chain), AddressClass.NONE, zone=zone)
    seen = next((c for c in registry.public_chains if c.host == host.name), None)
    if seen is not None:
        return _Answer((*chain, *seen.aliases), AddressClass.PUBLIC, seen.address)
    return _Answer((*chain, *_public_aliases(registry, host)), AddressClass.PUBLIC)


def _zone_asked(zones: Iterable[Zone], vnet: str, name: str) -> Zone | None:
    """The zone that the resolver of a network asks for a name: the longest linked suffix, as Azure's resolver does."""
    if vnet == PUBLIC_RESOLVER:
        return None
    linked = [z for z in zones if name.endswith(f".{z.name}") and z.link_of(vnet) is not None]
    return max(linked, key=lambda z: len(z.name), default=None)


def _public_aliases(registry: Registry, host: Host) -> tuple[str, ...]:
    # Seen for the public cloud only; the sovereign clouds' internal names are not documented.
    if registry.cloud is not names.PUBLIC:
        return ()
    front = f"*.{host.regions[0]}.cloudapp.azure.com" if len(host.regions) == 1 else "*.cloudapp.azure.com"
    return ("*.data.azcr.io" if host.kind is HostKind.DATA else "*.azcr.io", "*.trafficmanager.net", front)


def _no_name(registry: Registry, client: Client, host: Host, answer: _Answer) -> tuple[Path, Verdict, str, str]:
    zone = answer.zone
    if zone is None:
        raise AssertionError("a name without a zone resolves publicly")
    alias = answer.chain[-1]
    record = alias.removesuffix(f".{zone.name}")
    label = names.split_login_server(registry.login_server)[0]
    reason = (
        f"the network '{_network_label(registry, client.resolver)}' is linked to a zone '{zone.name}' that has no"
        f" record '{record}', and a linked zone is the only one asked: NXDOMAIN"
    )
    if zone.name != registry.cloud.private_link_zone:
        return (
            Path.NONE,
            Verdict.NO_NAME,
            reason,
            f"unlink or delete the zone '{zone.name}': every record of a registry belongs in"
            f" '{registry.cloud.private_link_zone}'",
        )
    if any(name == label or name.startswith(f"{label}.") for name, _ in zone.records):
        return (Path.NONE, Verdict.NO_NAME, reason, f"add the missing A record '{record}' to '{zone.name}'")
    endpoint = f"give the network a private endpoint of '{registry.label}' with its records in that zone"
    redirect = "set resolutionPolicy NxDomainRedirect on that link"
    fix = (
        f"{redirect}, or {endpoint}"
        if registry.public_access
        else f"{endpoint}; NxDomainRedirect on that link would only reach the closed public side"
    )
    return (Path.NONE, Verdict.NO_NAME, f"{reason}, although '{host.name}' is in public DNS", fix)


def _private(registry: Registry, client: Client, host: Host, answer: _Answer) -> tuple[Path, Verdict, str, str]:
    holder = next((e for e in registry.private_endpoints if e.address_of(host.name) == answer.address), None)
    shown = answer.address if is_address(answer.address) else "a private address, known after deployment"
    zone = answer.zone.name if answer.zone else ""
    if holder is None:
        other = next(
            (h for e in registry.private_endpoints for h, address in e.addresses if address == answer.address), None
        )
        return (
            Path.NONE,
            Verdict.WRONG_ADDRESS,
            f"the record in '{zone}' says {shown}, which "
            + (f"belongs to '{other}'" if other else f"no private endpoint of '{registry.label}' has for this host"),
            "correct the record from the endpoint's customDnsConfigs; two endpoints of one registry must not share"
            " a zone",
        )
    if not client.has_route_to(holder.vnet):
        network = _network_label(registry, holder.vnet)
        return (
            Path.NONE,
            Verdict.NO_ROUTE,
            f"the name resolves to {shown} in '{network}', and the client has no route there",
            f"peer its network with '{network}', or connect it by VPN or ExpressRoute; or let it use public DNS",
        )
    if not holder.approved:
        return (
            Path.NONE,
            Verdict.NOT_APPROVED,
            f"the connection of the private endpoint '{holder.name}' waits for approval",
            "approve it on the registry",
        )
    if client.firewall is not None and client.firewall.filters_private and not _passes(client.firewall, host, shown):
        return _blocked(client.firewall, host)
    return (Path.PRIVATE, Verdict.ALLOWED, f"resolves to {shown} of the private endpoint '{holder.name}'", "")


def _public(registry: Registry, client: Client, host: Host) -> tuple[Path, Verdict, str, str]:
    firewall = client.firewall
    if host.kind is HostKind.STORAGE:
        if firewall is not None and not _passes(firewall, host):
            return _blocked(firewall, host)
        return (
            Path.STORAGE,
            Verdict.ALLOWED,
            "layers come from a storage account whose name nobody knows beforehand",
            "",
        )
    endpoint = next(
        (e for e in registry.private_endpoints if e.approved and client.has_route_to(e.vnet)),
        None,
    )
    admitted, why = _admitted(registry, client)
    if endpoint is not None and admitted is None:
        return (
            Path.NONE,
            Verdict.WRONG_RESOLVER,
            f"it has a route to the private endpoint '{endpoint.name}', but its resolver answers the public address,"
            f" where {why}",
            _resolver_fix(registry, client, host),
        )
    if firewall is not None and not _passes(firewall, host):
        return _blocked(firewall, host)
    if admitted is None:
        return (Path.NONE, Verdict.REFUSED, why, _refused_fix(registry, client))
    if endpoint is not None:
        why += f"; the private endpoint '{endpoint.name}' is in reach, but its resolver answers the public address"
    return (admitted, Verdict.ALLOWED, why, "")


def _admitted(registry: Registry, client: Client) -> tuple[Path | None, str]:
    """Whether the registry's public side lets the client in, and why."""
    if registry.public_access and registry.default_allow:
        return Path.PUBLIC, "public access is on for every address"
    if client.location is Location.TRUSTED_SERVICE and registry.trusted_bypass:
        return Path.TRUSTED, "the registry lets trusted Azure services in"
    if not registry.public_access:
        return None, "the registry's public access is off"
    if client.public_ip is None:
        return None, "the registry admits only the addresses of its IP rules, and the client's is not one"
    rule = next((r for r in registry.ip_rules if _within(client.public_ip, r)), None)
    if rule is not None:
        return Path.PUBLIC, f"its address {client.public_ip} is in the IP rule {rule}"
    return None, f"its address {client.public_ip} is in no IP rule of the registry"


def _refused_fix(registry: Registry, client: Client) -> str:
    if client.location is Location.TRUSTED_SERVICE:
        return "set networkRuleBypassOptions to AzureServices, if this service is to come in"
    if not registry.public_access:
        return (
            "pull from a network with a route to a private endpoint of the registry"
            if registry.private_endpoints
            else "give the registry a private endpoint in reach, or turn public access on with narrow IP rules"
        )
    return f"add its address{f' {client.public_ip}' if client.public_ip else ''} to the registry's IP rules"


def _resolver_fix(registry: Registry, client: Client, host: Host) -> str:
    zone = registry.cloud.private_link_zone
    if _zone_asked((*registry.zones, *client.other_zones), client.resolver, names.private_fqdn(host.name)) is not None:
        return f"add the record for '{host.name}' to the zone that it asks"
    if client.location is Location.VNET:
        network = _network_label(registry, client.vnet)
        if client.resolver != client.vnet:
            return f"let the DNS server of '{network}' forward to 168.63.129.16 in a network linked to '{zone}'"
        return f"link '{network}' to the zone '{zone}' that holds the registry's records"
    return f"forward '{registry.cloud.registry_suffix}' to a DNS resolver inside a network linked to '{zone}'"


def _blocked(firewall: Firewall, host: Host) -> tuple[Path, Verdict, str, str]:
    reason = f"the client firewall '{firewall.name}' has no rule that allows {host.name} on {HTTPS}"
    if host.kind is HostKind.STORAGE:
        fix = (
            f"turn dedicated data endpoints on and allow those hosts; until then only {host.name} works, which is every"
            " storage account of Azure"
        )
    else:
        fix = f"allow {host.name} on TCP {HTTPS}"
    return (Path.NONE, Verdict.BLOCKED, reason, fix)


def _passes(firewall: Firewall, host: Host, private_address: str | None = None) -> bool:
    """Whether the firewall lets a client through to a host, to the front end of each region that may answer."""
    return all(_first_match(firewall, host, region, private_address) for region in host.regions)


def _first_match(firewall: Firewall, host: Host, region: str, private_address: str | None) -> bool:
    for rule in firewall.rules:
        if rule.ports and HTTPS not in rule.ports:
            continue
        if (
            any(host_covers(pattern, host.name) for pattern in rule.hosts)
            or any(_address_covers(block, private_address) for block in rule.addresses)
            or any(_tag_covers(tag, host.kind, region, private_address) for tag in rule.service_tags)
        ):
            return rule.allow
    return False


def host_covers(pattern: str, host: str) -> bool:
    """Whether a firewall's host pattern (a name, ``*.suffix`` or ``*``) lets a host, or a whole wildcard, through."""
    wanted, name = pattern.lower().rstrip("."), host.lower().rstrip(".")
    if wanted.startswith("*"):
        return name.endswith(wanted[1:])
    return wanted == name


def _address_covers(block: str, address: str | None) -> bool:
    if block in {"*", "0.0.0.0/0", "::/0"}:
        return True
    return address is not None and is_address(address) and _within(address, block)


def _tag_covers(tag: str, kind: HostKind, region: str, private_address: str | None) -> bool:
    name, _, suffix = tag.lower().partition(".")
    if private_address is not None:
        return name == "virtualnetwork"
    if suffix and names.normalise_region(suffix) != region:
        return False
    if name in {"internet", "azurecloud"}:
        return True
    return name == ("storage" if kind is HostKind.STORAGE else names.SERVICE_TAG.lower())


def _service_tags(host: Host) -> tuple[str, ...]:
    if host.kind is HostKind.STORAGE:
        return ("Storage",)
    return tuple(names.service_tag(region) for region in host.regions if region in limits.REGIONS)


def is_address(value: str) -> bool:
    """Whether a value is an IP address, and not one of the placeholders of a preview."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _within(address: str, block: str) -> bool:
    try:
        return ipaddress.ip_network(address, strict=False).subnet_of(  # pyright: ignore[reportArgumentType]
            ipaddress.ip_network(block, strict=False)  # pyright: ignore[reportArgumentType]
        )
    except (ValueError, TypeError):
        return False


def _network_label(registry: Registry, vnet: str) -> str:
    return next((n.label for n in registry.networks if n.id == vnet), vnet)
