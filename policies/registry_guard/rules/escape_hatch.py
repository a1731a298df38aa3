"""Forbids hiding a registry where no rule can see it."""

from __future__ import annotations

import re
from typing import Any

from registry_model.estate import tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import show, walk

from ..examples import example, other
from ..rule import MANDATORY, Config, Declared, Kind, Levels, Problem, Problems, Rule, Severity, note, violation

# Commands that make a registry or change its settings; signing in, pushing, building and reading do neither.
_REGISTRIES = r".{0,4000}?Microsoft\.ContainerRegistry/registries"
CHANGES_A_REGISTRY = re.compile(
    r"az\s+acr\s+(?:create|update|config|network-rule\s+add|replication\s+create|token\s+create|cache\s+create)\b"
    r"|(?:New|Update|Set)-AzContainerRegistry"
    rf"|az\s+resource\s+(?:create|update|patch)\b{_REGISTRIES}"
    rf"|(?:New|Set)-AzResource\b{_REGISTRIES}"
    rf"|(?:az\s+rest|Invoke-AzRest(?:Method)?)\b(?=.{{0,4000}}?\b(?:PUT|PATCH)\b){_REGISTRIES}",
    re.IGNORECASE | re.DOTALL,
)


def check(carrier: Resource, _config: Config) -> Problems:
    if carrier.type == tokens.SCRIPT:
        yield from _commands(carrier)
        return
    if carrier.type == tokens.ACTION:
        action = carrier.get("action")
        named = show(carrier.get("method") if action is None or action == "" else action)
        text = f"{carrier.label} calls {named} on a registry, and no rule can judge what that changes"
        yield Problem(carrier, text, Kind.UNDETERMINED)
        return
    for hidden in carrier.hidden:
        if hidden.registry:
            yield violation(carrier, f"{carrier.label} carries a registry that cannot be judged: {hidden.text}")
        else:
            yield note(carrier, f"{carrier.label} cannot be judged, and may carry a registry: {hidden.text}")


def _commands(script: Resource) -> Problems:
    parts = (text for each in script.ends.values() for ends in each for text in (ends.begin, ends.end))
    texts = (*walk(dict(script.props)), *parts)
    if any(isinstance(text, str) and CHANGES_A_REGISTRY.search(text) for text in texts):
        yield note(script, f"{script.label} changes a registry by command, which no rule can judge")


def _deployment(template: Any) -> Declared:
    return other("resources:Deployment", "deployment", properties={"mode": "Incremental", "template": template})


def _template(**registry: Any) -> Declared:
    resource = {
        "type": "Microsoft.ContainerRegistry/registries",
        "apiVersion": "2023-07-01",
        "name": "contoso",
        **registry,
    }
    return _deployment({"contentVersion": "1.0.0.0", "resources": [resource]})


RULE = Rule(
    id="escape-hatch",
    title="No registry is declared where it cannot be judged",
    severity=Severity.HIGH,
    rationale=(
        "A registry inside a generic resource, an ARM deployment or the classic provider is judged by all other rules, "
        "as far as its body shows. What is left is a body that cannot be read: there, anything could be declared."
    ),
    fix=(
        "Declare the registry with azure-native:containerregistry:Registry, or write the template so that it can be "
        "read."
    ),
    fix_template=(
        "Write the template so that it can be read: the resource with its type and properties, and nothing "
        "that only a deployment can work out."
    ),
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    decision=(
        "A readable registry in an escape hatch passes this rule and is judged by the others, since newer properties "
        "need a generic resource. A linked template is a note, since nothing tells what it holds; so is a command that "
        "changes a registry, such as az acr update. Of azapi's updateResource what it sets is judged, alone and in the "
        "registry that it changes; its actions are known to leave settings alone (credentials, imports, task runs), or "
        "undetermined."
    ),
    applies_to=(
        tokens.DEPLOYMENT,
        tokens.GENERIC,
        tokens.POLICY,
        tokens.POLICY_SET,
        tokens.POLICY_ASSIGNMENT,
        tokens.SCRIPT,
        tokens.ACTION,
    ),
    check_resource=check,
    compliant=(
        example("a template that can be read", _template(sku={"name": "Premium"}, location="japaneast")),
        example(
            "a template about something else",
            _deployment({"resources": [{"type": "Microsoft.Web/sites", "name": "web"}]}),
        ),
    ),
    violating=(
        example(
            "a type that only the deployment knows",
            _deployment(
                {
                    "parameters": {
                        "kind": {"type": "string"},
                        "namespace": {"defaultValue": "Microsoft.ContainerRegistry"},
                    },
                    "resources": [{"type": "[concat(parameters('namespace'), parameters('kind'))]", "name": "contoso"}],
                }
            ),
        ),
        example(
            "resources that only the deployment knows",
            _deployment(
                {
                    "variables": {"kind": "Microsoft.ContainerRegistry/registries"},
                    "resources": "[reference('elsewhere').outputs.resources.value]",
                }
            ),
        ),
        example("a template that is text and not JSON", _deployment("Microsoft.ContainerRegistry/registries {")),
    ),
)
