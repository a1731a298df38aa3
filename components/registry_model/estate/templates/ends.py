"""How a text begins and ends of which only a part is known: ``concat('Sql.', parameters('region'))``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import product
from math import prod
from typing import Any

from ..values import UNKNOWN, Ends
from . import budget
from .evaluation import run
from .expressions import Call, Literal, Member, Node, is_expression, parse
from .scope import Frame, Scope, as_object

_PLACE = re.compile(r"\{(\d+)\}")
_LOGIN_SERVER = "loginserver"


_NOTHING = (Ends(),)
_MOST = 16  # texts that one may be


def ends(value: Any, frame: Frame, depth: int = 0) -> tuple[Ends, ...]:
    """The ends of a value as a template writes it, of each text that it may be; both empty where nothing is known.

    Raises ExceededError when the whole template has used up its steps.
    """
    if not isinstance(value, str):
        return _NOTHING
    if not is_expression(value):
        return (_whole(value),)
    try:
        return _of(parse(str.__getitem__(value, slice(1, -1))), frame, depth + 1)
    except budget.ExceededError as error:
        if error.limit is budget.STEPS:
            raise
        return _NOTHING


def _whole(text: str) -> Ends:
    plain = str.lower(text)
    return Ends(plain, plain, whole=True)


def _of(node: Node, frame: Frame, depth: int) -> tuple[Ends, ...]:
    if depth > budget.NESTING.value:
        return _NOTHING
    frame.scope.world.budget.spend()
    if isinstance(node, Call) and (parts := _of_call(node, frame, depth)) is not None:
        return parts
    known = run(node, frame, depth)
    if isinstance(known, str):
        return (_whole(known),)
    if isinstance(node, Call) and node.name in ("variables", "parameters") and known is UNKNOWN:
        return _named(node, frame, depth)
    if isinstance(node, Member) and isinstance(node.key, Literal) and str(node.key.value).lower() == _LOGIN_SERVER:
        # Whatever the registry is called, its login server is a host of one.
        return (Ends("", f".{frame.scope.world.cloud.registry_suffix}"),)
    return _NOTHING


def _of_call(call: Call, frame: Frame, depth: int) -> tuple[Ends, ...] | None:
    """Of a function that puts texts together or chooses one; None for any other."""
    arguments = call.arguments
    if call.name == "concat":
        return _joined([_of(each, frame, depth + 1) for each in arguments])
    if call.name == "format" and isinstance(arguments[0], Literal):
        pieces = _PLACE.split(str(arguments[0].value))
        places = [int(each) + 1 for each in pieces[1::2]]
        if all(place < len(arguments) for place in places):
            values = [_of(arguments[place], frame, depth + 1) for place in places]
            texts = [(_whole(piece),) for piece in pieces[::2]]
            return _joined([each for pair in zip(texts, values, strict=False) for each in pair] + texts[len(values) :])
    if call.name in ("tolower", "toupper") and len(arguments) == 1:
        return _of(arguments[0], frame, depth + 1)
    if call.name == "if" and len(arguments) == 3:
        test = run(arguments[0], frame, depth + 1)
        branches = arguments[1:] if not isinstance(test, bool) else arguments[1:2] if test else arguments[2:]
        made = tuple(each for branch in branches for each in _of(branch, frame, depth + 1))
        return made if len(made) <= _MOST else _NOTHING
    return None


def _joined(parts: list[tuple[Ends, ...]]) -> tuple[Ends, ...]:
    if prod(map(len, parts)) > _MOST:
        return _NOTHING
    return tuple(_together(each) for each in product(*parts))


def _together(parts: tuple[Ends, ...]) -> Ends:
    begin, end = "", ""
    for part in parts:
        begin += part.begin
        if not part.whole:
            break
    else:
        return _whole(begin)
    for part in reversed(parts):
        end = part.end + end
        if not part.whole:
            break
    return Ends(begin, end)


def _named(call: Call, frame: Frame, depth: int) -> tuple[Ends, ...]:
    """Of a variable as it is defined; of a parameter as its deployment gives it, else one of its allowed values."""
    scope = frame.scope
    if frame.arguments is not None or not call.arguments or not isinstance(call.arguments[0], Literal):
        return _NOTHING
    name = str(call.arguments[0].value).lower()
    place = (call.name, name)
    if place not in scope.ends:
        scope.ends[place] = _NOTHING  # of one that names itself
        scope.ends[place] = _defined(call.name, name, scope, depth)
    return scope.ends[place]


def _defined(kind: str, name: str, scope: Scope, depth: int) -> tuple[Ends, ...]:
    if kind == "variables":
        return ends(scope.raw_variables.get(name), Frame(scope), depth)
    given = scope.given.get(name)
    if isinstance(given, Mapping) and scope.outer is not None and given.get("value") is not UNKNOWN:
        return ends(given.get("value"), scope.outer, depth)
    allowed = as_object(scope.definitions.get(name)).get("allowedvalues")
    if isinstance(allowed, list) and 0 < len(allowed) <= _MOST and all(isinstance(each, str) for each in allowed):
        return tuple(map(_whole, allowed))
    return _NOTHING
