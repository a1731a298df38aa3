"""A team's registry, with the SDK that `pulumi package add` generates from the component package."""

import pulumi
import pulumi_private_registry as private_registry

images = private_registry.PrivateRegistry(
    "images",
    registry_name="teamimages",
    location="japaneast",
    resource_group_name="rg-team-images",
    create_resource_group=True,
    replicas={"japanwest": {}},
    network={"virtual_network_prefix": "10.30.0.0/24", "subnet_prefix": "10.30.0.0/27"},
    tags={"team": "images"},
)
pulumi.export("loginServer", images.login_server)
pulumi.export("allowList", images.allow_list)
pulumi.export("privateIps", images.private_ips)
