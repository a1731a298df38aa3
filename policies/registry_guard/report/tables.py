"""Plain lists for a person: as wide as the terminal, without colours when the output is not one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text


def console() -> Console:
    """Standard output: wide enough when it is a file or a pipe that nothing is cut off."""
    made = Console(highlight=False)
    return made if made.is_terminal else Console(highlight=False, width=200, color_system=None)


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
        for paragraph in paragraphs:
            out.print(Padding(Text(paragraph), (0, 0, 0, 2), expand=False))
