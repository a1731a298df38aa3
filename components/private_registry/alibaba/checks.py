"""What is wrong with an Enterprise Edition registry's settings, before anything is registered.

Pure: no Pulumi. A setting that is another resource's output may be ``problems.UNKNOWN``; it is judged later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry_model.alibaba import editions, limits, regions

from ..checks import check_choice, check_sources
from ..problems import Problem, inside, key, known

Settings = Mapping[str, Any]

_PERIODS = (1, 2, 3, 6, 12, 24, 36, 48, 60)  # months: the provider's own check, 1.287, 2026-11
_TAGS_MAX = 20  # help.aliyun.com, tag limits of most services, 2026-01
_TAG_MAX = 128


def check_enterprise_registry(args: Settings) -> list[Problem]:
    """Everything that is wrong with the settings of an ``EnterpriseRegistry``."""
    problems = _check_instance(args)
    problems += _check_settings(args.get("settings") or {})
    problems += _check_namespaces(args.get("namespaces") or {})
    problems += _check_internet(args.get("internet_access"))
    problems += _check_links(args.get("vpc_links") or {})
    problems += _check_sync_rules(args)
    problems += check_tags(args.get("tags"), "tags")
    return problems


def check_region(region: object, field: str) -> list[Problem]:
    if not known(region) or regions.find(str(region)):
        return []
    meant = regions.nearest_region(str(region))
    fix = f"use '{meant}'" if meant else "use a region's id, such as 'ap-northeast-1'"
    return [Problem(field, region, "is not a region of Alibaba Cloud", fix)]


def check_tags(tags: object, field: str) -> list[Problem]:
    if not known(tags) or not isinstance(tags, Mapping):
        return []
    problems: list[Problem] = []
    if len(tags) > _TAGS_MAX:
        problems.append(Problem(field, len(tags), f"must have at most {_TAGS_MAX} tags", "remove some"))
    for name, value in tags.items():
        path = key(field, name)
        if not 0 < len(name) <= _TAG_MAX or (known(value) and len(str(value)) > _TAG_MAX):
            problems.append(
                Problem(path, None, f"must have a name and a value of up to {_TAG_MAX} characters", "shorten")
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
        value: Any = settings.get(field)
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
        if entry in (limits.HIDDEN_ENTRY, limits.HIDDEN_ENTRY.partition("/")[0])
    ]
    if hidden:
        return hidden
    return check_sources(
        entries,
        field,
        wide_setting="internet_access.allow_wide_entries",
        wide=access.get("allow_wide_entries") is True,
    )


def _check_links(links: Settings) -> list[Problem]:
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for name, link in links.items():
        path = key("vpc_links", name)
        for field, prefix in (("vpc_id", "vpc-"), ("vswitch_id", "vsw-")):
            value = link.get(field)
            if known(value) and not str(value).startswith(prefix):
                rule = f"must be the id of a {'VPC' if prefix == 'vpc-' else 'vSwitch'}"
                problems.append(Problem(inside(path, field), value, rule, f"use the form {prefix}…"))
        vpc = link.get("vpc_id")
        if known(vpc) and (twin := seen.setdefault(str(vpc), name)) != name:
            rule = f"is bound by '{twin}' already: a VPC is bound once"
            problems.append(Problem(inside(path, "vpc_id"), vpc, rule, f"remove '{name}'"))
    return problems


def _check_sync_rules(args: Settings) -> list[Problem]:
    problems: list[Problem] = []
    namespaces: Any = args.get("namespaces") or {}
    for name, rule in (args.get("sync_rules") or {}).items():
        path = key("sync_rules", name)
        problems += check_region(rule.get("target_region"), inside(path, "target_region"))
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
