"""The files that a command line names: which they are, their text, and the documents in them."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..azure import names
from . import documents
from .documents import Document, InputError, MisfitError, NotOursError, UnreadError
from .jsonc import TextError, decode
from .templates.given import unknown

STDIN = "-"
MEGABYTE = 1_000_000
ENDINGS = (".json", ".jsonc")
# How what `az` prints begins, behind a byte order mark: its JSON, its errors, and the warnings before either.
_BEGINS = (b"{", b"[", b"ERROR: ", b"WARNING: ")
_BEFORE = b"\xef\xbb\xbf\xff\xfe \t\r\n"


@dataclass(frozen=True)
class Reading:
    """The documents of the files that were named; files in folders that declare nothing, and why; and what is wrong."""

    documents: list[Document]
    passed_over: list[str]
    problems: list[str]


@dataclass(frozen=True)
class ByteLimit:
    """How many bytes a file or an answer may have, and what a person can do about it."""

    most: int
    hint: str

    @property
    def megabytes(self) -> float:
        return self.most / MEGABYTE


def read_all(
    arguments: Iterable[str],
    stdin: Callable[[int], bytes],
    begin: Callable[[str], object] = lambda _name: None,
    *,
    limit: ByteLimit | None = None,
    parameters: Mapping[str, Any] | None = None,
    state: list[Mapping[str, Any]] | None = None,
    cloud: names.Cloud = names.PUBLIC,
) -> Reading:
    """Every document of the files, folders and patterns that were named, as `documents.load` and `documents.joined`
    make them. A file beyond ``limit`` is not read. ``begin`` is told of each
    file before it is read. Of ``parameters`` each template gets those that it takes; one that none takes is a problem.
    """
    paths, problems = expand(arguments)
    loaded: list[Document] = []
    passed_over: list[str] = []
    unread: list[str] = []
    taken: dict[str, Iterable[str]] = {}
    for path, named in paths:
        name = "standard input" if path == STDIN else path
        begin(name)
        try:
            loaded.append(
                documents.load(name, read(path, stdin, limit), parameters=parameters, state=state, cloud=cloud)
            )
        except NotOursError as error:
            text = f"{name}: {error}"
            (problems if named else passed_over).append(text)
            if not named and isinstance(error, UnreadError):
                unread.append(text)
        except InputError as error:
            problems.append(f"{name}: {error}")
            taken |= {name: error.parameters} if isinstance(error, MisfitError) else {}
    taken |= {each.name: each.parameters for each in loaded if each.kind == documents.TEMPLATE}
    if parameters and taken:
        wrong = unknown(map(str, parameters), taken)
        problems += [f"--parameters: {problem}" for problem in wrong]
    if unread and any(each.answer is not None for each in loaded):
        problems += [f"{each}; beside live documents nothing is skipped that cannot be read" for each in unread]
    folders = {Path(each.name).parent for each in loaded if each.answer is not None}
    for path in _of_other_endings(arguments, folders):
        begin(str(path))
        if _is_of_azure(path, limit):
            problems.append(
                f"{path}: it holds what az prints, and only files that end in .json or .jsonc are read; give it that "
                "ending, or take it out of the folder"
            )
        elif folders.intersection(path.parents):
            passed_over.append(f"{path}: it does not end in .json or .jsonc")
    try:
        return Reading(documents.joined(loaded), passed_over, problems)
    except InputError as error:
        return Reading(loaded, passed_over, [*problems, *str(error).splitlines()])


def parameters_in(
    paths: Iterable[str], stdin: Callable[[int], bytes], limit: ByteLimit | None = None
) -> dict[str, Any]:
    """The ``parameters`` of parameters files, together. Raises InputError with a line for each file that is none, and
    for each name that has one value here and another there: no template may be judged with another's."""
    found: dict[str, Any] = {}
    first: dict[str, tuple[str, str]] = {}
    problems: list[str] = []
    for path in paths:
        try:
            held = documents.parameters_of(read(path, stdin, limit))
        except InputError as error:
            problems.append(f"--parameters {path}: {error}")
            continue
        for name, entry in held.items():
            spelt, where = first.setdefault(name.lower(), (name, path))
            if found.setdefault(spelt, entry) != entry:
                problems.append(
                    f"--parameters: '{name}' has one value in {where} and another in {path}; judge the templates one "
                    "by one, each with its own file"
                )
    if problems:
        raise InputError("\n".join(problems))
    return found


def expand(arguments: Iterable[str]) -> tuple[list[tuple[str, bool]], list[str]]:
    """Files of what was named: files, ``-``, folders (every .json and .jsonc below) and patterns, sorted, each once.

    Each file comes with whether it was named itself; the second list says what was found nowhere.
    """
    found: dict[str, bool] = {}
    missing: list[str] = []
    for argument in arguments:
        path = Path(argument)
        if argument == STDIN or path.is_file():
            found[argument] = True
        elif path.is_dir():
            inside = sorted(str(p) for p in path.rglob("*") if p.suffix.lower() in ENDINGS and p.is_file())
            if not inside:
                missing.append(f"{argument}: no .json or .jsonc file is in this folder")
            for each in inside:
                found.setdefault(each, False)
        else:
            matches = sorted(p for p in glob.glob(argument, recursive=True) if Path(p).is_file())  # noqa: PTH207 - the user's own pattern
            if not matches:
                missing.append(f"{argument}: there is no such file")
            for each in matches:
                found.setdefault(each, False)
    return list(found.items()), missing


def _of_other_endings(arguments: Iterable[str], live: Iterable[Path]) -> list[Path]:
    """The files that `expand` leaves out of those folders that hold live documents in ``live`` folders; not the hidden
    ones."""
    live = list(live)
    found: dict[Path, None] = {}
    for top in map(Path, arguments):
        if any(top == each or top in each.parents for each in live) and top.is_dir():
            for path in sorted(top.rglob("*")):
                hidden = any(part.startswith(".") for part in path.relative_to(top).parts)
                if not hidden and path.suffix.lower() not in ENDINGS and path.is_file():
                    found[path] = None
    return list(found)


def _is_of_azure(path: Path, limit: ByteLimit | None) -> bool:
    try:
        if not _bytes(path, 100).replace(b"\0", b"").lstrip(_BEFORE).startswith(_BEGINS):
            return False
        return documents.is_of_azure(read(str(path), lambda _: b"", limit))
    except (OSError, InputError):
        return False


def read(path: str, stdin: Callable[[int], bytes], limit: ByteLimit | None = None) -> str:
    """The text of a file or of standard input; ``stdin`` reads so many bytes of that, all for -1. Raises InputError."""
    most = -1 if limit is None else limit.most + 1
    try:
        data = stdin(most) if path == STDIN else _bytes(Path(path), most)
    except OSError as error:
        raise InputError(f"it cannot be read: {os.strerror(error.errno or 0)}") from None
    if limit is not None and len(data) > limit.most:
        raise InputError(f"it is larger than {limit.megabytes:g} MB; {limit.hint}")
    try:
        return decode(data)
    except TextError as error:
        raise UnreadError(str(error)) from None


def _bytes(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most)
