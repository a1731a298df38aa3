"""The grammar of template expressions: from ``[concat('a', parameters('b').c[0])]`` to a tree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from . import budget


@dataclass(frozen=True, slots=True)
class Literal:
    """A text or a number as written."""

    value: Any


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments; ``name`` in lower case, with its namespace for a function of the template."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """``holder.key`` or ``holder[key]``."""

    holder: Node
    key: Node


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Text that is no expression, or one beyond a limit."""

    limit: budget.Limit | None = None


Node = Literal | Call | Member | Unreadable

_TOKEN = re.compile(
    r"\s*(?:('(?:[^']|'')*')|(-?\d+)|([A-Za-z_$][A-Za-z0-9_$]*(?:\.[A-Za-z_$][A-Za-z0-9_$]*)*)|([()\[\],.]))"
)


def is_expression(value: str) -> bool:
    """Whether a text of a template is an expression: ``[…]``, but not ``[[…``, which stands for text."""
    return value.startswith("[") and value.endswith("]") and not value.startswith("[[") and len(value) > 2


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """The tree of an expression, given without its outer brackets."""
    if len(text) > budget.EXPRESSION.value:
        return Unreadable(budget.EXPRESSION)
    parts: list[tuple[str, str]] = []
    text = text.rstrip()
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            return Unreadable()
        position = match.end()
        parts.append((_KINDS[match.lastindex or 0], match[match.lastindex or 0]))
    reader = _Reader(parts)
    try:
        tree = reader.expression(0)
    except _TooDeepError:
        return Unreadable(budget.NESTING)
    except (IndexError, ValueError):
        return Unreadable()
    return tree if reader.at == len(parts) else Unreadable()


_KINDS = ("", "text", "number", "name", "mark")
_MOST_BRACKETS = 128  # open at once; the parser calls itself for each


class _TooDeepError(Exception):
    pass


class _Reader:
    def __init__(self, parts: list[tuple[str, str]]) -> None:
        self.parts = parts
        self.at = 0

    def _take(self, mark: str | None = None) -> tuple[str, str]:
        part = self.parts[self.at]
        if mark is not None and part != ("mark", mark):
            raise ValueError(mark)
        self.at += 1
        return part

    def _next_is(self, mark: str) -> bool:
        return self.at < len(self.parts) and self.parts[self.at] == ("mark", mark)

    def expression(self, depth: int) -> Node:
        if depth > _MOST_BRACKETS:
            raise _TooDeepError
        kind, text = self._take()
        if kind == "text":
            tree: Node = Literal(text[1:-1].replace("''", "'"))
        elif kind == "number":
            tree = Literal(int(text))
        elif kind == "name":
            tree = Call(text.lower(), self._arguments(depth))
        else:
            raise ValueError(text)
        links = 0
        while self._next_is(".") or self._next_is("["):
            if links > _MOST_BRACKETS:
                raise _TooDeepError
            if self._take() == ("mark", "["):
                tree = Member(tree, self.expression(depth + 1))
                self._take("]")
                links += 1
                continue
            kind, names = self._take()
            if kind != "name":
                raise ValueError(names)
            for name in names.split("."):
                tree = Member(tree, Literal(name))
                links += 1
            if links > _MOST_BRACKETS:
                raise _TooDeepError
        return tree

    def _arguments(self, depth: int) -> tuple[Node, ...]:
        self._take("(")
        found: list[Node] = []
        while not self._next_is(")"):
            found.append(self.expression(depth + 1))
            if not self._next_is(")"):
                self._take(",")
        self._take(")")
        return tuple(found)
