"""Two registries: one as the configuration says, one whose public access is known only once it is deployed."""

import pulumi
import pulumi_azure_native as azure

config = pulumi.Config()
group = azure.resources.ResourceGroup("group", resource_group_name="shop")
identity = azure.managedidentity.UserAssignedIdentity("identity", resource_name_="shop", resource_group_name=group.name)


def registry(name: str, registry_name: str, public_access: pulumi.Input[str]) -> azure.containerregistry.Registry:
    return azure.containerregistry.Registry(
        name,
        registry_name=registry_name,
        resource_group_name=group.name,
        sku={"name": config.get("sku") or "Premium"},
        public_network_access=public_access,
        tags={"owner": identity.principal_id},
    )


registry("shop", "contososhop", config.get("publicNetworkAccess") or "Disabled")
registry("stock", "contosostock", identity.principal_id.apply(lambda _: "Disabled"))
