"""Webhooks of a registry: they hear of pushes in one of its regions."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from localcloud.model.kind import Kind, Request, unmarked

from . import facts, registry


class Webhook(Kind):
    api_version = "2024-11-01-preview"
    location = "region"
    # WebhookCreateParameters says that it cannot be changed, but does not mark it.
    immutable = MappingProxyType({"location": unmarked("containerregistry.json 2024-11-01-preview")})
    name_style = "copy"
    name_rule = (r"[a-zA-Z0-9]{5,50}", "must have 5 to 50 letters and digits, and nothing else")
    write_only = frozenset({"serviceUri", "customHeaders"})
    has_system_data = True

    def check(self, request: Request) -> None:
        inputs, problems = request.inputs, request.problems
        parts = urlsplit(str(inputs.get("serviceUri") or ""))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            problems.add(f"serviceUri of webhook '{request.name}' must be an http or https address.")
        if not inputs.get("actions"):
            problems.add(f"actions of webhook '{request.name}' is empty.")
        if request.parent is None:
            return
        home, region = request.parent.body["location"], facts.region(inputs.get("location"))
        regions = facts.regions_of(home, registry.replica_regions(request.tx, request.parent))
        if region not in regions:
            problems.add(
                f"location of webhook '{request.name}' is '{region}': it must be a region of the registry, "
                f"{', '.join(regions)}."
            )

    def state(self, request: Request) -> dict[str, Any]:
        kept = self.plain(request.inputs)
        shown = {name: value for name, value in kept.items() if name not in self.write_only}
        return {"status": "enabled", "scope": "", **shown}
