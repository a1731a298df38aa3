"""The network of a private endpoint: a subnet that exists or is created, with room for every address."""

from __future__ import annotations

from dataclasses import dataclass

from registry_model.azure import names
from registry_model.azure.limits import GEO_REPLICATED_SUBNET_PREFIX, RESERVED_IPS_PER_SUBNET

from ...problems import UNKNOWN, Problem, known
from ..settings import PRIVATE, Settings
from .fields import check_cidr, check_id, cidr


def check_network(network: Settings, budget: Budget | None) -> list[Problem]:
    subnet_id, space = network.get("subnet_id"), network.get("virtual_network_prefix")
    prefix = network.get("subnet_prefix")
    problems: list[Problem] = []
    if subnet_id is None and space is None:
        problems.append(
            Problem(
                "network",
                None,
                f"is needed in the profile '{PRIVATE}': the private endpoint stands in a subnet",
                "give `network.subnet_id`, or `network.virtual_network_prefix` with `network.subnet_prefix`",
            )
        )
    if subnet_id is not None and space is not None:
        problems.append(
            Problem(
                "network.virtual_network_prefix",
                None if space is UNKNOWN else space,
                "creates a network, while `network.subnet_id` names one",
                "remove one of the two",
            )
        )
    problems += check_id(subnet_id, "network.subnet_id", "subnet")
    if subnet_id is not None:
        problems += [
            Problem(f"network.{name}", network[name], "names a network to create, while one is given", "remove it")
            for name in ("virtual_network_name", "subnet_name")
            if known(network.get(name))
        ]
    elif prefix is None and space is not None:
        fix = f"give a range of `network.virtual_network_prefix`, such as its first /{GEO_REPLICATED_SUBNET_PREFIX}"
        problems.append(Problem("network.subnet_prefix", None, "is needed to create the subnet", fix))
    problems += check_cidr(space, "network.virtual_network_prefix")
    problems += check_prefix(prefix, "network.subnet_prefix", budget)
    outer, inner = cidr(space), cidr(prefix)
    if outer and inner and not inner.subnet_of(outer):
        problems.append(
            Problem(
                "network.subnet_prefix",
                prefix,
                f"must lie inside `network.virtual_network_prefix`, {space}",
                "choose a range of that network",
            )
        )
    return problems


@dataclass(frozen=True)
class Budget:
    """The addresses that an endpoint needs, and the regions that it needs them for."""

    needed: int
    regions: int


def budget_of(args: Settings) -> Budget | None:
    """What one endpoint takes of its subnet; None while a region is wrong or not known."""
    home, replicas = args.get("location"), args.get("replicas")
    if not known(home) or replicas is UNKNOWN:
        return None
    regions = names.all_regions(str(home), [str(r) for r in replicas or () if known(r)])
    return Budget(names.addresses_needed(regions[0], regions[1:]), len(regions))


def check_prefix(prefix: object, field: str, budget: Budget | None) -> list[Problem]:
    problems = check_cidr(prefix, field)
    network = cidr(prefix)
    if problems or network is None or budget is None:
        return problems
    usable = names.usable_addresses(str(network))
    if usable >= budget.needed:
        return []
    return [
        Problem(
            field,
            prefix,
            f"has {usable} usable addresses, and the private endpoint takes {budget.needed}: the login server and"
            f" {budget.regions} data endpoints ({RESERVED_IPS_PER_SUBNET} are Azure's)",
            f"use a larger subnet: /{GEO_REPLICATED_SUBNET_PREFIX} is the documented minimum for a geo-replicated"
            " registry",
        )
    ]
