"""Exit codes by the table of docs/doctor.md, Markdown, and formats that contradict each other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from registry_doctor.check import joined
from registry_doctor.render import Tables
from registry_model.reach.drawings import mermaid, svg
from registry_model.reach.model import Registry, Zone

from tests.doctor import stacks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.doctor.conftest import Result

    Doctor = Callable[..., Result]

NAMED = ("contoso", "--region", "japaneast")


@pytest.fixture
def declared(tmp_path: Path) -> tuple[str, str]:
    file = tmp_path / "state.json"
    file.write_text(json.dumps(stacks.export()))
    return "--state", str(file)


class TestExitCodes:
    def test_nothing_can_be_told_of_a_name(self, doctor: Doctor) -> None:
        assert doctor("reach", *NAMED).code == 3
        assert doctor("reach", *NAMED, "--json").code == 3

    def test_a_listing_lists_all_the_same(self, doctor: Doctor) -> None:
        assert doctor("show", *NAMED).code == 0

    def test_a_declared_registry_is_judged(self, doctor: Doctor, declared: tuple[str, str]) -> None:
        assert doctor("reach", *declared).code == 0

    @pytest.mark.parametrize("more", [(), ("--json",)])
    def test_a_dead_resolver_shows_nothing_of_the_registry(self, doctor: Doctor, more: tuple[str, ...]) -> None:
        result = doctor("trace", "contoso.azurecr.io/app:1", "--resolver", "127.0.0.1:9", "--timeout", "0.3", *more)
        assert result.code == 3
        assert "gave no answer for contoso.azurecr.io" in result.out


class TestMarkdown:
    @pytest.mark.parametrize(("command", "tables"), [("reach", 1), ("show", 3)])
    def test_tables_for_a_ticket(self, doctor: Doctor, declared: tuple[str, str], command: str, tables: int) -> None:
        text = doctor(command, *declared, "--markdown").out
        parts = text.split("\n\n")
        assert len(parts) == 2 * tables
        title, table = parts[-2:]
        assert title == "**contoso: who can pull and push**"
        head, rule, first, *_ = table.splitlines()
        assert head == "| client | pull | push | path | why not, and what to change |"
        assert rule == "|---|---|---|---|---|"
        assert first == "| VM in hub | yes | yes | private endpoint |  |"

    def test_no_cell_ends_its_cell(self, capsys: pytest.CaptureFixture[str]) -> None:
        Tables(markdown=True).show("", ("a", "b"), [("x|y", "*.blob.core.windows.net <img> `q`\nz")])
        row = capsys.readouterr().out.splitlines()[2]
        assert row.startswith(r"| x\|y | \*.blob.core.windows.net \<img\> \`q\`")
        assert row.replace(r"\|", "").count("|") == 3

    @pytest.mark.parametrize("command", ["show", "reach", "check"])
    def test_not_with_json(self, doctor: Doctor, declared: tuple[str, str], command: str) -> None:
        result = doctor(command, *declared, "--markdown", "--json")
        assert (result.code, result.out) == (2, "")
        assert "--json and --markdown contradict each other" in result.err


class TestDrawings:
    @pytest.mark.parametrize(("name", "start"), [("a.svg", "<svg"), ("a.SVG", "<svg"), ("a.mmd", "flowchart LR")])
    def test_the_ending_tells_the_format(
        self, doctor: Doctor, declared: tuple[str, str], tmp_path: Path, name: str, start: str
    ) -> None:
        assert doctor("diagram", *declared, "-o", str(tmp_path / name)).code == 0
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (("-o", "a.svg", "-f", "mermaid"), "contradict each other: the ending asks for svg"),
            (("-o", "a.txt"), "the ending must be one of .svg, .mmd, .mermaid, or give --format"),
            (("--json", "-f", "svg"), "--json and --format svg exclude each other"),
            (("--json", "-o", "a.svg"), "--json and --output a.svg exclude each other"),
        ],
    )
    def test_contradictions(
        self,
        doctor: Doctor,
        declared: tuple[str, str],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        options: tuple[str, ...],
        message: str,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        before = set(tmp_path.iterdir())
        result = doctor("diagram", *declared, *options)
        assert (result.code, result.out) == (2, "")
        assert message in result.err
        assert set(tmp_path.iterdir()) == before

    def test_any_ending_with_a_format(self, doctor: Doctor, declared: tuple[str, str], tmp_path: Path) -> None:
        assert doctor("diagram", *declared, "-f", "mermaid", "-o", str(tmp_path / "a.txt")).code == 0

    def test_one_record(self) -> None:
        one = Zone("privatelink.azurecr.io", (("contoso", "192.168.0.72"),))
        registry = Registry("contoso.azurecr.io", "japaneast", zones=(one,))
        for drawn in (svg(registry), mermaid(registry)):
            assert "1 record" in drawn
            assert "1 records" not in drawn


def test_endpoints_as_table_and_json(doctor: Doctor) -> None:
    assert doctor("endpoints", *NAMED, "--table", "--json").code == 2


def test_tables_end_without_a_blank_line(doctor: Doctor, declared: tuple[str, str]) -> None:
    for command in ("show", "reach"):
        out = doctor(command, *declared).out
        assert out.endswith("\n")
        assert not out.endswith("\n\n")


def test_the_report_begins_with_the_networks(doctor: Doctor, declared: tuple[str, str], tmp_path: Path) -> None:
    file = tmp_path / "r.html"
    assert doctor("report", *declared, "--html", str(file)).code == 0
    text = file.read_text(encoding="utf-8")
    order = ["topology</h2>", "who can pull and push</h2>", "Exposure to the internet</h2>", "What registry-guard says"]
    places = [text.index(heading) for heading in order]
    assert places == sorted(places)


def test_the_group_of_a_zone_that_is_declared(doctor: Doctor, declared: tuple[str, str]) -> None:
    """stacks.ZONE_ID is in rg-registry."""
    assert "--resource-group rg-registry " in doctor("records", *declared, "-f", "az").out
    assert "--resource-group other " in doctor("records", *declared, "-f", "az", "--resource-group", "other").out
    assert "'<resource group of the zone>'" in doctor("records", *NAMED, "-f", "az").out


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (["resolves to 10.0.0.4", "The server is another one."], "resolves to 10.0.0.4. The server is another one."),
        (["The record is missing.", "Every replica needs one."], "The record is missing. Every replica needs one."),
        (["resolves publicly", "declared 10.0.0.4"], "resolves publicly; declared 10.0.0.4"),
        ([], ""),
    ],
)
def test_no_capital_after_a_semicolon(texts: list[str], shown: str) -> None:
    assert joined(texts) == shown
