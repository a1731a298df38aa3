"""The file: one transaction for each operation, many threads and processes, kills, and simulated latency."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from localcloud.model import Cloud, CloudFileError, Refused, latency

from tests.localcloud.model_estate import ENDPOINT, GROUP, NETWORK, REGISTRY, SUBNET, Estate, several

R, REPLICA, V, S, E = (
    "containerregistry:Registry",
    "containerregistry:Replication",
    "network:VirtualNetwork",
    "network:Subnet",
    "network:PrivateEndpoint",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "cloud.sqlite"


class TestFile:
    def test_it_is_kept(self, path: Path) -> None:
        Estate(Cloud.open(path)).make(R)
        assert Cloud.open(path).read(f"azure-native:{R}", REGISTRY) is not None

    def test_another_file_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "cloud.sqlite").write_text("this is not a database, and long enough to be taken for one" * 20)
        with pytest.raises(CloudFileError, match="is not a local cloud"):
            Cloud.open(tmp_path / "cloud.sqlite")

    def test_a_newer_format_is_refused(self, path: Path) -> None:
        import sqlite3

        Cloud.open(path).close()
        with sqlite3.connect(path) as sql:
            sql.execute("PRAGMA user_version = 99")
        with pytest.raises(CloudFileError, match="has format 99"):
            Cloud.open(path)

    def test_an_unknown_latency_profile_is_refused(self, path: Path) -> None:
        with pytest.raises(ValueError, match="'slow' is unknown"):
            Cloud.open(path, "slow")

    @pytest.mark.parametrize("value", ["fast", "-1", "inf", "nan"])
    def test_a_scale_that_is_none_is_refused(self, path: Path, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LOCALCLOUD_LATENCY_SCALE", value)
        with pytest.raises(ValueError, match="LOCALCLOUD_LATENCY_SCALE is"):
            Cloud.open(path)


class TestConcurrency:
    def test_threads_of_one_process(self, path: Path) -> None:
        estate = Estate(Cloud.open(path))
        several(V, S)(estate)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: estate.make(R, registryName=f"contoso{n}"), range(40)))
            nics = list(
                pool.map(lambda n: estate.make("network:NetworkInterface", networkInterfaceName=f"n{n}"), range(20))
            )
        found = [nic.outputs["ipConfigurations"][0]["privateIPAddress"] for nic in nics]
        assert len(set(found)) == 20

    def test_one_of_many_gets_a_name(self, path: Path) -> None:
        estate = Estate(Cloud.open(path))

        def attempt(n: int) -> bool:
            try:
                estate.make(R, tags={"n": str(n)})
            except Refused:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(attempt, range(16))) == 1

    def test_processes(self, path: Path) -> None:
        estate = Estate(Cloud.open(path))
        several(V, S)(estate)
        workers = [spawn(path, "interfaces", str(n)) for n in range(4)]
        outputs = [json.loads(worker.communicate(timeout=60)[0]) for worker in workers]
        addresses = [address for found in outputs for address in found]
        assert len(addresses) == len(set(addresses)) == 20
        assert len(estate.read(S, SUBNET)["ipConfigurations"]) == 20

    def test_many_processes_may_open_a_new_file_at_once(self, path: Path) -> None:
        workers = [spawn(path, "open") for _ in range(4)]
        assert [worker.wait(timeout=60) for worker in workers] == [0] * 4


WORKER = """
import json, sys
from pathlib import Path
from localcloud.model import Cloud
path, what, *rest = sys.argv[1:]
cloud = Cloud.open(Path(path))
subnet = {subnet!r}
def nic(n):
    return cloud.create("azure-native:network:NetworkInterface", {{
        "resourceGroupName": "rg", "networkInterfaceName": n, "location": "japaneast",
        "ipConfigurations": [{{"name": "one", "subnet": {{"id": subnet}}}}]}}, {subscription!r})
if what == "interfaces":
    made = [nic(f"nic-{{rest[0]}}-{{n}}") for n in range(5)]
    print(json.dumps([m.outputs["ipConfigurations"][0]["privateIPAddress"] for m in made]))
if what == "replicate":
    Cloud.open(Path(path), "realistic").create("azure-native:containerregistry:Replication", {{
        "resourceGroupName": "rg", "registryName": "contoso", "replicationName": "westus2", "location": "westus2"}},
        {subscription!r})
if what == "churn":
    print("started", flush=True)
    while True:
        for n in range(5):
            nic(f"churn-{{n}}")
        for n in range(5):
            nics = {group!r} + "/providers/Microsoft.Network/networkInterfaces"
            cloud.delete("azure-native:network:NetworkInterface", nics + f"/churn-{{n}}")
"""


def spawn(path: Path, *words: str, **env: str) -> subprocess.Popen[str]:
    code = WORKER.format(subnet=SUBNET, subscription=GROUP.split("/")[2], group=GROUP)
    command = [sys.executable, "-c", code, str(path), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **env})


def test_a_kill_at_any_point_leaves_a_consistent_file(path: Path) -> None:
    estate = Estate(Cloud.open(path))
    several(V, S)(estate)
    for round_number in range(6):
        worker = spawn(path, "churn")
        assert worker.stdout is not None
        worker.stdout.readline()
        time.sleep(0.01 + 0.013 * round_number)
        worker.send_signal(signal.SIGKILL)
        worker.communicate(timeout=30)
        nics = [r for r in estate.cloud.list() if r.token.endswith(":NetworkInterface")]
        held = sorted(nic.outputs["ipConfigurations"][0]["id"].lower() for nic in nics)
        used = sorted(c["id"].lower() for c in estate.read(S, SUBNET)["ipConfigurations"])
        assert held == used
        for nic in nics:
            estate.delete("network:NetworkInterface", nic.id)
        again = estate.make("network:NetworkInterface")
        assert again.outputs["ipConfigurations"][0]["privateIPAddress"] == "10.0.0.4"
        estate.delete("network:NetworkInterface", again.id)


class TestLatency:
    @pytest.fixture
    def slow(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> Estate:
        monkeypatch.setenv("LOCALCLOUD_LATENCY_SCALE", "0.01")
        return Estate(Cloud.open(path, "realistic"))

    def started(self, work: object) -> threading.Thread:
        thread = threading.Thread(target=work)  # type: ignore[arg-type]
        thread.start()
        time.sleep(0.1)
        return thread

    def test_an_operation_takes_its_time_and_shows_as_provisioning(self, slow: Estate) -> None:
        slow.make(R)
        begun = time.monotonic()
        thread = self.started(lambda: slow.make(REPLICA))
        replica = slow.read(REPLICA, f"{REGISTRY}/replications/westus2")
        assert replica["provisioningState"] == "Creating"
        assert list(replica["status"]) == ["timestamp"]
        thread.join()
        assert time.monotonic() - begun >= 0.6
        assert slow.read(REPLICA, f"{REGISTRY}/replications/westus2")["provisioningState"] == "Succeeded"

    def test_off_takes_none(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LOCALCLOUD_LATENCY_SCALE", "100")
        estate = Estate(Cloud.open(path))
        several(R, REPLICA, V, S, E)(estate)
        assert set(estate.members()) == {"registry", "registry_data_japaneast", "registry_data_westus2"}

    def test_an_endpoint_fails_while_a_replica_of_its_registry_is_provisioned(self, slow: Estate) -> None:
        several(R, V, S)(slow)
        thread = self.started(lambda: slow.make(REPLICA))
        with pytest.raises(Refused, match="still being provisioned \\(westus2\\)") as caught:
            slow.make(E)
        assert (caught.value.status, caught.value.code) == (409, "")
        thread.join()
        slow.make(E)
        assert "registry_data_westus2" in slow.members()

    def test_operations_on_different_resources_run_side_by_side(self, slow: Estate) -> None:
        slow.make(R)
        regions = ("westus2", "eastus", "westeurope")
        with ThreadPoolExecutor(3) as pool:
            made = [pool.submit(slow.make, REPLICA, replicationName=region, location=region) for region in regions]
            while any(slow.gone(REPLICA, f"{REGISTRY}/replications/{region}") for region in regions):
                assert not any(future.done() for future in made), "one was made before the others began"
                time.sleep(0.01)
        for future in made:
            future.result()

    def test_subnets_of_one_network_are_made_one_after_the_other(self, slow: Estate) -> None:
        slow.make(V)
        begun = time.monotonic()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda n: slow.make(S, subnetName=f"s{n}", addressPrefix=f"10.0.{n}.0/27"), range(4)))
        assert time.monotonic() - begun >= 4 * 0.05

    def test_a_replica_that_was_just_deleted_fails_when_it_is_made_again_at_once(self, slow: Estate) -> None:
        several(R, REPLICA)(slow)
        slow.delete(REPLICA, f"{REGISTRY}/replications/westus2")
        with pytest.raises(Refused, match="was just deleted") as caught:
            slow.make(REPLICA)
        assert caught.value.status == 409
        replica = f"{REGISTRY}/replications/westus2"
        assert slow.read(REPLICA, replica)["provisioningState"] == "Failed"  # the creation was accepted, and failed
        slow.change(REPLICA, replica)
        assert slow.read(REPLICA, replica)["provisioningState"] == "Succeeded"

    def test_without_latency_it_can(self, path: Path) -> None:
        estate = Estate(Cloud.open(path))
        several(R, REPLICA)(estate)
        estate.delete(REPLICA, f"{REGISTRY}/replications/westus2")
        estate.make(REPLICA)

    def test_a_create_waits_for_the_deletion_of_its_predecessor(self, slow: Estate) -> None:
        several(R, V, S, E)(slow)
        thread = self.started(lambda: slow.delete(E, ENDPOINT))
        begun = time.monotonic()
        slow.make(E)
        assert time.monotonic() - begun >= 0.45
        thread.join()

    def test_an_update_waits_for_the_creation(self, slow: Estate) -> None:
        several(R, V, S)(slow)
        thread = self.started(lambda: slow.make(E))
        slow.change(E, ENDPOINT, tags={"a": "b"})
        assert slow.read(E, ENDPOINT)["tags"] == {"a": "b"}
        thread.join()

    def test_an_operation_goes_on_when_the_process_that_began_it_is_gone(self, slow: Estate, path: Path) -> None:
        slow.make(R)
        worker = spawn(path, "replicate", LOCALCLOUD_LATENCY_SCALE="0.05")
        replica = f"{REGISTRY}/replications/westus2"
        until = time.monotonic() + 20
        while slow.gone(REPLICA, replica) and time.monotonic() < until:
            time.sleep(0.01)
        worker.kill()
        worker.communicate()
        assert slow.read(REPLICA, replica)["provisioningState"] == "Creating"
        slow.change(REPLICA, replica, tags={"a": "b"})
        assert slow.read(REPLICA, replica)["provisioningState"] == "Succeeded"

    def test_a_network_waits_for_its_subnets_before_it_goes(self, slow: Estate) -> None:
        several(V, S)(slow)
        thread = self.started(lambda: slow.delete(S, SUBNET))
        slow.delete(V, NETWORK)
        thread.join()
        assert slow.gone(V, NETWORK)


def test_the_documentation_has_the_table_of_durations() -> None:
    text = (Path(__file__).parents[2] / "docs" / "rehearsal.md").read_text()
    documented = re.findall(r"^\| `?([\w:/ ]+)`? \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", text, re.MULTILINE)
    expected = [(token.removeprefix("azure-native:"), *(f"{s:g}" for s in t)) for token, t in latency.SECONDS.items()]
    assert documented == [*expected, ("every other type", *(f"{s:g}" for s in latency.OTHERS))]
