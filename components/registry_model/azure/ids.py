"""The ids of Azure's resources: how they are written, taken apart and put together. The one grammar of ids."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

GUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

_GROUP = "/subscriptions/<guid>/resourceGroups/<name>/providers"
_NETWORK = f"{_GROUP}/Microsoft.Network"
_VIRTUAL_NETWORK = f"{_NETWORK}/virtualNetworks/<name>"

# By the words that users read.
SHAPES: Mapping[str, str] = MappingProxyType(
    {
        "subnet": f"{_VIRTUAL_NETWORK}/subnets/<name>",
        "virtual network": _VIRTUAL_NETWORK,
        "private DNS zone": f"{_NETWORK}/privateDnsZones/<name>",
        "registry": f"{_GROUP}/Microsoft.ContainerRegistry/registries/<name>",
        "application security group": f"{_NETWORK}/applicationSecurityGroups/<name>",
        "user-assigned identity": f"{_GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/<name>",
    }
)


def is_id(value: str, kind: str) -> bool:
    """Whether a text is the id of that kind of resource, a key of ``SHAPES``, in any letter case."""
    pattern = re.escape(SHAPES[kind]).replace("<guid>", GUID).replace("<name>", "[^/]+")
    return re.fullmatch(pattern, value, re.IGNORECASE) is not None


def network_of_subnet(subnet_id: str) -> str:
    """The virtual network's id of a subnet's id."""
    return re.split("/subnets/", subnet_id, flags=re.IGNORECASE)[0]


@dataclass(frozen=True, slots=True)
class ArmId:
    """An Azure resource id, taken apart. All lower case; ``names`` outermost first."""

    subscription: str
    resource_group: str
    type: str
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.names[-1] if self.names else ""

    @property
    def as_group(self) -> str:
        """The resource group that the id is of, also as ``subscriptionResourceId`` writes it; empty for other ids."""
        if self.type == "microsoft.resources/resourcegroups":
            return self.name
        return "" if self.type else self.resource_group

    @property
    def text(self) -> str:
        """The id put together again, in lower case."""
        subscription = f"/subscriptions/{self.subscription}" if self.subscription else ""
        group = f"/resourcegroups/{self.resource_group}" if self.resource_group else ""
        namespace, *types = self.type.split("/")
        pairs = "".join(f"/{kind}/{name}" for kind, name in zip(types, self.names, strict=False))
        return f"{subscription}{group}/providers/{namespace}{pairs}" if namespace else f"{subscription}{group}"


@lru_cache(maxsize=8192)
def parse_id(text: str) -> ArmId | None:
    """``/subscriptions/…/providers/Microsoft.X/type/name[/type/name]…`` taken apart; None for anything else.

    An extension resource's own provider wins: the last ``/providers/`` counts.
    """
    lowered = text.strip().lower().rstrip("/")
    if not lowered.startswith("/"):
        return None
    scope, found, tail = lowered.rpartition("/providers/")
    if not found:
        scope, tail = lowered, ""
    parts = scope.strip("/").split("/")
    pairs = dict(zip(parts[::2], parts[1::2], strict=False))
    namespace, *rest = tail.split("/")
    kind = "/".join((namespace, *rest[::2])) if rest else ""
    if not kind and "resourcegroups" not in pairs and "subscriptions" not in pairs:
        return None
    return ArmId(pairs.get("subscriptions", ""), pairs.get("resourcegroups", ""), kind, tuple(rest[1::2]))


# How `az` writes the id of what it prints.
IN_JSON = re.compile(r'"id"\s*:\s*"/subscriptions/[^"]*/providers/Microsoft\.', re.IGNORECASE)
_IN_TEXT = re.compile(r"/subscriptions/[^\s',;:\"/]+/resourcegroups/[^\s',;:\"]*[^\s',;:\".)]", re.IGNORECASE)


def shortened(text: str) -> str:
    """A text for people: each resource id in it as ``privatelink.azurecr.io (resource group rg-dns)``."""

    def short(found: re.Match[str]) -> str:
        known = parse_id(found[0])
        if known is None or not known.names:
            return found[0]
        return f"{'/'.join(known.names)} (resource group {known.resource_group})"

    return _IN_TEXT.sub(short, text)


_SCOPE = re.compile(r"(/subscriptions/[^/]+)?(/resourcegroups/[^/]+)?(/providers/[^/]+(?:/[^/]+/[^/]+)+)?(?=/|$)")


def scope_of(text: str) -> str:
    """What an id's own provider is on: a group, a subscription, or the resource that an extension resource extends."""
    return text[: text.lower().rfind("/providers/")]


def parent_of(text: str) -> str:
    """The id of what a resource is in, lower case: its parent resource, else its scope."""
    lowered = text.strip().lower().rstrip("/")
    own = lowered.rpartition("/providers/")[2].split("/")
    return lowered.rsplit("/", 2)[0] if len(own) > 3 else scope_of(lowered)


def common_scope(scopes: Iterable[str]) -> str:
    """The narrowest scope that all of these ids are in, or are; empty when they share none."""
    common: list[str] | None = None
    for scope in scopes:
        parts = scope.split("/")
        shared = zip(parts, parts if common is None else common, strict=False)
        common = [one for one, _ in itertools.takewhile(lambda pair: pair[0] == pair[1], shared)]
    match = _SCOPE.match("/".join(common or ()))
    return match[0] if match else ""
