"""A registry that the clients of one VPC reach, by the VPC endpoint and the name that the service keeps there."""

import pulumi
from private_registry.alibaba import EnterpriseRegistry
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
        "namespaces": {"apps": {"repositories": {"web": {"tags_immutable": True}}}},
        "vpc_links": {"apps": {"vpc_id": network.id, "vswitch_id": vswitch.id}},
        # A rehearsal is thrown away. Leave both out for a registry that is meant to stay: it is a subscription.
        "protect": False,
        "retain_on_delete": False,
    },
)
pulumi.export("loginServer", registry.login_server)
pulumi.export("allowList", registry.allow_list)
pulumi.export("privateIps", registry.private_ips)
