"""Forbids turning data endpoints on while a client firewall of the stack does not know them."""

from __future__ import annotations

from registry_model.estate import facts, relations, tokens
from registry_model.estate.model import Estate
from registry_model.estate.values import UNKNOWN
from registry_model.reach.model import HostKind
from registry_model.reach.registries import firewall_gaps

from ..examples import application_rule, endpoint, example, firewall_rules, hosts, registry, replica
from ..rule import MANDATORY, Config, Levels, Problems, Rule, Severity, undetermined, violation
from .firewall_complete import holder, in_doubt, vouched_for, what_is_wrong


def check(estate: Estate, config: Config) -> Problems:
    for owner in relations.registries(estate):
        flag = facts.flag(owner, "dataEndpointEnabled")
        joined = relations.endpoints_of(estate).get(owner) or relations.approved_elsewhere(estate, owner)
        if flag is False and not joined:
            continue
        switch = "a private endpoint" if joined and flag is not True else "dataEndpointEnabled"
        found = firewall_gaps(estate, owner, cloud=config["cloud"], pattern=config["registry_rule_pattern"])
        for each, gaps in found:
            layers = [gap for gap in gaps if gap.host.kind is HostKind.DATA]
            certain = [gap for gap in layers if gap.certain]
            if certain and flag is UNKNOWN and not joined:
                yield undetermined(owner, "dataEndpointEnabled")
            elif certain:
                listed = ", ".join(dict.fromkeys(gap.name for gap in certain))
                denied = [gap for gap in certain if gap.passage.by is not None]
                text = (
                    f"Registry {owner.label} serves layers from {listed} as soon as {switch} is deployed, and this "
                    f"firewall does not let clients reach them{f': it {what_is_wrong(denied)}' if denied else ''}"
                )
                yield violation(holder(each, certain), text)
            elif layers and not vouched_for(estate, owner, each):
                yield in_doubt(estate, owner, each, layers)


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
    fix_live=(
        "Add the hosts to the firewall first, then az acr update --name REGISTRY --data-endpoint-enabled true; remove "
        "the wildcard last."
    ),
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    references=("learn.microsoft.com/azure/container-registry/container-registry-dedicated-data-endpoints",),
    borrows={"cloud": "zone-name", "registry_rule_pattern": "firewall-no-wildcard"},
    decision=(
        "A policy sees one state, not the change. The rule therefore holds at all times: wherever a registry serves "
        "from data endpoints, each firewall that the same stack declares for it must let them through. A region that "
        "is not known yet is no way out: where no region's host is let through, that is a violation. What the firewall "
        "leaves open (web categories, unknown hosts) is undetermined."
    ),
    needs=((tokens.FIREWALL_RULES, tokens.SECURITY_GROUP),),
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
