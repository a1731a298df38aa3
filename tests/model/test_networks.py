"""Estates whose right answers are written out by hand, from Azure's documents on networks, names and private endpoints.

learn.microsoft.com/azure/virtual-network: virtual-network-peering-overview, how-to-configure-subnet-peering,
virtual-networks-udr-overview, network-security-groups-overview; /azure/private-link:
disable-private-endpoint-network-policy, private-endpoint-dns-integration, inspect-traffic-with-azure-firewall;
/azure/dns/dns-zones-records (wildcards).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from registry_doctor import report
from registry_guard.engine import evaluate
from registry_guard.examples import PROVIDERS, Declared, connection, endpoint, other, registry
from registry_model.azure.record_sets import answering
from registry_model.estate.documents import load
from registry_model.reach.model import Connection, Registry
from registry_model.reach.registries import registries

from tests.policies.guardkit import states

NETWORK = f"{PROVIDERS}/Microsoft.Network"
ZONE = "privatelink.azurecr.io"
DNS_GROUP = "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/DNS"
FOREIGN = f"{DNS_GROUP}/providers/Microsoft.Network/privateDnsZones/{ZONE}"
LOGIN, LAYERS = "10.0.1.4", "10.0.1.5"
RECORDS = {"contoso": (LOGIN,), "contoso.japaneast.data": (LAYERS,)}
CLOSED = registry(networkRuleBypassOptions="None")


def vnet(name: str, space: str, *, dns: tuple[str, ...] = (), **inputs: Any) -> Declared:
    servers = {"dhcpOptions": {"dnsServers": list(dns)}} if dns else {}
    return other(
        "network:VirtualNetwork",
        name,
        f"Microsoft.Network/virtualNetworks/{name}",
        virtualNetworkName=name,
        addressSpace={"addressPrefixes": [space]},
        **servers,
        **inputs,
    )


def subnet(network: str, name: str, prefix: str, **inputs: Any) -> Declared:
    return other(
        "network:Subnet",
        f"{network}-{name}",
        f"Microsoft.Network/virtualNetworks/{network}/subnets/{name}",
        virtualNetworkName=network,
        subnetName=name,
        addressPrefix=prefix,
        **inputs,
    )


def peering(one: str, two: str, **inputs: Any) -> Declared:
    return other(
        "network:VirtualNetworkPeering",
        f"{one}-{two}",
        f"Microsoft.Network/virtualNetworks/{one}/virtualNetworkPeerings/{two}",
        virtualNetworkName=one,
        remoteVirtualNetwork={"id": f"{NETWORK}/virtualNetworks/{two}"},
        **inputs,
    )


def both(one: str, two: str, **inputs: Any) -> tuple[Declared, Declared]:
    return peering(one, two, **inputs), peering(two, one, **inputs)


ZONE_HERE = other("privatedns:PrivateZone", "zone", f"Microsoft.Network/privateDnsZones/{ZONE}", privateZoneName=ZONE)


def link(network: str) -> Declared:
    return other(
        "privatedns:VirtualNetworkLink",
        f"link-{network}",
        f"Microsoft.Network/privateDnsZones/{ZONE}/virtualNetworkLinks/{network}",
        privateZoneName=ZONE,
        virtualNetwork={"id": f"{NETWORK}/virtualNetworks/{network}"},
        registrationEnabled=False,
    )


def record(name: str, *addresses: str) -> Declared:
    return other(
        "privatedns:PrivateRecordSet",
        f"record-{name}",
        f"Microsoft.Network/privateDnsZones/{ZONE}/A/{name}",
        privateZoneName=ZONE,
        relativeRecordSetName=name,
        recordType="A",
        aRecords=[{"ipv4Address": each} for each in addresses],
    )


def cname(name: str, target: str) -> Declared:
    return other(
        "privatedns:PrivateRecordSet",
        f"alias-{name}",
        f"Microsoft.Network/privateDnsZones/{ZONE}/CNAME/{name}",
        privateZoneName=ZONE,
        relativeRecordSetName=name,
        recordType="CNAME",
        cnameRecord={"cname": target},
    )


def aaaa(name: str, *addresses: str) -> Declared:
    return other(
        "privatedns:PrivateRecordSet",
        f"six-{name}",
        f"Microsoft.Network/privateDnsZones/{ZONE}/AAAA/{name}",
        privateZoneName=ZONE,
        relativeRecordSetName=name,
        recordType="AAAA",
        aaaaRecords=[{"ipv6Address": each} for each in addresses],
    )


def edge(*configs: dict[str, Any], **inputs: Any) -> Declared:
    """The Azure Firewall of the hub, by its address unless ``configs`` say otherwise."""
    return other(
        "network:AzureFirewall",
        "edge",
        "Microsoft.Network/azureFirewalls/edge",
        azureFirewallName="edge",
        ipConfigurations=list(configs) or [{"name": "config", "privateIPAddress": "10.0.0.68"}],
        **inputs,
    )


WITH_POLICY = {"firewallPolicy": {"id": f"{NETWORK}/firewallPolicies/egress"}}
POLICY = other(
    "network:FirewallPolicy", "egress", "Microsoft.Network/firewallPolicies/egress", firewallPolicyName="egress"
)


def allowing(*hosts: str, source: str = "10.0.0.0/8", to: str = "", action: str = "Allow") -> Declared:
    """The policy's one collection: application rules for hosts, or a network rule for addresses."""
    about: dict[str, Any] = {"name": "pulls", "sourceAddresses": [source]}
    if to:
        about |= {"ruleType": "NetworkRule", "ipProtocols": ["TCP"], "destinationAddresses": [to]}
        about |= {"destinationPorts": ["443"]}
    else:
        about |= {"ruleType": "ApplicationRule", "targetFqdns": list(hosts)}
        about |= {"protocols": [{"protocolType": "Https", "port": 443}]}
    return other(
        "network:FirewallPolicyRuleCollectionGroup",
        "rules",
        "Microsoft.Network/firewallPolicies/egress/ruleCollectionGroups/rules",
        firewallPolicyName="egress",
        ruleCollectionGroupName="rules",
        priority=100,
        ruleCollections=[
            {
                "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
                "name": "registry",
                "priority": 100,
                "action": {"type": action},
                "rules": [about],
            }
        ],
    )


def admin_rule(access: str, *, to: str = "*", group: str = "clients") -> tuple[Declared, ...]:
    """An outbound rule of a network manager, with the collection that applies it to a network group."""
    manager = "Microsoft.Network/networkManagers/corp"
    collection = f"{manager}/securityAdminConfigurations/all/ruleCollections/egress"
    names = {"networkManagerName": "corp", "configurationName": "all", "ruleCollectionName": "egress"}
    return (
        other(
            "network:AdminRuleCollection",
            "egress",
            collection,
            **names,
            appliesToGroups=[{"networkGroupId": f"{PROVIDERS}/{manager}/networkGroups/{group}"}],
        ),
        other(
            "network:AdminRule",
            "everywhere",
            f"{collection}/rules/everywhere",
            **names,
            ruleName="everywhere",
            kind="Custom",
            access=access,
            direction="Outbound",
            priority=100,
            protocol="Tcp",
            destinations=[{"addressPrefixType": "IPPrefix", "addressPrefix": to}],
            destinationPortRanges=["443"],
        ),
    )


def network_group(*members: str, name: str = "clients") -> tuple[Declared, ...]:
    """A network group that lists networks, or subnets of them."""
    own = f"Microsoft.Network/networkManagers/corp/networkGroups/{name}"
    names = {"networkManagerName": "corp", "networkGroupName": name}
    return (
        other("network:NetworkGroup", name, own, **names),
        *(
            other(
                "network:StaticMember",
                f"{name}-{number}",
                f"{own}/staticMembers/{number}",
                **names,
                staticMemberName=str(number),
                resourceId=f"{NETWORK}/virtualNetworks/{member}",
            )
            for number, member in enumerate(members)
        ),
    )


RECORD_SETS = tuple(record(name, *addresses) for name, addresses in RECORDS.items())


def zone_group(zone: str = f"{NETWORK}/privateDnsZones/{ZONE}") -> Declared:
    return other(
        "network:PrivateDnsZoneGroup",
        "group",
        "Microsoft.Network/privateEndpoints/endpoint/privateDnsZoneGroups/group",
        privateEndpointName="endpoint",
        privateDnsZoneConfigs=[{"name": "zone", "privateDnsZoneId": zone}],
    )


def pe(network: str = "hub", status: str = "", login: str = LOGIN, layers: str = LAYERS) -> Declared:
    """An endpoint with static addresses; ``status`` is what Azure answered of its connection."""
    held = connection()
    if status:
        held["privateLinkServiceConnectionState"] = {"status": status, "description": "", "actionsRequired": "None"}
    return endpoint(
        subnet={"id": f"{NETWORK}/virtualNetworks/{network}/subnets/endpoints"},
        privateLinkServiceConnections=[held],
        ipConfigurations=[
            {"name": "login", "groupId": "registry", "memberName": "registry", "privateIPAddress": login},
            {
                "name": "layers",
                "groupId": "registry",
                "memberName": "registry_data_japaneast",
                "privateIPAddress": layers,
            },
        ],
    )


def rule(
    name: str, priority: int, access: str, source: str, *, direction: str = "Inbound", to: str = "*"
) -> dict[str, Any]:
    return {
        "name": name,
        "direction": direction,
        "access": access,
        "priority": priority,
        "protocol": "Tcp",
        "sourceAddressPrefix": source,
        "sourcePortRange": "*",
        "destinationAddressPrefix": to,
        "destinationPortRange": "443",
    }


def nsg(*rules: dict[str, Any], name: str = "guards") -> Declared:
    return other(
        "network:NetworkSecurityGroup",
        name,
        f"Microsoft.Network/networkSecurityGroups/{name}",
        networkSecurityGroupName=name,
        securityRules=list(rules),
    )


def on_nsg(name: str = "guards") -> dict[str, Any]:
    return {"networkSecurityGroup": {"id": f"{NETWORK}/networkSecurityGroups/{name}"}}


def routes(*held: tuple[str, str, str], name: str = "egress") -> Declared:
    """A route table of (prefix, next hop type, appliance's address)."""
    return other(
        "network:RouteTable",
        name,
        f"Microsoft.Network/routeTables/{name}",
        routeTableName=name,
        routes=[
            {"name": f"to-{hop}", "addressPrefix": prefix, "nextHopType": hop}
            | ({"nextHopIpAddress": address} if address else {})
            for prefix, hop, address in held
        ],
    )


ROUTED = {"routeTable": {"id": f"{NETWORK}/routeTables/egress"}}
HUB, SPOKE, ISLAND = vnet("hub", "10.0.0.0/16"), vnet("spoke", "10.1.0.0/16"), vnet("island", "10.2.0.0/16")
ENDPOINTS = subnet("hub", "endpoints", "10.0.1.0/24")
APPS = subnet("spoke", "apps", "10.1.1.0/24")
PEERED = both("hub", "spoke", peeringState="Connected", allowVirtualNetworkAccess=True)
LINKED = (ZONE_HERE, link("hub"), link("spoke"), pe(), zone_group())
BASE = (CLOSED, HUB, SPOKE, ENDPOINTS, *LINKED)
STANDARD = (*BASE, *PEERED)


def replaced(base: tuple[Declared, ...], *new: Declared) -> tuple[Declared, ...]:
    """The estate with resources in the place of those of the same type and name."""
    own = {(each["type"], each["name"]): each for each in new}
    kept = [own.pop((each["type"], each["name"]), each) for each in base]
    return (*kept, *own.values())


def without(base: tuple[Declared, ...], *names: str) -> tuple[Declared, ...]:
    return tuple(each for each in base if each["name"] not in names)


BY_PROXY = (
    *replaced(without(STANDARD, "link-spoke"), vnet("spoke", "10.1.0.0/16", dns=("10.0.0.68",))),
    edge(**WITH_POLICY),
)


def proxy(settings: dict[str, Any]) -> Declared:
    return other(
        "network:FirewallPolicy",
        "egress",
        "Microsoft.Network/firewallPolicies/egress",
        firewallPolicyName="egress",
        dnsSettings=settings,
    )


@dataclass(frozen=True)
class Case:
    """An estate, and what `registry-doctor reach` must say of a client: its pull, and words of the reason."""

    name: str
    estate: tuple[Declared, ...]
    pull: str
    says: tuple[str, ...] = ()
    client: str = "VM in spoke"


GUARDED = (*STANDARD, nsg(), subnet("spoke", "apps", "10.1.1.0/24", **on_nsg()))
HOSTS = ("contoso.azurecr.io", "contoso.japaneast.data.azurecr.io")
OPEN = registry(publicNetworkAccess="Enabled", networkRuleSet={"defaultAction": "Allow"}, dataEndpointEnabled=True)
OUT = (
    OPEN,
    HUB,
    SPOKE,
    subnet("spoke", "apps", "10.1.1.0/24", **ROUTED),
    *PEERED,
    routes(("0.0.0.0/0", "VirtualAppliance", "10.0.0.68")),
    POLICY,
)
TO_EDGE = routes(("0.0.0.0/0", "VirtualAppliance", "10.0.0.68"))
RELAYED = (
    *without(STANDARD, "link-spoke"),
    subnet("spoke", "apps", "10.1.1.0/24", **ROUTED),
    TO_EDGE,
    POLICY,
)
INSPECTED = (
    *replaced(STANDARD, subnet("hub", "endpoints", "10.0.1.0/24", privateEndpointNetworkPolicies="Enabled")),
    subnet("spoke", "apps", "10.1.1.0/24", **ROUTED),
    routes(("10.0.0.0/16", "VirtualAppliance", "10.0.0.68")),
    POLICY,
    edge(**WITH_POLICY),
)
CLASSIC = {
    "applicationRuleCollections": [
        {
            "name": "registry",
            "priority": 100,
            "action": {"type": "Allow"},
            "rules": [
                {
                    "name": "pulls",
                    "sourceAddresses": ["*"],
                    "targetFqdns": list(HOSTS),
                    "protocols": [{"protocolType": "Https", "port": 443}],
                }
            ],
        }
    ]
}
SELECTED = registry(
    publicNetworkAccess="Enabled",
    networkRuleSet={"defaultAction": "Deny", "ipRules": [{"iPAddressOrRange": "203.0.113.7", "action": "Allow"}]},
    networkRuleBypassOptions="None",
)
BY_SUBNET = registry(
    publicNetworkAccess="Enabled",
    networkRuleSet={
        "defaultAction": "Deny",
        "virtualNetworkRules": [{"id": f"{NETWORK}/virtualNetworks/spoke/subnets/apps", "action": "Allow"}],
    },
    networkRuleBypassOptions="None",
)
NAT = {"natGateway": {"id": f"{NETWORK}/natGateways/nat"}}


def outbound(access: str, to: str, **more: Any) -> tuple[Declared, ...]:
    """The hub and spoke with one outbound rule on the spoke's subnet."""
    return (*GUARDED[:-2], nsg(rule("out", 100, access, "*", direction="Outbound", to=to) | more), GUARDED[-1])


LIMITED = {"peerCompleteVnets": False, "peeringState": "Connected"}
KEPT_IN = nsg(rule("nothing", 100, "Deny", "*", direction="Outbound", to="Internet"), name="locked")
APPS_KEPT_IN = subnet("spoke", "apps", "10.1.1.0/24", **on_nsg("locked"))
PUBLIC_ONLY = (OPEN, SPOKE, KEPT_IN)
CASES = (
    # The security groups of a client's own subnets.
    Case("a group on the only subnet", (*PUBLIC_ONLY, APPS_KEPT_IN), "no", ("'locked' denies", "rule 'nothing'")),
    Case(
        "a group on one of two subnets",
        (*PUBLIC_ONLY, APPS_KEPT_IN, subnet("spoke", "builds", "10.1.2.0/24")),
        "yes, if",
        ("it is not in the subnet 'apps', whose security group 'locked' denies it: rule 'nothing'",),
    ),
    Case(
        "a group on every subnet but the endpoint's",
        (
            *replaced(STANDARD, subnet("hub", "endpoints", "10.0.1.0/24")),
            nsg(rule("nothing", 100, "Deny", "*", direction="Outbound"), name="locked"),
            subnet("hub", "apps", "10.0.2.0/24", **on_nsg("locked")),
        ),
        "no",
        ("'locked' denies",),
        client="VM in hub",
    ),
    Case("a group that denies the internet, and a private endpoint", (*STANDARD, KEPT_IN, APPS_KEPT_IN), "yes"),
    Case(
        "a group that denies some addresses of the subnet",
        (
            OPEN,
            SPOKE,
            nsg(rule("half", 100, "Deny", "10.1.1.0/25", direction="Outbound"), name="locked"),
            APPS_KEPT_IN,
        ),
        "cannot tell",
        ("rule 'half'",),
    ),
    Case(
        "a group that denies the addresses of others",
        (
            OPEN,
            SPOKE,
            nsg(rule("theirs", 100, "Deny", "10.9.0.0/16", direction="Outbound"), name="locked"),
            APPS_KEPT_IN,
        ),
        "yes",
    ),
    Case(
        "a group that stands on no subnet of the client",
        (
            *PUBLIC_ONLY,
            HUB,
            subnet("spoke", "apps", "10.1.1.0/24"),
            subnet("hub", "x", "10.0.2.0/24", **on_nsg("locked")),
        ),
        "yes",
    ),
    # Peerings.
    Case("hub and spoke, both sides connected", STANDARD, "yes"),
    Case("the endpoint's own network", STANDARD, "yes", client="VM in hub"),
    Case("a template's peerings have no state", (*BASE, *both("hub", "spoke")), "yes"),
    Case("the spoke's side alone", (*BASE, peering("spoke", "hub")), "yes, if", ("the peering of hub with spoke",)),
    Case("the hub's side alone", (*BASE, peering("hub", "spoke")), "yes, if", ("the peering of spoke with hub",)),
    Case(
        "one side waits for the other",
        (*BASE, peering("spoke", "hub", peeringState="Initiated")),
        "no",
        ("the peering of spoke with hub is Initiated",),
    ),
    Case(
        "the other side was deleted",
        (*BASE, *both("hub", "spoke", peeringState="Disconnected")),
        "no",
        ("is Disconnected",),
    ),
    Case(
        "one of two sides is disconnected",
        (
            *BASE,
            peering("spoke", "hub", peeringState="Connected"),
            peering("hub", "spoke", peeringState="disconnected"),
        ),
        "no",
        ("the peering of hub with spoke is Disconnected",),
    ),
    Case(
        "the hub does not allow access",
        (*BASE, peering("spoke", "hub"), peering("hub", "spoke", allowVirtualNetworkAccess=False)),
        "no",
        ("the peering of hub with spoke has allowVirtualNetworkAccess off",),
    ),
    Case(
        "a peering out of sync",
        (*BASE, *both("hub", "spoke", peeringState="Connected", peeringSyncLevel="RemoteNotInSync")),
        "yes, if",
        ("not in sync",),
    ),
    Case(
        "in sync",
        (*BASE, *both("hub", "spoke", peeringState="Connected", peeringSyncLevel="FullyInSync")),
        "yes",
    ),
    Case(
        "peering is not transitive",
        (*STANDARD, ISLAND, link("island"), *both("spoke", "island", peeringState="Connected")),
        "no",
        ("no route there",),
        client="VM in island",
    ),
    Case(
        "peerings inside the networks",
        replaced(
            BASE,
            vnet(
                "hub",
                "10.0.0.0/16",
                virtualNetworkPeerings=[
                    {"name": "s", "remoteVirtualNetwork": {"id": f"{NETWORK}/virtualNetworks/SPOKE"}}
                ],
            ),
            vnet(
                "spoke",
                "10.1.0.0/16",
                virtualNetworkPeerings=[
                    {"name": "h", "remoteVirtualNetwork": {"id": f"{NETWORK}/virtualNetworks/hub"}}
                ],
            ),
        ),
        "yes",
    ),
    Case(
        "a peering inside one network, disconnected",
        replaced(
            BASE,
            vnet(
                "hub",
                "10.0.0.0/16",
                virtualNetworkPeerings=[
                    {
                        "name": "s",
                        "remoteVirtualNetwork": {"id": f"{NETWORK}/virtualNetworks/spoke"},
                        "peeringState": "Disconnected",
                    }
                ],
            ),
        ),
        "no",
        ("the peering of hub with spoke is Disconnected",),
    ),
    Case(
        "subnets are peered, both of the right ones",
        (
            *BASE,
            APPS,
            peering("spoke", "hub", localSubnetNames=["apps"], remoteSubnetNames=["endpoints"], **LIMITED),
            peering("hub", "spoke", localSubnetNames=["Endpoints"], remoteSubnetNames=["Apps"], **LIMITED),
        ),
        "yes",
    ),
    Case(
        "subnets are peered, the endpoint's is not one",
        (
            *BASE,
            APPS,
            peering("spoke", "hub", localSubnetNames=["apps"], remoteSubnetNames=["databases"], **LIMITED),
            peering("hub", "spoke", localSubnetNames=["databases"], remoteSubnetNames=["apps"], **LIMITED),
        ),
        "no",
        ("peered with some subnets only", "the subnet 'endpoints' of 'hub'"),
    ),
    Case(
        "subnets are peered, one of the spoke's two",
        (
            *BASE,
            APPS,
            subnet("spoke", "lab", "10.1.9.0/24"),
            peering("spoke", "hub", localSubnetNames=["apps"], remoteSubnetNames=["endpoints"], **LIMITED),
            peering("hub", "spoke", localSubnetNames=["endpoints"], remoteSubnetNames=["apps"], **LIMITED),
        ),
        "yes, if",
        ("it is not in the subnet 'lab'",),
    ),
    Case(
        "subnets are peered, told by address",
        (
            *BASE,
            APPS,
            *(
                peering(
                    one,
                    two,
                    localAddressSpace={"addressPrefixes": [here]},
                    remoteAddressSpace={"addressPrefixes": [there]},
                    **LIMITED,
                )
                for one, two, here, there in (
                    ("spoke", "hub", "10.1.1.0/24", "10.0.5.0/24"),
                    ("hub", "spoke", "10.0.5.0/24", "10.1.1.0/24"),
                )
            ),
        ),
        "no",
        ("the subnet 'endpoints' of 'hub'",),
    ),
    Case(
        "the hub's side is connected, and the spoke's own list of peerings is empty",
        replaced(without(STANDARD, "spoke-hub"), vnet("spoke", "10.1.0.0/16", virtualNetworkPeerings=[])),
        "yes, if",
        ("the documents contradict each other", "the list of peerings of spoke does not have it"),
    ),
    Case(
        "the hub's side is connected, and the spoke's side is not told",
        without(STANDARD, "spoke-hub"),
        "yes, if",
        ("the peering of spoke with hub, not declared here, is connected",),
    ),
    Case(
        "both sides declared by themselves, and a list in the network that is older than them",
        replaced(STANDARD, vnet("spoke", "10.1.0.0/16", virtualNetworkPeerings=[])),
        "yes",
    ),
    # The DNS proxy of the hub's firewall.
    Case("the DNS proxy on, by Azure's resolver", (*BY_PROXY, proxy({"enableProxy": True, "servers": []})), "yes"),
    Case(
        "the DNS proxy on, by servers of its own",
        (*BY_PROXY, proxy({"enableProxy": True, "servers": ["10.0.5.4"]})),
        "yes, if",
        ("10.0.5.4 asks Azure's resolver in hub",),
    ),
    Case("the DNS proxy off", (*BY_PROXY, proxy({"enableProxy": False})), "no", ("'egress' has the DNS proxy off",)),
    Case("the DNS proxy never turned on", (*BY_PROXY, POLICY), "no", ("'egress' has the DNS proxy off",)),
    Case("a firewall whose policy is not told", BY_PROXY, "yes, if", ("10.0.0.68 asks Azure's resolver in hub",)),
    Case(
        "the DNS proxy off, and another DNS server",
        (
            *replaced(BY_PROXY, vnet("spoke", "10.1.0.0/16", dns=("10.0.0.68", "10.0.5.4"))),
            proxy({"enableProxy": False}),
        ),
        "yes, if",
        ("10.0.5.4 asks Azure's resolver in hub",),
    ),
    Case(
        "the DNS proxy off, at an address that another network has too",
        (*BY_PROXY, vnet("another", "10.0.0.0/8"), proxy({"enableProxy": False})),
        "yes, if",
        ("10.0.0.68 asks Azure's resolver in hub",),
    ),
    # DNS servers.
    Case(
        "DNS in the hub",
        replaced(without(STANDARD, "link-spoke"), vnet("spoke", "10.1.0.0/16", dns=("10.0.0.4",))),
        "yes, if",
        ("10.0.0.4 asks Azure's resolver in hub",),
    ),
    Case(
        "DNS in the hub, although both networks hold that address",
        replaced(
            (*without(STANDARD, "link-spoke"), vnet("another", "10.0.0.0/8")),
            vnet("spoke", "10.1.0.0/16", dns=("10.0.0.4",)),
        ),
        "yes, if",
        ("10.0.0.4 asks Azure's resolver in hub",),
    ),
    Case(
        "Azure's resolver written out",
        replaced(STANDARD, vnet("spoke", "10.1.0.0/16", dns=("168.63.129.16",))),
        "yes",
    ),
    Case(
        "a public DNS server",
        replaced(STANDARD, vnet("spoke", "10.1.0.0/16", dns=("8.8.8.8",))),
        "no",
        ("its resolver answers the public address",),
    ),
    Case(
        "a public DNS server beside Azure's",
        replaced(STANDARD, vnet("spoke", "10.1.0.0/16", dns=("168.63.129.16", "8.8.8.8"))),
        "yes, if",
        ("168.63.129.16 answers, which is the first",),
    ),
    Case(
        "on-premises with a forwarder",
        STANDARD,
        "yes",
        client="on-premises, forwarding DNS into a linked network",
    ),
    Case("on-premises without one", STANDARD, "no", client="on-premises, public DNS"),
    # Zones of other stacks.
    Case(
        "the zone is another stack's, and nothing tells of its links",
        (CLOSED, HUB, SPOKE, ENDPOINTS, *PEERED, pe(), zone_group(FOREIGN)),
        "yes, if",
        ("spoke is linked to the zone", "outside this stack"),
    ),
    Case(
        "a network without a route to it gets nothing from a link",
        (CLOSED, HUB, ISLAND, ENDPOINTS, pe(), zone_group(FOREIGN)),
        "no",
        ("public access is off",),
        client="VM in island",
    ),
    Case(
        "a link made here to a zone of another stack, in other letters",
        (
            CLOSED,
            HUB,
            SPOKE,
            ENDPOINTS,
            *PEERED,
            pe(),
            zone_group(FOREIGN),
            {
                **link("spoke"),
                "outputs": {"id": f"{FOREIGN.upper()}/virtualNetworkLinks/spoke", "name": "spoke"},
            },
        ),
        "yes",
    ),
    Case(
        "a link to a zone of another stack that is known by name and group alone",
        (
            CLOSED,
            HUB,
            SPOKE,
            ENDPOINTS,
            *PEERED,
            pe(),
            zone_group(FOREIGN),
            {
                **link("spoke"),
                "inputs": {**link("spoke")["inputs"], "resourceGroupName": "dns"},
                "outputs": {"name": "spoke"},
            },
        ),
        "yes",
    ),
    Case(
        "a link to a zone of the same name in another group is not that zone's",
        (
            CLOSED,
            HUB,
            SPOKE,
            ENDPOINTS,
            *PEERED,
            pe(),
            zone_group(FOREIGN),
            {
                **link("spoke"),
                "inputs": {**link("spoke")["inputs"], "resourceGroupName": "elsewhere"},
                "outputs": {"name": "spoke"},
            },
        ),
        "cannot tell",
        ("whether the zone", "/elsewhere/", "holds the record"),
    ),
    Case(
        "two networks of the stack, the zone of another linked to one",
        (
            CLOSED,
            HUB,
            SPOKE,
            ENDPOINTS,
            *PEERED,
            pe(),
            zone_group(FOREIGN),
            {
                **link("hub"),
                "outputs": {"id": f"{FOREIGN}/virtualNetworkLinks/hub", "name": "hub"},
            },
        ),
        "yes",
        client="VM in hub",
    ),
    # Records.
    Case("records by hand", (*without(STANDARD, "group"), *RECORD_SETS), "yes"),
    Case(
        "a record set without an address",
        (*without(STANDARD, "group"), record("contoso"), RECORD_SETS[1]),
        "no",
        ("no record 'contoso'",),
    ),
    Case(
        "a right address and a wrong one",
        (*without(STANDARD, "group"), record("contoso", LOGIN, "10.0.1.99"), RECORD_SETS[1]),
        "partly",
        ("one of the 2 addresses", "10.0.1.99"),
    ),
    Case(
        "a wrong address and a right one",
        (*without(STANDARD, "group"), record("contoso", "10.0.1.99", LOGIN), RECORD_SETS[1]),
        "partly",
        ("one of the 2 addresses", "10.0.1.99"),
    ),
    Case(
        "two wrong addresses",
        (*without(STANDARD, "group"), record("contoso", "10.0.1.98", "10.0.1.99"), RECORD_SETS[1]),
        "no",
        ("10.0.1.98",),
    ),
    Case(
        "a wildcard record answers with the login server's address for both",
        (*without(STANDARD, "group"), record("*", LOGIN)),
        "no",
        (f"says {LOGIN}", "belongs to 'contoso.azurecr.io'"),
    ),
    Case(
        "a wildcard for the data endpoints",
        (*without(STANDARD, "group"), record("contoso", LOGIN), record("*.japaneast.data", LAYERS)),
        "yes",
    ),
    Case(
        "a wildcard does not answer beside a closer name",
        (
            *without(STANDARD, "group"),
            record("contoso", LOGIN),
            record("*", LAYERS),
            record("fabrikam.eastus.data", "10.9.9.9"),
        ),
        "no",
        ("no record 'contoso.japaneast.data'",),
    ),
    Case(
        "CNAME records inside the zone",
        (
            *without(STANDARD, "group"),
            cname("contoso", f"login.{ZONE}"),
            record("login", LOGIN),
            RECORD_SETS[1],
        ),
        "yes",
    ),
    Case(
        "a CNAME record to a name of others",
        (*without(STANDARD, "group"), cname("contoso", "registry.corp.example."), RECORD_SETS[1]),
        "cannot tell",
        ("what registry.corp.example resolves to",),
    ),
    Case(
        "CNAME records in a circle",
        (*without(STANDARD, "group"), cname("contoso", f"contoso.{ZONE}"), RECORD_SETS[1]),
        "no",
    ),
    # Connections.
    Case("pending", replaced(STANDARD, pe(status="Pending")), "no", ("waits for approval",)),
    Case("rejected", replaced(STANDARD, pe(status="Rejected")), "no", ("was rejected by the registry's owner",)),
    Case("disconnected", replaced(STANDARD, pe(status="Disconnected")), "no", ("is disconnected",)),
    Case("approved", replaced(STANDARD, pe(status="approved")), "yes"),
    # Security groups on the endpoint's subnet.
    Case(
        "inbound rules without network policies",
        replaced(
            (*STANDARD, nsg(rule("none", 100, "Deny", "*"))), subnet("hub", "endpoints", "10.0.1.0/24", **on_nsg())
        ),
        "yes",
    ),
    Case(
        "inbound rules with network policies",
        replaced(
            (*STANDARD, nsg(rule("none", 100, "Deny", "*"))),
            subnet("hub", "endpoints", "10.0.1.0/24", privateEndpointNetworkPolicies="Enabled", **on_nsg()),
        ),
        "no",
        ("the security group 'guards' on the subnet of the private endpoint 'endpoint' denies", "rule 'none'"),
    ),
    Case(
        "policies for routes alone leave inbound rules out",
        replaced(
            (*STANDARD, nsg(rule("none", 100, "Deny", "*"))),
            subnet("hub", "endpoints", "10.0.1.0/24", privateEndpointNetworkPolicies="RouteTableEnabled", **on_nsg()),
        ),
        "yes",
    ),
    Case(
        "an inbound rule for the spoke",
        replaced(
            (*STANDARD, APPS, nsg(rule("apps", 100, "Allow", "10.1.0.0/16"), rule("none", 200, "Deny", "*"))),
            subnet(
                "hub",
                "endpoints",
                "10.0.1.0/24",
                privateEndpointNetworkPolicies="NetworkSecurityGroupEnabled",
                **on_nsg(),
            ),
        ),
        "yes",
    ),
    Case(
        "an inbound rule for others",
        replaced(
            (*STANDARD, APPS, nsg(rule("lab", 100, "Allow", "10.7.0.0/16"), rule("none", 200, "Deny", "*"))),
            subnet(
                "hub",
                "endpoints",
                "10.0.1.0/24",
                privateEndpointNetworkPolicies="NetworkSecurityGroupEnabled",
                **on_nsg(),
            ),
        ),
        "no",
        ("rule 'none'",),
    ),
    Case(
        "an inbound rule for a part of the spoke",
        replaced(
            (*STANDARD, APPS, nsg(rule("one", 100, "Allow", "10.1.1.4"), rule("none", 200, "Deny", "*"))),
            subnet("hub", "endpoints", "10.0.1.0/24", privateEndpointNetworkPolicies="Enabled", **on_nsg()),
        ),
        "cannot tell",
        ("it depends on rule 'one'",),
    ),
    Case(
        "Azure's own inbound rules let peered networks in",
        replaced(
            (*STANDARD, nsg()),
            subnet("hub", "endpoints", "10.0.1.0/24", privateEndpointNetworkPolicies="Enabled", **on_nsg()),
        ),
        "yes",
    ),
    Case(
        "a security group that the stack does not declare",
        replaced(
            STANDARD,
            subnet("hub", "endpoints", "10.0.1.0/24", privateEndpointNetworkPolicies="Enabled", **on_nsg("theirs")),
        ),
        "cannot tell",
        ("the rules of 'theirs', not declared here",),
    ),
    # Security groups on the client's subnet.
    Case(
        "an outbound rule for the client's own subnet",
        (
            *STANDARD,
            subnet("spoke", "apps", "10.1.1.0/24", **on_nsg()),
            nsg(rule("none", 100, "Deny", "10.1.1.0/24", direction="Outbound", to="10.0.0.0/8")),
        ),
        "no",
        ("the client firewall 'guards' denies", "rule 'none'"),
        client="client behind guards",
    ),
    Case(
        "an outbound rule for another subnet's clients",
        (
            *STANDARD,
            subnet("spoke", "apps", "10.1.1.0/24", **on_nsg()),
            nsg(rule("none", 100, "Deny", "10.1.2.0/24", direction="Outbound", to="10.0.0.0/8")),
        ),
        "yes",
        client="client behind guards",
    ),
    Case(
        "an outbound rule about the networks, peered ones too",
        outbound("Deny", "VirtualNetwork"),
        "no",
        ("rule 'out'",),
        client="client behind guards",
    ),
    Case(
        "private addresses are not in the registries' tag",
        outbound("Deny", "AzureContainerRegistry"),
        "yes",
        client="client behind guards",
    ),
    Case("nor in the internet", outbound("Deny", "Internet"), "yes", client="client behind guards"),
    Case("an outbound rule about UDP", outbound("Deny", "*", protocol="Udp"), "yes", client="client behind guards"),
    Case(
        "an outbound rule about other ports",
        outbound("Deny", "*", destinationPortRange="", destinationPortRanges=["80", "8443"]),
        "yes",
        client="client behind guards",
    ),
    Case(
        "a range of ports with 443 in it",
        outbound("Deny", "*", destinationPortRange="", destinationPortRanges=["80", "400-500"]),
        "no",
        client="client behind guards",
    ),
    Case(
        "the data endpoint's address alone",
        outbound("Deny", "10.0.1.5/32"),
        "no",
        ("contoso.japaneast.data.azurecr.io",),
        client="client behind guards",
    ),
    Case(
        "one of several prefixes covers the endpoint",
        outbound("Deny", "", destinationAddressPrefixes=["192.168.0.0/16", "10.0.0.0/15"]),
        "no",
        client="client behind guards",
    ),
    # The internet's side: which address it sees of a client, and whether there is a way.
    Case(
        "IP rules, and an address that no document tells",
        (SELECTED, SPOKE, subnet("spoke", "apps", "10.1.1.0/24", **NAT)),
        "yes, if",
        ("its address towards the internet is in an IP rule of the registry (203.0.113.7)",),
    ),
    Case("IP rules, from anywhere", (SELECTED, SPOKE), "no", client="internet, any address"),
    Case("IP rules, on-premises", (SELECTED, SPOKE), "yes, if", client="on-premises, public DNS"),
    Case(
        "no IP rule at all",
        (registry(publicNetworkAccess="Enabled", networkRuleSet={"defaultAction": "Deny", "ipRules": []}), SPOKE),
        "no",
    ),
    Case(
        "a subnet that the registry admits by its service endpoint",
        (BY_SUBNET, SPOKE, APPS),
        "yes, if",
        ("it stands in the subnet 'apps', which the registry admits by its service endpoint",),
    ),
    Case("a subnet of another network is admitted", (BY_SUBNET, HUB, SPOKE, APPS), "no", client="VM in hub"),
    Case(
        "a private subnet",
        (OPEN, SPOKE, subnet("spoke", "apps", "10.1.1.0/24", defaultOutboundAccess=False)),
        "yes, if",
        ("it has a way to the internet of its own, since the subnet 'apps' is private",),
    ),
    Case(
        "a private subnet with a NAT gateway",
        (OPEN, SPOKE, subnet("spoke", "apps", "10.1.1.0/24", defaultOutboundAccess=False, **NAT)),
        "yes",
    ),
    Case(
        "a private subnet does not matter on the private path",
        replaced(STANDARD, subnet("spoke", "apps", "10.1.1.0/24", defaultOutboundAccess=False)),
        "yes",
    ),
    Case(
        "a service tag in the network rules of the hub's firewall",
        (*OUT, edge(**WITH_POLICY), allowing(to="AzureContainerRegistry")),
        "yes",
    ),
    Case(
        "the tag of another region",
        (*OUT, edge(**WITH_POLICY), allowing(to="AzureContainerRegistry.WestUS")),
        "no",
        ("no rule matches",),
    ),
    # Routes.
    Case(
        "a route of everything does not take what goes to an endpoint",
        (
            *STANDARD,
            subnet("spoke", "apps", "10.1.1.0/24", **ROUTED),
            routes(("0.0.0.0/0", "VirtualAppliance", "10.0.0.68")),
        ),
        "yes",
    ),
    Case(
        "a route to the hub, with policies off",
        (
            *STANDARD,
            subnet("spoke", "apps", "10.1.1.0/24", **ROUTED),
            routes(("10.0.0.0/16", "VirtualAppliance", "10.0.0.68")),
        ),
        "yes",
    ),
    Case(
        "a route to the hub, with policies on",
        replaced(
            (
                *STANDARD,
                subnet("spoke", "apps", "10.1.1.0/24", **ROUTED),
                routes(("10.0.0.0/16", "VirtualAppliance", "10.0.0.68")),
            ),
            subnet("hub", "endpoints", "10.0.1.0/24", privateEndpointNetworkPolicies="RouteTableEnabled"),
        ),
        "yes, if",
        ("the appliance 10.0.0.68 in hub", "the route 'to-VirtualAppliance' of the route table 'egress'"),
    ),
    Case(
        "a route wider than the hub, with policies on",
        replaced(
            (
                *STANDARD,
                subnet("spoke", "apps", "10.1.1.0/24", **ROUTED),
                routes(("10.0.0.0/8", "VirtualAppliance", "10.0.0.68")),
            ),
            subnet("hub", "endpoints", "10.0.1.0/24", privateEndpointNetworkPolicies="Enabled"),
        ),
        "yes",
    ),
    Case(
        "a route to the hub that drops",
        replaced(
            (*STANDARD, subnet("spoke", "apps", "10.1.1.0/24", **ROUTED), routes(("10.0.0.0/16", "None", ""))),
            subnet("hub", "endpoints", "10.0.1.0/24", privateEndpointNetworkPolicies="Enabled"),
        ),
        "no",
        ("drops the traffic",),
    ),
    Case(
        "the longest prefix wins",
        replaced(
            (
                *STANDARD,
                subnet("spoke", "apps", "10.1.1.0/24", **ROUTED),
                routes(("10.0.0.0/16", "None", ""), ("10.0.1.0/24", "VirtualAppliance", "10.0.0.68")),
            ),
            subnet("hub", "endpoints", "10.0.1.0/24", privateEndpointNetworkPolicies="Enabled"),
        ),
        "yes, if",
        ("the appliance 10.0.0.68",),
    ),
    Case(
        "a route as narrow as the endpoint's own takes it whatever the policies",
        (
            *STANDARD,
            subnet("spoke", "apps", "10.1.1.0/24", **ROUTED),
            routes((f"{LOGIN}/32", "VirtualAppliance", "10.0.0.68")),
        ),
        "yes, if",
        ("the appliance 10.0.0.68 in hub",),
    ),
    Case(
        "one of two subnets is routed into nothing",
        replaced(
            (
                *STANDARD,
                APPS,
                subnet("spoke", "lab", "10.1.9.0/24", **ROUTED),
                routes(("10.0.0.0/16", "None", "")),
            ),
            subnet("hub", "endpoints", "10.0.1.0/24", privateEndpointNetworkPolicies="Enabled"),
        ),
        "yes, if",
        ("it is not in the subnet 'lab'", "drops the traffic"),
    ),
    Case(
        "between spokes, through the hub's firewall",
        (
            *STANDARD,
            vnet("builds", "10.3.0.0/16"),
            link("builds"),
            subnet("builds", "agents", "10.3.1.0/24", **ROUTED),
            *both("builds", "spoke", peeringState="Connected"),
            routes(("0.0.0.0/0", "VirtualAppliance", "10.1.0.68")),
        ),
        "yes, if",
        ("the appliance 10.1.0.68 in spoke", "has a way to 'hub'"),
        client="VM in builds",
    ),
    Case(
        "a public registry through the hub's firewall",
        (
            registry(publicNetworkAccess="Enabled", networkRuleSet={"defaultAction": "Allow"}),
            HUB,
            SPOKE,
            subnet("spoke", "apps", "10.1.1.0/24", **ROUTED),
            *PEERED,
            routes(("0.0.0.0/0", "VirtualAppliance", "10.0.0.68")),
            other(
                "network:AzureFirewall",
                "edge",
                "Microsoft.Network/azureFirewalls/edge",
                azureFirewallName="edge",
                ipConfigurations=[{"name": "config", "privateIPAddress": "10.0.0.68"}],
            ),
        ),
        "yes, if",
        ("the firewall 'edge' (10.0.0.68) in hub", "reaches the internet"),
    ),
    # Through the estate's own firewall: its rules decide.
    Case("the hub's firewall allows every host", (*OUT, edge(**WITH_POLICY), allowing(*HOSTS)), "yes"),
    Case(
        "the hub's firewall allows the login server alone",
        (*OUT, edge(**WITH_POLICY), allowing(HOSTS[0])),
        "no",
        ("the firewall 'edge' (10.0.0.68) in hub, which blocks it", "no rule matches"),
    ),
    Case(
        "the hub's firewall allows other networks",
        (*OUT, edge(**WITH_POLICY), allowing(*HOSTS, source="10.9.0.0/16")),
        "no",
        ("which blocks it",),
    ),
    Case(
        "the hub's firewall allows a part of the subnet",
        (*OUT, edge(**WITH_POLICY), allowing(*HOSTS, source="10.1.1.0/28")),
        "yes, if",
        ("lets it through (it depends on rule 'pulls'", "reaches the internet"),
    ),
    Case("a firewall with rules of its own", (*OUT, edge(**CLASSIC)), "yes"),
    Case(
        "a firewall that a template declares has no address yet: nothing else stands in its subnet",
        (
            *OUT,
            subnet("hub", "AzureFirewallSubnet", "10.0.0.64/26"),
            edge({"subnet": {"id": f"{NETWORK}/virtualNetworks/hub/subnets/AzureFirewallSubnet"}}, **WITH_POLICY),
            allowing(HOSTS[0]),
        ),
        "no",
        ("the firewall 'edge'", "which blocks it"),
    ),
    Case(
        "another appliance than the hub's firewall",
        (
            *replaced(OUT, routes(("0.0.0.0/0", "VirtualAppliance", "10.0.2.4"))),
            edge(**WITH_POLICY),
            allowing(*HOSTS),
        ),
        "yes, if",
        ("the appliance 10.0.2.4 in hub",),
    ),
    Case(
        "a firewall whose policy another stack declares",
        (*without(OUT, "egress"), routes(("0.0.0.0/0", "VirtualAppliance", "10.0.0.68")), edge(**WITH_POLICY)),
        "yes, if",
        ("the firewall 'edge' (10.0.0.68) in hub", "lets it through"),
    ),
    Case(
        "a firewall before the endpoint allows its addresses",
        (*INSPECTED, allowing(to="10.0.1.0/24")),
        "yes, if",
        ("its network rule keeps the client's address, and Azure asks for SNAT or application rules there",),
    ),
    Case(
        "a firewall before the endpoint that only knows public hosts by name lets those through too",
        (*INSPECTED, allowing(*HOSTS)),
        "yes",
    ),
    Case(
        "a firewall before the endpoint that allows something else",
        (*INSPECTED, allowing(to="10.0.9.0/24")),
        "no",
        ("which blocks it",),
    ),
    Case(
        "a firewall before the endpoint that denies",
        (*INSPECTED, allowing(to="10.0.1.0/24", action="Deny")),
        "no",
        ("rule 'pulls' of collection 'registry' decides",),
    ),
    # Clients that a firewall policy knows by addresses alone: they may be led to more than the closed public side.
    Case(
        "a policy that allows the hosts, before a registry with a private endpoint alone",
        (*STANDARD, POLICY, edge(**WITH_POLICY), allowing(*HOSTS, source="10.1.0.0/16")),
        "cannot tell",
        ("depends on the network behind the client firewall 'edge'", "'endpoint'", "public access is off"),
        client="client behind edge",
    ),
    Case(
        "a policy that allows the login server alone",
        (*STANDARD, POLICY, edge(**WITH_POLICY), allowing(HOSTS[0], source="10.1.0.0/16")),
        "no",
        ("no rule that allows contoso.japaneast.data.azurecr.io",),
        client="client behind edge",
    ),
    Case(
        "a policy before a registry whose only endpoint was rejected",
        (
            *replaced(STANDARD, pe(status="Rejected")),
            POLICY,
            edge(**WITH_POLICY),
            allowing(*HOSTS, source="10.1.0.0/16"),
        ),
        "no",
        ("public access is off",),
        client="client behind edge",
    ),
    # A spoke that is not linked, behind a firewall in the hub that is. The spoke's DNS answers the public address. The
    # firewall reads the name in TLS, and for an application rule asks its own DNS, where the hub's zone answers, and
    # connects to the endpoint itself.
    Case(
        "a firewall in the linked hub resolves the names of its application rules itself",
        (*RELAYED, edge(**WITH_POLICY), allowing(*HOSTS)),
        "yes, if",
        ("'edge' (10.0.0.68) in hub", "'to-VirtualAppliance' of the route table 'egress'", "resolves the names"),
    ),
    Case(
        "one with rules of its own",
        (*without(RELAYED, "egress"), TO_EDGE, edge(**CLASSIC)),
        "yes, if",
        ("resolves the names of its application rules itself",),
    ),
    Case(
        "a network rule forwards to the public address, which is closed",
        (*RELAYED, edge(**WITH_POLICY), allowing(to="AzureContainerRegistry")),
        "no",
        ("its resolver answers the public address",),
    ),
    Case("it allows something else", (*RELAYED, edge(**WITH_POLICY), allowing("docker.io")), "no"),
    Case(
        "it allows the login server alone",
        (*RELAYED, edge(**WITH_POLICY), allowing(HOSTS[0])),
        "no",
        ("its resolver answers the public address",),
    ),
    Case(
        "it allows other clients alone",
        (*RELAYED, edge(**WITH_POLICY), allowing(*HOSTS, source="10.9.0.0/16")),
        "no",
    ),
    Case(
        "nobody is linked but another network, so that the firewall gets the public address too",
        (*replaced(without(RELAYED, "link-hub"), ISLAND), link("island"), edge(**WITH_POLICY), allowing(*HOSTS)),
        "no",
    ),
    Case(
        "its peering is broken",
        (
            *replaced(RELAYED, *both("hub", "spoke", peeringState="Disconnected", allowVirtualNetworkAccess=True)),
            edge(**WITH_POLICY),
            allowing(*HOSTS),
        ),
        "no",
    ),
    Case(
        "it has DNS servers of its own, which may ask Azure's resolver",
        (*replaced(RELAYED, proxy({"servers": ["10.0.0.53"]})), edge(**WITH_POLICY), allowing(*HOSTS)),
        "yes, if",
        ("resolves the names", "10.0.0.53 asks Azure's resolver in hub"),
    ),
    Case(
        "it has public DNS servers",
        (*replaced(RELAYED, proxy({"servers": ["8.8.8.8"]})), edge(**WITH_POLICY), allowing(*HOSTS)),
        "no",
    ),
    Case(
        "one with rules of its own asks public DNS servers",
        (
            *without(RELAYED, "egress"),
            TO_EDGE,
            edge(**CLASSIC, additionalProperties={"Network.DNS.Servers": "8.8.8.8, 8.8.4.4"}),
        ),
        "no",
    ),
    Case(
        "its policy is another stack's",
        (*without(RELAYED, "egress"), TO_EDGE, edge(**WITH_POLICY)),
        "cannot tell",
        ("whether the firewall 'edge'", "its rules are not declared here"),
    ),
    Case(
        "an appliance of which nothing tells that it resolves names",
        RELAYED,
        "no",
        ("its resolver answers the public address",),
    ),
    Case(
        "the endpoint was rejected",
        (*replaced(RELAYED, pe(status="Rejected")), edge(**WITH_POLICY), allowing(*HOSTS)),
        "no",
    ),
    Case(
        "a group on the client's subnet keeps it from the firewall",
        (
            *replaced(RELAYED, subnet("spoke", "apps", "10.1.1.0/24", **ROUTED, **on_nsg())),
            nsg(rule("no-internet", 100, "Deny", "*", direction="Outbound", to="Internet")),
            edge(**WITH_POLICY),
            allowing(*HOSTS),
        ),
        "no",
    ),
    # Security admin rules: judged before a group, where their network group lists the network.
    Case(
        "an admin rule that denies, in the client's network",
        (*GUARDED, *admin_rule("Deny"), *network_group("spoke")),
        "no",
        ("rule 'everywhere'",),
        client="client behind guards",
    ),
    Case(
        "an admin rule that denies, in its subnet",
        (*GUARDED, *admin_rule("Deny"), *network_group("spoke/subnets/apps")),
        "no",
        ("rule 'everywhere'",),
        client="client behind guards",
    ),
    Case(
        "an admin rule that denies, in another network",
        (*GUARDED, *admin_rule("Deny"), *network_group("island")),
        "yes",
        client="client behind guards",
    ),
    Case(
        "an admin rule whose network group is filled by a policy",
        (*GUARDED, *admin_rule("Deny"), *network_group()),
        "cannot tell",
        ("rule 'everywhere'",),
        client="client behind guards",
    ),
    Case(
        "an admin rule that always allows, before a group that denies",
        (
            *replaced(GUARDED, nsg(rule("none", 100, "Deny", "*", direction="Outbound"))),
            *admin_rule("AlwaysAllow"),
            *network_group("spoke"),
        ),
        "yes",
        client="client behind guards",
    ),
    Case(
        "an admin rule that leaves it to the group",
        (*GUARDED, *admin_rule("Allow"), *network_group("spoke")),
        "yes",
        client="client behind guards",
    ),
    Case(
        "an admin rule in a network without a security group",
        (*STANDARD, APPS, *admin_rule("Deny"), *network_group("spoke")),
        "no",
        ("rule 'everywhere'",),
        client="client behind security admin rules",
    ),
    # Dual stack: a client may take the address of either record set.
    Case(
        "an AAAA record of something else beside the right A record",
        (*STANDARD, aaaa("contoso", "fd00:5::4")),
        "partly",
        ("fd00:5::4",),
    ),
    Case(
        "an AAAA record for a host that is none of the registry's",
        (*STANDARD, aaaa("fabrikam", "fd00:5::4")),
        "yes",
    ),
    Case(
        "a public registry and a route of everything into nothing",
        (
            registry(publicNetworkAccess="Enabled", networkRuleSet={"defaultAction": "Allow"}),
            SPOKE,
            subnet("spoke", "apps", "10.1.1.0/24", **ROUTED),
            routes(("0.0.0.0/0", "None", "")),
        ),
        "no",
        ("drops the traffic",),
    ),
    Case(
        "a route of the registries' tag straight to the internet",
        (
            registry(publicNetworkAccess="Enabled", networkRuleSet={"defaultAction": "Allow"}),
            SPOKE,
            subnet("spoke", "apps", "10.1.1.0/24", **ROUTED),
            routes(("0.0.0.0/0", "None", ""), ("AzureContainerRegistry", "Internet", "")),
        ),
        "yes",
    ),
)


def export(resources: tuple[Declared, ...]) -> str:
    return json.dumps({"version": 3, "deployment": {"resources": states(resources)}})


def registries_of(text: str, name: str) -> list[Registry]:
    return registries(load(name, text).estate)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_documented_answer(case: Case) -> None:
    text = export(case.estate)
    (found,) = registries_of(text, "state.json")
    lines = {line.client: line for line in report.summaries(found)}
    line = lines[case.client]
    assert (str(line.pull), line.reason) == (case.pull, line.reason)
    for words in case.says:
        assert words in line.reason
    # The guard has rules for the zone's links, for endpoints and for client firewalls: none may say the opposite.
    config = {"all": "disabled", "private-endpoint": "mandatory", "firewall-complete": "mandatory"}
    problems = [f.rule for f in evaluate(load("state.json", text).estate, config=config) if f.kind == "violation"]
    if found.private_endpoints:
        ended = all(e.connection in (Connection.REJECTED, Connection.DISCONNECTED) for e in found.private_endpoints)
        assert ("private-endpoint" in problems) is ended
    if case.pull in ("yes", "yes, if"):
        assert "firewall-complete" not in problems
    linked = evaluate(load("state.json", text).estate, config={"all": "disabled", "zone-linked": "mandatory"})
    assert not linked, "every zone of these estates is linked, here or elsewhere"


@pytest.mark.parametrize(("access", "offered"), [("Disabled", False), ("Enabled", True)])
def test_public_dns_is_offered_only_where_the_public_side_is_open(access: str, offered: bool) -> None:
    opened = registry(networkRuleBypassOptions="None", publicNetworkAccess=access)
    (found,) = registries_of(export(replaced(BASE, opened)), "state.json")
    line = next(line for line in report.summaries(found) if line.client == "VM in spoke")
    assert "no route there" in line.reason
    assert line.fix.startswith("peer its network with 'hub'")
    assert ("public DNS" in line.fix) is offered


def state(token: str, name: str, id_: str, /, **inputs: Any) -> dict[str, Any]:
    own = f"urn:pulumi:dev::app::{token}::{name}"
    return {"urn": own, "custom": True, "type": token, "id": id_, "inputs": inputs, "outputs": inputs}


@pytest.mark.parametrize(
    ("spoke", "hub", "pull"),
    [({}, {}, "yes"), ({"allowVirtualNetworkAccess": False}, {}, "no"), ({}, None, "yes, if")],
)
def test_the_classic_providers_networks(spoke: dict[str, Any], hub: dict[str, Any] | None, pull: str) -> None:
    def network(name: str, space: str) -> dict[str, Any]:
        return state(
            "azure:network/virtualNetwork:VirtualNetwork",
            name,
            f"{NETWORK}/virtualNetworks/{name}",
            name=name,
            resourceGroupName="rg",
            addressSpaces=[space],
        )

    def side(one: str, two: str, **inputs: Any) -> dict[str, Any]:
        return state(
            "azure:network/virtualNetworkPeering:VirtualNetworkPeering",
            f"{one}-{two}",
            f"{NETWORK}/virtualNetworks/{one}/virtualNetworkPeerings/{two}",
            name=two,
            resourceGroupName="rg",
            virtualNetworkName=one,
            remoteVirtualNetworkId=f"{NETWORK}/virtualNetworks/{two}",
            **inputs,
        )

    linked = state(
        "azure:privatedns/zoneVirtualNetworkLink:ZoneVirtualNetworkLink",
        "spoke-link",
        f"{NETWORK}/privateDnsZones/{ZONE}/virtualNetworkLinks/spoke",
        name="spoke",
        resourceGroupName="rg",
        privateDnsZoneName=ZONE,
        virtualNetworkId=f"{NETWORK}/virtualNetworks/spoke",
    )
    parts = [
        *states((CLOSED, ZONE_HERE, link("hub"), pe(), zone_group())),
        network("hub", "10.0.0.0/16"),
        network("spoke", "10.1.0.0/16"),
        linked,
        side("spoke", "hub", **spoke),
        *([side("hub", "spoke", **hub)] if hub is not None else []),
    ]
    text = json.dumps({"version": 3, "deployment": {"resources": parts}})
    (found,) = registries_of(text, "state.json")
    assert {line.client: str(line.pull) for line in report.summaries(found)}["VM in spoke"] == pull


def test_a_preview_tells_by_dependencies() -> None:
    """Nothing has an id yet: peerings, links, subnets and route tables are found by what they depend on."""
    unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

    def step(token: str, name: str, inputs: dict[str, Any], **on: str) -> dict[str, Any]:
        depends = {prop: [own(*target.split("/"))] for prop, target in on.items()}
        new = {
            "urn": own(token, name),
            "custom": True,
            "type": f"azure-native:{token}",
            "inputs": inputs,
            "outputs": inputs,
            "propertyDependencies": depends,
        }
        return {"op": "create", "urn": own(token, name), "newState": new}

    def own(token: str, name: str) -> str:
        return f"urn:pulumi:dev::app::azure-native:{token}::{name}"

    def remote(one: str, two: str) -> dict[str, Any]:
        return step(
            "network:VirtualNetworkPeering",
            f"{one}-{two}",
            {"virtualNetworkName": unknown, "remoteVirtualNetwork": {"id": unknown}},
            virtualNetworkName=f"network:VirtualNetwork/{one}",
            remoteVirtualNetwork=f"network:VirtualNetwork/{two}",
        )

    steps = [
        step("containerregistry:Registry", "acr", {"registryName": "contoso", **dict(CLOSED["inputs"])}),
        step("network:VirtualNetwork", "hub", {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}),
        step("network:VirtualNetwork", "spoke", {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}}),
        remote("hub", "spoke"),
        remote("spoke", "hub"),
        step(
            "network:RouteTable",
            "egress",
            {"routes": [{"name": "hub", "addressPrefix": "10.0.0.0/16", "nextHopType": "None"}]},
        ),
        step(
            "network:Subnet",
            "endpoints",
            {
                "virtualNetworkName": unknown,
                "addressPrefix": "10.0.1.0/24",
                "privateEndpointNetworkPolicies": "Enabled",
            },
            virtualNetworkName="network:VirtualNetwork/hub",
        ),
        step(
            "network:Subnet",
            "apps",
            {"virtualNetworkName": unknown, "addressPrefix": "10.1.1.0/24", "routeTable": {"id": unknown}},
            virtualNetworkName="network:VirtualNetwork/spoke",
            routeTable="network:RouteTable/egress",
        ),
        step("privatedns:PrivateZone", "zone", {"privateZoneName": ZONE}),
        *(
            step(
                "privatedns:VirtualNetworkLink",
                f"link-{network}",
                {"privateZoneName": unknown, "virtualNetwork": {"id": unknown}},
                privateZoneName="privatedns:PrivateZone/zone",
                virtualNetwork=f"network:VirtualNetwork/{network}",
            )
            for network in ("hub", "spoke")
        ),
        step(
            "network:PrivateEndpoint",
            "pe",
            {"subnet": {"id": unknown}, "privateLinkServiceConnections": [{"privateLinkServiceId": unknown}]},
            subnet="network:Subnet/endpoints",
            privateLinkServiceConnections="containerregistry:Registry/acr",
        ),
        step(
            "network:PrivateDnsZoneGroup",
            "group",
            {"privateEndpointName": unknown, "privateDnsZoneConfigs": [{"privateDnsZoneId": unknown}]},
            privateEndpointName="network:PrivateEndpoint/pe",
            privateDnsZoneConfigs="privatedns:PrivateZone/zone",
        ),
    ]

    def pulls(held: list[dict[str, Any]]) -> dict[str, str]:
        (found,) = registries_of(json.dumps({"steps": held}), "preview.json")
        return {line.client: str(line.pull) for line in report.summaries(found)}

    assert pulls(steps)["VM in spoke"] == "no", "the route to the hub drops, and the policies let it"
    assert pulls(steps)["VM in hub"] == "yes"
    unrouted = [each for each in steps if not each["urn"].endswith("::apps")]
    assert pulls(unrouted)["VM in spoke"] == "yes"
    one_sided = [each for each in unrouted if not each["urn"].endswith("::hub-spoke")]
    assert pulls(one_sided)["VM in spoke"] == "yes, if"


@pytest.mark.parametrize(
    ("held", "name", "answer"),
    [
        (("contoso", "*"), "contoso", "contoso"),
        (("*",), "contoso", "*"),
        (("*",), "contoso.japaneast.data", "*"),
        (("*", "*.data"), "contoso.japaneast.data", "*.data"),
        (("*", "fabrikam.data"), "contoso.data", None),
        (("*", "fabrikam.data"), "data", None),
        (("@",), "contoso", None),
        (("*.data",), "data", None),
        (("*",), "Contoso", "*"),
    ],
)
def test_wildcards_answer_as_rfc_4592_says(held: tuple[str, ...], name: str, answer: str | None) -> None:
    assert answering(held, name) == answer


def test_a_security_group_is_told_the_addresses_of_all_hosts() -> None:
    deny = nsg(rule("nothing", 100, "Deny", "*", direction="Outbound"), name="locked")
    (found,) = registries_of(export((*STANDARD, deny, APPS_KEPT_IN)), "state.json")
    line = next(line for line in report.summaries(found) if line.client == "VM in spoke")
    addresses = [address for _, address in found.private_endpoints[0].addresses]
    assert addresses == ["10.0.1.4", "10.0.1.5"]
    assert line.fix == ("allow 10.0.1.4 and 10.0.1.5 on TCP 443 before that rule; a security group takes no host names")
