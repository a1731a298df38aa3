"""The summary for a person at a terminal; without colours when the output is not one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import IO

from rich.console import Console
from rich.text import Text

from . import tables
from .model import ERROR, EXEMPTED, Item, Outcome, Report

_STYLES = {Outcome.PASSED: "bold green", Outcome.FAILED: "bold red", Outcome.NOTHING: "bold yellow"}


def show(report: Report, *, file: IO[str] | None = None, advisory: bool = True) -> None:
    """Print the report: problems of the run, then findings by resource, then one line that says whether it passes."""
    console = tables.console(file)
    console.print(Text(report.describe(), style="dim"), soft_wrap=True)
    for problem in report.problems:
        console.print(Text.assemble(("✗ problem of the run  ", "bold red"), problem), soft_wrap=True)
    for (source, _urn), items in _by_resource(report, advisory=advisory):
        first = items[0]
        head = Text.assemble(("\n" + first.resource_name, "bold"), "  ", (first.resource_type, "dim"))
        if first.location is not None:
            head.append(f"  {first.location}", "dim")
        if len(report.sources) > 1:
            head.append(f"  {source}", "dim")
        console.print(head, soft_wrap=True)
        for item in items:
            _print(console, item)
    for r in report.remediations:
        console.print(
            Text.assemble(("\n~ corrected  ", "cyan"), f"{r.rule}: {', '.join(r.properties)} of {r.urn}"),
            soft_wrap=True,
        )
    for remark in report.remarks:
        console.print(Text.assemble(("\n! configuration  ", "yellow"), remark), soft_wrap=True)
    console.print(Text("\n" + report.verdict(), style=_STYLES[report.outcome]), soft_wrap=True)


def _by_resource(report: Report, *, advisory: bool) -> Iterator[tuple[tuple[str, str], list[Item]]]:
    shown = [i for i in report.items if advisory or i.fails or i.kind == EXEMPTED]
    order: dict[tuple[str, str], int] = {}
    for item in shown:
        order.setdefault((item.source, item.urn), len(order))
    shown.sort(key=lambda i: order[i.source, i.urn])
    for key, items in groupby(shown, key=lambda i: (i.source, i.urn)):
        yield key, list(items)


def _print(console: Console, item: Item) -> None:
    mark, style = _mark(item)
    severity = f" ({item.severity})" if item.severity else ""
    console.print(Text.assemble((f"  {mark}  ", style), (item.rule, "bold"), (severity, "dim")))
    tables.paragraph(console, Text(item.message), indent=4)
    if item.fix:
        tables.paragraph(console, Text.assemble(("Fix: ", "dim"), item.fix), indent=4)


def _mark(item: Item) -> tuple[str, str]:
    if item.kind == ERROR:
        return "✗ could not run", "bold red"
    if item.kind == EXEMPTED:
        return "· exempted", "dim"
    if item.fails:
        return ("✗ mandatory" if item.kind == "violation" else f"✗ {item.kind}"), "red"
    return (f"! {item.kind}" if item.kind != "violation" else "! advisory"), "yellow"
