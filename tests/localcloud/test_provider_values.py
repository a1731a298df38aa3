"""Pulumi's wire values: what goes out comes back, and the engine's marks are understood."""

from __future__ import annotations

from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from localcloud.provider.values import UNKNOWN, decode, encode, has_unknown

plain = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5) | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=5), plain, max_size=4))
def test_what_goes_out_comes_back(values: dict[str, object]) -> None:
    assert decode(encode(values)) == values


def test_fractions_stay_and_nothing_is_left_out() -> None:
    assert decode(encode({"a": 1.5, "b": None, "c": [None]})) == {"a": 1.5, "c": [None]}


def test_every_kind_of_unknown_is_unknown() -> None:
    struct = struct_pb2.Struct()
    struct.update(
        {
            "bool": "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
            "number": "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
            "list": ["6a19a0b0-7e62-4c92-b797-7f8e31da9cc2"],
            "object": {"inner": "dd056dcd-154b-4c76-9bd3-c8f88648b5ff"},
        }
    )
    assert decode(struct) == {"bool": UNKNOWN, "number": UNKNOWN, "list": [UNKNOWN], "object": {"inner": UNKNOWN}}


def test_secrets_and_outputs_are_unwrapped() -> None:
    signature = "4dabf18193072939515e22adb298388d"
    struct = struct_pb2.Struct()
    struct.update(
        {
            "secret": {signature: "1b47061264138c4ac30d75fd1eb44270", "value": "s3"},
            "output": {signature: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "value": {"a": 1}, "dependencies": ["urn"]},
            "unknown": {signature: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "dependencies": ["urn"]},
        }
    )
    assert decode(struct) == {"secret": "s3", "output": {"a": 1}, "unknown": UNKNOWN}


def test_secret_outputs_are_marked_where_they_are() -> None:
    struct = encode({"keys": [{"name": "a", "value": "s3"}], "other": "open"}, secrets=["keys.value", "missing.path"])
    marked = struct.fields["keys"].list_value.values[0].struct_value.fields["value"].struct_value
    assert marked.fields["value"].string_value == "s3"
    assert struct.fields["other"].string_value == "open"
    assert "missing" not in struct.fields
    assert decode(struct)["keys"] == [{"name": "a", "value": "s3"}]


def test_has_unknown_looks_at_every_depth() -> None:
    assert has_unknown({"a": [{"b": UNKNOWN}]})
    assert not has_unknown({"a": [{"b": None}]})
