"""Asks for names that follow the organisation's pattern."""

from __future__ import annotations

import re

from registry_model.estate import tokens
from registry_model.estate.model import Resource

from ..examples import example, registry
from ..rule import MANDATORY, OFF, Config, Levels, Option, Problems, Rule, Severity, undetermined, violation


def check(registry: Resource, config: Config) -> Problems:
    pattern = config["pattern"]
    if not pattern:
        return
    name = registry.arm_name
    if not isinstance(name, str):
        yield undetermined(registry, "registryName")
    elif re.fullmatch(pattern, name, re.IGNORECASE) is None:
        yield violation(registry, f"Registry {registry.label} is named '{name}', which does not match {pattern}")


RULE = Rule(
    id="registry-name",
    title="Registry names follow the pattern",
    severity=Severity.LOW,
    rationale=(
        "Registry names are global host names. A pattern keeps a team's hosts recognisable in firewall rules and logs."
    ),
    fix="Rename the registry. A new name is a new registry: plan the move of its images.",
    levels=Levels(baseline=OFF, strict=MANDATORY, no_private_link=MANDATORY),
    references=("PSRule Azure.ACR.Naming", "Azure Quick Review acr-006"),
    options={
        "pattern": Option(
            {"type": "string", "format": "regex"},
            "",
            "A regular expression that the whole name must match, without letter case; empty: the rule does not apply.",
        )
    },
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    compliant=(
        example("no pattern", registry()),
        example("a name that matches", registry(registry_name="crcontoso"), pattern="cr[a-z0-9]+"),
    ),
    violating=(example("a name that does not match", registry(), pattern="cr[a-z0-9]+"),),
)
