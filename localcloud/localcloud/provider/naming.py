"""Names, locations and ids, by azure-native's rules."""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from typing import Any

from localcloud.azure import TYPES
from localcloud.sdk.surface import Surface

CREATE_BEFORE_DELETE = "__createBeforeDelete"
"""An input that azure-native adds to a resource that it named at random: a replacement may be made before it goes."""

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
"""The subscription of a stack or seed that names none; the real azure-native would ask the Azure login."""

_CLIENT_CONFIG = "azure-native:authorization:getClientConfig"
_PARAMETER = re.compile(r"\{(\w+)\}")
_SCOPES = ("scope", "scopeId", "resourceUri", "parentResourcePath", "resourceType")  # these hold slashes


def make_name(style: str, pulumi_name: str, seed: bytes) -> str:
    """A name by azure-native's ways: ``random`` (eight hexadecimal digits behind the Pulumi name), ``uuid``, ``copy``.

    It is always the same for the same seed; the engine sends one when a plan must be kept.
    """
    digits = hashlib.sha256(seed).hexdigest() if seed else os.urandom(16).hex()
    if style == "uuid":
        return str(uuid.UUID(digits[:32]))
    return pulumi_name if style == "copy" else pulumi_name + digits[:8]


def normalise_location(location: str) -> str:
    return location.replace(" ", "").lower()


def same(property_name: str, old: Any, new: Any) -> bool:
    """Whether two values of a top-level input are the same to azure-native."""
    if old == new:
        return True
    if not (isinstance(old, str) and isinstance(new, str)):
        return False
    if property_name == "location":
        return normalise_location(old) == normalise_location(new)
    return old.lower() == new.lower() and (property_name == "resourceGroupName" or old.startswith("/subscriptions/"))


def surface() -> Surface:
    """What of azure-native is served: the types with the inputs of their ids, and the function that gets each."""
    paths = {
        token: tuple(name for name in _PARAMETER.findall(path) if name != "subscriptionId")
        for token, (path, _) in TYPES.items()
    }
    getters = {":get".join(token.rsplit(":", 1)): path for token, path in paths.items()}
    return Surface("azure-native", paths, {**getters, _CLIENT_CONFIG: ()})


def path_inputs(path: str, id: str) -> dict[str, str]:
    """The inputs that an ARM id holds. ValueError when it is not an id of that path."""
    pattern = ""
    for index, part in enumerate(_PARAMETER.split(path)):
        slashes = "." if part in _SCOPES else "[^/]"
        pattern += f"(?P<{part}>{slashes}+)" if index % 2 else re.escape(part)
    found = re.fullmatch(pattern, id, re.IGNORECASE)
    if not found:
        example = _PARAMETER.sub(r"<\1>", path)
        raise ValueError(f"'{id}' is not the id of such a resource, which is like {example}")
    return {name: value for name, value in found.groupdict().items() if name != "subscriptionId"}
