"""Forbids client firewalls that leave out a host of the registry, or open more than 443."""

from __future__ import annotations

from registry_model.estate.model import Estate
from registry_model.reach import firewalls as firewall

from ..examples import application_rule, example, firewall_rules, hosts, network_rule, registry, replica, security_rule
from ..rule import ADVISORY, MANDATORY, Config, Levels, Problems, Rule, Severity, undetermined, violation


def check(estate: Estate, config: Config) -> Problems:
    for owner, found in firewall.coverage(estate, config["cloud"], config["registry_rule_pattern"]).items():
        for each in found:
            holder = each.rules[0].resource
            if each.missing and each.undetermined:
                yield undetermined(holder, f"whether the rules cover every host of registry {owner.label}")
            elif each.missing:
                listed = ", ".join(each.missing)
                yield violation(holder, f"The firewall that lets clients reach registry {owner.label} lacks {listed}")
    for rule in firewall.allow_rules(estate):
        ports = firewall.too_many_ports(rule)
        if ports and (any(map(firewall.is_registry_host, rule.hosts)) or firewall.registry_tags(rule)):
            yield violation(
                rule.resource, f"Rule {rule.label} opens the ports {', '.join(ports)}; a registry needs 443 only"
            )


RULE = Rule(
    id="firewall-complete",
    title="Client firewalls name every host of the registry, on 443 only",
    severity=Severity.MEDIUM,
    rationale=(
        "A client needs the login server and the data endpoint of the region that answers it, home or replica. With "
        "one missing pulls fail, in some regions, on some days. Nothing needs another port."
    ),
    fix="Add the missing hosts (registry-doctor allow-list prints them) and leave port 443 only.",
    levels=Levels(baseline=ADVISORY, strict=MANDATORY, no_private_link=MANDATORY),
    references=("learn.microsoft.com/azure/container-registry/container-registry-firewall-access-rules", "MCSB NS-1"),
    borrows={"cloud": "zone-name", "registry_rule_pattern": "firewall-no-wildcard"},
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
            security_rule("AzureContainerRegistry.JapanEast"),
        ),
        example(
            "another port",
            registry(),
            firewall_rules(application_rule(*hosts()), network_rule("AzureContainerRegistry", ports=("443", "80"))),
        ),
        example("every port", registry(), security_rule("AzureContainerRegistry", port="*")),
    ),
)
