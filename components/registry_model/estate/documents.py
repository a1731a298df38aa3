"""Reads a document: says what it is, makes an `Estate` of it, and knows where things are written.

What is read must hold everything that is declared. A preview that hides unchanged resources, one that failed, or a
plan without the state that it starts from would pass for what it leaves out, so they are refused with the way to get
the whole.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..azure import ids, names
from . import live, plans, previews
from .jsonc import TextError, parse, parse_piecewise, says_template
from .losses import Removal, edits, losses
from .model import WHOLE_TEMPLATE, Estate, Resource
from .places import Location
from .reading import StateReader, estate_from_states, estate_from_template
from .templates.given import declared, unfit

EXPORT = "stack export"
PREVIEW = "preview"
PLAN = "plan"
TEMPLATE = "ARM template"
LIVE = "live resources"

_NONE_OF_THEM = "neither a stack export, a preview, a plan nor an ARM template, nor what `az` prints of resources"
_BICEP_PARAMETERS = re.compile(r"^[ \t]*using[ \t]+(?:'|none\b)", re.MULTILINE)
_BICEP = re.compile(r"^[ \t]*(?:resource[ \t]+\w+[ \t]+'|param[ \t]+\w+[ \t]|targetScope[ \t]*=)", re.MULTILINE)
# A type, and the name of the same object where nothing but texts stands between the two, as Bicep writes them.
_TYPE_LINE = re.compile(
    r'"type"\s*:\s*"([^"]+)"(?=(?:\s*,\s*"(?!name")\w+"\s*:\s*"[^"]*")*\s*,\s*"name"\s*:\s*"([^"]*)"|)'
)
# What a document says of itself that ends too early, as one does whose command was stopped or had no room left.
_CUT_OFF = (
    (re.compile(r'"urn:pulumi:'), "a document of the Pulumi CLI"),
    (ids.IN_JSON, "what `az` prints of resources"),
)
_NOT_THE_PROGRAM = re.compile(r"^\.\./|(^|/)(site-packages|node_modules|\.venv|vendor)/")


class InputError(ValueError):
    """A file that cannot be judged: what is wrong, and what to do."""


class MisfitError(InputError):
    """Values that do not fit a template's parameters; ``parameters`` are the names of those that it takes."""

    def __init__(self, text: str, parameters: tuple[str, ...]) -> None:
        super().__init__(text)
        self.parameters = parameters


class NotOursError(InputError):
    """A file that is none of these kinds. In a folder such files are skipped, and counted."""


class UnreadError(NotOursError):
    """A file of which nobody can tell what it holds. Beside live documents it is not skipped: what one of them does not
    show would pass for what is not there."""


@dataclass(frozen=True)
class Document:
    """One file, read: its ``estate``, how many ``resources`` it declares, and where a URN is written.

    ``before`` is what a preview or plan starts from, None where the document does not tell. ``answer`` is what a live
    document tells, and ``exported`` means a template that Azure wrote of what is there: `joined` makes one estate of
    those. ``parameters`` are the names of those that a template takes.
    """

    name: str
    kind: str
    estate: Estate
    resources: int
    locate: Callable[[str], Location | None]
    before: Estate | None = None
    answer: live.Answer | None = None
    exported: bool = False
    parameters: tuple[str, ...] = ()


def load(
    name: str,
    text: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    state: list[Mapping[str, Any]] | None = None,
    cloud: names.Cloud = names.PUBLIC,
) -> Document:
    """Read one document. ``parameters`` are an ARM template's, and ``cloud`` where it is deployed; those that it does
    not take are left out. ``state`` are the resources that a plan or preview starts from.

    Raises InputError, and NotOursError when the file is none of these kinds.
    """
    try:
        return _load(name, text, parameters, state, cloud)
    except RecursionError:
        raise _unreadable(text, "it is nested too deeply to be read") from None


def _load(
    name: str,
    text: str,
    parameters: Mapping[str, Any] | None,
    state: list[Mapping[str, Any]] | None,
    cloud: names.Cloud,
) -> Document:
    states = _States("resource")
    try:
        document = parse_piecewise(text, _STATES_AT, states.add)
    except TextError:
        states, document = _States("resource"), _json(name, text)
    if isinstance(document, dict) and len(kinds := list(_kinds(document))) > 1:
        raise InputError(
            f"it can be read as {' and as '.join(kinds)}, and says only as one of them what is deployed; take out what "
            "does not belong to it"
        )
    if isinstance(document, dict) and _is_export(document):
        for each in states_of(document):
            states.add(each)
        return _from_states(name, EXPORT, states)
    if (answered := _live(name, document)) is not None:
        return answered
    if not isinstance(document, dict):
        raise NotOursError(f"it is JSON, but {_NONE_OF_THEM}")
    if plans.is_plan(document):
        planned = _plan_states(document, state)
        before = estate_from_states(state) if state is not None else None
        removed = plans.removed(document, state or ())
        made = _States("plan", planned, frozenset(str(s["urn"]) for s in planned))
        return _from_states(name, PLAN, made, before, removed)
    if previews.is_preview(document):
        return _preview(name, document, state)
    if isinstance(document.get("templateJson"), str):
        return _built(name, document, parameters, cloud)
    if _is_template(document):
        return _template(name, text, document, parameters, cloud)
    if code := live.error_code(document):
        raise UnreadError(f"it is an error of Azure ({code}), and not what was asked: run the command again")
    raise NotOursError(_what_it_is(name, document))


def is_of_azure(text: str) -> bool:
    """Whether a file, whatever it is called, holds what ``az`` prints: of resources, whole or cut off, or an error."""
    if text.startswith("ERROR: "):
        return True
    try:
        found = load("", text)
    except NotOursError as error:
        return isinstance(error, UnreadError) and _is_json(text)
    except InputError:
        return ids.IN_JSON.search(text) is not None
    return found.answer is not None or found.exported


def _is_json(text: str) -> bool:
    try:
        parse(text)
    except (TextError, RecursionError):
        return False
    return True


def _is_export(document: Mapping[str, Any]) -> bool:
    return "deployment" in document or "checkpoint" in document


def _kinds(document: Mapping[str, Any]) -> Iterator[str]:
    """The kinds of documents that one may be taken for. Nothing but a hand makes one of two kinds, and then the other
    one may be what is deployed."""
    if _is_export(document):
        yield f"a {EXPORT}"
    if plans.is_plan(document):
        yield f"a {PLAN}"
    if previews.is_preview(document):
        yield f"a {PREVIEW}"
    if isinstance(document.get("templateJson"), str):
        yield "what `az bicep build-params` prints"
    if _is_template(document):
        yield f"an {TEMPLATE}"
    if live.says_so(document):
        yield "what `az` prints of resources"


def _live(name: str, document: Any) -> Document | None:
    try:
        answer = live.read(document)
    except live.NamelessError as error:
        raise UnreadError(str(error)) from None
    except live.LiveError as error:
        raise NotOursError(str(error)) from None
    return None if answer is None else _of_answers(name, [replace(answer, source=name)], [])


def _of_answers(name: str, answers: list[live.Answer], exported: list[Resource]) -> Document:
    try:
        estate = live.estate_of(answers, exported)
    except live.ContradictionError as error:
        raise InputError(str(error)) from None
    whole = live.Answer(
        tuple(item for answer in answers for item in answer.items),
        tuple(listed for answer in answers for listed in answer.listed),
        name,
    )
    return Document(name, LIVE, estate, len(estate.resources), lambda _urn: None, answer=whole)


def joined(documents: Sequence[Document], name: str = "") -> list[Document]:
    """The same documents, with one estate, called ``name``, of all that are live and of the templates that Azure
    exported beside them: there is one Azure, whoever printed which part of it.

    Raises InputError, with a line for each property of which two of them say different things.
    """
    answers = [each.answer for each in documents if each.answer is not None]
    if not answers or (len(documents) == 1 and not name):
        return list(documents)
    parts = [each for each in documents if each.answer is not None or each.exported]
    exported = [resource for each in parts if each.exported for resource in each.estate.resources]
    whole = _of_answers(name or _together([each.name for each in parts]), answers, exported)
    return [whole, *(each for each in documents if each not in parts)]


def _together(files: Sequence[str]) -> str:
    """What several files are called together: their folder, or the first of them."""
    folders = {Path(each).parent.as_posix() for each in files}
    if len(folders) == 1 and len(files) > 1:
        return folders.pop()
    return ", ".join(files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")


def _json(name: str, text: str) -> Any:
    if not text.strip():
        raise InputError("it is empty: the command that should have written it did not run")
    try:
        return parse(text)
    except TextError as error:
        first = text.lstrip("\ufeff").lstrip().split("\n", 1)[0]
        if first.startswith("{") and '"sequence"' in first:
            raise NotOursError(
                "it is an event stream, which already holds findings; use `registry-guard report`"
            ) from None
        if (bicep := _what_bicep(name, text)) is not None:
            raise NotOursError(bicep) from None
        raise _unreadable(text, f"it is not JSON ({error})") from None


def _what_bicep(name: str, text: str) -> str | None:
    """What to do with a file of Bicep, told by its name or by how its lines begin; None for any other."""
    if name.endswith(".bicepparam") or _BICEP_PARAMETERS.search(text):
        return (
            "it is a Bicep parameters file; make a JSON one of it with "
            "`az bicep build-params --file FILE --outfile main.parameters.json`, and give that to --parameters"
        )
    if name.endswith(".bicep") or _BICEP.search(text):
        return "it is Bicep; make an ARM template of it with `az bicep build --file FILE`"
    return None


def _unreadable(text: str, why: str) -> InputError:
    """Never skipped in a folder: a file that says what it is, and cannot be read."""
    if says_template(text):
        return InputError(f"it says that it is an ARM template, but {why}")
    for mark, kind in _CUT_OFF:
        if mark.search(text):
            return InputError(f"it looks like {kind}, but {why}: run the command again")
    return UnreadError(why)


def _what_it_is(name: str, document: Mapping[str, Any]) -> str:
    if "sequence" in document:
        return "it is an event stream, which already holds findings; use `registry-guard report`"
    if "deploymentParameters" in str(document.get("$schema", "")):
        return f"it is a parameters file; judge its template with `--parameters {name}`"
    return f"it is {_NONE_OF_THEM}"


def states_in(text: str) -> list[Mapping[str, Any]]:
    """The resources of a stack export as text. Raises InputError."""
    document = _json("", text)
    if not isinstance(document, dict) or not {"deployment", "checkpoint"} & set(document):
        raise InputError("it is no export of `pulumi stack export`")
    return _checked(states_of(document), "resource")


# Where a stack export, and a state file of a self-managed backend, hold their resources.
_STATES_AT = (("deployment", "resources"), ("checkpoint", "latest", "resources"))


def states_of(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The resources of a stack export, or of a state file of a self-managed backend, as they are. Raises InputError."""
    held: Any = document.get("deployment")
    if "checkpoint" in document:
        if held is not None:
            raise InputError("it has a deployment and a checkpoint: it is no document of the Pulumi CLI")
        checkpoint = document["checkpoint"]
        held = checkpoint.get("latest") if isinstance(checkpoint, dict) else None
    if held is None:
        return []
    if not isinstance(held, dict) or not isinstance(held.get("resources", []), list | None):
        raise InputError("its deployment has no list of resources: it is no export of `pulumi stack export`")
    return held.get("resources") or []


def _preview(name: str, document: Mapping[str, Any], state: list[Mapping[str, Any]] | None) -> Document:
    try:
        found = previews.states(document, state)
    except previews.PreviewError as error:
        raise InputError(str(error)) from None
    before = estate_from_states(_checked(found.before, "step"))
    return _from_states(name, PREVIEW, _States("step", found.after, found.planned), before, found.removed)


def _plan_states(document: Mapping[str, Any], state: list[Mapping[str, Any]] | None) -> list[Mapping[str, Any]]:
    try:
        return _checked(plans.states(document, state), "plan")
    except plans.PlanError as error:
        raise InputError(str(error)) from None


def _checked(states: list[Any], what: str) -> list[Mapping[str, Any]]:
    for number, state in enumerate(states):
        _check(state, what, number)
    return states


def _check(state: Any, what: str, number: int) -> None:
    if not isinstance(state, dict) or not isinstance(state.get("urn"), str) or not isinstance(state.get("type"), str):
        raise InputError(f"{what} {number} has no URN and type: it is no document of the Pulumi CLI")
    for key, (fits, kind) in _SHAPE.items():
        value = state.get(key)
        if value is not None and not fits(value):
            raise InputError(f"{what} {number}: its {key} must be {kind}: it is no document of the Pulumi CLI")


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _are_dependencies(value: Any) -> bool:
    return isinstance(value, dict) and all(urns is None or _are_texts(urns) for urns in value.values())


def _are_frames(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(f, dict) and _is_text(f.get("sourcePosition", "")) for f in value)


# The parts of a state that are read here or by the rules: apitype.ResourceV3 in pulumi/sdk/go/common/apitype/core.go.
_SHAPE: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "id": (_is_text, "a text"),
    "inputs": (_is_object, "an object"),
    "outputs": (_is_object, "an object"),
    "parent": (_is_text, "a text"),
    "provider": (_is_text, "a text"),
    "dependencies": (_are_texts, "a list of URNs"),
    "propertyDependencies": (_are_dependencies, "an object of lists of URNs"),
    "ignoreChanges": (_are_texts, "a list of property paths"),
    "sourcePosition": (_is_text, "a text"),
    "stackTrace": (_are_frames, "a list of frames"),
}


class _States:
    """The resources of a document, one after the other: how many there are, what each is, and where it is written."""

    def __init__(self, what: str, states: Iterable[Any] = (), planned: frozenset[str] = frozenset()) -> None:
        self._what = what
        self._seen = 0
        self._reader = StateReader(planned)
        self._places: dict[str, Location] = {}
        self.kept = 0
        for state in states:
            self.add(state)

    def add(self, state: Any) -> None:
        """Read one; InputError when it is none."""
        _check(state, self._what, self._seen)
        self._seen += 1
        self._reader.add(state)
        if not state.get("delete"):
            self.kept += 1
            place = _position(state)
            if place is not None:
                self._places[state["urn"]] = place

    def estate(self) -> Estate:
        return self._reader.estate()

    def place(self, urn: str) -> Location | None:
        return self._places.get(urn)


def _from_states(
    name: str,
    kind: str,
    states: _States,
    before: Estate | None = None,
    removed: Mapping[str, Removal] = MappingProxyType({}),
) -> Document:
    estate = states.estate()
    if before is not None:
        estate.losses = losses(before, estate, removed)
        replaced = {loss.resource.urn for loss in estate.losses}
        estate.edits = tuple(edit for edit in edits(before, estate) if edit.resource.urn not in replaced)
    return Document(name, kind, estate, states.kept, states.place, before)


def _position(state: Mapping[str, Any]) -> Location | None:
    """Where the program registered a resource: the innermost place that is not of an installed package."""
    frames = [state.get("sourcePosition"), *(f.get("sourcePosition") for f in state.get("stackTrace") or ())]
    for frame in frames:
        match = re.fullmatch(r"project:///([^#]+)(?:#(\d+)(?:,\d+)?)?", frame or "")
        if match and not _NOT_THE_PROGRAM.search(match[1]):
            return Location(match[1], int(match[2] or 0))
    return None


def _is_template(document: Mapping[str, Any]) -> bool:
    schema = str(document.get("$schema", "")).lower()
    return "deploymenttemplate.json" in schema or ("contentVersion" in document and "resources" in document)


def _template(
    name: str, text: str, document: Mapping[str, Any], parameters: Mapping[str, Any] | None, cloud: names.Cloud
) -> Document:
    exported = live.is_exported(document)
    taken = tuple(declared(document))
    if parameters and not exported and (wrong := list(unfit(document, parameters))):
        raise MisfitError(f"the values of its parameters do not fit: {'; '.join(wrong)}", taken)
    values = {**live.exported_names(document), **(parameters or {})} if exported else parameters
    estate = estate_from_template(document, values, cloud=cloud)
    lines: dict[str, list[tuple[int, str]]] = {}

    def locate(urn: str) -> Location | None:
        if not lines:
            _find_types(text, lines)
        _, kind, own = urn.lower().split("::", 2) if urn.count("::") > 1 else ("", "", "")
        written = lines.get(kind, [])
        # A type written once is found by its line, one of several by a name in full: which of them a name with
        # expressions is, the text does not tell.
        found = [line for line, name in written if len(written) == 1 or name == own]
        return Location(Path(os.path.relpath(name)).as_posix(), found[0] if len(found) == 1 else 0)

    return Document(
        name,
        TEMPLATE,
        estate,
        sum(r.urn != WHOLE_TEMPLATE for r in estate.resources),
        locate,
        exported=exported,
        parameters=taken,
    )


def _built(
    name: str, document: Mapping[str, Any], parameters: Mapping[str, Any] | None, cloud: names.Cloud
) -> Document:
    """What ``az bicep build-params --stdout`` prints: a template and its parameters, each as text."""
    text = document["templateJson"]
    template = _json(name, text)
    if not isinstance(template, dict) or not _is_template(template):
        raise InputError("its `templateJson` is no ARM template")
    held = document.get("parametersJson")
    given = parameters_of(held) if isinstance(held, str) and held.strip() else {}
    return _template(name, text, template, {**given, **(parameters or {})}, cloud)


def _find_types(text: str, lines: dict[str, list[tuple[int, str]]]) -> None:
    at, line = 0, 1
    lines[""] = []
    for match in _TYPE_LINE.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        lines.setdefault(match[1].lower(), []).append((line, (match[2] or "").lower()))


def parameters_of(text: str) -> Mapping[str, Any]:
    """The ``parameters`` of an ARM parameters file, or of what ``az bicep build-params --stdout`` prints. Raises
    InputError."""
    document = _json("", text)
    if isinstance(document, dict) and isinstance(document.get("parametersJson"), str):
        document = _json("", document["parametersJson"])
    if not isinstance(document, dict) or not isinstance(document.get("parameters"), dict) or _is_template(document):
        raise InputError(
            "it is no ARM parameters file: an object with `parameters`, and without `resources`, is expected"
        )
    return document["parameters"]
