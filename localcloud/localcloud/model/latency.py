"""How long operations take when ``realistic`` latency is simulated: seconds to create, update and delete.

Measured by nobody: orders of magnitude from public deployment logs and issue threads, chosen so that what is slow in
a cloud is slow here and ordering mistakes show. docs/rehearsal.md prints this table. ``LOCALCLOUD_LATENCY_SCALE``
multiplies it.
"""

from __future__ import annotations

import os

# Azure does not document how long; Azure/azure-rest-api-specs#18934 only shows that "at once" fails.
REPLICATION_HOLD_SECONDS = 60.0

SECONDS: dict[str, tuple[float, float, float]] = {
    "azure-native:resources:ResourceGroup": (1.5, 1.0, 15.0),
    "azure-native:containerregistry:Registry": (15.0, 5.0, 10.0),  # recorded: up to 20 s in 2022, 7 s in 2026, empty
    "azure-native:containerregistry:Replication": (
        60.0,
        10.0,
        30.0,
    ),  # recorded: 12 s in 2026, empty; images take longer
    "azure-native:containerregistry:PrivateEndpointConnection": (25.0, 25.0, 5.0),  # recorded: 21 and 32 s, 2022
    "azure-native:network:VirtualNetwork": (5.0, 5.0, 10.0),
    "azure-native:network:Subnet": (5.0, 5.0, 10.0),
    "azure-native:network:NetworkInterface": (3.0, 3.0, 5.0),
    "azure-native:network:PrivateEndpoint": (45.0, 10.0, 20.0),
    "azure-native:network:PrivateDnsZoneGroup": (10.0, 10.0, 10.0),
    "azure-native:network:NetworkSecurityGroup": (4.0, 4.0, 5.0),
    "azure-native:network:FirewallPolicy": (10.0, 10.0, 10.0),
    "azure-native:network:FirewallPolicyRuleCollectionGroup": (20.0, 20.0, 20.0),
    "azure-native:network:VirtualNetworkPeering": (10.0, 10.0, 10.0),
    "azure-native:privatedns:PrivateZone": (30.0, 10.0, 20.0),
    "azure-native:privatedns:VirtualNetworkLink": (30.0, 15.0, 20.0),
    "azure-native:keyvault:Vault": (30.0, 10.0, 10.0),
    "azure-native:operationalinsights:Workspace": (30.0, 10.0, 10.0),
    "alicloud:cr/registryEnterpriseInstance:RegistryEnterpriseInstance": (60.0, 5.0, 10.0),
    "alicloud:cr/internetEndpoint:InternetEndpoint": (15.0, 10.0, 10.0),
    "alicloud:cr/vpcEndpointLinkedVpc:VpcEndpointLinkedVpc": (30.0, 10.0, 20.0),
    "alicloud:cen/transitRouter:TransitRouter": (20.0, 5.0, 20.0),
    "alicloud:cen/transitRouterVpcAttachment:TransitRouterVpcAttachment": (45.0, 10.0, 45.0),
    "alicloud:cen/transitRouterPeerAttachment:TransitRouterPeerAttachment": (60.0, 10.0, 60.0),
}
OTHERS = (2.0, 2.0, 2.0)
PROFILES = ("off", "realistic")


def seconds(token: str, operation: str) -> float:
    """How long one operation (``create``, ``update``, ``delete``) on a type takes, scaled."""
    return SECONDS.get(token, OTHERS)[("create", "update", "delete").index(operation)] * scale()


def scale() -> float:
    """``LOCALCLOUD_LATENCY_SCALE``, 1 when unset. ValueError when it is not a number above or equal to 0."""
    given = os.environ.get("LOCALCLOUD_LATENCY_SCALE", "1")
    try:
        factor = float(given)
    except ValueError:
        factor = -1.0
    if not 0 <= factor < float("inf"):
        raise ValueError(f"LOCALCLOUD_LATENCY_SCALE is '{given}': it must be a number, 0 or more, e.g. 0.01")
    return factor
