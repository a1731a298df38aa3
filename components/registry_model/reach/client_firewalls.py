"""The client firewalls that an estate declares, as `Firewall`s: rules in the order in which Azure judges them.

Reads rule collection groups of firewall policies with their parents, classic Azure Firewalls, network security groups
with inline and separate rules, and for what is opened beyond a registry service endpoint policies.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ..azure import names
from ..azure.limits import PRIVATE_NETWORKS
from ..azure.names import HTTPS
from ..azure.regions import STORAGE_TAG
from ..estate import relations, tokens, told
from ..estate.model import Estate, Reference, Resource, Written
from ..estate.values import (
    UNKNOWN,
    Ends,
    Unknown,
    as_bool,
    as_list,
    as_text,
    as_written,
    has_unknown,
    known_items,
    lookup,
)
from .firewalls import (
    ANY_SOURCE,
    INBOUND_DEFAULTS,
    SECURITY_GROUP_DEFAULTS,
    Firewall,
    FirewallRule,
    Kind,
    Layer,
    is_address,
    names_registry,
    openings,
    overlaps,
    url_host,
)
from .model import Registry

# Registries of other things, by the word before: a Kafka schema registry, a service registry.
_OTHER_REGISTRIES = (
    "Device",
    "Kafka",
    "Model",
    "Module",
    "Npm",
    "Package",
    "Schema",
    "Service",
    "Terraform",
    "Windows",
)
# A rule is taken to be for a registry when its name, its collection's or its resource's holds one of these as a word:
# ACR, container registry, registry. A word ends where letters do, or where a capital begins the next.
REGISTRY_RULE_PATTERN = (
    r"(?:^|[^A-Za-z])[Aa][Cc][Rr](?![a-z])|[a-z]A(?:CR|cr)(?![a-z])"
    r"|(?i:container[-_. ]?registr(?:y|ies))(?![a-z])"
    rf"|{''.join(f'(?<!(?i:{word}))(?<!(?i:{word})[-_. ])' for word in _OTHER_REGISTRIES)}"
    r"(?:(?<![A-Za-z])[Rr]egistr(?:y|ies)(?![a-z])|(?<=[a-z])Registr(?:y|ies)(?![a-z])"
    r"|(?<![A-Za-z])REGISTR(?:Y|IES)(?![A-Za-z]))"
)
_ONE_STORAGE_ACCOUNT = re.compile(r"/providers/microsoft\.storage/storageaccounts/[^/]+$")


@dataclass(frozen=True, eq=False, slots=True)
class Origin:
    """What a rule was read from: its resource, the names that it goes by, and what is equal for rules written
    together."""

    resource: Resource
    names: tuple[str, ...]
    together: Any

    @property
    def label(self) -> str:
        return f"'{self.names[0]}'" if self.names else self.resource.label


@dataclass(frozen=True, eq=False)
class ClientFirewall:
    """One firewall of the estate. ``firewall.rules`` carry their `Origin`, but for Azure's own default rules."""

    firewall: Firewall

    def rules(self) -> Iterator[tuple[FirewallRule, Origin]]:
        """The rules that somebody wrote, with their origins."""
        return ((rule, rule.origin) for rule in self.firewall.rules if isinstance(rule.origin, Origin))

    @cached_property
    def spokesman(self) -> Resource | None:
        """The resource to report where no single rule is at fault: one whose rule is for a registry, else the first."""
        found: Resource | None = None
        for rule, origin in self.rules():
            if names_registry(rule):
                return origin.resource
            found = found or origin.resource
        return found

    @cached_property
    def unknown_origins(self) -> list[Resource]:
        """Where the rules are declared of which something is not known yet, each once."""
        return list(dict.fromkeys(origin.resource for rule, origin in self.rules() if rule.unknown))


def client_firewalls(estate: Estate) -> list[ClientFirewall]:
    """Every firewall whose rules the estate declares, each worked out once."""
    return estate.memo(
        "client_firewalls",
        lambda: [
            ClientFirewall(made)
            for made in (
                *_policies(estate).values(),
                *_classic(estate).values(),
                *(g.outbound for g in _groups(estate)),
                *_without_group(estate),
            )
        ],
    )


def inbound_rules(estate: Estate, holder: Resource, subnet: Any) -> Firewall | None:
    """What the security group of a subnet lets in; None where the subnet has none.

    ``holder`` is the resource that the subnet was read from. Of a group that the estate does not declare, no rule is
    known.
    """
    reference = _group_of(estate, holder, subnet)
    if reference is None:
        return None
    groups: dict[int, Firewall] = estate.memo(
        "inbound_groups", lambda: {id(g.resource): g.inbound for g in _groups(estate) if g.resource is not None}
    )
    if reference.target is not None:
        return groups[id(reference.target)]
    name = group_only_named(estate, holder, subnet)
    gap = told.gap(estate, tokens.SECURITY_GROUP)
    missing = FirewallRule(("*",), allow=None, name=f"the rules of '{name}', {gap}", unknown=True)
    return Firewall(name, (missing,), Kind.SECURITY_GROUP, shared=True)


def group_only_named(estate: Estate, holder: Resource, subnet: Any) -> str:
    """The name of a subnet's security group that the estate does not declare; empty where it does, or there is none."""
    reference = _group_of(estate, holder, subnet)
    if reference is None or reference.target is not None:
        return ""
    return reference.foreign.name if reference.foreign is not None else "not known yet"


def _group_of(estate: Estate, holder: Resource, subnet: Any) -> Reference | None:
    """What a subnet, read from ``holder``, names as its security group; None where it has none."""
    if lookup(subnet, "networkSecurityGroup") is None:
        return None
    value = lookup(subnet, "networkSecurityGroup.id", UNKNOWN)
    return estate.refer(holder, value, _group_property(holder), tokens.SECURITY_GROUP)


def rules_of(estate: Estate, firewall: Resource) -> Firewall | None:
    """What an Azure Firewall of the estate lets through, for all who pass it; None where its rules are elsewhere."""
    own = _classic(estate).get(_key(estate, firewall, tokens.FIREWALL, ""))
    value = firewall.get("firewallPolicy.id")
    policy = estate.refer(firewall, value, "firewallPolicy", tokens.FIREWALL_POLICY).target
    if policy is not None:
        own = _policies(estate).get(_key(estate, policy, tokens.FIREWALL_POLICY, ""))
        if own is None and _has_no_rules(estate, policy):
            own = Firewall(relations.shown_name(policy))
    elif own is None and value is None and firewall.written is Written.LIVE:
        held = [firewall.get(f"{layer}RuleCollections") for layer in ("network", "application")]
        own = Firewall(relations.shown_name(firewall)) if held == [[], []] else None
    return None if own is None else replace(own, shared=True, snat=policy is not None and _translates(policy))


def _has_no_rules(estate: Estate, policy: Resource) -> bool:
    """Whether a policy without a rule is known to have none: its rule collection groups are here, and no parent."""
    if policy.get("basePolicy") is not None or _groups_not_here(estate, policy):
        return False
    return policy.get("ruleCollectionGroups") == [] or _key(estate, policy, tokens.FIREWALL_POLICY, "") in {
        _key(estate, group, tokens.FIREWALL_POLICY, "firewallPolicyName")
        for group in estate.read_too(tokens.FIREWALL_RULES)
    }


def _groups_not_here(estate: Estate, policy: Resource) -> list[str]:
    """The names of the rule collection groups that Azure says a policy has, and that the estate lacks."""
    if policy.written is not Written.LIVE:
        return []  # a stack's state is as old as its last refresh
    ids = [lookup(each, "id") for each in known_items(policy.get("ruleCollectionGroups"))]
    missing = [each for each in ids if isinstance(each, str)]
    return [each.rpartition("/")[2] for each in missing if estate.by_id(each, (tokens.FIREWALL_RULES,)).target is None]


def _translates(policy: Resource) -> bool:
    """Whether a policy's firewall puts its own address in the place of the client's towards private addresses too.

    By itself it does so towards the internet alone; ``snat.privateRanges`` are the ranges for which it does not
    (learn.microsoft.com/azure/firewall/snat-private-range, 2026-01).
    """
    ranges = policy.get("snat.privateRanges")
    if not isinstance(ranges, list) or not ranges or has_unknown(ranges):
        return False
    return not any(
        not is_address(str(each).partition("/")[0]) or any(overlaps(str(each), str(own)) for own in PRIVATE_NETWORKS)
        for each in ranges
    )


def dns_proxy(estate: Estate, firewall: Resource) -> tuple[str, bool, tuple[str, ...]] | None:
    """The policy of an Azure Firewall, whether it has the DNS proxy on, and the servers that the proxy asks.

    None where that is not told. Without servers, the proxy asks Azure's resolver. A policy has its parent's DNS
    settings where it has none of its own; the proxy is off unless it is turned on.
    """
    told = _dns_settings(estate, firewall)
    if told is None:
        return None
    policy, settings = told
    return policy.name, as_bool(lookup(settings, "enableProxy")) is True, tuple(_texts(settings, "servers"))


def dns_servers(estate: Estate, firewall: Resource) -> tuple[str, ...] | None:
    """The DNS servers that an Azure Firewall asks: none is Azure's resolver in its network; None where it is not told.

    A firewall without a policy has them in its additionalProperties (learn.microsoft.com/azure/firewall/dns-settings).
    """
    if firewall.get("firewallPolicy.id") in (None, ""):
        more = firewall.observed.get("additionalProperties")
        held = more if isinstance(more, dict) else {}
        value = next((held[key] for key in held if str(key).lower() == "network.dns.servers"), "")
        if more is UNKNOWN or not isinstance(value, str):
            return None
        return tuple(each.strip() for each in value.split(",") if each.strip())
    told = _dns_settings(estate, firewall)
    return None if told is None else tuple(_texts(told[1], "servers"))


def _dns_settings(estate: Estate, firewall: Resource) -> tuple[Resource, Any] | None:
    """The policy of an Azure Firewall and the DNS settings that hold for it; None where they are not told."""
    policy = estate.refer(firewall, firewall.get("firewallPolicy.id"), "firewallPolicy", tokens.FIREWALL_POLICY).target
    seen: list[Resource] = []
    holder = policy
    while holder is not None and holder not in seen:
        seen.append(holder)
        settings = holder.observed.get("dnsSettings")
        if has_unknown(settings):
            return None
        if settings is not None or holder.get("basePolicy") is None:
            return seen[0], {} if settings is None else settings
        value = holder.get("basePolicy.id")
        holder = estate.refer(holder, value, "basePolicy", tokens.FIREWALL_POLICY).target
    return None


def written_rules(estate: Estate) -> list[tuple[FirewallRule, Origin]]:
    """Every rule that the estate declares, each once, with what service endpoint policies open."""

    def make() -> list[tuple[FirewallRule, Origin]]:
        # A parent policy's rules are in every child's firewall; they are written once.
        found = {id(origin): (rule, origin) for each in client_firewalls(estate) for rule, origin in each.rules()}
        always = [(r, r.origin) for _, r in _admin_rules(estate) if r.allow and isinstance(r.origin, Origin)]
        return [*found.values(), *_service_endpoints(estate), *always]

    return estate.memo("written_rules", make)


def tied_rules(estate: Estate, pattern: str = REGISTRY_RULE_PATTERN) -> set[Origin]:
    """The rules that are about a registry: by a registry's host or tag, by dependency, or by name.

    A registry host ties every rule of its collection. ``pattern`` is a regular expression for names.
    """

    def make() -> set[Origin]:
        rules = written_rules(estate)
        named = re.compile(pattern)
        collections = {origin.together for rule, origin in rules if rule.allow is not False and names_registry(rule)}
        holders = {id(origin.resource): origin.resource for _, origin in rules}
        depends = {key: relations.depends_on_a_registry(estate, holder) for key, holder in holders.items()}
        return {
            origin
            for rule, origin in rules
            if origin.together in collections or depends[id(origin.resource)] or named_for_registry(origin, named)
        }

    return estate.memo(("tied", pattern), make)


def named_for_registry(origin: Origin, pattern: re.Pattern[str]) -> bool:
    """Whether a rule, its collection or its resource has a name that says that it is for a registry."""
    return any(pattern.search(name) for name in origin.names)


@dataclass(frozen=True)
class _Index:
    """The firewalls by what may make one meant for a registry; places in `client_firewalls`."""

    by_host: Mapping[str, set[int]]
    by_place: Mapping[str, set[int]]
    by_registry: Mapping[Resource, set[int]]
    for_any: set[int]


def _index(estate: Estate, pattern: str) -> _Index:
    named = re.compile(pattern)

    def make() -> _Index:
        by_host: dict[str, set[int]] = defaultdict(set)
        by_place: dict[str, set[int]] = defaultdict(set)
        by_registry: dict[Resource, set[int]] = defaultdict(set)
        for_any: set[int] = set()
        depends: dict[int, list[Resource]] = {}
        for number, each in enumerate(client_firewalls(estate)):
            rules = list(each.rules())
            if not any(rule.allow is not False for rule, _ in rules):
                continue  # one that only denies is nobody's allow-list
            for rule, origin in rules:
                for host in (*rule.hosts, *map(url_host, rule.urls)):
                    by_host[host.rstrip(".")].add(number)
                if rule.allow is False:
                    continue
                for place in (*rule.security_groups, *rule.addresses):
                    by_place[place.removesuffix("/32")].add(number)
                wide = bool(openings(rule))
                if id(origin.resource) not in depends:
                    own = estate.all_dependencies(origin.resource)
                    depends[id(origin.resource)] = [r for r in own if r.type == tokens.REGISTRY]
                if rule.open_ended or wide or names_registry(rule):
                    for registry in depends[id(origin.resource)]:
                        by_registry[registry].add(number)
                if names_registry(rule) or ((wide or rule.unknown) and named_for_registry(origin, named)):
                    for_any.add(number)
        return _Index(by_host, by_place, by_registry, for_any)

    return estate.memo(("firewall_index", pattern), make)


def meant_for(
    estate: Estate, resource: Resource, registry: Registry, pattern: str = REGISTRY_RULE_PATTERN
) -> list[ClientFirewall]:
    """The client firewalls that are meant to let clients reach a registry of the estate.

    One is when it names a host of the registry, an address or application security group of its private endpoints, or
    depends on it; and in an estate with one registry also when it has the registry service tag, a pattern of registry
    hosts, or a rule that is for a registry by its name (``pattern``) and opens a wildcard or what is not known yet. One
    that only denies is nobody's allow-list.
    """
    index = _index(estate, pattern)
    wanted = names.client_hosts(registry.login_server, registry.home, registry.replicas)
    found = {number for host in wanted for number in index.by_host.get(host, ())}
    found |= index.by_registry.get(resource, set())
    for endpoint in registry.private_endpoints:
        for place in (*(address for _, address in endpoint.addresses), *endpoint.security_groups):
            found |= index.by_place.get(place, set())
    if len(relations.registries(estate)) == 1:
        found |= index.for_any
    firewalls = client_firewalls(estate)
    return [firewalls[number] for number in sorted(found)]


# Firewall policies


def _key(estate: Estate, resource: Resource, kind: str, prop: str) -> Any:
    """What is equal for a firewall and for what names it in ``prop``: its name and group, or what gives it its name."""
    if resource.type == kind:
        own = resource.arm_name
        return (own, relations.group_key(estate, resource)) if isinstance(own, str) else id(resource)
    if resource.arm_id is not None and len(resource.arm_names) > 1:
        return (resource.arm_names[0], relations.group_key(estate, resource))
    value = resource.get(prop)
    reference = estate.refer(resource, value, prop, kind)
    if reference.target is not None:
        return _key(estate, reference.target, kind, prop)
    if reference.foreign is not None:
        return (reference.foreign.name, reference.foreign.resource_group or relations.group_key(estate, resource))
    if isinstance(value, str):
        return (value.strip().lower(), relations.group_key(estate, resource))
    return resource.property_dependencies.get(prop.lower()) or id(resource)


def _policies(estate: Estate) -> dict[Any, Firewall]:
    """The rules of each firewall policy with its parents', by the policy's key."""
    return estate.memo("firewall_policies", lambda: dict(_read_policies(estate)))


def _read_policies(estate: Estate) -> Iterator[tuple[Any, Firewall]]:
    groups: dict[Any, list[Resource]] = defaultdict(list)
    for group in estate.read_too(tokens.FIREWALL_RULES):
        groups[_key(estate, group, tokens.FIREWALL_POLICY, "firewallPolicyName")].append(group)
    policies = {
        _key(estate, policy, tokens.FIREWALL_POLICY, ""): policy for policy in estate.read_too(tokens.FIREWALL_POLICY)
    }
    parents = {
        key: estate.refer(policy, policy.get("basePolicy.id"), "basePolicy", tokens.FIREWALL_POLICY)
        for key, policy in policies.items()
        if policy.get("basePolicy.id") not in (None, "")
    }
    used: dict[int, list[str]] = defaultdict(list)
    for firewall in estate.read_too(tokens.FIREWALL):
        value = firewall.get("firewallPolicy.id")
        target = estate.refer(firewall, value, "firewallPolicy", tokens.FIREWALL_POLICY).target
        if target is not None:
            used[id(target)].append(relations.shown_name(firewall))
    above = {id(reference.target) for reference in parents.values() if reference.target is not None}
    rules = {
        key: [each for group in members for each in _group_rules(estate, group)] for key, members in groups.items()
    }
    for key in dict.fromkeys([*groups, *policies]):
        policy = policies.get(key)
        if policy is not None and id(policy) in above and id(policy) not in used:
            continue  # a parent's rules are judged in its children, where they hold
        chain, unclear = _chain(estate, key, policies, parents)
        ranked = [
            ((0 if rule.layer is Layer.NETWORK else 1, depth, *priority), rule)
            for depth, each in enumerate(chain)
            for priority, rule in rules.get(each, ())
        ]
        if not ranked:
            continue
        missing = [name for each in chain if each in policies for name in _groups_not_here(estate, policies[each])]
        gap = told.gap(estate, tokens.FIREWALL_RULES)
        unclear += tuple(
            FirewallRule(("*",), allow=None, name=f"the rule collection group '{name}', {gap}", unknown=True)
            for name in missing
        )
        # FQDNs in network rules need the DNS proxy; a child has its parent's DNS settings where it has none of its own.
        # learn.microsoft.com/azure/firewall/fqdn-filtering-network-rules, 2026-01.
        proxies = [policies[each].get("dnsSettings.enableProxy") for each in reversed(chain) if each in policies]
        off = next((each for each in proxies if each is not None), None) is False
        ordered = tuple(
            replace(rule, unresolved=off and rule.layer is Layer.NETWORK and bool(rule.hosts))
            for _, rule in sorted(ranked, key=lambda pair: pair[0])
        )
        name = (
            policy.name
            if policy is not None
            else as_written(groups[key][0].get("firewallPolicyName")) or groups[key][0].name
        )
        users = tuple(dict.fromkeys(used.get(id(policy), ()))) if policy is not None else ()
        yield key, Firewall(name.rpartition("/")[2], (*unclear, *ordered), users=users)


def _chain(
    estate: Estate, key: Any, policies: dict[Any, Resource], parents: dict[Any, Any]
) -> tuple[list[Any], tuple[FirewallRule, ...]]:
    """A policy and its parents, the outermost first; and what stands for a parent that the estate does not declare."""
    chain = [key]
    while (reference := parents.get(chain[0])) is not None:
        parent = reference.target
        if parent is None:
            known = reference.foreign.name if reference.foreign is not None else "not known yet"
            name = f"the parent policy '{known}', which is not declared here"
            return chain, (FirewallRule(("*",), allow=None, name=name, unknown=True),)
        found = _key(estate, parent, tokens.FIREWALL_POLICY, "")
        if found in chain:
            break
        chain.insert(0, found)
    return chain, ()


Ranked = tuple[tuple[int, int], FirewallRule]


def _group_rules(estate: Estate, group: Resource) -> Iterator[Ranked]:
    # Rule groups, before there were collections, hold rules with conditions.
    value = group.get("ruleCollections", group.get("rules"))
    rank = _number(group.get("priority"))
    if _some_unknown(value):
        yield (rank, 0), _undetermined(estate, group, "ruleCollections")
    prop = "ruleCollections" if group.get("ruleCollections") is not None else "rules"
    for index, collection in _numbered(value):
        if as_text(lookup(collection, "ruleCollectionType")) == "firewallpolicynatrulecollection":
            continue
        yield from _collection_rules(estate, group, collection, (group.urn, index), rank, at=f"{prop}.{index}")


def _collection_rules(
    estate: Estate,
    resource: Resource,
    collection: Any,
    together: Any,
    rank: int,
    layer: Layer | None = None,
    *,
    at: str,
) -> Iterator[Ranked]:
    """``at`` is the path of the collection."""
    action = as_text(lookup(collection, "action.type", lookup(collection, "action")))
    allow = None if isinstance(action, Unknown) else action in ("allow", None)
    place = (rank, _number(lookup(collection, "priority")))
    rules = lookup(collection, "rules", lookup(collection, "ruleConditions"))
    if _some_unknown(rules):
        made = _undetermined(estate, resource, at.partition(".")[0], lookup(collection, "name"), together=together)
        yield place, replace(made, allow=allow)
    inside = "rules" if lookup(collection, "rules") is not None else "ruleConditions"
    for index, rule in _numbered(rules):
        kind = as_text(lookup(rule, "ruleType", lookup(rule, "ruleConditionType")))
        if kind in ("natrule", "natrulecondition"):
            continue
        seen = layer or (Layer.APPLICATION if _is_application(rule, kind) else Layer.NETWORK)
        made = _policy_rule(estate, resource, collection, rule, together, allow, seen)
        hosts = ("targetFqdns", "targetUrls") if seen is Layer.APPLICATION else ("destinationFqdns",)
        yield (
            place,
            replace(
                made,
                unknown_hosts=_unknown_ends(estate, resource, rule, f"{at}.{inside}.{index}", *hosts),
                unknown_places=_unknown_ends(estate, resource, rule, f"{at}.{inside}.{index}", "destinationAddresses"),
            ),
        )


def _is_application(rule: Any, kind: Any) -> bool:
    if isinstance(kind, str):
        return kind.startswith("application")
    return any(_holds(rule, key) for key in ("targetFqdns", "targetUrls", "fqdnTags", "webCategories"))


def _holds(rule: Any, key: str) -> bool:
    """Whether a list of a rule has an item: exports and `az` print the lists that nobody filled, too."""
    return as_list(lookup(rule, key)) != []


def _policy_rule(
    estate: Estate, resource: Resource, collection: Any, rule: Any, together: Any, allow: bool | None, layer: Layer
) -> FirewallRule:
    addresses, tags = _places(_texts(rule, "destinationAddresses"))
    groups, foreign = _ip_groups(estate, resource, rule, "destinationIpGroups")
    sources, strangers = _ip_groups(estate, resource, rule, "sourceIpGroups")
    application = layer is Layer.APPLICATION
    seen = (
        "targetFqdns",
        "targetUrls",
        "destinationFqdns",
        "destinationAddresses",
        "destinationIpGroups",
        "protocols",
        "ipProtocols",
        "destinationPorts",
        "webCategories",
    )
    return FirewallRule(
        hosts=tuple(_texts(rule, "targetFqdns") if application else _texts(rule, "destinationFqdns")),
        urls=tuple(_texts(rule, "targetUrls")) if application else (),
        addresses=(*addresses, *groups),
        service_tags=tags,
        ports=_application_ports(rule) if application else tuple(_texts(rule, "destinationPorts")),
        more_ports=has_unknown(lookup(rule, "protocols" if application else "destinationPorts")),
        tcp=True if application else _tcp(lookup(rule, "ipProtocols", lookup(rule, "protocols"))),
        allow=allow,
        layer=layer,
        sources=(*_texts(rule, "sourceAddresses"), *sources, *strangers) or ANY_SOURCE,
        # An IP group of another stack may hold the registry: nobody can say from here.
        unknown=bool(foreign) or any(has_unknown(lookup(rule, key)) for key in seen),
        categories=bool(_texts(rule, "webCategories")),
        name=as_written(lookup(rule, "name")),
        collection=as_written(lookup(collection, "name")),
        origin=Origin(
            resource,
            _names(lookup(rule, "name"), lookup(collection, "name"), resource.name, relations.shown_name(resource)),
            together,
        ),
    )


def _application_ports(rule: Any) -> tuple[str, ...]:
    """The ports of HTTPS as they are, those of other protocols marked: a TLS connection does not match them."""
    found: list[str] = []
    for item in known_items(lookup(rule, "protocols")):
        kind, port = as_text(lookup(item, "protocolType", "https")), lookup(item, "port")
        number = str(int(port)) if isinstance(port, int | float) else as_written(port)
        found.append(number if kind == "https" else f"{kind}:{number}")
    if not found and has_unknown(lookup(rule, "protocols")):
        return ()
    return tuple(found) or (str(HTTPS),)  # Azure refuses a rule without a protocol


def _tcp(protocols: Any) -> bool | None:
    return _is_for("tcp", protocols)


def _is_for(protocol: str, protocols: Any) -> bool | None:
    """Whether a rule's protocols hold one; None while they are not known."""
    found = as_list(protocols)
    if isinstance(found, Unknown):
        return None
    named = {as_text(each) for each in found if each is not UNKNOWN}
    if not found or named & {protocol, "any", "*"}:
        return True
    return None if UNKNOWN in found else False


def _ip_groups(estate: Estate, resource: Resource, rule: Any, prop: str) -> tuple[list[str], list[str]]:
    """The addresses of the IP groups of the estate that a rule names, and the groups that it does not declare."""
    groups = as_list(lookup(rule, prop))
    addresses: list[str] = []
    foreign: list[str] = []
    for value in () if isinstance(groups, Unknown) else groups:
        targets = estate.refer(resource, value, "ruleCollections", tokens.IP_GROUP).targets
        for group in targets:
            addresses += _texts(group.props, "ipAddresses")
        if not targets:
            foreign.append(as_written(value).lower() or "an IP group")
    return addresses, foreign


def _undetermined(estate: Estate, resource: Resource, prop: str, *called: Any, together: Any = None) -> FirewallRule:
    """What stands for rules of a property of which nothing is known; those of a collection have its name, and belong to
    it."""
    origin = Origin(resource, (*_names(*called), resource.name), resource.urn if together is None else together)
    return FirewallRule(
        allow=None,
        layer=Layer.APPLICATION,
        unknown=True,
        unknown_places=() if _comes_from_resources(estate, resource, prop) else (("", ""),),
        name=origin.names[0],
        origin=origin,
    )


# Classic Azure Firewalls


def _classic(estate: Estate) -> dict[Any, Firewall]:
    """The rules of each firewall that has its own, by its key."""
    return estate.memo("classic_firewalls", lambda: dict(_read_classic(estate)))


def _read_classic(estate: Estate) -> Iterator[tuple[Any, Firewall]]:
    members: dict[Any, list[Resource]] = defaultdict(list)
    for resource in estate.read_too(tokens.FIREWALL):
        members[_key(estate, resource, tokens.FIREWALL, "")].append(resource)
    for key, resources in members.items():
        ranked: list[tuple[tuple[int, int], FirewallRule]] = []
        for resource in resources:
            for order, (prop, layer) in enumerate(
                (("networkRuleCollections", Layer.NETWORK), ("applicationRuleCollections", Layer.APPLICATION))
            ):
                value = resource.get(prop)
                if _some_unknown(value):
                    ranked.append(((order, 0), _undetermined(estate, resource, prop)))
                for index, collection in _numbered(value):
                    together = (resource.urn, prop, index)
                    read = _collection_rules(estate, resource, collection, together, 0, layer, at=f"{prop}.{index}")
                    ranked += [((order, priority), rule) for (_, priority), rule in read]
        if ranked:
            first = resources[0]
            name = first.arm_name if isinstance(first.arm_name, str) else first.name
            yield key, Firewall(name, tuple(rule for _, rule in sorted(ranked, key=lambda pair: pair[0])))


# Network security groups


@dataclass(frozen=True)
class _Group:
    """A network security group: the resource, None where only rules of it are declared, and its rules both ways."""

    resource: Resource | None
    outbound: Firewall
    inbound: Firewall


def _groups(estate: Estate) -> list[_Group]:
    return estate.memo("security_groups", lambda: list(_read_groups(estate)))


def _read_groups(estate: Estate) -> Iterator[_Group]:
    rules: dict[Any, dict[Any, tuple[int, FirewallRule]]] = defaultdict(dict)
    inward: dict[Any, dict[Any, tuple[int, FirewallRule]]] = defaultdict(dict)
    declared: dict[Any, Resource] = {}
    for group in estate.read_too(tokens.SECURITY_GROUP):
        key = _key(estate, group, tokens.SECURITY_GROUP, "")
        declared[key] = group
        value = group.observed.get("securityRules")
        if _some_unknown(value):
            rules[key][object()] = (0, _undetermined(estate, group, "securityRules"))
            inward[key][object()] = (0, _undetermined(estate, group, "securityRules"))
        for index, rule in _numbered(value):
            place = as_written(lookup(rule, "name")).lower() or index
            at = f"securityRules.{index}"
            _add(rules[key], _security_rule(estate, group, rule, at=at), place)
            _add(inward[key], _security_rule(estate, group, rule, at=at, inbound=True), place)
    separate: dict[Any, Resource] = {}
    for rule in estate.read_too(tokens.SECURITY_RULE):
        key = _key(estate, rule, tokens.SECURITY_GROUP, "networkSecurityGroupName")
        separate.setdefault(key, rule)
        # A separate rule shows up in the group's own list too, once the group has been refreshed: it is one rule. Two
        # separate ones are two, whatever their names: none is passed over.
        for held in (rules[key], inward[key]):
            held.pop(rule.arm_name, None)
        _add(rules[key], _security_rule(estate, rule, rule.observed.props), rule.urn)
        _add(inward[key], _security_rule(estate, rule, rule.observed.props, inbound=True), rule.urn)
    behind = _networks_behind(estate)
    for key in dict.fromkeys([*rules, *declared]):
        group = declared.get(key)
        written, inner = (
            tuple(rule for _, rule in sorted(held[key].values(), key=lambda pair: pair[0])) for held in (rules, inward)
        )
        if group is not None:
            name, tail = relations.shown_name(group), ()
        else:
            name = as_written(separate[key].get("networkSecurityGroupName")) or separate[key].name
            missing = f"the rules of '{name}' that are not declared here"
            tail = (FirewallRule(addresses=("*",), ports=(), allow=None, name=missing, unknown=True),)
        stands = tuple(dict.fromkeys(behind.get(id(group), ()))) if group is not None else ()
        above, above_inward = (_judged_before(estate, stands, inbound=inbound) for inbound in (False, True))
        yield _Group(
            group,
            Firewall(
                name,
                (*above, *written, *tail, *SECURITY_GROUP_DEFAULTS),
                Kind.SECURITY_GROUP,
                tuple(dict.fromkeys(vnet for vnet, _ in stands)),
                stands,
            ),
            Firewall(name, (*above_inward, *inner, *tail, *INBOUND_DEFAULTS), Kind.SECURITY_GROUP, shared=True),
        )


def _add(held: dict[Any, tuple[int, FirewallRule]], made: tuple[int, FirewallRule] | None, key: Any) -> None:
    if made is not None:
        held[key] = made


def _security_rule(
    estate: Estate, resource: Resource, rule: Any, *, at: str = "", inbound: bool = False
) -> tuple[int, FirewallRule] | None:
    """One rule of a group, at a path of it, and its priority; None for one of the other direction."""
    # What it is called must not depend on whether the document tells what Azure answered.
    written = resource.props if resource.type == tokens.SECURITY_RULE else rule
    direction, access = as_text(lookup(rule, "direction", "Outbound")), as_text(lookup(rule, "access", "Allow"))
    if direction == ("outbound" if inbound else "inbound"):
        return None
    addresses, tags = _places([*_texts(rule, "destinationAddressPrefixes"), *_texts(rule, "destinationAddressPrefix")])
    seen = (
        "destinationAddressPrefix",
        "destinationAddressPrefixes",
        "destinationApplicationSecurityGroups",
        "destinationPortRange",
        "destinationPortRanges",
        "direction",
    )
    sources = [*_texts(rule, "sourceAddressPrefixes"), *_texts(rule, "sourceAddressPrefix")]
    sources += _application_groups(estate, resource, rule, "sourceApplicationSecurityGroups")
    return _number(lookup(rule, "priority")), FirewallRule(
        addresses=addresses,
        service_tags=tags,
        security_groups=tuple(_application_groups(estate, resource, rule, "destinationApplicationSecurityGroups")),
        ports=(*_texts(rule, "destinationPortRanges"), *_texts(rule, "destinationPortRange")),
        more_ports=any(has_unknown(lookup(rule, key)) for key in ("destinationPortRange", "destinationPortRanges")),
        tcp=_tcp(lookup(rule, "protocol")),
        udp=_is_for("udp", lookup(rule, "protocol")),
        allow=None if isinstance(access, Unknown) else access == "allow",
        sources=tuple(sources) or ANY_SOURCE,
        unknown=any(has_unknown(lookup(rule, key)) for key in seen),
        unknown_places=_unknown_ends(
            estate, resource, rule, at, "destinationAddressPrefix", "destinationAddressPrefixes"
        ),
        name=as_written(lookup(rule, "name"))
        or (relations.shown_name(resource) if resource.type == tokens.SECURITY_RULE else ""),
        # Rules of a security group are written apart: none ties another to a registry.
        origin=Origin(resource, _names(lookup(written, "name"), resource.arm_name, resource.name), object()),
    )


def _application_groups(estate: Estate, resource: Resource, rule: Any, prop: str) -> list[str]:
    holder = prop if resource.type == tokens.SECURITY_RULE else "securityRules"
    return [
        relations.key_of(estate, resource, lookup(item, "id"), holder, tokens.APPLICATION_GROUP)
        for item in known_items(lookup(rule, prop))
    ]


def _group_property(holder: Resource) -> str:
    return "networkSecurityGroup" if holder.type == tokens.SUBNET else "subnets"


def _networks_behind(estate: Estate) -> dict[int, list[tuple[str, str]]]:
    """The networks and subnets that each security group stands in, by the group's identity."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for subnet in estate.read_too(tokens.SUBNET):
        if subnet.observed.get("networkSecurityGroup") is None:
            continue
        value = subnet.observed.get("networkSecurityGroup.id", UNKNOWN)
        group = estate.refer(subnet, value, "networkSecurityGroup", tokens.SECURITY_GROUP).target
        if group is not None:
            found[id(group)].append((relations.network_of(estate, subnet), relations.shown_name(subnet).lower()))
    for network in estate.read_too(tokens.VIRTUAL_NETWORK):
        for subnet in known_items(network.observed.get("subnets")):
            if lookup(subnet, "networkSecurityGroup") is None:
                continue
            value = lookup(subnet, "networkSecurityGroup.id", UNKNOWN)
            group = estate.refer(network, value, "subnets", tokens.SECURITY_GROUP).target
            if group is not None:
                found[id(group)].append((network.key, str(as_text(lookup(subnet, "name")))))
    return found


# Security admin rules of a virtual network manager


def _admin_rules(estate: Estate, *, inbound: bool = False) -> list[tuple[int, FirewallRule]]:
    """The admin rules of one direction that let through or deny, by priority.

    Azure judges them before security groups: Deny and AlwaysAllow settle a connection, Allow leaves it to the group
    (learn.microsoft.com/azure/virtual-network-manager/concept-security-admins, 2026-01).
    """

    def make() -> list[tuple[int, FirewallRule]]:
        found = [
            _admin_rule(estate, rule) for rule in estate.read_too(tokens.ADMIN_RULE) if _is_inbound(rule) is inbound
        ]
        return sorted((pair for pair in found if pair is not None), key=lambda pair: pair[0])

    return estate.memo(("admin_rules", inbound), make)


def _is_inbound(rule: Resource) -> bool:
    return as_text(rule.observed.get("direction")) == "inbound"


def _admin_rule(estate: Estate, resource: Resource) -> tuple[int, FirewallRule] | None:
    held = resource.observed
    access = as_text(held.get("access"))
    if access == "allow":
        return None
    destinations = held.get("destinations")
    addresses, tags = _places(_prefixes_of(destinations))
    unknown = ()
    if _some_unknown(destinations):
        unknown = (("", ""),)
    for index, item in _numbered(destinations):
        unknown += _unknown_ends(estate, resource, item, f"destinations.{index}", "addressPrefix")
    anywhere = () if addresses or tags or has_unknown(destinations) else ("*",)
    seen = ("destinations", "destinationPortRanges", "protocol")
    return _number(held.get("priority")), FirewallRule(
        addresses=(*addresses, *anywhere),
        service_tags=tags,
        ports=tuple(_texts(held.props, "destinationPortRanges")),
        more_ports=has_unknown(held.get("destinationPortRanges")),
        tcp=_tcp(held.get("protocol")),
        udp=_is_for("udp", held.get("protocol")),
        allow=None if isinstance(access, Unknown) else access == "alwaysallow",
        layer=Layer.NETWORK,
        sources=tuple(_prefixes_of(held.get("sources"))) or ANY_SOURCE,
        unknown=any(has_unknown(held.get(key)) for key in seen),
        unknown_places=unknown,
        name=relations.shown_name(resource),
        collection=as_written(held.get("ruleCollectionName")),
        origin=Origin(resource, _names(relations.shown_name(resource), resource.name), object()),
    )


def _prefixes_of(places: Any) -> list[str]:
    return [text for item in known_items(places) for text in _texts(item, "addressPrefix")]


Places = Sequence[tuple[str, str]]


def _judged_before(estate: Estate, places: Places, *, inbound: bool = False) -> list[FirewallRule]:
    """The admin rules that stand before a security group in these networks and subnets.

    One holds where a network group of its collection lists the network or subnet. Where that cannot be told, because a
    policy or another stack fills the group, or for only some of the places, it may or may not.
    """
    found: list[FirewallRule] = []
    for _, rule in _admin_rules(estate, inbound=inbound):
        scope = _scope(estate, rule)
        holds = [scope is not None and ((vnet, "") in scope or (vnet, subnet) in scope) for vnet, subnet in places]
        if scope is None or not places or (any(holds) and not all(holds)):
            found.append(replace(rule, allow=None, origin=None))
        elif any(holds):
            found.append(replace(rule, origin=None))
    return found


def _scope(estate: Estate, rule: FirewallRule) -> frozenset[tuple[str, str]] | None:
    """The networks and subnets that an admin rule is applied to; None where that cannot be told."""
    assert isinstance(rule.origin, Origin)
    resource = rule.origin.resource

    def make() -> frozenset[tuple[str, str]] | None:
        collection = relations.parent_of(estate, resource, tokens.ADMIN_COLLECTION).target
        groups = UNKNOWN if collection is None else as_list(collection.observed.get("appliesToGroups"))
        if collection is None or isinstance(groups, Unknown):
            return None
        found: set[tuple[str, str]] = set()
        for item in groups:
            value = lookup(item, "networkGroupId", UNKNOWN)
            group = estate.refer(collection, value, "appliesToGroups", tokens.NETWORK_GROUP).target
            members = relations.members_of(estate, group) if group is not None else None
            if members is None:
                return None
            found.update(members)
        return frozenset(found)

    return estate.memo(("admin_scope", resource), make)


def _without_group(estate: Estate) -> Iterator[Firewall]:
    """What admin rules make of networks and subnets that have no security group."""
    guarded = {place for places in _networks_behind(estate).values() for place in places}
    scopes = [scope for _, rule in _admin_rules(estate) if (scope := _scope(estate, rule)) is not None]
    subnets: dict[str, list[str]] = defaultdict(list)
    for network in estate.read_too(tokens.VIRTUAL_NETWORK):
        subnets[network.key] += [str(as_text(lookup(s, "name"))) for s in known_items(network.observed.get("subnets"))]
    for subnet in estate.read_too(tokens.SUBNET):
        subnets[relations.network_of(estate, subnet)].append(relations.shown_name(subnet).lower())
    for vnet in dict.fromkeys(vnet for scope in scopes for vnet, _ in sorted(scope)):
        places = [(vnet, each) for each in dict.fromkeys(subnets[vnet]) if (vnet, each) not in guarded]
        held = _judged_before(estate, places or [(vnet, "")])
        if (places or not subnets[vnet]) and any(rule.allow is not None for rule in held):
            rules = (*held, *SECURITY_GROUP_DEFAULTS)
            yield Firewall("security admin rules", rules, Kind.SECURITY_GROUP, (vnet,), tuple(places))


# Service endpoint policies


def _service_endpoints(estate: Estate) -> Iterator[tuple[FirewallRule, Origin]]:
    for resource in estate.of(tokens.SERVICE_ENDPOINT_POLICY, tokens.SERVICE_ENDPOINT_DEFINITION):
        definitions = (
            [resource.props]
            if resource.type == tokens.SERVICE_ENDPOINT_DEFINITION
            else known_items(resource.get("serviceEndpointPolicyDefinitions"))
        )
        for definition in definitions:
            service = as_text(lookup(definition, "service", "Microsoft.Storage"))
            opened = _texts(definition, "serviceResources")
            wide = [
                each for each in opened if not _ONE_STORAGE_ACCOUNT.search(each) and not each.startswith("/services/")
            ]
            if isinstance(service, str) and service.startswith("microsoft.storage") and wide:
                given = _names(lookup(definition, "name"), resource.name, relations.shown_name(resource))
                origin = Origin(resource, given, resource.urn)
                yield FirewallRule(service_tags=(STORAGE_TAG.lower(),), name=origin.names[0], origin=origin), origin


# Values


def _numbered(value: Any) -> list[tuple[int, Any]]:
    """The members of a list that are known, with their places in it."""
    held = as_list(value)
    return [] if isinstance(held, Unknown) else [(i, item) for i, item in enumerate(held) if item is not UNKNOWN]


def _some_unknown(value: Any) -> bool:
    """Whether a list is not known, or one of its members."""
    return value is UNKNOWN or (isinstance(value, list) and UNKNOWN in value)


def _unknown_ends(estate: Estate, resource: Resource, rule: Any, at: str, *keys: str) -> tuple[tuple[str, str], ...]:
    """How the destinations begin and end that are not known yet, in these properties of the rule at a path."""
    found: list[tuple[str, str]] = []
    for key in keys:
        value, path = lookup(rule, key), f"{at}.{key}".lstrip(".")
        if _comes_from_resources(estate, resource, path.partition(".")[0]):
            continue
        places = [path] if value is UNKNOWN else []
        if isinstance(value, list):
            places = [f"{path}.{index}" for index, item in enumerate(value) if item is UNKNOWN]
        for place in places:
            found += [(each.begin, each.end) for each in resource.ends.get(place.lower(), (Ends(),))]
    return tuple(found)


def _comes_from_resources(estate: Estate, resource: Resource, prop: str) -> bool:
    """Whether an unknown property is what resources of the stack will be called: a login server, an address, no tag."""
    told = estate.comes_from_elsewhere(resource, prop)
    return told or (not resource.embedded and relations.depends_on_a_registry(estate, resource))


def _texts(holder: Any, path: str) -> list[str]:
    """The texts of a list, or one text, in lower case; an empty text is how providers print what nobody gave."""
    found = (str.lower(str.strip(item)) for item in known_items(lookup(holder, path)) if isinstance(item, str))
    return [text for text in found if text]


def _names(*values: Any) -> tuple[str, ...]:
    return tuple(str.__str__(value) for value in values if isinstance(value, str))


def _number(value: Any) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _places(values: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Destinations apart: addresses, and service tags."""
    held = list(values)
    addresses = tuple(v for v in held if v in ("*", "any") or is_address(re.split(r"[/-]", v, maxsplit=1)[0]))
    return addresses, tuple(v for v in held if v not in addresses)


__all__ = [
    "REGISTRY_RULE_PATTERN",
    "ClientFirewall",
    "Origin",
    "client_firewalls",
    "dns_servers",
    "inbound_rules",
    "meant_for",
    "named_for_registry",
    "rules_of",
    "tied_rules",
    "written_rules",
]
