"""What options can be set to, apart from the modules that do the work: the command line reads these on every start."""

from __future__ import annotations

from enum import StrEnum


class Source(StrEnum):
    """Where credentials come from."""

    AUTO = "auto"
    ANONYMOUS = "anonymous"
    TOKEN = "token"  # noqa: S105 a way to sign in, no secret
    AZ = "az"
    DOCKER = "docker"


class Drawing(StrEnum):
    """What ``diagram`` can print."""

    MERMAID = "mermaid"
    SVG = "svg"


class RecordFormat(StrEnum):
    """What ``records`` can print."""

    TABLE = "table"
    JSON = "json"
    ZONE = "zone"
    AZ = "az"
    POWERSHELL = "powershell"
    WINDOWS_DNS = "windows-dns"
    DNSMASQ = "dnsmasq"
    UNBOUND = "unbound"


class Viewpoint(StrEnum):
    """Where ``check`` stands: at a client that is meant to pull, or at one that is not."""

    INSIDE = "inside"
    OUTSIDE = "outside"
