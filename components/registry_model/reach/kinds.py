"""The registries of every cloud, as one type for what treats them alike."""

from __future__ import annotations

from typing import TypeAlias

from ..estate.model import Estate
from . import registries as azure
from .alibaba import registries as alibaba
from .alibaba.model import AlibabaRegistry
from .model import Registry

AnyRegistry: TypeAlias = Registry | AlibabaRegistry


def every_registry(estate: Estate) -> list[AnyRegistry]:
    """Every registry that the estate declares or reads, of whatever cloud."""
    return [*azure.registries(estate), *alibaba.registries(estate)]
