"""A policy pack folder for repositories that only install the wheel.

Pulumi wants a folder with a ``PulumiPolicy.yaml`` that names the virtual environment to run in. A wheel cannot know
where it will be installed, so the folder is written on request, for this very installation.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path

from .rule import PRESETS
from .settings import preset_config

_MAIN = '''\
"""Runs the installed registry-guard; written by `registry-guard pack-path`."""

from registry_guard.pack import serve

serve()
'''


def write_pack(folder: Path | None, version: str) -> Path:
    """Write the pack and its presets, and return its folder: the one given, or one of the user's cache.

    The same installation always gives the same folder. Raises OSError.
    """
    if folder is None:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        key = hashlib.sha256(f"{sys.prefix}\0{version}".encode()).hexdigest()[:16]
        folder = root / "private-registry" / "policy-pack" / f"{version}-{key}"
    folder = folder.resolve()
    (folder / "presets").mkdir(parents=True, exist_ok=True)
    for name, text in _files(version).items():
        _write(folder / name, text)
    return folder


def _files(version: str) -> dict[str, str]:
    # JSON is YAML, and quotes whatever the path has in it.
    policy = {
        "description": "Nothing unsafe about a container registry passes",
        "version": version,
        "runtime": {"name": "python", "options": {"toolchain": "pip", "virtualenv": sys.prefix}},
    }
    files = {"PulumiPolicy.yaml": json.dumps(policy, indent=2) + "\n", "__main__.py": _MAIN}
    for preset in PRESETS:
        files[f"presets/{preset}.json"] = json.dumps(preset_config(preset), indent=2) + "\n"
    return files


def _write(path: Path, text: str) -> None:
    """Put a file in its place whole: a preview that runs at the same time never reads half of one."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(path)
