"""The whole: a registry with everything that makes it private."""

import functools
from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, cast

import pulumi
from pulumi_azure_native import network, resources
from registry_model.azure import ids, names, regions

from ..arguments import accept, checked
from ..outputs import after, dependencies, joined, mapped
from .checks.private_registry import check_private_registry
from .choices import CloudName, DnsMode, Profile
from .premium_registry import PremiumRegistry, PremiumRegistryArgs, RegistrySettingsArgs, ReplicaArgs
from .private_dns_zone import PrivateDnsZone, PrivateDnsZoneArgs, VirtualNetworkLinkArgs
from .registry_private_endpoint import PrivateEndpointSettingsArgs, RegistryPrivateEndpoint, RegistryPrivateEndpointArgs
from .settings import CREATE, PRIVATE, endpoint_name, is_public, place


class NetworkArgs(TypedDict):
    """Where the private endpoint stands: a subnet that exists (`subnet_id`), or a network to create
    (`virtual_network_prefix` and `subnet_prefix`)."""

    subnet_id: NotRequired[pulumi.Input[str]]
    """Resource id of a subnet that exists. Default: a network is created."""

    subnet_prefix: NotRequired[pulumi.Input[str]]
    """The subnet's IPv4 range in CIDR form, such as 10.20.0.0/27. Required when the subnet is created; of one that
    exists it lets the number of addresses be checked beforehand. Default: unchecked."""

    virtual_network_prefix: NotRequired[pulumi.Input[str]]
    """IPv4 range of the network to create, in CIDR form, such as 10.20.0.0/24. Default: none is created."""

    virtual_network_name: NotRequired[pulumi.Input[str]]
    """Name of the network to create. Default: <registry>-vnet."""

    subnet_name: NotRequired[pulumi.Input[str]]
    """Name of the subnet to create. Default: private-endpoints."""


class DnsArgs(TypedDict):
    """Who keeps the records that lead clients to the private endpoint."""

    mode: NotRequired[DnsMode]
    """"create": a zone with network links, here. "existing": a zone that exists, of any subscription. "azure-policy":
    Azure Policy attaches the zone group, which is not touched. "manual": nobody; the output `dns_records` says what to
    write. Default: "create"."""

    zone_id: NotRequired[pulumi.Input[str]]
    """Resource id of the existing zone, which must be named privatelink.azurecr.io (or its name in another cloud).
    Required with the mode "existing", and not used otherwise. Default: none."""

    link_endpoint_network: NotRequired[bool]
    """Link the endpoint's own network to the created zone. Default: true."""

    virtual_network_links: NotRequired[Mapping[str, VirtualNetworkLinkArgs]]
    """More networks that ask the created zone, by a name of your choice for each. Default: none."""


class PrivateRegistryArgs(TypedDict):
    """A private registry: the registry, and how clients reach it."""

    registry_name: pulumi.Input[str]
    """The registry's name, 5 to 50 letters and digits, unique in all of Azure. It is the first word of every host."""

    location: str
    """The home region, such as "japaneast" or "Japan East"."""

    resource_group_name: pulumi.Input[str]
    """Name of the resource group."""

    create_resource_group: NotRequired[bool]
    """Create the resource group. Default: false, it exists."""

    profile: NotRequired[Profile]
    """"private": a private endpoint, public access off. "no-private-link": for clients that no network connects, public
    access for the IP rules' clients only, with dedicated data endpoints. Default: "private"."""

    replicas: NotRequired[Mapping[str, ReplicaArgs]]
    """Replicas by region, such as {"japanwest": {}}. Default: none. Adding, removing or reordering replicas touches no
    other. Each takes an address of the endpoint's subnet and adds a host that clients' firewalls must allow."""

    settings: NotRequired[RegistrySettingsArgs]
    """How the registry behaves. Default: every secure default."""

    network: NotRequired[NetworkArgs]
    """Where the private endpoint stands. Default: none, which only the profile "no-private-link" accepts."""

    private_endpoint: NotRequired[PrivateEndpointSettingsArgs]
    """How the private endpoint stands there. Default: every default."""

    dns: NotRequired[DnsArgs]
    """Who keeps the DNS records. Default: a zone is created and the endpoint's network linked to it."""

    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags of every resource that has tags. At most 50, name up to 512 and value up to 256 characters.
    Default: none."""

    protect: NotRequired[bool]
    """Refuse to delete or replace the registry, and a resource group created for it, through Pulumi. Say false only for
    registries that are made to be thrown away; to delete another, set false, update, then delete. Default: true."""

    retain_on_delete: NotRequired[bool]
    """Leave the registry with its images, and a resource group created for it, in Azure when Pulumi deletes them.
    Default: false."""


class PrivateRegistry(pulumi.ComponentResource):
    """A container registry that only your clients can reach: registry, replicas, private endpoint and DNS, in networks
    and resource groups that exist or are created.

    Children: `{name}-resource-group`, `{name}-virtual-network` and `{name}-subnet` where they are created, and the
    components PremiumRegistry, PrivateDnsZone and RegistryPrivateEndpoint, each named `{name}`. Wrong arguments raise
    one error that lists every problem before anything is registered.
    """

    registry_id: pulumi.Output[str]
    """The registry's resource id."""

    registry_name: pulumi.Output[str]
    """The registry's name."""

    resource_group_name: pulumi.Output[str]
    """Name of the resource group."""

    login_server: pulumi.Output[str]
    """Host for sign-in, manifests and all pushes, such as contoso.azurecr.io."""

    data_endpoints: pulumi.Output[dict[str, str]]
    """Hosts that serve layers, by region: {"japaneast": "contoso.japaneast.data.azurecr.io"}."""

    endpoints_json: pulumi.Output[str]
    """Login server and data endpoints as JSON, in the shape that `az acr show-endpoints` prints."""

    allow_list: pulumi.Output[list[str]]
    """What client firewalls must allow for pushes and pulls: every host with its port (contoso.azurecr.io:443)."""

    sign_in_hosts: pulumi.Output[list[str]]
    """Hosts beside the registry's that a client needs to sign in, on port 443: Entra, and Azure Resource Manager for
    `az acr login` by name."""

    regions: pulumi.Output[list[str]]
    """The home region, then the replicas' regions, normalised."""

    private_ips: pulumi.Output[dict[str, str]]
    """Private IPv4 address by host: {"contoso.azurecr.io": "10.20.0.5"}. Empty without a private endpoint."""

    dns_records: pulumi.Output[dict[str, str]]
    """A records that the private DNS zone needs, name to address:
    {"contoso.privatelink.azurecr.io": "10.20.0.5"}. Empty without a private endpoint."""

    member_ips: pulumi.Output[dict[str, str]]
    """Private IPv4 address by private link member: {"registry": "10.20.0.5", "registry_data_japaneast": "10.20.0.4"}.
    Empty without a private endpoint."""

    addresses_needed: pulumi.Output[int]
    """How many addresses of the subnet the endpoint takes: the login server and each region. 0 without a private
    endpoint."""

    private_endpoint_id: pulumi.Output[str]
    """The private endpoint's resource id. Empty without one."""

    subnet_id: pulumi.Output[str]
    """Resource id of the endpoint's subnet. Empty without a private endpoint."""

    virtual_network_id: pulumi.Output[str]
    """Resource id of the endpoint's network. Empty without a private endpoint."""

    dns_zone_id: pulumi.Output[str]
    """Resource id of the private DNS zone that is created or given. Empty in the other modes."""

    def __init__(self, name: str, args: PrivateRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        given = accept(f"PrivateRegistry '{name}'", args, PrivateRegistryArgs, check_private_registry)
        super().__init__("private-registry:index:PrivateRegistry", name, {}, opts)
        with checked():
            self._declare(name, given, dependencies(opts))

    def _declare(self, name: str, given: dict[str, Any], waits: list[Any]) -> None:
        profile = given.get("profile", PRIVATE)
        settings: Any = given.get("settings", {})
        tags = given.get("tags")
        keep = {
            "protect": given.get("protect", True) or None,
            "retain_on_delete": given.get("retain_on_delete") or None,
        }
        group = given["resource_group_name"]
        if given.get("create_resource_group"):
            created = resources.ResourceGroup(
                f"{name}-resource-group",
                resource_group_name=group,
                location=names.normalise_region(given["location"]),
                tags=tags,
                opts=pulumi.ResourceOptions(parent=self, depends_on=waits, **keep),
            )
            group = after(group, created)

        registry_args: PremiumRegistryArgs = {
            "registry_name": given["registry_name"],
            "location": given["location"],
            "resource_group_name": group,
            "replicas": given.get("replicas", {}),
            "settings": settings | {"public_network_access_enabled": is_public(settings, profile)},
            "protect": given.get("protect", True),
            "retain_on_delete": given.get("retain_on_delete", False),
        }
        if tags is not None:
            registry_args["tags"] = tags
        registry = PremiumRegistry(name, registry_args, pulumi.ResourceOptions(parent=self, depends_on=waits))
        self.registry_id = registry.registry_id
        self.registry_name = registry.registry_name
        self.resource_group_name = pulumi.Output.from_input(group)
        self.login_server = registry.login_server
        self.data_endpoints = registry.data_endpoints
        self.endpoints_json = registry.endpoints_json
        self.allow_list = registry.allow_list
        self.sign_in_hosts = registry.sign_in_hosts
        self.regions = registry.regions

        if profile == PRIVATE:
            self._connect(name, given, group, registry, waits)
        else:
            self.private_ips = self.dns_records = self.member_ips = pulumi.Output.from_input({})
            self.addresses_needed = pulumi.Output.from_input(0)
            nothing = pulumi.Output.from_input("")
            self.private_endpoint_id = self.subnet_id = self.virtual_network_id = self.dns_zone_id = nothing
        self.register_outputs(
            {
                "registryId": self.registry_id,
                "registryName": self.registry_name,
                "resourceGroupName": self.resource_group_name,
                "loginServer": self.login_server,
                "dataEndpoints": self.data_endpoints,
                "endpointsJson": self.endpoints_json,
                "allowList": self.allow_list,
                "signInHosts": self.sign_in_hosts,
                "regions": self.regions,
                "privateIps": self.private_ips,
                "dnsRecords": self.dns_records,
                "memberIps": self.member_ips,
                "addressesNeeded": self.addresses_needed,
                "privateEndpointId": self.private_endpoint_id,
                "subnetId": self.subnet_id,
                "virtualNetworkId": self.virtual_network_id,
                "dnsZoneId": self.dns_zone_id,
            }
        )

    def _connect(
        self, name: str, given: dict[str, Any], group: pulumi.Input[str], registry: PremiumRegistry, waits: list[Any]
    ) -> None:
        where = given["network"]
        dns = given.get("dns", {})
        tags = given.get("tags")
        if "subnet_id" in where:
            subnet_id = where["subnet_id"]
            network_id = mapped(subnet_id, ids.network_of_subnet)
            stands = mapped(subnet_id, place)
        else:
            subnet_id, network_id, stands = self._network(name, given, group, waits)

        mode = dns.get("mode", CREATE)
        zone_id = dns.get("zone_id")
        if mode == CREATE:
            links = dict(dns.get("virtual_network_links", {}))
            if dns.get("link_endpoint_network", True):
                links["endpoint"] = {"virtual_network_id": network_id}
            zone_args: PrivateDnsZoneArgs = {
                "resource_group_name": group,
                "cloud": cast(CloudName, regions.cloud_of(given["location"]).name),
                "virtual_network_links": links,
            }
            if tags is not None:
                zone_args["tags"] = tags
            zone_id = PrivateDnsZone(name, zone_args, pulumi.ResourceOptions(parent=self, depends_on=waits)).zone_id

        endpoint_args: RegistryPrivateEndpointArgs = {
            "registry_id": registry.registry_id,
            "login_server": registry.login_server,
            "registry_location": given["location"],
            "replica_regions": list(registry.replicas),
            "resource_group_name": group,
            "subnet_id": subnet_id,
            "settings": _named(given, group, registry, stands),
        }
        if zone_id is not None:
            endpoint_args["dns_zone_id"] = zone_id
        if tags is not None:
            endpoint_args["tags"] = tags
        endpoint = RegistryPrivateEndpoint(
            name,
            endpoint_args,
            pulumi.ResourceOptions(parent=self, depends_on=[*waits, *registry.replicas.values()]),
        )
        self.private_ips = endpoint.private_ips
        self.dns_records = endpoint.dns_records
        self.member_ips = endpoint.member_ips
        self.addresses_needed = endpoint.addresses_needed
        self.private_endpoint_id = endpoint.private_endpoint_id
        self.subnet_id = pulumi.Output.from_input(subnet_id)
        self.virtual_network_id = pulumi.Output.from_input(network_id)
        self.dns_zone_id = pulumi.Output.from_input("" if zone_id is None else zone_id)

    def _network(
        self, name: str, given: dict[str, Any], group: pulumi.Input[str], waits: list[Any]
    ) -> tuple[pulumi.Output[str], pulumi.Output[str], Any]:
        where = given["network"]
        network_name = where.get("virtual_network_name") or mapped(given["registry_name"], lambda n: f"{n}-vnet")
        subnet_name = where.get("subnet_name", "private-endpoints")
        vnet = network.VirtualNetwork(
            f"{name}-virtual-network",
            virtual_network_name=network_name,
            resource_group_name=group,
            location=names.normalise_region(given["location"]),
            address_space={"address_prefixes": [where["virtual_network_prefix"]]},
            tags=given.get("tags"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=waits),
        )
        subnet = network.Subnet(
            f"{name}-subnet",
            subnet_name=subnet_name,
            virtual_network_name=after(network_name, vnet),
            resource_group_name=group,
            address_prefix=where["subnet_prefix"],
            # Nothing in it calls out: an endpoint only answers.
            default_outbound_access=False,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return subnet.id, vnet.id, joined(_path, group, network_name, subnet_name)


def _named(
    given: dict[str, Any], group: pulumi.Input[str], registry: PremiumRegistry, subnet: Any
) -> PrivateEndpointSettingsArgs:
    """The endpoint's settings with a name, which is foreseen here while a preview knows neither registry nor subnet."""
    settings: PrivateEndpointSettingsArgs = given.get("private_endpoint", {})
    if settings.get("endpoint_name"):
        return settings
    manual = settings.get("manual_approval_message") is not None
    name = joined(
        functools.partial(endpoint_name, manual=manual),
        registry.login_server,
        given["location"],
        joined(_path, group, given["registry_name"]),
        subnet,
        settings.get("network_interface_name"),
    )
    return {**settings, "endpoint_name": name}


def _path(*parts: str) -> str:
    return "/".join(parts)
