"""Real stacks' configurations, deployed twice into the local cloud without a cloud account."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml
from localcloud.rehearse import SECRET_PLACEHOLDER, rehearsal_config

from tests.rehearsal import ROOT, Finished

pytestmark = pytest.mark.engine


def rehearse(folder: Path, *words: str) -> Finished:
    done = subprocess.run(
        [str(ROOT / ".venv/bin/python"), "-m", "localcloud.rehearse", *words],
        env={**os.environ, "PRIVATE_REGISTRY_LOCAL": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def test_a_stack_of_alibaba_cloud_is_marked_for_it_and_loses_its_credentials() -> None:
    given = {"alicloud:region": "ap-northeast-1", "alicloud:profile": "prod", "alicloud:accessKey": {"secure": "v1:x"}}
    made, notes = rehearsal_config({"config": given})
    assert made["config"]["alicloud:protocol"] == "localcloud.invalid"
    assert made["config"]["alicloud:region"] == "ap-northeast-1"
    assert not {"alicloud:profile", "alicloud:accessKey"} & set(made["config"])
    assert len(notes) == 2
    assert "alicloud:protocol" not in rehearsal_config({"config": {"azure-native:location": "japaneast"}})[0]["config"]


@pytest.mark.full
def test_the_gate_previews_a_stack_of_alibaba_cloud(tmp_path: Path) -> None:
    assert "'alibaba' passes" in rehearse(tmp_path, "alibaba", "--preview").ok().out


@pytest.mark.parametrize(
    "stack", ["dev", *(pytest.param(each, marks=pytest.mark.full) for each in ("staging", "prod", "alibaba"))]
)
def test_a_real_stack_deploys_and_then_changes_nothing(tmp_path: Path, stack: str) -> None:
    killed = tmp_path / "rehearsals" / stack / "cloud.sqlite.asked"  # what an earlier rehearsal left when it was killed
    killed.mkdir(parents=True)
    (killed / "1.jsonl").write_text("")
    config = ROOT / f"Pulumi.{stack}.yaml"
    before = config.read_text()
    told = rehearse(tmp_path, stack).ok()
    assert f"'{stack}' deploys, and deploying it again changes nothing" in told.out
    assert config.read_text() == before
    assert not (ROOT / f"Pulumi.{stack}-rehearsal.yaml").exists()
    states = tmp_path / "rehearsals" / stack / "state" / ".pulumi" / "stacks" / "private-registry"
    assert (states / f"{stack}-rehearsal.json").exists()


def test_an_unknown_stack_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    told = rehearse(tmp_path, "nosuch")
    assert told.code == 2
    for stack in ("dev", "local", "prod", "staging"):
        assert stack in told.err
    assert "Traceback" not in told.text


def test_credentials_and_secrets_stay_out() -> None:
    config, notes = rehearsal_config(
        {
            "secretsprovider": "azurekeyvault://somewhere",
            "encryptedkey": "abc",
            "config": {
                "azure-native:clientSecret": {"secure": "AAA"},
                "azure-native:tenantId": "t",
                "azure-native:location": "japaneast",
                "private-registry:token": {"secure": "BBB"},
                "private-registry:registryName": "contoso",
            },
        }
    )
    assert config == {
        "config": {
            "azure-native:location": "japaneast",
            "private-registry:token": SECRET_PLACEHOLDER,
            "private-registry:registryName": "contoso",
            "azure-native:metadataHost": "localcloud.invalid",
        }
    }
    assert len(notes) == 3
    assert "AAA" not in yaml.safe_dump(config) + str(notes)


PROGRAM = """
import pulumi
import pulumi_azure_native as azure

group = azure.resources.ResourceGroup("group", resource_group_name="rg-gate")
azure.containerregistry.Registry(
    "registry", registry_name="contosogate", resource_group_name=group.name, location="{location}",
    sku={{"name": "Premium"}}, public_network_access="{access}", data_endpoint_enabled=True,
    opts=pulumi.ResourceOptions(protect=True),
)
"""


@pytest.fixture
def gated(tmp_path: Path) -> tuple[str, ...]:
    """The words that rehearse a project with one protected registry."""
    project = tmp_path / "project"
    project.mkdir()
    runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": str(ROOT / ".venv")}}
    (project / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "gated", "runtime": runtime}))
    (project / "Pulumi.prod.yaml").write_text(yaml.safe_dump({"config": {"azure-native:location": "japaneast"}}))
    (project / "__main__.py").write_text(PROGRAM.format(location="japaneast", access="Disabled"))
    return ("prod", "--project", str(project))


@pytest.mark.full
def test_the_gate_refuses_an_update_that_would_replace_a_registry(tmp_path: Path, gated: tuple[str, ...]) -> None:
    program, folder = tmp_path / "project" / "__main__.py", tmp_path / "local"
    gate = (*gated, "--preview")
    rehearse(folder, *gated).ok()
    told = rehearse(folder, *gate).ok()
    assert "'prod' passes" in told.out
    assert "begins from what the last rehearsal deployed" in told.out
    assert "NOT judged" not in told.out

    program.write_text(PROGRAM.format(location="koreacentral", access="Enabled"))
    told = rehearse(folder, *gate).failed()
    assert "replaces registry 'registry' (contosogate)" in told.out
    assert "To do it on purpose, copy the images first" in " ".join(told.out.split())
    assert "no-exposed-access" in told.text, "what the pack finds is told as well"
    assert "'prod' is refused" in told.err

    program.write_text(PROGRAM.format(location="koreacentral", access="Disabled"))
    config = tmp_path / "pack.json"
    config.write_text('{"registry-kept": "advisory"}')
    rehearse(folder, *gate, "--policy-pack-config", str(config)).ok()
    told = rehearse(folder, *gate, "--from", "nothing").ok()
    assert "what an update would delete or replace is NOT judged" in told.out
    assert "make rehearse STACK=prod" in told.out


@pytest.mark.full
def test_the_gate_says_that_it_had_nothing_to_compare_with(tmp_path: Path, gated: tuple[str, ...]) -> None:
    told = rehearse(tmp_path / "local", *gated, "--preview", "--from", "last")
    assert told.code == 2
    assert "no rehearsal of 'prod' is deployed" in told.err
    for _ in range(2):  # the first leaves an empty stack, which is nothing to start from
        told = rehearse(tmp_path / "local", *gated, "--preview").ok()
        assert "what an update would delete or replace is NOT judged: this preview begins from nothing" in told.out
