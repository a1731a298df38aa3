"""Registries of Alibaba Cloud on the real engine, in the local cloud: deployed twice, changed, shared, destroyed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from private_registry.declared import reach_table
from registry_model.estate import documents
from registry_model.reach.alibaba.registries import registries

from tests.components.gallery import assert_pictured
from tests.rehearsal import ROOT, Rehearsal, stack_config

pytestmark = pytest.mark.engine

LOCAL = {"alicloud:protocol": "localcloud.invalid", "alicloud:region": "ap-northeast-1"}
REGISTRY_PROGRAM = """
import json, pulumi
from private_registry.alibaba import EnterpriseRegistry
args = json.loads(pulumi.Config().require("args"))
registry = EnterpriseRegistry("main", args)
pulumi.export("loginServers", registry.login_servers)
pulumi.export("privateIps", registry.private_ips)
"""
ARGS: dict[str, Any] = {
    "instance_name": "contoso",
    "instance_type": "Basic",
    "region": "ap-northeast-1",
    "protect": False,
    "retain_on_delete": False,
    "tags": {"owner": "platform"},
}
LINK = {"vpc_cidr_block": "10.4.0.0/16", "vswitch_cidr_block": "10.4.0.0/24", "zone_id": "ap-northeast-1a"}


@pytest.fixture
def stack(tmp_path: Path) -> Rehearsal:
    """The project's own program with the configuration of its `alibaba-local` stack."""
    return Rehearsal(tmp_path, stack="alibaba-local", config=stack_config("alibaba-local")).init()


@pytest.fixture
def program(raw: Rehearsal) -> Rehearsal:
    (raw.project / "__main__.py").write_text(REGISTRY_PROGRAM)
    raw.config |= LOCAL
    give(raw, ARGS)
    return raw


def give(rehearsal: Rehearsal, args: dict[str, Any]) -> None:
    rehearsal.config["raw:args"] = json.dumps(args)


def stays(rehearsal: Rehearsal) -> None:
    """Nothing changes when it is deployed again, nor after a look at the cloud."""
    rehearsal.preview("--expect-no-changes").ok()
    rehearsal.up("--expect-no-changes").ok()
    rehearsal.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes").ok()


def reach_of_the_state(rehearsal: Rehearsal) -> dict[str, dict[str, str]]:
    """What the ground reads from the state, which knows nothing of the program's arguments."""
    export = rehearsal.run("pulumi", "stack", "export", "--stack", rehearsal.stack).ok().out
    (found,) = registries(documents.load("export", export).estate)
    return reach_table(found)


def test_the_local_stack(stack: Rehearsal) -> None:
    stack.up("--policy-pack", str(ROOT / "policies")).ok()
    stays(stack)
    outputs = stack.outputs()
    instance = outputs["registryId"]
    # By hand: domain names as help/en/acr writes them; the first address of 10.4.0.0/24 that a vSwitch gives is .1.
    assert outputs["endpoints"] == {
        "loginServer": "contoso-registry-vpc.ap-northeast-1.cr.aliyuncs.com",
        "dataEndpoints": [
            {
                "region": "ap-northeast-1",
                "endpoint": f"{instance}-registry.oss-ap-northeast-1-internal.aliyuncs.com",
            }
        ],
    }
    assert outputs["allowList"] == [
        "contoso-registry-vpc.ap-northeast-1.cr.aliyuncs.com:443",
        "dockerauth-ee-vpc.ap-northeast-1.aliyuncs.com:443",
        f"{instance}-registry.oss-ap-northeast-1-internal.aliyuncs.com:443",
    ]
    assert outputs["privateIps"] == {"apps": "10.4.0.1"}
    # By hand, from the matrix that was tried: the bound VPC and nobody else, unless it forwards there.
    assert {client: line["pull"] for client, line in outputs["reach"].items()} == {
        "VM in contoso-apps": "yes",
        "VM in another VPC of ap-northeast-1": "no",
        "VM in a VPC of another region": "no",
        "on-premises, forwarding DNS into a bound VPC": "yes, if",
        "on-premises, public DNS": "no",
        "internet, any address": "no",
    }
    # A state has a link's id and not its address, which only a function tells.
    untold = json.dumps(outputs["reach"]).replace("10.4.0.1", "the registry's address, known after deployment")
    assert json.loads(untold) == reach_of_the_state(stack)
    # The name is in the bound VPC alone, and nobody reaches the Internet endpoint.
    shown = stack.cloud("ls", "--json").ok().out
    (zone,) = [r["outputs"] for r in json.loads(shown) if r["type"] == "alicloud:pvtz/zone:Zone"]
    assert zone["zoneName"] == "contoso-registry-vpc.ap-northeast-1.cr.aliyuncs.com"
    assert zone["remark"].endswith(" A 10.4.0.1")
    (registry,) = [r["outputs"] for r in json.loads(shown) if r["type"].endswith("RegistryEnterpriseInstance")]
    assert {e["endpointType"]: e["enable"] for e in registry["instanceEndpoints"]} == {"internet": False, "vpc": True}
    # As `make down` does it, which knows by the marker where the stack is.
    stack.run("python", str(ROOT / "tools" / "down.py"), stack.stack, "--yes").ok()
    assert stack.cloud_ids() == []


@pytest.mark.full
def test_a_change_that_the_provider_would_ignore_fails_the_preview(program: Rehearsal) -> None:
    program.up().ok()
    settings = {"image_scanner": "SAS", "namespace_quota": 10, "period_months": 12, "renewal_months": 1}
    give(program, ARGS | {"instance_type": "Advanced", "settings": settings})
    told = program.preview().failed().text
    assert 'instance_type: "Basic" → "Advanced" would be reported as an update and change nothing' in told
    assert "upgrade the instance in the console" in told
    assert "image_scanner: not set" in told
    assert "namespace_quota: not set → 10" in told
    assert "period_months: 1 → 12" in told
    assert "replace" not in told, "a replacement would buy a second subscription"
    program.up().failed()
    # Its safe twins: what the provider does change, and what stands beside the instance.
    give(program, ARGS | {"tags": {"owner": "other"}, "vpc_links": {"apps": LINK}, "namespaces": {"apps": {}}})
    program.up().ok()
    stays(program)


@pytest.mark.full
def test_an_upgrade_in_the_console_is_taken_over(program: Rehearsal) -> None:
    program.up().ok()
    (instance,) = [i for i in program.cloud_ids() if "registryEnterpriseInstance" in i]
    program.cloud("set", instance, "instanceType=Advanced").ok()
    assert 'instance_type: "Advanced" → "Basic"' in program.pulumi("preview", "--refresh").failed().text
    program.pulumi("refresh", "--yes", "--skip-preview").ok()
    give(program, ARGS | {"instance_type": "Advanced"})
    stays(program)


@pytest.mark.full
def test_the_plugin_refuses_such_a_change_too(tmp_path: Path) -> None:
    project = tmp_path / "program"
    project.mkdir()
    properties = {
        "instanceName": "contoso",
        "instanceType": "Basic",
        "region": "ap-northeast-1",
        "protect": False,
        "retainOnDelete": False,
        "vpcLinks": {
            "apps": {"vpcCidrBlock": "10.4.0.0/16", "vswitchCidrBlock": "10.4.0.0/24", "zoneId": "ap-northeast-1a"}
        },
    }

    def write(**changes: Any) -> None:
        text = {
            "name": "consumer",
            "runtime": "yaml",
            "packages": {"private-registry": str(ROOT / "components")},
            "resources": {
                "images": {"type": "private-registry:EnterpriseRegistry", "properties": properties | changes}
            },
            "outputs": {"privateIps": "${images.privateIps}"},
        }
        (project / "Pulumi.yaml").write_text(yaml.safe_dump(text, sort_keys=False))

    write()
    consumer = Rehearsal(tmp_path / "rehearsal", project=project, config=dict(LOCAL)).init()
    consumer.up().ok()
    consumer.preview("--expect-no-changes").ok()
    assert consumer.outputs() == {"privateIps": {"apps": "10.4.0.1"}}
    write(instanceType="Advanced")
    told = consumer.preview().failed().text
    assert 'instanceType: "Basic" → "Advanced" would be reported as an update and change nothing' in told
    write(instanceType="Personal", internetAccess={"entries": []})
    told = consumer.preview().failed().text
    assert "cannot be Personal Edition" in told
    assert "an Internet endpoint without an entry is open to everybody" in told


@pytest.mark.full
def test_an_instance_is_kept_by_default(program: Rehearsal) -> None:
    images = {"namespaces": {"apps": {"repositories": {"web": {}}}}}
    give(program, images | {k: v for k, v in ARGS.items() if k not in ("protect", "retain_on_delete")})
    program.up().ok()
    assert "protect" in program.pulumi("destroy", "--yes").failed().text
    give(program, images | {k: v for k, v in ARGS.items() if k != "retain_on_delete"})
    program.up().ok()
    program.pulumi("destroy", "--yes").ok()
    left = {id.split("/")[5] for id in program.cloud_ids()}
    assert left == {"registryEnterpriseInstance", "registryEnterpriseNamespace", "registryEnterpriseRepo"}


@pytest.mark.full
def test_the_internet_endpoint_by_entries(program: Rehearsal) -> None:
    entries = ["203.0.113.0/28", "198.51.100.7/32"]
    give(program, ARGS | {"internet_access": {"entries": entries}})
    program.up().ok()
    give(program, ARGS | {"internet_access": {"entries": entries[::-1]}})
    stays(program)
    give(program, ARGS | {"internet_access": {"entries": entries[:1]}})
    assert program.steps() == {"main-internet": "update"}
    program.up().ok()
    give(program, ARGS)
    program.up().ok()
    (instance,) = [r for r in json.loads(program.cloud("ls", "--json").out) if "Instance" in r["type"]]
    assert not any(e["enable"] for e in instance["outputs"]["instanceEndpoints"] if e["endpointType"] == "internet")


@pytest.mark.full
def test_images_are_copied_to_another_region(raw: Rehearsal) -> None:
    (raw.project / "__main__.py").write_text("""
import pulumi, pulumi_alicloud
from private_registry.alibaba import EnterpriseRegistry
base = {"instance_type": "Advanced", "protect": False, "retain_on_delete": False, "namespaces": {"apps": {}}}
there = pulumi_alicloud.Provider("there", region="ap-southeast-1", protocol="localcloud.invalid")
target = EnterpriseRegistry("target", {**base, "instance_name": "contoso-sg", "region": "ap-southeast-1"},
                            pulumi.ResourceOptions(providers=[there]))
source = EnterpriseRegistry("source", {
    **base, "instance_name": "contoso", "region": "ap-northeast-1",
    "sync_rules": {"to-singapore": {"namespace": "apps", "target_region": "ap-southeast-1",
                                    "target_instance_id": target.registry_id, "target_namespace": "apps"}}},
    pulumi.ResourceOptions(depends_on=[target]))
""")
    raw.config |= LOCAL
    raw.up().ok()
    stays(raw)
    (rule,) = [r["outputs"] for r in json.loads(raw.cloud("ls", "--json").out) if "SyncRule" in r["type"]]
    assert (rule["syncScope"], rule["targetRegionId"], rule["tagFilter"]) == ("NAMESPACE", "ap-southeast-1", ".*")
    raw.pulumi("destroy", "--yes").ok()
    assert raw.cloud_ids() == []


# OSS in Tokyo, by hand from alibabacloud.com/help/en/oss/user-guide/regions-and-endpoints.
SERVICES = ["100.114.211.0/24", "100.114.114.0/25"]


OTHER = "2000000000000002"


def example(folder: Path, name: str) -> Rehearsal:
    return Rehearsal(folder, project=ROOT / "examples" / f"alibaba-{name}", config=dict(LOCAL)).init()


@pytest.mark.full
@pytest.mark.parametrize("name", ["single-vpc", "internet-acl"])
def test_an_example_is_deployed_twice(tmp_path: Path, name: str) -> None:
    rehearsal = example(tmp_path, name)
    rehearsal.up().ok()
    stays(rehearsal)
    assert_pictured(rehearsal, f"alibaba-{name}")
    rehearsal.pulumi("destroy", "--yes").ok()
    assert rehearsal.cloud_ids() == []


@pytest.mark.parametrize(
    ("name", "region", "account", "services"),
    [
        pytest.param("cross-region", "ap-southeast-1", None, SERVICES, marks=pytest.mark.full),
        # In the registry's own region every VPC reaches the token service and OSS by itself.
        pytest.param("cross-account", "ap-northeast-1", OTHER, [], marks=pytest.mark.full),
        pytest.param("cross-account", "ap-southeast-1", OTHER, SERVICES, marks=pytest.mark.full),
    ],
)
def test_another_vpc_gets_a_way_and_the_name(
    tmp_path: Path, name: str, region: str, account: str | None, services: list[str]
) -> None:
    raw = example(tmp_path, name)
    if account:
        raw.config["alibaba-cross-account:clientRegion"] = region
    raw.up().ok()
    stays(raw)
    if region == (
        "ap-southeast-1" if name == "cross-region" else "ap-northeast-1"
    ):  # as the example's own settings say
        assert_pictured(raw, f"alibaba-{name}")
    assert raw.outputs()["routes"] == ["10.4.0.1/32", *services]
    cloud = json.loads(raw.cloud("ls", "--json").out)
    owner = account or "1000000000000001"

    def of(kind: str) -> list[dict[str, Any]]:
        return [r for r in cloud if r["type"].endswith(f":{kind}")]

    # The name: a zone of the client's account, asked by its VPC, with the address in the bound VPC.
    (record,) = [r["outputs"] for r in of("ZoneRecord")]
    (zone,) = [r for r in of("Zone") if r["id"].endswith(record["zoneId"])]
    (attachment,) = [r["outputs"] for r in of("ZoneAttachment")]
    assert f"/alicloud/{owner}/" in zone["id"]
    assert zone["outputs"]["zoneName"] == "contoso-registry-vpc.ap-northeast-1.cr.aliyuncs.com"
    assert (record["rr"], record["type"], record["value"]) == ("@", "A", "10.4.0.1")
    (far,) = [r for r in of("Network") if r["outputs"]["cidrBlock"] == "10.9.0.0/16"]
    assert [v["regionId"] for v in attachment["vpcs"]] == [region]
    assert attachment["vpcIds"] == [far["id"].rsplit("/", 1)[-1]]
    # The way: every hop has a route there, and one back.
    destinations = {
        f"{r['id'].split('/')[3]} {r['inputs']['transitRouterRouteEntryDestinationCidrBlock']}"
        for r in cloud
        if "transitRouterRouteEntry:" in r["type"]
    }
    assert destinations == {
        f"{region} 10.4.0.1/32",
        "ap-northeast-1 10.9.0.0/16",
        *(f"{where} {s}" for where in (region, "ap-northeast-1") for s in services),
        *([f"{region} 10.9.0.0/16", "ap-northeast-1 10.4.0.1/32"] if services else []),
    }
    assert len(of("TransitRouterGrantAttachment")) == (1 if account else 0)
    raw.pulumi("destroy", "--yes").ok()
    assert raw.cloud_ids() == []
