"""The values of the rules' examples that decide and, while they are not known, leave their rule silent: each with why.

By rule; a path is the type of the resource and the way to the value. What is not here must say `undetermined` (or stay
a violation). Before a line is added: would the rule say it in the first preview of every safe program?
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def _because(why: str, *paths: str | Iterable[str]) -> dict[str, str]:
    listed = [path for each in paths for path in ([each] if isinstance(each, str) else each)]
    return dict.fromkeys(listed, why)


def _down(path: str, *keys: str) -> list[str]:
    """A path and what is below it, one key further each."""
    return [".".join((path, *keys[:end])) for end in range(len(keys) + 1)]


_CONNECTION = _down("PrivateEndpoint.privateLinkServiceConnections", "0")
_TARGET = _down("PrivateEndpoint.privateLinkServiceConnections", "0", "privateLinkServiceId")
_COLLECTIONS = _down("FirewallPolicyRuleCollectionGroup.ruleCollections", "0", "rules", "0")
_COLLECTION = "FirewallPolicyRuleCollectionGroup.ruleCollections.0.rules"

_NOT_A_REGISTRYS = (
    "with nothing but this in its favour, the endpoint is tied to no registry; private-endpoint says that"
)
_NO_RULE = "a rule that is not known yet is tied to no registry; firewall-complete speaks of the hosts that it knows"
_ELSEWHERE = "an owner that is not known yet and that nothing ties to a registry here is another stack's"
_LOCATION = "usually its group's, which no first preview knows; until then the fewest regions are judged"
_FOLLOWED = "a name or id that this stack makes is followed by dependencies, and a safe program has no other"
_GROUP = "a group that is not known yet agrees with any: names and dependencies tell what belongs together"
_ONE_ALL_THE_SAME = "whatever it will be, it is one: the rule asks for nothing else"
_MADE_HERE = "an output of this stack's own resource, which a literal wildcard never is"
_ONCE_IT_EXISTS = "a connection's state is known only once it exists"

SILENT: Mapping[str, Mapping[str, str]] = {
    "ali-firewall-no-wildcard": _because(
        "what this stack fills: a literal wildcard is known",
        "ControlPolicy.destination",
        "ControlPolicy.destinationType",
        "AddressBook.groupName",
        "AddressBook.groupType",
        _down("AddressBook.addressLists", "0"),
    ),
    "ali-hidden-entry": _because(
        "ali-no-exposed-access says it of entries that are not known",
        _down("InternetEndpoint.entries", "0", "entry"),
        "EndpointAclPolicy.entry",
    ),
    "ali-no-literal-password": _because(
        "a password that is not known is none that is written in the program", "RegistryEnterpriseInstance.password"
    ),
    "ali-one-acl": _because(_ELSEWHERE, "InternetEndpoint.instanceId"),
    "ali-vpc-bound": _because(_ELSEWHERE, "VpcEndpointLinkedVpc.instanceId", "InternetEndpoint.instanceId"),
    "ali-vpc-record": _because(
        _FOLLOWED,
        "VpcEndpointLinkedVpc.vpcId",
        "ZoneRecord.zoneId",
        "ZoneAttachment.zoneId",
        _down("ZoneAttachment.vpcs", "0", "vpcId"),
    )
    | _because("a record whose kind is not known is one all the same", "ZoneRecord.type"),
    "ali-zone-shared": _because(
        _FOLLOWED,
        "TransitRouterVpcAttachment.transitRouterId",
        "TransitRouterVpcAttachment.vpcId",
        "VpcEndpointLinkedVpc.instanceId",
        "VpcEndpointLinkedVpc.vpcId",
        "ZoneRecord.zoneId",
        "ZoneAttachment.zoneId",
        _down("ZoneAttachment.vpcs", "0", "vpcId"),
        "Network.vpcName",
    )
    | _because("a record whose kind is not known is one all the same", "ZoneRecord.type"),
    "audit-logs": _because(_ONE_ALL_THE_SAME, "DiagnosticSetting.workspaceId"),
    "cmk-sound": _because(
        "the id of a key that the same program makes: no first preview knows it, and the update judges it before the "
        "registry takes the key",
        _down("Registry.encryption", "keyVaultProperties", "keyIdentifier"),
    )
    | _because(
        _ONE_ALL_THE_SAME,
        "Registry.identity.userAssignedIdentities.0",
        "Registry.encryption.keyVaultProperties.identity",
    ),
    "endpoint-approval": _because(
        _ONCE_IT_EXISTS,
        _down("PrivateEndpoint.privateLinkServiceConnections", "0", "privateLinkServiceConnectionState", "status"),
    )
    | _because(_NOT_A_REGISTRYS, _down("PrivateEndpoint.manualPrivateLinkServiceConnections", "0")),
    "endpoint-group": _because(_NOT_A_REGISTRYS, _TARGET),
    "endpoint-static-ips": _because(_NOT_A_REGISTRYS, _TARGET)
    | _because(_FOLLOWED, "Registry.registryName", "Replication.registryName")
    | _because(_LOCATION, "Registry.location", "Replication.location"),
    "endpoint-subnet-room": _because(_NOT_A_REGISTRYS, _TARGET)
    | _because(_FOLLOWED, "Registry.registryName", "Replication.registryName")
    | _because(_LOCATION, "Registry.location", "Replication.location")
    | _because("until then the fewest addresses are counted", "Registry.regionalEndpoints"),
    "endpoint-subscription": _because(
        "the id of a subnet, endpoint or registry that this stack makes is known only in the update",
        _TARGET,
        _down("PrivateEndpoint.subnet", "id"),
        "Registry.registryName",
        "PrivateEndpointConnection.registryName",
        _down("PrivateEndpointConnection.privateEndpoint", "id"),
        "azure-native.subscriptionId",
    ),
    "firewall-complete": _because(_NO_RULE, _COLLECTIONS)
    | _because(_FOLLOWED, "Registry.registryName", "Replication.registryName", "SecurityRule.networkSecurityGroupName")
    | _because(
        "which firewall a group of rules is in, and in what order: what a program numbers, it writes out",
        "FirewallPolicyRuleCollectionGroup.resourceGroupName",
        "FirewallPolicyRuleCollectionGroup.firewallPolicyName",
        "FirewallPolicyRuleCollectionGroup.priority",
    )
    | _because(
        "the addresses of clients are often another stack's; a rule is taken to be for the clients beside it",
        _down(f"{_COLLECTION}.0.sourceAddresses", "0"),
    )
    | _because(
        "the kind of a rule is written out; one that is not known is taken for one that fits",
        f"{_COLLECTION}.0.ruleType",
        f"{_COLLECTION}.1.ruleType",
    )
    | _because(
        "that a rule opens more than 443 is said of the ports that are known; another rule lets the hosts through",
        f"{_COLLECTION}.1.destinationPorts",
        f"{_COLLECTION}.1.destinationPorts.1",
        "SecurityRule.destinationPortRange",
    )
    | _because(_MADE_HERE, _down(f"{_COLLECTION}.1.destinationAddresses", "0")),
    "firewall-no-wildcard": _because(_NO_RULE, _COLLECTIONS, f"{_COLLECTION}.0.name")
    | _because(
        _MADE_HERE,
        "SecurityRule.destinationAddressPrefix",
        "IpGroup.ipGroupsName",
        _down("IpGroup.ipAddresses", "0"),
        _down(f"{_COLLECTION}.0.destinationIpGroups", "0"),
    ),
    "geo-replicated": _because(
        "a region that is not known yet is taken for another one: Azure refuses to add the home region",
        "Registry.location",
        "Replication.location",
    )
    | _because(_GROUP, "Registry.resourceGroupName", "Replication.resourceGroupName"),
    "ignored-changes": _because(_NOT_A_REGISTRYS, _CONNECTION)
    | _because(_NO_RULE, _COLLECTIONS)
    | _because(_ELSEWHERE, "VirtualNetworkLink.privateZoneName"),
    "manual-records": _because(_NOT_A_REGISTRYS, _TARGET)
    | _because(_FOLLOWED, "Registry.registryName", "Replication.registryName")
    | _because(_LOCATION, "Registry.location", "Replication.location")
    | _because(_GROUP, "PrivateEndpoint.resourceGroupName", "PrivateDnsZoneGroup.resourceGroupName")
    | _because(
        "the address of a record is usually an endpoint's, which no first preview knows",
        _down("PrivateRecordSet.aRecords", "0", "ipv4Address"),
    )
    | _because(
        "while not one record is known, the records are taken for somebody else's",
        "PrivateRecordSet.privateZoneName",
        "PrivateRecordSet.relativeRecordSetName",
        "PrivateRecordSet.recordType",
    ),
    "private-endpoint": _because(
        _ONCE_IT_EXISTS,
        _down("PrivateEndpoint.privateLinkServiceConnections.0.privateLinkServiceConnectionState", "status"),
        _down("PrivateEndpointConnection.privateLinkServiceConnectionState", "status"),
        _down("PrivateEndpointConnection.privateEndpoint", "id"),
        "PrivateEndpointConnection.registryName",
        "Registry.registryName",
    )
    | _because(_FOLLOWED, _TARGET),
    "registry-kept": _because(
        "a group that is lost holds what depends on it; of an id that is not known, the state before tells",
        "ResourceGroup.resourceGroupName",
        "Registry.resourceGroupName",
    )
    | _because("what a deployment declares and nobody can read is a note of escape-hatch", "Deployment.properties"),
    "switch-order": _because(_NOT_A_REGISTRYS, _TARGET)
    | _because(_NO_RULE, _COLLECTIONS)
    | _because(_FOLLOWED, "Replication.registryName"),
    "tasks-network": _because(_ONE_ALL_THE_SAME, "AgentPool.virtualNetworkSubnetResourceId", "Task.agentPoolName"),
    "zone-group": _because(_NOT_A_REGISTRYS, _CONNECTION)
    | _because(_GROUP, "PrivateEndpoint.resourceGroupName", "PrivateDnsZoneGroup.resourceGroupName")
    | _because(_ONE_ALL_THE_SAME, _down("PrivateDnsZoneGroup.privateDnsZoneConfigs", "0")),
    "zone-linked": _because("a zone whose name is not known yet may be any service's", "PrivateZone.privateZoneName")
    | _because(_GROUP, "PrivateZone.resourceGroupName", "VirtualNetworkLink.resourceGroupName"),
    "zone-name": _because(_NOT_A_REGISTRYS, _CONNECTION)
    | _because(_FOLLOWED, "PrivateEndpoint.privateEndpointName", "PrivateDnsZoneGroup.privateEndpointName")
    | _because(
        "a zone whose name is not known yet may be any service's; the rule says it beside an endpoint of a registry",
        "PrivateZone.privateZoneName",
        "Zone.zoneName",
    ),
    "zone-one-endpoint": _because(_NOT_A_REGISTRYS, _TARGET)
    | _because(
        "the ids of endpoints and zones that this stack makes are followed by dependencies",
        "PrivateEndpoint.privateEndpointName",
        "PrivateDnsZoneGroup.privateEndpointName",
        _down("PrivateDnsZoneGroup.privateDnsZoneConfigs", "0", "privateDnsZoneId"),
    ),
}
