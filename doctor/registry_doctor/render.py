"""Prints results: tables and lines for people, JSON for programs; colours on terminals, never with NO_COLOR."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any

from registry_model.text import clean, clean_data
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .verdict import SITUATION_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .redact import Redactor
    from .resolve import Lookup
    from .tls import Tls
    from .trace import Step, Trace
    from .verdict import Verdict

_STYLES = {
    "green": ("yes", "ok"),
    "bold red": ("no", "fail", "missing", "BREAKS"),
    "yellow": ("partly", "warn", "unknown"),
}
_COLOURS = {word: style for style, words in _STYLES.items() for word in words}
DRAWINGS = ("mermaid", "svg")  # whole documents, whose texts were cleaned when they were drawn
WIDE = 200  # columns where there is no terminal to fit: a file or a pipe takes any width


def console(*, stderr: bool = False) -> Console:
    """A console for text that may hold anything: no markup, no guessed highlights, wide tables in files and pipes."""
    made = Console(stderr=stderr, markup=False, highlight=False, emoji=False, soft_wrap=True)
    if not made.is_terminal:
        made.width = WIDE
    return made


def print_json(data: Any) -> None:
    """Data as JSON on standard output, every text in it on one line and harmless; drawings keep their lines."""
    if isinstance(data, dict):
        safe = {key: value if key in DRAWINGS else clean_data(value) for key, value in data.items()}
    else:
        safe = clean_data(data)
    sys.stdout.write(json.dumps(safe, indent=2, ensure_ascii=False) + "\n")


class Tables:
    """Prints tables on standard output with an empty line between two; outcomes are coloured on terminals.

    ``markdown``: as GitHub, GitLab and Azure DevOps read it, for a ticket or a pull request.
    """

    def __init__(self, *, markdown: bool = False) -> None:
        self._markdown = markdown
        self._first = True

    def show(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        if not self._first:
            sys.stdout.write("\n")
        self._first = False
        if self._markdown:
            sys.stdout.write("\n".join(_markdown(title, columns, rows)) + "\n")
        else:
            _print_table(title, columns, rows)


_MARKDOWN = re.compile(r"([\\|*_`<>\[\]~#])")


def _markdown(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    if title:
        yield f"**{_escaped(title)}**"
        yield ""
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(map(_escaped, row))} |"


def _escaped(cell: str) -> str:
    return _MARKDOWN.sub(r"\\\1", clean(cell))


def _print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    out = console()
    made = Table(title=clean(title) or None, title_justify="left", title_style="bold", box=None, pad_edge=False)
    made.padding = (0, 2, 0, 0)
    for column in columns:
        made.add_column(column, header_style="bold", overflow="fold")
    for row in rows:
        made.add_row(*(Text(clean(cell), _COLOURS.get(cell, "")) for cell in row))
    with out.capture() as captured:
        out.print(made)
    # Columns are padded, which no file needs at the ends of its lines.
    lines = captured.get().splitlines()
    sys.stdout.write("\n".join(line if out.is_terminal else line.rstrip() for line in lines) + "\n")


def lookup_text(lookup: Lookup) -> str:
    """A look-up on one line: every name, then the addresses or what the resolver said instead."""
    end = ", ".join(lookup.addresses) + (f" and {lookup.left_out} more" if lookup.left_out else "")
    if not end:
        end = lookup.rcode if lookup.rcode != "NOERROR" else "no address"
    text = " → ".join([*lookup.chain, end])
    return text + (f"; this system answers {', '.join(lookup.system)}" if lookup.system else "")


def tls_text(seen: Tls) -> str:
    verdict = f"NOT valid: {seen.problem} ({seen.detail})" if seen.problem else f"valid until {seen.expires[:10]}"
    return f"{seen.version or 'TLS'}, {seen.subject or 'no subject'}, issued by {seen.issuer or '?'}, {verdict}"


class Steps:
    """Prints the steps of a trace as they come; what is the same as in an earlier step is said once."""

    def __init__(self, out: Console, redactor: Redactor) -> None:
        self._out = out
        self._redactor = redactor
        self._shown: dict[tuple[str, ...], int] = {}
        self._count = 0

    def show(self, step: Step) -> None:
        """One step: what was asked and answered, the names, the address, TLS."""
        self._count += 1
        shown, answer = self._redactor.text, step.exchange
        failed = answer.failure is not None or answer.status is None or answer.status >= 400
        asked_who = step.name == "challenge" and answer.status == 401
        status = str(answer.status) if answer.status is not None else "failed"
        text = Text()
        text.append(f"{self._count}. {step.name}", "bold").append(f"  {answer.method} {shown(answer.url)}  ")
        text.append(status, "red" if failed and not asked_who else "green")
        text.append(f"  {answer.seconds * 1000:.0f} ms", "dim")
        way = tuple(_way(step))
        if (first := self._shown.setdefault(way, self._count)) != self._count:
            way = (f"names, address and certificate as in step {first}",)
        last = f"{answer.failure}: {answer.detail}" if answer.failure is not None else ""
        for line in (*way, last, step.note):
            if line:
                text.append(f"\n   {shown(line)}")
        self._out.print(text)


def _way(step: Step) -> Iterator[str]:
    answer = step.exchange
    if answer.lookup is not None:
        yield lookup_text(answer.lookup)
    if answer.address:
        tags = f", {', '.join(step.service_tags)}" if step.service_tags else ""
        yield f"{answer.address} port {answer.port}, {answer.address_class}{tags}"
    if answer.tls is not None:
        yield tls_text(answer.tls)


def verdict_lines(verdict: Verdict, redactor: Redactor) -> Text:
    text = Text("\n")
    text.append("✔ " if verdict.ok else "✘ ", "bold green" if verdict.ok else "bold red")
    text.append(redactor.text(verdict.summary), "bold")
    situation = SITUATION_TEXT[verdict.situation]
    for line in (verdict.explanation, "" if situation in verdict.explanation else situation):
        if line:
            text.append(f"\n  {redactor.text(line)}")
    for line in verdict.fix:
        text.append("\n  → ", "bold").append(redactor.text(line))
    return text


def trace_data(trace: Trace, verdict: Verdict, redactor: Redactor) -> dict[str, Any]:
    """A trace as JSON data, secrets taken out."""
    data = {
        "image": str(trace.image),
        "credentials": {"origin": trace.credentials_origin, "anonymous": trace.anonymous},
        "steps": [_step_data(step) for step in trace.steps],
        "verdict": {
            "ok": verdict.ok,
            "situation": str(verdict.situation),
            "fault": verdict.fault,
            "summary": verdict.summary,
            "explanation": verdict.explanation,
            "fix": verdict.fix,
        },
    }
    return redactor.data(data)


def _step_data(step: Step) -> dict[str, Any]:
    answer = step.exchange
    return {
        "step": step.name,
        "method": answer.method,
        "url": answer.url,
        "host": answer.host,
        "port": answer.port,
        "dns": lookup_data(answer.lookup) if answer.lookup else None,
        "address": answer.address or None,
        "addressClass": answer.address_class or None,
        "serviceTags": step.service_tags,
        "tls": tls_data(answer.tls) if answer.tls else None,
        "status": answer.status,
        "failure": str(answer.failure) if answer.failure else None,
        "detail": answer.detail,
        "note": step.note,
        "seconds": round(answer.seconds, 4),
    }


def lookup_data(lookup: Lookup) -> dict[str, Any]:
    return {
        "resolver": lookup.resolver,
        "chain": lookup.chain,
        "addresses": lookup.addresses,
        "addressesLeftOut": lookup.left_out,
        "answer": lookup.rcode,
        "zone": lookup.authority or None,
        "systemAddresses": lookup.system,
        "seconds": round(lookup.seconds, 4),
    }


def tls_data(seen: Tls) -> dict[str, Any]:
    return {
        "version": seen.version,
        "subject": seen.subject,
        "issuer": seen.issuer,
        "names": seen.names,
        "expires": seen.expires,
        "verified": not seen.problem,
        "problem": seen.problem or None,
        "detail": seen.detail,
    }
