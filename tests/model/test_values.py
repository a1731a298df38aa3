"""Plain values: unknowns, secrets, key case and ARM's ``properties``."""

from __future__ import annotations

import copy
import json
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from registry_model.estate.values import (
    REDACTED,
    SECRET_SIGNATURE,
    SIGNATURE_KEY,
    UNKNOWN,
    UNKNOWN_SENTINELS,
    Partial,
    SecretText,
    as_bool,
    as_text,
    flatten,
    lookup,
    plain,
    sharing,
    show,
)


def secret(value: Any) -> dict[str, Any]:
    return {SIGNATURE_KEY: SECRET_SIGNATURE, "value": value}


@pytest.mark.parametrize("sentinel", sorted(UNKNOWN_SENTINELS))
def test_every_sentinel_is_unknown(sentinel: str) -> None:
    assert plain({"a": [sentinel]}) == {"a": [UNKNOWN]}


def test_what_cannot_be_decrypted_is_unknown() -> None:
    assert plain(REDACTED) is UNKNOWN
    assert plain({SIGNATURE_KEY: SECRET_SIGNATURE, "ciphertext": "v1:abc"}) is UNKNOWN
    assert plain({SIGNATURE_KEY: SECRET_SIGNATURE, "plaintext": '"Basic"'}) == "Basic"


def test_the_truth_of_an_unknown_is_an_error() -> None:
    with pytest.raises(TypeError):
        bool(UNKNOWN)
    assert copy.deepcopy({"a": UNKNOWN})["a"] is UNKNOWN


def test_a_secret_compares_and_never_prints() -> None:
    value = plain(secret("Hunter2"))
    assert value == "Hunter2"
    assert as_text(value) == "hunter2"
    for shown in (str(value), repr(value), f"{value}", f"{value:>10}", show(value), str(value.lower()), show([value])):
        assert "unter2" not in shown


def test_secrets_inside_a_secret_object_do_not_print_either() -> None:
    value = plain(secret({"Name": "Hunter2", "list": ["Hunter2"]}))
    assert "unter2" not in f"{value['name']}{value['list'][0]}"
    assert isinstance(value["list"][0], SecretText)


def test_keys_are_compared_without_case() -> None:
    assert lookup(plain({"Policies": {"ExportPolicy": {"STATUS": "x"}}}), "policies.exportPolicy.status") == "x"


def test_keys_that_clash_are_not_believed() -> None:
    assert plain({"adminUserEnabled": False, "AdminUserEnabled": True}) == {"adminuserenabled": UNKNOWN}
    assert plain({"a": {"B": 1}, "A": {"B": 2}}) == {"a": UNKNOWN}
    assert plain({"aB": 1, "Ab": 2, "AB": 1}) == {"ab": UNKNOWN}
    assert plain({"a": REDACTED, "A": True}) == plain({"A": True, "a": REDACTED}) == {"a": UNKNOWN}


def test_keys_that_say_the_same_do_not_clash() -> None:
    twice = {"networkRuleSet": {"DefaultAction": "Deny"}, "NetworkRuleSet": {"defaultAction": "Deny"}, "x": 1}
    assert plain(twice) == {"networkruleset": {"defaultaction": "Deny"}, "x": 1}


def test_any_mapping_is_read() -> None:
    assert plain(MappingProxyType({"A": MappingProxyType({"B": 1})})) == {"a": {"b": 1}}


def test_unknown_on_the_way_is_unknown_at_the_end() -> None:
    assert lookup({"policies": UNKNOWN}, "policies.exportPolicy.status", "enabled") is UNKNOWN
    assert lookup({"policies": None}, "policies.exportPolicy.status", "enabled") == "enabled"


def test_properties_are_lifted_and_their_own_keys_count() -> None:
    body = {"adminuserenabled": False, "sku": {"name": "Basic"}}
    inside = {"adminuserenabled": True, "sku": {"name": "Premium"}, "subnets": [{"properties": {"addressprefix": "x"}}]}
    lifted = flatten({**body, "properties": inside})
    assert lifted["adminuserenabled"] is True
    assert lifted["sku"] == {"name": "Basic"}
    assert lifted["subnets"] == [{"addressprefix": "x"}]


def test_unknown_properties_leave_nothing_absent() -> None:
    lifted = flatten({"location": "japaneast", "properties": UNKNOWN})
    assert isinstance(lifted, Partial)
    assert lookup(lifted, "location") == "japaneast"
    assert lookup(lifted, "publicNetworkAccess", "Enabled") is UNKNOWN


@pytest.mark.parametrize(
    ("value", "meaning"),
    [(True, True), ("True", True), ("false", False), (None, None), (UNKNOWN, UNKNOWN), ("yes", UNKNOWN), (1, UNKNOWN)],
)
def test_what_is_no_boolean_is_not_false(value: Any, meaning: Any) -> None:
    assert as_bool(value) is meaning


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(sorted(UNKNOWN_SENTINELS)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4) | inner.map(secret)
    ),
    max_leaves=20,
)


@given(JSON)
def test_anything_can_be_made_plain(value: Any) -> None:
    made = flatten(plain(value))
    assert SECRET_SIGNATURE not in json.dumps(made, default=repr)


@given(JSON, st.text(max_size=8))
def test_flattening_twice_changes_nothing(value: Any, key: str) -> None:
    once = flatten(plain({key: value}))
    assert flatten(once) == once


def test_equal_parts_are_shared_and_the_value_stays() -> None:
    given_ = plain({"tags": {"owner": "platform"}, "rules": [{"value": "10.0.0.0/8"}, "x"], "sku": {"name": "Premium"}})
    answered = json.loads(json.dumps({**given_, "sku": {"name": "Premium", "tier": "Premium"}, "on": True}))
    made = sharing(answered, given_)
    assert made == answered
    assert made["tags"] is given_["tags"]
    assert made["rules"] is given_["rules"]
    assert made["sku"]["name"] is given_["sku"]["name"]


@pytest.mark.parametrize(
    ("value", "other"),
    [
        ({"a": 1}, {"a": True}),
        ({"a": "x"}, {"a": SecretText("x")}),
        ({"a": SecretText("x")}, {"a": "x"}),
        ({"a": None}, {}),
        ({}, {"a": None}),
        (Partial({"a": "x"}), {"a": "x"}),
        ({"a": "x"}, Partial({"a": "x"})),
        ([1, "a"], ["a", 1]),
        ({"a": ["x"]}, {"a": ["x", "y"]}),
    ],
)
def test_what_is_not_the_same_is_not_shared(value: Any, other: Any) -> None:
    made = sharing(value, other)
    assert made is not other
    assert repr(made) == repr(value)
    assert type(made) is type(value)
