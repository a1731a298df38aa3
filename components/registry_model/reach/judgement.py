"""Who reaches what: for every client location and every host of a registry, the name, the path and the verdict.

Pure. Nothing here asks a network; it says what a network that is
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

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..azure import names
from ..azure.defaults import TRUSTED_SERVICES
from ..azure.names import HTTPS
from ..azure.regions import SERVICE_TAG, find, service_tag
from .alibaba import judgement as alibaba
from .alibaba.model import AlibabaRegistry
from .clients import resolver_of
from .exposure import exposure
from .firewalls import (
    ANY_SOURCE,
    DNS,
    PLATFORM_DNS,
    Destination,
    Firewall,
    Kind,
    Layer,
    Passage,
    before_rule,
    is_address,
    network_of,
    passage,
    regions_named,
    sources_of,
    within,
    worst_of,
)
from .model import (
    NO_REGION,
    PUBLIC_RESOLVER,
    Ability,
    AddressClass,
    Client,
    Connection,
    Host,
    HostKind,
    Location,
    Model,
    Operation,
    Outcome,
    Path,
    PrivateEndpoint,
    Reach,
    Registry,
    Subnet,
    Summary,
    Verdict,
    Zone,
)
from .routes import (
    Relay,
    Way,
    addresses_of,
    private_destinations,
    public_destinations,
    relays,
    stands_in,
    way_out,
    way_to,
)

if TYPE_CHECKING:
    from .kinds import AnyRegistry


@dataclass(frozen=True)
class _Answer:
    """What the client's resolver says: the chain, and either an address class or the zone that has no such name.

    ``addresses`` are all those of the record set, empty text for one that is not known yet. ``doubt`` is what must hold
    for the zone to be asked at all; ``unclear`` is what would have to be known to say more.
    """

    chain: tuple[str, ...]
    address_class: AddressClass
    addresses: tuple[str, ...] = ()
    zone: Zone | None = None
    doubt: str = ""
    unclear: str = ""


def reach(registry: AnyRegistry, client: Client) -> tuple[Reach, ...]:
    """Judge every host of the registry and every operation that touches it, for one client."""
    if isinstance(registry, AlibabaRegistry):
        hosts = (*registry.hosts(), *registry.hosts_by_own_names())
        return tuple(alibaba.judge(registry, client, h, operation) for h in hosts for operation in h.operations)
    return tuple(
        _judge_with_doubt(registry, client, host, operation)
        for host in registry.hosts()
        for operation in host.operations
    )


def summary(registry: AnyRegistry, client: Client) -> Summary:
    """Add one client's judgements up: can it pull, can it push, by which paths, and what stops it.

    Where a registry has several endpoints, each with hosts of its own, a client uses the one that serves it best.
    """
    reaches = reach(registry, client)
    lines = [_by_one_way(registry, client, reaches, way) for way in dict.fromkeys(r.way for r in reaches)]
    best = max(lines, key=lambda line: (_RANK[line.pull], _RANK[line.push]))
    if best.pull is not Ability.NO or len(lines) == 1:
        return best
    ways = list(dict.fromkeys(r.way for r in reaches))
    told = [f"{way}: {line.reason}" for way, line in zip(ways, lines, strict=True)]
    return replace(
        best, reason="; ".join(told), fix="; or ".join(dict.fromkeys(line.fix for line in lines if line.fix))
    )


def _by_one_way(registry: AnyRegistry, client: Client, reaches: tuple[Reach, ...], way: str) -> Summary:
    """What a client can do by one endpoint. Regional endpoints are other names of the login server, so they decide
    nothing here."""
    decisive = [r for r in reaches if r.kind is not HostKind.REGIONAL and r.way == way]
    push = _least(_abilities([r for r in decisive if r.operation is Operation.PUSH]))
    pulls = [r for r in decisive if r.operation is Operation.PULL]
    login = _ability([r for r in pulls if r.kind is HostKind.LOGIN])
    pull = _least(_abilities(pulls))
    allowed = [r for r in pulls if (r.allowed or r.sometimes) and login not in (Ability.NO, Ability.UNKNOWN)]
    failed = [r for r in pulls if not r.allowed]
    # A "no" is explained by what is certain.
    certain = [r for r in failed if pull is Ability.NO and r.verdict is not Verdict.CANNOT_TELL]
    shown = next(iter([*certain, *failed]), None)
    conditions = list(dict.fromkeys(condition for r in allowed for condition in r.conditions))
    reason = shown.reason if shown is not None else "; and ".join(conditions) or pulls[0].reason
    holds_for = ""
    # Where the rules tell several groups of sources apart, the client's name says which it is.
    if client.firewall is not None and client.source != ANY_SOURCE and ", from " not in client.name:
        holds_for = f"this holds for clients at {', '.join(client.source)} only"
        reason += f"; {holds_for}"
    return Summary(
        registry=registry.label,
        client=client.name,
        pull=pull,
        push=push,
        paths=tuple(dict.fromkeys(r.path for r in allowed)),
        reason=reason,
        fix=shown.fix if shown is not None else next((r.fix for r in allowed if r.fix), ""),
        reaches=reaches,
        key=client.key,
        holds_for=holds_for,
    )


def table(model: Model) -> list[Summary]:
    """The who-can-pull table of a model, in the order of its clients."""
    return [summary(model.registry, client) for client in model.clients]


def _ability(reaches: Sequence[Reach]) -> Ability:
    verdicts = [r.verdict for r in reaches]
    unclear = Verdict.CANNOT_TELL in verdicts
    if all(v in (Verdict.ALLOWED, Verdict.CANNOT_TELL) for v in verdicts):
        return Ability.UNKNOWN if unclear else Ability.IF if any(r.conditions for r in reaches) else Ability.YES
    if Verdict.ALLOWED in verdicts or any(r.sometimes for r in reaches):
        return Ability.PARTLY
    return Ability.UNKNOWN if unclear else Ability.NO


def _abilities(reaches: Sequence[Reach]) -> list[Ability]:
    """What a client can do with each kind of host that it needs: the login server, the token service, the layers."""
    return [_ability([r for r in reaches if r.kind is kind]) for kind in dict.fromkeys(r.kind for r in reaches)]


# A client needs all of what it needs, so the least of it counts; of several endpoints it takes the best.
_RANK = {Ability.NO: 0, Ability.UNKNOWN: 1, Ability.PARTLY: 2, Ability.IF: 3, Ability.YES: 4}


def _least(abilities: Sequence[Ability]) -> Ability:
    return min(abilities, key=lambda each: _RANK[each])


def _judge_with_doubt(registry: Registry, client: Client, host: Host, operation: Operation) -> Reach:
    """A verdict, which depends on what may not exist where it is another without that."""
    found = _judge(registry, client, host, operation)
    if registry.at_least is None:
        return found
    less = _judge(registry.at_least, client, host, operation)
    if less.allowed == found.allowed:
        return found
    if found.allowed:
        return replace(found, conditions=(*found.conditions, registry.condition))
    reason = f"it depends on whether {registry.condition}"
    return replace(found, path=Path.NONE, verdict=Verdict.CANNOT_TELL, reason=reason, fix="")


def _judge(registry: Registry, client: Client, host: Host, operation: Operation) -> Reach:
    answer = _resolve(registry, client, host)
    outcome = _outcome(registry, client, host, answer)
    unanswered, doubts = _asks_in_vain(registry, client)
    if unanswered is not None:
        answer, outcome = _Answer((host.name,), AddressClass.NONE), unanswered
    outcome = replace(outcome, conditions=(*doubts, *outcome.conditions))
    if answer.doubt:
        answer, outcome = _weighed(registry, client, host, answer, outcome)
    outcome = _untold(registry, client, outcome)
    conditions = outcome.conditions
    # A client that resolves through another network's resolver does so only if its own DNS server asks there.
    if host.kind is not HostKind.STORAGE and (registry.private_endpoints or client.other_zones):
        conditions = (*client.conditions, *conditions)
    allowed = outcome.verdict is Verdict.ALLOWED
    return Reach(
        client=client.name,
        host=host.name,
        kind=host.kind,
        regions=host.regions,
        operation=operation,
        chain=answer.chain,
        address=", ".join(each for each in answer.addresses if is_address(each)),
        address_class=answer.address_class,
        service_tags=_service_tags(host) if answer.address_class is AddressClass.PUBLIC else (),
        path=outcome.path,
        verdict=outcome.verdict,
        reason=outcome.reason,
        fix=outcome.fix,
        conditions=conditions if allowed else (),
        sometimes=outcome.sometimes,
    )


def _untold(registry: Registry, client: Client, outcome: Outcome) -> Outcome:
    """The outcome of a client whose DNS servers are not known: what Azure's resolver answers it is not certain then."""
    network = registry.network(client.vnet)
    if network is None or network.dns_servers is not None or not registry.private_endpoints:
        return outcome
    if outcome.verdict not in (Verdict.NO_NAME, Verdict.WRONG_RESOLVER):
        return outcome
    which = f"the DNS servers of {network.label}, {network.gap or 'not known yet'}"
    reason = f"it depends on {which}; if they ask Azure's resolver, {outcome.reason}"
    return replace(outcome, verdict=Verdict.CANNOT_TELL, reason=reason)


def _outcome(registry: Registry, client: Client, host: Host, answer: _Answer) -> Outcome:
    if registry.by_name:
        reason = "only the registry's name and regions are known, not its access rules, private endpoints and zones"
        return Outcome(Path.NONE, Verdict.CANNOT_TELL, reason)
    if answer.address_class is AddressClass.NONE:
        return _no_name(registry, client, host, answer)
    if answer.address_class is AddressClass.PRIVATE:
        return _private(registry, client, host, answer)
    return _public(registry, client, host)


def _weighed(
    registry: Registry, client: Client, host: Host, answer: _Answer, outcome: Outcome
) -> tuple[_Answer, Outcome]:
    """The answer and outcome where another stack may or may not have linked its zone: both are looked at."""
    unlinked = _resolve(registry, client, host, possible=False)
    other = _outcome(registry, client, host, unlinked)
    linked, public = outcome.verdict is Verdict.ALLOWED, other.verdict is Verdict.ALLOWED
    if linked and not public:
        fix = "ask the zone's owner for that link, or give the network a private endpoint and a zone of its own"
        return answer, replace(outcome, fix=fix, conditions=(answer.doubt, *outcome.conditions))
    if public and not linked:
        fix = "ask the zone's owner whether that link is there"
        return unlinked, replace(other, fix=fix, conditions=(f"not: {answer.doubt}", *other.conditions))
    return (unlinked, other) if outcome.verdict is Verdict.NO_ROUTE else (answer, outcome)


def firewall_passage(registry: Registry, client: Client, host: Host) -> Passage | None:
    """What the client's firewall makes of its connection to a host, on the way that its resolver sends it.

    None where the client has no firewall, or the connection never comes to it: the name does not resolve, or a private
    address is reached without passing an Azure Firewall.
    """
    if client.firewall is None:
        return None
    answer = _resolve(registry, client, host)
    if answer.address_class is AddressClass.NONE:
        return None
    if answer.address_class is AddressClass.PUBLIC:
        return _through(registry, client, public_destinations(host))
    if not client.firewall.filters_private:
        return None
    holders = [holder for each in answer.addresses if (holder := _holder(registry, host, each)) is not None]
    return _through(registry, client, [to for holder in holders for to in private_destinations(host, holder)])


def _through(registry: Registry, client: Client, to: Sequence[Destination]) -> Passage | None:
    """The worst of the client's passages through its firewall."""
    firewall = client.firewall
    if firewall is None:
        return None
    return worst_of(_passage_of_stand_in(registry, firewall, client.source, each) for each in to)


def _passage_of_stand_in(registry: Registry, firewall: Firewall, source: Sequence[str], to: Destination) -> Passage:
    """The passage to a destination that may be a stand-in: a denial counts only if it holds whatever it stands for."""
    found = passage(firewall, to, source)
    if found.allowed is not False or not registry.assumed:
        return found
    if to.private or not {"region", "replicas"}.issuperset(registry.assumed):
        return Passage(None)  # a rule may name the host that a stand-in is here for
    possible = (
        passage(firewall, each, clients)
        for each in _possible(registry, firewall, to)
        for clients in (source, *sources_of(firewall, [each]))
    )
    return next((Passage(None, None, each.unclear) for each in possible if each.allowed is not False), found)


def _possible(registry: Registry, firewall: Firewall, to: Destination) -> Iterator[Destination]:
    """What a public destination may turn out to be, as far as a rule of the firewall tells it from the stand-in: a
    region that a rule names, and another cloud while the home region does not tell the cloud."""
    suffix = "blob_suffix" if to.storage else "registry_suffix"
    clouds = names.CLOUDS.values() if "region" in registry.assumed else [registry.cloud]
    named = regions_named(firewall) - set(registry.regions) if to.region == NO_REGION else frozenset()
    for region in (to.region, *sorted(named)):
        host = to.host.replace(f".{to.region}.", f".{region}.").removesuffix(getattr(registry.cloud, suffix))
        for cloud in clouds:
            if (region, cloud) != (to.region, registry.cloud):
                yield replace(to, host=host + getattr(cloud, suffix), region=region)


_LONGEST_CHAIN = 8  # of CNAME records that a zone holds; more is a loop


def _resolve(registry: Registry, client: Client, host: Host, *, possible: bool = True) -> _Answer:
    """What the client's resolver answers; ``possible``: taken that other stacks link their zones to its network."""
    if client.mute is not None:
        return _Answer((host.name,), AddressClass.NONE)
    if host.kind is HostKind.STORAGE:
        return _Answer((host.name,), AddressClass.PUBLIC)
    chain: list[str] = []
    # Public DNS aliases a host into the privatelink zone only once the registry has a private endpoint.
    wanted = [host.name, names.private_fqdn(host.name)][: 2 if registry.private_endpoints else 1]
    zones = (*registry.zones, *client.other_zones)
    doubt, alias = "", False
    while wanted and len(chain) < _LONGEST_CHAIN:
        name = wanted.pop(0)
        chain.append(name)
        zone = _zone_asked(zones, client.resolver, name, possible=possible)
        if zone is None:
            if alias:
                return _Answer(tuple(chain), AddressClass.NONE, doubt=doubt, unclear=f"what {name} resolves to")
            continue
        link = zone.link_of(client.resolver)
        if link is not None and not link.declared:
            doubt = f"{_network_label(registry, client.resolver)} is linked to the zone {zone.id}, {zone.gap}"
        record = name.removesuffix(f".{zone.name}")
        addresses = zone.addresses_of(record)
        if addresses:
            return _Answer(tuple(chain), AddressClass.PRIVATE, addresses, zone, doubt)
        target = zone.alias_of(record)
        if target:
            wanted, alias = [target], True
            continue
        if not zone.complete:
            unclear = f"whether the zone {zone.id}, {zone.gap}, holds the record '{record}'"
            return _Answer(tuple(chain), AddressClass.NONE, zone=zone, doubt=doubt, unclear=unclear)
        if link is None or not link.nx_domain_redirect:
            return _Answer(tuple(chain), AddressClass.NONE, zone=zone, doubt=doubt)
    return _Answer((*chain, *_public_aliases(registry, host)), AddressClass.PUBLIC, doubt=doubt)


def _zone_asked(zones: Iterable[Zone], vnet: str, name: str, *, possible: bool = True) -> Zone | None:
    """The zone that the resolver of a network asks for a name: the longest linked suffix, as Azure's resolver does."""
    if vnet == PUBLIC_RESOLVER:
        return None
    linked = [
        zone
        for zone in zones
        if name.endswith(f".{zone.name}") and (link := zone.link_of(vnet)) is not None and (possible or link.declared)
    ]
    return max(linked, key=lambda z: len(z.name), default=None)


def _public_aliases(registry: Registry, host: Host) -> tuple[str, ...]:
    # Seen for the public cloud only; the sovereign clouds' internal names are not documented.
    if registry.cloud is not names.PUBLIC:
        return ()
    front = f"*.{host.regions[0]}.cloudapp.azure.com" if len(host.regions) == 1 else "*.cloudapp.azure.com"
    return ("*.data.azcr.io" if host.kind is HostKind.DATA else "*.azcr.io", "*.trafficmanager.net", front)


def _no_name(registry: Registry, client: Client, host: Host, answer: _Answer) -> Outcome:
    if client.mute is not None:
        proxy = client.mute
        reason = (
            f"its DNS server {proxy.address} is the firewall '{proxy.firewall}', whose policy '{proxy.policy}' has the"
            " DNS proxy off, so that nothing answers"
        )
        fix = f"set dnsSettings.enableProxy of the policy '{proxy.policy}' to true"
        return Outcome(Path.NONE, Verdict.NO_NAME, reason, fix)
    if answer.unclear:
        return Outcome(Path.NONE, Verdict.CANNOT_TELL, f"it depends on {answer.unclear}", _no_name_fix(answer))
    zone = answer.zone
    if zone is None:
        raise AssertionError("a name without a zone resolves publicly")
    alias = answer.chain[-1]
    record = alias.removesuffix(f".{zone.name}")
    label = names.split_login_server(registry.login_server)[0]
    reason = (
        f"{_named_network(registry, client.resolver)} is linked to a zone '{zone.name}' that has no"
        f" record '{record}', and a linked zone is the only one asked: NXDOMAIN"
    )
    if zone.name != registry.cloud.private_link_zone:
        fix = (
            f"unlink or delete the zone '{zone.name}': every record of a registry belongs in"
            f" '{registry.cloud.private_link_zone}'"
        )
        return Outcome(Path.NONE, Verdict.NO_NAME, reason, fix)
    held = (*zone.records, *zone.aliases)
    if any(name == label or name.startswith(f"{label}.") for name, _ in held):
        return Outcome(Path.NONE, Verdict.NO_NAME, reason, f"add the missing A record '{record}' to '{zone.name}'")
    endpoint = f"give the network a private endpoint of '{registry.label}' with its records in that zone"
    reached = next((e for e in registry.private_endpoints if e.approved and way_to(registry, client, e).open), None)
    if reached is not None and not client.other_zones:
        endpoint = f"add to that zone the A records of '{reached.name}', to which there is a route: {_all(registry)}"
    redirect = "set resolutionPolicy NxDomainRedirect on that link"
    fix = (
        f"{endpoint}; NxDomainRedirect on that link would only reach the closed public side"
        if registry.public_access is False
        else f"{redirect}, or {endpoint}"
    )
    return Outcome(Path.NONE, Verdict.NO_NAME, f"{reason}, although '{host.name}' is in public DNS", fix)


def _no_name_fix(answer: _Answer) -> str:
    return f"make sure that '{answer.chain[-1]}' resolves to the private endpoint's address"


def _all(registry: Registry) -> str:
    """The records that a zone needs for all hosts of the registry."""
    suffix = f".{registry.cloud.private_link_zone}"
    hosts = [host for host in registry.hosts() if host.kind is not HostKind.STORAGE]
    return " and ".join(f"'{names.private_fqdn(host.name).removesuffix(suffix)}'" for host in hosts)


def _holder(registry: Registry, host: Host, address: str) -> PrivateEndpoint | None:
    """The private endpoint that has a resolved address for this host."""
    return next((e for e in registry.private_endpoints if address and e.address_of(host.name) == address), None)


_WAITS = {
    Connection.PENDING: ("waits for approval", "approve it on the registry"),
    Connection.REJECTED: ("was rejected by the registry's owner", "ask the owner why, and make a new endpoint"),
    Connection.DISCONNECTED: (
        "is disconnected: the registry's owner removed it",
        "delete the endpoint and make a new one",
    ),
}


def _private(registry: Registry, client: Client, host: Host, answer: _Answer) -> Outcome:
    """What becomes of connections to the addresses of a record set: a client may take any of them."""
    zone = answer.zone.name if answer.zone else ""
    found = [_at(registry, client, host, address, zone) for address in answer.addresses]
    through = [each for each in found if each.verdict is Verdict.ALLOWED]
    failed = [each for each in found if each.verdict is not Verdict.ALLOWED]
    if not failed:
        conditions = tuple(dict.fromkeys(condition for each in through for condition in each.conditions))
        return replace(through[0], conditions=conditions)
    first = next((each for each in failed if each.verdict is not Verdict.CANNOT_TELL), failed[0])
    if not through or len(found) == 1:
        return first
    reason = f"one of the {len(found)} addresses that the name resolves to does not work: {first.reason}"
    return replace(first, path=Path.PRIVATE, reason=reason, sometimes=first.verdict is not Verdict.CANNOT_TELL)


def _at(registry: Registry, client: Client, host: Host, address: str, zone: str) -> Outcome:
    """What becomes of a connection to one private address."""
    if not address:
        reason = f"the address in the record for '{host.name}' in '{zone}' is not known yet"
        fix = "take the record's address from the endpoint's network interface, or let a zone group write it"
        return Outcome(Path.NONE, Verdict.CANNOT_TELL, reason, fix)
    holder = _holder(registry, host, address)
    shown = address if is_address(address) else "a private address, known after deployment"
    if holder is None:
        return _wrong_address(registry, address, shown, zone)
    way = way_to(registry, client, holder, address, host.name)
    if not way.open:
        reason = f"the name resolves to {shown} in '{_network_label(registry, holder.vnet)}', and {way.why}"
        return Outcome(Path.NONE, _stopped_on(way), reason, way.fix)
    if not holder.approved:
        why, fix = _WAITS[holder.connection]
        reason = f"the connection of the private endpoint '{holder.name}' {why}"
        return Outcome(Path.NONE, Verdict.NOT_APPROVED, reason, fix)
    to = private_destinations(host, holder)
    if client.firewall is not None and client.firewall.filters_private:
        stopped = _stopped(registry, client, client.firewall, host, _through(registry, client, to), holder)
        if stopped is not None:
            return stopped
    stopped, doubts = _past_groups(registry, client, host, to, holder)
    stopped = stopped or _kept_out(registry, client, holder, to)
    if stopped is not None:
        return stopped
    conditions = (*way.conditions, *doubts, *([holder.condition] if holder.condition else []))
    reason = f"resolves to {shown} of the private endpoint '{holder.name}'"
    return Outcome(Path.PRIVATE, Verdict.ALLOWED, reason, conditions=conditions)


def _wrong_address(registry: Registry, address: str, shown: str, zone: str) -> Outcome:
    held = [(host, theirs) for e in registry.private_endpoints for host, theirs in e.addresses]
    # An endpoint whose own address is not known yet may have the one that the record was given.
    waiting = next((e.name for e in registry.private_endpoints for _, a in e.addresses if not is_address(a)), "")
    other = next((host for host, theirs in held if theirs == address), None)
    if other is None and waiting and is_address(address):
        reason = f"the record in '{zone}' says {shown}; whether '{waiting}' gets that address is not known yet"
        fix = (
            "give the endpoint static addresses, or a zone group; of what runs already, `az network nic list` tells it"
        )
        return Outcome(Path.NONE, Verdict.CANNOT_TELL, reason, fix)
    whose = f"belongs to '{other}'" if other else f"no private endpoint of '{registry.label}' has for this host"
    fix = (
        "correct the record from the addresses of the endpoint's network interface; two endpoints of one registry must"
        " not share a zone"
    )
    return Outcome(Path.NONE, Verdict.WRONG_ADDRESS, f"the record in '{zone}' says {shown}, which {whose}", fix)


def _past_groups(
    registry: Registry,
    client: Client,
    host: Host,
    to: Sequence[Destination],
    holder: PrivateEndpoint | None = None,
) -> tuple[Outcome | None, tuple[str, ...]]:
    """What the security groups of its subnets make of a client that may stand in any of them.

    It is stopped where none of the subnets certainly lets it out; where only some do, on which it depends.
    """
    if client.firewall is not None or client.location is not Location.VNET:
        return None, ()
    out = False
    doubts: list[str] = []
    held: list[tuple[Firewall, Passage]] = []
    for place in stands_in(registry, client):
        if place.gap:
            doubts.append(place.gap)
            out = True
            continue
        groups = _groups_of(registry, client, place)
        source = place.prefixes or addresses_of(registry, client)
        # A rule for some addresses of the subnet may or may not be about the client, as in a firewall that is shared.
        found = [
            (group, worst_of(passage(replace(group, shared=True), each, source) for each in to)) for group in groups
        ]
        kept = [(group, worst) for group, worst in found if worst is not None and worst.allowed is not True]
        if not kept:
            out = True
            continue
        held += kept
        group, worst = kept[0]
        doubts.append(f"it is not in the subnet '{place.name}', whose security group '{group.name}' {_says(worst)}")
    if out or not held:
        return None, tuple(doubts)
    group, worst = next(((g, w) for g, w in held if w.allowed is None), held[0])
    if registry.assumed and worst.allowed is False:
        worst = Passage(None)  # a rule may name the host that a stand-in is here for
    return _stopped(registry, client, group, host, worst, holder), ()


def _groups_of(registry: Registry, client: Client, place: Subnet) -> list[Firewall]:
    """The security groups of a subnet that a client may stand in."""
    where = (client.vnet, place.name.lower())
    return [
        each
        for each in registry.firewalls
        if each.kind is Kind.SECURITY_GROUP
        and (where in each.subnets or (not each.subnets and client.vnet in each.vnets))
    ]


def _asks_in_vain(registry: Registry, client: Client) -> tuple[Outcome | None, tuple[str, ...]]:
    """What security groups make of a client's questions to its DNS servers: nothing is answered, or on what that
    depends.

    Azure's own resolver is subject to no rule but one for its service tag
    (learn.microsoft.com/azure/virtual-network/network-security-groups-overview, 2026-01).
    """
    network = registry.network(client.vnet)
    if client.location is not Location.VNET or network is None:
        return None, ()
    servers = network.dns_servers or (names.AZURE_DNS,)
    kept: list[tuple[str, Passage]] = []
    places = stands_in(registry, client)
    for place in places:
        source = place.prefixes or addresses_of(registry, client)
        found = [
            (group, worst)
            for group in _groups_of(registry, client, place)
            if (worst := _best_of(_question(group, server, source) for server in servers)).allowed is not True
        ]
        kept += [(f"the security group '{g.name}' of the subnet '{place.name}'", worst) for g, worst in found[:1]]
    asked = f"its DNS server{'s' if len(servers) > 1 else ''} {' and '.join(servers)} on UDP {DNS}"
    if len(kept) < len(places) or any(worst.allowed is None for _, worst in kept):
        return None, tuple(f"it can ask {asked}, which {group} {_says(worst)}" for group, worst in kept)
    group, worst = kept[0]
    reason = f"it cannot ask {asked}: {group} {_says(worst)}"
    return Outcome(Path.NONE, Verdict.NO_NAME, reason, f"allow UDP and TCP {DNS} to it in that group"), ()


def _best_of(passages: Iterable[Passage]) -> Passage:
    """Clients ask the next server where one does not answer."""
    rank = {True: 0, None: 1, False: 2}
    return min(passages, key=lambda each: rank[each.allowed])


def _question(group: Firewall, server: str, source: Sequence[str]) -> Passage:
    if server == names.AZURE_DNS:
        own = tuple(rule for rule in group.rules if PLATFORM_DNS in rule.service_tags)
        about = tuple(replace(rule, service_tags=(), addresses=("*",)) for rule in own)
        found = passage(replace(group, rules=about, shared=True), Destination("", private=True, dns=True), source)
        return Passage(True) if found.allowed is False and found.by is None else found
    address = network_of(server)
    if address is None or not address.is_private:
        return Passage(True)
    return passage(replace(group, shared=True), Destination("", private=True, address=server, dns=True), source)


def _says(found: Passage) -> str:
    if found.allowed is None:
        return f"may deny it: {found.reason}"
    return f"denies it: {found.by.label if found.by is not None else 'no rule allows it'}"


def _kept_out(registry: Registry, client: Client, holder: PrivateEndpoint, to: Sequence[Destination]) -> Outcome | None:
    """What the security group of the endpoint's subnet makes of a client; None where it lets it in."""
    if holder.inbound is None:
        return None
    source = addresses_of(registry, client)
    worst = worst_of(passage(holder.inbound, each, source) for each in to)
    if worst is None or worst.allowed is True:
        return None
    group = f"the security group '{holder.inbound.name}' on the subnet of the private endpoint '{holder.name}'"
    fix = f"allow the client's addresses to reach the endpoint on TCP {HTTPS} in that group"
    if worst.allowed is None:
        return Outcome(Path.NONE, Verdict.CANNOT_TELL, f"whether {group} lets the client in: {worst.reason}", fix)
    by = worst.by.label if worst.by is not None else "no rule allows it"
    return Outcome(Path.NONE, Verdict.BLOCKED, f"{group} denies the client: {by}", fix)


def _public(registry: Registry, client: Client, host: Host) -> Outcome:
    found = _through(registry, client, public_destinations(host))
    stopped = _stopped(registry, client, client.firewall, host, found) if client.firewall is not None else None
    endpoint = next((e for e in registry.private_endpoints if e.approved and way_to(registry, client, e).open), None)
    if host.kind is HostKind.STORAGE:
        reason = "layers come from a storage account whose name nobody knows beforehand"
        admitted = Outcome(Path.STORAGE, Verdict.ALLOWED, reason)
        endpoint = None
    else:
        admitted = _admitted(registry, client)
    guarded, doubts = _past_groups(registry, client, host, public_destinations(host))
    if admitted.verdict is Verdict.REFUSED and (stopped or guarded) is None:
        relayed = _relayed(registry, client, host, doubts)
        if relayed is not None:
            return relayed
    if endpoint is not None and admitted.verdict is Verdict.REFUSED:
        assumed = f", assuming that {' and '.join(client.conditions)}" if client.conditions else ""
        network = registry.network(endpoint.vnet)
        unsure = client.location is Location.ON_PREMISES and network is not None and network.live
        has = "may have" if unsure else "has"
        return Outcome(
            Path.NONE,
            Verdict.WRONG_RESOLVER,
            f"it {has} a route to the private endpoint '{endpoint.name}', but its resolver answers the public address"
            f"{assumed}, where {admitted.reason}",
            _resolver_fix(registry, client, host),
        )
    if stopped is not None:
        return _by_private_address(registry, client, host, stopped)
    if guarded is not None:
        return guarded
    if admitted.verdict is not Verdict.ALLOWED:
        return _behind_unnamed(registry, client, admitted)
    way = way_out(registry, client, host)
    if not way.open:
        reason = f"the name resolves to a public address, and {way.why}"
        return Outcome(Path.NONE, _stopped_on(way), reason, way.fix)
    seen = (
        f"; the private endpoint '{endpoint.name}' is in reach, but its resolver answers the public address"
        if endpoint is not None
        else ""
    )
    conditions = (*admitted.conditions, *way.conditions, *doubts)
    return replace(admitted, reason=admitted.reason + seen, conditions=conditions)


def _relayed(registry: Registry, client: Client, host: Host, doubts: tuple[str, ...]) -> Outcome | None:
    """What becomes of a client whose public traffic goes to an Azure Firewall that resolves names itself; None where
    that changes nothing.

    The client's own DNS answers the public address. An application rule does not forward to it: the firewall reads the
    name in TLS, asks its own DNS servers for it, and connects to what they answer from its own network. A network rule
    forwards to the address that the client asked for (learn.microsoft.com/azure/firewall/dns-details and
    /azure/private-link/inspect-traffic-with-azure-firewall, 2026-01).
    """
    found = [(relay, _through_relay(registry, host, relay)) for relay in relays(registry, client, host) if relay]
    through = [(relay, outcome) for relay, outcome in found if outcome is not None]
    if not through:
        return None
    relay, best = next(((r, o) for r, o in through if o.verdict is Verdict.ALLOWED), through[0])
    if best.verdict is not Verdict.ALLOWED:
        return best
    places = {place.name: place for place in stands_in(registry, client)}
    good = {r.place.name for r, o in through if o.verdict is Verdict.ALLOWED}
    elsewhere = tuple(f"it is not in the subnet '{name}'" for name in places if name not in good)
    itself = (
        f"{relay.label}, resolves the names of its application rules itself, and so connects to the private endpoint"
        " instead of the public address that the client asks for"
    )
    return replace(best, conditions=(itself, *relay.conditions, *best.conditions, *doubts, *elsewhere))


def _through_relay(registry: Registry, host: Host, relay: Relay) -> Outcome | None:
    """What becomes of the firewall's own connection for a host; None where it makes none, or where that fails."""
    passed = relay.passage
    if passed is not None and passed.allowed is False:
        return None
    if passed is None or passed.allowed is None:
        why = passed.reason if passed is not None else relay.route.untold
        reason = f"it depends on whether {relay.label}, lets {host.name} through by an application rule: {why}"
        return Outcome(Path.NONE, Verdict.CANNOT_TELL, reason, f"allow {host.name} in an application rule")
    if passed.by is None or passed.by.layer is not Layer.APPLICATION:
        return None
    called = replace(relay.network, name=relay.route.appliance, dns_servers=relay.route.servers)
    resolver, conditions = resolver_of(registry, called)
    stands = Client(relay.label, Location.VNET, relay.network.id, resolver=resolver, subnets=("azurefirewallsubnet",))
    answer = _resolve(registry, stands, host)
    if answer.unclear:
        return Outcome(Path.NONE, Verdict.CANNOT_TELL, f"it depends on {answer.unclear}", _no_name_fix(answer))
    if answer.address_class is not AddressClass.PRIVATE:
        return None
    outcome = _private(registry, stands, host, answer)
    if outcome.verdict not in (Verdict.ALLOWED, Verdict.CANNOT_TELL):
        return None
    return replace(outcome, conditions=(*conditions, *([answer.doubt] if answer.doubt else []), *outcome.conditions))


def _behind_unnamed(registry: Registry, client: Client, refused: Outcome) -> Outcome:
    """What a refusal on the public side says of a client whose network nothing tells, behind an Azure Firewall.

    That network's DNS may answer the private endpoint's address; and so may the firewall's own, which it asks for the
    host of an application rule (learn.microsoft.com/azure/firewall/dns-details, 2026-01).
    """
    firewall = client.firewall
    endpoint = next((e for e in registry.private_endpoints if e.approved), None)
    if refused.verdict is not Verdict.REFUSED or firewall is None or client.vnet or endpoint is None:
        return refused
    if firewall.kind is not Kind.AZURE_FIREWALL:
        return refused
    reason = (
        f"it depends on the network behind the client firewall '{firewall.label}', and on whether the DNS of that"
        f" network or of the firewall answers the address of '{endpoint.name}': on the public side {refused.reason}"
    )
    fix = f"look at the line of that network; link it, or the firewall's, to '{registry.cloud.private_link_zone}'"
    return Outcome(Path.NONE, Verdict.CANNOT_TELL, reason, fix)


def _by_private_address(registry: Registry, client: Client, host: Host, stopped: Outcome) -> Outcome:
    """What a stop on the public path says of a client whose network nothing tells, behind an Azure Firewall.

    Where a network rule lets the private endpoint's address through, all depends on what that network's DNS answers.
    """
    firewall = client.firewall
    if stopped.verdict is not Verdict.BLOCKED or firewall is None or client.vnet:
        return stopped
    endpoint = next((e for e in registry.private_endpoints if e.approved and _lets_to(registry, client, host, e)), None)
    if firewall.kind is not Kind.AZURE_FIREWALL or endpoint is None:
        return stopped
    reason = (
        f"it depends on whether its DNS answers the address of '{endpoint.name}', to which the client firewall"
        f" '{firewall.label}' may let it through; by the public address, {stopped.reason}"
    )
    fix = f"look at the line of the network behind it; link that to '{registry.cloud.private_link_zone}'"
    return Outcome(Path.NONE, Verdict.CANNOT_TELL, reason, fix)


def _lets_to(registry: Registry, client: Client, host: Host, endpoint: PrivateEndpoint) -> bool:
    """Whether the client's firewall may let it through to a host's address at a private endpoint."""
    found = _through(registry, client, private_destinations(host, endpoint))
    return found is not None and found.allowed is not False


def _stopped_on(way: Way) -> Verdict:
    return Verdict.BLOCKED if way.blocked else Verdict.NO_ROUTE


def _admitted(registry: Registry, client: Client) -> Outcome:
    """Whether the registry's public side lets the client in, and why."""
    if exposure(registry.public_access, registry.default_allow, registry.ip_rules).everyone:
        return Outcome(Path.PUBLIC, Verdict.ALLOWED, "public access is on for every address")
    if client.location is Location.TRUSTED_SERVICE and registry.trusted_bypass is not False:
        if registry.trusted_bypass is None:
            return _unclear("networkRuleBypassOptions")
        return Outcome(Path.TRUSTED, Verdict.ALLOWED, "the registry lets trusted Azure services in")
    if registry.public_access is False:
        return _refused(registry, client, "the registry's public access is off")
    rules = registry.ip_rules
    rule = next((r for r in rules or () if client.public_ip is not None and within(client.public_ip, r)), None)
    if registry.public_access and (subnets := _by_service_endpoint(registry, client)):
        if_so = f"it stands in {subnets}, which the registry admits by its service endpoint"
        return Outcome(Path.PUBLIC, Verdict.ALLOWED, "the registry admits subnets", conditions=(if_so,))
    if registry.public_access and rules and client.public_ip is None and client.location in _BEHIND_AN_ADDRESS:
        if_so = f"its address towards the internet is in an IP rule of the registry ({', '.join(rules)})"
        reason = "the registry admits the addresses of its IP rules"
        return Outcome(Path.PUBLIC, Verdict.ALLOWED, reason, conditions=(if_so,))
    if registry.default_allow is False and rules is not None and rule is None:
        why = (
            "the registry admits only the addresses of its IP rules, and the client's is not one"
            if client.public_ip is None
            else f"its address {client.public_ip} is in no IP rule of the registry"
        )
        return _refused(registry, client, why)
    if registry.public_access is None:
        return _unclear("publicNetworkAccess")
    if rule is not None:
        return Outcome(Path.PUBLIC, Verdict.ALLOWED, f"its address {client.public_ip} is in the IP rule {rule}")
    return _unclear("networkRuleSet.defaultAction" if registry.default_allow is None else "networkRuleSet.ipRules")


# Which address the internet sees of these clients, of a NAT gateway, a firewall or an office, no document tells.
_BEHIND_AN_ADDRESS = (Location.VNET, Location.ON_PREMISES)


def _by_service_endpoint(registry: Registry, client: Client) -> str:
    """The subnets of the client's network that the registry admits, in words; empty where the client is in none."""
    found = [name for vnet, name in registry.service_subnets if vnet == client.vnet]
    within_reach = [name for name in found if not client.subnets or name in client.subnets]
    return " or ".join(f"the subnet '{name}'" for name in within_reach)


def _unclear(what: str) -> Outcome:
    return Outcome(Path.NONE, Verdict.CANNOT_TELL, f"the registry's {what} is not known yet")


def _refused(registry: Registry, client: Client, why: str) -> Outcome:
    if client.location is Location.TRUSTED_SERVICE:
        fix = f"set networkRuleBypassOptions to {TRUSTED_SERVICES}, if trusted services are to be let in"
    elif registry.public_access is False:
        fix = (
            "pull from a network with a route to a private endpoint of the registry"
            if registry.private_endpoints
            else "give the registry a private endpoint in reach, or turn public access on with narrow IP rules"
        )
    else:
        fix = _admitting_fix(client)
    return Outcome(Path.NONE, Verdict.REFUSED, why, fix)


def _admitting_fix(client: Client) -> str:
    """How a client comes to be in the IP rules; one that stands for every address cannot be put there."""
    if client.public_ip is not None:
        return f"add its address {client.public_ip} to the registry's IP rules"
    if client.location is Location.INTERNET:
        return "pull from an address that the registry's IP rules name"
    place = "its network" if client.location is Location.VNET else "its site"
    return f"add the public address that {place} goes out with to the registry's IP rules"


def _resolver_fix(registry: Registry, client: Client, host: Host) -> str:
    zone = registry.cloud.private_link_zone
    if _zone_asked((*registry.zones, *client.other_zones), client.resolver, names.private_fqdn(host.name)) is not None:
        return f"add the A records {_all(registry)} to the zone that it asks"
    if client.location is Location.VNET:
        network = _named_network(registry, client.vnet)
        if registry.network(client.resolver) is not None and client.resolver != client.vnet:
            asked = _named_network(registry, client.resolver)
            return f"link {asked}, whose resolver its DNS server asks, to the zone '{zone}' of the registry's records"
        if client.resolver != client.vnet:
            return f"let the DNS server of {network} forward to {names.AZURE_DNS} in a network linked to '{zone}'"
        return f"link {network} to the zone '{zone}' that holds the registry's records"
    return f"forward '{registry.cloud.registry_suffix}' to a DNS resolver inside a network linked to '{zone}'"


def _stopped(
    registry: Registry,
    client: Client,
    firewall: Firewall,
    host: Host,
    found: Passage | None,
    holder: PrivateEndpoint | None = None,
) -> Outcome | None:
    """What becomes of a connection that the client's firewall does not certainly let through; None if it does.

    ``holder`` is the private endpoint that it goes to, None on the public path.
    """
    if found is None or found.allowed is True:
        return None
    if found.allowed is None:
        reason = f"whether the client firewall '{firewall.label}' lets {host.name} through on {HTTPS}: {found.reason}"
        fix = (
            _in_group(registry, host, holder, "")
            if firewall.kind is Kind.SECURITY_GROUP
            else f"allow {host.name} on TCP {HTTPS} by name"
        )
        return Outcome(Path.NONE, Verdict.CANNOT_TELL, reason, fix)
    if found.by is None:
        reason = f"the client firewall '{firewall.label}' has no rule that allows {host.name} on {HTTPS}"
    else:
        reason = f"the client firewall '{firewall.label}' denies {host.name} on {HTTPS}: {found.by.label}"
    if holder is None and found.allowed is False:
        reason += _answered_elsewhere(client, firewall, host)
    if host.kind is HostKind.STORAGE:
        fix = (
            f"turn dedicated data endpoints on and allow those hosts; until then only {host.name} works, which is every"
            " storage account of Azure"
        )
    elif firewall.kind is Kind.SECURITY_GROUP:
        fix = _in_group(registry, host, holder, " before that rule" if found.by is not None else "")
    else:
        stopped = _stopped_alike(registry, client, host, found) if holder is None else [host.name]
        fix = f"allow {' and '.join(stopped)} on TCP {HTTPS}{before_rule(found)}"
    return Outcome(Path.NONE, Verdict.BLOCKED, reason, fix)


def _stopped_alike(registry: Registry, client: Client, host: Host, found: Passage) -> list[str]:
    """The hosts that a pull needs, and ``host``, that the client's firewall stops on the public path as it does it."""
    return [
        each.name
        for each in registry.hosts()
        if each == host
        or (
            each.kind in (HostKind.LOGIN, HostKind.DATA)
            and (other := _through(registry, client, public_destinations(each))) is not None
            and other.allowed is False
            and before_rule(other) == before_rule(found)
        )
    ]


def _answered_elsewhere(client: Client, firewall: Firewall, host: Host) -> str:
    """Which regions are missing, where a firewall lets a host through to some of the regions that may answer for it."""
    passed = {each.region: passage(firewall, each, client.source).allowed for each in public_destinations(host)}
    if True not in passed.values():
        return ""
    missing = [region for region, allowed in passed.items() if allowed is False]
    return f"; it may be answered by {' or '.join(missing)}, whose addresses are not allowed" if missing else ""


def _in_group(registry: Registry, host: Host, holder: PrivateEndpoint | None, before: str) -> str:
    """What to allow in a security group, which knows no host names: tags, or addresses, for all of the registry."""
    if holder is None:
        regions = dict.fromkeys(region for each in registry.hosts() for region in each.regions)
        tags = [service_tag(region) if find(region) else SERVICE_TAG for region in regions]
        places = " and ".join(f"the service tag {tag}" for tag in dict.fromkeys(tags))
    else:
        known = dict.fromkeys(address for _, address in holder.addresses if is_address(address))
        whole = len(known) == len({host for host, _ in holder.addresses})
        places = " and ".join(known if whole else holder.prefixes) or f"the addresses of '{holder.name}'"
    return f"allow {places} on TCP {HTTPS}{before}; a security group takes no host names"


def _service_tags(host: Host) -> tuple[str, ...]:
    if host.kind is HostKind.STORAGE:
        return ("Storage",)
    return tuple(service_tag(region) for region in host.regions if find(region))


def _named_network(registry: Registry, vnet: str) -> str:
    """A network in a sentence: by its name, or as the client's own where it stands for any network."""
    return "its network" if vnet.startswith("(") else f"the network '{_network_label(registry, vnet)}'"


def _network_label(registry: Registry, vnet: str) -> str:
    network = registry.network(vnet)
    return network.label if network is not None else vnet
