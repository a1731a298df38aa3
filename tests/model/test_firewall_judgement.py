"""Guard, doctor and rollout give one answer for a client firewall, and it is the right one."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from registry_doctor import report, sources
from registry_guard.engine import evaluate
from registry_guard.rule import Declared
from registry_model.estate import tokens
from registry_model.estate.documents import load
from registry_model.reach.client_firewalls import meant_for
from registry_model.reach.model import HostKind, Reach, Registry, Verdict
from registry_model.reach.registries import registries, registry_of
from registry_model.reach.switch import gaps

from tests.conftest import UNHURRIED
from tests.policies.guardkit import states

from .firewall_cases import CASES, Case
from .firewall_estates import estates

CONFIG = {"all": "disabled", "firewall-complete": "mandatory", "switch-order": "mandatory"}
_VERDICTS = {Verdict.BLOCKED: False, Verdict.CANNOT_TELL: None}
Answer = dict[str, bool | None]


def export(resources: Iterable[Declared]) -> str:
    return json.dumps({"version": 3, "deployment": {"resources": states(resources)}})


def worst(answers: Iterable[tuple[str, bool | None]]) -> Answer:
    rank = {False: 0, None: 1, True: 2}
    found: Answer = {}
    for host, answer in answers:
        found[host] = min(found.get(host, True), answer, key=lambda each: rank[each])
    return found


def doctor(text: str) -> Answer:
    """What `registry-doctor reach` says of the clients behind firewalls; empty when it knows none."""
    (registry,) = registries(sources.document_of(text, "state.json").estate)
    return worst(
        (reach.host, _passes(reach))
        for line in report.summaries(registry)
        if line.client.startswith("client behind")
        for reach in line.reaches
        if reach.kind in (HostKind.LOGIN, HostKind.DATA)
    )


def _passes(reach: Reach) -> bool | None:
    """What a judgement says of the firewall's rules for a host by its name or public address, as an allow-list has."""
    if "it depends on the network behind" in reach.reason:
        return True  # it has passed the firewall
    if "; by the public address, the client firewall" in reach.reason:
        return False  # a rule for the private endpoint's address is no rule for the host
    return _VERDICTS.get(reach.verdict, True)


def rollout(text: str) -> Answer:
    """What a rollout says that a client firewall lacks before the switch."""
    (registry,) = registries(load("state.json", text).estate)
    hosts = [host.name for host in registry.hosts() if host.kind in (HostKind.LOGIN, HostKind.DATA)]
    missing = [(g.host.name, g.passage.allowed) for f in registry.firewalls for g in gaps(registry, f)]
    return worst([*((host, True) for host in hosts if registry.firewalls), *missing])


def guard(text: str, hosts: Iterable[str]) -> tuple[Answer, set[str], set[str]]:
    """What `firewall-complete` says, and the hosts that `switch-order` names as shut and as not certain."""
    found = evaluate(load("state.json", text).estate, config=CONFIG)
    complete = [f for f in found if f.rule == "firewall-complete"]
    order = [f for f in found if f.rule == "switch-order"]
    assert all(f.kind in ("violation", "undetermined") for f in found), found
    said = worst(
        (host, False if f.kind == "violation" else None) for f in complete for host in hosts if host in f.message
    )
    early, doubted = (
        {host for f in order for host in hosts if host in f.message and f.kind == kind}
        for kind in ("violation", "undetermined")
    )
    return said, early, doubted


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_documented_answer(case: Case) -> None:
    text = export([*case.around, *case.resources])
    said, early, doubted = guard(text, case.right)
    if not case.judged:
        assert (said, early, doubted) == ({}, set(), set())
        return
    assert doctor(text) == case.right
    assert rollout(text) == case.right
    # Where something is certainly missing, the guard says that, and leaves what it cannot tell for later.
    denied = {host for host, answer in case.right.items() if answer is False}
    unclear = {host for host, answer in case.right.items() if answer is None}
    assert {host for host, answer in said.items() if answer is False} == denied
    assert {host for host, answer in said.items() if answer is None} == (set() if denied else unclear)
    assert early == {host for host in denied if ".data." in host}
    assert doubted == (set() if early else {host for host in unclear if ".data." in host})


def check_agreement(resources: list[Declared]) -> None:
    text = export(resources)
    seen = doctor(text)
    assert rollout(text) == seen
    estate = load("state.json", text).estate
    (resource,) = estate.of(tokens.REGISTRY)
    registry = registry_of(estate, resource)
    said, early, doubted = guard(text, hosts_of(registry))
    if not meant_for(estate, resource, registry):
        # A group on a client's subnet counts for the doctor, whoever it is meant for; it is nobody's allow-list.
        assert (said, early, doubted) == ({}, set(), set())
        return
    denied = {host for host, answer in seen.items() if answer is False}
    assert {host for host, answer in said.items() if answer is False} == denied
    assert (None in said.values()) is (None in seen.values() and not denied)
    assert early == {host for host in denied if ".data." in host}
    unclear = {host for host, answer in seen.items() if answer is None and ".data." in host}
    assert bool(doubted) is bool(unclear and not early)


def hosts_of(registry: Registry) -> list[str]:
    return [host.name for host in registry.hosts()]


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=UNHURRIED,
)
@given(estates())
def test_guard_doctor_and_rollout_agree(resources: list[Declared]) -> None:
    check_agreement(resources)


@pytest.mark.full
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("quarter", range(4))
def test_guard_doctor_and_rollout_agree_on_10000_estates(quarter: int) -> None:
    several = settings(max_examples=2_500, deadline=None, suppress_health_check=UNHURRIED)
    several(given(estates())(check_agreement))()
