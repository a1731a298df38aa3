"""The registries of an estate with what stands around each: the model that reach is judged from.

What a document cannot know yet (private addresses, mostly) is filled with placeholders that are equal where Azure will
make them equal, so verdicts are right although addresses are not shown. What it cannot tell is said in
``Registry.notes``, and where it decides, the verdict says so too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..azure import names
from ..estate import facts, relations, tokens, told
from ..estate.model import Estate, Resource, Written
from ..estate.values import UNKNOWN, Unknown, as_list, as_text, known_items, lookup, negated, or_none
from .client_firewalls import REGISTRY_RULE_PATTERN, ClientFirewall, client_firewalls, meant_for
from .clients import told_by_its_networks
from .firewalls import Firewall, Kind, network_of, passage, sources_of
from .model import NO_REGION, Connection, Network, PrivateEndpoint, Registry, VNetLink, Zone
from .networks import endpoint_subnet, links, named_only, networks
from .routes import private_destinations
from .switch import Gap, gaps

_NAMED = 5  # firewalls in one note
_WHAT = {tokens.PRIVATE_ZONE: "the private zone", tokens.ZONE_LINK: "the VNet link"}


def registries(estate: Estate, *, cloud: str = "public", pattern: str = REGISTRY_RULE_PATTERN) -> list[Registry]:
    """Every registry that the estate declares or reads, with its networks, zones, endpoints and client firewalls.

    ``cloud`` is where a registry lies whose region does not tell; ``pattern`` finds firewall rules that are for a
    registry by their names.
    """
    return [
        registry_of(estate, resource, cloud=cloud, pattern=pattern) for resource in estate.read_too(tokens.REGISTRY)
    ]


def registry_of(
    estate: Estate, resource: Resource, *, cloud: str = "public", pattern: str = REGISTRY_RULE_PATTERN
) -> Registry:
    """The model of one registry of the estate."""
    made = _registry_of(estate, resource, cloud, pattern)
    unsure = dict.fromkeys(each for held in estate.conditions for each in held if each not in resource.conditions)
    if not unsure:
        return made
    least = estate.where(resource.conditions)
    same = next(
        each for each in least.read_too(tokens.REGISTRY) if each.urn == resource.urn and each.name == resource.name
    )
    condition = f"a conditional resource is deployed: {' or '.join(each.text for each in unsure)} is not known yet"
    return replace(made, at_least=_registry_of(least, same, cloud, pattern), condition=condition)


def _registry_of(estate: Estate, resource: Resource, cloud: str, pattern: str) -> Registry:
    notes: list[str] = []
    bare = _bare(estate, resource, cloud, notes)
    records = _records(bare)
    notes += _stopped(estate, resource)
    endpoints, written = _endpoints(estate, resource, bare, records, notes)
    served = replace(bare, private_endpoints=tuple(endpoints))
    zones = (*_zones(estate, served, records, written, notes), *_zones_elsewhere(served, records))
    meant = meant_for(estate, resource, served, pattern)
    held = set(meant)
    # Clients of the registry may stand behind any of them, whatever its rules are for.
    around = [each for each in client_firewalls(estate) if each not in held]
    served = replace(served, networks=tuple(_around(estate, served).values()))
    others = [each.firewall for each in around if not each.firewall.vnets]
    unnamed = [each for each in others if not told_by_its_networks(served, each)]
    notes += _not_meant([each for each in unnamed if not _lets_to_endpoints(served, each)], served)
    return replace(
        served,
        zones=zones,
        firewalls=tuple(each.firewall for each in (*meant, *around)),
        notes=tuple(dict.fromkeys(notes)),
    )


def _stopped(estate: Estate, registry: Resource) -> list[str]:
    """What is said of a registry, and of what leads to it, where Azure did not carry the last change out."""
    zones = [*estate.read_too(tokens.PRIVATE_ZONE), *estate.read_too(tokens.ZONE_LINK)]
    own = [(registry, "the registry"), *((each, _WHAT[each.type]) for each in zones)]
    for connection in relations.endpoints_of(estate).get(registry, ()):
        own.append((connection.endpoint, "the private endpoint"))
        own += [(each, "the zone group") for each in relations.zone_groups(estate).get(connection.endpoint, ())]
    found = [
        f"{what} '{relations.shown_name(each)}' is {state} in Azure: what its last change asked for may be missing, and"
        " `pulumi refresh` does not bring it. Deploy it again"
        for each, what in own
        if (state := facts.stopped(each))
    ]
    for replica in relations.replicas(estate, registry):
        if not (state := facts.stopped(replica)):
            continue
        place = facts.region(replica)
        # A refresh takes Azure's word for the replica, and the program asks for nothing else than what is there.
        after = (
            "deploy again; where nothing changes, as after a refresh, remove the replica, deploy, and add it again"
            if estate.coverage is None
            else "delete it and create it again"
        )
        found.append(
            f"the replica in {place if isinstance(place, str) else NO_REGION} is {state} in Azure: it has no data"
            " endpoint and no private address, and `pulumi refresh` gives it none. Often the subnet of a private"
            f" endpoint is full, or an endpoint has static addresses. Mend that, then {after}"
        )
    return found


def _lets_to_endpoints(registry: Registry, firewall: Firewall) -> bool:
    """Whether a firewall lets any of its clients through to an address of the registry's private endpoints."""
    to = [d for host in registry.hosts() for e in registry.private_endpoints for d in private_destinations(host, e)]
    return any(passage(firewall, each, source).allowed for each in to for source in sources_of(firewall, to))


def _not_meant(firewalls: Sequence[Firewall], registry: Registry) -> list[str]:
    """What is said of firewalls whose rules are not for the registry, and of which no document tells the clients."""
    if not firewalls:
        return []
    shown = [f"'{name}'" for name in dict.fromkeys(each.label for each in firewalls)]
    more = f" and {len(shown) - _NAMED} more" if len(shown) > _NAMED else ""
    which = f"firewall {shown[0]}" if len(shown) == 1 else f"firewalls {', '.join(shown[:_NAMED])}{more}"
    note = (
        f"client {which}: no rule is for this registry, and which clients are behind it is not known here; the rows"
        " hold if clients of the registry are"
    )
    if any(each.kind is Kind.AZURE_FIREWALL for each in firewalls):
        hosts = " and ".join(host.name for host in registry.hosts())
        note += f"; on the public path an Azure Firewall must then allow {hosts} on TCP {names.HTTPS}"
    return [note]


def hosts_of(estate: Estate, resource: Resource, *, cloud: str = "public") -> Registry:
    """The registry with its hosts and private endpoints, without what stands around them: cheap on large estates."""
    bare = _bare(estate, resource, cloud, [])
    endpoints, _ = _endpoints(estate, resource, bare, _records(bare), [])
    return replace(bare, private_endpoints=tuple(endpoints))


def firewall_gaps(
    estate: Estate, resource: Resource, *, cloud: str, pattern: str
) -> list[tuple[ClientFirewall, list[Gap]]]:
    """Each client firewall that is meant for a registry, with what its clients cannot reach through it."""

    def make() -> list[tuple[ClientFirewall, list[Gap]]]:
        registry = hosts_of(estate, resource, cloud=cloud)
        found = meant_for(estate, resource, registry, pattern)
        if any(each.firewall.vnets for each in found):
            registry = registry_of(estate, resource, cloud=cloud, pattern=pattern)
        return [(each, list(gaps(registry, each.firewall))) for each in found]

    return estate.memo(("firewall_gaps", resource, cloud, pattern), make)


def _bare(estate: Estate, resource: Resource, cloud: str, notes: list[str]) -> Registry:
    seen = resource.observed
    assumed: list[str] = []
    login = _login_server(resource, seen, cloud, notes, assumed)
    home = facts.region(seen)
    if not isinstance(home, str):
        notes.append(f"the home region is not known yet: '{NO_REGION}' stands for it")
        assumed.append("region")
        home = NO_REGION
    all_replicas = relations.children(estate, tokens.REPLICATION).get(resource, ())
    places = [facts.region(replica.observed) for replica in all_replicas if not facts.stopped(replica)]
    if any(not isinstance(place, str) for place in places):
        notes.append(f"the region of a replica is not known yet: '{NO_REGION}' stands for it")
        assumed.append("replicas")
    replicas = tuple(sorted({place if isinstance(place, str) else NO_REGION for place in places} - {home}))
    stopped = {
        place: state
        for replica in all_replicas
        if (state := facts.stopped(replica)) and isinstance(place := facts.region(replica.observed), str)
    }
    if not estate.tells(tokens.REPLICATION, resource):
        notes.append("the registry's replications are not in this folder: data endpoints of replicas are missing here")
        assumed.append("replicas")
    missing = estate.missing_parameters()
    if missing:
        notes.append(missing)
    rules = facts.ip_rules(seen)
    return Registry(
        login_server=login,
        home=home,
        replicas=replicas,
        stopped_replicas=tuple(sorted((p, s) for p, s in stopped.items() if p not in (home, *replicas))),
        public_access=negated(facts.public_access_off(seen)),
        default_allow=negated(facts.denies_by_default(seen)),
        ip_rules=None
        if isinstance(rules, Unknown) or UNKNOWN in rules
        else tuple(rule for rule in rules if isinstance(rule, str) and network_of(rule) is not None),
        service_subnets=tuple(relations.service_endpoint_subnets(estate, resource)),
        data_endpoints=or_none(facts.flag(seen, "dataEndpointEnabled")),
        regional_endpoints=facts.is_enabled(seen, "regionalEndpoints") is True,
        trusted_bypass=negated(facts.bypass_closed(seen)),
        name=relations.shown_name(resource),
        key=resource.urn,
        assumed=tuple(assumed),
    )


def _login_server(resource: Resource, seen: Resource, cloud: str, notes: list[str], assumed: list[str]) -> str:
    known = facts.login_server(resource, cloud)
    if isinstance(known, str):
        return known
    assumed.append("name")
    name = resource.arm_name
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9]+", name):
        name = re.sub(r"[^a-zA-Z0-9]", "", resource.name) or "registry"
        notes.append(f"the registry's name is not known yet: '{name}' stands for it")
    if as_text(seen.get("autoGeneratedDomainNameLabelScope", "Unsecure")) != "unsecure":
        notes.append("the login server gets a hash when the registry is created: '-hash' stands for it")
        name = f"{name}-hash"
    return names.login_server(name, facts.cloud_of(seen, cloud))


def _records(registry: Registry) -> list[names.Record]:
    """The records that the registry's private path needs, those of regional endpoints included.

    Azure's names for the private link members of regional endpoints are not documented.
    """
    records = names.private_dns_records(registry.login_server, registry.home, registry.replicas)
    if registry.regional_endpoints:
        zone = registry.cloud.private_link_zone
        for region in registry.regions:
            host = names.regional_endpoint(registry.login_server, region)
            name = names.private_fqdn(host).removesuffix(f".{zone}")
            records.append(names.Record(host, f"regional endpoint {region}", region, zone, name))
    return records


# Private endpoints


def _endpoints(
    estate: Estate, resource: Resource, registry: Registry, records: Sequence[names.Record], notes: list[str]
) -> tuple[list[PrivateEndpoint], dict[str, dict[str, str]]]:
    """The registry's private endpoints, and the records that their zone groups write, by the zone's key."""
    found: list[PrivateEndpoint] = []
    written: dict[str, dict[str, str]] = {}
    groups = relations.zone_groups(estate)
    for connection in relations.endpoints_of(estate).get(resource, ()):
        endpoint = connection.endpoint
        own = groups.get(endpoint, [])
        configs = [c for group in own for c in known_items(group.observed.get("privateDnsZoneConfigs"))]
        addresses = _addresses(endpoint, configs, records)
        stopped = facts.stopped(endpoint)
        place = relations.place_of(estate, endpoint)
        name = relations.shown_name(endpoint)
        subnet = endpoint_subnet(estate, place.network, place.subnet)
        found.append(
            PrivateEndpoint(
                name,
                place.network,
                place.subnet,
                tuple(addresses.items()),
                _state(connection.status, Connection.PENDING if connection.manual else Connection.APPROVED),
                place.prefixes or (subnet.subnet.prefixes if subnet is not None else ()),
                tuple(
                    relations.key_of(
                        estate, endpoint, lookup(item, "id"), "applicationSecurityGroups", tokens.APPLICATION_GROUP
                    )
                    for item in known_items(endpoint.observed.get("applicationSecurityGroups"))
                ),
                inbound=subnet.inbound if subnet is not None else None,
                routed=subnet.routed if subnet is not None else None,
                stopped=stopped,
                condition=f"the private endpoint '{name}' works, although it is {stopped} in Azure" if stopped else "",
            )
        )
        if not own:
            gap = "has no zone group in this stack: records that Azure Policy or others write for it are not seen here"
            if not estate.tells(tokens.ZONE_GROUP, endpoint):
                gap = "may have a zone group: `az network private-endpoint dns-zone-group list` is not in this folder"
            notes.append(f"the private endpoint '{name}' {gap}")
        for group in own:
            kept = records
            sets = [s for c in known_items(group.observed.get("privateDnsZoneConfigs")) for s in _record_sets(c)]
            # What Azure itself says that the group has written is not as old as a stack's state.
            if facts.stopped(group) or (sets and group.written is Written.LIVE):
                kept = [r for r in records if r.name in sets]
            for use in relations.zone_uses(estate, group):
                if use.zone.undetermined or (use.zone.target is None and use.zone.foreign is None):
                    notes.append(f"the zone of the zone group of '{name}' is not known yet")
                    continue
                # Azure keeps a group's records complete: a replica added later gets its own without an update here.
                written.setdefault(use.zone_key, {}).update({r.name: addresses[r.host] for r in kept})
    for foreign in relations.foreign_connections(estate, resource):
        state = _state(foreign.status, Connection.PENDING)
        if state is Connection.APPROVED:
            found.append(_elsewhere(foreign.name, records))
            notes.append(f"the registry has a private endpoint that this stack does not declare: '{foreign.name}'")
        else:
            notes.append(
                f"a private endpoint that this stack does not declare, '{foreign.name}', has a connection that is"
                f" {state}: nothing gets through it"
            )
    return found, written


def _record_sets(config: Any) -> list[Any]:
    """The names of the record sets that Azure says it wrote for one zone of a zone group."""
    return [as_text(lookup(each, "recordSetName")) for each in known_items(lookup(config, "recordSets"))]


def _elsewhere(name: str, records: Sequence[names.Record]) -> PrivateEndpoint:
    network = f"the network of '{name}'"
    return PrivateEndpoint(
        name,
        network,
        addresses=tuple((r.host, f"(address of {r.member} at {name})") for r in records),
        condition=f"the zone that it asks holds the records of '{name}', which this stack does not declare",
        declared=False,
    )


def _state(status: Any, default: Connection) -> Connection:
    text = as_text(status)
    return next((state for state in Connection if isinstance(text, str) and state.lower() == text), default)


def _addresses(endpoint: Resource, configs: Iterable[Any], records: Sequence[names.Record]) -> dict[str, str]:
    """The private address of each host: as Azure answered, else a placeholder that its zone record shares.

    Azure empties ``customDnsConfigs`` once a zone group exists, and keeps the addresses in the group's record sets.
    """
    known: dict[str, str] = {}
    for config in known_items(endpoint.observed.get("customDnsConfigs")):
        for address in known_items(lookup(config, "ipAddresses")):
            known.setdefault(str(as_text(lookup(config, "fqdn"))), str(address))
    for config in configs:
        for record_set in known_items(lookup(config, "recordSets")):
            for address in known_items(lookup(record_set, "ipAddresses")):
                known.setdefault(str(as_text(lookup(record_set, "recordSetName"))), str(address))
    static = {
        as_text(lookup(each, "memberName")): lookup(each, "privateIPAddress")
        for each in known_items(endpoint.get("ipConfigurations"))
    }
    found: dict[str, str] = {}
    for record in records:
        given = static.get(record.member)
        found[record.host] = (
            known.get(record.host)
            or known.get(record.name)
            or (given if isinstance(given, str) else "")
            or f"(address of {record.member} at {endpoint.name})"
        )
    return found


# Zones and networks


def _zones(
    estate: Estate,
    registry: Registry,
    records: Sequence[names.Record],
    written: Mapping[str, Mapping[str, str]],
    notes: list[str],
) -> tuple[Zone, ...]:
    suffix, zone_name = registry.cloud.registry_suffix, registry.cloud.private_link_zone
    found: list[Zone] = []
    for resource in estate.read_too(tokens.PRIVATE_ZONE):
        name = resource.arm_name if isinstance(resource.arm_name, str) else resource.name.lower()
        if name != suffix and not name.endswith(f".{suffix}"):
            continue
        found.append(_zone(estate, registry, records, resource.key, name, written.get(resource.key, {})))
    known = {zone.id for zone in found}
    named = [key for key in (*relations.records_of(estate), *links(estate)) if key.rpartition("/")[2] == zone_name]
    for key in dict.fromkeys([*written, *named]):
        if key in known or not key:
            continue
        where = "outside this stack" if estate.coverage is None else "not in this folder"
        notes.append(f"the zone {key} is {where}: which networks it is linked to is not known here")
        found.append(_zone(estate, registry, records, key, key.rpartition("/")[2], written.get(key, {})))
    seen = estate.tells(tokens.PRIVATE_ZONE) or any(zone.name == zone_name for zone in found)
    if registry.private_endpoints and not seen:
        command = told.COMMANDS[tokens.PRIVATE_ZONE]
        notes.append(f"zones are not in this folder: give `{command}`, for a zone {zone_name}")
        found.append(Zone(zone_name, (), (), zone_name))
    declared = {each.key: each for each in estate.read_too(tokens.PRIVATE_ZONE)}
    return tuple(_with_gaps(estate, registry, zone, declared.get(zone.id)) for zone in found)


def _zone(
    estate: Estate,
    registry: Registry,
    records: Sequence[names.Record],
    key: str,
    name: str,
    written: Mapping[str, str],
) -> Zone:
    by_hand, v6, aliases = _manual_records(estate, registry, key, records)
    if estate.coverage is not None and estate.coverage.tells_below(tokens.PRIVATE_RECORD, key):
        written = {}  # what Azure lists is all that is there, whoever wrote it
    # What a zone group writes and what is written by hand share one record set: the hand's is the later word.
    held = {**{record: (address,) for record, address in written.items()}, **by_hand}
    held |= {record: (*held.get(record, ()), *addresses) for record, addresses in v6.items()}
    pairs = tuple((record, address) for record, addresses in held.items() for address in addresses)
    return Zone(name, pairs, tuple(links(estate).get(key, ())), key, tuple(aliases.items()))


def _with_gaps(estate: Estate, registry: Registry, zone: Zone, resource: Resource | None) -> Zone:
    """A zone, with what the estate does not tell of it: another stack's has links and records of its own, and of one
    that Azure told of, the lists of them may not have been given."""
    if resource is None or resource.external:
        gap = _zone_gap(estate, zone, tokens.PRIVATE_RECORD, tokens.ZONE_LINK)
        return replace(_with_possible_links(estate, registry, zone), complete=False, gap=gap)
    listed = estate.tells(tokens.PRIVATE_RECORD, resource) or (_is_empty(resource) and not zone.records)
    linked = estate.tells(tokens.ZONE_LINK, resource)
    missing = [*([] if listed else [tokens.PRIVATE_RECORD]), *([] if linked else [tokens.ZONE_LINK])]
    if missing:
        zone = replace(zone, complete=listed, gap=_zone_gap(estate, zone, *missing))
    return zone if linked else _with_possible_links(estate, registry, zone)


def _zone_gap(estate: Estate, zone: Zone, *kinds: str) -> str:
    """How a sentence goes on about a zone of which these lists are missing."""
    if estate.coverage is None:
        return "which is outside this stack"
    commands = " and ".join(f"`{told.COMMANDS[kind].format(zone=zone.name)}`" for kind in kinds)
    return f"of which {commands} would tell more"


def _is_empty(zone: Resource) -> bool:
    """Whether Azure counts one record set in a zone: that of type SOA, which every zone has and none can lose."""
    return zone.written is Written.LIVE and zone.observed.get("numberOfRecordSets") == 1


def _with_possible_links(estate: Estate, registry: Registry, zone: Zone) -> Zone:
    """A zone with the links that it may have beside those that are known: to every network that the estate does not
    link to a zone of that name. A network can be linked to one zone of a name only."""
    taken = {link.vnet for key, held in links(estate).items() if key.rpartition("/")[2] == zone.name for link in held}
    taken |= {
        link.vnet
        for other in estate.read_too(tokens.PRIVATE_ZONE)
        if other.arm_name == zone.name
        for link in links(estate).get(other.key, ())
    }
    possible = [vnet for vnet in _around(estate, registry) if vnet not in taken]
    return replace(zone, links=(*zone.links, *(VNetLink(vnet, declared=False) for vnet in possible)))


def _zones_elsewhere(registry: Registry, records: Sequence[names.Record]) -> tuple[Zone, ...]:
    """What stands for the zones of endpoints that the estate does not declare; their clients' verdicts say so."""
    zone = registry.cloud.private_link_zone
    return tuple(
        Zone(
            zone,
            tuple((r.name, endpoint.address_of(r.host) or "") for r in records),
            (VNetLink(endpoint.vnet),),
            f"the zone of '{endpoint.name}'",
        )
        for endpoint in registry.private_endpoints
        if not endpoint.declared
    )


def _manual_records(
    estate: Estate, registry: Registry, zone: str, records: Sequence[names.Record]
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]], dict[str, str]]:
    """The addresses of each A and AAAA record set of a zone, and what each CNAME record set names."""
    held: dict[str, tuple[str, ...]] = {}
    v6: dict[str, tuple[str, ...]] = {}
    aliases: dict[str, str] = {}
    for resource in relations.records_of(estate).get(zone, ()):
        name = as_text(resource.observed.get("relativeRecordSetName", resource.observed.get("name")))
        if not isinstance(name, str):
            continue
        name = name.rpartition("/")[2]
        kind = as_text(resource.observed.get("recordType"))
        if kind == "cname":
            target = as_text(resource.observed.get("cnameRecord.cname"))
            aliases[name] = target.rstrip(".") if isinstance(target, str) else ""
        elif kind == "aaaa":
            v6[name] = tuple(_addresses_in(resource, "aaaaRecords", "ipv6Address"))
        else:
            held[name] = tuple(
                each or _promised(estate, registry, resource, name, records)
                for each in _addresses_in(resource, "aRecords", "ipv4Address")
            )
    return held, v6, aliases


def _addresses_in(record: Resource, prop: str, member: str) -> list[str]:
    """The addresses of a record set, empty text for what is not known yet. A set may be empty: it answers nothing."""
    told = record.observed.get(prop)
    value = as_list(told)
    given = [] if isinstance(value, Unknown) else [lookup(item, member, UNKNOWN) for item in value]
    return [str.__str__(each) if isinstance(each, str) else "" for each in given] or ([] if told == [] else [""])


def _promised(estate: Estate, registry: Registry, record: Resource, name: str, records: Sequence[names.Record]) -> str:
    """What stands for an address that is not known yet: the endpoint's that the record takes it from, else nothing."""
    host = next((r.host for r in records if r.name == name), None)
    sources = {relations.shown_name(s) for s in estate.dependencies(record, "aRecords") if s.type == tokens.ENDPOINT}
    fitting = [e for e in registry.private_endpoints if e.name in sources]
    return (fitting[0].address_of(host) or "") if len(fitting) == 1 and host is not None else ""


def _around(estate: Estate, registry: Registry) -> dict[str, Network]:
    """The networks of the estate, and those of other stacks that the registry's endpoints stand in, by key."""
    own = networks(estate)
    elsewhere = {e.vnet: named_only(estate, e.vnet) for e in registry.private_endpoints}
    return own | {key: network for key, network in elsewhere.items() if key not in own}
