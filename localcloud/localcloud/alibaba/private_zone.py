"""PrivateZone: zones of an account, the VPCs that ask them, and their records. Binding a VPC makes one of these too."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from localcloud.model.store import Row

from . import network
from .kind import GLOBAL, Kind, Place, assigned, everywhere, id_of, path

if TYPE_CHECKING:
    from localcloud.model.store import Transaction

    from .kind import Request

ZONE = "pvtz/zone"
_TOKEN = "alicloud:pvtz/zone:Zone"  # noqa: S105 - a type's name


class Zone(Kind):
    is_global = True

    def check(self, request: Request) -> None:
        if not (request.inputs.get("zoneName") or request.inputs.get("name")):
            request.problems.add("zoneName must be set.")

    def state(self, request: Request) -> dict[str, Any]:
        name = request.inputs.get("zoneName") or request.inputs.get("name")
        own = {"proxyPattern": "ZONE", "isPtr": False, "resourceGroupId": "rg-default", "dnsGroup": "NORMAL_ZONE"}
        return {**own, **request.inputs, "zoneName": name, "name": name}

    def view(self, tx: Transaction, row: Row) -> dict[str, Any]:
        return {"recordCount": len(tx.sources(row.id, "record")) + bool(row.body.get("_service"))}


class ZoneAttachment(Kind):
    """Which VPCs ask a zone: all of its account, in any region. Two zones of one name cannot answer the same VPC."""

    is_global = True
    joined = ("zoneId",)
    sets = frozenset({"vpcIds", "vpcs"})

    def check(self, request: Request) -> None:
        zone = request.refer("attachment", ZONE, "zoneId", region=GLOBAL)
        for vpc_id, region in _vpcs(request):
            vpc = request.find(network.VPC, vpc_id, region=region)
            if vpc is None:
                request.problems.add(f"account {request.place.account} has no VPC '{vpc_id}' in {region}.", "", 404)
                continue
            request.pointers.append(("attachment:vpc", vpc.id))
            if zone is not None:
                others = [z for z in attached(request.tx, vpc, zone.body["zoneName"]) if z.id != zone.id]
                if others:
                    request.problems.add(
                        f"VPC '{vpc_id}' asks zone '{id_of(others[0])}' of the same name already.", "", 409
                    )

    def state(self, request: Request) -> dict[str, Any]:
        listed = _vpcs(request)
        return {
            **request.inputs,
            "vpcIds": [vpc_id for vpc_id, _ in listed],
            "vpcs": [{"vpcId": vpc_id, "regionId": region} for vpc_id, region in listed],
        }


class ZoneRecord(Kind):
    is_global = True

    def new_id(self, request: Request) -> str:
        return f"{request.assigned('')}:{request.inputs['zoneId']}"

    def check(self, request: Request) -> None:
        inputs = request.inputs
        zone = request.refer("record", ZONE, "zoneId", region=GLOBAL)
        if inputs["type"] == "A":
            try:
                ipaddress.IPv4Address(str(inputs["value"]))
            except ValueError:
                request.problems.add(f"value '{inputs['value']}' of an A record must be an IPv4 address.")
        if zone is not None and zone.body.get("_service"):
            request.problems.add(
                f"zone '{id_of(zone)}' belongs to Container Registry and must not be changed.", "", 403
            )

    def state(self, request: Request) -> dict[str, Any]:
        record = request.id.partition(":")[0]
        name = request.inputs.get("rr") or request.inputs.get("resourceRecord") or "@"
        own = {"ttl": 60, "status": "ENABLE"}
        return {**own, **request.inputs, "recordId": record, "rr": name, "resourceRecord": name}


def _vpcs(request: Request) -> list[tuple[str, str]]:
    """The VPCs that an attachment names, with their regions."""
    inputs = request.inputs
    plain = [(str(vpc_id), request.place.region) for vpc_id in inputs.get("vpcIds") or []]
    return plain + [(str(v["vpcId"]), str(v.get("regionId") or request.place.region)) for v in inputs.get("vpcs") or []]


def attached(tx: Transaction, vpc: Row, zone_name: str) -> list[Row]:
    """The zones of that name that answer a VPC, those of the service included."""
    found = []
    for zone in everywhere(tx, ZONE):
        if zone.body["zoneName"] != zone_name:
            continue
        attachments = tx.sources(zone.id, "attachment")
        vpcs = {vpc_id for a in attachments for vpc_id in a.body["vpcIds"]} | {zone.body.get("_service")}
        if id_of(vpc) in vpcs:
            found.append(zone)
    return found


def of_the_service(tx: Transaction, place: Place, host: str, address: str, vpc_id: str) -> str:
    """The zone that Container Registry makes in a bound VPC: one A record, for that VPC alone. Answers where it is."""
    where = path(Place(place.account, GLOBAL), ZONE, assigned(tx, ""))
    body = {"zoneName": host, "name": host, "remark": f"{host} A {address}", "_service": vpc_id}
    tx.put(Row(where, _TOKEN, {"zoneName": host}, body, pointers=[]))
    return where


def remove_of_the_service(tx: Transaction, where: str | None) -> None:
    if where:
        tx.remove(where)
