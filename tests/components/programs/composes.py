"""What a platform team writes: outputs of one component as inputs of others and of the SDK's own resources."""

import pulumi
from private_registry import ClientFirewall, PremiumRegistry, PrivateDnsZone, PrivateRegistry, RegistryPrivateEndpoint
from pulumi_azure_native import authorization, network, privatedns

first = PrivateRegistry(
    "first",
    {
        "registry_name": "contoso",
        "location": "japaneast",
        "resource_group_name": "rg",
        "network": {"virtual_network_prefix": "10.0.0.0/24", "subnet_prefix": "10.0.0.0/27"},
        "dns": {"mode": "create"},
        "profile": "private",
    },
)
second = RegistryPrivateEndpoint(
    "second",
    {
        "registry_id": first.registry_id,
        "login_server": first.login_server,
        "registry_location": first.regions[0],
        "replica_regions": first.regions.apply(lambda r: r[1:]),
        "resource_group_name": first.resource_group_name,
        "subnet_id": first.subnet_id,
        "dns_zone_id": first.dns_zone_id,
    },
)
zone = PrivateDnsZone(
    "zone",
    {
        "resource_group_name": first.resource_group_name,
        "cloud": "public",
        "virtual_network_links": {"a": {"virtual_network_id": first.virtual_network_id}},
    },
)
clients = ClientFirewall(
    "clients",
    {
        "registries": {
            "contoso": {"login_server": first.login_server, "location": "japaneast", "private_ips": first.private_ips}
        },
        "resource_group_name": first.resource_group_name,
        "network_security_group_name": "nsg",
        "phase": "clean_up",
    },
)
authorization.RoleAssignment("pull", scope=first.registry_id, principal_id="p", role_definition_id="r")
privatedns.VirtualNetworkLink(
    "l",
    private_zone_name="z",
    resource_group_name=first.resource_group_name,
    virtual_network={"id": first.virtual_network_id},
)
network.PrivateEndpoint(
    "pe",
    resource_group_name=first.resource_group_name,
    subnet={"id": first.subnet_id},
    private_link_service_connections=[
        {"name": "x", "private_link_service_id": first.registry_id, "group_ids": ["registry"]}
    ],
    tags=first.dns_records,
)
pulumi.export("x", pulumi.Output.concat("https://", first.login_server))
images = PremiumRegistry(
    "images",
    {
        "registry_name": "images1",
        "location": "japaneast",
        "resource_group_name": first.resource_group_name,
        "replicas": {"japanwest": {}},
    },
)
pulumi.export("status", images.replicas["japanwest"].status)
