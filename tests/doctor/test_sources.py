"""The commands that read what was declared: show, endpoints, allow-list, reach, diagram; from files and from Pulumi."""

from __future__ import annotations

import copy
import io
import json
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any, ClassVar
from xml.etree import ElementTree

import pytest
from registry_doctor import report
from registry_model.reach.model import Ability, Change, Summary

from tests.doctor import stacks, worlds
from tests.rehearsal import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.doctor.conftest import Result

    Doctor = Callable[..., Result]

ENDPOINTS = {
    "loginServer": "contoso.azurecr.io",
    "dataEndpoints": [
        {"region": "japaneast", "endpoint": "contoso.japaneast.data.azurecr.io"},
        {"region": "westus", "endpoint": "contoso.westus.data.azurecr.io"},
    ],
}


@pytest.fixture
def state(tmp_path: Path) -> str:
    return save(tmp_path / "state.json", stacks.export())


def save(file: Path, document: Any) -> str:
    file.write_text(json.dumps(document))
    return str(file)


def fake_pulumi(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A pulumi on PATH that records its arguments and does as the script says."""
    program = folder / "pulumi"
    program.write_text(f'#!/bin/sh\necho "$@" >> {folder}/calls\n{script}\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


class TestEndpoints:
    def test_of_a_state_file(self, doctor: Doctor, state: str) -> None:
        result = doctor("endpoints", "--state", state)
        assert (result.code, result.json, result.err) == (0, ENDPOINTS, "")

    def test_of_standard_input(self, doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(stacks.export()).encode())))
        assert doctor("endpoints", "--state", "-").json == ENDPOINTS

    def test_of_a_stack(self, doctor: Doctor, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        fake_pulumi(tmp_path, monkeypatch, f"cat {state}")
        assert doctor("endpoints", "--stack", "prod", "--json").json == ENDPOINTS
        assert doctor("endpoints").json == ENDPOINTS
        assert (tmp_path / "calls").read_text() == "stack export --stack prod\nstack export\n"

    def test_of_a_stack_of_several_megabytes(
        self, doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A helper may print one megabyte, an export as much as a large stack needs."""
        file = save(tmp_path / "state.json", stacks.export() | {"padding": "x" * (3 << 20)})
        fake_pulumi(tmp_path, monkeypatch, f"cat {file}")
        assert doctor("endpoints", "--stack", "prod", "--json").json == ENDPOINTS

    @pytest.mark.parametrize("name", ["contoso", "Contoso", "contoso.azurecr.io", "https://contoso.azurecr.io/"])
    def test_of_a_name(self, doctor: Doctor, name: str) -> None:
        assert doctor("endpoints", name, "--region", "Japan East", "--region", "westus").json == ENDPOINTS

    @pytest.mark.parametrize("command", ["show", "reach", "diagram"])
    def test_a_name_tells_nothing_of_who_may_reach_it(self, doctor: Doctor, command: str) -> None:
        shown = doctor(command, "contoso", "--region", "Japan East", "--region", "westus")
        assert (shown.code, shown.err) == (3 if command == "reach" else 0, "")
        assert "any client" in shown.out
        assert "cannot tell" in shown.out
        assert ("contoso.westus.data.azurecr.io" in shown.out) is (command != "reach")
        assert "none" not in shown.out

    def test_in_json_too(self, doctor: Doctor) -> None:
        (registry,) = doctor("reach", "contoso", "--region", "westus", "--json").json["registries"]
        (client,) = registry["clients"]
        assert (client["client"], client["pull"], client["push"]) == ("any client", "cannot tell", "cannot tell")
        assert {host["verdict"] for host in client["hosts"]} == {"cannot tell"}

    def test_a_host_of_alibaba_cloud_tells_its_region(self, doctor: Doctor) -> None:
        shown = doctor("show", "team-registry.ap-northeast-1.cr.aliyuncs.com")
        assert shown.code == 0
        assert "team-registry-vpc.ap-northeast-1.cr.aliyuncs.com" in shown.out

    def test_of_a_registry_with_a_domain_name_label(self, doctor: Doctor) -> None:
        shown = doctor("endpoints", "contoso-b2hka3.azurecr.cn", "--region", "chinaeast2").json
        assert shown["dataEndpoints"][0]["endpoint"] == "contoso-b2hka3.chinaeast2.data.azurecr.cn"

    def test_without_data_endpoints(self, doctor: Doctor, tmp_path: Path) -> None:
        document = stacks.export(*stacks.registry(public=True, data_endpoints=False))
        result = doctor("endpoints", "--state", save(tmp_path / "s.json", document))
        assert [e["endpoint"] for e in result.json["dataEndpoints"]] == ["*.blob.core.windows.net"] * 2
        assert "layers come from any storage account" in result.err

    def test_of_one_of_several(self, doctor: Doctor, tmp_path: Path) -> None:
        document = stacks.export(*stacks.registry(), *stacks.registry("fabrikam", "westeurope", ()))
        file = save(tmp_path / "s.json", document)
        assert doctor("endpoints", "fabrikam", "--state", file).json["loginServer"] == "fabrikam.azurecr.io"
        undecided = doctor("endpoints", "--state", file)
        assert (undecided.code, undecided.out) == (2, "")
        assert "several registries are declared; name one: contoso, fabrikam" in undecided.err
        wrong = doctor("endpoints", "contosso", "--state", file)
        assert "did you mean 'contoso'?" in wrong.err

    def test_as_a_table(self, doctor: Doctor, state: str) -> None:
        lines = doctor("endpoints", "--table", "--state", state).out.splitlines()
        assert lines[1].split() == [
            "contoso.azurecr.io",
            "login",
            "server",
            "japaneast,",
            "westus",
            "192.168.0.72",
            "(contoso-endpoint)",
        ]


class TestBadInput:
    @pytest.mark.parametrize(
        ("arguments", "messages"),
        [
            (
                ["con", "--region", "nowhere", "--region", "japnaeast", "--region", "nowhere"],
                [
                    "registry 'con': must have 5 to 50 characters, has 3",
                    "--region 'nowhere': is not an Azure region",
                    "--region 'japnaeast': is not an Azure region; did you mean 'japaneast'?",
                    "--region 'nowhere': given more than once",
                ],
            ),
            (["contoso.example.net", "--region", "westus"], ["'contoso.example.net' is not a login server"]),
            (["contoso"], ["a registry by name needs its regions"]),
            (["--region", "westus"], ["belongs to a registry by name"]),
            (["--stack", "a", "--state", "b"], ["--stack and --state: give one of them"]),
            (["--state", "/none"], ["--state /none: there is no such file"]),
        ],
    )
    def test_all_problems_at_once(self, doctor: Doctor, arguments: list[str], messages: list[str]) -> None:
        result = doctor("endpoints", *arguments)
        assert (result.code, result.out) == (2, "")
        for message in messages:
            assert message in result.err
        assert "Traceback" not in result.err

    @pytest.mark.parametrize(
        ("command", "known"), [("allow-list", "text, json"), ("records", "table, json"), ("diagram", "mermaid, svg")]
    )
    def test_the_problems_of_a_format_are_among_them(self, doctor: Doctor, command: str, known: str) -> None:
        result = doctor(command, "con", "--region", "japnaeast", "--format", "nothing")
        assert (result.code, result.out) == (2, "")
        *problems, of_the_format = result.err.splitlines()
        assert ["'con'" in problems[0], "'japnaeast'" in problems[1], len(problems)] == [True, True, 2]
        assert of_the_format.startswith("registry-doctor: --format 'nothing'")
        assert f"use one of {known}" in of_the_format

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("", "it is empty"),
            ("[]", "it lists nothing"),
            ("[1]", "neither a stack export, a preview, a plan nor an ARM template"),
            ("{}", "neither a stack export, a preview, a plan nor an ARM template"),
            ('{"steps": []}', "declares no container registry"),
            ('{"deployment": {"manifest": {}}}', "declares no container registry"),
            ("[" * 100000, "it is nested too deeply to be read"),
            ("\udcff", "is not UTF-8 text"),
        ],
    )
    def test_files_that_are_no_export(self, doctor: Doctor, tmp_path: Path, content: str, message: str) -> None:
        file = tmp_path / "x.json"
        file.write_bytes(content.encode(errors="surrogateescape"))
        result = doctor("endpoints", "--state", str(file))
        assert (result.code, result.out) == (2, "")
        assert message in result.err

    def test_no_pulumi(self, doctor: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        result = doctor("endpoints", "--stack", "dev")
        assert result.code == 3
        assert "pulumi is not on PATH" in result.err
        assert "--state FILE" in result.err

    def test_a_name_alone_is_no_declaration(
        self, doctor: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        hint = "registry 'contoso': its declaration is needed: give --stack, --state or --az"
        named, unnamed = doctor("check", "contoso"), doctor("check")
        assert (named.code, unnamed.code) == (3, 3)
        assert hint in named.err
        assert "declaration is needed" not in unnamed.err

    @pytest.mark.parametrize("command", ["report", "show", "endpoints"])
    @pytest.mark.parametrize("name", ["live", "livefolder", "state.json"])
    def test_a_file_in_the_place_of_a_registry_s_name(
        self, doctor: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str, name: str
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.chdir(tmp_path)
        (tmp_path / "live").mkdir()
        (tmp_path / "livefolder").mkdir()
        save(tmp_path / "state.json", stacks.export())
        result = doctor(command, name, *(["--html", "r.html"] if command == "report" else []))
        what = "a file" if name == "state.json" else "a folder"
        assert result.code == 2
        assert f"registry '{name}': it is {what}; to read what it declares, give --state {name}" in result.err

    def test_a_name_that_is_no_file_keeps_its_own_message(
        self, doctor: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.chdir(tmp_path)
        result = doctor("show", "contoso")
        assert "pulumi is not on PATH" in result.err or "--region" in result.err
        assert "it is a f" not in result.err

    def test_a_registry_named_like_a_folder_is_found_in_the_stack(
        self, doctor: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "contoso").mkdir()
        file = save(tmp_path / "state.json", stacks.export())
        assert doctor("endpoints", "contoso", "--state", file).json == ENDPOINTS

    def test_pulumi_fails(self, doctor: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        fake_pulumi(tmp_path, monkeypatch, "echo \"error: no stack named 'dev' found\" >&2; exit 255")
        result = doctor("endpoints", "--stack", "dev")
        assert result.code == 3
        assert "failed with exit code 255: error: no stack named 'dev' found" in result.err


class TestAllowList:
    def test_formats(self, doctor: Doctor, state: str) -> None:
        text = doctor("allow-list", "--state", state).out
        assert [line for line in text.splitlines() if not line.startswith("#")] == [
            "contoso.azurecr.io:443",
            "contoso.japaneast.data.azurecr.io:443",
            "contoso.westus.data.azurecr.io:443",
        ]
        document = doctor("allow-list", "--state", state, "--json").json
        assert document == doctor("allow-list", "--state", state, "--format", "json").json
        assert document["hosts"][1]["privateAddresses"] == ["192.168.0.73"]
        rules = doctor("allow-list", "--state", state, "-f", "azure-firewall", "--source", "10.0.0.0/8").json["rules"]
        assert rules[0]["sourceAddresses"] == ["10.0.0.0/8"]
        ipset = doctor("allow-list", "--state", state, "-f", "ipset").out
        assert "add container-registry 192.168.0.74/32,tcp:443 -exist" in ipset

    def test_of_a_name_never_with_the_wildcard(self, doctor: Doctor) -> None:
        result = doctor("allow-list", "contoso", "--region", "westus")
        assert "blob" not in result.out

    def test_of_a_name_in_a_migration(self, doctor: Doctor) -> None:
        """Nobody knows whether it has switched, and who asks is about to."""
        assert "*.blob.core.windows.net:443" in doctor("allow-list", "contoso", "--region", "westus", "--migration").out

    def test_before_the_switch(self, doctor: Doctor, tmp_path: Path) -> None:
        document = stacks.export(*stacks.registry(public=True, data_endpoints=False))
        file = save(tmp_path / "s.json", document)
        assert "\n*.blob.core.windows.net" not in doctor("allow-list", "--state", file).out
        assert "*.blob.core.windows.net:443" in doctor("allow-list", "--state", file, "--migration").out
        pasted = doctor("allow-list", "--state", file, "-f", "palo-alto")
        assert "until it has switched" in pasted.err

    @pytest.mark.parametrize("form", ["text", "json", "azure-firewall", "palo-alto", "nsg", "squid"])
    def test_before_the_switch_the_list_alone_is_not_whole(self, doctor: Doctor, tmp_path: Path, form: str) -> None:
        waiting = save(tmp_path / "w.json", stacks.export(*stacks.registry(public=True, data_endpoints=False)))
        switched = save(tmp_path / "s.json", stacks.export(*stacks.registry(public=True, data_endpoints=True)))
        assert doctor("allow-list", "--state", waiting, "-f", form).code == 3
        assert doctor("allow-list", "--state", waiting, "-f", form, "--migration").code == 0
        assert doctor("allow-list", "--state", switched, "-f", form).code == 0
        assert doctor("allow-list", "contoso", "--region", "westus", "-f", form).code == 0

    def test_an_unknown_format(self, doctor: Doctor, state: str) -> None:
        result = doctor("allow-list", "--state", state, "--format", "squit")
        assert (result.code, result.out) == (2, "")
        assert "--format 'squit' is not known: use one of text, json" in result.err
        assert "did you mean 'squid'?" in result.err

    def test_addresses_need_service_tags(self, doctor: Doctor, tmp_path: Path) -> None:
        result = doctor("allow-list", "contoso", "--region", "japaneast", "-f", "nftables")
        assert (result.code, result.out) == (2, "")
        assert "AzureContainerRegistry.JapanEast" in result.err
        tags = {
            "values": [
                {"name": "AzureContainerRegistry.JapanEast", "properties": {"addressPrefixes": ["40.79.197.128/25"]}}
            ]
        }
        file = save(tmp_path / "ServiceTags_Public_20260105.json", tags)
        given = doctor("allow-list", "contoso", "--region", "japaneast", "-f", "nftables", "--service-tags", file)
        assert "40.79.197.128/25 . 443" in given.out


class TestReach:
    def test_ids_are_names_with_their_group_in_the_table_and_whole_in_json(
        self, doctor: Doctor, tmp_path: Path
    ) -> None:
        parts = [*stacks.registry(), *stacks.private_path("contoso", stacks.ADDRESSES)]
        file = save(tmp_path / "s.json", stacks.export(*(p for p in parts if "privatedns" not in p["type"])))
        table = " ".join(doctor("reach", "--state", file).out.split())
        assert "hub is linked to the zone privatelink.azurecr.io (resource group rg-registry)" in table
        assert "/subscriptions/" not in table
        drawn = doctor("diagram", "--state", file).out + doctor("diagram", "--state", file, "-f", "svg").out
        assert "/subscriptions/" not in drawn
        clients = doctor("reach", "--state", file, "--json").json["registries"][0]["clients"]
        hub = next(c for c in clients if c["client"] == "VM in hub")
        condition = f"hub is linked to the zone {stacks.ZONE_ID.lower()}, which is outside this stack"
        assert (hub["pull"], hub["condition"], hub["reason"]) == ("yes, if", condition, "")
        assert hub["fix"].startswith("ask the zone's owner for that link")
        assert hub["hosts"][0]["conditions"] == [condition]
        others = [c for c in clients if c["pull"] != "yes, if"]
        assert {(c["condition"], bool(c["reason"])) for c in others} == {("", True)}

    def test_clients_that_nothing_distinguishes_share_a_row(self, doctor: Doctor, tmp_path: Path) -> None:
        document = stacks.export(*stacks.registry(public=True, ip_rules=("203.0.113.0/24",)))
        file = save(tmp_path / "s.json", document)
        lines = doctor("reach", "--state", file).out.splitlines()
        told = " ".join(" ".join(lines).split())
        assert told.count("its address towards the internet is in an IP rule") == 1
        rows = doctor("reach", "--state", file, "--json").json["registries"][0]["clients"]
        alike = [row["client"] for row in rows if row["pull"] == "yes, if"]
        assert alike == [
            "VM in a peered network, with the zone",
            "VM in a peered network, without the zone",
            "VM in a network linked to another privatelink.azurecr.io",
            "on-premises, forwarding DNS into a linked network",
            "on-premises, public DNS",
        ]
        assert len({row["reason"] for row in rows if row["pull"] == "yes, if"}) == 1

    def test_a_row_says_for_whom_it_stands(self) -> None:
        def line(client: str, reason: str, pull: Ability = Ability.NO) -> Summary:
            return Summary("contoso", client, pull, pull, (), reason, "mend it" if pull is Ability.NO else "")

        found = report.reach_rows(
            [
                line("a", "a wall"),
                line("b", "", Ability.YES),
                line("c", "a moat"),
                line("d", "a wall"),
                line("e", "", Ability.YES),
            ]
        )
        assert found == [
            ["a; d", "no", "no", "", "a wall. → mend it"],
            ["b", "yes", "yes", "", ""],
            ["c", "no", "no", "", "a moat. → mend it"],
            ["e", "yes", "yes", "", ""],
        ]

    def test_changes_that_nothing_distinguishes_share_a_row_of_one_registry(self) -> None:
        def change(registry: str, client: str, *, breaks: bool) -> Change:
            return Change(registry, client, None, None, ("new.example",), (), breaks, "also uses new.example")

        found = report.change_rows(
            [
                change("contoso", "a", breaks=False),
                change("contoso", "b", breaks=False),
                change("contoso", "c", breaks=True),
                change("fabrikam", "a", breaks=False),
            ]
        )
        assert [row[:3] for row in found] == [
            ["contoso", "a; b", ""],
            ["contoso", "c", "BREAKS"],
            ["fabrikam", "a", ""],
        ]

    def test_every_class_of_client(self, doctor: Doctor, state: str) -> None:
        document = doctor("reach", "--state", state, "--json").json
        clients = {c["client"]: c for c in document["registries"][0]["clients"]}
        assert {name: c["pull"] for name, c in clients.items()} == {
            "VM in hub": "yes",
            "VM in a peered network, with the zone": "yes",
            "VM in a peered network, without the zone": "no",
            "VM in a network linked to another privatelink.azurecr.io": "no",
            "on-premises, forwarding DNS into a linked network": "yes",
            "on-premises, public DNS": "no",
            "internet, any address": "no",
            "trusted Azure service": "yes",
        }
        inside = {h["host"]: h for h in clients["VM in hub"]["hosts"] if h["operation"] == "pull"}
        assert inside[worlds.WEST]["chain"] == [worlds.WEST, "contoso.westus.data.privatelink.azurecr.io"]
        assert (inside[worlds.WEST]["address"], inside[worlds.WEST]["addressClass"]) == ("192.168.0.74", "private")
        assert "changes" not in document

    def test_advice_fits_the_client(self, doctor: Doctor, tmp_path: Path) -> None:
        resources = stacks.registry(public=True, ip_rules=("203.0.113.0/24",))
        found = doctor("reach", "--json", "--state", save(tmp_path / "s.json", stacks.export(*resources))).json
        fixes = {each["client"]: each["fix"] for each in found["registries"][0]["clients"]}
        assert fixes["internet, any address"] == "pull from an address that the registry's IP rules name"
        assert fixes["VM in a peered network, with the zone"] == "", "its address may be one of the rule's"

        closed = stacks.export(*resources)
        for resource in closed["deployment"]["resources"]:
            for side in ("inputs", "outputs"):
                resource[side].get("networkRuleSet", {}).update(ipRules=[])
        found = doctor("reach", "--json", "--state", save(tmp_path / "c.json", closed)).json
        fixes = {each["client"]: each["fix"] for each in found["registries"][0]["clients"]}
        assert fixes["on-premises, public DNS"] == (
            "add the public address that its site goes out with to the registry's IP rules"
        )
        assert fixes["VM in a peered network, with the zone"] == (
            "add the public address that its network goes out with to the registry's IP rules"
        )

    def test_as_a_table(self, doctor: Doctor, state: str) -> None:
        text = doctor("reach", "--state", state).out
        assert "contoso: who can pull and push" in text
        row = next(line for line in text.splitlines() if line.startswith("VM in hub"))
        assert row.split()[3:7] == ["yes", "yes", "private", "endpoint"]
        assert "\x1b[" not in text

    def test_what_a_preview_breaks(self, doctor: Doctor, tmp_path: Path) -> None:
        before = stacks.registry(public=True, data_endpoints=False)
        after = [*stacks.registry(public=False), *stacks.private_path("contoso", stacks.ADDRESSES)]
        file = save(tmp_path / "preview.json", stacks.preview(before, after))
        result = doctor("reach", "--preview", file, "--json")
        assert result.code == 1
        changes = {c["client"]: c for c in result.json["changes"]}
        assert changes["internet, any address"]["breaks"]
        assert changes["internet, any address"]["after"]["pull"] == "no"
        assert worlds.WEST in changes["internet, any address"]["newHosts"]
        text = doctor("reach", "--preview", file).out
        assert "What the update changes" in text
        assert "BREAKS" in text

    def test_a_preview_that_changes_nothing(self, doctor: Doctor, tmp_path: Path) -> None:
        same = [*stacks.registry(), *stacks.private_path("contoso", stacks.ADDRESSES)]
        result = doctor("reach", "--preview", save(tmp_path / "preview.json", stacks.preview(same, same)))
        assert result.code == 0
        assert "The update changes nothing for any client" in result.out

    def test_running_the_preview(self, doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        same = [*stacks.registry(), *stacks.private_path("contoso", stacks.ADDRESSES)]
        file = save(tmp_path / "preview.json", stacks.preview([], same))
        fake_pulumi(tmp_path, monkeypatch, f"cat {file}")
        result = doctor("reach", "--run-preview", "--stack", "dev", "--json")
        assert (result.code, len(result.json["changes"]) > 3) == (0, True)
        assert (tmp_path / "calls").read_text() == ("preview --json --show-sames --non-interactive --stack dev\n")

    def test_a_preview_that_fails(self, doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        document = {"steps": [], "diagnostics": [{"severity": "error", "message": "sku must be Premium\n"}]}
        file = save(tmp_path / "preview.json", document)
        fake_pulumi(tmp_path, monkeypatch, f"cat {file}; exit 1")
        result = doctor("reach", "--run-preview")
        assert result.code == 3
        assert "failed with exit code 1: sku must be Premium" in result.err

    def test_an_export_in_place_of_a_preview(self, doctor: Doctor, state: str) -> None:
        result = doctor("reach", "--preview", state)
        assert (result.code, result.out) == (2, "")
        assert "not a preview" in result.err

    def test_the_report(self, doctor: Doctor, state: str, tmp_path: Path) -> None:
        file = tmp_path / "report.html"
        assert doctor("reach", "--state", state, "--html", str(file)).code == 0
        page = file.read_text(encoding="utf-8")
        for part in ("<svg", "who can pull and push", "private DNS records", "@media print", "contoso.westus.data"):
            assert part in page
        for outside in ("src=", "href=", "@import", "url(", "<script", "http-equiv"):
            assert outside not in page

    def test_a_report_that_cannot_be_written(self, doctor: Doctor, state: str) -> None:
        result = doctor("reach", "--state", state, "--html", "/none/report.html")
        assert result.code == 3
        assert "'/none/report.html': cannot be written" in result.err


def test_show(doctor: Doctor, state: str) -> None:
    text = doctor("show", "--state", state).out
    assert "contoso: hosts, TCP 443" in text
    assert "192.168.0.74 (contoso-endpoint)" in text
    assert "contoso: private DNS records" in text
    assert "who can pull and push" in text
    document = doctor("show", "--state", state, "--json").json[0]
    assert document["endpoints"] == ENDPOINTS
    assert document["hosts"][2]["addresses"] == {"contoso-endpoint": "192.168.0.74"}
    assert {r["name"]: r["address"] for r in document["records"]} == stacks.ADDRESSES


def test_show_tells_missing_records_from_unknown_addresses(doctor: Doctor, tmp_path: Path) -> None:
    addresses = {k: v for k, v in stacks.ADDRESSES.items() if "westus" not in k}
    unknown = [*stacks.registry(), *stacks.private_path("contoso", addresses)]
    shown = doctor("show", "--state", save(tmp_path / "s.json", stacks.export(*unknown)))
    text = shown.out
    rows = [line for line in text.splitlines() if "contoso.westus.data" in line and "VM" not in line]
    assert [row.endswith("unknown until `pulumi refresh`") for row in rows] == [True, True]
    assert shown.err == (
        "registry-doctor: contoso: the private addresses of contoso.westus.data.azurecr.io are unknown until "
        "`pulumi refresh`\n"
    )
    without_group = [r for r in unknown if "ZoneGroup" not in r["type"]]
    text = doctor("show", "--state", save(tmp_path / "s.json", stacks.export(*without_group))).out
    assert [line.split()[1:] for line in text.splitlines() if line.startswith("privatelink.")] == [
        [record, "A", "missing"] for record in ("contoso", "contoso.japaneast.data", "contoso.westus.data")
    ]


def stopped(resources: list[dict[str, Any]], name: str, state: str = "Failed") -> list[dict[str, Any]]:
    """The same resources, of which Azure says that the last change of one did not succeed."""
    held = copy.deepcopy(resources)
    (one,) = (each for each in held if each["urn"].endswith(f"::{name}"))
    one["outputs"]["provisioningState"] = state
    return held


ALL = [*stacks.registry(), *stacks.private_path("contoso", stacks.ADDRESSES)]
NO_WESTUS = {k: v for k, v in stacks.ADDRESSES.items() if "westus" not in k}


@pytest.mark.parametrize("state", ["Failed", "Canceled"])
def test_a_failed_replica_has_no_host(doctor: Doctor, tmp_path: Path, state: str) -> None:
    unfinished = stopped([*stacks.registry(), *stacks.private_path("contoso", NO_WESTUS)], "westus", state)
    file = save(tmp_path / "s.json", stacks.export(*unfinished))
    shown = doctor("show", "--state", file)
    hosts = [line.split(maxsplit=1) for line in shown.out.split("\n\n")[0].splitlines()[2:]]
    assert [(name, rest.split("  ")[-1].strip()) for name, rest in hosts] == [
        ("contoso.azurecr.io", "192.168.0.72 (contoso-endpoint)"),
        ("contoso.japaneast.data.azurecr.io", "192.168.0.73 (contoso-endpoint)"),
        ("contoso.westus.data.azurecr.io", f"none: the replica is {state}"),
    ]
    assert "until `pulumi refresh`" not in shown.out + shown.err
    assert f"the replica in westus is {state} in Azure" in shown.err
    data = doctor("show", "--state", file, "--json").json[0]
    host = "contoso.westus.data.azurecr.io"
    assert data["stoppedReplicas"] == [{"region": "westus", "state": state, "host": host}]
    assert (data["unknownUntilRefresh"], data["hosts"][0]["regions"]) == ([], ["japaneast"])
    reach = doctor("reach", "--state", file, "--json")
    assert f"the replica in westus is {state} in Azure" in reach.json["registries"][0]["notes"][0]
    assert "westus" not in str(reach.json["registries"][0]["clients"])
    assert host not in doctor("allow-list", "--state", file).out


def test_only_what_a_refresh_brings_is_left_to_it(doctor: Doctor, tmp_path: Path) -> None:
    late = save(tmp_path / "s.json", stacks.export(*stacks.registry(), *stacks.private_path("contoso", NO_WESTUS)))
    data = doctor("show", "--state", late, "--json")
    assert data.json[0]["unknownUntilRefresh"] == ["contoso.westus.data.azurecr.io"]
    assert data.json[0]["stoppedReplicas"] == []
    all_known = save(tmp_path / "s.json", stacks.export(*stopped(ALL, "contoso", "Succeeded")))
    complete = doctor("show", "--state", all_known, "--json")
    assert complete.json[0]["unknownUntilRefresh"] == []
    assert complete.json[0]["notes"] == []

    def needed(text: str) -> int:
        """What `make up` asks before it refreshes."""
        return subprocess.run([sys.executable, ROOT / "tools/needs_refresh.py"], input=text, text=True).returncode

    unfinished = stopped([*stacks.registry(), *stacks.private_path("contoso", NO_WESTUS)], "westus")
    failed = doctor("show", "--state", save(tmp_path / "s.json", stacks.export(*unfinished)), "--json")
    assert [needed(text) for text in (data.out, complete.out, failed.out, "", "{}")] == [0, 1, 1, 2, 1]


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("contoso", "the registry 'contoso'"),
        ("contoso-endpoint", "the private endpoint 'contoso-endpoint'"),
        ("default", "the zone group 'default'"),
        ("hub", "the VNet link 'hub'"),
        ("privatelink.azurecr.io", "the private zone 'privatelink.azurecr.io'"),
    ],
)
def test_what_azure_did_not_finish_is_said(doctor: Doctor, tmp_path: Path, name: str, what: str) -> None:
    resources = [each for each in ALL if name != "hub" or not each["type"].endswith(":VirtualNetwork")]
    shown = doctor("show", "--state", save(tmp_path / "s.json", stacks.export(*stopped(resources, name))))
    assert f"{what} is Failed in Azure" in shown.err


def test_what_is_failed_on_the_private_path_is_no_plain_yes(doctor: Doctor, tmp_path: Path) -> None:
    def inside(resources: list[dict[str, Any]]) -> tuple[str, str]:
        file = save(tmp_path / "s.json", stacks.export(*resources))
        line = doctor("reach", "--state", file, "--json").json["registries"][0]["clients"][0]
        return line["pull"], line["condition"] or line["reason"]

    assert inside(ALL)[0] == "yes"
    endpoint = "the private endpoint 'contoso-endpoint' works, although it is Failed in Azure"
    assert inside(stopped(ALL, "contoso-endpoint")) == ("yes, if", endpoint)
    link = stopped([each for each in ALL if not each["type"].endswith("network:VirtualNetwork")], "hub")
    assert inside(link)[0] == "cannot tell"  # the network is another stack's, and so are its DNS servers
    unwritten = [*stacks.registry(), *stacks.private_path("contoso", {"contoso": "192.168.0.72"})]
    assert inside(stopped(unwritten, "default"))[0] == "no"


def test_diagram(doctor: Doctor, state: str, tmp_path: Path) -> None:
    mermaid = doctor("diagram", "--state", state).out
    assert mermaid.startswith("flowchart LR")
    assert worlds.WEST in mermaid
    svg = doctor("diagram", "--state", state, "--format", "svg").out
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    file = tmp_path / "topology.svg"
    assert doctor("diagram", "--state", state, "-f", "svg", "-o", str(file)).out == ""
    assert file.read_text(encoding="utf-8") == svg
    both = doctor("diagram", "--state", state, "--json").json
    assert (both["mermaid"], both["svg"]) == (mermaid, svg)
    assert "VM in hub" not in doctor("diagram", "--state", state, "--no-clients").out


def test_help_names_the_exit_codes(doctor: Doctor) -> None:
    result = doctor("--help")
    assert result.code == 0
    assert "Exit codes: 0 no problem was found" in result.out
    assert doctor("--version").out.startswith("registry-doctor ")


def template(**properties: Any) -> dict[str, Any]:
    """An ARM template that leaves the replicas to whoever deploys it."""
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"name": {"type": "string"}, "replicas": {"type": "array"}},
        "resources": [
            {
                "type": "Microsoft.ContainerRegistry/registries",
                "apiVersion": "2023-07-01",
                "name": "[parameters('name')]",
                "location": "japaneast",
                "sku": {"name": "Premium"},
                "properties": {"dataEndpointEnabled": True, **properties},
            },
            {
                "copy": {"name": "replicas", "count": "[length(parameters('replicas'))]"},
                "type": "Microsoft.ContainerRegistry/registries/replications",
                "apiVersion": "2023-07-01",
                "name": "[format('{0}/{1}', parameters('name'), parameters('replicas')[copyIndex()])]",
                "location": "[parameters('replicas')[copyIndex()]]",
                "properties": {},
            },
        ],
    }


class TestTemplates:
    GIVEN: ClassVar[dict[str, Any]] = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"name": {"value": "contoso"}, "replicas": {"value": ["westus"]}},
    }
    HOSTS = ("contoso.azurecr.io", "contoso.japaneast.data.azurecr.io", "contoso.westus.data.azurecr.io")

    @pytest.fixture
    def files(self, tmp_path: Path) -> tuple[str, str]:
        made = tmp_path / "main.json", tmp_path / "main.parameters.json"
        made[0].write_text(json.dumps(template()), encoding="utf-16")
        made[1].write_text(f"// for production\n{json.dumps(self.GIVEN)}")
        return str(made[0]), str(made[1])

    @pytest.mark.parametrize("command", ["show", "reach", "allow-list", "diagram", "endpoints"])
    def test_every_command_reads_a_template_with_its_parameters(
        self, doctor: Doctor, files: tuple[str, str], command: str
    ) -> None:
        result = doctor(command, "--state", files[0], "--parameters", files[1], "--json")
        assert result.code == 0
        assert [host for host in self.HOSTS if host not in result.out] == []

    def test_the_parameters_file_may_be_in_the_same_folder(
        self, doctor: Doctor, files: tuple[str, str], tmp_path: Path
    ) -> None:
        result = doctor("endpoints", "--state", str(tmp_path), "--parameters", files[1], "--json")
        assert [each["endpoint"] for each in result.json["dataEndpoints"]] == list(self.HOSTS[1:])

    def test_what_nobody_gives_is_not_known_and_says_what_to_do(self, doctor: Doctor, files: tuple[str, str]) -> None:
        result = doctor("endpoints", "--state", files[0])
        assert "the registry's name is not known yet" in result.err
        assert "The template's parameters without a value ('name', 'replicas') may decide it: give --parameters." in (
            result.err
        )
        assert "--parameters" not in doctor("endpoints", "--state", files[0], "--parameters", files[1]).err

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (("--parameters", "{parameters}"), "--parameters: belongs to an ARM template that --state names"),
            (("--state", "{template}", "--parameters", "{template}"), "it is no ARM parameters file"),
            (("--state", "{template}", "--parameters", "/none"), "--parameters /none: it cannot be read"),
            (("--state", "{export}", "--parameters", "{parameters}"), "--parameters: is for ARM templates"),
        ],
    )
    def test_parameters_that_do_not_fit(
        self, doctor: Doctor, files: tuple[str, str], tmp_path: Path, words: tuple[str, ...], message: str
    ) -> None:
        export = tmp_path / "export.json"
        export.write_text(json.dumps(stacks.export()))
        result = doctor("show", *(w.format(template=files[0], parameters=files[1], export=export) for w in words))
        assert (result.code, result.out) == (2, "")
        assert message in result.err
