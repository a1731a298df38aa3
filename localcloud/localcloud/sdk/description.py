"""The description of the served types, as the provider asks it. Imports no Pulumi: reading it takes milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Property = dict[str, Any]  # described in extract.py
Properties = dict[str, Property]


@dataclass(frozen=True)
class ResourceShape:
    """A resource's inputs and outputs by wire name, its API version, and inputs that the provider keeps when unset."""

    api_version: str
    inputs: Properties
    outputs: Properties
    subresources: list[str]


@dataclass(frozen=True)
class FunctionShape:
    api_version: str
    inputs: Properties
    outputs: Properties


class SdkDescription:
    """What one version of an SDK says about the served types and their functions."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.version: str = data["version"]
        self._data = data

    def resource(self, token: str) -> ResourceShape | None:
        found = self._data["resources"].get(token)
        return found and ResourceShape(found["apiVersion"], found["inputs"], found["outputs"], found["subresources"])

    def function(self, token: str) -> FunctionShape | None:
        found = self._data["functions"].get(token)
        return found and FunctionShape(found["apiVersion"], found["inputs"], found["outputs"])

    def resource_tokens(self) -> list[str]:
        return list(self._data["resources"])

    def function_tokens(self) -> list[str]:
        return list(self._data["functions"])

    def input_type(self, ref: str) -> Properties:
        return self._data["inputTypes"][ref]["properties"]

    def output_type(self, ref: str) -> Properties:
        return self._data["outputTypes"][ref]["properties"]

    def enum_values(self, prop: Property) -> list[Any] | None:
        """What an enum property may be; None when it is not an enum."""
        return self._data["enums"][prop["enum"]]["values"] if "enum" in prop else None
