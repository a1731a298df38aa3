"""One estate as Azure's REST interface answers it: the shapes of Microsoft's documented responses, other values.

A private registry with a replica, and one that is open to selected networks. `generate.py` prints it as `az` does.
"""

from __future__ import annotations

from typing import Any

SUBSCRIPTION = "/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590"
REGISTRIES = f"{SUBSCRIPTION}/resourceGroups/rg-registry/providers"
NETWORKS = f"{SUBSCRIPTION}/resourceGroups/rg-network/providers"
CONTOSO = f"{REGISTRIES}/Microsoft.ContainerRegistry/registries/contoso"
FABRIKAM = f"{REGISTRIES}/Microsoft.ContainerRegistry/registries/fabrikam"
ENDPOINT = f"{NETWORKS}/Microsoft.Network/privateEndpoints/contoso-endpoint"
INTERFACE = f"{NETWORKS}/Microsoft.Network/networkInterfaces/contoso-endpoint.nic.5d1a"
ZONE = f"{NETWORKS}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
HUB = f"{NETWORKS}/Microsoft.Network/virtualNetworks/hub"
POLICY = f"{NETWORKS}/Microsoft.Network/firewallPolicies/clients"
WORKSPACE = f"{REGISTRIES}/Microsoft.OperationalInsights/workspaces/logs"
APPROVED = {"status": "Approved", "description": "Auto-Approved", "actionsRequired": "None"}
ADDRESSES = {
    "contoso": "192.168.0.74",
    "contoso.japaneast.data": "192.168.0.72",
    "contoso.westus.data": "192.168.0.73",
}


def _registry(identifier: str, **properties: Any) -> dict[str, Any]:
    name = identifier.rpartition("/")[2]
    return {
        "id": identifier,
        "name": name,
        "type": "Microsoft.ContainerRegistry/registries",
        "location": "japaneast",
        "tags": {"cost_center": "42"},
        "sku": {"name": "Premium", "tier": "Premium"},
        "systemData": {"createdAt": "2025-01-15T08:00:00.1+00:00", "createdByType": "User"},
        "properties": {
            "loginServer": f"{name}.azurecr.io",
            "creationDate": "2025-01-15T08:00:00.1234567Z",
            "provisioningState": "Succeeded",
            "adminUserEnabled": False,
            "policies": {
                "quarantinePolicy": {"status": "disabled"},
                "trustPolicy": {"type": "Notary", "status": "disabled"},
                "retentionPolicy": {
                    "days": 7,
                    "lastUpdatedTime": "2025-01-15T08:00:09.9+00:00",
                    "status": "disabled",
                },
                "exportPolicy": {"status": "disabled"},
                "azureADAuthenticationAsArmPolicy": {"status": "enabled"},
            },
            "encryption": {"status": "disabled"},
            "dataEndpointEnabled": True,
            "dataEndpointHostNames": [f"{name}.japaneast.data.azurecr.io"],
            "networkRuleBypassOptions": "AzureServices",
            "zoneRedundancy": "Disabled",
            "anonymousPullEnabled": False,
            **properties,
        },
    }


def _replica(registry: str, region: str) -> dict[str, Any]:
    return {
        "id": f"{registry}/replications/{region}",
        "name": region,
        "type": "Microsoft.ContainerRegistry/registries/replications",
        "location": region,
        "tags": {},
        "properties": {
            "provisioningState": "Succeeded",
            "status": {"displayStatus": "Ready", "timestamp": "2025-01-15T08:05:00.1Z"},
            "regionEndpointEnabled": True,
            "zoneRedundancy": "Disabled",
        },
    }


def _ip_configuration(member: str, record: str) -> dict[str, Any]:
    return {
        "id": f"{INTERFACE}/ipConfigurations/{member}",
        "name": member,
        "type": "Microsoft.Network/networkInterfaces/ipConfigurations",
        "properties": {
            "provisioningState": "Succeeded",
            "privateIPAddress": ADDRESSES[record],
            "privateIPAllocationMethod": "Dynamic",
            "subnet": {"id": f"{HUB}/subnets/endpoints"},
            "primary": member == "registry",
            "privateIPAddressVersion": "IPv4",
            "privateLinkConnectionProperties": {
                "groupId": "registry",
                "requiredMemberName": member,
                "fqdns": [f"{record}.azurecr.io"],
            },
        },
    }


def _record(name: str, address: str) -> dict[str, Any]:
    return {
        "id": f"{ZONE}/A/{name}",
        "name": name,
        "type": "Microsoft.Network/privateDnsZones/A",
        "etag": "9f1c",
        "properties": {
            "ttl": 10,
            "fqdn": f"{name}.privatelink.azurecr.io.",
            "isAutoRegistered": False,
            "aRecords": [{"ipv4Address": address}],
        },
    }


# By the command that lists them: the class of the model that az prints them from, and the objects.
ANSWERS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "az acr list": (
        "containerregistry.Registry",
        [
            _registry(
                CONTOSO,
                publicNetworkAccess="Disabled",
                networkRuleSet={"defaultAction": "Deny", "ipRules": []},
                privateEndpointConnections=[
                    {
                        "id": f"{CONTOSO}/privateEndpointConnections/contoso.2f0c",
                        "name": "contoso.2f0c",
                        "type": "Microsoft.ContainerRegistry/registries/privateEndpointConnections",
                        "properties": {
                            "privateEndpoint": {"id": ENDPOINT},
                            "privateLinkServiceConnectionState": APPROVED,
                            "provisioningState": "Succeeded",
                        },
                    }
                ],
            ),
            _registry(
                FABRIKAM,
                adminUserEnabled=True,
                publicNetworkAccess="Enabled",
                networkRuleSet={
                    "defaultAction": "Deny",
                    "ipRules": [{"action": "Allow", "value": "203.0.0.0/8"}],
                },
                privateEndpointConnections=[],
                policies={"exportPolicy": {"status": "enabled"}},
            ),
        ],
    ),
    "az acr replication list --registry contoso": (
        "containerregistry.Replication",
        [_replica(CONTOSO, "japaneast"), _replica(CONTOSO, "westus")],
    ),
    "az network private-endpoint list": (
        "network.PrivateEndpoint",
        [
            {
                "id": ENDPOINT,
                "name": "contoso-endpoint",
                "type": "Microsoft.Network/privateEndpoints",
                "location": "japaneast",
                "etag": 'W/"1c0e"',
                "properties": {
                    "provisioningState": "Succeeded",
                    "resourceGuid": "7d5b7d0a-28f3-4b0a-8f5b-6a4f8f6c9b5e",
                    "privateLinkServiceConnections": [
                        {
                            "id": f"{ENDPOINT}/privateLinkServiceConnections/registry",
                            "name": "registry",
                            "type": "Microsoft.Network/privateEndpoints/privateLinkServiceConnections",
                            "properties": {
                                "provisioningState": "Succeeded",
                                "privateLinkServiceId": CONTOSO,
                                "groupIds": ["registry"],
                                "privateLinkServiceConnectionState": APPROVED,
                            },
                        }
                    ],
                    "manualPrivateLinkServiceConnections": [],
                    "customNetworkInterfaceName": "",
                    "subnet": {"id": f"{HUB}/subnets/endpoints"},
                    "ipConfigurations": [],
                    "networkInterfaces": [{"id": INTERFACE}],
                    "customDnsConfigs": [],
                },
            }
        ],
    ),
    "az network private-endpoint dns-zone-group list --endpoint-name contoso-endpoint": (
        "network.PrivateDnsZoneGroup",
        [
            {
                "id": f"{ENDPOINT}/privateDnsZoneGroups/default",
                "name": "default",
                "etag": 'W/"77ad"',
                "properties": {
                    "provisioningState": "Succeeded",
                    "privateDnsZoneConfigs": [
                        {"name": "registry", "properties": {"privateDnsZoneId": ZONE, "recordSets": []}}
                    ],
                },
            }
        ],
    ),
    "az network nic list": (
        "network.NetworkInterface",
        [
            {
                "id": INTERFACE,
                "name": INTERFACE.rpartition("/")[2],
                "type": "Microsoft.Network/networkInterfaces",
                "location": "japaneast",
                "properties": {
                    "provisioningState": "Succeeded",
                    "ipConfigurations": [
                        _ip_configuration("registry", "contoso"),
                        _ip_configuration("registry_data_japaneast", "contoso.japaneast.data"),
                        _ip_configuration("registry_data_westus", "contoso.westus.data"),
                    ],
                    "privateEndpoint": {"id": ENDPOINT},
                },
            }
        ],
    ),
    "az network vnet list": (
        "network.VirtualNetwork",
        [
            {
                "id": HUB,
                "name": "hub",
                "type": "Microsoft.Network/virtualNetworks",
                "location": "japaneast",
                "properties": {
                    "provisioningState": "Succeeded",
                    "addressSpace": {"addressPrefixes": ["192.168.0.0/24"]},
                    "subnets": [
                        {
                            "id": f"{HUB}/subnets/endpoints",
                            "name": "endpoints",
                            "type": "Microsoft.Network/virtualNetworks/subnets",
                            "properties": {
                                "provisioningState": "Succeeded",
                                "addressPrefix": "192.168.0.64/27",
                                "privateEndpointNetworkPolicies": "Disabled",
                            },
                        },
                        {
                            "id": f"{HUB}/subnets/clients",
                            "name": "clients",
                            "type": "Microsoft.Network/virtualNetworks/subnets",
                            "properties": {"provisioningState": "Succeeded", "addressPrefix": "192.168.0.0/26"},
                        },
                    ],
                    "virtualNetworkPeerings": [],
                    "enableDdosProtection": False,
                },
            }
        ],
    ),
    "az network private-dns zone list": (
        "privatedns.PrivateZone",
        [
            {
                "id": ZONE,
                "name": "privatelink.azurecr.io",
                "type": "Microsoft.Network/privateDnsZones",
                "location": "global",
                "properties": {
                    "maxNumberOfRecordSets": 25000,
                    "numberOfRecordSets": 4,
                    "numberOfVirtualNetworkLinks": 1,
                    "provisioningState": "Succeeded",
                },
            }
        ],
    ),
    "az network private-dns link vnet list --zone-name privatelink.azurecr.io": (
        "privatedns.VirtualNetworkLink",
        [
            {
                "id": f"{ZONE}/virtualNetworkLinks/hub",
                "name": "hub",
                "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
                "location": "global",
                "properties": {
                    "virtualNetwork": {"id": HUB},
                    "registrationEnabled": False,
                    "virtualNetworkLinkState": "Completed",
                    "provisioningState": "Succeeded",
                },
            }
        ],
    ),
    "az network private-dns record-set list --zone-name privatelink.azurecr.io": (
        "privatedns.RecordSet",
        [_record(name, address) for name, address in ADDRESSES.items()],
    ),
    "az network firewall policy rule-collection-group list --policy-name clients": (
        "network.FirewallPolicyRuleCollectionGroup",
        [
            {
                "id": f"{POLICY}/ruleCollectionGroups/registry",
                "name": "registry",
                "type": "Microsoft.Network/FirewallPolicies/RuleCollectionGroups",
                "properties": {
                    "priority": 200,
                    "provisioningState": "Succeeded",
                    "ruleCollections": [
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
                },
            }
        ],
    ),
    "az network nsg list": (
        "network.NetworkSecurityGroup",
        [
            {
                "id": f"{NETWORKS}/Microsoft.Network/networkSecurityGroups/clients",
                "name": "clients",
                "type": "Microsoft.Network/networkSecurityGroups",
                "location": "japaneast",
                "properties": {
                    "provisioningState": "Succeeded",
                    "securityRules": [
                        {
                            "id": f"{NETWORKS}/Microsoft.Network/networkSecurityGroups/clients/securityRules/registry",
                            "name": "registry",
                            "type": "Microsoft.Network/networkSecurityGroups/securityRules",
                            "properties": {
                                "provisioningState": "Succeeded",
                                "protocol": "Tcp",
                                "sourcePortRange": "*",
                                "destinationPortRange": "443",
                                "sourceAddressPrefix": "VirtualNetwork",
                                "destinationAddressPrefix": "AzureContainerRegistry",
                                "access": "Allow",
                                "priority": 100,
                                "direction": "Outbound",
                                "sourcePortRanges": [],
                                "destinationPortRanges": [],
                                "sourceAddressPrefixes": [],
                                "destinationAddressPrefixes": [],
                            },
                        }
                    ],
                },
            }
        ],
    ),
    "az monitor diagnostic-settings list --resource contoso": (
        "monitor.DiagnosticSettingsResource",
        [
            {
                "id": f"{CONTOSO}/providers/microsoft.insights/diagnosticSettings/audit",
                "name": "audit",
                "type": "Microsoft.Insights/diagnosticSettings",
                "properties": {
                    "workspaceId": WORKSPACE,
                    "logs": [
                        {
                            "category": None,
                            "categoryGroup": "audit",
                            "enabled": True,
                            "retentionPolicy": {"enabled": False, "days": 0},
                        }
                    ],
                    "metrics": [],
                },
            }
        ],
    ),
    "az lock list": (
        "",
        [
            {
                "id": f"{CONTOSO}/providers/Microsoft.Authorization/locks/keep",
                "name": "keep",
                "type": "Microsoft.Authorization/locks",
                "level": "CanNotDelete",
                "notes": None,
                "owners": None,
                "resourceGroup": "rg-registry",
            },
            {
                "id": f"{SUBSCRIPTION}/resourceGroups/rg-network/providers/Microsoft.Authorization/locks/keep",
                "name": "keep",
                "type": "Microsoft.Authorization/locks",
                "level": "ReadOnly",
                "notes": None,
                "owners": None,
                "resourceGroup": "rg-network",
            },
        ],
    ),
}


def file_of(command: str) -> str:
    """The file that a reader would print a command into."""
    words = [word for word in command.split() if word not in ("az", "network")]
    plain = words[: next((i for i, word in enumerate(words) if word.startswith("--")), len(words))]
    return "-".join(plain) + ".json"
