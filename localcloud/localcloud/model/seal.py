"""The key of one cloud: what the file holds of resources is encrypted with it, and secrets are digested with it.

Pulumi does not tell a provider which values are secret, and a tag may be one: so every value is encrypted, and only
ids, types and addresses can be read in the file without the key. The key lies beside the file and is readable by its
owner alone: it keeps secrets out of backups, bug reports and a copied file, not from whoever has both.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .shapes import CloudFileError

_KEY_BYTES = 32
_NONCE_BYTES = 12  # what AES-GCM asks for; random ones are safe for 2**32 values of one key (NIST SP 800-38D, 8.3)


def key_file(cloud_file: Path) -> Path:
    return cloud_file.with_name(f"{cloud_file.name}.key")


class Seal:
    """Encrypts and digests with the key of one cloud file."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._cipher = AESGCM(key)

    @classmethod
    def of(cls, cloud_file: Path, *, make: bool) -> Seal:
        """The seal of a file; with ``make`` its key is made when it is missing.

        CloudFileError when the key is missing or is none; OSError when it cannot be read or written.
        """
        file = key_file(cloud_file)
        if make and not file.exists():
            _make(file)
        try:
            key = base64.b64decode(file.read_text(), validate=True)
        except FileNotFoundError:
            raise CloudFileError(
                f"'{file}' is missing: without this key the cloud in '{cloud_file}' cannot be read. Nothing was "
                "changed. Put the key back, or forget the cloud with `bin/local cloud reset`."
            ) from None
        except (ValueError, binascii.Error):
            key = b""
        if len(key) != _KEY_BYTES:
            raise CloudFileError(
                f"'{file}' holds no key of a local cloud. Nothing was changed. Put the right key back, or forget the "
                "cloud with `bin/local cloud reset`."
            )
        return cls(key)

    def close(self, value: Any, bound: str) -> bytes:
        """A JSON value, encrypted; it opens only for the same ``bound`` (the resource and the column it belongs to)."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, json.dumps(value).encode(), bound.encode())

    def open(self, sealed: bytes, bound: str) -> Any:
        """What ``close`` was given. CloudFileError when it was damaged, or belongs elsewhere."""
        try:
            return json.loads(self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound.encode()))
        except (InvalidTag, ValueError, TypeError):
            raise CloudFileError(
                f"what the cloud's file holds of '{bound}' cannot be read: the file is damaged. Nothing was changed. "
                "Put a copy of the file in its place, or forget the cloud with `bin/local cloud reset`."
            ) from None

    def digest(self, value: Any) -> str:
        """Tells whether a secret changed, and not what it is: equal for equal values under one key."""
        text = json.dumps(value, sort_keys=True).encode()
        return f"hmac-sha256:{hmac.new(self._key, b'digest:' + text, hashlib.sha256).hexdigest()}"


def _make(file: Path) -> None:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}")  # 0600 from the start
    try:
        with os.fdopen(handle, "w") as stream:
            stream.write(base64.b64encode(os.urandom(_KEY_BYTES)).decode())
        # Of several processes that begin at once, one makes the key, and the others find it.
        with contextlib.suppress(FileExistsError):
            os.link(name, file)
    finally:
        Path(name).unlink()
