"""Every command and format that shows what a state, a preview or a server says: each line of it is harmless."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from registry_doctor import report
from registry_doctor.html import declared, page
from registry_doctor.redact import Redactor
from registry_model.estate.documents import load
from registry_model.reach.clients import default_clients
from registry_model.reach.drawings import mermaid, svg
from registry_model.reach.registries import registries

from tests.conftest import UNHURRIED
from tests.doctor import hostile, stacks, worlds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.doctor.conftest import Result


def harmful(text: str) -> dict[str, Any]:
    """The usual export, with this text in the names of networks, endpoints, replicas and regions."""
    found = copy.deepcopy(stacks.export())
    for resource in found["deployment"]["resources"]:
        if resource["type"].rpartition(":")[2] in (
            "PrivateEndpoint",
            "VirtualNetwork",
            "VirtualNetworkLink",
            "Replication",
        ):
            resource["outputs"]["name"] += text
            resource["urn"] += text
        if resource["type"].endswith(":Registry"):
            resource["outputs"]["location"] += text
    return found


COMMANDS = [
    ["show"],
    ["show", "--json"],
    ["reach"],
    ["reach", "--json"],
    ["endpoints"],
    ["endpoints", "--table"],
    ["diagram"],
    ["diagram", "--format", "svg"],
    ["diagram", "--json"],
    *(["allow-list", "--format", f] for f in ("text", "json", "squid", "azure-firewall", "dnsmasq", "no-proxy")),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command(doctor: Callable[..., Result], tmp_path: Path, command: list[str]) -> None:
    state = tmp_path / "state.json"
    state.write_text(json.dumps(harmful(hostile.ONE)))
    result = doctor(*command, "--state", str(state))
    assert "Traceback" not in result.err
    for line in (result.out + result.err).split("\n"):
        hostile.assert_safe(line)


def test_a_name_makes_no_line_of_its_own(doctor: Callable[..., Result], tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text(json.dumps(harmful("\nINJECTED everything is well\r\u2028")))
    for command in COMMANDS:
        result = doctor(*command, "--state", str(state))
        lines = [line for line in (result.out + result.err).split("\n") if line.strip().startswith("INJECTED")]
        assert lines == [], command


@given(hostile.TEXT)
@settings(
    max_examples=25,
    suppress_health_check=UNHURRIED,
    deadline=None,
)
def test_every_drawing_and_page(text: str) -> None:
    for registry in registries(load("state.json", json.dumps(harmful(text))).estate):
        clients = default_clients(registry)
        drawing = svg(registry, clients)
        ElementTree.fromstring(drawing)
        whole = page(text, declared([registry]), text)
        for document in (mermaid(registry, clients), drawing, whole):
            for line in document.split("\n"):
                hostile.assert_safe(line)
        assert "<b>" not in whole
        assert report.host_rows(registry)


@given(hostile.TEXT)
@settings(max_examples=50, deadline=None)
def test_what_was_redacted(text: str) -> None:
    redactor = Redactor()
    redactor.add("secret" + text + "word")
    for where in (text, f"https://a.b/?{text}", f"before secret{text}word after"):
        shown = redactor.text(where)
        hostile.assert_safe(shown)
        assert "secret" + text + "word" not in shown


@pytest.mark.parametrize("where", ["state", "resolver", "image", "service-tags", "ca-bundle"])
def test_messages_about_what_was_typed(doctor: Callable[..., Result], tmp_path: Path, where: str) -> None:
    odd = hostile.ONE.replace("\x00", "").replace("\ud800", "")
    arguments = {
        "state": ["show", "--state", f"{tmp_path}/{odd}"],
        "resolver": ["trace", f"{worlds.LOGIN}/app", "--resolver", odd],
        "image": ["trace", f"{worlds.LOGIN}/{odd}"],
        "service-tags": ["whois", "1.2.3.4", "--service-tags", f"{tmp_path}/{odd}"],
        "ca-bundle": ["trace", f"{worlds.LOGIN}/app", "--resolver", "127.0.0.1:9", "--ca-bundle", odd],
    }[where]
    result = doctor(*arguments)
    assert result.code == 2
    assert all(line.startswith("registry-doctor: ") for line in result.err.strip().split("\n"))
    for line in result.err.split("\n"):
        hostile.assert_safe(line)
