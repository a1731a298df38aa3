"""Estates as `az` prints them: a hub with a private endpoint, two spokes, and what each list says of them."""

from __future__ import annotations

import json
from typing import Any

from registry_doctor import report
from registry_model.estate.documents import joined, load
from registry_model.reach.model import Registry, Summary
from registry_model.reach.registries import registries

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000007"
NETWORK = f"{SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network"
REGISTRY = f"{SUBSCRIPTION}/resourceGroups/acr/providers/Microsoft.ContainerRegistry/registries/contoso"
ENDPOINT = f"{NETWORK}/privateEndpoints/pe"
ZONE = f"{NETWORK}/privateDnsZones/privatelink.azurecr.io"
POLICY = f"{NETWORK}/firewallPolicies/egress"
FIREWALL_ADDRESS = "10.0.0.4"
RECORDS = {"contoso": "10.0.1.6", "contoso.japaneast.data": "10.0.1.4", "contoso.westus.data": "10.0.1.5"}
HOSTS = {f"{record}.azurecr.io": address for record, address in RECORDS.items()}
MEMBERS = ("registry", "registry_data_japaneast", "registry_data_westus")

Lists = dict[str, list[dict[str, Any]]]


def acr(public: str = "Disabled", default: str = "Deny", ips: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "id": REGISTRY,
        "name": "contoso",
        "location": "japaneast",
        "loginServer": "contoso.azurecr.io",
        "sku": {"name": "Premium", "tier": "Premium"},
        "dataEndpointEnabled": True,
        "publicNetworkAccess": public,
        "networkRuleBypassOptions": "AzureServices",
        "networkRuleSet": {"defaultAction": default, "ipRules": [{"action": "Allow", "value": ip} for ip in ips]},
        "privateEndpointConnections": [],
        "zoneRedundancy": "Disabled",
        "policies": {},
    }


def subnet(network: str, name: str, prefix: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"{NETWORK}/virtualNetworks/{network}/subnets/{name}",
        "name": name,
        "addressPrefix": prefix,
        "privateEndpointNetworkPolicies": "Disabled",
        **more,
    }


def vnet(name: str, space: str, *subnets: dict[str, Any], peers: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """A network as `az network vnet list` prints it; ``peers`` are connected, and allow everything."""
    return {
        "id": f"{NETWORK}/virtualNetworks/{name}",
        "name": name,
        "location": "japaneast",
        "addressSpace": {"addressPrefixes": [space]},
        "dhcpOptions": {"dnsServers": list(more.pop("dns", ()))},
        "subnets": list(subnets),
        "virtualNetworkPeerings": [peering(name, peer, **more.get("sides", {})) for peer in peers],
    }


def peering(of: str, remote: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"{NETWORK}/virtualNetworks/{of}/virtualNetworkPeerings/{remote}",
        "name": remote,
        "remoteVirtualNetwork": {"id": f"{NETWORK}/virtualNetworks/{remote}"},
        "peeringState": "Connected",
        "peeringSyncLevel": "FullyInSync",
        "allowVirtualNetworkAccess": True,
        "allowForwardedTraffic": True,
        **more,
    }


def record(name: str, address: str, zone: str = ZONE) -> dict[str, Any]:
    own = {"id": f"{zone}/A/{name}", "name": name, "ttl": 10, "fqdn": f"{name}.privatelink.azurecr.io."}
    return own | {"aRecords": [{"ipv4Address": address}]}


def link(network: str, zone: str = ZONE, policy: str = "Default") -> dict[str, Any]:
    return {
        "id": f"{zone}/virtualNetworkLinks/{network}",
        "name": network,
        "registrationEnabled": False,
        "resolutionPolicy": policy,
        "virtualNetwork": {"id": f"{NETWORK}/virtualNetworks/{network}"},
    }


def zone(key: str = ZONE) -> dict[str, Any]:
    return {"id": key, "name": "privatelink.azurecr.io", "numberOfRecordSets": 4}


def nsg(name: str, *rules: dict[str, Any]) -> dict[str, Any]:
    return {"id": f"{NETWORK}/networkSecurityGroups/{name}", "name": name, "securityRules": list(rules)}


def deny(
    name: str, *, port: str = "*", protocol: str = "*", direction: str = "Outbound", **more: Any
) -> dict[str, Any]:
    return {
        "name": name,
        "priority": 100,
        "direction": direction,
        "access": "Deny",
        "protocol": protocol,
        "sourceAddressPrefix": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": port,
        **more,
    }


def on(kind: str, name: str) -> dict[str, Any]:
    """What a subnet has to say of its route table or security group."""
    return {kind: {"id": f"{NETWORK}/{kind}s/{name}"}}


def route_table(name: str, *routes: tuple[str, str, str]) -> dict[str, Any]:
    held = [
        {"name": f"r{n}", "addressPrefix": prefix, "nextHopType": hop, "nextHopIpAddress": address or None}
        for n, (prefix, hop, address) in enumerate(routes)
    ]
    return {"id": f"{NETWORK}/routeTables/{name}", "name": name, "routes": held}


def firewall() -> dict[str, Any]:
    return {
        "id": f"{NETWORK}/azureFirewalls/edge",
        "name": "edge",
        "firewallPolicy": {"id": POLICY},
        "applicationRuleCollections": [],
        "networkRuleCollections": [],
        "ipConfigurations": [
            {
                "name": "config",
                "privateIPAddress": FIREWALL_ADDRESS,
                "subnet": {"id": f"{NETWORK}/virtualNetworks/hub/subnets/AzureFirewallSubnet"},
            }
        ],
    }


def policy(**more: Any) -> dict[str, Any]:
    groups = {"ruleCollectionGroups": [{"id": f"{POLICY}/ruleCollectionGroups/rules"}]}
    return {"id": POLICY, "name": "egress", "threatIntelMode": "Alert", **groups, **more}


def rules(*held: dict[str, Any], name: str = "rules") -> dict[str, Any]:
    """A rule collection group that allows."""
    collection = {
        "name": "registry",
        "priority": 100,
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "action": {"type": "Allow"},
        "rules": list(held),
    }
    own = {"id": f"{POLICY}/ruleCollectionGroups/{name}", "name": name, "priority": 100}
    return own | {"ruleCollections": [collection] if held else []}


def to_addresses(source: str, destination: str) -> dict[str, Any]:
    return {
        "ruleType": "NetworkRule",
        "name": "pulls",
        "ipProtocols": ["TCP"],
        "sourceAddresses": [source],
        "destinationAddresses": [destination],
        "destinationPorts": ["443"],
    }


def to_hosts(source: str, *hosts: str) -> dict[str, Any]:
    return {
        "ruleType": "ApplicationRule",
        "name": "pulls",
        "sourceAddresses": [source],
        "targetFqdns": list(hosts),
        "protocols": [{"protocolType": "Https", "port": 443}],
    }


def private_endpoint(network: str = "hub", name: str = "endpoints") -> dict[str, Any]:
    state = {"status": "Approved", "description": "", "actionsRequired": "None"}
    connection = {"name": "c", "groupIds": ["registry"], "privateLinkServiceId": REGISTRY}
    return {
        "id": ENDPOINT,
        "name": "pe",
        "subnet": {"id": f"{NETWORK}/virtualNetworks/{network}/subnets/{name}"},
        "networkInterfaces": [{"id": f"{NETWORK}/networkInterfaces/pe.nic"}],
        "privateLinkServiceConnections": [connection | {"privateLinkServiceConnectionState": state}],
        "customDnsConfigs": [],
    }


def interface(addresses: dict[str, str]) -> dict[str, Any]:
    return {
        "id": f"{NETWORK}/networkInterfaces/pe.nic",
        "name": "pe.nic",
        "privateEndpoint": {"id": ENDPOINT},
        "ipConfigurations": [
            {
                "name": member,
                "privateIPAddress": address,
                "privateLinkConnectionProperties": {"fqdns": [host], "requiredMemberName": member},
            }
            for member, (host, address) in zip(MEMBERS, addresses.items(), strict=True)
        ],
    }


def zone_group(*written: str) -> dict[str, Any]:
    """A zone group, with the record sets that Azure says it has written."""
    sets = [{"recordSetName": each, "recordType": "A", "ipAddresses": [RECORDS[each]]} for each in written]
    config = {"name": "acr", "privateDnsZoneId": ZONE, "recordSets": sets}
    return {"id": f"{ENDPOINT}/privateDnsZoneGroups/default", "name": "default", "privateDnsZoneConfigs": [config]}


FIREWALL_SUBNET = subnet("hub", "AzureFirewallSubnet", "10.0.0.0/26")
HUB_SUBNETS = (FIREWALL_SUBNET, subnet("hub", "endpoints", "10.0.1.0/27"))


def hub_and_spokes(**changed: list[dict[str, Any]]) -> Lists:
    """The lists of an estate in which every network reaches the endpoint in the hub; ``changed`` ones in their place.

    An empty list is one that was not given.
    """
    lists: Lists = {
        "acr": [acr()],
        "replications": [
            {"id": f"{REGISTRY}/replications/{region}", "name": region, "location": region}
            for region in ("japaneast", "westus")
        ],
        "vnets": [
            vnet("hub", "10.0.0.0/16", *HUB_SUBNETS, peers=("spoke1", "spoke2")),
            vnet("spoke1", "10.1.0.0/16", subnet("spoke1", "apps", "10.1.0.0/24"), peers=("hub",)),
            vnet("spoke2", "10.2.0.0/16", subnet("spoke2", "apps", "10.2.0.0/24"), peers=("hub",)),
        ],
        "endpoints": [private_endpoint()],
        "nics": [interface(HOSTS)],
        "zone_groups": [zone_group()],
        "zones": [zone()],
        "links": [link(each) for each in ("hub", "spoke1", "spoke2")],
        "records": [record(name, address) for name, address in RECORDS.items()],
    }
    return lists | changed


def registry_of(lists: Lists) -> Registry:
    """The registry of the folder that holds these lists."""
    files = [load(f"{name}.json", json.dumps(held)) for name, held in lists.items() if held]
    (document,) = joined(files)
    (found,) = registries(document.estate)
    return found


def rows(lists: Lists) -> dict[str, Summary]:
    """What `registry-doctor reach --state FOLDER` says of each client."""
    return {line.client: line for line in report.summaries(registry_of(lists))}
