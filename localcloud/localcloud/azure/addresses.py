"""Address arithmetic of virtual networks: CIDRs that are valid, nest and do not overlap, and free addresses."""

from __future__ import annotations

import ipaddress
from itertools import islice
from typing import TYPE_CHECKING, Any

from . import facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localcloud.model.kind import Problems
    from localcloud.model.store import Row, Transaction

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse(prefix: object, owner: str, problems: Problems) -> Network | None:
    """One CIDR as Azure takes it; None and a problem when it is not one. ``owner`` is the id it belongs to."""
    try:
        network = ipaddress.ip_network(str(prefix), strict=False)
    except ValueError:
        network = None
    if network is None or "/" not in str(prefix):
        problems.add(
            f"Address prefix {prefix} of resource {owner} is not formatted correctly. It should follow CIDR notation, "
            "for example 10.0.0.0/24.",
            "InvalidAddressPrefixFormat",
        )
        return None
    if str(prefix).partition("/")[0] != str(network.network_address):
        problems.add(
            f"The address prefix {prefix} in resource {owner} has an invalid CIDR notation. For the given prefix "
            f"length, the address prefix should be {network}.",
            "InvalidCIDRNotation",
        )
        return None
    return network


def overlap(one: Network, other: Network) -> bool:
    return one.version == other.version and one.overlaps(other)


def inside(one: Network, other: Network) -> bool:
    """Whether the first network lies in the second."""
    if isinstance(one, ipaddress.IPv4Network) and isinstance(other, ipaddress.IPv4Network):
        return one.subnet_of(other)
    if isinstance(one, ipaddress.IPv6Network) and isinstance(other, ipaddress.IPv6Network):
        return one.subnet_of(other)
    return False


def networks(prefixes: list[str]) -> list[Network]:
    """Prefixes that are known to be valid, since they are stored."""
    return [ipaddress.ip_network(prefix) for prefix in prefixes]


def subnet_prefixes(values: dict[str, Any]) -> list[str]:
    """A subnet has one prefix or several, under different names."""
    return list(values.get("addressPrefixes") or []) or [p for p in [values.get("addressPrefix")] if p]


def space(subnet_id: str) -> str:
    """The space of names in which a subnet's addresses are claimed."""
    return f"address:{subnet_id.rstrip('/').lower()}"


def reserved(network: ipaddress.IPv4Network) -> tuple[ipaddress.IPv4Address, ipaddress.IPv4Address]:
    """The first and the last address that resources can have: Azure keeps the first four and the last one."""
    return network[facts.FIRST_ADDRESS], network[facts.LAST_ADDRESS]


def free(tx: Transaction, subnet: Row) -> Iterator[str]:
    """The free IPv4 addresses of a subnet, lowest first."""
    taken = tx.taken(space(subnet.id))
    for network in networks(subnet_prefixes(subnet.body)):
        if isinstance(network, ipaddress.IPv4Network):
            first, last = reserved(network)
            for number in range(int(first), int(last) + 1):
                address = str(ipaddress.IPv4Address(number))
                if address not in taken:
                    yield address


def take_lowest(tx: Transaction, subnet: Row, count: int, holder: str) -> list[str] | None:
    """Take the lowest free addresses for a network interface; None, and nothing taken, when there are too few."""
    found = list(islice(free(tx, subnet), count))
    if len(found) < count:
        return None
    for address in found:
        tx.claim(space(subnet.id), address, holder)
    return found


def refuse_full(subnet: Row, count: int, problems: Problems) -> None:
    prefix = ",".join(subnet_prefixes(subnet.body))
    problems.add(
        f"Subnet {subnet.name} with address prefix {prefix} does not have enough capacity for {count} IP addresses.",
        "SubnetIsFull",
    )


def check_static(tx: Transaction, subnet: Row, address: str, problems: Problems) -> bool:
    """Whether a chosen address can be had in a subnet; a problem when not."""
    prefixes = subnet_prefixes(subnet.body)
    shown = ",".join(prefixes)
    try:
        wanted = ipaddress.IPv4Address(address)
    except ValueError:
        problems.add(f"The private IP address '{address}' is not an IPv4 address.")
        return False
    for network in networks(prefixes):
        if isinstance(network, ipaddress.IPv4Network) and wanted in network:
            first, last = reserved(network)
            if not first <= wanted <= last:
                problems.add(
                    f"Private static IP address {address} falls within reserved IP range of subnet prefix {shown}.",
                    "PrivateIPAddressInReservedRange",
                )
                return False
            holder = tx.holder(space(subnet.id), str(wanted))
            if holder is not None:
                problems.add(
                    f"The private IP address {address} is already allocated to resource {holder}.",
                    "PrivateIPAddressIsAllocated",
                )
            return holder is None
    problems.add(
        f"Private static IP address {address} does not belong to the range of subnet prefix {shown}.",
        "PrivateIPAddressNotInSubnet",
    )
    return False
