"""The resources that a template declares, with those of its loops, its children and the deployments inside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...azure import names
from .. import tokens
from ..values import UNKNOWN, Condition, Ends, Hidden, SecretText
from . import budget
from .ends import ends
from .evaluation import counted, evaluate, source
from .expressions import Call, Literal, is_expression, parse
from .functions.texts import format_text
from .ids import absolute, path_of, scope_of, split_extension
from .modules import (
    APPLICATION_DEFINITIONS,
    DEPLOYMENT_STACKS,
    DEPLOYMENTS,
    REGISTRIES,
    TEMPLATE_SPECS,
    Module,
    Modules,
    main_template,
    readable,
    type_of,
)
from .policies import Consequence, Policies, Setting, consequences
from .scope import Frame, Scope
from .values import OWN_GROUP, OWN_SUBSCRIPTION, StandIn, stand_in
from .world import World, mentions_registry


@dataclass(frozen=True)
class Declared:
    """One resource of a template: lower-case ARM type, names outermost first, and its body worked out.

    ``label`` is what its author calls it: the symbolic name, or how the name is written. ``group`` and
    ``subscription`` are those that it is deployed into where a deployment inside the template says so, else None.
    ``asked`` are the parameters, lower case, that nobody gives, by the path in the body of the value that asks.
    ``conditions`` are those of which nobody knows whether they hold; where one does not, there is no such resource.
    ``ends`` are, by the same paths with the places in lists, the ends of texts that are not known.
    ``policy`` says which policy definition deploys it where it is assigned; with ``patch`` it is what that policy sets
    of every such resource.
    """

    type: str
    names: tuple[Any, ...]
    body: Mapping[str, Any]
    scope: Any = None
    label: str = ""
    group: Any = None
    subscription: Any = None
    asked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    conditions: frozenset[Condition] = frozenset()
    ends: Mapping[str, tuple[Ends, ...]] = field(default_factory=dict)
    policy: str = ""
    patch: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where resources are declared: in which template, how deep, and under which resource, conditions and policy.

    ``on_subscription`` means a deployment to a subscription, which is in no resource group.
    """

    template: Mapping[str, Any]
    deep: int = 0
    parent: Declared | None = None
    group: Any = None
    subscription: Any = None
    conditions: frozenset[Condition] = frozenset()
    policy: str = ""
    on_subscription: bool = False


def open_template(
    template: Any,
    parameters: Any = None,
    linked: Any = None,
    *,
    cloud: names.Cloud = names.PUBLIC,
    unsure: bool = False,
    group: Any = None,
    specs: Callable[[Any], Any] = lambda _id: None,
    ungiven: Callable[[str], object] = lambda _name: None,
    policies: Policies | None = None,
) -> list[Declared | Hidden]:
    """The resources of a template (plain, keys in lower case), with the ``parameters`` object of its deployment.

    ``linked`` is the deployment's ``templateLink``; ``unsure`` means that a parameters file may be linked, too.
    ``group`` is the resource group that it is deployed into, where that is known. ``ungiven`` gets the names of
    required parameters that nobody gives. ``policies`` are those that were declared before it; its own are added.
    """
    if template is None and linked is not None:
        template = specs(linked.get("id") if isinstance(linked, Mapping) else linked)
    found, hidden = readable(template, linked)
    if found is None:
        return [hidden] if hidden is not None else []
    world = World(found, cloud=cloud, specs=specs, ungiven=ungiven)
    scope = Scope(
        world,
        found,
        parameters,
        unsure=unsure,
        name=stand_in("deployment"),
        group=group if isinstance(group, str) else OWN_GROUP,
        subscription=OWN_SUBSCRIPTION,
    )
    scope.modules = Modules(scope)
    opening = _Opening(world, Policies() if policies is None else policies)

    def work() -> None:
        opening.resources(
            found.get("resources"), Frame(scope), _Place(found, on_subscription=_is_for_subscriptions(found))
        )
        opening.specs()
        opening.assignments()

    return opening.all(found, work)


def open_policy(kind: str, name: str, properties: Mapping[str, Any], policies: Policies) -> list[Declared | Hidden]:
    """What a policy definition, set or assignment, by its canonical type, deploys and sets where it is assigned.

    ``policies`` are those that were declared before it; one that this declares is added.
    """
    opening = _Opening(World(properties), policies)

    def work() -> None:
        opening.policy(kind, name, properties, _Place(properties))
        opening.assignments()

    return opening.all(properties, work)


class _Opening:
    def __init__(self, world: World, policies: Policies) -> None:
        self.world = world
        self.policies = policies
        self.found: list[Declared | Hidden] = []
        self._assigned: list[tuple[str, Mapping[str, Any], _Place]] = []
        self._specs: list[tuple[str, str, Any, Frame, _Place]] = []

    def all(self, whole: Any, work: Callable[[], object]) -> list[Declared | Hidden]:
        """What ``work`` finds, and what of the ``whole`` cannot be seen."""
        try:
            work()
        except budget.ExceededError as error:
            self.found.append(Hidden(f"it asks for {error.limit.text}", registry=True))
        self.found += self.world.notes.values()
        self.found += [Hidden(f"it asks for {limit.text}", mentions_registry(whole)) for limit in self.world.budget.met]
        return self.found

    def resources(self, listed: Any, frame: Frame, place: _Place) -> None:
        if isinstance(listed, str):
            listed = evaluate(listed, frame)
        if isinstance(listed, Mapping):
            pairs: list[tuple[str, Any]] = list(listed.items())
        elif isinstance(listed, list):
            pairs = [("", item) for item in listed]
        else:
            if listed is not None:
                self.found.append(Hidden("its resources are not known yet", mentions_registry(place.template)))
            return
        for symbol, item in pairs:
            if not isinstance(item, Mapping):
                self.found.append(Hidden("a resource of its template is not known yet", registry=False))
            elif item.get("existing") is not True:
                self._copies(symbol, item, frame, place)

    def _copies(self, symbol: str, item: Mapping[str, Any], frame: Frame, place: _Place) -> None:
        loop = item.get("copy")
        if not isinstance(loop, Mapping):
            self._resource(symbol, item, frame, place)
            return
        called = str(loop.get("name", ""))
        self.world.path, self.world.asked = [], {}
        count = counted(loop.get("count"), frame, 0)
        if count is None:
            place = self._if(place, loop.get("count"), frame, "its number of copies")
        elif count > budget.COPIES.value:
            self.world.budget.meet(budget.COPIES)
            count = None
        if count is None:
            # How many there are, nobody knows: one stands for all, and there may be none.
            self._resource(symbol, item, frame.copy(called, UNKNOWN, of_resource=True), place)
            return
        for index in range(count):
            self._resource(
                f"{symbol}[{index}]" if symbol else "", item, frame.copy(called, index, of_resource=True), place
            )

    def _resource(self, symbol: str, item: Mapping[str, Any], frame: Frame, place: _Place) -> None:
        self.world.budget.make_resource()
        self.world.path, self.world.asked = [], {}
        condition = evaluate(item.get("condition", True), frame)
        holds = _truth(condition)
        if holds is False:
            return
        if holds is None:
            place = self._if(place, item["condition"], frame, "its condition")
        kind = type_of(item, frame)
        if not isinstance(kind, str):
            # Bicep extensions import resources without an Azure type; anything else has a type that we cannot read.
            if "import" not in item and "extension" not in item:
                text = "the type of a resource of its template cannot be worked out"
                self.found.append(Hidden(text, mentions_registry(place.template)))
            return
        if kind in (DEPLOYMENTS, DEPLOYMENT_STACKS):
            self._deployment(symbol, item, frame, place)
            return
        if _is_spec(kind, place.parent):
            own = evaluate(item.get("name"), frame)
            called = own.lower() if isinstance(own, str) else ""
            template = main_template(item.get("properties"), frame)
            self._specs.append((symbol or _written(item.get("name")), called, template, frame, place))
            return
        if kind == APPLICATION_DEFINITIONS:
            properties = evaluate(item.get("properties"), frame)
            template = properties.get("maintemplate") if isinstance(properties, Mapping) else None
            self._for_others(symbol, template, frame, place)
            return
        if kind in tokens.POLICIES:
            name = evaluate(item.get("name"), frame)
            called = str(name) if isinstance(name, str) else symbol or _written(item.get("name"))
            properties = evaluate(item.get("properties"), frame)
            self.policy(tokens.POLICIES[kind], called, properties if isinstance(properties, Mapping) else {}, place)
            return
        self._declared(symbol, kind, item, frame, place)

    def _if(self, place: _Place, written: Any, frame: Frame, what: str) -> _Place:
        """The place for what exists only if ``written``, worked out last and not known, comes to something."""
        asked = frozenset(name for names in self.world.asked.values() for name in names)
        made = Condition((what, source(written, frame)), f"{what} {_written(written)}", asked)
        return replace(place, conditions=place.conditions | {made})

    def _declared(self, symbol: str, kind: str, item: Mapping[str, Any], frame: Frame, place: _Place) -> None:
        self.world.path, self.world.asked = ["name"], {}
        own = _names(item.get("name"), kind.count("/"), frame)
        named = self.world.asked
        parent = place.parent
        where: Any = None
        if parent is not None:
            if "." in kind.split("/", 1)[0]:
                where = path_of(parent.type, [str(n) for n in parent.names]) if _all_known(parent.names) else UNKNOWN
            else:
                kind, own = f"{parent.type}/{kind}", (*parent.names, *own)
        kind, own, of = _extension(kind, own)
        where = of if of is not None else where
        if "scope" in item:
            where = _scope_id(evaluate(item["scope"], frame))
        elif where is None and parent is None and place.on_subscription and kind == tokens.ARM_NAME_OF[tokens.LOCK]:
            where = scope_of(OWN_SUBSCRIPTION if place.subscription is None else place.subscription)
        self.world.path, self.world.asked, self.world.unknown = [], {}, {}
        body = evaluate({k: v for k, v in item.items() if k not in _NOT_BODY}, frame)
        asked = {path: frozenset(names) for path, names in {**named, **self.world.asked}.items()}
        # Nothing but rules of networks and scripts is judged by a part of a text.
        unknown = list(self.world.unknown.items()) if kind.startswith(_JUDGED_BY_PARTS) else ()
        parts = {path: found for path, each in unknown if any(map(any, found := ends(*each)))}
        label = symbol or _written(item.get("name"))
        made = Declared(
            kind,
            own,
            body,
            where,
            label,
            place.group,
            place.subscription,
            asked,
            conditions=place.conditions,
            ends=parts,
            policy=place.policy,
        )
        self.found.append(made)
        if "resources" in item:
            self.resources(item["resources"], frame, replace(place, parent=made))

    def _deployment(self, symbol: str, item: Mapping[str, Any], frame: Frame, place: _Place) -> None:
        if place.deep >= budget.DEPLOYMENTS.value:
            deep = Hidden(f"it asks for {budget.DEPLOYMENTS.text}", registry=True)
            if deep not in self.found:
                self.found.append(deep)
            return
        modules = frame.scope.modules
        module = modules.of(item, frame, 0) if modules is not None else Module(item, frame, 0)
        self._module(symbol or _written(item.get("name")), module, place)

    def policy(self, kind: str, name: str, properties: Mapping[str, Any], place: _Place) -> None:
        """What a policy definition does where it is assigned. Where that is, it does not tell."""
        place = replace(place, parent=None, group=UNKNOWN, subscription=UNKNOWN)
        if kind == tokens.POLICY:
            called = f"the policy definition '{name}'"
            self._policy_does(name, consequences(properties, self.world), replace(place, policy=called))
        if kind != tokens.POLICY_ASSIGNMENT:
            self.policies.add(kind, name.partition("/")[0], properties)
        if kind != tokens.POLICY:
            by = f"the {'assignment' if kind == tokens.POLICY_ASSIGNMENT else 'policy set'} '{name}'"
            self._assigned.append((by, properties, place))

    def _for_others(self, symbol: str, template: Any, frame: Frame, place: _Place) -> None:
        """A template that whoever takes it deploys, into a group of their own and with parameters of their own."""
        inner = {"template": template, "expressionevaluationoptions": {"scope": "inner"}}
        self._module(symbol, Module({"properties": inner}, frame, 0), replace(place, parent=None, group=UNKNOWN))

    def specs(self) -> None:
        """The template specs that no deployment of the document names. One that is named was opened there."""
        while self._specs:
            symbol, called, template, frame, place = self._specs.pop(0)
            if called not in self.world.deployed_specs:
                self._for_others(symbol, template, frame, replace(place, on_subscription=False))

    def assignments(self) -> None:
        """What assignments and sets make of the policies of the document, beyond what these do by their defaults."""
        told = [replace(each, policy="") for each in self.found if isinstance(each, Declared) and each.policy]
        for by, properties, place in self._assigned:
            for name, each in self.policies.assigned(properties, self.world):
                self.world.budget.spend(len(told))
                before, called = len(self.found), f"the policy definition '{name}', as {by} has it"
                self._policy_does(name, [each], replace(place, policy=called))
                made = self.found[before:]
                del self.found[before:]
                for one in made:
                    bare = replace(one, policy="") if isinstance(one, Declared) else None
                    if bare is None or bare not in told:
                        self.found.append(one)
                        told += [] if bare is None else [bare]

    def _policy_does(self, name: str, consequences: Iterable[Consequence], place: _Place) -> None:
        deployed = Condition(("policy", name), f"whether {place.policy} deploys it")
        place = replace(place, conditions=place.conditions | {deployed})
        for each in consequences:
            if isinstance(each, Module):
                self._module(name, each, place)
            elif isinstance(each, Setting):
                self.found.append(Declared(each.type, (), each.body, label=name, policy=place.policy, patch=True))
            else:
                self.found.append(each)

    def _module(self, symbol: str, module: Module, place: _Place) -> None:
        before = len(self.found)
        if module.hidden is not None:
            called = str(module.name) if isinstance(module.name, str) else symbol
            self.found.append(replace(module.hidden, deployment=called))
        group = module.group if module.group not in (OWN_GROUP, None) else place.group
        subscription = module.subscription if module.subscription not in (OWN_SUBSCRIPTION, None) else None
        if module.frame is not None and module.template is not None:
            inside = replace(
                place,
                template=module.template,
                deep=place.deep + 1,
                parent=None,
                group=group,
                subscription=subscription,
                on_subscription=module.group in (OWN_GROUP, None)
                and (place.on_subscription or _is_for_subscriptions(module.template)),
            )
            self.resources(module.template.get("resources"), module.frame, inside)
        if module.deletes:
            body = {**module.deletes, "declares": declares(self.found[before:], place.conditions)}
            made = Declared(DEPLOYMENTS, (module.name,), body, None, symbol, group, subscription)
            self.found.append(replace(made, conditions=place.conditions, policy=place.policy))


def declares(found: Iterable[Declared | Hidden], given: frozenset[Condition] = frozenset()) -> list[Any]:
    """The registries and replicas, ``contoso`` and ``contoso/japanwest``, that a template declares with all that it
    deploys, where the ``given`` conditions hold; UNKNOWN among them where there may be others."""
    named: dict[Any, None] = {}
    for each in found:
        if isinstance(each, Hidden):
            named[UNKNOWN] = None
        elif each.type in (REGISTRIES, f"{REGISTRIES}/replications"):
            sure = _all_known(each.names) and each.conditions <= given
            if sure:
                named["/".join(each.names)] = None
            if not sure or any(isinstance(name, StandIn) for name in each.names):
                named[UNKNOWN] = None
    return list(named)


_JUDGED_BY_PARTS = ("microsoft.network/", "microsoft.resources/deploymentscripts")
_NOT_BODY = frozenset(
    {"resources", "name", "type", "copy", "condition", "dependson", "scope", "apiversion", "comments"}
)


def _is_spec(kind: str, parent: Declared | None) -> bool:
    """Whether a resource is a version of a template spec, by itself or inside its spec."""
    whole = kind if "/" in kind or parent is None else f"{parent.type}/{kind}"
    return whole == TEMPLATE_SPECS


def _is_for_subscriptions(template: Mapping[str, Any]) -> bool:
    """Whether a template says by its schema that it is deployed to a subscription."""
    return "subscriptiondeploymenttemplate" in str(template.get("$schema", "")).lower()


def _truth(condition: Any) -> bool | None:
    """Whether a condition holds; None where nobody knows. A condition that is null is none."""
    if condition is None or isinstance(condition, bool):
        return condition is not False
    if isinstance(condition, str) and not isinstance(condition, StandIn):
        return {"true": True, "false": False}.get(str.lower(condition))
    return None


def _names(name: Any, parts: int, frame: Frame) -> tuple[Any, ...]:
    """The names of a resource, outermost first; UNKNOWN where one is not known."""
    known = evaluate(name, frame)
    if isinstance(known, str):
        # A text that is a secret, or a stand-in for one that nobody knows, is so in each of its parts.
        kind = type(known) if isinstance(known, SecretText | StandIn) else str
        return tuple(kind(str.lower(part)) for part in str.split(known, "/"))
    pieces = _pieces(name, frame)
    return pieces if pieces is not None and len(pieces) == parts else (UNKNOWN,) * parts


def _pieces(name: Any, frame: Frame) -> tuple[Any, ...] | None:
    """The parts of ``format('{0}/{1}', …)``, as Bicep writes the name of a child, each by itself."""
    tree = parse(str.__str__(name)[1:-1]) if isinstance(name, str) and is_expression(name) else None
    if not isinstance(tree, Call) or tree.name != "format" or not isinstance(tree.arguments[0], Literal):
        return None
    try:
        values = [frame.run(argument, 1) for argument in tree.arguments[1:]]
    except budget.ExceededError as error:
        if error.limit is budget.STEPS:
            raise
        return None
    made: list[Any] = []
    for piece in str(tree.arguments[0].value).split("/"):
        used = [value for place, value in enumerate(values) if f"{{{place}}}" in piece]
        if any(value is UNKNOWN for value in used):
            made.append(UNKNOWN)
            continue
        try:
            made.append(format_text(piece, *("" if value is UNKNOWN else value for value in values)).lower())
        except (ValueError, IndexError):
            return None
    return tuple(made)


def _written(name: Any) -> str:
    """How a template writes a name that nobody knows."""
    return str(name)[:80] if isinstance(name, str) else ""


def _all_known(parts: tuple[Any, ...]) -> bool:
    return all(isinstance(part, str) for part in parts)


def _extension(kind: str, own: tuple[Any, ...]) -> tuple[str, tuple[Any, ...], Any]:
    """``Microsoft.X/registries/providers/locks`` named ``contoso/Microsoft.Authorization/lock``: the older way."""
    target, last = split_extension(kind)
    if not target:
        return kind, own, None
    depth = target.count("/")
    if len(own) < depth + 2 or not _all_known(own):
        return last, (UNKNOWN,), UNKNOWN
    return f"{own[depth]}/{last}", own[depth + 1 :], path_of(target, list(own[:depth]))


def _scope_id(scope: Any) -> Any:
    if not isinstance(scope, str):
        return UNKNOWN if scope is UNKNOWN else scope
    return absolute(scope)
