"""Every reader of what others write: how it is asked with any bytes, and what near-right inputs for it look like.

A reader answers, or raises the one error class that its users see as a message; `read` catches that, and nothing else.
A new reader is a line of `READERS` and a folder of seeds.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import dns.message
from hypothesis import strategies as st
from registry_doctor import html, service_tags, stored, trace
from registry_doctor import report as doctor_report
from registry_doctor.credentials import jwt_expiry
from registry_doctor.errors import InputError as DoctorInputError
from registry_doctor.image import MOST_REFERENCE, parse_image
from registry_doctor.limits import most_bytes
from registry_doctor.redact import Redactor
from registry_doctor.resolve import Resolver
from registry_doctor.tls import MOST_DISTINGUISHED, MOST_NAMES, read_certificate
from registry_doctor.wire import Exchange, web_address
from registry_guard.engine import Evaluator
from registry_guard.report import stream
from registry_guard.report.findings import report_of
from registry_guard.report.formats import FORMATS, render
from registry_guard.report.model import Report
from registry_guard.settings import ConfigError
from registry_guard.settings import load as load_settings
from registry_model.estate import documents, files
from registry_model.estate.documents import Document, InputError
from registry_model.estate.jsonc import TextError, decode
from registry_model.reach.allow_lists import allow_list
from registry_model.reach.clients import default_clients
from registry_model.reach.drawings import mermaid, svg
from registry_model.reach.registries import registries

from tests.campaign import inputs
from tests.doctor import hostile
from tests.doctor.test_tls import certificate
from tests.rehearsal import ROOT

STREAMS = "tests/policies/report/streams"
SEEDS = Path(__file__).parent / "seeds"
Strategy = st.SearchStrategy[bytes]


@dataclass(frozen=True)
class Reader:
    """One reader: ``read`` takes any bytes; ``made`` are inputs that are made from nothing, near to what is right.

    ``good`` are files of the repository that it reads, as a pattern.
    """

    name: str
    read: Callable[[bytes], None]
    made: Callable[[], Strategy]
    good: str = ""

    @property
    def folder(self) -> Path:
        return SEEDS / self.name

    @cached_property
    def seeds(self) -> list[bytes]:
        """The inputs that are kept in the repository: good ones, and those that once broke something."""
        files = [*self.folder.glob("*"), *(ROOT.glob(self.good) if self.good else ())]
        return [file.read_bytes() for file in sorted(files)] or [b""]

    def inputs(self) -> Strategy:
        """Made inputs, and seeds changed a little, as bytes and where they are JSON as values too."""
        words = [word.encode() for word in (*inputs.WORDS, *inputs.KEYS, *hostile.PIECES) if word.isascii()]
        strategies = [self.made(), inputs.changed_bytes(self.seeds, words)]
        if values := [value for value in map(_json, self.seeds) if isinstance(value, dict | list)]:
            strategies += [inputs.changed_json(values)] * 2
        return st.one_of(strategies)


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _text(data: bytes) -> str:
    return data.decode(errors="surrogateescape")


@cache
def _evaluator() -> Evaluator:
    return Evaluator(load_settings({}, preset="strict"))


EXPORT = json.dumps({"deployment": {"resources": []}})


def _document(data: bytes) -> None:
    """What `registry-guard check` does with a file, and `registry-doctor` with a state, whatever the file holds."""
    document = _loaded(data, None) or _loaded(data, EXPORT)  # a plan may be refused for the state that it starts from
    if document is not None:
        _judged(document)


def _judged(document: Document) -> None:
    findings = _evaluator().judge(document.estate)
    assert [finding.message for finding in findings if finding.kind == "error"] == []
    _reported(report_of([(document, findings)], _evaluator().settings, version="1", project="."))
    for estate in (document.estate, document.before):
        if estate is not None:
            _drawn(registries(estate))


def _folder(data: bytes) -> None:
    """A folder of what `az` printed, as `--state FOLDER` and `registry-guard check FOLDER` read it: the input has its
    files as members of an object."""
    held = _json(data)
    with tempfile.TemporaryDirectory() as folder:
        for name, document in held.items() if isinstance(held, dict) else ():
            if re.fullmatch(r"\w+\.jsonc?", name, re.ASCII):
                (Path(folder) / name).write_text(json.dumps(document))
        for document in files.read_all([folder], lambda _: b"").documents:
            _judged(document)


def _loaded(data: bytes, state: str | None) -> Document | None:
    try:
        before = None if state is None else documents.states_in(state)
        return documents.load("input.json", decode(data), state=before)
    except (InputError, TextError):
        return None


def _reported(report: Report) -> None:
    assert report.exit_code in (0, 1)
    for form in FORMATS:
        # Markdown parts @name and #1 by an invisible space, so that they call nobody.
        hostile.assert_safe(render(report, form).replace("@\u200b", "@").replace("#\u200b", "#"), lines=True)


def _drawn(found: list[Any]) -> None:
    for registry in found:
        doctor_report.show_data(registry)
        doctor_report.endpoints(registry)
        doctor_report.reach_rows(doctor_report.summaries(registry))
        for line in html.page("x", html.declared([registry]), "y").split("\n"):
            hostile.assert_safe(line)
        clients = default_clients(registry)
        for drawing in (mermaid(registry, clients), svg(registry, clients)):
            hostile.assert_safe(drawing, lines=True)
    allow_list(found, migration=True)


def _parameters(data: bytes) -> None:
    try:
        given = documents.parameters_of(decode(data))
        document = documents.load("main.json", TEMPLATE, parameters=given)
    except (InputError, TextError, RecursionError):
        return
    assert [f.message for f in _evaluator().judge(document.estate) if f.kind == "error"] == []


TEMPLATE = json.dumps(
    {
        "contentVersion": "1.0.0.0",
        "parameters": {
            "name": {"type": "string"},
            "tags": {"type": "object", "defaultValue": {}},
            "count": {"type": "int", "defaultValue": 1},
        },
        "resources": [
            {
                "type": "Microsoft.ContainerRegistry/registries",
                "name": "[concat(parameters('name'), copyIndex())]",
                "copy": {"name": "loop", "count": "[parameters('count')]"},
                "tags": "[union(parameters('tags'), createObject('a', string(parameters('tags'))))]",
            }
        ],
    }
)


def _events(data: bytes) -> None:
    try:
        report = stream.read(decode(data))
    except (stream.StreamError, TextError):
        return
    _reported(report)


def _configuration(data: bytes) -> None:
    document = _json(data)
    if not isinstance(document, dict):
        return
    try:
        load_settings(document, preset="strict")
    except ConfigError as error:
        for problem in error.problems:
            assert problem


def _tags(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ServiceTags_Public.json"
        file.write_bytes(data)
        try:
            index = service_tags.load_default(file, most_bytes(None))
        except DoctorInputError as error:
            for problem in error.problems:
                hostile.assert_safe(problem)
            return
    assert index is not None
    assert index.prefixes > 0
    service_tags.answer(index, ["10.0.0.1", "2603::1", "::ffff:10.0.0.1"], json_=True)


def _addresses(data: bytes) -> None:
    index = service_tags.TagIndex(
        {"values": [{"name": "A", "properties": {"addressPrefixes": ["10.0.0.0/8", "::/0"]}}]}
    )
    said = ""
    try:
        (found,) = index.lookup([_text(data)])
    except ValueError as error:
        found, said = [], str(error)
    assert "is not an IP address" in said or [match.name for match in found] in ([], ["A"])


def _logins(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.json"
        file.write_bytes(data)
        env = {"HOME": folder, "DOCKER_CONFIG": folder, "XDG_RUNTIME_DIR": folder, "PATH": folder}
        for variables in (env, env | {"REGISTRY_AUTH_FILE": str(file), "DOCKER_CONFIG": f"{folder}/none"}):
            try:
                found = stored.look_up(
                    parse_image("contoso.azurecr.io/team/app:1"), variables, Redactor(), 5, most_bytes(None)
                )
            except DoctorInputError as error:
                for problem in error.problems:
                    hostile.assert_safe(problem)
                continue
            hostile.assert_safe(found.why)
            assert found.credentials is None or isinstance(found.credentials.basic, str)


def _challenges(data: bytes) -> None:
    header = _text(data)
    for challenge in trace.parse_challenges(header):
        assert challenge.scheme
        assert challenge.scheme == challenge.scheme.lower()
        # A parameter is in the header, character by character, once its escapes are taken off.
        for value in challenge.parameters.values():
            assert len(value) <= len(header)


def _links(data: bytes) -> None:
    for base in ("", "https://contoso.azurecr.io/v2/app"):
        found = web_address(_text(data), base)
        if found is not None:
            assert found.scheme in ("http", "https")
            assert 0 < found.port < 65536
            assert set(found.host) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-_")
            hostile.assert_safe(found.url)


def _answers(data: bytes) -> None:
    assert isinstance(trace.json_object(data), dict)
    said = trace.error_text(Exchange("GET", "https://a.b/", body=data))
    assert len(said) <= 300
    hostile.assert_safe(said)


def _tokens(data: bytes) -> None:
    expiry = jwt_expiry(_text(data))
    assert expiry is None or 0 <= expiry < 1e12


def _references(data: bytes) -> None:
    text = _text(data)
    try:
        image = parse_image(text)
    except DoctorInputError as error:
        refused = error.problems
    else:
        refused = []
        assert parse_image(str(image)) == image
    for problem in refused:
        hostile.assert_safe(problem)
    if "@" in text and "sha" not in text:
        # One that is too long is refused for that, and not shown either.
        assert "is not shown here" in refused[0] or len(text.strip()) > MOST_REFERENCE


def _certificates(data: bytes) -> None:
    seen = read_certificate(data)
    assert len(seen.names) <= MOST_NAMES
    for text in (seen.subject, seen.issuer, seen.expires, *seen.names):
        hostile.assert_safe(text)
        assert len(text) <= MOST_DISTINGUISHED


def _dns(data: bytes) -> None:
    """A name server of its own, which answers with these bytes behind the question: `inputs.packed`."""
    answers: list[bytes] = []
    while len(data) > 2 and len(answers) < 4:
        length = int.from_bytes(data[:2], "big")
        answers.append(data[2 : 2 + length])
        data = data[2 + length :]
    found = asyncio.run(_asked(answers or [b""]))
    for text in (found.rcode, found.problem, *found.chain):
        hostile.assert_safe(text)
    assert len(found.chain) <= 18


async def _asked(answers: list[bytes]) -> Any:
    loop = asyncio.get_running_loop()

    class Server(asyncio.DatagramProtocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: Any) -> None:
            chosen = answers.pop(0) if len(answers) > 1 else answers[0]
            question = data[12 : len(dns.message.from_wire(data).to_wire())]
            header = data[:2] + chosen[:2].ljust(2, b"\x81") + b"\0\1" + chosen[2:8].ljust(6, b"\0")
            self.transport.sendto((header + question + chosen[8:])[:60_000], addr)

    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    transport, _ = await loop.create_datagram_endpoint(Server, sock=server)
    try:
        return await Resolver([server.getsockname()], 0.05).lookup("contoso.azurecr.io")
    finally:
        transport.close()


CHALLENGE = (
    "Bearer ",
    "Basic",
    "Negotiate ",
    'realm="',
    '"',
    "\\",
    "=",
    ",",
    " ",
    "https://a.b/",
    "service=",
    "a",
    "\t",
)
LINK = ("https://", "http:", "//", "/", "[", "]", "@", ":", "?", "#", "a.b", "..", "-", "%00", "99999", "443", "\u00fc")
REFERENCE = ("contoso.azurecr.io", "/", ":", "@", "app", "sha256:", "user", "https://", "443", "-", "_", ".", "A")
ADDRESS = ("10.0.0.1", "::", "/32", "/128", "::ffff:", "[", "]", "%eth0", "x")
TOKEN = ("a.", ".c", "eyJleHAiOiAxZTk5OX0", "eyJleHAiOiAxNzAwMDAwMDAwfQ", "=", "\u00fc", "A")


def _der() -> Strategy:
    names = ["contoso.azurecr.io", "*.azurecr.io"]
    good = certificate("contoso.azurecr.io", "Authority", names, datetime(2030, 1, 1, tzinfo=UTC))
    return inputs.changed_bytes([good], ()) | st.binary(max_size=200)


def _streams() -> Strategy:
    numbered = st.lists(inputs.DOCUMENTS, min_size=1, max_size=4)
    return numbered.map(lambda lines: b"\n".join(b'{"sequence": %d, %s' % (n, e[1:]) for n, e in enumerate(lines)))


def _all(strategy: Strategy) -> Callable[[], Strategy]:
    return lambda: strategy


READERS = {
    reader.name: reader
    for reader in (
        Reader("state", _document, _all(inputs.DOCUMENTS), f"{STREAMS}/export.json"),
        Reader("preview", _document, _all(inputs.DOCUMENTS), f"{STREAMS}/digest-*.json"),
        Reader("plan", _document, _all(inputs.DOCUMENTS), f"{STREAMS}/plan-*.json"),
        Reader("template", _document, _all(inputs.DOCUMENTS)),
        Reader("live", _document, _all(inputs.as_json(inputs.LIVE)), "tests/model/live/printed/*.json"),
        Reader("live-folder", _folder, _all(inputs.as_json(inputs.LIVE_FOLDERS))),
        Reader("parameters", _parameters, _all(inputs.DOCUMENTS)),
        Reader("events", _events, _streams, f"{STREAMS}/*.ndjson"),
        Reader("configuration", _configuration, _all(inputs.DOCUMENTS), "policies/presets/*.json"),
        Reader("tag-file", _tags, _all(inputs.as_json(inputs.TAGS))),
        Reader("addresses", _addresses, _all(inputs.near(*ADDRESS))),
        Reader("docker-config", _logins, _all(inputs.as_json(inputs.LOGINS | inputs.ANY_JSON))),
        Reader("challenges", _challenges, _all(inputs.near(*CHALLENGE))),
        Reader("links", _links, _all(inputs.near(*LINK))),
        Reader("answers", _answers, _all(inputs.as_json(inputs.ANY_JSON))),
        Reader("tokens", _tokens, _all(inputs.near(*TOKEN))),
        Reader("references", _references, _all(inputs.near(*REFERENCE))),
        Reader("certificates", _certificates, _der),
        Reader("dns-answers", _dns, _all(inputs.DNS_ANSWERS)),
    )
}
