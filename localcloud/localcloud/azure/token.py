"""Tokens: non-Entra access to a registry, within a scope map of that registry."""

from __future__ import annotations

from typing import Any

from localcloud.model import ids
from localcloud.model.kind import Kind, Request, timestamp


class Token(Kind):
    api_version = "2024-11-01-preview"
    name_style = "copy"
    name_rule = (r"[a-zA-Z0-9_-]{5,50}", "must have 5 to 50 letters, digits, '-' or '_'")
    secret_outputs = frozenset({"credentials"})
    has_system_data = True

    def check(self, request: Request) -> None:
        scope_map = request.inputs.get("scopeMapId")
        if not scope_map:
            request.problems.add(f"scopeMapId of token '{request.name}' is missing.")
            return
        request.refer("scope-map", scope_map, "scopeMapId")
        if ids.key(ids.parent_of(scope_map)) != ids.key(ids.parent_of(request.id)):
            request.problems.add(f"scopeMapId of token '{request.name}' is of another registry: {scope_map}")

    def state(self, request: Request) -> dict[str, Any]:
        created = request.before.get("creationDate") or timestamp()
        return {"status": "enabled", **self.plain(request.inputs), "creationDate": created}
