"""ARM templates, opened: what resources a template declares, as far as its expressions can be worked out.

Nested deployments, child resources, symbolic names (``languageVersion`` 2.0), parameter defaults, variables,
conditions and copy loops are followed. What cannot be worked out is UNKNOWN, never guessed; what cannot be seen at all
(a linked template, a type that only a deployment knows) is reported as hidden.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from .values import UNKNOWN, Partial, SecretText, plain

REGISTRY_NAMESPACE = "microsoft.containerregistry"
DEPLOYMENTS = "microsoft.resources/deployments"
MAX_DEPTH = 32  # deeper nesting than any real template; ends a template that nests itself


@dataclass(frozen=True)
class Declared:
    """One resource of a template: lower-case ARM type, names outermost first, and its body as written."""

    type: str
    names: tuple[Any, ...]
    body: Mapping[str, Any]
    scope: Any = None


@dataclass(frozen=True, slots=True)
class Hidden:
    """Something of a template that cannot be seen; ``registry``: it is certain that a registry hides there."""

    text: str
    registry: bool


@dataclass
class _Scope:
    """What ``parameters()`` and ``variables()`` mean at one place of a template."""

    parameters: Mapping[str, Any]
    defaults: Mapping[str, Any]
    raw_variables: Mapping[str, Any]
    symbols: Mapping[str, Any] = field(default_factory=dict)
    depth: int = 0

    def parameter(self, name: str) -> Any:
        key = name.lower()
        if key in self.parameters:
            return self.parameters[key]
        definition = self.defaults.get(key)
        if not isinstance(definition, Mapping) or "defaultvalue" not in definition or self.depth > MAX_DEPTH:
            return UNKNOWN
        value = evaluate(definition["defaultvalue"], self._deeper())
        secret = str(definition.get("type", "")).lower().startswith("secure")
        return SecretText(value) if secret and isinstance(value, str) else value

    def variable(self, name: str) -> Any:
        raw = self.raw_variables.get(name.lower(), UNKNOWN)
        return UNKNOWN if self.depth > MAX_DEPTH else evaluate(raw, self._deeper())

    def _deeper(self) -> _Scope:
        return _Scope(self.parameters, self.defaults, self.raw_variables, self.symbols, self.depth + 1)


def open_template(
    template: Any, parameters: Any = None, linked: Any = None, *, depth: int = 0
) -> Iterator[Declared | Hidden]:
    """The resources of a template (plain, keys in lower case), with the ``parameters`` object of its deployment."""
    if isinstance(template, str) and template is not UNKNOWN:
        try:
            template = plain(json.loads(template))
        except ValueError:
            yield Hidden("its template is text that is not JSON", _mentions_registry(template))
            return
    if template is UNKNOWN:
        yield Hidden("its template is not known yet", registry=False)
        return
    if not isinstance(template, Mapping):
        if linked is not None:
            where = linked.get("uri") or linked.get("id") if isinstance(linked, Mapping) else None
            yield Hidden("its template is linked and not shown here", _mentions_registry(where))
        return
    scope = _scope(template, parameters, depth)
    yield from _resources(template.get("resources"), scope, template)


def _scope(template: Mapping[str, Any], parameters: Any, depth: int) -> _Scope:
    given: dict[str, Any] = {}
    if isinstance(parameters, Mapping):
        for name, entry in parameters.items():
            given[name] = dict.get(entry, "value", UNKNOWN) if isinstance(entry, dict) else UNKNOWN
    elif parameters is UNKNOWN:
        given = Partial()
        given.update(dict.fromkeys(_object(template.get("parameters")), UNKNOWN))
    resources = template.get("resources")
    return _Scope(
        given,
        _object(template.get("parameters")),
        _with_copies(_object(template.get("variables"))),
        resources if isinstance(resources, Mapping) else {},
        depth,
    )


def _object(value: Any) -> Mapping[str, Any]:
    """An object of a template; of one that is not known yet every key may be there."""
    if value is UNKNOWN:
        return Partial()
    return value if isinstance(value, Mapping) else {}


def _with_copies(holder: Mapping[str, Any]) -> Mapping[str, Any]:
    """Loops of an object (``copy: [{name, count, input}]``) as a list with the one input they repeat."""
    copies = dict.get(dict(holder), "copy")
    if not isinstance(copies, list):
        return holder
    made = {k: v for k, v in holder.items() if k != "copy"}
    for loop in copies:
        if isinstance(loop, Mapping) and isinstance(loop.get("name"), str):
            made[loop["name"].lower()] = [loop.get("input", UNKNOWN)]
    return made


def _resources(
    resources: Any, scope: _Scope, template: Mapping[str, Any], parent: Declared | None = None
) -> Iterator[Declared | Hidden]:
    items = list(resources.values()) if isinstance(resources, Mapping) else resources
    if not isinstance(items, list):
        if resources is not None:
            yield Hidden("its resources are not known yet", _mentions_registry(template))
        return
    for item in items:
        if not isinstance(item, Mapping):
            yield Hidden("a resource of its template is not known yet", registry=False)
            continue
        if item.get("existing") is True or evaluate(item.get("condition", True), scope) is False:
            continue
        yield from _resource(item, scope, template, parent)


def _resource(
    item: Mapping[str, Any], scope: _Scope, template: Mapping[str, Any], parent: Declared | None
) -> Iterator[Declared | Hidden]:
    kind = evaluate(item.get("type"), scope)
    if not isinstance(kind, str):
        # Bicep extensions import resources without an Azure type; anything else has a type that we cannot read.
        if "import" not in item and "extension" not in item:
            yield Hidden("the type of a resource of its template cannot be worked out", _mentions_registry(template))
        return
    kind = kind.split("@", 1)[0].lower()
    name = evaluate(item.get("name"), scope)
    names = tuple(part.lower() for part in name.split("/")) if isinstance(name, str) else (UNKNOWN,) * kind.count("/")
    if parent is not None and "." not in kind.split("/", 1)[0]:
        kind = f"{parent.type}/{kind}"
        names = (*parent.names, *names)
    if kind == DEPLOYMENTS:
        yield from _nested(item, scope)
        return
    body = evaluate({k: v for k, v in item.items() if k not in ("resources", "name", "type")}, scope)
    declared = _extension(kind, names) or Declared(kind, names, body)
    where = evaluate(item.get("scope"), scope)
    declared = Declared(declared.type, declared.names, body, _scope_id(where) if where is not None else declared.scope)
    yield declared
    yield from _resources(item.get("resources"), scope, template, declared)


def _nested(item: Mapping[str, Any], scope: _Scope) -> Iterator[Declared | Hidden]:
    properties = item.get("properties")
    if isinstance(properties, str):
        properties = evaluate(properties, scope)
    if not isinstance(properties, Mapping):
        yield Hidden("a nested deployment is not known yet", registry=False)
        return
    if scope.depth > MAX_DEPTH:
        yield Hidden("its deployments are nested too deeply", registry=True)
        return
    template = properties.get("template")
    if isinstance(template, str):
        template = evaluate(template, scope)
    options = properties.get("expressionevaluationoptions")
    inner = isinstance(options, Mapping) and str(options.get("scope", "outer")).lower() == "inner"
    if inner or not isinstance(template, Mapping):
        parameters = evaluate(properties.get("parameters"), scope)
        yield from open_template(template, parameters, properties.get("templatelink"), depth=scope.depth + 1)
        return
    # Without inner scope, the nested template's expressions mean the parameters and variables of the outer one.
    outer = _Scope(scope.parameters, scope.defaults, scope.raw_variables, scope.symbols, scope.depth + 1)
    yield from _resources(template.get("resources"), outer, template)


def _extension(kind: str, names: tuple[Any, ...]) -> Declared | None:
    """``Microsoft.X/registries/providers/locks`` named ``contoso/Microsoft.Authorization/lock``: the older way."""
    target, found, own = kind.partition("/providers/")
    if not found:
        return None
    depth = target.count("/")
    if len(names) < depth + 2 or not all(isinstance(n, str) for n in names):
        return Declared(own, (UNKNOWN,), {}, UNKNOWN)
    namespace = names[depth]
    return Declared(f"{namespace}/{own}", names[depth + 1 :], {}, _id(target, names[:depth]))


def _scope_id(scope: Any) -> Any:
    if not isinstance(scope, str):
        return scope
    return scope if scope.startswith("/") else f"/providers/{scope}"


def _id(kind: str, names: tuple[str, ...]) -> str:
    """An Azure id without subscription and group, which a template does not tell."""
    namespace, *types = kind.split("/")
    pairs = "/".join(part for pair in zip(types, names, strict=False) for part in pair)
    return f"/providers/{namespace}/{pairs}"


def _mentions_registry(value: Any) -> bool:
    if isinstance(value, str):
        return REGISTRY_NAMESPACE in str.lower(value)
    if isinstance(value, Mapping):
        return any(_mentions_registry(v) for v in value.values())
    return isinstance(value, list) and any(_mentions_registry(v) for v in value)


# Expressions


def evaluate(value: Any, scope: _Scope) -> Any:
    """A value with its expressions worked out; UNKNOWN where one cannot be."""
    if isinstance(value, str):
        if not value.startswith("[") or not value.endswith("]"):
            return value
        if value.startswith("[["):
            return value[1:]
        tree = _parse(str.__str__(value[1:-1]))
        result = UNKNOWN if tree is None else _run(tree, scope)
        return SecretText(result) if isinstance(value, SecretText) and isinstance(result, str) else result
    if isinstance(value, dict):
        held = _with_copies(value)
        made = {k: evaluate(v, scope) for k, v in held.items()}
        return Partial(made) if isinstance(value, Partial) else made
    if isinstance(value, list):
        return [evaluate(v, scope) for v in value]
    return value


_TOKEN = re.compile(
    r"\s*(?:('(?:[^']|'')*')|(-?\d+)|([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)|([()\[\],.]))"
)


@lru_cache(maxsize=4096)
def _parse(text: str) -> Any:
    """The syntax tree of an expression, None when it is none: ("text", s), ("call", name, args), ("at", tree, tree)."""
    parts: list[tuple[str, str]] = []
    position = 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            return None
        position = match.end()
        for kind, part in zip(("text", "number", "name", "mark"), match.groups(), strict=True):
            if part is not None:
                parts.append((kind, part))
    reader = _Reader(parts)
    try:
        tree = reader.expression()
    except (IndexError, ValueError, RecursionError):
        return None
    return tree if reader.at == len(parts) else None


class _Reader:
    def __init__(self, parts: list[tuple[str, str]]) -> None:
        self.parts = parts
        self.at = 0

    def _take(self, mark: str | None = None) -> tuple[str, str]:
        part = self.parts[self.at]
        if mark is not None and part != ("mark", mark):
            raise ValueError(mark)
        self.at += 1
        return part

    def _next_is(self, mark: str) -> bool:
        return self.at < len(self.parts) and self.parts[self.at] == ("mark", mark)

    def expression(self) -> Any:
        kind, text = self._take()
        if kind == "text":
            tree: Any = ("text", text[1:-1].replace("''", "'"))
        elif kind == "number":
            tree = ("text", int(text))
        elif kind == "name":
            tree = ("call", text.lower(), self._arguments())
        else:
            raise ValueError(text)
        while True:
            if self._next_is("."):
                self._take()
                for name in self._take()[1].split("."):
                    tree = ("at", tree, ("text", name))
            elif self._next_is("["):
                self._take()
                tree = ("at", tree, self.expression())
                self._take("]")
            else:
                return tree

    def _arguments(self) -> tuple[Any, ...]:
        self._take("(")
        found: list[Any] = []
        while not self._next_is(")"):
            found.append(self.expression())
            if not self._next_is(")"):
                self._take(",")
        self._take(")")
        return tuple(found)


def _run(tree: Any, scope: _Scope) -> Any:
    if tree[0] == "text":
        return tree[1]
    if tree[0] == "at":
        return _at(_run(tree[1], scope), _run(tree[2], scope))
    name, arguments = tree[1], tree[2]
    if name == "if":
        test = _run(arguments[0], scope) if len(arguments) == 3 else UNKNOWN
        return _run(arguments[1 if test else 2], scope) if isinstance(test, bool) else UNKNOWN
    values = [_run(argument, scope) for argument in arguments]
    if name == "parameters":
        return scope.parameter(values[0]) if values and isinstance(values[0], str) else UNKNOWN
    if name == "variables":
        return scope.variable(values[0]) if values and isinstance(values[0], str) else UNKNOWN
    if name == "resourceinfo":
        return _symbol(values, scope)
    function = _FUNCTIONS.get(name)
    if function is None or any(v is UNKNOWN for v in values):
        return UNKNOWN
    try:
        result = function(*values)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, StopIteration):
        return UNKNOWN
    secret = isinstance(result, str) and any(isinstance(v, SecretText) for v in values)
    return SecretText(result) if secret else result


def _symbol(values: list[Any], scope: _Scope) -> Any:
    """``resourceInfo('registry')``: what a symbolic name stands for, as far as its id."""
    item = scope.symbols.get(values[0].lower()) if values and isinstance(values[0], str) else None
    if not isinstance(item, Mapping) or scope.depth > MAX_DEPTH:
        return UNKNOWN
    kind, name = evaluate(item.get("type"), scope), evaluate(item.get("name"), scope)
    if not isinstance(kind, str) or not isinstance(name, str):
        return UNKNOWN
    return Partial({"id": _id(kind.split("@", 1)[0].lower(), tuple(name.lower().split("/"))), "name": name})


def _at(holder: Any, key: Any) -> Any:
    if isinstance(holder, dict) and isinstance(key, str):
        return holder.get(key.lower(), UNKNOWN)
    if isinstance(holder, list) and isinstance(key, int) and -len(holder) <= key < len(holder):
        return holder[key]
    return UNKNOWN


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, dict | list):
        raise ValueError("not text")
    return str.__str__(value) if isinstance(value, str) else str(value)


def _concat(*values: Any) -> Any:
    if values and all(isinstance(v, list) for v in values):
        return [item for v in values for item in v]
    return "".join(_text(v) for v in values)


def _format(pattern: str, *values: Any) -> str:
    return re.sub(r"\{(\d+)\}", lambda m: _text(values[int(m[1])]), str.__str__(pattern))


def _union(*values: Any) -> Any:
    if all(isinstance(v, list) for v in values):
        return [item for index, v in enumerate(values) for item in v if item not in _concat(*values[:index], [])]
    made: dict[str, Any] = Partial() if any(isinstance(v, Partial) for v in values) else {}
    for value in values:
        for key, item in value.items():
            both = isinstance(made.get(key), dict) and isinstance(item, dict)
            made[key] = _union(made[key], item) if both else item
    return made


def _resource_id(*values: Any) -> str:
    """``resourceId([subscription], [group], type, names…)``: subscription and group come only when given."""
    at = next(i for i, v in enumerate(values) if isinstance(v, str) and "/" in v and not v.startswith("/"))
    kind, names = values[at].lower(), tuple(_text(v).lower() for v in values[at + 1 :])
    places = [_text(v) for v in values[:at]]
    scope = ""
    if len(places) == 2:
        scope = f"/subscriptions/{places[0]}/resourcegroups/{places[1]}"
    elif len(places) == 1:
        scope = f"/resourcegroups/{places[0]}"
    return f"{scope}{_id(kind, names)}".lower()


def _equals(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return str.__eq__(one, other)
    return one == other


def _boolean(value: Any) -> bool:
    if isinstance(value, str):
        return {"true": True, "false": False, "1": True, "0": False}[str.lower(value)]
    return bool(value)


def _contains(holder: Any, item: Any) -> bool:
    return item.lower() in holder if isinstance(holder, dict) else item in holder


_FUNCTIONS: Mapping[str, Any] = {
    "concat": _concat,
    "format": _format,
    "tolower": lambda v: str.lower(v),
    "toupper": lambda v: str.upper(v),
    "trim": lambda v: str.strip(v),
    "string": lambda v: _text(v) if not isinstance(v, dict | list) else json.dumps(v),
    "bool": _boolean,
    "int": int,
    "true": lambda: True,
    "false": lambda: False,
    "null": lambda: None,
    "equals": _equals,
    "not": lambda v: not _boolean(v),
    "and": lambda *v: all(_boolean(i) for i in v),
    "or": lambda *v: any(_boolean(i) for i in v),
    "coalesce": lambda *v: next((i for i in v if i is not None), None),
    "createarray": lambda *v: list(v),
    "createobject": lambda *v: {k.lower(): i for k, i in zip(v[::2], v[1::2], strict=True)},
    "union": _union,
    "array": lambda v: v if isinstance(v, list) else [v],
    "json": lambda v: plain(json.loads(v)),
    "length": len,
    "empty": lambda v: v is None or len(v) == 0,
    "contains": _contains,
    "first": lambda v: v[0],
    "last": lambda v: v[-1],
    "split": lambda v, mark: str.split(v, mark),
    "join": lambda v, mark: mark.join(_text(i) for i in v),
    "replace": lambda v, old, new: str.replace(v, old, new),
    "substring": lambda v, start, length=None: str.__getitem__(
        v, slice(start, None if length is None else start + length)
    ),
    "resourceid": _resource_id,
    "subscriptionresourceid": _resource_id,
    "tenantresourceid": _resource_id,
    "extensionresourceid": lambda scope, kind, *n: f"{scope}{_id(kind.lower(), tuple(_text(i).lower() for i in n))}",
    "tryget": lambda holder, *keys: _try_get(holder, *keys),
}


def _try_get(holder: Any, *keys: Any) -> Any:
    for key in keys:
        if isinstance(holder, Partial):
            return UNKNOWN
        holder = holder.get(key.lower()) if isinstance(holder, dict) and isinstance(key, str) else None
    return holder
