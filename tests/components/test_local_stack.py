"""The main job: the project's own stack through the real engine, with the policy pack, in the local cloud."""

from __future__ import annotations

import json

import pytest

from tests.components.gallery import assert_pictured
from tests.rehearsal import ROOT, Rehearsal

pytestmark = pytest.mark.engine

PACK = ("--policy-pack", str(ROOT / "policies"))
SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
REGISTRY = f"{SUBSCRIPTION}/resourceGroups/rg-contoso-local/providers/Microsoft.ContainerRegistry/registries/contoso"


def agrees_with_the_doctor(local: Rehearsal) -> None:
    """What the program says of its own reach is what the doctor reads from the state."""
    told = json.loads(local.run("registry-doctor", "reach", "--stack", local.stack, "--json").ok().out)
    seen = {
        line["client"]: {
            **{key: line[key] for key in ("pull", "push", "fix")},
            "path": ", ".join(line["paths"]),
            "why": f"if {line['condition']}" if line["condition"] else line["reason"],
        }
        for line in told["registries"][0]["clients"]
    }
    assert local.outputs()["reach"] == seen


def test_deploys_twice_and_goes_away(local: Rehearsal) -> None:
    local.up(*PACK).ok()
    outputs = local.outputs()
    assert outputs["endpoints"] == {
        "loginServer": "contoso.azurecr.io",
        "dataEndpoints": [
            {"region": "japaneast", "endpoint": "contoso.japaneast.data.azurecr.io"},
            {"region": "japanwest", "endpoint": "contoso.japanwest.data.azurecr.io"},
        ],
    }
    hosts = ["contoso.azurecr.io", "contoso.japaneast.data.azurecr.io", "contoso.japanwest.data.azurecr.io"]
    assert outputs["allowList"] == [f"{host}:443" for host in hosts]
    assert sorted(outputs["privateIps"]) == hosts
    assert len(set(outputs["privateIps"].values())) == 3
    # What clients resolve is what the endpoint has: a record for each host, in the one zone, with the same address.
    group = REGISTRY.partition("/providers/")[0]
    zone = f"{group}/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
    records = {record["host"]: record for record in outputs["dnsRecords"]}
    assert sorted(records) == hosts
    for host in hosts:
        name = host.removesuffix(".azurecr.io")
        assert f'"{outputs["privateIps"][host]}"' in local.cloud("show", f"{zone}/A/{name}", "--json").ok().out
        assert (records[host]["record"], records[host]["zone"]) == (name, "privatelink.azurecr.io")
        assert records[host]["address"] == outputs["privateIps"][host]

    agrees_with_the_doctor(local)
    local.preview("--expect-no-changes", *PACK).ok()
    again = local.up(*PACK).ok()
    assert "unchanged" in again.out
    assert not {" created", " updated", " replaced", " deleted"} & set(again.out.partition("Resources:")[2].split("\n"))

    local.pulumi("destroy", "--yes").ok()
    assert local.cloud_ids() == []


@pytest.mark.full
def test_adding_and_removing_a_replica_touches_no_other(local: Rehearsal) -> None:
    local.up().ok()
    before = local.outputs()["privateIps"]

    local.config["private-registry:replicas"] = {"southeastasia": {}, "japanwest": {}}
    assert {name: op for name, op in local.steps().items() if name != "private-registry-local"} == {
        "main-replica-southeastasia": "create"
    }
    local.up().ok()
    after = local.outputs()["privateIps"]
    assert set(after) - set(before) == {"contoso.southeastasia.data.azurecr.io"}
    assert {host: after[host] for host in before} == before
    local.preview("--expect-no-changes").ok()

    local.config["private-registry:replicas"] = {"Southeast Asia": {}}
    assert {name: op for name, op in local.steps().items() if name != "private-registry-local"} == {
        "main-replica-japanwest": "delete"
    }
    local.up().ok()
    assert "contoso.japanwest.data.azurecr.io" not in local.outputs()["privateIps"]
    local.preview("--expect-no-changes").ok()


@pytest.mark.full
def test_drift_is_seen_and_put_right(local: Rehearsal) -> None:
    local.up().ok()
    assert_pictured(local, "root project")
    local.cloud("set", REGISTRY, "publicNetworkAccess=Enabled").ok()
    local.preview("--expect-no-changes").ok()  # Pulumi compares with its state until it is told to look
    seen = local.pulumi("refresh", "--yes", "--diff").ok()
    assert "publicNetworkAccess" in seen.text
    assert "Enabled" in seen.text
    assert local.steps()["main-registry"] == "update"
    local.up().ok()
    assert '"Disabled"' in local.cloud("show", REGISTRY, "--json").ok().out
    local.pulumi("refresh", "--yes", "--expect-no-changes").ok()


@pytest.mark.full
def test_a_resource_deleted_behind_pulumis_back_comes_again(local: Rehearsal) -> None:
    local.up().ok()
    replica = f"{REGISTRY}/replications/japanwest"
    local.cloud("rm", replica).ok()
    assert replica not in local.cloud_ids()
    local.pulumi("refresh", "--yes").ok()
    assert local.steps()["main-replica-japanwest"] == "create"
    local.up().ok()
    assert replica in local.cloud_ids()


def test_every_problem_of_a_configuration_is_told_at_once_and_nothing_is_created(local: Rehearsal) -> None:
    local.config.update(
        {
            "private-registry:registryName": "no-dashes-here",
            "private-registry:replicas": {"Japan East": {}, "japanwset": {}},
            "private-registry:network": {"virtualNetworkPrefix": "10.20.0.0/24", "subnetPrefix": "10.21.0.0/30"},
        }
    )
    for told in (local.preview().failed().text, local.up().failed().text):
        for named in ("no-dashes-here", "Japan East", "japanwset", "japanwest", "10.21.0.0/30"):
            assert named in told, told
    assert local.cloud_ids() == []


def test_a_misspelt_setting_is_refused_with_the_right_one(local: Rehearsal) -> None:
    local.config["private-registry:replica"] = {"japanwest": {}}
    told = local.preview().failed().text
    assert "replica" in told
    assert "replicas" in told


@pytest.mark.full
def test_the_profile_without_private_link(local: Rehearsal) -> None:
    del local.config["private-registry:network"]
    local.config["private-registry:profile"] = "no-private-link"
    local.config["private-registry:settings"] = {"ipRules": ["20.37.64.8", "20.37.65.16/28"]}
    local.up(*PACK).ok()
    assert local.outputs().get("privateIps", {}) == {}
    shown = local.cloud("show", REGISTRY, "--json").ok().out
    assert "20.37.64.8" in shown
    assert '"Deny"' in shown
    assert not [i for i in local.cloud_ids() if "privateEndpoints" in i]
    agrees_with_the_doctor(local)
    local.preview("--expect-no-changes", *PACK).ok()
