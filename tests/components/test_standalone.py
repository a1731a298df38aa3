"""The parts of ``PrivateRegistry``, each used by itself."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from private_registry import PremiumRegistry, PrivateDnsZone, RegistryPrivateEndpoint
from private_registry.arguments import InvalidRegistryArgumentsError

from tests.components.graph import UNKNOWN, Graph, azure_id, run

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers"
REGISTRY = f"{GROUP}/Microsoft.ContainerRegistry/registries/contoso"
SUBNET = f"{GROUP}/Microsoft.Network/virtualNetworks/vnet/subnets/endpoints"
VNET = f"{GROUP}/Microsoft.Network/virtualNetworks/vnet"
ZONE = f"{GROUP}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"


def endpoint(opts: pulumi.ResourceOptions | None = None, *, preview: bool = False, **changes: Any) -> Graph:
    def program() -> dict[str, Any]:
        args: Any = {
            "registry_id": REGISTRY,
            "login_server": "contoso.azurecr.io",
            "registry_location": "japaneast",
            "replica_regions": ["japanwest"],
            "resource_group_name": "rg",
            "subnet_id": SUBNET,
            **changes,
        }
        made = RegistryPrivateEndpoint("app", args, opts)
        return {name: getattr(made, name) for name in RegistryPrivateEndpoint.__annotations__}

    return run(program, preview=preview)


def test_registry_alone() -> None:
    def program() -> dict[str, Any]:
        registry = PremiumRegistry(
            "images",
            {
                "registry_name": "contoso",
                "location": "japaneast",
                "resource_group_name": "rg",
                "replicas": {"eastasia": {}},
            },
        )
        return {"regions": registry.regions, "json": registry.endpoints_json}

    graph = run(program)
    assert graph.names == {"images-registry", "images-replica-eastasia"}
    assert graph["images-registry"].inputs["publicNetworkAccess"] == "Disabled"
    assert graph.outputs["regions"] == ["japaneast", "eastasia"]


def test_registry_alone_takes_no_endpoint_for_granted() -> None:
    def program() -> dict[str, Any]:
        args: Any = {
            "registry_name": "contoso",
            "location": "japaneast",
            "resource_group_name": "rg",
            "settings": {"public_network_access_enabled": True, "ip_rules": ["203.0.113.0/28"]},
        }
        PremiumRegistry("images", args)
        return {}

    registry = run(program)["images-registry"].inputs
    assert registry["publicNetworkAccess"] == "Enabled"
    assert registry["networkRuleSet"]["defaultAction"] == "Deny"


def test_endpoint_of_a_registry_elsewhere() -> None:
    graph = endpoint(dns_zone_id=ZONE)
    assert graph.names == {"app-endpoint", "app-zone-group"}
    assert graph["app-endpoint"].inputs["privateEndpointName"] == "contoso-endpoint-cbe124"
    assert graph.outputs["private_ips"] == {
        "contoso.azurecr.io": "10.20.0.4",
        "contoso.japaneast.data.azurecr.io": "10.20.0.5",
        "contoso.japanwest.data.azurecr.io": "10.20.0.6",
    }
    assert graph.outputs["addresses_needed"] == 3
    assert graph.outputs["network_interface_name"] == "contoso-endpoint-cbe124-nic"


@pytest.mark.parametrize(
    ("changes", "another"),
    [
        ({"registry_id": REGISTRY.replace("/rg/", "/rg-other/")}, True),
        ({"registry_location": "eastus"}, True),
        ({"subnet_id": SUBNET.replace("endpoints", "others")}, True),
        ({"settings": {"network_interface_name": "nic-a"}}, True),
        ({"settings": {"manual_approval_message": "please"}}, True),
        ({"subnet_id": SUBNET.replace("resourceGroups", "RESOURCEGROUPS").replace("vnet", "VNet")}, False),
        ({"registry_location": "Japan East"}, False),
        ({"replica_regions": ["japanwest", "eastasia"], "tags": {"owner": "me"}, "dns_zone_id": ZONE}, False),
    ],
)
def test_an_endpoint_has_another_name_where_azure_would_refuse_a_change(changes: dict[str, Any], another: bool) -> None:
    names = {endpoint(**each)["app-endpoint"].inputs["privateEndpointName"] for each in ({}, changes)}
    assert len(names) == 1 + another


def test_a_long_name_of_a_registry_is_cut_in_the_endpoints() -> None:
    made = endpoint(login_server=f"{'r' * 50}.azurecr.io")["app-endpoint"].inputs["privateEndpointName"]
    assert len(made) == 64
    assert made.startswith("r" * 48 + "-endpoint-")


def test_endpoint_without_a_zone_leaves_the_records_to_others() -> None:
    assert endpoint().names == {"app-endpoint"}


def test_endpoint_follows_what_it_is_told_to_wait_for() -> None:
    def program() -> dict[str, Any]:
        registry = PremiumRegistry(
            "images",
            {
                "registry_name": "contoso",
                "location": "japaneast",
                "resource_group_name": "rg",
                "replicas": {"japanwest": {}},
            },
        )
        made = RegistryPrivateEndpoint(
            "app",
            {
                "registry_id": registry.registry_id,
                "login_server": registry.login_server,
                "registry_location": "japaneast",
                "replica_regions": ["japanwest"],
                "resource_group_name": "rg",
                "subnet_id": SUBNET,
            },
            pulumi.ResourceOptions(depends_on=[registry]),
        )
        return {"id": made.private_endpoint_id}

    graph = run(program)
    assert {"images-registry", "images-replica-japanwest"} <= graph["app-endpoint"].depends_on


def test_what_an_endpoint_preview_does_not_know() -> None:
    graph = endpoint(preview=True)
    assert graph.outputs["private_ips"] is None
    assert graph.outputs["network_interface_name"] == "contoso-endpoint-cbe124-nic"


def test_every_problem_of_an_endpoint() -> None:
    with pytest.raises(InvalidRegistryArgumentsError) as error:
        endpoint(
            registry_id=REGISTRY.replace("registries", "things"),
            login_server="contoso.example.com",
            registry_location="japan east",
            replica_regions=["Japan East"],
            subnet_id=VNET,
            subnet_prefix="10.0.0.0/31",
            dns_zone_id=ZONE.replace("io", "cn"),
            settings={"static_ips": {"registry": "10.0.0.1"}},
        )
    assert [p.field for p in error.value.problems] == [
        "registry_id",
        "login_server",
        'replica_regions["Japan East"]',
        "subnet_id",
        "dns_zone_id",
        "subnet_prefix",
        "settings.static_ips",
    ]


def test_regions_from_another_stack_may_be_unknown() -> None:
    def program() -> dict[str, Any]:
        other = pulumi.CustomResource("other:index:Stack", "other", {"regions": None, "home": None})
        made = RegistryPrivateEndpoint(
            "app",
            {
                "registry_id": REGISTRY,
                "login_server": "contoso.azurecr.io",
                "registry_location": pulumi.get(other, "home"),
                "replica_regions": pulumi.get(other, "regions"),
                "resource_group_name": "rg",
                "subnet_id": SUBNET,
                "settings": {"static_ips": {"registry": "10.0.0.4", "japaneast": "10.0.0.5"}},
            },
        )
        return {"needed": made.addresses_needed}

    graph = run(program, preview=True)
    assert graph["app-endpoint"].inputs["location"] == UNKNOWN
    assert graph.outputs["needed"] is None


def test_zone_with_links() -> None:
    def program() -> dict[str, Any]:
        zone = PrivateDnsZone(
            "dns",
            {
                "resource_group_name": "rg",
                "cloud": "china",
                "virtual_network_links": {"hub": {"virtual_network_id": VNET}},
            },
        )
        return {"name": zone.zone_name, "links": zone.link_ids}

    graph = run(program)
    assert graph.names == {"dns-zone", "dns-link-hub"}
    assert graph.outputs == {
        "name": "privatelink.azurecr.cn",
        "links": {"hub": azure_id("VirtualNetworkLink", "dns-link-hub")},
    }
    link = graph["dns-link-hub"].inputs
    assert link["registrationEnabled"] is False
    assert link["resolutionPolicy"] == "Default"
    assert link["virtualNetwork"] == {"id": VNET}


def test_every_problem_of_a_zone() -> None:
    def program() -> None:
        args: Any = {
            "resource_group_name": "rg/",
            "cloud": "publik",
            "virtual_network_links": {"hub": {}, "spoke": {"virtual_network_id": "spoke"}},
        }
        with pytest.raises(InvalidRegistryArgumentsError) as error:
            PrivateDnsZone("dns", args)
        assert [p.field for p in error.value.problems] == [
            'virtual_network_links["hub"].virtual_network_id',
            "cloud",
            "resource_group_name",
            'virtual_network_links["spoke"].virtual_network_id',
        ]

    assert run(program).resources == []
