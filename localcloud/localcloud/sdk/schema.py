"""Makes a Pulumi package schema of a description: what the YAML host and code generators need to know of a package.

Only the served types are in it, so that a program that asks for another one is told so by the host.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def package_schema(data: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a described package (see extract.py)."""
    package = data["package"]
    provider_inputs = {name: _property(prop) for name, prop in data["provider"]["inputs"].items()}
    return {
        "name": package,
        "displayName": f"{package}, as the local cloud serves it",
        "version": data["version"],
        "config": {"variables": provider_inputs},
        "provider": {"type": "object", "inputProperties": provider_inputs},
        "types": {
            **{token: _object(found) for token, found in data["inputTypes"].items()},
            **{token: _object(found) for token, found in data["outputTypes"].items()},
            **{token: _enum(found) for token, found in data["enums"].items()},
        },
        "resources": {token: _resource(found) for token, found in data["resources"].items()},
        "functions": {token: _function(found) for token, found in data["functions"].items()},
        "language": {
            "nodejs": {"packageName": f"@pulumi/{package}"},
            "python": {"packageName": f"pulumi-{package}".replace("-", "_")},
        },
    }


def _resource(found: Mapping[str, Any]) -> dict[str, Any]:
    outputs = _object({"doc": found["doc"], "properties": found["outputs"]})
    inputs = _object({"properties": found["inputs"]})
    return {
        **outputs,
        "inputProperties": inputs["properties"],
        "requiredInputs": inputs["required"],
    }


def _function(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "description": found["doc"],
        "inputs": _object({"properties": found["inputs"]}),
        "outputs": _object({"properties": found["outputs"]}),
    }


def _object(found: Mapping[str, Any]) -> dict[str, Any]:
    properties = found["properties"]
    return {
        "type": "object",
        "description": found.get("doc", ""),
        "properties": {name: _property(prop) for name, prop in properties.items()},
        "required": sorted(name for name, prop in properties.items() if prop.get("required")),
    }


def _enum(found: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "string", "description": found["doc"], "enum": [{"value": value} for value in found["values"]]}


def _property(prop: Mapping[str, Any]) -> dict[str, Any]:
    made = _type(prop)
    for key, word in (("doc", "description"), ("default", "default"), ("const", "const")):
        if key in prop:
            made[word] = prop[key]
    return made


def _type(prop: Mapping[str, Any]) -> dict[str, Any]:
    kind = prop["type"]
    if "enum" in prop:
        reference = {"type": "string", "$ref": f"#/types/{prop['enum']}"}
        return {"type": "string", "oneOf": [{"type": "string"}, reference]} if prop.get("open") else reference
    if kind == "array":
        return {"type": "array", "items": _type(prop["items"])}
    if kind == "map":
        return {"type": "object", "additionalProperties": _type(prop["items"])}
    if kind == "object":
        return {"type": "object", "$ref": f"#/types/{prop['ref']}"}
    if kind == "oneOf":
        return {"oneOf": [_type(option) for option in prop["options"]]}
    if kind == "any":
        return {"$ref": "pulumi.json#/Any"}
    return {"type": kind}
