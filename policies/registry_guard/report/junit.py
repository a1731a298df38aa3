"""JUnit XML, as Jenkins, GitLab and Azure Pipelines read it.

A suite for each policy pack. A case for each finding, named ``policy [resource]``: a failure when it fails, an error
when the policy could not run, skipped when it is exempted, and passed with its text as output when it is advisory;
and a passed case for each policy that found nothing.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import defaultdict

from .catalogue import PACK
from .model import ERROR, EXEMPTED, Item, Report

# XML 1.0 has no other characters, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """The report as JUnit XML text."""
    root = ET.Element("testsuites", name="registry-guard")
    by_pack: dict[str, list[Item]] = defaultdict(list)
    for item in report.items:
        by_pack[item.pack].append(item)
    for pack in sorted({*report.packs, *by_pack}):
        _suite(root, report, pack, by_pack[pack])
    run = _Suite(root, "registry-guard.run")
    for number, problem in enumerate(report.problems, 1):
        run.case("run", f"problem {number}", error=("problem", problem))
    if not report.judged:
        run.case("run", report.describe(), skipped=report.verdict())
    elif not report.problems:
        run.case("run", f"every policy ran: {report.describe()}")
    run.close()
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


class _Suite:
    def __init__(self, root: ET.Element, name: str) -> None:
        self.element = ET.SubElement(root, "testsuite", name=_xml(name))
        self.counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}

    def case(
        self,
        suite: str,
        name: str,
        *,
        failure: tuple[str, str] | None = None,
        error: tuple[str, str] | None = None,
        skipped: str = "",
        output: str = "",
    ) -> None:
        case = ET.SubElement(self.element, "testcase", classname=_xml(suite), name=_xml(name), time="0")
        self.counts["tests"] += 1
        for tag, count, outcome in (("failure", "failures", failure), ("error", "errors", error)):
            if outcome is not None:
                kind, text = outcome
                ET.SubElement(case, tag, type=_xml(kind), message=_xml(text.split("\n", 1)[0])).text = _xml(text)
                self.counts[count] += 1
        if skipped:
            ET.SubElement(case, "skipped", message=_xml(skipped))
            self.counts["skipped"] += 1
        if output:
            ET.SubElement(case, "system-out").text = _xml(output)

    def close(self) -> None:
        for key, number in self.counts.items():
            self.element.set(key, str(number))
        self.element.set("time", "0")


def _suite(root: ET.Element, report: Report, pack: str, items: list[Item]) -> None:
    suite = _Suite(root, pack or PACK)
    for item in items:
        text = _text(item)
        name = f"{item.rule} [{item.urn or item.resource_name}]"
        place = f"{pack}.{item.rule}"
        if item.kind == ERROR:
            suite.case(place, name, error=("could not run", text))
        elif item.fails:
            suite.case(place, name, failure=(item.kind, text))
        elif item.kind == EXEMPTED:
            suite.case(place, name, skipped=item.message)
        else:
            suite.case(place, name, output=text)
    found = {item.rule for item in items}
    for of, rule in sorted(report.passed):
        if of == pack and rule not in found:
            suite.case(f"{pack}.{rule}", rule)
    suite.close()


def _text(item: Item) -> str:
    lines = [f"{item.resource}: {item.message}"]
    if item.fix:
        lines.append(f"Fix: {item.fix}")
    if item.location is not None:
        lines.append(f"At: {item.location}")
    if item.urn:
        lines.append(f"URN: {item.urn}")
    return "\n".join(lines)


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
