"""Text of others is safe to show: the dangerous characters are gone, the harmless ones stay."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from registry_model.text import clean, clean_data, markup

from tests.doctor import hostile


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x07", "link"),
        ("\x1b]0;title", "\N{REPLACEMENT CHARACTER}]0;title"),
        ("\x1bPq#0\x1b\\x", "x"),
        ("<{%fg 1%}>red<{%reset%}>", "red"),
        ("one\ntwo\r\nthree\u2028four\x85five\x0bsix", "one two three four five six"),
        ("a\tb\x00c\x07", "a b\N{REPLACEMENT CHARACTER}c\N{REPLACEMENT CHARACTER}"),
        ("cont\u202eoso", "cont\N{REPLACEMENT CHARACTER}oso"),
        ("cont\u200boso\u2066\ufeff\ud800", "cont\ufffdoso\ufffd\ufffd\ufffd"),
        ("\U000e0041tag", "\ufffdtag"),
        ("  plain  ", "plain"),
        ("日本 é — → 👩‍💻 naïve عربي", "日本 é — → 👩‍💻 naïve عربي"),
        ("<b>&amp;", "<b>&amp;"),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_line_ends_stay_where_they_are_wanted() -> None:
    assert clean("a\r\nb\rc\x1b[2Jd", lines=True) == "a\nb\ncd"


def test_long_text_is_cut() -> None:
    assert clean("x" * 50, most=10) == "x" * 9 + "…"
    assert clean("x" * 10, most=10) == "x" * 10


def test_markup() -> None:
    assert markup('<a href="x">\n\x1b[1m') == "&lt;a href=&quot;x&quot;&gt;"


@given(hostile.TEXT, st.booleans())
def test_nothing_dangerous_stays(text: str, lines: bool) -> None:
    done = clean(text, lines=lines)
    hostile.assert_safe(done, lines=lines)
    assert clean(done, lines=lines) == done


@given(st.text(st.characters(categories=("L", "N", "P", "S")), max_size=60))
def test_words_of_every_script_stay(text: str) -> None:
    if "<{%" not in text:
        assert clean(text) == text


@given(st.recursive(hostile.TEXT, lambda inner: st.lists(inner) | st.dictionaries(hostile.TEXT, inner), max_leaves=5))
def test_nested_data(value: object) -> None:
    def texts(of: object) -> list[str]:
        if isinstance(of, dict):
            return [t for pair in of.items() for each in pair for t in texts(each)]
        return [t for each in of for t in texts(each)] if isinstance(of, list) else [str(of)]

    for text in texts(clean_data(value)):
        hostile.assert_safe(text)


def test_every_format_character_of_unicode_is_known() -> None:
    """Marks that Unicode calls format or separator and that stay must be those that scripts need in words."""
    kept = {
        c
        for c in map(chr, range(0x110000))
        if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and clean(f"a{c}b") == f"a{c}b"
    }
    joiners = {"\u200c", "\u200d"}
    prepended = {c for c in kept if "NUMBER SIGN" in unicodedata.name(c, "") or "MARK" in unicodedata.name(c, "")}
    rest = kept - joiners - prepended
    assert all(ord(c) in range(0x0600, 0x08E3) or ord(c) >= 0x110BD for c in rest), sorted(map(hex, map(ord, rest)))
