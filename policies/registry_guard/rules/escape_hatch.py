"""Forbids hiding a registry where no rule can see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from registry_model.estate import tokens
from registry_model.estate.model import WHOLE_TEMPLATE, Resource, Written
from registry_model.estate.values import UNKNOWN, Hidden, known_items, lookup, show, walk

from .. import commands
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


def _script(script: Resource, unreadable: Callable[[Resource, str], Problem]) -> Problems:
    parts = (text for each in script.ends.values() for ends in each for text in (ends.begin, ends.end))
    texts = [value for value in (*walk(dict(script.props)), *parts) if isinstance(value, str)]
    does = commands.effect(texts, _text(script.get("arguments")), _variables(script))
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


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _variables(script: Resource) -> dict[str, str]:
    """The variables that a script is given: a list of names and values, or of a command an object."""
    held = script.get("environment")
    pairs = list(held.items()) if isinstance(held, dict) else []
    pairs += [(lookup(each, "name"), lookup(each, "value")) for each in known_items(script.get("environmentVariables"))]
    return {name: value for name, value in pairs if isinstance(name, str) and isinstance(value, str)}


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
        "those that an exemption names. Commands are found by their pattern, and in script resources only; one that is "
        "encoded, or put together when it runs, is not found. Of azapi's updateResource what it sets is judged, alone "
        "and in the registry that it changes; its actions are known to leave settings alone (credentials, imports, "
        "task runs), or undetermined."
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
