"""The Internet endpoint and its ACL, which two types of the provider write, and a function that switches it on."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from . import facts, registry
from .kind import Kind, Place, Refused, path

if TYPE_CHECKING:
    from localcloud.model.store import Row, Transaction

    from .kind import Request

# The ACL belongs to the instance: entry -> comment.
_ACL = "_acl"
_ON = "_internet"


def _instance(tx: Transaction, row: Row) -> Row | None:
    return tx.get(row.body["_instance"])


def _wanted(inputs: dict[str, Any]) -> dict[str, str]:
    return {str(e.get("entry")): str(e.get("comment") or "") for e in inputs.get("entries") or []}


class InternetEndpoint(Kind):
    """Being there is being on. Without an entry of the user's the endpoint is open to everybody."""

    joined = ("instanceId",)
    sets = frozenset({"entries"})
    # The service's own entry is never shown, so whoever declares it is told of a difference for ever.
    read_back = frozenset({"entries"})

    def check(self, request: Request) -> None:
        request.refer("internet", registry.SLUG, "instanceId")
        for entry in _wanted(request.inputs):
            _check_entry(request, "entries", entry)

    def state(self, request: Request) -> dict[str, Any]:
        where = path(request.place, registry.SLUG, str(request.inputs["instanceId"]))
        return {"instanceId": request.inputs["instanceId"], "status": "RUNNING", "_instance": where}

    def stored(self, request: Request, row: Row) -> None:
        instance = _instance(request.tx, row)
        if instance is None:
            return
        instance.body[_ON] = True
        acl = instance.body.setdefault(_ACL, {facts.LOOPBACK: facts.LOOPBACK_COMMENT})
        before, wanted = _wanted(request.row.inputs if request.row else {}), _wanted(request.inputs)
        for entry in [e for e, comment in before.items() if wanted.get(e) != comment]:
            acl.pop(entry, None)  # old entries go first: for a moment nobody's, or everybody's
        for entry, comment in wanted.items():
            acl.setdefault(entry, comment)
        request.tx.put(instance)

    def view(self, tx: Transaction, row: Row) -> dict[str, Any]:
        instance = _instance(tx, row)
        acl = (instance.body.get(_ACL) or {}) if instance else {}
        shown = {k: v for k, v in acl.items() if (k, v) != (facts.LOOPBACK, facts.LOOPBACK_COMMENT)}
        return {"entries": [{"comment": comment, "entry": entry} for entry, comment in sorted(shown.items())]}

    def exists(self, tx: Transaction, row: Row) -> bool:
        instance = _instance(tx, row)
        return bool(instance and instance.body.get(_ON))

    def removed(self, tx: Transaction, row: Row) -> None:
        instance = _instance(tx, row)
        if instance:
            instance.body.pop(_ON, None)
            instance.body.pop(_ACL, None)
            tx.put(instance)


class EndpointAclPolicy(Kind):
    """One entry of the same ACL. Written while the endpoint is off it is lost, without an error."""

    joined = ("instanceId", "endpointType", "entry")

    def check(self, request: Request) -> None:
        request.refer("acl", registry.SLUG, "instanceId")
        _check_entry(request, "entry", str(request.inputs.get("entry")))

    def state(self, request: Request) -> dict[str, Any]:
        where = path(request.place, registry.SLUG, str(request.inputs["instanceId"]))
        return {**request.inputs, "_instance": where}

    def stored(self, request: Request, row: Row) -> None:
        instance = _instance(request.tx, row)
        if instance and instance.body.get(_ON):
            instance.body[_ACL].setdefault(row.body["entry"], row.body.get("description") or "")
            request.tx.put(instance)

    def exists(self, tx: Transaction, row: Row) -> bool:
        instance = _instance(tx, row)
        return bool(instance and row.body["entry"] in (instance.body.get(_ACL) or {}))

    def removed(self, tx: Transaction, row: Row) -> None:
        instance = _instance(tx, row)
        if instance and _ACL in instance.body:
            instance.body[_ACL].pop(row.body["entry"], None)
            tx.put(instance)


def _check_entry(request: Request, where: str, entry: str) -> None:
    # The provider's documentation says no more than "the IP address or CIDR block", so that wide ones are taken.
    try:
        ipaddress.ip_network(entry, strict=False)
    except ValueError:
        request.problems.add(f"{where}: '{entry}' is no IP address and no CIDR block.")


def endpoint_acl_service(tx: Transaction, args: dict[str, Any], place: Place) -> dict[str, Any]:
    """The function whose real twin *sets* what it is asked for, in previews too. Here it may only say what is so."""
    found = tx.get(path(place, registry.SLUG, str(args["instanceId"])))
    if found is None:
        raise Refused(404, f"instance '{args['instanceId']}' was not found in {place.region}.")
    if args["enable"] != bool(found.body.get(_ON)):
        what = "opens the Internet endpoint to everybody" if args["enable"] else "closes the Internet endpoint"
        raise Refused(
            403,
            f"getEndpointAclService(enable={str(args['enable']).lower()}) {what}, at once and in previews too, and no "
            "policy of resources sees it. A rehearsal does not do that: declare an InternetEndpoint with entries.",
        )
    return {**args, "id": f"{args['instanceId']}:{args['endpointType']}", "status": "RUNNING" if args["enable"] else ""}
