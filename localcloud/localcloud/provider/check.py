"""Checks inputs against the SDK's description: every problem of a resource at once, each with its path and its fix."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from .values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localcloud.sdk.description import Properties, Property, SdkDescription

_NOUNS = {
    "string": "a string",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "map": "an object",
    "object": "an object",
}


class Checker:
    """Checks values against properties of one description."""

    def __init__(self, sdk: SdkDescription) -> None:
        self._sdk = sdk

    def problems(self, properties: Properties, values: dict[str, Any], path: str = "") -> Iterator[str]:
        """What is wrong with an object's values, one message each. Unknown values are right until they are known."""
        for name, value in values.items():
            if name in properties:
                yield from self._value(properties[name], value, _join(path, name))
            else:
                yield f"{_join(path, name)}: there is no such property; {_near(name, list(properties))}"
        for name, prop in properties.items():
            if prop.get("required") and name not in values:
                yield f"{_join(path, name)}: missing, and required; set it to {self._noun(prop)}"

    def normalised(self, properties: Properties, values: dict[str, Any]) -> dict[str, Any]:
        """Values as ARM takes them in: enum values in their own spelling, which ARM compares without case."""
        return {
            name: self._normal(properties[name], value) if name in properties else value
            for name, value in values.items()
        }

    def _value(self, prop: Property, value: Any, path: str) -> Iterator[str]:
        kind = prop["type"]
        if value is UNKNOWN or kind == "any":
            return
        if kind == "oneOf":
            yield from self._one_of(prop, value, path)
        elif not is_of(kind, value):
            yield f"{path}: is {_noun_of(value)}; must be {self._noun(prop)}"
        elif "const" in prop and value != prop["const"]:
            yield f"{path}: is '{value}'; must be '{prop['const']}'"
        elif "enum" in prop:
            yield from self._enum(prop, value, path)
        elif kind == "array":
            for index, item in enumerate(value):
                yield from self._value(prop["items"], item, f"{path}[{index}]")
        elif kind == "map":
            for key, item in value.items():
                yield from self._value(prop["items"], item, _join(path, key))
        elif kind == "object":
            yield from self.problems(self._sdk.input_type(prop["ref"]), value, path)

    def _enum(self, prop: Property, value: Any, path: str) -> Iterator[str]:
        # The SDK lets any string through for an enum that may grow; ARM refuses what the API version lacks.
        allowed = self._sdk.enum_values(prop) or []
        if value not in allowed and str(value).lower() not in (str(v).lower() for v in allowed):
            yield f"{path}: '{value}' is not allowed; {_near(str(value), [str(v) for v in allowed])}"

    def _one_of(self, prop: Property, value: Any, path: str) -> Iterator[str]:
        """An object that may be of several types is told by its constant property, such as ``ruleType``."""
        choices: dict[str, Property] = {}
        told_by = ""
        for option in prop["options"]:
            constants = {
                name: inner["const"]
                for name, inner in (self._sdk.input_type(option["ref"]) if "ref" in option else {}).items()
                if "const" in inner
            }
            for name, constant in constants.items():
                told_by = name
                choices[constant] = option
        if not choices:
            options = [list(self._value(option, value, path)) for option in prop["options"]]
            if all(options):
                yield from min(options, key=len)
            return
        if not isinstance(value, dict):
            yield f"{path}: is {_noun_of(value)}; must be an object"
            return
        chosen = value.get(told_by)
        if chosen is None:
            yield f"{_join(path, told_by)}: missing, and required; {_near('', list(choices))}"
        elif chosen is not UNKNOWN and chosen not in choices:
            yield f"{_join(path, told_by)}: '{chosen}' is not allowed; {_near(str(chosen), list(choices))}"
        elif chosen is not UNKNOWN:
            yield from self._value(choices[chosen], value, path)

    def _normal(self, prop: Property, value: Any) -> Any:
        kind = prop["type"]
        if "enum" in prop and isinstance(value, str):
            spellings = {str(v).lower(): v for v in self._sdk.enum_values(prop) or []}
            return spellings.get(value.lower(), value)
        if kind == "array" and isinstance(value, list):
            return [self._normal(prop["items"], item) for item in value]
        if kind == "map" and isinstance(value, dict):
            return {key: self._normal(prop["items"], item) for key, item in value.items()}
        if kind == "object" and isinstance(value, dict):
            return self.normalised(self._sdk.input_type(prop["ref"]), value)
        if kind == "oneOf":
            options = [o for o in prop["options"] if not list(self._value(o, value, ""))]
            return self._normal(options[0], value) if options else value
        return value

    def _noun(self, prop: Property) -> str:
        values = self._sdk.enum_values(prop)
        if values:
            return "one of " + ", ".join(f"'{v}'" for v in values)
        return _NOUNS.get(prop["type"], "a value")


def is_of(kind: str, value: Any) -> bool:
    """Whether a value is of a property type; an integer is a number, and true is neither."""
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("integer", "number"):
        return isinstance(value, (int, float) if kind == "number" else int) and not isinstance(value, bool)
    return isinstance(value, {"string": str, "array": list, "map": dict, "object": dict}[kind])


def _noun_of(value: Any) -> str:
    # Never the value itself: a wrong type is often a secret in the wrong place.
    for kind in ("boolean", "integer", "number", "string", "array"):
        if is_of(kind, value):
            return _NOUNS[kind]
    return "nothing" if value is None else "an object"


def _near(name: str, allowed: list[str]) -> str:
    by_lower = {other.replace("_", "").lower(): other for other in allowed}
    close = difflib.get_close_matches(name.replace("_", "").lower(), by_lower, n=1)
    listed = ", ".join(f"'{other}'" for other in sorted(allowed))
    if close:
        return f"did you mean '{by_lower[close[0]]}'? Known: {listed}"
    return f"known: {listed}" if listed else "none is known here"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
