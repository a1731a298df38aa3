"""What a run of `registry-doctor` may cost."""

from __future__ import annotations

import dataclasses

from registry_model.estate.files import MEGABYTE, ByteLimit
from registry_model.limit import Limit

from .errors import InputError

SIZE = Limit("--max-size", "REGISTRY_DOCTOR_MAX_SIZE", "megabytes", default=100, below=1_000_000)
TIME = Limit("--max-time", "REGISTRY_DOCTOR_MAX_TIME", "seconds", default=300, below=1_000_000)
NETWORK_TIME = dataclasses.replace(TIME, default=120)  # of what asks the network, where a person waits


def most_bytes(given: float | None) -> ByteLimit:
    """The size that a file may have; ``given`` are megabytes. Raises InputError."""
    try:
        most = SIZE.of(given)
    except ValueError as error:
        raise InputError(str(error)) from None
    return ByteLimit(int(most * MEGABYTE), f"raise the limit with {SIZE.raised_by('MB')}")


def most_seconds(given: float | None, limit: Limit = TIME) -> float:
    """The seconds that a run may take. Raises InputError."""
    try:
        return limit.of(given)
    except ValueError as error:
        raise InputError(str(error)) from None
