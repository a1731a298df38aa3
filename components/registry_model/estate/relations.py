"""How a stack's resources belong together around its registries; each relation is worked out once a stack."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from ..azure import names
from ..azure.ids import ArmId, parse_id
from . import facts, tokens
from .model import UNDETERMINED, Estate, Reference, Resource
from .values import UNKNOWN, Unknown, as_list, as_text, flatten, has_unknown, known_items, lookup


def registries(estate: Estate) -> list[Resource]:
    """The registries that the stack declares."""
    return estate.memo("registries", lambda: list(estate.of(tokens.REGISTRY)))


def registry_of(estate: Estate, child: Resource) -> Reference:
    """The registry that a replica, token, webhook … is in."""
    if child.arm_id is not None:
        return estate.by_id(_outermost(child.arm_id, tokens.REGISTRY), (tokens.REGISTRY,))
    return estate.refer(child, child.props.get("registryname"), "registryname", tokens.REGISTRY)


def _outermost(own: ArmId, kind: str) -> str:
    """The id of what a child with this id is in."""
    return ArmId(own.subscription, own.resource_group, tokens.ARM_NAME_OF[kind], own.names[:1]).text


def children(estate: Estate, kind: str) -> dict[Resource, list[Resource]]:
    """The children of one type by the registry of the stack that each is certainly in."""

    return estate.held_by(kind, lambda child: registry_of(estate, child).target)


def possible_children(estate: Estate, registry: Resource, kind: str) -> list[Resource]:
    """The children of one type that may be in a registry of the stack although that cannot be told yet."""

    def doubtful() -> list[tuple[Resource, Reference]]:
        found = [(each, registry_of(estate, each)) for each in estate.read_too(kind)]
        return [
            (each, reference)
            for each, reference in found
            if reference.target is None and not estate.comes_from_elsewhere(each, "registryname")
        ]

    return [
        each for each, reference in estate.memo(("doubtful children", kind), doubtful) if reference.may_mean(registry)
    ]


def replicas(estate: Estate, registry: Resource) -> list[Resource]:
    """The replicas that somebody asked for, and those whose region is not known.

    Azure lists the home region among the replications of a geo-replicated registry, and keeps that entry by itself
    (Azure/acr#294; recorded 2026-09).
    """
    home = facts.region(registry)
    found = children(estate, tokens.REPLICATION).get(registry, ())
    return [each for each in found if facts.region(each) != home or not isinstance(home, str)]


def possible_replicas(estate: Estate, registry: Resource) -> list[Resource]:
    """The replicas in other regions that may be a registry's although that cannot be told yet."""
    home = facts.region(registry)
    found = possible_children(estate, registry, tokens.REPLICATION)
    return [each for each in found if facts.region(each) != home or not isinstance(home, str)]


@dataclass(frozen=True, slots=True)
class Regions:
    """The regions that a registry serves from: its home and its replicas'; ``complete`` when all are known."""

    home: str
    replicas: tuple[str, ...]
    complete: bool

    @property
    def all(self) -> list[str]:
        return names.all_regions(self.home, self.replicas)


def regions(estate: Estate, registry: Resource) -> Regions | None:
    """A registry's regions; None when even its home is not known."""
    home = facts.region(registry)
    if not isinstance(home, str):
        return None
    places = [facts.region(replica) for replica in children(estate, tokens.REPLICATION).get(registry, ())]
    known = tuple(place for place in places if isinstance(place, str))
    return Regions(home, known, len(known) == len(places))


@dataclass(frozen=True, slots=True)
class Connection:
    """One private link connection of an endpoint to a registry; ``registry_id`` where the program writes the id,
    ``status`` as the registry's owner left it, in lower case, None where nothing tells."""

    endpoint: Resource
    registry: Reference
    registry_id: ArmId | None
    groups: Any
    manual: bool
    status: str | None = None

    @property
    def refused(self) -> bool:
        """Whether the owner of the registry ended it: nothing gets through."""
        return self.status in ("rejected", "disconnected")


def _connections(estate: Estate, endpoint: Resource) -> list[Connection]:
    found: list[Connection] = []
    for prop, manual in (("privateLinkServiceConnections", False), ("manualPrivateLinkServiceConnections", True)):
        value = endpoint.observed.get(prop)
        items = as_list(value)
        for item in [UNKNOWN] if isinstance(items, Unknown) else items:
            target = lookup(item, "privateLinkServiceId")
            groups = lookup(item, "groupIds")
            reference = estate.refer(endpoint, target, prop, tokens.REGISTRY)
            if reference.undetermined and not _names_registry_group(groups):
                continue
            if reference.targets or reference.foreign or reference.undetermined:
                target_id = parse_id(target) if isinstance(target, str) else None
                status = _status(estate, endpoint, reference, item)
                found.append(Connection(endpoint, reference, target_id, groups, manual, status))
    return found


def _status(estate: Estate, endpoint: Resource, registry: Reference, item: Any) -> str | None:
    """The state of a connection: as a `PrivateEndpointConnection` of the estate sets it, else as the endpoint's own
    side has it, else as the registry tells."""
    target = registry.target
    told = [lookup(item, "privateLinkServiceConnectionState.status")]
    if target is not None:
        set_by = [
            each.observed.get("privateLinkServiceConnectionState.status")
            for each in children(estate, tokens.ENDPOINT_CONNECTION).get(target, ())
            if estate.refer(
                each, each.observed.get("privateEndpoint.id", UNKNOWN), "privateEndpoint", tokens.ENDPOINT
            ).target
            is endpoint
        ]
        held = [flatten(each) for each in known_items(target.outputs.get("privateendpointconnections"))]
        listed = [
            lookup(each, "privateLinkServiceConnectionState.status")
            for each in held
            if as_text(lookup(each, "privateEndpoint.id")) == endpoint.noted_id != ""
        ]
        told = [*set_by, *told, *listed]
    return next((text for each in told if isinstance(text := as_text(each), str)), None)


def _names_registry_group(groups: Any) -> bool:
    return any(as_text(group) == names.GROUP_ID for group in known_items(groups))


def connections(estate: Estate) -> list[Connection]:
    """Every connection to a registry, of the stack or outside it, that the stack's endpoints declare."""
    return estate.memo(
        "connections", lambda: [c for e in estate.read_too(tokens.ENDPOINT) for c in _connections(estate, e)]
    )


def endpoints_of(estate: Estate) -> dict[Resource, list[Connection]]:
    """The connections by the registry of the stack that each certainly leads to."""

    def make() -> dict[Resource, list[Connection]]:
        found: dict[Resource, list[Connection]] = defaultdict(list)
        for each in connections(estate):
            if each.registry.target is not None:
                found[each.registry.target].append(each)
        return found

    return estate.memo("endpoints_of", make)


def maybe_connected(estate: Estate, registry: Resource) -> bool:
    """Whether an endpoint may lead to this registry although that cannot be told yet."""
    return any(each.registry.may_mean(registry) for each in connections(estate)) or estate.memo(
        "lead anywhere", lambda: any(_leads_anywhere(estate, e) for e in estate.read_too(tokens.ENDPOINT))
    )


def _leads_anywhere(estate: Estate, endpoint: Resource) -> bool:
    """Whether an endpoint has a connection of which neither the target nor the groups are known."""
    for prop in ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections"):
        items = as_list(endpoint.observed.get(prop))
        if estate.comes_from_elsewhere(endpoint, prop):
            continue
        for item in [UNKNOWN] if isinstance(items, Unknown) else items:
            target, groups = lookup(item, "privateLinkServiceId"), lookup(item, "groupIds")
            if estate.refer(endpoint, target, prop, tokens.REGISTRY).undetermined and has_unknown(groups):
                return True
    return False


def registry_endpoints(estate: Estate) -> list[Resource]:
    """The stack's endpoints of registries, each once."""
    return list({id(each.endpoint): each.endpoint for each in connections(estate)}.values())


def zone_groups(estate: Estate) -> dict[Resource, list[Resource]]:
    """DNS zone groups by their endpoint of the stack."""

    def make() -> dict[Resource, list[Resource]]:
        found: dict[Resource, list[Resource]] = defaultdict(list)
        for group in estate.read_too(tokens.ZONE_GROUP):
            reference = estate.refer(
                group, group.props.get("privateendpointname"), "privateendpointname", tokens.ENDPOINT
            )
            for endpoint in reference.targets:
                found[endpoint].append(group)
        return found

    return estate.memo("zone_groups", make)


@dataclass(frozen=True, slots=True)
class ZoneUse:
    """One zone that a zone group writes to: a zone of the stack, or one known by its id, or undetermined."""

    group: Resource
    zone: Reference

    @property
    def name(self) -> str | Unknown:
        if self.zone.foreign is not None:
            return self.zone.foreign.name
        names_found = {zone.arm_name for zone in self.zone.targets}
        return names_found.pop() if len(names_found) == 1 else UNKNOWN

    @property
    def zone_key(self) -> str:
        """The key of the zone: the estate's resource, or the id of one outside it; empty when that cannot be told."""
        if self.zone.target is not None:
            return self.zone.target.key
        return self.zone.foreign.text if self.zone.foreign is not None else ""

    @property
    def key(self) -> Any:
        """What is equal for two uses of the same zone; None when that cannot be told."""
        if self.zone.target is not None:
            return id(self.zone.target)
        return self.zone.foreign


def zone_uses(estate: Estate, group: Resource) -> list[ZoneUse]:
    items = as_list(group.observed.get("privateDnsZoneConfigs"))
    if isinstance(items, Unknown):
        return [ZoneUse(group, estate.refer(group, UNKNOWN, "privateDnsZoneConfigs", tokens.PRIVATE_ZONE))]
    return [
        ZoneUse(
            group,
            UNDETERMINED
            if item is UNKNOWN
            else estate.refer(group, lookup(item, "privateDnsZoneId"), "privateDnsZoneConfigs", tokens.PRIVATE_ZONE),
        )
        for item in items
    ]


def zone_of(estate: Estate, child: Resource) -> Reference:
    """The private zone that a link or record is in: one of the stack, or by its name one outside it."""
    if child.arm_id is not None:
        return estate.by_id(_outermost(child.arm_id, tokens.PRIVATE_ZONE), (tokens.PRIVATE_ZONE,))
    value = child.props.get("privatezonename")
    reference = estate.refer(child, value, "privatezonename", tokens.PRIVATE_ZONE)
    if not reference.targets and isinstance(value, str):
        return Reference(foreign=ArmId("", "", tokens.ARM_NAME_OF[tokens.PRIVATE_ZONE], (value.lower(),)))
    return reference


def parent_of(estate: Estate, child: Resource, kind: str) -> Reference:
    """The resource of a type that a child is in: by the child's id, else by the names of its parents."""
    names_of = tokens.NAME_INPUTS[kind]
    own = parse_id(child.noted_id)
    if own is not None:
        above = ArmId(own.subscription, own.resource_group, tokens.ARM_NAME_OF[kind], own.names[: len(names_of)])
        return estate.by_id(above.text, (kind,))
    found = estate.refer(child, child.props.get(names_of[-1]), names_of[-1], kind)
    outer = [key for key in names_of[:-1] if isinstance(as_text(child.props.get(key)), str)]
    fitting = [
        each for each in found.targets if all(as_text(each.props.get(k)) == as_text(child.props.get(k)) for k in outer)
    ]
    return Reference(tuple(fitting)) if fitting else found


def members_of(estate: Estate, group: Resource) -> list[tuple[str, str]] | None:
    """The networks (their keys) and subnets that a network group lists, each subnet empty for a whole network.

    None where it lists none: then a policy fills it, or another stack. One that lists some is taken to have no others.
    """
    found: list[tuple[str, str]] = []
    for member in estate.read_too(tokens.STATIC_MEMBER):
        if parent_of(estate, member, tokens.NETWORK_GROUP).target is not group:
            continue
        value = member.observed.get("resourceId", UNKNOWN)
        subnet = estate.refer(member, value, "resourceId", tokens.SUBNET).target
        if subnet is not None:
            found.append((network_of(estate, subnet), shown_name(subnet).lower()))
        elif isinstance(value, str) and "/subnets/" in value.lower():
            found.append((_network_key(estate, value), value.rpartition("/")[2].lower()))
        else:
            network = key_of(estate, member, value, "resourceId", tokens.VIRTUAL_NETWORK)
            if not network:
                return None
            found.append((network, ""))
    return found or None


def route_table_of(estate: Estate, route: Resource) -> Reference:
    """The route table that a route is in."""
    own = parse_id(route.noted_id)
    if own is not None:
        return estate.by_id(_outermost(own, tokens.ROUTE_TABLE), (tokens.ROUTE_TABLE,))
    return estate.refer(route, route.props.get("routetablename"), "routetablename", tokens.ROUTE_TABLE)


def zone_name_of(estate: Estate, child: Resource) -> str | Unknown:
    reference = zone_of(estate, child)
    if reference.foreign is not None:
        return reference.foreign.name
    return reference.target.arm_name if reference.target is not None else UNKNOWN


@dataclass(frozen=True, slots=True)
class SubnetUse:
    """The subnet of an endpoint: its key, name and address prefixes (UNKNOWN when not known)."""

    key: Any
    name: str
    prefixes: Any


def subnet_of(estate: Estate, endpoint: Resource) -> SubnetUse | None:
    """The endpoint's subnet when the stack declares it, by itself or inside its network; None otherwise."""
    return subnet_at(estate, endpoint, endpoint.get("subnet.id"), "subnet")


def subnet_at(estate: Estate, holder: Resource, value: Any, prop: str) -> SubnetUse | None:
    """The subnet whose id is ``value`` in the property ``prop``, where the stack declares it; None otherwise."""
    reference = estate.refer(holder, value, prop, tokens.SUBNET)
    subnet = reference.target
    if subnet is not None:
        return SubnetUse(id(subnet), subnet.name, _prefixes(subnet.props))
    if reference.foreign is not None and len(reference.foreign.names) == 2:
        network_name, subnet_name = reference.foreign.names
        for network in estate.named(tokens.VIRTUAL_NETWORK, network_name):
            for inline in known_items(network.get("subnets")):
                if as_text(lookup(inline, "name")) == subnet_name:
                    return SubnetUse((id(network), subnet_name), subnet_name, _prefixes(inline))
    return None


def maybe_in_own_subnet(estate: Estate, endpoint: Resource) -> bool:
    """Whether an endpoint may be in a subnet that the stack declares although that cannot be told yet."""
    if subnet_of(estate, endpoint) is not None or not estate.has(tokens.SUBNET, tokens.VIRTUAL_NETWORK):
        return False
    reference = estate.refer(endpoint, endpoint.get("subnet.id"), "subnet", tokens.SUBNET)
    if reference.foreign is None:
        return bool(reference.targets) or (
            reference.undetermined and not estate.comes_from_elsewhere(endpoint, "subnet")
        )
    if any(each.props.get("subnetname") is UNKNOWN for each in estate.of(tokens.SUBNET)):
        return True
    for network in estate.of(tokens.VIRTUAL_NETWORK):
        unnamed = network.props.get("virtualnetworkname") is UNKNOWN
        inside = as_list(network.get("subnets"))
        if not unnamed and network.arm_name != reference.foreign.names[0]:
            continue
        if isinstance(inside, Unknown):
            return True
        called = [as_text(lookup(inline, "name", UNKNOWN)) for inline in inside]
        if UNKNOWN in called or (unnamed and reference.foreign.name in called):
            return True
    return False


def _prefixes(props: Any) -> Any:
    several = lookup(props, "addressPrefixes")
    return as_list(several) if several is not None else as_list(lookup(props, "addressPrefix"))


def attached(
    estate: Estate, kind: str, prop: str
) -> tuple[dict[Resource, list[Resource]], list[tuple[Resource, Reference]]]:
    """Extension resources (diagnostic settings, locks) by the registry that their scope names; and those whose scope
    cannot be told, or may be a registry whose name is not known, with what it refers to."""

    def make() -> tuple[dict[Resource, list[Resource]], list[tuple[Resource, Reference]]]:
        found: dict[Resource, list[Resource]] = defaultdict(list)
        doubtful: list[tuple[Resource, Reference]] = []
        for extension in estate.of(kind):
            reference = estate.refer(extension, extension.get(prop), prop, tokens.REGISTRY)
            if reference.target is not None:
                found[reference.target].append(extension)
            elif (
                reference.targets
                or reference.perhaps
                or (reference.undetermined and not extension.property_dependencies.get(prop.lower()))
            ):
                doubtful.append((extension, reference))
        return found, doubtful

    return estate.memo(("attached", kind), make)


def group_key(estate: Estate, resource: Resource) -> Any:
    """What is equal for two resources of one resource group: its name, or the group's own resource while unnamed."""
    if isinstance(resource.resource_group, str):
        return resource.resource_group
    value = resource.props.get("resourcegroupname")
    group = estate.refer(resource, value, "resourcegroupname", tokens.RESOURCE_GROUP).target
    if group is None:
        return None
    return group.arm_name if isinstance(group.arm_name, str) else id(group)


def depends_on_a_registry(estate: Estate, resource: Resource) -> bool:
    """Whether a dependency ties the resource to a registry, or to something under one."""
    own = estate.all_dependencies(resource)
    return any(each.type.startswith("containerregistry:") for each in own)


def shown_name(resource: Resource) -> str:
    """The name in Azure as it is written there; the logical one while Pulumi has not chosen it."""
    inputs = tokens.NAME_INPUTS.get(resource.type, ())
    candidates = [resource.outputs.get("name"), *(resource.props.get(key) for key in inputs[-1:])]
    if resource.arm_id is not None:
        candidates.append(resource.arm_id.name)
    known = next((str.__str__(each) for each in candidates if isinstance(each, str) and each), resource.name)
    return known.rpartition("/")[2]


def key_of(estate: Estate, owner: Resource, value: Any, prop: str, kind: str) -> str:
    """The key of what an id property refers to: a resource's of the estate, else the id; empty while unknown."""
    reference = estate.refer(owner, value, prop, kind)
    if reference.target is not None:
        return reference.target.key
    return value.strip().lower().rstrip("/") if isinstance(value, str) else ""


def network_of(estate: Estate, subnet: Resource) -> str:
    """The key of the virtual network that a subnet of the estate is in."""
    if "/subnets/" in subnet.noted_id or "/virtualnetworkpeerings/" in subnet.noted_id:
        return _network_key(estate, subnet.noted_id)
    value = subnet.get("virtualNetworkName")
    target = estate.refer(subnet, value, "virtualNetworkName", tokens.VIRTUAL_NETWORK).target
    if target is not None:
        return target.key
    if not isinstance(value, str):
        return "(unknown network)"
    return _written_out(_id_of_parent(subnet, value, tokens.VIRTUAL_NETWORK), _network_ids(estate))


def _id_of_parent(child: Resource, name: str, kind: str) -> str:
    """The id of what a child is in by name, outside the estate; without what the child does not tell."""
    group = child.resource_group if isinstance(child.resource_group, str) else ""
    subscription = child.subscription if isinstance(child.subscription, str) else ""
    return ArmId(subscription, group, tokens.ARM_NAME_OF[kind], (name.strip().lower(),)).text


def _written_out(key: str, ids: set[str]) -> str:
    """The one of these ids that an id without its subscription or group stands for; the same id if none or several."""
    own = parse_id(key)
    if own is None or key in ids:
        return key
    fitting = [
        text
        for text in ids
        if (other := parse_id(text)) is not None
        and (other.type, other.names) == (own.type, own.names)
        and own.subscription in ("", other.subscription)
        and own.resource_group in ("", other.resource_group)
    ]
    return fitting[0] if len(fitting) == 1 else key


def _network_ids(estate: Estate) -> set[str]:
    """The ids of networks that the estate writes out: in links, peerings and the subnets of endpoints."""

    def make() -> set[str]:
        links = [link.observed.get("virtualNetwork.id") for link in estate.read_too(tokens.ZONE_LINK)]
        remotes = [each.observed.get("remoteVirtualNetwork.id") for each in estate.read_too(tokens.PEERING)]
        subnets = [endpoint.observed.get("subnet.id") for endpoint in estate.read_too(tokens.ENDPOINT)]
        known = [each for each in (*links, *remotes) if isinstance(each, str)]
        known += [each.rpartition("/subnets/")[0] for each in map(as_text, subnets) if isinstance(each, str)]
        return {each.strip().lower().rstrip("/") for each in known}

    return estate.memo("network_ids", make)


def _zone_ids(estate: Estate) -> set[str]:
    """The ids of zones outside the estate that zone groups write to, or that links and records are in by their ids."""

    def make() -> set[str]:
        uses = [use for groups in zone_groups(estate).values() for group in groups for use in zone_uses(estate, group)]
        inside = [
            _outermost(own, tokens.PRIVATE_ZONE)
            for child in estate.read_too(tokens.ZONE_LINK, tokens.PRIVATE_RECORD)
            if (own := parse_id(child.noted_id)) is not None
        ]
        return {*inside, *(use.zone.foreign.text for use in uses if use.zone.foreign is not None)}

    return estate.memo("zone_ids", make)


def _network_key(estate: Estate, subnet_id: str) -> str:
    """The key of the network of a subnet id: the estate's resource where it declares it, else the network's id."""
    parent = "/".join(subnet_id.lower().split("/")[:-2])
    target = estate.by_id(parent, (tokens.VIRTUAL_NETWORK,)).target
    return target.key if target is not None else parent


def service_endpoint_subnets(estate: Estate, registry: Resource) -> list[tuple[str, str]]:
    """The subnets that a registry admits by their service endpoints: the keys of their networks, and their names."""
    listed = known_items(registry.observed.get("networkRuleSet.virtualNetworkRules"))
    found = (lookup(each, "id", lookup(each, "virtualNetworkResourceId")) for each in listed)
    return [(_network_key(estate, each), each.rpartition("/")[2].lower()) for each in found if isinstance(each, str)]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an endpoint stands: the keys of its network and the name and prefixes of its subnet, as far as known."""

    network: str
    subnet: str = ""
    prefixes: tuple[str, ...] = ()


def place_of(estate: Estate, endpoint: Resource) -> Place:
    """The network and subnet of a private endpoint, of the estate or known by id alone."""
    value = endpoint.observed.get("subnet.id", UNKNOWN)
    subnet = estate.refer(endpoint, value, "subnet", tokens.SUBNET).target
    if subnet is not None:
        prefixes = _prefixes(subnet.observed.props)
        known = () if isinstance(prefixes, Unknown) else tuple(p for p in prefixes if isinstance(p, str))
        return Place(network_of(estate, subnet), shown_name(subnet), known)
    if isinstance(value, str):
        use = subnet_of(estate, endpoint)
        prefixes = known_items(use.prefixes) if use is not None else []
        return Place(
            _network_key(estate, value), value.rpartition("/")[2], tuple(p for p in prefixes if isinstance(p, str))
        )
    # An inline subnet of a network that does not exist yet: only the dependency tells.
    network = estate.refer(endpoint, UNKNOWN, "subnet", tokens.VIRTUAL_NETWORK).target
    return Place(network.key if network is not None else "(unknown network)")


@dataclass(frozen=True, slots=True)
class ForeignConnection:
    """A connection to a registry whose private endpoint the estate does not declare: its id, and its state."""

    endpoint_id: str
    status: str

    @property
    def name(self) -> str:
        return self.endpoint_id.rpartition("/")[2] or "(unnamed)"


def foreign_connections(estate: Estate, registry: Resource) -> list[ForeignConnection]:
    """The connections that a registry's state, or `PrivateEndpointConnection`s beside it, tell of, with endpoints that
    the estate does not declare."""
    own = {each.endpoint.key for each in endpoints_of(estate).get(registry, ())}
    found: dict[str, ForeignConnection] = {}
    held = known_items(registry.outputs.get("privateendpointconnections"))
    if registry.external:
        held = known_items(registry.get("privateEndpointConnections"))
    declared = [r.observed.props for r in children(estate, tokens.ENDPOINT_CONNECTION).get(registry, ())]
    for item in [*map(flatten, held), *declared]:
        endpoint_id = lookup(item, "privateEndpoint.id")
        status = lookup(item, "privateLinkServiceConnectionState.status")
        if isinstance(endpoint_id, str) and endpoint_id.lower() not in own:
            text = str(as_text(status)).capitalize() if isinstance(status, str) else "Pending"
            found[endpoint_id.lower()] = ForeignConnection(endpoint_id, text)
    return list(found.values())


def approved_elsewhere(estate: Estate, registry: Resource) -> list[ForeignConnection]:
    """The approved connections of a registry with endpoints that the estate does not declare."""
    return [each for each in foreign_connections(estate, registry) if each.status == "Approved"]


def zone_key_of(estate: Estate, child: Resource) -> str:
    """The key of the private zone that a link or record is in, of the estate or of another stack."""
    own = parse_id(child.noted_id)
    if own is not None:
        reference = estate.by_id(_outermost(own, tokens.PRIVATE_ZONE), (tokens.PRIVATE_ZONE,))
    else:
        value = child.props.get("privatezonename")
        reference = estate.refer(child, value, "privatezonename", tokens.PRIVATE_ZONE)
        if not reference.targets and isinstance(value, str):
            return _written_out(_id_of_parent(child, value, tokens.PRIVATE_ZONE), _zone_ids(estate))
    if reference.target is not None:
        return reference.target.key
    return reference.foreign.text if reference.foreign is not None else ""


def records_of(estate: Estate) -> dict[str, list[Resource]]:
    """The A, AAAA and CNAME record sets that the estate declares, by the key of their zone."""

    def make() -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = defaultdict(list)
        for record in estate.read_too(tokens.PRIVATE_RECORD):
            if as_text(record.get("recordType", "A")) in ("a", "aaaa", "cname"):
                found[zone_key_of(estate, record)].append(record)
        return found

    return estate.memo("records_of", make)
