"""The azure-native resources that the components declare, without azure-native's import time.

``import pulumi_azure_native.network`` runs 180,000 lines and costs more than the rest of a preview together, for four
small resources. For the type checker the names below are the SDK's own classes, so every argument is checked against
them; when a program runs they are thin resources with the same type token, provider version and wire names. A contract
test registers each through both and compares the requests.
(docs/decisions/0030-light-resource-classes.md)
"""

import importlib.metadata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import pulumi
from registry_model.azure import defaults as azure

if TYPE_CHECKING:
    from pulumi_azure_native.containerregistry import Registry, Replication
    from pulumi_azure_native.network import (
        FirewallPolicyRuleCollectionGroup,
        PrivateDnsZoneGroup,
        PrivateEndpoint,
        SecurityRule,
        Subnet,
        VirtualNetwork,
    )
    from pulumi_azure_native.privatedns import PrivateZone, VirtualNetworkLink
    from pulumi_azure_native.resources import ResourceGroup
else:
    # Where the wire name is not the Python name with its words run together.
    _WIRE_NAMES = {
        "azure_ad_authentication_as_arm_policy": "azureADAuthenticationAsArmPolicy",
        "private_ip_address": "privateIPAddress",
    }

    # Their keys are the caller's own.
    _FREE_KEYS = {"tags", "user_assigned_identities"}

    def _wire_name(name: str) -> str:
        first, *rest = name.split("_")
        return _WIRE_NAMES.get(name) or first + "".join(word.capitalize() for word in rest)

    def _wire(value: Any) -> Any:
        if isinstance(value, dict):
            return {_wire_name(k): v if k in _FREE_KEYS else _wire(v) for k, v in value.items()}
        if isinstance(value, list):
            return [_wire(item) for item in value]
        if isinstance(value, pulumi.Output):
            return value.apply(_wire)
        return value

    class _AzureResource(pulumi.CustomResource):
        pulumi_type = ""
        outputs: tuple[str, ...] = ()  # what the components read, beside the id
        defaults: ClassVar[Mapping[str, Any]] = {}  # what the SDK's class sends when it is not given

        def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
            given = {name: value for name, value in inputs.items() if value is not None}
            props = {**dict.fromkeys(self.outputs), **_wire({**self.defaults, **given})}
            opts = pulumi.ResourceOptions.merge(pulumi.ResourceOptions(version=version()), opts)
            super().__init__(self.pulumi_type, resource_name, props, opts)

    class ResourceGroup(_AzureResource):
        pulumi_type = "azure-native:resources:ResourceGroup"

    class Registry(_AzureResource):
        pulumi_type = "azure-native:containerregistry:Registry"
        outputs = ("loginServer",)
        defaults: ClassVar = {
            "admin_user_enabled": False,
            "anonymous_pull_enabled": False,
            "network_rule_bypass_options": azure.TRUSTED_SERVICES,
            "public_network_access": "Enabled",
            "zone_redundancy": "Disabled",
        }

        @property
        def login_server(self) -> pulumi.Output[str]:
            return pulumi.get(self, "loginServer")

    class Replication(_AzureResource):
        pulumi_type = "azure-native:containerregistry:Replication"
        defaults: ClassVar = {"region_endpoint_enabled": True, "zone_redundancy": "Disabled"}

    class VirtualNetwork(_AzureResource):
        pulumi_type = "azure-native:network:VirtualNetwork"
        defaults: ClassVar = {"enable_ddos_protection": False, "enable_vm_protection": False}

    class Subnet(_AzureResource):
        pulumi_type = "azure-native:network:Subnet"
        defaults: ClassVar = {
            "private_endpoint_network_policies": "Disabled",
            "private_link_service_network_policies": "Enabled",
        }

    class PrivateEndpoint(_AzureResource):
        pulumi_type = "azure-native:network:PrivateEndpoint"

    class PrivateDnsZoneGroup(_AzureResource):
        pulumi_type = "azure-native:network:PrivateDnsZoneGroup"

    class PrivateZone(_AzureResource):
        pulumi_type = "azure-native:privatedns:PrivateZone"

    class VirtualNetworkLink(_AzureResource):
        pulumi_type = "azure-native:privatedns:VirtualNetworkLink"

    class FirewallPolicyRuleCollectionGroup(_AzureResource):
        pulumi_type = "azure-native:network:FirewallPolicyRuleCollectionGroup"

    class SecurityRule(_AzureResource):
        pulumi_type = "azure-native:network:SecurityRule"


__all__ = [
    "FirewallPolicyRuleCollectionGroup",
    "PrivateDnsZoneGroup",
    "PrivateEndpoint",
    "PrivateZone",
    "Registry",
    "Replication",
    "ResourceGroup",
    "SecurityRule",
    "Subnet",
    "VirtualNetwork",
    "VirtualNetworkLink",
    "member_addresses",
    "version",
]


def version() -> str:
    """The version of the azure-native provider that the installed SDK belongs to."""
    return importlib.metadata.version("pulumi-azure-native")


def member_addresses(
    resource_group_name: pulumi.Input[str],
    network_interface_name: pulumi.Input[str],
    opts: pulumi.InvokeOutputOptions,
) -> pulumi.Output[dict[str, str]]:
    """Private link member → private IP, read from a private endpoint's network interface.

    The interface, not the endpoint: an endpoint's ``customDnsConfigs`` are empty while a zone group is attached to it
    (hashicorp/terraform-provider-azurerm, azurerm_private_endpoint, ``custom_dns_configs``).
    """
    opts.version = opts.version or version()
    found = pulumi.runtime.invoke_output(
        "azure-native:network:getNetworkInterface",
        {"resourceGroupName": resource_group_name, "networkInterfaceName": network_interface_name},
        opts,
    )
    return found.recover(_unreadable).apply(_addresses)


def _unreadable(error: Exception) -> Any:
    """Not known, at preview; in an update the end, because others may build on the addresses."""
    message = (
        f"the private addresses of the registry could not be read: {error}. If the endpoint or its network interface "
        "was deleted outside Pulumi, run `pulumi refresh`; reading it needs the permission "
        "Microsoft.Network/networkInterfaces/read"
    )
    if not pulumi.runtime.is_dry_run():
        raise pulumi.RunError(message)
    pulumi.log.warn(message)
    return pulumi.output.UNKNOWN


def _addresses(interface: dict[str, Any]) -> dict[str, str]:
    addresses: dict[str, str] = {}
    for configuration in interface.get("ipConfigurations") or []:
        member = (configuration.get("privateLinkConnectionProperties") or {}).get("requiredMemberName")
        if member and configuration.get("privateIPAddress"):
            addresses[member.lower()] = configuration["privateIPAddress"]
    return addresses
