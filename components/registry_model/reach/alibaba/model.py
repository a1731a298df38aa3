"""A registry of Alibaba Cloud and what stands around it, as far as it decides who reaches it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ...alibaba import limits, names, regions
from ...alibaba.editions import Edition
from ...alibaba.names import Way
from ..firewalls import Destination, Firewall, is_address
from ..model import Host, HostKind, Network, Operation, PrivateEndpoint, Zone
from .networks import Vpc


@dataclass(frozen=True)
class OwnName:
    """A domain of the customer's own that may name a registry, and the hosts of its layers then, by endpoint."""

    domain: str
    internet_storage: str
    vpc_storage: str


_AS = ", as "


def way_of(host: Host) -> Way:
    """The endpoint that a host belongs to, also where clients name the registry by a domain of their own."""
    return Way(host.way.partition(_AS)[0])


@dataclass(frozen=True)
class AlibabaRegistry:
    """An instance of Enterprise Edition, or Personal Edition in one region.

    ``internet_host`` and ``vpc_host`` are the registry's hosts as the cloud answered them, or what they will be.
    ``internet_storage`` and ``vpc_storage`` are the hosts of its bucket, or the storage domains that it sends pulls to
    in their place, or the wildcard of the region while that is not known. ``own_domains`` are hosts that pulls by a
    domain of the customer's own need beside these, and ``own_names`` are those domains. ``internet`` says whether the
    Internet endpoint is on, ``entries`` are the CIDRs that its access control list admits, none of them for everybody;
    each is None while it is not known. ``links`` are the bound VPCs, each with the address that the registry has in its
    vSwitch. ``zones`` are the private zones around it, ``assumed`` what of the hosts is not known yet, ``key``
    recognises the registry across two models (a URN). ``asked`` is the endpoint whose host is all that is known of the
    registry; None where a document declares it.
    """

    name: str
    region: str
    internet_host: str
    vpc_host: str
    internet_storage: str
    vpc_storage: str
    edition: Edition = Edition.ENTERPRISE
    internet: bool | None = False
    entries: tuple[str, ...] | None = ()
    links: tuple[PrivateEndpoint, ...] = ()
    zones: tuple[Zone, ...] = ()
    networks: tuple[Network, ...] = ()
    firewalls: tuple[Firewall, ...] = ()
    own_domains: tuple[Host, ...] = ()
    own_names: tuple[OwnName, ...] = ()
    key: str = ""
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    asked: Way | None = None

    @property
    def by_name(self) -> bool:
        """Whether nothing but a host is known, so that nobody can tell which endpoint is on and whom it lets in."""
        return self.asked is not None

    @property
    def label(self) -> str:
        return self.name

    @property
    def login_server(self) -> str:
        """The registry's host that tells it from others: the Internet one, whether that endpoint is on or not."""
        return self.internet_host

    @property
    def regions(self) -> list[str]:
        return [self.region]

    @property
    def private_endpoints(self) -> tuple[PrivateEndpoint, ...]:
        """Where the registry has private addresses: in the bound VPCs."""
        return self.links

    @property
    def serves_from_data_endpoints(self) -> bool:
        """Whether layers come from hosts that can be named beforehand: its own bucket's, once that is known."""
        return not self.storage_wildcards

    @property
    def storage_wildcards(self) -> tuple[str, ...]:
        """What clients need of OSS while the bucket is not known, by the endpoints that let anybody in, or may."""
        return tuple(
            host
            for way in self.ways or Way
            if (host := self.internet_storage if way is Way.INTERNET else self.vpc_storage).startswith("*")
        )

    @property
    def ways(self) -> list[Way]:
        """The endpoints that let anybody in, or may; of a registry by its host the one that it was asked for by."""
        if self.asked is not None:
            return [self.asked]
        personal = self.edition is Edition.PERSONAL
        return [
            *([Way.INTERNET] if personal or self.internet is not False else []),
            *([Way.VPC] if personal or self.links else []),
        ]

    @property
    def sign_in_hosts(self) -> tuple[str, ...]:
        """Hosts beside the registry's: the API that gives passwords for an hour."""
        return (names.api_host(self.region),)

    def open_hosts(self) -> list[Host]:
        """The hosts of the endpoints that let anybody in: what a client firewall has to know."""
        found = [host for way in self.ways for host in self.hosts_of(way)]
        return [*found, *self.own_domains] if found else []

    def connections(self) -> list[tuple[Host, tuple[Destination, ...]]]:
        """The same by endpoint, domains of the customer's own too, with where connections to each may go."""
        found = [host for way in self.ways for host in self.hosts_of(way)]
        return [(host, self.destinations_of(host)) for host in (*found, *self.hosts_by_own_names())]

    def addresses_of(self, host: Host) -> tuple[str, ...]:
        """The private addresses of a host, as far as they are known: of the registry in bound VPCs, of OSS in the
        region."""
        if host.kind is HostKind.BUCKET:
            place = regions.find(self.region) if names.storage_way(host.name) is Way.VPC else None
            return tuple(str(block) for block in place.storage_ranges) if place is not None else ()
        if host.way != Way.VPC:
            return ()
        held = [link.address_of(host.name) for link in self.links]
        return tuple(dict.fromkeys(each for each in held if each and is_address(each)))

    def destinations_of(self, host: Host) -> tuple[Destination, ...]:
        """Where connections to a host may go: a public address, or one of those that a private host has.

        A bucket moves between the ranges of OSS, and the token service lies somewhere in the range of all services.
        """
        region = self.region
        if host.kind is HostKind.BUCKET:
            blocks = self.addresses_of(host)
            return tuple(Destination(host.name, region, bool(b), prefixes=(b,) if b else ()) for b in blocks or ("",))
        if way_of(host) is not Way.VPC:
            return (Destination(host.name, region),)
        if host.kind is HostKind.LOGIN and self.edition is Edition.ENTERPRISE:
            held = [(link.address_of(host.name) or "", link.prefixes) for link in self.links]
            return tuple(Destination(host.name, region, True, a if is_address(a) else "", p) for a, p in held)
        return (Destination(host.name, region, True, prefixes=(str(limits.SERVICE_RANGE),)),)

    def network(self, vnet: str) -> Network | None:
        """The VPC of that id, where it is near the registry."""
        return self._networks.get(vnet)

    @cached_property
    def _networks(self) -> dict[str, Network]:
        return {network.id: network for network in self.networks}

    def region_of(self, vnet: str) -> str:
        """The region of a VPC near the registry; empty while it is not known."""
        network = self.network(vnet)
        return network.region if isinstance(network, Vpc) else ""

    def hosts(self) -> list[Host]:
        """Every host that a client of this registry may touch: three for each of its two endpoints."""
        return [*self.hosts_of(Way.INTERNET), *self.hosts_of(Way.VPC)]

    def hosts_of(self, way: Way) -> list[Host]:
        """The registry, the token service and the bucket, as clients of one endpoint name them."""
        own, bucket = (
            (self.internet_host, self.internet_storage) if way is Way.INTERNET else (self.vpc_host, self.vpc_storage)
        )
        return self._three(own, bucket, way, str(way))

    def hosts_by_own_names(self) -> list[Host]:
        """The same for clients that name it by a domain of their own, of the endpoints that let anybody in."""
        return [
            host
            for own in self.own_names
            for way in self.ways
            for host in self._three(
                own.domain,
                own.internet_storage if way is Way.INTERNET else own.vpc_storage,
                way,
                f"{way}{_AS}{own.domain}",
            )
        ]

    def _three(self, own: str, bucket: str, way: Way, told: str) -> list[Host]:
        everything, regions = (Operation.PUSH, Operation.PULL), (self.region,)
        token = names.token_host(self.region, way, self.edition)
        return [
            Host(own, HostKind.LOGIN, regions, everything, told),
            Host(token, HostKind.TOKEN, regions, everything, told),
            Host(bucket, HostKind.BUCKET, regions, (Operation.PULL,), told),
        ]
