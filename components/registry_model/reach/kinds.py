"""The registries of every cloud, as one type for what treats them alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from ..alibaba.editions import Edition
from ..estate.model import Estate
from . import registries as azure
from .alibaba import registries as alibaba
from .alibaba.model import AlibabaRegistry
from .exposure import Exposure, exposure
from .model import Registry

AnyRegistry: TypeAlias = Registry | AlibabaRegistry


def every_registry(estate: Estate) -> list[AnyRegistry]:
    """Every registry that the estate declares or reads, of whatever cloud."""
    return [*azure.registries(estate), *alibaba.registries(estate)]


def exposure_of_any(registry: AnyRegistry) -> Exposure:
    """Whether a registry is exposed to the internet, in the words of its cloud."""
    if isinstance(registry, Registry):
        return exposure(registry.public_access, registry.default_allow, registry.ip_rules)
    if registry.edition is Edition.PERSONAL:
        reason = "the Internet endpoint of Personal Edition is on for everybody and cannot be turned off"
        return Exposure(reason, everyone=True)
    entries = registry.entries
    found = exposure(registry.internet, None if entries is None else not entries, entries)
    if found.everyone:
        reason = "the Internet endpoint is on, and its access control list has no entry, so that it admits everybody"
        return replace(found, reason=reason)
    if found.reason:
        wide = found.reason.rpartition(": ")[2]
        return replace(found, reason=f"an entry of the Internet endpoint's access control list is too wide: {wide}")
    if found.unknown:
        unknown = "whether the Internet endpoint is on" if registry.internet is None else "whom its entries admit"
        return replace(found, unknown=unknown)
    return found
