"""Whatever a secret is wrapped in, it does not come out."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from registry_doctor.redact import Redactor

PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=4, max_size=60)
WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)


@given(WORDS, PRINTABLE, WORDS)
def test_a_remembered_secret_is_nowhere(before: str, secret: str, after: str) -> None:
    redactor = Redactor()
    redactor.add(secret)
    cleaned = redactor.text(f"{before}{secret}{after}")
    assert secret not in cleaned.replace("[redacted]", "")


@given(st.dictionaries(WORDS, st.lists(PRINTABLE.map(lambda s: f"x {s} y"), max_size=3), max_size=3), PRINTABLE)
def test_nested_data_too(data: dict[str, list[str]], secret: str) -> None:
    redactor = Redactor()
    redactor.add(secret)
    cleaned = redactor.data({**data, secret: [f"a{secret}b", (secret, 1, True)]})
    assume(secret != "True")  # which is no secret where it is a boolean
    assert secret not in repr(cleaned).replace("[redacted]", "")


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("GET https://a.b/c?sig=x%3D&se=1 now", "GET https://a.b/c?[redacted] now"),
        ("see (https://a.b/c?x=1).", "see (https://a.b/c?[redacted]"),
        ("HTTPS://user:pw@a.b/c", "HTTPS://[redacted]@a.b/c"),
        ("Authorization: Bearer abcdefgh12345", "Authorization: Bearer [redacted]"),
        ("basic dXNlcjpwYXNzd29yZA==", "basic [redacted]"),
        ("token eyJhbGciOi.eyJleHAi.c2ln and", "token [redacted] and"),
        ("?st=2026&sig=abc%2F&sp=r", "?st=2026&sig=[redacted]&sp=[redacted]"),
        ('Bearer realm="https://a.b/t",service="a.b"', 'Bearer realm="https://a.b/t",service="a.b"'),
        ("plain words about a.b/c:443", "plain words about a.b/c:443"),
        ("\x1b[31mred\x07", "red\N{REPLACEMENT CHARACTER}"),
        ("image 'user:pa/ss@contoso.azurecr.io/app'", "image '[redacted]@contoso.azurecr.io/app'"),
        ("contoso.azurecr.io/app:1@sha256:abc", "contoso.azurecr.io/app:1@sha256:abc"),
        ("one\nline", "one line"),
    ],
)
def test_what_looks_secret_is_hidden_unseen(text: str, cleaned: str) -> None:
    assert Redactor().text(text) == cleaned
