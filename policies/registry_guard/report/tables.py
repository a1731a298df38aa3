"""Plain lists for a person: as wide as the terminal, without colours when the output is not one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import IO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text


def console(file: IO[str] | None = None) -> Console:
    """Standard output, or a file: without colours when it is not a terminal."""
    made = Console(file=file, highlight=False)
    return made if made.is_terminal else Console(file=file, highlight=False, width=200, color_system=None)


def paragraph(out: Console, text: Text, *, indent: int) -> None:
    """Indented text, wrapped to the terminal; elsewhere every line is left whole, for searching."""
    if out.is_terminal:
        out.print(Padding(text, (0, 0, 0, indent), expand=False))
        return
    for line in text.split("\n"):
        out.print(Text(" " * indent) + line, soft_wrap=True)


def print_table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, note: str = "") -> None:
    """A table without lines, its last column wrapped; then a note."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, head in enumerate(heads):
        table.add_column(head, overflow="fold", no_wrap=number == 0)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    out = console()
    out.print(table)
    if note:
        out.print(Text("\n" + note, style="dim"))


def print_sections(title: str, sections: Iterable[tuple[str, Sequence[str]]]) -> None:
    """A heading, then named paragraphs; a section without any is left out."""
    out = console()
    out.print(Text(title, style="bold"))
    for head, paragraphs in sections:
        if paragraphs:
            out.print(Text(f"\n{head}", style="bold"))
        for each in paragraphs:
            paragraph(out, Text(each), indent=2)
