"""A private container registry that a platform team can trust, as Pulumi components.

    from private_registry import PrivateRegistry

Importing this package does not import Pulumi: names and reachability are used by tools that never start an engine.
A component is loaded when it is first asked for.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .azure import (
        ClientFirewall,
        ClientFirewallArgs,
        ClientFirewallRegistryArgs,
        CustomerManagedKeyArgs,
        DnsArgs,
        NetworkArgs,
        PremiumRegistry,
        PremiumRegistryArgs,
        PrivateDnsZone,
        PrivateDnsZoneArgs,
        PrivateEndpointSettingsArgs,
        PrivateRegistry,
        PrivateRegistryArgs,
        RegistryPrivateEndpoint,
        RegistryPrivateEndpointArgs,
        RegistrySettingsArgs,
        ReplicaArgs,
        VirtualNetworkLinkArgs,
    )

__version__ = "0.1.0"

__all__ = [
    "ClientFirewall",
    "ClientFirewallArgs",
    "ClientFirewallRegistryArgs",
    "CustomerManagedKeyArgs",
    "DnsArgs",
    "NetworkArgs",
    "PremiumRegistry",
    "PremiumRegistryArgs",
    "PrivateDnsZone",
    "PrivateDnsZoneArgs",
    "PrivateEndpointSettingsArgs",
    "PrivateRegistry",
    "PrivateRegistryArgs",
    "RegistryPrivateEndpoint",
    "RegistryPrivateEndpointArgs",
    "RegistrySettingsArgs",
    "ReplicaArgs",
    "VirtualNetworkLinkArgs",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    from . import azure

    return getattr(azure, name)


def __dir__() -> list[str]:
    return sorted(__all__)
