"""Packages whose names are imported when they are first asked for, so that importing one loads no SDK."""

import importlib
from collections.abc import Callable, Mapping
from typing import Any


def loader(package: str, homes: Mapping[str, str], names: dict[str, Any]) -> Callable[[str], Any]:
    """A package's ``__getattr__``: ``homes`` has the module of each public name, ``names`` is its ``globals()``."""

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module '{package}' has no attribute '{name}'")
        names[name] = getattr(importlib.import_module(f".{homes[name]}", package), name)  # asked once
        return names[name]

    return load
