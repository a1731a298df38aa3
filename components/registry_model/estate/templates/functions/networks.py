"""Functions of address ranges: template-functions-cidr of Microsoft's reference."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..values import text_of
from .numbers import whole
from .table import Function


def parse_cidr(text: str) -> dict[str, Any]:
    network = ipaddress.ip_network(text_of(text), strict=False)
    # The first address of an IPv6 range is usable, as Microsoft's own example says.
    first = network[1] if network.num_addresses > 2 and network.version == 4 else network[0]
    last = network[-2] if network.num_addresses > 2 and network.version == 4 else network[-1]
    made = {
        "network": str(network.network_address),
        "netmask": str(network.netmask),
        "firstusable": str(first),
        "lastusable": str(last),
        "cidr": network.prefixlen,
    }
    return {**made, "broadcast": str(network.broadcast_address)} if network.version == 4 else made


def cidr_subnet(text: str, prefix: Any, index: Any) -> str:
    network = ipaddress.ip_network(text_of(text), strict=False)
    prefix, index = whole(prefix), whole(index)
    if not network.prefixlen <= prefix <= network.max_prefixlen or not 0 <= index < 2 ** (prefix - network.prefixlen):
        raise ValueError("no such subnet")
    start = int(network.network_address) + index * 2 ** (network.max_prefixlen - prefix)
    return f"{ipaddress.ip_address(start) if network.version == 4 else ipaddress.IPv6Address(start)}/{prefix}"


def cidr_host(text: str, index: Any) -> str:
    """The usable address of this number: 0 is the one after the network's own."""
    network = ipaddress.ip_network(text_of(text), strict=False)
    if whole(index) < 0:
        raise ValueError("no such address")
    return str(network[whole(index) + 1])


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "parseCidr": Function(parse_cidr),
        "cidrSubnet": Function(cidr_subnet),
        "cidrHost": Function(cidr_host),
    }
)
