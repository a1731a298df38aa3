"""An application whose network reaches no other: it has an endpoint and a zone of its own, and may pull.

The zone has the same name as the platform's and is another one. In the platform's zone this endpoint's records would
overwrite those of the platform's endpoint.
"""

from typing import Any

import pulumi
from private_registry import PrivateDnsZone, RegistryPrivateEndpoint
from pulumi_azure_native import authorization, managedidentity, network, resources

stack = pulumi.Config().get("platform") or "organization/platform/local"
platform = pulumi.StackReference(stack)


def of_platform(output: str) -> pulumi.Output[Any]:
    """An output of the platform's stack. `require_output` would say nothing but KeyError where there is none."""

    def there(value: Any) -> Any:
        if value is None:
            raise pulumi.RunError(f"the stack {stack} has no output '{output}'. Deploy the platform first.")
        return value

    return platform.get_output(output).apply(there)


regions = of_platform("regions")

group = resources.ResourceGroup("app", resource_group_name="rg-endpoint-app")
island = network.VirtualNetwork(
    "island",
    virtual_network_name="endpoint-app-vnet",
    resource_group_name=group.name,
    address_space={"address_prefixes": ["10.42.0.0/24"]},
)
subnet = network.Subnet(
    "endpoints",
    subnet_name="endpoints",
    resource_group_name=group.name,
    virtual_network_name=island.name,
    address_prefix="10.42.0.0/27",
)
zone = PrivateDnsZone(
    "registry",
    {"resource_group_name": group.name, "virtual_network_links": {"island": {"virtual_network_id": island.id}}},
)
endpoint = RegistryPrivateEndpoint(
    "registry",
    {
        "registry_id": of_platform("registryId"),
        "login_server": of_platform("loginServer"),
        "registry_location": regions.apply(lambda all_regions: all_regions[0]),
        "replica_regions": regions.apply(lambda all_regions: all_regions[1:]),
        "resource_group_name": group.name,
        "subnet_id": subnet.id,
        "subnet_prefix": "10.42.0.0/27",
        "dns_zone_id": zone.zone_id,
    },
)

identity = managedidentity.UserAssignedIdentity("app", resource_name_="endpoint-app", resource_group_name=group.name)
authorization.RoleAssignment(
    "pull",
    scope=of_platform("registryId"),
    role_definition_id=of_platform("pullRoleDefinitionId"),
    principal_id=identity.principal_id,
    principal_type="ServicePrincipal",
    # Azure does not change the role of an assignment, and azure-native would try: another role is another assignment.
    opts=pulumi.ResourceOptions(replace_on_changes=["roleDefinitionId"]),
)

pulumi.export("image", pulumi.Output.concat(of_platform("loginServer"), "/app:1"))
pulumi.export("privateIps", endpoint.private_ips)
