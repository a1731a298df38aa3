"""A private endpoint: of which registry, and how it stands in its subnet."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

from registry_model.azure import limits, names
from registry_model.suggest import suggested

from ...problems import UNKNOWN, Problem, inside, key, known
from ..settings import LOGIN_SERVER_KEY, Settings, static_key
from .dns import check_zone_id
from .fields import check_cidr, check_id, check_resource_group_name, check_tags, cidr
from .network import budget_of, check_prefix
from .regions import check_home, check_regions


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
        problems += check_regions([r for r in regions if known(r)], home, lambda r: key("replica_regions", r))
    problems += check_resource_group_name(args.get("resource_group_name"))
    problems += check_id(args.get("subnet_id"), "subnet_id", "subnet")
    problems += check_zone_id(args.get("dns_zone_id"), "dns_zone_id", home)
    problems += check_tags(args.get("tags"), "tags")
    budget_args = {"location": home, "replicas": regions}
    problems += check_prefix(args.get("subnet_prefix"), "subnet_prefix", budget_of(budget_args))
    return problems + check_endpoint_settings(args.get("settings") or {}, "settings", budget_args, args)


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
    problems = _check_members(static_ips, field, regions)
    subnet = None if check_cidr(prefix, field) else cidr(prefix)
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


def _check_members(static_ips: Settings, field: str, regions: Settings) -> list[Problem]:
    """Whether there is an address for every member; nothing while the regions are not known."""
    problems: list[Problem] = []
    replicas: Any = regions.get("replicas")
    if not known(regions.get("location")) or replicas is UNKNOWN:
        return problems
    wanted = names.all_regions(regions["location"], [r for r in replicas or () if known(r)])
    needed = [LOGIN_SERVER_KEY, *wanted]
    given = {static_key(name): name for name in static_ips}
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
            meant = suggested(normal, needed)
            fix = f"rename it to {meant}" if meant else "remove it"
            rule = f"is neither '{LOGIN_SERVER_KEY}' nor a region of the registry"
            problems.append(Problem(key(field, name), None, rule, fix))
    return problems


def _assignable(address: ipaddress.IPv4Address, subnet: ipaddress.IPv4Network) -> bool:
    return address in subnet and subnet[limits.RESERVED_IPS_PER_SUBNET - 2] < address < subnet[-1]
