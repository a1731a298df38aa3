"""A component's arguments, checked as a whole before anything is registered.

``accept`` looks at the caller's arguments twice: their shape, read from the TypedDict that documents them (unknown
keys, wrong types, missing settings), and their sense (``checks``). It raises with every problem of both. What is
another resource's output is judged as soon as it is known, with everything else that is known by then, and every
resource that takes such a value waits for that judgement.
"""

import asyncio
import contextlib
import contextvars
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, NotRequired, Required, Union, get_args, get_origin, is_typeddict

import pulumi
from registry_model.suggest import suggested

from .outputs import made
from .problems import UNKNOWN, InvalidArgumentsError, Problem, inside, key

Path = tuple[str | int, ...]
Check = Callable[[Mapping[str, Any]], list[Problem]]

_TYPE_NAMES = {str: "a string", bool: "true or false", int: "a whole number"}


class InvalidRegistryArgumentsError(InvalidArgumentsError, pulumi.RunError):
    """``InvalidArgumentsError`` as Pulumi shows it best: its text, without a traceback."""


def accept(what: str, args: Mapping[str, Any], shape: type, check: Check) -> dict[str, Any]:
    """The arguments, checked, or ``InvalidRegistryArgumentsError``. Settings given as None are as good as not given."""
    shaped = _Shape()
    values = shaped.of(args, shape, "", ())
    outputs = shaped.outputs
    problems = shaped.problems + check(_with(values, outputs, {}))
    if problems:
        raise InvalidRegistryArgumentsError(what, problems)
    if outputs and not _by_parent.get():
        outputs = _judged(what, values, outputs, check)
    return _with(values, outputs, outputs)


def problems_of(args: Mapping[str, Any], shape: type, check: Check) -> list[Problem]:
    """What ``accept`` would refuse."""
    shaped = _Shape()
    values = shaped.of(args, shape, "", ())
    return shaped.problems + check(_with(values, shaped.outputs, {}))


@contextlib.contextmanager
def checked() -> Iterator[None]:
    """Children made inside need not judge outputs again: the parent has, and what it computed from them is sound."""
    token = _by_parent.set(True)
    try:
        yield
    finally:
        _by_parent.reset(token)


_by_parent: contextvars.ContextVar[bool] = contextvars.ContextVar("_by_parent", default=False)


def _as_text(error: InvalidArgumentsError) -> Exception:
    # Not a ValueError: Pulumi wraps each of those in the name of every resource and input that it passes on its way.
    return pulumi.RunError(str(error))


@contextlib.contextmanager
def late_errors(
    made: Callable[[InvalidArgumentsError], Exception] = _as_text, spelling: Callable[[str], str] = str
) -> Iterator[None]:
    """Components made inside raise this when outputs turn out wrong; a Python program sees the text alone.

    ``spelling`` is how the program writes settings, for what is told later still.
    """
    tokens = _late_error.set(made), _spelling.set(spelling)
    try:
        yield
    finally:
        _late_error.reset(tokens[0])
        _spelling.reset(tokens[1])


def spelling_of_settings() -> Callable[[str], str]:
    """How the program that is making a component writes ``instance_type``."""
    return _spelling.get()


_spelling: contextvars.ContextVar[Callable[[str], str]] = contextvars.ContextVar("_spelling", default=str)


_late_error: contextvars.ContextVar[Callable[[InvalidArgumentsError], Exception]] = contextvars.ContextVar(
    "_late_error", default=_as_text
)


def _judged(
    what: str, values: dict[str, Any], outputs: dict[Path, pulumi.Output[Any]], check: Check
) -> dict[Path, pulumi.Output[Any]]:
    """The outputs again, each of them there only when all that are known have been judged together.

    Each keeps its own dependencies and takes on no other's: were a registry's name to depend on the network that an
    endpoint's subnet came from, replacing that network would replace the registry, images and all.
    """

    async def judge() -> None:
        resolved = {path: await o.future() for path, o in outputs.items() if await o.is_known()}
        problems = check(_with(values, outputs, resolved))
        if problems:
            raise _late_error.get()(InvalidArgumentsError(what, problems))

    judgement = asyncio.ensure_future(judge())

    async def after_judgement(output: pulumi.Output[Any]) -> Any:
        await judgement
        return await output.future(with_unknowns=True)

    return {path: made(o, after_judgement(o), o.is_known()) for path, o in outputs.items()}


def _with(value: Any, outputs: Mapping[Path, Any], replacements: Mapping[Path, Any], at: Path = ()) -> Any:
    """The values with what is at the outputs' paths replaced; by ``UNKNOWN`` where there is no replacement."""
    if at in outputs:
        return replacements.get(at, UNKNOWN)
    if isinstance(value, dict):
        return {k: _with(v, outputs, replacements, (*at, k)) for k, v in value.items()}
    if isinstance(value, list):
        return [_with(v, outputs, replacements, (*at, i)) for i, v in enumerate(value)]
    return value


class _Shape:
    """One walk along arguments and their TypedDict: plain copies, problems, and where the outputs are."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.outputs: dict[Path, pulumi.Output[Any]] = {}

    def of(self, value: Any, shape: Any, field: str, at: Path) -> Any:
        shape, may_be_output = plain_type(shape)
        if isinstance(value, pulumi.Output | Awaitable):
            if not may_be_output:
                fix = "give a value that the program knows when it starts"
                self._wrong(field, None, "cannot be another resource's output: it decides which resources exist", fix)
                return {} if is_typeddict(shape) or get_origin(shape) is Mapping else UNKNOWN
            self.outputs[at] = pulumi.Output.from_input(value)
            return UNKNOWN
        if is_typeddict(shape):
            return self._record(value, shape, field, at)
        origin = get_origin(shape)
        if origin is Mapping:
            return self._map(value, get_args(shape)[1], field, at)
        if origin is Sequence:
            return self._list(value, get_args(shape)[0], field, at)
        return self._scalar(value, shape, field)

    def _record(self, value: Any, shape: Any, field: str, at: Path) -> Any:
        if not isinstance(value, Mapping):
            quoted = isinstance(value, str) and value.strip().startswith("{")
            fix = (
                "give an object and not its text: write it in the file"
                if quoted
                else "give named settings, {} for the defaults"
            )
            self._wrong(field or "arguments", value, "must be an object", fix)
            return {}
        hints = fields(shape)
        found: dict[str, Any] = {}
        for name, given in value.items():
            path = inside(field, name)
            if name not in hints:
                meant = suggested(name, hints, "`")
                fix = f"rename it to {meant}" if meant else f"remove it; settings here: {', '.join(sorted(hints))}"
                self._wrong(path, None, "is not a setting", fix)
            elif given is not None:
                found[name] = self.of(given, hints[name], path, (*at, name))
        for name in sorted(shape.__required_keys__ - set(found)):
            self._wrong(inside(field, name), None, "is required", "add it")
        return found

    def _map(self, value: Any, shape: Any, field: str, at: Path) -> Any:
        if not isinstance(value, Mapping):
            self._wrong(field, value, "must be a map", "write it as keys with values")
            return {}
        empty = {} if is_typeddict(plain_type(shape)[0]) else None
        return {
            str(k): self.of(empty if v is None and empty is not None else v, shape, key(field, k), (*at, str(k)))
            for k, v in value.items()
        }

    def _list(self, value: Any, shape: Any, field: str, at: Path) -> Any:
        if isinstance(value, str) or not isinstance(value, Sequence):
            self._wrong(field, value, "must be a list", "write it as a list, also of one")
            return UNKNOWN
        return [self.of(item, shape, f"{field}[{i}]", (*at, i)) for i, item in enumerate(value)]

    def _scalar(self, value: Any, shape: Any, field: str) -> Any:
        if shape is int and isinstance(value, float) and value.is_integer():
            return int(value)  # numbers from other languages arrive as floats
        if isinstance(value, shape) and not (shape is int and isinstance(value, bool)):
            return value
        self._wrong(field, value, f"must be {_TYPE_NAMES[shape]}", _meant(value, shape))
        return UNKNOWN

    def _wrong(self, field: str, value: Any, rule: str, fix: str) -> None:
        self.problems.append(Problem(field, value, rule, fix))


def _meant(value: Any, shape: type) -> str:
    """How to write what was probably meant: YAML makes numbers and booleans of words that look like them.

    They are not turned back into text here, because what was written is lost: 007 is 7 by now, and yes is true.
    """
    if shape is str and isinstance(value, bool | int | float):
        number = int(value) if isinstance(value, float) and value.is_integer() else value
        return f'write it in quotes: "{json.dumps(number)}"'
    if shape is not str and isinstance(value, str):
        with contextlib.suppress(ValueError):
            if type(json.loads(value.lower())) is shape:
                return f"write it without quotes: {value.lower()}"
    return f"give {_TYPE_NAMES[shape]}"


def fields(shape: Any) -> Mapping[str, Any]:
    """The settings of a TypedDict and their types, as they are written."""
    return shape.__annotations__


def plain_type(shape: Any) -> tuple[Any, bool]:
    """A setting's type without the wrappings that say how it may be given, and whether an output may be."""
    if get_origin(shape) in (NotRequired, Required):
        shape = get_args(shape)[0]
    if get_origin(shape) is not Union:
        return shape, False
    # pulumi.Input[T] is the union of T, Awaitable[T] and a forward reference to Output.
    return next(get_args(a)[0] for a in get_args(shape) if get_origin(a) is Awaitable), True
