"""Management locks, at whatever level they are declared; what they forbid is in ``localcloud.model.locks``."""

from __future__ import annotations

from typing import Any

from localcloud.model.kind import Kind, Request

LEVELS = ("CanNotDelete", "ReadOnly")
_MAX_NOTES = 512


class ManagementLock(Kind):
    api_version = "2020-05-01"
    name_style = "copy"
    name_rule = (r"[^<>%&?/\\\x00-\x1f]{1,90}", "must have 1 to 90 characters, and none of <>%&?/ and backslash")
    has_state = False
    has_system_data = True

    def state(self, request: Request) -> dict[str, Any]:
        return {name: request.inputs.get(name) for name in ("level", "notes", "owners")}

    def check(self, request: Request) -> None:
        level = request.inputs.get("level")
        if level not in LEVELS:
            request.problems.add(f"level of lock '{request.name}' is '{level}': it must be {' or '.join(LEVELS)}.")
        if len(str(request.inputs.get("notes") or "")) > _MAX_NOTES:
            request.problems.add(f"notes of lock '{request.name}' is too long: at most {_MAX_NOTES} characters.")
