"""The files that `registry-guard check` is given: which they are, and their text."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from registry_model.estate.documents import InputError, NotOursError
from registry_model.estate.text import TextError, decode

MEGABYTE = 1_000_000
MAX_BYTES = 100 * MEGABYTE  # ten times the state of 50,000 resources that is read in seconds
MAX_SIZE = "REGISTRY_GUARD_MAX_SIZE"
MOST_MEGABYTES = 1_000_000
ENDINGS = (".json", ".jsonc")


def expand(arguments: Iterable[str]) -> tuple[list[tuple[str, bool]], list[str]]:
    """Files of what was named: files, ``-``, folders (every .json and .jsonc below) and patterns, sorted, each once.

    Each file comes with whether it was named itself; the second list says what was found nowhere.
    """
    found: dict[str, bool] = {}
    missing: list[str] = []
    for argument in arguments:
        path = Path(argument)
        if argument == "-" or path.is_file():
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


def read(path: str, stdin: Callable[[int], bytes], most: int = MAX_BYTES) -> str:
    """The text of a file or of standard input, no larger than ``most`` bytes. Raises InputError."""
    try:
        data = stdin(most + 1) if path == "-" else _bytes(Path(path), most)
    except OSError as error:
        raise InputError(f"it cannot be read: {os.strerror(error.errno or 0)}") from None
    if len(data) > most:
        raise InputError(
            f"it is larger than {most / MEGABYTE:g} MB; raise the limit with --max-size MB or {MAX_SIZE}=MB"
        )
    try:
        return decode(data)
    except TextError as error:
        raise NotOursError(str(error)) from None


def _bytes(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most + 1)


def max_bytes(given: float | None) -> int:
    """The limit in bytes: of the option, else of the environment, else the default. Raises InputError."""
    text = str(given) if given is not None else os.environ.get(MAX_SIZE, "").strip()
    if not text:
        return MAX_BYTES
    where = "--max-size" if given is not None else MAX_SIZE
    try:
        size = float(text)
    except ValueError:
        size = 0
    if not 0 < size < MOST_MEGABYTES:
        raise InputError(f"{where} {text}: a number of megabytes above 0 is expected, such as 200")
    return int(size * MEGABYTE)
