"""A container registry that only clients in its network can reach."""

import pulumi
from private_registry import PrivateRegistry

config = pulumi.Config()

registry = PrivateRegistry(
    "registry",
    {
        "registry_name": config.require("registryName"),
        "location": config.require("location"),
        "resource_group_name": config.require("resourceGroupName"),
        "create_resource_group": True,
        "network": {
            "virtual_network_prefix": config.require("virtualNetworkPrefix"),
            "subnet_prefix": config.require("subnetPrefix"),
        },
        # "replicas": {"japanwest": {}},
    },
)

pulumi.export("loginServer", registry.login_server)
pulumi.export("allowList", registry.allow_list)
pulumi.export("privateIps", registry.private_ips)
