"""Record sets of private zones: one type of record each, with valid values, and no CNAME beside anything else."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from localcloud.model import ids
from localcloud.model.kind import Kind, Request, duplicates, version_guid

if TYPE_CHECKING:
    from localcloud.model.store import Row, Transaction

_FIELDS = {
    "A": "aRecords",
    "AAAA": "aaaaRecords",
    "CNAME": "cnameRecord",
    "MX": "mxRecords",
    "PTR": "ptrRecords",
    "SOA": "soaRecord",
    "SRV": "srvRecords",
    "TXT": "txtRecords",
}
_LISTS = frozenset(name for name in _FIELDS.values() if name.endswith("s"))  # may be empty, as Azure has them
_MAX_RECORDS = (
    20  # learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits, 2026-01
)
_MAX_TTL = 2147483647


class PrivateRecordSet(Kind):
    api_version = "2024-06-01"
    name_style = "copy"
    name_rule = (
        r"@|(?=.{1,253}$)(\*|[\w]([\w-]{0,61}[\w])?)(\.[\w]([\w-]{0,61}[\w])?)*",
        "must be '@', or labels of up to 63 letters, digits, '-' or '_' with dots between them; '*' may be the first",
    )
    has_state = False
    has_etag = True

    def check(self, request: Request) -> None:
        problems, inputs = request.problems, request.inputs
        kind = record_type(request.id)
        own = _FIELDS.get(kind)
        if own is None:
            problems.add(f"recordType '{kind}' is unknown; it must be one of {', '.join(_FIELDS)}.")
            return
        for other, name in _FIELDS.items():
            if name != own and inputs.get(name):
                problems.add(f"{name} is for record sets of type {other}; '{request.name}' is of type {kind}.")
        values = inputs.get(own)
        if not values and own not in _LISTS:
            problems.add(f"{own} of record set '{request.name}' is missing.")
        elif isinstance(values, list) and len(values) > _MAX_RECORDS:
            problems.add(f"{own} of record set '{request.name}' has {len(values)} records; at most {_MAX_RECORDS}.")
        ttl = inputs.get("ttl")
        if ttl is None or not 0 < ttl <= _MAX_TTL:
            problems.add(f"ttl of record set '{request.name}' is {ttl}: it must be 1 to {_MAX_TTL} seconds.")
        _check_addresses(request, kind, values)
        _check_neighbours(request, kind)
        if kind == "SOA":
            problems.add("A zone's SOA record is made with the zone: it can be changed, not created.")

    def etag(self, row: Row) -> str:
        return version_guid(row)  # bare, as the zone's

    def state(self, request: Request) -> dict[str, Any]:
        own = _FIELDS[record_type(request.id)]
        return {**({own: []} if own in _LISTS else {}), **super().state(request)}

    def view(self, tx: Transaction, row: Row) -> dict[str, Any]:
        zone = ids.name_of(ids.parent_of(row.id))
        fqdn = f"{zone}." if row.name == "@" else f"{row.name}.{zone}."
        return {"fqdn": fqdn, "isAutoRegistered": False}

    def shown_type(self, row: Row) -> str:
        return f"Microsoft.Network/privateDnsZones/{record_type(row.id)}"


def record_type(record_id: str) -> str:
    return ids.segments(record_id)[-2].upper()


def _check_addresses(request: Request, kind: str, values: object) -> None:
    if not isinstance(values, list) or kind not in ("A", "AAAA"):
        return
    field, form = ("ipv4Address", ipaddress.IPv4Address) if kind == "A" else ("ipv6Address", ipaddress.IPv6Address)
    given = [str(each.get(field)) for each in values]
    for address in given:
        try:
            form(address)
        except ValueError:
            request.problems.add(f"{_FIELDS[kind]}: '{address}' is not an IP{form.__name__[2:4]} address.")
    for twice in duplicates(given):
        request.problems.add(f"{_FIELDS[kind]}: '{twice}' occurs more than once.")


def _check_neighbours(request: Request, kind: str) -> None:
    zone = request.parent
    if zone is None or request.row is not None:
        return
    if kind == "CNAME" and request.name == "@":
        request.problems.add("A CNAME record cannot be at the zone's apex, '@'.")
    for other in _FIELDS:
        if other != kind and "CNAME" in (kind, other) and request.tx.exists(f"{zone.id}/{other}/{request.name}"):
            request.problems.add(
                f"'{request.name}' has a record set of type {other}; a CNAME cannot be beside other records."
            )
