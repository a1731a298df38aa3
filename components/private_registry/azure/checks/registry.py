"""The registry itself: its name, who reaches its public side, how its images are kept, and its identity and key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from registry_model.azure import ids, limits, names

from ...checks import check_sources
from ...problems import UNKNOWN, Problem, known
from ..settings import PRIVATE, PROFILES, Settings, is_public
from .fields import check_days, check_id, check_resource_group_name, check_tags
from .regions import check_home, check_zones
from .replicas import check_replicas


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
    problems += check_zones(home, settings.get("zone_redundancy"), "settings.zone_redundancy")
    problems += _check_access(settings, profile)
    problems += _check_data_protection(settings, replicas)
    problems += _check_identity(settings)
    return problems


def check_registry_name(name: object, field: str = "registry_name") -> list[Problem]:
    if not known(name):
        return []
    problem = names.registry_name_problem(str(name))
    if problem is None:
        return []
    rule = f"{limits.REGISTRY_NAME_MIN} to {limits.REGISTRY_NAME_MAX} letters and digits"
    return [Problem(field, name, problem, f"choose {rule}, unique in all of Azure")]


def _check_access(settings: Settings, profile: str) -> list[Problem]:
    public = is_public(settings, profile)
    problems: list[Problem] = []
    rules: Any = settings.get("ip_rules")
    field = "settings.ip_rules"
    decided = profile in PROFILES or settings.get("public_network_access_enabled") is not None
    if known(rules) and rules and not public and decided:
        problems.append(
            Problem(
                field,
                rules,
                "have an effect only while public network access is on, and it is off",
                "remove them, or set `settings.public_network_access_enabled` to true",
            )
        )
    if known(rules):
        problems += check_sources(
            rules,
            field,
            most=limits.MAX_IP_RULES,
            wide_setting="settings.allow_wide_ip_rules",
            wide=settings.get("allow_wide_ip_rules") is True,
        )
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


def _check_data_protection(settings: Settings, replicas: Settings) -> list[Problem]:
    problems = check_days(settings.get("retention_days"), "settings.retention_days", limits.RETENTION_DAYS)
    soft = settings.get("soft_delete_days")
    problems += check_days(soft, "settings.soft_delete_days", limits.SOFT_DELETE_DAYS)
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
    if known(client) and not re.fullmatch(ids.GUID, str(client)):
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
