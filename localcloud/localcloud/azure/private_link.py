"""How private endpoints, the interfaces that hold their addresses, and the records of their zone groups hang together.

A private link target (a registry, a vault) has *members*; an endpoint has one address for each member, on its network
interface. When a registry gets a replica, each of its endpoints gets one more member, address and record.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from localcloud.model import ids
from localcloud.model.kind import marks
from localcloud.model.store import Row

from . import addresses, facts, registry

if TYPE_CHECKING:
    from localcloud.azure.facts import Member
    from localcloud.model.kind import Request
    from localcloud.model.store import Transaction

RECORD_TTL = 10
RECORD_SET = "azure-native:privatedns:PrivateRecordSet"


def endpoints_of(tx: Transaction, target_id: str) -> list[Row]:
    """The private endpoints that are connected to a resource."""
    return tx.sources(target_id, "target")


def is_connected(tx: Transaction, endpoint: Row, target_id: str) -> bool:
    """Whether an endpoint is still connected: deleting the target, or its side of the connection, ends it for good."""
    return (endpoint.key, "target") in tx.pointing_at(target_id, "target")


def is_pending(tx: Transaction, endpoint: Row) -> bool:
    """Whether an endpoint waits for approval: it shows no hosts then (recorded 2022-05), and no records are written."""
    return _status(tx, endpoint) == "Pending"


def is_approved(tx: Transaction, endpoint: Row) -> bool:
    """Whether records are written for an endpoint: not before its approval, and not after its rejection."""
    return _status(tx, endpoint) not in ("Pending", "Rejected")


def _status(tx: Transaction, endpoint: Row) -> str:
    """How the target's side stands; empty for a target whose connections the local cloud does not keep."""
    connection = tx.get(endpoint.body["_connection"])
    return "" if connection is None else connection.body["privateLinkServiceConnectionState"]["status"]


def interface_of(tx: Transaction, endpoint: Row) -> Row | None:
    return tx.get(endpoint.body["_nic"])


def subnet_of(tx: Transaction, endpoint: Row) -> Row | None:
    return tx.get(endpoint.body["subnet"]["id"])


def has_room(tx: Transaction, endpoint: Row, count: int) -> bool:
    """Whether the endpoint's subnet has that many free addresses, those of its neighbours counted by the caller."""
    subnet = subnet_of(tx, endpoint)
    return subnet is not None and len(list(islice(addresses.free(tx, subnet), count))) == count


def configuration(
    nic_id: str, subnet_id: str, member: Member, group: str, name: str, address: str, static: bool
) -> Any:
    """One IP configuration of an endpoint's network interface: one member, one address."""
    return {
        "id": f"{nic_id}/ipConfigurations/{name}",
        "name": name,
        "type": "Microsoft.Network/networkInterfaces/ipConfigurations",
        "etag": f'W/"{ids.guid(nic_id, name)}"',
        "provisioningState": "Succeeded",
        "primary": False,
        "privateIPAddress": address,
        "privateIPAddressVersion": "IPv4",
        "privateIPAllocationMethod": "Static" if static else "Dynamic",
        "subnet": {"id": subnet_id},
        "privateLinkConnectionProperties": {
            "groupId": group,
            "requiredMemberName": member.name,
            "fqdns": [member.host],
        },
    }


def member_name(configured: dict[str, Any]) -> str:
    return str((configured.get("privateLinkConnectionProperties") or {}).get("requiredMemberName"))


def sync_target(request: Request, target: Row) -> None:
    """Give every endpoint of a target an address and a record for each member that it lacks."""
    tx = request.tx
    kind = request.cloud.kind(target.token)
    members = kind.members(tx, target)
    for endpoint in endpoints_of(tx, target.id):
        nic, subnet = interface_of(tx, endpoint), subnet_of(tx, endpoint)
        if nic is None or subnet is None:
            continue
        present = {member_name(each) for each in nic.body["ipConfigurations"]}
        missing = [member for member in members if member.name not in present]
        found = addresses.take_lowest(tx, subnet, len(missing), nic.id)
        if found is None:
            raise RuntimeError(f"no address left in {subnet.id}, although it was checked in the same transaction")
        for member, address in zip(missing, found, strict=True):
            name = f"privateEndpointIpConfig.{ids.guid(nic.key, member.name)}"
            nic.body["ipConfigurations"].append(
                configuration(nic.id, subnet.id, member, kind.private_link_group, name, address, static=False)
            )
        tx.put(nic)
        write_records(tx, endpoint, members)


def withdraw(tx: Transaction, target: Row, replica: Row) -> None:
    """Take back the addresses and records of a replica that goes; those of the home region stay."""
    rest = [region for region in registry.replica_regions(tx, target) if region != replica.body["location"]]
    stay = {m.name for m in facts.members(target.body["loginServer"], target.body["location"], rest)}
    gone = [member for member in registry.members_of(tx, target) if member.name not in stay]
    for endpoint in endpoints_of(tx, target.id):
        nic, subnet = interface_of(tx, endpoint), subnet_of(tx, endpoint)
        if nic is None or subnet is None:
            continue
        leaving = [c for c in nic.body["ipConfigurations"] if member_name(c) in {member.name for member in gone}]
        nic.body["ipConfigurations"] = [c for c in nic.body["ipConfigurations"] if c not in leaving]
        tx.release(addresses.space(subnet.id), [c["privateIPAddress"] for c in leaving])
        tx.put(nic)
        for group in groups_of(tx, endpoint):
            remove_records(tx, group, [member.record for member in gone])


def groups_of(tx: Transaction, endpoint: Row) -> list[Row]:
    return tx.children(endpoint.id, "privateDnsZoneGroups")


def zones_of(tx: Transaction, group: Row) -> list[Row]:
    """The private zones that a zone group writes to, those that are there."""
    found = (tx.get(each["privateDnsZoneId"]) for each in group.body["privateDnsZoneConfigs"])
    return [zone for zone in found if zone is not None]


def address_of(nic: Row, member: Member) -> str | None:
    for each in nic.body["ipConfigurations"]:
        if member_name(each) == member.name:
            return each["privateIPAddress"]
    return None


def write_records(tx: Transaction, endpoint: Row, members: list[Member]) -> None:
    """Write the endpoint's records into the zones of its zone groups. What another endpoint wrote is overwritten.

    A zone gets the records of the members that belong to it by name, and a zone of any other name gets none.
    """
    nic = interface_of(tx, endpoint)
    if nic is None or not is_approved(tx, endpoint):
        return
    for group in groups_of(tx, endpoint):
        for zone in zones_of(tx, group):
            for member in members:
                address = address_of(nic, member)
                if member.zone == zone.name.lower() and address:
                    _write_record(tx, endpoint, zone, member, address)


def _write_record(tx: Transaction, endpoint: Row, zone: Row, member: Member, address: str) -> None:
    record_id = f"{zone.id}/A/{member.record}"
    before = tx.get(record_id)
    creator = f"created by private endpoint {endpoint.name} with resource guid {ids.guid(endpoint.key)}"
    values = {"aRecords": [{"ipv4Address": address}], "ttl": RECORD_TTL, "metadata": {"creator": creator}}
    own = {
        "resourceGroupName": ids.name_of(ids.group_of(zone.id)),
        "privateZoneName": zone.name,
        "recordType": "A",
        "relativeRecordSetName": member.record,
    }
    body = {**values, "_written": True, **marks(before)}
    tx.put(Row(before.id if before else record_id, RECORD_SET, {**own, **values}, body, pointers=[]))


def remove_records(tx: Transaction, group: Row, records: list[str]) -> None:
    """Remove a group's records from its zones, those that another endpoint's group has overwritten too.

    MicrosoftDocs/azure-docs#58044 (2020-06, again 2023-11) and #122192 (2024-05): of two endpoints of one resource in
    one zone, deleting or rejecting either removes the record, whichever of them it leads to.
    """
    for record in written_records(tx, group):
        if record.name in records:
            tx.remove(record.id)


def written_records(tx: Transaction, group: Row) -> list[Row]:
    """The records in a group's zones that some zone group wrote."""
    return [each for zone in zones_of(tx, group) for each in tx.children(zone.id, "A") if each.body.get("_written")]


def records_of(tx: Transaction, endpoint: Row) -> list[Row]:
    """The records that go with an endpoint: of all its members, in the zones of its zone groups."""
    nic = interface_of(tx, endpoint)
    if nic is None or not is_approved(tx, endpoint):
        return []
    hosts = [host for each in nic.body["ipConfigurations"] for host in each["privateLinkConnectionProperties"]["fqdns"]]
    names = {facts.private_name(host).partition(".privatelink.")[0] for host in hosts}
    return [each for group in groups_of(tx, endpoint) for each in written_records(tx, group) if each.name in names]
