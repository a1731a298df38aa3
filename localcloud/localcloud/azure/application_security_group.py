"""Application security groups: names that network interfaces and private endpoints are put under."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from localcloud.model import ids
from localcloud.model.kind import LOCATION_ANSWER, Kind, Problems, Request, unmarked

from . import security_rule

if TYPE_CHECKING:
    from localcloud.model.store import Row, Transaction


class ApplicationSecurityGroup(Kind):
    api_version = "2024-05-01"
    location = "region"
    # network.json (2024-05-01), definition Resource.
    immutable = MappingProxyType({"location": unmarked("network.json 2024-05-01", LOCATION_ANSWER)})
    name_rule = security_rule.NAME_RULE
    has_etag = True

    def state(self, request: Request) -> dict[str, Any]:
        return {**self.plain(request.inputs), "resourceGuid": ids.guid(ids.key(request.id))}

    def check_delete(self, tx: Transaction, row: Row, going: set[str], problems: Problems) -> None:
        users = [each.id for each in tx.sources(row.id, "asg") if each.key not in going]
        if users:
            problems.add(f"Application security group '{row.name}' is in use by {', '.join(users)}.")
