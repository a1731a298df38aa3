"""The local cloud judges the others, so it computes what it judges by its own means.

Each fact is compared between the two tables, and each table with an answer written out by hand: a fault in one of them,
or the same in both, is seen.
"""

from __future__ import annotations

import ast
import dataclasses
from ipaddress import IPv4Network
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from localcloud.azure import addresses, facts
from registry_model.azure import limits, names, regions

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
OTHER_ROOMS = {"registry_model", "private_registry", "registry_guard", "registry_doctor"}
CASES = [
    ("contoso.azurecr.io", "japaneast", ["West US 2", "eastus"]),
    ("contoso-x1.azurecr.io", "Japan East", []),
    ("contoso.azurecr.us", "usgovvirginia", ["usgovtexas", "usgovvirginia"]),
    ("contoso.azurecr.cn", "chinanorth3", []),
]

# By hand, from learn.microsoft.com/azure/container-registry/container-registry-private-link (2026-01) and
# MicrosoftDocs/azure-docs#118511: host, member, zone and record of a registry in Japan East with a replica.
BY_HAND = {
    ("contoso.azurecr.io", "registry", "privatelink.azurecr.io", "contoso"),
    (
        "contoso.japaneast.data.azurecr.io",
        "registry_data_japaneast",
        "privatelink.azurecr.io",
        "contoso.japaneast.data",
    ),
    ("contoso.westus2.data.azurecr.io", "registry_data_westus2", "privatelink.azurecr.io", "contoso.westus2.data"),
}
HAND_NUMBERS = {
    "a /27 holds": 27,
    "a /29 holds": 3,
    "smallest subnet": 29,
    "endpoints": 400,
    "IP rules": 200,
    "approval message": 140,
    "retention": (0, 365),
    "soft delete": (1, 90),
    "names": (False, True, True, False),
    "addresses of three regions": 4,
    "regions": 61 + 5 + 6,
    "Japan East has zones": True,
    "West US has zones": False,
}


def of_the_local_cloud() -> dict[str, Any]:
    def holds(prefix: str) -> int:
        first, last = addresses.reserved(IPv4Network(prefix))
        return int(last) - int(first) + 1

    def named(name: str) -> bool:
        import re

        return bool(re.fullmatch(facts.REGISTRY_NAME, name))

    return {
        "records": [{(m.host, m.name, m.zone, m.record) for m in facts.members(*case)} for case in CASES],
        "data hosts": [facts.data_hosts(*case) for case in CASES],
        "private names": [[facts.private_name(m.host) for m in sorted(facts.members(*case))] for case in CASES],
        "login server": [facts.login_server("Contoso", home) for home in ("japaneast", "usgovtexas", "chinaeast")],
        "group": facts.REGISTRY_GROUP,
        "clouds of regions": dict(facts.CLOUD_OF_REGION),
        "zones": sorted(facts.ZONE_REGIONS),
        "numbers": {
            "a /27 holds": holds("10.0.0.0/27"),
            "a /29 holds": holds("10.0.0.0/29"),
            "smallest subnet": facts.SMALLEST_SUBNET,
            "endpoints": facts.ENDPOINTS_PER_REGISTRY,
            "IP rules": facts.IP_RULES,
            "approval message": facts.APPROVAL_MESSAGE,
            "retention": facts.RETENTION_DAYS,
            "soft delete": facts.SOFT_DELETE_DAYS,
            "names": tuple(named("a" * length) for length in (4, 5, 50, 51)),
            "addresses of three regions": len(facts.members(*CASES[0])),
            "regions": len(facts.CLOUD_OF_REGION),
            "Japan East has zones": "japaneast" in facts.ZONE_REGIONS,
            "West US has zones": "westus" in facts.ZONE_REGIONS,
        },
    }


def of_the_ground() -> dict[str, Any]:
    records = [names.private_dns_records(*case) for case in CASES]
    clouds = ("public", "usgov", "china")
    return {
        "records": [{(r.host, r.member, r.zone, r.name) for r in found} for found in records],
        "data hosts": [names.client_hosts(*case)[1:] for case in CASES],
        "private names": [
            [names.private_fqdn(r.host) for r in sorted(found, key=lambda r: r.member)] for found in records
        ],
        "login server": [names.login_server("Contoso", names.CLOUDS[cloud]) for cloud in clouds],
        "group": names.GROUP_ID,
        "clouds of regions": {region.name: region.cloud for region in regions.REGIONS.values()},
        "zones": sorted(region.name for region in regions.REGIONS.values() if region.has_zones),
        "numbers": {
            "a /27 holds": names.usable_addresses("10.0.0.0/27"),
            "a /29 holds": names.usable_addresses("10.0.0.0/29"),
            "smallest subnet": limits.SMALLEST_SUBNET_PREFIX,
            "endpoints": limits.MAX_PRIVATE_ENDPOINTS_PER_REGISTRY,
            "IP rules": limits.MAX_IP_RULES,
            "approval message": limits.MANUAL_APPROVAL_MESSAGE_MAX,
            "retention": limits.RETENTION_DAYS,
            "soft delete": limits.SOFT_DELETE_DAYS,
            "names": tuple(names.registry_name_problem("a" * length) is None for length in (4, 5, 50, 51)),
            "addresses of three regions": names.addresses_needed(*CASES[0][1:]),
            "regions": len(regions.REGIONS),
            "Japan East has zones": regions.REGIONS["japaneast"].has_zones,
            "West US has zones": regions.REGIONS["westus"].has_zones,
        },
    }


def disagreements() -> list[str]:
    """What the two tables do not say alike, or not as it is written by hand."""
    here, there = of_the_local_cloud(), of_the_ground()
    found = [what for what in here if what != "numbers" and here[what] != there[what]]
    for side, said in (("local cloud", here), ("ground", there)):
        found += [f"{side}: {what}" for what, right in HAND_NUMBERS.items() if said["numbers"][what] != right]
    login, home = CASES[0][0], CASES[0][1]
    for side, records in (
        (
            "local cloud",
            {(m.host, m.name, m.zone, m.record) for m in facts.members(login, home, ["westus2"])},
        ),
        (
            "ground",
            {(r.host, r.member, r.zone, r.name) for r in names.private_dns_records(login, home, ["westus2"])},
        ),
    ):
        if records != BY_HAND:
            found.append(f"{side}: records by hand")
    return found


def test_both_sides_say_the_same() -> None:
    assert disagreements() == []


def test_the_local_cloud_imports_nothing_of_the_other_rooms() -> None:
    sources = sorted((ROOT / "localcloud").rglob("*.py"))
    assert len(sources) > 50
    imported = {
        f"{source.relative_to(ROOT)}: {name}"
        for source in sources
        for node in ast.walk(ast.parse(source.read_text()))
        for name in _imported(node)
        if name.split(".")[0] in OTHER_ROOMS
    }
    assert imported == set()


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):  # import_module("registry_model...")
        return [node.value] if node.value.split(".")[0] in OTHER_ROOMS else []
    return []


def _member(**changed: Callable[[str], str]) -> Callable[[pytest.MonkeyPatch], None]:
    """The local cloud's members with one thing about each changed."""

    def break_it(patch: pytest.MonkeyPatch) -> None:
        right = facts.members

        def wrong(*case: Any) -> list[facts.Member]:
            return [m._replace(**{name: how(getattr(m, name)) for name, how in changed.items()}) for m in right(*case)]

        patch.setattr(facts, "members", wrong)

    return break_it


def _record(**changed: Callable[[str], str]) -> Callable[[pytest.MonkeyPatch], None]:
    def break_it(patch: pytest.MonkeyPatch) -> None:
        right = names.private_dns_records

        def wrong(*case: Any) -> list[names.Record]:
            return [
                dataclasses.replace(r, **{name: how(getattr(r, name)) for name, how in changed.items()})
                for r in right(*case)
            ]

        patch.setattr(names, "private_dns_records", wrong)

    return break_it


def _value(where: Any, name: str, value: Any) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setattr(where, name, value)


def _both(*breaks: Callable[[pytest.MonkeyPatch], None]) -> Callable[[pytest.MonkeyPatch], None]:
    def break_it(patch: pytest.MonkeyPatch) -> None:
        for each in breaks:
            each(patch)

    return break_it


def _dashed(text: str) -> str:
    return text.replace("_", "-")


def _other_host(text: str) -> str:
    return text.replace(".data.", ".blob.")


def _other_record(text: str) -> str:
    return text.removesuffix(".data")


_NO_ZONES = MappingProxyType(
    {name: dataclasses.replace(region, has_zones=False) for name, region in regions.REGIONS.items()}
)
BREAKS = {
    "member's name, here": _member(name=_dashed),
    "member's name, there": _record(member=_dashed),
    "member's name, both": _both(_member(name=_dashed), _record(member=_dashed)),
    "record's name, here": _member(record=_other_record),
    "record's name, there": _record(name=_other_record),
    "record's name, both": _both(_member(record=_other_record), _record(name=_other_record)),
    "data host, here": _member(host=_other_host),
    "data host, there": _record(host=_other_host),
    "data host, both": _both(_member(host=_other_host), _record(host=_other_host)),
    "zone, here": _member(zone=lambda zone: f"data.{zone}"),
    "zone, there": _record(zone=lambda zone: f"data.{zone}"),
    "data hosts of a registry, here": _value(
        facts, "data_hosts", lambda _, home, replicas: [f"{r}.data" for r in facts.regions_of(home, replicas)]
    ),
    "data hosts of a registry, there": _value(names, "client_hosts", lambda *_: []),
    "reserved addresses, here": _value(facts, "FIRST_ADDRESS", 3),
    "reserved addresses, there": _value(limits, "RESERVED_IPS_PER_SUBNET", 4),
    "reserved addresses, both": _both(_value(facts, "FIRST_ADDRESS", 3), _value(limits, "RESERVED_IPS_PER_SUBNET", 4)),
    "address count, here": _value(facts, "members", lambda *_: []),
    "address count, there": _value(names, "addresses_needed", lambda *_: 3),
    "smallest subnet, here": _value(facts, "SMALLEST_SUBNET", 28),
    "smallest subnet, there": _value(limits, "SMALLEST_SUBNET_PREFIX", 28),
    "group, here": _value(facts, "REGISTRY_GROUP", "acr"),
    "group, there": _value(names, "GROUP_ID", "acr"),
    "endpoints, here": _value(facts, "ENDPOINTS_PER_REGISTRY", 10),
    "endpoints, there": _value(limits, "MAX_PRIVATE_ENDPOINTS_PER_REGISTRY", 10),
    "IP rules, here": _value(facts, "IP_RULES", 100),
    "IP rules, there": _value(limits, "MAX_IP_RULES", 100),
    "approval message, here": _value(facts, "APPROVAL_MESSAGE", 141),
    "approval message, there": _value(limits, "MANUAL_APPROVAL_MESSAGE_MAX", 141),
    "retention, both": _both(_value(facts, "RETENTION_DAYS", (0, 30)), _value(limits, "RETENTION_DAYS", (0, 30))),
    "soft delete, both": _both(_value(facts, "SOFT_DELETE_DAYS", (1, 30)), _value(limits, "SOFT_DELETE_DAYS", (1, 30))),
    "registry names, here": _value(facts, "REGISTRY_NAME", r"[a-zA-Z0-9]{4,50}"),
    "registry names, there": _value(names, "registry_name_problem", lambda _: None),
    "login server, here": _value(facts, "login_server", lambda label, _: f"{label}.azurecr.io"),
    "login server, there": _value(names, "login_server", lambda label, _: f"{label}.azurecr.io"),
    "private names, here": _value(facts, "private_name", lambda host: host),
    "private names, there": _value(names, "private_fqdn", lambda host: host),
    "a region, here": _value(
        facts, "CLOUD_OF_REGION", {k: v for k, v in facts.CLOUD_OF_REGION.items() if k != "westus"}
    ),
    "a region, there": _value(
        regions, "REGIONS", MappingProxyType({k: v for k, v in regions.REGIONS.items() if k != "eastus"})
    ),
    "zones, here": _value(facts, "ZONE_REGIONS", facts.ZONE_REGIONS | {"westus"}),
    "zones, there": _value(regions, "REGIONS", _NO_ZONES),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_a_wrong_fact_is_seen(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    BREAKS[broken](monkeypatch)
    assert disagreements() != []
