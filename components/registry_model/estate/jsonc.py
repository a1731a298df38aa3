"""JSON as people and Azure's tools write it: comments, trailing commas, byte order marks, UTF-16 and UTF-32.

Azure takes ``//`` and ``/* */`` comments and line breaks inside texts in its templates, and so do the tools that
write them. Plain JSON is read by the standard library alone; only what is not plain goes a second, slower way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

# A text is matched first, so that what looks like a comment in one stays. Each alternative takes what it can, so that
# a text or comment that never ends is read once. Line breaks stay: an error is where its line says.
_NOT_PLAIN = re.compile(r'("(?:[^"\\]++|\\.)*+"?)|//[^\r\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?', re.DOTALL)
_LAST_COMMA = re.compile(r'("(?:[^"\\]++|\\.)*+"?)|,(?=[ \t\r\n]*+[}\]])', re.DOTALL)
_NOT_A_BREAK = re.compile(r"[^\r\n]")
_SCHEMA = re.compile(r"deploymentTemplate\.json", re.IGNORECASE)
_CONTENT_VERSION = re.compile(r'"contentVersion"\s*:', re.IGNORECASE)
_RESOURCES = re.compile(r'"resources"\s*:', re.IGNORECASE)


_BLANK = re.compile(r"[ \t\r\n]*")
_value_at = json.JSONDecoder().raw_decode


class TextError(ValueError):
    """Text that cannot be read; the message says what is wrong and where."""


def decode(data: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 or UTF-32, with a byte order mark or without. Raises TextError."""
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        pass
    name = "UTF-8" if encoding.startswith("utf-8") else encoding.upper()
    raise TextError(f"it is not {name} text")


def parse(text: str) -> Any:
    """What JSON says, with or without comments and trailing commas. Raises TextError, or RecursionError."""
    try:
        return json.loads(text)
    except ValueError as error:
        plain = error
    try:
        return json.loads(without_comments(text), strict=False)
    except json.JSONDecodeError as error:
        raise TextError(f"line {error.lineno}, column {error.colno}") from None
    except ValueError:
        raise TextError(str(plain)) from None


def parse_piecewise(text: str, paths: Iterable[tuple[str, ...]], take: Callable[[Any], None]) -> Any:
    """What plain JSON says, but for the lists at ``paths``, such as ``("deployment", "resources")``, which are left
    empty: each of their members is given to ``take`` as soon as it is read, so that they are never in memory together.

    Raises TextError where the text is not plain JSON, which may be after some members were taken.
    """
    try:
        value, end = _walk(text, _after_blanks(text, 0), list(paths), take)
        if _after_blanks(text, end) == len(text):
            return value
    except (ValueError, StopIteration, IndexError, RecursionError):  # a number of thousands of digits is a ValueError
        pass
    raise TextError("it is not plain JSON")


def _walk(text: str, at: int, paths: list[tuple[str, ...]], take: Callable[[Any], None]) -> tuple[Any, int]:
    """The value that begins at a place of the text, and where it ends."""
    if () in paths and text[at] == "[":
        return [], _members(text, at, take)
    if not paths or text[at] != "{":
        return _value_at(text, at)
    made: dict[str, Any] = {}
    at = _after_blanks(text, at + 1)
    while text[at] != "}" or made:
        if text[at] != '"':
            raise StopIteration
        key, at = scanstring(text, at + 1)
        at = _after_blanks(text, at)
        if text[at] != ":" or key in made:  # of a key written twice the last counts, and the first was taken already
            raise StopIteration
        inner = [path[1:] for path in paths if path[:1] == (key,)]
        made[key], at = _walk(text, _after_blanks(text, at + 1), inner, take)
        at = _after_blanks(text, at)
        if text[at] == "}":
            break
        at = _next(text, at)
    return made, at + 1


def _members(text: str, at: int, take: Callable[[Any], None]) -> int:
    at = _after_blanks(text, at + 1)
    if text[at] == "]":
        return at + 1
    while True:
        value, at = _value_at(text, at)
        take(value)
        at = _after_blanks(text, at)
        if text[at] == "]":
            return at + 1
        at = _next(text, at)


def _next(text: str, at: int) -> int:
    if text[at] != ",":
        raise StopIteration
    return _after_blanks(text, at + 1)


def _after_blanks(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match is not None else at


def without_comments(text: str) -> str:
    """The text with blanks where comments and trailing commas are: every line stays where it is."""
    text = text.removeprefix("\ufeff")
    bare = _NOT_PLAIN.sub(lambda match: match[1] or _NOT_A_BREAK.sub(" ", match[0]), text)
    return _LAST_COMMA.sub(lambda match: match[1] or " ", bare)


def says_template(text: str) -> bool:
    """Whether a text that cannot be read says that it is an ARM template, by its schema or by what it holds."""
    return bool(_SCHEMA.search(text) or (_CONTENT_VERSION.search(text) and _RESOURCES.search(text)))
