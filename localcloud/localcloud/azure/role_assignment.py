"""Role assignments: a GUID for a name, on a scope that exists, once for each principal and role."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from localcloud.model import ids
from localcloud.model.kind import CLIENT, FORCE_NEW, Fixed, Kind, Problems, Request, unmarked

if TYPE_CHECKING:
    from localcloud.model.store import Row

_GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_ROLE = re.compile(rf"(/.*)?/providers/Microsoft\.Authorization/roleDefinitions/{_GUID}", re.IGNORECASE)
# "You also can't change the properties of an existing role assignment": learn.microsoft.com/azure/role-based-access-
# control/troubleshooting; code and words in Azure/Azure-Landing-Zones#2040 (2022-03), as a BadRequest.
_ANSWER = "Azure/Azure-Landing-Zones#2040"


class RoleAssignment(Kind):
    api_version = "2022-04-01"
    name_style = "uuid"
    name_rule = (_GUID, "must be a GUID")
    immutable = MappingProxyType(
        {
            "principalId": Fixed(True, FORCE_NEW, _ANSWER),
            **dict.fromkeys(
                ("roleDefinitionId", "principalType", "delegatedManagedIdentityResourceId"),
                unmarked("authorization-RoleAssignmentsCalls.json 2022-04-01", _ANSWER),
            ),
        }
    )
    has_state = False
    has_system_data = True

    def check(self, request: Request) -> None:
        inputs, problems = request.inputs, request.problems
        role, principal = str(inputs.get("roleDefinitionId") or ""), str(inputs.get("principalId") or "")
        if not _ROLE.fullmatch(role):
            problems.add(
                f"roleDefinitionId '{role}' is not the id of a role definition, e.g. "
                "/subscriptions/…/providers/Microsoft.Authorization/roleDefinitions/<GUID>"
            )
        if not re.fullmatch(_GUID, principal):
            problems.add(f"principalId '{principal}' must be a GUID.")
        if inputs.get("condition") and inputs.get("conditionVersion") != "2.0":
            problems.add("conditionVersion must be '2.0' when there is a condition.")
        scope = ids.parent_of(request.id)
        for other in request.tx.children(f"{scope}/providers/Microsoft.Authorization", "roleAssignments"):
            if other.key != ids.key(request.id) and self._same(other, principal, role):
                known = other.name.replace("-", "").lower()
                problems.add(
                    f"The role assignment already exists. The ID of the existing role assignment is {known}.",
                    "RoleAssignmentExists",
                    409,
                )

    def _same(self, other: Row, principal: str, role: str) -> bool:
        same_role = ids.name_of(other.body["roleDefinitionId"]).lower() == ids.name_of(role).lower()
        return same_role and other.body["principalId"].lower() == principal.lower()

    def state(self, request: Request) -> dict[str, Any]:
        return {"principalType": "User", **self.plain(request.inputs), "scope": ids.parent_of(request.id)}

    def refuse_change(self, row: Row, path: str, old: Any, new: Any, problems: Problems) -> None:
        problems.add(
            "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
            "RoleAssignmentUpdateNotPermitted",
        )

    def show(self, tx: Any, row: Row) -> dict[str, Any]:
        who = {"createdBy": CLIENT, "updatedBy": CLIENT}
        when = {"createdOn": row.body["_created"], "updatedOn": row.body["_modified"]}
        return {**super().show(tx, row), **who, **when}
