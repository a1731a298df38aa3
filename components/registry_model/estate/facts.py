"""What is true of one registry, and of the resources that belong to it: asked by many rules, worked out once."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..azure import defaults, names, regions
from .model import Resource
from .values import UNKNOWN, Unknown, as_bool, as_list, as_text, lookup, show

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def sku(registry: Resource) -> str | Unknown | None:
    """``premium``, ``standard``, ``basic``, UNKNOWN, or None when no SKU is given."""
    return as_text(registry.get("sku.name"))


def setting(registry: Resource, path: str) -> str | Unknown:
    """A registry's property as lower-case text; Azure's default where it is absent."""
    value = as_text(registry.get(path))
    return str(defaults.REGISTRY[path]).lower() if value is None else value


def public_access_off(registry: Resource) -> bool | Unknown:
    """Whether public network access is off, which Azure's default is not."""
    value = setting(registry, "publicNetworkAccess")
    return UNKNOWN if isinstance(value, Unknown) else value == "disabled"


def denies_by_default(registry: Resource) -> bool | Unknown:
    """Whether the public side denies what no IP rule allows, which Azure's default does not."""
    value = setting(registry, "networkRuleSet.defaultAction")
    return UNKNOWN if isinstance(value, Unknown) else value == "deny"


def bypass_closed(registry: Resource) -> bool | Unknown:
    """Whether trusted Azure services are kept out. Azure's default lets them in."""
    value = setting(registry, "networkRuleBypassOptions")
    return UNKNOWN if isinstance(value, Unknown) else value == defaults.NOBODY.lower()


def flag(registry: Resource, path: str) -> bool | Unknown:
    """A boolean property, Azure's default where it is absent; text that is no boolean is unknown, not false."""
    value = as_bool(registry.get(path))
    return bool(defaults.REGISTRY[path]) if value is None else value


def is_enabled(registry: Resource, path: str) -> bool | Unknown:
    """Whether a property that reads ``enabled`` or ``disabled`` is enabled; Azure's default where it is absent."""
    value = setting(registry, path)
    return UNKNOWN if isinstance(value, Unknown) else value == "enabled"


@dataclass(frozen=True, slots=True)
class IpRule:
    """One IP rule: its text, and the network it opens (None: not readable as one)."""

    text: Any
    network: Network | None

    def wider_than(self, prefix: Mapping[str, Any]) -> bool | Unknown:
        if self.text is UNKNOWN:
            return UNKNOWN
        if self.network is None:
            return True
        return self.network.prefixlen < prefix["ipv4" if self.network.version == 4 else "ipv6"]


def ip_rules(registry: Resource) -> list[IpRule] | Unknown:
    """The registry's IP rules; UNKNOWN when the list itself is."""
    items = as_list(registry.get("networkRuleSet.ipRules"))
    if isinstance(items, Unknown):
        return UNKNOWN
    rules: list[IpRule] = []
    for item in items:
        text = item if item is UNKNOWN else lookup(item, "iPAddressOrRange", lookup(item, "value"))
        rules.append(IpRule(text, _network(text)))
    return rules


def _network(text: Any) -> Network | None:
    try:
        return ipaddress.ip_network(str.strip(text), strict=False) if isinstance(text, str) else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Exposure:
    """Whether a registry is exposed: ``reason`` says why it is; ``unknown`` names the property that keeps it open.

    ``scalar``: that property is a scalar of the registry, not its list of IP rules.
    """

    reason: str = ""
    unknown: str = ""
    scalar: bool = False


def exposure(registry: Resource, max_public_prefix: Mapping[str, Any]) -> Exposure:
    """Exposed: public access not Disabled, and the default action not Deny or an IP rule wider than allowed."""
    off = public_access_off(registry)
    if off is True:
        return Exposure()
    found = _open_to(registry, max_public_prefix)
    if off is UNKNOWN and found != Exposure():
        return Exposure(unknown="publicNetworkAccess", scalar=True)
    return found


def _open_to(registry: Resource, max_public_prefix: Mapping[str, Any]) -> Exposure:
    denies = denies_by_default(registry)
    rules = ip_rules(registry)
    if denies is False:
        return Exposure("public network access is on and the default action is not Deny, so anyone can reach it")
    if not isinstance(rules, Unknown):
        wide = [rule.text for rule in rules if rule.wider_than(max_public_prefix) is True]
        if wide:
            return Exposure(f"public network access is on and an IP rule is too wide: {show(wide)}")
    if denies is UNKNOWN:
        return Exposure(unknown="networkRuleSet.defaultAction", scalar=True)
    if isinstance(rules, Unknown) or any(rule.text is UNKNOWN for rule in rules):
        return Exposure(unknown="networkRuleSet.ipRules")
    return Exposure()


def region(resource: Resource) -> str | Unknown | None:
    """The normalised region: ``japaneast`` for ``Japan East``."""
    value = resource.known("location")
    return names.normalise_region(value) if isinstance(value, str) else value


def cloud_of(registry: Resource, default: str = names.PUBLIC.name) -> names.Cloud:
    """The cloud of the registry's region; the default where the region does not tell."""
    place = region(registry)
    otherwise = names.CLOUDS[default]
    return regions.cloud_of(place, otherwise) if isinstance(place, str) else otherwise


def login_server(registry: Resource, default_cloud: str = names.PUBLIC.name) -> str | Unknown:
    """The login server: what the state says, else computed from the name.

    UNKNOWN while the name is, for a name that no registry can have, and with a domain-name-label scope, whose hash
    Azure chooses.
    """
    known = registry.outputs.get("loginserver")
    if isinstance(known, str) and names.parse_host(known) is not None:
        return known.lower()
    scope = setting(registry, "autoGeneratedDomainNameLabelScope")
    if scope != "unsecure" or not isinstance(registry.arm_name, str) or not registry.arm_name.isalnum():
        return UNKNOWN
    return names.login_server(registry.arm_name, cloud_of(registry, default_cloud))
