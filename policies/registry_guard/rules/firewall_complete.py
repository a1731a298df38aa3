"""Forbids client firewalls that leave out a host of the registry, or open more than 443."""

from __future__ import annotations

from collections.abc import Iterable

from registry_model.azure import names
from registry_model.estate import relations, tokens
from registry_model.estate.model import Estate, Resource
from registry_model.reach.client_firewalls import ClientFirewall, Origin, written_rules
from registry_model.reach.firewalls import ANY_SOURCE, beyond_https, names_registry
from registry_model.reach.registries import firewall_gaps
from registry_model.reach.switch import Gap

from ..examples import (
    application_rule,
    deny_internet,
    example,
    firewall_rules,
    hosts,
    network_rule,
    registry,
    replica,
    security_group,
    security_rule,
)
from ..frameworks import mcsb
from ..rule import (
    ADVISORY,
    MANDATORY,
    Config,
    Levels,
    Problem,
    Problems,
    Rule,
    Severity,
    undecided,
    undetermined,
    violation,
)


def check(estate: Estate, config: Config) -> Problems:
    for owner in relations.registries(estate):
        found = firewall_gaps(estate, owner, cloud=config["cloud"], pattern=config["registry_rule_pattern"])
        for each, gaps in found:
            certain = [gap for gap in gaps if gap.certain]
            if certain:
                text = f"The firewall that lets clients reach registry {owner.label} {what_is_wrong(certain)}"
                yield violation(holder(each, certain), text)
            elif gaps and not vouched_for(estate, owner, each):
                yield in_doubt(estate, owner, each, gaps)
    for rule, origin in written_rules(estate):
        ports = beyond_https(rule.ports)
        if ports and rule.allow is not False and names_registry(rule):
            text = f"Rule {origin.label} opens the ports {', '.join(ports)}; a registry needs {names.HTTPS} only"
            yield violation(origin.resource, text)


def in_doubt(estate: Estate, owner: Resource, firewall: ClientFirewall, gaps: list[Gap]) -> Problem:
    """That a firewall may or may not let clients reach hosts of a registry, and what decides it."""
    hosts = ", ".join(dict.fromkeys(gap.name for gap in gaps))
    what = f"whether the firewall lets clients of registry {owner.label} reach {hosts}"
    open_yet = next((gap for gap in gaps if gap.passage.not_known_yet), None)
    if open_yet is None:
        return undecided(holder(firewall, gaps), what, gaps[0].passage.reason)
    places = [owner, *relations.children(estate, tokens.REPLICATION).get(owner, ())]
    also = ((owner, "registryName"), *((each, "location") for each in places))
    return undetermined(holder(firewall, gaps), f"{what} ({open_yet.passage.reason})", also=also)


def vouched_for(estate: Estate, owner: Resource, firewall: ClientFirewall) -> bool:
    """Whether a rule whose hosts are not known yet takes them from this registry: its dependency vouches for them."""
    return any(owner in estate.all_dependencies(origin) for origin in firewall.unknown_origins)


def what_is_wrong(gaps: Iterable[Gap]) -> str:
    """What a firewall lacks or denies, and for which of its clients, as the rest of a sentence."""
    by_cause: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for gap in gaps:
        cause = "" if gap.passage.by is None else gap.passage.by.label
        by_cause.setdefault((cause, gap.clients), []).append(gap.name)
    return "; ".join(_sentence(cause, source, names) for (cause, source), names in by_cause.items())


def _sentence(cause: str, source: tuple[str, ...], names: list[str]) -> str:
    listed = ", ".join(dict.fromkeys(names))
    places = "anywhere" if source == ANY_SOURCE else f"at {', '.join(source)}"
    clients = f", for clients {places}" if source else ""
    return f"denies {listed} by {cause}{clients}" if cause else f"lacks {listed}{clients}"


def holder(firewall: ClientFirewall, gaps: Iterable[Gap]) -> Resource:
    """The resource to report: the one whose rule denies, else one whose rule is for a registry."""
    for gap in gaps:
        if gap.passage.by is not None and isinstance(gap.passage.by.origin, Origin):
            return gap.passage.by.origin.resource
    # Every firewall of the estate has a rule that somebody wrote, and that rule a resource.
    return firewall.spokesman  # type: ignore[return-value]


RULE = Rule(
    id="firewall-complete",
    title=f"Client firewalls name every host of the registry, on {names.HTTPS} only",
    severity=Severity.MEDIUM,
    rationale=(
        "A client needs the login server and the data endpoint of the region that answers it, home or replica. With "
        "one missing pulls fail, in some regions, on some days. Nothing needs another port."
    ),
    fix=f"Add the missing hosts (registry-doctor allow-list prints them) and leave port {names.HTTPS} only.",
    levels=Levels(baseline=ADVISORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(mcsb("NS-1"),),
    references=("learn.microsoft.com/azure/container-registry/container-registry-firewall-access-rules",),
    borrows={"cloud": "zone-name", "registry_rule_pattern": "firewall-no-wildcard"},
    needs=((tokens.FIREWALL_RULES, tokens.SECURITY_GROUP),),
    check_estate=check,
    compliant=(
        example("every host", registry(), replica("eastus"), firewall_rules(application_rule(*hosts("eastus")))),
        example(
            "hosts in two rules of one firewall",
            registry(),
            firewall_rules(application_rule(hosts()[0]), application_rule(hosts()[1], name="layers")),
        ),
        example("the tag of all regions", registry(), replica("eastus"), security_rule("AzureContainerRegistry")),
        example(
            "one region's tag, in a group that denies nothing",
            registry(),
            replica("eastus"),
            security_group(),
            security_rule("AzureContainerRegistry.JapanEast"),
        ),
        example(
            "the tag of every region",
            registry(),
            replica("eastus"),
            security_rule("AzureContainerRegistry.JapanEast", "AzureContainerRegistry.EastUS"),
        ),
        example("no rule for the registry", registry(), firewall_rules(application_rule("example.com", name="web"))),
    ),
    violating=(
        example("the data endpoint is missing", registry(), firewall_rules(application_rule(hosts()[0]))),
        example(
            "the replica's data endpoint is missing",
            registry(),
            replica("eastus"),
            firewall_rules(application_rule(*hosts())),
        ),
        example(
            "the replica's region is missing",
            registry(),
            replica("eastus"),
            security_group(),
            security_rule("AzureContainerRegistry.JapanEast"),
            deny_internet(),
        ),
        example(
            "a collection that denies before the one that allows",
            registry(),
            firewall_rules(application_rule(*hosts()), name="allow"),
            firewall_rules(application_rule("*.data.azurecr.io"), name="deny", action="Deny", priority=100),
        ),
        example(
            "another port",
            registry(),
            firewall_rules(application_rule(*hosts()), network_rule("AzureContainerRegistry", ports=("443", "80"))),
        ),
        example("every port", registry(), security_rule("AzureContainerRegistry", port="*")),
    ),
)
