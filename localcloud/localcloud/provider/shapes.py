"""Turns inputs into a preview's outputs, and outputs into inputs for a refresh or an import, as azure-native does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .check import is_of
from .values import UNKNOWN

if TYPE_CHECKING:
    from localcloud.sdk.description import Properties, Property, ResourceShape, SdkDescription

_MISSING: Any = object()
# Network types take these as inputs, and azure-native reads them back as such; no program wants them, and they change
# with every operation.
_NEVER_WANTED = frozenset({"etag", "provisioningState"})


def preview_outputs(sdk: SdkDescription, outputs: Properties, inputs: dict[str, Any]) -> dict[str, Any]:
    """What a preview knows of a resource: the outputs that are inputs too; all others are unknown."""
    return {name: _preview(sdk, prop, inputs.get(name, UNKNOWN)) for name, prop in outputs.items()}


def _preview(sdk: SdkDescription, prop: Property, value: Any) -> Any:
    kind = prop["type"]
    if kind in ("any", "oneOf"):
        return value
    if not is_of(kind, value):
        return UNKNOWN  # an output may have the name of an input and another type
    if kind == "array":
        return [_preview(sdk, prop["items"], item) for item in value]
    if kind == "map":
        return {key: _preview(sdk, prop["items"], item) for key, item in value.items()}
    return preview_outputs(sdk, sdk.output_type(prop["ref"]), value) if kind == "object" else value


def inputs_of(sdk: SdkDescription, inputs: Properties, outputs: dict[str, Any]) -> dict[str, Any]:
    """The outputs that can be set, in the shape of inputs: what is read-only left out, at every depth."""
    return {
        name: _as_input(sdk, prop, outputs[name])
        for name, prop in inputs.items()
        if name in outputs and name not in _NEVER_WANTED
    }


def _as_input(sdk: SdkDescription, prop: Property, value: Any) -> Any:
    kind = prop["type"]
    if kind == "array" and isinstance(value, list):
        return [_as_input(sdk, prop["items"], item) for item in value]
    if kind == "map" and isinstance(value, dict):
        return {key: _as_input(sdk, prop["items"], item) for key, item in value.items()}
    if kind == "object" and isinstance(value, dict):
        return inputs_of(sdk, sdk.input_type(prop["ref"]), value)
    if kind == "oneOf" and isinstance(value, dict):
        for option in prop["options"]:
            properties = sdk.input_type(option["ref"])
            if all(value.get(name) == inner["const"] for name, inner in properties.items() if "const" in inner):
                return inputs_of(sdk, properties, value)
    return value


def refreshed_inputs(
    sdk: SdkDescription,
    shape: ResourceShape,
    inputs: dict[str, Any],
    old_outputs: dict[str, Any],
    new_outputs: dict[str, Any],
) -> dict[str, Any]:
    """The inputs after a refresh: what changed in the cloud since the last deployment, and nothing else.

    Most outputs are values that Azure chose, and must not become inputs. So old and new outputs are compared, and only
    the differences are applied to the inputs. What is also declared as resources of its own (a virtual network's
    subnets) is left alone when it was not given here.
    """
    left_alone = {"id", *(name for name in shape.subresources if name not in inputs)}
    settable = {name: prop for name, prop in shape.inputs.items() if name not in left_alone}
    return _changed(inputs, inputs_of(sdk, settable, old_outputs), inputs_of(sdk, settable, new_outputs))


def _changed(base: Any, before: Any, after: Any) -> Any:
    if before == after:
        return base
    if isinstance(base, dict) and isinstance(before, dict) and isinstance(after, dict):
        result = dict(base)
        for key in {**before, **after}:
            old, new = before.get(key, _MISSING), after.get(key, _MISSING)
            if new is _MISSING:
                result.pop(key, None)
            elif old != new:
                result[key] = _changed(base[key], old, new) if key in base else new
        return result
    if isinstance(base, list) and isinstance(before, list) and isinstance(after, list):
        return [
            _changed(base[i], before[i], item) if i < len(base) and i < len(before) else item
            for i, item in enumerate(after)
        ]
    return after


def imported_inputs(
    sdk: SdkDescription, shape: ResourceShape, path: dict[str, str], outputs: dict[str, Any]
) -> dict[str, Any]:
    """The inputs that would make a resource as it is: those of its id, and all of its outputs that can be set.

    Empty lists and objects are left out: they say nothing, and would have to be written in the program.
    """
    settable = {name: prop for name, prop in shape.inputs.items() if name != "id"}
    read = {name: _without_empty(value) for name, value in inputs_of(sdk, settable, outputs).items()}
    return {**{name: value for name, value in read.items() if value is not None}, **path}


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _without_empty(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not None} or None
    if isinstance(value, list):
        return [item for item in map(_without_empty, value) if item is not None] or None
    return value
