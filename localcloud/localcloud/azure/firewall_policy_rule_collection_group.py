"""Rule collection groups of a firewall policy: prioritised collections of rules with targets that the tier allows."""

from __future__ import annotations

from typing import Any

from localcloud.model import ids
from localcloud.model.kind import Kind, Problems, Request, dig, duplicates

from . import firewall_policy

_LOWEST, _HIGHEST = 100, 65000
_TARGETS = {
    "ApplicationRule": ("targetFqdns", "fqdnTags", "targetUrls", "webCategories"),
    "NetworkRule": ("destinationAddresses", "destinationIpGroups", "destinationFqdns"),
    "NatRule": ("destinationAddresses",),
}
_PREMIUM = ("targetUrls", "terminateTLS", "webCategories")


class FirewallPolicyRuleCollectionGroup(Kind):
    api_version = "2024-05-01"
    name_style = "copy"
    name_rule = firewall_policy.NAME_RULE
    has_etag = True

    def check(self, request: Request) -> None:
        inputs, problems = request.inputs, request.problems
        _check_priority(f"rule collection group '{request.name}'", inputs.get("priority"), problems)
        if request.parent is not None:
            for other in request.tx.children(request.parent.id, "ruleCollectionGroups"):
                if other.key != ids.key(request.id) and other.body.get("priority") == inputs.get("priority"):
                    problems.add(
                        f"priority {other.body['priority']} is that of rule collection group '{other.name}' already."
                    )
        collections = inputs.get("ruleCollections") or []
        for twice in duplicates(str(each.get("name")) for each in collections):
            problems.add(f"ruleCollections: the name '{twice}' occurs more than once.")
        for collection in collections:
            name = f"ruleCollections.{collection.get('name')}"
            _check_priority(name, collection.get("priority"), problems)
            for twice in duplicates(str(rule.get("name")) for rule in collection.get("rules") or []):
                problems.add(f"{name}: the rule name '{twice}' occurs more than once.")
            for rule in collection.get("rules") or []:
                _check_rule(f"{name}.{rule.get('name')}", rule, request)

    def state(self, request: Request) -> dict[str, Any]:
        kept = self.plain(request.inputs)
        kept.pop("name", None)
        return kept

    def serial_scope(self, resource_id: str) -> str:
        return ids.parent_of(resource_id)


def _check_priority(what: str, priority: Any, problems: Problems) -> None:
    if priority is None or not _LOWEST <= priority <= _HIGHEST:
        problems.add(f"{what}: the priority is {priority}; it must be {_LOWEST} to {_HIGHEST}.")


def _check_rule(where: str, rule: dict[str, Any], request: Request) -> None:
    problems = request.problems
    targets = _TARGETS.get(str(rule.get("ruleType")), ())
    if not rule.get("sourceAddresses") and not rule.get("sourceIpGroups"):
        problems.add(f"{where} has no source: give sourceAddresses or sourceIpGroups.")
    if targets and not any(rule.get(target) for target in targets):
        problems.add(f"{where} has no target: give {' or '.join(targets)}.")
    if rule.get("ruleType") == "ApplicationRule" and not rule.get("protocols") and not rule.get("fqdnTags"):
        problems.add(f"{where} has no protocols, e.g. Https on port 443.")
    policy = request.parent.body if request.parent else {}
    tier = firewall_policy.tier_of(policy)
    for name in _PREMIUM:
        if rule.get(name) and tier != "Premium":
            problems.add(f"{where}: {name} needs a firewall policy of tier Premium; this one has {tier}.")
    if rule.get("destinationFqdns") and dig(policy, "dnsSettings.enableProxy") is not True:
        problems.add(f"{where}: destinationFqdns needs the policy's DNS proxy (dnsSettings.enableProxy).")
