"""Every reader of what others send, with anything at all: it answers, or says in its own words what is wrong.

Short in the fast suite, longer in the full one. Inputs are made near to what is right, where readers have most to do.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import socket
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dns.message
import dns.rrset
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from registry_doctor import stored, trace
from registry_doctor.credentials import jwt_expiry
from registry_doctor.errors import DoctorError, InputError
from registry_doctor.image import parse_image
from registry_doctor.redact import Redactor
from registry_doctor.resolve import Resolver
from registry_doctor.service_tags import TagIndex
from registry_doctor.tls import MOST_DISTINGUISHED, MOST_NAMES, read_certificate
from registry_doctor.trace import error_text, json_object, parse_challenges
from registry_doctor.wire import Exchange, web_address

from tests.conftest import UNHURRIED
from tests.doctor import hostile
from tests.doctor.test_tls import certificate

if TYPE_CHECKING:
    from collections.abc import Callable

QUICK, LONG = 40, 3000


def fuzzed(*strategies: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The test twice: with a few examples always, with many in the full suite."""

    def decorate(check: Callable[..., None]) -> Callable[..., None]:
        tests = {
            many: settings(
                max_examples=many,
                suppress_health_check=UNHURRIED,
                deadline=None,
            )(given(*strategies)(check))
            for many in (QUICK, LONG)
        }

        @pytest.mark.parametrize("examples", [QUICK, pytest.param(LONG, marks=pytest.mark.full)])
        def run(examples: int) -> None:
            tests[examples]()

        return run

    return decorate


def near(*pieces: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces) | hostile.TEXT, max_size=30).map("".join)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@fuzzed(
    near("Bearer ", "Basic", "Negotiate ", 'realm="', '"', "\\", "=", ",", " ", "https://a.b/", "service=", "a", "\t")
)
def test_challenges(header: str) -> None:
    for challenge in parse_challenges(header):
        assert challenge.scheme
        assert challenge.scheme == challenge.scheme.lower()
        # A parameter is in the header, character by character, once its escapes are taken off.
        for value in challenge.parameters.values():
            assert len(value) <= len(header)


@pytest.mark.parametrize("piece", ['"', '\\"', "a ", "a=", 'a="', "Bearer ", ",", " ", "=", 'a="\\', "a=b, ", 'a "b" '])
def test_a_challenge_costs_what_its_length_does(monkeypatch: pytest.MonkeyPatch, piece: str) -> None:
    """A count of what the reader's patterns were asked for, not a clock: at most once a character, and never back."""
    asked: list[int] = []
    word = trace._TOKEN

    class Counted:
        def match(self, text: str, at: int) -> re.Match[str] | None:
            asked.append(at)
            return word.match(text, at)

    monkeypatch.setattr(trace, "_TOKEN", Counted())
    header = (piece * trace.MOST_CHALLENGE)[: trace.MOST_CHALLENGE]
    parse_challenges(header)
    assert asked == sorted(set(asked))
    assert len(asked) <= len(header)
    assert parse_challenges(piece * trace.MOST_CHALLENGE + piece) == []


KEYS = st.sampled_from(
    [
        "contoso.azurecr.io",
        "https://contoso.azurecr.io/v1/",
        "https://[bad",
        "http://",
        "",
        "contoso.azurecr.io:443",
        "://",
    ]
)
ENTRY = st.dictionaries(
    st.sampled_from(["auth", "username", "password", "identitytoken", "registrytoken", "Auth", "email"]),
    JSON | st.binary(max_size=20).map(lambda b: base64.b64encode(b).decode()),
    max_size=4,
)
CONFIG = st.fixed_dictionaries(
    {},
    optional={
        "auths": st.dictionaries(KEYS | st.text(max_size=10), ENTRY | JSON, max_size=4) | JSON,
        "credHelpers": st.dictionaries(KEYS, st.text(max_size=10) | JSON, max_size=3) | JSON,
        "credsStore": st.text(max_size=10) | JSON,
    },
)


@fuzzed(CONFIG.map(json.dumps).map(str.encode) | JSON.map(json.dumps).map(str.encode) | st.binary(max_size=60))
def test_docker_configurations(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.json"
        file.write_bytes(content)
        env = {"HOME": folder, "DOCKER_CONFIG": folder, "XDG_RUNTIME_DIR": folder, "PATH": folder}
        for variables in (env, env | {"REGISTRY_AUTH_FILE": str(file), "DOCKER_CONFIG": f"{folder}/none"}):
            try:
                found = stored.look_up(parse_image("contoso.azurecr.io/team/app:1"), variables, Redactor(), 5)
            except InputError as error:
                for problem in error.problems:
                    hostile.assert_safe(problem)
                continue
            hostile.assert_safe(found.why)
            assert found.credentials is None or isinstance(found.credentials.basic, str)


PREFIXES = st.lists(
    st.sampled_from(["10.0.0.0/8", "::/0", "10.0.0.1", "2603::/999", "", "x"]) | st.text(max_size=8), max_size=4
)
TAG = st.fixed_dictionaries(
    {"name": st.text(max_size=8) | JSON},
    optional={
        "properties": st.fixed_dictionaries({}, optional={"addressPrefixes": PREFIXES | JSON, "region": JSON}) | JSON
    },
)


@fuzzed(
    st.fixed_dictionaries({}, optional={"values": st.lists(TAG | JSON, max_size=3) | JSON, "nextLink": JSON}) | JSON
)
def test_tag_files(document: Any) -> None:
    try:
        index = TagIndex(document)
    except ValueError:
        return
    assert index.prefixes > 0
    assert index.lookup(["10.0.0.1", "2603::1"])


@fuzzed(
    st.lists(st.sampled_from(["10.0.0.1", "::", "/32", "/128", "::ffff:", "[", "]", "%eth0", "x"]), max_size=4).map(
        "".join
    )
)
def test_addresses(text: str) -> None:
    index = TagIndex({"values": [{"name": "A", "properties": {"addressPrefixes": ["10.0.0.0/8", "::/0"]}}]})
    try:
        (found,) = index.lookup([text])
    except ValueError as error:
        found, said = None, str(error)
    else:
        said = ""
    assert [m.name for m in found] == ["A"] if found is not None else "is not an IP address" in said


GOOD = certificate(
    "contoso.azurecr.io", "Authority", ["contoso.azurecr.io", "*.azurecr.io"], datetime(2030, 1, 1, tzinfo=UTC)
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    data = bytearray(GOOD)
    for _ in range(draw(st.integers(1, 6))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data)


@fuzzed(damaged() | st.binary(max_size=200))
def test_certificates(der: bytes) -> None:
    seen = read_certificate(der)
    assert len(seen.names) <= MOST_NAMES
    for text in (seen.subject, seen.issuer, seen.expires, *seen.names):
        hostile.assert_safe(text)
        assert len(text) <= MOST_DISTINGUISHED


@fuzzed(
    near(
        "https://", "http:", "//", "/", "[", "]", "@", ":", "?", "#", "a.b", "..", "-", "%00", "99999", "443", "\u00fc"
    )
)
def test_links(location: str) -> None:
    for base in ("", "https://contoso.azurecr.io/v2/app"):
        found = web_address(location, base)
        if found is not None:
            assert found.scheme in ("http", "https")
            assert 0 < found.port < 65536
            assert set(found.host) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-_")
            hostile.assert_safe(found.url)


@fuzzed(JSON.map(json.dumps).map(str.encode) | st.binary(max_size=80) | st.just(b"[" * 10_000))
def test_answers(body: bytes) -> None:
    assert isinstance(json_object(body), dict)
    said = error_text(Exchange("GET", "https://a.b/", body=body))
    assert len(said) <= 300
    hostile.assert_safe(said)


@fuzzed(JSON.map(json.dumps) | st.sampled_from(['{"exp": 1e999}', '{"exp": ' + "9" * 400 + "}"]))
def test_tokens(claims: str) -> None:
    body = base64.urlsafe_b64encode(claims.encode()).decode().rstrip("=")
    expiry = jwt_expiry(f"a.{body}.c")
    assert expiry is None or 0 <= expiry < 1e12


@fuzzed(near("contoso.azurecr.io", "/", ":", "@", "app", "sha256:", "user", "https://", "443", "-", "_", ".", "A"))
def test_references(text: str) -> None:
    try:
        image = parse_image(text)
    except InputError as error:
        refused = error.problems
    else:
        refused = []
        assert parse_image(str(image)) == image
    for problem in refused:
        hostile.assert_safe(problem)
    if "@" in text and "sha" not in text:
        assert "is not shown here" in refused[0]


RECORDS = st.lists(
    st.tuples(
        st.sampled_from(["contoso.azurecr.io.", "a.example.", "*.x.", ".", "\\000\\255.example."]),
        st.sampled_from(
            ["A 10.0.0.1", "A 20.0.0.1", "AAAA fd00::1", "CNAME a.example.", "CNAME contoso.azurecr.io.", 'TXT "x"']
        ),
    ),
    max_size=8,
)


@fuzzed(st.lists(RECORDS | st.binary(max_size=40), min_size=1, max_size=4))
def test_answers_of_resolvers(answers: list[Any]) -> None:
    """A name server of the test's own, which answers with these records, or with these bytes."""

    async def look() -> None:
        loop = asyncio.get_running_loop()
        left = list(answers)

        class Server(asyncio.DatagramProtocol):
            def connection_made(self, transport: Any) -> None:
                self.transport = transport

            def datagram_received(self, data: bytes, addr: Any) -> None:
                chosen = left.pop(0) if len(left) > 1 else left[0]
                reply = dns.message.make_response(dns.message.from_wire(data))
                if isinstance(chosen, bytes):
                    self.transport.sendto(data[:2] + chosen, addr)
                    return
                for owner, record in chosen:
                    kind, _, value = record.partition(" ")
                    reply.answer.append(dns.rrset.from_text(owner, 1, "IN", kind, value))
                self.transport.sendto(reply.to_wire(), addr)

        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", 0))
        transport, _ = await loop.create_datagram_endpoint(Server, sock=server)
        try:
            found = await Resolver([server.getsockname()], 0.05).lookup("contoso.azurecr.io")
        finally:
            transport.close()
        for text in (found.rcode, found.problem, *found.chain):
            hostile.assert_safe(text)
        assert len(found.chain) <= 18

    asyncio.run(look())


def test_nothing_here_reads_the_machines_own_sign_ins() -> None:
    assert os.environ["HOME"].endswith("home")
    assert issubclass(InputError, DoctorError)
