"""What Azure refuses to change of a resource that exists, although azure-native plans an update.

azure-native replaces for its own short list (``provider/pkg/gen/replacement.go``: of an endpoint only ``subnet``) and
for what an ARM specification marks ``x-ms-mutability: create``. These are in neither: a deployment learns of them in
its middle, unless somebody looks before.
"""

from __future__ import annotations

from typing import NamedTuple


class Fixed(NamedTuple):
    """One property, as ARM writes its path, and what it means when nothing is said of it."""

    path: str
    unsaid: str
    source: str


REGISTRY = (
    Fixed("zoneRedundancy", "Disabled", "learn.microsoft.com/azure/container-registry/zone-redundancy, 2026-01"),
    Fixed(
        "encryption.status",
        "disabled",
        "learn.microsoft.com/azure/container-registry/tutorial-enable-customer-managed-keys, 2026-01",
    ),
)
REPLICATION = (
    Fixed("zoneRedundancy", "Disabled", "Azure/azure-rest-api-specs#18934, 2022-05: 'doesn't support to update'"),
)

# Azure/bicep-registry-modules#7285 (2026-08), #1513 (2024-04) and Azure/bicep#10483 (2023-04): the name, the target and
# the groups of a connection, asked for in either way. `subnet` is azure-native's own. What Azure answers to another
# interface name was not found.
ENDPOINT_CONNECTIONS = ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections")
ENDPOINT_CONNECTION = ("name", "privateLinkServiceId", "groupIds")
ENDPOINT_INTERFACE = "customNetworkInterfaceName"

# The network of a zone's link: azurerm replaces for it (azurerm_private_dns_zone_virtual_network_link); the
# specifications 2024-06-01 and 2026-06-01-preview do not mark it.
LINK_NETWORK = "virtualNetwork"
