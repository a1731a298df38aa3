"""Keeps tokens, passwords and signed links out of everything that is printed.

Two nets, because either alone has holes: values that are known to be secret are replaced wherever they turn up, and
whatever looks like one (the query of a URL, a JSON Web Token, an Authorization header) is replaced unseen.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote, quote_plus

from registry_model.text import MOST_SHOWN, clean

HIDDEN = "[redacted]"
_QUERY = re.compile(r"(?i)\b(https?://[^\s?#\"'<>]*)[?#][^\s\"'<>]*")
_USER_INFO = re.compile(r"(?i)\b(https?://)[^\s/@\"'<>]+@")
# The same without a scheme, as in an image reference; `app:1@sha256:…` is none.
_BARE_USER = re.compile(r"(?i)(?<![^\s'\"(/])[^\s/@:'\"<>]+:(?!//)[^\s@'\"<>]+@(?!(?:sha|md|blake)\w*:)")
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?")
_HEADER = re.compile(r"(?i)\b(bearer|basic)\s+(?!realm=)[A-Za-z0-9+/=._~-]{8,}")
_SIGNATURE = re.compile(r"(?i)\b(sig|signature|se|sp|sv|x-amz-[a-z-]+)=[^&\s\"'<>]+")
_SHORTEST = 4  # replacing shorter values would garble every message and hide nothing


class Redactor:
    """Remembers secret values and takes them out of text."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def add(self, *secrets: str | None) -> None:
        """Remember values that must never be shown. Values under four characters are left to the patterns.

        Errors of libraries quote values: as Python, as JSON, as a part of a URL. Those spellings are remembered too.
        """
        for secret in secrets:
            if secret:
                self._secrets.update(s for s in _spellings(secret) if len(s) >= _SHORTEST)

    def text(self, text: str) -> str:
        """The text without any remembered secret, URL query, URL user, JSON Web Token or Authorization value, on one
        line, without anything that steers a terminal, and cut where it is longer than a person reads."""
        text = clean(self._without_secrets(text), most=MOST_SHOWN)
        text = self._without_secrets(text)
        text = _QUERY.sub(rf"\1?{HIDDEN}", text)
        text = without_user(text)
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

    def _without_secrets(self, text: str) -> str:
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return text


def without_user(text: str) -> str:
    """The text without what stands before a host as its user and password."""
    return _BARE_USER.sub(f"{HIDDEN}@", _USER_INFO.sub(rf"\1{HIDDEN}@", text))


def _spellings(secret: str) -> set[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    quoted = {repr(secret)[1:-1], repr(raw)[2:-1], json.dumps(secret)[1:-1], quote(raw, safe=""), quote_plus(raw)}
    return {secret, clean(secret), *quoted}
