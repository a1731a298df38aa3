"""User-assigned identities. Deleting one that is in use is allowed, as in Azure."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from localcloud.model import ids
from localcloud.model.kind import LOCATION_ANSWER, TENANT, Kind, Request, marked


class UserAssignedIdentity(Kind):
    api_version = "2023-01-31"
    location = "region"
    immutable = MappingProxyType({"location": marked("ManagedIdentity.json 2023-01-31", LOCATION_ANSWER)})
    name_rule = (
        r"[a-zA-Z0-9][\w-]{2,127}",
        "must have 3 to 128 letters, digits, '-' or '_', and start with a letter or digit",
    )
    has_state = False
    has_system_data = True

    def state(self, request: Request) -> dict[str, Any]:
        own = ids.key(request.id)
        return {
            **self.plain(request.inputs),
            "clientId": ids.guid(own, "client"),
            "principalId": ids.guid(own, "principal"),
            "tenantId": TENANT,
        }
