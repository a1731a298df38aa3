"""Whether a registry is exposed to the internet. The one definition that guard, doctor and components ask.

Exposed: public network access is not Disabled, and the default action is not Deny or an IP rule is wider than allowed.
With public access Disabled the default action does not matter
(learn.microsoft.com/azure/container-registry/container-registry-access-selected-networks).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..azure import limits
from ..estate import facts
from ..estate.model import Resource
from ..estate.values import Unknown, negated, or_none, show


@dataclass(frozen=True, slots=True)
class Exposure:
    """Whether a registry is exposed: ``reason`` says why it is; ``unknown`` names the property that may expose it.

    ``everyone``: to every address. ``scalar``: the unknown property is a scalar of the registry, not its IP rules.
    """

    reason: str = ""
    unknown: str = ""
    everyone: bool = False
    scalar: bool = False


def exposure(
    public_access: bool | None,
    default_allow: bool | None,
    ip_rules: Sequence[str | None] | None,
    narrow: Mapping[str, int] = limits.NARROW_PREFIX,
) -> Exposure:
    """Judge what a registry's public side lets in; each value is None while it is not known.

    ``ip_rules`` are addresses and CIDRs as written, ``narrow`` the widest prefix length that a rule may open, by
    ``ipv4`` and ``ipv6``.
    """
    if public_access is False:
        return Exposure()
    found = _open_to(default_allow, ip_rules, narrow)
    if public_access is None and found != Exposure():
        return Exposure(unknown="publicNetworkAccess", scalar=True)
    return found


def _open_to(default_allow: bool | None, ip_rules: Sequence[str | None] | None, narrow: Mapping[str, int]) -> Exposure:
    if default_allow is True:
        reason = "public network access is on and the default action is not Deny, so anyone can reach it"
        return Exposure(reason, everyone=True)
    wide = [rule for rule in ip_rules or () if rule is not None and is_wide(rule, narrow)]
    if wide:
        return Exposure(f"public network access is on and an IP rule is too wide: {show(wide)}")
    together = _too_wide_together([rule for rule in ip_rules or () if rule is not None], narrow)
    if together:
        return Exposure(f"public network access is on and IP rules side by side are too wide together: {together}")
    if default_allow is None:
        return Exposure(unknown="networkRuleSet.defaultAction", scalar=True)
    if ip_rules is None or None in ip_rules:
        return Exposure(unknown="networkRuleSet.ipRules")
    return Exposure()


def is_wide(rule: str, narrow: Mapping[str, int] = limits.NARROW_PREFIX) -> bool:
    """Whether an IP rule opens more than the widest network allowed.

    What is no network counts as wide. So does what begins at ``0.0.0.0`` or ``::``: no client has such an address, and
    firewalls of Azure read it as everyone, or as all of Azure.
    """
    try:
        network = ipaddress.ip_network(rule, strict=False)
    except ValueError:
        return True
    return network.prefixlen < narrow[f"ipv{network.version}"] or network.network_address.is_unspecified


def _too_wide_together(rules: Iterable[str], narrow: Mapping[str, int]) -> str:
    """The first range that rules without a gap between them open and that holds more addresses than one network may,
    as ``203.0.112.0-203.0.113.255``; empty where there is none."""
    networks = [ipaddress.ip_network(rule, strict=False) for rule in rules]
    for version in (4, 6):
        ranges = sorted((int(n[0]), int(n[-1]), n) for n in networks if n.version == version)
        runs: list[tuple[int, int, ipaddress.IPv4Network | ipaddress.IPv6Network]] = []
        for first, last, network in ranges:
            if runs and first <= runs[-1][1] + 1:
                runs[-1] = (runs[-1][0], max(last, runs[-1][1]), runs[-1][2])
            else:
                runs.append((first, last, network))
        for first, last, network in runs:
            if last - first >= 1 << (network.max_prefixlen - narrow[f"ipv{version}"]):
                return f"{network[0]}-{network[0] + (last - first)}"
    return ""


def exposure_of(registry: Resource, narrow: Mapping[str, int]) -> Exposure:
    """The exposure of a registry as an estate declares it."""
    off, denies, rules = facts.public_access_off(registry), facts.denies_by_default(registry), facts.ip_rules(registry)
    found = exposure(
        negated(off),
        negated(denies),
        None if isinstance(rules, Unknown) else [or_none(rule) for rule in rules],
        narrow,
    )
    said = [
        f"{path} {text}, so it counts as open"
        for path in ("publicNetworkAccess", "networkRuleSet.defaultAction")
        if (text := facts.unheard_of(registry, path))
    ]
    return replace(found, reason="; ".join([found.reason, *said])) if found.reason else found
