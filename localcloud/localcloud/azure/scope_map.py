"""Scope maps: what a token may do in which repositories."""

from __future__ import annotations

import re
from typing import Any

from localcloud.model.kind import Kind, Request, timestamp

_ACTION = re.compile(
    r"repositories/[^/\s].*/(content/(read|write|delete)|metadata/(read|write))"
    r"|gateway/[^/\s]+/(config|message)/(read|write)"
)


class ScopeMap(Kind):
    api_version = "2024-11-01-preview"
    name_style = "copy"
    name_rule = (r"[a-zA-Z0-9_-]{5,50}", "must have 5 to 50 letters, digits, '-' or '_'")
    has_system_data = True

    def check(self, request: Request) -> None:
        actions = request.inputs.get("actions") or []
        if not actions:
            request.problems.add(f"actions of scope map '{request.name}' is empty.")
        for action in actions:
            if not _ACTION.fullmatch(str(action)):
                request.problems.add(f"actions: '{action}' is not an action, e.g. repositories/app/content/read")

    def state(self, request: Request) -> dict[str, Any]:
        return {**self.plain(request.inputs), "creationDate": request.before.get("creationDate") or timestamp()}
