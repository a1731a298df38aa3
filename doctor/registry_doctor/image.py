"""Image references: ``registry/repository[:tag][@digest]``, as the container engines read them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from registry_model.azure.names import HTTPS
from registry_model.text import clean

from .errors import InputError

_HOST = re.compile(r"^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$")
_REPOSITORY = re.compile(r"^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*$")
_TAG = re.compile(r"^\w[\w.-]{0,127}$", re.ASCII)
_DIGEST = re.compile(r"^sha256:[a-f0-9]{64}$")
_DIGEST_LIKE = re.compile(r"^(?:sha|md|blake)\w*:[^/@]*$")
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*)://")
MOST_REFERENCE = 1024  # characters; a host has at most 253, a repository 255 (OCI distribution), a tag 128, a digest 71


@dataclass(frozen=True)
class Image:
    """An image by name. ``reference`` is the digest if there is one, else the tag.

    ``written`` is the registry as it was typed: container engines look for stored sign-ins under exactly that text.
    """

    host: str
    port: int
    repository: str
    tag: str
    digest: str
    written: str = field(default="", compare=False)

    @property
    def reference(self) -> str:
        return self.digest or self.tag

    @property
    def authority(self) -> str:
        """The registry: the host, and the port if it is not 443."""
        return self.host if self.port == HTTPS else f"{self.host}:{self.port}"

    def at(self, host: str) -> str:
        """The same image's reference on another host."""
        return str(replace(self, host=host, port=HTTPS))

    def __str__(self) -> str:
        return f"{self.authority}/{self.repository}" + (f"@{self.digest}" if self.digest else f":{self.tag}")


def parse_image(text: str) -> Image:
    """``contoso.azurecr.io/app:1`` in parts; the tag is ``latest`` when none is given.

    InputError names every part that is wrong. A reference without a registry host is refused: engines would take it for
    Docker Hub's, which is never what this tool is asked about. So is one with a user and a password, unseen.
    """
    text = text.strip()
    if len(text) > MOST_REFERENCE:
        raise InputError(f"image: has {len(text)} characters; a reference has at most {MOST_REFERENCE}")
    if _has_user(text):
        raise InputError(
            "image: what stands before its '@' looks like a user name or a password, so it is not shown here; an "
            "image reference has '@' only before a digest (sha256:…). Leave it out and give credentials with "
            "REGISTRY_USERNAME and REGISTRY_PASSWORD in the environment, or --auth docker"
        )
    shown = f"image '{clean(text)}'"
    scheme = _SCHEME.match(text)
    if scheme and scheme.group(1).lower() != "https":
        raise InputError(f"{shown}: leave '{scheme.group(0)}' out; a reference begins with the registry's host")
    written, slash, rest = text[scheme.end() if scheme else 0 :].partition("/")
    if not ("." in written or ":" in written or written.lower() == "localhost"):
        raise InputError(f"{shown}: names no registry; write it in full, such as contoso.azurecr.io/app:1")
    if not slash or not rest:
        # `name:tag` alone is an image of Docker Hub's; `host` or `host:port` is a registry.
        if (
            not slash
            and ":" in written
            and "." not in written.partition(":")[0]
            and not written.startswith("localhost")
        ):
            raise InputError(f"{shown}: names no registry; write it in full, such as contoso.azurecr.io/{clean(text)}")
        example = f"{clean(written) or 'contoso.azurecr.io'}/app:1"
        raise InputError(f"{shown}: names a registry and no repository; write both, such as {example}")
    host_text = written.lower()
    problems: list[str] = []
    host, _, port_text = host_text.partition(":")
    if not _HOST.fullmatch(host) or len(host) > 253:
        hint = "; leave its last dot out" if _HOST.fullmatch(host.removesuffix(".")) else ""
        problems.append(f"{shown}: '{clean(host)}' is not a host name{hint}")
    port = HTTPS
    if ":" in host_text:
        if re.fullmatch(r"[0-9]{1,5}", port_text) and 0 < int(port_text) < 65536:
            port = int(port_text)
        else:
            problems.append(f"{shown}: port '{clean(port_text)}' must be a number from 1 to 65535")
    name, at, digest = rest.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        problems.append(f"{shown}: digest '{clean(digest)}' must be 'sha256:' and 64 hexadecimal digits")
    repository, colon, tag = name.partition(":")
    if colon and not _TAG.fullmatch(tag):
        problems.append(f"{shown}: tag '{clean(tag)}' must have 1 to 128 letters, digits, '_', '.' or '-'")
    if not _REPOSITORY.fullmatch(repository):
        problems.append(
            f"{shown}: repository '{clean(repository)}' must be lower-case letters and digits in parts separated by "
            "'/', '.', '_' or '-'"
        )
    if problems:
        raise InputError(problems)
    return Image(host, port, repository, tag or "latest", digest, written)


def _has_user(text: str) -> bool:
    """Whether an ``@`` stands where no digest follows. Passwords may have ``/``, ``:`` and ``@`` of their own."""
    before, at, after = text.rpartition("@")
    return bool(at) and (not _DIGEST_LIKE.match(after) or "@" in before)
