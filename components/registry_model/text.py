"""The one place where text that others wrote (servers, states, previews, files) is made safe to show.

What it shows goes to terminals, logs, tables, JSON, Markdown, Mermaid, SVG and HTML. In each of them a text must stay
on its line, be read in the order in which it was written, and steer nothing.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
MOST_SHOWN = 2000  # characters of one text in a report; a longer one is no message that a person reads

# Whole sequences that colour or steer: Pulumi's colour tags, ECMA-48 control sequences, and the strings that terminals
# take for titles and links. None runs past the beginning of another, so a text is read in linear time.
_SEQUENCE = re.compile(
    r"<\{%[^%]{0,64}%\}>"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\n\x1b\x90\x98\x9b-\x9f]*(?:\x07|\x1b\\|\x9c)"
)
_BREAK = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Controls; marks that reorder or hide text (Unicode TR36 and TR39: bidirectional controls, zero-width and tag
# characters); what is no character.
_UNSAFE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f]"
)


def clean(text: str, *, lines: bool = False, most: int = 0) -> str:
    """Text that can be shown anywhere: one line, or with ``lines`` its own line ends as ``\\n``.

    Terminal sequences are taken out; controls, bidirectional and invisible marks that remain become U+FFFD, so that a
    name with one cannot pass for the name without it. ``most`` cuts longer text and says so with an ellipsis.
    """
    if most and len(text) > 8 * most:
        text = text[: 8 * most]
    if text.isascii() and text.isprintable() and "<{%" not in text:  # nearly all text, ten times as quick
        text = text.strip()
        return text if not most or len(text) <= most else text[: most - 1] + "…"
    text = _SEQUENCE.sub("", text)
    text = _BREAK.sub("\n" if lines else " ", text).replace("\t", " ")
    text = _UNSAFE.sub(REPLACEMENT, text).strip()
    return text if not most or len(text) <= most else text[: most - 1] + "…"


def clean_data(value: Any, *, lines: bool = False) -> Any:
    """The same for every string in nested dicts and lists, keys included."""
    if isinstance(value, str):
        return clean(value, lines=lines)
    if isinstance(value, dict):
        return {clean_data(k): clean_data(v, lines=lines) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [clean_data(v, lines=lines) for v in value]
    return value


def markup(text: str) -> str:
    """Clean text for HTML and SVG, in elements and in quoted attributes."""
    return escape(clean(text))
