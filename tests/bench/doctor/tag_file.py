"""A service tag file of the size that Microsoft publishes, made up: the real one is not ours to ship.

Its shape follows the public cloud's of 2026: about 3,000 tags, a service's regional tags repeated in its global one and
in AzureCloud, which together makes some 100,000 entries of 45,000 distinct prefixes, a third of them IPv6; 5 MB.
"""

from __future__ import annotations

import ipaddress
import json
import random
from typing import TYPE_CHECKING, Any

from registry_model.azure.regions import of_cloud

if TYPE_CHECKING:
    from pathlib import Path

SERVICES = 42


def write(file: Path, seed: int = 7) -> Path:
    """Write the file; the same seed gives the same bytes."""
    chance = random.Random(seed)
    regions = of_cloud("public")
    clouds: dict[str, list[str]] = {region: [] for region in regions}
    values: list[dict[str, Any]] = []
    for number in range(SERVICES):
        service = "AzureContainerRegistry" if number == 0 else f"AzureService{number:02}"
        everywhere: list[str] = []
        for region in regions:
            prefixes = [_v4(chance) for _ in range(chance.randint(4, 20))]
            prefixes += [_v6(chance) for _ in range(chance.randint(2, 9))]
            clouds[region] += prefixes
            everywhere += prefixes
            values.append(_value(f"{service}.{region.capitalize()}", region, service, prefixes))
        values.append(_value(service, "", service, everywhere))
    for region, prefixes in clouds.items():
        values.append(_value(f"AzureCloud.{region}", region, "", prefixes))
    values.append(_value("AzureCloud", "", "", [p for found in clouds.values() for p in found]))
    document = {"changeNumber": 363, "cloud": "Public", "values": values}
    file.write_text(json.dumps(document, indent=2), encoding="utf-8")
    return file


def addresses(count: int, seed: int = 11) -> list[str]:
    """Addresses of which most are in the file's ranges; one in four is IPv6."""
    chance = random.Random(seed)
    return [_v6(chance).split("/")[0] if i % 4 == 0 else _v4(chance).split("/")[0] for i in range(count)]


def _value(name: str, region: str, service: str, prefixes: list[str]) -> dict[str, Any]:
    properties = {
        "changeNumber": 12,
        "region": region,
        "regionId": 0,
        "platform": "Azure",
        "systemService": service,
        "addressPrefixes": prefixes,
        "networkFeatures": ["API", "NSG", "UDR", "FW"],
    }
    return {"name": name, "id": name, "properties": properties}


def _v4(chance: random.Random) -> str:
    length = chance.choice((19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 28, 29, 30, 31, 32))
    first = chance.choice((13, 20, 40, 51, 52, 104))
    number = (first << 24 | chance.getrandbits(24)) >> (32 - length) << (32 - length)
    return f"{ipaddress.IPv4Address(number)}/{length}"


def _v6(chance: random.Random) -> str:
    length = chance.choice((46, 47, 48, 56, 58, 59, 60, 64, 120, 122, 123, 124, 125, 126, 127))
    number = (0x2603 << 112 | chance.getrandbits(28) << 84 | chance.getrandbits(84)) >> (128 - length) << (128 - length)
    return f"{ipaddress.IPv6Address(number)}/{length}"
