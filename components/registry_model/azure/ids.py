"""The ids of Azure's resources: how they are written, taken apart and put together. The one grammar of ids."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    def text(self) -> str:
        """The id put together again, in lower case."""
        subscription = f"/subscriptions/{self.subscription}" if self.subscription else ""
        group = f"/resourcegroups/{self.resource_group}" if self.resource_group else ""
        namespace, *types = self.type.split("/")
        pairs = "".join(f"/{kind}/{name}" for kind, name in zip(types, self.names, strict=False))
        return f"{subscription}{group}/providers/{namespace}{pairs}"


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
