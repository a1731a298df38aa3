"""Namespaces, repositories, and the rules that copy images to an instance in another region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import facts, registry
from .kind import Kind, assigned, everywhere, id_of, place_of

if TYPE_CHECKING:
    from localcloud.model.store import Row

    from .kind import Request

NAMESPACE = "cs/registryEnterpriseNamespace"
REPOSITORY = "cs/registryEnterpriseRepo"
_VISIBILITIES = ("PUBLIC", "PRIVATE")


def _in_namespace(request: Request, name: object) -> Row | None:
    """The namespace that a repository or rule is in; a problem when the instance has none of that name."""
    found = request.find(NAMESPACE, f"{request.inputs['instanceId']}:{name}")
    if found is None:
        request.problems.add(f"instance '{request.inputs['instanceId']}' has no namespace '{name}'.", "", 404)
    else:
        request.pointers.append(("in", found.id))
    return found


class Namespace(Kind):
    joined = ("instanceId", "name")
    named = "name"

    def valid(self, inputs: dict[str, Any]) -> list[str]:
        wrong = inputs.get("defaultVisibility") not in (None, *_VISIBILITIES)
        return ["defaultVisibility: must be 'PUBLIC' or 'PRIVATE'"] if wrong else []

    def check(self, request: Request) -> None:
        request.refer("namespace", registry.SLUG, "instanceId")
        if not facts.NAMESPACE_NAME.fullmatch(str(request.inputs["name"])):
            request.problems.add(
                f"name '{request.inputs['name']}' must have 2 to 120 lowercase letters, digits, and . _ - between them."
            )

    def state(self, request: Request) -> dict[str, Any]:
        # Without a word of it, repositories that a push makes are open to everybody who is signed in.
        return {"defaultVisibility": "PUBLIC", "autoCreate": False, **request.inputs}


class Repository(Kind):
    joined = ("instanceId", "namespace", "name")
    named = "name"

    def valid(self, inputs: dict[str, Any]) -> list[str]:
        wrong = inputs.get("repoType") not in (None, *_VISIBILITIES)
        return ["repoType: must be 'PUBLIC' or 'PRIVATE'"] if wrong else []

    def check(self, request: Request) -> None:
        request.refer("repository", registry.SLUG, "instanceId")
        _in_namespace(request, request.inputs["namespace"])
        if not facts.REPOSITORY_NAME.fullmatch(str(request.inputs["name"])):
            request.problems.add(
                f"name '{request.inputs['name']}' must have 2 to 64 lowercase letters, digits, and . _ - between them."
            )

    def state(self, request: Request) -> dict[str, Any]:
        repo = request.before.get("repoId") or assigned(request.tx, "crr")
        return {"tagImmutability": False, **request.inputs, "repoId": repo}


class SyncRule(Kind):
    prefix = "crsr"

    def new_id(self, request: Request) -> str:
        rule = request.assigned(self.prefix)
        return f"{request.inputs['instanceId']}:{request.inputs['namespaceName']}:{rule}"

    def check(self, request: Request) -> None:
        inputs, problems = request.inputs, request.problems
        request.refer("sync", registry.SLUG, "instanceId")
        _in_namespace(request, inputs["namespaceName"])
        if not (inputs.get("syncRuleName") or inputs.get("name")):
            problems.add("syncRuleName must be set.")
        if bool(inputs.get("repoName")) != bool(inputs.get("targetRepoName")):
            problems.add("repoName and targetRepoName must be set together.")
        if inputs["targetInstanceId"] == inputs["instanceId"]:
            problems.add("targetInstanceId must be another instance than instanceId.")
        account = str(inputs.get("targetUserId") or request.place.account)
        region = str(inputs["targetRegionId"])
        target = request.find(registry.SLUG, inputs["targetInstanceId"], account=account, region=region)
        if target is None:
            problems.add(
                f"targetInstanceId '{inputs['targetInstanceId']}' is no instance of {account} in {region}.", "", 404
            )
            return
        request.pointers.append(("sync:target", target.id))
        name = inputs["targetNamespaceName"]
        there = f"{inputs['targetInstanceId']}:{name}"
        if not any(id_of(r) == there and place_of(r).account == account for r in everywhere(request.tx, NAMESPACE)):
            problems.add(f"instance '{inputs['targetInstanceId']}' has no namespace '{name}'.", "", 404)

    def state(self, request: Request) -> dict[str, Any]:
        rule = request.id.rsplit(":", 1)[-1]
        name = request.inputs.get("syncRuleName") or request.inputs.get("name")
        own = {
            "syncScope": "REPO" if request.inputs.get("repoName") else "NAMESPACE",
            "syncTrigger": "PASSIVE",
            "syncDirection": "FROM",
            "regionId": request.place.region,
        }
        return {**own, **request.inputs, "ruleId": rule, "repoSyncRuleId": rule, "syncRuleName": name, "name": name}
