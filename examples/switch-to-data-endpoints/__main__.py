"""A registry that on-premises build agents reach over the internet, and the Azure Firewall that they stand behind.

docs/switching-to-data-endpoints.md walks through it, one update a step.
"""

import pulumi
from private_registry import ClientFirewall, PremiumRegistry, RegistryPrivateEndpoint
from pulumi_azure_native import network, resources
from registry_model.azure.names import login_server

NAME, HOME = "contosoedge", "japaneast"
SERVER = login_server(NAME)  # known beforehand, so that the firewall can come before the registry's change

config = pulumi.Config()
phase = config.get("phase") or "before"
switched = config.get_bool("switched") or False
endpoint = config.get_bool("privateEndpoint") or False
replicas = config.get_object("replicas") or []
announced = config.get_object("announcedReplicas") or []

group = resources.ResourceGroup("edge", resource_group_name="rg-edge")
policy = network.FirewallPolicy("site-firewall", firewall_policy_name="site", resource_group_name=group.name)

if phase == "before":
    clients = network.FirewallPolicyRuleCollectionGroup(
        "clients-today",
        resource_group_name=group.name,
        firewall_policy_name=policy.name,
        priority=300,
        rule_collections=[
            network.FirewallPolicyFilterRuleCollectionArgs(
                rule_collection_type="FirewallPolicyFilterRuleCollection",
                name="registry",
                priority=300,
                action={"type": "Allow"},
                rules=[
                    network.ApplicationRuleArgs(
                        rule_type="ApplicationRule",
                        name="registry-and-every-storage-account-of-azure",
                        source_addresses=["10.0.0.0/16"],
                        protocols=[{"protocol_type": "Https", "port": 443}],
                        target_fqdns=[SERVER, "*.blob.core.windows.net"],
                    )
                ],
            )
        ],
    )
else:
    clients = ClientFirewall(
        "clients",
        {
            "registries": {
                NAME: {
                    "login_server": SERVER,
                    "location": HOME,
                    "replicas": replicas,
                    "announced_replicas": announced,
                    "data_endpoint_enabled": switched or endpoint,
                }
            },
            "resource_group_name": group.name,
            "firewall_policy_name": policy.name,
            "source_addresses": ["10.0.0.0/16"],
            "phase": phase,
            "wildcard_expires": config.get("wildcardExpires") or None,
        },
    )

registry = PremiumRegistry(
    NAME,
    {
        "registry_name": NAME,
        "location": HOME,
        "resource_group_name": group.name,
        "replicas": {region: {} for region in replicas},
        "settings": {
            "public_network_access_enabled": True,
            "ip_rules": ["203.0.113.8"],  # what the firewall shows to the internet
            "data_endpoint_enabled": switched,
        },
        "protect": False,  # a walk-through that ends with `pulumi destroy`
    },
    # Layers move, and replicas begin to serve, only after the firewall has let their hosts through.
    opts=pulumi.ResourceOptions(depends_on=[clients]),
)

if endpoint:
    vnet = network.VirtualNetwork(
        "cloud",
        virtual_network_name="cloud",
        resource_group_name=group.name,
        address_space={"address_prefixes": ["10.20.0.0/24"]},
    )
    subnet = network.Subnet(
        "endpoints",
        subnet_name="endpoints",
        virtual_network_name=vnet.name,
        resource_group_name=group.name,
        address_prefix="10.20.0.0/27",
    )
    RegistryPrivateEndpoint(
        "cloud",
        {
            "registry_id": registry.registry_id,
            "login_server": registry.login_server,
            "registry_location": HOME,
            "replica_regions": replicas,
            "resource_group_name": group.name,
            "subnet_id": subnet.id,
            "subnet_prefix": "10.20.0.0/27",
        },
        opts=pulumi.ResourceOptions(depends_on=[registry, clients]),
    )

pulumi.export("phase", phase)
pulumi.export("allowList", registry.allow_list)
