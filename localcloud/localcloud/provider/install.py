"""Puts the local cloud into a Pulumi home, where the engine looks for providers."""

from __future__ import annotations

import json
import os
import shlex
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud import alibaba
from localcloud.sdk import cache

from . import naming

if TYPE_CHECKING:
    from localcloud.sdk.surface import Surface

TEMPLATE = Path(__file__).resolve().parents[2] / "plugin" / "pulumi-resource"
_MARK = "Starts the local cloud in the place of "


class CannotInstallError(Exception):
    """The home belongs to something else; the message says what, and what to do."""


@dataclass(frozen=True)
class Installed:
    """Where the plugin is, and whether this installation changed it."""

    plugin: Path
    changed: bool


def surfaces() -> list[Surface]:
    """What the local cloud serves of each SDK that is installed beside it; Alibaba's is an extra."""
    return [surface for surface in (naming.surface(), alibaba.SURFACE) if surface.is_installed()]


def install(home: Path, surface: Surface) -> Installed:
    """Write the plugin of a package and its schema into a Pulumi home, and make the SDK's description ready.

    The same again changes nothing. CannotInstallError for the user's own Pulumi home, and where the real provider is:
    there the local cloud would stand in the way of real stacks.
    """
    home = home.expanduser().resolve()
    package, version = surface.package, surface.version()
    plugin = home / "plugins" / f"resource-{package}-v{version}" / f"{TEMPLATE.name}-{package}"
    if home == (Path.home() / ".pulumi").resolve():
        raise CannotInstallError(
            f"{home} is your own Pulumi home, where real stacks find the real {package}; "
            "give a folder of its own, e.g. --home .local/pulumi-home"
        )
    before = plugin.read_bytes() if plugin.exists() else b""
    if before and _MARK.encode() not in before:
        raise CannotInstallError(f"{plugin} is not the local cloud but the real {package}; give another --home")
    start = Path(__file__).with_name("start.py")
    content = TEMPLATE.read_text()
    # Not resolved: the interpreter of a virtual environment is a link, and the same link when that is made anew.
    for word, value in (("@PYTHON@", sys.executable), ("@START@", str(start)), ("@PACKAGE@", package)):
        content = content.replace(word, shlex.quote(value))
    cache.load(surface)
    changed = before != content.encode()
    if changed:
        _write(plugin, content, mode=0o755)
    plugin.touch()  # says when the served types were last taken over, for whoever asks whether that must be done again
    # Here the engine keeps schemas for the YAML host and code generators; it takes one that is newer than the plugin.
    schema = json.dumps(cache.load_schema(surface))
    _write(home / "schemas" / f"{package}-{version}.json", schema, mode=0o644)
    return Installed(plugin, changed)


def _write(file: Path, content: str, mode: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}")
    with os.fdopen(handle, "w") as stream:
        stream.write(content)
    Path(name).chmod(mode)
    Path(name).replace(file)
