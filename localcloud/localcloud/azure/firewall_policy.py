"""Firewall policies: the parents of rule collection groups, one operation at a time."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from localcloud.model.kind import LOCATION_ANSWER, Kind, Problems, Request, dig, unmarked

if TYPE_CHECKING:
    from localcloud.model.store import Row, Transaction

NAME_RULE = (
    r"[a-zA-Z0-9]([\w.-]{0,78}\w)?",
    "must have 1 to 80 letters, digits, '_', '-' or '.', start with a letter or digit, and not end with '-' or '.'",
)
_TIERS = ("Basic", "Standard", "Premium")


class FirewallPolicy(Kind):
    api_version = "2024-05-01"
    location = "region"
    # network.json (2024-05-01), definition Resource.
    immutable = MappingProxyType({"location": unmarked("network.json 2024-05-01", LOCATION_ANSWER)})
    name_rule = NAME_RULE
    has_etag = True

    def check(self, request: Request) -> None:
        tier = tier_of(request.inputs)
        base = request.refer("base", dig(request.inputs, "basePolicy.id"), "basePolicy.id")
        if base is not None and _TIERS.index(tier_of(base.body)) > _TIERS.index(tier):
            request.problems.add(
                f"basePolicy: '{base.name}' is of tier {tier_of(base.body)}, above the tier {tier} of '{request.name}'."
            )
        if tier != "Premium":
            for name in ("intrusionDetection", "transportSecurity"):
                if request.inputs.get(name):
                    request.problems.add(f"{name} needs the tier Premium; firewall policy '{request.name}' has {tier}.")

    def state(self, request: Request) -> dict[str, Any]:
        return {"threatIntelMode": "Alert", "sku": {"tier": "Standard"}, **self.plain(request.inputs)}

    def view(self, tx: Transaction, row: Row) -> dict[str, Any]:
        return {
            "childPolicies": [{"id": each.id} for each in tx.sources(row.id, "base")],
            "ruleCollectionGroups": [{"id": each.id} for each in tx.children(row.id, "ruleCollectionGroups")],
            "firewalls": [],
        }

    def check_delete(self, tx: Transaction, row: Row, going: set[str], problems: Problems) -> None:
        users = [each.name for each in tx.sources(row.id, "base") if each.key not in going]
        if users:
            problems.add(f"Firewall policy '{row.name}' is the base policy of {', '.join(users)}.")

    def serial_scope(self, resource_id: str) -> str:
        return resource_id


def tier_of(values: dict[str, Any]) -> str:
    tier = str(dig(values, "sku.tier") or "Standard")
    return tier if tier in _TIERS else "Standard"
