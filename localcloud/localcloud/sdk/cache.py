"""Keeps what extract.py reads in the user's cache directory, so that the provider starts without importing Pulumi.

A description belongs to one version of an SDK, one set of served types and one version of the code that makes it; the
name of the file says which, so nothing is ever stale, and files of other versions are left to whoever cleans caches.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import schema
from .description import SdkDescription

if TYPE_CHECKING:
    from .surface import Surface

_EXTRACTOR = Path(__file__).with_name("extract.py")


def load(surface: Surface) -> SdkDescription:
    """The description of what is served, made and kept on first use (about two seconds)."""
    return SdkDescription(_kept(surface, "description"))


def load_schema(surface: Surface) -> dict[str, Any]:
    """The Pulumi package schema of what is served, kept beside the description."""
    return _kept(surface, "schema")


def directory() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "private-registry" / "localcloud"


def _kept(surface: Surface, what: str) -> dict[str, Any]:
    version = surface.version()
    key = hashlib.sha256(json.dumps([version, _asked(surface)], sort_keys=True).encode())
    for source in (_EXTRACTOR, Path(schema.__file__)):
        key.update(source.read_bytes())
    named = f"{surface.package}-{version}-{key.hexdigest()[:16]}.json"
    files = {name: directory() / f"{name}-{named}" for name in ("description", "schema")}
    try:
        return json.loads(files[what].read_text())
    except (OSError, ValueError):
        made = _make(surface)
    # A cache that cannot be written costs time, not correctness.
    with contextlib.suppress(OSError):
        for name, content in made.items():
            _write(files[name], json.dumps(content, separators=(",", ":")))
    return made[what]


def _asked(surface: Surface) -> dict[str, Any]:
    return {
        "package": surface.package,
        "served": dict(surface.resources),
        "functions": dict(surface.functions),
    }


def _make(surface: Surface) -> dict[str, dict[str, Any]]:
    import subprocess  # here, because most starts find the cache filled and need not pay for it

    # In a process of its own: this one may be the provider, where `pulumi` is a bare name without its modules.
    ran = subprocess.run(
        [sys.executable, "-I", str(_EXTRACTOR)], input=json.dumps(_asked(surface)), capture_output=True, text=True
    )
    if ran.returncode:
        last_line = (ran.stderr.strip().splitlines() or ["no message"])[-1]
        raise RuntimeError(f"pulumi-{surface.package} could not be read: {last_line}")
    data = json.loads(ran.stdout)
    return {"description": _without_docs(data), "schema": schema.package_schema(data)}


def _without_docs(value: Any, *, named: bool = False) -> Any:
    """The description without its prose, which only the schema needs. ``named``: the keys are property names."""
    if isinstance(value, dict):
        return {
            key: _without_docs(item, named=not named and key in ("inputs", "outputs", "properties"))
            for key, item in value.items()
            if named or key != "doc"
        }
    return [_without_docs(item) for item in value] if isinstance(value, list) else value


def _write(file: Path, content: str) -> None:
    import tempfile

    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    with os.fdopen(handle, "w") as stream:
        stream.write(content)
    Path(name).replace(file)
