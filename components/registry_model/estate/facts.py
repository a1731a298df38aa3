"""What is true of one registry, and of the resources that belong to it: asked by many rules, worked out once."""

from __future__ import annotations

import ipaddress

from ..azure import defaults, names, regions
from ..suggest import suggested
from . import tokens
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


def unheard_of(resource: Resource, path: str) -> str:
    """What is said of a property whose value is none that Azure takes, as ``'Disable' is no value that Azure knows``;
    empty where it is one, or is not known or not given. Azure refuses such a value: nothing can be read from it. Of
    resources other than registries, any text is taken for such a value: no table says what Azure takes there.
    """
    value = as_text(resource.get(path))
    if value is None or isinstance(value, Unknown):
        return ""
    if resource.type != tokens.REGISTRY:
        held = resource.get(path)
        return f"{show(held)} is a value that this rule does not know" if isinstance(held, str) else ""
    known = defaults.VALUES.get(path, ())
    if not known or value in {each.lower() for each in known}:
        return ""
    meant = suggested(value, known)
    return f"{show(resource.get(path))} is no value that Azure knows{f' (it knows {meant})' if meant else ''}"


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
    """Whether a property that reads ``enabled`` or ``disabled`` is enabled; Azure's default where it is absent. Any
    other text is unknown, and neither.
    """
    value = setting(registry, path)
    if isinstance(value, Unknown):
        return UNKNOWN
    return {"enabled": True, "disabled": False}.get(value, UNKNOWN)


def ip_rules(registry: Resource) -> list[str | Unknown] | Unknown:
    """The registry's IP rules as written, each UNKNOWN where it is not known; UNKNOWN when the list itself is."""
    items = as_list(registry.get("networkRuleSet.ipRules"))
    if isinstance(items, Unknown):
        return UNKNOWN
    written = [item if item is UNKNOWN else lookup(item, "iPAddressOrRange", lookup(item, "value")) for item in items]
    return [
        text if text is UNKNOWN else str.__str__(text).strip() if isinstance(text, str) else show(text)
        for text in written
    ]


def stopped(resource: Resource) -> str:
    """``Failed`` or ``Canceled`` where Azure says that of the resource's last change; else empty.

    Of a change that is still to come, the last one says nothing. Both are final states of Azure Resource Manager
    (learn.microsoft.com/azure/azure-resource-manager/management/async-operations).
    """
    state = as_text(resource.observed.get("provisioningState"))
    ended = {"failed": "Failed", "canceled": "Canceled"}
    return ended.get(state, "") if isinstance(state, str) and not resource.planned else ""


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
