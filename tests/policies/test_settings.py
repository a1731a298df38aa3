"""The configuration: presets, what is refused and with which hint, and exemptions."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from registry_guard.engine import Evaluator, Finding
from registry_guard.examples import registry
from registry_guard.rule import PRESETS, rules
from registry_guard.settings import GUARD, ConfigError, load, preset_config

from tests.policies.guardkit import POLICIES, REGISTRY, stack, urn

M, A, OFF = "mandatory", "advisory", "disabled"

# Each rule's level in baseline, strict and no-private-link.
CONTRACT = {
    "ali-enterprise-edition": (M, M, M),
    "ali-firewall-no-wildcard": (M, M, M),
    "ali-hidden-entry": (M, M, M),
    "ali-internet-off": (OFF, M, OFF),
    "ali-no-exposed-access": (M, M, M),
    "ali-no-literal-password": (M, M, M),
    "ali-no-public-repositories": (M, M, M),
    "ali-no-silent-change": (M, M, M),
    "ali-one-acl": (M, M, M),
    "ali-protected": (OFF, M, M),
    "ali-sync-account": (M, M, M),
    "ali-vpc-bound": (M, M, M),
    "ali-vpc-record": (M, M, M),
    "ali-zone-shared": (M, M, M),
    "premium-sku": (M, M, M),
    "no-exposed-access": (M, M, M),
    "public-access-off": (OFF, M, OFF),
    "restricted-ip-rules": (OFF, OFF, M),
    "no-leftover-ip-rules": (A, M, M),
    "no-service-endpoints": (A, M, M),
    "dedicated-data-endpoints": (M, M, M),
    "no-admin-user": (M, M, M),
    "no-anonymous-pull": (M, M, M),
    "export-off": (A, M, OFF),
    "trusted-bypass": (OFF, M, M),
    "arm-tokens-off": (OFF, M, M),
    "repository-tokens-off": (OFF, M, A),
    "content-trust-retired": (A, M, M),
    "retention-conflict": (M, M, M),
    "quarantine": (OFF, A, A),
    "retention": (OFF, A, A),
    "customer-managed-key": (OFF, M, M),
    "cmk-sound": (M, M, M),
    "zone-redundancy": (OFF, A, A),
    "managed-identity": (OFF, A, A),
    "geo-replicated": (OFF, A, A),
    "replica-region": (M, M, M),
    "registry-name": (OFF, M, M),
    "registry-kept": (M, M, M),
    "required-tags": (OFF, M, M),
    "cache-rules": (OFF, A, A),
    "scanning-plan": (OFF, A, A),
    "audit-logs": (OFF, M, M),
    "webhook-https": (M, M, M),
    "delete-lock": (OFF, M, M),
    "private-endpoint": (OFF, M, OFF),
    "endpoint-approval": (OFF, A, OFF),
    "endpoint-subscription": (OFF, A, OFF),
    "endpoint-group": (M, M, M),
    "endpoint-static-ips": (M, M, M),
    "endpoint-subnet-room": (M, M, M),
    "zone-group": (OFF, M, OFF),
    "zone-name": (M, M, M),
    "zone-linked": (M, M, M),
    "zone-one-endpoint": (M, M, M),
    "manual-records": (OFF, M, OFF),
    "firewall-no-wildcard": (M, M, M),
    "firewall-complete": (A, M, M),
    "switch-order": (M, M, M),
    "connected-registry": (M, M, M),
    "tasks-network": (OFF, A, OFF),
    "escape-hatch": (M, M, M),
    "ignored-changes": (A, M, M),
}


@pytest.mark.parametrize("rule_id", sorted({*rules(), *CONTRACT}))
def test_every_rule_has_the_contract_s_levels(rule_id: str) -> None:
    table = "CONTRACT in tests/policies/test_settings.py"
    assert rule_id in CONTRACT, f"write the levels that {rule_id} must have, by hand, into {table}"
    assert rule_id in rules(), f"{rule_id} is a line of {table} and no rule"
    levels = rules()[rule_id].levels
    ours = tuple(getattr(levels, preset).value for preset in ("baseline", "strict", "no_private_link"))
    assert ours == CONTRACT[rule_id], f"{rule_id}: its file and {table} must say the same levels"


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_file_is_the_preset(preset: str) -> None:
    document = json.loads((POLICIES / "presets" / f"{preset}.json").read_text())
    assert document == preset_config(preset)
    ours, theirs = load(document), load(preset=preset)
    assert (ours.levels, ours.options, ours.guard) == (theirs.levels, theirs.options, theirs.guard)


def test_audit_has_every_rule_and_stops_nothing() -> None:
    assert set(load(preset="audit").levels.values()) == {load({"all": A}).levels[GUARD]}


def problems(document: Any, **more: Any) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        load(document, **more)
    assert str(refused.value).startswith("the registry-guard configuration is not valid:")
    return refused.value.problems


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"premium-skew": M}, ["'premium-skew' is not a rule", "did you mean 'premium-sku'"]),
        ({"premium_sku": M}, ["did you mean 'premium-sku'"]),
        ({"exemptions": []}, ["'exemptions' is not a rule; put it under `registry-guard`"]),
        ({"undetermined": "violation"}, ["'undetermined' is not a rule; put it under `registry-guard`"]),
        ({"dns_mode": "zone_group"}, ["'dns_mode' is not a rule; put it under `zone-group`"]),
        ({"premium-sku": {"exemptions": []}}, ["'exemptions' is not a key of it; put it under `registry-guard`"]),
        ({"retentoin": M}, ["did you mean 'retention'"]),
        ({"premium-sku": "mandatry"}, ['"mandatry" is not a level', "did you mean 'mandatory'"]),
        ({"premium-sku": {"enforcementLevel": 3}}, ["3 is not a level"]),
        ({"premium-sku": ["mandatory"]}, ["must be a level or an object"]),
        ({"replica-region": {"alowed": []}}, ["'alowed' is not a key", "did you mean 'allowed'"]),
        ({"replica-region": {"allowed": "japaneast"}}, ["replica-region.allowed: must be an array"]),
        ({"replica-region": {"allowed": [1]}}, ["replica-region.allowed[0]: must be a string"]),
        ({"geo-replicated": {"min_replicas": 1.5}}, ["min_replicas: must be an integer"]),
        ({"geo-replicated": {"min_replicas": -1}}, ["less than 0"]),
        ({"geo-replicated": {"min_replicas": True}}, ["must be an integer"]),
        ({"no-exposed-access": {"max_public_prefix": {"ipv4": 33, "ipv6": 48}}}, ["33 is more than 32"]),
        ({"no-exposed-access": {"max_public_prefix": {"ipv4": 24}}}, ["'ipv6' is missing"]),
        ({"no-exposed-access": {"max_public_prefix": {"ipv4": 24, "ipv6": 48, "v5": 1}}}, ["'v5' is not a key"]),
        ({"zone-group": {"dns_mode": "zone-group"}}, ["is not one of", "did you mean 'zone_group'"]),
        ({"registry-name": {"pattern": "("}}, ["is not a regular expression"]),
        ({"all": {"enforcementLevel": A, "x": 1}}, ["all: 'x' is not a key"]),
        ({GUARD: {"undetermined": "fail"}}, ["'fail' is not one of note, violation"]),
        ({GUARD: {"exemptions": [{"rule": "premium-sku"}]}}, ["'owner' is missing", "'expires' is missing"]),
    ],
)
def test_what_is_wrong_is_named_with_a_hint(document: Any, words: list[str]) -> None:
    said = "\n".join(problems(document))
    assert [word for word in words if word not in said] == []


def test_all_mistakes_are_told_at_once() -> None:
    assert len(problems({"x": M, "premium-sku": "y", "replica-region": {"z": 1}})) == 3


def as_the_engine_passes(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_the_engine_passes(each) for key, each in value.items()}
    if isinstance(value, list):
        return [as_the_engine_passes(each) for each in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@pytest.mark.parametrize("preset", PRESETS)
def test_numbers_are_integers_although_the_engine_passes_floats(preset: str) -> None:
    document = {rule.id: {key: each.of(preset) for key, each in rule.options.items()} for rule in rules().values()}
    passed = as_the_engine_passes(json.loads(json.dumps(document)))
    assert passed["no-exposed-access"]["max_public_prefix"]["ipv4"].__class__ is float
    # The text of each tells 24 from 24.0.
    assert repr(load(passed, preset=preset).options) == repr(load(document, preset=preset).options)


def test_an_unknown_preset_is_refused() -> None:
    assert "did you mean 'strict'" in problems({}, preset="strikt")[0]


def test_a_rule_s_own_level_wins_over_all() -> None:
    levels = dict(load({"premium-sku": M, "all": OFF}).levels)
    assert {levels.pop("premium-sku").value, *(level.value for level in levels.values())} == {M, OFF}


# Exemptions

TODAY = datetime.date(2026, 3, 1)
URN = urn(REGISTRY, "registry")


def exemption(**changes: Any) -> dict[str, Any]:
    given = {"rule": "premium-sku", "resource": URN, "reason": "sandbox", "owner": "ann", "expires": "2026-03-01"}
    return given | changes


def judge(*exemptions: dict[str, Any], tags: Any = None, **guard: Any) -> Finding:
    config = {"all": OFF, "premium-sku": M, GUARD: {"exemptions": list(exemptions), **guard}}
    basic = registry(sku={"name": "Basic"}, tags=tags)
    (found,) = Evaluator(load(config, today=TODAY)).judge(stack(basic))
    return found


@pytest.mark.parametrize(
    "resource", [URN, "urn:pulumi:*::app::azure-native:containerregistry:Registry::registry", "registry", "contoso"]
)
def test_an_exemption_turns_a_violation_into_a_visible_note(resource: str) -> None:
    found = judge(exemption(resource=resource))
    assert (found.level.value, found.kind) == (A, "exempted")
    assert found.message.startswith("Exempted until 2026-03-01 (owner ann: sandbox). Registry 'registry' has the SKU")


def test_an_expired_exemption_does_not_count_and_says_so() -> None:
    found = judge(exemption(expires="2026-02-28"))
    assert (found.level.value, found.kind) == (M, "violation")
    assert "The exemption (owner ann) expired on 2026-02-28." in found.message


@pytest.mark.parametrize(
    "changes", [{"rule": "no-admin-user"}, {"resource": "other"}, {"resource": urn(REGISTRY, "r")}]
)
def test_an_exemption_is_for_one_rule_and_one_resource(changes: dict[str, Any]) -> None:
    assert judge(exemption(**changes)).kind == "violation"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"rule": "premium"}, "is not a rule; did you mean 'premium-sku'"),
        ({"resource": "*"}, "must name one resource"),
        ({"resource": "urn:pulumi:dev::app::x::*"}, "must name one resource"),
        ({"resource": "regist[r]y"}, "must name one resource"),
        ({"expires": "2026-02-30"}, "'2026-02-30' is not a date like 2027-03-31"),
        ({"expires": "soon"}, "'soon' is not a date like 2027-03-31"),
        ({"expires": "20270331"}, "is not a date like 2027-03-31"),
        ({"reason": ""}, "must not be empty"),
        ({"because": "x"}, "'because' is not a key"),
    ],
)
def test_an_exemption_must_be_whole(changes: dict[str, Any], word: str) -> None:
    assert word in "\n".join(problems({GUARD: {"exemptions": [exemption(**changes)]}}))


CLAIM = {"registry-guard-exempt-premium-sku": "owner=bob; expires=2026-12-31; reason=because"}


def test_a_program_cannot_exempt_itself() -> None:
    found = judge(tags=CLAIM)
    assert (found.level.value, found.kind) == (M, "violation")
    assert "does not count: the pack does not accept program_exemptions" in found.message


def test_a_program_may_exempt_itself_where_the_pack_allows_it() -> None:
    found = judge(tags=CLAIM, program_exemptions=True)
    assert (found.level.value, found.kind) == (A, "exempted")
    assert "by the program itself, owner bob: because" in found.message


@pytest.mark.parametrize(
    ("claim", "word"),
    [
        ("owner=bob; expires=2026-12-31", "lacks reason"),
        ("expires=never; owner=bob; reason=x", "is not a date like"),
        ("owner=bob; expires=2026-02-28; reason=x", "expired on 2026-02-28"),
    ],
)
def test_a_program_s_claim_must_be_whole_and_in_time(claim: str, word: str) -> None:
    found = judge(tags={"registry-guard-exempt-premium-sku": claim}, program_exemptions=True)
    assert found.kind == "violation"
    assert word in found.message
