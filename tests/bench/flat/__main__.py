"""The resources of the local stack, one by one, with the SDK: what somebody writes who has no component.

Reads the same configuration as the project's own program and declares the same resources with the same inputs
(tests/components/test_sdk.py compares them). It checks nothing.
"""

import pulumi
from pulumi_azure_native import containerregistry, network, privatedns, resources

config = pulumi.Config("private-registry")
location = pulumi.Config("azure-native").require("location")
name = config.require("registryName")
group_name = config.require("resourceGroupName")
tags = config.get_object("tags")
net = config.require_object("network")

group = resources.ResourceGroup("group", resource_group_name=group_name, location=location, tags=tags)

vnet = network.VirtualNetwork(
    "vnet",
    virtual_network_name=f"{name}-vnet",
    resource_group_name=group.name,
    location=location,
    address_space={"address_prefixes": [net["virtualNetworkPrefix"]]},
    tags=tags,
)
subnet = network.Subnet(
    "subnet",
    subnet_name="private-endpoints",
    virtual_network_name=vnet.name,
    resource_group_name=group.name,
    address_prefix=net["subnetPrefix"],
    default_outbound_access=False,
)

registry = containerregistry.Registry(
    "registry",
    registry_name=name,
    resource_group_name=group.name,
    location=location,
    sku={"name": "Premium"},
    tags=tags,
    admin_user_enabled=False,
    anonymous_pull_enabled=False,
    data_endpoint_enabled=True,
    public_network_access="Disabled",
    network_rule_bypass_options="None",
    network_rule_set={"default_action": "Deny", "ip_rules": []},
    policies={
        "export_policy": {"status": "disabled"},
        "azure_ad_authentication_as_arm_policy": {"status": "disabled"},
        "quarantine_policy": {"status": "disabled"},
    },
    opts=pulumi.ResourceOptions(ignore_changes=["zoneRedundancy"]),
)
replicas = [
    containerregistry.Replication(
        f"replica-{region}",
        replication_name=region,
        registry_name=registry.name,
        resource_group_name=group.name,
        location=region,
        region_endpoint_enabled=True,
        tags=tags,
        opts=pulumi.ResourceOptions(ignore_changes=["zoneRedundancy"]),
    )
    for region in config.get_object("replicas") or {}
]

zone = privatedns.PrivateZone(
    "zone",
    private_zone_name="privatelink.azurecr.io",
    resource_group_name=group.name,
    location="global",
    tags=tags,
)
privatedns.VirtualNetworkLink(
    "link",
    virtual_network_link_name="endpoint",
    private_zone_name=zone.name,
    resource_group_name=group.name,
    location="global",
    virtual_network={"id": vnet.id},
    registration_enabled=False,
    resolution_policy="Default",
    tags=tags,
)

endpoint = network.PrivateEndpoint(
    "endpoint",
    private_endpoint_name=f"{name}-endpoint",
    resource_group_name=group.name,
    location=location,
    subnet={"id": subnet.id},
    custom_network_interface_name=f"{name}-endpoint-nic",
    private_link_service_connections=[
        {"name": f"{name}-endpoint", "private_link_service_id": registry.id, "group_ids": ["registry"]}
    ],
    tags=tags,
    opts=pulumi.ResourceOptions(depends_on=replicas),
)
network.PrivateDnsZoneGroup(
    "zone-group",
    private_dns_zone_group_name="default",
    private_endpoint_name=endpoint.name,
    resource_group_name=group.name,
    private_dns_zone_configs=[{"name": "privatelink-azurecr-io", "private_dns_zone_id": zone.id}],
)

interface = network.get_network_interface_output(
    resource_group_name=group.name,
    network_interface_name=f"{name}-endpoint-nic",
    opts=pulumi.InvokeOutputOptions(depends_on=[endpoint, *replicas]),
)
pulumi.export("loginServer", registry.login_server)
pulumi.export("addresses", interface.apply(lambda i: [c.private_ip_address for c in i.ip_configurations or []]))
