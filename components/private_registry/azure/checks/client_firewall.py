"""A client firewall: which one, which registries, and the order of the switch to data endpoints."""

from __future__ import annotations

import datetime

from registry_model.azure import limits, names, regions
from registry_model.reach.firewalls import is_address
from registry_model.reach.model import Host
from registry_model.suggest import suggested

from ...problems import Problem, inside, key, known
from ..rollout import ANNOUNCE, CLEAN_UP, PHASES, SWITCH, keeps_wildcard, phase_of, registry_model
from ..settings import Settings
from .fields import check_resource_group_name
from .regions import wrong_region


def check_client_firewall(args: Settings, today: datetime.date | None = None) -> list[Problem]:
    """Everything that is wrong with the settings of a ``ClientFirewall``, steps out of order included.

    ``today`` decides whether the wildcard has expired; the machine's own date without it.
    """
    problems = _check_target(args)
    problems += check_resource_group_name(args.get("resource_group_name"))
    problems += _check_phase(args, today or datetime.date.today())
    registries = args.get("registries") or {}
    if not registries:
        problems.append(Problem("registries", None, "must name at least one registry", "add the registry's hosts"))
    for name, settings in registries.items():
        path = key("registries", name)
        problems += _check_registry(path, settings)
        problems += _check_order(path, settings, phase_of(args))
        problems += _check_private_ips(path, settings, args)
    return problems


def _check_target(args: Settings) -> list[Problem]:
    policy, group = args.get("firewall_policy_name"), args.get("network_security_group_name")
    if (policy is None) == (group is None):
        return [
            Problem(
                "firewall_policy_name",
                policy if known(policy) else None,
                "and `network_security_group_name` exclude each other, and one of them is needed",
                "give the one firewall that these rules belong to; add another ClientFirewall for another",
            )
        ]
    low, high = limits.RULE_GROUP_PRIORITIES if policy is not None else limits.SECURITY_RULE_PRIORITIES
    # The rules of the migration come right after, in a group of their own.
    high -= 1 if policy is not None else limits.RULE_SPAN
    priority = args.get("priority")
    if isinstance(priority, int) and not low <= priority <= high:
        return [Problem("priority", priority, f"must be {low} to {high} for this firewall", "choose one in that range")]
    return []


def _check_phase(args: Settings, today: datetime.date) -> list[Problem]:
    phase, expires = args.get("phase"), args.get("wildcard_expires")
    if phase is not None and phase not in PHASES:
        meant = suggested(str(phase), PHASES)
        fix = f"use {meant}" if meant else "use one of them, in this order"
        return [
            Problem("phase", phase, f"must be one of {', '.join(PHASES)}", fix),
            *(_check_day(expires) if expires is not None else ()),
        ]
    if not keeps_wildcard(args):
        if expires is None:
            return []
        rule = f"has no use in the phase '{CLEAN_UP}': there is no wildcard any more"
        return [Problem("wildcard_expires", expires, rule, "remove it")]
    if expires is None:
        rule = f"is required in the phase '{phase}': the blob wildcard opens every storage account of Azure meanwhile"
        fix = "give the day by which the migration is over, as YYYY-MM-DD, the policy pack's exemption needs it too"
        return [Problem("wildcard_expires", None, rule, fix)]
    problems = _check_day(expires)
    if not problems and datetime.date.fromisoformat(expires) < today:
        fix = f"finish with the phase '{CLEAN_UP}', or agree on a new day"
        return [Problem("wildcard_expires", expires, "has passed, and the blob wildcard is still open", fix)]
    return problems


def _check_day(expires: str) -> list[Problem]:
    try:
        datetime.date.fromisoformat(expires)
    except ValueError:
        return [Problem("wildcard_expires", expires, "must be a day", "write it as YYYY-MM-DD")]
    return []


def _check_registry(path: str, settings: Settings) -> list[Problem]:
    problems: list[Problem] = []
    server = settings.get("login_server")
    cloud = names.PUBLIC.name
    if known(server):
        try:
            cloud = names.split_login_server(str(server))[1].name
        except ValueError as wrong:
            rule = f"must be a registry's login server ({wrong})"
            problems.append(
                Problem(inside(path, "login_server"), server, rule, "use the registry's `login_server` output")
            )
    home = settings.get("location")
    if known(home) and regions.region_problem(str(home), cloud):
        problems.append(wrong_region(inside(path, "location"), str(home), str(home), cloud))
    seen = {names.normalise_region(str(home)): "the home region"} if known(home) else {}
    for field, what in (("replicas", "a replica"), ("announced_replicas", "announced")):
        given = settings.get(field)
        for index, region in enumerate((given or ()) if known(given) else ()):
            at = f"{inside(path, field)}[{index}]"
            if not known(region):
                continue
            normal = names.normalise_region(str(region))
            if regions.region_problem(normal, cloud):
                problems.append(wrong_region(at, str(region), str(region), cloud))
            elif normal in seen:
                problems.append(Problem(at, region, f"is {seen[normal]} already", "remove it"))
            seen.setdefault(normal, what)
    return problems


def _check_private_ips(path: str, settings: Settings, args: Settings) -> list[Problem]:
    field, given = inside(path, "private_ips"), settings.get("private_ips")
    if given is None:
        return []
    if args.get("firewall_policy_name") is not None:
        rule = "has no use on an Azure Firewall, whose application rules match names"
        return [Problem(field, None, rule, "remove it")]
    if not known(given):
        return []
    addresses = {host.lower(): address for host, address in given.items()}
    problems = [
        Problem(field, None, f"lacks '{host.name}', which clients of a private endpoint reach there", "add its address")
        for host in _hosts(path, settings)
        if host.name not in addresses
    ]
    return problems + [
        Problem(key(field, host), address, "must be an IP address", "take it from the endpoint's `private_ips`")
        for host, address in addresses.items()
        if known(address) and not is_address(str(address))
    ]


def _hosts(path: str, settings: Settings) -> list[Host]:
    """The registry's hosts; none while something is wrong or not known of what names them."""
    if _check_registry(path, settings) or not known(settings.get("login_server")):
        return []
    return registry_model(path, settings).hosts()


def _check_order(path: str, settings: Settings, phase: str) -> list[Problem]:
    """What of the order can be known: whether the registry has moved already while this says it has not, or not yet."""
    moved = settings.get("data_endpoint_enabled")
    field = inside(path, "data_endpoint_enabled")
    if phase == ANNOUNCE and moved is True:
        return [
            Problem(
                field,
                True,
                "comes after the hosts are announced: in one update, layers would move while firewalls still lack them",
                f"announce with false, verify from the clients, then set true with the phase '{SWITCH}'; a registry"
                " that has moved already belongs in a ClientFirewall of its own",
            )
        ]
    if phase == CLEAN_UP and moved is False:
        return [
            Problem(
                field,
                False,
                "means that layers still come from blob storage, which these rules no longer allow: pulls would break",
                f"begin with the phase '{ANNOUNCE}', then '{SWITCH}'",
            )
        ]
    return []
