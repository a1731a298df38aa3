"""Forbids subnets that are too small for the endpoints in them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from registry_model.azure import limits, names
from registry_model.estate import facts, relations, tokens
from registry_model.estate.model import Estate, Resource
from registry_model.estate.values import UNKNOWN, known_items

from ..examples import endpoint, example, registry, replica, subnet
from ..rule import MANDATORY, Config, Levels, Problems, Rule, Severity, undetermined, violation


def check(estate: Estate, _config: Config) -> Problems:
    needs = _needs(estate)
    by_subnet: dict[Any, list[tuple[Resource, relations.SubnetUse]]] = defaultdict(list)
    for each in estate.of(tokens.ENDPOINT):
        use = relations.subnet_of(estate, each)
        if use is not None:
            by_subnet[use.key].append((each, use))
        elif each in needs and relations.maybe_in_own_subnet(estate, each):
            yield undetermined(each, "the endpoint's subnet")
    for users in by_subnet.values():
        room = _room(users[0][1].prefixes)
        needed = sum(needs.get(each, 1) for each, _use in users)
        if room is None:
            of_registries = [(each, use) for each, use in users if each in needs]
            if _unknown(users[0][1].prefixes):
                yield from (undetermined(each, f"the size of subnet '{use.name}'") for each, use in of_registries)
            continue
        if needed <= room:
            continue
        for each, use in users:
            if each in needs:
                text = (
                    f"Subnet '{use.name}' has {room} free addresses at most; its endpoints need {needed}, of which "
                    f"{each.label} {needs[each]}: one for the login server and one for each region, two with "
                    "regional endpoints"
                )
                yield violation(each, text)


def _needs(estate: Estate) -> dict[Resource, int]:
    """The addresses that each endpoint of a registry takes; at least two where the registry's regions are not known."""
    found: dict[Resource, int] = defaultdict(int)
    for each in relations.connections(estate):
        target = each.registry.target
        where = relations.regions(estate, target) if target is not None else None
        if target is None or where is None:
            found[each.endpoint] += 2
            continue
        regional = facts.is_enabled(target, "regionalEndpoints") is True
        found[each.endpoint] += names.addresses_needed(where.home, where.replicas, regional_endpoints=regional)
    return found


def _unknown(prefixes: Any) -> bool:
    return prefixes is UNKNOWN or UNKNOWN in prefixes


def _room(prefixes: Any) -> int | None:
    """Usable IPv4 addresses; None when they cannot be told."""
    if prefixes is UNKNOWN or not prefixes or UNKNOWN in prefixes:
        return None
    room = 0
    for prefix in known_items(prefixes):
        if ":" in str(prefix):
            continue
        try:
            room += names.usable_addresses(str(prefix))
        except ValueError:
            return None
    return room


RULE = Rule(
    id="endpoint-subnet-room",
    title="The endpoint's subnet has room for every region",
    severity=Severity.MEDIUM,
    rationale=(
        "An endpoint takes one address for the login server and one for each region, two with regional endpoints. "
        "When a subnet is full, adding a replica fails and rolls back, with an error that does not name the subnet."
    ),
    fix=(
        f"Use a larger subnet; /{limits.GEO_REPLICATED_SUBNET_PREFIX} is the documented minimum for geo-replicated "
        "registries."
    ),
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    references=("learn.microsoft.com/azure/container-registry/container-registry-private-endpoints",),
    needs=((tokens.ENDPOINT,), (tokens.VIRTUAL_NETWORK, tokens.SUBNET)),
    check_estate=check,
    compliant=(
        example("a /27", registry(), endpoint(), subnet("10.0.0.0/27")),
        example(
            "just enough: 3 addresses for one replica", registry(), replica("eastus"), endpoint(), subnet("10.0.0.0/29")
        ),
        example("a subnet elsewhere", registry(), endpoint()),
    ),
    violating=(
        example(
            "3 addresses for two replicas",
            registry(),
            replica("eastus"),
            replica("westus"),
            endpoint(),
            subnet("10.0.0.0/29"),
        ),
        example(
            "regional endpoints: 5 addresses for one replica",
            registry(regionalEndpoints="Enabled"),
            replica("eastus"),
            endpoint(),
            subnet("10.0.0.0/29"),
        ),
        example(
            "two endpoints in a subnet with room for one",
            registry(),
            registry("other", "fabrikam"),
            endpoint(),
            endpoint("second", "fabrikam"),
            subnet("10.0.0.0/29"),
        ),
    ),
)
