"""The platform team's registry, with what applications need to know of it as outputs."""

import pulumi
from private_registry import PrivateRegistry
from registry_model.azure.roles import PULL_ROLES, REGISTRY_PERMISSIONS

config = pulumi.Config()
location = pulumi.Config("azure-native").require("location")
subscription = pulumi.Config("azure-native").require("subscriptionId")
role = PULL_ROLES[config.get("roleAssignmentMode") or REGISTRY_PERMISSIONS]

registry = PrivateRegistry(
    "platform",
    {
        "registry_name": "contosoplatform",
        "location": location,
        "resource_group_name": "rg-platform-registry",
        "create_resource_group": True,
        "replicas": {region: {} for region in config.get_object("replicas") or []},
        "network": {"virtual_network_prefix": "10.40.0.0/24", "subnet_prefix": "10.40.0.0/27"},
    },
)

# To pull by name: where, and what a client's firewall must allow.
pulumi.export("loginServer", registry.login_server)
pulumi.export("allowList", registry.allow_list)
# To be let in.
pulumi.export("registryId", registry.registry_id)
pulumi.export("pullRole", role.name)
role_definition = f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role.id}"
pulumi.export("pullRoleDefinitionId", role_definition)
# To resolve the names privately: the zone to link a network to, or what an endpoint elsewhere must know.
pulumi.export("dnsZoneId", registry.dns_zone_id)
pulumi.export("regions", registry.regions)
