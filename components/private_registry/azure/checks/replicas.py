"""A registry's replicas, which are keyed by region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry_model.azure import names

from ...problems import Problem, inside, key
from .fields import check_tags
from .regions import check_regions, check_zones


def check_replicas(replicas: Mapping[str, Any], home: object) -> list[Problem]:
    """What is wrong with the replicas, which are keyed by region."""
    # Sorted, since other languages' maps have no order; the normalised spelling of a region before its others.
    replicas = dict(
        sorted(
            replicas.items(), key=lambda item: (names.normalise_region(item[0]), item[0].lower() != item[0], item[0])
        )
    )
    problems = check_regions(replicas, home, lambda region: key("replicas", region))
    for region, settings in replicas.items():
        field = key("replicas", region)
        problems += check_zones(region, (settings or {}).get("zone_redundancy"), inside(field, "zone_redundancy"))
        problems += check_tags((settings or {}).get("tags"), inside(field, "tags"))
    return problems
