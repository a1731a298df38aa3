"""ARM ids: where a resource is, whose child it is, and which scopes it is under."""

from __future__ import annotations

import hashlib


def key(resource_id: str) -> str:
    """The form that ids are compared in: ARM's names clash without regard to case."""
    return resource_id.strip().rstrip("/").lower()


def segments(resource_id: str) -> list[str]:
    return [part for part in resource_id.split("/") if part]


def name_of(resource_id: str) -> str:
    return resource_id.rstrip("/").rsplit("/", 1)[-1]


def parent_of(resource_id: str) -> str:
    """The resource, group, or scope that a resource is directly under; empty for a subscription's parent."""
    parts = segments(resource_id)
    rest = parts[:-2]
    if len(rest) >= 2 and rest[-2].lower() == "providers":
        rest = rest[:-2]
    return "/" + "/".join(rest) if rest else ""


def scopes_of(resource_id: str) -> list[str]:
    """The resource itself and everything that it is under, innermost first."""
    scopes = [resource_id.rstrip("/")]
    while parent := parent_of(scopes[-1]):
        scopes.append(parent)
    return scopes


def group_of(resource_id: str) -> str:
    """The id of the resource group that an id is in; empty when it is in none."""
    parts = segments(resource_id)
    if len(parts) >= 4 and parts[2].lower() == "resourcegroups":
        return "/" + "/".join(parts[:4])
    return ""


def type_of(resource_id: str) -> str:
    """``…/providers/Microsoft.Network/virtualNetworks/v/subnets/s`` → ``Microsoft.Network/virtualNetworks/subnets``."""
    parts = segments(resource_id)
    lowered = [part.lower() for part in parts]
    if "providers" not in lowered:
        return "Microsoft.Resources/resourceGroups" if len(parts) == 4 else "Microsoft.Resources/subscriptions"
    start = len(lowered) - 1 - lowered[::-1].index("providers")
    return "/".join([parts[start + 1], *parts[start + 2 :: 2]])


def is_tenant_scope(resource_id: str) -> bool:
    """Subscriptions and management groups: the local cloud takes them as given."""
    parts = [part.lower() for part in segments(resource_id)]
    return (len(parts) == 2 and parts[0] == "subscriptions") or parts[:3] == [
        "providers",
        "microsoft.management",
        "managementgroups",
    ]


def guid(*words: str) -> str:
    """A GUID that is always the same for the same words: rehearsals repeat exactly."""
    digest = hashlib.sha256("\n".join(["localcloud", *words]).encode()).hexdigest()
    return "-".join([digest[:8], digest[8:12], "5" + digest[13:16], "8" + digest[17:20], digest[20:32]])
