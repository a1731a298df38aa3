"""What real Azure answered, asked of the local cloud: ``recorded/*.json``, one fact a file.

A file holds what was asked (in steps, with this project's example names in place of the recorded ones), and of the
answer every property that is the same for everyone. ``<pattern>`` stands for what differs each time. ``absent`` are
properties that Azure did not give, ``not_served`` and ``differs`` what the local cloud leaves out or answers otherwise,
with the reason.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from localcloud.model import Cloud, Refused
from localcloud.records import at, differences

from tests.localcloud.model_estate import ENDPOINT, REGISTRY, Estate

FOLDER = Path(__file__).parent / "recorded"
FACTS: dict[str, dict[str, Any]] = {file.stem: json.loads(file.read_text()) for file in sorted(FOLDER.glob("*.json"))}
CONNECTION = "containerregistry:PrivateEndpointConnection"


def ask(estate: Estate, step: list[Any]) -> dict[str, Any]:
    """One step; what it answers."""
    verb, *rest = step
    if verb == "make":
        token, changed = rest
        return estate.make(token, **changed).outputs
    if verb == "change":
        token, id, changed = rest
        return estate.change(token, id, **changed).outputs
    if verb == "delete":
        estate.delete(*rest)
        return {}
    if verb == "interface":
        (nic,) = estate.read("network:PrivateEndpoint", ENDPOINT)["networkInterfaces"]
        return estate.read("network:NetworkInterface", nic["id"])
    if verb == "connection":
        (shown,) = estate.read("containerregistry:Registry", REGISTRY)["privateEndpointConnections"]
        if rest:
            own = {"registryName": "contoso", "privateEndpointConnectionName": shown["name"]}
            estate.change(CONNECTION, shown["id"], **own, privateLinkServiceConnectionState=rest[0])
            (listed,) = estate.read("containerregistry:Registry", REGISTRY)["privateEndpointConnections"]
            assert listed["privateLinkServiceConnectionState"] == rest[0]
        return estate.read(CONNECTION, shown["id"])
    assert verb == "read", f"no such step: {verb}"
    return estate.read(*rest[:2])


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return Estate(Cloud.open(tmp_path / "cloud.sqlite"))


@pytest.mark.parametrize("name", FACTS)
def test_it_answers_as_azure_did(name: str, estate: Estate) -> None:
    fact = FACTS[name]
    before: dict[str, Any] = {}
    for step in fact["before"]:
        before = ask(estate, step)
    if "refused" not in fact:
        assert differences(fact, before, ask(estate, fact["ask"])) == []
        return
    wanted = fact["refused"]
    with pytest.raises(Refused) as caught:
        ask(estate, fact["ask"])
    assert caught.value.code == wanted["code"]
    assert caught.value.status == wanted.get("status", caught.value.status)
    (told,) = caught.value.problems
    assert told == wanted.get("message", told)
    assert wanted.get("message_part", "") in told
    if "then" in fact:
        *step, left = fact["then"]
        assert {path: at(ask(estate, step), path) for path in left} == left


def test_every_fact_says_where_it_is_from() -> None:
    assert len(FACTS) > 30
    for name, fact in FACTS.items():
        assert {"fact", "source", "api", "date", "operation", "before", "ask"} <= fact.keys(), name
        assert ("answer" in fact) != ("refused" in fact), name
        assert re.fullmatch(r"20\d\d(-\d\d){0,2}", fact["date"]), name
        assert all(
            reason for reasons in (fact.get("differs", {}), fact.get("not_served", {})) for reason in reasons.values()
        )


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"a": {"b": 2}, "c": "2026-09-10T06:44:40.3977371Z"}, "a.b"),
        ({"a": {"b": 1}, "c": "2026-09-10T06:44:40.3977371+00:00"}, "c"),
        ({"a": {"b": 1}}, "c"),
        ({"a": {"b": 1}, "c": "2026-09-10T06:44:40.3977371Z", "status": {}}, "status"),
        ({"a": {"b": 1}, "c": "2026-09-10T06:44:40.3977371Z", "d": {"e": 1, "extra": 2}}, "d"),
    ],
)
def test_a_difference_is_seen(answer: dict[str, Any], told: str) -> None:
    fact = {"answer": {"a.b": 1, "c": "<time Z>", "d": {"e": 1}}, "absent": ["status"]}
    right = {"a": {"b": 1}, "c": "2026-09-10T06:44:40.3977371Z", "d": {"e": 1}}
    assert differences(fact, {}, right) == []
    assert any(each.startswith(f"{told}:") for each in differences(fact, {}, {"d": {"e": 1}, **answer}))
