"""Servers that answer oddly, or mean harm: each costs little and ends in one clean line that is true."""

from __future__ import annotations

import base64
import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest
from registry_doctor import trace as tracing
from registry_doctor.wire import Exchange, web_address

from tests.doctor import hostile, worlds
from tests.doctor.servers import BLOBS, PASSWORD, USER, Behaviour, Registry, Zones

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.doctor.conftest import Result

    Trace = Callable[..., Result]


@pytest.fixture
def answering(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Replaces the registry's answer wherever a part of the path fits."""

    def replace(part: str, status: int, headers: dict[str, str] | None = None, content: bytes = b"") -> None:
        real = registry._reply

        def reply(request: Any, host: str, path: str, query: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
            return (status, headers or {}, content) if part in path else real(request, host, path, query, body)

        monkeypatch.setattr(registry, "_reply", reply)

    return replace


def is_clean(result: Result) -> None:
    assert "Traceback" not in result.err
    assert "a fault of its own" not in result.err
    for line in (result.out + result.err).split("\n"):
        hostile.assert_safe(line)


class TestChallenges:
    def test_a_header_of_95_kilobytes(self, trace: Trace, answering: Callable[..., None]) -> None:
        answering("/v2/", 401, {"WWW-Authenticate": "Bearer " + "a " * 47_500})
        result = trace(worlds.linked())
        assert (result.code, result.verdict["fault"]) == (1, "bad-challenge")
        assert result.verdict["explanation"] == (
            "a WWW-Authenticate header of 95006 characters; at most 8192 are read."
        )

    def test_a_realm_on_another_port(self, trace: Trace, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("REGISTRY_PASSWORD", PASSWORD)
        registry.behaviour.realm = f"https://{worlds.LOGIN}:8443/oauth2/token"
        result = trace(worlds.linked(), "--auth", "token", "--username", USER)
        assert result.verdict["fault"] == "foreign-realm"
        assert f"to {worlds.LOGIN}:8443 for a token, another port of its own host" in result.verdict["explanation"]
        assert f"--allow-realm {worlds.LOGIN}:8443" in result.verdict["explanation"]
        assert [s.path for s in registry.seen] == ["/v2/"]
        # The host alone means the usual port, so it allows nothing more.
        again = trace(worlds.linked(), "--auth", "token", "--username", USER, "--allow-realm", worlds.LOGIN)
        assert again.verdict["fault"] == "foreign-realm"
        allowed = trace(worlds.linked(), "--auth", "token", "--username", USER, "--allow-realm", f"{worlds.LOGIN}:8443")
        assert allowed.code == 0

    @pytest.mark.parametrize(
        "realm",
        ["https://[bad", "https://a b/", f"https://{worlds.LOGIN}:99999/t", "https://\u202eoi.rcezb/t", "x" * 7000],
    )
    def test_a_realm_that_is_none(self, trace: Trace, answering: Callable[..., None], realm: str) -> None:
        header = f'Bearer realm="{realm}"'.encode().decode("latin-1")
        answering("/v2/", 401, {"WWW-Authenticate": header})
        result = trace(worlds.linked(), json=False)
        assert "is not an https address" in result.out
        assert max(map(len, result.out.splitlines())) < 400
        is_clean(result)

    def test_a_regional_endpoint_and_its_registrys_realm(
        self, trace: Trace, authority: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Both are the registry's own, so its credentials may go to either; another registry's realm gets nothing."""
        monkeypatch.setenv("REGISTRY_PASSWORD", PASSWORD)
        regional = "contoso.japaneast.geo.azurecr.io"
        zones = worlds.data_endpoints_only(**{regional: [worlds.LOGIN_PUBLIC]})
        context = authority.server_context(regional, worlds.LOGIN, worlds.DATA)
        asked = ("--auth", "token", "--username", USER)
        with Registry(Behaviour(layer_host=worlds.DATA), context) as running:
            running.behaviour.realm = f"https://{worlds.LOGIN}/oauth2/token"
            to_here = ("--connect-to", f"{worlds.LOGIN_PUBLIC}={running.address}")
            to_here = (*to_here, "--connect-to", f"{worlds.DATA_PUBLIC}={running.address}")
            result = trace(zones, *to_here, *asked, image=f"{regional}/app:1")
            assert (result.code, result.verdict["situation"]) == (0, "data-endpoints-public")
            running.behaviour.realm = "https://fabrikam.azurecr.io/oauth2/token"
            running.seen.clear()
            refused = trace(zones, *to_here, *asked, image=f"{regional}/app:1")
            assert refused.verdict["fault"] == "foreign-realm"
            assert [s.path for s in running.seen] == ["/v2/"]


class TestTokens:
    @pytest.mark.parametrize(
        ("token", "words"),
        [
            ("secret\x1b[2Jtoken", "has control characters"),
            ("secret\r\nX-Evil: token", "has control characters"),
            ("secret-t\u00f6ken-of-mine", "has characters that are not ASCII"),
            ("secret-\u202etoken", "has characters that are not ASCII"),
            ("secret token of mine", "has spaces"),
            ("s" * 20_000, "has 20000 characters; at most 16384 can be sent"),
        ],
    )
    @pytest.mark.parametrize("as_json", [True, False])
    def test_a_token_that_no_header_can_have(
        self, trace: Trace, answering: Callable[..., None], token: str, words: str, as_json: bool
    ) -> None:
        answering("/oauth2/token", 200, content=json.dumps({"access_token": token}).encode())
        result = trace(worlds.linked(), json=as_json)
        assert result.code == 1
        assert f"the token service's token {words}; it was not used" in result.out.replace("The token", "the token")
        for spelling in (token, repr(token)[1:-1], repr(token.encode())[2:-1], json.dumps(token)[1:-1], "secret"):
            assert spelling not in result.out + result.err
        is_clean(result)

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"{}", "no token in it"),
            (b'{"access_token": {"a": 1}}', "a token that is no text"),
            (b'{"access_token": 7}', "a token that is no text"),
            (b"[" * 60_000, "no token in it"),
            (b'{"access_token": "' + b"x" * 70_000 + b'"}', "more than 65536 bytes"),
            (b"\xff\xfe", "no token in it"),
        ],
    )
    def test_an_answer_without_a_token(
        self, trace: Trace, answering: Callable[..., None], content: bytes, words: str
    ) -> None:
        answering("/oauth2/token", 200, content=content)
        result = trace(worlds.linked())
        assert result.verdict["fault"] == "bad-token-answer"
        assert words in result.verdict["explanation"]
        is_clean(result)

    @pytest.mark.parametrize("expiry", ["9" * 400, "-1e300", "1e999", "NaN", "true", "253402300800", '"x"'])
    def test_an_expiry_that_no_calendar_has(self, trace: Trace, monkeypatch: pytest.MonkeyPatch, expiry: str) -> None:
        claims = base64.urlsafe_b64encode(f'{{"exp": {expiry}}}'.encode()).decode().rstrip("=")
        monkeypatch.setenv("REGISTRY_PASSWORD", f"eyJhbGciOiJub25lIn0.{claims}.c2ln")
        result = trace(worlds.linked(), "--auth", "token", "--username", USER)
        assert result.verdict["fault"] == "credentials-refused"
        is_clean(result)

    def test_a_password_that_is_no_text(self, trace: Trace, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("REGISTRY_PASSWORD", "p\udcffssword")
        assert trace(worlds.linked(), "--auth", "token", "--username", USER).verdict["fault"] == "credentials-refused"


def sized(*sizes: object) -> bytes:
    layers = [{"digest": d, "size": s} for d, s in zip(list(BLOBS) * len(sizes), sizes, strict=False)]
    return json.dumps({"layers": layers, "config": {"digest": "sha256:" + "0" * 64}}).encode()


class TestManifests:
    @pytest.mark.parametrize("size", [int("9" * 400), -1, True, "1", None, 1e308, 1 << 61])
    def test_sizes_that_are_none(self, trace: Trace, answering: Callable[..., None], size: object) -> None:
        answering("/manifests/", 200, content=sized(size, 100))
        result = trace(worlds.linked())
        assert result.code == 0
        assert "a manifest of 2 layers, 0.0 MB, 1 without a usable size" in result.json["steps"][2]["note"]

    def test_one_that_is_too_large(self, trace: Trace, answering: Callable[..., None]) -> None:
        answering("/manifests/", 200, content=b'{"layers": [' + b" " * (5 << 20) + b"]}")
        result = trace(worlds.linked())
        assert result.verdict["fault"] == "bad-manifest"
        assert "more than 4 MiB" in result.verdict["explanation"]

    def test_an_index_of_many_and_long_names(self, trace: Trace, answering: Callable[..., None]) -> None:
        entries = [{"platform": {"os": f"os{n}" * 3000, "architecture": hostile.ONE}} for n in range(100)]
        answering("/manifests/", 200, content=json.dumps({"manifests": entries}).encode())
        result = trace(worlds.linked())
        assert result.verdict["fault"] == "no-platform"
        assert len(result.verdict["explanation"]) < 2100
        is_clean(result)

    @pytest.mark.parametrize("content", [b"[" * 100_000, b'{"layers":' * 50_000, b"", b"\xff", b'{"layers": [1e9999]}'])
    def test_nonsense(self, trace: Trace, answering: Callable[..., None], content: bytes) -> None:
        answering("/manifests/", 200, content=content)
        assert trace(worlds.linked()).verdict["fault"] == "bad-manifest"


class TestLinks:
    @pytest.mark.parametrize(
        "location",
        [
            "https://[bad",
            "https://",
            "https://a:99999/x",
            "https://a:x/",
            "//[::1",
            "ftp://a.b/c",
            "javascript:alert(1)",
            "https://a..b/",
            "https://-a.b/",
            f"https://{'a' * 300}.b/",
            "https://b\u00fccher.example/",
            "",
        ],
    )
    def test_a_link_that_leads_nowhere(self, trace: Trace, answering: Callable[..., None], location: str) -> None:
        answering("/blobs/", 307, {"Location": location})
        result = trace(worlds.linked())
        assert (result.code, result.verdict["fault"]) == (1, "bad-redirect")
        is_clean(result)

    def test_a_long_one(self, trace: Trace, answering: Callable[..., None]) -> None:
        answering("/blobs/", 307, {"Location": f"https://{worlds.DATA}/" + "x" * 20_000})
        result = trace(worlds.linked())
        assert "characters; at most 8192 are followed" in result.verdict["explanation"]
        assert len(result.out) < 20_000

    def test_redirects_without_end(self, trace: Trace, answering: Callable[..., None]) -> None:
        answering("/blobs/", 307, {"Location": f"https://{worlds.DATA}/v2/app/blobs/again?sig=topsecretsig"})
        result = trace(worlds.linked())
        assert result.verdict["explanation"] == "more than 3 redirects."
        assert len(result.json["steps"]) == 7
        assert "topsecretsig" not in result.out

    @pytest.mark.parametrize(
        "host",
        [
            "layers.example.net",
            "fabrikam.japaneast.data.azurecr.io",
            "contoso.japaneast.data.azurecr.io.example.net",
            "contoso.japaneast.data.privatelink.azurecr.io",
            "account.blob.core.chinacloudapi.cn",
        ],
    )
    def test_layers_from_a_foreign_host(self, trace: Trace, registry: Registry, authority: Any, host: str) -> None:
        registry.behaviour.layer_host = host
        zones = worlds.data_endpoints_only(**{host: ["20.1.2.3"]})
        with Registry(dataclasses.replace(registry.behaviour), authority.server_context(host)) as elsewhere:
            result = trace(zones, "--connect-to", f"20.1.2.3={elsewhere.address}")
            assert [s.host for s in elsewhere.seen] == [host]
            assert all("Authorization" not in s.headers for s in elsewhere.seen)
        assert (result.code, result.verdict["fault"]) == (1, "foreign-layers")
        assert result.verdict["summary"] == (
            f"The layers of {worlds.LOGIN}/app:1 come from {host}, a host that is not the registry's."
        )
        assert "works" not in result.verdict["summary"]

    def test_another_makers_registry_is_not_judged(
        self, trace: Trace, registry: Registry, authority: Any, server_context: Any
    ) -> None:
        """Its layers come from hosts that only its operator knows: no fault, and no promise."""
        context = authority.server_context("registry.example.net", "cdn.example.net")
        with Registry(Behaviour(layer_host="cdn.example.net", anonymous=True), context) as other:
            zones = Zones({"registry.example.net": ["20.9.9.9"], "cdn.example.net": ["20.9.9.8"]})
            result = trace(
                zones,
                *("--connect-to", f"20.9.9.9={other.address}", "--connect-to", f"20.9.9.8={other.address}"),
                image="registry.example.net/app:1",
            )
        assert (result.code, result.verdict["fault"], result.verdict["situation"]) == (0, "", "foreign-host")
        assert "works" not in result.verdict["summary"]
        assert "is not a registry of Azure" in result.verdict["explanation"]


class TestWholeRun:
    def test_its_limit_holds_over_all_steps(self, trace: Trace, registry: Registry) -> None:
        registry.behaviour.slow = "/manifests/"
        result = trace(worlds.linked(), "--timeout", "20", "--max-time", "1")
        assert (result.code, result.verdict["fault"]) == (1, "run-limit")
        assert result.verdict["summary"] == "The time for the whole run was over in the step 'manifest'."

    def test_it_holds_for_computation(self, trace: Trace, monkeypatch: pytest.MonkeyPatch) -> None:
        """A reader that never ends, as a regular expression could be: inside C, where no await comes."""
        import re

        from registry_doctor import deadline

        monkeypatch.setattr(deadline, "GRACE", 0.1)
        monkeypatch.setattr(tracing, "parse_challenges", lambda header: re.match(r"(a+)+$", "a" * 60 + "b"))
        result = trace(worlds.linked(), "--max-time", "1")
        assert result.code == 3
        assert "the run took longer than 1 s, which --max-time allows" in result.err

    def test_an_alarm_that_was_set_before_is_kept(self) -> None:
        import signal

        from registry_doctor.deadline import run_limit

        before = signal.getsignal(signal.SIGALRM)
        rest, _ = signal.setitimer(signal.ITIMER_REAL, 250)
        try:
            with run_limit(5):
                assert signal.getitimer(signal.ITIMER_REAL)[0] < 10
            assert 200 < signal.getitimer(signal.ITIMER_REAL)[0] <= 250
            assert signal.getsignal(signal.SIGALRM) is before
        finally:
            signal.setitimer(signal.ITIMER_REAL, rest)


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize(
    ("part", "status"), [("/v2/", 403), ("/oauth2/token", 401), ("/manifests/", 404), ("//layers/", 403)]
)
def test_what_servers_say_is_one_clean_line(
    trace: Trace, answering: Callable[..., None], tmp_path: Path, as_json: bool, part: str, status: int
) -> None:
    said = json.dumps({"errors": [{"code": "X" + hostile.ONE, "message": hostile.ONE}]}, ensure_ascii=True).encode()
    answering(part, status, {"Content-Type": "text/html"}, said)
    file = tmp_path / "page.html"
    result = trace(worlds.linked(), "--html", str(file), json=as_json)
    assert result.code == 1
    is_clean(result)
    page = file.read_text(encoding="utf-8")
    assert "<b>" not in page.replace("<body>", "")
    for line in page.split("\n"):
        hostile.assert_safe(line)


@pytest.fixture
def odd_certificate(authority: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The authority's next certificates carry a subject of several lines."""
    from cryptography import x509

    from tests.doctor import servers

    real = x509.NameAttribute

    def attribute(oid: Any, value: str) -> Any:
        return real(oid, f"Evil\nverdict: all is well\x1b[2J\u202e{value}"[:60])

    monkeypatch.setattr(servers.x509, "NameAttribute", attribute)


@pytest.mark.parametrize("host", [worlds.LOGIN, "other.example.net"])
@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.usefixtures("odd_certificate")
def test_a_certificate_subject_of_several_lines(trace: Trace, authority: Any, host: str, as_json: bool) -> None:
    context = authority.server_context(host, days=9 if as_json else 8)
    with Registry(Behaviour(anonymous=True), context) as wrong:
        result = trace(worlds.linked(), "--connect-to", f"{worlds.LOGIN_PRIVATE}={wrong.address}", json=as_json)
    assert "Evil verdict: all is well" in result.out
    is_clean(result)


def test_links_that_can_be_asked() -> None:
    found = web_address("https://Contoso.azurecr.io:443/a?b=c#d")
    assert found is not None
    assert (found.host, found.port, found.authority) == ("contoso.azurecr.io", 443, "contoso.azurecr.io")
    assert found.url.endswith("/a?b=c")
    joined = web_address("/x?y", "https://a.b:8443/v2/")
    assert joined is not None
    assert (joined.url, joined.authority) == ("https://a.b:8443/x?y", "a.b:8443")


def test_an_error_answer_of_any_shape() -> None:
    for content in (b'{"errors": [{"code": {"a": 1}, "message": ["x"]}]}', b'{"errors": [[]]}', b'{"errors": 7}'):
        assert tracing.error_text(Exchange("GET", "https://a.b/", body=content)) == ""
