"""Which part of an SDK the local cloud serves."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Surface:
    """The types and functions of a package, by token.

    ``package`` is Pulumi's name (``azure-native``), ``resources`` has the inputs that are part of each type's id, in
    the id's order, ``functions`` the inputs that each needs though the SDK lets them be left out.
    """

    package: str
    resources: Mapping[str, tuple[str, ...]]
    functions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def python_package(self) -> str:
        return f"pulumi-{self.package}".replace("-", "_")

    def is_installed(self) -> bool:
        """Whether the SDK is there; the second cloud's is an extra."""
        return importlib.util.find_spec(self.python_package) is not None

    def version(self) -> str:
        """The installed SDK's version, read without importing it. RuntimeError when it is not installed."""
        spec = importlib.util.find_spec(self.python_package)
        if spec is None or spec.origin is None:
            raise RuntimeError(f"pulumi-{self.package} is not installed beside the local cloud: run 'make setup'")
        return json.loads(Path(spec.origin).with_name("pulumi-plugin.json").read_text())["version"]
