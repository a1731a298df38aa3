"""What recovery leaves alone; what it puts right is proven on the engine (tests/localcloud/test_kill.py)."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rehearsal import ROOT

URN = "urn:pulumi:local::shop::azure-native:resources:ResourceGroup::group"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: yaml\n")
    stacks = tmp_path / "state" / ".pulumi" / "stacks" / "shop"
    stacks.mkdir(parents=True)
    (stacks / "local.json").write_text(json.dumps({"checkpoint": {"latest": {"resources": []}}}))
    return tmp_path


def dead_pid() -> int:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    return gone.pid


def recover(project: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "localcloud.recover", str(project / "state")],
        cwd=project,
        env={**os.environ, "LOCALCLOUD_FILE": str(project / "cloud.sqlite")},
        check=True,
        timeout=60,
    )


def test_the_journal_of_a_stack_that_another_run_holds_is_kept_until_it_lets_go(project: Path) -> None:
    journal = project / "cloud.sqlite.asked" / f"{dead_pid()}.jsonl"
    journal.parent.mkdir()
    journal.write_text(
        json.dumps([URN, "azure-native:resources:ResourceGroup", "/subscriptions/s/resourceGroups/g"]) + "\n"
    )
    lock = project / "state" / ".pulumi" / "locks" / "organization" / "shop" / "local" / "lock.json"
    lock.parent.mkdir(parents=True)
    holder = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)", "pulumi"])
    try:
        lock.write_text(json.dumps({"pid": holder.pid, "hostname": platform.node()}))
        recover(project)
        assert lock.exists()
        assert journal.exists()
    finally:
        holder.kill()
        holder.wait()
    recover(project)
    assert not lock.exists()
    assert not journal.exists()


def test_a_state_has_no_metadata_files_that_a_kill_could_leave_empty(tmp_path: Path) -> None:
    # Pulumi's file backend writes NAME.attrs beside each file, not atomically, and an empty one hides the whole stack.
    home, stacks = tmp_path / "pulumi-home", tmp_path / "state" / ".pulumi" / "stacks" / "shop"
    home.mkdir()
    (home / "localcloud.attached").touch()
    stacks.mkdir(parents=True)
    (stacks / "local.json").write_text("{}")
    (stacks / "local.json.attrs").touch()
    ran = subprocess.run(
        [ROOT / "bin" / "local", "printenv", "PULUMI_BACKEND_URL"],
        cwd=tmp_path,
        env={**os.environ, "PRIVATE_REGISTRY_LOCAL": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ran.stdout == f"file://{tmp_path}/state?metadata=skip\n"
    assert [file.name for file in stacks.iterdir()] == ["local.json"]
