"""A private container registry that a platform team can trust, as Pulumi components.

    from private_registry import PrivateRegistry

Importing this package does not import Pulumi: names and reachability are used by tools that never start an engine.
A component is loaded, and Pulumi with it, when it is first asked for.
"""

from typing import TYPE_CHECKING

from private_registry.lazy import loader

if TYPE_CHECKING:  # what ``_HOMES`` says, for type checkers; a test holds the two equal
    from .azure.client_firewall import ClientFirewall as ClientFirewall
    from .azure.client_firewall import ClientFirewallArgs as ClientFirewallArgs
    from .azure.client_firewall import ClientFirewallRegistryArgs as ClientFirewallRegistryArgs
    from .azure.premium_registry import CustomerManagedKeyArgs as CustomerManagedKeyArgs
    from .azure.premium_registry import PremiumRegistry as PremiumRegistry
    from .azure.premium_registry import PremiumRegistryArgs as PremiumRegistryArgs
    from .azure.premium_registry import RegistrySettingsArgs as RegistrySettingsArgs
    from .azure.premium_registry import ReplicaArgs as ReplicaArgs
    from .azure.private_dns_zone import PrivateDnsZone as PrivateDnsZone
    from .azure.private_dns_zone import PrivateDnsZoneArgs as PrivateDnsZoneArgs
    from .azure.private_dns_zone import VirtualNetworkLinkArgs as VirtualNetworkLinkArgs
    from .azure.private_registry import DnsArgs as DnsArgs
    from .azure.private_registry import NetworkArgs as NetworkArgs
    from .azure.private_registry import PrivateRegistry as PrivateRegistry
    from .azure.private_registry import PrivateRegistryArgs as PrivateRegistryArgs
    from .azure.registry_private_endpoint import PrivateEndpointSettingsArgs as PrivateEndpointSettingsArgs
    from .azure.registry_private_endpoint import RegistryPrivateEndpoint as RegistryPrivateEndpoint
    from .azure.registry_private_endpoint import RegistryPrivateEndpointArgs as RegistryPrivateEndpointArgs

__version__ = "0.1.0"

# Every public name by the module that defines it.
_HOMES = {
    name: module
    for module, names in {
        "azure.client_firewall": ("ClientFirewall", "ClientFirewallArgs", "ClientFirewallRegistryArgs"),
        "azure.premium_registry": (
            "CustomerManagedKeyArgs",
            "PremiumRegistry",
            "PremiumRegistryArgs",
            "RegistrySettingsArgs",
            "ReplicaArgs",
        ),
        "azure.private_dns_zone": ("PrivateDnsZone", "PrivateDnsZoneArgs", "VirtualNetworkLinkArgs"),
        "azure.private_registry": ("DnsArgs", "NetworkArgs", "PrivateRegistry", "PrivateRegistryArgs"),
        "azure.registry_private_endpoint": (
            "PrivateEndpointSettingsArgs",
            "RegistryPrivateEndpoint",
            "RegistryPrivateEndpointArgs",
        ),
    }.items()
    for name in names
}

__all__ = sorted(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


__getattr__ = loader(__name__, _HOMES, globals())


def __dir__() -> list[str]:
    return [*__all__]
