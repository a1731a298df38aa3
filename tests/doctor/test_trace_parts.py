"""The parts of a pull that read what servers send: challenges, errors, platforms, addresses."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from registry_doctor import trace
from registry_doctor.addresses import address_class, parse_endpoint
from registry_doctor.errors import InputError
from registry_doctor.trace import Challenge, error_text, json_object, parse_challenges, parse_platform
from registry_doctor.wire import Exchange


@pytest.mark.parametrize(
    ("header", "challenges"),
    [
        (
            'Bearer realm="https://a.b/oauth2/token",service="a.b",scope="repository:app:pull,push"',
            [("bearer", {"realm": "https://a.b/oauth2/token", "service": "a.b", "scope": "repository:app:pull,push"})],
        ),
        (
            'Basic realm="a \\"b\\"", Bearer realm=x',
            [("basic", {"realm": 'a "b"'}), ("bearer", {"realm": "x"})],
        ),
        ("Negotiate", [("negotiate", {})]),
        ("", []),
    ],
)
def test_challenges(header: str, challenges: list[tuple[str, dict[str, str]]]) -> None:
    assert parse_challenges(header) == [Challenge(s, p) for s, p in challenges]


@given(st.text(max_size=200))
def test_any_challenge_is_read(header: str) -> None:
    assert all(c.scheme for c in parse_challenges(header))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"errors":[{"code":"DENIED","message":"no"},{"code":"X"}]}', "DENIED: no; X"),
        (b"<Error><Code>AuthenticationFailed</Code></Error>", "AuthenticationFailed"),
        (b"<html>", ""),
        (b'{"errors": "x"}', ""),
        (b'{"errors":[{"message":"' + b"x" * 1000 + b'"}]}', "x" * 300),
    ],
)
def test_error_text(body: bytes, text: str) -> None:
    assert error_text(Exchange("GET", "https://a.b/", body=body)) == text


@given(st.binary(max_size=100))
def test_any_body_is_an_object(body: bytes) -> None:
    assert isinstance(json_object(body), dict)


def test_platforms() -> None:
    assert parse_platform("linux/arm/v7") == ("linux", "arm", "v7")
    for wrong in ("linux", "a/b/c/d", "Linux/amd64", ""):
        with pytest.raises(InputError, match="--platform"):
            parse_platform(wrong)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("10.1.2.3", "private"),
        ("172.31.0.1", "private"),
        ("100.64.0.9", "private"),
        ("fd00::1", "private"),
        ("40.79.197.128", "public"),
        ("168.63.129.16", "public"),
        ("2603:1040::1", "public"),
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("169.254.169.254", "link-local"),
    ],
)
def test_address_class(address: str, kind: str) -> None:
    assert address_class(address) == kind


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("10.0.0.4", ("10.0.0.4", 53)),
        ("10.0.0.4:5353", ("10.0.0.4", 5353)),
        ("fd00::1", ("fd00::1", 53)),
        ("[fd00::1]", ("fd00::1", 53)),
        ("[fd00::1]:5353", ("fd00::1", 5353)),
    ],
)
def test_endpoints(text: str, endpoint: tuple[str, int]) -> None:
    assert parse_endpoint(text, "--resolver", 53) == endpoint


@pytest.mark.parametrize("text", ["", "ns.example.net", "10.0.0.4:0", "10.0.0.4:99999", "10.0.0.4:x", "[fd00::1]x"])
def test_wrong_endpoints(text: str) -> None:
    with pytest.raises(InputError, match="--resolver"):
        parse_endpoint(text, "--resolver", 53)


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
