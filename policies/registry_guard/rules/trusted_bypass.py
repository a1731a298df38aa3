"""Forbids a trusted-services bypass that nobody decided on."""

from __future__ import annotations

from registry_model.azure import defaults
from registry_model.estate import facts, tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN, show

from ..examples import example, registry
from ..frameworks import mcsb
from ..rule import MANDATORY, OFF, Config, Levels, Option, Problems, Rule, Severity, undetermined, violation

CHOICES = (defaults.TRUSTED_SERVICES, defaults.NOBODY)


def check(registry: Resource, config: Config) -> Problems:
    value = facts.setting(registry, "networkRuleBypassOptions")
    if value is UNKNOWN:
        yield undetermined(registry, "networkRuleBypassOptions")
    elif value not in {allowed.lower() for allowed in config["allowed"]}:
        text = (
            f"Registry {registry.label} has the network bypass {show(value)}, "
            f"which is not one of {show(list(config['allowed']))}"
        )
        yield violation(registry, text)
    tasks = facts.flag(registry, "networkRuleBypassAllowedForTasks")
    if config["tasks"] or tasks is False:
        return
    if tasks is UNKNOWN:
        yield undetermined(registry, "networkRuleBypassAllowedForTasks")
    else:
        yield violation(registry, f"Registry {registry.label} lets tasks on shared machines past its network rules")


RULE = Rule(
    id="trusted-bypass",
    title="The bypass for trusted Azure services is one that was decided on",
    severity=Severity.MEDIUM,
    rationale=(
        f"{defaults.TRUSTED_SERVICES} lets trusted services such as Defender for Containers in past the network rules; "
        f"{defaults.NOBODY} closes that too, and Defender's scanning with it. Which of the two is a decision, and "
        "Azure's default makes it silently. networkRuleBypassAllowedForTasks lets tasks on "
        "shared machines in as well."
    ),
    fix=(
        "Set networkRuleBypassOptions to a value that the configuration allows, and leave out "
        "networkRuleBypassAllowedForTasks."
    ),
    fix_live=("az acr update --name REGISTRY --allow-trusted-services, with the value that the configuration allows."),
    levels=Levels(baseline=OFF, strict=MANDATORY, no_private_link=MANDATORY),
    frameworks=(mcsb("NS-2"),),
    references=("CloudSploit acrTrustedServices", "PSRule Azure.ACR.Firewall (note)"),
    options={
        "allowed": Option(
            {"type": "array", "items": {"type": "string", "enum": [*CHOICES]}},
            [*CHOICES],
            "The values that may stand.",
        ),
        "tasks": Option({"type": "boolean"}, False, "Whether `networkRuleBypassAllowedForTasks` may be true."),
    },
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    compliant=(
        example(f"not set: {defaults.TRUSTED_SERVICES}", registry()),
        example(defaults.NOBODY, registry(networkRuleBypassOptions=defaults.NOBODY), allowed=[defaults.NOBODY]),
        example("access by tasks turned off", registry(networkRuleBypassAllowedForTasks=False)),
        example(
            "access by tasks where the configuration allows it",
            registry(networkRuleBypassAllowedForTasks=True),
            tasks=True,
        ),
    ),
    violating=(
        example("tasks on shared machines", registry(networkRuleBypassAllowedForTasks=True)),
        example(
            f"{defaults.TRUSTED_SERVICES} by default, where only {defaults.NOBODY} is allowed",
            registry(),
            allowed=[defaults.NOBODY],
        ),
        example("a value that Azure may add", registry(networkRuleBypassOptions="Everyone")),
    ),
)
