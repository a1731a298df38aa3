"""Functions of dates: template-functions-date of Microsoft's reference. When a template is deployed, nobody knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from ...values import UNKNOWN
from ..values import StandIn, stand_in, text_of
from .numbers import whole
from .table import Function

_ISO = "%Y-%m-%dT%H:%M:%SZ"


def _text(name: str) -> Function:
    """A text of which nobody knows more than that it is the same for the same arguments."""
    return Function(lambda *values: stand_in(name, *values), known="a stand-in, the same for the same arguments")


def _from_epoch(seconds: Any) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=whole(seconds))).strftime(_ISO)


def _to_epoch(text: str) -> Any:
    if isinstance(text, StandIn):
        return UNKNOWN
    return int(datetime.strptime(text_of(text), _ISO).replace(tzinfo=UTC).timestamp())


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "utcNow": _text("utcNow"),
        "dateTimeAdd": _text("dateTimeAdd"),
        "dateTimeFromEpoch": Function(_from_epoch),
        "dateTimeToEpoch": Function(_to_epoch, known="as Azure does, of `2026-01-31T00:00:00Z`"),
    }
)
