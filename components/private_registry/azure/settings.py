"""What the settings of the components mean: the choices that they offer, and what holds where one is not given.

Pure: no Pulumi.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry_model.azure import names

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
