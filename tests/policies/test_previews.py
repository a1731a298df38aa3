"""The guard in real previews and updates of plain azure-native programs: unknown ids, unknown values, remediation."""

from __future__ import annotations

import json
from typing import Any

import pytest
from registry_guard.settings import preset_config

from tests.rehearsal import ROOT, Rehearsal

pytestmark = pytest.mark.engine

# What a small stack does without, in a strict that is otherwise whole.
RELAXED = {"customer-managed-key": "disabled", "audit-logs": "disabled", "delete-lock": "disabled"}

COMPLETE = """
import pulumi
import pulumi_azure_native as azure

group = azure.resources.ResourceGroup("group")
registry = azure.containerregistry.Registry(
    "registry",
    registry_name="contosoguard",
    resource_group_name=group.name,
    sku={"name": "Premium"},
    public_network_access="Disabled",
    data_endpoint_enabled=True,
    network_rule_set={"default_action": "Deny"},
    policies={"export_policy": {"status": "disabled"}},
)
replica = azure.containerregistry.Replication(
    "replica", registry_name=registry.name, resource_group_name=group.name, location="japanwest",
    replication_name="japanwest",
)
network = azure.network.VirtualNetwork(
    "network", resource_group_name=group.name, address_space={"address_prefixes": ["10.0.0.0/16"]}
)
subnet = azure.network.Subnet(
    "subnet", resource_group_name=group.name, virtual_network_name=network.name, address_prefix="10.0.0.0/27"
)
zone = azure.privatedns.PrivateZone(
    "zone", resource_group_name=group.name, private_zone_name="privatelink.azurecr.io", location="Global"
)
link = azure.privatedns.VirtualNetworkLink(
    "link", resource_group_name=group.name, private_zone_name=zone.name, virtual_network={"id": network.id},
    registration_enabled=False, location="Global",
)
endpoint = azure.network.PrivateEndpoint(
    "endpoint",
    resource_group_name=group.name,
    subnet={"id": subnet.id},
    private_link_service_connections=[
        {"name": "registry", "private_link_service_id": registry.id, "group_ids": ["registry"]}
    ],
    opts=pulumi.ResourceOptions(depends_on=[replica]),
)
zone_group = azure.network.PrivateDnsZoneGroup(
    "zone-group",
    resource_group_name=group.name,
    private_endpoint_name=endpoint.name,
    private_dns_zone_configs=[{"name": "registry", "private_dns_zone_id": zone.id}],
)
"""
SECOND = """
azure.containerregistry.Registry(
    "alone",
    registry_name="contosoalone",
    resource_group_name=group.name,
    sku={"name": "Premium"},
    public_network_access="Disabled",
    data_endpoint_enabled=True,
    policies={"export_policy": {"status": "disabled"}},
)
"""
SMALL = """
import pulumi
import pulumi_azure_native as azure

group = azure.resources.ResourceGroup("group", tags={{"sku": "Premium"}})
azure.containerregistry.Registry(
    "registry",
    registry_name="contososmall",
    resource_group_name=group.name,
    sku={{"name": {sku}}},
    admin_user_enabled={admin},
    public_network_access="Disabled",
    data_endpoint_enabled=True,
    tags=pulumi.Output.secret({{"owner": "hunter2"}}),
)
"""


def pack(raw: Rehearsal, preset: str = "baseline", **levels: Any) -> list[str]:
    config = {**preset_config(preset), **{name.replace("_", "-"): value for name, value in levels.items()}}
    file = raw.project / "pack.json"
    file.write_text(json.dumps(config))
    return ["--policy-pack", str(ROOT / "policies"), "--policy-pack-config", str(file)]


def write(raw: Rehearsal, program: str) -> None:
    (raw.project / "__main__.py").write_text(program)


@pytest.mark.full
def test_a_sound_stack_passes_before_and_after_it_exists(raw: Rehearsal) -> None:
    strict = pack(raw, "strict", **RELAXED)
    write(raw, COMPLETE)
    for told in (raw.preview(*strict).ok().text, raw.up(*strict).ok().text, raw.preview(*strict).ok().text):
        assert "[mandatory]" not in told, told
        assert "not known yet" not in told, told
        assert "can't run policy" not in told
    state = raw.folder / "state.json"
    state.write_text(raw.run("pulumi", "stack", "export", "--stack", raw.stack).ok().out)
    told = raw.run("pulumi", "policy", "analyze", "--file", str(state), *strict).ok().text
    assert "[mandatory]" not in told, told


@pytest.mark.full
def test_in_a_first_preview_one_registry_does_not_vouch_for_another(raw: Rehearsal) -> None:
    write(raw, COMPLETE + SECOND)
    told = raw.preview(*pack(raw, "strict", **RELAXED)).failed().text
    mandatory = [line for line in told.splitlines() if "[mandatory]" in line]
    assert len(mandatory) == 1, told
    assert "private-endpoint" in mandatory[0]
    assert "alone" in mandatory[0]


@pytest.mark.full
def test_a_sku_that_preview_cannot_know(raw: Rehearsal) -> None:
    write(raw, SMALL.format(sku="group.id.apply(lambda _: 'Premium')", admin="False"))
    told = raw.preview(*pack(raw)).ok().text
    assert "sku.name is not known yet" in told
    assert "can't run policy" not in told
    assert "sku.name is not known yet" in raw.preview(*pack(raw, "strict")).failed().text
    raw.up(*pack(raw)).ok()
    assert "not known yet" not in raw.preview(*pack(raw)).ok().text


@pytest.mark.full
def test_a_sku_that_only_the_update_shows_stops_it(raw: Rehearsal) -> None:
    write(raw, SMALL.format(sku="group.id.apply(lambda _: 'Basic')", admin="False"))
    raw.preview(*pack(raw)).ok()
    assert "premium-sku" in raw.up(*pack(raw)).failed().text
    assert not [i for i in raw.cloud_ids() if "registries" in i]


@pytest.mark.full
def test_remediation_corrects_what_is_deployed_and_keeps_secrets(raw: Rehearsal) -> None:
    write(raw, SMALL.format(sku="'Premium'", admin="True"))
    assert "no-admin-user" in raw.preview(*pack(raw)).failed().text
    remedied = pack(raw, no_admin_user="remediate")
    raw.preview(*remedied).ok()
    told = raw.up(*remedied).ok().text
    assert "hunter2" not in told
    (registry,) = [r for r in raw.resources() if r["type"].endswith(":Registry")]
    assert registry["inputs"]["adminUserEnabled"] is False
    assert registry["outputs"]["adminUserEnabled"] is False
    assert "hunter2" not in json.dumps(raw.resources())
    assert "ciphertext" in registry["inputs"]["tags"]
