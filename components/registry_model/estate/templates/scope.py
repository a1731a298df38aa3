"""What ``parameters()``, ``variables()`` and the template's own functions mean at one place of a template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..values import UNKNOWN, Ends, Partial
from . import evaluation
from .values import ABSENT, OWN_GROUP, OWN_SUBSCRIPTION, secret

if TYPE_CHECKING:
    from .expressions import Node
    from .modules import Modules
    from .world import World

RESOURCE_LOOP = ""  # the index that a bare ``copyIndex()`` means
INNERMOST_LOOP = " "  # and where there is no loop of resources, that of the innermost loop


class Frame:
    """A place inside a scope: which copy of which loop, what a lambda or the template's own function was given."""

    __slots__ = ("arguments", "lambdas", "loops", "scope")

    def __init__(
        self,
        scope: Scope,
        loops: Mapping[str, Any] | None = None,
        lambdas: Mapping[str, Any] | None = None,
        arguments: Mapping[str, Any] | None = None,
    ) -> None:
        self.scope = scope
        self.loops: Mapping[str, Any] = loops or {}
        self.lambdas: Mapping[str, Any] = lambdas or {}
        self.arguments = arguments

    def copy(self, name: str, index: Any, *, of_resource: bool = False) -> Frame:
        """The same place in one run of a loop; ``index`` is UNKNOWN where nobody knows how often it runs."""
        loops = {**self.loops, name.lower(): index, RESOURCE_LOOP if of_resource else INNERMOST_LOOP: index}
        return Frame(self.scope, loops, self.lambdas, self.arguments)

    def index(self, loop: str | None) -> Any:
        """Which copy this is: of the loop of this name, else of the resource, else of the innermost loop."""
        if loop is not None:
            return self.loops.get(loop, UNKNOWN)
        return self.loops.get(RESOURCE_LOOP, self.loops.get(INNERMOST_LOOP, UNKNOWN))

    def with_lambda(self, given: Mapping[str, Any]) -> Frame:
        return Frame(self.scope, self.loops, {**self.lambdas, **given}, self.arguments)

    def inside_function(self, arguments: Mapping[str, Any]) -> Frame:
        """Inside the template's own function, which sees its arguments alone."""
        return Frame(self.scope, arguments=arguments)

    def run(self, node: Node, depth: int) -> Any:
        return evaluation.run(node, self, depth)

    def evaluate(self, value: Any, depth: int = 0) -> Any:
        return evaluation.evaluate(value, self, depth)


_PENDING = object()


class Scope:
    """One template's parameters, variables, functions and modules; each value is worked out once.

    ``given`` are the parameters of its deployment (``{name: {"value": …}}``), to be worked out in ``outer`` when that
    is a frame; ``unsure`` means that a file which is not shown may give others. ``group`` and ``subscription`` are
    those that it is deployed into.
    """

    def __init__(
        self,
        world: World,
        template: Mapping[str, Any],
        given: Any = None,
        *,
        outer: Frame | None = None,
        unsure: bool = False,
        name: Any = UNKNOWN,
        group: Any = OWN_GROUP,
        subscription: Any = OWN_SUBSCRIPTION,
    ) -> None:
        self.world = world
        self.number = world.scopes = world.scopes + 1
        self.template = template
        self.given: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
        self.unsure = unsure or given is UNKNOWN or isinstance(given, Partial)
        self.outer = outer
        self.name = name
        self.group = group
        self.subscription = subscription
        self.definitions = as_object(template.get("parameters"))
        self.types = as_object(template.get("definitions"))
        self.raw_variables = as_object(template.get("variables"))
        self.functions = _functions(template.get("functions"))
        self.language2 = str(template.get("languageversion", "")).startswith("2.")
        self.modules: Modules | None = None
        self.ends: dict[tuple[str, str], tuple[Ends, ...]] = {}  # of parameters and variables that are not known
        self._parameters: dict[str, Any] = {}
        self._variables: dict[str, Any] = {}
        self._asked: dict[tuple[str, str], set[str]] = {}
        self._loops: dict[str, Mapping[str, Any]] = {
            str.lower(loop["name"]): loop
            for loop in evaluation.loops_of(self.raw_variables)
            if isinstance(loop.get("name"), str)
        }

    def parameter(self, name: str, depth: int) -> Any:
        return self._once(self._parameters, name.lower(), "parameter", self._parameter, depth)

    def variable(self, name: str, depth: int) -> Any:
        return self._once(self._variables, name.lower(), "variable", self._variable, depth)

    def _once(self, known: dict[str, Any], name: str, kind: str, make: Any, depth: int) -> Any:
        value = known.get(name, known)
        if value is _PENDING:
            self.world.note(f"its {kind} '{name}' is defined by itself", self.template)
            return UNKNOWN
        if value is not known:
            self.world.ask(self._asked.get((kind, name), ()))
            return value
        known[name] = _PENDING
        before, self.world.collected = self.world.collected, set()
        try:
            known[name] = value = make(name, depth)
        except BaseException:
            del known[name]
            raise
        finally:
            if self.world.collected:
                self._asked[kind, name] = self.world.collected
                before |= self.world.collected
            self.world.collected = before
        return value

    def _parameter(self, name: str, depth: int) -> Any:
        definition = self.definitions.get(name)
        kind = self.type_of(definition)
        value = self._given(name, depth)
        if value is None or value is ABSENT:
            value = self._default(name, definition, kind, value, depth)
        return secret(value) if str(kind.get("type", "")).lower().startswith("secure") else value

    def _given(self, name: str, depth: int) -> Any:
        if name not in self.given:
            return UNKNOWN if self.unsure else ABSENT
        entry = self.given[name]
        if self.outer is not None:
            # Whole, since Bicep also writes `[if(…, createObject('value', …))]` and loops that make the value.
            entry = evaluation.evaluate(entry, self.outer, depth)
        # Without a value it is a secret of a key vault, or not known yet.
        return dict.get(entry, "value", UNKNOWN) if isinstance(entry, dict) else UNKNOWN

    def _default(self, name: str, definition: Any, kind: Mapping[str, Any], given: Any, depth: int) -> Any:
        """A nullable parameter that nobody gives is null; null for one that has a default asks for the default."""
        if isinstance(definition, Mapping) and "defaultvalue" in definition:
            return evaluation.evaluate(definition["defaultvalue"], Frame(self), depth)
        if given is None or kind.get("nullable") is True:
            return None
        if self.outer is None and definition is not None:
            self.world.ungiven(name)
            self.world.ask((name,))
        return UNKNOWN

    def type_of(self, definition: Any) -> Mapping[str, Any]:
        """A parameter's type with what its ``$ref`` says (``#/definitions/name``); its own words win."""
        made: Mapping[str, Any] = definition if isinstance(definition, Mapping) else {}
        for _ in range(16):  # a type that refers to itself ends
            reference = made.get("$ref")
            if not isinstance(reference, str):
                break
            found = self.types.get(reference.rpartition("/")[2].lower())
            rest = {key: value for key, value in made.items() if key != "$ref"}
            made = {**found, **rest} if isinstance(found, Mapping) else rest
        return made

    def nullable_member(self, node_name: str, path: list[str]) -> bool:
        """Whether the type of ``parameters('name').path`` says that it may be left out."""
        kind = self.type_of(self.definitions.get(node_name))
        for key in path:
            found = as_object(kind.get("properties")).get(key)
            if found is None:
                return False
            kind = self.type_of(found)
        return kind.get("nullable") is True

    def _variable(self, name: str, depth: int) -> Any:
        loop = self._loops.get(name)
        if loop is not None:
            made = evaluation.looped(loop, Frame(self), depth)
            return UNKNOWN if made is None else made
        return evaluation.evaluate(self.raw_variables.get(name, UNKNOWN), Frame(self), depth)


def as_object(value: Any) -> Mapping[str, Any]:
    """An object of a template; of one that is not known yet every key may be there."""
    if value is UNKNOWN:
        return Partial()
    return value if isinstance(value, Mapping) else {}


def _functions(listed: Any) -> Mapping[str, Mapping[str, Any]]:
    """The template's own functions by ``namespace.name``."""
    found: dict[str, Mapping[str, Any]] = {}
    for space in listed if isinstance(listed, list) else ():
        if not isinstance(space, Mapping):
            continue
        namespace = space.get("namespace")
        for name, definition in as_object(space.get("members")).items():
            if isinstance(definition, Mapping):
                full = f"{namespace}.{name}" if isinstance(namespace, str) else name
                found[full.lower()] = definition
    return found
