"""Documents with the lists turned round whose order is Azure's affair."""

from __future__ import annotations

from typing import Any

LISTS = frozenset(
    {
        "ipConfigurations",
        "customDnsConfigs",
        "recordSets",
        "networkInterfaces",
        "privateEndpointConnections",
        "dataEndpointHostNames",
    }
)


def reordered(value: Any, turned: list[str] | None = None) -> Any:
    """A copy with those lists turned round, at any depth. ``turned`` hears of each that has more than one element."""
    if isinstance(value, list):
        return [reordered(each, turned) for each in value]
    if not isinstance(value, dict):
        return value
    made = {}
    for key, held in value.items():
        made[key] = reordered(held, turned)
        if key in LISTS and isinstance(held, list):
            made[key] = made[key][::-1]
            if turned is not None and len(held) > 1:
                turned.append(key)
    return made
