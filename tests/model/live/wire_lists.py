"""The other lists that `az` prints, as Azure's REST interface answers them: one object each, and what it says.

`wire.py` is an estate that hangs together; these are its parts that no estate of the tests needs. The shapes are those
of Microsoft's documented responses, 2026-10. `generate.py` prints both as `az` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from registry_model.estate import tokens

from tests.model.live.wire import APPROVED, CONTOSO, ENDPOINT, HUB, NETWORKS, SUBSCRIPTION, ZONE

NETWORK = f"{NETWORKS}/Microsoft.Network"
SYSTEM = {"createdAt": "2025-01-15T08:00:00.1+00:00", "createdByType": "User"}


@dataclass(frozen=True)
class Listed:
    """One object: the class of the model that az prints it from, its canonical type, and what is to be read from it."""

    model: str
    type: str
    wire: dict[str, Any]
    says: dict[str, Any]


def _of(identifier: str, **properties: Any) -> dict[str, Any]:
    """An object on the wire; its type is told by its id."""
    words = identifier.rpartition("/providers/")[2].split("/")
    kind = "/".join([words[0], *words[1::2]])
    return {"id": identifier, "name": words[-1], "type": kind, "properties": properties}


LISTS: dict[str, Listed] = {
    "az acr webhook list --registry contoso": Listed(
        "containerregistry.Webhook",
        tokens.WEBHOOK,
        {
            **_of(f"{CONTOSO}/webhooks/ci", status="enabled", scope="app:*", actions=["push"], provisioningState="OK"),
            "location": "japaneast",
            "tags": {},
        },
        {"status": "enabled", "actions": ["push"]},
    ),
    "az acr token list --registry contoso": Listed(
        "containerregistry.Token",
        tokens.TOKEN,
        _of(
            f"{CONTOSO}/tokens/edge",
            creationDate="2025-01-15T08:00:00.1234567Z",
            provisioningState="Succeeded",
            scopeMapId=f"{CONTOSO}/scopeMaps/_repositories_pull",
            credentials={"certificates": [], "passwords": []},
            status="enabled",
        ),
        {"status": "enabled", "scopeMapId": f"{CONTOSO}/scopeMaps/_repositories_pull"},
    ),
    "az acr cache list --registry contoso": Listed(
        "containerregistry.CacheRule",
        tokens.CACHE_RULE,
        _of(
            f"{CONTOSO}/cacheRules/hub",
            credentialSetResourceId=None,
            sourceRepository="docker.io/library/nginx",
            targetRepository="nginx",
            creationDate="2025-01-15T08:00:00.1234567Z",
            provisioningState="Succeeded",
        ),
        {"sourceRepository": "docker.io/library/nginx", "targetRepository": "nginx"},
    ),
    "az acr connected-registry list --registry contoso": Listed(
        "containerregistry.ConnectedRegistry",
        tokens.CONNECTED_REGISTRY,
        _of(
            f"{CONTOSO}/connectedRegistries/factory",
            provisioningState="Succeeded",
            mode="ReadWrite",
            connectionState="Online",
            activation={"status": "Active"},
            parent={"syncProperties": {"tokenId": f"{CONTOSO}/tokens/edge", "messageTtl": "P1D"}},
            clientTokenIds=[],
        ),
        {"mode": "ReadWrite", "parent.syncProperties.tokenId": f"{CONTOSO}/tokens/edge"},
    ),
    "az acr task list --registry contoso": Listed(
        "containerregistry.Task",
        tokens.TASK,
        {
            **_of(
                f"{CONTOSO}/tasks/build",
                provisioningState="Succeeded",
                creationDate="2025-01-15T08:00:00.1+00:00",
                status="Enabled",
                platform={"os": "Linux", "architecture": "amd64"},
                agentPoolName="pool",
                timeout=3600,
                step={"type": "EncodedTask", "encodedTaskContent": "dmVyc2lvbjogdjEuMS4w"},
            ),
            "location": "japaneast",
        },
        {"agentPoolName": "pool", "status": "Enabled"},
    ),
    "az acr agentpool list --registry contoso": Listed(
        "containerregistry.AgentPool",
        tokens.AGENT_POOL,
        {
            **_of(
                f"{CONTOSO}/agentPools/pool",
                count=1,
                tier="S1",
                os="Linux",
                virtualNetworkSubnetResourceId=f"{HUB}/subnets/agents",
                provisioningState="Succeeded",
            ),
            "location": "japaneast",
        },
        {"virtualNetworkSubnetResourceId": f"{HUB}/subnets/agents", "tier": "S1"},
    ),
    "az acr private-endpoint-connection list --registry-name contoso": Listed(
        "containerregistry.PrivateEndpointConnection",
        tokens.ENDPOINT_CONNECTION,
        _of(
            f"{CONTOSO}/privateEndpointConnections/contoso.2f0c",
            privateEndpoint={"id": ENDPOINT},
            privateLinkServiceConnectionState=APPROVED,
            provisioningState="Succeeded",
        ),
        {"privateEndpoint.id": ENDPOINT, "privateLinkServiceConnectionState.status": "Approved"},
    ),
    "az network route-table list": Listed(
        "network.RouteTable",
        tokens.ROUTE_TABLE,
        {
            **_of(
                f"{NETWORK}/routeTables/egress",
                provisioningState="Succeeded",
                disableBgpRoutePropagation=False,
                routes=[_of(f"{NETWORK}/routeTables/egress/routes/out", addressPrefix="0.0.0.0/0", nextHopType="None")],
            ),
            "location": "japaneast",
        },
        {"routes.0.addressPrefix": "0.0.0.0/0", "routes.0.nextHopType": "None"},
    ),
    "az network vnet peering list --vnet-name hub": Listed(
        "network.VirtualNetworkPeering",
        tokens.PEERING,
        _of(
            f"{HUB}/virtualNetworkPeerings/spoke",
            peeringState="Connected",
            peeringSyncLevel="FullyInSync",
            remoteVirtualNetwork={"id": f"{NETWORK}/virtualNetworks/spoke"},
            allowVirtualNetworkAccess=True,
            allowForwardedTraffic=False,
            allowGatewayTransit=False,
            useRemoteGateways=False,
            remoteAddressSpace={"addressPrefixes": ["10.1.0.0/16"]},
            provisioningState="Succeeded",
        ),
        {"peeringState": "Connected", "remoteVirtualNetwork.id": f"{NETWORK}/virtualNetworks/spoke"},
    ),
    "az network vnet subnet list --vnet-name hub": Listed(
        "network.Subnet",
        tokens.SUBNET,
        _of(
            f"{HUB}/subnets/apps",
            addressPrefix="10.0.1.0/24",
            privateEndpointNetworkPolicies="Disabled",
            privateLinkServiceNetworkPolicies="Enabled",
            networkSecurityGroup={"id": f"{NETWORK}/networkSecurityGroups/clients"},
            delegations=[],
            provisioningState="Succeeded",
        ),
        {"addressPrefix": "10.0.1.0/24", "networkSecurityGroup.id": f"{NETWORK}/networkSecurityGroups/clients"},
    ),
    "az network firewall list": Listed(
        "network.AzureFirewall",
        tokens.FIREWALL,
        {
            **_of(
                f"{NETWORK}/azureFirewalls/edge",
                sku={"name": "AZFW_VNet", "tier": "Standard"},
                threatIntelMode="Alert",
                firewallPolicy={"id": f"{NETWORK}/firewallPolicies/clients"},
                ipConfigurations=[
                    _of(
                        f"{NETWORK}/azureFirewalls/edge/azureFirewallIpConfigurations/config",
                        privateIPAddress="10.0.0.68",
                        subnet={"id": f"{HUB}/subnets/AzureFirewallSubnet"},
                    )
                ],
                applicationRuleCollections=[],
                networkRuleCollections=[],
                natRuleCollections=[],
                provisioningState="Succeeded",
            ),
            "location": "japaneast",
        },
        {
            "ipConfigurations.0.privateIPAddress": "10.0.0.68",
            "firewallPolicy.id": f"{NETWORK}/firewallPolicies/clients",
        },
    ),
    "az network firewall policy list": Listed(
        "network.FirewallPolicy",
        tokens.FIREWALL_POLICY,
        {
            **_of(
                f"{NETWORK}/firewallPolicies/clients",
                sku={"tier": "Standard"},
                threatIntelMode="Alert",
                basePolicy={"id": f"{NETWORK}/firewallPolicies/base"},
                ruleCollectionGroups=[{"id": f"{NETWORK}/firewallPolicies/clients/ruleCollectionGroups/registry"}],
                provisioningState="Succeeded",
            ),
            "location": "japaneast",
        },
        {"basePolicy.id": f"{NETWORK}/firewallPolicies/base"},
    ),
    "az network ip-group list": Listed(
        "network.IpGroup",
        tokens.IP_GROUP,
        {
            **_of(
                f"{NETWORK}/ipGroups/agents", ipAddresses=["10.1.0.0/16"], firewalls=[], provisioningState="Succeeded"
            ),
            "location": "japaneast",
        },
        {"ipAddresses": ["10.1.0.0/16"]},
    ),
    "az network private-dns record-set aaaa list --zone-name privatelink.azurecr.io": Listed(
        "privatedns.RecordSet",
        tokens.PRIVATE_RECORD,
        _of(
            f"{ZONE}/AAAA/contoso",
            ttl=10,
            fqdn="contoso.privatelink.azurecr.io.",
            isAutoRegistered=False,
            aaaaRecords=[{"ipv6Address": "fd00::4"}],
        ),
        {"aaaaRecords.0.ipv6Address": "fd00::4", "recordType": "aaaa"},
    ),
    "az network manager group static-member list --network-group clients": Listed(
        "network.StaticMember",
        tokens.STATIC_MEMBER,
        {
            **_of(
                f"{NETWORK}/networkManagers/corp/networkGroups/clients/staticMembers/one",
                resourceId=HUB,
                region="japaneast",
                provisioningState="Succeeded",
            ),
            "systemData": SYSTEM,
        },
        {"resourceId": HUB},
    ),
    "az network manager security-admin-config rule-collection rule list": Listed(
        "network.AdminRule",
        tokens.ADMIN_RULE,
        {
            **_of(
                f"{NETWORK}/networkManagers/corp/securityAdminConfigurations/base/ruleCollections/out/rules/web",
                access="AlwaysAllow",
                direction="Outbound",
                priority=10,
                protocol="Tcp",
                destinations=[{"addressPrefixType": "ServiceTag", "addressPrefix": "AzureContainerRegistry"}],
                destinationPortRanges=["443"],
                sources=[{"addressPrefixType": "IPPrefix", "addressPrefix": "*"}],
                sourcePortRanges=["0-65535"],
                provisioningState="Succeeded",
            ),
            "kind": "Custom",
            "systemData": SYSTEM,
        },
        {"access": "AlwaysAllow", "destinations.0.addressPrefix": "AzureContainerRegistry"},
    ),
    "az security pricing list": Listed(
        "security.Pricing",
        tokens.PRICING,
        _of(
            f"{SUBSCRIPTION}/providers/Microsoft.Security/pricings/Containers",
            pricingTier="Standard",
            freeTrialRemainingTime="PT0S",
        ),
        {"pricingTier": "Standard"},
    ),
}
