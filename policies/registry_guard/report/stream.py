"""A report from what the Pulumi CLI says while it works: its engine events.

Three commands write the same events, one JSON object a line: ``PULUMI_ENABLE_STREAMING_JSON_PREVIEW=1 pulumi preview
--json``, ``PULUMI_DEBUG_COMMANDS=1 pulumi up --event-log FILE``, ``pulumi policy analyze --json``
(``apitype.EngineEvent`` in pulumi/sdk/go/common/apitype/events.go).

It fails closed. A stream that breaks off, an operation that failed, and one that no policy pack took part in are
problems, whatever the policies said before; so is a policy that could not run, which the SDK reports as advisory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from .catalogue import PACK, rule_infos
from .model import (
    ADVISORY,
    ERROR,
    EXEMPTED,
    MANDATORY,
    NOTE,
    UNDETERMINED,
    VIOLATION,
    Item,
    Remediation,
    Report,
    Source,
    clean,
    in_order,
)

_CANNOT_RUN = re.compile(r"^can't run policy '")  # pulumi_policy: a rule that read an unknown value
_GUARD_ERROR = "The rule could not be run: "
_GUARD_EXEMPTED = "Exempted until "
_GUARD_NOTE = "Note: "
_GUARD_UNDETERMINED = ", so this cannot be judged"
_FIX = " Fix: "
_ADVISORY_LEVELS = frozenset({ADVISORY, "warning", "none", "disabled"})  # any other, a new one too, is mandatory
_SAYS_ONLY_THAT = re.compile(r"^(preview|update|refresh|destroy|import) failed$")  # the summary says so too


class StreamError(ValueError):
    """The input is not an event stream, and nothing can be reported."""


def read(text: str, *, name: str = "", required: Iterable[str] = ()) -> Report:
    """The report of one stream.

    ``required`` are packs that must have taken part; with none, any pack will do. Raises StreamError.
    """
    return _Reader(_events(text), name, set(required)).report()


def _events(text: str) -> list[Mapping[str, Any]]:
    text = text.lstrip("\ufeff")
    if not text.strip():
        raise StreamError("it is empty: the command that should have written it did not run, or judged an empty stack")
    lines = text.splitlines()
    events: list[Mapping[str, Any]] = []
    broken = False
    for line in lines:
        if not line.startswith("{"):
            continue  # what a program or a shell printed between the events
        try:
            event = json.loads(line)
        except ValueError:
            broken = True
            continue
        if isinstance(event, dict) and "sequence" in event:
            events.append(event)
    if events:
        return events
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    batch = document.get("events") if isinstance(document, dict) else document
    if isinstance(batch, list) and batch and all(isinstance(e, dict) and "sequence" in e for e in batch):
        return batch
    raise StreamError(_what_it_is(document, broken=broken))


def _what_it_is(document: Any, *, broken: bool) -> str:
    if isinstance(document, dict) and ("steps" in document or "changeSummary" in document):
        return (
            "it is the summary of `pulumi preview --json`, which carries no policy results. Set "
            "PULUMI_ENABLE_STREAMING_JSON_PREVIEW=1 for that command, or judge it with `registry-guard check`"
        )
    if isinstance(document, dict) and ({"deployment", "checkpoint", "resourcePlans", "resources"} & set(document)):
        return "it declares resources and reports nothing; judge it with `registry-guard check`"
    if broken:
        return "its lines begin like JSON and are none: the stream is damaged"
    return (
        "no line of it is an engine event, such as `pulumi policy analyze --json` and `pulumi up --event-log` write "
        "(--event-log needs PULUMI_DEBUG_COMMANDS=1)"
    )


class _Reader:
    def __init__(self, events: list[Mapping[str, Any]], name: str, required: set[str]) -> None:
        self.events = events
        self.name = clean(name)
        self.required = required
        self.packs: dict[str, str] = {}
        self.items: list[Item] = []
        self.remediations: list[Remediation] = []
        self.errors: list[str] = []
        self.planning = False
        self.steps: set[str] = set()
        self.urns: set[str] = set()
        self.summary: Mapping[str, Any] | None = None
        self.rules = {(PACK, info.id): info for info in rule_infos()}

    def report(self) -> Report:
        for event in self.events:
            self._take(event)
        root = next((urn for urn in sorted(self.urns) if urn), "")
        source = Source(self._source_name(root), self._kind(), len(self.steps))
        return Report(
            sources=[source],
            category=source.name if root else "report",
            packs=self.packs,
            items=in_order(self.items),
            remediations=self.remediations,
            problems=self._problems(),
            rules={key: info for key, info in self.rules.items() if key[0] in self.packs},
        )

    def _take(self, event: Mapping[str, Any]) -> None:
        for kind, take in (
            ("policyEvent", self._policy),
            ("policyRemediationEvent", self._remediation),
            ("policyAnalyzeSummaryEvent", self._joins),
            ("policyAnalyzeStackSummaryEvent", self._joins),
            ("diagnosticEvent", self._diagnostic),
            ("resourcePreEvent", self._step),
            ("resOutputsEvent", self._step),
            ("resOpFailedEvent", self._step),
            ("errorEvent", lambda e: self.errors.append(_text(e, "error"))),
            ("summaryEvent", self._finish),
        ):
            body = event.get(kind)
            if isinstance(body, dict):
                take(body)

    def _policy(self, event: Mapping[str, Any]) -> None:
        pack, rule, urn = (_text(event, key) for key in ("policyPackName", "policyName", "resourceUrn"))
        self._joins(event)
        self.urns.add(urn)
        text = _text(event, "message")
        title, _, message = text.partition("\n")
        kind = _kind(pack, title, message)
        if not message:
            title, message = "", text
        fix = ""
        known = self.rules.get((pack, rule))
        if pack == PACK and kind in (VIOLATION, UNDETERMINED) and _FIX in message:
            message, _, fix = message.rpartition(_FIX)
        level = ADVISORY if event.get("enforcementLevel") in _ADVISORY_LEVELS else MANDATORY
        self.items.append(
            Item(
                rule=rule,
                pack=pack,
                kind=kind,
                level=level,
                severity=_text(event, "severity") or (known.severity if known else ""),
                urn=urn,
                message=message,
                title=title,
                fix=fix,
                source=self.name,
            )
        )

    def _remediation(self, event: Mapping[str, Any]) -> None:
        self._joins(event)
        before, after = (v if isinstance(v, dict) else {} for v in (event.get("before"), event.get("after")))
        changed = sorted(k for k in {*before, *after} if before.get(k) != after.get(k))
        self.remediations.append(
            Remediation(
                _text(event, "policyName"),
                _text(event, "policyPackName"),
                _text(event, "resourceUrn"),
                tuple(clean(key) for key in changed),
            )
        )

    def _joins(self, event: Mapping[str, Any]) -> None:
        version = _text(event, "policyPackVersionTag") or _text(event, "policyPackVersion")
        self.packs.setdefault(_text(event, "policyPackName"), version)

    def _diagnostic(self, event: Mapping[str, Any]) -> None:
        message = _text(event, "message")
        if event.get("severity") == "error" and not _SAYS_ONLY_THAT.match(message):
            self.errors.append(message)

    def _step(self, event: Mapping[str, Any]) -> None:
        self.planning = self.planning or event.get("planning") is True
        metadata = event.get("metadata")
        if isinstance(metadata, dict) and metadata.get("op") not in ("delete", "discard", "delete-replaced"):
            urn = _text(metadata, "urn")
            self.steps.add(urn)
            self.urns.add(urn)

    def _finish(self, event: Mapping[str, Any]) -> None:
        self.summary = event
        packs = event.get("PolicyPacks")
        for name, version in packs.items() if isinstance(packs, dict) else ():
            # A pack given by path is named `name|local|path`.
            self.packs.setdefault(clean(str(name)).split("|", 1)[0], clean(str(version)))

    def _kind(self) -> str:
        if self.planning:
            return "preview"
        if self.summary is not None and self.summary.get("isPreview"):
            return "preview"
        if any("preludeEvent" in e for e in self.events):
            return "update"
        return "analysis" if self.summary is not None else "run"

    def _source_name(self, urn: str) -> str:
        parts = urn.split("::")
        if urn.startswith("urn:pulumi:") and len(parts) > 1:
            return f"{parts[1]}/{parts[0].removeprefix('urn:pulumi:')}"
        return self.name

    def _problems(self) -> list[str]:
        problems: list[str] = []
        what = self._kind()
        if self.summary is None:
            problems.append(
                f"The {what} did not finish: its events break off before the summary, so not everything was judged."
            )
        elif self.summary.get("result") in ("failed", "canceled") and not any(item.fails for item in self.items):
            problems.append(f"The {what} {self.summary['result']}, so not everything was judged.")
        problems += [f"The {what} reports: {_short(error)}" for error in dict.fromkeys(self.errors) if error]
        missing = sorted(self.required - set(self.packs))
        if missing:
            problems.append(f"The policy pack {', '.join(missing)} did not take part: name it with --policy-pack.")
        elif not self.packs:
            problems.append("No policy pack took part: name one with --policy-pack.")
        return problems


def _kind(pack: str, title: str, message: str) -> str:
    if _CANNOT_RUN.match(title):
        return ERROR
    if pack != PACK:
        return VIOLATION
    if message.startswith(_GUARD_ERROR):
        return ERROR
    if message.startswith(_GUARD_EXEMPTED):
        return EXEMPTED
    if message.startswith(_GUARD_NOTE):
        return NOTE
    return UNDETERMINED if _GUARD_UNDETERMINED in message else VIOLATION


def _text(event: Mapping[str, Any], key: str) -> str:
    value = event.get(key)
    return clean(value) if isinstance(value, str) else ""


def _short(text: str, limit: int = 600) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
