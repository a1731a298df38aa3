"""Cloud Enterprise Network: transit routers, what is attached to them, and their routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import network
from .kind import GLOBAL, Kind, everywhere, id_of, place_of

if TYPE_CHECKING:
    from localcloud.model.store import Row, Transaction

    from .kind import Request

CEN = "cen/instance"
ROUTER = "cen/transitRouter"
GRANT = "cen/transitRouterGrantAttachment"
TABLE = "cen/transitRouterRouteTable"


def _router(tx: Transaction, router_id: object, account: str) -> Row | None:
    """A transit router of an account, in any region, by its own id."""
    for row in everywhere(tx, ROUTER):
        if row.body["transitRouterId"] == router_id and place_of(row).account == account:
            return row
    return None


def _table(tx: Transaction, table_id: object, account: str) -> Row | None:
    for row in everywhere(tx, TABLE):
        if row.body["transitRouterRouteTableId"] == table_id and place_of(row).account == account:
            return row
    return None


class Instance(Kind):
    prefix = "cen"
    is_global = True

    def state(self, request: Request) -> dict[str, Any]:
        body = {"protectionLevel": "REDUCED", "status": "Active", "resourceGroupId": "rg-default", **request.inputs}
        body["name"] = body.setdefault("cenInstanceName", body.get("name", ""))
        return body


class TransitRouter(Kind):
    """One of each region in a network."""

    prefix = "tr"

    def new_id(self, request: Request) -> str:
        return f"{request.inputs['cenId']}:{request.assigned(self.prefix)}"

    def check(self, request: Request) -> None:
        cen = request.refer("router", CEN, "cenId", region=GLOBAL)
        if cen is None or request.row is not None:
            return
        region = request.place.region
        if any(place_of(row).region == region for row in request.tx.sources(cen.id, "router")):
            request.problems.add(f"CEN '{id_of(cen)}' has a transit router in {region} already.", "", 409)

    def state(self, request: Request) -> dict[str, Any]:
        own = {"status": "Active", "type": "Enterprise", "supportMulticast": False, "regionId": request.place.region}
        return {**own, **request.inputs, "transitRouterId": request.id.partition(":")[2]}


class Grant(Kind):
    """A network's owner lets another account's CEN attach it."""

    joined = ("instanceType", "instanceId", "cenOwnerId", "cenId")

    def check(self, request: Request) -> None:
        if request.inputs["instanceType"] == "VPC":
            request.refer("grant", network.VPC, "instanceId")
        cen = request.find(CEN, request.inputs["cenId"], account=str(request.inputs["cenOwnerId"]), region=GLOBAL)
        if cen is None:
            request.problems.add(
                f"cenId '{request.inputs['cenId']}': account {request.inputs['cenOwnerId']} has no such CEN.", "", 404
            )
        else:
            request.pointers.append(("grant:cen", cen.id))

    def state(self, request: Request) -> dict[str, Any]:
        return {"orderType": "PayByCenOwner", **request.inputs}


class VpcAttachment(Kind):
    prefix = "tr-attach"
    sets = frozenset({"zoneMappings"})

    def new_id(self, request: Request) -> str:
        return f"{request.inputs.get('cenId', '')}:{request.assigned(self.prefix)}"

    def check(self, request: Request) -> None:
        inputs, problems, place = request.inputs, request.problems, request.place
        router = _router(request.tx, inputs.get("transitRouterId"), place.account)
        if router is None or place_of(router).region != place.region:
            problems.add(f"transitRouterId '{inputs.get('transitRouterId')}' was not found in {place.region}.", "", 404)
        else:
            request.pointers.append(("attachment", router.id))
        owner = str(inputs.get("vpcOwnerId") or place.account)
        vpc = request.find(network.VPC, inputs["vpcId"], account=owner)
        if vpc is None:
            problems.add(f"vpcId '{inputs['vpcId']}': account {owner} has no such VPC in {place.region}.", "", 404)
            return
        request.pointers.append(("attachment:vpc", vpc.id))
        if owner != place.account and not any(
            grant.body["cenId"] == inputs.get("cenId") and grant.body["cenOwnerId"] == place.account
            for grant in request.tx.sources(vpc.id, "grant")
        ):
            problems.add(f"VPC '{inputs['vpcId']}' of account {owner} is not granted to this CEN.", "", 403)
        for mapping in inputs.get("zoneMappings") or []:
            vswitch = request.find(network.VSWITCH, mapping["vswitchId"], account=owner)
            if vswitch is None or vswitch.body["vpcId"] != inputs["vpcId"]:
                problems.add(f"vswitchId '{mapping['vswitchId']}' is not in VPC '{inputs['vpcId']}'.", "", 404)
            elif vswitch.body["zoneId"] != mapping["zoneId"]:
                zone = vswitch.body["zoneId"]
                problems.add(f"vSwitch '{mapping['vswitchId']}' is in zone {zone}, not in '{mapping['zoneId']}'.")
            else:
                request.pointers.append(("attachment:vswitch", vswitch.id))
        twins = [r for r in request.tx.sources(vpc.id, "attachment:vpc") if r.body.get("cenId") == inputs.get("cenId")]
        if twins and request.row is None:
            problems.add(f"VPC '{inputs['vpcId']}' is attached to this CEN already.", "", 409)

    def state(self, request: Request) -> dict[str, Any]:
        attachment = request.id.rsplit(":", 1)[-1]
        name = request.inputs.get("transitRouterVpcAttachmentName") or request.inputs.get("transitRouterAttachmentName")
        own = {
            "paymentType": "PayAsYouGo",
            "resourceType": "VPC",
            "status": "Attached",
            "orderType": "PayByCenOwner",
            "regionId": request.place.region,
            "vpcOwnerId": request.place.account,
        }
        named = {"transitRouterVpcAttachmentName": name, "transitRouterAttachmentName": name}
        return {**own, **request.inputs, **named, "transitRouterAttachmentId": attachment}


class PeerAttachment(Kind):
    """The connection of two regions' transit routers."""

    prefix = "tr-attach"

    def new_id(self, request: Request) -> str:
        return f"{request.inputs.get('cenId', '')}:{request.assigned(self.prefix)}"

    def check(self, request: Request) -> None:
        inputs, problems, place = request.inputs, request.problems, request.place
        router = _router(request.tx, inputs.get("transitRouterId"), place.account)
        peer = _router(request.tx, inputs["peerTransitRouterId"], place.account)
        if router is None or place_of(router).region != place.region:
            problems.add(f"transitRouterId '{inputs.get('transitRouterId')}' was not found in {place.region}.", "", 404)
        else:
            request.pointers.append(("attachment", router.id))
        region = inputs.get("peerTransitRouterRegionId")
        if peer is None or place_of(peer).region != region:
            problems.add(f"peerTransitRouterId '{inputs['peerTransitRouterId']}' was not found in {region}.", "", 404)
        else:
            request.pointers.append(("attachment", peer.id))
        if region == place.region:
            problems.add(f"peerTransitRouterRegionId '{region}' is the region of transitRouterId.")

    def state(self, request: Request) -> dict[str, Any]:
        attachment = request.id.rsplit(":", 1)[-1]
        name = request.inputs.get("transitRouterPeerAttachmentName")
        own = {
            "bandwidthType": "BandwidthPackage",
            "defaultLinkType": "Gold",
            "status": "Attached",
            "resourceType": "TR",
        }
        named = {"transitRouterPeerAttachmentName": name, "transitRouterAttachmentName": name}
        own["regionId"] = request.place.region
        return {**own, **request.inputs, **named, "transitRouterAttachmentId": attachment}


class RouteTable(Kind):
    """A route table of one's own; nothing of the router's other tables is in it."""

    prefix = "vtb"

    def new_id(self, request: Request) -> str:
        return f"{request.inputs['transitRouterId']}:{request.assigned(self.prefix)}"

    def check(self, request: Request) -> None:
        router = _router(request.tx, request.inputs["transitRouterId"], request.place.account)
        if router is None or place_of(router).region != request.place.region:
            request.problems.add(
                f"transitRouterId '{request.inputs['transitRouterId']}' was not found in {request.place.region}.",
                "",
                404,
            )
        else:
            request.pointers.append(("table", router.id))

    def state(self, request: Request) -> dict[str, Any]:
        table = request.id.rsplit(":", 1)[-1]
        own = {"status": "Active", "transitRouterRouteTableType": "Custom", "transitRouterRouteTableDescription": ""}
        return {**own, **request.inputs, "transitRouterRouteTableId": table}


def _check_table_and_attachment(request: Request, attachment_id: object, role: str) -> tuple[Row | None, Row | None]:
    """A route table of this region, and an attachment of the same transit router."""
    table = _table(request.tx, request.inputs["transitRouterRouteTableId"], request.place.account)
    if table is None or place_of(table).region != request.place.region:
        request.problems.add(
            f"transitRouterRouteTableId '{request.inputs['transitRouterRouteTableId']}' was not found in "
            f"{request.place.region}.",
            "",
            404,
        )
        return None, None
    request.pointers.append((f"{role}:table", table.id))
    hop = network.attachment(request.tx, str(attachment_id))
    routers = {row.id for row in everywhere(request.tx, ROUTER) if hop and hop.id in _attached(request.tx, row)}
    own = _router(request.tx, table.body["transitRouterId"], request.place.account)
    if hop is None or own is None or own.id not in routers:
        request.problems.add(f"attachment '{attachment_id}' is none of the route table's transit router.", "", 404)
        return table, None
    request.pointers.append((f"{role}:attachment", hop.id))
    return table, hop


def _attached(tx: Transaction, router: Row) -> set[str]:
    return {row.id for row in tx.sources(router.id, "attachment")}


class Association(Kind):
    """By which table an attachment's traffic is forwarded: by one only in each transit router."""

    joined = ("transitRouterAttachmentId", "transitRouterRouteTableId")

    def check(self, request: Request) -> None:
        table, hop = _check_table_and_attachment(request, request.inputs["transitRouterAttachmentId"], "association")
        if table is None or hop is None or request.row is not None:
            return
        router = table.body["transitRouterId"]
        for other in request.tx.sources(hop.id, "association:attachment"):
            there = _table(request.tx, other.body["transitRouterRouteTableId"], request.place.account)
            if there is not None and there.body["transitRouterId"] == router:
                request.problems.add(f"attachment '{id_of(hop)}' is associated with a route table already.", "", 409)

    def state(self, request: Request) -> dict[str, Any]:
        return {**request.inputs, "status": "Active"}


class RouteEntry(Kind):
    prefix = "rte"

    def new_id(self, request: Request) -> str:
        return f"{request.inputs['transitRouterRouteTableId']}:{request.assigned(self.prefix)}"

    def check(self, request: Request) -> None:
        inputs, problems = request.inputs, request.problems
        cidr = network.block(inputs["transitRouterRouteEntryDestinationCidrBlock"])
        if cidr is None:
            problems.add(
                f"destination '{inputs['transitRouterRouteEntryDestinationCidrBlock']}' must be an IPv4 block."
            )
        if inputs["transitRouterRouteEntryNextHopType"] != "Attachment":
            return
        table, _ = _check_table_and_attachment(request, inputs.get("transitRouterRouteEntryNextHopId"), "route")
        if table is None or request.row is not None:
            return
        for other in request.tx.sources(table.id, "route:table"):
            if other.body["transitRouterRouteEntryDestinationCidrBlock"] == str(cidr):
                problems.add(f"route table '{id_of(table)}' has a route to '{cidr}' already.", "", 409)

    def state(self, request: Request) -> dict[str, Any]:
        entry = request.id.rsplit(":", 1)[-1]
        return {**request.inputs, "status": "Active", "transitRouterRouteEntryId": entry}
