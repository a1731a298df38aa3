"""Forbids hiding a registry where no rule can see it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from registry_model.estate import tokens
from registry_model.estate.model import WHOLE_TEMPLATE, Resource, Written
from registry_model.estate.values import UNKNOWN, Hidden, show, walk

from ..examples import example, other
from ..rule import (
    MANDATORY,
    Config,
    Declared,
    Kind,
    Levels,
    Option,
    Problem,
    Problems,
    Rule,
    Severity,
    note,
    undetermined,
    violation,
)

# Commands that make a registry or change its settings; signing in, pushing, building and reading do neither.
_REGISTRIES = r".{0,4000}?Microsoft\.ContainerRegistry/registries"
CHANGES_A_REGISTRY = re.compile(
    r"az\s+acr\s+(?:create|update|delete|config|identity\s+assign|network-rule\s+add|replication\s+(?:create|update)"
    r"|(?:token|scope-map|cache|webhook|connected-registry)\s+create)\b"
    r"|(?:New|Update|Set|Remove)-AzContainerRegistry"
    rf"|az\s+resource\s+(?:create|update|patch)\b{_REGISTRIES}"
    rf"|(?:New|Set)-AzResource\b{_REGISTRIES}"
    rf"|(?:az\s+rest|Invoke-AzRest(?:Method)?)\b(?=.{{0,4000}}?\b(?:PUT|PATCH)\b){_REGISTRIES}",
    re.IGNORECASE | re.DOTALL,
)
# Commands that deploy or change whatever they are told to.
CHANGES_ANYTHING = re.compile(
    r"az\s+resource\s+(?:create|update|patch|delete|invoke-action)\b|az\s+(?:deployment|stack)\s+\w+\s+create\b"
    r"|(?:New|Set|Remove)-AzResource\b|New-Az\w*Deployment(?:Stack)?\b",
    re.IGNORECASE,
)
# Calls of Azure's API, which change something by some methods. The two are looked for anywhere in a script: what a call
# takes may be in variables and lines far from it.
_CALLS_AZURE = re.compile(
    r"az\s+rest\b|Invoke-AzRest|management\.(?:azure\.com|usgovcloudapi\.net|chinacloudapi\.cn)", re.IGNORECASE
)
_WRITES = re.compile(r"(?:--?method|--request|-m|-X)[\s=:\"']*(?:put|patch|post|delete)\b", re.IGNORECASE)
_COMMAND = re.compile(r"az\s+rest\b|Invoke-AzRest|\bcurl\b|Invoke-(?:RestMethod|WebRequest)", re.IGNORECASE)
_PROVIDER = re.compile(r"\bMicrosoft\.(\w+)/", re.IGNORECASE)
VIOLATION = "violation"


def check(carrier: Resource, config: Config) -> Problems:
    unreadable = violation if config["unreadable"] == VIOLATION else note
    if carrier.type == tokens.SCRIPT:
        yield from _script(carrier, unreadable)
        return
    if carrier.type == tokens.ACTION:
        action = carrier.get("action")
        named = show(carrier.get("method") if action is None or action == "" else action)
        text = f"{carrier.label} calls {named} on a registry, and no rule can judge what that changes"
        yield Problem(carrier, text, Kind.UNDETERMINED)
        return
    for hidden in carrier.hidden:
        if hidden.registry:
            text = f"{_holder(carrier, hidden)} carries a registry that cannot be judged: {hidden.text}"
            yield violation(carrier, text)
        else:
            text = f"{_holder(carrier, hidden)} cannot be judged, and may carry a registry: {hidden.text}"
            yield unreadable(carrier, text)


def _holder(carrier: Resource, hidden: Hidden) -> str:
    """What hides something: a nested deployment is called by its own name."""
    if not hidden.deployment:
        return carrier.label
    where = "" if carrier.urn == WHOLE_TEMPLATE else f" in {carrier.label}"
    return f"Deployment '{hidden.deployment}'{where}"


def _writes_somewhere(text: str) -> bool:
    """Whether a script calls Azure's API to change something, unless its one call names another service's resource."""
    if not (_CALLS_AZURE.search(text) and _WRITES.search(text)):
        return False
    named = {each.lower() for each in _PROVIDER.findall(text)}
    return not named or bool(named & {"containerregistry", "resources"}) or len(_COMMAND.findall(text)) > 1


def _script(script: Resource, unreadable: Callable[[Resource, str], Problem]) -> Problems:
    parts = (text for each in script.ends.values() for ends in each for text in (ends.begin, ends.end))
    texts = [value for value in (*walk(dict(script.props)), *parts) if isinstance(value, str)]
    does = (
        "changes"
        if any(CHANGES_A_REGISTRY.search(text) for text in texts)
        else "may change"
        if any(CHANGES_ANYTHING.search(text) or _writes_somewhere(text) for text in texts)
        else ""
    )
    if does:
        yield unreadable(script, f"{script.label} {does} a registry by command, which no rule can judge")
    for key in ("primaryScriptUri", "supportingScriptUris"):
        if script.get(key) not in (None, "", []):
            text = f"{script.label} may change a registry: {key} names a script that is not shown here"
            yield unreadable(script, text)
    for key in ("scriptContent", "create", "update", "delete"):
        if script.get(key) is UNKNOWN and not any(map(any, script.ends.get(key.lower(), ()))):
            # In a program, what a command says is often not known before the first deployment.
            yield undetermined(script, key, scalar=script.written is Written.TEMPLATE)


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
        "need a generic resource. A linked template is a note, since nothing tells what it holds; so are a script that "
        "is not shown and a command that changes a registry, such as az acr update. Strict wants none of them, but for "
        "those that an exemption names. Of azapi's updateResource what it sets is judged, alone and in the "
        "registry that it changes; its actions are known to leave settings alone (credentials, imports, task runs), or "
        "undetermined."
    ),
    options={
        "unreadable": Option(
            {"type": "string", "enum": ["note", VIOLATION]},
            "note",
            "What a template or script that is not shown, or a command that may change a registry, counts as: note or "
            "violation.",
            presets={"strict": VIOLATION},
        )
    },
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
        example(
            "a linked template, where none is wanted",
            other("resources:Deployment", "deployment", properties={"templateLink": {"uri": "https://x/acr.json"}}),
            unreadable=VIOLATION,
        ),
        example("a template that is text and not JSON", _deployment("Microsoft.ContainerRegistry/registries {")),
    ),
)
