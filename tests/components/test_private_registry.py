"""``PrivateRegistry`` as a whole graph, at preview and in a deployment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
import pytest
from private_registry import PrivateRegistry, PrivateRegistryArgs
from private_registry.arguments import InvalidRegistryArgumentsError

from tests.components.graph import MEMBERS, UNKNOWN, Graph, azure_id, run

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-net/providers"
SUBNET = f"{GROUP}/Microsoft.Network/virtualNetworks/vnet-hub/subnets/endpoints"
ZONE = f"{GROUP}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"

CREATED: PrivateRegistryArgs = {
    "registry_name": "Contoso",
    "location": "Japan East",
    "resource_group_name": "rg-contoso",
    "create_resource_group": True,
    "replicas": {"Japan West": {}},
    "network": {"virtual_network_prefix": "10.20.0.0/24", "subnet_prefix": "10.20.0.0/27"},
    "tags": {"owner": "platform"},
}
GIVEN: PrivateRegistryArgs = {
    "registry_name": "contoso",
    "location": "japaneast",
    "resource_group_name": "rg-contoso",
    "network": {"subnet_id": SUBNET},
    "dns": {"mode": "existing", "zone_id": ZONE},
}
PUBLIC: PrivateRegistryArgs = {
    "registry_name": "contoso",
    "location": "japaneast",
    "resource_group_name": "rg-contoso",
    "profile": "no-private-link",
    "settings": {"ip_rules": ["198.51.100.7", "203.0.113.0/28"]},
}
OUTPUTS = list(PrivateRegistry.__annotations__)


def declare(
    args: Any,
    *,
    preview: bool = False,
    opts: pulumi.ResourceOptions | None = None,
    members: dict[str, str] = MEMBERS,
    new: frozenset[str] | None = None,
    label: str = "",
) -> Graph:
    def program() -> dict[str, Any]:
        registry = PrivateRegistry("main", args, opts)
        return {name: getattr(registry, name) for name in OUTPUTS}

    return run(program, preview=preview, members=members, new=new, label=label)


@pytest.fixture(params=[False, True], ids=["update", "preview"])
def preview(request: pytest.FixtureRequest) -> bool:
    return request.param


def test_everything_created(preview: bool) -> None:
    graph = declare(CREATED, preview=preview)
    assert graph.names == {
        "main-resource-group",
        "main-virtual-network",
        "main-subnet",
        "main-registry",
        "main-replica-japanwest",
        "main-zone",
        "main-link-endpoint",
        "main-endpoint",
        "main-zone-group",
    }
    assert {r.version for r in graph.resources if r.custom} == {"3.29.0"}
    registry = graph["main-registry"].inputs
    assert registry == {
        "registryName": "Contoso",
        "resourceGroupName": "rg-contoso",
        "location": "japaneast",
        "sku": {"name": "Premium"},
        "tags": {"owner": "platform"},
        "adminUserEnabled": False,
        "anonymousPullEnabled": False,
        "dataEndpointEnabled": True,
        "publicNetworkAccess": "Disabled",
        "networkRuleBypassOptions": "None",
        "networkRuleSet": {"defaultAction": "Deny", "ipRules": []},
        "zoneRedundancy": "Disabled",
        "policies": {
            "exportPolicy": {"status": "disabled"},
            "azureADAuthenticationAsArmPolicy": {"status": "disabled"},
            "quarantinePolicy": {"status": "disabled"},
        },
    }
    endpoint = graph["main-endpoint"].inputs
    assert endpoint["subnet"] == {"id": UNKNOWN if preview else azure_id("Subnet", "main-subnet")}
    assert endpoint["privateLinkServiceConnections"] == [
        {
            "name": "contoso-endpoint-5c1c75",
            "privateLinkServiceId": UNKNOWN if preview else azure_id("Registry", "main-registry"),
            "groupIds": ["registry"],
        }
    ]
    assert endpoint["customNetworkInterfaceName"] == "contoso-endpoint-5c1c75-nic"
    assert graph["main-link-endpoint"].inputs["virtualNetwork"] == {
        "id": UNKNOWN if preview else azure_id("VirtualNetwork", "main-virtual-network")
    }
    assert graph["main-subnet"].inputs["addressPrefix"] == "10.20.0.0/27"


def test_order_of_creation() -> None:
    graph = declare(CREATED)
    assert {"main-registry", "main-replica-japanwest"} <= graph["main-endpoint"].depends_on
    assert "main-zone" not in graph["main-endpoint"].depends_on, "an endpoint need not wait for the zone"
    assert {"main-zone", "main-endpoint"} <= graph["main-zone-group"].depends_on
    assert graph["main-registry"].depends_on == {"main-resource-group"}
    assert graph["main-replica-japanwest"].depends_on == {"main-registry", "main-resource-group"}


def test_parents_and_urns() -> None:
    graph = declare(CREATED)
    parents = {(r.type.split(":")[-1], r.name): r.parent for r in graph.resources}
    assert all(parent == "main" for key, parent in parents.items() if key != ("PrivateRegistry", "main"))


def test_what_a_preview_knows() -> None:
    outputs = declare(CREATED, preview=True).outputs
    assert outputs["login_server"] == "contoso.azurecr.io"
    assert outputs["data_endpoints"] == {
        "japaneast": "contoso.japaneast.data.azurecr.io",
        "japanwest": "contoso.japanwest.data.azurecr.io",
    }
    assert outputs["allow_list"] == [
        "contoso.azurecr.io:443",
        "contoso.japaneast.data.azurecr.io:443",
        "contoso.japanwest.data.azurecr.io:443",
    ]
    assert outputs["addresses_needed"] == 3
    assert outputs["resource_group_name"] == "rg-contoso"
    unknown = {name for name, value in outputs.items() if value is None}
    assert unknown == {
        "private_ips",
        "dns_records",
        "member_ips",
        "registry_id",
        "private_endpoint_id",
        "subnet_id",
        "virtual_network_id",
        "dns_zone_id",
    }


def test_what_a_deployment_knows() -> None:
    graph = declare(CREATED)
    assert graph.outputs["private_ips"] == {
        "contoso.azurecr.io": "10.20.0.4",
        "contoso.japaneast.data.azurecr.io": "10.20.0.5",
        "contoso.japanwest.data.azurecr.io": "10.20.0.6",
    }
    assert graph.outputs["dns_records"] == {
        "contoso.privatelink.azurecr.io": "10.20.0.4",
        "contoso.japaneast.data.privatelink.azurecr.io": "10.20.0.5",
        "contoso.japanwest.data.privatelink.azurecr.io": "10.20.0.6",
    }
    assert graph.outputs["endpoints_json"] == (
        '{"loginServer": "contoso.azurecr.io", "dataEndpoints": ['
        '{"region": "japaneast", "endpoint": "contoso.japaneast.data.azurecr.io"}, '
        '{"region": "japanwest", "endpoint": "contoso.japanwest.data.azurecr.io"}]}'
    )
    assert graph.outputs["sign_in_hosts"] == ["login.microsoftonline.com", "management.azure.com"]
    assert graph.outputs["virtual_network_id"] == azure_id("VirtualNetwork", "main-virtual-network")
    assert graph.outputs["dns_zone_id"] == azure_id("PrivateZone", "main-zone")


def test_a_preview_without_changes_knows_everything() -> None:
    outputs = declare(CREATED, preview=True, new=frozenset()).outputs
    assert [name for name, value in outputs.items() if value is None] == []


def test_addresses_are_unknown_at_preview_only_while_a_replica_is_added() -> None:
    graph = declare(CREATED, preview=True, new=frozenset({"main-replica-japanwest"}))
    unknown = {name for name, value in graph.outputs.items() if value is None}
    assert unknown == {"private_ips", "dns_records", "member_ips"}
    assert graph["main-endpoint"].inputs["subnet"] == {"id": azure_id("Subnet", "main-subnet")}


def test_an_interface_that_is_gone_leaves_a_preview_with_unknown_addresses() -> None:
    graph = declare(CREATED, preview=True, new=frozenset(), members={})
    assert {name for name, value in graph.outputs.items() if value is None} == {
        "private_ips",
        "dns_records",
        "member_ips",
    }


def test_an_interface_that_is_gone_ends_an_update_with_advice() -> None:
    with pytest.raises(pulumi.RunError, match=r"could not be read: .*404 Not Found.*run `pulumi refresh`"):
        declare(CREATED, members={})


def test_every_name_follows_the_login_server_that_azure_gave() -> None:
    outputs = declare(CREATED, label="-a1b2c3").outputs
    assert outputs["login_server"] == "contoso-a1b2c3.azurecr.io"
    assert outputs["data_endpoints"]["japanwest"] == "contoso-a1b2c3.japanwest.data.azurecr.io"
    assert outputs["dns_records"]["contoso-a1b2c3.privatelink.azurecr.io"] == "10.20.0.4"
    assert outputs["allow_list"][0] == "contoso-a1b2c3.azurecr.io:443"


def test_an_address_of_a_removed_replica_is_not_shown() -> None:
    without: PrivateRegistryArgs = {**CREATED, "replicas": {}}
    graph = declare(without)
    assert set(graph.outputs["private_ips"]) == {"contoso.azurecr.io", "contoso.japaneast.data.azurecr.io"}
    assert set(graph.outputs["dns_records"]) == {
        "contoso.privatelink.azurecr.io",
        "contoso.japaneast.data.privatelink.azurecr.io",
    }


def test_the_order_of_replicas_means_nothing() -> None:
    regions = ["japanwest", "eastasia", "westeurope"]
    one = declare({**CREATED, "replicas": {region: {} for region in regions}})
    other = declare({**CREATED, "replicas": {region: {} for region in reversed(regions)}})

    def shown(graph: Graph) -> list[tuple[str, Any]]:
        return sorted(((r.name, r.inputs) for r in graph.resources if r.custom), key=lambda r: r[0])

    assert shown(one) == shown(other)


def test_another_replica_changes_no_other_resource() -> None:
    before = declare(CREATED)
    after = declare({**CREATED, "replicas": {"eastasia": {}, **CREATED["replicas"]}})  # pyright: ignore
    assert after.names - before.names == {"main-replica-eastasia"}
    assert {r.name: r.inputs for r in before.resources if r.custom} == {
        r.name: r.inputs for r in after.resources if r.custom and r.name != "main-replica-eastasia"
    }


def test_everything_given(preview: bool) -> None:
    graph = declare(GIVEN, preview=preview)
    assert graph.names == {"main-registry", "main-endpoint", "main-zone-group"}
    assert graph["main-endpoint"].inputs["subnet"] == {"id": SUBNET}
    assert graph["main-zone-group"].inputs["privateDnsZoneConfigs"] == [
        {"name": "privatelink-azurecr-io", "privateDnsZoneId": ZONE}
    ]
    assert graph.outputs["dns_zone_id"] == ZONE
    assert graph.outputs["virtual_network_id"] == SUBNET.removesuffix("/subnets/endpoints")


@pytest.mark.parametrize("mode", ["azure-policy", "manual"])
def test_no_zone_group_where_others_keep_the_records(mode: str) -> None:
    graph = declare({**GIVEN, "dns": {"mode": mode}})
    assert graph.names == {"main-registry", "main-endpoint"}
    assert graph.outputs["dns_records"]["contoso.privatelink.azurecr.io"] == "10.20.0.4"
    assert graph.outputs["dns_zone_id"] == ""


def test_no_private_link(preview: bool) -> None:
    graph = declare(PUBLIC, preview=preview)
    assert graph.names == {"main-registry"}
    assert graph.calls == []
    registry = graph["main-registry"].inputs
    assert registry["publicNetworkAccess"] == "Enabled"
    assert registry["dataEndpointEnabled"] is True
    assert registry["networkRuleSet"] == {
        "defaultAction": "Deny",
        "ipRules": [
            {"action": "Allow", "iPAddressOrRange": "198.51.100.7"},
            {"action": "Allow", "iPAddressOrRange": "203.0.113.0/28"},
        ],
    }
    assert registry["policies"]["exportPolicy"] == {"status": "enabled"}, "Azure refuses 'disabled' with public access"
    assert graph.outputs["private_ips"] == {}
    assert graph.outputs["addresses_needed"] == 0
    assert graph.outputs["allow_list"] == ["contoso.azurecr.io:443", "contoso.japaneast.data.azurecr.io:443"]


def test_another_cloud_has_its_own_names() -> None:
    graph = declare({**CREATED, "location": "usgovvirginia", "replicas": {"usgovarizona": {}}})
    assert graph["main-zone"].inputs["privateZoneName"] == "privatelink.azurecr.us"
    assert graph["main-zone-group"].inputs["privateDnsZoneConfigs"][0]["name"] == "privatelink-azurecr-us"
    assert graph["main-replica-usgovarizona"].inputs["zoneRedundancy"] == "Disabled"
    assert graph.outputs["sign_in_hosts"] == ["login.microsoftonline.us", "management.usgovcloudapi.net"]


def test_protection_of_what_cannot_be_made_again() -> None:
    graph = declare({**CREATED, "retain_on_delete": True})
    kept = {r.name for r in graph.resources if r.custom and r.protect and r.retain_on_delete}
    # A group that goes takes the registry with it, whatever was said of the registry.
    assert kept == {"main-registry", "main-resource-group"}
    assert [r.name for r in graph.resources if r.protect and r.name not in kept] == []
    assert not [r.name for r in declare({**CREATED, "protect": False}).resources if r.protect]


def test_zone_redundancy_that_was_not_asked_for_stays_as_it_was_deployed() -> None:
    graph = declare({**CREATED, "replicas": {"japanwest": {}, "westus": {}}})
    for name in ("main-registry", "main-replica-japanwest", "main-replica-westus"):
        assert graph[name].ignore_changes == ("zoneRedundancy",)
        assert graph[name].inputs["zoneRedundancy"] == "Disabled", "what the SDK's class sends of itself"
    asked = declare(
        {**CREATED, "replicas": {"japanwest": {"zone_redundancy": False}}, "settings": {"zone_redundancy": True}}
    )
    assert (asked["main-registry"].ignore_changes, asked["main-registry"].inputs["zoneRedundancy"]) == ((), "Enabled")
    replica = asked["main-replica-japanwest"]
    assert (replica.ignore_changes, replica.inputs["zoneRedundancy"]) == ((), "Disabled")


def test_the_callers_options_reach_the_children() -> None:
    graph = declare(CREATED, opts=pulumi.ResourceOptions(protect=True))
    assert all(r.protect for r in graph.resources)


def test_the_callers_dependencies_reach_the_children() -> None:
    def program() -> dict[str, Any]:
        other = pulumi.CustomResource("other:index:Thing", "first", {})
        registry = PrivateRegistry("main", CREATED, pulumi.ResourceOptions(depends_on=[other]))
        return {"id": registry.registry_id}

    graph = run(program)
    for name in ("main-resource-group", "main-virtual-network", "main-registry", "main-zone", "main-endpoint"):
        assert "first" in graph[name].depends_on, name


def test_the_callers_provider_reaches_the_children() -> None:
    def program() -> dict[str, Any]:
        provider = pulumi.ProviderResource("azure-native", "hub", {})
        registry = PrivateRegistry("main", CREATED, pulumi.ResourceOptions(provider=provider))
        return {"ips": registry.private_ips}

    graph = run(program)
    children = [r for r in graph.resources if r.type.startswith("azure-native:")]
    assert len(children) == 9
    assert all("::hub::" in r.provider for r in children)
    assert "::hub::" in graph.calls[0].provider


def test_every_setting_reaches_azure() -> None:
    identity = f"{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/id-registry"
    client = "11111111-2222-3333-4444-555555555555"
    graph = declare(
        {
            **CREATED,
            "replicas": {
                "japanwest": {
                    "zone_redundancy": False,
                    "global_routing_enabled": False,
                    "tags": {"use": "maintenance"},
                }
            },
            "settings": {
                "public_network_access_enabled": True,
                "ip_rules": ["203.0.0.0/16"],
                "allow_wide_ip_rules": True,
                "trusted_services_bypass": True,
                "data_endpoint_enabled": False,
                "admin_user_enabled": True,
                "anonymous_pull_enabled": True,
                "retention_days": 30,
                "quarantine_enabled": True,
                "arm_audience_tokens_enabled": True,
                "zone_redundancy": False,
                "system_assigned_identity": True,
                "user_assigned_identity_ids": [identity],
                "customer_managed_key": {
                    "key_id": "https://kv-contoso.vault.azure.net/keys/registry",
                    "identity_client_id": client,
                },
            },
            "private_endpoint": {
                "endpoint_name": "pe-1",
                "network_interface_name": "nic-1",
                "location": "Japan West",
                "resource_group_name": "rg-endpoints",
                "static_ips": {"registry": "10.20.0.10", "Japan East": "10.20.0.11", "japanwest": "10.20.0.12"},
                "application_security_group_ids": [f"{GROUP}/Microsoft.Network/applicationSecurityGroups/asg"],
                "manual_approval_message": "for the build agents",
            },
            "dns": {
                "virtual_network_links": {
                    "spoke": {
                        "virtual_network_id": f"{GROUP}/Microsoft.Network/virtualNetworks/spoke",
                        "fallback_to_internet": True,
                    }
                }
            },
        }
    )
    registry = graph["main-registry"].inputs
    assert registry["publicNetworkAccess"] == "Enabled"
    assert registry["networkRuleBypassOptions"] == "AzureServices"
    assert registry["dataEndpointEnabled"] is False
    assert registry["adminUserEnabled"] is True
    assert registry["anonymousPullEnabled"] is True
    assert registry["zoneRedundancy"] == "Disabled"
    assert registry["identity"] == {
        "type": "SystemAssigned, UserAssigned",
        "userAssignedIdentities": {identity: {}},
    }
    assert registry["encryption"] == {
        "status": "enabled",
        "keyVaultProperties": {
            "identity": client,
            "keyIdentifier": "https://kv-contoso.vault.azure.net/keys/registry",
        },
    }
    assert registry["policies"] == {
        "exportPolicy": {"status": "enabled"},
        "azureADAuthenticationAsArmPolicy": {"status": "enabled"},
        "quarantinePolicy": {"status": "enabled"},
        "retentionPolicy": {"status": "enabled", "days": 30},
    }
    replica = graph["main-replica-japanwest"].inputs
    assert replica["zoneRedundancy"] == "Disabled"
    assert replica["regionEndpointEnabled"] is False
    assert replica["tags"] == {"owner": "platform", "use": "maintenance"}
    endpoint = graph["main-endpoint"].inputs
    assert endpoint["privateEndpointName"] == "pe-1"
    assert endpoint["customNetworkInterfaceName"] == "nic-1"
    assert endpoint["location"] == "japanwest"
    assert endpoint["resourceGroupName"] == "rg-endpoints"
    assert endpoint["ipConfigurations"] == [
        {"name": m, "groupId": "registry", "memberName": m, "privateIPAddress": ip}
        for m, ip in (
            ("registry", "10.20.0.10"),
            ("registry_data_japaneast", "10.20.0.11"),
            ("registry_data_japanwest", "10.20.0.12"),
        )
    ]
    assert endpoint["applicationSecurityGroups"] == [{"id": f"{GROUP}/Microsoft.Network/applicationSecurityGroups/asg"}]
    assert "privateLinkServiceConnections" not in endpoint
    manual = endpoint["manualPrivateLinkServiceConnections"][0]
    assert manual["requestMessage"] == "for the build agents"
    assert manual["privateLinkServiceId"] == azure_id("Registry", "main-registry")
    assert graph["main-link-spoke"].inputs["resolutionPolicy"] == "NxDomainRedirect"


def test_soft_delete() -> None:
    graph = declare({**CREATED, "replicas": {}, "settings": {"soft_delete_days": 14}})
    assert graph["main-registry"].inputs["policies"]["softDeletePolicy"] == {"status": "enabled", "retentionDays": 14}


def test_nothing_is_registered_when_something_is_wrong() -> None:
    registered: list[str] = []

    def program() -> None:
        with pytest.raises(InvalidRegistryArgumentsError) as error:
            PrivateRegistry("main", {**CREATED, "registry_name": "no-good", "replicas": {"japaneast": {}}})
        registered.append(str(error.value))

    graph = run(program)
    assert graph.resources == []
    assert "2 problems" in registered[0]


def test_outputs_as_arguments(preview: bool) -> None:
    def program() -> dict[str, Any]:
        vnet = pulumi.CustomResource("other:index:Network", "net", {})
        known = pulumi.Output.from_input("contoso")
        registry = PrivateRegistry(
            "main",
            {
                "registry_name": known,
                "location": "japaneast",
                "resource_group_name": "rg-contoso",
                "network": {"subnet_id": vnet.id.apply(lambda _: SUBNET)},
                "dns": {"mode": "existing", "zone_id": ZONE},
            },
        )
        return {"server": registry.login_server, "vnet": registry.virtual_network_id}

    graph = run(program, preview=preview)
    assert graph["main-registry"].inputs["registryName"] == "contoso", "what is known stays known at preview"
    assert graph["main-endpoint"].inputs["subnet"] == {"id": UNKNOWN if preview else SUBNET}
    assert graph.outputs["server"] == "contoso.azurecr.io"
    # Were it so, replacing the network would replace the registry.
    assert "net" not in graph["main-registry"].depends_on
    assert "net" in graph["main-endpoint"].depends_on


def test_a_wrong_output_stops_the_deployment_before_anything_is_created() -> None:
    def program() -> dict[str, Any]:
        PrivateRegistry(
            "main",
            {
                "registry_name": pulumi.Output.from_input("no-good"),
                "location": "japaneast",
                "resource_group_name": pulumi.Output.from_input("rg-contoso"),
                "network": {"subnet_id": pulumi.Output.from_input("/not/a/subnet")},
                "dns": {"mode": "manual"},
            },
        )
        return {}

    with pytest.raises(pulumi.RunError) as error:
        run(program)
    text = str(error.value)
    assert text.startswith("PrivateRegistry 'main': 2 problems, nothing was registered\n")
    assert 'registry_name = "no-good"' in text
    assert 'network.subnet_id = "/not/a/subnet"' in text


def test_the_snippet_for_networks_and_two_offices() -> None:
    """docs/consumers.md: a private endpoint, and IP rules beside it."""
    page = (Path(__file__).parents[2] / "docs" / "consumers.md").read_text(encoding="utf-8")
    snippet = page.partition("## Private endpoint and IP rules")[2].partition("```python\n")[2].partition("```")[0]

    def program() -> dict[str, Any]:
        held: dict[str, Any] = {}
        exec(snippet, held)
        return {"login_server": held["registry"].login_server}

    graph = run(program)
    inputs = graph["main-registry"].inputs
    assert inputs["publicNetworkAccess"] == "Enabled"
    assert inputs["networkRuleSet"]["defaultAction"] == "Deny"
    rules = inputs["networkRuleSet"]["ipRules"]
    assert [rule["iPAddressOrRange"] for rule in rules] == ["203.0.113.7", "198.51.100.0/28"]
    assert "main-endpoint" in graph.names
