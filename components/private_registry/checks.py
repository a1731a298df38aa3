"""Checks of settings that every cloud has: choices, and the addresses that may reach a public endpoint.

Pure: no Pulumi. A setting that is another resource's output may be ``problems.UNKNOWN``; it is judged later.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

from registry_model.azure import limits
from registry_model.reach.exposure import is_wide
from registry_model.suggest import suggested

from .problems import Problem, known

_EVERYBODY = 1  # the whole internet, and each half of it: two halves are the whole


def check_choice(field: str, value: object, choices: Sequence[str]) -> list[Problem]:
    if not known(value) or value in choices:
        return []
    meant = suggested(str(value), choices)
    fix = f"use {meant}" if meant else "use one of them"
    return [Problem(field, value, f"must be one of {', '.join(choices)}", fix)]


def check_sources(
    rules: Sequence[Any],
    field: str,
    *,
    wide_setting: str,
    wide: bool,
    most: int | None = None,
) -> list[Problem]:
    """Public IPv4 addresses and ranges that may reach a public endpoint.

    ``wide`` accepts ranges wider than /24 (but not
    everybody); ``wide_setting`` is the setting that would say so. ``most`` is how many the cloud takes.
    """
    problems: list[Problem] = []
    if most is not None and len(rules) > most:
        problems.append(Problem(field, len(rules), f"can be at most {most}", "join neighbouring ranges into one"))
    seen: dict[ipaddress.IPv4Network, int] = {}
    for index, rule in enumerate(rules):
        path = f"{field}[{index}]"
        if not known(rule):
            continue
        try:
            network = ipaddress.IPv4Network(str(rule))
        except ValueError:
            rule_text = "must be an IPv4 address or range in CIDR form"
            problems.append(Problem(path, rule, rule_text, _source_fix(str(rule))))
            continue
        if network in seen:
            problems.append(Problem(path, rule, f"repeats {field}[{seen[network]}]", "remove one of the two"))
        seen.setdefault(network, index)
        problems += _check_source(path, rule, network, wide_setting, wide=wide)
    return problems


def _check_source(
    path: str,
    rule: object,
    network: ipaddress.IPv4Network,
    wide_setting: str,
    *,
    wide: bool,
) -> list[Problem]:
    if network.prefixlen == 0:
        return [Problem(path, rule, "lets everybody in", "list the addresses that clients come from")]
    if network.prefixlen <= _EVERYBODY:
        fix = "list the addresses that clients come from"
        return [Problem(path, rule, "lets half of the internet in, and with the other half everybody", fix)]
    held = [private for private in limits.NOT_PUBLIC if network.overlaps(private)]
    if held and not any(network.subnet_of(private) for private in held):
        rule_text = f"holds {held[0]}, which is not public: a public endpoint sees no source address of it"
        return [Problem(path, rule, rule_text, "list the addresses that clients come from, in narrower ranges")]
    if held:
        rule_text = "must be public: a public endpoint sees no private source address"
        return [Problem(path, rule, rule_text, "use the address that the clients' NAT shows to the internet")]
    if is_wide(str(network)) and not wide:
        rule_text = f"must be no wider than /{limits.NARROW_PREFIX['ipv4']}, has {network.num_addresses} addresses"
        return [Problem(path, rule, rule_text, f"narrow it, or set `{wide_setting}` to true")]
    return []


def _source_fix(rule: str) -> str:
    try:
        return f"use {ipaddress.IPv4Network(rule, strict=False)}: the bits after the prefix must be 0"
    except ValueError:
        pass
    try:
        ipaddress.IPv6Network(rule, strict=False)
    except ValueError:
        return "write it like 203.0.113.7 or 203.0.113.0/28"
    return "use IPv4: registries take no IPv6 rule"
