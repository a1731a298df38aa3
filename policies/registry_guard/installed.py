"""A policy pack folder for repositories that only install the wheel.

Pulumi wants a folder with a ``PulumiPolicy.yaml`` that names the virtual environment to run in. A wheel cannot know
where it will be installed, so the folder is written on request, for this very installation.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import registry_model

from .rule import PRESETS
from .settings import preset_config

_MAIN = '''\
"""Runs the installed registry-guard; written by `registry-guard pack-path`."""

from registry_guard.pack import serve

serve()
'''


_STANDALONE_MAIN = '''\
"""Runs the registry-guard that lies beside this file; written by `registry-guard pack-path --standalone`."""

from registry_guard.pack import serve

serve("{version}")
'''

# What the pack imports that is not in its folder: the engine's protocol, and with it grpc and protobuf.
REQUIREMENTS = ("pulumi>=3.259,<4",)
# What only the command line, or somebody else's pack, uses.
_NOT_FOR_A_PACK = (
    "cli.py",
    "crossguard.py",
    "explain.py",
    "files.py",
    "installed.py",
    "report",
    "rules_doc.py",
    "*.md",
)


def write_standalone(folder: Path, version: str) -> Path:
    """Write a pack that carries its own code into a new or empty folder, and return the folder. Raises OSError.

    Its requirements.txt names third-party packages only, and its environment is ``venv`` inside it, which `pulumi
    install` makes: nothing of it depends on this installation.
    """
    folder = folder.resolve()
    if folder.is_dir() and any(folder.iterdir()):
        raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), str(folder))
    (folder / "presets").mkdir(parents=True, exist_ok=True)
    files = {
        **_files(version, environment="venv"),
        "__main__.py": _STANDALONE_MAIN.format(version=version),
        "requirements.txt": "".join(f"{line}\n" for line in REQUIREMENTS),
    }
    for name, text in files.items():
        _write(folder / name, text)
    here = Path(__file__).parent
    ignored = shutil.ignore_patterns("__pycache__", *_NOT_FOR_A_PACK)
    shutil.copytree(here, folder / here.name, ignore=ignored)
    ground = Path(registry_model.__file__).parent
    shutil.copytree(ground, folder / ground.name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


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
    for name, text in _files(version, environment=sys.prefix).items():
        _write(folder / name, text)
    return folder


def _files(version: str, environment: str) -> dict[str, str]:
    # JSON is YAML, and quotes whatever the path has in it.
    policy = {
        "description": "Nothing unsafe about a container registry passes",
        "version": version,
        "runtime": {"name": "python", "options": {"toolchain": "pip", "virtualenv": environment}},
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
