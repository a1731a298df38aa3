"""Cache rules: what a registry fetches from another one when it is asked."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from localcloud.model.kind import Kind, Request, timestamp_with_offset, unmarked


class CacheRule(Kind):
    api_version = "2024-11-01-preview"
    name_style = "copy"
    name_rule = (
        r"[a-zA-Z0-9]([a-zA-Z0-9_-]{3,48}[a-zA-Z0-9])",
        "must have 5 to 50 letters, digits, '-' or '_', and start and end with a letter or digit",
    )
    # CacheRuleUpdateParameters has neither, and azurerm replaces for both.
    immutable = MappingProxyType(
        dict.fromkeys(("sourceRepository", "targetRepository"), unmarked("containerregistry.json 2024-11-01-preview"))
    )
    has_system_data = True

    def check(self, request: Request) -> None:
        for name in ("sourceRepository", "targetRepository"):
            if not request.inputs.get(name):
                request.problems.add(f"{name} of cache rule '{request.name}' is missing.")
        request.refer("credentials", request.inputs.get("credentialSetResourceId"), "credentialSetResourceId")
        if request.parent is None:
            return
        for other in request.tx.children(request.parent.id, "cacheRules"):
            if other.name != request.name and other.body["targetRepository"] == request.inputs.get("targetRepository"):
                request.problems.add(
                    f"targetRepository '{other.body['targetRepository']}' is that of cache rule '{other.name}' already."
                )

    def state(self, request: Request) -> dict[str, Any]:
        created = request.before.get("creationDate") or timestamp_with_offset()
        return {**self.plain(request.inputs), "creationDate": created}
