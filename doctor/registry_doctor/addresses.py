"""What kind of address an address is, and endpoints written as text."""

from __future__ import annotations

import ipaddress

from registry_model.azure import names
from registry_model.azure.limits import MEANINGS, PRIVATE_NETWORKS, RESERVED_NETWORKS

from .errors import InputError


def address_class(address: str) -> str:
    """``private``, ``public``, ``loopback``, ``link-local`` or ``reserved``; ``""`` for what is no address.

    Private is what a private endpoint can have. An IPv4 address written as IPv6 (``::ffff:10.0.0.4``) is what it is.
    """
    try:
        ip = plain(address)
    except ValueError:
        return ""
    if ip.is_loopback:
        return "loopback"
    if ip.is_link_local:
        return "link-local"
    if any(ip in network for network in RESERVED_NETWORKS) or ip.is_multicast:
        return "reserved"
    return "private" if any(ip in network for network in PRIVATE_NETWORKS) else "public"


def meaning(address: str) -> str:
    """What an address is that is nobody's on the internet; empty for the others, and for what is no address."""
    try:
        ip = plain(address)
    except ValueError:
        return ""
    if str(ip) == names.AZURE_DNS:
        return "Azure's resolver, in every virtual network"
    known = next((what for network, what in MEANINGS if ip in network), "")
    kind = address_class(address)
    return known or (f"{kind}, no address of the internet" if kind in ("loopback", "link-local", "reserved") else "")


def plain(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address without a zone (``fe80::1%eth0``) and not as IPv4 in IPv6; ValueError for what is none."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return mapped or ip


def parse_endpoint(text: str, field: str, default_port: int) -> tuple[str, int]:
    """``10.0.0.4``, ``10.0.0.4:53``, ``[fd00::1]:53`` or ``fd00::1`` as address and port; InputError otherwise."""
    address, port_text = text.strip(), ""
    if address.startswith("["):
        address, _, port_text = address[1:].partition("]")
        port_text = port_text.removeprefix(":")
    elif address.count(":") == 1:
        address, port_text = address.split(":")
    try:
        ipaddress.ip_address(address)
        port = int(port_text) if port_text.isdecimal() and len(port_text) <= 5 else 0 if port_text else default_port
    except ValueError:
        port = 0
    if not 0 < port < 65536:
        raise InputError(f"{field} '{text}': must be an IP address with an optional port, such as 10.0.0.4:53")
    return address, port
