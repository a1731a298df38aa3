"""An application whose network is peered with the platform's: it joins the platform's zone, and may pull.

The peering is the network team's. The link lies in the platform's zone and is this stack's own resource, so that it
goes away with the application.
"""

from typing import Any

import pulumi
from pulumi_azure_native import authorization, managedidentity, network, privatedns, resources

stack = pulumi.Config().get("platform") or "organization/platform/local"
platform = pulumi.StackReference(stack)


def of_platform(output: str) -> pulumi.Output[Any]:
    """An output of the platform's stack. `require_output` would say nothing but KeyError where there is none."""

    def there(value: Any) -> Any:
        if value is None:
            raise pulumi.RunError(f"the stack {stack} has no output '{output}'. Deploy the platform first.")
        return value

    return platform.get_output(output).apply(there)


zone_id = of_platform("dnsZoneId")

group = resources.ResourceGroup("app", resource_group_name="rg-linked-app")
spoke = network.VirtualNetwork(
    "spoke",
    virtual_network_name="linked-app-vnet",
    resource_group_name=group.name,
    address_space={"address_prefixes": ["10.41.0.0/24"]},
)
privatedns.VirtualNetworkLink(
    "registry-names",
    virtual_network_link_name="linked-app",
    private_zone_name=zone_id.apply(lambda zone: zone.split("/")[-1]),
    resource_group_name=zone_id.apply(lambda zone: zone.split("/")[4]),
    location="global",
    registration_enabled=False,
    virtual_network={"id": spoke.id},
)

identity = managedidentity.UserAssignedIdentity("app", resource_name_="linked-app", resource_group_name=group.name)
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
pulumi.export("firewallMustAllow", of_platform("allowList"))
