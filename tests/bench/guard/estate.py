"""A large estate for measuring the guard: complete stacks, each with everything around one registry, in one state.

``python -m tests.bench.guard.estate 300 FILE`` writes the state of 300 stacks, 16 resources each.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
ROOT = "urn:pulumi:estate::estate::pulumi:pulumi:Stack::estate-estate"
TENANT = "00000000-0000-0000-0000-000000000003"
CLIENT = "00000000-0000-0000-0000-000000000002"
PER_STACK = 16


def _urn(token: str, name: str) -> str:
    return f"urn:pulumi:estate::estate::azure-native:{token}::{name}"


def _resource(
    token: str, name: str, arm: str, inputs: dict[str, Any], outputs: dict[str, Any], *depends_on: str
) -> dict[str, Any]:
    return {
        "urn": _urn(token, name),
        "custom": True,
        "id": arm,
        "type": f"azure-native:{token}",
        "inputs": inputs,
        "outputs": {
            **inputs,
            "name": arm.rpartition("/")[2],
            "provisioningState": "Succeeded",
            "azureApiVersion": "2024-05-01",
            **outputs,
        },
        "parent": ROOT,
        "dependencies": list(depends_on),
        "propertyDependencies": {key: list(depends_on) if key == "resourceGroupName" else [] for key in inputs},
    }


def stack(index: int) -> Iterator[dict[str, Any]]:
    """One complete stack that the strict preset accepts."""
    key = f"{index:05}"
    group_id = f"{SUBSCRIPTION}/resourceGroups/rg-{key}"
    providers = f"{group_id}/providers"
    registry_id = f"{providers}/Microsoft.ContainerRegistry/registries/contoso{key}"
    network_id = f"{providers}/Microsoft.Network/virtualNetworks/network-{key}"
    endpoint_id = f"{providers}/Microsoft.Network/privateEndpoints/endpoint-{key}"
    zone_id = f"{providers}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
    identity_id = f"{providers}/Microsoft.ManagedIdentity/userAssignedIdentities/identity-{key}"
    vault_id = f"{providers}/Microsoft.KeyVault/vaults/vault{key}"
    workspace_id = f"{providers}/Microsoft.OperationalInsights/workspaces/logs-{key}"
    group = _urn("resources:ResourceGroup", f"group-{key}")
    registry = _urn("containerregistry:Registry", f"registry-{key}")
    endpoint = _urn("network:PrivateEndpoint", f"endpoint-{key}")
    placed = {"resourceGroupName": f"rg-{key}"}
    tags = {"owner": "platform", "cost": "shared", "stack": key, "managed": "pulumi"}
    located = {**placed, "location": "japaneast", "tags": tags}
    host = f"contoso{key}.azurecr.io"

    yield _resource("resources:ResourceGroup", f"group-{key}", group_id, located, {})
    yield _resource(
        "containerregistry:Registry",
        f"registry-{key}",
        registry_id,
        {
            **located,
            "registryName": f"contoso{key}",
            "sku": {"name": "Premium"},
            "adminUserEnabled": False,
            "anonymousPullEnabled": False,
            "dataEndpointEnabled": True,
            "publicNetworkAccess": "Disabled",
            "networkRuleBypassOptions": "AzureServices",
            "networkRuleSet": {"defaultAction": "Deny", "ipRules": []},
            "zoneRedundancy": "Enabled",
            "identity": {"type": "UserAssigned", "userAssignedIdentities": [identity_id]},
            "encryption": {
                "status": "enabled",
                "keyVaultProperties": {
                    "keyIdentifier": f"https://vault{key}.vault.azure.net/keys/registry",
                    "identity": CLIENT,
                },
            },
            "policies": {
                "exportPolicy": {"status": "disabled"},
                "quarantinePolicy": {"status": "disabled"},
                "retentionPolicy": {"status": "enabled", "days": 30},
                "trustPolicy": {"status": "disabled", "type": "Notary"},
                "azureADAuthenticationAsArmPolicy": {"status": "disabled"},
            },
        },
        {
            "loginServer": host,
            "creationDate": "2026-01-01T00:00:00Z",
            "dataEndpointHostNames": [f"contoso{key}.{region}.data.azurecr.io" for region in ("japaneast", "eastus")],
            "privateEndpointConnections": [],
            "systemData": {"createdBy": "pipeline", "createdByType": "Application"},
        },
        group,
    )
    yield _resource(
        "containerregistry:Replication",
        f"replica-{key}",
        f"{registry_id}/replications/eastus",
        {**placed, "registryName": f"contoso{key}", "replicationName": "eastus", "location": "eastus", "tags": tags},
        {"status": {"displayStatus": "Ready", "message": "", "timestamp": "2026-01-01T00:00:00Z"}},
        group,
        registry,
    )
    yield _resource(
        "network:VirtualNetwork",
        f"network-{key}",
        network_id,
        {**located, "virtualNetworkName": f"network-{key}", "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}},
        {"enableDdosProtection": False, "subnets": [], "virtualNetworkPeerings": []},
        group,
    )
    yield _resource(
        "network:Subnet",
        f"subnet-{key}",
        f"{network_id}/subnets/endpoints",
        {
            **placed,
            "virtualNetworkName": f"network-{key}",
            "subnetName": "endpoints",
            "addressPrefix": "10.0.0.0/26",
            "privateEndpointNetworkPolicies": "Enabled",
        },
        {"purpose": "PrivateEndpoints", "ipConfigurations": []},
        group,
    )
    yield _resource(
        "network:PrivateEndpoint",
        f"endpoint-{key}",
        endpoint_id,
        {
            **located,
            "privateEndpointName": f"endpoint-{key}",
            "customNetworkInterfaceName": f"nic-{key}",
            "subnet": {"id": f"{network_id}/subnets/endpoints"},
            "privateLinkServiceConnections": [
                {"name": "registry", "privateLinkServiceId": registry_id, "groupIds": ["registry"]}
            ],
        },
        {
            "networkInterfaces": [{"id": f"{providers}/Microsoft.Network/networkInterfaces/nic-{key}"}],
            "customDnsConfigs": [{"fqdn": host, "ipAddresses": ["10.0.0.4"]}],
        },
        group,
        registry,
    )
    yield _resource(
        "privatedns:PrivateZone",
        f"zone-{key}",
        zone_id,
        {**placed, "privateZoneName": "privatelink.azurecr.io", "location": "Global", "tags": tags},
        {"maxNumberOfRecordSets": 25000, "numberOfRecordSets": 4},
        group,
    )
    yield _resource(
        "privatedns:VirtualNetworkLink",
        f"link-{key}",
        f"{zone_id}/virtualNetworkLinks/link-{key}",
        {
            **placed,
            "privateZoneName": "privatelink.azurecr.io",
            "virtualNetworkLinkName": f"link-{key}",
            "virtualNetwork": {"id": network_id},
            "registrationEnabled": False,
            "location": "Global",
        },
        {"virtualNetworkLinkState": "Completed"},
        group,
    )
    yield _resource(
        "network:PrivateDnsZoneGroup",
        f"zone-group-{key}",
        f"{endpoint_id}/privateDnsZoneGroups/default",
        {
            **placed,
            "privateEndpointName": f"endpoint-{key}",
            "privateDnsZoneGroupName": "default",
            "privateDnsZoneConfigs": [{"name": "registry", "privateDnsZoneId": zone_id}],
        },
        {},
        group,
        endpoint,
    )
    yield _resource(
        "keyvault:Vault",
        f"vault-{key}",
        vault_id,
        {
            **located,
            "vaultName": f"vault{key}",
            "properties": {
                "tenantId": TENANT,
                "sku": {"family": "A", "name": "standard"},
                "enablePurgeProtection": True,
                "enableRbacAuthorization": True,
                "publicNetworkAccess": "Disabled",
            },
        },
        {},
        group,
    )
    yield _resource(
        "keyvault:Key",
        f"key-{key}",
        f"{vault_id}/keys/registry",
        {**placed, "vaultName": f"vault{key}", "keyName": "registry", "properties": {"kty": "RSA", "keySize": 3072}},
        {"keyUri": f"https://vault{key}.vault.azure.net/keys/registry"},
        group,
    )
    yield _resource(
        "managedidentity:UserAssignedIdentity",
        f"identity-{key}",
        identity_id,
        {**located, "resourceName": f"identity-{key}"},
        {"clientId": CLIENT, "principalId": TENANT, "tenantId": TENANT},
        group,
    )
    yield _resource(
        "operationalinsights:Workspace",
        f"workspace-{key}",
        workspace_id,
        {**located, "workspaceName": f"logs-{key}", "retentionInDays": 90, "sku": {"name": "PerGB2018"}},
        {"customerId": TENANT, "createdDate": "2026-01-01T00:00:00Z"},
        group,
    )
    yield _resource(
        "monitor:DiagnosticSetting",
        f"diagnostics-{key}",
        f"{registry_id}/providers/Microsoft.Insights/diagnosticSettings/audit",
        {
            "name": "audit",
            "resourceUri": registry_id,
            "workspaceId": workspace_id,
            "logs": [
                {"category": "ContainerRegistryLoginEvents", "enabled": True},
                {"category": "ContainerRegistryRepositoryEvents", "enabled": True},
            ],
            "metrics": [{"category": "AllMetrics", "enabled": True}],
        },
        {},
        registry,
    )
    yield _resource(
        "authorization:ManagementLockByScope",
        f"lock-{key}",
        f"{registry_id}/providers/Microsoft.Authorization/locks/keep",
        {"scope": registry_id, "level": "CanNotDelete", "lockName": "keep", "notes": "Images cannot be brought back."},
        {},
        registry,
    )
    yield _resource(
        "authorization:RoleAssignment",
        f"pull-{key}",
        f"{registry_id}/providers/Microsoft.Authorization/roleAssignments/{key}",
        {
            "scope": registry_id,
            "roleDefinitionId": f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/acrpull",
            "principalId": CLIENT,
            "principalType": "ServicePrincipal",
        },
        {"createdOn": "2026-01-01T00:00:00Z"},
        registry,
    )


def resources(stacks: int) -> list[dict[str, Any]]:
    """The entries of a stack export: the root, then ``PER_STACK`` resources of each stack."""
    root = {"urn": ROOT, "custom": False, "type": "pulumi:pulumi:Stack"}
    return [root, *(resource for index in range(stacks) for resource in stack(index))]


def write(file: Path, stacks: int) -> Path:
    """Write the state of that many stacks, as ``pulumi stack export`` does."""
    manifest = {"time": "2026-01-01T00:00:00Z", "magic": "", "version": ""}
    file.write_text(json.dumps({"version": 3, "deployment": {"manifest": manifest, "resources": resources(stacks)}}))
    return file


if __name__ == "__main__":
    write(Path(sys.argv[2]), int(sys.argv[1]))
