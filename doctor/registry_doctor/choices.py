"""What options can be set to, apart from the modules that do the work: the command line reads these on every start."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


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


class Viewpoint(StrEnum):
    """Where ``check`` stands: at a client that is meant to pull, or at one that is not."""

    INSIDE = "inside"
    OUTSIDE = "outside"


@dataclass(frozen=True)
class Given:
    """Where registries are declared: one of these, or with none the project's selected stack.

    ``state`` is a file of a stack export, preview, plan, ARM template or what `az` printed, or a folder of such files;
    ``parameters`` a file of a template's parameters. ``az`` is a registry or resource group that Azure is asked about.
    ``max_size`` are the megabytes that a file may have, None for the default.
    """

    stack: str | None = None
    state: Path | None = None
    parameters: Path | None = None
    az: str | None = None
    max_size: float | None = None
