"""Virtual network links: they let a network resolve a private zone. A network has one zone of a name."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from localcloud.model import ids
from localcloud.model.kind import Kind, Request, dig, marked, unmarked, version_guid

if TYPE_CHECKING:
    from localcloud.model.store import Row, Transaction


class VirtualNetworkLink(Kind):
    api_version = "2024-06-01"
    location = "global"
    name_style = "copy"
    name_rule = (
        r"[a-zA-Z0-9_]([\w.-]{0,78}\w)?",
        "must have 1 to 80 letters, digits, '_', '-' or '.', and not end with '-' or '.'",
    )
    # azurerm replaces for the network; 2026-06-01-preview does not mark it either.
    immutable = MappingProxyType(
        {
            "virtualNetwork.id": unmarked("privatedns.json 2024-06-01"),
            "location": marked("privatedns.json 2024-06-01"),
        }
    )
    has_etag = True

    def etag(self, row: Row) -> str:
        first, *_, last = version_guid(row).split("-")
        return f'"{first}-0000-0100-0000-{last}"'  # recorded 2024-10

    def check(self, request: Request) -> None:
        problems, tx = request.problems, request.tx
        network_id = dig(request.inputs, "virtualNetwork.id")
        if not network_id:
            problems.add(f"virtualNetwork.id of virtual network link '{request.name}' is missing.")
            return
        network = request.refer("link", network_id, "virtualNetwork.id")
        if network is None or request.parent is None:
            return
        zone = request.parent.name
        for other in tx.sources(network_id, "link"):
            if other.key == ids.key(request.id):
                continue
            other_zone = ids.name_of(ids.parent_of(other.id))
            if ids.parent_of(other.key) == ids.parent_of(ids.key(request.id)):
                problems.add(f"Virtual network '{network.name}' is linked to zone '{zone}' already, by '{other.name}'.")
            elif other_zone.lower() == zone.lower():
                problems.add(
                    "A virtual network cannot be linked to multiple zones with overlapping namespaces. You tried to "
                    f"link virtual network with '{zone}' and '{other_zone}' zones.",
                    "BadRequest",
                )
            if request.inputs.get("registrationEnabled") and other.body["registrationEnabled"]:
                problems.add(
                    "A virtual network can only be linked to 1 Private DNS zone(s) with auto-registration enabled; "
                    f'conflicting Private DNS zone is "{other_zone}".',
                    "Conflict",
                    409,
                )

    def state(self, request: Request) -> dict[str, Any]:
        kept = {"registrationEnabled": False, **self.plain(request.inputs)}
        if request.parent and request.parent.name.lower().startswith("privatelink."):
            kept.setdefault("resolutionPolicy", "Default")
        return kept

    def view(self, tx: Transaction, row: Row) -> dict[str, Any]:
        return {"virtualNetworkLinkState": "InProgress" if row.in_progress else "Completed"}
