"""Stack exports as the Pulumi CLI prints them, of registries with and without a private endpoint."""

from __future__ import annotations

from typing import Any

GROUP = "/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/rg-registry"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/hub"
ZONE_ID = f"{GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"


def _resource(token: str, name: str, id_: str, **outputs: Any) -> dict[str, Any]:
    return {
        "urn": f"urn:pulumi:dev::private-registry::{token}::{name}",
        "type": token,
        "id": id_,
        "custom": True,
        "inputs": {"resourceGroupName": "rg-registry"},
        "outputs": {"name": name, **outputs},
    }


def registry(
    name: str = "contoso",
    home: str = "japaneast",
    replicas: tuple[str, ...] = ("westus",),
    *,
    public: bool = False,
    ip_rules: tuple[str, ...] = (),
    data_endpoints: bool = True,
) -> list[dict[str, Any]]:
    """A registry and its replicas."""
    id_ = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/{name}"
    rules = {
        "defaultAction": "Deny" if ip_rules or not public else "Allow",
        "ipRules": [{"action": "Allow", "iPAddressOrRange": r} for r in ip_rules],
    }
    found = [
        _resource(
            "azure-native:containerregistry:Registry",
            name,
            id_,
            loginServer=f"{name}.azurecr.io",
            location=home,
            sku={"name": "Premium"},
            publicNetworkAccess="Enabled" if public else "Disabled",
            networkRuleSet=rules,
            dataEndpointEnabled=data_endpoints,
        )
    ]
    for region in replicas:
        replica = _resource(
            "azure-native:containerregistry:Replication", region, f"{id_}/replications/{region}", location=region
        )
        replica["inputs"]["registryName"] = name
        found.append(replica)
    return found


def private_path(name: str, addresses: dict[str, str]) -> list[dict[str, Any]]:
    """A private endpoint with its zone group, the zone, its link and the network. ``addresses``: record to address."""
    endpoint_id = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/{name}-endpoint"
    endpoint = _resource(
        "azure-native:network:PrivateEndpoint",
        f"{name}-endpoint",
        endpoint_id,
        subnet={"id": f"{NETWORK}/subnets/endpoints"},
        customDnsConfigs=[],
        privateLinkServiceConnections=[
            {
                "groupIds": ["registry"],
                "privateLinkServiceId": f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/{name}",
                "privateLinkServiceConnectionState": {"status": "Approved"},
            }
        ],
    )
    group = _resource(
        "azure-native:network:PrivateDnsZoneGroup",
        "default",
        f"{endpoint_id}/privateDnsZoneGroups/default",
        privateDnsZoneConfigs=[
            {
                "name": "registry",
                "privateDnsZoneId": ZONE_ID,
                "recordSets": [
                    {"recordSetName": record, "recordType": "A", "ipAddresses": [address]}
                    for record, address in addresses.items()
                ],
            }
        ],
    )
    group["inputs"]["privateEndpointName"] = f"{name}-endpoint"
    link = _resource(
        "azure-native:privatedns:VirtualNetworkLink",
        "hub",
        f"{ZONE_ID}/virtualNetworkLinks/hub",
        virtualNetwork={"id": NETWORK},
    )
    link["inputs"]["privateZoneName"] = "privatelink.azurecr.io"
    return [
        _resource(
            "azure-native:network:VirtualNetwork", "hub", NETWORK, addressSpace={"addressPrefixes": ["192.168.0.0/24"]}
        ),
        _resource("azure-native:privatedns:PrivateZone", "privatelink.azurecr.io", ZONE_ID),
        link,
        endpoint,
        group,
    ]


ADDRESSES = {
    "contoso": "192.168.0.72",
    "contoso.japaneast.data": "192.168.0.73",
    "contoso.westus.data": "192.168.0.74",
}


def export(*resources: dict[str, Any]) -> dict[str, Any]:
    """A whole export: by default the private profile with a replica."""
    found = list(resources) or [*registry(), *private_path("contoso", ADDRESSES)]
    return {"version": 3, "deployment": {"manifest": {}, "resources": found}}


def preview(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> dict[str, Any]:
    """A preview with ``--show-sames`` between two lists of resources."""
    old, new = ({r["urn"]: r for r in found} for found in (before, after))
    steps: list[dict[str, Any]] = []
    for urn in dict.fromkeys([*old, *new]):
        operation = "delete" if urn not in new else "create" if urn not in old else "update"
        if operation == "update" and old[urn] == new[urn]:
            operation = "same"
        step = {"op": operation, "urn": urn}
        if urn in old:
            step["oldState"] = old[urn]
        if urn in new:
            planned = {k: v for k, v in new[urn].items() if k != "id" or urn in old}
            step["newState"] = planned | {"inputs": planned["inputs"] | planned["outputs"]}
        steps.append(step)
    return {"steps": steps, "changeSummary": {}}
