"""What a template deploys by name: nested deployments with their outputs, and resources by their symbolic names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...azure import names as registry_names
from ...azure.ids import parse_id
from ..values import UNKNOWN, Hidden, Partial, from_text
from .budget import COPIES
from .evaluation import counted, evaluate
from .expressions import Call, Literal, Node, is_expression, parse
from .ids import absolute, path_of
from .scope import Frame, Scope, as_object
from .values import StandIn, marked, secret, stand_in
from .world import mentions_registry

DEPLOYMENTS = "microsoft.resources/deployments"
DEPLOYMENT_STACKS = "microsoft.resources/deploymentstacks"
COMPLETE = "complete"  # the mode that deletes what is in the resource group and not in the template
TEMPLATE_SPECS = "microsoft.resources/templatespecs/versions"
APPLICATION_DEFINITIONS = "microsoft.solutions/applicationdefinitions"
REGISTRIES = "microsoft.containerregistry/registries"
VAULTS = "microsoft.keyvault/vaults"
VAULT_KEYS = f"{VAULTS}/keys"

_COPY_OF = re.compile(r"(.+)\[(\d{1,6})\]")


def _place(value: Any, outer: Frame, depth: int, own: Any) -> Any:
    known = evaluate(value, outer, depth)
    return own if known is None or known == "" else known


def type_of(item: Mapping[str, Any], frame: Frame, depth: int = 0) -> Any:
    """The lower-case ARM type of a resource without its API version; UNKNOWN where it cannot be worked out."""
    kind = evaluate(item.get("type"), frame, depth)
    return kind.split("@", 1)[0].lower() if isinstance(kind, str) and not isinstance(kind, StandIn) else UNKNOWN


class Module:
    """A deployment inside a template: its template, where its expressions are worked out, and its outputs."""

    def __init__(self, item: Mapping[str, Any], outer: Frame, depth: int) -> None:
        self.name = evaluate(item.get("name"), outer, depth)
        self.outer = outer
        self.template: Any = None
        self.hidden: Hidden | None = None
        self.frame: Frame | None = None
        self.deletes: dict[str, Any] = {}  # the settings by which it deletes what its template does not declare
        scope = outer.scope
        # Nothing, null and the empty text all mean the place of the outer deployment.
        self.group = _place(item.get("resourcegroup"), outer, depth, scope.group)
        self.subscription = _place(item.get("subscriptionid"), outer, depth, scope.subscription)
        self._outputs: dict[str, Any] | None = None
        properties = item.get("properties")
        if isinstance(properties, str):
            properties = evaluate(properties, outer, depth)
        if not isinstance(properties, Mapping):
            self.hidden = Hidden("a nested deployment is not known yet", registry=False)
            return
        mode = evaluate(properties.get("mode"), outer, depth)
        if mode is UNKNOWN or str(mode).lower() == COMPLETE:
            self.deletes = {"mode": mode}
        self._open(properties, depth)

    def _open(self, properties: Mapping[str, Any], depth: int) -> None:
        scope = self.outer.scope
        template = properties.get("template")
        if isinstance(template, str) and is_expression(template):
            template = evaluate(template, self.outer, depth)
        link = evaluate(properties.get("templatelink"), self.outer, depth)
        if template is None and link is not None:
            template = self._spec(link.get("id") if isinstance(link, Mapping) else link)
        template, self.hidden = readable(template, link)
        if template is None:
            return
        self.template = template
        options = properties.get("expressionevaluationoptions")
        inner = isinstance(options, Mapping) and str(options.get("scope", "outer")).lower() == "inner"
        if not inner and link is None:
            # Without inner scope, the nested template's expressions mean the parameters and variables of the outer one.
            self.frame = self.outer
            return
        given: Any = properties.get("parameters")
        outer: Frame | None = self.outer
        if isinstance(given, str):
            given, outer = evaluate(given, self.outer, depth), None
        self.frame = Frame(
            Scope(
                scope.world,
                template,
                given,
                outer=outer,
                unsure="parameterslink" in properties,
                name=self.name,
                group=self.group,
                subscription=self.subscription,
            )
        )
        self.frame.scope.modules = Modules(self.frame.scope)

    def _spec(self, identity: Any) -> Any:
        """The template of a spec that the same template or the same stack declares; None for any other."""
        modules = self.outer.scope.modules
        found = modules.spec(identity) if modules is not None and isinstance(identity, str) else None
        return self.outer.scope.world.specs(identity) if found is None else found

    def outputs(self, depth: int) -> dict[str, Any]:
        """``{name: {"type": …, "value": …}}``, worked out once."""
        if self._outputs is None:
            self._outputs = Partial()  # what an output that asks for its own module's outputs sees
            if self.frame is not None and isinstance(self.template, Mapping):
                declared = as_object(self.template.get("outputs"))
                made = {name: self._output(each, self.frame, depth) for name, each in declared.items()}
                self._outputs = Partial(made) if isinstance(declared, Partial) else made
        return self._outputs

    def _output(self, definition: Any, frame: Frame, depth: int) -> Any:
        if not isinstance(definition, Mapping):
            return UNKNOWN
        kind = frame.scope.type_of(definition)
        if evaluate(definition.get("condition", True), frame, depth) is False:
            value = None
        else:
            value = _value(definition, frame, depth)
        if str(kind.get("type", "")).lower().startswith("secure"):
            value = secret(value)
        return {"type": kind.get("type", UNKNOWN), "value": value}


def _value(definition: Mapping[str, Any], frame: Frame, depth: int) -> Any:
    loop = definition.get("copy")
    if not isinstance(loop, Mapping):
        return evaluate(definition.get("value", UNKNOWN), frame, depth)
    count = counted(loop.get("count"), frame, depth)
    if count is None:
        return UNKNOWN
    frame.scope.world.budget.make_list(count)
    return [evaluate(loop.get("input"), frame.copy("", index), depth) for index in range(count)]


def readable(template: Any, link: Any = None) -> tuple[Any, Hidden | None]:
    """A template as an object, or None with what is hidden; text is read as JSON."""
    if isinstance(template, str):
        text, template = template, from_text(template)
        if template is UNKNOWN:
            return None, Hidden("its template is text that is not JSON", mentions_registry(text))
    if template is UNKNOWN:
        return None, Hidden("its template is not known yet", registry=False)
    if isinstance(template, Mapping):
        return template, None
    if link is None:
        return None, None
    where = [link.get(key) for key in ("uri", "id", "relativepath")] if isinstance(link, Mapping) else None
    return None, Hidden("its template is linked and not shown here", mentions_registry(where))


def main_template(properties: Any, frame: Frame) -> Any:
    """The template of a spec, whose own expressions a template that declares it writes with two brackets, ``[[``."""
    if isinstance(properties, str):
        properties = evaluate(properties, frame)
    held = properties.get("maintemplate") if isinstance(properties, Mapping) else UNKNOWN
    return evaluate(held, frame) if isinstance(held, str) else _without_escapes(held)


def _without_escapes(value: Any) -> Any:
    if isinstance(value, str):
        return type(value)(value[1:]) if value.startswith("[[") else value
    if isinstance(value, list):
        return [_without_escapes(each) for each in value]
    if isinstance(value, dict):
        return type(value)({key: _without_escapes(each) for key, each in value.items()})
    return value


class Modules:
    """The deployments and symbolic names of one template's resources, found when they are asked for."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        resources = scope.template.get("resources")
        self._symbols: Mapping[str, Any] = resources if isinstance(resources, Mapping) else {}
        listed = list(resources.values()) if isinstance(resources, Mapping) else resources
        self._items = [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []
        self._made: dict[Any, Module] = {}
        self._by_name: dict[str, tuple[Mapping[str, Any], Frame]] | None = None
        self._by_text: dict[Node, tuple[Mapping[str, Any], Frame]] = {}
        self._specs: dict[str, Any] | None = None

    def of(self, item: Mapping[str, Any], frame: Frame, depth: int) -> Module:
        """The module of a resource in one run of its loop: the same for who opens it and for who asks its outputs."""
        key = (id(item), *sorted((name, str(index)) for name, index in frame.loops.items()))
        if key not in self._made:
            self._made[key] = Module(item, frame, depth)
        return self._made[key]

    def reference(self, node: Node, frame: Frame, depth: int) -> Any:
        """``reference(…)`` to a resource by symbolic name, name or id; UNKNOWN for what the template does not make."""
        name = frame.run(node, depth)
        if not isinstance(name, str):
            found = self._named_alike(node, depth)
            return UNKNOWN if found is None else self._outputs(*found, depth)
        symbol = self._symbol(name)
        if symbol is not None:
            return self._of_resource(*symbol, depth)
        kind, _, own = name.rpartition("/")
        if not kind or kind.lower().endswith(DEPLOYMENTS):
            found = self._names(depth).get(own.lower())
            if found is not None:
                return self._outputs(*found, depth)
        identity = parse_id(absolute(str.__str__(name)))
        if identity is not None and identity.type in (REGISTRIES, VAULTS, VAULT_KEYS):
            return self._answer(identity.type, tuple(type(name)(part) for part in identity.names))
        found = self._called(name, depth)
        return Partial() if found is None else self._of_resource(*found, depth)

    def references(self, name: str, depth: int) -> Any:
        """``references('loop')``: what each copy is."""
        item = self._symbols.get(name.lower())
        loop = item.get("copy") if isinstance(item, Mapping) else None
        if not isinstance(item, Mapping) or not isinstance(loop, Mapping):
            return UNKNOWN
        frame = Frame(self.scope)
        count = counted(loop.get("count"), frame, depth)
        if count is None:
            return UNKNOWN
        self.scope.world.budget.make_list(count)
        return [
            self._of_resource(item, frame.copy(str(loop.get("name", "")), index, of_resource=True), depth)
            for index in range(count)
        ]

    def info(self, name: str, depth: int) -> Any:
        """``resourceInfo('registry')``: what a symbolic name stands for, as far as its id."""
        found = self._symbol(name)
        if found is None:
            return UNKNOWN
        item, frame = found
        kind, own = type_of(item, frame, depth), evaluate(item.get("name"), frame, depth)
        if not isinstance(kind, str) or not isinstance(own, str):
            return Partial({"type": kind, "name": own})
        path = path_of(kind, own.split("/"))
        return Partial({"id": StandIn(path) if isinstance(own, StandIn) else path, "name": own, "type": kind})

    def spec(self, identity: str) -> Any:
        """The template of a template spec's version that this template declares; None for any other."""
        if self._specs is None:
            self._specs = {}
            frame = Frame(self.scope)
            for item in self._items:
                if type_of(item, frame) == TEMPLATE_SPECS and isinstance(item.get("properties"), Mapping):
                    name = evaluate(item.get("name"), frame)
                    if isinstance(name, str):
                        self._specs[name.lower()] = main_template(item["properties"], frame)
        match = re.search(r"/templatespecs/([^/]+)/versions/([^/]+)$", identity.lower())
        called = f"{match[1]}/{match[2]}" if match else ""
        if called in self._specs:
            self.scope.world.deployed_specs.add(called)
        return self._specs.get(called)

    def _symbol(self, name: str) -> tuple[Mapping[str, Any], Frame] | None:
        frame = Frame(self.scope)
        item = self._symbols.get(name.lower())
        match = _COPY_OF.fullmatch(name)
        if item is None and match is not None:
            item = self._symbols.get(match[1].lower())
            loop = item.get("copy") if isinstance(item, Mapping) else None
            called = str(loop.get("name", "")) if isinstance(loop, Mapping) else ""
            frame = frame.copy(called, int(match[2]), of_resource=True)
        return (item, frame) if isinstance(item, Mapping) else None

    def _of_resource(self, item: Mapping[str, Any], frame: Frame, depth: int) -> Any:
        kind = type_of(item, frame, depth)
        if kind in (DEPLOYMENTS, DEPLOYMENT_STACKS):
            return self._outputs(item, frame, depth)
        properties = item.get("properties")
        if kind == REGISTRIES and isinstance(properties, Mapping) and "autogenerateddomainnamelabelscope" in properties:
            return Partial()
        name = evaluate(item.get("name"), frame, depth)
        if not isinstance(kind, str) or not isinstance(name, str):
            return Partial()
        return self._answer(kind, tuple(type(name)(part) for part in str.split(name, "/")))

    def _answer(self, kind: str, names: tuple[str, ...]) -> Any:
        """What Azure answers of a resource, as far as its type and names tell."""
        if kind == REGISTRIES:
            return self._registry(names[-1])
        if kind not in (VAULTS, VAULT_KEYS) or len(names) != kind.count("/"):
            return Partial()
        uri = f"https://{str.lower(names[0])}.{self.scope.world.cloud.vault_suffix}/"
        if kind == VAULTS:
            return Partial({"vaulturi": marked(uri, list(names))})
        key = f"{uri}keys/{str.__str__(names[1])}"
        version = stand_in("key version", key, length=36).replace("-", "")
        versioned = StandIn(f"{key}/{version}")
        return Partial({"keyuri": marked(key, list(names)), "keyuriwithversion": marked(versioned, list(names))})

    def _called(self, name: str, depth: int) -> tuple[Mapping[str, Any], Frame] | None:
        """The one resource of the template that is called so: ``reference('vault')``."""
        frame = Frame(self.scope)
        found = [
            item
            for item in self._items
            if "copy" not in item
            and isinstance(own := evaluate(item.get("name"), frame, depth), str)
            and str.lower(own) == str.lower(name)
        ]
        return (found[0], frame) if len(found) == 1 else None

    def _registry(self, name: Any) -> Any:
        """What Azure answers of a registry, as far as its name tells."""
        if not isinstance(name, str) or not name.isalnum():
            return Partial()
        server = registry_names.login_server(str(name).lower(), self.scope.world.cloud)
        return Partial({"loginserver": StandIn(server) if isinstance(name, StandIn) else server})

    def _outputs(self, item: Mapping[str, Any], frame: Frame, depth: int) -> Any:
        return Partial({"outputs": self.of(item, frame, depth).outputs(depth + 1)})

    def _names(self, depth: int) -> Mapping[str, tuple[Mapping[str, Any], Frame]]:
        """The deployments by their names, and those whose names nobody knows by how they are written."""
        if self._by_name is None:
            self._by_name = {}
            for item, frame in self._deployments(depth):
                name = evaluate(item.get("name"), frame, depth)
                if isinstance(name, str):
                    self._by_name[name.lower()] = (item, frame)
                elif isinstance(item.get("name"), str) and "copy" not in item and is_expression(item["name"]):
                    self._by_text[parse(str.__str__(item["name"])[1:-1])] = (item, frame)
        return self._by_name

    def _deployments(self, depth: int) -> Iterator[tuple[Mapping[str, Any], Frame]]:
        frame = Frame(self.scope)
        for item in self._items:
            if type_of(item, frame, depth) not in (DEPLOYMENTS, DEPLOYMENT_STACKS):
                continue
            loop = item.get("copy")
            if not isinstance(loop, Mapping):
                yield item, frame
                continue
            count = counted(loop.get("count"), frame, depth)
            called = str(loop.get("name", ""))
            for index in range(min(count or 0, COPIES.value)):
                yield item, frame.copy(called, index, of_resource=True)

    def _named_alike(self, node: Node, depth: int) -> tuple[Mapping[str, Any], Frame] | None:
        """The deployment that ``resourceId('Microsoft.Resources/deployments', …)`` names in the same words."""
        if not isinstance(node, Call) or not node.arguments:
            return None
        kinds = [a.value for a in node.arguments if isinstance(a, Literal) and isinstance(a.value, str)]
        if DEPLOYMENTS not in (kind.lower() for kind in kinds):
            return None
        self._names(depth)
        return self._by_text.get(node.arguments[-1])
