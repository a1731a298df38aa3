"""Functions of dates: when a template will be deployed, nobody knows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .table import Function, never

_WHY = "the time of the deployment"

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {name: never(_WHY) for name in ("utcNow", "dateTimeAdd", "dateTimeFromEpoch", "dateTimeToEpoch")}
)
