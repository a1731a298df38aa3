"""The ids of Azure's resources, each in the form that its kind has."""

from __future__ import annotations

import re
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
