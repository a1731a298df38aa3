"""The regions of Alibaba Cloud, and where OSS has its private addresses in each."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..suggest import suggested

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Region:
    """One region: its id, its display name, and the private ranges of OSS there.

    OSS moves between the ranges as it likes: routes and rules must have all of them.
    """

    id: str
    display_name: str
    storage_ranges: tuple[IPv4Network, ...]

    @property
    def is_mainland(self) -> bool:
        """Whether it lies on the Chinese mainland, so that connections to other regions cross its border."""
        return self.id.startswith("cn-") and self.id != "cn-hongkong"


# help.aliyun.com/en/oss/user-guide/regions-and-endpoints, the public cloud, 2026-08. Ranges below 100.
_TABLE = """
ap-northeast-1 | Japan (Tokyo)           | 114.211.0/24 114.114.0/25
ap-northeast-2 | South Korea (Seoul)     | 99.119.0/24
ap-southeast-1 | Singapore               | 118.219.0/24 99.213.0/24 99.116.0/24 99.117.0/24
ap-southeast-3 | Malaysia (Kuala Lumpur) | 118.165.0/24 99.125.0/24 99.130.0/24 99.131.0/24
ap-southeast-5 | Indonesia (Jakarta)     | 114.98.0/24
ap-southeast-6 | Philippines (Manila)    | 115.16.0/24
ap-southeast-7 | Thailand (Bangkok)      | 98.249.0/24
cn-beijing     | China (Beijing)         | 118.58.0/24 118.167.0/24 118.170.0/24 118.171.0/24 118.172.0/24 118.173.0/24
cn-chengdu     | China (Chengdu)         | 115.155.0/24 99.107.0/24 99.108.0/24 99.109.0/24
cn-guangzhou   | China (Guangzhou)       | 115.33.0/24 114.101.0/24
cn-hangzhou    | China (Hangzhou)        | 118.28.0/24 114.102.0/24 98.170.0/24 118.31.0/24
cn-heyuan      | China (Heyuan)          | 98.83.0/24 118.174.0/24
cn-hongkong    | China (Hong Kong)       | 115.61.0/24 99.103.0/24 99.104.0/24 99.106.0/24
cn-huhehaote   | China (Hohhot)          | 118.195.0/24 99.110.0/24 99.111.0/24 99.112.0/24
cn-nanjing     | China (Nanjing)         | 114.142.0/24
cn-qingdao     | China (Qingdao)         | 115.173.0/24 99.113.0/24 99.114.0/24 99.115.0/24
cn-shanghai    | China (Shanghai)        | 98.35.0/24 98.110.0/24 98.169.0/24 118.102.0/24
cn-shenzhen    | China (Shenzhen)        | 118.78.0/24 118.203.0/24 118.204.0/24 118.217.0/24
cn-wulanchabu  | China (Ulanqab)         | 114.11.0/24 114.12.0/24 114.100.0/24 118.214.0/24
cn-zhangjiakou | China (Zhangjiakou)     | 118.90.0/24 98.159.0/24 114.0.0/24 114.1.0/24
eu-central-1   | Germany (Frankfurt)     | 115.154.0/24
eu-west-1      | UK (London)             | 114.114.128/25
me-central-1   | Saudi Arabia (Riyadh)   | 99.121.0/24
me-east-1      | UAE (Dubai)             | 99.235.0/24
na-south-1     | Mexico                  | 115.112.0/27
us-east-1      | US (Virginia)           | 115.60.0/24 99.100.0/24 99.101.0/24 99.102.0/24
us-west-1      | US (Silicon Valley)     | 115.107.0/24
"""


def _regions() -> dict[str, Region]:
    rows = [[cell.strip() for cell in line.split("|")] for line in _TABLE.split("\n") if line]
    return {
        name: Region(name, shown, tuple(IPv4Network(f"100.{each}") for each in ranges.split()))
        for name, shown, ranges in rows
    }


ALIBABA_REGIONS: Mapping[str, Region] = MappingProxyType(_regions())


def find(region: str) -> Region | None:
    """The region with that id, in any letter case; None when it is not in the table, which new regions are not."""
    return ALIBABA_REGIONS.get(region.strip().lower())


def is_zone_of(zone: str, region: str) -> bool:
    """Whether an id may be that of a zone of a region: ``ap-northeast-1a``, ``cn-hangzhou-h``."""
    letter = zone.removeprefix(region).removeprefix("-")
    return zone.startswith(region) and len(letter) == 1 and letter in _ZONE_LETTERS


_ZONE_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def suggested_region(region: str) -> str:
    """``"'ap-northeast-1'"``: the ids that a text that is none was probably meant to be; empty when none is alike."""
    return suggested(region, ALIBABA_REGIONS) if find(region) is None else ""
