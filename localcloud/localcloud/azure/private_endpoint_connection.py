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
        """An approved endpoint's records are written: a zone group may have waited for it. A rejected one's go."""
        tx, endpoint = request.tx, request.tx.get(row.body["privateEndpoint"]["id"])
        if endpoint is None or request.parent is None:
            return
        members = request.cloud.kind(request.parent.token).members(tx, request.parent)
        if private_link.is_approved(tx, endpoint):
            private_link.write_records(tx, endpoint, members)
        elif dig(request.before, f"{_STATE}.status") == "Approved":
            _take_records(tx, endpoint, [member.record for member in members])

    def removed(self, tx: Transaction, row: Row, going: set[str]) -> None:
        endpoint = tx.get(row.body["privateEndpoint"]["id"])
        if endpoint is not None and endpoint.key not in going:
            _take_records(tx, endpoint, [record.name for record in private_link.records_of(tx, endpoint)])
        tx.unpoint(row.body["privateEndpoint"]["id"], "target")


def _take_records(tx: Transaction, endpoint: Row, records: list[str]) -> None:
    """Rejecting or removing a connection clears its records: MicrosoftDocs/azure-docs#58044, 2020-06 and 2023-11."""
    for group in private_link.groups_of(tx, endpoint):
        private_link.remove_records(tx, group, records)
