"""The hosts that clients of one or several registries must reach, in the formats that firewalls and proxies take.

Pure: the standard library only. The list is always the one of dedicated data endpoints: the login server and the data
endpoint of every region, each on TCP 443 and nothing else. The blob storage wildcard that a registry without them needs
is an exfiltration path, so it appears only when the migration away from it is asked for by name.

Sign-in hosts (Entra, and Azure Resource Manager for ``az acr login`` by name) are kept apart and added on request: most
estates allow them already, and they are not the registry's.
"""

from __future__ import annotations

import ipaddress
import json
import re
import zlib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ..alibaba.editions import Edition
from ..alibaba.regions import find as find_in_alibaba
from ..alibaba.regions import suggested_region
from ..azure.limits import FIRST_PRIORITY
from ..azure.names import HTTPS
from ..azure.regions import SERVICE_TAG, STORAGE_TAG, find, service_tag
from ..suggest import did_you_mean
from ..text import clean
from . import model as reach_model
from .alibaba.model import AlibabaRegistry
from .firewalls import is_address, network_of
from .model import HostKind
from .switch import switched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from .kinds import AnyRegistry

SIGN_IN = "sign-in"
EVERYONE = ("*",)
BY_ADDRESS = (
    "nsg",
    "ipset",
    "nftables",
)  # formats of addresses, in which the path that clients take makes a difference
_SIGN_IN_TAGS = ("AzureActiveDirectory", "AzureResourceManager")
_HOST = re.compile(r"(?:\*\.)?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")


@dataclass(frozen=True)
class Entry:
    """One host to allow, on TCP 443.

    ``purpose`` is what the host is for, ``regions`` where its front ends stand, ``addresses`` the private IPs that it
    has in linked networks (empty on the public path), or the blocks that they lie in. ``azure``: its public addresses
    are those of Azure's service tags.
    """

    host: str
    registry: str
    purpose: str
    regions: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    port: int = HTTPS
    azure: bool = True


@dataclass(frozen=True)
class AllowList:
    """Everything that a client firewall has to know: the registries' hosts, the sign-in hosts apart, and warnings.

    ``complete`` is False where pulls need a host beside these: that of a bucket which nobody knows, or the blob
    storage wildcard. ``waiting`` names the registries that need the wildcard until they have switched.
    """

    entries: tuple[Entry, ...]
    sign_in: tuple[Entry, ...]
    notes: tuple[str, ...] = ()
    complete: bool = True
    waiting: tuple[str, ...] = ()

    @property
    def hosts(self) -> list[str]:
        """The registries' hosts alone, in order and without duplicates."""
        return list(dict.fromkeys(e.host for e in self.entries))


@dataclass(frozen=True)
class Options:
    """What a format may be told.

    ``sign_in``: add the sign-in hosts. ``tag_prefixes``: service tag (``AzureContainerRegistry.JapanEast``) to its
    CIDRs, from Microsoft's ``ServiceTags_Public_*.json``, for formats that hold addresses and no names; ``tag_file``
    is that file's name, which has its date. ``sources``: CIDRs of the clients. ``priority``: of the rule collection,
    or of the first NSG rule. ``name``: of the collection, set or ACL.
    """

    sign_in: bool = False
    tag_prefixes: Mapping[str, Sequence[str]] | None = None
    tag_file: str = ""
    sources: Sequence[str] = EVERYONE
    priority: int = FIRST_PRIORITY
    name: str = "container-registry"


def allow_list(registries: Iterable[AnyRegistry], *, migration: bool = False) -> AllowList:
    """The complete list for one or several registries.

    ``migration`` adds the blob storage wildcard of every registry that does not serve from data endpoints yet, or of
    which that is not known, for the time between announcing the new hosts and switching to them; one that has switched
    gets a note instead. Without it the others get one.
    """
    given = list(registries)
    found = [registry for registry in given if isinstance(registry, reach_model.Registry)]
    others = [registry for registry in given if isinstance(registry, AlibabaRegistry)]
    entries = {entry.host: entry for registry in given for entry in _entries(registry)}
    sign_in = {host: Entry(host, "", SIGN_IN) for registry in found for host in registry.cloud.sign_in_hosts}
    sign_in |= {host: Entry(host, "", SIGN_IN, azure=False) for other in others for host in other.sign_in_hosts}
    waiting = [r for r in found if not r.serves_from_data_endpoints or (migration and r.by_name)]
    notes = [note for other in others for note in _notes(other)]
    if migration:
        wildcards = blob_wildcards(waiting)
        entries |= {entry.host: entry for entry in wildcards.entries}
        notes += wildcards.notes
        notes += [
            f"{r.label} serves layers from its data endpoints: {r.cloud.blob_wildcard} is not needed"
            for r in found
            if r not in waiting
        ]
    else:
        notes += [
            f"{r.label} still serves layers from {r.cloud.blob_wildcard}: until it has switched to dedicated data"
            " endpoints, pulls also need that wildcard"
            for r in waiting
        ]
    lacking = () if migration else tuple(r.label for r in waiting)
    complete = not lacking and not any(_lacks_its_layers(other) for other in others)
    return AllowList(tuple(entries.values()), tuple(sign_in.values()), tuple(notes), complete, lacking)


def blob_wildcards(registries: Iterable[reach_model.Registry]) -> AllowList:
    """The blob storage wildcards alone, one for each cloud: what a migration keeps open until it is over."""
    entries: dict[str, Entry] = {}
    for registry in registries:
        wildcard = registry.cloud.blob_wildcard
        before = entries.get(wildcard)
        regions = (*(before.regions if before else ()), *registry.regions)
        label = before.registry if before else registry.label
        entries[wildcard] = Entry(wildcard, label, str(HostKind.STORAGE), tuple(dict.fromkeys(regions)))
    notes = [
        f"{host} is every storage account of Azure: remove it once the registries have switched" for host in entries
    ]
    return AllowList(tuple(entries.values()), (), tuple(notes))


def _notes(registry: AlibabaRegistry) -> Iterator[str]:
    if find_in_alibaba(registry.region) is None:
        meant = suggested_region(registry.region)
        hint = f", where {meant} is" if meant else ""
        yield f"the hosts hold if the region '{registry.region}' exists: it is not in the table of regions here{hint}"
    if not registry.ways:
        yield f"{registry.label} has neither an Internet endpoint nor a bound VPC: nobody reaches it"
    if registry.edition is Edition.PERSONAL:
        yield (
            f"{registry.label} gives layers from buckets that nothing names beforehand, so that their host is missing"
            f" here: pulls also need {' and '.join(registry.storage_wildcards)}, which are everybody's"
        )
    elif _lacks_its_layers(registry):
        fix = (
            "give the bucket (--bucket), or list from the deployed stack (--stack)"
            if registry.by_name
            else "list again once the instance exists"
        )
        yield (
            f"the bucket of {registry.label} is not known{'' if registry.by_name else ' yet'}, so that its host is"
            f" missing here, and this list alone lets no layer through: {fix}"
        )


def _lacks_its_layers(registry: AlibabaRegistry) -> bool:
    return bool(registry.ways) and not registry.serves_from_data_endpoints


def _entries(registry: AnyRegistry) -> list[Entry]:
    if isinstance(registry, AlibabaRegistry):
        return [
            Entry(host.name, registry.label, str(host.kind), host.regions, registry.addresses_of(host), azure=False)
            for host in registry.open_hosts()
            if not host.name.startswith("*")
        ]
    private: dict[str, list[str]] = {}
    for endpoint in registry.private_endpoints:
        for host, address in endpoint.addresses:
            if is_address(address):
                private.setdefault(host, []).append(address)
    return [
        Entry(host.name, registry.label, str(host.kind), host.regions, tuple(dict.fromkeys(private.get(host.name, ()))))
        for host in switched(registry).hosts()
    ]


class ClientPath(StrEnum):
    """How clients reach a registry: by a private endpoint, or by its public side."""

    PRIVATE = "private"
    PUBLIC = "public"


def on_path(allowed: AllowList, registries: Iterable[AnyRegistry], path: ClientPath | None) -> AllowList:
    """The list for clients on one path, for a format of ``BY_ADDRESS``: with addresses of private endpoints, or not.

    With None they are taken wherever they are known, and a note says so where the public side is open too, or where
    something else may be needed. ValueError for the private path where an address is not known, and for a registry of
    Alibaba Cloud, of which each path has hosts of its own. Addresses that somebody looked up go in before
    (``with_addresses``).
    """
    given = list(registries)
    others = [r.label for r in given if not isinstance(r, reach_model.Registry)]
    if path is not None and others:
        raise ValueError(
            f"path '{path}': {', '.join(others)} of Alibaba Cloud has hosts of its own on each path, and the list has "
            "them apart: leave it out"
        )
    found = [r for r in given if isinstance(r, reach_model.Registry)]
    bare = {r.label: [e.host for e in _hosts_of(r, allowed) if not e.addresses] for r in found}
    if path is ClientPath.PRIVATE:
        if missing := [host for hosts in bare.values() for host in hosts]:
            raise ValueError(
                f"path 'private': no private address is known of {', '.join(missing)}; give each as --address HOST=IP"
            )
        return allowed
    notes = tuple(note for r in found for note in _path_notes(r, bare[r.label], path))
    lacking = path is None and any(_endpoint_alone(r) and bare[r.label] for r in found)
    entries = allowed.entries
    if path is ClientPath.PUBLIC:
        entries = tuple(replace(entry, addresses=()) if entry.azure else entry for entry in entries)
    return replace(allowed, entries=entries, notes=(*allowed.notes, *notes), complete=allowed.complete and not lacking)


def _hosts_of(registry: reach_model.Registry, allowed: AllowList) -> list[Entry]:
    return [e for e in allowed.entries if e.registry == registry.label and e.purpose != HostKind.STORAGE]


def _endpoint_alone(registry: reach_model.Registry) -> bool:
    return bool(registry.private_endpoints) and registry.public_access is False


def _path_notes(registry: reach_model.Registry, bare: Sequence[str], path: ClientPath | None) -> Iterator[str]:
    """What whoever uses a list of addresses must know of the path that it is for."""
    public, label = registry.public_access, registry.label
    if path is ClientPath.PUBLIC:
        if public is False:
            yield f"public access to {label} is off: the registry refuses clients on the public path"
    elif registry.by_name:
        if bare:
            yield (
                f"nothing but the name of {label} is known, so this is for clients on its public path: those that use "
                f"a private endpoint need its addresses (--address HOST=IP for {', '.join(bare)})"
            )
    elif not registry.private_endpoints:
        return
    elif bare:
        rest = "" if public is False else ", or list for the public path alone with --path public"
        yield (
            f"the private address of {', '.join(bare)} is not known, so its service tag stands there, which does "
            f"nothing for clients that use the private endpoint: give it as --address HOST=IP{rest}"
        )
    elif public is not False and (registry.default_allow is not False or registry.ip_rules != ()):
        yield (
            f"this is for clients that use the private endpoint of {label}; its public side "
            f"{'is open too' if public else 'may be open too'}: for clients there, list with --path public"
        )


def with_addresses(allowed: AllowList, known: Mapping[str, Sequence[str]]) -> AllowList:
    """The list with addresses that somebody looked up, by host: IPs or CIDRs, beside those that it has.

    ValueError for a host that is not in the list, and for what is no address.
    """
    hosts = {entry.host for entry in (*allowed.entries, *allowed.sign_in)}
    for host, blocks in known.items():
        if host not in hosts:
            raise ValueError(
                f"'{host}' is no host of this allow-list, which has {', '.join(sorted(hosts))}"
                f"{did_you_mean(host, hosts)}"
            )
        wrong = [block for block in blocks if network_of(block) is None]
        if wrong:
            raise ValueError(f"'{wrong[0]}' of {host} is neither an IP address nor a CIDR")

    def told(entry: Entry) -> Entry:
        return replace(entry, addresses=tuple(dict.fromkeys((*entry.addresses, *known.get(entry.host, ())))))

    return replace(allowed, entries=tuple(map(told, allowed.entries)), sign_in=tuple(map(told, allowed.sign_in)))


def render(format_name: str, allowed: AllowList, options: Options | None = None) -> str:
    """Write the list in one of ``FORMATS``. ValueError for another, where a format lacks what it needs, or for a host
    that is no host name: whatever stood in it would become a line of a firewall's configuration."""
    if problem := format_problem(format_name):
        raise ValueError(problem)
    for entry in (*allowed.entries, *allowed.sign_in):
        if not _HOST.fullmatch(entry.host):
            raise ValueError(
                f"host '{clean(entry.host, most=100)}' is no host name, so it is in no list: correct the state"
            )
    chosen = options or Options()
    if problems := option_problems(format_name, chosen):
        raise ValueError("\n".join(problems))
    named = tuple(replace(entry, registry=clean(entry.registry)) for entry in allowed.entries)
    safe = replace(allowed, entries=named, notes=tuple(map(clean, allowed.notes)))
    return FORMATS[format_name](safe, chosen)


def format_problem(name: str) -> str | None:
    """What is wrong with the name of a format; None for one of ``FORMATS``."""
    if name in FORMATS:
        return None
    return f"format '{name}' is not known: use one of {', '.join(FORMATS)}{did_you_mean(name, FORMATS)}"


@dataclass(frozen=True)
class _NameRule:
    """What names a format takes: ``longest`` with what the format adds to it, ``ends`` the longest of that."""

    what: str
    pattern: re.Pattern[str]
    rule: str
    longest: int
    ends: str = ""


_AZURE_NAME = (
    re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?"),
    "letters, digits, '_', '.' and '-', beginning with a letter or digit and not ending with '.' or '-'",
)
_SET_NAME = (
    re.compile(r"[A-Za-z0-9_.:@+][A-Za-z0-9_.:@+-]*"),
    "letters, digits and '_', '.', ':', '@', '+', '-', not beginning with '-'",
)
_NAMES: Mapping[str, _NameRule] = {
    # learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules, Microsoft.Network, 2026-01.
    "azure-firewall": _NameRule("a rule collection", *_AZURE_NAME, 80),
    "nsg": _NameRule("a security rule", *_AZURE_NAME, 80, f"-sign-in-{_SIGN_IN_TAGS[1].lower()}"),
    # IPSET_MAXNAMELEN of the kernel is 32 with the closing zero. dnsmasq takes ',' and '/' for its own.
    "ipset": _NameRule("a set", *_SET_NAME, 31, "6"),
    "dnsmasq": _NameRule("a set", *_SET_NAME, 31),
    # NFT_NAME_MAXLEN of the kernel is 256 with the closing zero.
    "nftables": _NameRule(
        "a table",
        re.compile(r"[A-Za-z_][A-Za-z0-9_-]*"),
        "letters, digits, '_' and '-' (which becomes '_'), beginning with a letter or '_'",
        255,
    ),
    # `squid -k parse` of squid 5 refuses an acl of 64 characters, and http_access with one of 63.
    "squid": _NameRule(
        "an acl",
        re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*"),
        "letters, digits, '_' and '-' (which becomes '_'), not beginning with '-'",
        62,
        "_clients",
    ),
}
# What `nft --check` 1.0 refuses as a table's name, being a word of its grammar.
_NFT_WORDS = re.compile(
    r"""(?xi)
    accept | add | arp | bridge | chain | comment | continue | counter | cpu | create | day | delete | describe |
    dnat | drop | ecn | element | exists | expires | flow | flush | goto | handle | hook | hour | icmp | icmpv6 |
    iif | iifgroup | iifname | iiftype | inet | insert | ip | ip6 | jhash | jump | limit | log | map | mark |
    masquerade | meta | meter | missing | netdev | notrack | oif | oifgroup | oifname | oiftype | or | policy |
    priority | quota | redirect | reject | rename | replace | reset | return | rt | rule | ruleset | set | snat |
    table | tcp | th | type | typeof | udp | vlan | vmap
    """
)
_SOURCES_IN = ("azure-firewall", "nsg", "squid")


def option_problems(format_name: str, options: Options, *, named: bool = False) -> list[str]:
    """Everything that is wrong with the sources and the name for a format, each beginning with the option's name.

    ``named``: the name was given and is no default, so that a format without a name refuses it.
    """
    found = [f"source {problem}" for problem in _source_problems(format_name, options.sources)]
    if problem := _name_problem(format_name, options.name, named=named):
        found.append(f"name '{clean(options.name, most=100)}': {problem}")
    return found


def _source_problems(format_name: str, sources: Sequence[str]) -> Iterator[str]:
    if tuple(sources) == EVERYONE:
        return
    if format_name not in _SOURCES_IN:
        where = {
            "ipset": "its sets hold destinations: match the clients in your own rule, such as '-s 10.0.0.0/24'",
            "nftables": "its sets hold destinations: match the clients in your own rule, such as 'ip saddr "
            "10.0.0.0/24'",
        }.get(format_name, "it has no place for clients")
        shown = ", ".join(f"'{clean(s, most=50)}'" for s in sources)
        yield f"{shown}: is not for the format '{format_name}': {where}; leave it out or use {', '.join(_SOURCES_IN)}"
    for source in sources:
        if source == "*" or (format_name == "nsg" and source == _VIRTUAL_NETWORK):
            if len(sources) > 1:
                yield f"'{source}': is more than one address block, so it stands alone; leave it or the others out"
        elif problem := _block_problem(source):
            yield f"'{clean(source, most=50)}': {problem}"


_VIRTUAL_NETWORK = "VirtualNetwork"  # the service tag of a network, its peers and its VPN


def _block_problem(text: str) -> str | None:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        wide = network_of(text) if "/" in text else None
        if wide is None:
            return "is neither an IP address nor a CIDR; give one such as 203.0.113.0/24 or 203.0.113.5"
        host = text.partition("/")[0]
        return f"has bits of a host behind its prefix; give the network, {wide}, or the one address, {host}"
    return None


def _name_problem(format_name: str, name: str, *, named: bool) -> str | None:
    rule = _NAMES.get(format_name)
    if rule is None:
        return f"the format '{format_name}' has no name in it; leave it out" if named else None
    if not rule.pattern.fullmatch(name):
        return f"the name of {rule.what} takes {rule.rule}"
    if format_name == "nftables" and _NFT_WORDS.fullmatch(name):
        return "is a word of nftables' own language; give another"
    if (most := rule.longest - len(rule.ends)) < len(name):
        added = f", of which the list needs {len(rule.ends)} for its own ends" if rule.ends else ""
        return f"has {len(name)} characters; {rule.what} takes {rule.longest}{added}: give at most {most}"
    return None


def _chosen(allowed: AllowList, options: Options) -> list[Entry]:
    return [*allowed.entries, *(allowed.sign_in if options.sign_in else ())]


def _text(allowed: AllowList, options: Options) -> str:
    lines = _comments(allowed)
    for registry in dict.fromkeys(e.registry for e in allowed.entries):
        lines.append(f"# {registry}: TCP, exact hosts")
        lines += [f"{e.host}:{e.port}" for e in allowed.entries if e.registry == registry]
    if options.sign_in:
        lines += ["# sign-in", *(f"{e.host}:{e.port}" for e in allowed.sign_in)]
    return _joined(lines)


def _comments(allowed: AllowList) -> list[str]:
    """The notes as lines that the file may hold: who pastes it has not seen what went to standard error."""
    return [f"# {note}" for note in allowed.notes]


def _json(allowed: AllowList, options: Options) -> str:
    asked = allowed.sign_in if options.sign_in else ()
    return _dumped(
        {
            "hosts": [
                {
                    "host": e.host,
                    "port": e.port,
                    "protocol": "TCP",
                    "registry": e.registry,
                    "purpose": e.purpose,
                    "regions": list(e.regions),
                    "privateAddresses": list(e.addresses),
                }
                for e in allowed.entries
            ],
            **({"signInHosts": [{"host": e.host, "port": e.port, "protocol": "TCP"} for e in asked]} if asked else {}),
            "notes": list(allowed.notes),
        }
    )


def azure_firewall_collection(allowed: AllowList, options: Options) -> dict[str, Any]:
    """A rule collection of a FirewallPolicyRuleCollectionGroup, in ARM's shape: one application rule a registry.

    Application rules match the name in TLS, so they hold whatever address the name resolves to.
    """
    rules = [
        _application_rule(registry, [e for e in allowed.entries if e.registry == registry], options)
        for registry in dict.fromkeys(e.registry for e in allowed.entries)
    ]
    if options.sign_in:
        rules.append(_application_rule(SIGN_IN, list(allowed.sign_in), options))
    return {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "name": options.name,
        "priority": options.priority,
        "action": {"type": "Allow"},
        "rules": rules,
    }


def _azure_firewall(allowed: AllowList, options: Options) -> str:
    """The collection as text, with the notes in the descriptions of the registries' rules."""
    collection = azure_firewall_collection(allowed, options)
    told = "; ".join(allowed.notes)
    rules = [
        {**rule, "description": told} if told and rule["name"] != SIGN_IN else rule for rule in collection["rules"]
    ]
    return _dumped({**collection, "rules": rules})


def _application_rule(name: str, entries: Sequence[Entry], options: Options) -> dict[str, Any]:
    return {
        "ruleType": "ApplicationRule",
        "name": name,
        "sourceAddresses": list(options.sources),
        "protocols": [{"protocolType": "Https", "port": HTTPS}],
        "targetFqdns": [e.host for e in entries],
    }


def nsg_rules(allowed: AllowList, options: Options) -> list[dict[str, Any]]:
    """Outbound allow rules of an NSG, in ARM's shape, ordered by priority.

    An NSG knows no host names: hosts with a private endpoint become its addresses, the others the service tag of each
    of their regions. The login server answers from any region, so it is covered by all of those tags together.
    """
    foreign_sign_in = [e for e in allowed.sign_in if not e.azure] if options.sign_in else []
    private = sorted({a for e in (*allowed.entries, *foreign_sign_in) for a in e.addresses}, key=address_order)
    public = [e for e in allowed.entries if not e.addresses]
    blobs = [e for e in public if e.purpose == HostKind.STORAGE]
    foreign = [e for e in (*public, *foreign_sign_in) if not e.azure and not e.addresses]
    if foreign:
        hosts = ", ".join(e.host for e in foreign)
        raise ValueError(
            f"format 'nsg' holds addresses and Azure's service tags, and no tag has these hosts: {hosts}; look their"
            " addresses up and give each as --address HOST=CIDR"
        )
    rules = [private_rule(private, options)] if private else []
    rules += sign_in_rules(options) if options.sign_in and any(e.azure for e in allowed.sign_in) else []
    rules += tag_rules([r for e in public if e not in blobs for r in e.regions], options)
    return rules + tag_rules([r for e in blobs for r in e.regions], options, storage=True)


_PRIVATE_RULE = "private-endpoint"
_FOR_ENDPOINT = "For clients that use the private endpoint."
_FOR_PUBLIC = "For clients on the public path."
_OWN_PRIORITY = "The priority is the region's own: a new replica renumbers no rule."
_WAITS = "Until the switch to data endpoints pulls also need the tag Storage."
_ALL_STORAGE = "All storage accounts of the region: remove it after the switch."


def _nsg(allowed: AllowList, options: Options) -> str:
    """The rules as text, with what whoever pastes them must know in their descriptions.

    A description has 140 characters at most
    (learn.microsoft.com/azure/templates/microsoft.network/networksecuritygroups, 2026-01).
    """
    rules: list[dict[str, Any]] = []
    for rule in nsg_rules(allowed, options):
        tag = rule.get("destinationAddressPrefix", "")
        told = [_OWN_PRIORITY] if tag and tag not in _SIGN_IN_TAGS else []
        if told and tag.startswith(STORAGE_TAG):
            told.append(_ALL_STORAGE)
        elif told:
            told.append(_WAITS if allowed.waiting else _FOR_PUBLIC)
        elif rule["name"].endswith(f"-{_PRIVATE_RULE}"):
            told.append(_FOR_ENDPOINT)
        rules.append({**rule, "description": " ".join(told)} if told else rule)
    return _dumped(rules)


def private_rule(addresses: Any, options: Options) -> dict[str, Any]:
    """The NSG rule for the addresses of private endpoints, a list or what will be one."""
    return _nsg_rule(_PRIVATE_RULE, 0, {"destinationAddressPrefixes": addresses}, options)


def sign_in_rules(options: Options) -> list[dict[str, Any]]:
    """The NSG rules for Entra and Azure Resource Manager."""
    return [
        _nsg_rule(f"sign-in-{tag.lower()}", slot, {"destinationAddressPrefix": tag}, options)
        for slot, tag in enumerate(_SIGN_IN_TAGS, 1)
    ]


def tag_rules(regions: Iterable[str], options: Options, *, storage: bool = False) -> list[dict[str, Any]]:
    """NSG rules for the public path to these regions, one each, because Azure takes one service tag a rule.

    ``storage``: blob storage instead of registries, for the migration. A rule's priority belongs to its region, not to
    its place in the list: a new region must not renumber the others, because Azure refuses two rules of one priority
    even for the moment of an update (docs/decisions/0052-nsg-priorities.md). All of them lie between ``priority`` and
    ``priority`` + 999.
    """
    service, label, first = (STORAGE_TAG, "blob-", _STORAGE_SLOTS) if storage else (SERVICE_TAG, "", _REGION_SLOTS)
    rules = [
        _nsg_rule(
            label + region,
            first + _region_slot(region),
            {"destinationAddressPrefix": _regional_tag(service, region)},
            options,
        )
        for region in dict.fromkeys(regions)
    ]
    return sorted(rules, key=lambda rule: rule["priority"])


def _nsg_rule(label: str, slot: int, destination: Mapping[str, Any], options: Options) -> dict[str, Any]:
    return {
        "name": f"{options.name}-{label}",
        "priority": options.priority + slot,
        "direction": "Outbound",
        "access": "Allow",
        "protocol": "Tcp",
        **_sources(options),
        "sourcePortRange": "*",
        **destination,
        "destinationPortRange": str(HTTPS),
    }


_REGION_SLOTS, _STORAGE_SLOTS = 10, 500
_SLOT_SALT, _SLOT_SPAN = 468, 401  # found by search: no two of Azure's regions share a slot; a test watches over it


def _region_slot(region: str) -> int:
    return zlib.crc32(f"{_SLOT_SALT}{region}".encode()) % _SLOT_SPAN


def address_order(address: str) -> tuple[int, int]:
    parsed = ipaddress.ip_network(address)
    return parsed.version, int(parsed.network_address)


def _sources(options: Options) -> dict[str, Any]:
    if len(options.sources) == 1:
        return {"sourceAddressPrefix": options.sources[0]}
    return {"sourceAddressPrefixes": list(options.sources)}


def _regional_tag(service: str, region: str) -> str:
    return service_tag(region, service) if find(region) else service


def _ipset(allowed: AllowList, options: Options) -> str:
    """Input of ``ipset restore``; match it with ``-m set --match-set <name> dst,dst``."""
    lines = _comments(allowed)
    for family, suffix, blocks in _blocks(allowed, options, "ipset"):
        set_name = f"{options.name}{suffix}"
        lines.append(f"create {set_name} hash:net,port family {family} -exist")
        lines += [f"add {set_name} {block},tcp:{HTTPS} -exist" for block in blocks]
    return _joined(lines)


def _nftables(allowed: AllowList, options: Options) -> str:
    """A file for ``nft -f``: sets of address and port, each with the rule for a chain of the same table."""
    identifier = options.name.replace("-", "_")
    lines = [*_comments(allowed), f"table inet {identifier} {{"]
    for family, suffix, blocks in _blocks(allowed, options, "nftables"):
        kind = "ipv4_addr" if family == "inet" else "ipv6_addr"
        lines += [
            f"  # in a chain of this table: ip{suffix} daddr . tcp dport @hosts{suffix} accept",
            f"  set hosts{suffix} {{",
            f"    type {kind} . inet_service",
            "    flags interval",
            f"    elements = {{ {', '.join(f'{block} . {HTTPS}' for block in blocks)} }}",
            "  }",
        ]
    return _joined([*lines, "}"])


def _dnsmasq(allowed: AllowList, options: Options) -> str:
    """Lines for dnsmasq that put the addresses of each host into the ipset, as clients ask for them.

    The way for host firewalls on the public path, where addresses move. dnsmasq matches a name and all below it.
    """
    for entry in _chosen(allowed, options):
        if entry.host.startswith("*"):
            raise ValueError(
                f"{entry.host} would let every storage account in: dnsmasq sets are for exact hosts; use the format"
                " 'nftables' or 'ipset' with the service tags"
            )
    return _joined([*_comments(allowed), *(f"ipset=/{e.host}/{options.name}" for e in _chosen(allowed, options))])


def _blocks(allowed: AllowList, options: Options, format_name: str) -> list[tuple[str, str, list[str]]]:
    """The address blocks of the list by family: private addresses, else the prefixes of the regional tags.

    ValueError naming every host that neither covers: a set that misses hosts in silence breaks pulls.
    """
    blocks: list[str] = []
    missing: dict[str, list[str]] = {}
    unknown: list[str] = []
    prefixes = {tag.lower(): list(found) for tag, found in (options.tag_prefixes or {}).items()}
    for entry in _chosen(allowed, options):
        if entry.addresses:
            blocks += entry.addresses
            continue
        if not entry.azure:
            unknown.append(entry.host)
            continue
        if entry.purpose == SIGN_IN:
            tags = list(_SIGN_IN_TAGS)
        else:
            service = STORAGE_TAG if entry.purpose == HostKind.STORAGE else SERVICE_TAG
            tags = [_regional_tag(service, region) for region in entry.regions]
        for tag in tags:
            if tag.lower() in prefixes:
                blocks += prefixes[tag.lower()]
            else:
                missing.setdefault(tag, []).append(entry.host)
    if unknown:
        raise ValueError(
            f"format '{format_name}' holds addresses, and nobody publishes those of these hosts: {', '.join(unknown)}; "
            "look them up and give each as --address HOST=CIDR, or use the format 'dnsmasq', which fills a set by name"
        )
    if missing:
        hosts = "; ".join(f"{tag} for {', '.join(found)}" for tag, found in missing.items())
        exact = not any(entry.host.startswith("*") for entry in _chosen(allowed, options))
        by_name = ", or use the format 'dnsmasq', which fills a set by name" if exact else ""
        if options.tag_prefixes is not None:
            file = f" {options.tag_file}" if options.tag_file else ""
            raise ValueError(
                f"the service tag file{file} has no tag for these hosts: {hosts}; give a newer one, or that of the "
                f"registry's cloud{by_name}"
            )
        raise ValueError(
            f"format '{format_name}' holds addresses, and these hosts have no private ones: give the prefixes of the"
            f" service tags ({hosts}) from ServiceTags_Public_*.json (registry-doctor: --service-tags FILE){by_name}"
        )
    networks = [ipaddress.ip_network(block) for block in blocks]
    found: list[tuple[str, str, list[str]]] = []
    for version, family, suffix in ((4, "inet", ""), (6, "inet6", "6")):
        merged = ipaddress.collapse_addresses(n for n in networks if n.version == version)  # pyright: ignore[reportArgumentType]
        texts = [str(n) for n in merged]
        if texts:
            found.append((family, suffix, texts))
    return found


def _squid(allowed: AllowList, options: Options) -> str:
    """Directives for squid.conf. A ``dstdomain`` without a leading dot is that host alone."""
    acl = options.name.replace("-", "_")
    hosts = [e.host.removeprefix("*") for e in _chosen(allowed, options)]
    lines = _comments(allowed)
    lines += [f"acl {acl}_hosts dstdomain {host}" for host in dict.fromkeys(hosts)]
    sources = [] if tuple(options.sources) == EVERYONE else options.sources
    lines += [f"acl {acl}_clients src {source}" for source in sources]
    lines += [
        f"acl {acl}_port port {HTTPS}",
        f"acl {acl}_tls method CONNECT",
        f"http_access allow {f'{acl}_clients ' if sources else ''}{acl}_tls {acl}_hosts {acl}_port",
    ]
    return _joined(lines)


def _palo_alto(allowed: AllowList, options: Options) -> str:
    """An external dynamic list of type URL. Without the closing slash an entry also matches longer host names.

    No comments: they are documented for lists of addresses alone (docs.paloaltonetworks.com, Formatting Guidelines for
    an External Dynamic List, 2026-01), and a line that is no URL may be counted as one.
    """
    return _joined(list(dict.fromkeys(f"{e.host}/" for e in _chosen(allowed, options))))


def _no_proxy(allowed: AllowList, options: Options) -> str:
    """For clients that go through a proxy for everything but the registry's private path; lines for an env file."""
    hosts = ",".join(dict.fromkeys(e.host.removeprefix("*") for e in _chosen(allowed, options)))
    return _joined([*_comments(allowed), f"NO_PROXY={hosts}", f"no_proxy={hosts}"])


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


def _dumped(value: Any) -> str:
    return json.dumps(value, indent=2) + "\n"


FORMATS: Mapping[str, Callable[[AllowList, Options], str]] = {
    "text": _text,
    "json": _json,
    "azure-firewall": _azure_firewall,
    "nsg": _nsg,
    "ipset": _ipset,
    "nftables": _nftables,
    "dnsmasq": _dnsmasq,
    "squid": _squid,
    "palo-alto": _palo_alto,
    "no-proxy": _no_proxy,
}
