"""VPCs, their vSwitches, and the routes of their route tables."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from . import facts
from .kind import Kind, everywhere, id_of, place_of

if TYPE_CHECKING:
    from localcloud.model.store import Row, Transaction

    from .kind import Request

VPC = "vpc/network"
VSWITCH = "vpc/switch"
_DEFAULT_BLOCK = "172.16.0.0/12"  # vpc, cidr_block


def block(text: object) -> ipaddress.IPv4Network | None:
    try:
        return ipaddress.IPv4Network(str(text))
    except ValueError:
        return None


class Network(Kind):
    prefix = "vpc"

    def check(self, request: Request) -> None:
        given = request.inputs.get("cidrBlock") or _DEFAULT_BLOCK
        cidr = block(given)
        low, high = facts.VPC_PREFIXES
        if cidr is None or not low <= cidr.prefixlen <= high:
            request.problems.add(f"cidrBlock '{given}' must be an IPv4 block of /{low} to /{high}.")
        elif not any(cidr.subnet_of(private) for private in facts.PRIVATE_RANGES):
            request.problems.add(f"cidrBlock '{given}' must be private (10/8, 172.16/12 or 192.168/16).")

    def state(self, request: Request) -> dict[str, Any]:
        own_part = request.id.removeprefix(f"{self.prefix}-")
        own = {
            "cidrBlock": _DEFAULT_BLOCK,
            "status": "Available",
            "regionId": request.place.region,
            # Unlike the cloud's these go by the VPC's id, so that whoever gives that id to a seed knows them.
            "routerId": f"vrt-{own_part}",
            "routeTableId": f"vtb-{own_part}",
            "resourceGroupId": "rg-default",
        }
        body = {**own, **request.inputs}
        body["name"] = body.setdefault("vpcName", body.get("name", ""))
        body["routerTableId"] = body["routeTableId"]
        return body


class Switch(Kind):
    prefix = "vsw"

    def check(self, request: Request) -> None:
        inputs, problems = request.inputs, request.problems
        vpc = request.refer("vswitch", VPC, "vpcId")
        cidr = block(inputs.get("cidrBlock"))
        low, high = facts.VSWITCH_PREFIXES
        if cidr is None or not low <= cidr.prefixlen <= high:
            problems.add(f"cidrBlock '{inputs.get('cidrBlock')}' must be an IPv4 block of /{low} to /{high}.")
        zone = inputs.get("zoneId") or inputs.get("availabilityZone")
        if not zone or facts.zone_region(str(zone)) != request.place.region:
            problems.add(f"zoneId '{zone}' is not a zone of {request.place.region}.")
        if vpc is None or cidr is None:
            return
        around = block(vpc.body["cidrBlock"])
        if around and not cidr.subnet_of(around):
            problems.add(f"cidrBlock '{cidr}' is not in the VPC's {around}.")
        for other in request.tx.sources(vpc.id, "vswitch"):
            taken = block(other.body["cidrBlock"])
            if taken and taken.overlaps(cidr) and (request.row is None or other.id != request.row.id):
                problems.add(f"cidrBlock '{cidr}' overlaps vSwitch '{id_of(other)}' ({taken}).", "", 409)

    def state(self, request: Request) -> dict[str, Any]:
        body = {**request.inputs, "status": "Available"}
        body["zoneId"] = body["availabilityZone"] = body.get("zoneId") or body.get("availabilityZone")
        body["name"] = body.setdefault("vswitchName", body.get("name", ""))
        return body


class RouteEntry(Kind):
    """A route of a VPC's table. The next hop may be a transit router's attachment of that VPC."""

    joined = ("routeTableId", "destinationCidrblock", "nexthopType", "nexthopId")

    def new_id(self, request: Request) -> str:
        vpc = _of_table(request)
        router = vpc.body["routerId"] if vpc else ""
        table, *rest = (str(request.inputs.get(name, "")) for name in self.joined)
        return ":".join([table, router, *rest])

    def check(self, request: Request) -> None:
        inputs, problems = request.inputs, request.problems
        vpc = _of_table(request)
        cidr = block(inputs.get("destinationCidrblock"))
        if cidr is None:
            problems.add(f"destinationCidrblock '{inputs.get('destinationCidrblock')}' must be an IPv4 block.")
        if vpc is None:
            problems.add(f"routeTableId '{inputs['routeTableId']}' was not found in {request.place.region}.", "", 404)
            return
        request.pointers.append(("route", vpc.id))
        around = block(vpc.body["cidrBlock"])
        if cidr and around and cidr.subnet_of(around):
            problems.add(f"destinationCidrblock '{cidr}' is within the VPC's own {around}.")
        if (
            any(r.body["destinationCidrblock"] == str(cidr) for r in request.tx.sources(vpc.id, "route"))
            and not request.row
        ):
            problems.add(f"route table '{inputs['routeTableId']}' has a route to '{cidr}' already.", "", 409)
        if inputs.get("nexthopType") == "Attachment":
            hop = attachment(request.tx, str(inputs.get("nexthopId")))
            if hop is None or hop.body.get("vpcId") != id_of(vpc):
                problems.add(f"nexthopId '{inputs.get('nexthopId')}' is no attachment of VPC '{id_of(vpc)}'.", "", 404)
            else:
                request.pointers.append(("route:hop", hop.id))

    def state(self, request: Request) -> dict[str, Any]:
        vpc = _of_table(request)
        return {
            **request.inputs,
            "routerId": vpc.body["routerId"] if vpc else "",
            "name": request.inputs.get("name", ""),
        }


def _of_table(request: Request) -> Row | None:
    table = request.inputs["routeTableId"]
    for row in everywhere(request.tx, VPC):
        if place_of(row) == request.place and row.body["routeTableId"] == table:
            return row
    return None


def attachment(tx: Transaction, attachment_id: str) -> Row | None:
    """A transit router's attachment, by its own id, whoever's it is."""
    for kind in ("cen/transitRouterVpcAttachment", "cen/transitRouterPeerAttachment"):
        for row in everywhere(tx, kind):
            if row.body["transitRouterAttachmentId"] == attachment_id:
                return row
    return None
