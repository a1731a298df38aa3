"""Network security groups, with the rules that are declared within them; rules of their own survive an update."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from localcloud.model import ids
from localcloud.model.kind import LOCATION_ANSWER, Kind, Problems, Request, duplicates, marks, unmarked
from localcloud.model.store import Row

from . import security_rule

if TYPE_CHECKING:
    from localcloud.model.store import Transaction

_RULE = "azure-native:network:SecurityRule"
_DEFAULT_RULES = (
    ("AllowVnetInBound", "inbound traffic from all VMs in VNET", 65000, "VirtualNetwork", "VirtualNetwork"),
    ("AllowAzureLoadBalancerInBound", "inbound traffic from azure load balancer", 65001, "AzureLoadBalancer", "*"),
    ("DenyAllInBound", "all inbound traffic", 65500, "*", "*"),
    (
        "AllowVnetOutBound",
        "outbound traffic from all VMs to all VMs in VNET",
        65000,
        "VirtualNetwork",
        "VirtualNetwork",
    ),
    ("AllowInternetOutBound", "outbound traffic from all VMs to Internet", 65001, "*", "Internet"),
    ("DenyAllOutBound", "all outbound traffic", 65500, "*", "*"),
)


class NetworkSecurityGroup(Kind):
    api_version = "2024-05-01"
    location = "region"
    # network.json (2024-05-01), definition Resource.
    immutable = MappingProxyType({"location": unmarked("network.json 2024-05-01", LOCATION_ANSWER)})
    name_rule = security_rule.NAME_RULE
    has_etag = True

    def check(self, request: Request) -> None:
        inline = {str(rule.get("name")): rule for rule in request.inputs.get("securityRules") or []}
        names = [str(rule.get("name") or "") for rule in request.inputs.get("securityRules") or []]
        if "" in names:
            request.problems.add("securityRules: each needs a name.")
        for twice in duplicates(names):
            request.problems.add(f"securityRules: the name '{twice}' occurs more than once.")
        dropped = {row.key for row in self._dropped(request)}
        existing = request.tx.children(request.id, "securityRules")
        kept = {row.name: row.body for row in existing if row.key not in dropped and row.name not in inline}
        seen = dict(kept)
        for name, rule in inline.items():
            security_rule.check_rule(name, rule, request.problems)
            security_rule.check_conflicts(name, rule, seen, request.problems)
            seen[name] = rule

    def _dropped(self, request: Request) -> list[Row]:
        """Rules that the group declared before and does not declare now."""
        names = {str(rule.get("name")).lower() for rule in request.inputs.get("securityRules") or []}
        rules = request.tx.children(request.id, "securityRules")
        return [row for row in rules if row.body.get("_inline") and row.name.lower() not in names]

    def state(self, request: Request) -> dict[str, Any]:
        kept = self.plain(request.inputs)
        kept.pop("securityRules", None)
        return {**kept, "resourceGuid": ids.guid(ids.key(request.id))}

    def stored(self, request: Request, row: Row) -> None:
        for gone in self._dropped(request):
            request.tx.remove(gone.id)
        for rule in request.inputs.get("securityRules") or []:
            rule_id = f"{row.id}/securityRules/{rule['name']}"
            before = request.tx.get(rule_id)
            inline = before.body.get("_inline", False) if before else True
            body = {**security_rule.stored_state(rule), "_inline": inline, **marks(before)}
            own = {
                **rule,
                "resourceGroupName": ids.name_of(ids.group_of(row.id)),
                "networkSecurityGroupName": row.name,
                "securityRuleName": rule["name"],
            }
            request.tx.put(Row(before.id if before else rule_id, _RULE, own, body, pointers=[]))

    def view(self, tx: Transaction, row: Row) -> dict[str, Any]:
        subnets = [{"id": each.id} for each in tx.sources(row.id, "networkSecurityGroup")]
        return {
            "securityRules": [security_rule.rule_view(each) for each in tx.children(row.id, "securityRules")],
            "defaultSecurityRules": [_default_rule(self.etag(row), row, *rule) for rule in _DEFAULT_RULES],
            **({"subnets": subnets} if subnets else {}),  # left out while empty (recorded 2022-05)
        }

    def check_delete(self, tx: Transaction, row: Row, going: set[str], problems: Problems) -> None:
        users = [each.id for each in tx.sources(row.id, "networkSecurityGroup") if each.key not in going]
        if users:
            problems.add(
                f"Network security group {row.id} cannot be deleted because it is in use by the following resources: "
                f"{', '.join(users)}. In order to delete the Network security group, remove the association with the "
                "resource(s). To learn how to do this, see aka.ms/deletensg.",
                "InUseNetworkSecurityGroupCannotBeDeleted",
            )


def _default_rule(
    etag: str, row: Row, name: str, about: str, priority: int, source: str, destination: str
) -> dict[str, Any]:
    """One of the six rules that every group has, as recorded 2022-05."""
    access = "Allow" if name.startswith("Allow") else "Deny"
    return {
        "id": f"{row.id}/defaultSecurityRules/{name}",
        "name": name,
        "etag": etag,
        "type": "Microsoft.Network/networkSecurityGroups/defaultSecurityRules",
        "description": f"{access} {about}",
        "priority": priority,
        "direction": "Inbound" if name.endswith("InBound") else "Outbound",
        "access": access,
        "protocol": "*",
        "sourceAddressPrefix": source,
        "sourceAddressPrefixes": [],
        "sourcePortRange": "*",
        "sourcePortRanges": [],
        "destinationAddressPrefix": destination,
        "destinationAddressPrefixes": [],
        "destinationPortRange": "*",
        "destinationPortRanges": [],
        "provisioningState": "Succeeded",
    }
