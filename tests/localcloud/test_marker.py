"""A real stack never ends in the local cloud by accident, and a local one never in Azure."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.rehearsal import MARKER, ROOT, Rehearsal

pytestmark = pytest.mark.engine

PROGRAM = 'import pulumi_azure_native as azure\nazure.resources.ResourceGroup("group", location="japaneast")\n'


def test_a_stack_that_is_not_marked_is_refused(raw: Rehearsal) -> None:
    (raw.project / "__main__.py").write_text(PROGRAM)
    raw.config["azure-native:metadataHost"] = "management.azure.com"
    told = raw.up().failed().text
    assert "azure-native:metadataHost" in told
    assert "localcloud.invalid" in told
    assert "make rehearse" in told
    assert raw.cloud_ids() == []


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_real_stacks_are_not_marked(stack: str) -> None:
    config = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    assert "azure-native:metadataHost" not in config


def test_the_local_stack_is_marked() -> None:
    config = yaml.safe_load((ROOT / "Pulumi.local.yaml").read_text())["config"]
    assert config["azure-native:metadataHost"] == MARKER["azure-native:metadataHost"]


def test_the_plugin_serves_nobody_outside_a_rehearsal(raw: Rehearsal) -> None:
    """The plugin by itself, as a Pulumi that found it by mistake would use it: marked stack, no local cloud file."""
    (raw.project / "__main__.py").write_text(PROGRAM)
    raw.write_config()
    inside = raw.environment()
    del inside["PRIVATE_REGISTRY_LOCAL"]
    folder = raw.folder
    done = subprocess.run(
        [str(ROOT / "bin" / "pulumi"), "up", "--yes", "--skip-preview", "--stack", raw.stack],
        cwd=raw.project,
        env={
            **inside,
            "PULUMI_HOME": str(folder / "pulumi-home"),
            "PULUMI_BACKEND_URL": f"file://{folder}/state",
            "PULUMI_CONFIG_PASSPHRASE": "rehearsal",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode != 0
    assert "LOCALCLOUD_FILE" in done.stdout + done.stderr
    assert raw.cloud_ids() == []


def test_a_rehearsal_sees_no_credentials_of_a_real_cloud(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(ROOT / "bin" / "local"), "env"],
        env={
            **os.environ,
            "PRIVATE_REGISTRY_LOCAL": str(tmp_path),
            "ARM_CLIENT_SECRET": "from-outside",
            "AZURE_CLIENT_SECRET": "from-outside",
            "PULUMI_ACCESS_TOKEN": "from-outside",
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert "from-outside" not in done.stdout
    assert f"PULUMI_BACKEND_URL=file://{tmp_path}/state" in done.stdout
    assert f"PULUMI_HOME={tmp_path}/pulumi-home" in done.stdout
