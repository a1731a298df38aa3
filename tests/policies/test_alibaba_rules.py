"""The rules of Alibaba Cloud beyond their examples: what is not known yet, what is only advice."""

from __future__ import annotations

from typing import Any

import pytest
from registry_guard import crossguard
from registry_guard.engine import Finding, evaluate
from registry_guard.examples import (
    ali,
    ali_acl_policy,
    ali_attached,
    ali_firewall,
    ali_instance,
    ali_internet,
    ali_link,
    ali_vpc,
    ali_zone,
    registry,
)
from registry_guard.rule import Declared, rules
from registry_model.alibaba import provider
from registry_model.estate.reading import estate_from_states
from registry_model.estate.values import SecretText, plain

from tests.policies.guardkit import UNKNOWN, stack, states

ALI = [rule for rule in rules() if rule.startswith("ali-")]


def found(rule: str, *resources: Declared, **config: Any) -> list[Finding]:
    given = {"all": "disabled", rule: {"enforcementLevel": "mandatory", **config}}
    return evaluate(stack(*resources), config=given)


def kinds(rule: str, *resources: Declared, **config: Any) -> list[str]:
    return [finding.kind for finding in found(rule, *resources, **config)]


def test_there_are_rules() -> None:
    assert len(ALI) == 14


def test_an_entry_that_is_not_known_yet_is_a_note() -> None:
    internet = ali_internet("203.0.113.0/28", UNKNOWN)
    assert kinds("ali-no-exposed-access", ali_instance(), internet) == ["undetermined"]
    assert kinds("ali-no-exposed-access", ali_instance(), ali_internet(UNKNOWN, "0.0.0.0/0")) == ["violation"]


def test_entries_that_are_not_known_yet_are_a_note() -> None:
    internet = ali("cr/internetEndpoint:InternetEndpoint", "internet", "", instanceId="cri-contoso", entries=UNKNOWN)
    assert kinds("ali-no-exposed-access", ali_instance(), internet) == ["undetermined"]


def test_how_wide_an_entry_may_be_is_configured_once_for_both_clouds() -> None:
    internet = ali_internet("203.0.0.0/16")
    config = {
        "all": "disabled",
        "ali-no-exposed-access": "mandatory",
        "no-exposed-access": {"max_public_prefix": {"ipv4": 16, "ipv6": 48}},
    }
    assert kinds("ali-no-exposed-access", ali_instance(), internet) == ["violation"]
    assert evaluate(stack(ali_instance(), internet), config=config) == []


def on_by_itself() -> Declared:
    endpoints = [
        {"endpointType": "internet", "enable": True, "domains": []},
        {"endpointType": "vpc", "enable": True, "domains": []},
    ]
    return ali_instance(more={"outputs": {"id": "cri-contoso", "instanceEndpoints": endpoints}})


def test_an_endpoint_that_an_invoke_switched_on_shows_in_the_state() -> None:
    assert kinds("ali-no-exposed-access", on_by_itself()) == ["note"]
    assert kinds("ali-internet-off", on_by_itself()) == ["violation"]
    assert kinds("ali-no-exposed-access", on_by_itself(), ali_internet("203.0.113.0/28")) == []
    assert kinds("ali-no-exposed-access", on_by_itself(), ali_acl_policy("203.0.113.0/28")) == []


def test_an_instance_is_found_by_what_its_id_depends_on_before_it_has_one() -> None:
    new = {**ali_instance(), "outputs": {}}
    told = {"propertyDependencies": {"instanceId": ["instance"]}}
    link = {**ali_link(), "outputs": {}, **told}
    link["inputs"] = {**link["inputs"], "instanceId": UNKNOWN}
    other = {**ali_instance("other", "fabrikam"), "outputs": {}}
    made = states([new, link, other])
    for state in made:
        state["id"] = ""
    config = {"all": "disabled", "ali-vpc-bound": "mandatory"}
    assert [(f.kind, f.resource) for f in evaluate(estate_from_states(made), config=config)] == [("violation", "other")]


def test_a_link_of_an_instance_that_is_not_known_yet_is_no_violation() -> None:
    link = ali_link()
    unknown = {**link, "inputs": {**link["inputs"], "instanceId": UNKNOWN}}
    assert kinds("ali-vpc-bound", ali_instance(), unknown) == ["undetermined"]


def test_a_record_that_may_be_written_is_a_note() -> None:
    assert kinds("ali-vpc-record", ali_instance(), ali_link(record=UNKNOWN)) == ["undetermined"]
    assert kinds("ali-vpc-record", ali_instance(), ali_link(record="true")) == []


def test_a_link_for_charts_needs_no_record_of_images() -> None:
    link = ali_link(record=None)
    charts = {**link, "inputs": {**link["inputs"], "moduleName": "Chart"}}
    assert kinds("ali-vpc-record", ali_instance(), charts) == []


def test_a_disabled_record_answers_nothing() -> None:
    zone, record, attachment = ali_zone("vpc-contoso")
    off = {**record, "inputs": {**record["inputs"], "status": "DISABLE"}}
    around = (ali_instance(), ali_vpc(), ali_link(record=None), zone, attachment)
    assert kinds("ali-vpc-record", *around, record) == []
    assert kinds("ali-vpc-record", *around, off) == ["violation"]


def test_a_record_below_a_wider_zone_answers_too() -> None:
    zone, record, attachment = ali_zone("vpc-contoso", host="ap-northeast-1.cr.aliyuncs.com")
    below = {**record, "inputs": {**record["inputs"], "rr": "contoso-registry-vpc"}}
    around = (ali_instance(), ali_vpc(), ali_link(record=None), zone, attachment)
    assert kinds("ali-vpc-record", *around, below) == []
    assert kinds("ali-vpc-record", *around, record) == ["violation"]


def test_vpcs_of_peered_transit_routers_share_the_endpoint() -> None:
    peer = ali(
        "cen/transitRouterPeerAttachment:TransitRouterPeerAttachment",
        "peer",
        "tr-contoso:tr-attach-peer",
        cenId="cen-contoso",
        transitRouterId="tr-contoso",
        peerTransitRouterId="tr-contoso-singapore",
        peerTransitRouterRegionId="ap-southeast-1",
    )
    around = (
        ali_instance(),
        ali_vpc(),
        ali_link(),
        ali_vpc("consumer", "vpc-contoso-consumer", "10.1.0.0/16"),
        ali_attached("vpc-contoso", "here"),
        ali_attached("vpc-contoso-consumer", "there", "tr-contoso-singapore"),
    )
    assert kinds("ali-zone-shared", *around) == []
    problem = found("ali-zone-shared", *around, peer)
    assert [(f.kind, f.resource) for f in problem] == [("violation", "there")]
    assert kinds("ali-zone-shared", *around, peer, *ali_zone("vpc-contoso-consumer")) == []


def test_a_zone_whose_vpcs_are_not_known_yet_is_a_note() -> None:
    zone, record, attachment = ali_zone("vpc-contoso-consumer")
    later = {**attachment, "inputs": {**attachment["inputs"], "vpcs": UNKNOWN}}
    around = (ali_instance(), ali_vpc(), ali_link(record=None), zone, record)
    assert kinds("ali-vpc-record", *around, later) == ["undetermined"]


def test_a_wildcard_for_something_else_is_advice_beside_a_registry() -> None:
    backup = ali_firewall("*.aliyuncs.com", "backup")
    assert kinds("ali-firewall-no-wildcard", ali_instance(), backup) == ["note"]
    assert kinds("ali-firewall-no-wildcard", registry(), backup) == []
    incoming = ali_firewall("*.aliyuncs.com", "registry", direction="in")
    assert kinds("ali-firewall-no-wildcard", ali_instance(), incoming) == []


def test_a_password_is_never_shown() -> None:
    instance = ali_instance(password="correct horse 1")
    [problem] = found("ali-no-literal-password", instance)
    assert "correct horse" not in problem.text


def test_a_password_is_taken_for_a_secret_where_nothing_says_which_are() -> None:
    given = {"password": "correct horse 1", "instanceName": "team"}
    veiled = plain(crossguard._veiled(provider.INSTANCE, given))
    assert isinstance(veiled["password"], SecretText)
    assert not isinstance(veiled["instancename"], SecretText)
    assert crossguard._veiled("azure-native:sql:Server", given) == given


@pytest.mark.parametrize("preset", ["baseline", "strict", "no-private-link"])
def test_nothing_is_found_in_a_stack_without_alibaba(preset: str) -> None:
    rules_found = {finding.rule for finding in evaluate(stack(registry()), preset=preset)}
    assert not rules_found & set(ALI)


@pytest.mark.parametrize("preset", ["baseline", "strict", "no-private-link"])
def test_a_sound_stack_of_alibaba_passes(preset: str) -> None:
    around = [ali_instance(), ali_vpc(), ali_link()]
    assert [f for f in evaluate(stack(*around), preset=preset) if f.mandatory] == []


def test_a_firewall_policy_whose_action_is_not_known_yet_is_a_note() -> None:
    wide = ali_firewall("*.oss-ap-northeast-1.aliyuncs.com", aclAction=UNKNOWN)
    assert kinds("ali-firewall-no-wildcard", ali_instance(), wide) == ["undetermined"]
    udp = ali_firewall("*.oss-ap-northeast-1.aliyuncs.com", proto="UDP", applicationName="ANY")
    assert kinds("ali-firewall-no-wildcard", ali_instance(), udp) == []
