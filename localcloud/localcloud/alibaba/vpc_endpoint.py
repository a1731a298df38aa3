"""Bound VPCs: the instance's VPC endpoint gets an address in a vSwitch, and a name in the bound VPC alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import facts, network, private_zone, registry
from .kind import Kind, Place, Refused, id_of, path

if TYPE_CHECKING:
    from localcloud.model.store import Row, Transaction

    from .kind import Request

SLUG = "cr/vpcEndpointLinkedVpc"
_MODULES = ("Registry", "Chart")


class VpcEndpointLinkedVpc(Kind):
    joined = ("instanceId", "vpcId", "vswitchId", "moduleName")

    def valid(self, inputs: dict[str, Any]) -> list[str]:
        wrong = inputs.get("moduleName") not in (None, *_MODULES) and isinstance(inputs.get("moduleName"), str)
        return ["moduleName: must be 'Registry' or 'Chart'"] if wrong else []

    def check(self, request: Request) -> None:
        # Only VPCs of the instance's own account and region can be bound: no other is found here.
        instance = request.refer("link", registry.SLUG, "instanceId")
        vpc = request.refer("link:vpc", network.VPC, "vpcId")
        vswitch = request.refer("link:vswitch", network.VSWITCH, "vswitchId")
        if vswitch and vpc and vswitch.body["vpcId"] != id_of(vpc):
            request.problems.add(f"vswitchId '{id_of(vswitch)}' is not in VPC '{id_of(vpc)}'.")
        if instance is None or vpc is None or vswitch is None or request.row is not None:
            return
        module = request.inputs["moduleName"]
        for other in request.tx.sources(vpc.id, "link:vpc"):
            if other.body["instanceId"] == id_of(instance) and other.body["moduleName"] == module:
                request.problems.add(f"VPC '{id_of(vpc)}' is bound to '{id_of(instance)}' already.", "", 409)
        if not facts.free_addresses(vswitch.body["cidrBlock"], set(request.tx.taken(vswitch.id))):
            request.problems.add(
                f"vSwitch '{id_of(vswitch)}' ({vswitch.body['cidrBlock']}) has no free address.", "", 409
            )
        host = facts.vpc_host(instance.body["instanceName"], request.place.region)
        if _wants_record(request.inputs) and private_zone.attached(request.tx, vpc, host):
            request.problems.add(f"VPC '{id_of(vpc)}' has a private zone '{host}' already.", "", 409)

    def state(self, request: Request) -> dict[str, Any]:
        kept = {name: value for name, value in request.before.items() if name.startswith("_")}
        # The provider has no update for it: what was chosen at first stays.
        record = request.before.get("enableCreateDnsRecordInPvzt", request.inputs.get("enableCreateDnsRecordInPvzt"))
        return {**request.inputs, "enableCreateDnsRecordInPvzt": record, "status": "RUNNING", **kept}

    def stored(self, request: Request, row: Row) -> None:
        if "_address" in row.body:
            return
        tx, place = request.tx, request.place
        vswitch = tx.get(path(place, network.VSWITCH, row.body["vswitchId"]))
        instance = tx.get(path(place, registry.SLUG, row.body["instanceId"]))
        if vswitch is None or instance is None:
            return
        address = facts.free_addresses(vswitch.body["cidrBlock"], set(tx.taken(vswitch.id)))[0]
        tx.claim(vswitch.id, address, row.id)
        row.body["_address"] = address
        if _wants_record(row.inputs):
            host = facts.vpc_host(instance.body["instanceName"], place.region)
            row.body["_zone"] = private_zone.of_the_service(tx, place, host, address, row.body["vpcId"])
        tx.put(row)

    def removed(self, tx: Transaction, row: Row) -> None:
        private_zone.remove_of_the_service(tx, row.body.get("_zone"))


def _wants_record(inputs: dict[str, Any]) -> bool:
    return inputs.get("enableCreateDnsRecordInPvzt") is True


def linked_vpcs(tx: Transaction, args: dict[str, Any], place: Place) -> dict[str, Any]:
    """What ``getVpcEndpointLinkedVpcs`` answers: the links of an instance, with their addresses."""
    instance = tx.get(path(place, registry.SLUG, str(args["instanceId"])))
    if instance is None:
        raise Refused(404, f"instance '{args['instanceId']}' was not found in {place.region}.")
    wanted = set(args.get("ids") or [])
    rows = [
        row
        for row in tx.sources(instance.id, "link")
        if row.body["moduleName"] == args["moduleName"]
        and (not wanted or id_of(row) in wanted)
        and args.get("status") in (None, row.body["status"])
    ]
    return {
        **{name: value for name, value in args.items() if name != "ids"},
        "id": _digest(rows),
        "ids": [id_of(row) for row in rows],
        "vpcEndpointLinkedVpcs": [_linked(row) for row in rows],
    }


def _linked(row: Row) -> dict[str, Any]:
    return {
        "id": id_of(row),
        "instanceId": row.body["instanceId"],
        "moduleName": row.body["moduleName"],
        "vpcId": row.body["vpcId"],
        "vswitchId": row.body["vswitchId"],
        "status": row.body["status"],
        "ip": row.body["_address"],
        "defaultAccess": True,
    }


def _digest(rows: list[Row]) -> str:
    """The id of the answer, which changes with what is in it."""
    return ",".join(id_of(row) for row in rows) or "none"
