"""Diagnostic settings: which logs of a resource go where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.model import ids
from localcloud.model.kind import Kind, Request

if TYPE_CHECKING:
    from localcloud.model.store import Row

_MAX_SETTINGS = 5  # learn.microsoft.com/azure/azure-monitor/essentials/diagnostic-settings, 2026-01
_DESTINATIONS = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId")
_GROUPS = {"alllogs", "audit"}
_CATEGORIES = {
    "microsoft.containerregistry/registries": {"ContainerRegistryRepositoryEvents", "ContainerRegistryLoginEvents"},
    "microsoft.keyvault/vaults": {"AuditEvent", "AzurePolicyEvaluationDetails"},
    "microsoft.network/networksecuritygroups": {"NetworkSecurityGroupEvent", "NetworkSecurityGroupRuleCounter"},
    "microsoft.network/virtualnetworks": {"VMProtectionAlerts"},
}


class DiagnosticSetting(Kind):
    api_version = "2021-05-01-preview"
    name_style = "copy"
    name_rule = (r"[^<>*%&:\\?+/]{1,260}", "must have 1 to 260 characters, and none of <>*%&:?+/ and backslash")
    has_state = False
    has_system_data = True

    def check(self, request: Request) -> None:
        inputs, problems = request.inputs, request.problems
        if not any(inputs.get(destination) for destination in _DESTINATIONS):
            problems.add(f"Diagnostic setting '{request.name}' has no destination, e.g. workspaceId.")
        request.refer("workspace", inputs.get("workspaceId"), "workspaceId")
        logs = inputs.get("logs") or []
        if not any(each.get("enabled") for each in [*logs, *(inputs.get("metrics") or [])]):
            problems.add(f"Diagnostic setting '{request.name}' sends nothing: enable one of its logs or metrics.")
        target = ids.parent_of(request.id)
        known = _CATEGORIES.get(ids.type_of(target).lower())
        for each in logs:
            category, group = each.get("category"), each.get("categoryGroup")
            if bool(category) == bool(group):
                problems.add("logs: each needs either category or categoryGroup.")
            if category and known is not None and category not in known:
                problems.add(f"Category '{category}' is not supported.", "BadRequest")
            if group and group.lower() not in _GROUPS:
                problems.add(f"Category group '{group}' is not supported.", "BadRequest")
        others = request.tx.children(f"{target}/providers/Microsoft.Insights", "diagnosticSettings")
        others = [other for other in others if other.key != ids.key(request.id)]
        if len(others) >= _MAX_SETTINGS:
            problems.add(f"'{ids.name_of(target)}' has {len(others)} diagnostic settings, the most that are allowed.")
        for other in others:
            self._check_same_sink(request, other)

    def _check_same_sink(self, request: Request, other: Row) -> None:
        sink = request.inputs.get("workspaceId")
        if not sink or ids.key(str(other.body.get("workspaceId") or "")) != ids.key(sink):
            return
        for category in sorted(_sent(request.inputs) & _sent(other.body)):
            request.problems.add(
                f"Data sink '{sink}' is already used in diagnostic setting '{other.name}' for category '{category}'. "
                "Data sinks can't be reused in different settings on the same category for the same resource.",
                "Conflict",
                409,
            )


def _sent(values: dict[str, Any]) -> set[str]:
    given = [*(values.get("logs") or []), *(values.get("metrics") or [])]
    return {str(each.get("category") or each.get("categoryGroup")) for each in given if each.get("enabled")}
