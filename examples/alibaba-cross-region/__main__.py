"""A registry in Tokyo, and a VPC in Singapore whose clients reach its VPC endpoint, over CEN."""

import pulumi
import pulumi_alicloud as alicloud
from private_registry.alibaba import EnterpriseRegistry, SharedVpcAccess
from pulumi_alicloud import vpc

network = vpc.Network("apps", vpc_name="apps", cidr_block="10.4.0.0/16")
vswitch = vpc.Switch(
    "apps", vswitch_name="apps-a", vpc_id=network.id, cidr_block="10.4.0.0/24", zone_id="ap-northeast-1a"
)
registry = EnterpriseRegistry(
    "main",
    {
        "instance_name": "contoso",
        "instance_type": "Advanced",
        "region": "ap-northeast-1",
        "vpc_links": {"apps": {"vpc_id": network.id, "vswitch_id": vswitch.id}},
        # A rehearsal is thrown away. Leave both out for a registry that is meant to stay: it is a subscription.
        "protect": False,
        "retain_on_delete": False,
    },
)

there = alicloud.Provider(
    "client",
    region="ap-southeast-1",
    protocol=pulumi.Config("alicloud").get("protocol"),
)
at_client = pulumi.ResourceOptions(provider=there)
client = vpc.Network("client", vpc_name="client", cidr_block="10.9.0.0/16", opts=at_client)
client_vswitch = vpc.Switch(
    "client",
    vswitch_name="client-a",
    vpc_id=client.id,
    cidr_block="10.9.0.0/24",
    zone_id="ap-southeast-1a",
    opts=at_client,
)

access = SharedVpcAccess(
    "client",
    {
        "login_server": registry.login_server,
        "registry_address": registry.private_ips.apply(lambda addresses: addresses["apps"]),
        "registry_vpc": {
            "region": "ap-northeast-1",
            "vpc_id": network.id,
            "cidr_block": network.cidr_block,
            "route_table_id": network.route_table_id,
            "vswitches": {"ap-northeast-1a": vswitch.id},
        },
        "client_vpc": {
            "region": "ap-southeast-1",
            "vpc_id": client.id,
            "cidr_block": client.cidr_block,
            "route_table_id": client.route_table_id,
            "vswitches": {"ap-southeast-1a": client_vswitch.id},
        },
    },
)
pulumi.export("loginServer", registry.login_server)
pulumi.export("routes", access.routes)
pulumi.export("dnsZoneId", access.dns_zone_id)
