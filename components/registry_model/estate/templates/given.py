"""Whether the values of a parameters file fit a template, as Azure asks before it deploys anything.

learn.microsoft.com/azure/azure-resource-manager/templates/parameters and .../data-types: names are compared without
letter case, values are never converted, and allowed values are compared without letter case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...suggest import did_you_mean

_TYPES: Mapping[str, tuple[type, str]] = {
    "bool": (bool, "true or false"),
    "int": (int, "a whole number"),
    "string": (str, "a text"),
    "securestring": (str, "a text"),
    "array": (list, "a list"),
    "object": (dict, "an object"),
    "secureobject": (dict, "an object"),
}
_SHOWN = 40  # characters of a value


def declared(template: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parameters of a template by their names as written."""
    found = template.get("parameters")
    return {str(name): each for name, each in found.items()} if isinstance(found, Mapping) else {}


def unknown(given: Iterable[str], known: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """What is wrong with each name that is a parameter of no template; ``known`` are those of each template, by the
    template's file."""
    names = {name.lower(): name for each in known.values() for name in each}
    of = f"the template {next(iter(known))}" if len(known) == 1 else f"any of the {len(known)} templates"
    for name in given:
        if name.lower() not in names:
            yield f"'{name}' is not a parameter of {of}{did_you_mean(name, names.values())}"


def unfit(template: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with each value of a parameter of the template: another type, or none of the allowed values."""
    definitions = {name.lower(): each for name, each in declared(template).items()}
    for name, entry in given.items():
        definition = definitions.get(str(name).lower())
        if isinstance(definition, Mapping) and isinstance(entry, Mapping) and entry.get("value") is not None:
            yield from _misfit(str(name), definition, entry["value"])


def _misfit(name: str, definition: Mapping[str, Any], value: Any) -> Iterator[str]:
    kind = str(definition.get("type", "")).lower()
    wanted = _TYPES.get(kind)
    secret = kind.startswith("secure")
    if wanted is not None and not _is(value, wanted[0]):
        yield f"'{name}' must be {wanted[1]} ({kind}){'' if secret else f', not {_short(value)}'}"
        return
    allowed = definition.get("allowedValues")
    if isinstance(allowed, list) and not isinstance(value, list) and _plain(value) not in map(_plain, allowed):
        shown = ", ".join(_short(each) for each in allowed)
        yield f"'{name}' must be one of {shown}{'' if secret else f', not {_short(value)}'}"


def _is(value: Any, wanted: type) -> bool:
    # A bool is an int to Python, and not to Azure.
    return isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))


def _plain(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _short(value: Any) -> str:
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
