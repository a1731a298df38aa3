"""Functions of texts: learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-string."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urljoin

from ...jsonc import parse
from ...values import UNKNOWN, Partial, SecretText, plain, walk
from ..budget import Budget
from ..expressions import Call
from ..values import StandIn, secret_inside, stand_in, text_of
from .table import Function

if TYPE_CHECKING:
    from ..scope import Frame

_PLACE = re.compile(r"\{\{|\}\}|\{(\d+)(?:,(-?\d{1,4}))?(?::([A-Za-z])(\d{0,3}))?\}|[{}]")


def concat(*values: Any) -> Any:
    if any(isinstance(value, list) for value in values):
        if not all(isinstance(value, list) for value in values):
            raise TypeError("arrays or texts")
        return [item for value in values for item in value]
    return "".join(text_of(value) for value in values)


def _concat_cost(left: Budget, values: list[Any]) -> None:
    if all(isinstance(value, list) for value in values):
        left.make_list(sum(len(value) for value in values))
    else:
        left.make_text(sum(len(value) for value in values if isinstance(value, str)))


def format_text(pattern: str, *values: Any) -> str:
    """.NET's composite format: ``{0}``, ``{0,8}``, ``{0:D3}``, ``{{``. Raises ValueError for any other."""

    def place(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        if match[1] is None:
            raise ValueError("a lone brace")
        value = values[int(match[1])]
        made = _shaped(value, match[3], match[4]) if match[3] else text_of(value)
        width = int(match[2] or 0)
        return made.rjust(width) if width >= 0 else made.ljust(-width)

    return _PLACE.sub(place, str.__str__(pattern))


def _shaped(value: Any, letter: str, digits: str) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("a format of numbers")
    if letter in "dD":
        return f"{'-' if value < 0 else ''}{str(abs(value)).rjust(int(digits or 0), '0')}"
    if letter in "xX":
        return format(value, letter).rjust(int(digits or 0), "0")
    if letter in "nN":
        return f"{value:,.{int(digits or 2)}f}"
    raise ValueError(letter)


def _format_cost(left: Budget, values: list[Any]) -> None:
    longest = max((len(value) for value in values[1:] if isinstance(value, str)), default=0)
    left.make_text(len(values[0]) + values[0].count("{") * longest)


def join(items: list[Any], delimiter: str) -> Any:
    if any(item is UNKNOWN for item in items):
        return UNKNOWN
    return str.join(text_of(delimiter), [text_of(item) for item in items])


def _join_cost(left: Budget, values: list[Any]) -> None:
    items, delimiter = values[0], values[1]
    left.make_text(sum(len(item) for item in items if isinstance(item, str)) + len(items) * len(delimiter))


def split(value: str, delimiters: Any) -> list[str]:
    marks = delimiters if isinstance(delimiters, list) else [delimiters]
    if not all(isinstance(mark, str) for mark in marks):
        raise TypeError("delimiters")
    marks = [str.__str__(mark) for mark in marks if mark]
    return re.split("|".join(map(re.escape, marks)), str.__str__(value)) if marks else [str.__str__(value)]


def substring(value: str, start: int, length: int | None = None) -> str:
    end = len(value) if length is None else start + length
    if not 0 <= start <= len(value) or not start <= end <= len(value):
        raise ValueError("outside of the text")
    return str.__getitem__(value, slice(start, end))


def pad_left(value: Any, width: int, mark: str = " ") -> str:
    return text_of(value).rjust(width, text_of(mark))


def _pad_cost(left: Budget, values: list[Any]) -> None:
    left.make_text(values[1])


def replace(value: str, old: str, new: str) -> str:
    return str.replace(value, text_of(old), text_of(new)) if old else text_of(value)


def _replace_cost(left: Budget, values: list[Any]) -> None:
    value, old, new = values
    left.make_text(len(value) + (str.count(value, old) * len(new) if old else 0))


def starts_with(value: str, start: str) -> bool:
    return str.startswith(str.lower(value), str.lower(start))


def ends_with(value: str, end: str) -> bool:
    return str.endswith(str.lower(value), str.lower(end))


def string(value: Any) -> Any:
    if isinstance(value, dict | list):
        if any(each is UNKNOWN or isinstance(each, Partial) for each in walk(value)):
            return UNKNOWN
        return SecretText(_dumped(value)) if secret_inside(value) else _dumped(value)
    return text_of(value)


def _dumped(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def parse_json(text: Any) -> Any:
    """With comments, which Azure takes too."""
    return plain(parse(str.__str__(text)))


def _generated(length: int) -> Any:
    """``uniqueString`` and ``guid``: the same for the same values, and where a value is not known, for the same words.

    Words are the same at one place of a template only; in a loop whose copies nobody counts they are not.
    """

    def make(call: Call, frame: Frame, depth: int) -> Any:
        seed: list[Any] = []
        for argument in call.arguments:
            value = frame.run(argument, depth + 1)
            if value is not UNKNOWN:
                seed.append(text_of(value))
            elif frame.lambdas or frame.arguments is not None or UNKNOWN in frame.loops.values():
                return UNKNOWN
            else:
                seed.append([frame.scope.number, sorted(frame.loops.items()), repr(argument)])
        return stand_in(call.name, *seed, length=length)

    return make


def uri(base: str, relative: str) -> str:
    return urljoin(text_of(base), text_of(relative))


def base64_to_string(text: str) -> str:
    return base64.b64decode(str.__str__(text)).decode()


def data_uri_to_string(text: str) -> str:
    head, comma, body = str.partition(text, ",")
    if not comma or not head.lower().startswith("data:"):
        raise ValueError("no data URI")
    return base64_to_string(body) if head.lower().endswith(";base64") else unquote(body)


def _base64(text: Any) -> str:
    return base64.b64encode(text_of(text).encode()).decode()


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "concat": Function(concat, cost=_concat_cost),
        "format": Function(format_text, cost=_format_cost, known="as Azure does, with the formats D, X and N"),
        "join": Function(join, cost=_join_cost, marks_items=True),
        "split": Function(split),
        "substring": Function(substring),
        "replace": Function(replace, cost=_replace_cost),
        "toLower": Function(lambda value: str.lower(value)),
        "toUpper": Function(lambda value: str.upper(value)),
        "trim": Function(lambda value: str.strip(value)),
        "padLeft": Function(pad_left, cost=_pad_cost),
        "startsWith": Function(starts_with),
        "endsWith": Function(ends_with),
        "string": Function(string, walks=True, known="as Azure does; the keys of an object in lower case"),
        "json": Function(parse_json),
        "uniqueString": Function(_generated(13), lazy=True, known="a stand-in, the same for the same arguments"),
        "guid": Function(_generated(36), lazy=True, known="a stand-in, the same for the same arguments"),
        "newGuid": Function(lambda: StandIn(stand_in("newGuid", length=36)), known="a stand-in"),
        "base64": Function(_base64),
        "base64ToString": Function(base64_to_string),
        "base64ToJson": Function(lambda text: parse_json(base64_to_string(text))),
        "dataUri": Function(lambda text: f"data:text/plain;charset=utf8;base64,{_base64(text)}"),
        "dataUriToString": Function(data_uri_to_string),
        "uri": Function(uri),
        "uriComponent": Function(lambda text: quote(text_of(text), safe="-_.!~*'()")),
        "uriComponentToString": Function(lambda text: unquote(text_of(text))),
    }
)
