"""The private DNS zone of registries, linked to the networks that resolve through it."""

from collections.abc import Mapping
from typing import NotRequired, TypedDict

import pulumi
from pulumi_azure_native import privatedns
from registry_model.azure import fixed, names

from ..arguments import accept
from ..outputs import after, dependencies, mapped
from .checks.dns import check_zone
from .choices import CloudName


class VirtualNetworkLinkArgs(TypedDict):
    """One virtual network that resolves registry names through the zone."""

    virtual_network_id: pulumi.Input[str]
    """Resource id of the virtual network. A network can be linked to one zone of this name only. Another id
    replaces the link."""

    fallback_to_internet: NotRequired[pulumi.Input[bool]]
    """Ask public DNS for names that the zone does not have (resolution policy NxDomainRedirect). Default: false.
    Without it the network cannot resolve other registries that have a private endpoint elsewhere."""


class PrivateDnsZoneArgs(TypedDict):
    """Where the zone lives and who asks it."""

    resource_group_name: pulumi.Input[str]
    """Name of the resource group, which must exist."""

    cloud: NotRequired[CloudName]
    """The Azure cloud, which decides the zone's name: "public" (privatelink.azurecr.io), "usgov" or "china". Default:
    "public"."""

    virtual_network_links: NotRequired[Mapping[str, VirtualNetworkLinkArgs]]
    """Networks that ask the zone, by a name of your choice for each. Default: none."""

    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags of the zone and its links. At most 50, name up to 512 and value up to 256 characters.
    Default: none."""


class PrivateDnsZone(pulumi.ComponentResource):
    """The one private DNS zone that registries need, with its network links.

    There is one zone for all registries and all regions. Children: `{name}-zone` (azure-native:privatedns:PrivateZone)
    and, for each link, `{name}-link-{key}` (azure-native:privatedns:VirtualNetworkLink). Automatic registration of
    virtual machines is off.
    """

    zone_id: pulumi.Output[str]
    """The zone's resource id."""

    zone_name: pulumi.Output[str]
    """The zone's name, such as privatelink.azurecr.io."""

    link_ids: pulumi.Output[dict[str, str]]
    """Resource ids of the network links, by their keys."""

    def __init__(self, name: str, args: PrivateDnsZoneArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        given = accept(f"PrivateDnsZone '{name}'", args, PrivateDnsZoneArgs, check_zone)
        super().__init__("private-registry:index:PrivateDnsZone", name, {}, opts)
        zone_name = names.CLOUDS[given.get("cloud", names.PUBLIC.name)].private_link_zone
        waits = dependencies(opts)
        zone = privatedns.PrivateZone(
            f"{name}-zone",
            private_zone_name=zone_name,
            resource_group_name=given["resource_group_name"],
            location="global",
            tags=given.get("tags"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=waits),
        )
        links = {
            key: privatedns.VirtualNetworkLink(
                f"{name}-link-{key}",
                virtual_network_link_name=key,
                private_zone_name=after(zone_name, zone),
                resource_group_name=given["resource_group_name"],
                location="global",
                virtual_network={"id": link["virtual_network_id"]},
                registration_enabled=False,
                resolution_policy=mapped(link.get("fallback_to_internet", False), _resolution_policy),
                tags=given.get("tags"),
                # azure-native would send another network as an update. The name is the key, so the old link goes first.
                opts=pulumi.ResourceOptions(
                    parent=self, replace_on_changes=[fixed.LINK_NETWORK], delete_before_replace=True
                ),
            )
            for key, link in sorted(given.get("virtual_network_links", {}).items())
        }
        self.zone_id = zone.id
        self.zone_name = after(zone_name, zone)
        self.link_ids = pulumi.Output.all(**{key: link.id for key, link in links.items()})
        self.register_outputs({"zoneId": self.zone_id, "zoneName": self.zone_name, "linkIds": self.link_ids})


def _resolution_policy(fallback: bool) -> str:
    return "NxDomainRedirect" if fallback else "Default"
