"""Short ways to write the resources of rules' examples: what a program declares, with secure values filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from registry_model.azure import names
from registry_model.estate.values import walk

from .rule import Declared, Example

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg"
PROVIDERS = f"{GROUP}/providers"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # the engine's marker of an output that preview cannot know
PRIVATE_LINK_ZONE = names.PUBLIC.private_link_zone


def example(
    title: str,
    *resources: Declared,
    steps: Mapping[str, str] | None = None,
    edits: Mapping[str, Mapping[str, Any]] | None = None,
    **config: Any,
) -> Example:
    """An example of a rule; further keyword arguments are the rule's configuration."""
    return Example(title, tuple(_told(each, resources) for each in resources), config, steps or {}, edits or {})


def _told(resource: Declared, around: Sequence[Declared]) -> Declared:
    """A resource of Alibaba Cloud with what its inputs depend on, by the ids in them, as a program tells the engine."""
    if not resource["type"].startswith("alicloud:"):
        return resource
    # What is attached to something has its id; whoever names that id means the thing itself.
    named = [each for each in around if each is not resource and not each["type"].endswith(("Endpoint", "Attachment"))]
    names_of = {each["outputs"]["id"]: each["name"] for each in named if each.get("outputs", {}).get("id")}
    told = {
        key: [names_of[v] for v in walk(value) if isinstance(v, str) and v in names_of]
        for key, value in resource["inputs"].items()
    }
    return {**resource, "propertyDependencies": {key: found for key, found in told.items() if found}}


def _declare(token: str, name: str, arm: str, inputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = {"resourceGroupName": "rg", **inputs}
    declared = {key: value for key, value in given.items() if value is not None}
    return {
        "type": f"azure-native:{token}",
        "name": name,
        "inputs": declared,
        "outputs": {"id": f"{PROVIDERS}/{arm}", "name": arm.rpartition("/")[2]},
        **more,
    }


def registry_id(registry_name: str = "contoso") -> str:
    return f"{PROVIDERS}/Microsoft.ContainerRegistry/registries/{registry_name}"


def registry(name: str = "registry", registry_name: str = "contoso", *, more: Any = None, **inputs: Any) -> Declared:
    """A registry that no rule on its own inputs complains of; ``inputs`` replace, None leaves out."""
    secure: dict[str, Any] = {
        "registryName": registry_name,
        "location": "japaneast",
        "sku": {"name": "Premium"},
        "publicNetworkAccess": "Disabled",
        "adminUserEnabled": False,
        "anonymousPullEnabled": False,
        "dataEndpointEnabled": True,
        "policies": {"exportPolicy": {"status": "disabled"}},
    }
    return _declare(
        "containerregistry:Registry",
        name,
        f"Microsoft.ContainerRegistry/registries/{registry_name}",
        secure | inputs,
        **(more or {}),
    )


def child(kind: str, name: str, of: str = "contoso", **inputs: Any) -> Declared:
    """A resource under a registry: ``child("Webhook", "hook", serviceUri=…)``."""
    return _declare(
        f"containerregistry:{kind}",
        name,
        f"Microsoft.ContainerRegistry/registries/{of}/{kind.lower()}s/{name}",
        {"registryName": of, **inputs},
    )


def replica(region: str, of: str = "contoso", name: str = "") -> Declared:
    return child("Replication", name or f"replica-{region}", of, location=region)


def connection(of: str = "contoso", groups: Any = ("registry",)) -> dict[str, Any]:
    return {"name": "registry", "privateLinkServiceId": registry_id(of), "groupIds": list(groups)}


def subnet_id(subnet: str = "endpoints", network: str = "network") -> str:
    return f"{PROVIDERS}/Microsoft.Network/virtualNetworks/{network}/subnets/{subnet}"


def endpoint(name: str = "endpoint", of: str = "contoso", *, more: Any = None, **inputs: Any) -> Declared:
    given = {
        "privateEndpointName": name,
        "privateLinkServiceConnections": [connection(of)],
        "subnet": {"id": subnet_id()},
        **inputs,
    }
    return _declare(
        "network:PrivateEndpoint", name, f"Microsoft.Network/privateEndpoints/{name}", given, **(more or {})
    )


def zone_id(zone: str = PRIVATE_LINK_ZONE) -> str:
    return f"{PROVIDERS}/Microsoft.Network/privateDnsZones/{zone}"


def zone_group(name: str = "group", of: str = "endpoint", zone: str = PRIVATE_LINK_ZONE) -> Declared:
    return _declare(
        "network:PrivateDnsZoneGroup",
        name,
        f"Microsoft.Network/privateEndpoints/{of}/privateDnsZoneGroups/{name}",
        {"privateEndpointName": of, "privateDnsZoneConfigs": [{"name": "zone", "privateDnsZoneId": zone_id(zone)}]},
    )


def zone(zone_name: str = PRIVATE_LINK_ZONE, name: str = "zone") -> Declared:
    return _declare(
        "privatedns:PrivateZone", name, f"Microsoft.Network/privateDnsZones/{zone_name}", {"privateZoneName": zone_name}
    )


def link(zone_name: str = PRIVATE_LINK_ZONE, name: str = "link", *, registration: bool | None = False) -> Declared:
    return _declare(
        "privatedns:VirtualNetworkLink",
        name,
        f"Microsoft.Network/privateDnsZones/{zone_name}/virtualNetworkLinks/{name}",
        {
            "privateZoneName": zone_name,
            "virtualNetwork": {"id": f"{PROVIDERS}/Microsoft.Network/virtualNetworks/network"},
            "registrationEnabled": registration,
        },
    )


def record(relative: str, zone_name: str = PRIVATE_LINK_ZONE, to: str = "10.0.0.4") -> Declared:
    return _declare(
        "privatedns:PrivateRecordSet",
        f"record-{relative}",
        f"Microsoft.Network/privateDnsZones/{zone_name}/A/{relative}",
        {
            "privateZoneName": zone_name,
            "relativeRecordSetName": relative,
            "recordType": "A",
            "aRecords": [{"ipv4Address": to}],
        },
    )


def subnet(prefix: str, name: str = "endpoints", network: str = "network") -> Declared:
    return _declare(
        "network:Subnet",
        name,
        f"Microsoft.Network/virtualNetworks/{network}/subnets/{name}",
        {"virtualNetworkName": network, "subnetName": name, "addressPrefix": prefix},
    )


def application_rule(*hosts: str, name: str = "registry", port: int = 443) -> dict[str, Any]:
    return {
        "ruleType": "ApplicationRule",
        "name": name,
        "sourceAddresses": ["10.0.0.0/16"],
        "targetFqdns": list(hosts),
        "protocols": [{"protocolType": "Https", "port": port}],
    }


def network_rule(*destinations: str, name: str = "registry", ports: tuple[str, ...] = ("443",)) -> dict[str, Any]:
    return {
        "ruleType": "NetworkRule",
        "name": name,
        "sourceAddresses": ["10.0.0.0/16"],
        "destinationAddresses": list(destinations),
        "destinationPorts": list(ports),
        "ipProtocols": ["TCP"],
    }


def firewall_rules(
    *rules: Any,
    name: str = "firewall-rules",
    collection: str = "clients",
    action: str = "Allow",
    priority: int = 200,
    **more: Any,
) -> Declared:
    """A rule collection group of a firewall policy with one collection."""
    return _declare(
        "network:FirewallPolicyRuleCollectionGroup",
        name,
        f"Microsoft.Network/firewallPolicies/policy/ruleCollectionGroups/{name}",
        {
            "firewallPolicyName": "policy",
            "ruleCollectionGroupName": name,
            "priority": priority,
            "ruleCollections": [
                {
                    "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
                    "name": collection,
                    "priority": priority,
                    "action": {"type": action},
                    "rules": list(rules),
                }
            ],
        },
        **more,
    )


def security_rule(
    *destinations: str,
    name: str = "allow-registry",
    port: str = "443",
    access: str = "Allow",
    priority: int = 200,
    **more: Any,
) -> Declared:
    """An outbound rule of the network security group 'clients'."""
    where = (
        {"destinationAddressPrefix": destinations[0]}
        if len(destinations) == 1
        else {"destinationAddressPrefixes": list(destinations)}
    )
    return _declare(
        "network:SecurityRule",
        name,
        f"Microsoft.Network/networkSecurityGroups/clients/securityRules/{name}",
        {
            "networkSecurityGroupName": "clients",
            "securityRuleName": name,
            "priority": priority,
            "access": access,
            "direction": "Outbound",
            "protocol": "Tcp",
            "destinationPortRange": port,
            **where,
        },
        **more,
    )


def security_group(name: str = "clients") -> Declared:
    """A network security group without rules of its own."""
    arm = f"Microsoft.Network/networkSecurityGroups/{name}"
    return _declare("network:NetworkSecurityGroup", name, arm, {"networkSecurityGroupName": name})


def deny_internet() -> Declared:
    """The rule that makes an allow-list of a group: what no rule before it allows does not get out."""
    return security_rule("Internet", name="deny-internet", port="*", access="Deny", priority=4000)


def provider(name: str) -> Declared:
    """An explicit provider; a resource uses it with ``more={"provider": name}``."""
    return {
        "type": "pulumi:providers:azure-native",
        "name": name,
        "inputs": {"subscriptionId": SUBSCRIPTION.rpartition("/")[2]},
    }


def hosts(*replicas: str) -> list[str]:
    """Every host of the example registry in japaneast and these replica regions."""
    return names.client_hosts(names.login_server("contoso"), "japaneast", replicas)


def other(token: str, name: str, arm: str = "", **inputs: Any) -> Declared:
    """Any other azure-native resource: ``other("security:Pricing", "plan", pricingName=…)``."""
    return _declare(token, name, arm or f"Microsoft.Resources/others/{name}", inputs)


# Alibaba Cloud. Ids are assigned by the cloud, or joined from others.

ALI_ID = "cri-contoso"
ALI_VPC_ID = "vpc-contoso"
ALI_HOST = "contoso-registry-vpc.ap-northeast-1.cr.aliyuncs.com"


def ali(token: str, name: str, resource_id: str, /, *, more: Any = None, **inputs: Any) -> Declared:
    """Any resource of Alibaba Cloud: ``ali("cr/repo:Repo", "repo", "team/app", …)``; None leaves an input out."""
    declared = {key: value for key, value in inputs.items() if value is not None}
    return {
        "type": f"alicloud:{token}",
        "name": name,
        "inputs": declared,
        "outputs": {"id": resource_id},
        **(more or {}),
    }


def ali_instance(
    name: str = "instance", instance_name: str = "contoso", *, more: Any = None, **inputs: Any
) -> Declared:
    """An Enterprise Edition instance that no rule on its own inputs complains of."""
    given = {
        "instanceName": instance_name,
        "instanceType": "Advanced",
        "paymentType": "Subscription",
        "period": 12,
        "renewalStatus": "AutoRenewal",
        "renewPeriod": 12,
        **inputs,
    }
    kind = "cr/registryEnterpriseInstance:RegistryEnterpriseInstance"
    return ali(kind, name, f"cri-{instance_name}", more={"protect": True, **(more or {})}, **given)


def ali_internet(*entries: str, name: str = "internet", of: str = ALI_ID, more: Any = None) -> Declared:
    """The Internet endpoint of an instance with these entries of its access control list."""
    listed = [{"entry": entry, "comment": "clients"} for entry in entries] or None
    return ali("cr/internetEndpoint:InternetEndpoint", name, of, more=more, instanceId=of, entries=listed)


def ali_acl_policy(entry: str, name: str = "policy", of: str = ALI_ID) -> Declared:
    return ali(
        "cr/endpointAclPolicy:EndpointAclPolicy",
        name,
        f"{of}:internet:{entry}",
        instanceId=of,
        endpointType="internet",
        entry=entry,
        moduleName="Registry",
    )


def ali_vpc(name: str = "vpc", vpc_id: str = ALI_VPC_ID, cidr: str = "10.0.0.0/16") -> Declared:
    return ali("vpc/network:Network", name, vpc_id, vpcName=name, cidrBlock=cidr)


def ali_link(name: str = "link", vpc_id: str = ALI_VPC_ID, *, record: Any = True, of: str = ALI_ID) -> Declared:
    """A VPC that is bound to an instance."""
    return ali(
        "cr/vpcEndpointLinkedVpc:VpcEndpointLinkedVpc",
        name,
        f"{of}:{vpc_id}:vsw-contoso:Registry",
        instanceId=of,
        vpcId=vpc_id,
        vswitchId="vsw-contoso",
        moduleName="Registry",
        enableCreateDnsRecordInPvzt=record,
    )


def ali_zone(*vpc_ids: str, host: str = ALI_HOST, name: str = "zone") -> list[Declared]:
    """A private zone for a host, with its record, attached to these VPCs."""
    zone_id = f"zone-contoso-{name}"
    return [
        ali("pvtz/zone:Zone", name, zone_id, zoneName=host),
        ali(
            "pvtz/zoneRecord:ZoneRecord",
            f"{name}-record",
            f"1:{zone_id}",
            zoneId=zone_id,
            rr="@",
            type="A",
            value="10.0.0.4",
        ),
        ali(
            "pvtz/zoneAttachment:ZoneAttachment",
            f"{name}-attachment",
            zone_id,
            zoneId=zone_id,
            vpcs=[{"vpcId": each, "regionId": "ap-northeast-1"} for each in vpc_ids],
        ),
    ]


def ali_attached(vpc_id: str, name: str, router: str = "tr-contoso") -> Declared:
    """A VPC that is attached to a transit router."""
    return ali(
        "cen/transitRouterVpcAttachment:TransitRouterVpcAttachment",
        name,
        f"{router}:tr-attach-{vpc_id}",
        cenId="cen-contoso",
        transitRouterId=router,
        vpcId=vpc_id,
        zoneMappings=[{"zoneId": "ap-northeast-1a", "vswitchId": "vsw-contoso"}],
    )


def ali_firewall(destination: str, name: str = "registry", kind: str = "domain", **inputs: Any) -> Declared:
    """A policy of Cloud Firewall for what goes out to the internet."""
    given: dict[str, Any] = {
        "direction": "out",
        "aclAction": "accept",
        "source": "10.0.0.0/16",
        "sourceType": "net",
        "destination": destination,
        "destinationType": kind,
        "proto": "TCP",
        "applicationName": "HTTPS",
        "destPort": "443/443",
        "destPortType": "port",
        "description": name,
        **inputs,
    }
    return ali("cloudfirewall/controlPolicy:ControlPolicy", name, f"acl-contoso-{name}:out", **given)
