"""Regions: which there are, which belong together, and which have availability zones."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from registry_model.azure.names import PUBLIC, normalise_region
from registry_model.azure.regions import cloud_of, find, region_problem, suggested_region

from ...problems import Problem, known


def check_home(region: object, field: str = "location") -> list[Problem]:
    if not known(region) or find(str(region)):
        return []
    return [wrong_region(field, str(region), str(region))]


def check_regions(regions: Iterable[str], home: object, path: Callable[[str], str]) -> list[Problem]:
    """What is wrong with the regions of replicas, each of which ``path`` names."""
    problems: list[Problem] = []
    first = normalise_region(str(home)) if known(home) else None
    cloud = cloud_of(first or "").name
    seen: dict[str, str] = {}
    for region in regions:
        normal = normalise_region(region)
        if first is not None and normal == first:
            rule = "is the home region: Azure accepts a replica there, and it never helps"
            problems.append(Problem(path(region), None, rule, "remove it"))
        elif normal in seen:
            rule = f"is the same region as '{seen[normal]}'"
            problems.append(Problem(path(region), None, rule, "remove one of the two"))
        elif region_problem(region, cloud):
            problems.append(wrong_region(path(region), None, region, cloud))
        seen.setdefault(normal, region)
    return problems


def check_zones(region: object, wanted: object, field: str) -> list[Problem]:
    found = find(str(region)) if known(region) else None
    if wanted is not True or found is None or found.has_zones:
        return []
    rule = f"must not be true in {found.name}, which has no availability zones"
    return [Problem(field, wanted, rule, "remove it, or say false")]


def wrong_region(field: str, value: str | None, region: str, cloud: str = PUBLIC.name) -> Problem:
    """The problem of a region that is none of that cloud."""
    meant = suggested_region(region, cloud)
    fix = f"use {meant}" if meant else "use a region of that cloud, such as 'japaneast'"
    return Problem(field, value, str(region_problem(region, cloud)), fix)
