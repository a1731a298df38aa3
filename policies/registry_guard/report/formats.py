"""The formats of a report, by name and by the ending of a file."""

from __future__ import annotations

import io
import json
from pathlib import Path

from registry_model.estate.places import Location

from .model import Report

FORMATS = ("table", "json", "sarif", "junit", "markdown")
# A file with this ending holds any format, or with a second one this format too: SARIF is JSON.
PLAIN, ALSO = ".txt", {".json": "sarif"}
ENDINGS = {".json": "json", ".sarif": "sarif", ".xml": "junit", ".md": "markdown", ".txt": "table"}


def format_of(path: Path) -> str | None:
    """The format that a file name asks for; None when its ending asks for none."""
    return "sarif" if path.name.endswith(".sarif.json") else ENDINGS.get(path.suffix.lower())


def contradicts(path: Path, form: str) -> bool:
    """Whether a file name asks for another format than this, so that readers who go by the ending would be misled."""
    ending = path.suffix.lower()
    return format_of(path) not in (None, form) and ending != PLAIN and ALSO.get(ending) != form


def render(report: Report, form: str, *, program: Location | None = None) -> str:
    """The report as text in one of FORMATS. Only what is asked for is imported."""
    if form == "json":
        return json.dumps(report.to_json(), indent=2, ensure_ascii=False) + "\n"
    if form == "sarif":
        from . import sarif

        return sarif.render(report, program=program)
    if form == "junit":
        from . import junit

        return junit.render(report)
    if form == "markdown":
        from . import markdown

        return markdown.render(report)
    from . import terminal

    text = io.StringIO()
    terminal.show(report, file=text)
    return text.getvalue()
