"""Peerings: one half of a connection of two networks; connected when the other half is there."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from localcloud.model import ids
from localcloud.model.kind import Kind, Request, dig, unmarked

from . import addresses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.model.store import Row, Transaction

_PEERINGS = "virtualNetworkPeerings"
_CONNECTED = MappingProxyType({"peeringState": "Connected", "peeringSyncLevel": "FullyInSync"})


class VirtualNetworkPeering(Kind):
    api_version = "2024-05-01"
    name_style = "copy"
    name_rule = (
        r"[a-zA-Z0-9]([\w.-]{0,78}\w)?",
        "must have 1 to 80 letters, digits, '_', '-' or '.', start with a letter or digit, and not end with '-' or '.'",
    )
    # azurerm replaces for it.
    immutable = MappingProxyType({"remoteVirtualNetwork.id": unmarked("virtualNetwork.json 2024-05-01")})
    has_etag = True

    def check(self, request: Request) -> None:
        problems, local = request.problems, request.parent
        remote_id = dig(request.inputs, "remoteVirtualNetwork.id")
        if not remote_id:
            problems.add(f"remoteVirtualNetwork.id of peering '{request.name}' is missing.")
            return
        remote = request.refer("peering", remote_id, "remoteVirtualNetwork.id")
        if local is None or remote is None or request.row is not None:
            return
        if remote.key == local.key:
            problems.add(f"remoteVirtualNetwork.id: virtual network '{local.name}' cannot be peered with itself.")
            return
        for other in request.tx.children(local.id, _PEERINGS):
            if ids.key(other.body["remoteVirtualNetwork"]["id"]) == remote.key:
                problems.add(f"Virtual network '{local.name}' is peered with '{remote.name}' already: '{other.name}'.")
        theirs = addresses.networks(_space(remote))
        shared = [
            str(one) for one in addresses.networks(_space(local)) if any(addresses.overlap(one, o) for o in theirs)
        ]
        if shared:
            problems.add(
                f"Cannot create or update peering {request.id}. Virtual networks {local.id} and {remote.id} cannot be "
                f"peered because their address spaces overlap. Overlapping address prefixes: {', '.join(shared)}",
                "VnetAddressSpacesOverlap",
            )
        half = other_half(request.tx, local, remote)
        if half is not None and half.body["peeringState"] == "Disconnected":
            problems.add(
                f"Cannot create or update peering {request.id} because remote peering {half.id} referencing parent "
                f"virtual network {local.id} is in Disconnected state. Update or re-create the remote peering to get "
                "it back to Initiated state.",
                "RemotePeeringIsDisconnected",
            )

    def state(self, request: Request) -> dict[str, Any]:
        kept = self.plain(request.inputs)
        for computed in ("peeringState", "peeringSyncLevel", "name", "type"):
            kept.pop(computed, None)
        remote = request.tx.get(str(dig(request.inputs, "remoteVirtualNetwork.id")))
        half = other_half(request.tx, request.parent, remote) if request.parent and remote else None
        connected = half is not None and half.body["peeringState"] != "Disconnected"
        ends = sorted(row.key for row in (request.parent, remote) if row)
        return {
            "allowVirtualNetworkAccess": True,
            "allowForwardedTraffic": False,
            "allowGatewayTransit": False,
            "useRemoteGateways": False,
            "doNotVerifyRemoteGateways": False,
            "peerCompleteVnets": True,
            **kept,
            "remoteAddressSpace": {"addressPrefixes": _space(remote) if remote else []},
            "remoteVirtualNetworkAddressSpace": {"addressPrefixes": _space(remote) if remote else []},
            **(_CONNECTED if connected else {"peeringState": "Initiated", "peeringSyncLevel": "RemoteNotInSync"}),
            "resourceGuid": ids.guid(*ends, "peering"),  # both halves have the same one
        }

    def stored(self, request: Request, row: Row) -> None:
        if row.body["peeringState"] == "Connected":
            self._tell_other(request.tx, row, _CONNECTED)

    def removed(self, tx: Transaction, row: Row, going: set[str]) -> None:
        self._tell_other(tx, row, {"peeringState": "Disconnected"})

    def _tell_other(self, tx: Transaction, row: Row, state: Mapping[str, str]) -> None:
        local, remote = tx.get(ids.parent_of(row.id)), tx.get(row.body["remoteVirtualNetwork"]["id"])
        half = other_half(tx, local, remote) if local and remote else None
        if half is not None:
            half.body.update(state)
            tx.put(half)

    def serial_scope(self, resource_id: str) -> str:
        return ids.parent_of(resource_id)


def other_half(tx: Transaction, local: Row, remote: Row) -> Row | None:
    """The peering in the remote network that points back at the local one."""
    return next((p for p in tx.sources(local.id, "peering") if ids.key(ids.parent_of(p.id)) == remote.key), None)


def _space(network: Row) -> list[str]:
    return network.body["addressSpace"]["addressPrefixes"]
