"""The command line: what a person sees of the cloud, and does to it behind Pulumi's back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from localcloud.cli import app
from localcloud.model import Cloud
from typer.testing import CliRunner

from tests.rehearsal import ROOT, stack_config

if TYPE_CHECKING:
    from pathlib import Path

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP = "azure-native:resources:ResourceGroup"
REGISTRY = "azure-native:containerregistry:Registry"
GROUP_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
REGISTRY_ID = f"{GROUP_ID}/providers/Microsoft.ContainerRegistry/registries/contoso"
ENTRIES = [
    {"type": GROUP, "inputs": {"resourceGroupName": "rg", "location": "japaneast"}},
    {
        "type": REGISTRY,
        "inputs": {
            "resourceGroupName": "rg",
            "registryName": "contoso",
            "location": "japaneast",
            "sku": {"name": "Premium"},
        },
    },
]


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    file = tmp_path / "cloud.sqlite"
    monkeypatch.setenv("LOCALCLOUD_FILE", str(file))
    return Cloud.open(file)


@pytest.fixture
def filled(cloud: Cloud) -> Cloud:
    for entry in ENTRIES:
        cloud.create(entry["type"], entry["inputs"], SUBSCRIPTION)
    return cloud


def run(*words: str, code: int = 0) -> str:
    """Everything that a command prints; its exit code must be ``code``."""
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, result.output
    assert not isinstance(result.exception, Exception), result.exception
    return result.output


def run_json(*words: str) -> Any:
    return json.loads(run(*words, "--json"))


def write(file: Path, content: object) -> str:
    file.write_text(json.dumps(content))
    return str(file)


def test_ls_lists_what_there_is(filled: Cloud) -> None:
    text = run("ls")
    assert "containerregistry:Registry" in text
    assert "contoso" in text
    assert [r["id"] for r in run_json("ls")] == [GROUP_ID, REGISTRY_ID]
    assert [r["id"] for r in run_json("ls", "--type", "registry")] == [REGISTRY_ID]


def test_ls_in_a_pipe_has_one_line_for_each_resource(filled: Cloud) -> None:
    long = "contoso" + "y" * 43
    for name in (long, "d" * 50):
        filled.create(REGISTRY, {**ENTRIES[1]["inputs"], "registryName": name}, SUBSCRIPTION)
        scope = {
            "resourceGroupName": "rg",
            "scopeMapName": "s" * 50,
            "registryName": name,
            "actions": ["repositories/app/content/read"],
        }
        filled.create("azure-native:containerregistry:ScopeMap", scope, SUBSCRIPTION)
    lines = run("ls").splitlines()
    assert len(lines) == 1 + 6
    assert [line.split()[:2] for line in lines if long in line and "ScopeMap" in line] == [
        ["containerregistry:ScopeMap", f"{long}/{'s' * 50}"]
    ]


def test_ls_of_nothing(cloud: Cloud) -> None:
    assert run("ls").strip() == "the cloud is empty"
    assert run_json("ls") == []


@pytest.mark.parametrize("wanted", [REGISTRY_ID, REGISTRY_ID.upper(), "contoso", "registries/contoso"])
def test_show_finds_by_id_or_its_end(filled: Cloud, wanted: str) -> None:
    shown = run_json("show", wanted)
    assert shown["id"] == REGISTRY_ID
    assert shown["outputs"]["loginServer"] == "contoso.azurecr.io"
    assert "loginServer: contoso.azurecr.io" in run("show", wanted)


def test_an_id_that_is_not_there_or_not_one(filled: Cloud) -> None:
    assert "no resource 'fabrikam'" in run("show", "fabrikam", code=1)
    inputs = {"resourceGroupName": "contoso", "location": "japaneast"}
    filled.create(GROUP, inputs, SUBSCRIPTION)
    text = run("show", "contoso", code=1)
    assert "the end of 2 ids" in text
    assert REGISTRY_ID in text


def test_set_changes_properties_and_reads_json_or_plain_text(filled: Cloud) -> None:
    changed = run_json("set", "contoso", "adminUserEnabled=true", "tags.owner=yes", 'tags.number="5"')
    assert changed["outputs"]["adminUserEnabled"] is True
    assert changed["outputs"]["tags"] == {"owner": "yes", "number": "5"}
    assert "owner" not in run_json("set", "contoso", "tags.owner=null")["outputs"]["tags"]


def test_set_refuses_what_it_cannot_read_before_it_changes_anything(filled: Cloud) -> None:
    text = run("set", "contoso", "adminUserEnabled=true", "tags", "=x", code=1)
    assert "tags: must be PROPERTY=VALUE" in text
    assert "=x: must be PROPERTY=VALUE" in text
    assert run_json("show", "contoso")["outputs"]["adminUserEnabled"] is False


def test_set_of_what_cannot_be_set(filled: Cloud) -> None:
    assert "loginServer.x: cannot be set" in run("set", "contoso", "loginServer.x=1", code=1)


def test_rm_deletes_as_azure_would(filled: Cloud) -> None:
    assert run_json("rm", "contoso") == {"deleted": REGISTRY_ID}
    assert [r["id"] for r in run_json("ls")] == [GROUP_ID]


def test_reset_asks_and_forgets(filled: Cloud) -> None:
    asked = CliRunner().invoke(app, ["reset"], input="n\n")
    assert asked.exit_code == 1
    assert len(run_json("ls")) == 2
    run("reset", "--yes")
    assert run_json("ls") == []
    run("reset", "--yes")


def test_seed_makes_what_exists_beforehand_and_may_be_repeated(cloud: Cloud, tmp_path: Path) -> None:
    file = write(tmp_path / "estate.json", ENTRIES)
    first = run_json("seed", file, "--subscription", SUBSCRIPTION)
    assert first == [{"id": GROUP_ID, "result": "created"}, {"id": REGISTRY_ID, "result": "created"}]
    again = run_json("seed", file, "--subscription", SUBSCRIPTION)
    assert {entry["result"] for entry in again} == {"unchanged"}
    changed = {**ENTRIES[1], "inputs": {**ENTRIES[1]["inputs"], "adminUserEnabled": True}}
    file = write(tmp_path / "estate.json", {"subscription": SUBSCRIPTION, "resources": [ENTRIES[0], changed]})
    assert [entry["result"] for entry in run_json("seed", file)] == ["unchanged", "updated"]
    assert run_json("show", "contoso")["outputs"]["adminUserEnabled"] is True


def test_seed_tells_every_problem_and_makes_nothing(cloud: Cloud, tmp_path: Path) -> None:
    wrong = [
        ENTRIES[0],
        {"type": REGISTRY, "inputs": {"sku": {"name": "Premum"}}},
        {"type": "azure-native:storage:StorageAccount"},
        {"inputs": {}},
        {"type": REGISTRY, "inputs": []},
        "registry",
    ]
    text = run("seed", write(tmp_path / "estate.json", wrong), code=1)
    for words in (
        "resource 2: sku.name: 'Premum' is not allowed",
        "resource 2: resourceGroupName: missing",
        "resource 3: type 'azure-native:storage:StorageAccount': the local cloud does not serve it",
        "resource 4: must be an object with type and inputs",
        "resource 5: inputs: must be an object",
        "resource 6: must be an object with type and inputs",
    ):
        assert words in text
    assert run_json("ls") == []


def test_seed_of_what_azure_refuses_names_the_entry(cloud: Cloud, tmp_path: Path) -> None:
    text = run("seed", write(tmp_path / "estate.json", ENTRIES[1:]), code=1)
    assert f"resource 1 ({REGISTRY})" in text
    assert f"Resource group 'rg' could not be found. (looked for in subscription {SUBSCRIPTION})" in text


def test_a_group_that_another_subscription_has_is_said_to_be_there(cloud: Cloud, tmp_path: Path) -> None:
    other = "00000000-0000-0000-0000-0000000000f1"
    run("seed", write(tmp_path / "group.json", ENTRIES[:1]), "--subscription", other)
    text = run("seed", write(tmp_path / "estate.json", ENTRIES[1:]), code=1)
    asked = f"looked for in subscription {SUBSCRIPTION}"
    assert f"Resource group 'rg' could not be found. ({asked}; there is one in subscription {other})" in text
    assert other in run("ls").splitlines()[1]


def test_a_seed_and_the_local_stack_are_in_the_same_subscription(cloud: Cloud, tmp_path: Path) -> None:
    run("seed", write(tmp_path / "group.json", ENTRIES[:1]))
    (group,) = run_json("ls")
    subscription = stack_config("local")["azure-native:subscriptionId"]
    assert group["id"] == f"/subscriptions/{subscription}/resourceGroups/rg"


@pytest.mark.parametrize("content", ["{", "5", "resources: 5"])
def test_seed_of_another_file(cloud: Cloud, tmp_path: Path, content: str) -> None:
    file = tmp_path / "estate.yaml"
    file.write_text(content)
    assert "error:" in run("seed", str(file), code=1)


VPC, SWITCH = "alicloud:vpc/network:Network", "alicloud:vpc/switch:Switch"
ROUTE, ENDPOINT = "alicloud:vpc/routeEntry:RouteEntry", "alicloud:cr/internetEndpoint:InternetEndpoint"
ROUTER = "alicloud:cen/transitRouter:TransitRouter"
APPS = {"type": VPC, "id": "vpc-apps", "inputs": {"vpcName": "apps", "cidrBlock": "10.4.0.0/16"}}
APPS_A = {"vpcId": "vpc-apps", "cidrBlock": "10.4.0.0/24", "zoneId": "ap-northeast-1a"}
TOKYO = "/alicloud/1000000000000001/ap-northeast-1"


def test_seed_of_alibaba_cloud_has_the_ids_that_are_given(cloud: Cloud, tmp_path: Path) -> None:
    estate: dict[str, Any] = {
        "region": "ap-northeast-1",
        "resources": [
            APPS,
            {"type": SWITCH, "id": "vsw-a", "inputs": APPS_A},
            {**APPS, "region": "ap-southeast-1", "account": 2, "id": "vpc-client"},
            {"type": "alicloud:cen/instance:Instance", "id": "cen-1", "inputs": {"cenInstanceName": "shared"}},
            {"type": ROUTER, "id": "tr-1", "inputs": {"cenId": "cen-1"}},
            ENTRIES[0],
        ],
    }
    first = run_json("seed", write(tmp_path / "estate.json", estate))
    assert [entry["id"] for entry in first] == [
        f"{TOKYO}/vpc/network/vpc-apps",
        f"{TOKYO}/vpc/switch/vsw-a",
        "/alicloud/2/ap-southeast-1/vpc/network/vpc-client",
        "/alicloud/1000000000000001/global/cen/instance/cen-1",
        f"{TOKYO}/cen/transitRouter/cen-1:tr-1",
        GROUP_ID,
    ]
    assert {entry["result"] for entry in first} == {"created"}
    # Whoever gives a program the ids of a VPC can give it the route table's too.
    assert run_json("show", "network/vpc-apps")["outputs"]["routeTableId"] == "vtb-apps"
    assert {entry["result"] for entry in run_json("seed", write(tmp_path / "estate.json", estate))} == {"unchanged"}
    estate["resources"][0] = {**APPS, "inputs": {**APPS["inputs"], "vpcName": "web"}}
    again = run_json("seed", write(tmp_path / "estate.json", estate))
    assert [entry["result"] for entry in again] == ["updated", *["unchanged"] * 5]
    assert run_json("show", "network/vpc-apps")["outputs"]["vpcName"] == "web"
    assert run_json("show", "network/vpc-apps")["outputs"]["routeTableId"] == "vtb-apps"
    assert len(run_json("ls")) == 6


def test_seed_of_alibaba_cloud_tells_every_problem_and_makes_nothing(cloud: Cloud, tmp_path: Path) -> None:
    bare = {key: value for key, value in APPS.items() if key != "id"}
    wrong = [
        bare,
        {**APPS, "id": "vsw-apps"},
        {**APPS, "id": "vpc-apps/x"},
        {"type": ENDPOINT, "id": "cri-1", "inputs": {"instanceId": "cri-1"}},
        {**APPS, "name": "apps"},
        {"type": ROUTE, "inputs": {"routeTableId": "vtb-apps"}},
        {"type": GROUP, "id": "rg", "inputs": {"resourceGroupName": "rg", "location": "japaneast"}},
    ]
    text = run("seed", write(tmp_path / "estate.json", {"acount": "1", "resources": wrong}), code=1)
    for words in (
        "acount: unknown; a seed has account, failedReplicas, region, resources, subscription",
        "resource 1: region: missing",
        "resource 1: id: missing; the cloud assigns it, and the program looks for it by that, e.g. id: vpc-1",
        "resource 2: id 'vsw-apps': must be 'vpc-', then lower-case letters, digits and hyphens",
        "resource 3: id 'vpc-apps/x': must be 'vpc-', then",
        "resource 4: id: leave it out: it is made of instanceId",
        "resource 5: must be an object with type, inputs, id, region and account and nothing else",
        "resource 6: nexthopId: missing; the id is made of it",
        "resource 7: must be an object with type and inputs and nothing else",
    ):
        assert words in text
    assert run_json("ls") == []


def test_seed_of_what_alibaba_cloud_refuses_names_the_entry(cloud: Cloud, tmp_path: Path) -> None:
    switch = {"type": SWITCH, "id": "vsw-a", "inputs": APPS_A}
    estate = {"region": "ap-northeast-1", "resources": [{**APPS, "account": 2}, switch]}
    text = run("seed", write(tmp_path / "estate.json", estate), code=1)
    assert f"resource 2 ({SWITCH}): vpcId 'vpc-apps': account 1000000000000001 in ap-northeast-1 has no such" in text


@pytest.mark.parametrize("file", sorted((ROOT / "localcloud" / "estates").glob("*.yaml")), ids=lambda file: file.stem)
def test_the_seed_of_every_real_stack_can_be_made(cloud: Cloud, file: Path) -> None:
    made = run_json("seed", str(file))
    assert {entry["result"] for entry in made} == {"created"}
    assert {entry["result"] for entry in run_json("seed", str(file))} == {"unchanged"}


def test_the_ids_of_alibabas_example_stack_are_in_its_seed(cloud: Cloud) -> None:
    run_json("seed", str(ROOT / "localcloud" / "estates" / "alibaba.yaml"))
    there = {each["id"].rsplit("/", 1)[-1] for each in run_json("ls")}
    links = stack_config("alibaba")["private-registry:alibaba"]["vpcLinks"]
    named = {link[key] for link in links.values() for key in ("vpcId", "vswitchId")}
    assert named == {"vpc-6weexample0000000000a", "vsw-6weexample0000000000b"}
    assert named <= there


def test_without_a_cloud_the_fix_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOCALCLOUD_FILE", raising=False)
    assert "run bin/local cloud" in run("ls", code=1)


def test_a_file_that_is_no_cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a database, but long enough for one to be looked for in here, certainly")
    monkeypatch.setenv("LOCALCLOUD_FILE", str(file))
    assert "cannot be opened" in run("ls", code=1)


def test_install_says_where(tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = run_json("install", "--home", str(home))
    assert [(entry["plugin"].rsplit("/", 1)[-1], entry["changed"]) for entry in done] == [
        ("pulumi-resource-azure-native", True),
        ("pulumi-resource-alicloud", True),
    ]
    assert "already attached" in run("install", "--home", str(home))
    (home / "plugins").rename(home / "moved")
    (home / "plugins").write_text("")
    assert "error:" in run("install", "--home", str(home), code=1)


def test_every_command_has_json_and_help() -> None:
    for command in ("install", "ls", "show", "set", "rm", "reset", "seed"):
        assert "--json" in run(command, "--help"), command


def test_it_runs_as_a_module(filled: Cloud) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "localcloud", "ls", "--json"], capture_output=True, text=True, check=True, env=os.environ
    )
    assert len(json.loads(ran.stdout)) == 2
