"""The cloud: what a front end may ask of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .shapes import Resource, TypeInfo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Cloud:
    """A local Azure in one SQLite file, which many threads and processes may open at the same time."""

    @classmethod
    def open(cls, path: Path, latency: str = "off") -> Cloud:
        """Open the file, made when it is missing. ``latency`` is ``off`` or ``realistic``."""
        raise NotImplementedError

    def served(self) -> Mapping[str, TypeInfo]:
        """Every type that the cloud has, by its Pulumi token."""
        raise NotImplementedError

    def resource_id(self, token: str, inputs: dict[str, Any], subscription: str) -> str:
        """The ARM id that these inputs give."""
        raise NotImplementedError

    def create(self, token: str, inputs: dict[str, Any], subscription: str) -> Resource:
        """Create a resource. Refused when Azure would refuse it."""
        raise NotImplementedError

    def read(self, token: str, id: str) -> Resource | None:
        """The resource as it is now; None when it is gone."""
        raise NotImplementedError

    def update(self, token: str, id: str, inputs: dict[str, Any]) -> Resource:
        """Bring a resource to these inputs. Refused when Azure would refuse it."""
        raise NotImplementedError

    def delete(self, token: str, id: str) -> None:
        """Delete a resource; deleting what is gone is fine. Refused while it is in use or locked."""
        raise NotImplementedError

    def invoke(self, token: str, args: dict[str, Any], subscription: str) -> dict[str, Any]:
        """Answer a function such as ``azure-native:containerregistry:getRegistry``. Refused when there is no such thing."""
        raise NotImplementedError

    def list(self) -> list[Resource]:
        """Every resource, sorted by id."""
        raise NotImplementedError

    def set(self, id: str, path: str, value: object) -> None:
        """Drift: change one property (dotted path) as someone would in the portal, with no checks beyond existence."""
        raise NotImplementedError
