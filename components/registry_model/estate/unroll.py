"""Makes of an ARM template an equal one that tells more before it is deployed.

Bicep's output says much by way of what only Azure works out: names from ``uniqueString``, hosts from
``environment()``, one module's output as another's parameter, loops. Here generated names get stand-ins (the same for
the same expression, so that what shares a name is still seen to belong together), the environment is the given cloud's,
outputs of modules in the template are put where they are used, and loops with a known count are written out.
What cannot be worked out stays as it is, and is unknown to the rules.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..azure import names
from . import arm
from .values import UNKNOWN, plain

MAX_COPIES = 800  # of one loop: Azure's own limit
MAX_RESOURCES = 5000  # that loops make: a template is input, and loops in modules in loops multiply
MAX_LENGTH = 20_000  # of an expression that outputs are put into
MAX_DEPTH = 16
MAX_PASSES = 8

_STAND_INS = {"uniquestring": 13, "guid": 36}
_SUFFIX = re.compile(r"environment\(\s*\)\.suffixes\.(\w+)", re.IGNORECASE)
_OUTPUT = re.compile(r"\.outputs(?:\.(\w+)|\[\s*'([^']+)'\s*\])\.value\b", re.IGNORECASE)

Change = Callable[[str], str]
Evaluate = Callable[[Any], Any]


def unrolled(
    template: Mapping[str, Any], parameters: Mapping[str, Any] | None = None, *, cloud: names.Cloud = names.PUBLIC
) -> dict[str, Any]:
    """The template (keys in lower case) with stand-ins, outputs and loops written out.

    ``parameters`` are those of a parameters file; they decide how often a loop runs.
    """
    made = _map(plain(template), lambda text: _environment(_stand_ins(text), cloud))
    return _Loops().template(_linked(made, 0), plain(parameters or {}))


# Expressions as text


def _map(value: Any, change: Change) -> Any:
    """The value with every expression inside it changed, in keys too."""
    if isinstance(value, str):
        return f"[{change(value[1:-1])}]" if _is_expression(value) else value
    if isinstance(value, dict):
        return {_map(key, change): _map(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_map(item, change) for item in value]
    return value


def _is_expression(text: str) -> bool:
    return text.startswith("[") and text.endswith("]") and not text.startswith("[[")


def _calls(text: str, function: str) -> Iterator[tuple[int, int, str]]:
    """Where a function is called: start, end, and what is between the parentheses. Calls inside a call are not."""
    lowered, at = text.lower(), 0
    while True:
        at = lowered.find(function + "(", at)
        if at < 0:
            return
        opening = at + len(function)
        end = _closing(text, opening)
        whole_word = at == 0 or not (text[at - 1].isalnum() or text[at - 1] == "_")
        if end is None or not whole_word or _quoted(text, at):
            at = opening
            continue
        yield at, end, text[opening + 1 : end - 1]
        at = end


def _quoted(text: str, at: int) -> bool:
    return text.count("'", 0, at) % 2 == 1


def _closing(text: str, opening: int) -> int | None:
    depth, quoted = 0, False
    for at in range(opening, len(text)):
        mark = text[at]
        if mark == "'":
            quoted = not quoted
        elif not quoted and mark in "([":
            depth += 1
        elif not quoted and mark in ")]":
            depth -= 1
            if depth == 0:
                return at + 1
    return None


def _arguments(text: str) -> list[str]:
    """The arguments of a call, split at the commas that are its own."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, mark in enumerate(text):
        if mark == "'":
            quoted = not quoted
        elif not quoted:
            depth += (mark in "([") - (mark in ")]")
            if mark == "," and depth == 0:
                parts.append(text[start:at].strip())
                start = at + 1
    return [*parts, text[start:].strip()] if text.strip() else []


def _replace_calls(text: str, function: str, instead: Callable[[str], str | None]) -> str | None:
    """The text with each call replaced; None as soon as one cannot be."""
    made, at = [], 0
    for start, end, inside in _calls(text, function):
        by = instead(inside)
        if by is None:
            return None
        made += [text[at:start], by]
        at = end
    return "".join([*made, text[at:]])


def _literal(value: Any) -> str | None:
    """A value as the text of an expression."""
    if value is UNKNOWN:
        return None
    if isinstance(value, str):
        return value[1:-1] if _is_expression(value) else "'" + value.replace("'", "''") + "'"
    if isinstance(value, bool):
        return "true()" if value else "false()"
    if isinstance(value, int):
        return str(value)
    if _has_expression(value):
        return None
    quoted = json.dumps(value, default=str).replace("'", "''")
    return f"json('{quoted}')"


def _has_expression(value: Any) -> bool:
    if isinstance(value, str):
        return _is_expression(value)
    if isinstance(value, dict):
        return any(_has_expression(item) for item in value.values())
    return isinstance(value, list) and any(_has_expression(item) for item in value)


# Generated names and the environment


def _stand_ins(text: str) -> str:
    for function, length in _STAND_INS.items():
        text = _replace_calls(text, function, lambda inside, length=length: _stand_in(inside, length)) or text
    return text


def _stand_in(arguments: str, length: int) -> str:
    digest = hashlib.sha256(re.sub(r"\s+", "", arguments).lower().encode()).hexdigest()
    if length == 36:
        digest = "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
    return f"'{digest[:length]}'"


def _environment(text: str, cloud: names.Cloud) -> str:
    suffixes = {
        "acrloginserver": f".{cloud.registry_suffix}",
        "storage": cloud.blob_suffix.removeprefix("blob."),
    }
    return _SUFFIX.sub(lambda m: f"'{suffixes[m[1].lower()]}'" if m[1].lower() in suffixes else m[0], text)


# Outputs of modules


def _deployments(template: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The nested deployments with their symbolic name, or none."""
    resources = template.get("resources")
    listed = resources if isinstance(resources, list) else ()
    pairs = resources.items() if isinstance(resources, dict) else (("", each) for each in listed)
    for symbol, each in pairs:
        kind = each.get("type") if isinstance(each, dict) else None
        if isinstance(kind, str) and kind.lower() == arm.DEPLOYMENTS and _inner(each) is not None:
            yield symbol, each


def _inner(deployment: Mapping[str, Any]) -> dict[str, Any] | None:
    """The template of a deployment whose expressions are its own (``scope: inner``, as Bicep writes all)."""
    properties = deployment.get("properties")
    if not isinstance(properties, dict) or not isinstance(properties.get("template"), dict):
        return None
    options = properties.get("expressionevaluationoptions")
    inner = isinstance(options, dict) and str(options.get("scope", "")).lower() == "inner"
    return properties["template"] if inner else None


def _outside(value: Any, change: Change) -> Any:
    """The value with its expressions changed, but for templates whose expressions are their own."""
    if isinstance(value, dict) and _inner(value) is not None:
        properties = {k: v if k == "template" else _outside(v, change) for k, v in value["properties"].items()}
        return {**{k: _outside(v, change) for k, v in value.items() if k != "properties"}, "properties": properties}
    if isinstance(value, dict):
        return {_map(key, change): _outside(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_outside(item, change) for item in value]
    return _map(value, change)


def _linked(template: dict[str, Any], depth: int) -> dict[str, Any]:
    """The template with each ``reference(module).outputs.name.value`` replaced by what the module says it is."""
    if depth > MAX_DEPTH:
        return template
    for _, deployment in _deployments(template):
        deployment["properties"]["template"] = _linked(deployment["properties"]["template"], depth + 1)
    for _ in range(MAX_PASSES):
        outputs = _outputs(template)
        if not outputs:
            break
        changed = _outside(template, lambda text, outputs=outputs: _with_outputs(text, outputs))
        if changed == template:
            break
        template = changed
    return template


def _outputs(template: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """What each output of each module is, as an expression of the outer template: by module and output name."""
    found: dict[tuple[str, str], str] = {}
    for symbol, deployment in _deployments(template):
        inner = deployment["properties"]["template"]
        declared = inner.get("outputs")
        name = _literal(deployment.get("name"))
        for output, definition in declared.items() if isinstance(declared, dict) else ():
            value = _literal(definition.get("value", UNKNOWN)) if isinstance(definition, dict) else None
            text = _in_outer(value, deployment, inner, 0) if value is not None else None
            if text is None or len(text) > MAX_LENGTH or "copyindex(" in text.lower():
                continue
            for module in (_normal(name or ""), f"'{symbol.lower()}'" if symbol else ""):
                if module:
                    found[module, output.lower()] = text
    return found


def _in_outer(text: str, deployment: Mapping[str, Any], inner: Mapping[str, Any], depth: int) -> str | None:
    """An expression of the module in the outer template's words; None when it cannot be said there."""
    if depth > MAX_DEPTH or "reference(" in text.lower():
        return None

    def parameter(inside: str) -> str | None:
        name = inside.strip().strip("'").lower()
        given = deployment["properties"].get("parameters") or {}
        if isinstance(given, dict) and isinstance(given.get(name), dict):
            return _literal(given[name].get("value", UNKNOWN))
        definition = (inner.get("parameters") or {}).get(name)
        default = definition.get("defaultvalue", UNKNOWN) if isinstance(definition, dict) else UNKNOWN
        value = _literal(default)
        return _in_outer(value, deployment, inner, depth + 1) if value is not None else None

    def variable(inside: str) -> str | None:
        value = _literal((inner.get("variables") or {}).get(inside.strip().strip("'").lower(), UNKNOWN))
        return _in_outer(value, deployment, inner, depth + 1) if value is not None else None

    # In one go: what is put in is in the outer template's words, and its parameters are not the module's.
    made = _both(text, parameter, variable)
    return made if made is not None and len(made) <= MAX_LENGTH else None


def _both(text: str, parameter: Callable[[str], str | None], variable: Callable[[str], str | None]) -> str | None:
    """The text with every call of ``parameters`` and ``variables`` replaced in one go."""
    spans = sorted(
        [(start, end, parameter(inside)) for start, end, inside in _calls(text, "parameters")]
        + [(start, end, variable(inside)) for start, end, inside in _calls(text, "variables")],
        key=lambda span: span[0],
    )
    made, at = [], 0
    for start, end, by in spans:
        if by is None:
            return None
        made += [text[at:start], by]
        at = end
    return "".join([*made, text[at:]])


def _with_outputs(text: str, outputs: Mapping[tuple[str, str], str]) -> str:
    made, at = [], 0
    for start, end, inside in _calls(text, "reference"):
        match = _OUTPUT.match(text, end)
        by = outputs.get((_module(inside), (match[1] or match[2]).lower())) if match else None
        if match and by is not None:
            made += [text[at:start], by]
            at = match.end()
    result = "".join([*made, text[at:]])
    return result if len(result) <= MAX_LENGTH else text


def _module(arguments: str) -> str:
    """Which module a ``reference`` is to: the name at the end of its resource id, or its symbolic name."""
    first = (_arguments(arguments) or [""])[0]
    if first.startswith("'"):
        return first.lower()
    if "microsoft.resources/deployments" not in first.lower() or not first.endswith(")"):
        return ""
    return _normal((_arguments(first[first.index("(") + 1 : -1]) or [""])[-1])


def _normal(text: str) -> str:
    return re.sub(r"\s+", "", text).lower()


# Loops


class _Loops:
    """Writes loops out, in a template and in its modules, until there are more resources than any template may have."""

    def __init__(self) -> None:
        self.left = MAX_RESOURCES

    def template(self, template: dict[str, Any], parameters: Any, depth: int = 0) -> dict[str, Any]:
        if depth > MAX_DEPTH:
            return template

        def value(expression: Any) -> Any:
            return _evaluated(expression, template, parameters)

        made = {
            key: _object_loops(item, value) if key in ("variables", "outputs") else item
            for key, item in template.items()
        }
        if "resources" in made:
            made["resources"] = self.resources(made["resources"], value, depth)
        return made

    def resources(self, resources: Any, value: Evaluate, depth: int) -> Any:
        if isinstance(resources, dict):
            pairs: list[tuple[str, Any]] = list(resources.items())
        elif isinstance(resources, list):
            pairs = [("", each) for each in resources]
        else:
            return resources
        made: list[tuple[str, Any]] = []
        for symbol, each in pairs:
            if not isinstance(each, dict):
                made.append((symbol, each))
                continue
            copies = self.copies(each, value)
            for number, one in enumerate(copies):
                made.append((symbol if len(copies) == 1 else f"{symbol}[{number}]", self.inside(one, value, depth)))
        return dict(made) if isinstance(resources, dict) else [each for _, each in made]

    def copies(self, resource: dict[str, Any], value: Evaluate) -> list[dict[str, Any]]:
        loop = resource.get("copy")
        count = _count(loop.get("count"), value) if isinstance(loop, dict) else None
        if not isinstance(loop, dict) or count is None or count > self.left:
            return [resource]
        self.left -= count
        body = {key: item for key, item in resource.items() if key != "copy"}
        name = str(loop.get("name", ""))
        return [_outside(body, lambda text, index=index: _indexed(text, name, index)) for index in range(count)]

    def inside(self, resource: dict[str, Any], value: Evaluate, depth: int) -> dict[str, Any]:
        """One resource, with the loops of its properties, its children and its template written out."""
        inner = _inner(resource)
        if inner is not None:
            properties = resource["properties"]
            parameters = value(properties.get("parameters") or {})
            return {**resource, "properties": {**properties, "template": self.template(inner, parameters, depth + 1)}}
        made = {key: item if key == "resources" else _object_loops(item, value) for key, item in resource.items()}
        if "resources" in made and depth <= MAX_DEPTH:
            made["resources"] = self.resources(made["resources"], value, depth + 1)
        return made


def _object_loops(held: Any, value: Evaluate) -> Any:
    """``copy: [{name, count, input}]`` inside an object as the list that it makes."""
    if isinstance(held, list):
        return [_object_loops(item, value) for item in held]
    if not isinstance(held, dict):
        return held
    loops = held.get("copy")
    made = {
        key: _object_loops(item, value) for key, item in held.items() if key != "copy" or not isinstance(loops, list)
    }
    for loop in loops if isinstance(loops, list) else ():
        count = _count(loop.get("count"), value) if isinstance(loop, dict) else None
        if count is None or not isinstance(loop.get("name"), str):
            made.setdefault("copy", []).append(loop)
            continue
        each = _object_loops(loop.get("input"), value)
        made[loop["name"].lower()] = [
            _map(each, lambda text, index=index, name=loop["name"]: _indexed(text, name, index))
            for index in range(count)
        ]
    return made


def _indexed(text: str, loop: str, index: int) -> str:
    """The expression of one run of a loop; ``copyIndex`` of another loop stays."""

    def number(inside: str) -> str:
        arguments = _arguments(inside)
        named = [a.strip("'").lower() for a in arguments if a.startswith("'")]
        offset = next((int(a) for a in arguments if re.fullmatch(r"-?\d+", a)), 0)
        return str(index + offset) if not named or named[0] == loop.lower() else f"copyindex({inside})"

    return _replace_calls(text, "copyindex", number) or text


def _count(expression: Any, value: Evaluate) -> int | None:
    count = value(expression)
    if isinstance(count, str) and count.isdigit():
        count = int(count)
    if isinstance(count, bool) or not isinstance(count, int):
        return None
    return count if 0 <= count <= MAX_COPIES else None


def _evaluated(expression: Any, template: Mapping[str, Any], parameters: Any) -> Any:
    """What an expression of the template comes to, as its reader works it out."""
    probe = {
        "parameters": template.get("parameters") or {},
        "variables": template.get("variables") or {},
        "resources": [{"type": "registry-guard/probes", "name": "probe", "value": expression}],
    }
    for found in arm.open_template(probe, parameters):
        if isinstance(found, arm.Declared):
            return found.body.get("value", UNKNOWN)
    return UNKNOWN
