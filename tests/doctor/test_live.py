"""The doctor on what Azure says of itself: folders of what az printed, az itself, and the report of one command."""

from __future__ import annotations

import json
import platform
import shutil
from importlib.metadata import version
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from tests.doctor import stacks
from tests.model.live import standin
from tests.model.live.standin import PRINTED
from tests.model.live.wire import ADDRESSES, CONTOSO, HUB

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.doctor.conftest import Result

    Doctor = Callable[..., Result]

HOSTS = {f"{record}.azurecr.io": address for record, address in ADDRESSES.items()}


@pytest.fixture
def az(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", standin.install(tmp_path))
    return tmp_path


def less(tmp_path: Path, *gone: str) -> str:
    """The folder without some of its files."""
    folder = tmp_path / "live"
    shutil.copytree(PRINTED, folder)
    for name in gone:
        (folder / name).unlink()
    return str(folder)


class TestFolder:
    def test_show_has_the_addresses_of_the_network_interface(self, doctor: Doctor) -> None:
        result = doctor("show", "--state", str(PRINTED), "contoso")
        assert result.code == 0
        for host, address in HOSTS.items():
            assert any(host in line and address in line for line in result.out.splitlines())

    def test_reach_says_who_can_pull(self, doctor: Doctor) -> None:
        rows = doctor("reach", "--state", str(PRINTED), "contoso", "--json").json
        verdicts = {row["client"]: row["pull"] for each in rows["registries"] for row in each["clients"]}
        assert verdicts["VM in hub"] == "yes"
        assert verdicts["internet, any address"] == "no"

    def test_allow_list_names_every_host(self, doctor: Doctor) -> None:
        result = doctor("allow-list", "--state", str(PRINTED), "contoso", "--json")
        listed = {entry["host"] for entry in result.json["hosts"]}
        assert set(HOSTS) <= listed

    def test_diagram(self, doctor: Doctor) -> None:
        result = doctor("diagram", "--state", str(PRINTED), "contoso", "--format", "svg")
        assert ElementTree.fromstring(result.out).tag.endswith("svg")
        assert "192.168.0.74" in result.out

    def test_one_file_of_az_is_enough_for_hosts(self, doctor: Doctor) -> None:
        result = doctor("endpoints", "--state", str(PRINTED / "acr-list.json"), "fabrikam")
        assert result.json["loginServer"] == "fabrikam.azurecr.io"
        assert "replications are not in this folder" in result.err

    def test_a_zone_whose_links_were_not_given_is_no_flat_no(self, doctor: Doctor, tmp_path: Path) -> None:
        folder = less(tmp_path, "private-dns-link-vnet-list.json")
        result = doctor("reach", "--state", folder, "contoso", "--json")
        verdicts = {row["client"]: row["pull"] for each in result.json["registries"] for row in each["clients"]}
        assert verdicts["VM in hub"] == "yes, if"
        assert "of which `az network private-dns link vnet list --zone-name privatelink.azurecr.io" in result.out

    def test_a_folder_without_dns_tells_nothing_of_names(self, doctor: Doctor, tmp_path: Path) -> None:
        lists = ("zone-list", "link-vnet-list", "record-set-list")
        gone = (*(f"private-dns-{each}.json" for each in lists), "private-endpoint-dns-zone-group-list.json")
        folder = less(tmp_path, *gone)
        found = doctor("reach", "--state", folder, "contoso", "--json")
        rows = {row["client"]: row["pull"] for row in found.json["registries"][0]["clients"]}
        assert rows["VM in hub"] == "cannot tell"
        assert rows["internet, any address"] == "no"
        assert "give `az network private-dns zone list`" in found.err
        assert "`az network private-endpoint dns-zone-group list` is not in this folder" in found.err
        shown = doctor("show", "--state", folder, "contoso").out
        assert "missing" not in shown
        assert sum(line.split()[-2:] == ["not", "known"] for line in shown.splitlines()) == 3

    def test_a_folder_without_interfaces_says_what_would_tell(self, doctor: Doctor, tmp_path: Path) -> None:
        found = doctor("reach", "--state", less(tmp_path, "nic-list.json"), "contoso", "--json").json
        rows = {row["client"]: row for row in found["registries"][0]["clients"]}
        assert rows["VM in hub"]["pull"] == "cannot tell"
        assert "`az network nic list` tells it" in rows["VM in hub"]["fix"]

    def test_a_folder_without_any_says_so(self, doctor: Doctor, tmp_path: Path) -> None:
        result = doctor("show", "--state", str(tmp_path))
        assert (result.code, result.out) == (2, "")
        assert "no .json or .jsonc file is in this folder" in result.err

    def test_a_folder_may_hold_other_files(self, doctor: Doctor, tmp_path: Path) -> None:
        folder = less(tmp_path)
        (tmp_path / "live" / "notes.json").write_text('{"note": 1}')
        assert doctor("show", "--state", folder, "contoso").code == 0

    def test_what_is_read_twice_is_refused(self, doctor: Doctor) -> None:
        result = doctor("show", "--state", str(PRINTED), "--az", "contoso")
        assert (result.code, result.err) == (2, "registry-doctor: --state and --az: give one of them\n")


class TestAz:
    def test_show_asks_azure_itself(self, doctor: Doctor, az: Path) -> None:
        result = doctor("show", "--az", "contoso")
        assert result.code == 0
        for host, address in HOSTS.items():
            assert any(host in line and address in line for line in result.out.splitlines())

    @pytest.mark.parametrize("command", ["show", "reach", "allow-list", "diagram", "report"])
    def test_the_dry_run_of_every_command(self, doctor: Doctor, az: Path, command: str) -> None:
        result = doctor(command, "--az", CONTOSO, "--dry-run")
        assert result.code == 0
        assert result.out.splitlines()[0] == (
            "az acr show --name contoso --resource-group rg-registry"
            " --subscription 0b1f6471-1bf0-4dda-aec3-cb9272f09590 --output json"
        )
        assert standin.calls(az) == []

    def test_without_az(self, doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        result = doctor("reach", "--az", "contoso")
        assert result.code == 3
        assert "az is not on PATH" in result.err

    def test_not_signed_in(self, doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        said = "ERROR: Please run 'az login' to setup account."
        monkeypatch.setenv("PATH", standin.install(tmp_path, {"acr show": said}))
        result = doctor("reach", "--az", "contoso")
        assert result.code == 3
        assert "az is not signed in; run `az login` first" in result.err

    def test_an_az_that_hangs_is_given_up(
        self, doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", standin.install(tmp_path))
        (tmp_path / "az").write_text("#!/bin/sh\nsleep 60\n")
        monkeypatch.setattr("registry_doctor.az.COMMAND_LIMIT", 0.3)
        result = doctor("reach", "--az", "contoso")
        assert result.code == 3
        assert "no answer within 0.3 s" in result.err

    def test_an_answer_that_is_no_json(self, doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", standin.install(tmp_path))
        (tmp_path / "az").write_text("#!/bin/sh\necho Name\n")
        result = doctor("reach", "--az", "contoso")
        assert result.code == 3
        assert "its answer cannot be read: it is not JSON" in result.err


class TestReport:
    def test_one_command_without_pulumi(self, doctor: Doctor, az: Path) -> None:
        page = az / "contoso.html"
        result = doctor("report", "--az", "contoso", "--html", str(page))
        assert result.code == 0
        assert result.out.splitlines()[0] == "contoso: exposed to the internet: no"
        text = page.read_text()
        for part in (
            "Exposure to the internet",
            "What registry-guard says",
            "who can pull and push",
            HUB.rpartition("/")[2],
        ):
            assert part in text
        assert "arm-tokens-off" in text
        assert "<script" not in text

    def test_of_a_folder_with_an_exposed_registry(self, doctor: Doctor, tmp_path: Path) -> None:
        page = tmp_path / "page.html"
        result = doctor("report", "fabrikam", "--state", str(PRINTED), "--html", str(page))
        assert result.out.splitlines()[0] == (
            "fabrikam: exposed to the internet: yes (public network access is on and an IP rule is too wide: "
            "'203.0.0.0/8')"
        )
        text = page.read_text()
        assert "no-admin-user" in text
        assert "arm-tokens-off" not in text, "a finding on contoso, which was not asked for"

    def test_of_a_stack_too(self, doctor: Doctor, tmp_path: Path) -> None:
        state, page = tmp_path / "state.json", tmp_path / "page.html"
        state.write_text(json.dumps(stacks.export()))
        assert doctor("report", "--state", str(state), "--html", str(page)).code == 0
        text = page.read_text()
        assert "delete-lock" in text
        head = text.partition("</h1>")[2].partition("</p>")[0]
        assert f"registry-doctor {version('private-registry')}, 2" in head
        assert f" UTC, on {platform.node()}<br>Source: {state}" in head

    def test_an_unknown_preset(self, doctor: Doctor, tmp_path: Path) -> None:
        result = doctor("report", "--state", str(PRINTED), "--preset", "lax", "--html", str(tmp_path / "page.html"))
        assert result.code == 2
        assert "--preset: " in result.err
