"""Keeps what extract.py reads in the user's cache directory, so that the provider starts without importing Pulumi.

A description belongs to one SDK version, one set of served types and one version of the code that makes it; the file's
name says which, so nothing is ever stale, and files of other versions are left to whoever cleans caches.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import schema
from .description import SdkDescription

if TYPE_CHECKING:
    from collections.abc import Mapping

Served = dict[str, tuple[str, ...]]  # token → the inputs that are part of its id, in the id's order
_EXTRACTOR = Path(__file__).with_name("extract.py")


def load(served: Mapping[str, tuple[str, ...]]) -> SdkDescription:
    """The description of the served types, made and kept on first use (about two seconds)."""
    return SdkDescription(_kept(served, "description"))


def load_schema(served: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """The Pulumi package schema of the served types, kept beside the description."""
    return _kept(served, "schema")


def sdk_version() -> str:
    """The installed SDK's version, read without importing it. RuntimeError when it is not installed."""
    spec = importlib.util.find_spec("pulumi_azure_native")
    if spec is None or spec.origin is None:
        raise RuntimeError("pulumi-azure-native is not installed beside the local cloud: run 'make setup'")
    return json.loads(Path(spec.origin).with_name("pulumi-plugin.json").read_text())["version"]


def directory() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "private-registry" / "localcloud"


def _kept(served: Mapping[str, tuple[str, ...]], what: str) -> dict[str, Any]:
    version = sdk_version()
    key = hashlib.sha256(json.dumps([version, sorted(served.items())]).encode())
    for source in (_EXTRACTOR, Path(schema.__file__)):
        key.update(source.read_bytes())
    files = {name: directory() / f"{name}-{version}-{key.hexdigest()[:16]}.json" for name in ("description", "schema")}
    try:
        return json.loads(files[what].read_text())
    except (OSError, ValueError):
        made = _make(served)
    # A cache that cannot be written costs time, not correctness.
    with contextlib.suppress(OSError):
        for name, content in made.items():
            _write(files[name], json.dumps(content, separators=(",", ":")))
    return made[what]


def _make(served: Mapping[str, tuple[str, ...]]) -> dict[str, dict[str, Any]]:
    import subprocess  # here, because most starts find the cache filled and need not pay for it

    # In a process of its own: this one may be the provider, where `pulumi` is a bare name without its modules.
    ran = subprocess.run(
        [sys.executable, "-I", str(_EXTRACTOR)], input=json.dumps(dict(served)), capture_output=True, text=True
    )
    if ran.returncode:
        last_line = (ran.stderr.strip().splitlines() or ["no message"])[-1]
        raise RuntimeError(f"pulumi-azure-native could not be read: {last_line}")
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
