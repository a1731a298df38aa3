"""Read the reachability model of a Pulumi stack: from its state (an export) or from what a preview would make of it.

Pure: reads JSON that the Pulumi CLI printed, asks no network and does not import Pulumi. Works on any stack that
declares registries with azure-native, made of our components or not.

- ``registries_from_export`` takes ``pulumi stack export``.
- ``registries_from_preview`` takes ``pulumi preview --json``, best with ``--show-sames``; without it, also the export,
  because the CLI leaves unchanged resources out.
- ``default_clients`` names every place that a client of the registry may stand in.
- ``mermaid`` and ``svg`` draw it.

What a preview cannot know yet (private addresses, mostly) is filled with placeholders that are equal where Azure will
make them equal, so verdicts are right although addresses are not shown. What neither source can tell is said in
``Registry.notes``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..azure import limits, names
from .changes import diff
from .drawings import mermaid, svg
from .judgement import host_covers, is_address
from .model import (
    HTTPS,
    PUBLIC_RESOLVER,
    Change,
    Client,
    Firewall,
    FirewallRule,
    Location,
    Model,
    Network,
    PrivateEndpoint,
    Registry,
    VNetLink,
    Zone,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = [
    "compare",
    "default_clients",
    "mermaid",
    "model_of",
    "registries_from_export",
    "registries_from_preview",
    "svg",
]

# How the engine writes an unknown value in a preview, and how it marks a secret one (sdk/go/common/resource).
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_MARKS_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a public constant of the engine, not a secret

_DELETING = frozenset({"delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace"})
_PEERED_NETWORK = "(a peered network)"
_ANY_OTHER_NETWORK = "(another network)"


@dataclass(frozen=True)
class _Resource:
    """One azure-native resource of a stack. ``kind`` is its type without package and API version, in lower case."""

    urn: str
    kind: str
    logical_name: str
    id: str
    props: Mapping[str, Any]
    dependencies: Mapping[str, tuple[str, ...]]
    all_dependencies: tuple[str, ...]

    @property
    def key(self) -> str:
        """The same for a resource and for a reference to it: its id where known, else its URN."""
        return self.id.lower() or self.urn

    def text(self, *path: str) -> str:
        value = _at(self.props, *path)
        return value if isinstance(value, str) else ""

    def items(self, *path: str) -> list[Any]:
        value = _at(self.props, *path)
        return list(value) if isinstance(value, list) else []

    def on(self, *path: str) -> bool:
        return _at(self.props, *path) is True

    def is_off(self, *path: str) -> bool:
        return _at(self.props, *path) is False


def registries_from_export(export: Mapping[str, Any]) -> list[Registry]:
    """Every registry that a stack declares or reads, as its state has it.

    ``export``: the JSON of ``pulumi stack export`` (or its ``deployment`` alone). Raises ValueError when it is neither.
    """
    return _registries(list(_state_resources(export).values()))


def registries_from_preview(
    preview: Mapping[str, Any], export: Mapping[str, Any] | None = None
) -> tuple[list[Registry], list[Registry]]:
    """The registries before and after an update: what ``pulumi preview --json`` says it will do.

    ``export`` supplies the resources that the preview leaves out as unchanged; with ``--show-sames`` it is not needed.
    Raises ValueError when ``preview`` is not a preview, or when it is not whole and there is no export.
    """
    steps = preview.get("steps")
    if not isinstance(steps, list):
        if steps is None and isinstance(preview.get("config"), dict):
            steps = []  # a preview without any step omits the list
        else:
            raise ValueError("not a preview: expected the JSON of `pulumi preview --json`, with a list 'steps'")
    left_out = _at(preview, "changeSummary", "same") or 0
    shown = sum(step.get("op") == "same" for step in steps)
    if export is None and left_out > shown:
        raise ValueError(
            f"the preview leaves {left_out - shown} unchanged resources out: preview with --show-sames, or give the"
            " stack's export too"
        )
    before = _state_resources(export) if export is not None else {}
    after = dict(before)
    for step in steps:
        urn, operation = str(step.get("urn", "")), str(step.get("op", ""))
        old, new = step.get("oldState"), step.get("newState")
        if isinstance(old, dict):
            known = _resource(old)
            if known is not None:
                before.setdefault(urn, known)
                after.setdefault(urn, known)
        if operation in _DELETING:
            if operation == "delete":
                after.pop(urn, None)
            continue
        if isinstance(new, dict):
            keep = old if isinstance(old, dict) and operation in {"same", "update", "refresh"} else None
            planned = _resource(new, base=keep)
            if planned is not None:
                after[urn] = planned
    return _registries(list(before.values())), _registries(list(after.values()))


def model_of(registry: Registry) -> Model:
    """The registry with its default clients."""
    return Model(registry, tuple(default_clients(registry)))


def compare(before: Sequence[Registry], after: Sequence[Registry]) -> list[Change]:
    """What changes for the default clients of every registry; registries are matched by ``key``."""
    old = {r.key or r.login_server: r for r in before}
    new = {r.key or r.login_server: r for r in after}
    changes: list[Change] = []
    for key in dict.fromkeys([*old, *new]):
        changes += diff(model_of(old[key]) if key in old else None, model_of(new[key]) if key in new else None)
    return changes


def default_clients(registry: Registry) -> list[Client]:
    """Every place that a client of this registry may stand in, one client for each.

    The networks of the stack, then the places that no stack declares: peered networks with and without the zone, a
    network linked to another team's zone of the same name, on-premises with and without a forwarder, the internet (any
    address, and one of each IP rule), a trusted service, and one client behind each client firewall. Names do not
    depend on the answer, so two models of one registry can be compared.
    """
    homes = tuple(dict.fromkeys(e.vnet for e in registry.private_endpoints))
    linked = [link.vnet for z in registry.zones if z.name == registry.cloud.private_link_zone for link in z.links]
    forwarder = next((v for v in linked if _routes(registry, v) & set(homes)), next(iter(linked), PUBLIC_RESOLVER))
    clients = [
        Client(
            f"VM in {network.label}",
            Location.VNET,
            vnet=network.id,
            connected=network.peered,
            resolver=PUBLIC_RESOLVER if network.dns_servers else network.id,
        )
        for network in registry.networks
    ]
    other_zone = Zone(registry.cloud.private_link_zone, links=(VNetLink(_ANY_OTHER_NETWORK),), id="another team's zone")
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
            for rule in dict.fromkeys(registry.ip_rules)
        ),
        Client("trusted Azure service", Location.TRUSTED_SERVICE),
    ]
    for firewall in registry.firewalls:
        clients.append(_client_behind(registry, firewall))
    return clients


def _routes(registry: Registry, vnet: str) -> set[str]:
    network = next((n for n in registry.networks if n.id == vnet), None)
    return {vnet, *(network.peered if network else ())}


def _client_behind(registry: Registry, firewall: Firewall) -> Client:
    name = f"client behind {firewall.name}"
    vnet = next(iter(firewall.vnets), "")
    network = next((n for n in registry.networks if n.id == vnet), None)
    # The address that the firewall hides its clients behind is not declared; the first IP rule stands for it, so that
    # the verdict speaks of the firewall's rules.
    address = next(iter(registry.ip_rules), None)
    if network is None:
        return Client(name, Location.INTERNET, public_ip=address, firewall=firewall)
    resolver = PUBLIC_RESOLVER if network.dns_servers else network.id
    return Client(name, Location.VNET, network.id, network.peered, resolver, address, firewall)


def _at(value: Any, *path: str) -> Any:
    for step in path:
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def _plain(value: Any) -> Any:
    """A property value with secrets opened where the state shows them and unknown ones left out as None."""
    if isinstance(value, dict):
        if value.get(_SIGNATURE) == _MARKS_SECRET:
            shown = value.get("plaintext")
            return _plain(json.loads(shown)) if isinstance(shown, str) else None
        if _SIGNATURE in value:
            return _plain(value.get("value"))
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return None if value == _UNKNOWN else value


def _kind(token: str) -> str:
    """``azure-native:network/v20240501:PrivateEndpoint`` → ``network:privateendpoint``; empty for other providers."""
    package, _, rest = token.partition(":")
    if not package.lower().startswith("azure-native"):
        return ""
    module, _, name = rest.partition(":")
    return f"{module.partition('/')[0]}:{name}".lower()


def _resource(state: Mapping[str, Any], base: Mapping[str, Any] | None = None) -> _Resource | None:
    kind = _kind(str(state.get("type", "")))
    if not kind or state.get("delete"):
        return None
    urn = str(state.get("urn", ""))
    old = _plain(base.get("outputs") or {}) if base else {}
    outputs = _plain(state.get("outputs") or {})
    inputs = _plain(state.get("inputs") or {})
    # Outputs say what Azure answered, inputs what is asked for; of an update the inputs are the newer of the two.
    answered = {key: value for key, value in outputs.items() if value is not None}
    props = {**inputs, **answered} if base is None else {**old, **answered, **inputs}
    id_ = _plain(state.get("id")) or (_plain(base.get("id")) if base else "")
    dependencies = state.get("propertyDependencies") or {}
    return _Resource(
        urn=urn,
        kind=kind,
        logical_name=urn.rpartition("::")[2],
        id=id_ if isinstance(id_, str) else "",
        props=props,
        dependencies={k: tuple(v or ()) for k, v in dependencies.items()},
        all_dependencies=tuple(state.get("dependencies") or ()),
    )


def _state_resources(export: Mapping[str, Any]) -> dict[str, _Resource]:
    deployment = export.get("deployment", export)
    states = deployment.get("resources", [] if "manifest" in deployment else None)
    if not isinstance(states, list):
        raise ValueError("not a stack export: expected the JSON of `pulumi stack export`, with 'deployment.resources'")
    found: dict[str, _Resource] = {}
    for state in states:
        resource = _resource(state)
        if resource is not None:
            found[resource.urn] = resource
    return found


class _Stack:
    """The resources of a stack with the indexes that references are followed by, each made once."""

    def __init__(self, resources: Iterable[_Resource]) -> None:
        self._kinds: dict[str, list[_Resource]] = {}
        self._urns: dict[str, _Resource] = {}
        self._ids: dict[str, _Resource] = {}
        for resource in resources:
            self._kinds.setdefault(resource.kind, []).append(resource)
            self._urns[resource.urn] = resource
            if resource.id:
                self._ids[resource.id.lower()] = resource
        self._names: dict[tuple[str, str], dict[str, list[_Resource]]] = {}
        self._children: dict[tuple[str, str], dict[str, list[_Resource]]] = {}

    def of(self, kind: str) -> list[_Resource]:
        return self._kinds.get(kind, [])

    def with_urn(self, urn: str) -> _Resource | None:
        return self._urns.get(urn)

    def with_id(self, id_: str) -> _Resource | None:
        return self._ids.get(id_.lower())

    def by_reference(self, owner: _Resource, field_: str, value: Any, kind: str) -> _Resource | None:
        """What an id property points to: by the id where known, else by the property's dependencies."""
        if isinstance(value, str) and value:
            return self.with_id(value)
        return self._by_dependency(owner, field_, kind)

    def by_name(self, owner: _Resource, field_: str, kind: str) -> _Resource | None:
        """What a name property points to: by dependency first, else the resource of that name in the same group.

        Such a property has the same name in the resource that it names.
        """
        found = self._by_dependency(owner, field_, kind)
        wanted = owner.text(field_).lower()
        if found is not None or not wanted:
            return found
        group = owner.text("resourceGroupName").lower()
        same = [r for r in self._named(kind, field_).get(wanted, ()) if not group or _group(r) in {"", group}]
        return same[0] if len(same) == 1 else None

    def children(self, parent: _Resource, kind: str, field_: str) -> list[_Resource]:
        """The resources of a kind that name this one in a property."""
        key = (kind, parent.kind)
        if key not in self._children:
            found: dict[str, list[_Resource]] = {}
            for child in self.of(kind):
                owner = self.by_name(child, field_, parent.kind)
                if owner is not None:
                    found.setdefault(owner.urn, []).append(child)
            self._children[key] = found
        return self._children[key].get(parent.urn, [])

    def _named(self, kind: str, field_: str) -> dict[str, list[_Resource]]:
        key = (kind, field_)
        if key not in self._names:
            found: dict[str, list[_Resource]] = {}
            for resource in self.of(kind):
                for name in {resource.text("name").lower(), resource.text(field_).lower()} - {""}:
                    found.setdefault(name, []).append(resource)
            self._names[key] = found
        return self._names[key]

    def _by_dependency(self, owner: _Resource, field_: str, kind: str) -> _Resource | None:
        known = [self._urns[u] for u in owner.dependencies.get(field_, ()) if u in self._urns]
        found = [r for r in known if r.kind == kind]
        return found[0] if len(found) == 1 else None

    @cached_property
    def connections(self) -> dict[str, list[tuple[_Resource, bool]]]:
        """The private endpoints of each registry, by its URN, and whether their connection is approved."""
        found: dict[str, list[tuple[_Resource, bool]]] = {}
        for endpoint in self.of("network:privateendpoint"):
            for field_ in ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections"):
                for connection in endpoint.items(field_):
                    target = self.by_reference(
                        endpoint, field_, _at(connection, "privateLinkServiceId"), "containerregistry:registry"
                    )
                    if target is not None:
                        status = str(_at(connection, "privateLinkServiceConnectionState", "status") or "")
                        approved = status.lower() == "approved" if status else not field_.startswith("manual")
                        found.setdefault(target.urn, []).append((endpoint, approved))
        return found

    @cached_property
    def networks(self) -> dict[str, Network]:
        """The networks that the stack declares or names in links, by key."""
        peerings: dict[str, list[str]] = {}
        for peering in self.of("network:virtualnetworkpeering"):
            owner = self.by_name(peering, "virtualNetworkName", "network:virtualnetwork")
            remote_id = peering.text("remoteVirtualNetwork", "id")
            remote = self.by_reference(peering, "remoteVirtualNetwork", remote_id, "network:virtualnetwork")
            local_key = owner.key if owner else _parent_id(peering.id)
            remote_key = remote.key if remote else remote_id.lower()
            if local_key and remote_key:
                peerings.setdefault(local_key, []).append(remote_key)
        found: dict[str, Network] = {}
        for network in self.of("network:virtualnetwork"):
            inline = [
                str(_at(p, "remoteVirtualNetwork", "id") or "").lower() for p in network.items("virtualNetworkPeerings")
            ]
            found[network.key] = Network(
                network.key,
                _name(network, "virtualNetworkName"),
                tuple(p for p in network.items("addressSpace", "addressPrefixes") if isinstance(p, str)),
                tuple(dict.fromkeys([*peerings.get(network.key, []), *(i for i in inline if i)])),
                tuple(s for s in network.items("dhcpOptions", "dnsServers") if isinstance(s, str)),
            )
        for key in [*peerings, *(link.vnet for links in self.links.values() for link in links)]:
            found.setdefault(key, Network(key, key.rpartition("/")[2], peered=tuple(peerings.get(key, ()))))
        return found

    @cached_property
    def links(self) -> dict[str, list[VNetLink]]:
        """The networks that each zone is linked to, by the zone's URN."""
        return {zone.urn: list(_links(self, zone)) for zone in self.of("privatedns:privatezone")}

    @cached_property
    def firewalls(self) -> list[tuple[Firewall, frozenset[str]]]:
        """The firewall policies and NSGs of the stack, each with the URNs that it depends on."""
        return list(_firewalls(self))


def _name(resource: _Resource, field_: str) -> str:
    """The Azure name; the logical one while Pulumi has not chosen it."""
    return resource.text("name") or resource.text(field_) or resource.logical_name


def _group(resource: _Resource) -> str:
    match = re.search(r"/resourcegroups/([^/]+)/", resource.id.lower())
    return match.group(1) if match else resource.text("resourceGroupName").lower()


def _registries(resources: list[_Resource]) -> list[Registry]:
    stack = _Stack(resources)
    return [_registry(stack, resource) for resource in stack.of("containerregistry:registry")]


def _registry(stack: _Stack, resource: _Resource) -> Registry:
    notes: list[str] = []
    home = names.normalise_region(resource.text("location"))
    login = _login_server(resource, home, notes)
    if not home:
        home = "unknown-region"
        notes.append("the home region is not known yet: 'unknown-region' stands for it")
    replicas = tuple(
        sorted(
            names.normalise_region(r.text("location"))
            for r in stack.children(resource, "containerregistry:replication", "registryName")
            if r.text("location")
        )
    )
    regional = resource.text("regionalEndpoints").lower() == "enabled"
    records = names.private_dns_records(login, home, replicas)
    if regional:
        records += _regional_records(login, names.all_regions(home, replicas))
    endpoints, zone_records = _endpoints(stack, resource, records, notes)
    return Registry(
        login_server=login,
        home=home,
        replicas=replicas,
        public_access=resource.text("publicNetworkAccess").lower() != "disabled",
        default_allow=resource.text("networkRuleSet", "defaultAction").lower() != "deny",
        ip_rules=tuple(
            rule["iPAddressOrRange"]
            for rule in resource.items("networkRuleSet", "ipRules")
            if isinstance(rule, dict) and isinstance(rule.get("iPAddressOrRange"), str)
        ),
        data_endpoints=resource.on("dataEndpointEnabled"),
        regional_endpoints=regional,
        trusted_bypass=resource.text("networkRuleBypassOptions").lower() != "none",
        private_endpoints=tuple(endpoints),
        zones=_zones(stack, login, records, zone_records, endpoints, notes),
        networks=_networks(stack, endpoints),
        firewalls=_firewalls_of(stack, resource, [login, *(r.host for r in records)]),
        name=_name(resource, "registryName"),
        key=resource.urn,
        notes=tuple(dict.fromkeys(notes)),
    )


def _regional_records(login: str, regions: list[str]) -> list[names.Record]:
    """The records of the regional endpoints. Azure's names for their private link members are not documented."""
    zone = names.split_login_server(login)[1].private_link_zone
    hosts = {region: names.regional_endpoint(login, region) for region in regions}
    return [
        names.Record(
            host, f"regional endpoint {region}", region, zone, names.private_fqdn(host).removesuffix(f".{zone}")
        )
        for region, host in hosts.items()
    ]


def _login_server(resource: _Resource, home: str, notes: list[str]) -> str:
    known = resource.text("loginServer")
    if known:
        return known.lower()
    name = resource.text("registryName") or resource.text("name")
    if not name:
        name = re.sub(r"[^a-zA-Z0-9]", "", resource.logical_name)
        notes.append(f"the registry's name is not known yet: '{name}' stands for it")
    scope = resource.text("autoGeneratedDomainNameLabelScope").lower()
    if scope and scope != "unsecure":
        notes.append("the login server gets a hash when the registry is created: '-hash' stands for it")
        name = f"{name}-hash"
    known_region = limits.REGIONS.get(home)
    return names.login_server(name, names.CLOUDS[known_region.cloud] if known_region else names.PUBLIC)


def _endpoints(
    stack: _Stack, registry: _Resource, records: list[names.Record], notes: list[str]
) -> tuple[list[PrivateEndpoint], dict[str, dict[str, str]]]:
    """The registry's private endpoints, and the records that their zone groups write, by the zone's key."""
    endpoints: list[PrivateEndpoint] = []
    written: dict[str, dict[str, str]] = {}
    for resource, approved in stack.connections.get(registry.urn, ()):
        group = next(iter(stack.children(resource, "network:privatednszonegroup", "privateEndpointName")), None)
        configs = [c for c in group.items("privateDnsZoneConfigs") if isinstance(c, dict)] if group else []
        addresses = _addresses(resource, configs, records)
        name = _name(resource, "privateEndpointName")
        vnet, subnet = _subnet_of(stack, resource)
        endpoints.append(PrivateEndpoint(name, vnet, subnet, tuple(addresses.items()), approved))
        if group is None:
            notes.append(
                f"the private endpoint '{name}' has no zone group in this stack: records that Azure Policy or others"
                " write for it are not seen here"
            )
            continue
        for config in configs:
            zone = stack.by_reference(
                group, "privateDnsZoneConfigs", config.get("privateDnsZoneId"), "privatedns:privatezone"
            )
            key = zone.key if zone else str(config.get("privateDnsZoneId") or "").lower()
            if not key:
                notes.append(f"the zone of the zone group of '{name}' is not known yet")
                continue
            # Azure keeps a zone group's records complete: a replica added later gets its own without an update here.
            written.setdefault(key, {}).update({r.name: addresses[r.host] for r in records})
    return endpoints, written


def _addresses(
    endpoint: _Resource, configs: Iterable[Mapping[str, Any]], records: list[names.Record]
) -> dict[str, str]:
    """The private address of each host: as Azure answered, else a placeholder that its zone record shares.

    Azure empties ``customDnsConfigs`` once a zone group exists, and keeps the addresses in the group's record sets.
    """
    known: dict[str, str] = {}
    for config in endpoint.items("customDnsConfigs"):
        for address in _at(config, "ipAddresses") or ():
            known.setdefault(str(_at(config, "fqdn")).lower(), address)
    for config in configs:
        for record_set in config.get("recordSets") or ():
            for address in _at(record_set, "ipAddresses") or ():
                known.setdefault(str(_at(record_set, "recordSetName")).lower(), address)
    return {
        r.host: known.get(r.host) or known.get(r.name) or f"(address of {r.member} at {endpoint.logical_name})"
        for r in records
    }


def _subnet_of(stack: _Stack, endpoint: _Resource) -> tuple[str, str]:
    """The keys of the network and subnet that an endpoint stands in."""
    id_ = endpoint.text("subnet", "id")
    subnet = stack.by_reference(endpoint, "subnet", id_, "network:subnet")
    if subnet is not None:
        network = stack.by_name(subnet, "virtualNetworkName", "network:virtualnetwork")
        return (network.key if network else _parent_id(subnet.id), _name(subnet, "subnetName"))
    if id_:
        network = stack.with_id(_parent_id(id_))
        return (network.key if network else _parent_id(id_), id_.rpartition("/")[2])
    # An inline subnet of a network that does not exist yet: only the dependency tells.
    network = stack.by_reference(endpoint, "subnet", None, "network:virtualnetwork")
    return (network.key if network else "(unknown network)", "")


def _parent_id(id_: str) -> str:
    return "/".join(id_.lower().split("/")[:-2])


def _zones(
    stack: _Stack,
    login: str,
    records: list[names.Record],
    written: Mapping[str, Mapping[str, str]],
    endpoints: Sequence[PrivateEndpoint],
    notes: list[str],
) -> tuple[Zone, ...]:
    suffix = names.split_login_server(login)[1].registry_suffix
    zones: list[Zone] = []
    for resource in stack.of("privatedns:privatezone"):
        name = _name(resource, "privateZoneName").lower()
        if name != suffix and not name.endswith(f".{suffix}"):
            continue
        zones.append(
            Zone(
                name,
                tuple({**written.get(resource.key, {}), **dict(_manual_records(stack, resource, records))}.items()),
                tuple(stack.links[resource.urn]),
                resource.key,
            )
        )
    for key, content in written.items():
        if any(z.id == key for z in zones):
            continue
        # The zone belongs to another stack, so its links are not here; the endpoint's own network is nearly always one.
        homes = tuple(dict.fromkeys(e.vnet for e in endpoints))
        notes.append(
            f"the zone {key} is outside this stack: it is taken to be linked to the networks of the private endpoints"
        )
        zones.append(Zone(key.rpartition("/")[2], tuple(content.items()), tuple(VNetLink(v) for v in homes), key))
    return tuple(zones)


def _manual_records(stack: _Stack, zone: _Resource, records: list[names.Record]) -> Iterator[tuple[str, str]]:
    for resource in stack.children(zone, "privatedns:privaterecordset", "privateZoneName"):
        name = (resource.text("relativeRecordSetName") or resource.text("name")).lower()
        addresses = [_at(a, "ipv4Address") for a in resource.items("aRecords")]
        known = next((a for a in addresses if isinstance(a, str)), None)
        member = next((r.member for r in records if r.name == name), None)
        if name and known is not None:
            yield name, known
        elif member is not None:
            source = next((u for u in resource.dependencies.get("aRecords", ()) if stack.with_urn(u)), "")
            yield name, f"(address of {member} at {source.rpartition('::')[2]})"


def _links(stack: _Stack, zone: _Resource) -> Iterator[VNetLink]:
    for link in stack.children(zone, "privatedns:virtualnetworklink", "privateZoneName"):
        id_ = link.text("virtualNetwork", "id")
        network = stack.by_reference(link, "virtualNetwork", id_, "network:virtualnetwork")
        key = network.key if network else id_.lower()
        if key:
            yield VNetLink(key, link.text("resolutionPolicy").lower() == "nxdomainredirect")


def _networks(stack: _Stack, endpoints: Sequence[PrivateEndpoint]) -> tuple[Network, ...]:
    """The networks of the stack, and those of other stacks that the registry's endpoints stand in."""
    elsewhere = {e.vnet: Network(e.vnet, e.vnet.rpartition("/")[2]) for e in endpoints}
    return tuple((stack.networks | {k: n for k, n in elsewhere.items() if k not in stack.networks}).values())


def _firewalls_of(stack: _Stack, registry: _Resource, hosts: list[str]) -> tuple[Firewall, ...]:
    """The client firewalls of the stack that speak of this registry, or depend on it."""
    return tuple(
        firewall
        for firewall, depends_on in stack.firewalls
        if registry.urn in depends_on or _speaks_of(firewall.rules, hosts)
    )


def _firewalls(stack: _Stack) -> Iterator[tuple[Firewall, frozenset[str]]]:
    groups: dict[str, list[_Resource]] = {}
    for group in stack.of("network:firewallpolicyrulecollectiongroup"):
        policy = stack.by_name(group, "firewallPolicyName", "network:firewallpolicy")
        name = policy.logical_name if policy else group.text("firewallPolicyName") or group.logical_name
        groups.setdefault(name, []).append(group)
    for name, members in groups.items():
        depends_on = frozenset(urn for member in members for urn in member.all_dependencies)
        yield Firewall(name, tuple(_firewall_policy_rules(members))), depends_on
    for nsg in stack.of("network:networksecuritygroup"):
        firewall = Firewall(
            _name(nsg, "networkSecurityGroupName"),
            (*_security_rules(stack, nsg), *_NSG_DEFAULTS),
            filters_private=True,
            vnets=tuple(_networks_behind(stack, nsg)),
        )
        yield firewall, frozenset()


# What every NSG ends with (learn.microsoft.com/azure/virtual-network/network-security-groups-overview).
_NSG_DEFAULTS = (
    FirewallRule(service_tags=("VirtualNetwork",), ports=(), name="AllowVnetOutBound"),
    FirewallRule(service_tags=("Internet",), ports=(), name="AllowInternetOutBound"),
)


def _speaks_of(rules: Iterable[FirewallRule], hosts: list[str]) -> bool:
    """Whether any rule is about the registry: one of its hosts, a registry or blob wildcard, or a registry tag."""
    blobs = [cloud.blob_wildcard for cloud in names.CLOUDS.values()]
    for rule in rules:
        patterns = [p for p in rule.hosts if p != "*"]
        if any(host_covers(p, h) for p in patterns for h in [*hosts, *blobs]):
            return True
        if any(t.lower().partition(".")[0] == names.SERVICE_TAG.lower() for t in rule.service_tags):
            return True
    return False


def _firewall_policy_rules(groups: Iterable[_Resource]) -> list[FirewallRule]:
    """The rules of a policy in the order that Azure Firewall judges them: network rules first, then by priority.

    learn.microsoft.com/azure/firewall/rule-processing
    """
    ranked: list[tuple[tuple[int, int, int], FirewallRule]] = []
    for group in groups:
        for collection in group.items("ruleCollections"):
            allow = str(_at(collection, "action", "type") or "Allow").lower() == "allow"
            for rule in _at(collection, "rules") or ():
                network = _at(rule, "ruleType") == "NetworkRule"
                rank = (0 if network else 1, _number(group.props.get("priority")), _number(_at(collection, "priority")))
                if network:
                    hosts = _strings(rule, "destinationFqdns")
                    ports = _ports(_strings(rule, "destinationPorts"))
                else:
                    hosts = _strings(rule, "targetFqdns")
                    ports = tuple(
                        int(p["port"])
                        for p in _at(rule, "protocols") or ()
                        if isinstance(p, dict) and isinstance(p.get("port"), int | float)
                    )
                ranked.append((rank, _rule(hosts, _strings(rule, "destinationAddresses"), ports, allow, rule)))
    return [rule for _, rule in sorted(ranked, key=lambda pair: pair[0])]


def _security_rules(stack: _Stack, nsg: _Resource) -> list[FirewallRule]:
    inline = [r for r in nsg.items("securityRules") if isinstance(r, dict)]
    separate = [r.props for r in stack.children(nsg, "network:securityrule", "networkSecurityGroupName")]
    # A separate rule shows up in the group's outputs too once the group has been refreshed.
    by_name = {str(r.get("name") or r.get("securityRuleName") or i): r for i, r in enumerate([*inline, *separate])}
    outbound = [r for r in by_name.values() if str(r.get("direction", "")).lower() == "outbound"]
    rules: list[FirewallRule] = []
    for rule in sorted(outbound, key=lambda r: _number(r.get("priority"))):
        if str(rule.get("protocol", "*")).lower() not in {"*", "tcp"}:
            continue
        destinations = [*_strings(rule, "destinationAddressPrefixes"), *_strings(rule, "destinationAddressPrefix")]
        ports = _ports([*_strings(rule, "destinationPortRanges"), *_strings(rule, "destinationPortRange")])
        rules.append(_rule([], destinations, ports, str(rule.get("access", "")).lower() == "allow", rule))
    return rules


def _networks_behind(stack: _Stack, nsg: _Resource) -> Iterator[str]:
    for subnet in stack.of("network:subnet"):
        id_ = subnet.text("networkSecurityGroup", "id")
        if (
            "networkSecurityGroup" in subnet.props
            and stack.by_reference(subnet, "networkSecurityGroup", id_, "network:networksecuritygroup") is nsg
        ):
            network = stack.by_name(subnet, "virtualNetworkName", "network:virtualnetwork")
            yield network.key if network else _parent_id(subnet.id)
    for network in stack.of("network:virtualnetwork"):
        for subnet in network.items("subnets"):
            if nsg.id and str(_at(subnet, "networkSecurityGroup", "id") or "").lower() == nsg.id.lower():
                yield network.key


def _rule(
    hosts: Sequence[str], destinations: Sequence[str], ports: tuple[int, ...], allow: bool, source: Mapping[str, Any]
) -> FirewallRule:
    addresses = tuple(d for d in destinations if _is_block(d))
    return FirewallRule(
        hosts=tuple(hosts),
        addresses=addresses,
        service_tags=tuple(d for d in destinations if d not in addresses),
        ports=ports,
        allow=allow,
        name=str(source.get("name") or ""),
    )


def _is_block(value: str) -> bool:
    return value == "*" or is_address(value.partition("/")[0].partition("-")[0])


def _ports(values: Sequence[str]) -> tuple[int, ...]:
    """Azure's port strings (``443``, ``400-500``, ``*``) as the ports that matter here; empty means every port."""
    if "*" in values:
        return ()
    ports: list[int] = []
    for value in values:
        first, _, last = value.partition("-")
        if first.isdigit() and (not last or last.isdigit()):
            inside = int(first) <= HTTPS <= int(last or first)
            ports.append(HTTPS if inside else int(first))
    return tuple(ports) or (0,)


def _strings(source: Mapping[str, Any], key: str) -> list[str]:
    value = source.get(key)
    if isinstance(value, str):
        return [value]
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


def _number(value: Any) -> int:
    return int(value) if isinstance(value, int | float) else 0
