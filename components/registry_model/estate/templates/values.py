"""Texts that only Azure knows, and how what is made of them is known to be the same."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from ..values import UNKNOWN, Partial, SecretText, walk


class StandIn(str):
    """A text in the place of one that only Azure works out, such as ``uniqueString``'s.

    Equal stand-ins stand for equal texts, so that what shares a name is seen to belong together. What the text really
    is, nobody knows: comparing it with another text, or asking what is in it, is UNKNOWN.
    """

    __slots__ = ()


class Key(str):
    """The key of an object, in lower case: how it was written is not known any more."""

    __slots__ = ()


def key(text: str) -> str:
    """A key as a value; without letters there is nothing that is not known."""
    return text if text == text.upper() else Key(text)


ABSENT: Final = object()  # not even null: nobody gave a value

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"  # uniqueString's own characters


def stand_in(*seed: Any, length: int = 13) -> StandIn:
    """A text of the length of a real one, the same for the same seed; with 36, one like a GUID."""
    digest = hashlib.sha256(json.dumps(seed, default=str, sort_keys=True).encode(errors="replace"))
    if length == 36:
        text = digest.hexdigest()
        return StandIn("-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:32])))
    return StandIn("".join(_ALPHABET[byte % 32] for byte in digest.digest()[:length]))


# What a deployment knows of its own place and nobody else does yet.
OWN_SUBSCRIPTION = StandIn("00000000-0000-0000-0000-00000000000a")
OWN_GROUP = StandIn("own-resource-group")
OWN_TENANT = StandIn("00000000-0000-0000-0000-00000000000b")


def secret_inside(value: Any) -> bool:
    """Whether a secret text is anywhere in a value."""
    return any(isinstance(each, SecretText) for each in walk(value))


def text_of(value: Any) -> str:
    """A value as ``concat`` and ``format`` write it. Raises ValueError for what they do not take."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, int | float):
        return str(value)
    if value is None:
        return ""
    raise ValueError("no text")


def marked(result: Any, sources: list[Any]) -> Any:
    """A result as secret, or as little known, as the texts that it is made of."""
    if result is UNKNOWN or result is None:
        return result
    for source in sources:
        if isinstance(source, SecretText):
            return secret(result)
    if any(isinstance(source, StandIn) for source in sources):
        return _stood_in(result)
    return result


def _stood_in(result: Any) -> Any:
    if isinstance(result, str):
        return StandIn(result)
    if isinstance(result, list):
        return [_stood_in(item) for item in result]
    return UNKNOWN  # a number or a truth about a text that nobody knows


def secret(value: Any) -> Any:
    """A value with every text in it secret."""
    if isinstance(value, str):
        return SecretText(value)
    if isinstance(value, list):
        return [secret(item) for item in value]
    if isinstance(value, dict):
        made = {key: secret(item) for key, item in value.items()}
        return Partial(made) if isinstance(value, Partial) else made
    return value


def equal(one: Any, other: Any) -> Any:
    """True, False or UNKNOWN: texts by their letters, as Azure's ``equals``."""
    if one is UNKNOWN or other is UNKNOWN:
        return UNKNOWN
    if isinstance(one, str) and isinstance(other, str):
        if isinstance(one, Key) or isinstance(other, Key):
            return UNKNOWN if str.lower(one) == str.lower(other) else False
        if str.__eq__(one, other):
            return True
        return UNKNOWN if isinstance(one, StandIn) or isinstance(other, StandIn) else False
    if isinstance(one, dict) and isinstance(other, dict):
        return _equal_objects(one, other)
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return False
        return every(equal(mine, theirs) for mine, theirs in zip(one, other, strict=True))
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    return one == other


def _equal_objects(one: dict[str, Any], other: dict[str, Any]) -> Any:
    partial = isinstance(one, Partial) or isinstance(other, Partial)
    if not partial and one.keys() != other.keys():
        return False
    alike = every(equal(one[key], other[key]) for key in one if key in other)
    if alike is False:
        return False
    return UNKNOWN if partial else alike


def every(results: Any) -> Any:
    """Whether all are true: False as soon as one is, else UNKNOWN if one is."""
    unknown = False
    for result in results:
        if result is UNKNOWN:
            unknown = True
        elif not result:
            return False
    return UNKNOWN if unknown else True


def at(holder: Any, key: Any) -> Any:
    """``holder[key]``; ABSENT where there is none."""
    if isinstance(holder, dict) and isinstance(key, str):
        return dict.get(holder, key.lower(), UNKNOWN if isinstance(holder, Partial) else ABSENT)
    if isinstance(holder, list) and isinstance(key, int) and not isinstance(key, bool):
        return holder[key] if 0 <= key < len(holder) else ABSENT
    return UNKNOWN
