"""kill -9 of the engine or the provider, at any point: the next run converges and nothing is lost or made twice."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.rehearsal import Rehearsal, stack_config

pytestmark = pytest.mark.engine

# Slow enough to be hit in the middle of every resource, fast enough for a test: the whole deployment takes about 6 s.
SLOW = {"LOCALCLOUD_LATENCY": "realistic", "LOCALCLOUD_LATENCY_SCALE": "0.03"}


def processes(parent: int) -> dict[int, str]:
    """Every process below ``parent``, with its command line."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [(int(pid), int(ppid), args) for pid, ppid, args in (line.split(None, 2) for line in listed.splitlines())]
    found: dict[int, str] = {}
    known = {parent}
    for pid, ppid, args in sorted(rows):
        if ppid in known or pid == parent:
            known.add(pid)
            found[pid] = args
    return found


def kill_during_up(local: Rehearsal, victim: str, after: float) -> set[int]:
    """Kills the victim of an `up`, ``after`` seconds after its provider started; answers with the run's processes."""
    local.write_config()
    run = subprocess.Popen(
        local.command("pulumi", "up", "--yes", "--skip-preview", "--stack", local.stack, "--non-interactive"),
        cwd=local.project,
        env={**local.environment(), **SLOW},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not (providers := [pid for pid, args in processes(run.pid).items() if "localcloud" in args]):
        assert run.poll() is None
        assert time.monotonic() < deadline, "the engine started no provider"
        time.sleep(0.02)
    time.sleep(after)
    family = processes(run.pid)
    # bin/local and bin/pulumi exec, so the process that was started is the engine.
    for pid in [run.pid] if victim == "engine" else providers:
        os.kill(pid, signal.SIGKILL)
    run.wait(timeout=60)
    return set(family)


def alive(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


@pytest.mark.full
@pytest.mark.parametrize("after", [0.1, 0.6, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5])
@pytest.mark.parametrize("victim", ["engine", "provider"])
def test_the_next_run_converges(local: Rehearsal, victim: str, after: float) -> None:
    family = kill_during_up(local, victim, after)
    time.sleep(2)
    assert not [pid for pid in family if alive(pid)], "processes outlive the killed run"

    local.up().ok()
    local.preview("--expect-no-changes").ok()
    in_state = {r["id"].lower() for r in local.resources() if r["type"].startswith("azure-native:")}
    in_cloud = {i.lower() for i in local.cloud_ids()}
    assert in_state <= in_cloud
    local.pulumi("refresh", "--yes").ok()
    local.preview("--expect-no-changes").ok()
    local.pulumi("destroy", "--yes").ok()
    assert local.cloud_ids() == []


@pytest.mark.full
@pytest.mark.parametrize("after", [0.6, 1.0, 2.0, 2.5, 3.5, 4.0, 4.5, 6.0])
def test_a_killed_destroy_is_finished_by_the_next(local: Rehearsal, after: float) -> None:
    local.up().ok()
    run = subprocess.Popen(
        local.command("pulumi", "destroy", "--yes", "--skip-preview", "--stack", local.stack, "--non-interactive"),
        cwd=local.project,
        env={**local.environment(), **SLOW},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(after)
    run.kill()
    run.wait(timeout=60)
    local.pulumi("destroy", "--yes").ok()
    assert local.cloud_ids() == []


# Alibaba Cloud, whose ids are assigned: nothing but the request's own mark tells what came of it.


@pytest.fixture
def alibaba(tmp_path: Path) -> Rehearsal:
    return Rehearsal(tmp_path, stack="alibaba-local", config=stack_config("alibaba-local")).init()


def asked_for(local: Rehearsal) -> list[str]:
    """What is in the cloud, without the private zone that the service makes by itself."""
    return [each.split("/", 4)[4] for each in local.cloud_ids() if "/pvtz/" not in each]


MADE = [
    "cr/registryEnterpriseInstance",
    "cr/vpcEndpointLinkedVpc",
    "cs/registryEnterpriseNamespace",
    "cs/registryEnterpriseRepo",
    "vpc/network",
    "vpc/switch",
]


@pytest.mark.full
@pytest.mark.parametrize("after", [0.5, 1.5, 2.7])
@pytest.mark.parametrize("victim", ["engine", "provider"])
def test_no_instance_is_lost_or_bought_twice(alibaba: Rehearsal, victim: str, after: float) -> None:
    kill_during_up(alibaba, victim, after)
    alibaba.up().ok()
    alibaba.preview("--expect-no-changes").ok()
    in_cloud = asked_for(alibaba)
    assert sorted("/".join(each.split("/")[:2]) for each in in_cloud) == MADE
    in_state = {r["id"] for r in alibaba.resources() if r["type"].startswith("alicloud:")}
    assert in_state == {each.split("/", 2)[2] for each in in_cloud}
    alibaba.pulumi("refresh", "--yes").ok()
    alibaba.preview("--expect-no-changes").ok()
    alibaba.pulumi("destroy", "--yes").ok()
    assert alibaba.cloud_ids() == []
