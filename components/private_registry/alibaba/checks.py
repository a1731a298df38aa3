"""What is wrong with an Enterprise Edition registry's settings, before anything is registered.

Pure: no Pulumi. A setting that is another resource's output may be ``problems.UNKNOWN``; it is judged later.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from registry_model.alibaba import editions, limits, names, regions

from ..checks import check_choice, check_sources
from ..problems import UNKNOWN, Problem, inside, key, known

Settings = Mapping[str, Any]

_PERIODS = (1, 2, 3, 6, 12, 24, 36, 48, 60)  # months: the provider's own check, 1.287, 2026-11


def check_enterprise_registry(args: Settings) -> list[Problem]:
    """Everything that is wrong with the settings of an ``EnterpriseRegistry``."""
    problems = _check_instance(args)
    problems += _check_settings(args.get("settings") or {})
    problems += _check_namespaces(args.get("namespaces") or {})
    problems += _check_internet(args.get("internet_access"))
    problems += _check_links(args.get("vpc_links") or {}, args.get("region"))
    problems += _check_sync_rules(args)
    problems += check_tags(args.get("tags"), "tags")
    return problems


def check_region(region: object, field: str) -> list[Problem]:
    found = regions.find(str(region)) if known(region) else None
    if not known(region) or (found is not None and found.id == region):
        return []
    if found is not None:
        return [Problem(field, region, "must be written as Alibaba Cloud writes it", f"use '{found.id}'")]
    meant = regions.suggested_region(str(region))
    fix = f"use {meant}" if meant else "use a region's id, such as 'ap-northeast-1'"
    return [Problem(field, region, "is not a region of Alibaba Cloud", fix)]


def check_tags(tags: object, field: str) -> list[Problem]:
    if not known(tags) or not isinstance(tags, Mapping):
        return []
    problems: list[Problem] = []
    if len(tags) > limits.MAX_TAGS:
        problems.append(Problem(field, len(tags), f"must have at most {limits.MAX_TAGS} tags", "remove some"))
    for name, value in tags.items():
        path = key(field, name)
        if not 0 < len(name) <= limits.TAG_MAX or (known(value) and len(str(value)) > limits.TAG_MAX):
            problems.append(
                Problem(path, None, f"must have a name and a value of up to {limits.TAG_MAX} characters", "shorten")
            )
        if name.lower().startswith(("aliyun", "acs:")) or "http://" in name or "https://" in name:
            rule = "must not begin with aliyun or acs:, nor hold http:// or https://"
            problems.append(Problem(path, None, rule, "rename the tag"))
    return problems


def _check_instance(args: Settings) -> list[Problem]:
    problems = check_region(args.get("region"), "region")
    name = args.get("instance_name")
    if known(name) and not limits.INSTANCE_NAME.fullmatch(str(name)):
        rule = f"must have {limits.INSTANCE_NAME_RULE}"
        problems.append(Problem("instance_name", name, rule, "choose another: it is the first word of every host"))
    kind = args.get("instance_type")
    if known(kind) and str(kind).lower().startswith("personal"):
        return [
            *problems,
            Problem(
                "instance_type",
                kind,
                "cannot be Personal Edition: everybody reaches its Internet endpoint, which cannot be turned off, and"
                " every VPC of the region, of any account, its VPC endpoint; it has no service level either",
                f"choose an Enterprise Edition type: {', '.join(editions.InstanceType)}",
            ),
        ]
    return problems + check_choice("instance_type", kind, tuple(editions.InstanceType))


def _check_settings(settings: Settings) -> list[Problem]:
    problems = check_choice("settings.image_scanner", settings.get("image_scanner"), editions.SCANNERS)
    for field in ("period_months", "renewal_months"):
        value = settings.get(field)
        if known(value) and value not in _PERIODS and not (field == "renewal_months" and value == 0):
            months = ", ".join(map(str, _PERIODS))
            problems.append(Problem(f"settings.{field}", value, f"must be one of {months} months", "choose one"))
    steps = (("namespace_quota", limits.NAMESPACE_QUOTA_STEP), ("repository_quota", limits.REPOSITORY_QUOTA_STEP))
    for field, step in steps:
        value: Any = settings.get(field)
        if known(value) and (int(value) <= 0 or int(value) % step):
            rule = f"must be a multiple of {step}: more of them are bought in such steps"
            problems.append(
                Problem(f"settings.{field}", value, rule, f"use {max(step, -(-int(value) // step) * step)}")
            )
    vpcs: Any = settings.get("vpc_quota")
    low, high = limits.VPC_QUOTA
    if known(vpcs) and not low <= vpcs <= high:
        problems.append(
            Problem("settings.vpc_quota", vpcs, f"must be {low} to {high}", "choose a number in that range")
        )
    bucket = settings.get("custom_oss_bucket")
    if known(bucket) and not limits.BUCKET_NAME.fullmatch(str(bucket)):
        rule = f"must have {limits.BUCKET_NAME_RULE}"
        problems.append(Problem("settings.custom_oss_bucket", bucket, rule, "give the name of a bucket of the region"))
    return problems


def _check_namespaces(namespaces: Settings) -> list[Problem]:
    problems: list[Problem] = []
    for name, settings in namespaces.items():
        path = key("namespaces", name)
        if not limits.NAMESPACE_NAME.fullmatch(name):
            problems.append(Problem(path, None, f"must have {limits.NAMESPACE_NAME_RULE}", "choose another name"))
        for repository in (settings or {}).get("repositories") or {}:
            if not limits.REPOSITORY_NAME.fullmatch(repository):
                inner = key(inside(path, "repositories"), repository)
                problems.append(Problem(inner, None, f"must have {limits.REPOSITORY_NAME_RULE}", "choose another name"))
    return problems


def _check_internet(access: Settings | None) -> list[Problem]:
    """The entries of the Internet endpoint: never none, since an endpoint without an entry is open to everybody."""
    if access is None:
        return []
    field, entries = "internet_access.entries", access.get("entries")
    if not known(entries):
        return []
    if not entries:
        rule = "must not be empty: an Internet endpoint without an entry is open to everybody"
        return [Problem(field, entries, rule, "list the addresses that clients come from, or remove `internet_access`")]
    hidden = [
        Problem(
            f"{field}[{index}]",
            entry,
            "is the service's own entry, which it adds itself and never shows: every preview would have a difference",
            "remove it",
        )
        for index, entry in enumerate(entries)
        if limits.is_hidden(entry)
    ]
    # The others are judged beside it, under their own numbers.
    return hidden + check_sources(
        [UNKNOWN if limits.is_hidden(entry) else entry for entry in entries],
        field,
        wide_setting="internet_access.allow_wide_entries",
        wide=access.get("allow_wide_entries") is True,
    )


_PLACE_IDS = (
    ("vpc_id", "vpc-", "a VPC"),
    ("route_table_id", "vtb-", "a route table"),
    ("transit_router_id", "tr-", "a transit router"),
)
_GIVEN = ("vpc_id", "vswitch_id")
_CREATED = ("vpc_cidr_block", "vswitch_cidr_block", "zone_id")


def _check_links(links: Settings, region: object) -> list[Problem]:
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for name, link in links.items():
        path = key("vpc_links", name)
        problems += _check_place(path, link or {}, region)
        vpc = (link or {}).get("vpc_id")
        if known(vpc) and (twin := seen.setdefault(str(vpc), name)) != name:
            rule = f"is bound by '{twin}' already: a VPC is bound once"
            problems.append(Problem(inside(path, "vpc_id"), vpc, rule, f"remove '{name}'"))
    return problems


def _check_place(path: str, link: Settings, region: object) -> list[Problem]:
    """A VPC and a vSwitch that exist, or all that is needed to create them."""
    wanted, others = (_GIVEN, _CREATED) if any(f in link for f in _GIVEN) else (_CREATED, _GIVEN)
    problems = [
        Problem(inside(path, field), None, f"is needed beside `{next(f for f in wanted if f in link)}`", "add it")
        for field in wanted
        if field not in link and any(f in link for f in wanted)
    ]
    problems += [
        Problem(inside(path, field), None, "is of a VPC to create, and one that exists is given", "remove it")
        for field in others
        if field in link
    ]
    if not any(f in link for f in (*_GIVEN, *_CREATED)):
        fix = "give `vpc_id` and `vswitch_id`, or `vpc_cidr_block`, `vswitch_cidr_block` and `zone_id`"
        problems.append(Problem(path, None, "names no VPC", fix))
    problems += _check_ids(path, link, (("vpc_id", "vpc-", "a VPC"), ("vswitch_id", "vsw-", "a vSwitch")))
    around, within = (_cidr(link.get(field)) for field in ("vpc_cidr_block", "vswitch_cidr_block"))
    problems += _check_block(inside(path, "vpc_cidr_block"), link.get("vpc_cidr_block"), limits.VPC_PREFIX)
    problems += _check_block(inside(path, "vswitch_cidr_block"), link.get("vswitch_cidr_block"), limits.VSWITCH_PREFIX)
    if around and within and not within.subnet_of(around):
        rule = f"must lie in `vpc_cidr_block` ({around})"
        problems.append(Problem(inside(path, "vswitch_cidr_block"), str(within), rule, "choose a range in it"))
    zone = link.get("zone_id")
    if known(zone) and known(region) and regions.find(str(region)) and not regions.is_zone_of(str(zone), str(region)):
        fix = f"use one of {region}, such as {region}a"
        problems.append(Problem(inside(path, "zone_id"), zone, f"is not a zone of {region}", fix))
    return problems


def _check_ids(path: str, given: Settings, wanted: Sequence[tuple[str, str, str]]) -> list[Problem]:
    """Ids that the cloud assigned, by what they begin with."""
    return [
        Problem(inside(path, field), given[field], f"must be the id of {what}", f"use the form {prefix}…")
        for field, prefix, what in wanted
        if known(given.get(field)) and not str(given[field]).startswith(prefix)
    ]


def _check_block(path: str, given: object, prefixes: tuple[int, int]) -> list[Problem]:
    """The range of a VPC or of a vSwitch."""
    if not known(given):
        return []
    block, (low, high) = _cidr(given), prefixes
    if block is None:
        return [Problem(path, given, "must be an IPv4 range in CIDR form", "write it like 10.4.0.0/16")]
    if not low <= block.prefixlen <= high:
        return [Problem(path, given, f"must be a range of /{low} to /{high}", "choose one of that size")]
    taken = next((each for each in limits.NO_VPC_RANGES if block.overlaps(each)), None)
    if taken is not None:
        return [
            Problem(
                path, given, f"overlaps {taken}, which no VPC may have", "choose a private one, such as 10.4.0.0/16"
            )
        ]
    return []


def _check_sync_rules(args: Settings) -> list[Problem]:
    problems: list[Problem] = []
    namespaces: Any = args.get("namespaces") or {}
    for name, rule in (args.get("sync_rules") or {}).items():
        path = key("sync_rules", name)
        problems += check_region(rule.get("target_region"), inside(path, "target_region"))
        problems += _check_ids(path, rule, (("target_instance_id", "cri-", "an instance"),))
        space = rule.get("namespace")
        if space is not None and space not in namespaces:
            fix = f"use one of {', '.join(sorted(namespaces)) or '(none is declared)'}, or declare it"
            problems.append(Problem(inside(path, "namespace"), space, "is not among `namespaces`", fix))
        if (rule.get("repository") is None) != (rule.get("target_repository") is None):
            missing = "repository" if rule.get("repository") is None else "target_repository"
            other = "target_repository" if missing == "repository" else "repository"
            fix = "give both to copy one repository, neither to copy the namespace"
            problems.append(Problem(inside(path, missing), None, f"is needed beside `{other}`", fix))
        if rule.get("target_region") == args.get("region") and known(args.get("region")):
            fix = "name the instance of another region"
            rule_text = "is the registry's own: a rule copies to another region"
            problems.append(Problem(inside(path, "target_region"), rule["target_region"], rule_text, fix))
    return problems


def check_shared_vpc_access(args: Settings) -> list[Problem]:
    """Everything that is wrong with the settings of a ``SharedVpcAccess``."""
    problems = check_tags(args.get("tags"), "tags")
    problems += _check_login_server(args.get("login_server"), args)
    for side in ("registry_vpc", "client_vpc"):
        place = args.get(side) or {}
        problems += check_region(place.get("region"), f"{side}.region")
        problems += _check_block(f"{side}.cidr_block", place.get("cidr_block"), limits.VPC_PREFIX)
        problems += _check_ids(side, place, _PLACE_IDS)
        if not place.get("vswitches"):
            fix = "add a vSwitch for each zone that the transit router uses"
            problems.append(Problem(f"{side}.vswitches", None, "must have at least one", fix))
        for zone, vswitch in (place.get("vswitches") or {}).items():
            path = key(f"{side}.vswitches", zone)
            if known(vswitch) and not str(vswitch).startswith("vsw-"):
                problems.append(Problem(path, vswitch, "must be the id of a vSwitch", "use the form vsw-…"))
            if known(place.get("region")) and not regions.is_zone_of(zone, str(place["region"])):
                problems.append(Problem(path, None, f"is not a zone of {place['region']}", "use the vSwitch's zone"))
    problems += _check_overlap(args)
    problems += _check_ids("", args, (("cen_id", "cen-", "a CEN instance"),))
    bandwidth: Any = args.get("bandwidth_mbps")
    if known(bandwidth) and bandwidth < 1:
        problems.append(Problem("bandwidth_mbps", bandwidth, "must be 1 or more", "give a limit in Mbit/s"))
    problems += _check_account(args)
    return problems + _check_service_ranges(args)


def service_ranges(args: Settings) -> list[str]:
    """The ranges that get a route: those that are given, else the documented ones of OSS in the registry's region."""
    given = args.get("service_ranges")
    if given is not None:
        return list(given)
    region = regions.find(str((args.get("registry_vpc") or {}).get("region", "")))
    return [str(each) for each in region.storage_ranges] if region else []


def _check_login_server(server: object, args: Settings) -> list[Problem]:
    if not known(server):
        return []
    host = names.parse_host(str(server))
    enterprise = host is not None and host.edition is editions.Edition.ENTERPRISE
    if host is None or not enterprise or host.role is not names.Role.REGISTRY or host.way is not names.Way.VPC:
        rule = "must be the VPC host of an Enterprise Edition registry: its clients come by the VPC endpoint"
        return [Problem("login_server", server, rule, "use the registry's `login_server`")]
    region = (args.get("registry_vpc") or {}).get("region")
    if known(region) and host.region != region:
        rule = (
            f"is of a registry in {host.region}, and `registry_vpc` is in {region}: only VPCs of its region are bound"
        )
        return [Problem("login_server", server, rule, "name the bound VPC, and its region")]
    return []


def _check_overlap(args: Settings) -> list[Problem]:
    here, there = (args.get(side) or {} for side in ("registry_vpc", "client_vpc"))
    ours = _cidr(here.get("cidr_block"))
    if known(here.get("vpc_id")) and here.get("vpc_id") == there.get("vpc_id"):
        rule = "is the bound VPC itself, whose clients reach the registry already"
        same = Problem("client_vpc.vpc_id", there["vpc_id"], rule, "name another VPC, or remove the component")
        return [same, *_check_address(args, ours)]
    theirs = _cidr(there.get("cidr_block"))
    problems: list[Problem] = []
    if ours and theirs and ours.overlaps(theirs):
        rule = f"overlaps the bound VPC's {ours}: no route can tell them apart"
        problems.append(Problem("client_vpc.cidr_block", str(theirs), rule, "connect a VPC with another range"))
    return problems + _check_address(args, ours)


def _check_address(args: Settings, ours: ipaddress.IPv4Network | None) -> list[Problem]:
    problems: list[Problem] = []
    address = args.get("registry_address")
    if known(address):
        try:
            inside_bound = ours is None or ipaddress.IPv4Address(str(address)) in ours
        except ValueError:
            inside_bound = False
        if not inside_bound:
            rule = f"must be an address of the bound VPC{f' ({ours})' if ours else ''}"
            problems.append(Problem("registry_address", address, rule, "use one of the registry's `private_ips`"))
    return problems


def _check_account(args: Settings) -> list[Problem]:
    client = args.get("client_provider") or {}
    problems: list[Problem] = []
    if "account_id" in client:
        if args.get("registry_account_id") is None:
            fix = "give the account that owns the registry and the CEN instance"
            problems.append(Problem("registry_account_id", None, "is needed for a client of another account", fix))
        if not client.get("role_arn") and not client.get("profile"):
            fix = "give a role that the registry's account may assume there, or a profile that is signed in"
            rule = "is another account, which the stack's own login cannot manage"
            problems.append(Problem("client_provider.account_id", client["account_id"], rule, fix))
    role = client.get("role_arn")
    if known(role) and not str(role).startswith("acs:ram::"):
        fix = "use the form acs:ram::<account>:role/<name>"
        problems.append(Problem("client_provider.role_arn", role, "must be the ARN of a RAM role", fix))
    return problems


def _check_service_ranges(args: Settings) -> list[Problem]:
    problems: list[Problem] = []
    given: list[Any] = list(args.get("service_ranges") or [])
    for index, text in enumerate(given):
        path, cidr = f"service_ranges[{index}]", _cidr(text)
        if cidr is None or not cidr.subnet_of(limits.SERVICE_RANGE):
            rule = f"must be an IPv4 range inside {limits.SERVICE_RANGE}, where Alibaba Cloud's services answer"
            problems.append(Problem(path, text, rule, "use the ranges of the registry's region"))
            continue
        servers = [s for s in limits.VPC_NAME_SERVERS if ipaddress.IPv4Address(s) in cidr]
        if any(text == other for other in given[:index]):
            problems.append(Problem(path, text, "is given twice", "remove one of the two"))
        if servers:
            rule = f"holds {servers[0]}, the VPC's own name server: a route would take it to another region"
            problems.append(Problem(path, text, rule, "list the services' narrower ranges"))
    return problems


def _cidr(value: object) -> ipaddress.IPv4Network | None:
    try:
        return ipaddress.IPv4Network(value) if isinstance(value, str) and "/" in value else None
    except ValueError:
        return None
