"""Replications: a registry's copy in another region, which every private endpoint of the registry needs an address for.

A replication in the registry's own region is accepted, as ARM does (Azure/azure-rest-api-specs#10233); with the first
replica Azure makes one by itself, lists it, and refuses to delete it (recorded 2026-09; Azure/acr#294). Zone redundancy
cannot be changed, and creating one again that was just deleted fails later (Azure/azure-rest-api-specs#18934).
"""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from localcloud.model import ids
from localcloud.model.kind import Kind, Problems, Request, dig, is_on, marked, marks, unmarked
from localcloud.model.latency import REPLICATION_HOLD_SECONDS, scale
from localcloud.model.store import Row

from . import facts, private_link, registry

if TYPE_CHECKING:
    from localcloud.model.store import Transaction


class Replication(Kind):
    api_version = "2024-11-01-preview"
    location = "region"
    name_style = "copy"
    name_rule = (r"[a-zA-Z0-9]{5,50}", "must have 5 to 50 letters and digits, and nothing else")
    immutable = MappingProxyType(
        {
            "zoneRedundancy": unmarked(
                "containerregistry.json 2024-11-01-preview", "Azure/azure-rest-api-specs#18934, without its words"
            ),
            "location": marked("containerregistry.json 2024-11-01-preview"),
        }
    )
    has_system_data = True

    def check(self, request: Request) -> None:
        parent, problems = request.parent, request.problems
        if parent is None:
            return
        sku = dig(parent.body, "sku.name")
        if sku != "Premium":
            problems.add(f"Geo-replication needs the SKU Premium; registry '{parent.name}' has {sku}.")
        if is_on(dig(parent.body, "policies.softDeletePolicy.status")):
            problems.add(f"Registry '{parent.name}' has the soft delete policy enabled, so it cannot be replicated.")
        registry.check_zones(request)
        if request.row is not None and not request.before.get("_failed"):
            return
        region = facts.region(request.inputs.get("location"))
        for other in request.tx.children(parent.id, "replications"):
            if other.body["location"] == region and other.key != ids.key(request.id):
                problems.add(f"Registry '{parent.name}' has a replication in '{region}' already: '{other.name}'.")
        if not problems and self._new_region(request.tx, parent, region):
            self._check_endpoints(request, parent)

    def _new_region(self, tx: Transaction, parent: Row, region: str) -> bool:
        return region not in facts.regions_of(parent.body["location"], registry.replica_regions(tx, parent))

    def _check_endpoints(self, request: Request, parent: Row) -> None:
        endpoints = private_link.endpoints_of(request.tx, parent.id)
        in_subnet = Counter(ids.key(endpoint.body["subnet"]["id"]) for endpoint in endpoints)
        for endpoint in endpoints:
            if endpoint.body.get("_static"):
                request.later.add(
                    f"Failed to replicate private endpoint '{endpoint.name}': it has static IP addresses and cannot "
                    "take the new data endpoint.",
                    "BadRequest",
                )
            elif not private_link.has_room(request.tx, endpoint, in_subnet[ids.key(endpoint.body["subnet"]["id"])]):
                # Azure does not say which subnet is full, so neither does this.
                request.later.add(
                    f"Replication '{request.name}' failed: no private IP address is available for its data endpoint."
                )

    def state(self, request: Request) -> dict[str, Any]:
        return {"regionEndpointEnabled": True, "zoneRedundancy": "Disabled", **self.plain(request.inputs)}

    def stored(self, request: Request, row: Row) -> None:
        if request.parent and (request.row is None or request.before.get("_failed")):
            _make_home(request.tx, request.parent, row)
            private_link.sync_target(request, request.parent)

    def view(self, tx: Transaction, row: Row) -> dict[str, Any]:
        status = {} if self.provisioning(row) != "Succeeded" else {"displayStatus": "Ready"}
        return {"status": {**status, "timestamp": row.body["_modified"]}}

    def check_delete(self, tx: Transaction, row: Row, going: set[str], problems: Problems) -> None:
        parent = tx.get(ids.parent_of(row.id))
        if parent is not None and parent.key not in going and row.body["location"] == parent.body["location"]:
            problems.add(
                f"The replication '{row.name}' of registry '{parent.name}' is the one of its home region and cannot be "
                "deleted.",
                "HomeReplicationCannotBeDeleted",
            )

    def removed(self, tx: Transaction, row: Row, going: set[str]) -> None:
        parent = tx.get(row.id.rsplit("/", 2)[0])
        if parent is not None and parent.key not in going:
            private_link.withdraw(tx, parent, row)

    def hold_after_delete(self) -> float:
        return REPLICATION_HOLD_SECONDS * scale()


def _make_home(tx: Transaction, parent: Row, replica: Row) -> None:
    """Azure makes the home region's replication some seconds after the first replica is asked for, by itself."""
    home = parent.body["location"]
    there = [each for each in tx.children(parent.id, "replications") if each.body["location"] == home]
    if there or replica.body["location"] == home:
        return
    group = ids.name_of(ids.group_of(parent.id))
    own = {"resourceGroupName": group, "registryName": parent.name, "replicationName": home, "location": home}
    body = {"location": home, "regionEndpointEnabled": True, "zoneRedundancy": "Disabled", **marks()}
    tx.put(Row(f"{parent.id}/replications/{home}", replica.token, own, body, pointers=[]))
