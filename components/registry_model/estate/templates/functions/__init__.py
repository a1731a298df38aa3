"""The functions of template expressions, one file a family; `TABLE` has every one that is known."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from . import arrays, dates, deployment, lambdas, logic, networks, numbers, objects, resources, texts
from .table import Function

FAMILIES: Mapping[str, Mapping[str, Function]] = MappingProxyType(
    {
        "Text": texts.FUNCTIONS,
        "Comparison and logic": logic.FUNCTIONS,
        "Numbers": numbers.FUNCTIONS,
        "Arrays": arrays.FUNCTIONS,
        "Objects": objects.FUNCTIONS,
        "Lambdas": lambdas.FUNCTIONS,
        "Resources": resources.FUNCTIONS,
        "Deployment and scope": deployment.FUNCTIONS,
        "Networks": networks.FUNCTIONS,
        "Dates": dates.FUNCTIONS,
    }
)
TABLE: Mapping[str, Function] = MappingProxyType(
    {name.lower(): function for family in FAMILIES.values() for name, function in family.items()}
)

__all__ = ["FAMILIES", "TABLE", "Function"]
