"""Client firewalls: what one lets through, as its cloud judges it: what guard, doctor and rollout ask.

Azure Firewall (learn.microsoft.com/azure/firewall/rule-processing, /azure/firewall-manager/rule-hierarchy, 2026-01):
network rules before application rules; inside a kind a parent policy's rules before the child's, then by priority of
rule collection group and collection; the first match decides; what nothing matches is denied. NSG
(learn.microsoft.com/azure/virtual-network/network-security-groups-overview, 2026-01): outbound rules by priority, the
first match decides, then the default rules. A registry is reached over TCP on 443 alone.

A match can be yes, no or not known (None): an address range of the internet may or may not hold Azure's front ends, a
value may not be known before the deployment. A connection is allowed or denied only if it is so whatever the unknown
rules match.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any

from ..azure import names
from ..azure.names import HTTPS
from ..azure.regions import SERVICE_TAG, STORAGE_TAG

ANY_SOURCE = ("*",)
DNS = 53
PLATFORM_DNS = "azureplatformdns"  # the service tag of Azure's resolver, which no other rule of a group is about
# Tags that hold every storage account of a region or of Azure, as the blob wildcard does.
STORAGE_TAGS = frozenset({STORAGE_TAG.lower(), "azurecloud", "internet"})
# Wider than any network that one organisation owns: as good as the whole internet.
INTERNET_PREFIX = {4: 8, 6: 16}
_FOREIGN = "foreign-registry"  # stands for a registry that is none of ours
_ANY_ADDRESS = frozenset({"*", "any", "0.0.0.0/0", "::/0", "0.0.0.0", "::"})  # noqa: S104 - destinations in rules, nothing is bound

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Kind(StrEnum):
    """What kind of firewall: what it sees of a connection, and what becomes of one that no rule matches."""

    AZURE_FIREWALL = "Azure Firewall"
    SECURITY_GROUP = "network security group"
    CLOUD_FIREWALL = "Cloud Firewall"
    VPC_FIREWALL = "VPC firewall"
    ECS_SECURITY_GROUP = "security group"


class Layer(StrEnum):
    """What a rule sees: addresses and ports, or the host name that the client asks for."""

    NETWORK = "network"
    APPLICATION = "application"


@dataclass(frozen=True)
class FirewallRule:
    """One rule. It matches a connection to any of its hosts, URLs, addresses, tags or groups, over TCP on 443.

    ``hosts``: names, or on an application rule patterns with an asterisk left-most. ``addresses``: IPs, CIDRs, ranges
    or ``*``. ``service_tags``: as Azure writes them, in lower case. ``security_groups``: keys of application security
    groups. ``ports`` as written (``443``, ``400-500``, ``*``); empty means every port, unless ``more_ports``, which
    nobody knows yet. ``tcp`` and ``udp`` are None while the protocol is not known, ``allow`` while the action is not.
    ``sources``: addresses, tags and groups of clients.
    ``unresolved``: its hosts need the firewall's DNS proxy, which is off.
    ``unknown``: a destination, port or source is not known yet. ``unknown_hosts`` and ``unknown_places`` (addresses and
    tags) are destinations of which nothing but the beginning and the end is known, if that. ``categories``: it names
    web categories, and which hosts these hold is Azure's to know. ``collection`` names the rule collection, and
    ``origin`` is what the rule was read from.
    """

    hosts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    service_tags: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    ports: tuple[str, ...] = (str(HTTPS),)
    more_ports: bool = False
    tcp: bool | None = True
    udp: bool | None = True
    allow: bool | None = True
    layer: Layer = Layer.APPLICATION
    sources: tuple[str, ...] = ANY_SOURCE
    unknown: bool = False
    categories: bool = False
    unknown_hosts: tuple[tuple[str, str], ...] = ()
    unknown_places: tuple[tuple[str, str], ...] = ()
    name: str = ""
    collection: str = ""
    default: bool = False
    unresolved: bool = False
    origin: Any = field(default=None, compare=False, repr=False)

    @property
    def open_ended(self) -> bool:
        """Whether it may be about hosts that it does not name."""
        return self.unknown or self.categories

    @property
    def label(self) -> str:
        """How a message names it: ``rule 'acr' of collection 'egress'``."""
        if self.default:
            return f"the default rule '{self.name}'"
        if self.origin is None and self.unknown:
            return self.name
        inside = f" of collection '{self.collection}'" if self.collection else ""
        proxy = ", whose FQDNs need the DNS proxy that the policy has off" if self.unresolved else ""
        category = ", whose web categories may hold it" if self.categories else ""
        return (f"rule '{self.name}'" if self.name else "a rule") + inside + proxy + category


@dataclass(frozen=True)
class Firewall:
    """A client's firewall: rules in the order in which Azure judges them; what no rule matches is denied.

    A security group filters connections to private addresses too; an Azure Firewall does not see them, because a
    private endpoint's route is narrower than the route to the firewall, nor does Cloud Firewall at the Internet border
    and at NAT gateways; a VPC firewall sees them alone, on their way from one VPC to another. ``vnets``: the networks
    whose traffic leaves through it, where that is known; ``subnets`` pairs each with a subnet of it, by its name in
    lower case. ``shared``: it stands away from its clients, before a private endpoint or in a hub, so that other
    networks' clients pass it too, and a rule for some of a client's addresses may or may not be about it. ``users``
    names the Azure Firewalls that have this policy, where they are declared. ``snat``: its network
    rules put its own address in the place of the client's, towards private addresses too.
    """

    name: str
    rules: tuple[FirewallRule, ...] = ()
    kind: Kind = Kind.AZURE_FIREWALL
    vnets: tuple[str, ...] = ()
    subnets: tuple[tuple[str, str], ...] = ()
    shared: bool = False
    users: tuple[str, ...] = ()
    snat: bool = False

    @property
    def label(self) -> str:
        """What people know it by: the firewalls that stand somewhere, not the policy that they share."""
        return " and ".join(self.users) or self.name

    @property
    def filters_private(self) -> bool:
        return self.kind not in (Kind.AZURE_FIREWALL, Kind.CLOUD_FIREWALL)

    @property
    def filters_public(self) -> bool:
        return self.kind is not Kind.VPC_FIREWALL

    @cached_property
    def _numbers(self) -> tuple[dict[str, list[int]], list[int]]:
        """The places of the rules that only name hosts in full, by host, and of all others."""
        by_host: dict[str, list[int]] = {}
        others: list[int] = []
        for number, rule in enumerate(self.rules):
            named = not (rule.open_ended or rule.urls or rule.addresses or rule.service_tags or rule.security_groups)
            if named and not any("*" in host for host in rule.hosts):
                for host in dict.fromkeys(map(_plain_host, rule.hosts)):
                    by_host.setdefault(host, []).append(number)
            else:
                others.append(number)
        return by_host, others

    def rules_about(self, *hosts: str) -> Iterator[FirewallRule]:
        """The rules that may be about any of these hosts, in order: a site's firewall has hundreds that are not."""
        by_host, others = self._numbers
        numbers = {number for host in hosts for number in by_host.get(_plain_host(host), ())}
        return (self.rules[number] for number in sorted(numbers.union(others)))


# What every NSG ends with (learn.microsoft.com/azure/virtual-network/network-security-groups-overview, 2026-01).
SECURITY_GROUP_DEFAULTS = (
    FirewallRule(service_tags=("virtualnetwork",), ports=(), name="AllowVnetOutBound", default=True),
    FirewallRule(service_tags=("internet",), ports=(), name="AllowInternetOutBound", default=True),
    FirewallRule(addresses=("*",), ports=(), allow=False, name="DenyAllOutBound", default=True),
)
INBOUND_DEFAULTS = (
    FirewallRule(
        service_tags=("virtualnetwork",),
        ports=(),
        sources=("virtualnetwork",),
        name="AllowVnetInBound",
        default=True,
    ),
    FirewallRule(addresses=("*",), ports=(), allow=False, name="DenyAllInBound", default=True),
)


@dataclass(frozen=True)
class Destination:
    """Where a connection goes: a host, and the front end of one region that answers for it.

    ``private``: to a private endpoint, at ``address`` (empty while it is not known) inside ``prefixes``, a member of
    ``security_groups``. Otherwise to a public address of Azure that nobody can know beforehand. ``storage``: the host
    is the blob wildcard. ``dns``: to a name server over UDP on 53, not to a registry over TCP on 443.
    """

    host: str
    region: str = ""
    private: bool = False
    address: str = ""
    prefixes: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    storage: bool = False
    dns: bool = False


@dataclass(frozen=True)
class Passage:
    """Whether a connection gets through: yes, no, or None, cannot tell.

    ``by`` is the rule that decides, None where no rule matches. ``unclear`` are the rules that decide it if they match;
    without any, the destination's own name is not known yet.
    """

    allowed: bool | None
    by: FirewallRule | None = None
    unclear: tuple[FirewallRule, ...] = ()

    @property
    def not_known_yet(self) -> bool:
        """Whether it is open because of something that is not known yet; else of what Azure alone can tell."""
        return self.allowed is None and (not self.unclear or any(rule.unknown for rule in self.unclear))

    @property
    def reason(self) -> str:
        """What decides, as the end of a sentence."""
        if self.allowed is None and not self.unclear:
            return "its hosts are not known yet"
        if self.allowed is None:
            return f"it depends on {' and '.join(dict.fromkeys(rule.label for rule in self.unclear))}"
        return f"{self.by.label} decides" if self.by is not None else "no rule matches"


def passage(firewall: Firewall, to: Destination, source: Sequence[str] = ANY_SOURCE) -> Passage:
    """Whether the firewall lets clients at ``source`` connect to a destination over TCP on 443."""
    unclear: list[FirewallRule] = []
    decided: FirewallRule | None = None
    for rule in firewall.rules_about(to.host):
        matches = _matches(rule, to, source, shared=firewall.shared)
        if matches is False:
            continue
        if matches is True and rule.allow is not None:
            decided = rule
            break
        unclear.append(rule)
    allowed = decided is not None and decided.allow is True
    doubts = [rule for rule in unclear if rule.allow is not allowed]
    return Passage(None, None, tuple(doubts)) if doubts else Passage(allowed, decided)


def before_rule(found: Passage) -> str:
    """Where a rule that allows must stand, as the end of a sentence; empty where no rule denies.

    No application rule comes before a network rule, so that one against a network rule must be a network rule too.
    """
    if found.by is None:
        return ""
    if found.by.layer is Layer.APPLICATION or found.by.default:
        return " before that rule"
    return (
        " with a network rule before that one (destinationFqdns, with the DNS proxy on), or narrow that rule: "
        "application rules are only asked after all network rules"
    )


def worst_of(passages: Iterable[Passage]) -> Passage | None:
    """The one that is stopped, else one that cannot be told, else one that gets through; the first of its kind."""
    rank = {False: 0, None: 1, True: 2}
    return min(passages, key=lambda each: rank[each.allowed], default=None)


def sources_of(firewall: Firewall, to: Iterable[Destination]) -> list[tuple[str, ...]]:
    """The groups of clients that a firewall means to let through to any of these destinations, by their sources."""
    wanted = tuple(to)
    found = [
        rule.sources
        for rule in firewall.rules_about(*(each.host for each in wanted))
        if rule.allow is not False and not rule.default and any(_reaches(rule, each) is not False for each in wanted)
    ]
    return list(dict.fromkeys(found)) or [ANY_SOURCE]


def _matches(rule: FirewallRule, to: Destination, source: Sequence[str], *, shared: bool) -> bool | None:
    about = _comes_from(rule.sources, source) if shared else _source(rule.sources, source)
    protocol, port = (rule.udp, DNS) if to.dns else (rule.tcp, HTTPS)
    return _all([protocol, _port(rule, port), about, _reaches(rule, to)])


def _reaches(rule: FirewallRule, to: Destination) -> bool | None:
    found = _any(
        [
            *(
                host_covers(pattern, to.host, layer=rule.layer) and (None if rule.unresolved else True)
                for pattern in rule.hosts
            ),
            *(_url_covers(url, to.host) for url in rule.urls),
            *(_address_covers(block, to) for block in rule.addresses),
            *(_tag_covers(tag, to) for tag in rule.service_tags),
            *(to.private and group in to.security_groups for group in rule.security_groups),
            _together(rule.addresses, to),
        ]
    )
    return None if rule.open_ended and found is False else found


def _all(values: Iterable[bool | None]) -> bool | None:
    held = list(values)
    return False if False in held else None if None in held else True


def _any(values: Iterable[bool | None]) -> bool | None:
    held = list(values)
    return True if True in held else None if None in held else False


def _port(rule: FirewallRule, wanted: int) -> bool | None:
    if any(_has_port(port, wanted) for port in rule.ports):
        return True
    return None if rule.more_ports else not rule.ports


def _has_port(port: str, wanted: int) -> bool:
    if port in ("*", "any"):
        return True
    first, dash, last = port.partition("-")
    return first.isdigit() and (last.isdigit() or not dash) and int(first) <= wanted <= int(last or first)


def beyond_https(ports: Sequence[str]) -> list[str]:
    """The ports, as written, that open more than 443."""
    return [port for port in ports if port not in (f"{HTTPS}", f"{HTTPS}-{HTTPS}")]


def _source(allowed: Sequence[str], clients: Sequence[str]) -> bool:
    """Whether a rule's sources hold these clients. One that holds only some of them is another clients' rule."""
    if any(each in _ANY_ADDRESS or each == "virtualnetwork" for each in allowed):
        return True
    blocks = [network for network in map(network_of, allowed) if network is not None]
    return all(
        client in allowed or ((own := network_of(client)) is not None and any(_within(own, block) for block in blocks))
        for client in clients
    )


def _comes_from(allowed: Sequence[str], client: Sequence[str]) -> bool | None:
    """Whether a rule's sources hold a client, by the address ranges that it may have; none while they are not known."""
    if any(each in _ANY_ADDRESS or each == "virtualnetwork" for each in allowed):
        return True
    blocks = [network for place in allowed for network in _networks(place)]
    own = [network for network in map(network_of, client) if network is not None]
    if own and all(any(_within(each, block) for block in blocks) for each in own):
        return True
    # A tag is public addresses or the load balancer's; an application security group may have the client in it.
    if any(not _networks(place) and "/" in place for place in allowed):
        return None
    if not own:
        return None if blocks else False
    return None if any(each.overlaps(block) for each in own for block in blocks) else False


def tells_apart(firewall: Firewall) -> bool:
    """Whether a rule that somebody wrote is for some clients only."""
    return any(not rule.default and not _source(rule.sources, ANY_SOURCE) for rule in firewall.rules)


def sources_inside(firewall: Firewall, to: Iterable[Destination], places: Sequence[str]) -> list[tuple[str, ...]]:
    """The groups of clients at ``places`` that a firewall means to let through, by their sources.

    A rule for clients at other places is not about them; one that holds them all does not tell them apart.
    """
    own = [network for network in map(network_of, places) if network is not None]
    found: list[tuple[str, ...]] = []
    for group in sources_of(firewall, to):
        blocks = [network for each in group for network in _networks(each)]
        if _source(group, places):
            found.append(tuple(places))
        elif len(blocks) < len(group) or any(each.overlaps(block) for each in own for block in blocks):
            found.append(group)
    return list(dict.fromkeys(found)) or [tuple(places)]


def regions_named(firewall: Firewall) -> frozenset[str]:
    """The regions that rules of a firewall tell apart, in service tags and in hosts of one region; of one behind an
    asterisk (``*east.data.azurecr.io``), the end that is written."""
    found = {names.normalise_region(tag.partition(".")[2]) for rule in firewall.rules for tag in rule.service_tags}
    ends = tuple(f".{kind}.{cloud.registry_suffix}" for cloud in names.CLOUDS.values() for kind in ("data", "geo"))
    for written in (host for rule in firewall.rules for host in (*rule.hosts, *map(url_host, rule.urls))):
        host = _plain_host(written.rstrip("*"))
        found |= {host.removesuffix(end).rpartition(".")[2].lstrip("*") for end in ends if host.endswith(end)}
    return frozenset(found - {""})


# Destinations: hosts

REGISTRY_TAG = SERVICE_TAG.lower()


def _plain_host(host: str) -> str:
    return host.lower().rstrip(".")


def host_covers(pattern: str, host: str, *, layer: Layer = Layer.APPLICATION) -> bool:
    """Whether a firewall's host pattern lets a host, or a whole wildcard, through.

    An asterisk works left-most and on application rules only; it stands for anything, so that ``*azurecr.io`` covers
    ``contoso.azurecr.io`` as ``*.azurecr.io`` does (learn.microsoft.com/azure/firewall/firewall-faq, 2026-01).
    """
    wanted, name = _plain_host(pattern), _plain_host(host)
    if "*" not in wanted:
        return wanted == name
    tail = wanted[1:]
    return layer is Layer.APPLICATION and wanted.startswith("*") and "*" not in tail and name.endswith(tail)


def url_host(url: str) -> str:
    """The host, or host pattern, of a URL."""
    return re.sub(r"^[a-z]+://", "", url.lower()).partition("/")[0].partition(":")[0]


def _url_covers(url: str, host: str) -> bool | None:
    """Whether a URL of an application rule covers every path of a host; None where it covers only some.

    An asterisk works at either end, and inside the host nowhere but left-most.
    """
    bare = re.sub(r"^[a-z]+://", "", url.lower())
    if bare.strip("*") == "":
        return True
    inside, _, path = bare.partition("/")
    pattern = inside.partition(":")[0]
    if not path and pattern.endswith("*"):
        pattern, path = pattern[:-1], "*"  # contoso.azurecr.io*: the host and all that follows
    if not host_covers(pattern, host):
        return False
    return True if path == "*" else None


# Destinations: addresses and tags


def network_of(block: str) -> Network | None:
    """An IP address or CIDR as a network; None for anything else."""
    try:
        return ipaddress.ip_network(block, strict=False)
    except ValueError:
        return None


def is_address(value: str) -> bool:
    """Whether a value is an IP address, and not one of the placeholders of a preview."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def within(address: str, block: str) -> bool:
    """Whether an address or CIDR lies in a CIDR."""
    inner, outer = network_of(address), network_of(block)
    return inner is not None and outer is not None and _within(inner, outer)


def overlaps(one: str, other: str) -> bool:
    """Whether two addresses or CIDRs have an address in common."""
    first, second = network_of(one), network_of(other)
    return first is not None and second is not None and first.overlaps(second)


def is_everything(block: str) -> bool:
    """Whether a block stands for every address: ``*``, ``0.0.0.0/0``, ``::/0``."""
    return block in _ANY_ADDRESS


def _within(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)  # pyright: ignore[reportArgumentType]


@lru_cache(maxsize=4096)
def _networks(block: str) -> tuple[Network, ...]:
    """An address, CIDR or range as networks; empty for what is none."""
    network = network_of(block)
    if network is not None:
        return (network,)
    first, dash, last = block.partition("-")
    if not dash:
        return ()
    try:
        ends = ipaddress.IPv4Address(first.strip()), ipaddress.IPv4Address(last.strip())
        return tuple(ipaddress.summarize_address_range(*ends))
    except ValueError:
        return ()


def _address_covers(block: str, to: Destination) -> bool | None:
    if block in _ANY_ADDRESS:
        return True
    networks = _networks(block)
    if to.private:
        return _covers_private(networks, to)
    # Front ends move inside the cloud's public ranges: a range of the internet may hold them, nobody can say.
    return None if any(not _is_inside(network) for network in networks) else False


def _covers_private(networks: Sequence[Network], to: Destination) -> bool | None:
    if to.address:
        own = network_of(to.address)
        return own is not None and any(_within(own, network) for network in networks)
    places = [network for network in map(network_of, to.prefixes) if network is not None]
    if places and all(any(_within(place, network) for network in networks) for place in places):
        return True
    if places and not any(place.overlaps(network) for place in places for network in networks):
        return False
    return None if any(map(_is_inside, networks)) else False


_SHARED_ADDRESSES = ipaddress.IPv4Network("100.64.0.0/10")  # RFC 6598: neither private nor of the internet


def _is_inside(network: Network) -> bool:
    """Whether a range holds no address of the internet."""
    return network.is_private or _within(network, _SHARED_ADDRESSES)


def _together(blocks: Sequence[str], to: Destination) -> bool:
    """Whether ranges cover every public address only when taken together: 0.0.0.0/1 and 128.0.0.0/1."""
    if to.private or len(blocks) < 2:
        return False
    versions = [n for block in blocks for n in _networks(block) if n.version == 4]
    collapsed = list(ipaddress.collapse_addresses(versions))  # pyright: ignore[reportArgumentType]
    return any(network.prefixlen == 0 for network in collapsed)


def tag_name(tag: str) -> str:
    """A service tag without its region, in lower case."""
    return tag.lower().partition(".")[0]


def _tag_covers(tag: str, to: Destination) -> bool:
    if to.private:
        return tag_name(tag) == "virtualnetwork"
    return tag_covers(tag, to.region, storage=to.storage)


def tag_covers(tag: str, region: str, *, storage: bool) -> bool:
    """Whether a service tag holds a region's public front ends of registries, or of blob storage."""
    name, _, of = tag.lower().partition(".")
    if of and names.normalise_region(of) != region:
        return False
    return name in {"internet", "azurecloud"} or name == (STORAGE_TAG.lower() if storage else REGISTRY_TAG)


# What a rule opens beyond one registry


@lru_cache(maxsize=4096)
def wildcard(host: str) -> str | None:
    """What a host pattern opens beyond one registry: ``storage``, ``registries`` or ``everything``; None: nothing."""
    if "*" not in host:
        return None
    if not host.strip("*."):
        return "everything"
    pattern = re.sub(r"\*+", "*", host.lower()).rstrip(".")
    instance = pattern.replace("*", _FOREIGN)
    if _opens(pattern, instance, names.BLOB_ZONES):
        return "storage"
    for cloud in names.CLOUDS.values():
        if _opens(pattern, instance, cloud.blob_suffix):
            return "storage"
        if _opens(pattern, instance, cloud.registry_suffix):
            return "registries"
    return None


def _opens(pattern: str, instance: str, suffix: str) -> bool:
    """Whether a pattern reaches names under a suffix that are not one registry's own.

    It does when one of the names that it stands for has a foreign label there (``*.azurecr.io``,
    ``*contoso.azurecr.io``, ``*.japaneast.data.azurecr.io``), or when it is wider than the suffix (``*.io``).
    """
    if instance.endswith("." + suffix):
        return _FOREIGN in instance.split(".", 1)[0]
    return _globbed(pattern, f"{_FOREIGN}.{suffix}")


def _globbed(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern whose asterisks stand for anything, found part by part from the left."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == text
    *middle, last = rest
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


@lru_cache(maxsize=4096)
def wide_place(place: str) -> str | None:
    """``everything`` for any address, ``storage`` for a tag that holds all storage accounts; None for the rest."""
    if place in _ANY_ADDRESS:
        return "everything"
    if tag_name(place) in STORAGE_TAGS:
        return "everything" if place == "internet" else "storage"
    networks = _networks(place)
    if not networks:
        return None
    total, version = sum(n.num_addresses for n in networks), networks[0].version
    return "everything" if total > 2 ** (networks[0].max_prefixlen - INTERNET_PREFIX[version]) else None


def openings(rule: FirewallRule) -> list[tuple[str, str]]:
    """What of a rule is too wide: (as written, what it opens)."""
    if rule.allow is False or rule.default:
        return []
    found = [(host, wildcard(host)) for host in (*rule.hosts, *map(url_host, rule.urls))]
    found += [(place, wide_place(place)) for place in (*rule.addresses, *rule.service_tags)]
    made = [(text, opened) for text, opened in found if opened is not None]
    return made or [(text, "everything") for text in wide_together(rule.addresses)]


def wide_together(places: Sequence[str]) -> list[str]:
    """Ranges of the internet that hold more together than one may hold alone, as one text for each IP version."""
    found: list[str] = []
    for version, widest in INTERNET_PREFIX.items():
        held = {place: _public(place, version) for place in places}
        written = [place for place, networks in held.items() if networks]
        networks = ipaddress.collapse_addresses(network for each in held.values() for network in each)
        total = sum(network.num_addresses for network in networks)
        if total > 2 ** ({4: 32, 6: 128}[version] - widest):
            more = f" and {len(written) - 2} more" if len(written) > 2 else ""
            found.append(", ".join(written[:2]) + more)
    return found


def _public(place: str, version: int) -> list[Any]:
    return [each for each in _networks(place) if each.version == version and not _is_inside(each)]


def may_open(rule: FirewallRule) -> bool:
    """Whether a destination that is not known yet may let data out to storage accounts, or registries, of anyone."""
    if rule.allow is False:
        return False
    return any(_may_be_wildcard(*each) for each in rule.unknown_hosts) or any(
        _may_be_wide(*each) for each in rule.unknown_places
    )


_BLOB_SUFFIXES = (names.BLOB_ZONES, *(cloud.blob_suffix for cloud in names.CLOUDS.values()))
_REGISTRY_SUFFIXES = tuple(cloud.registry_suffix for cloud in names.CLOUDS.values())


def _may_be_wildcard(begin: str, end: str) -> bool:
    """Whether a host pattern with these ends may be a wildcard of storage accounts or, as written, of registries.

    An asterisk is left-most. A name of a registry is never an asterisk, so that ``?.azurecr.io`` is one registry.
    """
    begin = re.sub(r"^[a-z]+://", "", begin)
    if begin and not begin.startswith("*"):
        return False
    suffixes = (*_BLOB_SUFFIXES, *_REGISTRY_SUFFIXES) if begin else _BLOB_SUFFIXES
    host = end.partition("/")[0]
    if host:
        return any(f".{suffix}".endswith(host) or host.endswith(f".{suffix}") for suffix in suffixes)
    return any(f".{suffix}".startswith(begin[1:]) for suffix in suffixes)


def _may_be_wide(begin: str, end: str) -> bool:
    """Whether an address or tag with these ends may be a tag of all storage accounts, or any address."""
    _, slash, length = end.rpartition("/")
    if slash and length != "0":
        return False
    if any(begin.startswith(f"{tag}.") for tag in STORAGE_TAGS):
        return True
    return any(place.startswith(begin) for place in (*STORAGE_TAGS, *_ANY_ADDRESS))


def is_registry_host(host: str) -> bool:
    """Whether a host name, or a pattern of one, is under a registry domain."""
    return any(host.rstrip(".").endswith("." + cloud.registry_suffix) for cloud in names.CLOUDS.values())


def names_registry(rule: FirewallRule) -> bool:
    """Whether a rule names a registry: a host of one, or the registry service tag."""
    hosts = (*rule.hosts, *map(url_host, rule.urls))
    return any(map(is_registry_host, hosts)) or any(tag_name(tag) == REGISTRY_TAG for tag in rule.service_tags)
