"""The files that `registry-guard check` is given: which they are, their text, and what a run may cost."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from registry_model.estate.documents import InputError, NotOursError
from registry_model.estate.text import TextError, decode

MEGABYTE = 1_000_000
ENDINGS = (".json", ".jsonc")


@dataclass(frozen=True, slots=True)
class Limit:
    """What a run may cost: its option, else its environment variable, else the default says."""

    option: str
    variable: str
    unit: str
    default: float
    below: float

    def of(self, given: float | None) -> float:
        """The limit that holds. Raises InputError."""
        text = str(given) if given is not None else os.environ.get(self.variable, "").strip()
        if not text:
            return self.default
        where = self.option if given is not None else self.variable
        try:
            number = float(text)
        except ValueError:
            number = 0
        if not 0 < number < self.below:
            raise InputError(f"{where} {text}: a number of {self.unit} above 0 is expected, such as {self.default:g}")
        return number

    def raised_by(self, value: str) -> str:
        """How a message says that it can be raised."""
        return f"{self.option} {value} or {self.variable}={value}"


# Ten times the state of 50,000 resources, which is read and judged in seconds.
SIZE = Limit("--max-size", "REGISTRY_GUARD_MAX_SIZE", "megabytes", default=100, below=1_000_000)
TIME = Limit("--max-time", "REGISTRY_GUARD_MAX_TIME", "seconds", default=300, below=1_000_000)
MAX_BYTES = int(SIZE.default * MEGABYTE)


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
        raise InputError(f"it is larger than {most / MEGABYTE:g} MB; raise the limit with {SIZE.raised_by('MB')}")
    try:
        return decode(data)
    except TextError as error:
        raise NotOursError(str(error)) from None


def _bytes(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most + 1)
