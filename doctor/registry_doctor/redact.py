"""Keeps tokens, passwords and signed links out of everything that is printed.

Two nets, because either alone has holes: values that are known to be secret are replaced wherever they turn up, and
whatever looks like one (the query of a URL, a JSON Web Token, an Authorization header) is replaced unseen.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

HIDDEN = "[redacted]"
_QUERY = re.compile(r"(?i)\b(https?://[^\s?#\"'<>]*)[?#][^\s\"'<>]*")
_USER_INFO = re.compile(r"(?i)\b(https?://)[^\s/@\"'<>]+@")
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?")
_HEADER = re.compile(r"(?i)\b(bearer|basic)\s+(?!realm=)[A-Za-z0-9+/=._~-]{8,}")
_SIGNATURE = re.compile(r"(?i)\b(sig|signature|se|sp|sv|x-amz-[a-z-]+)=[^&\s\"'<>]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # a server's text must not steer the terminal
_SHORTEST = 4  # replacing shorter values would garble every message and hide nothing

T = TypeVar("T")


class Redactor:
    """Remembers secret values and takes them out of text."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def add(self, *secrets: str | None) -> None:
        """Remember values that must never be shown. Values under four characters are left to the patterns."""
        self._secrets.update(s for s in secrets if s and len(s) >= _SHORTEST)

    def text(self, text: str) -> str:
        """The text without any remembered secret, URL query, URL user, JSON Web Token or Authorization value, and
        without control characters."""
        text = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        text = _QUERY.sub(rf"\1?{HIDDEN}", text)
        text = _USER_INFO.sub(rf"\1{HIDDEN}@", text)
        text = _JWT.sub(HIDDEN, text)
        text = _HEADER.sub(rf"\1 {HIDDEN}", text)
        return _SIGNATURE.sub(rf"\1={HIDDEN}", text)

    def data(self, value: Any) -> Any:
        """The same for every string in nested dicts and lists, keys included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.data(k): self.data(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [self.data(v) for v in value]
        return value
