"""The estate of `wire.py` as a Pulumi program declares it: its stack export, written out by hand."""

from __future__ import annotations

from typing import Any

from tests.model.live.wire import CONTOSO, ENDPOINT, FABRIKAM, HUB, NETWORKS, POLICY, SUBSCRIPTION, WORKSPACE, ZONE


def _state(token: str, name: str, identifier: str, **inputs: Any) -> dict[str, Any]:
    kind = f"azure-native:{token}"
    return {
        "urn": f"urn:pulumi:prod::registry::{kind}::{name}",
        "type": kind,
        "id": identifier,
        "custom": True,
        "inputs": inputs,
        "outputs": {"id": identifier, "name": identifier.rpartition("/")[2]},
    }


def _registry(identifier: str, **inputs: Any) -> dict[str, Any]:
    name = identifier.rpartition("/")[2]
    return _state(
        "containerregistry:Registry",
        name,
        identifier,
        registryName=name,
        resourceGroupName="rg-registry",
        location="japaneast",
        tags={"cost_center": "42"},
        sku={"name": "Premium"},
        dataEndpointEnabled=True,
        zoneRedundancy="Disabled",
        **inputs,
    )


def export() -> dict[str, Any]:
    """What `pulumi stack export` prints."""
    resources = [
        _registry(
            CONTOSO,
            publicNetworkAccess="Disabled",
            networkRuleSet={"defaultAction": "Deny"},
            policies={
                "exportPolicy": {"status": "disabled"},
                "azureADAuthenticationAsArmPolicy": {"status": "enabled"},
            },
        ),
        _registry(
            FABRIKAM,
            adminUserEnabled=True,
            networkRuleSet={
                "defaultAction": "Deny",
                "ipRules": [{"action": "Allow", "iPAddressOrRange": "203.0.0.0/8"}],
            },
        ),
        _state(
            "containerregistry:Replication",
            "westus",
            f"{CONTOSO}/replications/westus",
            registryName="contoso",
            resourceGroupName="rg-registry",
            replicationName="westus",
            location="westus",
            zoneRedundancy="Disabled",
        ),
        _state(
            "network:PrivateEndpoint",
            "contoso-endpoint",
            ENDPOINT,
            privateEndpointName="contoso-endpoint",
            resourceGroupName="rg-network",
            subnet={"id": f"{HUB}/subnets/endpoints"},
            privateLinkServiceConnections=[
                {"name": "registry", "privateLinkServiceId": CONTOSO, "groupIds": ["registry"]}
            ],
        ),
        _state(
            "network:PrivateDnsZoneGroup",
            "default",
            f"{ENDPOINT}/privateDnsZoneGroups/default",
            privateEndpointName="contoso-endpoint",
            resourceGroupName="rg-network",
            privateDnsZoneConfigs=[{"name": "registry", "privateDnsZoneId": ZONE}],
        ),
        _state(
            "network:VirtualNetwork",
            "hub",
            HUB,
            virtualNetworkName="hub",
            resourceGroupName="rg-network",
            addressSpace={"addressPrefixes": ["192.168.0.0/24"]},
            subnets=[
                {"name": "endpoints", "addressPrefix": "192.168.0.64/27"},
                {"name": "clients", "addressPrefix": "192.168.0.0/26"},
            ],
        ),
        _state(
            "privatedns:PrivateZone",
            "privatelink.azurecr.io",
            ZONE,
            privateZoneName="privatelink.azurecr.io",
            resourceGroupName="rg-network",
        ),
        _state(
            "privatedns:VirtualNetworkLink",
            "hub-link",
            f"{ZONE}/virtualNetworkLinks/hub",
            privateZoneName="privatelink.azurecr.io",
            resourceGroupName="rg-network",
            virtualNetwork={"id": HUB},
            registrationEnabled=False,
        ),
        _state(
            "network:FirewallPolicyRuleCollectionGroup",
            "clients/registry",
            f"{POLICY}/ruleCollectionGroups/registry",
            firewallPolicyName="clients",
            resourceGroupName="rg-network",
            priority=200,
            ruleCollections=[
                {
                    "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
                    "name": "container-registry",
                    "priority": 200,
                    "action": {"type": "Allow"},
                    "rules": [
                        {
                            "ruleType": "ApplicationRule",
                            "name": "contoso",
                            "protocols": [{"protocolType": "Https", "port": 443}],
                            "targetFqdns": ["contoso.azurecr.io", "contoso.japaneast.data.azurecr.io"],
                            "sourceAddresses": ["10.0.0.0/8"],
                        }
                    ],
                }
            ],
        ),
        _state(
            "network:NetworkSecurityGroup",
            "clients",
            f"{NETWORKS}/Microsoft.Network/networkSecurityGroups/clients",
            networkSecurityGroupName="clients",
            resourceGroupName="rg-network",
            securityRules=[
                {
                    "name": "registry",
                    "protocol": "Tcp",
                    "sourcePortRange": "*",
                    "destinationPortRange": "443",
                    "sourceAddressPrefix": "VirtualNetwork",
                    "destinationAddressPrefix": "AzureContainerRegistry",
                    "access": "Allow",
                    "priority": 100,
                    "direction": "Outbound",
                }
            ],
        ),
        _state(
            "monitor:DiagnosticSetting",
            "audit",
            f"{CONTOSO}/providers/microsoft.insights/diagnosticSettings/audit",
            resourceUri=CONTOSO,
            workspaceId=WORKSPACE,
            logs=[{"categoryGroup": "audit", "enabled": True}],
        ),
        _state(
            "authorization:ManagementLockByScope",
            "keep",
            f"{CONTOSO}/providers/Microsoft.Authorization/locks/keep",
            scope=CONTOSO,
            level="CanNotDelete",
        ),
        _state(
            "authorization:ManagementLockByScope",
            "keep-network",
            f"{SUBSCRIPTION}/resourceGroups/rg-network/providers/Microsoft.Authorization/locks/keep",
            scope=f"{SUBSCRIPTION}/resourceGroups/rg-network",
            level="ReadOnly",
        ),
    ]
    return {"version": 3, "deployment": {"manifest": {}, "resources": resources}}
