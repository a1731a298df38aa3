"""The local cloud under the real engine: what a program, a refresh, an import or a crash meets of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.rehearsal import Rehearsal

pytestmark = pytest.mark.engine

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP = {"type": "azure-native:resources:ResourceGroup", "properties": {"resourceGroupName": "rg"}}


class Program(Rehearsal):
    """A YAML program, which the real YAML host checks against the local cloud's own schema."""

    def write(self, **resources: dict[str, Any]) -> Program:
        content = {"name": "trial", "runtime": "yaml", "resources": {"rg": GROUP, **resources}}
        (self.project / "Pulumi.yaml").write_text(yaml.safe_dump(content))
        return self

    def inputs(self, name: str) -> dict[str, Any]:
        return self.resource(name)["inputs"]

    def resource(self, name: str) -> dict[str, Any]:
        (found,) = [r for r in self.resources() if r["urn"].endswith(f"::{name}")]
        return found


@pytest.fixture
def program(tmp_path: Path) -> Program:
    project = tmp_path / "program"
    project.mkdir()
    made = Program(tmp_path / "rehearsal", project=project).write()
    made.init()
    return made


def registry(**properties: Any) -> dict[str, Any]:
    given = {"resourceGroupName": "${rg.name}", "registryName": "contoso", "sku": {"name": "Premium"}, **properties}
    return {
        "type": "azure-native:containerregistry:Registry",
        "properties": {name: value for name, value in given.items() if value is not None},
    }


def test_a_resource_from_the_first_preview_to_the_end(program: Program) -> None:
    program.write(registry=registry(registryName=None))
    assert program.steps() == {"trial-local": "create", "rg": "create", "registry": "create"}
    assert program.cloud_ids() == [], "a preview makes nothing"
    shown = program.up().ok().text
    assert "warning" not in shown.lower()
    assert program.inputs("registry")["registryName"].startswith("registry")
    program.preview("--expect-no-changes").ok()

    program.write(registry=registry(registryName=None, adminUserEnabled=True))
    assert program.steps() == {"registry": "update"}
    program.write(registry=registry(registryName=None, location="westeurope"))
    assert "replace" in program.steps()["registry"]
    program.up().ok()
    assert program.resource("registry")["outputs"]["location"] == "westeurope"

    program.pulumi("destroy", "--yes", "--skip-preview").ok()
    assert program.cloud_ids() == []


@pytest.mark.full
def test_a_replacement_makes_room_first_unless_the_name_was_random(program: Program) -> None:
    def order(shown: str) -> list[str]:
        steps = [line.split() for line in shown.splitlines() if "Registry" in line and line.strip()]
        return [step[0] for step in steps if step[0] in ("++", "--") and step[3] in ("created", "deleted")]

    program.write(registry=registry()).up().ok()
    program.write(registry=registry(location="westeurope"))
    assert order(program.up().ok().out) == ["--", "++"], "two registries cannot have one name"
    program.write(random=registry(registryName=None)).up().ok()
    program.write(random=registry(registryName=None, location="westeurope"))
    assert order(program.up().ok().out) == ["++", "--"]


@pytest.mark.full
def test_drift_is_found_and_put_right(program: Program) -> None:
    program.write(registry=registry(tags={"owner": "us"})).up().ok()
    program.cloud("set", "contoso", "adminUserEnabled=true", "tags.owner=them").ok()
    found = program.pulumi("refresh", "--yes", "--skip-preview", "--diff").ok().out
    assert "adminUserEnabled" in found
    assert program.inputs("registry")["tags"] == {"owner": "them"}
    assert program.steps() == {"registry": "update"}
    program.up().ok()
    shown = json.loads(program.cloud("show", "contoso", "--json").ok().out)["outputs"]
    assert (shown["adminUserEnabled"], shown["tags"]) == (False, {"owner": "us"})

    program.cloud("rm", "contoso").ok()
    program.pulumi("refresh", "--yes", "--skip-preview").ok()
    assert program.steps() == {"registry": "create"}


@pytest.mark.full
def test_a_refresh_without_drift_finds_nothing(program: Program) -> None:
    network = {
        "type": "azure-native:network:VirtualNetwork",
        "properties": {
            "resourceGroupName": "${rg.name}",
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
        },
    }
    subnet = {
        "type": "azure-native:network:Subnet",
        "properties": {
            "resourceGroupName": "${rg.name}",
            "virtualNetworkName": "${network.name}",
            "addressPrefix": "10.0.0.0/24",
        },
    }
    program.write(registry=registry(), network=network, subnet=subnet).up().ok()
    program.pulumi("refresh", "--yes", "--skip-preview").ok()
    program.preview("--expect-no-changes").ok()
    program.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes").ok()


@pytest.mark.full
def test_what_exists_already_is_imported_and_not_taken_over(program: Program) -> None:
    estate = [
        {"type": GROUP["type"], "inputs": {"resourceGroupName": "rg", "location": "japaneast"}},
        {
            "type": "azure-native:containerregistry:Registry",
            "inputs": {
                "resourceGroupName": "rg",
                "registryName": "contoso",
                "location": "japaneast",
                "sku": {"name": "Premium"},
                "tags": {"made": "by hand"},
            },
        },
    ]
    file = program.project / "estate.json"
    file.write_text(json.dumps(estate))
    program.cloud("seed", str(file), "--subscription", SUBSCRIPTION).ok()
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
    refused = program.up().failed().text
    assert f"pulumi import azure-native:resources:ResourceGroup rg {group}" in refused

    program.pulumi("import", "azure-native:resources:ResourceGroup", "rg", group, "--yes", "--protect=false").ok()
    id = f"{group}/providers/microsoft.containerregistry/registries/CONTOSO"
    written = program.pulumi(
        "import", "azure-native:containerregistry:Registry", "registry", id, "--yes", "--protect=false"
    )
    assert "made: by hand" in written.ok().out, "the program that import writes"
    assert "registryName: contoso" in written.out

    missing = program.pulumi("import", "azure-native:resources:ResourceGroup", "other", group + "x", "--yes")
    assert "does not exist" in missing.failed().text
    wrong = program.pulumi("import", "azure-native:resources:ResourceGroup", "other", "contoso", "--yes")
    assert "is not the id of such a resource" in wrong.failed().text


def test_every_problem_of_a_resource_is_told_in_one_preview(raw: Rehearsal) -> None:
    (raw.project / "__main__.py").write_text(
        "from pulumi_azure_native import containerregistry as acr, resources\n"
        "group = resources.ResourceGroup('group')\n"
        "acr.Registry('my-registry', resource_group_name=group.name, admin_user_enabled='yes',\n"
        "    sku={'name': 'Premum'}, tags={'cost': 5},\n"
        "    network_rule_set={'ip_rules': [{'i_p_address_or_range': '1.1.1.1', 'actoin': 'Allow'}]})\n"
    )
    text = raw.preview().failed().text
    for words in (
        "sku.name: 'Premum' is not allowed; did you mean 'Premium'?",
        "adminUserEnabled: is a string; must be true or false",
        "networkRuleSet.defaultAction: missing, and required",
        "networkRuleSet.ipRules[0].actoin: there is no such property; did you mean 'action'?",
        "tags.cost: is a whole number; must be a string",
        "set registryName to choose another",
    ):
        assert words in text, words


def test_secrets_stay_secret(raw: Rehearsal) -> None:
    (raw.project / "__main__.py").write_text(
        "import pulumi\n"
        "from pulumi_azure_native import resources\n"
        "group = resources.ResourceGroup('group', tags={'token': pulumi.Output.secret('hunter2')})\n"
        "pulumi.export('tag', group.tags['token'])\n"
    )
    assert "hunter2" not in raw.up().ok().text
    state = json.dumps(raw.resources())
    assert "hunter2" not in state
    assert "ciphertext" in state
    shown = json.loads(raw.cloud("ls", "--json").ok().out)
    assert shown[0]["outputs"]["tags"] == {"token": "hunter2"}, "the cloud gets the value itself"
    raw.pulumi("refresh", "--yes", "--skip-preview").ok()
    assert "hunter2" not in json.dumps(raw.resources())


@pytest.mark.full
def test_a_refusal_names_the_resource_and_everything_that_is_wrong(program: Program) -> None:
    basic = registry(sku={"name": "Basic"}, publicNetworkAccess="Disabled", dataEndpointEnabled=True)
    text = program.write(registry=basic).up().failed().text
    assert (
        "the local cloud refused to create registry (azure-native:containerregistry:Registry): 400 Bad Request" in text
    )


@pytest.mark.full
def test_an_explicit_provider_needs_the_marker_too(program: Program) -> None:
    other = {"type": "pulumi:providers:azure-native", "properties": {"subscriptionId": SUBSCRIPTION}}
    group = {**GROUP, "properties": {"resourceGroupName": "rg2"}, "options": {"provider": "${other}"}}
    text = program.write(other=other, group=group).preview().failed().text
    assert "metadataHost is not set" in text
    other["properties"] |= {"metadataHost": "localcloud.invalid", "location": "japaneast"}
    program.write(other=other, group=group).up().ok()
    assert len(program.cloud_ids()) == 2


@pytest.mark.full
def test_another_type_is_refused_by_name(program: Program) -> None:
    account = {"type": "azure-native:storage:StorageAccount", "properties": {"resourceGroupName": "rg"}}
    assert "storage:StorageAccount" in program.write(account=account).preview().failed().text


def test_an_engine_that_is_killed_leaves_no_provider_behind(program: Program) -> None:
    program.env = {"LOCALCLOUD_LATENCY": "realistic"}
    program.write(registry=registry()).write_config()
    engine = subprocess.Popen(
        program.command("pulumi", "up", "--yes", "--skip-preview", "--stack", "local", "--non-interactive"),
        cwd=program.project,
        env=program.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        provider = _wait_for_provider(engine.pid)
    finally:
        os.kill(engine.pid, signal.SIGKILL)
        engine.wait(10)
    deadline = time.monotonic() + 30
    while _runs(provider) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(provider)


def _wait_for_provider(engine: int) -> int:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        listed = subprocess.run(
            ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        )
        for pid, parent, command in (line.split(None, 2) for line in listed.stdout.splitlines()):
            if int(parent) == engine and "provider/start.py" in command:
                return int(pid)
        time.sleep(0.05)
    raise AssertionError("the engine has started no provider")


def _runs(pid: int) -> bool:
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(shown.strip()) and not shown.startswith("Z")
