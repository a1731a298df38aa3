"""Image references: ``registry/repository[:tag][@digest]``, as the container engines read them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from registry_model.azure.names import HTTPS

from .errors import InputError

_HOST = re.compile(r"^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$")
_REPOSITORY = re.compile(r"^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*$")
_TAG = re.compile(r"^\w[\w.-]{0,127}$", re.ASCII)
_DIGEST = re.compile(r"^sha256:[a-f0-9]{64}$")


@dataclass(frozen=True)
class Image:
    """An image by name. ``reference`` is the digest if there is one, else the tag."""

    host: str
    port: int
    repository: str
    tag: str
    digest: str

    @property
    def reference(self) -> str:
        return self.digest or self.tag

    @property
    def authority(self) -> str:
        """The registry as sign-ins are stored for it: the host, and the port if it is not 443."""
        return self.host if self.port == HTTPS else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.authority}/{self.repository}" + (f"@{self.digest}" if self.digest else f":{self.tag}")


def parse_image(text: str) -> Image:
    """``contoso.azurecr.io/app:1`` in parts; the tag is ``latest`` when none is given.

    InputError names every part that is wrong. A reference without a registry host is refused: engines would take it for
    Docker Hub's, which is never what this tool is asked about.
    """
    host_text, slash, rest = text.strip().removeprefix("https://").partition("/")
    host_text = host_text.lower()
    if not slash or not ("." in host_text or ":" in host_text or host_text == "localhost"):
        raise InputError(
            f"image '{text}': names no registry; write it in full, such as contoso.azurecr.io/{text or 'app'}:1"
        )
    problems: list[str] = []
    host, _, port_text = host_text.partition(":")
    if not _HOST.fullmatch(host) or len(host) > 253:
        problems.append(f"image '{text}': '{host}' is not a host name")
    port = HTTPS
    if ":" in host_text:
        if port_text.isdecimal() and 0 < int(port_text) < 65536:
            port = int(port_text)
        else:
            problems.append(f"image '{text}': port '{port_text}' must be a number from 1 to 65535")
    name, at, digest = rest.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        problems.append(f"image '{text}': digest '{digest}' must be 'sha256:' and 64 hexadecimal digits")
    repository, colon, tag = name.partition(":")
    if colon and not _TAG.fullmatch(tag):
        problems.append(f"image '{text}': tag '{tag}' must have 1 to 128 letters, digits, '_', '.' or '-'")
    if not _REPOSITORY.fullmatch(repository):
        problems.append(
            f"image '{text}': repository '{repository}' must be lower-case letters and digits in parts separated by "
            "'/', '.', '_' or '-'"
        )
    if problems:
        raise InputError(problems)
    return Image(host, port, repository, tag or "latest", digest)
