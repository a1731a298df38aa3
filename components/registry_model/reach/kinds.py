"""The registries of every cloud, as one type for what treats them alike."""

from __future__ import annotations

from typing import TypeAlias

from .alibaba.model import AlibabaRegistry
from .model import Registry

AnyRegistry: TypeAlias = Registry | AlibabaRegistry
