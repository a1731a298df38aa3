"""From settings to a plan, before anything is registered: every check, and everything that can be known beforehand.

Pure: no Pulumi. ``plan`` takes the settings of ``PrivateRegistry`` as plain values and answers with regions, private
link members, the IP budget, hosts, records and allow-list, or raises ``InvalidArgumentsError`` with every problem at
once. A setting that is another resource's output may be ``problems.UNKNOWN``: what depends on it is judged later, when
its value is there (``azure/arguments.py``).

The ``check_*`` functions are the same checks for the components that are used by themselves.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry_model.azure import limits, names

from .problems import UNKNOWN, InvalidArgumentsError, Problem, inside, key, known, near

Settings = Mapping[str, Any]

PRIVATE = "private"
NO_PRIVATE_LINK = "no-private-link"
PROFILES = (PRIVATE, NO_PRIVATE_LINK)

CREATE = "create"
EXISTING = "existing"
AZURE_POLICY = "azure-policy"
MANUAL = "manual"
DNS_MODES = (CREATE, EXISTING, AZURE_POLICY, MANUAL)

LOGIN_SERVER_KEY = "registry"  # the key of the login server's address among static IPs; the others are regions

_SUBNET = (
    "/subscriptions/<guid>/resourceGroups/<name>/providers/Microsoft.Network/virtualNetworks/<name>/subnets/<name>"
)
_ID_SHAPES = {
    "subnet": _SUBNET,
    "virtual network": _SUBNET.removesuffix("/subnets/<name>"),
    "private DNS zone": (
        "/subscriptions/<guid>/resourceGroups/<name>/providers/Microsoft.Network/privateDnsZones/<name>"
    ),
    "registry": "/subscriptions/<guid>/resourceGroups/<name>/providers/Microsoft.ContainerRegistry/registries/<name>",
    "application security group": (
        "/subscriptions/<guid>/resourceGroups/<name>/providers/Microsoft.Network/applicationSecurityGroups/<name>"
    ),
    "user-assigned identity": (
        "/subscriptions/<guid>/resourceGroups/<name>/providers/Microsoft.ManagedIdentity/userAssignedIdentities/<name>"
    ),
}
_GUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


@dataclass(frozen=True)
class RegistryPlan:
    """What is known of a registry before it exists.

    ``home`` and ``replicas`` are normalised regions. ``login_server`` is what Azure will call it, None while the
    name is not known yet. ``addresses_needed`` is what one private endpoint takes of its subnet, 0 without one.
    """

    registry_name: str | None
    home: str
    replicas: tuple[str, ...]
    cloud: names.Cloud
    profile: str
    dns_mode: str

    @property
    def login_server(self) -> str | None:
        return names.login_server(self.registry_name, self.cloud) if self.registry_name else None

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(names.all_regions(self.home, self.replicas))

    @property
    def members(self) -> tuple[str, ...]:
        return tuple(names.private_link_members(self.home, self.replicas)) if self.profile == PRIVATE else ()

    @property
    def addresses_needed(self) -> int:
        return names.addresses_needed(self.home, self.replicas) if self.profile == PRIVATE else 0

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(names.client_hosts(self.login_server, self.home, self.replicas)) if self.login_server else ()

    @property
    def allow_list(self) -> tuple[str, ...]:
        return tuple(f"{host}:443" for host in self.hosts)

    @property
    def records(self) -> tuple[names.Record, ...]:
        if not self.login_server or self.profile != PRIVATE:
            return ()
        return tuple(names.private_dns_records(self.login_server, self.home, self.replicas))


def plan(args: Settings, what: str = "private registry") -> RegistryPlan:
    """The plan of a ``PrivateRegistry``'s settings. ``InvalidArgumentsError`` with every problem of unsound ones."""
    problems = [
        Problem(name, None, "is required", "add it")
        for name in ("registry_name", "location", "resource_group_name")
        if args.get(name) is None
    ]
    problems += check_private_registry(args)
    if problems:
        raise InvalidArgumentsError(what, problems)
    home = names.normalise_region(args["location"])
    name = args["registry_name"]
    return RegistryPlan(
        registry_name=None if name is UNKNOWN else name,
        home=home,
        replicas=tuple(replica_regions(args)),
        cloud=cloud_of(home),
        profile=args.get("profile") or PRIVATE,
        dns_mode=(args.get("dns") or {}).get("mode") or CREATE,
    )


def cloud_of(region: str) -> names.Cloud:
    """The Azure cloud that a region belongs to."""
    return names.CLOUDS[limits.REGIONS[names.normalise_region(region)].cloud]


def replica_regions(args: Settings) -> list[str]:
    """The replicas' regions, normalised and sorted, so that their order in the settings means nothing."""
    return sorted(names.normalise_region(region) for region in args.get("replicas") or {})


def zone_redundant(region: str, wanted: object) -> object:
    """Whether to ask for zone redundancy: as wanted, else wherever the region has zones."""
    return limits.REGIONS[names.normalise_region(region)].has_zones if wanted is None else wanted


def export_enabled(settings: Settings, public: bool) -> object:
    """Whether images may be exported: as wanted; else no, which Azure allows only while public access is off."""
    wanted = settings.get("export_enabled")
    return public if wanted is None else wanted


def is_public(settings: Settings, profile: str = PRIVATE) -> bool:
    """Whether public network access is on: as said, else by profile."""
    wanted = settings.get("public_network_access_enabled")
    return profile == NO_PRIVATE_LINK if wanted is None else bool(wanted)


def static_address(static_ips: Settings, member: str) -> Any:
    """The address that the settings fix for a private link member; None when they fix none."""
    wanted = names.member_region(member) or LOGIN_SERVER_KEY
    for name, address in static_ips.items():
        if _static_key(name) == wanted:
            return address
    return None


def check_private_registry(args: Settings) -> list[Problem]:
    """Everything that is wrong with the settings of a ``PrivateRegistry``."""
    profile = args.get("profile") or PRIVATE
    problems = check_choice("profile", args.get("profile"), PROFILES)
    settings = args.get("settings") or {}
    problems += check_registry(args, profile)
    if profile == NO_PRIVATE_LINK:
        problems += _check_no_private_link(args, settings)
    elif profile == PRIVATE:
        problems += _check_network(args.get("network") or {}, _budget(args), location=args.get("location"))
        problems += check_endpoint_settings(
            args.get("private_endpoint") or {}, "private_endpoint", args, (args.get("network") or {})
        )
        problems += _check_dns(args.get("dns") or {}, args)
    return problems


def check_registry(args: Settings, profile: str = PRIVATE) -> list[Problem]:
    """Everything that is wrong with a registry and its replicas."""
    settings = args.get("settings") or {}
    home = args.get("location")
    replicas = args.get("replicas") or {}
    problems = check_registry_name(args.get("registry_name"))
    problems += check_home(home)
    problems += check_resource_group_name(args.get("resource_group_name"))
    problems += check_tags(args.get("tags"), "tags")
    problems += check_replicas(replicas, home)
    problems += _check_zones(home, settings.get("zone_redundancy"), "settings.zone_redundancy")
    problems += _check_access(settings, profile)
    problems += _check_data_protection(settings, replicas)
    problems += _check_identity(settings)
    return problems


def check_endpoint(args: Settings) -> list[Problem]:
    """Everything that is wrong with the settings of a ``RegistryPrivateEndpoint``."""
    problems = check_id(args.get("registry_id"), "registry_id", "registry")
    server = args.get("login_server")
    if known(server):
        try:
            names.split_login_server(str(server))
        except ValueError:
            problems.append(
                Problem(
                    "login_server",
                    server,
                    "must be a registry's login server, such as contoso.azurecr.io",
                    "use the registry's `login_server` output",
                )
            )
    problems += check_home(args.get("registry_location"), "registry_location")
    home: Any = args.get("registry_location")
    regions: Any = args.get("replica_regions")
    if known(regions):
        problems += _check_regions([r for r in regions if known(r)], home, lambda r: key("replica_regions", r))
    problems += check_resource_group_name(args.get("resource_group_name"))
    problems += check_id(args.get("subnet_id"), "subnet_id", "subnet")
    problems += _check_zone_id(args.get("dns_zone_id"), "dns_zone_id", home)
    problems += check_tags(args.get("tags"), "tags")
    budget_args = {"location": home, "replicas": regions if known(regions) else None}
    if regions is not UNKNOWN:
        problems += _check_prefix_budget(args.get("subnet_prefix"), "subnet_prefix", _budget(budget_args))
        problems += check_endpoint_settings(args.get("settings") or {}, "settings", budget_args, args)
    return problems


def check_zone(args: Settings) -> list[Problem]:
    """Everything that is wrong with the settings of a ``PrivateDnsZone``."""
    problems = check_choice("cloud", args.get("cloud"), tuple(names.CLOUDS))
    problems += check_resource_group_name(args.get("resource_group_name"))
    problems += check_links(args.get("virtual_network_links") or {}, "virtual_network_links")
    problems += check_tags(args.get("tags"), "tags")
    return problems


def check_choice(field: str, value: object, choices: Sequence[str]) -> list[Problem]:
    if not known(value) or value in choices:
        return []
    meant = near(str(value), choices)
    fix = f"use '{meant}'" if meant else "use one of them"
    return [Problem(field, value, f"must be one of {', '.join(choices)}", fix)]


def check_registry_name(name: object, field: str = "registry_name") -> list[Problem]:
    if not known(name):
        return []
    problem = names.registry_name_problem(str(name))
    if problem is None:
        return []
    return [Problem(field, name, problem, f"choose {_REGISTRY_NAME_RULE}, unique in all of Azure")]


_REGISTRY_NAME_RULE = f"{limits.REGISTRY_NAME_MIN} to {limits.REGISTRY_NAME_MAX} letters and digits"


def check_home(region: object, field: str = "location") -> list[Problem]:
    if not known(region) or names.normalise_region(str(region)) in limits.REGIONS:
        return []
    return [_region_problem(field, str(region), "public")]


def check_resource_group_name(name: object, field: str = "resource_group_name") -> list[Problem]:
    if not known(name):
        return []
    text = str(name)
    if re.fullmatch(rf"[\w.()-]{{1,{limits.RESOURCE_GROUP_NAME_MAX}}}", text) and not text.endswith("."):
        return []
    return [
        Problem(
            field,
            name,
            f"must have 1 to {limits.RESOURCE_GROUP_NAME_MAX} letters, digits, _ - . ( ) and not end with a period",
            "give the group's name, not its id" if text.startswith("/") else "choose such a name",
        )
    ]


def check_tags(tags: object, field: str) -> list[Problem]:
    if not known(tags) or not isinstance(tags, Mapping):
        return []
    problems: list[Problem] = []
    if len(tags) > limits.MAX_TAGS:
        problems.append(
            Problem(
                field, len(tags), f"must have at most {limits.MAX_TAGS} tags", f"remove {len(tags) - limits.MAX_TAGS}"
            )
        )
    seen: dict[str, str] = {}
    for name, value in tags.items():
        bad = sorted(set(name) & set(limits.TAG_NAME_FORBIDDEN))
        if not 0 < len(name) <= limits.TAG_NAME_MAX:
            problems.append(
                Problem(
                    key(field, name), None, f"must be 1 to {limits.TAG_NAME_MAX} characters long", "shorten the name"
                )
            )
        if bad:
            problems.append(
                Problem(key(field, name), None, f"must not contain {' '.join(bad)}", "rename the tag without them")
            )
        if name.lower() in seen and seen[name.lower()] != name:
            twin = seen[name.lower()]
            problems.append(
                Problem(
                    key(field, name), None, f"is the same tag as '{twin}': names ignore case", "remove one of the two"
                )
            )
        seen.setdefault(name.lower(), name)
        if known(value) and len(str(value)) > limits.TAG_VALUE_MAX:
            problems.append(
                Problem(
                    key(field, name),
                    value,
                    f"must be at most {limits.TAG_VALUE_MAX} characters long",
                    "shorten the value",
                )
            )
    return problems


def check_replicas(replicas: Mapping[str, Any], home: object) -> list[Problem]:
    """What is wrong with the replicas, which are keyed by region."""
    # Sorted, since other languages' maps have no order; the normalised spelling of a region before its others.
    replicas = dict(
        sorted(
            replicas.items(), key=lambda item: (names.normalise_region(item[0]), item[0].lower() != item[0], item[0])
        )
    )
    problems = _check_regions(replicas, home, lambda region: key("replicas", region))
    for region, settings in replicas.items():
        field = key("replicas", region)
        problems += _check_zones(region, (settings or {}).get("zone_redundancy"), inside(field, "zone_redundancy"))
        problems += check_tags((settings or {}).get("tags"), inside(field, "tags"))
    return problems


def check_links(links: Mapping[str, Any], field: str) -> list[Problem]:
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for name, link in links.items():
        path = inside(key(field, name), "virtual_network_id")
        network = (link or {}).get("virtual_network_id")
        problems += check_id(network, path, "virtual network")
        if not known(network):
            continue
        twin = seen.setdefault(str(network).lower(), name)
        if twin != name:
            problems.append(
                Problem(
                    path, network, f"is linked by '{twin}' already: one zone of a name per network", f"remove '{name}'"
                )
            )
    return problems


def check_id(value: object, field: str, kind: str) -> list[Problem]:
    """Whether a value is the ARM id of that kind of resource."""
    if not known(value) or parse_id(str(value), kind):
        return []
    return [Problem(field, value, f"must be the id of a {kind}", f"use the form {_ID_SHAPES[kind]}")]


def parse_id(value: str, kind: str) -> dict[str, str] | None:
    """The words of an id by segment: ``subscription``, ``group``, ``virtualNetworks``, ``subnets``; None if wrong."""
    shape = _ID_SHAPES[kind]
    pattern = re.escape(shape).replace("<guid>", f"({_GUID})").replace("<name>", "([^/]+)")
    match = re.fullmatch(pattern, value, re.IGNORECASE)
    if not match:
        return None
    subscription, group, *rest = match.groups()
    segments = shape.split("/providers/")[1].split("/")[1::2]
    return {"subscription": subscription, "group": group, **dict(zip(segments, rest, strict=True))}


def network_of_subnet(subnet_id: str) -> str:
    """The virtual network's id of a subnet's id."""
    return re.split("/subnets/", subnet_id, flags=re.IGNORECASE)[0]


@dataclass(frozen=True)
class _Budget:
    needed: int
    regions: int


def _budget(args: Settings) -> _Budget | None:
    """What one endpoint takes of its subnet; None while a region is wrong or not known."""
    home, replicas = args.get("location"), args.get("replicas")
    if not known(home) or replicas is UNKNOWN:
        return None
    regions = names.all_regions(str(home), [str(r) for r in replicas or () if known(r)])
    return _Budget(names.addresses_needed(regions[0], regions[1:]), len(regions))


def _check_regions(regions: Iterable[str], home: object, path: Any) -> list[Problem]:
    problems: list[Problem] = []
    first = names.normalise_region(str(home)) if known(home) else None
    cloud = limits.REGIONS[first].cloud if first and first in limits.REGIONS else "public"
    seen: dict[str, str] = {}
    for region in regions:
        normal = names.normalise_region(region)
        if first is not None and normal == first:
            rule = "is the home region: Azure accepts a replica there, and it never helps"
            problems.append(Problem(path(region), None, rule, "remove it"))
        elif normal in seen:
            rule = f"is the same region as '{seen[normal]}'"
            problems.append(Problem(path(region), None, rule, "remove one of the two"))
        elif names.region_problem(region, cloud):
            problems.append(_region_problem(path(region), None, cloud, region))
        seen.setdefault(normal, region)
    return problems


def _region_problem(field: str, value: str | None, cloud: str, region: str = "") -> Problem:
    problem = str(names.region_problem(value or region, cloud))
    rule, _, meant = problem.partition("; did you mean ")
    fix = f"use {meant.rstrip('?')}" if meant else "use a region of that cloud, such as 'japaneast'"
    return Problem(field, value, rule, fix)


def _check_zones(region: object, wanted: object, field: str) -> list[Problem]:
    found = limits.REGIONS.get(names.normalise_region(str(region))) if known(region) else None
    if wanted is not True or found is None or found.has_zones:
        return []
    return [Problem(field, wanted, f"needs availability zones, which {found.name} has not", "remove it, or say false")]


def _check_access(settings: Settings, profile: str) -> list[Problem]:
    public = is_public(settings, profile)
    problems: list[Problem] = []
    rules: Any = settings.get("ip_rules")
    field = "settings.ip_rules"
    if known(rules) and rules and not public:
        problems.append(
            Problem(
                field,
                rules,
                "have an effect only while public network access is on, and it is off",
                "remove them, or set `settings.public_network_access_enabled` to true",
            )
        )
    if known(rules):
        problems += _check_ip_rules(rules, field, wide=settings.get("allow_wide_ip_rules") is True)
    if public and settings.get("export_enabled") is False:
        problems.append(
            Problem(
                "settings.export_enabled",
                False,
                "can be off only while public network access is off",
                "remove it, or turn public access off",
            )
        )
    return problems


def _check_ip_rules(rules: Sequence[Any], field: str, *, wide: bool) -> list[Problem]:
    problems: list[Problem] = []
    if len(rules) > limits.MAX_IP_RULES:
        problems.append(
            Problem(field, len(rules), f"can be at most {limits.MAX_IP_RULES}", "join neighbouring ranges into one")
        )
    seen: dict[ipaddress.IPv4Network, int] = {}
    for index, rule in enumerate(rules):
        path = f"{field}[{index}]"
        if not known(rule):
            continue
        try:
            network = ipaddress.IPv4Network(str(rule))
        except ValueError:
            problems.append(
                Problem(path, rule, "must be an IPv4 address or range in CIDR form", _ip_rule_fix(str(rule)))
            )
            continue
        if network in seen:
            problems.append(Problem(path, rule, f"repeats {field}[{seen[network]}]", "remove one of the two"))
        seen.setdefault(network, index)
        if network.prefixlen == 0:
            problems.append(Problem(path, rule, "lets everybody in", "list the addresses that clients come from"))
        elif any(network.overlaps(private) for private in limits.NOT_PUBLIC):
            problems.append(
                Problem(
                    path,
                    rule,
                    "must be public: Azure sees no private source address here",
                    "use the address that the clients' NAT shows to the internet",
                )
            )
        elif network.prefixlen < limits.NARROW_IPV4_PREFIX and not wide:
            problems.append(
                Problem(
                    path,
                    rule,
                    f"must be no wider than /{limits.NARROW_IPV4_PREFIX}, has {network.num_addresses} addresses",
                    "narrow it, or set `settings.allow_wide_ip_rules` to true",
                )
            )
    return problems


def _ip_rule_fix(rule: str) -> str:
    try:
        return f"use {ipaddress.IPv4Network(rule, strict=False)}: the bits after the prefix must be 0"
    except ValueError:
        pass
    try:
        ipaddress.IPv6Network(rule, strict=False)
    except ValueError:
        return "write it like 203.0.113.7 or 203.0.113.0/28"
    return "use IPv4: registries take no IPv6 rule"


def _check_data_protection(settings: Settings, replicas: Settings) -> list[Problem]:
    problems = _check_range(settings.get("retention_days"), "settings.retention_days", limits.RETENTION_DAYS)
    soft = settings.get("soft_delete_days")
    problems += _check_range(soft, "settings.soft_delete_days", limits.SOFT_DELETE_DAYS)
    if soft is None:
        return problems
    shown = None if soft is UNKNOWN else soft
    if settings.get("retention_days") is not None:
        problems.append(
            Problem(
                "settings.soft_delete_days",
                shown,
                "cannot be combined with a retention policy",
                "remove it, or `settings.retention_days`",
            )
        )
    if replicas:
        problems.append(
            Problem(
                "settings.soft_delete_days",
                shown,
                "cannot be combined with replicas",
                "remove it, or the replicas",
            )
        )
    return problems


def _check_range(value: Any, field: str, span: tuple[int, int]) -> list[Problem]:
    low, high = span
    if not known(value) or (low <= value <= high and value == int(value)):
        return []
    return [Problem(field, value, f"must be {low} to {high} whole days", "choose a number of days in that range")]


def _check_identity(settings: Settings) -> list[Problem]:
    problems: list[Problem] = []
    identities = settings.get("user_assigned_identity_ids")
    listed = list(identities) if known(identities) and isinstance(identities, Sequence) else []
    for index, identity in enumerate(listed):
        problems += check_id(identity, f"settings.user_assigned_identity_ids[{index}]", "user-assigned identity")
    cmk: Any = settings.get("customer_managed_key")
    if not known(cmk):
        return problems
    key_id = cmk.get("key_id")
    if known(key_id) and not re.fullmatch(r"https://[^/]+/keys/[^/]+/?", str(key_id)):
        versioned = re.fullmatch(r"(https://[^/]+/keys/[^/]+)/[^/]+/?", str(key_id))
        problems.append(
            Problem(
                "settings.customer_managed_key.key_id",
                key_id,
                "must be a Key Vault key without a version, so that rotation is followed",
                f"use {versioned[1]}" if versioned else "use the form https://<vault>.vault.azure.net/keys/<name>",
            )
        )
    client = cmk.get("identity_client_id")
    if known(client) and not re.fullmatch(_GUID, str(client)):
        problems.append(
            Problem(
                "settings.customer_managed_key.identity_client_id",
                client,
                "must be the client id of a user-assigned identity, a GUID",
                "use the identity's client_id output, not its id",
            )
        )
    if not listed and identities is not UNKNOWN:
        problems.append(
            Problem(
                "settings.customer_managed_key",
                None,
                "needs a user-assigned identity that may use the key",
                "name it in `settings.user_assigned_identity_ids` too",
            )
        )
    return problems


def _check_no_private_link(args: Settings, settings: Settings) -> list[Problem]:
    problems = [
        Problem(
            field,
            None,
            f"has no place in the profile '{NO_PRIVATE_LINK}'",
            f"remove it, or use the profile '{PRIVATE}'",
        )
        for field in ("network", "private_endpoint", "dns")
        if args.get(field)
    ]
    if settings.get("public_network_access_enabled") is False:
        problems.append(
            Problem(
                "settings.public_network_access_enabled",
                False,
                f"leaves no way in: the profile '{NO_PRIVATE_LINK}' has no private endpoint",
                f"remove it, or use the profile '{PRIVATE}'",
            )
        )
    if settings.get("ip_rules") in (None, [], ()):
        problems.append(
            Problem(
                "settings.ip_rules",
                None,
                f"is needed in the profile '{NO_PRIVATE_LINK}': everything not listed is denied",
                "list the public addresses that clients come from",
            )
        )
    if settings.get("data_endpoint_enabled") is False:
        problems.append(
            Problem(
                "settings.data_endpoint_enabled",
                False,
                "must stay on without a private endpoint: layers would come from blob storage hosts with unknown names",
                "remove it",
            )
        )
    return problems


def _check_network(network: Settings, budget: _Budget | None, location: object) -> list[Problem]:
    subnet_id, space = network.get("subnet_id"), network.get("virtual_network_prefix")
    prefix = network.get("subnet_prefix")
    problems: list[Problem] = []
    if subnet_id is None and space is None:
        return [
            Problem(
                "network",
                None,
                f"is needed in the profile '{PRIVATE}': the private endpoint stands in a subnet",
                "give `network.subnet_id`, or `network.virtual_network_prefix` with `network.subnet_prefix`",
            )
        ]
    if subnet_id is not None and space is not None:
        problems.append(
            Problem(
                "network.virtual_network_prefix",
                None if space is UNKNOWN else space,
                "creates a network, while `network.subnet_id` names one",
                "remove one of the two",
            )
        )
    problems += check_id(subnet_id, "network.subnet_id", "subnet")
    if subnet_id is not None:
        problems += [
            Problem(f"network.{name}", network[name], "names a network to create, while one is given", "remove it")
            for name in ("virtual_network_name", "subnet_name")
            if known(network.get(name))
        ]
    elif prefix is None:
        fix = "give a range of `network.virtual_network_prefix`, such as its first /27"
        problems.append(Problem("network.subnet_prefix", None, "is needed to create the subnet", fix))
    problems += _check_cidr(space, "network.virtual_network_prefix")
    problems += _check_prefix_budget(prefix, "network.subnet_prefix", budget)
    outer, inner = _cidr(space), _cidr(prefix)
    if outer and inner and not inner.subnet_of(outer):
        problems.append(
            Problem(
                "network.subnet_prefix",
                prefix,
                f"must lie inside `network.virtual_network_prefix`, {space}",
                "choose a range of that network",
            )
        )
    return problems


def _check_cidr(value: object, field: str) -> list[Problem]:
    if not known(value):
        return []
    network = _cidr(value)
    if network is None:
        try:
            fix = f"use {ipaddress.IPv4Network(str(value), strict=False)}: the bits after the prefix must be 0"
        except ValueError:
            fix = "write it like 10.20.0.0/24"
        return [Problem(field, value, "must be an IPv4 range in CIDR form", fix)]
    if network.prefixlen > limits.SMALLEST_SUBNET_PREFIX:
        rule = f"must be /{limits.SMALLEST_SUBNET_PREFIX} or larger: Azure has no smaller subnet"
        return [Problem(field, value, rule, "use /27 or larger")]
    return []


def _check_prefix_budget(prefix: object, field: str, budget: _Budget | None) -> list[Problem]:
    problems = _check_cidr(prefix, field)
    network = _cidr(prefix)
    if problems or network is None or budget is None:
        return problems
    usable = names.usable_addresses(str(network))
    if usable >= budget.needed:
        return []
    return [
        Problem(
            field,
            prefix,
            f"has {usable} usable addresses, and the private endpoint takes {budget.needed}: the login server and"
            f" {budget.regions} data endpoints ({limits.RESERVED_IPS_PER_SUBNET} are Azure's)",
            "use a larger subnet: /27 is the documented minimum for a geo-replicated registry",
        )
    ]


def _cidr(value: object) -> ipaddress.IPv4Network | None:
    try:
        return ipaddress.IPv4Network(value) if isinstance(value, str) and "/" in value else None
    except ValueError:
        return None


def check_endpoint_settings(settings: Settings, field: str, regions: Settings, network: Settings) -> list[Problem]:
    """What is wrong with an endpoint's own settings.

    ``regions`` has the registry's ``location`` and ``replicas``, ``network`` the subnet's prefix.
    """
    problems = check_home(settings.get("location"), inside(field, "location"))
    problems += check_resource_group_name(settings.get("resource_group_name"), inside(field, "resource_group_name"))
    groups = settings.get("application_security_group_ids")
    if known(groups) and isinstance(groups, Sequence):
        for index, group in enumerate(groups):
            path = f"{inside(field, 'application_security_group_ids')}[{index}]"
            problems += check_id(group, path, "application security group")
    message = settings.get("manual_approval_message")
    if known(message) and not 0 < len(str(message)) <= limits.MANUAL_APPROVAL_MESSAGE_MAX:
        problems.append(
            Problem(
                inside(field, "manual_approval_message"),
                message,
                f"must have 1 to {limits.MANUAL_APPROVAL_MESSAGE_MAX} characters",
                "say who asks and why, or remove it to have the connection approved automatically",
            )
        )
    static_ips = settings.get("static_ips")
    if known(static_ips) and static_ips:
        problems += _check_static_ips(static_ips, inside(field, "static_ips"), regions, network.get("subnet_prefix"))
    return problems


def _check_static_ips(static_ips: Settings, field: str, regions: Settings, prefix: object) -> list[Problem]:
    problems: list[Problem] = []
    if not known(regions.get("location")):
        return problems
    wanted = names.all_regions(regions["location"], [r for r in regions.get("replicas") or () if known(r)])
    needed = [LOGIN_SERVER_KEY, *wanted]
    given = {_static_key(name): name for name in static_ips}
    missing = [name for name in needed if name not in given]
    if missing:
        problems.append(
            Problem(
                field,
                sorted(static_ips),
                "must name every member, or none: '" + LOGIN_SERVER_KEY + "' for the login server, and each region",
                f"add {', '.join(missing)}",
            )
        )
    for normal, name in given.items():
        if normal not in needed:
            meant = near(normal, needed)
            fix = f"rename it to '{meant}'" if meant else "remove it"
            rule = f"is neither '{LOGIN_SERVER_KEY}' nor a region of the registry"
            problems.append(Problem(key(field, name), None, rule, fix))
    subnet = None if _check_cidr(prefix, field) else _cidr(prefix)
    seen: dict[ipaddress.IPv4Address, str] = {}
    for name, value in static_ips.items():
        if not known(value):
            continue
        path = key(field, name)
        try:
            address = ipaddress.IPv4Address(str(value))
        except ValueError:
            problems.append(Problem(path, value, "must be an IPv4 address", "write it like 10.20.0.10"))
            continue
        if address in seen:
            problems.append(Problem(path, value, f"is the address of '{seen[address]}' too", "give each its own"))
        seen.setdefault(address, name)
        if subnet and not _assignable(address, subnet):
            first, last = subnet[limits.RESERVED_IPS_PER_SUBNET - 1], subnet[-2]
            problems.append(
                Problem(
                    path, value, f"must be an address of {subnet} that Azure does not reserve", f"use {first} to {last}"
                )
            )
    return problems


def _assignable(address: ipaddress.IPv4Address, subnet: ipaddress.IPv4Network) -> bool:
    return address in subnet and subnet[limits.RESERVED_IPS_PER_SUBNET - 2] < address < subnet[-1]


def _static_key(name: str) -> str:
    region = names.member_region(name.lower())
    return names.normalise_region(region or name)


def _check_dns(dns: Settings, args: Settings) -> list[Problem]:
    mode = dns.get("mode") or CREATE
    problems = check_choice("dns.mode", mode, DNS_MODES)
    zone_id = dns.get("zone_id")
    if mode == EXISTING and zone_id is None:
        problems.append(Problem("dns.zone_id", None, "is needed with the mode 'existing'", "give the zone's id"))
    if mode != EXISTING and zone_id is not None and mode in DNS_MODES:
        problems.append(
            Problem(
                "dns.zone_id",
                None if zone_id is UNKNOWN else zone_id,
                f"is not used in the mode '{mode}'",
                "set `dns.mode` to 'existing', or remove it",
            )
        )
    problems += _check_zone_id(zone_id, "dns.zone_id", args.get("location"))
    links = dns.get("virtual_network_links") or {}
    if mode in (EXISTING, AZURE_POLICY, MANUAL):
        problems += [
            Problem(
                f"dns.{name}",
                None,
                f"belongs to a zone that is created here, and the mode is '{mode}'",
                "remove it: the zone's owner links networks to it",
            )
            for name in ("virtual_network_links", "link_endpoint_network")
            if dns.get(name)
        ]
    problems += check_links(links, "dns.virtual_network_links")
    network = args.get("network") or {}
    if mode == CREATE and dns.get("link_endpoint_network") is not False and known(network.get("subnet_id")):
        own = network_of_subnet(str(network["subnet_id"])).lower()
        problems += [
            Problem(
                inside(key("dns.virtual_network_links", name), "virtual_network_id"),
                link["virtual_network_id"],
                "is the endpoint's own network, which is linked already",
                f"remove '{name}', or set `dns.link_endpoint_network` to false",
            )
            for name, link in links.items()
            if known((link or {}).get("virtual_network_id")) and str(link["virtual_network_id"]).lower() == own
        ]
    if mode == CREATE and "endpoint" in links and dns.get("link_endpoint_network") is not False:
        problems.append(
            Problem(
                key("dns.virtual_network_links", "endpoint"),
                None,
                "is the name of the link to the endpoint's own network",
                "choose another key, or set `dns.link_endpoint_network` to false",
            )
        )
    return problems


def _check_zone_id(zone_id: object, field: str, home: object) -> list[Problem]:
    problems = check_id(zone_id, field, "private DNS zone")
    region = limits.REGIONS.get(names.normalise_region(str(home))) if known(home) else None
    if problems or not known(zone_id) or region is None:
        return problems
    wanted = cloud_of(region.name).private_link_zone
    name = str(zone_id).rsplit("/", 1)[-1].lower()
    if name == wanted:
        return []
    rule = f"must be a zone named {wanted}"
    if name.endswith("." + wanted):
        rule += ", one for all regions: a zone for one region's data endpoint breaks pulls"
    return [Problem(field, zone_id, rule, f"use the zone {wanted}")]
