"""Subnets: inside their network's address space, apart from each other, kept while anything is in them."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from localcloud.model import ids
from localcloud.model.kind import Kind, Problems, Request, dig, not_found_there

from . import addresses, facts

if TYPE_CHECKING:
    from localcloud.model.store import Row, Transaction

_DEFAULTS = {
    "privateEndpointNetworkPolicies": "Disabled",
    "privateLinkServiceNetworkPolicies": "Enabled",
    "delegations": [],
    "ipamPoolPrefixAllocations": [],
}


class Subnet(Kind):
    api_version = "2024-05-01"
    name_style = "copy"
    name_rule = (
        r"[a-zA-Z0-9]([\w.-]{0,78}\w)?",
        "must have 1 to 80 letters, digits, '_', '-' or '.', start with a letter or digit, and not end with '-' or '.'",
    )
    has_etag = True

    def check(self, request: Request) -> None:
        if request.parent is None:
            return
        siblings = {row.name: row.body for row in request.tx.children(request.parent.id, "subnets")}
        siblings.pop(request.row.name if request.row else request.name, None)
        prefixes = request.parent.body["addressSpace"]["addressPrefixes"]
        check_prefixes(request.id, request.inputs, prefixes, siblings, request.problems)
        check_references(request, request.inputs, "", str(request.parent.body.get("location")))
        if request.row:
            check_in_use(request.tx, request.row, addresses.subnet_prefixes(request.inputs), request.problems)

    def state(self, request: Request) -> dict[str, Any]:
        return {**stored_state(request.inputs, request.name), "_inline": request.before.get("_inline", False)}

    def view(self, tx: Transaction, row: Row) -> dict[str, Any]:
        return occupants(tx, row)

    def check_delete(self, tx: Transaction, row: Row, going: set[str], problems: Problems) -> None:
        for role in ("subnet:endpoint", "subnet"):
            users = [key for key, _ in tx.pointing_at(row.id, role) if key not in going]
            if users:
                user = tx.get(users[0])
                problems.add(
                    f"Subnet {row.name} is in use by {user.id if user else users[0]} and cannot be deleted. In order "
                    "to delete the subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.",
                    "InUseSubnetCannotBeDeleted",
                )
                return

    def serial_scope(self, resource_id: str) -> str:
        return ids.parent_of(resource_id)


def occupants(tx: Transaction, row: Row) -> dict[str, Any]:
    """What is in a subnet, as its outputs show it."""
    endpoints = tx.sources(row.id, "subnet:endpoint")
    used = [
        {"id": _in_capitals(nic, str(each["name"]))}
        for nic in tx.sources(row.id, "subnet")
        for each in nic.body["ipConfigurations"]
        if ids.key(each["subnet"]["id"]) == row.key
    ]
    return {
        "ipConfigurations": used,
        "privateEndpoints": [{"id": endpoint.id} for endpoint in endpoints],
        "purpose": "PrivateEndpoints" if endpoints else "",
    }


def _in_capitals(nic: Row, configuration: str) -> str:
    """How a subnet lists what is in it: ids without addresses, the names in capitals (recorded 2024 and later)."""
    interface = f"{ids.parent_of(nic.id)}/providers/Microsoft.Network/networkInterfaces/{nic.name.upper()}"
    return f"{interface}/ipConfigurations/{configuration.upper()}"


def stored_state(values: dict[str, Any], name: str) -> dict[str, Any]:
    """A subnet's state, however it was declared: by itself or within its network."""
    path = {"id", "name", "type", "resourceGroupName", "virtualNetworkName", "subnetName"}
    kept = {key: value for key, value in values.items() if key not in path and value is not None}
    prefixes = addresses.subnet_prefixes(values)
    if len(prefixes) == 1:
        kept["addressPrefix"] = prefixes[0]
    return {**_DEFAULTS, **kept, "name": name}


def check_prefixes(
    subnet_id: str, values: dict[str, Any], outer: list[str], siblings: dict[str, dict[str, Any]], problems: Problems
) -> None:
    """The rules for a subnet's prefixes. ``outer`` is the network's address space, ``siblings`` the other subnets."""
    name, network_name = ids.name_of(subnet_id), ids.name_of(ids.parent_of(subnet_id))
    given = addresses.subnet_prefixes(values)
    if not given:
        problems.add(f"Subnet '{name}' has no address prefix: give addressPrefix, e.g. '10.0.0.0/27'.")
    for prefix in given:
        network = addresses.parse(prefix, subnet_id, problems)
        if network is None:
            continue
        if isinstance(network, ipaddress.IPv4Network) and network.prefixlen > facts.SMALLEST_SUBNET:
            problems.add(f"Subnet '{name}': {prefix} is too small; the smallest is /{facts.SMALLEST_SUBNET}.")
        if isinstance(network, ipaddress.IPv6Network) and network.prefixlen != 64:
            problems.add(f"Subnet '{name}': {prefix} is an IPv6 prefix, which must be a /64.")
        if not any(addresses.inside(network, wider) for wider in addresses.networks(outer)):
            problems.add(
                f"Subnet '{name}' is not valid because its IP address range is outside the IP address range of "
                f"virtual network '{network_name}'.",
                "NetcfgSubnetRangeOutsideVnet",
            )
        for sibling, body in siblings.items():
            if any(addresses.overlap(network, other) for other in addresses.networks(addresses.subnet_prefixes(body))):
                problems.add(
                    f"Subnet '{name}' is not valid because its IP address range overlaps with that of an existing "
                    f"subnet '{sibling}' in virtual network '{network_name}'.",
                    "NetcfgSubnetRangesOverlap",
                )


def check_references(request: Request, values: dict[str, Any], where: str, region: str) -> None:
    """What a subnet points at must exist, and a network security group be in the network's region."""
    for name in ("networkSecurityGroup", "routeTable", "natGateway"):
        target = dig(values, f"{name}.id")
        found = request.refer(name, target, f"{where}{name}.id")
        if found is not None and found.body.get("location") not in (None, region):
            # alan-turing-institute/data-safe-haven#2022, 2024-07, for a route table.
            request.problems.add(
                not_found_there(found.id, f"{request.id} ({where}{name}.id)"), "InvalidResourceReference"
            )


def check_in_use(tx: Transaction, row: Row, prefixes: list[str], problems: Problems) -> None:
    """A prefix that addresses are taken from cannot go or change."""
    taken = [ipaddress.ip_address(address) for address in tx.taken(addresses.space(row.id))]
    for prefix in addresses.subnet_prefixes(row.body):
        if prefix not in prefixes and any(address in ipaddress.ip_network(prefix) for address in taken):
            problems.add(
                f"IpPrefix {prefix} on Subnet {row.name} has active allocations and cannot be deleted.",
                "InUsePrefixCannotBeDeleted",
            )
