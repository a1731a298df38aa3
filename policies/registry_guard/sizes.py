"""How large a file `registry-guard` reads."""

from __future__ import annotations

import os

from registry_model.estate.documents import InputError
from registry_model.estate.files import MEGABYTE, Limit

MAX_BYTES = 100 * MEGABYTE  # ten times the state of 50,000 resources that is read in seconds
MAX_SIZE = "REGISTRY_GUARD_MAX_SIZE"
MOST_MEGABYTES = 1_000_000


def limit(given: float | None = None) -> Limit:
    """The limit of the option, else of the environment, else the default. Raises InputError."""
    return Limit(_bytes(given), f"raise the limit with --max-size MB or {MAX_SIZE}=MB")


def _bytes(given: float | None) -> int:
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
