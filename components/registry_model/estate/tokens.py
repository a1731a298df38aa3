"""One canonical type for every way to write it.

``azure-native:containerregistry:Registry``, ``azure-native:containerregistry/v20230701:Registry`` and
``azure-native_containerregistry_v20230701:containerregistry:Registry`` are all ``containerregistry:Registry``; so is
ARM's ``Microsoft.ContainerRegistry/registries`` of any API version.
"""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType
from typing import Final

REGISTRY: Final = "containerregistry:Registry"
REPLICATION: Final = "containerregistry:Replication"
WEBHOOK: Final = "containerregistry:Webhook"
TOKEN: Final = "containerregistry:Token"  # noqa: S105 - a type name
CACHE_RULE: Final = "containerregistry:CacheRule"
CONNECTED_REGISTRY: Final = "containerregistry:ConnectedRegistry"
TASK: Final = "containerregistry:Task"
AGENT_POOL: Final = "containerregistry:AgentPool"
ENDPOINT_CONNECTION: Final = "containerregistry:PrivateEndpointConnection"
ENDPOINT: Final = "network:PrivateEndpoint"
ZONE_GROUP: Final = "network:PrivateDnsZoneGroup"
PRIVATE_ZONE: Final = "privatedns:PrivateZone"
ZONE_LINK: Final = "privatedns:VirtualNetworkLink"
PRIVATE_RECORD: Final = "privatedns:PrivateRecordSet"
PUBLIC_ZONE: Final = "dns:Zone"
VIRTUAL_NETWORK: Final = "network:VirtualNetwork"
PEERING: Final = "network:VirtualNetworkPeering"
APPLICATION_GROUP: Final = "network:ApplicationSecurityGroup"
SUBNET: Final = "network:Subnet"
ROUTE_TABLE: Final = "network:RouteTable"
ROUTE: Final = "network:Route"
SECURITY_GROUP: Final = "network:NetworkSecurityGroup"
SECURITY_RULE: Final = "network:SecurityRule"
FIREWALL: Final = "network:AzureFirewall"
FIREWALL_POLICY: Final = "network:FirewallPolicy"
FIREWALL_RULES: Final = "network:FirewallPolicyRuleCollectionGroup"
IP_GROUP: Final = "network:IpGroup"
SERVICE_ENDPOINT_POLICY: Final = "network:ServiceEndpointPolicy"
SERVICE_ENDPOINT_DEFINITION: Final = "network:ServiceEndpointPolicyDefinition"
VAULT: Final = "keyvault:Vault"
VAULT_KEY: Final = "keyvault:Key"
DIAGNOSTICS: Final = "monitor:DiagnosticSetting"
LOCK: Final = "authorization:ManagementLock"
PRICING: Final = "security:Pricing"
RESOURCE_GROUP: Final = "resources:ResourceGroup"
DEPLOYMENT: Final = "resources:Deployment"
GENERIC: Final = "resources:Resource"
TEMPLATE_SPEC: Final = "resources:TemplateSpecVersion"  # declares nothing; a deployment of the stack may name it
APPLICATION_DEFINITION: Final = "solutions:ApplicationDefinition"  # a managed application's: its template is deployed
# What a policy does where it is assigned is declared with its definition; sets and assignments give it parameters.
POLICY: Final = "authorization:PolicyDefinition"
POLICY_SET: Final = "authorization:PolicySetDefinition"
POLICY_ASSIGNMENT: Final = "authorization:PolicyAssignment"
SCRIPT: Final = "script"  # whatever runs commands: what they do to a registry, no property tells
ACTION: Final = "action"  # a call of Azure's API on a resource, beside what it declares
ADMIN_RULE: Final = "network:AdminRule"
ADMIN_COLLECTION: Final = "network:AdminRuleCollection"
NETWORK_GROUP: Final = "network:NetworkGroup"
STATIC_MEMBER: Final = "network:StaticMember"

# What a deployment stack does with what its template no longer declares: ``delete`` or ``detach``.
UNMANAGED_RESOURCES: Final = "actionOnUnmanage.resources"
UNMANAGED_GROUPS: Final = "actionOnUnmanage.resourceGroups"
# Of Alibaba Cloud
ALI_INSTANCE: Final = "alibaba:EnterpriseInstance"
ALI_NAMESPACE: Final = "alibaba:EnterpriseNamespace"
ALI_REPOSITORY: Final = "alibaba:EnterpriseRepository"
ALI_SYNC_RULE: Final = "alibaba:SyncRule"
ALI_INTERNET: Final = "alibaba:InternetEndpoint"
ALI_ACL_POLICY: Final = "alibaba:EndpointAclPolicy"
ALI_VPC_LINK: Final = "alibaba:VpcLink"
ALI_DOMAIN: Final = "alibaba:CustomDomain"
ALI_STORAGE_DOMAIN: Final = "alibaba:StorageDomain"
ALI_PERSONAL_NAMESPACE: Final = "alibaba:PersonalNamespace"
ALI_PERSONAL_REPOSITORY: Final = "alibaba:PersonalRepository"
ALI_VPC: Final = "alibaba:Vpc"
ALI_VSWITCH: Final = "alibaba:VSwitch"
ALI_ROUTE: Final = "alibaba:RouteEntry"
ALI_ZONE: Final = "alibaba:PrivateZone"
ALI_ZONE_ATTACHMENT: Final = "alibaba:ZoneAttachment"
ALI_RECORD: Final = "alibaba:ZoneRecord"
ALI_CEN: Final = "alibaba:CenInstance"
ALI_CEN_ATTACHMENT: Final = "alibaba:CenAttachment"
ALI_ROUTER: Final = "alibaba:TransitRouter"
ALI_ROUTER_VPC: Final = "alibaba:TransitRouterVpcAttachment"
ALI_ROUTER_PEER: Final = "alibaba:TransitRouterPeerAttachment"
ALI_ROUTER_TABLE: Final = "alibaba:TransitRouterRouteTable"
ALI_ROUTER_ROUTE: Final = "alibaba:TransitRouterRouteEntry"
ALI_ROUTER_ASSOCIATION: Final = "alibaba:TransitRouterAssociation"
ALI_ROUTER_PROPAGATION: Final = "alibaba:TransitRouterPropagation"
ALI_ROUTE_SERVICE: Final = "alibaba:RouteService"
ALI_ZONE_SERVICE: Final = "alibaba:PrivateZoneService"
ALI_FIREWALL_POLICY: Final = "alibaba:FirewallPolicy"
ALI_ADDRESS_BOOK: Final = "alibaba:AddressBook"
ALI_FIREWALL_ORDER: Final = "alibaba:FirewallPolicyOrder"
ALI_NAT_GATEWAY: Final = "alibaba:NatGateway"
ALI_SECURITY_GROUP: Final = "alibaba:SecurityGroup"
ALI_SECURITY_RULE: Final = "alibaba:SecurityGroupRule"
# What holds images, so that its deletion loses them.
HOLDERS: Final = (REGISTRY, ALI_INSTANCE)

# Names from pulumi-alicloud 4.0. What is not here is not about registries and never judged.
_ALICLOUD: Final = MappingProxyType(
    {
        "cr/registryenterpriseinstance:registryenterpriseinstance": ALI_INSTANCE,
        "cs/registryenterprisenamespace:registryenterprisenamespace": ALI_NAMESPACE,
        "cs/registryenterpriserepo:registryenterpriserepo": ALI_REPOSITORY,
        "cs/registryenterprisesyncrule:registryenterprisesyncrule": ALI_SYNC_RULE,
        "cr/internetendpoint:internetendpoint": ALI_INTERNET,
        "cr/endpointaclpolicy:endpointaclpolicy": ALI_ACL_POLICY,
        "cr/vpcendpointlinkedvpc:vpcendpointlinkedvpc": ALI_VPC_LINK,
        "cr/instancecustomizeddomain:instancecustomizeddomain": ALI_DOMAIN,
        "cr/storagedomainroutingrule:storagedomainroutingrule": ALI_STORAGE_DOMAIN,
        "cr/namespace:namespace": ALI_PERSONAL_NAMESPACE,
        "cr/repo:repo": ALI_PERSONAL_REPOSITORY,
        "vpc/network:network": ALI_VPC,
        "vpc/switch:switch": ALI_VSWITCH,
        "vpc/routeentry:routeentry": ALI_ROUTE,
        "pvtz/zone:zone": ALI_ZONE,
        "pvtz/zoneattachment:zoneattachment": ALI_ZONE_ATTACHMENT,
        "pvtz/zonerecord:zonerecord": ALI_RECORD,
        "cen/instance:instance": ALI_CEN,
        "cen/instanceattachment:instanceattachment": ALI_CEN_ATTACHMENT,
        "cen/transitrouter:transitrouter": ALI_ROUTER,
        "cen/transitroutervpcattachment:transitroutervpcattachment": ALI_ROUTER_VPC,
        "cen/transitrouterpeerattachment:transitrouterpeerattachment": ALI_ROUTER_PEER,
        "cen/transitrouterroutetable:transitrouterroutetable": ALI_ROUTER_TABLE,
        "cen/transitrouterrouteentry:transitrouterrouteentry": ALI_ROUTER_ROUTE,
        "cen/transitrouterroutetableassociation:transitrouterroutetableassociation": ALI_ROUTER_ASSOCIATION,
        "cen/transitrouterroutetablepropagation:transitrouterroutetablepropagation": ALI_ROUTER_PROPAGATION,
        "cen/routeservice:routeservice": ALI_ROUTE_SERVICE,
        "cen/privatezone:privatezone": ALI_ZONE_SERVICE,
        "cloudfirewall/controlpolicy:controlpolicy": ALI_FIREWALL_POLICY,
        "cloudfirewall/natfirewallcontrolpolicy:natfirewallcontrolpolicy": ALI_FIREWALL_POLICY,
        "cloudfirewall/firewallvpcfirewallcontrolpolicy:firewallvpcfirewallcontrolpolicy": ALI_FIREWALL_POLICY,
        "cloudfirewall/addressbook:addressbook": ALI_ADDRESS_BOOK,
        "cloudfirewall/controlpolicyorder:controlpolicyorder": ALI_FIREWALL_ORDER,
        "vpc/natgateway:natgateway": ALI_NAT_GATEWAY,
        "ecs/securitygroup:securitygroup": ALI_SECURITY_GROUP,
        "ecs/securitygrouprule:securitygrouprule": ALI_SECURITY_RULE,
    }
)

# ARM type → canonical type. What is not here is not about registries and never judged.
ARM_TYPES: Final = MappingProxyType(
    {
        "microsoft.containerregistry/registries": REGISTRY,
        "microsoft.containerregistry/registries/replications": REPLICATION,
        "microsoft.containerregistry/registries/webhooks": WEBHOOK,
        "microsoft.containerregistry/registries/tokens": TOKEN,
        "microsoft.containerregistry/registries/cacherules": CACHE_RULE,
        "microsoft.containerregistry/registries/connectedregistries": CONNECTED_REGISTRY,
        "microsoft.containerregistry/registries/tasks": TASK,
        "microsoft.containerregistry/registries/agentpools": AGENT_POOL,
        "microsoft.containerregistry/registries/privateendpointconnections": ENDPOINT_CONNECTION,
        "microsoft.network/privateendpoints": ENDPOINT,
        "microsoft.network/privateendpoints/privatednszonegroups": ZONE_GROUP,
        "microsoft.network/privatednszones": PRIVATE_ZONE,
        "microsoft.network/privatednszones/virtualnetworklinks": ZONE_LINK,
        "microsoft.network/privatednszones/aaaa": PRIVATE_RECORD,
        "microsoft.network/privatednszones/cname": PRIVATE_RECORD,
        "microsoft.network/privatednszones/a": PRIVATE_RECORD,
        "microsoft.network/dnszones": PUBLIC_ZONE,
        "microsoft.network/virtualnetworks": VIRTUAL_NETWORK,
        "microsoft.network/virtualnetworks/subnets": SUBNET,
        "microsoft.network/virtualnetworks/virtualnetworkpeerings": PEERING,
        "microsoft.network/routetables": ROUTE_TABLE,
        "microsoft.network/routetables/routes": ROUTE,
        "microsoft.network/applicationsecuritygroups": APPLICATION_GROUP,
        "microsoft.network/networksecuritygroups": SECURITY_GROUP,
        "microsoft.network/networksecuritygroups/securityrules": SECURITY_RULE,
        "microsoft.network/azurefirewalls": FIREWALL,
        "microsoft.network/firewallpolicies": FIREWALL_POLICY,
        # A draft comes first, since the last of one type gives the type its name in ARM.
        "microsoft.network/firewallpolicies/rulecollectiongroups/rulecollectiongroupdrafts": FIREWALL_RULES,
        "microsoft.network/firewallpolicies/rulecollectiongroups": FIREWALL_RULES,
        "microsoft.network/networkmanagers/networkgroups": NETWORK_GROUP,
        "microsoft.network/networkmanagers/networkgroups/staticmembers": STATIC_MEMBER,
        "microsoft.network/networkmanagers/securityadminconfigurations/rulecollections": ADMIN_COLLECTION,
        "microsoft.network/networkmanagers/securityadminconfigurations/rulecollections/rules": ADMIN_RULE,
        "microsoft.network/ipgroups": IP_GROUP,
        "microsoft.network/serviceendpointpolicies": SERVICE_ENDPOINT_POLICY,
        "microsoft.network/serviceendpointpolicies/serviceendpointpolicydefinitions": SERVICE_ENDPOINT_DEFINITION,
        "microsoft.keyvault/vaults": VAULT,
        "microsoft.keyvault/vaults/keys": VAULT_KEY,
        "microsoft.insights/diagnosticsettings": DIAGNOSTICS,
        "microsoft.authorization/locks": LOCK,
        "microsoft.security/pricings": PRICING,
        "microsoft.resources/resourcegroups": RESOURCE_GROUP,
        "microsoft.resources/deployments": DEPLOYMENT,
        "microsoft.resources/deploymentscripts": SCRIPT,
    }
)
POLICIES: Final = MappingProxyType(
    {
        "microsoft.authorization/policydefinitions/versions": POLICY,
        "microsoft.authorization/policydefinitions": POLICY,
        "microsoft.authorization/policysetdefinitions/versions": POLICY_SET,
        "microsoft.authorization/policysetdefinitions": POLICY_SET,
        "microsoft.authorization/policyassignments": POLICY_ASSIGNMENT,
    }
)
ARM_NAME_OF: Final = MappingProxyType({canonical: arm for arm, canonical in (*ARM_TYPES.items(), *POLICIES.items())})

# Where Pulumi's module or name is not the canonical one: modules that moved, and types with one class a scope.
_PULUMI_ALIASES: Final = MappingProxyType(
    {
        "network:privatezone": PRIVATE_ZONE,
        "network:virtualnetworklink": ZONE_LINK,
        "network:privaterecordset": PRIVATE_RECORD,
        "network:zone": PUBLIC_ZONE,
        "network:firewallpolicyrulegroup": FIREWALL_RULES,
        "network:firewallpolicyrulecollectiongroupdraft": FIREWALL_RULES,
        "network:defaultadminrule": ADMIN_RULE,
        "insights:diagnosticsetting": DIAGNOSTICS,
        "authorization:managementlockbyscope": LOCK,
        "authorization:policydefinitionatmanagementgroup": POLICY,
        "authorization:policydefinitionversion": POLICY,
        "authorization:policydefinitionversionatmanagementgroup": POLICY,
        "authorization:policysetdefinitionatmanagementgroup": POLICY_SET,
        "authorization:policysetdefinitionversion": POLICY_SET,
        "authorization:policysetdefinitionversionatmanagementgroup": POLICY_SET,
        "authorization:managementlockatresourcegrouplevel": LOCK,
        "authorization:managementlockatresourcelevel": LOCK,
        "authorization:managementlockatsubscriptionlevel": LOCK,
        "resources:azurecliscript": SCRIPT,
        "resources:azurepowershellscript": SCRIPT,
        "resources:deploymentscript": SCRIPT,
        "resources:deploymentatscope": DEPLOYMENT,
        "resources:deploymentatsubscriptionscope": DEPLOYMENT,
        "resources:deploymentatmanagementgroupscope": DEPLOYMENT,
        "resources:deploymentattenantscope": DEPLOYMENT,
        "resources:deploymentstackatresourcegroup": DEPLOYMENT,
        "resources:deploymentstackatsubscription": DEPLOYMENT,
        "resources:deploymentstackatmanagementgroup": DEPLOYMENT,
    }
)
_SCRIPTS = frozenset({"command:local:command", "command:remote:command"})
_BY_PULUMI_NAME: Final = MappingProxyType(
    {
        canonical.lower(): canonical
        for canonical in (*ARM_TYPES.values(), *POLICIES.values(), APPLICATION_DEFINITION, GENERIC, TEMPLATE_SPEC)
    }
    | dict(_PULUMI_ALIASES)
)
_NATIVE = re.compile(r"^azure-(?:native|nextgen)(?:_[a-z0-9]+_v[0-9a-z]+)?:([a-z0-9]+)(?:/[a-z0-9]+)?:([a-z0-9]+)$")


@lru_cache(maxsize=2048)
def canonical(token: str) -> str:
    """The canonical type of a Pulumi token; empty when it is not about registries."""
    lowered = token.lower()
    if lowered in _SCRIPTS:
        return SCRIPT
    if lowered.startswith("alicloud:"):
        return _ALICLOUD.get(lowered.removeprefix("alicloud:"), "")
    match = _NATIVE.match(lowered)
    if match is None:
        return ""
    return _BY_PULUMI_NAME.get(f"{match[1]}:{match[2]}", "")


# Bridged from Terraform as packages of their own, or as parts of a Terraform module: `azurerm:index/subnet:Subnet`,
# `network:tf:azurerm_subnet`.
_BRIDGED = re.compile(r"^(azurerm|azapi):(?:[^:]*:)?(\w+)$|^[^:]+:tf:(azurerm|azapi)_(\w+)$")


@lru_cache(maxsize=2048)
def bridged(token: str) -> tuple[str, str]:
    """The Terraform provider and resource of a bridged token, ``("azurerm", "containerregistry")``, or empty."""
    match = _BRIDGED.match(token.lower())
    if match is None:
        return "", ""
    return match[1] or match[3], (match[2] or match[4]).replace("_", "")


@lru_cache(maxsize=2048)
def azapi(token: str) -> str:
    """``resource``, ``updateresource`` or ``resourceaction`` for a token of azapi that writes; empty for others."""
    provider, name = bridged(token)
    return name if provider == "azapi" and name in ("resource", "updateresource", "resourceaction") else ""


@lru_cache(maxsize=2048)
def canonical_arm(arm_type: str) -> str:
    """The canonical type of ``Microsoft.ContainerRegistry/registries`` or ``…@2023-07-01``; empty for any other."""
    return ARM_TYPES.get(arm_type.split("@", 1)[0].strip().lower(), "")


_ALI_PARTS: Final = frozenset(
    {
        ALI_INSTANCE,
        ALI_NAMESPACE,
        ALI_REPOSITORY,
        ALI_SYNC_RULE,
        ALI_INTERNET,
        ALI_ACL_POLICY,
        ALI_VPC_LINK,
        ALI_DOMAIN,
        ALI_STORAGE_DOMAIN,
        ALI_PERSONAL_NAMESPACE,
        ALI_PERSONAL_REPOSITORY,
    }
)


def is_of_registries(kind: str) -> bool:
    """Whether a canonical type is a registry of either cloud, or something inside one."""
    return kind.startswith("containerregistry:") or kind in _ALI_PARTS


# The input that holds the resource's ARM name, and those that hold its parents' names, outermost first.
NAME_INPUTS: Final = MappingProxyType(
    {
        REGISTRY: ("registryname",),
        REPLICATION: ("registryname", "replicationname"),
        WEBHOOK: ("registryname", "webhookname"),
        TOKEN: ("registryname", "tokenname"),
        CACHE_RULE: ("registryname", "cacherulename"),
        CONNECTED_REGISTRY: ("registryname", "connectedregistryname"),
        TASK: ("registryname", "taskname"),
        AGENT_POOL: ("registryname", "agentpoolname"),
        ENDPOINT_CONNECTION: ("registryname", "privateendpointconnectionname"),
        ENDPOINT: ("privateendpointname",),
        ZONE_GROUP: ("privateendpointname", "privatednszonegroupname"),
        PRIVATE_ZONE: ("privatezonename",),
        ZONE_LINK: ("privatezonename", "virtualnetworklinkname"),
        PRIVATE_RECORD: ("privatezonename", "relativerecordsetname"),
        PUBLIC_ZONE: ("zonename",),
        VIRTUAL_NETWORK: ("virtualnetworkname",),
        SUBNET: ("virtualnetworkname", "subnetname"),
        PEERING: ("virtualnetworkname", "virtualnetworkpeeringname"),
        ROUTE_TABLE: ("routetablename",),
        ROUTE: ("routetablename", "routename"),
        APPLICATION_GROUP: ("applicationsecuritygroupname",),
        SECURITY_GROUP: ("networksecuritygroupname",),
        SECURITY_RULE: ("networksecuritygroupname", "securityrulename"),
        FIREWALL: ("azurefirewallname",),
        FIREWALL_POLICY: ("firewallpolicyname",),
        FIREWALL_RULES: ("firewallpolicyname", "rulecollectiongroupname"),
        ADMIN_RULE: ("networkmanagername", "configurationname", "rulecollectionname", "rulename"),
        ADMIN_COLLECTION: ("networkmanagername", "configurationname", "rulecollectionname"),
        NETWORK_GROUP: ("networkmanagername", "networkgroupname"),
        STATIC_MEMBER: ("networkmanagername", "networkgroupname", "staticmembername"),
        IP_GROUP: ("ipgroupsname",),
        SERVICE_ENDPOINT_POLICY: ("serviceendpointpolicyname",),
        SERVICE_ENDPOINT_DEFINITION: ("serviceendpointpolicyname", "serviceendpointpolicydefinitionname"),
        VAULT: ("vaultname",),
        VAULT_KEY: ("vaultname", "keyname"),
        DIAGNOSTICS: ("name",),
        LOCK: ("lockname",),
        PRICING: ("pricingname",),
        RESOURCE_GROUP: ("resourcegroupname",),
        SCRIPT: ("scriptname",),
        DEPLOYMENT: ("deploymentname",),
        ALI_INSTANCE: ("instancename",),
        ALI_NAMESPACE: ("name",),
        ALI_REPOSITORY: ("namespace", "name"),
        ALI_SYNC_RULE: ("syncrulename",),
        ALI_PERSONAL_NAMESPACE: ("name",),
        ALI_PERSONAL_REPOSITORY: ("namespace", "name"),
        ALI_VPC: ("vpcname",),
        ALI_VSWITCH: ("vswitchname",),
        ALI_ZONE: ("zonename",),
        ALI_RECORD: ("rr",),
        ALI_CEN: ("ceninstancename",),
        ALI_ROUTER: ("transitroutername",),
        ALI_FIREWALL_POLICY: ("description",),
        ALI_ADDRESS_BOOK: ("groupname",),
        ALI_NAT_GATEWAY: ("natgatewayname",),
        ALI_SECURITY_GROUP: ("name", "securitygroupname"),
    }
)
