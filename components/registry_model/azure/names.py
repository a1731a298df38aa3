"""Every name that a private registry has: hosts, regions, Private Link members, DNS zones and records.

Pure: the standard library only, no Pulumi, no network. The components, the guard, the doctor and the local cloud all
ask here, so that a host name is computed in one place.

Terms: the *login server* (``contoso.azurecr.io``) authenticates and serves manifests; a *data endpoint*
(``contoso.japaneast.data.azurecr.io``) serves layers, one for the home region and one for every replica.
Everything is derived from the login server, never from the resource name: with a domain-name-label scope the login
server is ``contoso-<hash>.azurecr.io``, and so are its data endpoints.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NotRequired, TypedDict

from . import limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True)
class Cloud:
    """One Azure cloud: the host suffixes that differ between the public and the sovereign clouds."""

    name: str
    registry_suffix: str
    blob_suffix: str
    sign_in_host: str
    management_host: str
    vault_suffix: str

    @property
    def private_link_zone(self) -> str:
        """The one private DNS zone for registries, e.g. ``privatelink.azurecr.io``."""
        return f"privatelink.{self.registry_suffix}"

    @property
    def blob_wildcard(self) -> str:
        """The host pattern that a client firewall needs without dedicated data endpoints."""
        return f"*.{self.blob_suffix}"

    @property
    def sign_in_hosts(self) -> tuple[str, str]:
        """Hosts beside the registry: Entra sign-in, and Azure Resource Manager for ``az acr login`` by name."""
        return (self.sign_in_host, self.management_host)


CLOUDS: Mapping[str, Cloud] = MappingProxyType(
    {
        "public": Cloud(
            "public",
            "azurecr.io",
            "blob.core.windows.net",
            "login.microsoftonline.com",
            "management.azure.com",
            "vault.azure.net",
        ),
        "usgov": Cloud(
            "usgov",
            "azurecr.us",
            "blob.core.usgovcloudapi.net",
            "login.microsoftonline.us",
            "management.usgovcloudapi.net",
            "vault.usgovcloudapi.net",
        ),
        "china": Cloud(
            "china",
            "azurecr.cn",
            "blob.core.chinacloudapi.cn",
            "login.partner.microsoftonline.cn",
            "management.chinacloudapi.cn",
            "vault.azure.cn",
        ),
    }
)

PUBLIC = CLOUDS["public"]
# Where blobs of accounts with Azure DNS zone endpoints are: ``<account>.z12.blob.storage.azure.net``.
# learn.microsoft.com/azure/storage/common/storage-account-overview, 2026-08.
BLOB_ZONES = "blob.storage.azure.net"
HTTPS = 443  # every host of a pull and a push answers on this TCP port, and on no other
# Azure's own resolver inside every virtual network, which alone knows the private zones that the network is linked to.
# learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16, 2026-01.
AZURE_DNS = "168.63.129.16"
GROUP_ID = "registry"  # the private link sub-resource of a registry
REGISTRY_MEMBER = "registry"  # its member for the login server
_DATA_MEMBER_PREFIX = "registry_data_"
REGISTRY_NAME_PATTERN = re.compile(rf"^[a-zA-Z0-9]{{{limits.REGISTRY_NAME_MIN},{limits.REGISTRY_NAME_MAX}}}$")
RESOURCE_GROUP_NAME_PATTERN = re.compile(rf"^[\w.()-]{{0,{limits.RESOURCE_GROUP_NAME_MAX - 1}}}[\w()-]$")


class RegionEndpoint(TypedDict):
    """One line of ``az acr show-endpoints``."""

    region: str
    endpoint: str


class ShownEndpoints(TypedDict):
    """What ``az acr show-endpoints --name contoso`` prints; ``regionalEndpoints`` only where they are on."""

    loginServer: str
    dataEndpoints: list[RegionEndpoint]
    regionalEndpoints: NotRequired[list[RegionEndpoint]]


@dataclass(frozen=True)
class RegistryHost:
    """What a host name says about itself.

    ``kind`` is ``login server``, ``data endpoint``, ``regional endpoint`` or ``blob storage``; ``label`` the registry's
    (or storage account's) first label, ``region`` empty where the name has none; ``alias`` is true for the name in the
    privatelink zone that the public name points to.
    """

    kind: str
    label: str
    region: str
    cloud: Cloud
    alias: bool = False


@dataclass(frozen=True)
class Record:
    """One A record of a private registry.

    ``host`` is what clients ask for, ``fqdn`` where the privatelink alias points, ``name`` the record's name relative
    to ``zone``, ``member`` the private link member whose address it holds, ``region`` empty for the login server.
    """

    host: str
    member: str
    region: str
    zone: str
    name: str

    @property
    def fqdn(self) -> str:
        return f"{self.name}.{self.zone}"


def normalise_region(region: str) -> str:
    """``"Japan East"`` and ``"JapanEast"`` are ``japaneast``: ARM compares regions without spaces and case."""
    return re.sub(r"\s+", "", region).lower()


def registry_name_problem(name: str) -> str | None:
    """Say what is wrong with a registry name; None when Azure would accept it (global uniqueness aside)."""
    if REGISTRY_NAME_PATTERN.fullmatch(name):
        return None
    if not limits.REGISTRY_NAME_MIN <= len(name) <= limits.REGISTRY_NAME_MAX:
        return f"must have {limits.REGISTRY_NAME_MIN} to {limits.REGISTRY_NAME_MAX} characters, has {len(name)}"
    return "must have letters and digits only"


def login_server(registry_name: str, cloud: Cloud = PUBLIC) -> str:
    """The login server of a registry without a domain-name-label scope."""
    return f"{registry_name.lower()}.{cloud.registry_suffix}"


def split_login_server(login_server: str) -> tuple[str, Cloud]:
    """``contoso-x1.azurecr.io`` → (``contoso-x1``, the public cloud). ValueError for any other host."""
    host = login_server.lower().rstrip(".")
    label, _, suffix = host.partition(".")
    for cloud in CLOUDS.values():
        if suffix == cloud.registry_suffix and label:
            return label, cloud
    suffixes = ", ".join(c.registry_suffix for c in CLOUDS.values())
    raise ValueError(f"'{login_server}' is not a login server: expected <registry>.<one of {suffixes}>")


def data_endpoint(login_server: str, region: str) -> str:
    """``contoso.azurecr.io``, ``Japan East`` → ``contoso.japaneast.data.azurecr.io``."""
    label, cloud = split_login_server(login_server)
    return f"{label}.{normalise_region(region)}.data.{cloud.registry_suffix}"


def regional_endpoint(login_server: str, region: str) -> str:
    """The login server of one region, with regional endpoints on: ``contoso.japaneast.geo.azurecr.io``."""
    label, cloud = split_login_server(login_server)
    return f"{label}.{normalise_region(region)}.geo.{cloud.registry_suffix}"


def all_regions(home: str, replicas: Iterable[str] = ()) -> list[str]:
    """The home region, then every replica's, normalised, sorted and without duplicates."""
    first = normalise_region(home)
    return [first, *sorted({normalise_region(r) for r in replicas} - {first})]


def show_endpoints(
    login_server: str,
    home: str,
    replicas: Iterable[str] = (),
    *,
    data_endpoints: bool = True,
    regional_endpoints: bool = False,
) -> ShownEndpoints:
    """The login server and every data endpoint, in the shape that ``az acr show-endpoints`` prints.

    Without dedicated data endpoints each region has the blob storage wildcard, as ``az`` prints it.
    """
    _, cloud = split_login_server(login_server)
    regions = all_regions(home, replicas)
    shown: ShownEndpoints = {
        "loginServer": login_server,
        "dataEndpoints": [
            {"region": r, "endpoint": data_endpoint(login_server, r) if data_endpoints else cloud.blob_wildcard}
            for r in regions
        ],
    }
    if regional_endpoints:
        shown["regionalEndpoints"] = [{"region": r, "endpoint": regional_endpoint(login_server, r)} for r in regions]
    return shown


def client_hosts(login_server: str, home: str, replicas: Iterable[str] = ()) -> list[str]:
    """Every host that a client must reach on 443, pushes and pulls: the login server, then the data endpoints."""
    shown = show_endpoints(login_server, home, replicas)
    return [shown["loginServer"], *(e["endpoint"] for e in shown["dataEndpoints"])]


def data_member(region: str) -> str:
    """The private link member of a region's data endpoint: ``registry_data_japaneast``."""
    return _DATA_MEMBER_PREFIX + normalise_region(region)


def member_region(member: str) -> str | None:
    """The region of a data member; None for the login server's member ``registry``, and for anything else."""
    return member.removeprefix(_DATA_MEMBER_PREFIX) if member.startswith(_DATA_MEMBER_PREFIX) else None


def private_link_members(home: str, replicas: Iterable[str] = ()) -> list[str]:
    """Every member that a private endpoint gets an address for: ``registry``, then one for each region."""
    return [REGISTRY_MEMBER, *(data_member(region) for region in all_regions(home, replicas))]


def private_dns_records(login_server: str, home: str, replicas: Iterable[str] = ()) -> list[Record]:
    """The A records that make the private path: one for the login server, one for each region's data endpoint."""
    label, cloud = split_login_server(login_server)
    zone = cloud.private_link_zone
    return [
        Record(login_server.lower(), REGISTRY_MEMBER, "", zone, label),
        *(
            Record(
                data_endpoint(login_server, region), data_member(region), region, zone, data_record_name(label, region)
            )
            for region in all_regions(home, replicas)
        ),
    ]


def data_record_name(label: str, region: str) -> str:
    """A data endpoint's record name relative to the privatelink zone: ``contoso.japaneast.data``.

    It is never in a zone of its own: a ``<region>.data.privatelink.azurecr.io`` zone breaks pulls
    (Azure Verified Modules, private DNS zones, issue 96).
    """
    return f"{label.lower()}.{normalise_region(region)}.data"


def parse_host(host: str) -> RegistryHost | None:
    """What a host of a pull is; None when it is neither a registry's nor blob storage's, in any cloud."""
    lowered = host.lower().rstrip(".")
    for cloud in CLOUDS.values():
        account = lowered.removesuffix("." + cloud.blob_suffix)
        if account != lowered:
            return RegistryHost("blob storage", account.split(".")[0], "", cloud)
        for suffix, alias in ((cloud.private_link_zone, True), (cloud.registry_suffix, False)):
            relative = lowered.removesuffix("." + suffix)
            if relative == lowered:
                continue
            match relative.split("."):
                case [label] if label and label != "privatelink":
                    return RegistryHost("login server", label, "", cloud, alias)
                case [label, region, "data"] if label and region:
                    return RegistryHost("data endpoint", label, region, cloud, alias)
                case [label, region, "geo"] if label and region:
                    return RegistryHost("regional endpoint", label, region, cloud, alias)
                case _:
                    return None
    return None


def in_registry_domain(name: object) -> bool:
    """Whether a name is that of a cloud's registries, such as ``azurecr.io``, or below it."""
    return isinstance(name, str) and any(
        f".{name}".lower().endswith(f".{cloud.registry_suffix}") for cloud in CLOUDS.values()
    )


def private_fqdn(host: str) -> str:
    """Where a registry host's privatelink alias points: ``contoso.japaneast.data.privatelink.azurecr.io``."""
    lowered = host.lower().rstrip(".")
    for cloud in CLOUDS.values():
        suffix = "." + cloud.registry_suffix
        if lowered.endswith(suffix):
            return f"{lowered.removesuffix(suffix)}.{cloud.private_link_zone}"
    raise ValueError(f"'{host}' is not a host of a container registry")


def addresses_needed(home: str, replicas: Iterable[str] = (), *, regional_endpoints: bool = False) -> int:
    """Addresses that one private endpoint takes: the login server, and each region, home too; with regional endpoints
    each region twice.

    Home and two replicas need 4, with regional endpoints 7; home and three replicas 5 and 9
    (learn.microsoft.com/azure/container-registry/container-registry-private-endpoints, 2026-08).
    """
    regions = all_regions(home, replicas)
    return 1 + len(regions) * (2 if regional_endpoints else 1)


def usable_addresses(cidr: str) -> int:
    """Addresses of an IPv4 subnet that resources can take, Azure's reserved ones left out. ValueError if not a CIDR."""
    network = ipaddress.IPv4Network(cidr)
    return max(0, network.num_addresses - limits.RESERVED_IPS_PER_SUBNET)
