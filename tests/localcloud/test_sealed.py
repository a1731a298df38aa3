"""A rehearsal that is started where a real stack is deployed reaches nothing of it: a stand-in hears what it asks."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
from concurrent import futures
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest
import yaml
from localcloud.rehearse import SECRET_PLACEHOLDER

from tests.localcloud.test_rehearse import rehearse
from tests.rehearsal import ROOT, Rehearsal

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine

PROGRAM = """
import os

import pulumi
import pulumi_azure_native as azure

azure.resources.ResourceGroup("group", resource_group_name="rg", location="japaneast")
pulumi.export("seen", sorted(f"{name}={value}" for name, value in os.environ.items()))
"""
NOTHING_ASKED: list[str] = []


class _Listener(grpc.GenericRpcHandler):
    """Writes down what it is asked, and answers nothing."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> None:
        self.asked.append(str(getattr(handler_call_details, "method", "")))


class RealStack:
    """The environment of a real deployment: its backend, its credentials, and two stand-ins for azure-native."""

    def __init__(self, folder: Path, listener: _Listener, port: int) -> None:
        self._listener = listener
        self.backend = folder / "real-state"
        self.home = folder / "real-home"
        self._ran = folder / "ran"
        on_path = folder / "on-path"
        for made in (self.backend, self.home, on_path):
            made.mkdir(parents=True)
        stand_in = on_path / "pulumi-resource-azure-native"
        stand_in.write_text(f'#!/bin/sh\necho "ran $*" >>"{self._ran}"\nexit 1\n')
        stand_in.chmod(0o755)
        config = folder / "Pulumi.prod.yaml"
        config.write_text(yaml.safe_dump({"config": {"azure-native:location": "westeurope"}}))
        self.on_path = {"PATH": f"{on_path}{os.pathsep}{os.environ['PATH']}"}
        self.attached = {"PULUMI_DEBUG_PROVIDERS": f"azure-native:{port}"}
        self.environment = {
            **self.on_path,
            **self.attached,
            "PULUMI_BACKEND_URL": f"file://{self.backend}",
            "PULUMI_HOME": str(self.home),
            "PULUMI_CREDENTIALS_PATH": str(self.home),
            "PULUMI_ACCESS_TOKEN": "from-outside",
            "PULUMI_CONFIG_PASSPHRASE": "from-outside",
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(config),
            "PULUMI_STACK": "prod-from-outside",
            "PULUMI_OPTION_STACK": "prod-from-outside",
            "PULUMI_OPTION_CONFIG_FILE": str(config),
            "PULUMI_OPTION_CWD": str(self.home),
            "PULUMI_OPTION_TARGET": "urn:from-outside",
            "AZURE_CLIENT_ID": "from-outside",
            "AZURE_CLIENT_SECRET": "from-outside",
            "AZURE_FEDERATED_TOKEN_FILE": "from-outside",
            "ARM_ACCESS_KEY": "from-outside",
            "ARM_CLIENT_SECRET": "from-outside",
            "ARM_SUBSCRIPTION_ID": "from-outside",
            "ARM_OIDC_TOKEN": "from-outside",
        }

    @property
    def asked(self) -> list[str]:
        ran = self._ran.read_text().splitlines() if self._ran.exists() else []
        return [*ran, *self._listener.asked]

    def fingerprint(self) -> str:
        found = sorted(file for top in (self.backend, self.home) for file in top.rglob("*"))
        whole = "".join(f"{file}{file.stat().st_mtime_ns}" for file in found)
        return hashlib.sha256(whole.encode()).hexdigest()


@pytest.fixture
def real(tmp_path: Path) -> Iterator[RealStack]:
    listener = _Listener()
    server = grpc.server(futures.ThreadPoolExecutor(2), handlers=[listener])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield RealStack(tmp_path / "real", listener, port)
    server.stop(None).wait()


def test_a_rehearsal_in_a_real_stacks_environment_does_not_reach_it(raw: Rehearsal, real: RealStack) -> None:
    (raw.project / "__main__.py").write_text(PROGRAM)
    before = real.fingerprint()
    raw.env = real.environment
    raw.up().ok()
    seen = raw.outputs()["seen"]
    raw.pulumi("refresh", "--yes", "--skip-preview").ok()
    raw.pulumi("destroy", "--yes", "--skip-preview").ok()
    assert real.asked == NOTHING_ASKED
    assert real.fingerprint() == before
    assert [each for each in seen if "from-outside" in each] == []
    assert f"PULUMI_BACKEND_URL=file://{raw.folder}/state?metadata=skip" in seen


@pytest.mark.parametrize("how", ["on_path", "attached"])
def test_the_stand_in_hears_of_a_run_that_is_not_sealed(raw: Rehearsal, real: RealStack, how: str) -> None:
    """The same run without `bin/local`: else the test above would pass whatever was asked."""
    (raw.project / "__main__.py").write_text(PROGRAM)
    raw.write_config()
    shutil.rmtree(raw.folder / "pulumi-home" / "plugins", ignore_errors=True)
    done = subprocess.run(
        [str(ROOT / "bin" / "pulumi"), "up", "--yes", "--skip-preview", "--stack", raw.stack, "--non-interactive"],
        cwd=raw.project,
        env={
            **os.environ,
            **getattr(real, how),
            "PULUMI_HOME": str(raw.folder / "pulumi-home"),
            "PULUMI_BACKEND_URL": f"file://{raw.folder}/state",
            "PULUMI_CONFIG_PASSPHRASE": "rehearsal",
            "PULUMI_OPTION_CONFIG_FILE": str(raw.config_file),
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode != 0
    assert real.asked != NOTHING_ASKED


def test_the_folder_is_made_private(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o755)
    done = subprocess.run(
        [str(ROOT / "bin" / "local"), "env"],
        env={**os.environ, "PRIVATE_REGISTRY_LOCAL": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert folder.stat().st_mode & 0o777 == 0o700


def test_secrets_in_objects_are_replaced_and_reported(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(ROOT / name, project / name)
    runtime = yaml.safe_load((project / "Pulumi.yaml").read_text())
    runtime["runtime"]["options"]["virtualenv"] = str(ROOT / ".venv")
    (project / "Pulumi.yaml").write_text(yaml.safe_dump(runtime))
    config = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())
    config["encryptionsalt"] = "v1:only-the-real-stack-can-use-it"
    config["config"]["private-registry:tags"] = {"owner": "platform", "note": {"secure": "AAABCD"}}
    (project / "Pulumi.dev.yaml").write_text(yaml.safe_dump(config))
    told = rehearse(tmp_path / "local", "dev", "--preview", "--project", str(project)).ok()
    assert f"private-registry:tags.note: a secret, replaced by the placeholder '{SECRET_PLACEHOLDER}'" in told.text
    assert "AAABCD" not in told.text
    assert (tmp_path / "local").stat().st_mode & 0o777 == 0o700


@pytest.mark.full
def test_a_cloud_of_an_earlier_version_is_left_and_the_way_on_works(local: Rehearsal) -> None:
    local.up().ok()
    with sqlite3.connect(local.folder / "cloud.sqlite") as sql:
        sql.execute("PRAGMA user_version = 1")
    sql.close()
    told = local.up().failed().text.replace("\n", " ")
    assert "has format 1, this version reads" in told
    ways = [part.removeprefix("bin/local ").split() for part in told.split("`") if part.startswith("bin/local ")][:2]
    assert [way[:2] for way in ways] == [["cloud", "reset"], ["pulumi", "refresh"]]
    for way in ways:
        local.run(*way).ok()
    local.up().ok()
    local.preview("--expect-no-changes").ok()
