"""Client firewalls: the allow-rules of a stack, which registry each is for, what it opens, and what it misses.

Covers rule collection groups of firewall policies, classic Azure Firewalls, network security groups and their rules,
and service endpoint policies.
"""

from __future__ import annotations

import ipaddress
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..azure import names
from ..estate import facts, relations, tokens
from ..estate.model import Estate, Resource
from ..estate.values import UNKNOWN, Unknown, as_list, as_text, has_unknown, known_items, lookup

REGISTRY_TAG = "azurecontainerregistry"
# Tags that hold every storage account of a region or of Azure, as the blob wildcard does.
STORAGE_TAGS = ("storage", "azurecloud", "internet")
# Wider than any network that one organisation owns: as good as the whole internet.
INTERNET_PREFIX = 8
HTTPS = "443"
FOREIGN = "foreign-registry"  # stands for a registry that is none of ours
SERVICE_ENDPOINT_STORAGE = re.compile(r"/providers/microsoft\.storage/storageaccounts/[^/]+$")
FIREWALL_TYPES = (
    tokens.FIREWALL_RULES,
    tokens.FIREWALL,
    tokens.SECURITY_GROUP,
    tokens.SECURITY_RULE,
    tokens.SERVICE_ENDPOINT_POLICY,
    tokens.SERVICE_ENDPOINT_DEFINITION,
)


@dataclass(frozen=True, eq=False, slots=True)
class AllowRule:
    """One rule that lets clients out.

    ``hosts`` are host names or patterns, ``places`` addresses, networks and service tags, ``ports`` as written; all
    lower case. ``collection`` is shared by rules that are written together; ``firewall`` by all rules of one firewall.
    ``unknown``: something of it is not known yet.
    """

    resource: Resource
    names: tuple[str, ...]
    collection: Any
    firewall: Any
    hosts: tuple[str, ...]
    places: tuple[str, ...]
    ports: tuple[str, ...]
    unknown: bool

    @property
    def label(self) -> str:
        return f"'{self.names[0]}'" if self.names else self.resource.label


def allow_rules(estate: Estate) -> list[AllowRule]:
    """Every allowing outbound rule that the stack declares."""
    return estate.memo("allow_rules", lambda: [rule for r in estate.of(*FIREWALL_TYPES) for rule in _rules(estate, r)])


def _rules(estate: Estate, resource: Resource) -> Iterator[AllowRule]:
    firewall = _firewall_key(estate, resource)
    if resource.type == tokens.FIREWALL_RULES:
        # Rule groups, before there were collections, hold rules with conditions.
        yield from _collections(estate, resource, resource.get("ruleCollections", resource.get("rules")), firewall)
    elif resource.type == tokens.FIREWALL:
        for prop in ("applicationRuleCollections", "networkRuleCollections"):
            yield from _collections(estate, resource, resource.get(prop), firewall)
    elif resource.type == tokens.SECURITY_GROUP:
        value = resource.get("securityRules")
        if value is UNKNOWN:
            yield _undetermined(resource, firewall)
        for rule in known_items(value):
            yield from _security_rule(resource, rule, firewall)
    elif resource.type == tokens.SECURITY_RULE:
        yield from _security_rule(resource, resource.props, firewall)
    else:
        yield from _service_endpoint_rules(resource)


def _firewall_key(estate: Estate, resource: Resource) -> Any:
    """What is equal for rules of one firewall: its name and group, or while it has no name, what gives it one."""
    prop = {tokens.FIREWALL_RULES: "firewallpolicyname", tokens.SECURITY_RULE: "networksecuritygroupname"}.get(
        resource.type
    )
    name = resource.arm_names[0] if prop and resource.arm_names else resource.arm_name
    if isinstance(name, str):
        return (name, relations.group_key(estate, resource))
    if prop is None:
        return id(resource)
    group = estate.refer(resource, name, prop, tokens.SECURITY_GROUP).target
    if group is not None:
        return _firewall_key(estate, group)
    return resource.property_dependencies.get(prop) or id(resource)


def _undetermined(resource: Resource, firewall: Any) -> AllowRule:
    return AllowRule(resource, (resource.name,), resource, firewall, (), (), (), unknown=True)


def _collections(estate: Estate, resource: Resource, value: Any, firewall: Any) -> Iterator[AllowRule]:
    if value is UNKNOWN:
        yield _undetermined(resource, firewall)
    for index, collection in enumerate(known_items(value)):
        action = as_text(lookup(collection, "action.type", lookup(collection, "action")))
        if action not in ("allow", None) and not isinstance(action, Unknown):
            continue
        rules = lookup(collection, "rules", lookup(collection, "ruleConditions"))
        if rules is UNKNOWN:
            yield _undetermined(resource, firewall)
        for rule in known_items(rules):
            if as_text(lookup(rule, "ruleType")) == "natrule":
                continue
            yield _firewall_rule(estate, resource, collection, rule, (resource, index), firewall)


def _firewall_rule(
    estate: Estate, resource: Resource, collection: Any, rule: Any, key: Any, firewall: Any
) -> AllowRule:
    hosts = [*_texts(rule, "targetFqdns"), *_texts(rule, "destinationFqdns")]
    hosts += [_host(url) for url in _texts(rule, "targetUrls")]
    places = [*_texts(rule, "destinationAddresses"), *_ip_groups(estate, resource, rule)]
    protocols = known_items(lookup(rule, "protocols"))
    ports = [str(int(p)) for p in (lookup(item, "port") for item in protocols) if isinstance(p, int | float)]
    ports += _texts(rule, "destinationPorts")
    seen = ("targetFqdns", "destinationFqdns", "targetUrls", "destinationAddresses", "destinationIpGroups")
    return AllowRule(
        resource,
        _names(lookup(rule, "name"), lookup(collection, "name"), resource.name),
        key,
        firewall,
        tuple(hosts),
        tuple(places),
        tuple(ports),
        unknown=any(has_unknown(lookup(rule, key)) for key in seen),
    )


def _ip_groups(estate: Estate, resource: Resource, rule: Any) -> Iterator[str]:
    """The addresses of IP groups of the stack: a rule is as wide as the group that it names."""
    groups = as_list(lookup(rule, "destinationIpGroups"))
    for value in () if isinstance(groups, Unknown) else groups:
        for group in estate.refer(resource, value, "ruleCollections", tokens.IP_GROUP).targets:
            yield from _texts(group.props, "ipAddresses")


def _security_rule(resource: Resource, rule: Any, firewall: Any) -> Iterator[AllowRule]:
    if as_text(lookup(rule, "access", "Allow")) == "deny" or as_text(lookup(rule, "direction")) == "inbound":
        return
    places = [*_texts(rule, "destinationAddressPrefixes"), *_texts(rule, "destinationAddressPrefix")]
    ports = [*_texts(rule, "destinationPortRanges"), *_texts(rule, "destinationPortRange")]
    unknown = any(has_unknown(lookup(rule, p)) for p in ("destinationAddressPrefix", "destinationAddressPrefixes"))
    labels = _names(lookup(rule, "name"), resource.arm_name, resource.name)
    key = object()  # rules of a security group are written apart: none ties another to a registry
    yield AllowRule(resource, labels, key, firewall, (), tuple(places), tuple(ports), unknown)


def _service_endpoint_rules(resource: Resource) -> Iterator[AllowRule]:
    definitions = (
        [resource.props]
        if resource.type == tokens.SERVICE_ENDPOINT_DEFINITION
        else known_items(resource.get("serviceEndpointPolicyDefinitions"))
    )
    for definition in definitions:
        service = as_text(lookup(definition, "service", "Microsoft.Storage"))
        opened = _texts(definition, "serviceResources")
        wide = [
            each for each in opened if not SERVICE_ENDPOINT_STORAGE.search(each) and not each.startswith("/services/")
        ]
        if isinstance(service, str) and service.startswith("microsoft.storage") and wide:
            labels = _names(lookup(definition, "name"), resource.name)
            yield AllowRule(resource, labels, resource, resource, (), ("storage",), (HTTPS,), unknown=False)


def _texts(holder: Any, path: str) -> list[str]:
    return [str.lower(str.strip(item)) for item in known_items(lookup(holder, path)) if isinstance(item, str)]


def _names(*values: Any) -> tuple[str, ...]:
    return tuple(str.__str__(value) for value in values if isinstance(value, str))


def _host(url: str) -> str:
    return re.sub(r"^[a-z]+://", "", url).split("/", 1)[0].split(":", 1)[0]


# What a rule opens


@lru_cache(maxsize=4096)
def wildcard(host: str) -> str | None:
    """What a host pattern opens beyond one registry: ``storage``, ``registries`` or ``everything``; None: nothing."""
    if "*" not in host:
        return None
    if not host.strip("*."):
        return "everything"
    instance = host.replace("*", FOREIGN).rstrip(".")
    for cloud in names.CLOUDS.values():
        if _opens(host, instance, cloud.blob_suffix):
            return "storage"
        if _opens(host, instance, cloud.registry_suffix):
            return "registries"
    return None


def _opens(pattern: str, instance: str, suffix: str) -> bool:
    """Whether a pattern reaches names under a suffix that are not one registry's own.

    It does when one of the names that it stands for has a foreign label there (``*.azurecr.io``,
    ``*contoso.azurecr.io``, ``*.japaneast.data.azurecr.io``), or when it is wider than the suffix (``*.io``).
    """
    if instance.endswith("." + suffix):
        return FOREIGN in instance.split(".", 1)[0]
    return bool(_pattern(pattern).fullmatch(f"{FOREIGN}.{suffix}"))


@lru_cache(maxsize=4096)
def _pattern(host: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in host.rstrip(".").split("*")))


@lru_cache(maxsize=4096)
def wide_place(place: str) -> str | None:
    """``everything`` for any address, ``storage`` for a tag that holds all storage accounts; None for the rest."""
    if place in ("*", "any", "0.0.0.0", "::"):  # noqa: S104 - a destination in a rule, nothing is bound
        return "everything"
    if place.partition(".")[0] in STORAGE_TAGS:
        return "everything" if place == "internet" else "storage"
    first, dash, last = place.partition("-")
    if dash:
        return "everything" if _span(first, last) > 2 ** (32 - INTERNET_PREFIX) else None
    try:
        network = ipaddress.ip_network(place, strict=False)
    except ValueError:
        return None
    return "everything" if network.prefixlen < (INTERNET_PREFIX if network.version == 4 else 16) else None


def _span(first: str, last: str) -> int:
    try:
        return int(ipaddress.IPv4Address(last)) - int(ipaddress.IPv4Address(first)) + 1
    except ValueError:
        return 0


def openings(rule: AllowRule) -> list[tuple[str, str]]:
    """What of a rule is too wide: (as written, what it opens)."""
    found = [(host, wildcard(host)) for host in rule.hosts] + [(place, wide_place(place)) for place in rule.places]
    return [(text, opened) for text, opened in found if opened is not None]


# Which registry a rule is for


def is_registry_host(host: str) -> bool:
    """Whether a host name, or a pattern of one, is under a registry domain."""
    return any(host.endswith("." + cloud.registry_suffix) for cloud in names.CLOUDS.values())


def registry_tags(rule: AllowRule) -> list[str]:
    return [place for place in rule.places if place.partition(".")[0] == REGISTRY_TAG]


def _named_for_registry(rule: AllowRule, pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(name) for name in rule.names)


def tied_rules(estate: Estate, pattern: str) -> set[AllowRule]:
    """The rules that are about a registry: by a registry's host or tag, by dependency, or by name.

    A registry host ties every rule of its collection: ``registry_rule_pattern`` is a regular expression.
    """

    def make() -> set[AllowRule]:
        rules = allow_rules(estate)
        named = re.compile(pattern)
        collections = {r.collection for r in rules if any(map(is_registry_host, r.hosts)) or registry_tags(r)}
        depends = {id(r.resource): relations.depends_on_a_registry(estate, r.resource) for r in rules}
        return {
            rule
            for rule in rules
            if rule.collection in collections or depends[id(rule.resource)] or _named_for_registry(rule, named)
        }

    return estate.memo(("tied", pattern), make)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one firewall lets through of one registry: the rules for it, and the hosts and regions it misses.

    ``undetermined``: an unknown destination may be what is missed.
    """

    rules: tuple[AllowRule, ...]
    missing: tuple[str, ...]
    undetermined: bool


def coverage(estate: Estate, cloud: str, pattern: str) -> dict[Resource, list[Coverage]]:
    """For each registry of the stack, how every client firewall that is meant for it covers its hosts.

    Where the stack has one registry only, tags and wildcards of rules that are named for a registry are for that one.
    """
    return estate.memo(("coverage", cloud, pattern), lambda: _coverage(estate, cloud, re.compile(pattern)))


def _coverage(estate: Estate, cloud: str, pattern: re.Pattern[str]) -> dict[Resource, list[Coverage]]:
    firewalls = _firewalls(estate)
    by_host: dict[str, dict[Any, None]] = defaultdict(dict)
    for firewall in firewalls.values():
        for host in firewall.exact:
            by_host[host][firewall.key] = None
    found: dict[Resource, list[Coverage]] = defaultdict(list)
    registries = relations.registries(estate)
    alone = len(registries) == 1
    dependants = _rules_by_registry(estate)
    only = {id(rule) for rule in allow_rules(estate) if alone and _for_the_only_registry(rule, pattern)}
    meant = dict.fromkeys(rule.firewall for rule in allow_rules(estate) if id(rule) in only)
    for registry in registries:
        where = relations.regions(estate, registry)
        if where is None:
            continue
        login = facts.login_server(registry, cloud)
        wanted = names.client_hosts(login, where.home, where.replicas) if isinstance(login, str) else []
        candidates = dict.fromkeys(key for host in wanted for key in by_host.get(host, ()))
        candidates |= dict.fromkeys(rule.firewall for rule in dependants.get(registry, ()))
        candidates |= meant
        by_dependency = {id(rule) for rule in dependants.get(registry, ())}
        for key in candidates:
            own = _rules_for(firewalls[key], set(wanted), by_dependency, only)
            if own:
                found[registry].append(_covered(own, firewalls[key], wanted, where, isinstance(login, str)))
    return found


@dataclass(frozen=True, slots=True)
class _Firewall:
    """One firewall's rules, and what they open: exact hosts, host patterns and registry tags."""

    key: Any
    rules: list[AllowRule]
    exact: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]
    tags: frozenset[str]


def _firewalls(estate: Estate) -> dict[Any, _Firewall]:
    by_key: dict[Any, list[AllowRule]] = defaultdict(list)
    for rule in allow_rules(estate):
        by_key[rule.firewall].append(rule)
    made: dict[Any, _Firewall] = {}
    for key, rules in by_key.items():
        hosts = {host.rstrip(".") for rule in rules for host in rule.hosts}
        made[key] = _Firewall(
            key,
            rules,
            frozenset(host for host in hosts if "*" not in host),
            tuple(_pattern(host) for host in hosts if "*" in host),
            frozenset(tag for rule in rules for tag in registry_tags(rule)),
        )
    return made


def _rules_by_registry(estate: Estate) -> dict[Resource, list[AllowRule]]:
    found: dict[Resource, list[AllowRule]] = defaultdict(list)
    targets: dict[int, set[Resource]] = {}
    for rule in allow_rules(estate):
        if id(rule.resource) not in targets:
            targets[id(rule.resource)] = {
                each for each in estate.all_dependencies(rule.resource) if each.type == tokens.REGISTRY
            }
        for registry in targets[id(rule.resource)]:
            found[registry].append(rule)
    return found


def _for_the_only_registry(rule: AllowRule, pattern: re.Pattern[str]) -> bool:
    return bool(registry_tags(rule)) or (_named_for_registry(rule, pattern) and bool(openings(rule)))


def _rules_for(firewall: _Firewall, wanted: set[str], by_dependency: set[int], only: set[int]) -> list[AllowRule]:
    return [
        rule
        for rule in firewall.rules
        if id(rule) in only
        or any(host.rstrip(".") in wanted for host in rule.hosts)
        or (id(rule) in by_dependency and (rule.unknown or registry_tags(rule)))
    ]


def _covered(
    own: list[AllowRule], firewall: _Firewall, wanted: list[str], where: relations.Regions, known: bool
) -> Coverage:
    if REGISTRY_TAG in firewall.tags:
        return Coverage(tuple(own), (), undetermined=False)
    undetermined = not known or not where.complete or any(rule.unknown for rule in own)
    tagged = {tag.partition(".")[2] for tag in firewall.tags}
    if not wanted:
        missing = [region for region in where.all if region not in tagged] if tagged else []
        return Coverage(tuple(own), tuple(missing), undetermined)
    all_tagged = set(where.all) <= tagged
    by_region = zip(wanted, ["", *where.all], strict=True)
    missing = [
        host
        for host, region in by_region
        if host not in firewall.exact
        and not any(pattern.fullmatch(host) for pattern in firewall.patterns)
        and not (region in tagged if region else all_tagged)
    ]
    return Coverage(tuple(own), tuple(missing), undetermined)


def too_many_ports(rule: AllowRule) -> list[str]:
    """The ports of a rule beyond 443."""
    return [port for port in rule.ports if port != HTTPS]
