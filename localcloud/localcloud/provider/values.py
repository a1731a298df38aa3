"""Pulumi's wire values: plain Python values, and what only a preview or a secret needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from google.protobuf import struct_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# pulumi/sdk/go/common/resource/plugin/rpc.go and resource/sig/sig.go: how unknown values and wrapped ones look.
_UNKNOWN_SENTINELS: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # a boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # a number
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # a string, and what SDKs send for anything
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # an array
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # an object
    }
)
_UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the mark of a secret
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()
"""A value that is not known before the deployment."""


def decode(struct: struct_pb2.Struct) -> dict[str, Any]:
    """A wire object as a dict: nulls left out, unknown values as UNKNOWN, whole numbers as int.

    Secrets and outputs are unwrapped: the engine puts the marks back on results that have the same property, for this
    provider as for azure-native, since neither says that it accepts secrets.
    """
    decoded = ((key, _decode(value)) for key, value in struct.fields.items())
    return {key: value for key, value in decoded if value is not None}


def _decode(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in _UNKNOWN_SENTINELS else value.string_value
    if kind == "bool_value":
        return value.bool_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "list_value":
        return [_decode(item) for item in value.list_value.values]
    if kind == "struct_value":
        signature = value.struct_value.fields.get(_SIGNATURE)
        if signature is not None and signature.string_value in (_SECRET, _OUTPUT):
            inner = value.struct_value.fields.get("value")
            return UNKNOWN if inner is None else _decode(inner)
        return decode(value.struct_value)
    return None


def encode(values: Mapping[str, Any], secrets: Iterable[str] = ()) -> struct_pb2.Struct:
    """A dict as a wire object. ``secrets`` are dotted paths whose values are marked secret."""
    struct = struct_pb2.Struct()
    _fill(struct, values)
    for path in secrets:
        _mark_secret(struct, path.split("."))
    return struct


def _fill(struct: struct_pb2.Struct, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if value is not None:
            _encode(value, struct.fields[key])


def _encode(value: Any, into: struct_pb2.Value) -> None:
    if value is UNKNOWN:
        into.string_value = _UNKNOWN_STRING
    elif value is None:
        into.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, bool):
        into.bool_value = value
    elif isinstance(value, (int, float)):
        into.number_value = value
    elif isinstance(value, str):
        into.string_value = value
    elif isinstance(value, dict):
        into.struct_value.SetInParent()
        _fill(into.struct_value, value)
    else:
        into.list_value.SetInParent()
        for item in value:
            _encode(item, into.list_value.values.add())


def _mark_secret(struct: struct_pb2.Struct, path: list[str]) -> None:
    value = struct.fields.get(path[0])
    if value is None:
        return
    if len(path) > 1:
        for item in value.list_value.values if value.WhichOneof("kind") == "list_value" else [value]:
            _mark_secret(item.struct_value, path[1:])
        return
    plain = struct_pb2.Value()
    plain.CopyFrom(value)
    value.Clear()
    value.struct_value.fields[_SIGNATURE].string_value = _SECRET
    value.struct_value.fields["value"].CopyFrom(plain)


def has_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN
