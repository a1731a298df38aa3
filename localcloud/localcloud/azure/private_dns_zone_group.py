"""Zone groups: they write an endpoint's A records into private zones, and remove them, whoever wrote them last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.model import ids, locks
from localcloud.model.kind import Kind, Problems, Request, duplicates

from . import facts, private_link

if TYPE_CHECKING:
    from localcloud.azure.facts import Member
    from localcloud.model.store import Row, Transaction

_MAX_ZONES = 5  # learn.microsoft.com/azure/private-link/private-endpoint-dns, 2026-01


class PrivateDnsZoneGroup(Kind):
    api_version = "2024-05-01"
    name_style = "copy"
    name_rule = (
        r"[a-zA-Z0-9]([\w.-]{0,78}\w)?",
        "must have 1 to 80 letters, digits, '_', '-' or '.', start with a letter or digit, and not end with '-' or '.'",
    )
    has_type = False
    has_etag = True

    def check(self, request: Request) -> None:
        problems = request.problems
        if request.row is None and request.parent is not None:
            for other in private_link.groups_of(request.tx, request.parent):
                problems.add(
                    f"Private endpoint '{request.parent.name}' has the zone group '{other.name}'; it can have one."
                )
        configs = request.inputs.get("privateDnsZoneConfigs") or []
        if len(configs) > _MAX_ZONES:
            problems.add(f"privateDnsZoneConfigs has {len(configs)} zones; at most {_MAX_ZONES} are allowed.")
        for twice in duplicates(str(each.get("name")) for each in configs):
            problems.add(f"privateDnsZoneConfigs: the name '{twice}' occurs more than once.")
        for twice in duplicates(ids.name_of(str(each.get("privateDnsZoneId"))) for each in configs):
            problems.add(f"privateDnsZoneConfigs: there is more than one zone '{twice}'.")
        for each in configs:
            if not each.get("name") or not each.get("privateDnsZoneId"):
                problems.add("privateDnsZoneConfigs: each needs a name and a privateDnsZoneId.")
            request.refer("zone", each.get("privateDnsZoneId"), f"privateDnsZoneConfigs.{each.get('name')}")

    def state(self, request: Request) -> dict[str, Any]:
        configs = request.inputs.get("privateDnsZoneConfigs") or []
        return {"privateDnsZoneConfigs": [dict(each) for each in configs]}

    def stored(self, request: Request, row: Row) -> None:
        tx, endpoint = request.tx, request.parent
        if endpoint is None:
            return
        members = _members(request, endpoint)
        if request.row is not None:
            private_link.remove_records(tx, request.row, [member.record for member in members])
        private_link.write_records(tx, endpoint, members)

    def view(self, tx: Transaction, row: Row) -> dict[str, Any]:
        endpoint = tx.get(ids.parent_of(row.id))
        nic = private_link.interface_of(tx, endpoint) if endpoint else None
        configurations = nic.body["ipConfigurations"] if nic else []
        return {
            "privateDnsZoneConfigs": [
                {**each, "recordSets": _record_sets(ids.name_of(each["privateDnsZoneId"]), configurations)}
                for each in row.body["privateDnsZoneConfigs"]
            ]
        }

    def check_delete(self, tx: Transaction, row: Row, going: set[str], problems: Problems) -> None:
        for record in self._records(tx, row):
            if ids.parent_of(record.id).lower() not in going:
                locks.check_record(tx, record, problems)
                return

    def removed(self, tx: Transaction, row: Row, going: set[str]) -> None:
        for record in self._records(tx, row):
            tx.remove(record.id)

    def _records(self, tx: Transaction, row: Row) -> list[Row]:
        """The records that go with a group: those of its endpoint's members, if it ever wrote them."""
        endpoint = tx.get(ids.parent_of(row.id))
        return private_link.records_of(tx, endpoint) if endpoint else []


def _members(request: Request, endpoint: Row) -> list[Member]:
    for source in ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections"):
        for each in endpoint.body[source]:
            target = request.tx.get(each["privateLinkServiceId"])
            if target is not None:
                return request.cloud.kind(target.token).members(request.tx, target)
    return []


def _record_sets(zone: str, configurations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the group keeps in a zone: the hosts of the endpoint whose private names lie in it."""
    found = []
    for each in configurations:
        for host in each["privateLinkConnectionProperties"]["fqdns"]:
            fqdn = facts.private_name(host)
            record, _, suffix = fqdn.partition(".privatelink.")
            if f"privatelink.{suffix}" == zone.lower():
                found.append(
                    {
                        "recordType": "A",
                        "recordSetName": record,
                        "fqdn": fqdn,
                        "ttl": private_link.RECORD_TTL,
                        "ipAddresses": [each["privateIPAddress"]],
                        "provisioningState": "Succeeded",
                    }
                )
    return found
