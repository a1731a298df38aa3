"""What kind of address an address is, and endpoints written as text."""

from __future__ import annotations

import ipaddress

from registry_model.azure.limits import SHARED_ADDRESSES

from .errors import InputError


def address_class(address: str) -> str:
    """``private``, ``public``, ``loopback`` or ``link-local``.

    Private is what a private endpoint can have: the RFC 1918 ranges, 100.64.0.0/10 (VNets may use it) and IPv6 unique
    local addresses.
    """
    ip = ipaddress.ip_address(address)
    if ip.is_loopback:
        return "loopback"
    if ip.is_link_local:
        return "link-local"
    shared = ip.version == 4 and ip in SHARED_ADDRESSES
    return "private" if ip.is_private or shared else "public"


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
        port = int(port_text) if port_text else default_port
    except ValueError:
        port = 0
    if not 0 < port < 65536:
        raise InputError(f"{field} '{text}': must be an IP address with an optional port, such as 10.0.0.4:53")
    return address, port
