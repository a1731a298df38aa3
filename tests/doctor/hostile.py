"""Text that attacks whoever shows it, and what a shown text must not contain. Written out, not asked of the product."""

from __future__ import annotations

import re

from hypothesis import strategies as st

BIDIRECTIONAL = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
INVISIBLE = "\u200b\u2060\ufeff\xad\u180e\U000e0041"
BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
PIECES = (
    *("\x1b[31m", "\x1b[2J", "\x1b]0;title\x07", "\x1b]8;;https://evil.example\x1b\\", "\x1b", "\x9b1m", "\x9d0;t\x9c"),
    *("<{%reset%}>", "<{%", "%}>", "\x00", "\x07", "\x08", "\x7f", "\t", "\ud800", "\uffff", "<b>", "&", '"', "`", "|"),
    *BIDIRECTIONAL,
    *INVISIBLE,
    *BREAKS,
)
TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=12).map("".join)
ONE = "".join(PIECES) + "end"  # every piece at once


_UNSAFE = re.compile(f"[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\u2028\\u2029\\uffff\\ufffe{BIDIRECTIONAL}{INVISIBLE}]")


def assert_safe(text: str, *, lines: bool = False) -> None:
    """No control, terminal sequence, bidirectional or invisible mark, lone surrogate, or (without ``lines``) break."""
    assert not _UNSAFE.search(text.replace("\n", "") if lines else text), repr(text)
    text.encode()
