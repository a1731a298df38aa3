"""Private DNS zones: global, one of a name in a resource group, kept while a network is linked."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from localcloud.model import ids
from localcloud.model.kind import Kind, Problems, Request, marked, version_guid

from . import private_link

if TYPE_CHECKING:
    from localcloud.model.store import Row, Transaction

# learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits, 2026-01.
_LIMITS = {
    "maxNumberOfRecordSets": 25000,
    "maxNumberOfVirtualNetworkLinks": 1000,
    "maxNumberOfVirtualNetworkLinksWithRegistration": 100,
}
_LINKS = "virtualNetworkLinks"


class PrivateZone(Kind):
    api_version = "2024-06-01"
    location = "global"
    immutable = MappingProxyType({"location": marked("privatedns.json 2024-06-01")})
    name_rule = (
        r"(?=.{1,253}$)[\w]([\w-]{0,61}[\w])?(\.[\w]([\w-]{0,61}[\w])?){1,33}",
        "must be 2 to 34 labels of up to 63 letters, digits, '-' or '_', with dots between them and none at the end",
    )
    has_etag = True

    def etag(self, row: Row) -> str:
        return version_guid(row)  # bare, unlike those of networks (recorded 2023 and 2024)

    def state(self, request: Request) -> dict[str, Any]:
        return {**super().state(request), **_LIMITS, "internalId": ids.guid(ids.key(request.id))}

    def view(self, tx: Transaction, row: Row) -> dict[str, Any]:
        links = tx.children(row.id, _LINKS)
        return {
            "numberOfRecordSets": len(record_sets(tx, row)) + 1,  # the SOA record is always there
            "numberOfVirtualNetworkLinks": len(links),
            "numberOfVirtualNetworkLinksWithRegistration": sum(
                bool(each.body["registrationEnabled"]) for each in links
            ),
        }

    def check_delete(self, tx: Transaction, row: Row, going: set[str], problems: Problems) -> None:
        links = [each.name for each in tx.children(row.id, _LINKS)]
        if links and ids.key(ids.group_of(row.id)) not in going:
            nested = ",".join(f"Microsoft.Network/privateDnsZones/{row.name}/{_LINKS}/{link}" for link in links)
            problems.add(
                f"Cannot delete resource while nested resources exist. Some existing nested resource IDs include: "
                f"'{nested}'. Please delete all nested resources before deleting this resource.",
                "CannotDeleteResource",
                409,
            )


def record_sets(tx: Transaction, zone: Row) -> list[Row]:
    return [row for row in tx.below(zone.id) if row.token == private_link.RECORD_SET]
