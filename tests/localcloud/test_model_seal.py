"""What lies in the cloud's files: no value in plain text, nothing for others to read; clear words about damage."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from localcloud.model import Cloud, CloudFileError, Refused
from localcloud.model.seal import Seal, key_file
from localcloud.model.store import Store

from tests.localcloud.model_estate import GROUP, REGISTRY, Estate, several
from tests.rehearsal import ROOT

SECRETS = {
    "a tag": "tag-that-is-a-secret",
    "a webhook's address": "https://hooks.example.com/path-that-is-a-secret",
    "a webhook's header": "Bearer header-that-is-a-secret",
}
WEBHOOK = f"{REGISTRY}/webhooks/pushes"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cloud" / "cloud.sqlite"


def with_secrets(path: Path) -> Estate:
    estate = Estate(Cloud.open(path))
    estate.make("containerregistry:Registry", tags={"note": SECRETS["a tag"]})
    headers = {"Authorization": SECRETS["a webhook's header"]}
    estate.make("containerregistry:Webhook", serviceUri=SECRETS["a webhook's address"], customHeaders=headers)
    return estate


def cli(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "localcloud", *words],
        env={"LOCALCLOUD_FILE": str(path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


class TestSecrets:
    def test_no_value_is_in_the_files_as_plain_text(self, path: Path) -> None:
        estate = with_secrets(path)
        estate.cloud.set(REGISTRY, "tags.note", SECRETS["a tag"] + "-again")
        files = [file for file in path.parent.rglob("*") if file.is_file()]
        assert {file.name for file in files} >= {"cloud.sqlite", "cloud.sqlite-wal", "cloud.sqlite.key"}
        held = b"".join(file.read_bytes() for file in files)
        assert b"registries/contoso" in held  # ids can be read: the search below looks at the right bytes
        for what in ("that-is-a-secret", "hooks.example.com", "Bearer", "note"):
            assert what.encode() not in held

    def test_a_secret_that_azure_returns_comes_back(self, path: Path) -> None:
        with_secrets(path)
        found = Cloud.open(path).read("azure-native:containerregistry:Registry", REGISTRY)
        assert found is not None
        assert found.outputs["tags"] == {"note": SECRETS["a tag"]}

    def test_a_secret_that_azure_does_not_return_is_a_digest(self, path: Path) -> None:
        estate = with_secrets(path)
        token = "azure-native:containerregistry:Webhook"
        found = estate.cloud.read(token, WEBHOOK)
        assert found is not None
        assert not {"serviceUri", "customHeaders"} & set(found.outputs)
        assert found.inputs["serviceUri"].startswith("hmac-sha256:")
        shown = cli(path, "show", "webhooks/pushes", "--json")
        assert shown.returncode == 0
        assert "that-is-a-secret" not in shown.stdout
        same = {**estate.inputs("containerregistry:Webhook"), "serviceUri": SECRETS["a webhook's address"]}
        same["customHeaders"] = {"Authorization": SECRETS["a webhook's header"]}
        assert estate.cloud.kept_inputs(token, same) == found.inputs
        assert estate.cloud.kept_inputs(token, {**same, "serviceUri": "https://other.example"}) != found.inputs

    def test_the_digest_is_of_the_folders_own_key(self, tmp_path: Path) -> None:
        one, other = (Seal.of(tmp_path / name, make=True) for name in ("one", "other"))
        assert one.digest("secret") == one.digest("secret")
        assert one.digest("secret") != other.digest("secret")

    def test_a_seed_with_a_secret_changes_nothing_the_second_time(self, path: Path, tmp_path: Path) -> None:
        estate = with_secrets(path)
        seed = tmp_path / "seed.json"
        inputs = estate.inputs("containerregistry:Webhook")
        seed.write_text(json.dumps([{"type": "azure-native:containerregistry:Webhook", "inputs": inputs}]))
        words = ("seed", str(seed), "--subscription", GROUP.split("/")[2], "--json")
        results = [json.loads(cli(path, *words).stdout)[0]["result"] for _ in range(3)]
        assert results == ["updated", "unchanged", "unchanged"]


class TestPrivacy:
    def test_files_are_for_their_owner_only(self, path: Path) -> None:
        with_secrets(path)
        modes = {file.name: oct(file.stat().st_mode & 0o777) for file in path.parent.iterdir()}
        assert modes.keys() >= {"cloud.sqlite", "cloud.sqlite-wal", "cloud.sqlite-shm", "cloud.sqlite.key"}
        assert set(modes.values()) == {"0o600"}
        assert oct(path.parent.stat().st_mode & 0o777) == "0o700"

    def test_a_file_that_was_open_to_others_is_closed(self, path: Path) -> None:
        Cloud.open(path).close()
        path.chmod(0o644)
        Cloud.open(path).close()
        assert path.stat().st_mode & 0o777 == 0o600

    def test_processes_that_begin_at_once_agree_on_a_key(self, path: Path) -> None:
        program = (
            "import sys; from pathlib import Path; from localcloud.model import Cloud; "
            "c = Cloud.open(Path(sys.argv[1])); c.create('azure-native:resources:ResourceGroup', "
            "{'resourceGroupName': sys.argv[2], 'location': 'japaneast'}, 's')"
        )

        def start(n: int) -> subprocess.CompletedProcess[bytes]:
            return subprocess.run([sys.executable, "-c", program, str(path), f"rg{n}"], check=True, timeout=60)

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(start, range(6)))
        assert len(Cloud.open(path).list()) == 6


class TestOtherFiles:
    """Nothing that the local cloud did not make is changed, and what it made and cannot read says why."""

    def test_another_programs_database_is_left_alone(self, path: Path) -> None:
        path.parent.mkdir()
        with sqlite3.connect(path) as sql:
            sql.execute("CREATE TABLE precious (a)")
        path.chmod(0o644)
        before = path.read_bytes()
        with pytest.raises(CloudFileError, match="is not a local cloud"):
            Cloud.open(path)
        refused = cli(path, "reset", "--yes")
        assert refused.returncode == 1
        assert "nothing was deleted" in refused.stderr.replace("\n", " ")
        assert "Traceback" not in refused.stderr
        assert path.read_bytes() == before
        assert path.stat().st_mode & 0o777 == 0o644
        assert [file.name for file in path.parent.iterdir()] == [path.name]

    def test_an_empty_file_becomes_a_cloud(self, path: Path) -> None:
        path.parent.mkdir()
        path.touch()
        Estate(Cloud.open(path))

    @pytest.mark.parametrize("version", [1, 99])
    def test_another_format_is_left_alone(self, path: Path, version: int) -> None:
        with_secrets(path).cloud.close()
        with sqlite3.connect(path) as sql:
            sql.execute(f"PRAGMA user_version = {version}")
        sql.close()
        before = path.read_bytes()
        told = cli(path, "ls")
        assert told.returncode == 1
        assert f"has format {version}, this version reads 3" in told.stderr
        assert path.read_bytes() == before

    def test_reset_forgets_a_cloud_with_its_key(self, path: Path) -> None:
        with_secrets(path).cloud.close()
        assert cli(path, "reset", "--yes").returncode == 0
        assert list(path.parent.iterdir()) == []

    @pytest.mark.parametrize(
        ("damage", "words"),
        [
            (lambda path: key_file(path).unlink(), "is missing: without this key"),
            (lambda path: key_file(path).write_text("short"), "holds no key"),
            (lambda path: shutil.copy(_other_key(path), key_file(path)), "is not the one that it was made with"),
            (lambda path: _overwrite(path, 0), "is not a local cloud, or is damaged"),
            (lambda path: path.write_bytes(path.read_bytes()[:3000]), "is not a local cloud, or is damaged"),
            (lambda path: _tamper(path), "cannot be read: the file is damaged"),
            (lambda path: _swap(path), "cannot be read: the file is damaged"),
        ],
        ids=["no key", "no key in it", "another's key", "header", "cut off", "a value changed", "two values swapped"],
    )
    def test_damage_is_told_and_nothing_is_lost(self, path: Path, damage: object, words: str) -> None:
        with_secrets(path).cloud.close()
        assert callable(damage)
        damage(path)
        before = path.read_bytes()
        told = cli(path, "ls")
        assert told.returncode == 1
        assert words in told.stderr
        assert "Traceback" not in told.stderr
        assert path.read_bytes() == before


def _other_key(path: Path) -> Path:
    other = path.parent / "other"
    Seal.of(other, make=True)
    return key_file(other)


def _overwrite(path: Path, offset: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xff" * 200)


def _tamper(path: Path) -> None:
    with sqlite3.connect(path) as sql:
        (body,) = sql.execute("SELECT body FROM resources LIMIT 1").fetchone()
        sql.execute("UPDATE resources SET body = ?", (body[:-1] + bytes([body[-1] ^ 1]),))
    sql.close()


def _swap(path: Path) -> None:
    with sqlite3.connect(path) as sql:
        sql.execute("UPDATE resources SET body = inputs, inputs = body")
    sql.close()


class TestFullDisk:
    def test_what_was_done_before_is_kept(self, path: Path) -> None:
        estate = with_secrets(path)
        store: Store = estate.cloud._store  # the same connection, told that its disk ends here
        pages = store._sql.execute("PRAGMA page_count").fetchone()[0]
        store._sql.execute(f"PRAGMA max_page_count = {pages}")
        before = len(estate.cloud.list())

        def fill() -> None:
            for n in range(50):
                estate.make("containerregistry:Registry", registryName=f"contoso{n}", tags={"long": "x" * 200})

        with pytest.raises(CloudFileError, match=r"cannot be written \(database or disk is full\).*is kept"):
            fill()
        done = estate.cloud.list()
        assert before <= len(done) < before + 50
        store._sql.execute("PRAGMA max_page_count = 100000")
        estate.make("containerregistry:Registry", registryName="contosoafter")  # the transaction that failed is over
        assert len(estate.cloud.list()) == len(done) + 1

    def test_a_process_without_room_says_so(self, path: Path) -> None:
        """The system refuses the write, as it does when a quota or a disk is full."""
        with_secrets(path).cloud.close()
        program = (
            "import resource, sys; from pathlib import Path\n"
            "from localcloud import cli\n"
            "size = Path(sys.argv[1]).stat().st_size\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
            "sys.argv = ['cloud', 'set', 'registries/contoso', 'tags.note=' + 'x' * 9000]\n"
            "cli.main()\n"
        )
        told = subprocess.run(
            [sys.executable, "-c", program, str(path)],
            env={"LOCALCLOUD_FILE": str(path), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT / "localcloud")},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert told.returncode == 1, told.stderr
        assert "cannot be written" in told.stderr
        assert "Traceback" not in told.stderr
        found = Cloud.open(path).read("azure-native:containerregistry:Registry", REGISTRY)
        assert found is not None
        assert found.outputs["tags"] == {"note": SECRETS["a tag"]}


def test_a_refusal_does_not_name_a_secret(path: Path) -> None:
    estate = with_secrets(path)
    with pytest.raises(Refused) as refused:
        estate.make(
            "containerregistry:Webhook", webhookName="other", serviceUri="ftp://user:password-that-is-a-secret@h"
        )
    assert "that-is-a-secret" not in str(refused.value)


class TestSeedsChoice:
    """What becomes of a replica whose creation fails is a choice of the seed: Azure is described in both ways."""

    @pytest.mark.parametrize(("choice", "left"), [("left", True), ("rolledBack", False)])
    def test_it_holds_for_the_cloud(self, path: Path, tmp_path: Path, choice: str, left: bool) -> None:
        seed = tmp_path / "seed.yaml"
        seed.write_text(f"failedReplicas: {choice}\nresources: []\n")
        assert cli(path, "seed", str(seed)).returncode == 0
        estate = Estate(Cloud.open(path))
        several("containerregistry:Registry", "network:VirtualNetwork", "network:Subnet")(estate)
        addresses = {"registry": "10.0.0.10", "registry_data_japaneast": "10.0.0.11"}
        static = [
            {"name": n, "groupId": "registry", "memberName": n, "privateIPAddress": a} for n, a in addresses.items()
        ]
        estate.make("network:PrivateEndpoint", ipConfigurations=static)
        with pytest.raises(Refused, match="Failed to replicate"):
            estate.make("containerregistry:Replication")
        assert estate.gone("containerregistry:Replication", f"{REGISTRY}/replications/westus2") != left

    def test_another_word_is_refused(self, path: Path, tmp_path: Path) -> None:
        seed = tmp_path / "seed.yaml"
        seed.write_text("failedReplicas: kept\nresources: []\n")
        told = cli(path, "seed", str(seed))
        assert told.returncode == 1
        assert "failedReplicas is 'kept': it must be 'left' or 'rolledBack'" in told.stderr
