"""What an editor shows of the arguments, asked of a real language server, the one of basedpyright.

Its sources say why completion has no documentation: it makes the item of a key from the text alone. Keywords of a call
fare worse, those of the SDK's own classes too.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PROGRAM = """from private_registry import PrivateRegistry
from pulumi_azure_native import containerregistry

PrivateRegistry(
    "images",
    {
        "registry_name": "contoso",
        "location": "japaneast",
        "resource_group_name": "rg",
        "dns": {"mode": "create"},
        "replicas": {},
    },
)
PrivateRegistry("more", {"registry_name": "c", "location": "japaneast", "resource_group_name": "rg", "rep"})
containerregistry.Registry("flat", anonymous)
"""

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("type checker")]


class Editor:
    """The client's end of the Language Server Protocol, with one open file."""

    def __init__(self, server: subprocess.Popen[bytes], folder: Path) -> None:
        self.server, self.last = server, 0
        self.uri = (folder / "program.py").as_uri()
        wanted = {
            "workspace": {"configuration": True},
            "textDocument": {
                "hover": {"contentFormat": ["markdown"]},
                "completion": {
                    "completionItem": {
                        "documentationFormat": ["markdown"],
                        "resolveSupport": {"properties": ["documentation", "detail"]},
                    }
                },
            },
        }
        roots = [{"uri": folder.as_uri(), "name": "user"}]
        self.ask("initialize", processId=None, rootUri=None, workspaceFolders=roots, capabilities=wanted)
        self.send(method="initialized", params={})
        opened = {"uri": self.uri, "languageId": "python", "version": 1, "text": PROGRAM}
        self.send(method="textDocument/didOpen", params={"textDocument": opened})

    def send(self, **message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.server.stdin is not None
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.server.stdin.flush()

    def receive(self) -> dict[str, Any]:
        assert self.server.stdout is not None
        length = 0
        while line := self.server.stdout.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        assert length, "the language server left"
        return json.loads(self.server.stdout.read(length))

    def ask(self, method: str, **params: Any) -> Any:
        self.last += 1
        self.send(id=self.last, method=method, params=params)
        while True:
            got = self.receive()
            if "method" not in got and got.get("id") == self.last:
                assert "error" not in got, got
                return got["result"]
            if "method" in got and "id" in got:  # the server asks its client
                paths = [{"pythonPath": sys.executable} for _ in got["params"].get("items", [])]
                self.send(id=got["id"], result=paths if got["method"] == "workspace/configuration" else None)

    def at(self, text: str) -> dict[str, Any]:
        """The place after a text that the program has once."""
        before, found, after = PROGRAM.partition(text)
        assert found
        assert text not in after
        lines = (before + found).split("\n")
        return {"textDocument": {"uri": self.uri}, "position": {"line": len(lines) - 1, "character": len(lines[-1])}}

    def hover(self, text: str) -> str:
        return self.ask("textDocument/hover", **self.at(text))["contents"]["value"]

    def completions(self, text: str) -> dict[str, dict[str, Any]]:
        items = self.ask("textDocument/completion", **self.at(text), context={"triggerKind": 1})["items"]
        return {item["label"]: item for item in items}

    def resolved(self, item: dict[str, Any]) -> dict[str, Any]:
        return self.ask("completionItem/resolve", **item)


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    folder = tmp_path_factory.mktemp("user")
    (folder / "program.py").write_text(PROGRAM)
    (folder / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "standard"}))
    program = Path(sys.executable).with_name("basedpyright-langserver")
    with subprocess.Popen([program, "--stdio"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        open_editor = Editor(server, folder)
        yield open_editor
        # The program has a child, which a kill would leave behind.
        open_editor.ask("shutdown")
        open_editor.send(method="exit")


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ('        "registry_', ("(key) registry_name: Input[str]", "5 to 50 letters and digits")),
        ('"dns": {"mo', ("(key) mode: DnsMode", '"create": a zone with network links, here.')),
        ('        "repl', ("(key) replicas: Mapping[str, ReplicaArgs]", "Replicas by region")),
    ],
)
def test_hovering_over_a_key_shows_its_text(editor: Editor, key: str, shown: tuple[str, str]) -> None:
    told = editor.hover(key)
    assert all(text in told for text in shown), told


def test_completion_offers_the_keys_that_are_not_given_yet_with_their_type(editor: Editor) -> None:
    offered = editor.completions('"resource_group_name": "rg", "rep')
    assert list(offered) == ['"replicas"']
    assert editor.resolved(offered['"replicas"'])["detail"] == "Mapping[str, ReplicaArgs]"


def test_completion_has_no_text_here_nor_for_the_sdks_own_classes(editor: Editor) -> None:
    """Where this fails, the server has learnt it, and docs/consumers.md has more to tell."""
    key = editor.resolved(editor.completions('"resource_group_name": "rg", "rep')['"replicas"'])
    keyword = editor.resolved(editor.completions('Registry("flat", anonymous')["anonymous_pull_enabled="])
    assert "documentation" not in key
    assert not {"documentation", "detail"} & set(keyword)
