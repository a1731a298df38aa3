"""What resolvers answer, by where the client stands: the tables of the registry's documentation as DNS views."""

from __future__ import annotations

from tests.doctor.servers import Zones

LOGIN = "contoso.azurecr.io"
DATA = "contoso.japaneast.data.azurecr.io"
WEST = "contoso.westus.data.azurecr.io"
BLOB = "eus2mana0001.blob.core.windows.net"
ZONE = "privatelink.azurecr.io"
LOGIN_PUBLIC, DATA_PUBLIC, BLOB_PUBLIC = "20.37.69.2", "40.79.197.128", "20.150.43.4"
LOGIN_PRIVATE, DATA_PRIVATE, WEST_PRIVATE = "192.168.0.72", "192.168.0.73", "192.168.0.74"

_PUBLIC_LOGIN = {
    "r0318jpe.azcr.io": "jpe-acr-reg.trafficmanager.net",
    "jpe-acr-reg.trafficmanager.net": "r0318jpe.japaneast.cloudapp.azure.com",
    "r0318jpe.japaneast.cloudapp.azure.com": [LOGIN_PUBLIC],
}
_PUBLIC_DATA = {
    "jpe-0.data.azcr.io": "jpe-acr-dp.trafficmanager.net",
    "jpe-acr-dp.trafficmanager.net": "d0223jpe.japaneast.cloudapp.azure.com",
    "d0223jpe.japaneast.cloudapp.azure.com": [DATA_PUBLIC],
}


def data_endpoints_only(**changes: str | list[str]) -> Zones:
    """Anywhere, and the registry has no private endpoint: public aliases to public addresses."""
    return Zones(
        {LOGIN: "r0318jpe.azcr.io", DATA: "jpe-0.data.azcr.io", BLOB: [BLOB_PUBLIC], **_PUBLIC_LOGIN, **_PUBLIC_DATA}
        | changes
    )


def outside() -> Zones:
    """The registry has a private endpoint, and the network asks no private zone: the alias leads to the public side."""
    return Zones(
        {
            LOGIN: f"contoso.{ZONE}",
            f"contoso.{ZONE}": "r0318jpe.azcr.io",
            DATA: f"contoso.japaneast.data.{ZONE}",
            f"contoso.japaneast.data.{ZONE}": "jpe-0.data.azcr.io",
            **_PUBLIC_LOGIN,
            **_PUBLIC_DATA,
        }
    )


def linked(*missing: str, extra_zone: str = "") -> Zones:
    """A network linked to the zone. ``missing``: hosts without a record. ``extra_zone``: another linked zone."""
    addresses = {LOGIN: LOGIN_PRIVATE, DATA: DATA_PRIVATE, WEST: WEST_PRIVATE}
    records: dict[str, str | list[str]] = {"azure.microsoft.com": ["20.49.104.1"]}
    for host, address in addresses.items():
        alias = host.replace(".azurecr.io", f".{ZONE}")
        records[host] = alias
        if host not in missing:
            records[alias] = [address]
    return Zones(records, [ZONE, *([extra_zone] if extra_zone else [])])
