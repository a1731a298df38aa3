"""A self-contained HTML report: one file, no script, nothing fetched; readable on paper too."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from registry_model.azure import names
from registry_model.reach.clients import default_clients
from registry_model.reach.drawings import svg
from registry_model.text import markup

from . import report
from .render import lookup_text, tls_text
from .verdict import SITUATION_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from registry_model.reach.kinds import AnyRegistry
    from registry_model.reach.model import Change

    from .redact import Redactor
    from .trace import Step, Trace
    from .verdict import Verdict

STYLE = """
:root { color-scheme: light dark }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100%; font-size: .9em }
th, td { text-align: left; vertical-align: top; padding: .35em .6em; border-bottom: 1px solid #8886 }
td { overflow-wrap: anywhere }
.ok { color: #187a2f; font-weight: 600 } .bad { color: #b3261e; font-weight: 600 } .so-so { color: #8a5a00 }
.verdict { border-left: .3em solid; padding: .2em 1em; margin: 1em 0 }
svg { max-width: 100%; height: auto; background: #fff }
.made { font-size: .85em; opacity: .8 }
@media (prefers-color-scheme: dark) { .ok { color: #6fd88a } .bad { color: #ff8a80 } .so-so { color: #f0c060 } }
@media print { body { margin: 0; max-width: none; color: #000; background: #fff } h2, tr, svg { break-inside: avoid } }
""".strip()

STEP_COLUMNS = ("step", "result", "request", "names", "address", "TLS", "answer", "time", "note")
_GOOD = {"yes", "ok"}
_BAD = {"no", "fail", "missing", "BREAKS"}
_MIDDLING = {"partly", "warn", "unknown"}


def page(title: str, sections: Iterable[str], source: str) -> str:
    """A whole document around sections of HTML. Its head says what made it, when, on which machine and from what:
    ``source`` in words."""
    moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    made = f"registry-doctor {version('private-registry')}, {moment}, on {platform.node() or 'an unnamed host'}"
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{markup(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>\n{STYLE}\n</style>\n</head>\n'
        f"<body>\n<h1>{markup(title)}</h1>\n"
        f'<p class="made">{markup(made)}<br>Source: {markup(source)}</p>\n{"".join(sections)}</body>\n</html>\n'
    )


def table(heading: str, columns: Sequence[str], rows: Iterable[Sequence[str]], judged: Sequence[str] = ()) -> str:
    """A section with a table; cells of the ``judged`` columns are coloured by their word."""
    head = "".join(f'<th scope="col">{markup(c)}</th>' for c in columns)
    body = "".join(
        "<tr>" + "".join(_cell(cell, column in judged) for column, cell in zip(columns, row, strict=True)) + "</tr>\n"
        for row in rows
    )
    return f"<h2>{markup(heading)}</h2>\n<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n"


def _cell(text: str, judged: bool) -> str:
    kinds = (("ok", _GOOD), ("bad", _BAD), ("so-so", _MIDDLING)) if judged else ()
    kind = next((name for name, words in kinds if text in words), "")
    return f'<td class="{kind}">{markup(text)}</td>' if kind else f"<td>{markup(text)}</td>"


def declared(registries: Sequence[AnyRegistry], changes: Sequence[Change] | None = None) -> list[str]:
    """Sections for what was declared: drawing, hosts, records, who can pull, and what an update changes."""
    sections: list[str] = []
    for registry in registries:
        label = registry.label
        sections.append(f"<h2>{markup(label)}: topology</h2>\n{svg(registry, default_clients(registry))}\n")
        sections.append(table(f"{label}: hosts, TCP {names.HTTPS}", report.HOST_COLUMNS, report.host_rows(registry)))
        if records := report.record_rows(registry):
            sections.append(table(f"{label}: private DNS records", report.RECORD_COLUMNS, records, ("address",)))
        rows = report.reach_rows(report.summaries(registry))
        sections.append(table(f"{label}: who can pull and push", report.REACH_COLUMNS, rows, ("pull", "push")))
        if registry.notes:
            sections.append("<ul>" + "".join(f"<li>{markup(n)}</li>" for n in registry.notes) + "</ul>\n")
    if changes is not None:
        rows = report.change_rows(changes)
        sections.append(table("What the update changes", report.CHANGE_COLUMNS, rows, ("effect",)))
    return sections


def traced(trace: Trace, verdict: Verdict, redactor: Redactor) -> list[str]:
    """Sections for a pull: the verdict, then its steps."""
    kind = "ok" if verdict.ok else "bad"
    fixes = "".join(f"<li>{markup(redactor.text(f))}</li>" for f in verdict.fix)
    situation = SITUATION_TEXT[verdict.situation]
    texts = [verdict.explanation, "" if situation in verdict.explanation else situation]
    words = "".join(f"<p>{markup(redactor.text(t))}</p>" for t in texts if t)
    summary = f'<p class="{kind}">{markup(redactor.text(verdict.summary))}</p>'
    rows = [redactor.data(_step_row(step)) for step in trace.steps]
    return [
        f'<div class="verdict">{summary}{words}{f"<ul>{fixes}</ul>" if fixes else ""}</div>\n',
        table(redactor.text(f"Steps, as {trace.credentials_origin}"), STEP_COLUMNS, rows, ("result",)),
    ]


def _step_row(step: Step) -> list[str]:
    answer = step.exchange
    good = answer.failure is None and answer.status is not None and (answer.status < 400 or step.name == "challenge")
    tags = f" ({', '.join(step.service_tags)})" if step.service_tags else ""
    return [
        step.name,
        "ok" if good else "fail",
        f"{answer.method} {answer.url}",
        lookup_text(answer.lookup) if answer.lookup else "",
        f"{answer.address}, {answer.address_class}{tags}" if answer.address else "",
        tls_text(answer.tls) if answer.tls else "",
        str(answer.status or answer.failure),
        f"{answer.seconds * 1000:.0f} ms",
        step.note or answer.detail,
    ]
