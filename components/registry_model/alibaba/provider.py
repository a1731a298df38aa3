"""What the alicloud provider does with changes: which inputs replace a resource, and which do nothing.

The SDK does not tell. Source: the provider's ``resource_alicloud_cr_ee_instance.go`` up to 1.286 (``ForceNew`` in the
schema; the update sends the resource group, the password and the tags alone), and the notes "has no effect when
modified post-creation" in pulumi-alicloud 4.0, 2026-10. Inputs as Pulumi spells them.
"""

from __future__ import annotations

INSTANCE = "alicloud:cr/registryEnterpriseInstance:RegistryEnterpriseInstance"
NAMESPACE = "alicloud:cs/registryEnterpriseNamespace:RegistryEnterpriseNamespace"
REPOSITORY = "alicloud:cs/registryEnterpriseRepo:RegistryEnterpriseRepo"
SYNC_RULE = "alicloud:cs/registryEnterpriseSyncRule:RegistryEnterpriseSyncRule"
INTERNET_ENDPOINT = "alicloud:cr/internetEndpoint:InternetEndpoint"
ACL_POLICY = "alicloud:cr/endpointAclPolicy:EndpointAclPolicy"
VPC_LINK = "alicloud:cr/vpcEndpointLinkedVpc:VpcEndpointLinkedVpc"
CUSTOM_DOMAIN = "alicloud:cr/instanceCustomizedDomain:InstanceCustomizedDomain"
STORAGE_DOMAIN = "alicloud:cr/storageDomainRoutingRule:StorageDomainRoutingRule"
PERSONAL_NAMESPACE = "alicloud:cr/namespace:Namespace"
PERSONAL_REPOSITORY = "alicloud:cr/repo:Repo"

# Of an instance: the provider sends them when it buys the subscription and never again, so that a preview shows an
# update, the update succeeds, and nothing has changed.
WITHOUT_EFFECT = (
    "customOssBucket",
    "defaultOssBucket",
    "imageScanner",
    "instanceType",
    "namespaceQuota",
    "period",
    "repoQuota",
    "vpcQuota",
)

# Of an instance: a change replaces it, which buys a second subscription. Deleting the first one refunds it at once,
# with every image in it.
REPLACING = ("instanceName", "paymentType", "renewPeriod", "renewalStatus")

# Of an instance: what the SDK makes a secret of by itself, wherever it comes from.
SECRET_INPUTS = ("password",)

# The data source that switches the Internet endpoint on with ``enable``: it is an invoke, which runs in a preview too,
# and which no policy of the engine sees.
SWITCHING_INVOKE = "alicloud:cr/getEndpointAclService:getEndpointAclService"
