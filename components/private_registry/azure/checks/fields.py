"""Checks that many settings share: choices, names, ids, tags, ranges of numbers and of addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from registry_model.azure import ids, limits, names
from registry_model.suggest import suggested

from ...problems import Problem, key, known


def check_choice(field: str, value: object, choices: Sequence[str]) -> list[Problem]:
    if not known(value) or value in choices:
        return []
    meant = suggested(str(value), choices)
    fix = f"use {meant}" if meant else "use one of them"
    return [Problem(field, value, f"must be one of {', '.join(choices)}", fix)]


def check_resource_group_name(name: object, field: str = "resource_group_name") -> list[Problem]:
    if not known(name):
        return []
    text = str(name)
    if names.RESOURCE_GROUP_NAME_PATTERN.fullmatch(text):
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


def check_id(value: object, field: str, kind: str) -> list[Problem]:
    """Whether a value is the ARM id of that kind of resource."""
    if not known(value) or ids.is_id(str(value), kind):
        return []
    return [Problem(field, value, f"must be the id of a {kind}", f"use the form {ids.SHAPES[kind]}")]


def check_days(value: Any, field: str, span: tuple[int, int]) -> list[Problem]:
    low, high = span
    if not known(value) or (low <= value <= high and value == int(value)):
        return []
    return [Problem(field, value, f"must be {low} to {high} whole days", "choose a number of days in that range")]


def check_cidr(value: object, field: str) -> list[Problem]:
    if not known(value):
        return []
    network = cidr(value)
    if network is None:
        try:
            fix = f"use {ipaddress.IPv4Network(str(value), strict=False)}: the bits after the prefix must be 0"
        except ValueError:
            fix = "write it like 10.20.0.0/24"
        return [Problem(field, value, "must be an IPv4 range in CIDR form", fix)]
    if network.prefixlen > limits.SMALLEST_SUBNET_PREFIX:
        rule = f"must be /{limits.SMALLEST_SUBNET_PREFIX} or larger: Azure has no smaller subnet"
        return [Problem(field, value, rule, f"use /{limits.GEO_REPLICATED_SUBNET_PREFIX} or larger")]
    return []


def cidr(value: object) -> ipaddress.IPv4Network | None:
    """The range that a setting names; None while it is wrong or not known."""
    try:
        return ipaddress.IPv4Network(value) if isinstance(value, str) and "/" in value else None
    except ValueError:
        return None
