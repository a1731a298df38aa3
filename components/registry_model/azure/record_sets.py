"""Which record set of a DNS zone answers a name, wildcards included."""

from __future__ import annotations

from collections.abc import Collection


def answering(held: Collection[str], name: str) -> str | None:
    """The record set, relative to its zone as ``name`` is, that answers ``name``; None where none does.

    A wildcard answers names under the closest ancestor that exists, and no name that exists itself (RFC 4592, 3.3;
    learn.microsoft.com/azure/dns/dns-zones-records, wildcard records): beside a record ``east.data``, a record ``*``
    does not answer ``west.data``, because ``data`` exists. ``@`` is the zone's own name.
    """
    wanted = name.lower()
    if wanted in held:
        return wanted
    present = {ancestor for record in held for ancestor in _ancestors(record)}
    if wanted in present:
        return None
    closest = next((ancestor for ancestor in _ancestors(wanted)[1:] if ancestor in present), "")
    wildcard = f"*.{closest}" if closest else "*"
    return wildcard if wildcard in held else None


def _ancestors(name: str) -> list[str]:
    """The name itself and every name above it inside the zone."""
    labels = name.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]
