"""The Alibaba Cloud types that the local cloud has: a line in the table, and a class in the file that it names.

Beside each type stand the inputs whose change replaces a resource. No SDK says them: they are the arguments that the
documentation of terraform-provider-alicloud, on which pulumi-alicloud is built, marks ForceNew (website/docs/r/, read
2026-11), under the names that pulumi-alicloud gives them. Where the two disagree, a note says so.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from localcloud.sdk.surface import Surface

if TYPE_CHECKING:
    from collections.abc import Mapping


class Entry(NamedTuple):
    """One type: where its rules are (file and class), and what replaces it."""

    rules: str
    replaces: tuple[str, ...]


# Pulumi token (without "alicloud:") -> rules, and the inputs whose change replaces the resource.
_TABLE: dict[str, Entry] = {
    # cr_ee_instance. What it marks "immutable after creation" does not replace: a change of it does nothing.
    "cr/registryEnterpriseInstance:RegistryEnterpriseInstance": Entry(
        "registry.Instance", ("instanceName", "paymentType", "renewPeriod", "renewalStatus")
    ),
    "cr/internetEndpoint:InternetEndpoint": Entry("internet.InternetEndpoint", ("instanceId",)),
    "cr/endpointAclPolicy:EndpointAclPolicy": Entry(
        "internet.EndpointAclPolicy", ("description", "endpointType", "entry", "instanceId", "moduleName")
    ),
    "cr/vpcEndpointLinkedVpc:VpcEndpointLinkedVpc": Entry(
        "vpc_endpoint.VpcEndpointLinkedVpc", ("instanceId", "moduleName", "vpcId", "vswitchId")
    ),
    "cs/registryEnterpriseNamespace:RegistryEnterpriseNamespace": Entry(
        "repositories.Namespace", ("instanceId", "name")
    ),
    "cs/registryEnterpriseRepo:RegistryEnterpriseRepo": Entry(
        "repositories.Repository", ("instanceId", "name", "namespace")
    ),
    "cs/registryEnterpriseSyncRule:RegistryEnterpriseSyncRule": Entry(
        "repositories.SyncRule",
        (
            *("instanceId", "name", "namespaceName", "repoName", "syncRuleName", "syncScope", "syncTrigger"),
            *("tagFilter", "targetInstanceId", "targetNamespaceName", "targetRegionId", "targetRepoName"),
            "targetUserId",
        ),
    ),
    "vpc/network:Network": Entry("network.Network", ("cidrBlock", "dryRun", "userCidrs")),
    "vpc/switch:Switch": Entry("network.Switch", ("availabilityZone", "cidrBlock", "vpcId", "zoneId")),
    "vpc/routeEntry:RouteEntry": Entry(
        "network.RouteEntry", ("destinationCidrblock", "nexthopId", "nexthopType", "routeTableId")
    ),
    "pvtz/zone:Zone": Entry("private_zone.Zone", ("name", "resourceGroupId", "zoneName")),
    "pvtz/zoneAttachment:ZoneAttachment": Entry("private_zone.ZoneAttachment", ("zoneId",)),
    "pvtz/zoneRecord:ZoneRecord": Entry("private_zone.ZoneRecord", ("resourceRecord", "rr", "zoneId")),
    "cen/instance:Instance": Entry("cen.Instance", ()),
    "cen/transitRouter:TransitRouter": Entry("cen.TransitRouter", ("cenId", "supportMulticast")),
    "cen/transitRouterVpcAttachment:TransitRouterVpcAttachment": Entry(
        "cen.VpcAttachment", ("cenId", "paymentType", "resourceType", "transitRouterId", "vpcId", "vpcOwnerId")
    ),
    "cen/transitRouterPeerAttachment:TransitRouterPeerAttachment": Entry(
        "cen.PeerAttachment",
        ("cenId", "peerTransitRouterId", "peerTransitRouterRegionId", "resourceType", "transitRouterId"),
    ),
    "cen/transitRouterGrantAttachment:TransitRouterGrantAttachment": Entry(
        "cen.Grant", ("cenId", "cenOwnerId", "instanceId", "instanceType", "orderType")
    ),
    "cen/transitRouterRouteTable:TransitRouterRouteTable": Entry("cen.RouteTable", ("transitRouterId",)),
    "cen/transitRouterRouteTableAssociation:TransitRouterRouteTableAssociation": Entry(
        "cen.Association", ("transitRouterAttachmentId", "transitRouterRouteTableId")
    ),
    "cen/transitRouterRouteEntry:TransitRouterRouteEntry": Entry(
        "cen.RouteEntry",
        (
            "transitRouterRouteEntryDestinationCidrBlock",
            "transitRouterRouteEntryNextHopId",
            "transitRouterRouteEntryNextHopType",
            "transitRouterRouteTableId",
        ),
    ),
}

TYPES: Mapping[str, Entry] = MappingProxyType({f"alicloud:{token}": entry for token, entry in _TABLE.items()})

SURFACE = Surface(
    "alicloud",
    dict.fromkeys(TYPES, ()),
    {
        "alicloud:cr/getVpcEndpointLinkedVpcs:getVpcEndpointLinkedVpcs": ("instanceId", "moduleName"),
        "alicloud:cr/getEndpointAclService:getEndpointAclService": ("enable", "endpointType", "instanceId"),
        "alicloud:index/getAccount:getAccount": (),
    },
)
