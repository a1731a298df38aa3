"""Each way of wiring a private registry, deployed, unchanged when deployed again, and gone when destroyed."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from tests.rehearsal import Rehearsal

pytestmark = pytest.mark.engine

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
NETWORK = f"{SUBSCRIPTION}/resourceGroups/rg-hub/providers/Microsoft.Network"
ESTATE = [
    {
        "type": "azure-native:resources:ResourceGroup",
        "inputs": {"resourceGroupName": "rg-hub", "location": "japaneast"},
    },
    *(
        {
            "type": "azure-native:network:VirtualNetwork",
            "inputs": {
                "resourceGroupName": "rg-hub",
                "virtualNetworkName": name,
                "location": "japaneast",
                "addressSpace": {"addressPrefixes": [prefix]},
            },
        }
        for name, prefix in (("vnet-hub", "10.60.0.0/16"), ("vnet-spoke", "10.61.0.0/16"))
    ),
    {
        "type": "azure-native:network:Subnet",
        "inputs": {
            "resourceGroupName": "rg-hub",
            "virtualNetworkName": "vnet-hub",
            "subnetName": "endpoints",
            "addressPrefix": "10.60.1.0/27",
        },
    },
    {
        "type": "azure-native:network:ApplicationSecurityGroup",
        "inputs": {
            "resourceGroupName": "rg-hub",
            "applicationSecurityGroupName": "asg-registry",
            "location": "japaneast",
        },
    },
    {
        "type": "azure-native:privatedns:PrivateZone",
        "inputs": {"resourceGroupName": "rg-hub", "privateZoneName": "privatelink.azurecr.io", "location": "global"},
    },
]
GIVEN_SUBNET = {"subnetId": f"{NETWORK}/virtualNetworks/vnet-hub/subnets/endpoints", "subnetPrefix": "10.60.1.0/27"}

WIRINGS: dict[str, dict[str, Any]] = {
    "existing subnet and zone": {
        "network": GIVEN_SUBNET,
        "dns": {"mode": "existing", "zoneId": f"{NETWORK}/privateDnsZones/privatelink.azurecr.io"},
    },
    "zone for two networks": {
        "network": GIVEN_SUBNET,
        "dns": {
            "virtualNetworkLinks": {
                "spoke": {"virtualNetworkId": f"{NETWORK}/virtualNetworks/vnet-spoke", "fallbackToInternet": True}
            }
        },
    },
    "records by hand": {"dns": {"mode": "manual"}},
    "records by Azure Policy": {"dns": {"mode": "azure-policy"}},
    "fixed addresses": {
        "privateEndpoint": {
            "endpointName": "pe-contoso",
            "networkInterfaceName": "nic-pe-contoso",
            "staticIps": {"registry": "10.20.0.20", "Japan East": "10.20.0.21", "japanwest": "10.20.0.22"},
        }
    },
    "approved by the owner": {
        "network": GIVEN_SUBNET,
        "privateEndpoint": {
            "manualApprovalMessage": "for the build agents",
            "applicationSecurityGroupIds": [f"{NETWORK}/applicationSecurityGroups/asg-registry"],
        },
        "dns": {"mode": "manual"},
    },
    "every policy": {
        "replicas": {"japanwest": {"globalRoutingEnabled": False, "zoneRedundancy": False, "tags": {"use": "standby"}}},
        "settings": {
            "trustedServicesBypass": True,
            "retentionDays": 14,
            "quarantineEnabled": True,
            "armAudienceTokensEnabled": True,
            "systemAssignedIdentity": True,
        },
    },
    "soft delete": {"replicas": {}, "settings": {"softDeleteDays": 14}},
}


def hosts(regions: list[str]) -> list[str]:
    return ["contoso.azurecr.io", *(f"contoso.{region}.data.azurecr.io" for region in regions)]


@pytest.mark.full
@pytest.mark.parametrize("wiring", [pytest.param(w, id=n) for n, w in WIRINGS.items()])
def test_a_wiring_deploys_and_stays(local: Rehearsal, wiring: dict[str, Any]) -> None:
    estate = local.folder / "estate.yaml"
    estate.write_text(yaml.safe_dump({"subscription": SUBSCRIPTION.rsplit("/", 1)[-1], "resources": ESTATE}))
    local.cloud("seed", str(estate)).ok()
    before = set(local.cloud_ids())
    local.config.update({f"private-registry:{key}": value for key, value in wiring.items()})

    local.up().ok()
    outputs = local.outputs()
    replicas = list(local.config["private-registry:replicas"])
    assert sorted(outputs["privateIps"]) == sorted(hosts(["japaneast", *replicas]))
    if fixed := wiring.get("privateEndpoint", {}).get("staticIps"):
        assert sorted(outputs["privateIps"].values()) == sorted(fixed.values())
    has_zone_group = any("privateDnsZoneGroups" in i for i in local.cloud_ids())
    assert has_zone_group == (wiring.get("dns", {}).get("mode", "create") in ("create", "existing"))
    local.preview("--expect-no-changes").ok()

    local.pulumi("destroy", "--yes").ok()
    assert set(local.cloud_ids()) == before


@pytest.mark.full
def test_a_registry_is_protected_unless_it_is_said_to_be_thrown_away(local: Rehearsal) -> None:
    del local.config["private-registry:protect"]
    local.config["private-registry:retainOnDelete"] = True
    local.up().ok()
    refused = local.pulumi("destroy", "--yes").failed()
    assert "main-registry" in refused.text
    assert "protect" in refused.text
    # Not replaced either, and told so at preview.
    name = local.config["private-registry:registryName"]
    local.config["private-registry:registryName"] = "contosoother"
    for told in (local.preview().failed().text, local.up().failed().text):
        assert "main-registry" in told
        assert "protect" in told
    local.config["private-registry:registryName"] = name

    local.config["private-registry:protect"] = False
    local.up().ok()
    local.pulumi("destroy", "--yes").ok()
    kept = {i.rsplit("/", 1)[-1] for i in local.cloud_ids() if "/replications/" not in i}
    assert kept == {"rg-contoso-local", "contoso"}


@pytest.mark.full
def test_a_full_subnet_of_others_is_told_with_its_name(local: Rehearsal) -> None:
    local.config["private-registry:network"] = {
        "virtualNetworkPrefix": "10.20.0.0/24",
        "subnetPrefix": "10.20.0.0/29",
    }
    local.up().ok()
    local.config["private-registry:replicas"] = {"japanwest": {}, "eastasia": {}}
    told = local.up().failed().text
    assert 'network.subnetPrefix = "10.20.0.0/29"' in told
    assert "takes 4" in told


@pytest.mark.full
def test_what_is_shown_of_a_stack_is_complete(local: Rehearsal) -> None:
    local.up().ok()
    exported = json.loads(local.run("pulumi", "stack", "export", "--stack", "local").ok().out)
    component = next(
        r for r in exported["deployment"]["resources"] if r["type"] == "private-registry:index:PrivateRegistry"
    )
    assert component["outputs"]["privateIps"] == local.outputs()["privateIps"]
    assert component["outputs"]["addressesNeeded"] == 3
