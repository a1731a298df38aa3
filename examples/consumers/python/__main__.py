"""A team's registry, with the package installed from the wheel that `make dist` builds."""

import pulumi
from private_registry import PrivateRegistry

images = PrivateRegistry(
    "images",
    {
        "registry_name": "teamimages",
        "location": "japaneast",
        "resource_group_name": "rg-team-images",
        "create_resource_group": True,
        "replicas": {"japanwest": {}},
        "network": {"virtual_network_prefix": "10.30.0.0/24", "subnet_prefix": "10.30.0.0/27"},
        "tags": {"team": "images"},
    },
)
pulumi.export("loginServer", images.login_server)
pulumi.export("allowList", images.allow_list)
pulumi.export("privateIps", images.private_ips)
