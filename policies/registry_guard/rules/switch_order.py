"""Forbids turning data endpoints on while a client firewall of the stack does not know them."""

from __future__ import annotations

from registry_model.estate import facts, relations
from registry_model.estate.model import Estate
from registry_model.reach import firewalls as firewall

from ..examples import application_rule, endpoint, example, firewall_rules, hosts, registry, replica
from ..rule import MANDATORY, Config, Levels, Problems, Rule, Severity, violation


def check(estate: Estate, config: Config) -> Problems:
    for owner, found in firewall.coverage(estate, config["cloud"], config["registry_rule_pattern"]).items():
        switched = facts.flag(owner, "dataEndpointEnabled") is True
        if not switched and not relations.endpoints_of(estate).get(owner):
            continue
        switch = "dataEndpointEnabled" if switched else "a private endpoint"
        login = facts.login_server(owner, config["cloud"])
        for each in found:
            missing = [host for host in each.missing if host != login]
            if missing and not each.undetermined:
                text = (
                    f"Registry {owner.label} serves layers from {', '.join(missing)} as soon as {switch} is deployed, "
                    "and this firewall does not let clients reach them"
                )
                yield violation(each.rules[0].resource, text)


RULE = Rule(
    id="switch-order",
    title="Client firewalls know the data endpoints before the registry uses them",
    severity=Severity.HIGH,
    rationale=(
        "Clients that are allowed the blob wildcard fail to pull the moment layers move to data endpoints. The switch "
        "is dataEndpointEnabled or the first private endpoint, whichever comes first; a new replica repeats it for one "
        "host."
    ),
    fix="Add the hosts to the firewall first and deploy that; switch in a later deployment, then remove the wildcard.",
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    references=("learn.microsoft.com/azure/container-registry/container-registry-dedicated-data-endpoints",),
    borrows={"cloud": "zone-name", "registry_rule_pattern": "firewall-no-wildcard"},
    decision=(
        "A policy sees one state, not the change. The rule therefore holds at all times: wherever a registry serves "
        "from data endpoints, each firewall that the same stack declares for it must let them through."
    ),
    check_estate=check,
    compliant=(
        example("hosts known, switch on", registry(), firewall_rules(application_rule(*hosts()))),
        example(
            "hosts announced, switch still off",
            registry(dataEndpointEnabled=False),
            firewall_rules(application_rule(*hosts())),
        ),
        example(
            "hosts not known, switch off",
            registry(dataEndpointEnabled=False),
            firewall_rules(application_rule(hosts()[0])),
        ),
    ),
    violating=(
        example(
            "switch on, blob wildcard only",
            registry(),
            firewall_rules(application_rule(hosts()[0], "*.blob.core.windows.net")),
        ),
        example(
            "first endpoint, host not known",
            registry(dataEndpointEnabled=False),
            endpoint(),
            firewall_rules(application_rule(hosts()[0])),
        ),
        example(
            "new replica, host not known", registry(), replica("eastus"), firewall_rules(application_rule(*hosts()))
        ),
    ),
)
