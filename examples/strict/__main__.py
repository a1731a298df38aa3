"""A registry that passes the guard's preset `strict`, and what it needs beside the defaults of `PrivateRegistry`.

`pulumi preview --policy-pack ../../policies --policy-pack-config ../../policies/presets/strict.json`
"""

import pulumi
from private_registry import PrivateRegistry
from pulumi_azure_native import authorization, keyvault, managedidentity, monitor, operationalinsights, resources

# "Key Vault Crypto Service Encryption User": wraps and unwraps with keys, and reads no secret
# (learn.microsoft.com/azure/role-based-access-control/built-in-roles).
WRAPPING_ROLE = "e147488a-f6f5-4113-8e2d-b22465e65bf6"

location = pulumi.Config("azure-native").require("location")
subscription = pulumi.Config("azure-native").require("subscriptionId")
tenant = pulumi.Config().require("tenantId")

group = resources.ResourceGroup("group", resource_group_name="rg-strict", location=location)

# A key of one's own (rule `customer-managed-key`), in a vault from which it cannot vanish, read by an identity.
identity = managedidentity.UserAssignedIdentity(
    "registry", resource_name_="registry-key-reader", resource_group_name=group.name, location=location
)
vault = keyvault.Vault(
    "keys",
    vault_name="contosostrictkeys",
    resource_group_name=group.name,
    location=location,
    properties={
        "tenant_id": tenant,
        "sku": {"family": "A", "name": keyvault.SkuName.STANDARD},
        "enable_rbac_authorization": True,
        "enable_purge_protection": True,
    },
)
key = keyvault.Key(
    "registry",
    key_name="registry",
    vault_name=vault.name,
    resource_group_name=group.name,
    properties={"kty": keyvault.JsonWebKeyType.RSA, "key_size": 3072},
)
reader = authorization.RoleAssignment(
    "registry-reads-key",
    scope=vault.id,
    principal_id=identity.principal_id,
    principal_type=authorization.PrincipalType.SERVICE_PRINCIPAL,
    role_definition_id=f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{WRAPPING_ROLE}",
)

# `protect` is on by default and satisfies the rule `delete-lock`. It is off here, because this stack is thrown away; a
# lock in Azure does the same.
registry = PrivateRegistry(
    "strict",
    {
        "registry_name": "contosostrict",
        "location": location,
        "resource_group_name": group.name,
        "network": {"virtual_network_prefix": "10.60.0.0/24", "subnet_prefix": "10.60.0.0/27"},
        "settings": {
            "user_assigned_identity_ids": [identity.id],
            "customer_managed_key": {"key_id": key.key_uri, "identity_client_id": identity.client_id},
        },
        "protect": False,
    },
    pulumi.ResourceOptions(depends_on=[reader]),
)
authorization.ManagementLockByScope(
    "keep",
    lock_name="keep",
    scope=registry.registry_id,
    level=authorization.LockLevel.CAN_NOT_DELETE,
)

# The log of sign-ins, pushes and pulls (rule `audit-logs`).
workspace = operationalinsights.Workspace(
    "logs", workspace_name="contoso-strict-logs", resource_group_name=group.name, location=location
)
monitor.DiagnosticSetting(
    "audit",
    name="audit",
    resource_uri=registry.registry_id,
    workspace_id=workspace.id,
    logs=[{"category_group": "audit", "enabled": True}],
)

pulumi.export("allowList", registry.allow_list)
