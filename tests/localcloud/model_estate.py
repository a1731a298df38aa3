"""A small estate to try the model's rules on: each piece is made when a test asks for it, with what it needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from localcloud.model import Cloud, Refused, Resource

if TYPE_CHECKING:
    from collections.abc import Callable

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
OTHER_SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/contoso"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"
SUBNET = f"{NETWORK}/subnets/pe"
ENDPOINT = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe"
ZONE = f"{GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/keys"
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/uai"
WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/logs"
TENANT_GUID = "33333333-3333-3333-3333-333333333333"
PRINCIPAL = "44444444-4444-4444-4444-444444444444"
ACR_PULL = "/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d"

_DEFAULTS: dict[str, dict[str, Any]] = {
    "resources:ResourceGroup": {"resourceGroupName": "rg", "location": "japaneast"},
    "containerregistry:Registry": {"registryName": "contoso", "location": "japaneast", "sku": {"name": "Premium"}},
    "containerregistry:Replication": {"registryName": "contoso", "replicationName": "westus2", "location": "westus2"},
    "containerregistry:Webhook": {
        "registryName": "contoso",
        "webhookName": "pushes",
        "location": "japaneast",
        "serviceUri": "https://example.com/hook",
        "actions": ["push"],
    },
    "containerregistry:CacheRule": {
        "registryName": "contoso",
        "cacheRuleName": "docker",
        "sourceRepository": "docker.io/library/*",
        "targetRepository": "library/*",
    },
    "containerregistry:CredentialSet": {
        "registryName": "contoso",
        "credentialSetName": "docker",
        "loginServer": "docker.io",
        "authCredentials": [
            {
                "name": "Credential1",
                "usernameSecretIdentifier": "https://keys.vault.azure.net/secrets/user",
                "passwordSecretIdentifier": "https://keys.vault.azure.net/secrets/password",
            }
        ],
    },
    "containerregistry:ScopeMap": {
        "registryName": "contoso",
        "scopeMapName": "pullers",
        "actions": ["repositories/app/content/read"],
    },
    "containerregistry:Token": {
        "registryName": "contoso",
        "tokenName": "puller",
        "scopeMapId": f"{REGISTRY}/scopeMaps/pullers",
    },
    "network:VirtualNetwork": {
        "virtualNetworkName": "vnet",
        "location": "japaneast",
        "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
    },
    "network:Subnet": {"virtualNetworkName": "vnet", "subnetName": "pe", "addressPrefix": "10.0.0.0/27"},
    "network:VirtualNetworkPeering": {
        "virtualNetworkName": "vnet",
        "virtualNetworkPeeringName": "to-hub",
        "remoteVirtualNetwork": {"id": f"{GROUP}/providers/Microsoft.Network/virtualNetworks/hub"},
    },
    "network:NetworkInterface": {
        "networkInterfaceName": "nic",
        "location": "japaneast",
        "ipConfigurations": [{"name": "one", "subnet": {"id": SUBNET}}],
    },
    "network:PrivateEndpoint": {
        "privateEndpointName": "pe",
        "location": "japaneast",
        "subnet": {"id": SUBNET},
        "privateLinkServiceConnections": [
            {"name": "registry", "groupIds": ["registry"], "privateLinkServiceId": REGISTRY}
        ],
    },
    "network:PrivateDnsZoneGroup": {
        "privateEndpointName": "pe",
        "privateDnsZoneGroupName": "default",
        "privateDnsZoneConfigs": [{"name": "registry", "privateDnsZoneId": ZONE}],
    },
    "network:NetworkSecurityGroup": {"networkSecurityGroupName": "nsg", "location": "japaneast"},
    "network:SecurityRule": {
        "networkSecurityGroupName": "nsg",
        "securityRuleName": "allow-registry",
        "priority": 200,
        "direction": "Outbound",
        "access": "Allow",
        "protocol": "Tcp",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "AzureContainerRegistry.JapanEast",
        "destinationPortRange": "443",
    },
    "network:ApplicationSecurityGroup": {"applicationSecurityGroupName": "asg", "location": "japaneast"},
    "network:FirewallPolicy": {"firewallPolicyName": "policy", "location": "japaneast"},
    "network:FirewallPolicyRuleCollectionGroup": {
        "firewallPolicyName": "policy",
        "ruleCollectionGroupName": "registry",
        "priority": 300,
        "ruleCollections": [],
    },
    "privatedns:PrivateZone": {"privateZoneName": "privatelink.azurecr.io", "location": "Global"},
    "privatedns:VirtualNetworkLink": {
        "privateZoneName": "privatelink.azurecr.io",
        "virtualNetworkLinkName": "vnet",
        "location": "global",
        "virtualNetwork": {"id": NETWORK},
    },
    "privatedns:PrivateRecordSet": {
        "privateZoneName": "privatelink.azurecr.io",
        "recordType": "A",
        "relativeRecordSetName": "by-hand",
        "ttl": 3600,
        "aRecords": [{"ipv4Address": "10.0.0.9"}],
    },
    "authorization:ManagementLockByScope": {"scope": REGISTRY, "lockName": "keep", "level": "CanNotDelete"},
    "authorization:RoleAssignment": {
        "scope": REGISTRY,
        "roleAssignmentName": "55555555-5555-5555-5555-555555555555",
        "principalId": PRINCIPAL,
        "roleDefinitionId": ACR_PULL,
    },
    "managedidentity:UserAssignedIdentity": {"resourceName": "uai", "location": "japaneast"},
    "keyvault:Vault": {
        "vaultName": "keys",
        "location": "japaneast",
        "properties": {
            "tenantId": TENANT_GUID,
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
            "enablePurgeProtection": True,
        },
    },
    "keyvault:Key": {"vaultName": "keys", "keyName": "registry", "properties": {"kty": "RSA", "keySize": 3072}},
    "operationalinsights:Workspace": {"workspaceName": "logs", "location": "japaneast"},
    "monitor:DiagnosticSetting": {
        "resourceUri": REGISTRY,
        "name": "to-logs",
        "workspaceId": WORKSPACE,
        "logs": [{"category": "ContainerRegistryLoginEvents", "enabled": True}],
    },
    "security:Pricing": {
        "scopeId": f"/subscriptions/{SUBSCRIPTION}",
        "pricingName": "Containers",
        "pricingTier": "Standard",
    },
}


class Estate:
    """A local cloud with a resource group in it."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.make("resources:ResourceGroup")

    def inputs(self, token: str, **changed: Any) -> dict[str, Any]:
        """The usual inputs of a type; a value of None leaves one out."""
        group = {} if token.startswith(("authorization", "monitor", "security")) else {"resourceGroupName": "rg"}
        merged = {**group, **_DEFAULTS.get(token, {}), **changed}
        return {name: value for name, value in merged.items() if value is not None}

    def make(self, token: str, /, subscription: Any = SUBSCRIPTION, **changed: Any) -> Resource:
        return self.cloud.create(f"azure-native:{token}", self.inputs(token, **changed), subscription)

    def change(self, token: str, id: str, **changed: Any) -> Resource:
        return self.cloud.update(f"azure-native:{token}", id, self.inputs(token, **changed))

    def delete(self, token: str, id: str) -> None:
        self.cloud.delete(f"azure-native:{token}", id)

    def read(self, token: str, id: str) -> dict[str, Any]:
        found = self.cloud.read(f"azure-native:{token}", id)
        assert found is not None, f"{id} is gone"
        return found.outputs

    def gone(self, token: str, id: str) -> bool:
        return self.cloud.read(f"azure-native:{token}", id) is None

    def records(self, zone: str = ZONE) -> dict[str, list[str]]:
        """The A records of a zone: name to addresses."""
        found = [r for r in self.cloud.list() if r.id.lower().startswith(f"{zone}/A/".lower())]
        return {r.outputs["name"]: [a["ipv4Address"] for a in r.outputs["aRecords"]] for r in found}

    def members(self, endpoint: str = ENDPOINT) -> dict[str, str]:
        """The private link members of an endpoint: name to address."""
        nic = self.read("network:PrivateEndpoint", endpoint)["networkInterfaces"][0]["id"]
        return {
            c["privateLinkConnectionProperties"]["requiredMemberName"]: c["privateIPAddress"]
            for c in self.read("network:NetworkInterface", nic)["ipConfigurations"]
        }


@dataclass(frozen=True)
class Case:
    """One request: what is there before, the type, what differs from its usual inputs, and what is answered.

    ``words`` are in the refusal; empty means that the request is accepted. ``target`` is the id of an update.
    """

    name: str
    token: str
    changed: dict[str, Any] = field(default_factory=dict)
    words: str = ""
    code: str = ""
    status: int = 400
    before: Callable[[Estate], object] | None = None
    target: str = ""

    def run(self, estate: Estate) -> None:
        if self.before:
            self.before(estate)
        if not self.words:
            self.ask(estate)
            return
        with pytest.raises(Refused) as caught:
            self.ask(estate)
        refused = caught.value
        assert self.words in "\n".join(refused.problems)
        assert (refused.status, refused.code) == (self.status, self.code)

    def ask(self, estate: Estate) -> Resource:
        if self.target:
            return estate.change(self.token, self.target, **self.changed)
        return estate.make(self.token, **self.changed)


def several(*tokens: str) -> Callable[[Estate], None]:
    """Make these, in this order, with their usual inputs."""

    def make(estate: Estate) -> None:
        for token in tokens:
            assert token in _DEFAULTS, (
                f"{token}: write its usual inputs into _DEFAULTS of tests/localcloud/model_estate.py"
            )
            estate.make(token)

    return make
