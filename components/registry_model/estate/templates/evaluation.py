"""Works out values: expressions, objects and lists with expressions inside, and the loops of properties."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..values import UNKNOWN, Partial, SecretText
from . import budget
from .expressions import Call, Literal, Member, Node, Unreadable, is_expression, parse
from .functions import TABLE, Function
from .values import ABSENT, StandIn, at, marked, secret

if TYPE_CHECKING:
    from .scope import Frame

_FAULTS = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)


def evaluate(value: Any, frame: Frame, depth: int = 0) -> Any:
    """A value with its expressions worked out; UNKNOWN where one cannot be.

    Raises ExceededError when the whole template has used up its steps; any other limit makes the value UNKNOWN.
    """
    if isinstance(value, str):
        if not value.startswith("["):
            return value
        if is_expression(value):
            return _expression(value, frame, depth)
        return value[1:] if value.startswith("[[") else value
    if isinstance(value, dict):
        return _object(value, frame, depth)
    if isinstance(value, list):
        frame.scope.world.budget.spend(len(value))
        return [
            _at(str(index), item, frame, depth) if isinstance(item, str | dict | list) else item
            for index, item in enumerate(value)
        ]
    return value


def _at(step: str, item: Any, frame: Frame, depth: int) -> Any:
    """A value inside another, worked out with the world knowing where it is."""
    path = frame.scope.world.path
    path.append(step)
    made = evaluate(item, frame, depth + 1)
    path.pop()
    return made


def _expression(value: str, frame: Frame, depth: int) -> Any:
    left, path = frame.scope.world.budget, frame.scope.world.path
    deep = len(path)
    try:
        result = run(parse(str.__getitem__(value, slice(1, -1))), frame, depth + 1)
        if result is UNKNOWN:
            frame.scope.world.note_unknown(value, frame)
        if isinstance(result, dict | list):
            left.spend(left.weigh(result))  # whoever looks through the value pays for it here
    except budget.ExceededError as error:
        if error.limit is budget.STEPS:
            raise
        left.meet(error.limit)
        return UNKNOWN
    except RecursionError:
        left.meet(budget.NESTING)
        return UNKNOWN
    finally:
        del path[deep:]  # an error leaves the values inside open
    return secret(result) if isinstance(value, SecretText) else result


def _object(value: dict[str, Any], frame: Frame, depth: int) -> Any:
    frame.scope.world.budget.spend(len(value))
    made: dict[str, Any] = Partial() if isinstance(value, Partial) else {}
    loops = None
    for key, item in value.items():
        if key == "copy" and isinstance(item, list) and (loops := list(loops_of(value))):
            continue
        if key.startswith("[") and is_expression(key):
            known = evaluate(key, frame, depth + 1)
            if not isinstance(known, str):
                made = Partial(made)  # any key may be that one
                continue
            key = known.lower()
        if isinstance(item, str | dict | list):
            item = _at(key, item, frame, depth)
        made[key] = item
    for loop in loops or ():
        path = frame.scope.world.path
        path.append(str(loop.get("name")).lower())
        items = looped(loop, frame, depth)
        if items is None:
            # How often it runs is not known: once, for what it says, and maybe more.
            again = frame.copy(str(loop.get("name", "")), UNKNOWN)
            items = [_at("0", loop.get("input"), again, depth), UNKNOWN]
        path.pop()
        if isinstance(loop.get("name"), str):
            made[str.lower(loop["name"])] = items
    return made


def loops_of(holder: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The loops of an object: ``copy: [{name, count, input}]``."""
    listed = dict.get(dict(holder), "copy")
    for loop in listed if isinstance(listed, list) else ():
        if isinstance(loop, Mapping) and "count" in loop and "input" in loop:
            yield loop


def looped(loop: Mapping[str, Any], frame: Frame, depth: int) -> list[Any] | None:
    """The list that a loop makes; None when nobody knows how often it runs."""
    count = counted(loop.get("count"), frame, depth)
    if count is None:
        return None
    left = frame.scope.world.budget
    try:
        left.make_list(count)
    except budget.ExceededError as error:
        if error.limit is budget.STEPS:
            raise
        left.meet(error.limit)
        return None
    name = str(loop.get("name", ""))
    return [_at(str(index), loop.get("input"), frame.copy(name, index), depth) for index in range(count)]


def counted(expression: Any, frame: Frame, depth: int) -> int | None:
    """How often a loop runs, None when nobody knows."""
    count = evaluate(expression, frame, depth + 1)
    if isinstance(count, str) and not isinstance(count, StandIn) and count.isdecimal() and len(count) < 10:
        count = int(count)
    if isinstance(count, float) and count.is_integer():
        count = int(count)  # the engine sends numbers as floats
    return count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None


def source(value: Any, frame: Frame) -> Hashable:
    """What is equal for two values that come to the same, known or not: the expression, and where it is worked out.

    A parameter of a nested deployment is followed to what the outer template gives for it.
    """
    if not isinstance(value, str) or not is_expression(value):
        return id(frame.scope), id(value)
    node = parse(str.__getitem__(value, slice(1, -1)))
    while (name := _parameter(node)) and frame.scope.outer is not None:
        entry = frame.scope.given.get(name)
        given = entry.get("value") if isinstance(entry, Mapping) else None
        if not isinstance(given, str) or not is_expression(given):
            break
        value, frame = given, frame.scope.outer
        node = parse(str.__getitem__(value, slice(1, -1)))
    if isinstance(node, Unreadable):
        return frame.scope.number, value
    loops: Hashable = None
    if "copyindex" in str.lower(value):  # only then does the same expression come to several values
        by_name = frame.loops.items() if "'" in value else ()
        loops = str(frame.index(None)), frozenset((name, str(index)) for name, index in by_name)
    return frame.scope.number, node, loops


def _parameter(node: Node) -> str:
    """The parameter that an expression is, and nothing else; empty for any other."""
    if not isinstance(node, Call) or node.name != "parameters" or len(node.arguments) != 1:
        return ""
    name = node.arguments[0]
    return name.value.lower() if isinstance(name, Literal) and isinstance(name.value, str) else ""


def run(node: Node, frame: Frame, depth: int) -> Any:
    """What a tree comes to. Raises ExceededError for any limit."""
    frame.scope.world.budget.spend()
    if depth > budget.NESTING.value:
        raise budget.ExceededError(budget.NESTING)
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Call):
        return _call(node, frame, depth)
    if isinstance(node, Member):
        return _member(node, frame, depth)
    if node.limit is not None:
        raise budget.ExceededError(node.limit)
    return UNKNOWN


def _call(node: Call, frame: Frame, depth: int) -> Any:
    function = TABLE.get(node.name)
    if function is None:
        return _own_function(node, frame, depth)
    if function.lazy:
        try:
            return function.make(node, frame, depth)
        except _FAULTS:
            return UNKNOWN
    values: list[Any] = []
    unknown = False
    for argument in node.arguments:
        value = argument.value if isinstance(argument, Literal) else run(argument, frame, depth + 1)
        unknown = unknown or value is UNKNOWN
        values.append(value)
    return apply(function, values, frame) if not unknown or function.sees_unknown else UNKNOWN


def apply(function: Function, values: list[Any], frame: Frame) -> Any:
    """A function of plain values, within the budget; UNKNOWN for arguments that it does not take."""
    left = frame.scope.world.budget
    try:
        if function.walks:
            left.spend(sum(left.weigh(value) for value in values) // 4)
        if function.cost is not None:
            function.cost(left, values)
        result = function.make(*values)
    except _FAULTS:
        return UNKNOWN
    if isinstance(result, str):
        left.make_text(len(result))
    elif isinstance(result, list | dict):
        left.make_list(len(result))
        left.weigh(result)
    if function.marks_items:
        values = [item for value in values for item in (value if isinstance(value, list) else [value])]
    return marked(result, values) if function.marks else result


def _own_function(node: Call, frame: Frame, depth: int) -> Any:
    """A function that the template defines; one that nobody defines is UNKNOWN."""
    definition = frame.scope.functions.get(node.name)
    output = definition.get("output") if definition is not None else None
    if definition is None or not isinstance(output, Mapping):
        return UNKNOWN
    given: dict[str, Any] = {}
    parameters = definition.get("parameters")
    names = parameters if isinstance(parameters, list) else ()
    for place, parameter in enumerate(names):
        name = parameter.get("name") if isinstance(parameter, Mapping) else None
        if isinstance(name, str):
            held = node.arguments[place] if place < len(node.arguments) else None
            given[name.lower()] = run(held, frame, depth + 1) if held is not None else None
    return evaluate(output.get("value", UNKNOWN), frame.inside_function(given), depth + 1)


def _member(node: Member, frame: Frame, depth: int) -> Any:
    # A chain is followed in a loop: it may be longer than the stack.
    keys: list[Node] = []
    holder: Node = node
    while isinstance(holder, Member):
        keys.append(holder.key)
        holder = holder.holder
    value = run(holder, frame, depth + 1)
    path: list[str] = []
    for key_node in reversed(keys):
        key = key_node.value if isinstance(key_node, Literal) else run(key_node, frame, depth + 1)
        if value is UNKNOWN or key is UNKNOWN:
            return UNKNOWN
        path.append(key.lower() if isinstance(key, str) else "")
        value = at(value, key)
        if value is ABSENT:
            return None if _may_be_left_out(holder, path, frame) else UNKNOWN
    return value


def _may_be_left_out(holder: Node, path: list[str], frame: Frame) -> bool:
    """With languageVersion 2.0 a property that its type calls nullable is null where it is left out."""
    scope = frame.scope
    if not scope.language2 or not isinstance(holder, Call) or holder.name != "parameters" or not holder.arguments:
        return False
    name = holder.arguments[0]
    return isinstance(name, Literal) and scope.nullable_member(str(name.value).lower(), path)
