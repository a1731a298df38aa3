"""Defender plans of a subscription."""

from __future__ import annotations

from typing import Any

from localcloud.model import ids
from localcloud.model.kind import Kind, Request

# learn.microsoft.com/rest/api/defenderforcloud/pricings, 2026-01.
_PLANS = (
    *(
        "VirtualMachines",
        "SqlServers",
        "AppServices",
        "StorageAccounts",
        "SqlServerVirtualMachines",
        "KubernetesService",
    ),
    *("ContainerRegistry", "KeyVaults", "Dns", "Arm", "OpenSourceRelationalDatabases", "CosmosDbs", "Containers"),
    *("CloudPosture", "Api", "AI"),
)


class Pricing(Kind):
    api_version = "2024-01-01"
    auto_name = False
    has_state = False

    def check(self, request: Request) -> None:
        if request.name not in _PLANS:
            request.problems.add(f"pricingName '{request.name}' is not a plan; the plans are {', '.join(_PLANS)}.")
        if not ids.is_tenant_scope(ids.parent_of(request.id)):
            request.problems.add("scopeId must be a subscription: the local cloud has no plans of single resources.")

    def state(self, request: Request) -> dict[str, Any]:
        return {
            **self.plain(request.inputs),
            "deprecated": request.name in ("ContainerRegistry", "KubernetesService"),
            "freeTrialRemainingTime": "PT0S",
            "inherited": "False",
            "replacedBy": [],
        }
