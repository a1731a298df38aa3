"""What the engine said, read: the recorded streams of previews, updates and analyses (see record.py)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from registry_guard.engine import Evaluator
from registry_guard.report import stream
from registry_guard.report.model import ADVISORY, ERROR, EXEMPTED, MANDATORY, NOTE, UNDETERMINED, VIOLATION
from registry_guard.rule import rules
from registry_guard.settings import load
from registry_model.estate.reading import estate_from_states

from tests.policies.report.reportkit import RECORDED, STREAMS, report, text

SHOP = "urn:pulumi:dev::shop::azure-native:containerregistry:Registry::shop"
STOCK = "urn:pulumi:dev::shop::azure-native:containerregistry:Registry::stock"

# Every stream that does not pass, and whether a finding (F) or the run itself (R) is why.
WHY_NOT = {
    "analyze-sdk-pack": "F",
    "preview-broken-pack": "R",
    "preview-exempted": "F",
    "preview-fails": "FR",
    "preview-no-pack": "R",
    "preview-sdk-pack": "F",
    "preview-undetermined": "F",
    "preview-violations": "F",
    "up-violation": "F",
}


@pytest.mark.parametrize("name", RECORDED)
def test_a_stream_passes_only_when_everything_was_judged_and_nothing_mandatory_found(name: str) -> None:
    made = report(name)
    why = ("F" if made.failing else "") + ("R" if made.problems else "")
    assert why == WHY_NOT.get(name, "")
    assert made.exit_code == (1 if why else 0)


def test_violations_keep_rule_resource_severity_and_fix_apart() -> None:
    made = report("preview-violations")
    first = made.items[0]
    assert (first.rule, first.urn, first.kind, first.level) == ("no-exposed-access", SHOP, VIOLATION, MANDATORY)
    assert first.severity == "critical"
    assert first.title == "Registries are not exposed to the internet"
    assert first.message.endswith("so anyone can reach it.")
    assert first.fix.startswith("Set publicNetworkAccess to Disabled")
    assert made.packs == {"registry-guard": "0.1.0"}
    assert (made.sources[0].kind, made.sources[0].name, made.sources[0].resources) == ("preview", "shop/dev", 5)


def test_a_policy_that_could_not_run_fails_although_the_sdk_calls_it_advisory() -> None:
    said = [json.loads(line).get("policyEvent", {}) for line in text("preview-sdk-pack").splitlines()]
    assert {e["enforcementLevel"] for e in said if e.get("policyName") == "reads-unknown"} == {"advisory"}
    made = report("preview-sdk-pack")
    broken = [item for item in made.items if item.rule == "reads-unknown"]
    assert {item.urn for item in broken} == {SHOP, STOCK}
    assert all(item.kind == ERROR and item.fails for item in broken)
    assert "2 policies that could not run" in made.verdict()


def test_the_same_policy_runs_on_the_deployed_state() -> None:
    assert not [item for item in report("analyze-sdk-pack").items if item.kind == ERROR]


def test_undetermined_fails_where_the_configuration_says_so() -> None:
    strict = [i for i in report("preview-undetermined").items if i.kind == UNDETERMINED]
    plain = [i for i in report("preview-passes").items if i.kind == UNDETERMINED]
    assert [(i.urn, i.rule, i.level, i.fails) for i in strict] == [(STOCK, "no-exposed-access", MANDATORY, True)]
    assert [(i.urn, i.rule, i.level, i.fails) for i in plain] == [(STOCK, "no-exposed-access", ADVISORY, False)]


def test_an_exempted_violation_is_shown_and_does_not_fail() -> None:
    made = report("preview-exempted")
    assert [(i.urn, i.rule, i.fails) for i in made.passing("exempted")] == [(SHOP, "premium-sku", False)]
    assert "moves to Premium with the next budget" in made.passing("exempted")[0].message
    assert [i.urn for i in made.failing] == [STOCK]


def test_a_remediation_names_the_properties_and_no_values() -> None:
    made = report("preview-sdk-pack")
    assert {(r.rule, r.urn, r.properties) for r in made.remediations} == {
        ("corrected", SHOP, ("dataEndpointEnabled",)),
        ("corrected", STOCK, ("dataEndpointEnabled",)),
    }


def test_control_characters_of_a_message_are_gone() -> None:
    hostile = next(item for item in report("preview-sdk-pack").items if item.rule == "hostile")
    assert "\x1b" not in hostile.message
    assert "red" in hostile.message


def test_a_stream_that_breaks_off_fails_whatever_it_said_before() -> None:
    lines = text("preview-passes").splitlines()
    cut = [line for line in lines if "summaryEvent" not in line]
    made = stream.read("\n".join(cut))
    assert made.exit_code == 1
    assert any("did not finish" in problem for problem in made.problems)


def test_a_half_written_last_line_is_a_stream_that_breaks_off() -> None:
    lines = text("preview-passes").splitlines()
    upto = next(i for i, line in enumerate(lines) if "summaryEvent" in line)
    made = stream.read("\n".join([*lines[:upto], lines[upto][:40]]))
    assert made.exit_code == 1


def test_a_pack_that_must_take_part_and_did_not_fails() -> None:
    assert report("preview-passes", required=("registry-guard",)).ok
    made = report("preview-sdk-pack", required=("registry-guard",))
    assert any("registry-guard did not take part" in problem for problem in made.problems)


def test_what_a_shell_printed_around_the_events_does_not_matter() -> None:
    plain = report("preview-violations")
    noisy = stream.read("Previewing…\n" + text("preview-violations") + "done { not an event }\n", name="x")
    assert [(i.rule, i.urn) for i in noisy.items] == [(i.rule, i.urn) for i in plain.items]


@pytest.mark.parametrize("wrap", [lambda events: events, lambda events: {"events": events}])
def test_a_batch_of_events_in_one_document_is_read_too(wrap) -> None:
    events = [json.loads(line) for line in text("preview-violations").splitlines()]
    made = stream.read(json.dumps(wrap(events), indent=2))
    assert len(made.failing) == len(report("preview-violations").failing)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("hello\n", "no line of it is an engine event"),
        ('{"sequence": 0, "policyEv\n', "damaged"),
        ("[]", "no line of it is an engine event"),
        ("null", "no line of it is an engine event"),
        ((STREAMS / "digest-new.json").read_text(), "PULUMI_ENABLE_STREAMING_JSON_PREVIEW"),
        ((STREAMS / "export.json").read_text(), "registry-guard check"),
        ((STREAMS / "plan-new.json").read_text(), "registry-guard check"),
    ],
)
def test_what_is_no_stream_is_refused_with_the_way_to_get_one(given: str, says: str) -> None:
    with pytest.raises(stream.StreamError, match=says):
        stream.read(given)


@pytest.mark.parametrize("body", [None, 3, "text", [], {"resourceUrn": 5, "message": None}])
def test_an_event_of_a_strange_shape_does_not_stop_the_reader(body: object) -> None:
    events = "\n".join(json.dumps({"sequence": n, key: body}) for n, key in enumerate(("policyEvent", "summaryEvent")))
    assert stream.read(events).exit_code == 1


def test_how_the_guard_words_its_findings_is_how_the_reader_knows_their_kind() -> None:
    """The events carry no kind: should the guard's wording change, this fails, and the reader must follow."""
    states = json.loads((STREAMS / "export.json").read_text())["deployment"]["resources"]
    for state in states:
        if state["urn"] == SHOP:
            state["inputs"]["sku"] = {"name": "Basic"}
        if state["urn"] == STOCK:
            state["inputs"]["sku"] = {"name": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}
    deployment = "azure-native:resources:Deployment"
    linked = {"mode": "Incremental", "templateLink": {"uri": "https://templates.example/registry.json"}}
    urn = f"urn:pulumi:dev::shop::{deployment}::linked"
    states.append({"urn": urn, "type": deployment, "custom": True, "inputs": {"properties": linked}})
    exemption = {"rule": "premium-sku", "resource": "shop", "reason": "r", "owner": "o", "expires": "2999-12-31"}
    kinds: set[str] = set()
    for config in ({}, {"registry-guard": {"exemptions": [exemption]}}):
        found = Evaluator(load(config)).judge(estate_from_states(states))
        assert found
        for finding in found:
            event = {
                "resourceUrn": finding.urn,
                "policyName": finding.rule,
                "policyPackName": "registry-guard",
                "message": f"{finding.title}\n{finding.text}",
                "enforcementLevel": finding.level.value,
            }
            item = stream.read(json.dumps({"sequence": 0, "policyEvent": event})).items[0]
            assert (item.kind, item.fails) == (finding.kind, finding.mandatory)
            if finding.kind in (VIOLATION, UNDETERMINED):
                assert (item.message, item.fix) == (finding.message, finding.fix)
        kinds |= {finding.kind for finding in found}
    assert kinds >= {EXEMPTED, NOTE, UNDETERMINED, VIOLATION}


def test_a_rule_of_the_guard_that_raised_is_one_that_could_not_run() -> None:
    settings = load({})
    rule = rules()["premium-sku"]
    broken = replace(rule, check_resource=lambda _resource, _config: 1 / 0)
    evaluator = Evaluator(settings)
    evaluator._resource_rules = {kind: [broken] for kind in broken.applies_to}
    states = json.loads((STREAMS / "export.json").read_text())["deployment"]["resources"]
    finding = next(f for f in evaluator.judge(estate_from_states(states)) if f.rule == "premium-sku")
    event = {
        "resourceUrn": finding.urn,
        "policyName": finding.rule,
        "policyPackName": "registry-guard",
        "message": f"{finding.title}\n{finding.text}",
        "enforcementLevel": "advisory",
    }
    item = stream.read(json.dumps({"sequence": 0, "policyEvent": event})).items[0]
    assert (item.kind, item.fails) == (ERROR, True)
