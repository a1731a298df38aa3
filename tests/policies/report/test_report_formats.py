"""The formats that CI reads: valid by their published schemas, complete, and safe with hostile text."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import xmlschema
from hypothesis import given, settings
from registry_guard.report import junit, markdown, sarif, stream, terminal
from registry_guard.report.formats import FORMATS, format_of, render
from registry_guard.report.model import Report, Source
from registry_model.estate.places import Location

from tests.doctor import hostile as harmful
from tests.policies.check.checkkit import guard
from tests.policies.report.reportkit import JUNIT_SCHEMA, RECORDED, report, sarif_schema

HOSTILE = "a\x00\x1b[31m\u202e<script>|`*_[x](http://e.example)\n@everyone #1 ::error::\ud800 &amp; \ufffe"


@pytest.fixture(scope="module")
def sarif_validator() -> jsonschema.Draft4Validator:
    return jsonschema.Draft4Validator(sarif_schema(), format_checker=jsonschema.FormatChecker())


@pytest.fixture(scope="module")
def junit_schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(JUNIT_SCHEMA))


def hostile(text: str = HOSTILE) -> Report:
    event = {"policyName": text, "policyPackName": "pack", "resourceUrn": f"urn:pulumi:s::p::t::{text}"}
    events = [
        {"policyEvent": {**event, "message": f"{text}\n{text}", "enforcementLevel": "mandatory"}},
        {"policyEvent": {**event, "message": text, "enforcementLevel": "advisory"}},
        {"policyRemediationEvent": {**event, "before": {}, "after": {text: 1}}},
        {"diagnosticEvent": {"message": text, "severity": "error"}},
    ]
    return stream.read("\n".join(json.dumps({"sequence": n, **e}) for n, e in enumerate(events)), name=text)


REPORTS = [*RECORDED, "hostile", "empty"]


def made(name: str) -> Report:
    return hostile() if name == "hostile" else Report() if name == "empty" else report(name)


@pytest.mark.parametrize("name", REPORTS)
def test_sarif_follows_the_schema(name: str, sarif_validator: jsonschema.Draft4Validator) -> None:
    errors = [e.message for e in sarif_validator.iter_errors(json.loads(sarif.render(made(name))))]
    assert errors == []


def test_the_sarif_schema_refuses_what_is_wrong(sarif_validator: jsonschema.Draft4Validator) -> None:
    document = json.loads(sarif.render(made("preview-violations")))
    document["runs"][0]["results"][0]["level"] = "fatal"
    assert not sarif_validator.is_valid(document)


@pytest.mark.parametrize("name", REPORTS)
def test_junit_follows_the_schema(name: str, junit_schema: xmlschema.XMLSchema) -> None:
    junit_schema.validate(junit.render(made(name)))


def test_the_junit_schema_refuses_what_is_wrong(junit_schema: xmlschema.XMLSchema) -> None:
    wrong = junit.render(made("preview-violations")).replace("<failure", "<fail").replace("</failure", "</fail")
    assert not junit_schema.is_valid(wrong)


@pytest.mark.parametrize("name", RECORDED)
def test_every_format_tells_every_finding(name: str) -> None:
    of = report(name)
    document = json.loads(sarif.render(of))
    assert sum(len(run["results"]) for run in document["runs"]) == len(of.items)
    failing = sum(r["level"] == "error" for run in document["runs"] for r in run["results"])
    assert failing == len(of.failing)
    root = ET.fromstring(junit.render(of))
    assert len(root.findall(".//failure")) + len(root.findall(".//error")) == len(of.failing) + len(of.problems)
    assert len(root.findall(".//skipped")) == len(of.passing("exempted"))
    text = markdown.render(of)
    assert sum(line.startswith("| `") for line in text.splitlines()) == len(of.items)
    assert of.verdict() in render(of, "table")
    assert json.loads(render(of, "json"))["passed"] is of.ok


def result_of(name: str, rule: str) -> tuple[dict[str, Any], dict[str, Any]]:
    run = json.loads(sarif.render(report(name)))["runs"][0]
    result = next(r for r in run["results"] if r["ruleId"] == rule)
    return result, run["tool"]["driver"]["rules"][result["ruleIndex"]]


def test_sarif_rules_carry_help_and_results_a_location_and_the_urn() -> None:
    result, rule = result_of("preview-violations", "no-exposed-access")
    assert rule["id"] == "no-exposed-access"
    assert rule["properties"]["security-severity"] == "9.5"
    for part in ("Why", "Fix", "Compare"):
        assert f"**{part}.**" in rule["help"]["markdown"]
    assert "Azure Policy d0793b48" in rule["help"]["text"]
    place = result["locations"][0]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "Pulumi.yaml"
    assert place["logicalLocations"][0]["fullyQualifiedName"].endswith("::shop")


def test_sarif_shows_a_known_line_and_the_folder_of_the_project() -> None:
    of = report("preview-violations")
    of.items[0] = replace(of.items[0], location=Location("infra/my program.py", 12))
    results = json.loads(sarif.render(of, program=Location("infra/Pulumi.yaml")))["runs"][0]["results"]
    places = [r["locations"][0]["physicalLocation"] for r in results]
    assert places[0]["artifactLocation"]["uri"] == "infra/my%20program.py"
    assert places[0]["region"]["startLine"] == 12
    assert places[1]["artifactLocation"]["uri"] == "infra/Pulumi.yaml"


def test_reports_of_two_stacks_do_not_replace_each_other_on_github() -> None:
    run = json.loads(sarif.render(report("preview-violations")))["runs"][0]
    category, _, run_id = run["automationDetails"]["id"].rpartition("/")
    assert category.endswith("shop/dev")
    assert run_id == ""


def test_one_more_file_moves_no_alert_to_another_category_on_github(tmp_path: Path) -> None:
    files: list[Path] = []
    for number in range(2):
        files.append(tmp_path / f"{number}.json")
        files[-1].write_text(json.dumps({"$schema": "deploymentTemplate.json#", "resources": []}))
        made = json.loads(guard("check", *files, "--format", "sarif").out)
        assert [run["automationDetails"]["id"] for run in made["runs"]] == ["registry-guard/check/"]


def test_an_exemption_is_a_suppression_with_its_reason() -> None:
    run = json.loads(sarif.render(report("preview-exempted")))["runs"][0]
    suppressed = [r for r in run["results"] if "suppressions" in r]
    assert [r["ruleId"] for r in suppressed] == ["premium-sku"]
    assert "next budget" in suppressed[0]["suppressions"][0]["justification"]
    assert suppressed[0]["level"] == "note"


def test_a_policy_that_could_not_run_is_told_by_the_run_too() -> None:
    invocation = json.loads(sarif.render(report("preview-sdk-pack")))["runs"][0]["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert {n["associatedRule"]["id"] for n in invocation["toolExecutionNotifications"]} == {"reads-unknown"}
    healthy = json.loads(sarif.render(report("preview-violations")))["runs"][0]["invocations"][0]
    assert (healthy["executionSuccessful"], healthy["exitCode"]) == (True, 1)


def test_fingerprints_differ_within_a_report_and_stay_when_the_wording_changes() -> None:
    of = report("preview-sdk-pack")

    def prints(of: Report) -> list[str]:
        runs = json.loads(sarif.render(of))["runs"]
        return [r["partialFingerprints"]["registryGuard/v1"] for run in runs for r in run["results"]]

    before = prints(of)
    assert len(set(before)) == len(before)
    of.items = [replace(item, message="other words", source="elsewhere") for item in of.items]
    assert prints(of) == before


def test_markdown_cannot_be_steered_by_a_program() -> None:
    text = markdown.render(hostile())
    outside_code = re.sub(r"`[^`]*`", "", text.replace("\\`", ""))
    assert "<script>" not in outside_code
    assert "@everyone" not in outside_code
    assert "http:" not in outside_code
    assert "\x1b" not in render(hostile(), "table")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert len(rows) == len(hostile().items) == 2
    for row in rows:
        assert row.replace("\\|", "").count("|") == 5


@given(harmful.TEXT)
@settings(max_examples=30, deadline=None)
def test_no_format_lets_a_program_steer_who_reads_it(text: str) -> None:
    for form in FORMATS:
        # Markdown has zero-width spaces of its own, which keep GitHub from making links.
        for line in render(hostile(text), form).replace("\u200b", "").split("\n"):
            harmful.assert_safe(line)


def test_markdown_stays_below_the_limit_and_counts_what_it_leaves_out() -> None:
    item = report("preview-violations").items[0]
    many = [replace(item, urn=f"{item.urn}{number}") for number in range(2000)]
    advisory = [replace(item, level="advisory", urn=f"{item.urn}{number}") for number in range(2000)]
    of = Report(sources=[Source("shop/dev", "preview", 4000)], packs={"registry-guard": "1"}, items=many + advisory)
    text = markdown.render(of)
    assert len(text) <= markdown.MAX_CHARACTERS
    shown = sum(line.startswith("| `") for line in text.splitlines())
    assert f"and {2000 - shown} more" in text
    assert "and 2000 more" in text
    assert text.startswith(markdown.MARKER)
    assert "2000 mandatory violations" in text


def test_the_summary_has_no_colours_when_it_goes_to_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show(report("preview-violations"))
    assert "\x1b" not in capsys.readouterr().out


def test_file_endings_tell_the_format() -> None:
    from pathlib import Path

    wanted = {"a.sarif": "sarif", "a.sarif.json": "sarif", "A.JSON": "json", "j.xml": "junit", "c.md": "markdown"}
    assert {name: format_of(Path(name)) for name in wanted} == wanted
    assert format_of(Path("a.html")) is None
    assert set(FORMATS) >= set(wanted.values())
