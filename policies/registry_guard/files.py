"""The files that `registry-guard check` is given: which they are, and their text."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from registry_model.estate.documents import InputError, NotOursError


def expand(arguments: Iterable[str]) -> tuple[list[tuple[str, bool]], list[str]]:
    """Files of what was named: files, ``-``, folders (every .json below them) and patterns, sorted, without repeats.

    Each file comes with whether it was named itself; the second list says what was found nowhere.
    """
    found: dict[str, bool] = {}
    missing: list[str] = []
    for argument in arguments:
        path = Path(argument)
        if argument == "-" or path.is_file():
            found[argument] = True
        elif path.is_dir():
            inside = sorted(str(p) for p in path.rglob("*.json") if p.is_file())
            if not inside:
                missing.append(f"{argument}: no .json file is in this folder")
            for each in inside:
                found.setdefault(each, False)
        else:
            matches = sorted(p for p in glob.glob(argument, recursive=True) if Path(p).is_file())  # noqa: PTH207 - the user's own pattern
            if not matches:
                missing.append(f"{argument}: there is no such file")
            for each in matches:
                found.setdefault(each, False)
    return list(found.items()), missing


def read(path: str, stdin: Callable[[], str]) -> str:
    """The text of a file or of standard input. Raises InputError."""
    try:
        return stdin() if path == "-" else Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise NotOursError("it is not UTF-8 text") from None
    except OSError as error:
        raise InputError(f"it cannot be read: {os.strerror(error.errno or 0)}") from None
