"""Security rules: one priority in each direction, and well-formed addresses and ports."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any

from localcloud.model import ids
from localcloud.model.kind import Kind, Problems, Request

if TYPE_CHECKING:
    from localcloud.model.store import Row

NAME_RULE = (
    r"[a-zA-Z0-9]([\w.-]{0,78}\w)?",
    "must have 1 to 80 letters, digits, '_', '-' or '.', start with a letter or digit, and not end with '-' or '.'",
)
_SERVICE_TAG = re.compile(r"[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)*")
_LOWEST, _HIGHEST = 100, 4096


class SecurityRule(Kind):
    api_version = "2024-05-01"
    name_style = "copy"
    name_rule = NAME_RULE
    has_etag = True

    def check(self, request: Request) -> None:
        check_rule(request.name, request.inputs, request.problems)
        if request.parent is not None:
            others = request.tx.children(request.parent.id, "securityRules")
            check_conflicts(request.name, request.inputs, {r.name: r.body for r in others}, request.problems)

    def state(self, request: Request) -> dict[str, Any]:
        return {**stored_state(request.inputs), "_inline": request.before.get("_inline", False)}

    def serial_scope(self, resource_id: str) -> str:
        return ids.parent_of(resource_id)


def stored_state(values: dict[str, Any]) -> dict[str, Any]:
    path = {"id", "name", "type", "resourceGroupName", "networkSecurityGroupName", "securityRuleName"}
    return {key: value for key, value in values.items() if key not in path and value is not None}


def check_conflicts(name: str, values: dict[str, Any], others: dict[str, dict[str, Any]], problems: Problems) -> None:
    for other, body in others.items():
        same = body.get("priority") == values.get("priority") and body.get("direction") == values.get("direction")
        if same and other.lower() != name.lower():
            problems.add(
                f"Security rule {name} conflicts with rule {other}. Rules cannot have the same Priority and Direction.",
                "SecurityRuleConflict",
            )


def check_rule(name: str, values: dict[str, Any], problems: Problems) -> None:
    """What one rule must be, however it was declared: by itself or within its group."""
    priority = values.get("priority")
    if priority is None or not _LOWEST <= priority <= _HIGHEST:
        problems.add(
            f"Security rule {name} has invalid priority {priority}. Priority must be {_LOWEST} to {_HIGHEST}.",
            "SecurityRuleInvalidPriority",
        )
    for side in ("source", "destination"):
        addresses = _one_or_many(values, f"{side}AddressPrefix", f"{side}AddressPrefixes")
        ports = _one_or_many(values, f"{side}PortRange", f"{side}PortRanges")
        if not addresses and not values.get(f"{side}ApplicationSecurityGroups"):
            problems.add(f"Security rule {name} has no {side} address: give {side}AddressPrefix, e.g. '*'.")
        if not ports:
            problems.add(f"Security rule {name} has no {side} port: give {side}PortRange, e.g. '*'.")
        for address in addresses:
            if not _is_address(address):
                problems.add(f"Security rule {name}: '{address}' is not an address, a CIDR, a service tag or '*'.")
        for port in ports:
            if not _is_port_range(port):
                problems.add(
                    f"Security rule {name} has invalid Port range. Value provided: {port}. Value should be an integer "
                    "OR integer range with '-' delimiter. Valid range 0-65535.",
                    "SecurityRuleInvalidPortRange",
                )


def _one_or_many(values: dict[str, Any], one: str, many: str) -> list[str]:
    return [str(value) for value in [*(values.get(many) or []), values.get(one)] if value not in (None, "")]


def _is_address(value: str) -> bool:
    if value == "*" or _SERVICE_TAG.fullmatch(value):
        return True
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return True


def _is_port_range(value: str) -> bool:
    if value == "*":
        return True
    ends = value.split("-")
    if not 1 <= len(ends) <= 2 or not all(end.isdecimal() and int(end) <= 65535 for end in ends):
        return False
    return int(ends[0]) <= int(ends[-1])


def rule_view(row: Row) -> dict[str, Any]:
    shown = {name: value for name, value in row.body.items() if not name.startswith("_")}
    return {"id": row.id, "name": row.name, "provisioningState": "Succeeded", **shown}
