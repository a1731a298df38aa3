"""JSON as people and tools write it: what is read, where an error is, and what says that it is a template."""

from __future__ import annotations

import codecs
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from registry_model.estate.jsonc import TextError, decode, parse, parse_piecewise, says_template, without_comments

READ = {
    "a line comment": ('{"a": 1 // one\n}', {"a": 1}),
    "a line comment with Windows newlines": ('{\r\n// one\r\n"a": 1\r\n}', {"a": 1}),
    "a block comment": ('{/* one\n two */"a": /**/ 1}', {"a": 1}),
    "stars": ('{/***** a * / **/"a": 1}', {"a": 1}),
    "what looks like a comment in a text": ('{"a": "http://x /* y */ // z", // c\n}', {"a": "http://x /* y */ // z"}),
    "quotes in a text": ('{"a": "\\"// no", /* c */ "b": "\\\\"}', {"a": '"// no', "b": "\\"}),
    "quotes in a comment": ('{/* "a */ "b": 1}', {"b": 1}),
    "trailing commas": ('{"a": [1, 2,], "b": {"c": ",}",},}', {"a": [1, 2], "b": {"c": ",}"}}),
    "a comment behind a trailing comma": ('{"a": [1, // one\n /* two */ ],\n}', {"a": [1]}),
    "a line break in a text": ('{"a": "[concat(\n  1)]", /**/ "b": "\t"}', {"a": "[concat(\n  1)]", "b": "\t"}),
    "a mark at the start": ('\ufeff{"a": 1 /**/}', {"a": 1}),
    "a comment at the end": ('{"a": 1}\n// end', {"a": 1}),
    "a comment that does not end": ('{"a": 1} /* end', {"a": 1}),
}


@pytest.mark.parametrize(("text", "value"), READ.values(), ids=READ)
def test_what_is_not_plain_is_read(text: str, value: object) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"a": 1 // one\n"b": 2}', "line 2, column 1"),
        ("// one\n/* two\n three */ {,,}", "line 3, column 12"),
        ('{"a": tru}', "line 1, column 7"),
        ("{", "line 1, column 2"),
        ("[1,,2]", "line 1, column 4"),
        ('{"a": "', "line 1, column 7"),
        ("{'a': 1}", "line 1, column 2"),
        ("/", "line 1, column 1"),
    ],
)
def test_an_error_is_where_it_is_written(text: str, place: str) -> None:
    with pytest.raises(TextError, match=f"^{place}$"):
        parse(text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_encodings_with_a_mark_and_without(encoding: str) -> None:
    text = '{"é": "日本"}'
    assert json.loads(decode(text.encode(encoding))) == {"é": "日本"}
    for mark, named in ((codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF32_LE, "utf-32-le")):
        assert decode(mark + text.encode(named)) == text


@pytest.mark.parametrize(("data", "name"), [(b'{"a": "\xff"}', "UTF-8"), (b"\xff\xfe\x00", "UTF-16")])
def test_bytes_that_are_no_text(data: bytes, name: str) -> None:
    with pytest.raises(TextError, match=f"^it is not {name} text$"):
        decode(data)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", ', True),
        ('{"$schema": "…/2018-05-01/subscriptionDeploymentTemplate.json#"', True),
        ('{"contentVersion": "1.0.0.0", "resources": [', True),
        ('{"$schema": "…/2019-04-01/deploymentParameters.json#", "contentVersion": "1.0.0.0", ', False),
        ('{"resources": [', False),
        ("", False),
    ],
)
def test_what_says_that_it_is_a_template(text: str, says: bool) -> None:
    assert says_template(text) is says


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='ab"\\/*,[]{}\n ', max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet='a/*",', max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON, st.integers())
def test_any_value_is_the_same_with_comments_between_its_parts(value: object, seed: int) -> None:
    chosen = random.Random(seed)
    filling = ["", " ", "// x\n", "/* , ] */", "/**/\n", "//\n"]
    written = json.dumps(value, indent=1)
    # Line breaks that json.dumps writes are never inside a text, so that something may stand before each.
    made = "".join(f"{line}{chosen.choice(filling)}\n" for line in written.split("\n"))
    assert parse(made) == value
    assert without_comments(made).count("\n") == made.count("\n")


PATHS = (("deployment", "resources"), ("checkpoint", "latest", "resources"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "resources", "\u00e9"]), inner),
    max_leaves=6,
)


def piecewise(text: str) -> tuple[object, list[object]]:
    taken: list[object] = []
    return parse_piecewise(text, PATHS, taken.append), taken


@given(
    st.lists(VALUES, max_size=3),
    st.dictionaries(st.sampled_from(["version", "deployment2", "checkpoint"]), VALUES),
    st.sampled_from([None, 1, "\t"]),
)
def test_pieces_are_what_the_whole_holds(
    resources: list[object], others: dict[str, object], indent: int | str | None
) -> None:
    whole = {**others, "deployment": {"manifest": {"resources": [1]}, "resources": resources, "secrets": None}}
    rest, taken = piecewise(json.dumps(whole, indent=indent))
    assert taken == resources
    assert rest == {**others, "deployment": {"manifest": {"resources": [1]}, "resources": [], "secrets": None}}


@given(VALUES)
def test_what_has_no_such_list_is_whole(value: object) -> None:
    assert piecewise(json.dumps(value)) == (value, [])


def test_the_list_of_a_state_file() -> None:
    text = '{"checkpoint": {"latest": {"resources": [{"urn": 1}, 2]}, "resources": [3]}}'
    rest = {"checkpoint": {"latest": {"resources": []}, "resources": [3]}}
    assert piecewise(text) == (rest, [{"urn": 1}, 2])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"deployment"',
        '{"deployment": {"resources": [1',
        '{"deployment": {"resources": [1,]}}',
        '{"deployment": {"resources": [1 2]}}',
        '{"deployment": {"resources": [1]} "a": 1}',
        '{"deployment": {"resources": [1]},}',
        '{"deployment": {"resources": [1]}} x',
        '{"deployment": {"resources": [1], "resources": []}}',
        '{"deployment": {"resources": [1]}, "deployment": {}}',
        '{"deployment": {"resources": [1]}, a: 1}',
        "// one\n{}",
        "[1",
    ],
)
def test_what_is_not_plain_json_is_refused_or_left_to_the_whole_reader(text: str) -> None:
    with pytest.raises(TextError):
        piecewise(text)
