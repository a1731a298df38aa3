"""Client firewalls whose right answer is written out by hand, from Azure's documents on how rules are processed.

learn.microsoft.com/azure/firewall/rule-processing, /azure/firewall-manager/rule-hierarchy,
/azure/firewall/firewall-faq (wildcards), /azure/virtual-network/network-security-groups-overview.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from registry_guard.examples import PROVIDERS, Declared, endpoint, other, registry, replica, subnet_id

from tests.policies.guardkit import UNKNOWN

LOGIN = "contoso.azurecr.io"
HOME = "contoso.japaneast.data.azurecr.io"
EAST = "contoso.eastus.data.azurecr.io"
ANY = ("*",)
NETWORK = f"{PROVIDERS}/Microsoft.Network"
# The registry is open to everybody, so that only the firewall decides.
OPEN = registry(publicNetworkAccess="Enabled", networkRuleSet={"defaultAction": "Allow"})


@dataclass(frozen=True)
class Case:
    """What a firewall makes of each host: True through, False not, None cannot be told from the declaration.

    ``judged`` is False where the firewall is nobody's allow-list, so that no rule speaks of it.
    """

    name: str
    resources: tuple[Declared, ...]
    right: Mapping[str, bool | None]
    judged: bool = True
    around: tuple[Declared, ...] = field(default=(OPEN,))


def app(
    *hosts: str, name: str = "app", protocols: Any = None, urls: tuple[str, ...] = (), **more: Any
) -> dict[str, Any]:
    held = [{"protocolType": "Https", "port": 443}] if protocols is None else protocols
    return {
        "ruleType": "ApplicationRule",
        "name": name,
        "sourceAddresses": list(ANY),
        "protocols": held,
        **({"targetFqdns": list(hosts)} if hosts else {}),
        **({"targetUrls": list(urls)} if urls else {}),
        **more,
    }


def net(
    *destinations: str,
    name: str = "net",
    ports: tuple[str, ...] = ("443",),
    protocols: tuple[str, ...] = ("TCP",),
    **more: Any,
) -> dict[str, Any]:
    return {
        "ruleType": "NetworkRule",
        "name": name,
        "sourceAddresses": list(ANY),
        "destinationAddresses": list(destinations),
        "destinationPorts": list(ports),
        "ipProtocols": list(protocols),
        **more,
    }


def collection(*rules: dict[str, Any], priority: int = 200, action: str = "Allow", name: str = "") -> dict[str, Any]:
    return {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "name": name or f"{action.lower()}-{priority}",
        "priority": priority,
        "action": {"type": action},
        "rules": list(rules),
    }


def group(*collections: dict[str, Any], priority: int = 200, policy: str = "egress", name: str = "") -> Declared:
    own = name or f"{policy}-{priority}"
    return other(
        "network:FirewallPolicyRuleCollectionGroup",
        own,
        f"Microsoft.Network/firewallPolicies/{policy}/ruleCollectionGroups/{own}",
        firewallPolicyName=policy,
        ruleCollectionGroupName=own,
        priority=priority,
        ruleCollections=list(collections),
    )


def policy(name: str, parent: str = "", *, proxy: bool | None = None) -> Declared:
    base = {"basePolicy": {"id": f"{NETWORK}/firewallPolicies/{parent}"}} if parent else {}
    settings = {} if proxy is None else {"dnsSettings": {"enableProxy": proxy}}
    return other(
        "network:FirewallPolicy",
        name,
        f"Microsoft.Network/firewallPolicies/{name}",
        firewallPolicyName=name,
        **base,
        **settings,
    )


def classic(network: tuple[dict[str, Any], ...] = (), application: tuple[dict[str, Any], ...] = ()) -> Declared:
    def bare(held: dict[str, Any]) -> dict[str, Any]:
        rules = [{k: v for k, v in rule.items() if k != "ruleType"} for rule in held["rules"]]
        rules = [{**rule, "protocols": rule.pop("ipProtocols")} if "ipProtocols" in rule else rule for rule in rules]
        return {"name": held["name"], "priority": held["priority"], "action": held["action"], "rules": rules}

    return other(
        "network:AzureFirewall",
        "hub-firewall",
        "Microsoft.Network/azureFirewalls/hub-firewall",
        azureFirewallName="hub-firewall",
        networkRuleCollections=[bare(each) for each in network],
        applicationRuleCollections=[bare(each) for each in application],
    )


def ip_group(name: str, *addresses: str) -> Declared:
    return other(
        "network:IpGroup", name, f"Microsoft.Network/ipGroups/{name}", ipGroupsName=name, ipAddresses=list(addresses)
    )


def rule(
    *to: str,
    priority: int,
    access: str = "Allow",
    protocol: str = "Tcp",
    port: str = "443",
    name: str = "",
    **more: Any,
) -> dict[str, Any]:
    where = (
        {"destinationAddressPrefix": to[0]} if len(to) == 1 else {"destinationAddressPrefixes": list(to)} if to else {}
    )
    return {
        "name": name or f"{access.lower()}-{priority}",
        "direction": "Outbound",
        "access": access,
        "priority": priority,
        "protocol": protocol,
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationPortRange": port,
        **where,
        **more,
    }


def nsg(*rules: dict[str, Any], name: str = "agents") -> Declared:
    return other(
        "network:NetworkSecurityGroup",
        name,
        f"Microsoft.Network/networkSecurityGroups/{name}",
        networkSecurityGroupName=name,
        securityRules=list(rules),
    )


def separate(held: dict[str, Any], of: str = "agents") -> Declared:
    own = held["name"]
    inputs = {k: v for k, v in held.items() if k != "name"}
    return other(
        "network:SecurityRule",
        own,
        f"Microsoft.Network/networkSecurityGroups/{of}/securityRules/{own}",
        networkSecurityGroupName=of,
        securityRuleName=own,
        **inputs,
    )


# The keys that exported templates carry in every application rule.
EMPTY_LISTS: Mapping[str, Any] = {
    "destinationAddresses": [],
    "fqdnTags": [],
    "httpHeadersToInsert": [],
    "sourceIpGroups": [],
    "targetUrls": [],
    "terminateTLS": False,
    "webCategories": [],
}
THROUGH = {LOGIN: True, HOME: True}
BLOCKED = {LOGIN: False, HOME: False}
NO_LAYERS = {LOGIN: True, HOME: False}
CANNOT_TELL: dict[str, bool | None] = {LOGIN: None, HOME: None}
UNCLEAR = {LOGIN: None, HOME: None}
TAG, TAG_HERE, TAG_EAST = "AzureContainerRegistry", "AzureContainerRegistry.JapanEast", "AzureContainerRegistry.EastUS"
WITH_EAST = (OPEN, replica("eastus"))
APPLICATION_GROUP = f"{NETWORK}/applicationSecurityGroups/registry-endpoints"
PRIVATE = (
    registry(),
    other(
        "network:VirtualNetwork", "network", "Microsoft.Network/virtualNetworks/network", virtualNetworkName="network"
    ),
    other(
        "network:Subnet",
        "builds",
        "Microsoft.Network/virtualNetworks/network/subnets/builds",
        virtualNetworkName="network",
        subnetName="builds",
        networkSecurityGroup={"id": f"{NETWORK}/networkSecurityGroups/agents"},
    ),
    other(
        "privatedns:PrivateZone",
        "zone",
        "Microsoft.Network/privateDnsZones/privatelink.azurecr.io",
        privateZoneName="privatelink.azurecr.io",
    ),
    other(
        "privatedns:VirtualNetworkLink",
        "link",
        "Microsoft.Network/privateDnsZones/privatelink.azurecr.io/virtualNetworkLinks/link",
        privateZoneName="privatelink.azurecr.io",
        virtualNetwork={"id": f"{NETWORK}/virtualNetworks/network"},
    ),
    other(
        "network:PrivateDnsZoneGroup",
        "group",
        "Microsoft.Network/privateEndpoints/endpoint/privateDnsZoneGroups/group",
        privateEndpointName="endpoint",
        privateDnsZoneConfigs=[
            {"name": "zone", "privateDnsZoneId": f"{NETWORK}/privateDnsZones/privatelink.azurecr.io"}
        ],
    ),
    other(
        "network:ApplicationSecurityGroup",
        "asg",
        "Microsoft.Network/applicationSecurityGroups/registry-endpoints",
        applicationSecurityGroupName="registry-endpoints",
    ),
    endpoint(subnet={"id": subnet_id()}, applicationSecurityGroups=[{"id": APPLICATION_GROUP}]),
)

CASES = (
    # Application rules.
    Case("every host by name", (group(collection(app(LOGIN, HOME))),), THROUGH),
    Case(
        "the login server and the blob wildcard", (group(collection(app(LOGIN, "*.blob.core.windows.net"))),), NO_LAYERS
    ),
    Case("hosts in two rules", (group(collection(app(LOGIN), app(HOME, name="layers"))),), THROUGH),
    Case(
        "hosts in two groups of one policy",
        (group(collection(app(LOGIN))), group(collection(app(HOME)), priority=300)),
        THROUGH,
    ),
    Case("an asterisk left-most", (group(collection(app(LOGIN, "*.data.azurecr.io"))),), THROUGH),
    Case("an asterisk without a dot", (group(collection(app("*azurecr.io"), app(LOGIN, name="login"))),), THROUGH),
    Case("an asterisk inside a name", (group(collection(app(LOGIN, "contoso.*.data.azurecr.io"))),), NO_LAYERS),
    Case("an asterisk at the end of a name", (group(collection(app(LOGIN, "contoso.japaneast.data.*"))),), NO_LAYERS),
    Case(
        "HTTP on 80",
        (group(collection(app(LOGIN), app(HOME, name="layers", protocols=[{"protocolType": "Http", "port": 80}]))),),
        NO_LAYERS,
    ),
    Case(
        "HTTP on 443 is not TLS",
        (group(collection(app(LOGIN), app(HOME, name="layers", protocols=[{"protocolType": "Http", "port": 443}]))),),
        NO_LAYERS,
    ),
    Case(
        "HTTPS on 8443",
        (group(collection(app(LOGIN), app(HOME, name="layers", protocols=[{"protocolType": "Https", "port": 8443}]))),),
        NO_LAYERS,
    ),
    Case("URLs of whole hosts", (group(collection(app(urls=(f"{LOGIN}/*", f"https://{HOME}/*")))),), THROUGH),
    Case(
        "a URL of some paths",
        (group(collection(app(LOGIN), app(name="layers", urls=(f"{HOME}/v2/*",)))),),
        {LOGIN: True, HOME: None},
    ),
    Case(
        "a URL with an asterisk inside the host",
        (group(collection(app(LOGIN), app(name="layers", urls=("contoso.*.data.azurecr.io/*",)))),),
        NO_LAYERS,
    ),
    Case("names of hosts in another case", (group(collection(app("Contoso.AzureCR.io", HOME.upper()))),), THROUGH),
    # Order and priority.
    Case(
        "a deny before the allow",
        (group(collection(app("*.data.azurecr.io"), priority=100, action="Deny"), collection(app(LOGIN, HOME))),),
        NO_LAYERS,
    ),
    Case(
        "a deny after the allow",
        (group(collection(app(LOGIN, HOME)), collection(app("*.data.azurecr.io"), priority=300, action="Deny")),),
        THROUGH,
    ),
    Case(
        "the group's priority comes before the collection's",
        (
            group(collection(app(LOGIN, HOME), priority=100), priority=300),
            group(collection(app(HOME), priority=900, action="Deny"), priority=200),
        ),
        NO_LAYERS,
    ),
    Case(
        "a deny of everything before",
        (group(collection(app("*"), priority=100, action="Deny"), collection(app(LOGIN, HOME))),),
        BLOCKED,
    ),
    Case(
        "an allow of everything after a deny of one host",
        (group(collection(app(HOME), priority=100, action="Deny"), collection(app("*", LOGIN))),),
        NO_LAYERS,
    ),
    Case(
        "network rules before application rules",
        (group(collection(app(LOGIN, HOME), priority=100, action="Deny"), collection(net(TAG_HERE), priority=900)),),
        THROUGH,
    ),
    Case(
        "a network deny before an application allow",
        (group(collection(net(TAG), priority=900, action="Deny"), collection(app(LOGIN, HOME), priority=100)),),
        BLOCKED,
    ),
    Case(
        "a network deny of another protocol",
        (group(collection(net(TAG, protocols=("UDP",)), priority=100, action="Deny"), collection(app(LOGIN, HOME))),),
        THROUGH,
    ),
    Case(
        "a network deny of another port",
        (
            group(
                collection(net(TAG, ports=("80", "8080-8090")), priority=100, action="Deny"),
                collection(app(LOGIN, HOME)),
            ),
        ),
        THROUGH,
    ),
    Case(
        "a deny for other clients",
        (
            group(
                collection(app(HOME, sourceAddresses=["10.9.0.0/16"]), priority=100, action="Deny"),
                collection(app(LOGIN, HOME)),
            ),
        ),
        THROUGH,
    ),
    Case(
        "a deny that holds these clients",
        (
            group(
                collection(app(HOME, sourceAddresses=["10.0.0.0/8"]), priority=100, action="Deny"),
                collection(app(LOGIN, HOME, sourceAddresses=["10.1.0.0/16"])),
            ),
        ),
        NO_LAYERS,
    ),
    # What exports, `az` and providers print of lists and texts that nobody filled.
    Case("empty lists in an application rule", (group(collection(app(LOGIN, **EMPTY_LISTS))),), NO_LAYERS),
    Case("empty lists beside every host", (group(collection(app(LOGIN, HOME, **EMPTY_LISTS))),), THROUGH),
    Case(
        "empty lists in a network rule",
        (group(collection(app(LOGIN), net("10.0.0.0/8", destinationFqdns=[], destinationIpGroups=[], fqdnTags=[]))),),
        NO_LAYERS,
    ),
    Case(
        "a network rule with the empty lists of an application rule, and without its type",
        (group(collection(app(LOGIN), {**net(TAG), "ruleType": None, "targetFqdns": [], "webCategories": []})),),
        THROUGH,
    ),
    Case(
        "empty lists in a classic firewall",
        (classic(application=(collection(app(LOGIN, **EMPTY_LISTS)),)),),
        NO_LAYERS,
    ),
    Case(
        "empty texts and lists in a security rule",
        (
            nsg(
                rule(
                    priority=100,
                    port="",
                    destinationPortRanges=["443"],
                    destinationAddressPrefix="",
                    destinationAddressPrefixes=[TAG],
                    destinationApplicationSecurityGroups=[],
                    sourceAddressPrefixes=[],
                    sourceApplicationSecurityGroups=[],
                ),
                rule("*", priority=200, access="Deny", port="*"),
            ),
        ),
        THROUGH,
    ),
    Case(
        "a policy whose parent is an empty id",
        (
            other(
                "network:FirewallPolicy",
                "egress",
                "Microsoft.Network/firewallPolicies/egress",
                firewallPolicyName="egress",
                basePolicy={"id": ""},
            ),
            group(collection(app(LOGIN))),
        ),
        NO_LAYERS,
    ),
    Case(
        "a web category may hold the hosts that no rule names",
        (group(collection(app(LOGIN, webCategories=["Games"]))),),
        {LOGIN: True, HOME: None},
    ),
    Case(
        "clients that are not known yet do not make a rule one for other hosts",
        (group(collection(app(LOGIN, sourceAddresses=[UNKNOWN]))),),
        NO_LAYERS,
    ),
    Case(
        "every host for clients that are not known yet",
        (group(collection(app(LOGIN, HOME, sourceAddresses=UNKNOWN))),),
        THROUGH,
    ),
    Case("only rules that deny", (group(collection(app(LOGIN, HOME), action="Deny")),), BLOCKED, judged=False),
    Case("rules about something else", (group(collection(app("github.com"))),), BLOCKED, judged=False),
    # Network rules.
    Case("the tag of every region", (group(collection(net(TAG))),), THROUGH),
    Case("the tag of this region", (group(collection(net(TAG_HERE))),), THROUGH),
    Case("the tag of another region", (group(collection(app(LOGIN), net(TAG_EAST))),), NO_LAYERS),
    Case("any protocol", (group(collection(net(TAG, protocols=("Any",)))),), THROUGH),
    Case("ports that are not known yet", (group(collection(net(TAG, destinationPorts=UNKNOWN))),), CANNOT_TELL),
    Case("one port that is not known yet", (group(collection(net(TAG, ports=("80", UNKNOWN)))),), CANNOT_TELL),
    Case("443, and a port that is not known yet", (group(collection(net(TAG, ports=("443", UNKNOWN)))),), THROUGH),
    Case(
        "protocols of an application rule that are not known yet",
        (group(collection(app(LOGIN, HOME, protocols=UNKNOWN))),),
        CANNOT_TELL,
    ),
    Case(
        "a Deny for a port that is not known yet, before an Allow",
        (
            group(
                collection(net(TAG, destinationPorts=UNKNOWN), action="Deny", priority=100),
                collection(app(LOGIN, HOME), priority=200),
            ),
        ),
        CANNOT_TELL,
    ),
    Case("UDP only", (group(collection(app(LOGIN), net(TAG, protocols=("UDP",)))),), NO_LAYERS),
    Case("ICMP only", (group(collection(app(LOGIN), net(TAG, protocols=("ICMP",)))),), NO_LAYERS),
    Case("a port range that holds 443", (group(collection(net(TAG, ports=("400-500",)))),), THROUGH),
    Case("a port range that ends before 443", (group(collection(app(LOGIN), net(TAG, ports=("1-442",)))),), NO_LAYERS),
    Case("port 80", (group(collection(app(LOGIN), net(TAG, ports=("80",)))),), NO_LAYERS),
    Case("host names in a network rule", (group(collection(app(LOGIN), net(destinationFqdns=[HOME]))),), THROUGH),
    Case(
        "host names in a network rule, with the DNS proxy on",
        (policy("egress", proxy=True), group(collection(app(LOGIN), net(destinationFqdns=[HOME])))),
        THROUGH,
    ),
    Case(
        "host names in a network rule, with the DNS proxy off",
        (policy("egress", proxy=False), group(collection(app(LOGIN), net(destinationFqdns=[HOME])))),
        {**THROUGH, HOME: None},
    ),
    Case(
        "host names in an application rule need no DNS proxy",
        (policy("egress", proxy=False), group(collection(app(LOGIN, HOME)))),
        THROUGH,
    ),
    Case(
        "the DNS proxy of the parent policy",
        (
            policy("egress", "base"),
            policy("base", proxy=False),
            group(collection(app(LOGIN), net(destinationFqdns=[HOME]))),
        ),
        {**THROUGH, HOME: None},
    ),
    Case(
        "a wildcard in a network rule matches nothing",
        (group(collection(app(LOGIN), net(destinationFqdns=["*.data.azurecr.io"]))),),
        NO_LAYERS,
    ),
    Case("every address", (group(collection(app(LOGIN), net("0.0.0.0/0"))),), THROUGH),
    Case("every address in two halves", (group(collection(app(LOGIN), net("0.0.0.0/1", "128.0.0.0/1"))),), THROUGH),
    Case("private addresses", (group(collection(app(LOGIN), net("10.0.0.0/8"))),), NO_LAYERS),
    Case(
        "a public range may hold the front ends",
        (group(collection(app(LOGIN), net("40.79.192.0/21"))),),
        {LOGIN: True, HOME: None},
    ),
    Case(
        "an IP group that holds everything",
        (
            ip_group("all", "0.0.0.0/0"),
            group(collection(app(LOGIN), net(destinationIpGroups=[f"{NETWORK}/ipGroups/all"]))),
        ),
        THROUGH,
    ),
    Case(
        "an IP group of another stack",
        (group(collection(app(LOGIN), net(destinationIpGroups=[f"{NETWORK}/ipGroups/theirs"]))),),
        {LOGIN: True, HOME: None},
    ),
    # Parent policies.
    Case(
        "a parent's deny before the child's allow",
        (
            policy("base"),
            policy("egress", "base"),
            group(collection(app(HOME), priority=900, action="Deny"), policy="base"),
            group(collection(app(LOGIN, HOME), priority=100)),
        ),
        NO_LAYERS,
    ),
    Case(
        "a parent's allow",
        (
            policy("base"),
            policy("egress", "base"),
            group(collection(net(TAG)), policy="base"),
            group(collection(app(LOGIN))),
        ),
        THROUGH,
    ),
    Case(
        "a child's network deny before its parent's application allow",
        (
            policy("base"),
            policy("egress", "base"),
            group(collection(app(LOGIN, HOME)), policy="base"),
            group(collection(net(TAG_HERE), action="Deny")),
        ),
        BLOCKED,
    ),
    Case("a parent of another stack", (policy("egress", "theirs"), group(collection(app(LOGIN)))), UNCLEAR),
    # Classic firewalls.
    Case("a classic firewall", (classic(application=(collection(app(LOGIN, HOME)),)),), THROUGH),
    Case("a classic firewall that lacks a host", (classic(application=(collection(app(LOGIN)),)),), NO_LAYERS),
    Case(
        "a classic firewall's network deny",
        (
            classic(
                network=(collection(net(TAG), action="Deny", priority=500),),
                application=(collection(app(LOGIN, HOME)),),
            ),
        ),
        BLOCKED,
    ),
    Case(
        "a classic firewall's priorities",
        (classic(application=(collection(app(LOGIN, HOME)), collection(app(HOME), priority=100, action="Deny"))),),
        NO_LAYERS,
    ),
    # Replicas.
    Case(
        "a replica's host is missing",
        (group(collection(app(LOGIN, HOME))),),
        {LOGIN: True, HOME: True, EAST: False},
        around=WITH_EAST,
    ),
    Case(
        "one region's tag: the login server answers from any",
        (group(collection(net(TAG_HERE))),),
        {LOGIN: False, HOME: True, EAST: False},
        around=WITH_EAST,
    ),
    Case(
        "every region's tag",
        (group(collection(net(TAG_HERE, TAG_EAST))),),
        {LOGIN: True, HOME: True, EAST: True},
        around=WITH_EAST,
    ),
    # Network security groups.
    Case("a group that denies nothing", (nsg(rule(TAG_EAST, priority=200)),), THROUGH),
    Case(
        "the tag, the internet denied",
        (nsg(rule(TAG_HERE, priority=200), rule("Internet", priority=300, access="Deny", port="*")),),
        THROUGH,
    ),
    Case(
        "another region's tag, the internet denied",
        (nsg(rule(TAG_EAST, priority=200), rule("Internet", priority=300, access="Deny", port="*")),),
        BLOCKED,
    ),
    Case(
        "the internet denied first",
        (nsg(rule(TAG, priority=300), rule("Internet", priority=200, access="Deny", port="*")),),
        BLOCKED,
    ),
    Case(
        "another protocol denied first",
        (nsg(rule(TAG, priority=300), rule("*", priority=200, access="Deny", port="*", protocol="Udp")),),
        THROUGH,
    ),
    Case(
        "an allow of UDP",
        (nsg(rule(TAG, priority=200, protocol="Udp"), rule("*", priority=300, access="Deny", port="*", protocol="*")),),
        BLOCKED,
    ),
    Case(
        "an inbound deny",
        (nsg(rule(TAG, priority=300), rule("*", priority=200, access="Deny", port="*", direction="Inbound")),),
        THROUGH,
    ),
    Case(
        "all of Azure allowed, all else denied",
        (nsg(rule("AzureCloud", TAG, priority=200), rule("*", priority=300, access="Deny", port="*")),),
        THROUGH,
    ),
    Case(
        "separate rules and inline ones are one list",
        (nsg(rule("Internet", priority=300, access="Deny", port="*")), separate(rule(TAG, priority=200))),
        THROUGH,
    ),
    Case(
        "separate rules by priority, not by where they are written",
        (nsg(rule(TAG, priority=300)), separate(rule("Internet", priority=200, access="Deny", port="*"))),
        BLOCKED,
    ),
    Case("rules of a group that is not declared here", (separate(rule(TAG_EAST, priority=200)),), UNCLEAR),
    # Private endpoints behind a security group.
    Case("the default rules let the network in", (nsg(rule(TAG, priority=200)),), THROUGH, around=PRIVATE),
    Case(
        "the network denied",
        (nsg(rule(TAG, priority=200), rule("VirtualNetwork", priority=300, access="Deny", port="*")),),
        BLOCKED,
        around=PRIVATE,
    ),
    Case(
        "the endpoint's application security group",
        (
            nsg(
                rule(priority=200, destinationApplicationSecurityGroups=[{"id": APPLICATION_GROUP}]),
                rule("*", priority=300, access="Deny", port="*", protocol="*"),
            ),
        ),
        THROUGH,
        around=PRIVATE,
    ),
    Case(
        "another application security group",
        (
            nsg(
                rule(TAG, priority=100),
                rule(priority=200, destinationApplicationSecurityGroups=[{"id": f"{APPLICATION_GROUP}-of-others"}]),
                rule("*", priority=300, access="Deny", port="*", protocol="*"),
            ),
        ),
        BLOCKED,
        around=PRIVATE,
    ),
)
