"""The rules as policies of the CrossGuard SDK: chosen, configured, failing closed, and through the real engine."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import registry_guard
from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2 as rpc
from pulumi_policy import EnforcementLevel, Policy
from pulumi_policy.policy import _PolicyAnalyzerServicer
from registry_guard import crossguard
from registry_guard import pack as our_pack
from registry_guard.engine import evaluate
from registry_guard.examples import endpoint, registry
from registry_guard.rule import Example, Rule, rules
from registry_guard.settings import GUARD, ConfigError
from registry_model.estate import reading
from registry_model.estate.reading import estate_from_states

from tests.policies.evasions import update
from tests.policies.guardkit import REGISTRY, ROOT, UNKNOWN, Analysis, analyze, apart, as_engine, states, urn
from tests.policies.test_pack import request, secret, struct
from tests.policies.test_previews import COMPLETE, SMALL
from tests.policies.test_through_engine import batches
from tests.rehearsal import Rehearsal

OWN = Path(__file__).parent / "own_pack"
URN = urn(REGISTRY, "registry")
NOTES = "registry-guard-notes"
LEVELS = {
    "mandatory": rpc.MANDATORY,
    "advisory": rpc.ADVISORY,
    "remediate": rpc.REMEDIATE,
    "disabled": rpc.DISABLED,
}


class Pack:
    """The SDK's own server around the policies, without the network."""

    def __init__(self, **arguments: Any) -> None:
        made = registry_guard.policies(**arguments)
        self.server = _PolicyAnalyzerServicer("own", "1.0.0", made, EnforcementLevel.ADVISORY)

    def configure(self, **entries: dict[str, Any]) -> Pack:
        given = {
            name.replace("_", "-"): rpc.PolicyConfig(
                enforcementLevel=LEVELS[entry.pop("level", "mandatory")], properties=struct(entry)
            )
            for name, entry in entries.items()
        }
        self.server.Configure(rpc.ConfigureAnalyzerRequest(policyConfig=given), None)
        return self

    def analyze(self, inputs: dict[str, Any], **options: Any) -> list[Any]:
        return list(self.server.Analyze(request(inputs, **options), None).diagnostics)

    def stack(self, **outputs: Any) -> list[Any]:
        resource = rpc.AnalyzerResource(type=REGISTRY, urn=URN, name="registry", properties=struct(outputs))
        return list(self.server.AnalyzeStack(rpc.AnalyzeStackRequest(resources=[resource]), None).diagnostics)

    def remediate(self, inputs: dict[str, Any]) -> dict[str, Any] | None:
        made = self.server.Remediate(request(inputs), None).remediations
        return json_format.MessageToDict(made[-1].properties) if made else None


def names(policies: list[Policy]) -> set[str]:
    return {policy.name for policy in policies}


def told(diagnostics: list[Any], level: int = rpc.MANDATORY) -> set[str]:
    return {each.policyName for each in diagnostics if each.enforcementLevel == level}


# What is made


def test_importing_the_guard_needs_neither_pulumi_nor_its_policy_sdk() -> None:
    program = (
        "import sys; sys.modules['pulumi_policy'] = None\n"
        "import registry_guard, registry_guard.cli, registry_guard.engine\n"
        "assert 'pulumi' not in sys.modules\n"
        "try: registry_guard.policies\n"
        "except ModuleNotFoundError as error: print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "needs the CrossGuard SDK: make setup" in ran.stdout


def test_every_rule_is_a_policy_at_the_level_of_the_preset() -> None:
    made = {policy.name: policy for policy in registry_guard.policies("strict", prefix="acr-")}
    assert set(made) == {f"acr-{name}" for name in (GUARD, NOTES, *rules())}
    for rule in rules().values():
        assert made[f"acr-{rule.id}"].enforcement_level == EnforcementLevel(rule.levels.strict.value)
    assert next(iter(made)) == "acr-registry-guard"
    assert list(made)[-1] == "acr-registry-guard-notes"


def test_a_policy_carries_its_framework_tags_page_and_fix() -> None:
    info = {p.name: p for p in Pack().server.GetAnalyzerInfo(None, None).policies}
    access = info["public-access-off"]
    assert (access.framework.name, access.framework.version, access.framework.reference) == ("CIS", "4.0.0", "2.2.1.1")
    assert {"MCSB NS-2", "Azure Policy 0fdf0491-d080-4575-b627-ad0e843cba0f", "Checkov CKV_AZURE_139"} <= {*access.tags}
    assert access.severity != rpc.POLICY_SEVERITY_UNSPECIFIED
    assert access.remediation_steps == rules()["public-access-off"].fix
    assert info["switch-order"].url.startswith("https://learn.microsoft.com/azure/container-registry/")
    assert not [tag for policy in info.values() for tag in policy.tags if "learn.microsoft.com" in tag]


def test_our_own_pack_sends_the_same_metadata() -> None:
    ours = {p.name: p for p in our_pack.Analyzer().GetAnalyzerInfo(None, None).policies}  # type: ignore[arg-type]
    theirs = {p.name: p for p in Pack().server.GetAnalyzerInfo(None, None).policies}
    for name in rules():
        for field in ("framework", "tags", "url", "remediation_steps", "severity", "policy_type", "enforcementLevel"):
            assert getattr(ours[name], field) == getattr(theirs[name], field), (name, field)


def test_rules_are_chosen() -> None:
    assert names(registry_guard.policies(only=["premium-sku"])) == {GUARD, NOTES, "premium-sku"}
    critical = names(registry_guard.policies(severities=["critical"])) - {GUARD, NOTES}
    assert critical == {rule.id for rule in rules().values() if rule.severity.value == "critical"}
    cis = names(registry_guard.policies(frameworks=["cis"])) - {GUARD, NOTES}
    assert "public-access-off" in cis
    assert "premium-sku" not in cis


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as raised:
        registry_guard.policies(only=["premium-skew"], severities=["hihg"], frameworks=["NIST"], config={"cmk": {}})
    text = str(raised.value)
    for part in ("did you mean 'premium-sku'", "did you mean 'high'", "frameworks: 'NIST'", "'cmk' is not a rule"):
        assert part in text
    with pytest.raises(ConfigError, match="'quarantine' is off in the preset baseline"):
        registry_guard.policies(only=["quarantine"])
    with pytest.raises(ConfigError, match="is the text 'premium-sku'"):
        registry_guard.policies(only="premium-sku")
    with pytest.raises(ConfigError, match="no rule is left"):
        registry_guard.policies(only=["premium-sku"], severities=["low"])


# Failing closed


def test_an_unknown_value_is_a_note_or_a_violation_and_never_a_policy_that_cannot_run() -> None:
    unknown = registry(adminUserEnabled=UNKNOWN, sku=UNKNOWN, policies={"exportPolicy": UNKNOWN}, tags=[UNKNOWN])
    baseline, strict = Pack(), Pack(preset="strict")
    found = [*baseline.analyze(unknown["inputs"]), *baseline.stack(name="contoso")]
    assert not told(found)
    notes = [each.message for each in found if each.policyName == NOTES]
    assert [text for text in notes if "no-admin-user: adminUserEnabled is not known yet" in text]
    assert [text for text in notes if "premium-sku: sku.name is not known yet" in text]
    assert {"no-admin-user", "premium-sku", "export-off"} <= told(strict.analyze(unknown["inputs"]))
    assert not [each for each in found if "can't run policy" in each.message]


@pytest.mark.parametrize("kind", ["check_resource", "check_estate"])
def test_a_rule_that_raises_is_a_violation_under_its_own_name(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    name = "premium-sku" if kind == "check_resource" else "geo-replicated"

    def broken(*_: Any) -> Any:
        raise KeyError("hunter2")

    found = {**rules(), name: replace(rules()[name], **{kind: broken})}
    monkeypatch.setattr(crossguard, "rules", lambda: found)
    pack = Pack(config={name: "mandatory"})
    said = [*pack.analyze(registry()["inputs"]), *pack.stack(name="contoso")]
    (failure,) = [each for each in said if each.policyName == name]
    assert failure.enforcementLevel == rpc.MANDATORY
    assert "could not be run: KeyError" in failure.message
    assert "hunter2" not in failure.message


def test_a_resource_that_cannot_be_read_is_a_violation(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_token: str) -> str:
        raise ZeroDivisionError("hunter2")

    monkeypatch.setattr(reading.tokens, "canonical", broken)
    found = Pack(preset="audit", config={GUARD: "mandatory"}).analyze(registry()["inputs"])
    assert GUARD in told(found)
    assert "hunter2" not in str(found)


def test_stack_rules_judge_inputs_though_the_engine_gives_outputs() -> None:
    pack = Pack(only=["geo-replicated", "zone-linked"], config={"geo-replicated": "mandatory"})
    pack.analyze(registry()["inputs"])
    (found,) = pack.stack(name="contoso", location=UNKNOWN)
    assert (found.policyName, found.urn) == ("geo-replicated", URN)
    assert "outputs" not in found.message


def test_a_resource_never_analysed_is_judged_on_its_outputs_and_that_is_said() -> None:
    pack = Pack(only=["geo-replicated"], config={"geo-replicated": "mandatory"})
    pack.server.Analyze(request({}, "pulumi:pulumi:Stack"), None)
    (found,) = pack.stack(name="contoso", **registry()["inputs"])
    assert found.enforcementLevel == rpc.MANDATORY
    assert "Judged on its outputs" in found.message


def test_only_what_the_engine_lists_is_judged() -> None:
    pack = Pack(only=["geo-replicated"], config={"geo-replicated": "mandatory"})
    pack.analyze(registry()["inputs"])
    assert not list(pack.server.AnalyzeStack(rpc.AnalyzeStackRequest(), None).diagnostics)


def test_a_disabled_recorder_is_a_violation_and_not_silence() -> None:
    only = {"only": ["geo-replicated"], "config": {"geo-replicated": "mandatory"}}
    pack = Pack(**only).configure(registry_guard={"level": "disabled"}, geo_replicated={})
    pack.analyze(registry()["inputs"])
    (found,) = pack.stack(name="contoso")
    assert (found.policyName, found.enforcementLevel) == ("geo-replicated", rpc.MANDATORY)
    assert "'registry-guard' and every rule on single resources are disabled" in found.message


def test_any_rule_on_resources_records_as_well() -> None:
    pack = Pack(only=["premium-sku", "geo-replicated"], config={"geo-replicated": "mandatory"})
    pack.configure(registry_guard={"level": "disabled"}, geo_replicated={}, premium_sku={})
    assert not pack.analyze(registry()["inputs"])
    (found,) = pack.stack(name="contoso")
    assert "recorded" not in found.message


def test_the_same_resource_is_read_again_when_it_is_declared_again() -> None:
    pack = Pack(only=["no-admin-user"])
    assert told(pack.analyze(registry(adminUserEnabled=True)["inputs"])) == {"no-admin-user"}
    assert not pack.analyze(registry()["inputs"])
    assert told(pack.analyze(registry(adminUserEnabled=True)["inputs"])) == {"no-admin-user"}


def test_a_patch_is_judged_in_the_registry_that_was_declared_before_it() -> None:
    pack = Pack(only=["no-exposed-access"])
    patch = update({"properties": {"publicNetworkAccess": "Enabled"}})
    asked = request(patch["inputs"], patch["type"])
    assert not told(list(pack.server.Analyze(asked, None).diagnostics))
    assert not pack.analyze(registry()["inputs"])
    assert told(list(pack.server.Analyze(asked, None).diagnostics)) == {"no-exposed-access"}


# Configuration


def exemption(rule: str) -> dict[str, Any]:
    return {"rule": rule, "resource": "registry", "reason": "old", "owner": "ann", "expires": "2999-01-01"}


def test_exemptions_of_the_code_and_of_the_config_file_are_told_as_advice() -> None:
    basic = registry(sku={"name": "Basic"})["inputs"]
    by_code = Pack(only=["premium-sku"], config={GUARD: {"exemptions": [exemption("premium-sku")]}})
    by_file = Pack(only=["premium-sku"]).configure(registry_guard={"exemptions": [exemption("premium-sku")]})
    for pack in (by_code, by_file):
        assert not pack.analyze(basic)
        (note,) = pack.stack(name="contoso")
        assert (note.policyName, note.enforcementLevel, note.urn) == (NOTES, rpc.ADVISORY, URN)
        assert "premium-sku: Exempted until 2999-01-01 (owner ann: old)" in note.message


def test_the_config_file_wins_over_the_code() -> None:
    pack = Pack(only=["geo-replicated"], config={"geo-replicated": {"enforcementLevel": "advisory", "min_replicas": 0}})
    pack.analyze(registry()["inputs"])
    assert not pack.stack(name="contoso")
    pack.configure(geo_replicated={"level": "mandatory", "min_replicas": 2})
    pack.analyze(registry()["inputs"])
    assert told(pack.stack(name="contoso")) == {"geo-replicated"}


def test_a_configuration_that_cannot_be_used_is_a_violation() -> None:
    pack = Pack(only=["premium-sku"]).configure(
        premium_sku={"tier": 1}, registry_guard={"exemptions": [exemption("premium-skew")]}
    )
    found = pack.analyze(registry()["inputs"])
    assert told(found) == {"premium-sku", GUARD}
    assert [each for each in found if "did you mean 'premium-sku'" in each.message]


def test_a_rule_reads_the_configuration_that_another_lends_it() -> None:
    config = {"manual-records": "mandatory", "zone-group": {"enforcementLevel": "advisory"}}

    def found(pack: Pack) -> set[str]:
        given = states([registry(), endpoint()])
        listed = []
        for each in given:
            pack.server.Analyze(
                rpc.AnalyzeRequest(
                    type=each["type"], urn=each["urn"], name=each["urn"], properties=struct(each["inputs"])
                ),
                None,
            )
            listed.append(rpc.AnalyzerResource(type=each["type"], urn=each["urn"], properties=struct(each["outputs"])))
        return told(list(pack.server.AnalyzeStack(rpc.AnalyzeStackRequest(resources=listed), None).diagnostics))

    only = ["manual-records", "zone-group"]
    zone_group = {"level": "advisory", "dns_mode": "manual"}
    assert "manual-records" not in found(Pack(preset="strict", only=only, config=config))
    assert "manual-records" in found(
        Pack(preset="strict", only=only, config={**config, "zone-group": {"dns_mode": "manual"}})
    )
    by_file = Pack(preset="strict", only=only, config=config)
    assert "manual-records" in found(by_file.configure(zone_group=zone_group, manual_records={}))
    alone = Pack(preset="strict", only=["manual-records"], config=config)
    assert "manual-records" in found(alone.configure(manual_records={"dns_mode": "manual"}))


# Remediation


def test_remediation_changes_in_place_and_keeps_secrets_and_unknowns() -> None:
    inputs = {
        "resourceGroupName": UNKNOWN,
        "adminUserEnabled": secret(True),
        "sku": {"name": "Premium"},
        "publicNetworkAccess": "Disabled",
        "networkRuleSet": {"ipRules": [{"iPAddressOrRange": "1.2.3.4"}]},
        "tags": secret({"owner": "hunter2"}),
        "policies": secret({"trustPolicy": {"status": "enabled"}, "quarantinePolicy": {"status": UNKNOWN}}),
    }
    off = {"level": "remediate"}
    pack = Pack().configure(
        no_admin_user={**off}, content_trust_retired={**off}, no_leftover_ip_rules={**off}, export_off={**off}
    )
    assert pack.remediate(inputs) == {
        **inputs,
        "adminUserEnabled": secret(False),
        "networkRuleSet": {"ipRules": []},
        "policies": secret(
            {
                "trustPolicy": {"status": "disabled"},
                "quarantinePolicy": {"status": UNKNOWN},
                "exportPolicy": {"status": "disabled"},
            }
        ),
    }
    assert pack.remediate(registry()["inputs"]) is None
    assert pack.remediate(registry(adminUserEnabled=UNKNOWN)["inputs"]) is None


# Through the engine


def compared(folder: Path, batch: list[tuple[Rule, Example]]) -> tuple[Analysis, set[Any], set[Any]]:
    config: dict[str, Any] = {
        "all": "disabled",
        GUARD: "mandatory",
        **{rule.id: {"enforcementLevel": "mandatory", **example.config} for rule, example in batch},
    }
    resources = [s for rule, example in batch for s in apart(example, rule.id.replace("-", ""))]
    found = analyze(folder, resources, {**config, NOTES: "advisory"}, pack=OWN)
    wanted = as_engine(evaluate(estate_from_states(resources), config=config))
    return found, {e for e in found.findings if e[2] == "mandatory"}, {e for e in wanted if e[2] == "mandatory"}


SLOW = pytest.mark.full
# What the SDK does not tell, so that the rule says nothing there: what is secret.
UNTOLD = {"ali-no-literal-password"}
BATCHES = [
    pytest.param(
        kind,
        [each for each in batch if each[0].id not in UNTOLD],
        id=f"{kind}: {len(batch)} examples",
        marks=() if index == 0 else SLOW,
    )
    for kind in ("violating", "compliant")
    for index, batch in enumerate(batches(kind))
]


@pytest.mark.engine
@pytest.mark.parametrize(("kind", "batch"), BATCHES)
def test_examples_give_the_same_mandatory_findings_through_both_packs(
    tmp_path: Path, kind: str, batch: list[tuple[Rule, Example]]
) -> None:
    found, theirs, ours = compared(tmp_path, batch)
    assert theirs == ours, found.err
    assert found.code == (1 if ours else 0), found.err
    assert ours or kind == "compliant"
    assert not [each for each in found.events if "can't run policy" in each["message"]]


@pytest.mark.engine
def test_the_example_pack_stands_beside_other_rules(tmp_path: Path) -> None:
    group = {"type": "azure-native:resources:ResourceGroup", "name": "rg", "inputs": {"location": "westeurope"}}
    sandbox = {"type": REGISTRY, "name": "sandbox", "inputs": {"resourceGroupName": "rg", "sku": {"name": "Basic"}}}
    found = analyze(tmp_path, states([group, sandbox]), pack=ROOT / "examples" / "own-policy-pack")
    assert found.code == 1, found.err
    mandatory = found.pairs("mandatory")
    assert {("group-in-japan", "rg"), ("acr-premium-sku", "sandbox"), ("acr-private-endpoint", "sandbox")} <= mandatory
    assert "acr-delete-lock" not in {name for name, _on in mandatory}
    assert [e for e in found.events if e["policyName"] == "acr-registry-guard-notes" and "delete-lock" in e["message"]]


@pytest.mark.full
@pytest.mark.engine
def test_in_real_previews_and_updates(raw: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    without = dict.fromkeys(("customer-managed-key", "audit-logs", "delete-lock"), "disabled")
    monkeypatch.setenv("OWN_POLICIES", json.dumps({"preset": "strict", "config": without}))
    program = raw.project / "__main__.py"
    program.write_text(COMPLETE)
    for ran in (raw.preview, raw.up, raw.preview):
        told = ran("--policy-pack", str(OWN)).ok().text
        assert "[mandatory]" not in told, told
        assert "can't run policy" not in told
    program.write_text(SMALL.format(sku="group.id.apply(lambda _: 'Premium')", admin="True"))
    told = raw.preview("--policy-pack", str(OWN)).failed().text
    assert "no-admin-user" in told
    assert "hunter2" not in told


@pytest.mark.engine
def test_remediation_in_a_real_update_keeps_secrets(raw: Rehearsal) -> None:
    (raw.project / "__main__.py").write_text(SMALL.format(sku="'Premium'", admin="True"))
    file = raw.project / "levels.json"
    file.write_text(json.dumps({"no-admin-user": "remediate"}))
    raw.up("--policy-pack", str(OWN), "--policy-pack-config", str(file)).ok()
    (deployed,) = [r for r in raw.resources() if r["type"].endswith(":Registry")]
    assert deployed["inputs"]["adminUserEnabled"] is False
    assert "ciphertext" in deployed["inputs"]["tags"]
    assert "hunter2" not in json.dumps(raw.resources())
