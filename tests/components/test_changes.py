"""What Azure refuses to change in place, on the real engine: made anew in a safe order, or told before it is sent."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.rehearsal import ROOT, Rehearsal, stack_config

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
NETWORK = f"{SUBSCRIPTION}/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub"
ZONE = f"{SUBSCRIPTION}/resourceGroups/rg-hub/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
HUB: list[dict[str, Any]] = [
    {
        "type": "azure-native:resources:ResourceGroup",
        "inputs": {"resourceGroupName": "rg-hub", "location": "japaneast"},
    },
    {
        "type": "azure-native:network:VirtualNetwork",
        "inputs": {
            "resourceGroupName": "rg-hub",
            "virtualNetworkName": "vnet-hub",
            "location": "japaneast",
            "addressSpace": {"addressPrefixes": ["10.40.0.0/16"]},
        },
    },
    *(
        {
            "type": "azure-native:network:Subnet",
            "inputs": {
                "resourceGroupName": "rg-hub",
                "virtualNetworkName": "vnet-hub",
                "subnetName": name,
                "addressPrefix": prefix,
            },
        }
        for name, prefix in (("first", "10.40.1.0/26"), ("second", "10.40.2.0/26"), ("small", "10.40.3.0/29"))
    ),
    {
        "type": "azure-native:privatedns:PrivateZone",
        "inputs": {"resourceGroupName": "rg-hub", "privateZoneName": "privatelink.azurecr.io", "location": "global"},
    },
]

pytestmark = pytest.mark.engine


@pytest.fixture
def hub(tmp_path: Path) -> Rehearsal:
    """The project's own program, with its endpoint in a network and a zone that exist."""
    config = stack_config("local") | {
        "private-registry:network": {"subnetId": f"{NETWORK}/subnets/first"},
        "private-registry:dns": {"mode": "existing", "zoneId": ZONE},
    }
    rehearsal = Rehearsal(tmp_path / "rehearsal", config=config).init()
    seed = tmp_path / "hub.yaml"
    seed.write_text(yaml.safe_dump({"subscription": SUBSCRIPTION.split("/")[2], "resources": HUB}))
    rehearsal.cloud("seed", str(seed)).ok()
    return rehearsal


def endpoints(rehearsal: Rehearsal) -> list[str]:
    return [i.rsplit("/", 1)[-1] for i in rehearsal.cloud_ids() if i.split("/")[-2] == "privateEndpoints"]


def records(rehearsal: Rehearsal) -> dict[str, str]:
    """What the zone holds: address by record."""
    found = [i for i in rehearsal.cloud_ids() if i.startswith(f"{ZONE}/A/")]
    shown = [json.loads(rehearsal.cloud("show", i, "--json").ok().out)["outputs"] for i in found]
    return {each["name"]: each["aRecords"][0]["ipv4Address"] for each in shown}


def deployed_twice(rehearsal: Rehearsal) -> None:
    rehearsal.up().ok()
    rehearsal.preview("--expect-no-changes").ok()
    rehearsal.up("--expect-no-changes").ok()


def in_order(told: str, *events: str) -> bool:
    """Whether the lines of an update show these in this order."""
    places = [told.find(event) for event in events]
    return -1 not in places and places == sorted(places)


@pytest.mark.full
def test_another_subnet_is_a_new_endpoint_before_the_old_one_goes(hub: Rehearsal) -> None:
    hub.up().ok()
    (old,) = endpoints(hub)
    assert set(records(hub).values()) == {"10.40.1.4", "10.40.1.5", "10.40.1.6"}

    hub.config["private-registry:network"] = {"subnetId": f"{NETWORK}/subnets/second"}
    assert hub.steps() == {"main-endpoint": "replace", "main-zone-group": "replace"}
    told = hub.up().ok().text
    assert in_order(
        told,
        "main-endpoint creating replacement",
        "main-zone-group deleting original",
        "main-zone-group creating replacement",
        "main-endpoint deleting original",
    ), told
    (new,) = endpoints(hub)
    assert new != old
    assert set(records(hub).values()) == {"10.40.2.4", "10.40.2.5", "10.40.2.6"}
    assert sorted(hub.outputs()["privateIps"].values()) == ["10.40.2.4", "10.40.2.5", "10.40.2.6"]
    hub.up("--expect-no-changes").ok()


@pytest.mark.full
def test_a_chosen_name_must_change_with_the_subnet(hub: Rehearsal) -> None:
    hub.config["private-registry:privateEndpoint"] = {"endpointName": "pe-a"}
    hub.up().ok()
    before = hub.cloud_ids()
    hub.config["private-registry:network"] = {"subnetId": f"{NETWORK}/subnets/second"}
    for refused in (hub.preview().failed(), hub.up().failed()):
        assert 'endpointName = "pe-a": exists already' in refused.text
        assert "choose a new name" in refused.text
        assert 'networkInterfaceName = "pe-a-nic": exists already' in refused.text
    assert hub.cloud_ids() == before
    hub.config["private-registry:privateEndpoint"] = {"endpointName": "pe-b"}
    deployed_twice(hub)
    assert endpoints(hub) == ["pe-b"]
    assert set(records(hub).values()) == {"10.40.2.4", "10.40.2.5", "10.40.2.6"}


@pytest.mark.full
def test_another_network_has_its_link_made_anew(local: Rehearsal) -> None:
    networks = [f"{NETWORK}-{name}" for name in ("a", "b")]
    seed = local.folder / "networks.yaml"
    made = [
        {"type": HUB[1]["type"], "inputs": HUB[1]["inputs"] | {"virtualNetworkName": n.split("/")[-1]}}
        for n in networks
    ]
    seed.write_text(yaml.safe_dump({"subscription": SUBSCRIPTION.split("/")[2], "resources": [HUB[0], *made]}))
    local.cloud("seed", str(seed)).ok()
    local.config["private-registry:dns"] = {"virtualNetworkLinks": {"build": {"virtualNetworkId": networks[0]}}}
    local.up().ok()
    local.config["private-registry:dns"] = {"virtualNetworkLinks": {"build": {"virtualNetworkId": networks[1]}}}
    assert local.steps() == {"main-link-build": "replace"}
    deployed_twice(local)


@pytest.mark.full
def test_approval_by_hand_is_another_connection(hub: Rehearsal) -> None:
    hub.up().ok()
    (old,) = endpoints(hub)
    hub.config["private-registry:privateEndpoint"] = {"manualApprovalMessage": "please"}
    deployed_twice(hub)
    (new,) = endpoints(hub)
    assert new != old
    hub.pulumi("refresh", "--yes", "--skip-preview").ok()
    hub.preview("--expect-no-changes").ok()


@pytest.mark.full
def test_what_azure_keeps_of_a_registry_is_told_at_once(local: Rehearsal) -> None:
    local.up().ok()
    before = local.cloud_ids()
    identity = f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/uai"
    key = {"keyId": "https://kv.vault.azure.net/keys/k", "identityClientId": "11111111-2222-3333-4444-555555555555"}
    local.config["private-registry:settings"] = {
        "zoneRedundancy": True,
        "userAssignedIdentityIds": [identity],
        "customerManagedKey": key,
    }
    local.config["private-registry:replicas"] = {"japanwest": {"zoneRedundancy": True}}
    for refused in (local.preview().failed(), local.up().failed()):
        assert "registry 'main-registry': 2 problems, nothing was sent" in refused.text
        assert "settings.zoneRedundancy: is chosen when the registry is created" in refused.text
        assert "it is 'Disabled', and would become 'Enabled'" in refused.text
        assert "settings.customerManagedKey: is chosen when the registry is created" in refused.text
    assert local.cloud_ids() == before
    local.config["private-registry:settings"] = {"zoneRedundancy": False}
    refused = local.preview().failed()
    assert 'replicas["japanwest"].zoneRedundancy: is chosen when the replica is created' in refused.text
    local.config["private-registry:replicas"] = {"japanwest": {}}
    local.preview("--expect-no-changes").ok()


@pytest.mark.full
def test_fixed_addresses_are_kept_and_block_a_replica_beforehand(hub: Rehearsal) -> None:
    fixed = {"registry": "10.40.1.10", "japaneast": "10.40.1.11"}
    hub.config["private-registry:replicas"] = {}
    hub.config["private-registry:privateEndpoint"] = {"staticIps": fixed}
    hub.up().ok()
    before = hub.cloud_ids()

    hub.config["private-registry:privateEndpoint"] = {"staticIps": fixed | {"registry": "10.40.1.20"}}
    refused = hub.preview().failed()
    assert 'staticIps["registry"] = "10.40.1.20": is not the address that the endpoint has, 10.40.1.10' in refused.text

    hub.config["private-registry:replicas"] = {"japanwest": {}}
    hub.config["private-registry:privateEndpoint"] = {"staticIps": fixed | {"japanwest": "10.40.1.12"}}
    for refused in (hub.preview().failed(), hub.up().failed()):
        assert 'replicas["japanwest"]: cannot be added while the private endpoint' in refused.text
    del hub.config["private-registry:privateEndpoint"]
    assert 'replicas["japanwest"]: cannot be added' in hub.up().failed().text, "Azure would be asked in this order"
    assert hub.cloud_ids() == before

    hub.config["private-registry:replicas"] = {}
    hub.up().ok()
    hub.config["private-registry:replicas"] = {"japanwest": {}}
    deployed_twice(hub)

    now = hub.outputs()["privateIps"]
    fixed = {
        "registry": now["contoso.azurecr.io"],
        "japaneast": now["contoso.japaneast.data.azurecr.io"],
        "japanwest": now["contoso.japanwest.data.azurecr.io"],
    }
    hub.config["private-registry:privateEndpoint"] = {"staticIps": fixed | {"japanwest": "10.40.1.33"}}
    assert "and Azure refuses to change it in place" in hub.preview().failed().text
    hub.config["private-registry:privateEndpoint"] = {"staticIps": fixed}
    assert hub.steps() == {"main-endpoint": "update"}
    deployed_twice(hub)


@pytest.mark.full
def test_a_failed_replica_says_what_to_do_next(hub: Rehearsal) -> None:
    hub.config["private-registry:network"] = {"subnetId": f"{NETWORK}/subnets/small"}
    hub.up().ok()
    hub.config["private-registry:replicas"] = {"japanwest": {}, "eastasia": {}}
    told = hub.up().failed().text
    assert "no private IP address is available" in told
    assert "warning: The replica in eastasia failed." in told
    assert "az acr replication delete --registry contoso --name eastasia" in told
    hub.config["private-registry:replicas"] = {"japanwest": {}}
    deployed_twice(hub)
    assert not [i for i in hub.cloud_ids() if i.endswith("/replications/eastasia")]


@pytest.mark.full
def test_programs_in_other_languages_are_told_in_their_words(tmp_path: Path) -> None:
    project = tmp_path / "program"
    project.mkdir()
    program = yaml.safe_load((ROOT / "examples" / "consumers" / "yaml" / "Pulumi.yaml").read_text())
    program["packages"]["private-registry"] = str(ROOT / "components")
    properties = program["resources"]["images"]["properties"]
    properties["privateEndpoint"] = {"endpointName": "pe-a"}

    def written() -> Rehearsal:
        (project / "Pulumi.yaml").write_text(yaml.safe_dump(program))
        return team

    (project / "Pulumi.yaml").write_text(yaml.safe_dump(program))
    team = Rehearsal(tmp_path / "rehearsal", project=project).init()
    team.up().ok()
    properties["settings"] = {"zoneRedundancy": True}
    for refused in (written().preview().failed(), team.up().failed()):
        assert "settings.zoneRedundancy: is chosen when the registry is created" in refused.text
    del properties["settings"]
    properties["privateEndpoint"] = {"endpointName": "pe-a", "networkInterfaceName": "nic-a"}
    assert 'endpointName = "pe-a": exists already' in written().preview().failed().text
    properties["privateEndpoint"] = {"endpointName": "pe-b", "networkInterfaceName": "nic-a"}
    deployed_twice(written())
    assert endpoints(team) == ["pe-b"]
    program["resources"]["images"]["properties"]["protect"] = False
    written().up().ok()
    team.pulumi("destroy", "--yes", "--skip-preview").ok()
    assert team.cloud_ids() == []


def test_components_of_one_name_under_different_parents(raw: Rehearsal) -> None:
    (raw.project / "__main__.py").write_text(
        """
import pulumi
from private_registry import PremiumRegistry

for team in ("red", "blue"):
    parent = pulumi.ComponentResource(f"teams:index:{team.title()}", "team")
    PremiumRegistry(
        "images",
        {
            "registry_name": f"{team}images",
            "location": "japaneast",
            "resource_group_name": "rg",
            "replicas": {"japanwest": {}},
        },
        pulumi.ResourceOptions(parent=parent),
    )
"""
    )
    raw.preview().ok()


@pytest.mark.full
def test_destroying_under_a_lock_says_whose_it_is(hub: Rehearsal, tmp_path: Path) -> None:
    hub.up().ok()
    lock = {
        "type": "azure-native:authorization:ManagementLockAtResourceGroupLevel",
        "inputs": {"resourceGroupName": "rg-hub", "lockName": "hub", "level": "CanNotDelete", "notes": "network team"},
    }
    seed = tmp_path / "lock.yaml"
    seed.write_text(yaml.safe_dump({"subscription": SUBSCRIPTION.split("/")[2], "resources": [lock]}))
    hub.cloud("seed", str(seed)).ok()
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "down.py"), "local", "--yes", "--skip-preview"],
        env=hub.environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    assert f"It is on {SUBSCRIPTION}/resourceGroups/rg-hub, which is not this stack's" in done.stderr
    assert "whoever owns the resource group 'rg-hub'" in done.stderr
    assert "protect" not in done.stderr
    assert endpoints(hub), "what a locked zone holds back is still there"
    hub.cloud("rm", f"{SUBSCRIPTION}/resourceGroups/rg-hub/providers/Microsoft.Authorization/locks/hub").ok()
    hub.pulumi("destroy", "--yes", "--skip-preview").ok()
    assert not endpoints(hub)
