"""A registry's private endpoint, with its DNS zone group."""

import functools
import importlib.metadata
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_azure_native import network
from registry_model.azure import fixed, names

from ..arguments import accept
from ..outputs import after, dependencies, joined, mapped
from .checks.private_endpoint import check_endpoint
from .hooks import addresses_of, endpoint_hooks
from .settings import endpoint_name as chosen_name
from .settings import place, static_address

# What azure-native would send as an update and Azure would refuse, for either way of asking for a connection. Not the
# lists as a whole: Azure adds to them (the state of an approval), which a refresh can bring into the inputs.
_CONNECTION = [
    fixed.ENDPOINT_INTERFACE,
    *(f"{asked}[*].{part}" for asked in fixed.ENDPOINT_CONNECTIONS for part in fixed.ENDPOINT_CONNECTION),
]


class PrivateEndpointSettingsArgs(TypedDict):
    """How a private endpoint stands in its subnet."""

    endpoint_name: NotRequired[pulumi.Input[str]]
    """Name of the private endpoint. Default: <registry>-endpoint-<6 digits>, the digits made of registry, subnet and
    connection. A new name makes a new endpoint before the old one goes. Azure cannot move an endpoint: with another
    registry, subnet, connection or interface a name of yours must be a new one, in the same update."""

    network_interface_name: NotRequired[pulumi.Input[str]]
    """Name of its network interface. Default: <endpoint name>-nic. Another name makes a new endpoint, as
    `endpoint_name` does."""

    location: NotRequired[pulumi.Input[str]]
    """The region of the subnet's network. Default: the registry's home region."""

    resource_group_name: NotRequired[pulumi.Input[str]]
    """Resource group of the endpoint. Default: the registry's."""

    static_ips: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Fixed private IPv4 addresses: "registry" for the login server, and each region for its data endpoint. All of them
    or none. Default: Azure chooses. Addresses that are fixed cannot be changed, those that Azure chose can be fixed as
    they are. An endpoint with fixed addresses cannot take a later replica."""

    application_security_group_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """Resource ids of application security groups that the endpoint belongs to. Default: none."""

    manual_approval_message: NotRequired[pulumi.Input[str]]
    """Ask the registry's owner for approval with this message, up to 140 characters, instead of approving by your own
    permission. Nothing gets through until the owner approves. Default: approved at once."""


class RegistryPrivateEndpointArgs(TypedDict):
    """Which registry, and where the endpoint stands."""

    registry_id: pulumi.Input[str]
    """Resource id of the Premium registry; it may belong to another stack or subscription."""

    login_server: pulumi.Input[str]
    """The registry's login server, such as contoso.azurecr.io."""

    registry_location: pulumi.Input[str]
    """The registry's home region."""

    replica_regions: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Regions of the registry's replicas. Default: none."""

    resource_group_name: pulumi.Input[str]
    """Resource group of the endpoint, unless its settings name another."""

    subnet_id: pulumi.Input[str]
    """Resource id of the subnet. It needs a free address for the login server and for each region."""

    subnet_prefix: NotRequired[pulumi.Input[str]]
    """The subnet's IPv4 range in CIDR form. With it the number of addresses is checked beforehand.
    Default: unchecked."""

    dns_zone_id: NotRequired[pulumi.Input[str]]
    """Resource id of the private DNS zone privatelink.azurecr.io, of any subscription, in which Azure keeps the
    records. Default: no zone group, for records that are kept by Azure Policy or by hand. Two endpoints of one registry
    in one zone overwrite each other's records."""

    settings: NotRequired[PrivateEndpointSettingsArgs]
    """How the endpoint stands in its subnet. Default: every default."""

    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags of the endpoint. At most 50, name up to 512 and value up to 256 characters.
    Default: none."""


class RegistryPrivateEndpoint(pulumi.ComponentResource):
    """A private endpoint of a registry, for the login server and every data endpoint.

    Children: `{name}-endpoint` (azure-native:network:PrivateEndpoint) and, with a zone, `{name}-zone-group`
    (azure-native:network:PrivateDnsZoneGroup). Creating it beside a replica of the same registry fails in Azure
    (Azure/bicep-registry-modules#4042): give the registry with its replicas in the option `depends_on`, unless they
    exist already.

    The addresses are read from the endpoint's network interface at each preview and update, so those of a replica that
    came later are there too.

    With another registry, subnet or connection, or a new name, it is replaced: the new endpoint is made, the zone group
    moves over to it, and the old one goes last. Of two zone groups in one zone Azure lets either take the records away
    (MicrosoftDocs/azure-docs#58044), so the old one goes just before the new one comes: names are without a private
    address for those seconds.
    """

    private_endpoint_id: pulumi.Output[str]
    """The private endpoint's resource id."""

    network_interface_name: pulumi.Output[str]
    """Name of its network interface, in the endpoint's resource group."""

    private_ips: pulumi.Output[dict[str, str]]
    """Private IPv4 address by host: {"contoso.azurecr.io": "10.20.0.5"}."""

    dns_records: pulumi.Output[dict[str, str]]
    """A records that the private DNS zone needs, name to address:
    {"contoso.privatelink.azurecr.io": "10.20.0.5"}."""

    member_ips: pulumi.Output[dict[str, str]]
    """Private IPv4 address by private link member: {"registry": "10.20.0.5",
    "registry_data_japaneast": "10.20.0.4"}."""

    addresses_needed: pulumi.Output[int]
    """How many addresses of the subnet the endpoint takes: the login server and each region."""

    def __init__(
        self, name: str, args: RegistryPrivateEndpointArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        given = accept(f"RegistryPrivateEndpoint '{name}'", args, RegistryPrivateEndpointArgs, check_endpoint)
        super().__init__("private-registry:index:RegistryPrivateEndpoint", name, {}, opts)
        settings = given.get("settings", {})
        group = settings.get("resource_group_name", given["resource_group_name"])
        home = given["registry_location"]
        replicas = given.get("replica_regions", [])
        waits = dependencies(opts)

        message = settings.get("manual_approval_message")
        endpoint_name = settings.get("endpoint_name") or joined(
            functools.partial(chosen_name, manual=message is not None),
            given["login_server"],
            home,
            mapped(given["registry_id"], place),
            mapped(given["subnet_id"], place),
            settings.get("network_interface_name"),
        )
        interface_name = settings.get("network_interface_name") or mapped(endpoint_name, _interface_name)
        connection = {
            "name": endpoint_name,
            "private_link_service_id": given["registry_id"],
            "group_ids": [names.GROUP_ID],
        }
        connections: dict[str, Any] = (
            {"manual_private_link_service_connections": [{**connection, "request_message": message}]}
            if message is not None
            else {"private_link_service_connections": [connection]}
        )
        endpoint = network.PrivateEndpoint(
            f"{name}-endpoint",
            private_endpoint_name=endpoint_name,
            resource_group_name=group,
            location=mapped(settings.get("location", home), names.normalise_region),
            subnet={"id": given["subnet_id"]},
            custom_network_interface_name=interface_name,
            ip_configurations=_static(settings.get("static_ips"), home, replicas),
            application_security_groups=[{"id": i} for i in settings.get("application_security_group_ids", [])] or None,
            tags=given.get("tags"),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=waits,
                # Azure writes this one itself, and empties it when a zone group is attached: after a refresh it would
                # otherwise show as a change of the caller's.
                ignore_changes=["customDnsConfigs"],
                replace_on_changes=_CONNECTION,
                # azure-native would delete first, and with it the zone group: clients keep the old endpoint longer so.
                delete_before_replace=False,
                hooks=endpoint_hooks(self),
            ),
            **connections,
        )
        if "dns_zone_id" in given:
            network.PrivateDnsZoneGroup(
                f"{name}-zone-group",
                private_dns_zone_group_name="default",
                private_endpoint_name=after(endpoint_name, endpoint),
                resource_group_name=group,
                private_dns_zone_configs=[
                    {
                        "name": mapped(given["login_server"], _zone_config_name),
                        "private_dns_zone_id": given["dns_zone_id"],
                    }
                ],
                opts=pulumi.ResourceOptions(parent=self),
            )

        self.private_endpoint_id = endpoint.id
        self.network_interface_name = after(interface_name, endpoint)
        self.member_ips = _member_addresses(
            group, interface_name, pulumi.InvokeOutputOptions(parent=self, depends_on=[endpoint, *waits])
        )
        records = pulumi.Output.all(given["login_server"], home, replicas).apply(
            lambda found: names.private_dns_records(*found)
        )
        addresses = pulumi.Output.all(records, self.member_ips)
        self.private_ips = addresses.apply(
            lambda found: {record.host: found[1][record.member] for record in found[0] if record.member in found[1]}
        )
        self.dns_records = addresses.apply(
            lambda found: {record.fqdn: found[1][record.member] for record in found[0] if record.member in found[1]}
        )
        self.addresses_needed = pulumi.Output.all(home, replicas).apply(lambda found: names.addresses_needed(*found))
        self.register_outputs(
            {
                "privateEndpointId": self.private_endpoint_id,
                "networkInterfaceName": self.network_interface_name,
                "privateIps": self.private_ips,
                "dnsRecords": self.dns_records,
                "memberIps": self.member_ips,
                "addressesNeeded": self.addresses_needed,
            }
        )


def _member_addresses(
    resource_group_name: pulumi.Input[str],
    network_interface_name: pulumi.Input[str],
    opts: pulumi.InvokeOutputOptions,
) -> pulumi.Output[dict[str, str]]:
    """Private link member → private IP, read from a private endpoint's network interface.

    The interface, not the endpoint: an endpoint's ``customDnsConfigs`` are empty while a zone group is attached to it
    (hashicorp/terraform-provider-azurerm, azurerm_private_endpoint, ``custom_dns_configs``).
    """
    # Not the SDK's get_network_interface_output: it makes a second output of the answer, and when the call fails only
    # that one can be recovered, while the first still ends the program.
    opts.version = opts.version or importlib.metadata.version("pulumi-azure-native")
    found = pulumi.runtime.invoke_output(
        "azure-native:network:getNetworkInterface",
        {"resourceGroupName": resource_group_name, "networkInterfaceName": network_interface_name},
        opts,
    )
    return found.recover(_unreadable).apply(addresses_of)


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


def _interface_name(endpoint_name: str) -> str:
    return f"{endpoint_name}-nic"


def _zone_config_name(login_server: str) -> str:
    return names.split_login_server(login_server)[1].private_link_zone.replace(".", "-")


def _static(static_ips: Mapping[str, Any] | None, home: Any, replicas: Any) -> Any:
    """The endpoint's IP configurations, one for each member, in the members' own order."""
    if not static_ips:
        return None
    return pulumi.Output.all(home, replicas, static_ips).apply(
        lambda found: [
            {
                "name": member,
                "group_id": names.GROUP_ID,
                "member_name": member,
                "private_ip_address": static_address(found[2], member),
            }
            for member in names.private_link_members(found[0], found[1])
        ]
    )
