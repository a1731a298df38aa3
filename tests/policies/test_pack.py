"""The pack as the engine calls it, without the engine: the protocol's messages, remediation, and failing closed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import grpc
import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as rpc
from registry_guard import engine, pack
from registry_guard.examples import registry
from registry_guard.rule import rules
from registry_guard.settings import GUARD
from registry_model.estate import reading as normalise
from registry_model.estate.values import SECRET_SIGNATURE, SIGNATURE_KEY

from tests.policies.guardkit import POLICIES, REGISTRY, UNKNOWN, urn

URN = urn(REGISTRY, "registry")


class AbortedError(Exception):
    """What grpc's abort does to the call."""


class Context:
    """Stands for grpc's: only what the pack uses."""

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        raise AbortedError(f"{code.name}: {details}")


def struct(value: dict[str, Any]) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    json_format.ParseDict(value, made)
    return made


def secret(value: Any) -> dict[str, Any]:
    return {SIGNATURE_KEY: SECRET_SIGNATURE, "value": value}


def request(inputs: dict[str, Any], kind: str = REGISTRY, **options: Any) -> rpc.AnalyzeRequest:
    return rpc.AnalyzeRequest(
        type=kind,
        urn=urn(kind, "registry"),
        name="registry",
        properties=struct(inputs),
        options=rpc.AnalyzerResourceOptions(**options),
    )


def configured(**levels: Any) -> pack.Analyzer:
    analyzer = pack.Analyzer()
    numbers = {
        "mandatory": rpc.MANDATORY,
        "advisory": rpc.ADVISORY,
        "remediate": rpc.REMEDIATE,
        "disabled": rpc.DISABLED,
    }
    entries = {name: rpc.PolicyConfig(enforcementLevel=rpc.DISABLED) for name in rules()}
    for name, value in levels.items():
        held = dict(value) if isinstance(value, dict) else {"level": value}
        level = numbers[held.pop("level", "mandatory")]
        entries[name.replace("_", "-")] = rpc.PolicyConfig(enforcementLevel=level, properties=struct(held))
    analyzer.Configure(rpc.ConfigureAnalyzerRequest(policyConfig=entries), Context())  # type: ignore[arg-type]
    return analyzer


def analyzed(analyzer: pack.Analyzer, inputs: dict[str, Any], **options: Any) -> list[Any]:
    return list(analyzer.Analyze(request(inputs, **options), None).diagnostics)  # type: ignore[arg-type]


def remediated(analyzer: pack.Analyzer, inputs: dict[str, Any], kind: str = REGISTRY) -> dict[str, Any]:
    """The last properties that a remediation left, by its own wire form; the inputs when there was none."""
    response = analyzer.Remediate(request(inputs, kind), None)  # type: ignore[arg-type]
    properties = [json_format.MessageToDict(r.properties) for r in response.remediations]
    return properties[-1] if properties else inputs


def test_every_rule_is_a_policy_with_its_own_name_level_and_schema() -> None:
    info = pack.Analyzer().GetAnalyzerInfo(None, None)  # type: ignore[arg-type]
    assert {p.name for p in info.policies} == {GUARD, *rules()}
    assert info.supportsConfig
    by_name = {p.name: p for p in info.policies}
    assert by_name["premium-sku"].enforcementLevel == rpc.MANDATORY
    assert by_name["quarantine"].enforcementLevel == rpc.DISABLED
    assert by_name["geo-replicated"].policy_type == rpc.POLICY_TYPE_STACK
    assert set(by_name["geo-replicated"].configSchema.properties) == {"min_replicas"}


def test_without_configuration_the_baseline_holds() -> None:
    found = analyzed(pack.Analyzer(), {"resourceGroupName": "rg", "sku": {"name": "Basic"}})
    assert {d.policyName for d in found if d.enforcementLevel == rpc.MANDATORY} == {"premium-sku", "no-exposed-access"}


def test_a_configuration_that_cannot_be_used_is_refused() -> None:
    with pytest.raises(AbortedError, match="did you mean 'premium-sku'"):
        configured(premium_skew="mandatory")


def test_stack_rules_judge_the_inputs_of_this_run() -> None:
    analyzer = configured(geo_replicated="mandatory", private_endpoint="mandatory")
    analyzed(analyzer, registry()["inputs"])
    outputs = struct({"name": "contoso", "location": UNKNOWN})
    resource = rpc.AnalyzerResource(type=REGISTRY, urn=URN, name="registry", properties=outputs)
    response = analyzer.AnalyzeStack(rpc.AnalyzeStackRequest(resources=[resource]), None)  # type: ignore[arg-type]
    assert {d.policyName for d in response.diagnostics} == {"geo-replicated", "private-endpoint"}


def test_what_this_run_did_not_declare_is_known_and_not_judged() -> None:
    analyzer = configured(geo_replicated="mandatory")
    resource = rpc.AnalyzerResource(type=REGISTRY, urn=URN, name="registry", properties=struct({"name": "contoso"}))
    response = analyzer.AnalyzeStack(rpc.AnalyzeStackRequest(resources=[resource]), None)  # type: ignore[arg-type]
    assert not response.diagnostics


def test_a_later_run_of_the_same_resource_replaces_the_earlier() -> None:
    analyzer = configured(no_admin_user="mandatory")
    assert analyzed(analyzer, registry(adminUserEnabled=UNKNOWN)["inputs"])[0].enforcementLevel == rpc.ADVISORY
    assert analyzed(analyzer, registry(adminUserEnabled=True)["inputs"])[0].enforcementLevel == rpc.MANDATORY
    assert analyzed(analyzer, registry()["inputs"]) == []


def test_a_resource_that_cannot_be_read_fails_the_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_token: str) -> str:
        raise ZeroDivisionError("hunter2")

    monkeypatch.setattr(normalise.tokens, "canonical", broken)
    (found,) = analyzed(configured(), registry()["inputs"])
    assert (found.policyName, found.enforcementLevel) == (GUARD, rpc.MANDATORY)
    assert "ZeroDivisionError" in found.message
    assert "hunter2" not in found.message


def test_a_stack_rule_that_raises_fails_the_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.Estate, "of", lambda *_: 1 / 0)
    response = configured(geo_replicated="advisory").AnalyzeStack(rpc.AnalyzeStackRequest(), None)  # type: ignore[arg-type]
    (found,) = response.diagnostics
    assert (found.policyName, found.enforcementLevel) == ("geo-replicated", rpc.MANDATORY)


def test_a_secret_is_never_told() -> None:
    inputs = registry(sku={"name": secret("hunter2")}, tags=secret({"owner": "hunter2"}))["inputs"]
    webhook = request(
        {"serviceUri": secret("http://user:hunter2@x"), "registryName": "c"}, REGISTRY.replace("Registry", "Webhook")
    )
    analyzer = pack.Analyzer()
    said = [d.message for d in analyzed(analyzer, inputs)]
    said += [d.message for d in analyzer.Analyze(webhook, None).diagnostics]  # type: ignore[arg-type]
    assert len(said) >= 2
    assert not [text for text in said if "hunter2" in text]


# Remediation


def test_remediation_corrects_and_leaves_the_rest_exactly_as_it_was() -> None:
    inputs = {
        "resourceGroupName": UNKNOWN,
        "adminUserEnabled": True,
        "sku": {"name": "Premium"},
        "tags": secret({"owner": "hunter2"}),
        "policies": {"trustPolicy": {"status": "enabled", "type": "Notary"}, "retentionPolicy": {"days": 7.0}},
        "__internal": "kept",
    }
    analyzer = configured(no_admin_user="remediate", content_trust_retired="remediate")
    found = remediated(analyzer, inputs)
    policies = {"trustPolicy": {"status": "disabled", "type": "Notary"}, "retentionPolicy": {"days": 7.0}}
    assert found == {**inputs, "adminUserEnabled": False, "policies": policies}


def test_remediation_goes_through_a_secret_and_keeps_it_one() -> None:
    inputs = registry(policies=secret({"trustPolicy": {"status": "enabled"}}), adminUserEnabled=secret(True))["inputs"]
    found = remediated(configured(no_admin_user="remediate", content_trust_retired="remediate"), inputs)
    assert found["policies"] == secret({"trustPolicy": {"status": "disabled"}})
    assert found["adminUserEnabled"] == secret(False)


def test_an_unknown_value_is_never_written_over() -> None:
    inputs = struct({"adminUserEnabled": UNKNOWN, "policies": UNKNOWN})
    pack.set_input(inputs, "adminUserEnabled", False)
    pack.set_input(inputs, "policies.exportPolicy.status", "disabled")
    assert json_format.MessageToDict(inputs) == {"adminUserEnabled": UNKNOWN, "policies": UNKNOWN}


@pytest.mark.parametrize("policies", [UNKNOWN, {"trustPolicy": UNKNOWN}, {"trustPolicy": {"status": UNKNOWN}}])
def test_remediation_leaves_unknowns_alone(policies: Any) -> None:
    inputs = registry(policies=policies)["inputs"]
    assert remediated(configured(content_trust_retired="remediate"), inputs) == inputs


def test_remediation_empties_and_creates_inputs() -> None:
    inputs = registry(networkRuleSet={"defaultAction": "Deny", "ipRules": [{"value": "1.2.3.4"}]}, policies=None)[
        "inputs"
    ]
    found = remediated(configured(no_leftover_ip_rules="remediate", export_off="remediate"), inputs)
    assert found["networkRuleSet"] == {"defaultAction": "Deny", "ipRules": []}
    assert found["policies"] == {"exportPolicy": {"status": "disabled"}}


def test_export_is_not_switched_off_while_azure_would_refuse_it() -> None:
    inputs = registry(publicNetworkAccess="Enabled", policies=None)["inputs"]
    assert remediated(configured(export_off="remediate"), inputs) == inputs


def test_network_exposure_is_never_repaired() -> None:
    for rule in rules().values():
        if rule.remediate is not None:
            exposed = registry(publicNetworkAccess="Enabled", dataEndpointEnabled=False)["inputs"]
            found = remediated(configured(**{rule.id: "remediate"}), exposed)
            assert found["publicNetworkAccess"] == "Enabled"
            assert found["dataEndpointEnabled"] is False


def test_only_the_level_remediate_repairs() -> None:
    inputs = registry(adminUserEnabled=True)["inputs"]
    assert remediated(configured(no_admin_user="mandatory"), inputs) == inputs


def test_a_repaired_resource_passes_and_an_unrepaired_one_is_mandatory() -> None:
    analyzer = configured(no_admin_user="remediate", premium_sku="remediate")
    inputs = registry(adminUserEnabled=True, sku={"name": "Basic"})["inputs"]
    (found,) = analyzed(analyzer, remediated(analyzer, inputs))
    assert (found.policyName, found.enforcementLevel) == ("premium-sku", rpc.MANDATORY)


@pytest.mark.parametrize("rule", [r for r in rules().values() if r.remediate is not None], ids=lambda r: r.id)
def test_what_a_rule_repairs_it_accepts(rule: Any) -> None:
    repaired = 0
    for example in rule.violating:
        analyzer = configured(**{rule.id: {"level": "remediate", **example.config}})
        for resource in example.resources:
            inputs = json_format.MessageToDict(struct(resource["inputs"]))
            found = remediated(analyzer, inputs, resource["type"])
            if found != inputs:
                repaired += 1
                assert analyzed(analyzer, found, kind=resource["type"]) == []
    assert repaired


# The process


def test_the_process_leaves_when_told() -> None:
    words = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", "."]
    with subprocess.Popen(words, cwd=POLICIES, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) > 0
        os.kill(process.pid, signal.SIGINT)
        _out, err = process.communicate(timeout=20)
        assert process.returncode == 0
        assert err == ""
