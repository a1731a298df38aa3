"""Private endpoints: an address for each member of the target, on a network interface that lives and goes with them.

The target's side is a connection, approved at once, or pending when it was asked for by
``manualPrivateLinkServiceConnections``. An endpoint whose registry is still being provisioned, or one of its
replications, fails: Azure/bicep-registry-modules#4042.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from localcloud.model import ids
from localcloud.model.kind import (
    FORCE_NEW,
    LOCATION_ANSWER,
    Fixed,
    Kind,
    Request,
    dig,
    duplicates,
    marks,
    not_found_there,
    unmarked,
    version_guid,
)
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
    # What else Azure refuses of an endpoint, connections and addresses, it refuses in the middle of a deployment:
    # _check_change.
    immutable = MappingProxyType(
        {
            "subnet": Fixed(True, FORCE_NEW, "pulumi/pulumi-azure-native#3883"),
            "location": unmarked("network.json 2024-05-01", LOCATION_ANSWER),
        }
    )
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
            self._check_change(request, request.row, connection)
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
        if not given[0].get("name"):
            # pulumi-azure-native#4213 and #1856: without a name in the request.
            request.problems.add("Cannot parse the request.", "InvalidRequestFormat")
        message = str(given[0].get("requestMessage") or "")
        if len(message) > facts.APPROVAL_MESSAGE:
            request.problems.add(
                f"requestMessage of private endpoint '{request.name}' has {len(message)} characters; at most "
                f"{facts.APPROVAL_MESSAGE} are allowed."
            )
        return given[0]

    def _check_change(self, request: Request, row: Row, connection: dict[str, Any]) -> None:
        """What cannot be changed of an endpoint that is there, and is not planned as a replacement."""
        problems, inputs = request.problems, request.inputs
        if ids.key(str(dig(inputs, "subnet.id"))) != ids.key(row.body["subnet"]["id"]):
            # The code is known from pulumi-azure-native#3883, the words are not.
            problems.add(
                f"The subnet of private endpoint '{row.name}' cannot be changed.",
                "CannotChangeSubnetOnExistingPrivateEndpoint",
            )
        (before,) = [*row.body[_AUTOMATIC], *row.body[_MANUAL]]
        if _details(before) != _details(connection) or bool(row.body[_MANUAL]) != bool(inputs.get(_MANUAL)):
            # Azure/bicep-registry-modules#7285, 2026-08.
            problems.add(
                f"Cannot change the private link connection on private endpoint {row.id}. Please ensure you are not "
                f"updating the details of existing private link connection: '{row.id}/privateLinkServiceConnections/"
                f"{before.get('name')}'. That is not allowed.",
                "CannotChangePrivateLinkConnectionOnPrivateEndpoint",
            )
        chosen = inputs.get("customNetworkInterfaceName") or ""
        if chosen != row.body["customNetworkInterfaceName"]:
            problems.add(
                f"customNetworkInterfaceName of private endpoint '{row.name}' cannot be changed after creation: "
                f"'{row.body['customNetworkInterfaceName']}' to '{chosen}'."
            )
        self._check_static_change(request, row)

    def _check_static_change(self, request: Request, row: Row) -> None:
        """Dynamic to static works with the addresses that are there; static addresses never change (az 2.85, 2026)."""
        nic = private_link.interface_of(request.tx, row)
        given = request.inputs.get("ipConfigurations") or []
        if nic is None or not given or given == row.body["ipConfigurations"]:
            return
        there = {private_link.member_name(each): each["privateIPAddress"] for each in nic.body["ipConfigurations"]}
        wanted = {
            str(each["memberName"]): str(each.get("privateIPAddress")) for each in given if each.get("memberName")
        }
        if set(there) - set(wanted):
            _refuse_missing(request, given, [name for name in there if name not in wanted])
        elif row.body["_static"] and wanted != there:
            request.problems.add(
                "User cannot change IP Addresses on these allocated IP configurations.",
                "PrivateEndpointWithStaticIpConfigurationsCannotChangeIpAddress",
            )
        elif wanted != there:
            request.problems.add(
                "Static Ip Configurations must have exact Ip address to membername mapping for dynamic Ip "
                "Configurations.",
                "PrivateEndpointStaticIpMustMatchDynamicIpMapping",
            )

    def _check_region(self, request: Request, subnet: Row) -> None:
        network = request.tx.get(ids.parent_of(subnet.id))
        region = facts.region(request.inputs.get("location"))
        if network is not None and network.body["location"] != region:
            # microsoft-foundry/foundry-samples#657 (2026-04) and #888 (2026-08): it names the network.
            request.problems.add(not_found_there(network.id, request.id), "InvalidResourceReference")

    def _check_target(self, request: Request, target: Row, connection: dict[str, Any]) -> list[Member]:
        problems = request.problems
        kind = request.cloud.kind(target.token)
        members = kind.members(request.tx, target)
        if not members:
            problems.add(f"privateLinkServiceId: the local cloud has no Private Link for {kind.arm_type}.")
            return []
        groups = connection.get("groupIds") or []
        where = f"{request.id}/privateLinkServiceConnections/{connection.get('name')}"
        if not groups:  # Azure/azure-cli#15136, 2020-09
            problems.add(
                f"Private link service connection {where} is missing required parameter 'group Id'.",
                "MissingParameterOnPrivateLinkServiceConnection",
            )
        elif len(groups) > 1:  # DFE-Digital/terraform-azurerm-container-apps-hosting#352, 2024-04
            problems.add(
                f"Private link service connection {where} has the following group Ids: {', '.join(groups)}. Only one "
                f"group Id is permitted when connecting to a first-party resource ({target.id}).",
                "OnlyOneGroupIdPermitted",
            )
        elif groups != [kind.private_link_group]:
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
        # Recorded 2023-02: one that names no member is taken, and means nothing.
        wanted = [str(each["memberName"]) for each in given if each.get("memberName")]
        known = [member.name for member in members]
        if missing := [name for name in known if name not in wanted]:
            _refuse_missing(request, given, missing)
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
            _set_method(request.tx, row)
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
        chosen = {each.get("memberName"): each for each in row.body["ipConfigurations"]}
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
            shown[where] = [_shown_connection(tx, row, where, each) for each in row.body[where]]
        nic = private_link.interface_of(tx, row)
        # Azure lists the hosts here only as long as no zone group of the endpoint takes care of them.
        hidden = private_link.groups_of(tx, row) or private_link.is_pending(tx, row)
        listed = nic.body["ipConfigurations"] if nic and not hidden else []
        shown["customDnsConfigs"] = [
            {"fqdn": fqdn, "ipAddresses": [each["privateIPAddress"]]}
            for each in listed
            for fqdn in each["privateLinkConnectionProperties"]["fqdns"]
        ]
        shown["ipConfigurations"] = [
            {**each, "type": "Microsoft.Network/privateEndpoints/ipConfigurations", "etag": self.etag(row)}
            for each in row.body["ipConfigurations"]
        ]
        return shown

    def owned(self, tx: Transaction, row: Row) -> list[Row]:
        found = (tx.get(row.body["_nic"]), tx.get(row.body["_connection"]))
        return [each for each in found if each is not None]


def _store_connection(tx: Transaction, row: Row, *, manual: bool) -> None:
    state = {"status": "Approved", "description": "Auto-Approved"}
    if manual:
        # Without a message there is no description on this side (recorded 2022-05).
        message = row.body[_MANUAL][0].get("requestMessage")
        state = {"status": "Pending", **({"description": message} if message else {})}
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


def _shown_connection(tx: Transaction, row: Row, where: str, given: dict[str, Any]) -> dict[str, Any]:
    connection = tx.get(row.body["_connection"])
    state = {"status": "Approved", "description": "Auto-Approved", "actionsRequired": "None"}
    if not private_link.is_connected(tx, row, given["privateLinkServiceId"]):
        state = {"status": "Disconnected", "description": "", "actionsRequired": "None"}
    elif connection is not None:
        state = {"description": "", "actionsRequired": "None", **connection.body["privateLinkServiceConnectionState"]}
        if state["status"] == "Pending":
            state["description"] = ""  # recorded 2022-05, without a message
    return {
        **given,
        "id": f"{row.id}/{where}/{given.get('name')}",
        "type": f"Microsoft.Network/privateEndpoints/{where}",
        "etag": f'W/"{version_guid(row)}"',  # the endpoint's own
        "provisioningState": "Succeeded",
        "privateLinkServiceConnectionState": state,
    }


def _details(connection: dict[str, Any]) -> tuple[Any, ...]:
    """What identifies a connection: another name, target or group is another connection."""
    target = ids.key(str(connection.get("privateLinkServiceId")))
    return connection.get("name"), target, tuple(connection.get("groupIds") or [])


def _refuse_missing(request: Request, given: list[dict[str, Any]], missing: list[str]) -> None:
    """Azure's own words, 2023-05: hashicorp/terraform-provider-azurerm#21781."""
    has = "; ".join(
        f"PrivateIPAddress: {each.get('privateIPAddress')}, GroupId: {each.get('groupId')}, "
        f"MemberName: {each.get('memberName')}"
        for each in given
    )
    group = dig((request.inputs.get(_AUTOMATIC) or request.inputs.get(_MANUAL) or [{}])[0], "groupIds") or [""]
    lacks = "; ".join(f"GroupId: {group[0]}, MemberName: {name}" for name in missing)
    request.problems.add(
        f"Private Endpoint {request.id} contains static ipconfigurations: [{has}] and its missing these "
        f"membernames/groupids requested by Private Link service [{lacks}]. Private Endpoint needs to be reconfigured "
        "with missing memberNames.",
        "PrivateEndpointIpConfigurationMissingMemberNamesRequiredByFps",
    )


def _set_method(tx: Transaction, row: Row) -> None:
    """An endpoint that was made static or dynamic in place keeps its addresses, and its interface."""
    nic = private_link.interface_of(tx, row)
    if nic is None:
        return
    method = "Static" if row.body["_static"] else "Dynamic"
    for each in nic.body["ipConfigurations"]:
        each["privateIPAllocationMethod"] = method
    tx.put(nic)
