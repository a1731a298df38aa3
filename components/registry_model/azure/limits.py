"""What Azure allows, as data: every number and list that moves, in one place, each with its source and date.

Nothing here is logic. Code elsewhere reads these tables; when Azure moves a limit, only this file changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Azure keeps the first four addresses and the last of every subnet.
# learn.microsoft.com/azure/virtual-network/virtual-networks-faq, 2026-01.
RESERVED_IPS_PER_SUBNET = 5

# The smallest IPv4 subnet that Azure accepts. Same page, 2026-01.
SMALLEST_SUBNET_PREFIX = 29

# learn.microsoft.com/azure/container-registry/container-registry-private-link, 2026-01 (10 in 2021).
MAX_PRIVATE_ENDPOINTS_PER_REGISTRY = 200

# learn.microsoft.com/azure/container-registry/container-registry-skus, 2026-01.
MAX_IP_RULES = 200

# learn.microsoft.com/azure/container-registry/container-registry-dedicated-data-endpoints, 2026-01.
DATA_ENDPOINT_LINK_MINUTES = 20

# Microsoft.ContainerRegistry/registries in the ARM specification, 2026-01.
REGISTRY_NAME_MIN = 5
REGISTRY_NAME_MAX = 50

# learn.microsoft.com/azure/azure-resource-manager/management/tag-resources, 2026-01.
MAX_TAGS = 50
TAG_NAME_MAX = 512
TAG_VALUE_MAX = 256
TAG_NAME_FORBIDDEN = "<>%&\\?/"

# learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules, 2026-01.
RESOURCE_GROUP_NAME_MAX = 90

# PrivateLinkServiceConnection.requestMessage in the ARM network specification, 2024-05-01.
MANUAL_APPROVAL_MESSAGE_MAX = 140

# learn.microsoft.com/azure/container-registry/container-registry-retention-policy, 2026-01.
RETENTION_DAYS = (0, 365)

# learn.microsoft.com/azure/container-registry/container-registry-soft-delete-policy, 2026-01.
SOFT_DELETE_DAYS = (1, 90)

# The built-in role that lets an identity pull, by the registry's role assignment mode: its name, and the id of its
# definition, which is the same in every tenant. learn.microsoft.com/azure/role-based-access-control/built-in-roles and
# /azure/container-registry/container-registry-rbac-abac-repository-permissions, 2026-01: with repository permissions
# AcrPull grants nothing.
PULL_ROLES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "LegacyRegistryPermissions": ("AcrPull", "7f951dda-4ed3-4680-a7ca-43fe172d538d"),
        "AbacRepositoryPermissions": ("Container Registry Repository Reader", "b93aa761-3e63-49ed-ac28-beffa264f7ac"),
    }
)

# Sources that no registry sees from the internet: IANA's special-purpose registry, 2026-01, without the ranges for
# documentation, which nothing routes and examples use.
NOT_PUBLIC = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)

# The widest public source range that still counts as narrow: this project's own line, and the guard's.
NARROW_IPV4_PREFIX = 24

# What only Premium has. learn.microsoft.com/azure/container-registry/container-registry-skus, 2026-01.
PREMIUM_FEATURES = (
    "geo-replication",
    "private link",
    "dedicated data endpoints",
    "IP rules",
    "customer-managed key",
    "content trust",
    "retention policy",
    "export policy off",
    "connected registries",
)


@dataclass(frozen=True)
class Region:
    """One Azure region: its programmatic name, its display name, its cloud, and whether it has availability zones."""

    name: str
    display_name: str
    cloud: str
    has_zones: bool


# learn.microsoft.com/azure/reliability/regions-list, and the sovereign clouds' own lists, 2026-01.
# "z" marks availability zones.
_PUBLIC = """
australiacentral    Australia Central
australiacentral2   Australia Central 2
australiaeast     z Australia East
australiasoutheast  Australia Southeast
austriaeast       z Austria East
belgiumcentral    z Belgium Central
brazilsouth       z Brazil South
brazilsoutheast     Brazil Southeast
canadacentral     z Canada Central
canadaeast          Canada East
centralindia      z Central India
centralus         z Central US
centraluseuap     z Central US EUAP
chilecentral      z Chile Central
denmarkeast       z Denmark East
eastasia          z East Asia
eastus            z East US
eastus2           z East US 2
eastus2euap       z East US 2 EUAP
francecentral     z France Central
francesouth         France South
germanynorth        Germany North
germanywestcentral z Germany West Central
indonesiacentral  z Indonesia Central
israelcentral     z Israel Central
italynorth        z Italy North
japaneast         z Japan East
japanwest         z Japan West
jioindiacentral     Jio India Central
jioindiawest        Jio India West
koreacentral      z Korea Central
koreasouth          Korea South
malaysiawest      z Malaysia West
mexicocentral     z Mexico Central
newzealandnorth   z New Zealand North
northcentralus      North Central US
northeurope       z North Europe
norwayeast        z Norway East
norwaywest          Norway West
polandcentral     z Poland Central
qatarcentral      z Qatar Central
southafricanorth  z South Africa North
southafricawest     South Africa West
southcentralus    z South Central US
southeastasia     z Southeast Asia
southindia          South India
spaincentral      z Spain Central
swedencentral     z Sweden Central
swedensouth         Sweden South
switzerlandnorth  z Switzerland North
switzerlandwest     Switzerland West
uaecentral          UAE Central
uaenorth          z UAE North
uksouth           z UK South
ukwest              UK West
westcentralus       West Central US
westeurope        z West Europe
westindia           West India
westus              West US
westus2           z West US 2
westus3           z West US 3
"""
_US_GOV = """
usdodcentral        US DoD Central
usdodeast           US DoD East
usgovarizona        US Gov Arizona
usgovtexas          US Gov Texas
usgovvirginia     z US Gov Virginia
"""
_CHINA = """
chinaeast           China East
chinaeast2          China East 2
chinaeast3          China East 3
chinanorth          China North
chinanorth2         China North 2
chinanorth3       z China North 3
"""


def _regions() -> dict[str, Region]:
    regions: dict[str, Region] = {}
    for cloud, table in (("public", _PUBLIC), ("usgov", _US_GOV), ("china", _CHINA)):
        for line in table.split("\n"):
            if not line:
                continue
            name, *words = line.split()
            has_zones = words[0] == "z"
            regions[name] = Region(name, " ".join(words[1:] if has_zones else words), cloud, has_zones)
    return regions


REGIONS: Mapping[str, Region] = MappingProxyType(_regions())
