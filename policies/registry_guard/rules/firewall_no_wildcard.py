"""Forbids client firewall rules for a registry that open more than the registry."""

from __future__ import annotations

from registry_model.azure import names, regions
from registry_model.estate import tokens
from registry_model.estate.model import Estate
from registry_model.estate.values import show
from registry_model.reach.client_firewalls import REGISTRY_RULE_PATTERN, tied_rules, written_rules
from registry_model.reach.firewalls import may_open, openings

from ..examples import application_rule, example, firewall_rules, hosts, network_rule, other, registry, security_rule
from ..frameworks import mcsb
from ..rule import MANDATORY, Config, Levels, Option, Problems, Rule, Severity, note, undetermined, violation

OPENS = {
    "everything": "any address",
    "storage": "every storage account of Azure",
    "registries": "registries of anyone",
}
NAME_PATTERN = Option(
    {"type": "string", "format": "regex"},
    REGISTRY_RULE_PATTERN,
    "A regular expression; a rule is taken to be for a registry when its name, its collection's or its resource's "
    "matches.",
)


def check(estate: Estate, config: Config) -> Problems:
    rules = written_rules(estate)
    tied = tied_rules(estate, config["registry_rule_pattern"]) if rules else set()
    untied = {"advisory": note, "violation": violation}.get(config["untied"]) if estate.has(tokens.REGISTRY) else None
    builders = ", ".join(each.label for each in estate.of(tokens.AGENT_POOL, tokens.TASK))
    for rule, origin in rules:
        found = openings(rule)
        if not found:
            if origin in tied and may_open(rule):
                yield undetermined(origin.resource, f"a destination of rule {origin.label}, which is for a registry,")
            continue
        opened = "; ".join(f"{show(text)} opens {OPENS[what]}" for text, what in found)
        built = builders and all(what == "storage" for _text, what in found)
        if origin in tied:
            # Said only where storage alone is opened: nothing that ACR Tasks do needs more.
            needed = f". {_FOR_TASKS.format(builders)}" if built else ""
            yield violation(origin.resource, f"Rule {origin.label} is for a registry, and {opened}{needed}")
        elif untied is not None and any(what == "storage" for _text, what in found):
            why = (
                f"pulls do not need that, but {builders} may"
                if built
                else "no registry needs that, does something else?"
            )
            yield untied(origin.resource, f"Rule {origin.label}: {opened}; {why}")


# learn.microsoft.com/azure/container-registry/tasks-agent-pools, firewall rules (2026-01)
_FOR_TASKS = (
    "Pulls do not need it; agents of ACR Tasks ({}) do. If the rule is for the agents' subnet alone, give it source "
    "addresses of that subnet only, and exempt it from firewall-no-wildcard until a day on which somebody looks again"
)


RULE = Rule(
    id="firewall-no-wildcard",
    title="Client firewalls open the registry's hosts, not a wildcard",
    severity=Severity.HIGH,
    rationale=(
        f"A rule for {names.PUBLIC.blob_wildcard}, for the {regions.STORAGE_TAG} tag or for "
        f"*.{names.PUBLIC.registry_suffix} lets data out to any storage account or registry of anyone. Dedicated data "
        "endpoints exist so that it is not needed."
    ),
    fix=(
        "Name the login server and the data endpoint of each region, or use the tag "
        f"{regions.SERVICE_TAG}.<Region>. During a migration, an exemption with an expiry date keeps the wildcard "
        "until clients have switched."
    ),
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(mcsb("NS-1"), mcsb("DP-2")),
    references=("learn.microsoft.com/azure/container-registry/container-registry-dedicated-data-endpoints",),
    options={
        "registry_rule_pattern": NAME_PATTERN,
        "untied": Option(
            {"type": "string", "enum": ["off", "advisory", "violation"]},
            "off",
            "What becomes of storage wildcards in rules that nothing ties to a registry, in a stack that has one.",
            presets={"strict": "advisory", "no-private-link": "advisory", "audit": "advisory"},
        ),
    },
    decision=(
        "The tags AzureCloud and Internet, an IP group of the stack, and IPv4 networks wider than /8, alone or "
        "together, count as well: each opens as much. A rule of a security group ties only itself, a rule of a "
        "firewall ties its collection. Of a virtual network manager's admin rules those with AlwaysAllow open "
        "something. Agents of ACR Tasks do need "
        "storage, so a stack that has some is told how to exempt their rule."
    ),
    needs=((tokens.FIREWALL_RULES, tokens.SECURITY_GROUP),),
    check_estate=check,
    compliant=(
        example("every host by name", registry(), firewall_rules(application_rule(*hosts()))),
        example("the registry's tag", registry(), security_rule("AzureContainerRegistry.JapanEast")),
        example(
            "a wildcard in a rule about something else",
            registry(),
            firewall_rules(application_rule("*.blob.core.windows.net", name="backup"), collection="backup"),
        ),
        example("a rule that denies", registry(), security_rule("*", name="deny-registry", access="Deny")),
    ),
    violating=(
        example(
            "the blob wildcard beside the login server",
            registry(),
            firewall_rules(application_rule(hosts()[0], "*.blob.core.windows.net")),
        ),
        example(
            "the blob wildcard in another rule of the collection",
            registry(),
            firewall_rules(application_rule(*hosts()), application_rule("*.blob.core.windows.net", name="layers")),
        ),
        example("every registry", registry(), firewall_rules(application_rule("*.azurecr.io"))),
        example("every data endpoint", registry(), firewall_rules(application_rule("*.data.azurecr.io"))),
        example(
            "the Storage tag in a rule named for the registry",
            registry(),
            security_rule("Storage.JapanEast", name="acr-layers"),
        ),
        example(
            "any address, in a rule that depends on the registry",
            registry(),
            security_rule("*", name="out", dependencies=["registry"]),
        ),
        example(
            "0.0.0.0/0 in a collection for the registry",
            registry(),
            firewall_rules(network_rule("0.0.0.0/0"), collection="acr"),
        ),
        example(
            "an IP group that holds the internet",
            registry(),
            other(
                "network:IpGroup",
                "everywhere",
                "Microsoft.Network/ipGroups/everywhere",
                ipGroupsName="everywhere",
                ipAddresses=["0.0.0.0/1"],
            ),
            firewall_rules(
                {**network_rule(), "destinationIpGroups": ["/providers/Microsoft.Network/ipGroups/everywhere"]}
            ),
        ),
    ),
)
