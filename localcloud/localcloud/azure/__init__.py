"""The Azure types that the local cloud has, one a file.

The table says where each is in ARM, and which file has its rules.

The table is all that is loaded before a type is used: most programs use a few of them, and start-up time counts.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
_ACR = f"{_GROUP}/providers/Microsoft.ContainerRegistry/registries/{{registryName}}"
_NET = f"{_GROUP}/providers/Microsoft.Network"
_VNET = f"{_NET}/virtualNetworks/{{virtualNetworkName}}"
_NSG = f"{_NET}/networkSecurityGroups/{{networkSecurityGroupName}}"
_ENDPOINT = f"{_NET}/privateEndpoints/{{privateEndpointName}}"
_FIREWALL = f"{_NET}/firewallPolicies/{{firewallPolicyName}}"
_ZONE = f"{_NET}/privateDnsZones/{{privateZoneName}}"
_VAULT = f"{_GROUP}/providers/Microsoft.KeyVault/vaults/{{vaultName}}"
_LOCK = "providers/Microsoft.Authorization/locks/{lockName}"
_ANY_RESOURCE = (
    f"{_GROUP}/providers/{{resourceProviderNamespace}}/{{parentResourcePath}}/{{resourceType}}/{{resourceName}}"
)

# Pulumi token (without "azure-native:") -> id with the inputs that fill it, file and class of the rules.
_TABLE: dict[str, tuple[str, str]] = {
    "resources:ResourceGroup": (_GROUP, "resource_group.ResourceGroup"),
    "containerregistry:Registry": (_ACR, "registry.Registry"),
    "containerregistry:Replication": (f"{_ACR}/replications/{{replicationName}}", "replication.Replication"),
    "containerregistry:PrivateEndpointConnection": (
        f"{_ACR}/privateEndpointConnections/{{privateEndpointConnectionName}}",
        "private_endpoint_connection.PrivateEndpointConnection",
    ),
    "containerregistry:Webhook": (f"{_ACR}/webhooks/{{webhookName}}", "webhook.Webhook"),
    "containerregistry:CacheRule": (f"{_ACR}/cacheRules/{{cacheRuleName}}", "cache_rule.CacheRule"),
    "containerregistry:CredentialSet": (f"{_ACR}/credentialSets/{{credentialSetName}}", "credential_set.CredentialSet"),
    "containerregistry:ScopeMap": (f"{_ACR}/scopeMaps/{{scopeMapName}}", "scope_map.ScopeMap"),
    "containerregistry:Token": (f"{_ACR}/tokens/{{tokenName}}", "token.Token"),
    "network:VirtualNetwork": (_VNET, "virtual_network.VirtualNetwork"),
    "network:Subnet": (f"{_VNET}/subnets/{{subnetName}}", "subnet.Subnet"),
    "network:VirtualNetworkPeering": (
        f"{_VNET}/virtualNetworkPeerings/{{virtualNetworkPeeringName}}",
        "virtual_network_peering.VirtualNetworkPeering",
    ),
    "network:NetworkInterface": (
        f"{_NET}/networkInterfaces/{{networkInterfaceName}}",
        "network_interface.NetworkInterface",
    ),
    "network:PrivateEndpoint": (_ENDPOINT, "private_endpoint.PrivateEndpoint"),
    "network:PrivateDnsZoneGroup": (
        f"{_ENDPOINT}/privateDnsZoneGroups/{{privateDnsZoneGroupName}}",
        "private_dns_zone_group.PrivateDnsZoneGroup",
    ),
    "network:NetworkSecurityGroup": (_NSG, "network_security_group.NetworkSecurityGroup"),
    "network:SecurityRule": (f"{_NSG}/securityRules/{{securityRuleName}}", "security_rule.SecurityRule"),
    "network:ApplicationSecurityGroup": (
        f"{_NET}/applicationSecurityGroups/{{applicationSecurityGroupName}}",
        "application_security_group.ApplicationSecurityGroup",
    ),
    "network:FirewallPolicy": (_FIREWALL, "firewall_policy.FirewallPolicy"),
    "network:FirewallPolicyRuleCollectionGroup": (
        f"{_FIREWALL}/ruleCollectionGroups/{{ruleCollectionGroupName}}",
        "firewall_policy_rule_collection_group.FirewallPolicyRuleCollectionGroup",
    ),
    "privatedns:PrivateZone": (_ZONE, "private_zone.PrivateZone"),
    "privatedns:VirtualNetworkLink": (
        f"{_ZONE}/virtualNetworkLinks/{{virtualNetworkLinkName}}",
        "virtual_network_link.VirtualNetworkLink",
    ),
    "privatedns:PrivateRecordSet": (
        f"{_ZONE}/{{recordType}}/{{relativeRecordSetName}}",
        "private_record_set.PrivateRecordSet",
    ),
    "authorization:ManagementLockByScope": (f"{{scope}}/{_LOCK}", "management_lock.ManagementLock"),
    "authorization:ManagementLockAtResourceLevel": (f"{_ANY_RESOURCE}/{_LOCK}", "management_lock.ManagementLock"),
    "authorization:ManagementLockAtResourceGroupLevel": (f"{_GROUP}/{_LOCK}", "management_lock.ManagementLock"),
    "authorization:ManagementLockAtSubscriptionLevel": (
        f"/subscriptions/{{subscriptionId}}/{_LOCK}",
        "management_lock.ManagementLock",
    ),
    "authorization:RoleAssignment": (
        "{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
        "role_assignment.RoleAssignment",
    ),
    "managedidentity:UserAssignedIdentity": (
        f"{_GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{{resourceName}}",
        "user_assigned_identity.UserAssignedIdentity",
    ),
    "keyvault:Vault": (_VAULT, "vault.Vault"),
    "keyvault:Key": (f"{_VAULT}/keys/{{keyName}}", "key.Key"),
    "operationalinsights:Workspace": (
        f"{_GROUP}/providers/Microsoft.OperationalInsights/workspaces/{{workspaceName}}",
        "workspace.Workspace",
    ),
    "monitor:DiagnosticSetting": (
        "{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}",
        "diagnostic_setting.DiagnosticSetting",
    ),
    "security:Pricing": ("{scopeId}/providers/Microsoft.Security/pricings/{pricingName}", "pricing.Pricing"),
}

TYPES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {f"azure-native:{token}": entry for token, entry in _TABLE.items()}
)
