"""Log Analytics workspaces."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from localcloud.model import ids
from localcloud.model.kind import LOCATION_ANSWER, Kind, Request, dig, marked

if TYPE_CHECKING:
    from localcloud.model.store import Row, Transaction

_DAYS = (30, 730)


class Workspace(Kind):
    api_version = "2023-09-01"
    location = "region"
    immutable = MappingProxyType({"location": marked("Workspaces.json 2023-09-01", LOCATION_ANSWER)})
    name_rule = (
        r"[a-zA-Z0-9][a-zA-Z0-9-]{2,61}[a-zA-Z0-9]",
        "must have 4 to 63 letters, digits or '-', and start and end with a letter or digit",
    )
    has_etag = True
    has_system_data = True

    def check(self, request: Request) -> None:
        days = request.inputs.get("retentionInDays")
        free = dig(request.inputs, "sku.name") == "Free"
        if days is not None and not free and not _DAYS[0] <= days <= _DAYS[1]:
            request.problems.add(f"retentionInDays is {days:g}: it must be {_DAYS[0]} to {_DAYS[1]}.")

    def state(self, request: Request) -> dict[str, Any]:
        return {
            "retentionInDays": 30,
            "publicNetworkAccessForIngestion": "Enabled",
            "publicNetworkAccessForQuery": "Enabled",
            "sku": {"name": "PerGB2018"},
            **self.plain(request.inputs),
            "customerId": ids.guid(ids.key(request.id), "customer"),
        }

    def view(self, tx: Transaction, row: Row) -> dict[str, Any]:
        return {
            "createdDate": row.body["_created"],
            "modifiedDate": row.body["_modified"],
            "privateLinkScopedResources": [],
        }
