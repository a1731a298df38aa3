"""What reach is judged from and what it says: registries and what stands around them, clients, verdicts, changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from ..azure import names, record_sets
from .firewalls import ANY_SOURCE, Firewall, is_address

if TYPE_CHECKING:
    from .kinds import AnyRegistry

NO_REGION = "unknown-region"  # stands in a registry's model for a region that is not known yet
PUBLIC_RESOLVER = ""


class HostKind(StrEnum):
    """What a host of a registry is for."""

    LOGIN = "login server"
    DATA = "data endpoint"
    REGIONAL = "regional endpoint"
    STORAGE = "blob storage"
    TOKEN = "token service"  # noqa: S105 - a word for people
    BUCKET = "OSS bucket"


class Operation(StrEnum):
    """What a client wants. Pushes touch the login server alone, and a token service of its own; pulls touch the host of
    the layers too."""

    PUSH = "push"
    PULL = "pull"


class Location(StrEnum):
    """Where a client stands."""

    VNET = "virtual network"
    ON_PREMISES = "on-premises"
    INTERNET = "internet"
    TRUSTED_SERVICE = "trusted Azure service"


class AddressClass(StrEnum):
    """What kind of address the client's resolver answers."""

    PRIVATE = "private"
    PUBLIC = "public"
    NONE = "none"


class Path(StrEnum):
    """The way that the client's connection takes."""

    PRIVATE = "private endpoint"
    PUBLIC = "public endpoint"
    TRUSTED = "trusted-services bypass"
    STORAGE = "blob storage"
    INTERNET = "Internet endpoint"
    VPC = "VPC endpoint"
    SERVICE = "service range"
    NONE = "none"


class Verdict(StrEnum):
    """What becomes of the client's connection: allowed, or the first thing that stops it.

    ``CANNOT_TELL``: the declaration does not say, or not yet; the reason names what would.
    """

    ALLOWED = "allowed"
    REFUSED = "refused by the registry"
    BLOCKED = "blocked by the client's firewall"
    WRONG_RESOLVER = "wrong resolver"
    NO_NAME = "name does not resolve"
    NO_ROUTE = "no route to the address"
    WRONG_ADDRESS = "record points to the wrong address"
    NOT_APPROVED = "private endpoint not approved"
    CANNOT_TELL = "cannot tell"


class Ability(StrEnum):
    """What a client can do with a registry as a whole.

    ``PARTLY``: sometimes. Layers of only some regions answer, so whether a pull works depends on the region that Azure
    routes it to; or only some of the addresses that a name resolves to work. ``IF``: yes, on a condition that the
    declaration does not show, which is named. ``UNKNOWN``: something that decides is not known; the reason says what.
    """

    YES = "yes"
    IF = "yes, if"
    UNKNOWN = "cannot tell"
    PARTLY = "partly"
    NO = "no"


class Connection(StrEnum):
    """The state of a private endpoint's connection, as its registry's owner left it."""

    APPROVED = "Approved"
    PENDING = "Pending"
    REJECTED = "Rejected"
    DISCONNECTED = "Disconnected"


@dataclass(frozen=True)
class PrivateEndpoint:
    """One private endpoint of the registry.

    ``addresses`` pairs each host of the registry with the private IP that the endpoint has for it; a host without one
    is not served by it. ``vnet`` and ``subnet`` are ids or names, the same strings that clients and links use.
    ``prefixes`` are the address prefixes of its subnet, ``security_groups`` the application security groups that it is
    in. ``condition`` says on what it depends that clients get through it, where the declaration does not show that.
    ``declared`` is False for one that is known only by its connection on the registry. ``inbound`` are the inbound
    rules that hold on its subnet, None where its network policies leave them out; ``routed`` says whether those
    policies let routes of clients replace the endpoint's own /32 route, None while that is not known. ``stopped`` is
    the state in which its last change ended, where that did not succeed.
    """

    name: str
    vnet: str
    subnet: str = ""
    addresses: tuple[tuple[str, str], ...] = ()
    connection: Connection = Connection.APPROVED
    prefixes: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    condition: str = ""
    declared: bool = True
    inbound: Firewall | None = None
    routed: bool | None = False
    stopped: str = ""

    @property
    def approved(self) -> bool:
        return self.connection is Connection.APPROVED

    def address_of(self, host: str) -> str | None:
        return dict(self.addresses).get(host.lower())


@dataclass(frozen=True)
class VNetLink:
    """A virtual network that asks a private zone. ``nx_domain_redirect``: a name not in the zone is asked publicly
    (``resolutionPolicy: NxDomainRedirect``, privatedns 2024-06-01) instead of not resolving. ``declared`` is False for
    a link that another stack may or may not have."""

    vnet: str
    nx_domain_redirect: bool = False
    declared: bool = True


@dataclass(frozen=True)
class Zone:
    """A private DNS zone: ``records`` pairs a name relative to the zone with an address; a record set with several
    addresses has several pairs, and an address that is not known yet is empty. ``aliases`` pairs a name with the name
    that its CNAME record holds.

    ``id`` tells zones of one name apart; empty when there is only one. ``gap`` says why not all of the zone is known,
    such as "which is outside this stack"; ``complete`` is False where it may hold more records than are known here.
    """

    name: str
    records: tuple[tuple[str, str], ...] = ()
    links: tuple[VNetLink, ...] = ()
    id: str = ""
    aliases: tuple[tuple[str, str], ...] = ()
    complete: bool = True
    gap: str = ""

    def addresses_of(self, record: str) -> tuple[str, ...]:
        """The addresses that the zone answers for a name, by a record set of its own or by a wildcard; none where it
        has no such name."""
        holder = record_sets.answering(self._names, record)
        return self._addresses.get(holder, ()) if holder is not None else ()

    def alias_of(self, record: str) -> str:
        """The name that the zone answers instead of addresses; empty where it has no CNAME record for it."""
        holder = record_sets.answering(self._names, record)
        return self._aliases.get(holder, "") if holder is not None else ""

    def link_of(self, vnet: str) -> VNetLink | None:
        return self._links.get(vnet)

    @cached_property
    def _addresses(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for name, address in self.records:
            found[name] = (*found.get(name, ()), address)
        return found

    @cached_property
    def _aliases(self) -> dict[str, str]:
        return dict(self.aliases)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset((*self._addresses, *self._aliases))

    @cached_property
    def _links(self) -> dict[str, VNetLink]:
        return {link.vnet: link for link in self.links}


class Hop(StrEnum):
    """Where a user-defined route sends what it matches, as Azure writes it in lower case."""

    APPLIANCE = "virtualappliance"
    GATEWAY = "virtualnetworkgateway"
    NETWORK = "vnetlocal"
    INTERNET = "internet"
    NONE = "none"


@dataclass(frozen=True)
class Route:
    """A user-defined route: ``prefix`` is a CIDR or a service tag in lower case, empty while it is not known.

    ``address`` is the appliance's, empty while it is not known, ``appliance`` the name of the firewall that has it,
    where the estate declares that, ``firewall`` its rules and ``servers`` the DNS servers that it asks, as those of a
    network. ``hop`` is None while it is not known. ``gap``: it stands for all routes of a table that is only named, and
    says what would tell them; ``untold`` says of the firewall's rules why they are not known.
    """

    name: str
    prefix: str
    hop: Hop | None
    address: str = ""
    appliance: str = ""
    table: str = ""
    firewall: Firewall | None = None
    servers: tuple[str, ...] | None = ()
    gap: str = ""
    untold: str = ""

    @property
    def label(self) -> str:
        """How a message names it: ``the route 'default' of the route table 'spoke'``."""
        if self.gap:
            return f"the route table '{self.table}', {self.gap},"
        return f"the route '{self.name}' of the route table '{self.table}'"


@dataclass(frozen=True)
class Subnet:
    """A subnet with the routes of its route table.

    ``private``: it has no way to the internet by itself: neither Azure's default outbound access nor a NAT gateway
    (learn.microsoft.com/azure/virtual-network/ip-services/default-outbound-access). ``gap`` is what must hold for a
    client to get out of it where the rules of its security group are not known.
    """

    name: str
    prefixes: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    private: bool = False
    gap: str = ""


@dataclass(frozen=True)
class Peering:
    """A network's peering with ``remote``, as both sides of it stand together.

    ``broken`` says why it carries nothing, ``conditions`` on what it depends that it does. Subnet peering covers some
    subnets only: ``near`` and ``far`` are lists, of names and prefixes, that the client's and the endpoint's subnet
    must each be in. ``forwarded``: whether its own side lets in what the remote network forwards for others, None while
    that is not known.
    """

    remote: str
    broken: str = ""
    conditions: tuple[str, ...] = ()
    near: tuple[tuple[str, ...], ...] = ()
    far: tuple[tuple[str, ...], ...] = ()
    forwarded: bool | None = None


@dataclass(frozen=True)
class DnsProxy:
    """The DNS proxy of an Azure Firewall at one of its addresses: on or off.

    One that is off answers nothing; one that is on asks its ``servers``, or without any Azure's resolver in the
    firewall's network (learn.microsoft.com/azure/firewall/dns-details, 2026-01).
    """

    address: str
    firewall: str
    policy: str
    on: bool
    servers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Network:
    """A virtual network near the registry: where clients can stand.

    ``peerings`` are its own; peering is not transitive. ``dns_servers`` are its custom DNS servers; empty means Azure's
    own resolver, 168.63.129.16, which is the one that knows the linked zones, and None that they are not known yet.
    ``proxies`` are the DNS proxies in it of which the declaration shows whom they ask, if anyone. ``gap`` says what
    would tell of a network that is only named, such as "not declared here"; ``whole``: all its peerings are
    known, so that it certainly has no others. ``live``: it is of what Azure lists, and not of a stack.
    """

    id: str
    name: str = ""
    address_space: tuple[str, ...] = ()
    peerings: tuple[Peering, ...] = ()
    dns_servers: tuple[str, ...] | None = ()
    subnets: tuple[Subnet, ...] = ()
    proxies: tuple[DnsProxy, ...] = ()
    gap: str = ""
    whole: bool = False
    live: bool = False

    @property
    def label(self) -> str:
        return self.name or self.id

    @property
    def peered(self) -> tuple[str, ...]:
        """The networks that it has a way to, certainly or on a condition."""
        return tuple(each.remote for each in self.peerings if not each.broken)

    def peering_with(self, vnet: str) -> Peering | None:
        return next((each for each in self.peerings if each.remote == vnet), None)


@dataclass(frozen=True)
class Registry:
    """A registry and what stands around it, as far as it decides who reaches it.

    ``login_server`` is the host, ``home`` and ``replicas`` regions in any spelling; ``stopped_replicas`` are regions
    whose replica is there and Failed or Canceled, so that no host of theirs exists. ``public_access`` is
    ``publicNetworkAccess: Enabled``, ``default_allow`` is ``networkRuleSet.defaultAction: Allow``, ``ip_rules`` IPs or
    CIDRs, ``trusted_bypass`` is ``networkRuleBypassOptions: AzureServices``; each is None while it is not known.
    ``assumed`` names what of the hosts is not known yet, so that a stand-in is in its place: ``name``, ``region``,
    ``replicas``. ``zones`` are all the private zones that the client networks are linked to, other people's included:
    they are what the NXDOMAIN trap is made of. ``service_subnets`` are the subnets that are admitted by their service
    endpoints: networks and lower-case names. ``key`` recognises the registry across two models (a URN). ``notes`` say
    what the source of this model could not tell. ``by_name``: nothing but its name and regions is known, so that nobody
    can tell who reaches it. ``document``: the kind of document that it was read from, where it was read from one.
    ``at_least`` is the same registry with nothing around it but what is sure to exist, where anything only may exist,
    and ``condition`` says on what the rest depends.
    """

    login_server: str
    home: str
    replicas: tuple[str, ...] = ()
    stopped_replicas: tuple[tuple[str, str], ...] = ()
    public_access: bool | None = True
    default_allow: bool | None = True
    ip_rules: tuple[str, ...] | None = ()
    data_endpoints: bool | None = False
    regional_endpoints: bool = False
    trusted_bypass: bool | None = True
    private_endpoints: tuple[PrivateEndpoint, ...] = ()
    zones: tuple[Zone, ...] = ()
    networks: tuple[Network, ...] = ()
    firewalls: tuple[Firewall, ...] = ()
    service_subnets: tuple[tuple[str, str], ...] = ()
    name: str = ""
    key: str = ""
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    by_name: bool = False
    document: str = ""
    at_least: Registry | None = None
    condition: str = ""

    @property
    def untold_hosts(self) -> list[str]:
        """The hosts that have an address at a private endpoint which the document does not tell."""
        sound = (endpoint for endpoint in self.private_endpoints if not endpoint.stopped)
        pairs = (pair for endpoint in sound for pair in endpoint.addresses)
        return list(dict.fromkeys(host for host, address in pairs if not is_address(address)))

    @property
    def label(self) -> str:
        return self.name or names.split_login_server(self.login_server)[0]

    @cached_property
    def cloud(self) -> names.Cloud:
        return names.split_login_server(self.login_server)[1]

    def network(self, vnet: str) -> Network | None:
        """The network of that id, where it is near the registry."""
        return self._networks.get(vnet)

    @cached_property
    def _networks(self) -> dict[str, Network]:
        return {network.id: network for network in self.networks}

    @property
    def regions(self) -> list[str]:
        return names.all_regions(self.home, self.replicas)

    @property
    def serves_from_data_endpoints(self) -> bool:
        """Whether layers come from dedicated data endpoints: switched on, or any private endpoint."""
        return bool(self.data_endpoints) or bool(self.private_endpoints)

    def hosts(self) -> list[Host]:
        """Every host that a client of this registry touches, the login server first."""
        login = self.login_server.lower()
        found = [Host(login, HostKind.LOGIN, tuple(self.regions), (Operation.PUSH, Operation.PULL))]
        if self.serves_from_data_endpoints:
            found += [
                Host(names.data_endpoint(login, region), HostKind.DATA, (region,), (Operation.PULL,))
                for region in self.regions
            ]
        else:
            found.append(Host(self.cloud.blob_wildcard, HostKind.STORAGE, tuple(self.regions), (Operation.PULL,)))
        if self.regional_endpoints:
            found += [
                Host(
                    names.regional_endpoint(login, region),
                    HostKind.REGIONAL,
                    (region,),
                    (Operation.PUSH, Operation.PULL),
                )
                for region in self.regions
            ]
        return found


@dataclass(frozen=True)
class Host:
    """A host of a registry: what it is, the regions whose front ends answer for it, and who needs it.

    ``way`` names the endpoint that it belongs to, where a registry has several sets of hosts and a client uses one.
    """

    name: str
    kind: HostKind
    regions: tuple[str, ...]
    operations: tuple[Operation, ...]
    way: str = ""


@dataclass(frozen=True)
class Client:
    """A place to pull from.

    ``vnet`` is the network it stands in, ``subnets`` those of its subnets that it may stand in, by their names in
    lower case; empty means any. ``connected`` are networks it has a route to beside those that its own is peered with
    (VPN, ExpressRoute). ``resolver`` is the network whose resolver answers it, its own or the one its DNS server
    forwards to; ``PUBLIC_RESOLVER`` when public DNS answers. ``public_ip`` is the address that the registry sees on the
    public path; None means one that no IP rule names. ``other_zones`` are zones that its resolver asks and that do not
    belong to the registry's surroundings: another team's ``privatelink.azurecr.io``. ``conditions`` are what must hold
    for ``resolver`` to be right, where the declaration does not show it. ``source`` are the addresses or tags by which
    its firewall's rules know it. ``region`` is where it stands, where its network does not tell. ``mute`` is the DNS
    proxy that it asks although it is off, where no other DNS server answers it. ``key`` recognises it across two models
    where its name may differ.
    """

    name: str
    location: Location
    vnet: str = ""
    connected: tuple[str, ...] = ()
    resolver: str = PUBLIC_RESOLVER
    public_ip: str | None = None
    firewall: Firewall | None = None
    other_zones: tuple[Zone, ...] = ()
    conditions: tuple[str, ...] = ()
    source: tuple[str, ...] = ANY_SOURCE
    subnets: tuple[str, ...] = ()
    region: str = ""
    mute: DnsProxy | None = None
    key: str = ""


@dataclass(frozen=True)
class Outcome:
    """How a connection ends: the way it takes, the verdict with its reason and fix, and what it depends on."""

    path: Path
    verdict: Verdict
    reason: str
    fix: str = ""
    conditions: tuple[str, ...] = ()
    sometimes: bool = False


@dataclass(frozen=True)
class Reach:
    """What becomes of one client, one host and one operation.

    ``chain`` starts with the host and ends with the last name before the address; names that only Azure knows are
    patterns such as ``*.trafficmanager.net``. ``address`` is empty where only its class is known. ``reason`` says in
    plain words why, ``fix`` what to change; where the client gets through, ``fix`` is empty, or says how to make sure
    of a condition. ``conditions`` are what an allowed connection depends on and the declaration does not show.
    ``sometimes``: the verdict is of one of the addresses that the name resolves to, and others work.
    """

    client: str
    host: str
    kind: HostKind
    regions: tuple[str, ...]
    operation: Operation
    chain: tuple[str, ...]
    address: str
    address_class: AddressClass
    service_tags: tuple[str, ...]
    path: Path
    verdict: Verdict
    reason: str
    fix: str = ""
    conditions: tuple[str, ...] = ()
    sometimes: bool = False
    way: str = ""

    @property
    def allowed(self) -> bool:
        return self.verdict is Verdict.ALLOWED


@dataclass(frozen=True)
class Summary:
    """One line of the who-can-pull table. ``key`` is its client's, where that has one; ``holds_for`` says of which
    clients alone it speaks, where not of all."""

    registry: str
    client: str
    pull: Ability
    push: Ability
    paths: tuple[Path, ...]
    reason: str
    fix: str
    reaches: tuple[Reach, ...] = field(default=(), repr=False)
    key: str = ""
    holds_for: str = ""


@dataclass(frozen=True)
class Model:
    """A registry and the clients that want it. Two models of one registry can be compared."""

    registry: AnyRegistry
    clients: tuple[Client, ...] = ()


@dataclass(frozen=True)
class Change:
    """What an update changes for one client. ``before`` or ``after`` is None when the client or registry is new or
    gone. ``breaks``: something that the client can do now and will not be able to do."""

    registry: str
    client: str
    before: Summary | None
    after: Summary | None
    new_hosts: tuple[str, ...] = ()
    gone_hosts: tuple[str, ...] = ()
    breaks: bool = False
    text: str = ""
