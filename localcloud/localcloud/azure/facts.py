"""What the local cloud knows of Azure's names, numbers and regions, with sources: its own table.

It is not shared with the components, the guard or the doctor on purpose: a wrong name that both sides took from one
place would agree with itself in every rehearsal (docs/decisions/0034). ``tests/localcloud/test_independence.py``
compares the two tables, and each with answers written out by hand.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# learn.microsoft.com/azure/container-registry/container-registry-private-link, 2026-01: group and members; the data
# member comes first in what the service lists, requiredMembers of privateLinkResources, eastus2, 2026.
REGISTRY_GROUP = "registry"
REGISTRY_NAME = (
    r"[a-zA-Z0-9]{5,50}"  # registryName in the ARM specification of Microsoft.ContainerRegistry, 2023-01-01-preview
)
ENDPOINTS_PER_REGISTRY = 400  # Azure/acr#854, by the end of August 2026 (10 in 2021, then 200)
IP_RULES = 200  # learn.microsoft.com/azure/container-registry/container-registry-skus, 2026-01
APPROVAL_MESSAGE = 140  # requestMessage in privateEndpoint.json, 2024-03-01: "Restricted to 140 chars."
RETENTION_DAYS = (0, 365)  # .../container-registry-retention-policy, 2026-01
SOFT_DELETE_DAYS = (1, 90)  # .../container-registry-soft-delete-policy, 2026-01

# learn.microsoft.com/azure/virtual-network/virtual-networks-faq, 2026-01: .0 is the network, .1 the gateway, .2 and .3
# map Azure's name servers, the last one is the broadcast address; the smallest IPv4 subnet is a /29.
FIRST_ADDRESS = 4
LAST_ADDRESS = -2
SMALLEST_SUBNET = 29

# Registry hosts of each cloud: learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure and
# learn.microsoft.com/azure/china/resources-developer-guide, 2026-01.
_SUFFIXES = {"public": "azurecr.io", "usgov": "azurecr.us", "china": "azurecr.cn"}

# learn.microsoft.com/azure/reliability/regions-list, and the sovereign clouds' own lists, 2026-01: with availability
# zones, and without.
_WITH_ZONES = {
    "public": """
        australiaeast austriaeast belgiumcentral brazilsouth canadacentral centralindia centralus centraluseuap
        chilecentral denmarkeast eastasia eastus eastus2 eastus2euap francecentral germanywestcentral indonesiacentral
        israelcentral italynorth japaneast japanwest koreacentral malaysiawest mexicocentral newzealandnorth
        northeurope norwayeast polandcentral qatarcentral southafricanorth southcentralus southeastasia spaincentral
        swedencentral switzerlandnorth uaenorth uksouth westeurope westus2 westus3
        """,
    "usgov": "usgovvirginia",
    "china": "chinanorth3",
}
_WITHOUT_ZONES = {
    "public": """
        australiacentral australiacentral2 australiasoutheast brazilsoutheast canadaeast francesouth germanynorth
        jioindiacentral jioindiawest koreasouth northcentralus norwaywest southafricawest southindia swedensouth
        switzerlandwest uaecentral ukwest westcentralus westindia westus
        """,
    "usgov": "usdodcentral usdodeast usgovarizona usgovtexas",
    "china": "chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2",
}
ZONE_REGIONS = frozenset(name for names in _WITH_ZONES.values() for name in names.split())
CLOUD_OF_REGION = {
    name: cloud for table in (_WITH_ZONES, _WITHOUT_ZONES) for cloud, names in table.items() for name in names.split()
}


class Member(NamedTuple):
    """One private link member: its name, its host, and the record that a zone group writes for it."""

    name: str
    host: str
    zone: str
    record: str


def region(given: object) -> str:
    """``Japan East`` is ``japaneast``: ARM takes display names too, in any case of letters."""
    return "".join(str(given or "").lower().split())


def login_server(label: str, home: object) -> str:
    """The registry's host in the cloud that its region is in; in the public one for a region that is not known."""
    return f"{label.lower()}.{_SUFFIXES[CLOUD_OF_REGION.get(region(home), 'public')]}"


def regions_of(home: object, replicas: list[str]) -> list[str]:
    """Every region of a registry once, the home region first."""
    others = sorted({region(each) for each in replicas} - {region(home)})
    return [region(home), *others]


def data_hosts(server: str, home: object, replicas: list[str]) -> list[str]:
    """The dedicated data endpoints, ``<registry>.<region>.data`` (.../container-registry-dedicated-data-endpoints)."""
    label, _, suffix = server.partition(".")
    return [f"{label}.{each}.data.{suffix}" for each in regions_of(home, replicas)]


def members(server: str, home: object, replicas: list[str]) -> list[Member]:
    """A registry's members in the order in which an endpoint gives them addresses: data members, then ``registry``.

    In one region that order is recorded (five deployments of 2023 to 2026; hashicorp/terraform-provider-azurerm#21781).
    With replicas it is not: their members are put behind the home region's here.
    """
    label, _, suffix = server.partition(".")
    zone = f"privatelink.{suffix}"
    data = [
        Member(f"registry_data_{each}", host, zone, f"{label}.{each}.data")
        for each, host in zip(regions_of(home, replicas), data_hosts(server, home, replicas), strict=True)
    ]
    return [*data, Member("registry", server, zone, label)]


def private_name(host: str) -> str:
    """The name in a private zone that a host's alias points at: .../private-link/private-endpoint-dns, 2026-01."""
    vault, _, rest = host.partition(".vault.")
    if rest:
        return f"{vault}.privatelink.vaultcore.{rest}"
    return re.sub(r"\.(azurecr\.\w+)$", r".privatelink.\1", host)
