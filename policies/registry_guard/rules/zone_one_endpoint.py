"""Forbids two private endpoints of one registry in one zone."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from registry_model.estate import relations, tokens
from registry_model.estate.model import Estate, Resource

from ..examples import endpoint, example, registry, zone_group
from ..frameworks import mcsb
from ..rule import MANDATORY, Config, Levels, Problems, Rule, Severity, violation


def check(estate: Estate, _config: Config) -> Problems:
    groups = relations.zone_groups(estate)
    writers: dict[Any, dict[Resource, Resource]] = defaultdict(dict)
    for each in relations.connections(estate):
        target = each.registry.target
        registry = id(target) if target is not None else each.registry.foreign
        if registry is None:
            continue
        for group in groups.get(each.endpoint, ()):
            for use in relations.zone_uses(estate, group):
                if use.key is not None:
                    writers[registry, use.key].setdefault(each.endpoint, group)
    for found in writers.values():
        first, *others = found
        for each in others:
            text = f"Endpoints {first.label} and {each.label} of one registry write the same records into one zone"
            yield violation(
                found[each], f"{text}; the last writer wins, and removing either removes the records of both"
            )


RULE = Rule(
    id="zone-one-endpoint",
    title="One registry has one private endpoint in a zone",
    severity=Severity.HIGH,
    rationale=(
        "Both endpoints write the records of the same names. The last writer wins, so one network's clients get the "
        "other network's addresses. Deleting or rejecting either endpoint removes the records, and the other one's "
        "clients find no address (seen for storage accounts and Azure Monitor, which write records the same way)."
    ),
    fix="Give the second endpoint a zone of its own in its own network, or no zone group.",
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(mcsb("NS-10"),),
    references=(
        "mspnp/aks-baseline-multi-region#46",
        "MicrosoftDocs/azure-docs#58044",
        "MicrosoftDocs/azure-docs#122192",
    ),
    needs=((tokens.ENDPOINT,), (tokens.ZONE_GROUP,)),
    check_estate=check,
    compliant=(
        example("one endpoint", registry(), endpoint(), zone_group()),
        example(
            "two registries in one zone",
            registry(),
            registry("other", "fabrikam"),
            endpoint(),
            zone_group(),
            endpoint("second", "fabrikam"),
            zone_group("group-2", "second"),
        ),
        example("a second endpoint without a zone group", registry(), endpoint(), zone_group(), endpoint("second")),
    ),
    violating=(
        example(
            "two endpoints of one registry",
            registry(),
            endpoint(),
            zone_group(),
            endpoint("second"),
            zone_group("group-2", "second"),
        ),
        example(
            "two endpoints of a registry elsewhere",
            endpoint(),
            zone_group(),
            endpoint("second"),
            zone_group("group-2", "second"),
        ),
    ),
)
