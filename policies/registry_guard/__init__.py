"""The guard: CrossGuard rules for container registries, and the same rules without the engine.

Import `registry_guard.engine.evaluate` to judge an `Estate`; `registry_model.estate.reading` makes one
from a stack export.
`policies` gives the rules to a policy pack of one's own. Importing anything here but `registry_guard.pack` and that
does not import Pulumi.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .crossguard import policies

__all__ = ["policies"]


def __getattr__(name: str) -> Any:
    if name == "policies":
        from .crossguard import policies

        return policies
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
