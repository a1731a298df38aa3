"""Resource groups: deleting one deletes everything in it, as ARM does."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from localcloud.model import ids
from localcloud.model.kind import FORCE_NEW, Fixed, Kind, Problems, Request
from localcloud.model.shapes import Refused

if TYPE_CHECKING:
    from localcloud.model.store import Row, Transaction


class ResourceGroup(Kind):
    api_version = "2024-03-01"
    location = "region"
    immutable = MappingProxyType({"location": Fixed(True, FORCE_NEW, "Azure/azure-cli#22242")})
    name_rule = (
        r"[-\w.()]{0,89}[-\w()]",
        "must have 1 to 90 letters, digits, '_', '-', '.', '(' or ')', and must not end with '.'",
    )
    has_state = False

    def state(self, request: Request) -> dict[str, Any]:
        return {**super().state(request), "name": request.name}

    def view(self, tx: Transaction, row: Row) -> dict[str, Any]:
        return {"properties": {"provisioningState": self.provisioning(row)}}

    def refuse_change(self, row: Row, path: str, old: Any, new: Any, problems: Problems) -> None:
        """Words and code of 2022-05, Azure/azure-cli#22242; the status is in trailofbits/algo#1814."""
        problems.add(
            f"Invalid resource group location '{new}'. The Resource group already exists in location '{old}'.",
            "InvalidResourceGroupLocation",
            409,
        )

    def not_found(self, resource_id: str) -> Refused:
        return Refused(404, f"Resource group '{ids.name_of(resource_id)}' could not be found.", "ResourceGroupNotFound")
