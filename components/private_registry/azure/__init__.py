"""The components for Azure. Each is loaded, and Pulumi with it, when it is first asked for."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client_firewall import ClientFirewall, ClientFirewallArgs, ClientFirewallRegistryArgs
    from .premium_registry import (
        CustomerManagedKeyArgs,
        PremiumRegistry,
        PremiumRegistryArgs,
        RegistrySettingsArgs,
        ReplicaArgs,
    )
    from .private_dns_zone import PrivateDnsZone, PrivateDnsZoneArgs, VirtualNetworkLinkArgs
    from .private_registry import DnsArgs, NetworkArgs, PrivateRegistry, PrivateRegistryArgs
    from .registry_private_endpoint import (
        PrivateEndpointSettingsArgs,
        RegistryPrivateEndpoint,
        RegistryPrivateEndpointArgs,
    )

_HOMES = {
    "ClientFirewall": "client_firewall",
    "ClientFirewallArgs": "client_firewall",
    "ClientFirewallRegistryArgs": "client_firewall",
    "CustomerManagedKeyArgs": "premium_registry",
    "DnsArgs": "private_registry",
    "NetworkArgs": "private_registry",
    "PremiumRegistry": "premium_registry",
    "PremiumRegistryArgs": "premium_registry",
    "PrivateDnsZone": "private_dns_zone",
    "PrivateDnsZoneArgs": "private_dns_zone",
    "PrivateEndpointSettingsArgs": "registry_private_endpoint",
    "PrivateRegistry": "private_registry",
    "PrivateRegistryArgs": "private_registry",
    "RegistryPrivateEndpoint": "registry_private_endpoint",
    "RegistryPrivateEndpointArgs": "registry_private_endpoint",
    "RegistrySettingsArgs": "premium_registry",
    "ReplicaArgs": "premium_registry",
    "VirtualNetworkLinkArgs": "private_dns_zone",
}

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
    if name not in _HOMES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    import importlib

    value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value  # asked once
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
