"""What the settings of the components mean: the choices that they offer, and what holds where one is not given.

Pure: no Pulumi.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from registry_model.azure import ids, limits, names

Settings = Mapping[str, Any]

PRIVATE = "private"
NO_PRIVATE_LINK = "no-private-link"
PROFILES = (PRIVATE, NO_PRIVATE_LINK)

CREATE = "create"
EXISTING = "existing"
AZURE_POLICY = "azure-policy"
MANUAL = "manual"
DNS_MODES = (CREATE, EXISTING, AZURE_POLICY, MANUAL)

LOGIN_SERVER_KEY = names.REGISTRY_MEMBER  # among static IPs; the other keys are regions


def is_public(settings: Settings, profile: str = PRIVATE) -> bool:
    """Whether public network access is on: as said, else by profile."""
    wanted = settings.get("public_network_access_enabled")
    return profile == NO_PRIVATE_LINK if wanted is None else bool(wanted)


def export_enabled(settings: Settings, public: bool) -> object:
    """Whether images may be exported: as wanted; else no, which Azure allows only while public access is off."""
    wanted = settings.get("export_enabled")
    return public if wanted is None else wanted


def static_address(static_ips: Settings, member: str) -> Any:
    """The address that the settings fix for a private link member; None when they fix none."""
    wanted = names.member_region(member) or LOGIN_SERVER_KEY
    for name, address in static_ips.items():
        if static_key(name) == wanted:
            return address
    return None


def static_key(name: str) -> str:
    """The key of a static IP as the checks compare it; a private link member's own name is taken too."""
    region = names.member_region(name.lower())
    return names.normalise_region(region or name)


def endpoint_name(
    login_server: str, home: str, registry: str, subnet: str, interface: str | None, *, manual: bool
) -> str:
    """The private endpoint's name where none is chosen: another one for another registry, subnet or connection.

    Azure cannot change these of an endpoint (docs/decisions/0035), so a new endpoint is made before the old one goes,
    and two cannot have one name. ``registry`` and ``subnet`` are places, as ``place`` writes them.
    """
    told = "\n".join((names.normalise_region(home), registry, subnet, interface or "", str(manual))).lower()
    mark = f"-endpoint-{hashlib.sha256(told.encode()).hexdigest()[:_MARK_LENGTH]}"
    label = names.split_login_server(login_server)[0]
    return label[: limits.PRIVATE_ENDPOINT_NAME_MAX - len(mark)] + mark


_MARK_LENGTH = 6


def place(resource_id: str) -> str:
    """An id from its resource group on, which is known before the subscription is: ``rg/vnet/subnet``."""
    found = ids.parse_id(resource_id)
    return "/".join((found.resource_group, *found.names)) if found else resource_id
