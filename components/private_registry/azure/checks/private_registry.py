"""The whole of a ``PrivateRegistry``: every owner's checks, and what the profile asks of them together."""

from __future__ import annotations

from ...checks import check_choice
from ...problems import Problem
from ..settings import NO_PRIVATE_LINK, PRIVATE, PROFILES, Settings
from .dns import check_dns
from .network import budget_of, check_network
from .private_endpoint import check_endpoint_settings
from .registry import check_registry


def check_private_registry(args: Settings) -> list[Problem]:
    """Everything that is wrong with the settings of a ``PrivateRegistry``."""
    profile = args.get("profile") or PRIVATE
    problems = check_choice("profile", args.get("profile"), PROFILES)
    settings = args.get("settings") or {}
    problems += check_registry(args, profile)
    if profile == NO_PRIVATE_LINK:
        problems += _check_no_private_link(args, settings)
    else:
        # What does not depend on the profile is told beside a wrong one, too.
        if profile == PRIVATE or args.get("network"):
            problems += check_network(args.get("network") or {}, budget_of(args))
        problems += check_endpoint_settings(
            args.get("private_endpoint") or {}, "private_endpoint", args, (args.get("network") or {})
        )
        problems += check_dns(args.get("dns") or {}, args)
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
