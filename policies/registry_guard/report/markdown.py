"""Markdown for the comment on a pull request: the verdict first, what fails in full, the rest folded away.

What a program wrote (names, messages) is shown as text: it can neither format, link, mention nor break a table.
"""

from __future__ import annotations

import re

from .model import EXEMPTED, NOTE, UNDETERMINED, VIOLATION, Item, Outcome, Report

MARKER = "<!-- registry-guard -->"  # by which a workflow finds its earlier comment, to replace it
MAX_CHARACTERS = 60_000  # GitHub refuses a comment of more than 65,536
_MARKS = {Outcome.PASSED: "✅", Outcome.FAILED: "❌", Outcome.NOTHING: "⚪"}
_NOTES = 500  # characters kept for what says how much is left out

_SPECIAL = re.compile(r"([\\`*_{}\[\]|~$])")
_BREAKS_LINKS = re.compile(r"([@#]|https?(?=:)|www(?=\.))")  # escaped or not, GitHub links these


def render(report: Report, *, limit: int = MAX_CHARACTERS) -> str:
    """The report as Markdown, cut at whole rows to stay under ``limit`` characters; what is left out is counted."""
    head = [
        MARKER,
        f"### {_MARKS[report.outcome]} Registry guard {_escape(report.verdict())}",
        "",
        _escape(report.describe()),
        "",
    ]
    room = limit - sum(len(line) + 1 for line in head) - _NOTES
    body: list[str] = []
    for section in (
        _problems(report.problems),
        _table("What fails", report.failing, report, folded=False),
        _table("Exempted", report.passing(EXEMPTED), report, folded=True),
        _table("Undetermined", report.passing(UNDETERMINED), report, folded=True),
        _table("Advisory", report.passing(VIOLATION), report, folded=True),
        _table("Notes", report.passing(NOTE), report, folded=True),
        ([], [f"- {_escape(remark)}" for remark in report.remarks], [""]),
        _remediations(report),
    ):
        body += _fit(section, room - sum(len(line) + 1 for line in body))
    return "\n".join([*head, *body]).rstrip() + "\n"


def _fit(section: tuple[list[str], list[str], list[str]], room: int) -> list[str]:
    opening, rows, closing = section
    if not rows:
        return []
    frame = sum(len(line) + 1 for line in (*opening, *closing))
    kept: list[str] = []
    for row in rows:
        frame += len(row) + 1
        if frame > room:
            break
        kept.append(row)
    left = len(rows) - len(kept)
    note = [f"… and {left} more; the complete report is among the job's artifacts.", ""] if left else []
    return [*opening, *kept, *closing, *note] if kept else note


Section = tuple[list[str], list[str], list[str]]


def _problems(problems: list[str]) -> Section:
    return [], [f"- ❌ {_escape(problem)}" for problem in problems], [""]


def _table(title: str, items: list[Item], report: Report, *, folded: bool) -> Section:
    rows = [_row(item, report) for item in items]
    head = ["| rule | resource | what | fix |", "|---|---|---|---|"]
    if folded:
        return [f"<details><summary>{title} ({len(items)})</summary>", "", *head], rows, ["", "</details>", ""]
    return [f"**{title}**", "", *head], rows, [""]


def _row(item: Item, report: Report) -> str:
    mark = f" ({item.severity})" if item.severity else ""
    rule = f"{_code(item.rule)}{mark}" + (f"<br>{_code(item.pack)}" if len(report.packs) > 1 else "")
    resource = _code(item.resource_name)
    if item.resource_type:
        resource += f"<br>{_code(item.resource_type)}"
    if item.location is not None:
        resource += f"<br>{_code(str(item.location))}"
    kind = "" if item.kind in ("violation", "exempted") else f"**{item.kind}**: "
    return f"| {rule} | {resource} | {kind}{_escape(item.message)} | {_escape(item.fix)} |"


def _remediations(report: Report) -> Section:
    rows = [
        f"- {_code(r.rule)} corrected {', '.join(map(_code, r.properties)) or 'the inputs'} of {_code(r.urn)}"
        for r in report.remediations
    ]
    opening = [f"<details><summary>Corrected in flight ({len(rows)})</summary>", ""]
    return opening, rows, ["", "</details>", ""]


def _escape(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _BREAKS_LINKS.sub("\\1\u200b", _SPECIAL.sub(r"\\\1", text))
    return "<br>".join(line.strip() for line in text.splitlines())


def _code(text: str) -> str:
    """Inline code that the text cannot end; a table cell still needs its bars escaped."""
    return "`" + text.replace("`", "'").replace("|", "\\|").replace("\n", " ") + "`"
