"""Azure's regions: their names, clouds, availability zones and service tags.

Regions are compared as ARM compares them, without spaces and letter case (``names.normalise_region``).
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..suggest import did_you_mean, suggested
from .names import CLOUDS, PUBLIC, normalise_region

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .names import Cloud

SERVICE_TAG = "AzureContainerRegistry"  # every public address of every registry; its regional forms are narrower
STORAGE_TAG = "Storage"  # every storage account: what a registry without dedicated data endpoints takes of a client


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
    for cloud, table in zip(CLOUDS, (_PUBLIC, _US_GOV, _CHINA), strict=True):
        for line in table.split("\n"):
            if not line:
                continue
            name, *words = line.split()
            has_zones = words[0] == "z"
            regions[name] = Region(name, " ".join(words[1:] if has_zones else words), cloud, has_zones)
    return regions


REGIONS: Mapping[str, Region] = MappingProxyType(_regions())


def find(region: str) -> Region | None:
    """The region of that name, ``japaneast`` or ``Japan East``; None when Azure has no such region."""
    return REGIONS.get(normalise_region(region))


def cloud_of(region: str, default: Cloud = PUBLIC) -> Cloud:
    """The cloud that a region belongs to; the default for a region that is not in ``REGIONS``."""
    found = find(region)
    return CLOUDS[found.cloud] if found is not None else default


def has_zones(region: str) -> bool:
    """Whether a region has availability zones; False for a region that is not in ``REGIONS``."""
    found = find(region)
    return found is not None and found.has_zones


def of_cloud(cloud: str) -> list[str]:
    """The names of a cloud's regions."""
    return [region.name for region in REGIONS.values() if region.cloud == cloud]


def region_problem(region: str, cloud: str = PUBLIC.name) -> str | None:
    """Say what is wrong with a region; None when it is a region of that cloud."""
    found = find(region)
    if found is None:
        return "is not an Azure region"
    return None if found.cloud == cloud else f"is a region of the cloud '{found.cloud}', not of '{cloud}'"


def suggested_region(region: str, cloud: str = PUBLIC.name) -> str:
    """``"'japaneast'"``: the regions of that cloud that a name that is no region was probably meant to be, between
    quotes; empty when none is alike."""
    return suggested(normalise_region(region), of_cloud(cloud)) if find(region) is None else ""


def service_tag(region: str, service: str = SERVICE_TAG) -> str:
    """The service tag of one region's registries, or another service's: ``Japan East`` →
    ``AzureContainerRegistry.JapanEast``.

    The tag's suffix is the region's display name without spaces (learn.microsoft.com/azure/virtual-network/
    service-tags-overview). ValueError for a region that is not in ``REGIONS``.
    """
    found = find(region)
    if found is None:
        raise ValueError(f"'{region}' is not an Azure region{did_you_mean(normalise_region(region), REGIONS)}")
    return f"{service}.{found.display_name.replace(' ', '')}"
