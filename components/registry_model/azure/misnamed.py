"""Hosts that people give as a registry and that are none, and the registry that they meant.

Every pull begins at the login server (or, with regional endpoints on, at one region's). The names around it resolve
and often answer: the alias in the privatelink zone, data endpoints, storage accounts, a suffix written twice. An engine
that is sent there fails on a certificate or a 404, which says nothing about the registry.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..suggest import nearest
from . import names
from .regions import find

_ALIKE = 0.75  # suffixes are alike by nature: `azureedge.io` is none of ours
_WORDS = ("data", "geo", "privatelink")  # of the names around a login server


@dataclass(frozen=True)
class Misnamed:
    """Why a host is no registry, as the end of a sentence, and the login server that was meant (empty if unknown)."""

    host: str
    reason: str
    meant: str = ""


def misnamed(host: str) -> Misnamed | None:
    """What is wrong with a host that was given as a registry; None for a registry, an Azure one or another."""
    host = host.lower().rstrip(".")
    labels = host.split(".")
    known = names.parse_host(host)
    if known is None:
        return _unknown(host, labels)
    login = f"{known.label}.{known.cloud.registry_suffix}"
    if known.kind == "blob storage":
        return Misnamed(
            host, "is a blob storage account: it serves layers by signed links, and no registry answers there"
        )
    if known.kind == "data endpoint":
        name = "the alias of a data endpoint" if known.alias else "a data endpoint"
        return Misnamed(
            host, f"is {name}: it serves layers by signed links, and pulls begin at the login server", login
        )
    if not known.alias:
        return None
    zone = known.cloud.private_link_zone
    meant = f"{known.label}.{known.region}.geo.{known.cloud.registry_suffix}" if known.region else login
    return Misnamed(
        host,
        f"is the alias in the zone {zone}: names in it are for DNS alone, no certificate has them, and the private "
        "path is taken by the registry's own name",
        meant,
    )


def same_registry(one: str, other: str) -> bool:
    """Whether both hosts answer for one registry: its login server, or the regional endpoint of one of its regions."""
    if one.lower() == other.lower():
        return True
    first, second = names.parse_host(one), names.parse_host(other)
    return (
        first is not None
        and second is not None
        and not (first.alias or second.alias)
        and {first.kind, second.kind} <= {"login server", "regional endpoint"}
        and (first.label, first.cloud) == (second.label, second.cloud)
    )


def _unknown(host: str, labels: list[str]) -> Misnamed | None:
    for cloud in names.CLOUDS.values():
        suffix = cloud.registry_suffix
        if host in (suffix, cloud.private_link_zone):
            return Misnamed(host, f"is the domain of all registries, not one; a login server is <registry>.{suffix}")
        relative = host.removesuffix("." + suffix)
        if relative == host:
            continue
        inner = names.parse_host(relative) or names.parse_host(relative.removesuffix(".privatelink"))
        if inner is not None and inner.kind != "blob storage":
            meant = f"{inner.label}.{inner.cloud.registry_suffix}"
            return Misnamed(host, "has the suffix of registries twice", meant)
        return Misnamed(host, f"is no login server: those have one name before {suffix}", _before(relative, suffix))
    return _near(host, labels)


def _before(relative: str, suffix: str) -> str:
    """The login server meant by several names before the suffix: the last that is neither a region nor one of ACR's own
    words, as in ``contoso.japaneast``, ``contoso.westus.geo.privatelink`` and ``www.contoso``."""
    found = [each for each in relative.split(".") if each not in _WORDS and find(each) is None]
    return f"{found[-1]}.{suffix}" if found and found[-1] else ""


def _near(host: str, labels: list[str]) -> Misnamed | None:
    """A suffix that is nearly one: ``azurecr.com``, ``azurecr``, ``azurcr.io``."""
    suffixes = [cloud.registry_suffix for cloud in names.CLOUDS.values()]
    ending = ".".join(labels[-2:])
    if len(labels) == 2 and labels[1] == "azurecr":
        ending = "azurecr"
    elif len(labels) != 3:
        return None
    near = nearest(ending, suffixes, alike=_ALIKE) if "." in ending else suffixes
    if not labels[0] or (not near and "azurecr" not in labels[1:]):
        return None
    suffix = (near or suffixes)[0]
    meant = f"{labels[0]}.{suffix}"
    reason = f"ends in '{ending}', which is no cloud's suffix of registries"
    return Misnamed(host, reason, meant if names.parse_host(meant) else "")
