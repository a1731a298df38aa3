"""Policy definitions: the template that one deploys and the settings of registries that it makes, where it is assigned.

learn.microsoft.com/azure/governance/policy/concepts/effect-deploy-if-not-exists, effect-modify and effect-append,
2026-06: ``deployIfNotExists`` passes ``details.deployment`` to Azure Resource Manager as a deployment, whose template
sees its own parameters alone; ``modify`` and ``append`` change a request on its way to the service.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .. import tokens
from ..values import UNKNOWN, Hidden, Partial, as_text, from_text, known_items
from .evaluation import evaluate
from .modules import Module, Modules
from .scope import Frame, Scope, as_object
from .world import REGISTRY_NAMESPACE, World, mentions_registry

_LIST = "[*]"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a policy sets of every registry, or part of one, that it applies to: the lower-case ARM type and a body."""

    type: str
    body: Mapping[str, Any]


Consequence = Module | Setting | Hidden


class Policies:
    """The policy definitions and sets that a document declares so far, by their names.

    An assignment or a set names one by its id. While that is unknown, it is the one of the document if there is one
    only.
    """

    def __init__(self) -> None:
        self._definitions: dict[str, Mapping[str, Any]] = {}
        self._sets: dict[str, Mapping[str, Any]] = {}

    def add(self, kind: str, name: str, properties: Mapping[str, Any]) -> None:
        held = self._sets if kind == tokens.POLICY_SET else self._definitions
        held[name.lower()] = properties

    def assigned(self, properties: Mapping[str, Any], world: World) -> Iterator[tuple[str, Consequence]]:
        """What the policies do to which an assignment, or a set by its defaults, gives parameters; with their names."""
        if "policydefinitions" in properties:
            yield from self._of_set(properties, {}, world)
        else:
            given = as_object(_object(properties.get("parameters")))
            yield from self._of(properties.get("policydefinitionid"), given, world)

    def _of(
        self, identity: Any, given: Mapping[str, Any], world: World, *, in_set: bool = False
    ) -> Iterator[tuple[str, Consequence]]:
        """Of what an id names: a definition or, but not in a set, a set."""
        sets = {} if in_set else self._sets
        named_set, name = False, ""
        if isinstance(identity, str):
            kind, _, name = str.lower(identity).rpartition("/")
            named_set = kind.endswith("policysetdefinitions")
        elif identity is UNKNOWN and len(self._definitions) + len(sets) == 1:
            named_set, name = not self._definitions, next(iter({**self._definitions, **sets}))
        if named_set and name in sets:
            yield from self._of_set(sets[name], given, world)
        elif not named_set and name in self._definitions and given:
            for each in consequences(self._definitions[name], world, given):
                yield name, each

    def _of_set(
        self, held: Mapping[str, Any], given: Mapping[str, Any], world: World
    ) -> Iterator[tuple[str, Consequence]]:
        frame = _frame(as_object(_object(held.get("parameters"))), world, given)
        for item in known_items(held.get("policydefinitions")):
            member = as_object(item)
            passed = {
                name: {"value": evaluate(as_object(each).get("value", UNKNOWN), frame)}
                for name, each in as_object(_object(member.get("parameters"))).items()
            }
            yield from self._of(member.get("policydefinitionid"), passed, world, in_set=True)


def consequences(
    properties: Mapping[str, Any], world: World, given: Mapping[str, Any] | None = None
) -> Iterator[Consequence]:
    """What a policy definition does with the parameters that it is ``given``, else with their defaults.

    Of the properties, all plain, the rule and the parameters may be JSON as text. A parameter without a value, and what
    the resource tells that the policy is applied to, is not known. Of an effect that is not known, all that is written
    is done.
    """
    rule, parameters = _object(properties.get("policyrule")), _object(properties.get("parameters"))
    if rule is UNKNOWN:
        yield Hidden("its policy rule is not known yet", registry=False)
        return
    then = as_object(rule).get("then")
    if then is UNKNOWN:
        yield Hidden("what its policy rule does is not known yet", registry=mentions_registry(rule))
        return
    frame = _frame(as_object(parameters), world, given or {})
    then = as_object(then)
    effect = as_text(evaluate(then.get("effect"), frame))
    details = then.get("details")
    if isinstance(details, str):
        details = evaluate(details, frame)
    if effect in ("deployifnotexists", UNKNOWN):
        yield from _deployed(details, frame)
    if effect in ("modify", UNKNOWN):
        yield from _settings(as_object(details).get("operations"), frame)
    if effect == "append" or (effect is UNKNOWN and isinstance(details, list)):
        yield from _settings(details, frame)


def _object(value: Any) -> Any:
    return from_text(value) if isinstance(value, str) else value


def _frame(parameters: Mapping[str, Any], world: World, given: Mapping[str, Any]) -> Frame:
    """Where the rule's own expressions are worked out."""
    missing = {
        name: {"value": UNKNOWN}
        for name, definition in parameters.items()
        if not (isinstance(definition, Mapping) and "defaultvalue" in definition)
    }
    held = {**missing, **given}
    partial = isinstance(parameters, Partial) or isinstance(given, Partial)
    scope = Scope(world, {"parameters": parameters}, Partial(held) if partial else held)
    scope.modules = Modules(scope)
    return Frame(scope)


def _deployed(details: Any, frame: Frame) -> Iterator[Module]:
    deployment = as_object(details).get("deployment")
    if deployment is None:
        return
    properties = as_object(deployment).get("properties", UNKNOWN)
    if isinstance(properties, Mapping):
        # Whatever the rule's own parameters are called, the template has those that the deployment gives it.
        properties = {**properties, "expressionevaluationoptions": {"scope": "inner"}}
    yield Module({"name": UNKNOWN, "properties": properties}, frame, 0)


def _settings(operations: Any, frame: Frame) -> Iterator[Setting | Hidden]:
    """The settings of registries, those of one type together. What is set of anything else is not our business."""
    if isinstance(operations, str):
        operations = evaluate(operations, frame)
    if operations is UNKNOWN:
        yield Hidden("what its policy sets is not known yet", registry=False)
    made: dict[str, dict[str, Any]] = {}
    for operation in known_items(operations):
        operation = as_object(operation)
        if evaluate(operation.get("condition", True), frame) is False:
            continue
        field = as_text(evaluate(operation.get("field"), frame))
        if field is UNKNOWN and not str(operation.get("field")).lower().startswith("[concat('tags"):
            yield Hidden("a field that its policy sets is not known yet", registry=False)
        kind, path = _alias(field)
        if kind and path:
            removes = as_text(operation.get("operation")) == "remove"
            _put(made.setdefault(kind, {}), path, None if removes else evaluate(operation.get("value"), frame))
    yield from (Setting(kind, body) for kind, body in made.items())


def _alias(field: Any) -> tuple[str, str]:
    """The ARM type that an alias is of, and the path of its property: of registries alone, else empty."""
    if not isinstance(field, str) or not field.startswith(f"{REGISTRY_NAMESPACE}/"):
        return "", ""
    steps = field.split("/")
    for end in range(len(steps) - 1, 1, -1):
        kind = "/".join(steps[:end])
        if tokens.canonical_arm(kind):
            return kind, ".".join(steps[end:])
    return "", ""


def _put(body: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at ``policies.exportPolicy.status``; ``ipRules[*]`` is a list with that value."""
    *above, last = path.split(".")
    for step in above:
        inside = body.setdefault(step.removesuffix(_LIST), [Partial()] if step.endswith(_LIST) else {})
        body = inside[0] if isinstance(inside, list) else inside
        if not isinstance(body, dict):
            return
    name = last.removesuffix(_LIST)
    if not last.endswith(_LIST):
        body[name] = value
    elif isinstance(held := body.setdefault(name, []), list):
        held.append(value)
