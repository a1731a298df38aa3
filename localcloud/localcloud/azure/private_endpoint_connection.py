"""A registry's side of a private endpoint: made by the endpoint, approved or rejected here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.model.kind import Kind, Request, dig

from . import private_link

if TYPE_CHECKING:
    from localcloud.model.store import Row, Transaction

TYPE = "azure-native:containerregistry:PrivateEndpointConnection"
_STATE = "privateLinkServiceConnectionState"
_CHANGES = {("Pending", "Approved"), ("Pending", "Rejected"), ("Approved", "Rejected"), ("Rejected", "Approved")}


class PrivateEndpointConnection(Kind):
    api_version = "2024-11-01-preview"
    name_style = "copy"

    def check(self, request: Request) -> None:
        if request.row is None:
            request.problems.add(
                f"Private endpoint connection '{request.name}' does not exist: a private endpoint makes it, then it "
                "can be imported and approved or rejected."
            )
            return
        old, new = dig(request.before, f"{_STATE}.status"), dig(request.inputs, f"{_STATE}.status") or "Approved"
        if old != new and (old, new) not in _CHANGES:
            request.problems.add(f"{_STATE}.status of '{request.name}' cannot change from {old} to {new}.")

    def state(self, request: Request) -> dict[str, Any]:
        given = request.inputs.get(_STATE) or {}
        return {
            "privateEndpoint": request.before["privateEndpoint"],
            _STATE: {"status": "Approved", **given},
        }

    def stored(self, request: Request, row: Row) -> None:
        """An approved endpoint's records are written: a zone group may have waited for it."""
        endpoint = request.tx.get(row.body["privateEndpoint"]["id"])
        if endpoint is not None and request.parent is not None:
            members = request.cloud.kind(request.parent.token).members(request.tx, request.parent)
            private_link.write_records(request.tx, endpoint, members)

    def removed(self, tx: Transaction, row: Row, going: set[str]) -> None:
        tx.unpoint(row.body["privateEndpoint"]["id"], "target")
