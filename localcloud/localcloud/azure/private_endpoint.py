"""Private endpoints: an address for each member of the target, on a network interface that lives and goes with them.

The target's side is a connection, approved at once, or pending when it was asked for by
``manualPrivateLinkServiceConnections``. An endpoint whose registry is still being provisioned, or one of its
replications, fails: Azure/bicep-registry-modules#4042.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.model import ids
from localcloud.model.kind import Kind, Request, dig, duplicates, marks
from localcloud.model.store import Row

from . import addresses, facts, network_interface, private_endpoint_connection, private_link

if TYPE_CHECKING:
    from localcloud.azure.facts import Member
    from localcloud.model.store import Transaction

_AUTOMATIC = "privateLinkServiceConnections"
_MANUAL = "manualPrivateLinkServiceConnections"
_REGISTRY = "azure-native:containerregistry:Registry"


class PrivateEndpoint(Kind):
    api_version = "2024-05-01"
    location = "region"
    name_rule = (
        r"[a-zA-Z0-9][\w.-]{0,62}\w",
        "must have 2 to 64 letters, digits, '_', '-' or '.', start with a letter or digit, and not end with '-' or '.'",
    )
    immutable = frozenset({"subnet.id", _AUTOMATIC, _MANUAL, "customNetworkInterfaceName", "ipConfigurations"})
    has_etag = True

    def check(self, request: Request) -> None:
        inputs, problems = request.inputs, request.problems
        for group in inputs.get("applicationSecurityGroups") or []:
            request.refer("asg", group.get("id"), "applicationSecurityGroups")
        subnet_id = dig(inputs, "subnet.id")
        if not subnet_id:
            problems.add(f"subnet.id of private endpoint '{request.name}' is missing.")
        subnet = request.refer("subnet:endpoint", subnet_id, "subnet.id")
        connection = self._connection(request)
        target_id = connection.get("privateLinkServiceId")
        if request.row is not None:
            if target_id and private_link.is_connected(request.tx, request.row, target_id):
                request.pointers.append(("target", target_id))
            return
        target = request.refer("target", target_id, "privateLinkServiceId")
        if subnet is not None:
            self._check_region(request, subnet)
        if target is None:
            if connection and not problems:
                problems.add(f"privateLinkServiceId '{target_id}': the local cloud has no such type.")
            return
        members = self._check_target(request, target, connection)
        if subnet is not None and members:
            self._check_addresses(request, subnet, members)
        nic = request.tx.get(self._nic_id(request))
        if nic is not None:
            problems.add(f"customNetworkInterfaceName: network interface '{nic.name}' exists already.", "", 409)

    def _connection(self, request: Request) -> dict[str, Any]:
        """The one connection of an endpoint, asked for in either of two ways."""
        given = [*(request.inputs.get(_AUTOMATIC) or []), *(request.inputs.get(_MANUAL) or [])]
        if len(given) != 1:
            request.problems.add(
                f"Private endpoint '{request.name}' must have one connection, in {_AUTOMATIC} or {_MANUAL}; it has "
                f"{len(given)}."
            )
            return {}
        if not given[0].get("privateLinkServiceId"):
            request.problems.add(f"privateLinkServiceId of private endpoint '{request.name}' is missing.")
        return given[0]

    def _check_region(self, request: Request, subnet: Row) -> None:
        network = request.tx.get(ids.parent_of(subnet.id))
        region = facts.region(request.inputs.get("location"))
        if network is not None and network.body["location"] != region:
            request.problems.add(
                f"Resource {subnet.id} referenced by resource {request.id} (subnet.id) is in "
                f"'{network.body['location']}', the endpoint in '{region}'. Both must be in the same region.",
                "InvalidResourceReference",
            )

    def _check_target(self, request: Request, target: Row, connection: dict[str, Any]) -> list[Member]:
        problems = request.problems
        kind = request.cloud.kind(target.token)
        members = kind.members(request.tx, target)
        if not members:
            problems.add(f"privateLinkServiceId: the local cloud has no Private Link for {kind.arm_type}.")
            return []
        groups = connection.get("groupIds") or []
        if groups != [kind.private_link_group]:
            problems.add(f"groupIds is {groups}: for {kind.arm_type} it must be ['{kind.private_link_group}'].")
        if target.token == _REGISTRY:
            sku = dig(target.body, "sku.name")
            if sku != "Premium":
                problems.add(f"Private endpoints need the SKU Premium; registry '{target.name}' has {sku}.")
            parts = [target, *request.tx.children(target.id, "replications")]
            busy = [part.name for part in parts if part.in_progress]
            if busy:
                problems.add(
                    f"Private endpoint '{request.name}' failed: registry '{target.name}' is still being provisioned "
                    f"({', '.join(busy)}). Create the endpoint after the registry's replications.",
                    "",
                    409,
                )
        count = len(private_link.endpoints_of(request.tx, target.id))
        if count >= facts.ENDPOINTS_PER_REGISTRY:
            problems.add(f"'{target.name}' has {count} private endpoints, the most that are allowed.")
        return members

    def _check_addresses(self, request: Request, subnet: Row, members: list[Member]) -> None:
        given = request.inputs.get("ipConfigurations") or []
        problems = request.problems
        if not given:
            free = list(addresses.free(request.tx, subnet))
            if len(free) < len(members):
                addresses.refuse_full(subnet, len(members), problems)
            return
        wanted = [str(each.get("memberName")) for each in given]
        known = [member.name for member in members]
        for name in sorted(set(known) - set(wanted)):
            problems.add(f"ipConfigurations of private endpoint '{request.name}' does not name the member '{name}'.")
        for name in sorted(set(wanted) - set(known)):
            problems.add(
                f"ipConfigurations: '{name}' is not a member of the target; its members are {', '.join(known)}."
            )
        for what, values in (
            ("memberName", wanted),
            ("name", [str(each.get("name")) for each in given]),
            ("privateIPAddress", [str(each.get("privateIPAddress")) for each in given]),
        ):
            for twice in duplicates(values):
                problems.add(f"ipConfigurations: the {what} '{twice}' occurs more than once.")
        for each in given:
            addresses.check_static(request.tx, subnet, str(each.get("privateIPAddress")), problems)

    def _nic_id(self, request: Request) -> str:
        chosen = request.inputs.get("customNetworkInterfaceName")
        name = chosen or f"{request.name}.nic.{ids.guid(ids.key(request.id), 'nic')}"
        return f"{ids.parent_of(request.id)}/providers/Microsoft.Network/networkInterfaces/{name}"

    def state(self, request: Request) -> dict[str, Any]:
        kept = self.plain(request.inputs)
        kept.pop("customDnsConfigs", None)
        connection = self._connection(request)
        target = str(connection["privateLinkServiceId"])
        name = f"{ids.name_of(target)}.{ids.guid(ids.key(request.id)).replace('-', '')}"
        return {
            _AUTOMATIC: [],
            _MANUAL: [],
            "customNetworkInterfaceName": "",
            "ipConfigurations": [],
            **kept,
            "_nic": request.before.get("_nic") or self._nic_id(request),
            "_static": bool(kept.get("ipConfigurations")),
            "_connection": request.before.get("_connection") or f"{target}/privateEndpointConnections/{name}",
        }

    def stored(self, request: Request, row: Row) -> None:
        if request.row is not None:
            return
        tx = request.tx
        target = tx.get(self._connection(request)["privateLinkServiceId"])
        subnet = private_link.subnet_of(tx, row)
        if target is None or subnet is None:
            raise RuntimeError(f"target or subnet of {row.id} went within one transaction")
        self._store_interface(request, row, target, subnet)
        if target.token == _REGISTRY:
            _store_connection(tx, row, manual=bool(row.body[_MANUAL]))

    def _store_interface(self, request: Request, row: Row, target: Row, subnet: Row) -> None:
        tx, nic_id = request.tx, row.body["_nic"]
        kind = request.cloud.kind(target.token)
        members = kind.members(tx, target)
        chosen = {each["memberName"]: each for each in row.body["ipConfigurations"]}
        found = [] if chosen else addresses.take_lowest(tx, subnet, len(members), nic_id) or []
        configurations = []
        for index, member in enumerate(members):
            static = chosen.get(member.name)
            address = static["privateIPAddress"] if static else found[index]
            name = static["name"] if static else f"privateEndpointIpConfig.{ids.guid(ids.key(nic_id), member.name)}"
            tx.claim(addresses.space(subnet.id), address, nic_id)
            configurations.append(
                private_link.configuration(
                    nic_id, subnet.id, member, kind.private_link_group, name, address, static=bool(static)
                )
            )
        configurations[0]["primary"] = True
        body = {
            **network_interface.interface_defaults(nic_id),
            "location": row.body["location"],
            "ipConfigurations": configurations,
            "_endpoint": row.id,
            **marks(),
        }
        group = ids.name_of(ids.group_of(nic_id))
        own = {
            "resourceGroupName": group,
            "networkInterfaceName": ids.name_of(nic_id),
            "location": row.body["location"],
        }
        tx.put(Row(nic_id, network_interface.TYPE, own, body, pointers=[("subnet", subnet.id)]))

    def view(self, tx: Transaction, row: Row) -> dict[str, Any]:
        shown: dict[str, Any] = {"networkInterfaces": [{"id": row.body["_nic"]}]}
        for where in (_AUTOMATIC, _MANUAL):
            shown[where] = [_shown_connection(tx, row, each) for each in row.body[where]]
        nic = private_link.interface_of(tx, row)
        # Azure lists the hosts here only as long as no zone group of the endpoint takes care of them.
        listed = nic.body["ipConfigurations"] if nic and not private_link.groups_of(tx, row) else []
        shown["customDnsConfigs"] = [
            {"fqdn": fqdn, "ipAddresses": [each["privateIPAddress"]]}
            for each in listed
            for fqdn in each["privateLinkConnectionProperties"]["fqdns"]
        ]
        shown["ipConfigurations"] = [
            {**each, "type": "Microsoft.Network/privateEndpoints/ipConfigurations", "etag": ""}
            for each in row.body["ipConfigurations"]
        ]
        return shown

    def owned(self, tx: Transaction, row: Row) -> list[Row]:
        found = (tx.get(row.body["_nic"]), tx.get(row.body["_connection"]))
        return [each for each in found if each is not None]


def _store_connection(tx: Transaction, row: Row, *, manual: bool) -> None:
    state = {
        "status": "Pending" if manual else "Approved",
        "description": row.body[_MANUAL][0].get("requestMessage", "") if manual else "Auto-Approved",
        "actionsRequired": "None",
    }
    body = {"privateEndpoint": {"id": row.id}, "privateLinkServiceConnectionState": state, **marks()}
    registry_id, name = ids.parent_of(row.body["_connection"]), ids.name_of(row.body["_connection"])
    own = {
        "resourceGroupName": ids.name_of(ids.group_of(registry_id)),
        "registryName": ids.name_of(registry_id),
        "privateEndpointConnectionName": name,
        "privateEndpoint": {"id": row.id},
        "privateLinkServiceConnectionState": state,
    }
    tx.put(Row(row.body["_connection"], private_endpoint_connection.TYPE, own, body, pointers=[]))


def _shown_connection(tx: Transaction, row: Row, given: dict[str, Any]) -> dict[str, Any]:
    connection = tx.get(row.body["_connection"])
    state = {"status": "Approved", "description": "Auto-Approved", "actionsRequired": "None"}
    if not private_link.is_connected(tx, row, given["privateLinkServiceId"]):
        state = {"status": "Disconnected", "description": "", "actionsRequired": "None"}
    elif connection is not None:
        state = connection.body["privateLinkServiceConnectionState"]
    return {
        **given,
        "id": f"{row.id}/privateLinkServiceConnections/{given.get('name')}",
        "type": "Microsoft.Network/privateEndpoints/privateLinkServiceConnections",
        "etag": "",
        "provisioningState": "Succeeded",
        "privateLinkServiceConnectionState": state,
    }
