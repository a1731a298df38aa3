"""What `registry-guard check` refuses beside live documents: what it cannot read, and answers that contradict."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from registry_doctor import sources
from registry_doctor.errors import DoctorError

from tests.model.live.standin import PRINTED
from tests.policies.check.checkkit import Ran, guard

ANSWER = json.loads((PRINTED / "acr-list.json").read_text())
SAFE = next(each for each in ANSWER if each["name"] == "contoso")
OPEN = SAFE | {
    "publicNetworkAccess": "Enabled",
    "networkRuleSet": {"defaultAction": "Allow", "ipRules": []},
    "adminUserEnabled": True,
}
LOCKS = (PRINTED / "lock-list.json").read_text()
WHOLE = json.dumps([OPEN], indent=2)
TEMPLATE = json.dumps(
    {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": [],
    },
    indent=2,
)
EXPORT = json.dumps({"deployment": {"resources": [{"urn": "urn:pulumi:dev::a::x:y:Z::z", "type": "x:y:Z"}]}}, indent=2)

UNREADABLE = {
    "cut off": WHOLE[:700],
    "cut off in the id": WHOLE[:60],
    "an error": "ERROR: (AuthorizationFailed) The client does not have authorization to perform action",
    "a table": "NAME     RESOURCE GROUP    LOCATION\n-------  ----------------  ---------\ncontoso  rg  japaneast\n",
    "without ids": json.dumps([{"name": "contoso", "publicNetworkAccess": "Enabled"}]),
    "one without an id": json.dumps([SAFE, {"name": "fabrikam", "publicNetworkAccess": "Enabled"}]),
    "an object without an id": json.dumps({"name": "contoso", "publicNetworkAccess": "Enabled"}),
    "rows without ids": json.dumps({"count": 1, "data": [{"name": "contoso"}]}),
    "an error as JSON": json.dumps({"error": {"code": "AuthorizationFailed", "message": "The client does not have"}}),
    "the inner error": json.dumps({"code": "SubscriptionNotFound", "message": "The subscription", "details": []}),
    "no text": b"\xff\xfe\xff",
}


def put(folder: Path, **files: str | bytes | Any) -> Path:
    for name, held in files.items():
        path = folder / f"{name}.json"
        path.write_bytes(
            held if isinstance(held, bytes) else held.encode() if isinstance(held, str) else json.dumps(held).encode()
        )
    return folder


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_cannot_be_read_beside_live_documents_is_refused(tmp_path: Path, what: str) -> None:
    put(tmp_path, acr=UNREADABLE[what], locks=LOCKS)
    for form in ("table", "json", "markdown", "sarif") if what == "cut off" else ("table",):
        ran = guard("check", tmp_path, "--preset", "strict", "--format", form)
        assert (ran.code, ran.out) == (2, ""), ran.out
        assert f"{tmp_path}/acr.json: " in ran.err


@pytest.mark.parametrize("what", UNREADABLE)
def test_the_doctor_refuses_it_too(tmp_path: Path, what: str) -> None:
    put(tmp_path, acr=UNREADABLE[what], locks=LOCKS)
    with pytest.raises(DoctorError, match=r"acr\.json: "):
        sources.documents_from(sources.Declared(state=tmp_path))


def test_what_is_not_ours_is_skipped_beside_live_documents(tmp_path: Path) -> None:
    package = {"name": "web", "version": "1.0.0", "dependencies": {}}
    put(tmp_path, acr=[SAFE], package=package, tsconfig='{\n  // strict\n  "strict": true,\n}', none="[]")
    put(tmp_path, vms=[{"id": SAFE["id"].replace("ContainerRegistry/registries", "Compute/virtualMachines")}])
    ran = guard("check", tmp_path)
    assert ran.code == 0, ran.err
    assert "skipped 4 files" in ran.err


@pytest.mark.parametrize(
    "held",
    [
        WHOLE,
        "\n" + WHOLE,
        WHOLE[:700],
        f"WARNING: this command is in preview\n{WHOLE}",
        WHOLE.encode("utf-16"),
        json.dumps(OPEN),
        UNREADABLE["an error"],
        UNREADABLE["an error as JSON"],
        UNREADABLE["without ids"],
    ],
)
def test_an_answer_of_another_ending_in_a_live_folder_is_refused(tmp_path: Path, held: str | bytes) -> None:
    put(tmp_path, locks=LOCKS)
    refused = [tmp_path / name for name in ("acr.txt", "acr", "inner/acr.out", "ACR.JSON.bak")]
    (tmp_path / "inner").mkdir()
    for path in refused:
        path.write_bytes(held if isinstance(held, bytes) else held.encode())
    ran = guard("check", tmp_path)
    assert (ran.code, ran.out) == (2, "")
    for path in refused:
        assert f"{path}: it holds what az prints, and only files that end in .json or .jsonc are read" in ran.err


def test_an_answer_of_another_ending_above_the_live_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "live").mkdir()
    put(tmp_path / "live", locks=LOCKS)
    (tmp_path / "acr.txt").write_text(WHOLE)
    assert guard("check", tmp_path).code == 2


OTHERS = {
    "README.md": "[![CI](ci.svg)](ci)\n`az acr list`",
    "main.bicep": "param name string",
    "azure-pipelines.yaml": "steps: []",
    "map.png": b"\x89PNG\r\n\x1a\n",
    "notes.txt": "{ not JSON",
    "state.tfstate": json.dumps({"version": 4, "resources": [{"instances": [{"attributes": {"id": SAFE["id"]}}]}]}),
}


def test_files_of_others_in_a_live_folder_are_named(tmp_path: Path) -> None:
    put(tmp_path, acr=[SAFE])
    for name, held in OTHERS.items():
        (tmp_path / name).write_bytes(held if isinstance(held, bytes) else held.encode())
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "acr.txt").write_text(WHOLE)
    (tmp_path / ".acr.json.swp").write_text(WHOLE)
    ran = guard("check", tmp_path)
    assert ran.code == 0, ran.err
    assert "skipped 6 files" in ran.err
    assert f"{tmp_path}/README.md: it does not end in .json or .jsonc" in ran.err


def test_files_of_other_endings_beside_templates_are_not_looked_at(tmp_path: Path) -> None:
    put(tmp_path, main=TEMPLATE)
    for name, held in {**OTHERS, "acr.txt": WHOLE}.items():
        (tmp_path / name).write_bytes(held if isinstance(held, bytes) else held.encode())
    ran = guard("check", tmp_path)
    assert (ran.code, "skipped" in ran.err) == (0, False), ran.err


def test_a_file_that_only_looks_like_an_error_is_skipped(tmp_path: Path) -> None:
    put(tmp_path, acr=[SAFE], one={"code": 1, "message": "m"}, two={"code": "a", "message": "m", "locale": "en"})
    put(tmp_path, three={"error": "none"})
    ran = guard("check", tmp_path)
    assert ran.code == 0, ran.err
    assert "skipped 3 files" in ran.err


@pytest.mark.parametrize(
    "held", ["not JSON at all", "{{ template }}", WHOLE[:40], UNREADABLE["an error"], UNREADABLE["without ids"]]
)
def test_beside_templates_alone_files_of_others_are_skipped(tmp_path: Path, held: str) -> None:
    put(tmp_path, main=TEMPLATE, other=held)
    ran = guard("check", tmp_path)
    assert ran.code == 0, ran.err
    assert "skipped 1 file" in ran.err


@pytest.mark.parametrize(
    ("held", "says"),
    [
        (WHOLE[:700], "it looks like what `az` prints of resources, but it is not JSON"),
        (EXPORT[:-20], "it looks like a document of the Pulumi CLI, but it is not JSON"),
        (TEMPLATE[:120], "it says that it is an ARM template, but it is not JSON"),
    ],
)
def test_a_file_that_says_what_it_is_and_ends_too_early_is_never_skipped(tmp_path: Path, held: str, says: str) -> None:
    put(tmp_path, main=TEMPLATE, other=held)
    ran = guard("check", tmp_path)
    assert ran.code == 2
    assert f"other.json: {says}" in ran.err


def both_ways(folder: Path, one: Any, other: Any) -> list[Ran]:
    """Two answers under names of either order."""
    made = []
    for first, second in ((one, other), (other, one)):
        put(folder, a=first, b=second)
        made += [guard("check", folder, "--json"), guard("check", folder / "b.json", folder / "a.json", "--json")]
    return made


def said(ran: Ran) -> list[tuple[str, str]]:
    return sorted((each["rule"], each["message"]) for each in ran.json()["findings"])


CONTRADICTIONS: Mapping[str, tuple[Any, str]] = {
    "open": (OPEN, "publicNetworkAccess"),
    "the administrator": (SAFE | {"adminUserEnabled": True}, "adminUserEnabled"),
    "the rules": (SAFE | {"networkRuleSet": {"defaultAction": "Allow", "ipRules": []}}, "networkRuleSet.defaultAction"),
    "more rules": (
        SAFE
        | {
            "networkRuleSet": {
                "defaultAction": "Deny",
                "ipRules": [{"action": "Allow", "ipAddressOrRange": "0.0.0.0/1"}],
            }
        },
        "networkRuleSet.ipRules",
    ),
    "a projection": ({"id": SAFE["id"], "publicNetworkAccess": "Enabled"}, "publicNetworkAccess"),
    "another spelling of the id": (OPEN | {"id": SAFE["id"].upper()}, "publicNetworkAccess"),
    "a connection that ended": (
        SAFE
        | {
            "privateEndpointConnections": [
                each | {"privateLinkServiceConnectionState": {"status": "Rejected"}}
                for each in SAFE["privateEndpointConnections"]
            ]
        },
        "privateLinkServiceConnectionState.status",
    ),
}


@pytest.mark.parametrize("what", CONTRADICTIONS)
@pytest.mark.parametrize("shown", [False, True])
def test_answers_that_contradict_each_other_are_refused(tmp_path: Path, what: str, shown: bool) -> None:
    other, path = CONTRADICTIONS[what]
    for ran in both_ways(tmp_path, [SAFE], other if shown else [other]):
        assert (ran.code, ran.out) == (2, "")
        assert path.lower() in ran.err.lower()
        assert "a.json" in ran.err
        assert "b.json" in ran.err


def test_in_one_file_as_well(tmp_path: Path) -> None:
    for listed in ([SAFE, OPEN], [OPEN, SAFE]):
        ran = guard("check", put(tmp_path, acr=listed))
        assert ran.code == 2
        for path in ("publicnetworkaccess", "networkruleset.defaultaction", "adminuserenabled"):
            assert f"contoso: {path} is" in ran.err


def test_addresses_of_a_network_interface_too(tmp_path: Path) -> None:
    interfaces = json.loads((PRINTED / "nic-list.json").read_text())
    moved = json.loads(re.sub(r'("privateIpAddress": "\d+\.\d+\.\d+\.)\d+"', r'\g<1>250"', json.dumps(interfaces)))
    assert moved != interfaces
    put(tmp_path, acr=ANSWER, a=interfaces, b=moved)
    ran = guard("check", tmp_path)
    assert ran.code == 2
    assert "rivateipaddress" in ran.err.lower()


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(each) for key, each in value.items() if each is not None}
    return [without_nulls(each) for each in value] if isinstance(value, list) else value


# As Resource Graph has it: properties inside, no nulls, the id in other letter case.
_ENVELOPE = ("id", "name", "type", "location", "sku", "tags", "resourceGroup")
GRAPH = {
    "count": 1,
    "total_records": 1,
    "data": [
        without_nulls(
            {key: SAFE[key] for key in _ENVELOPE}
            | {"id": SAFE["id"].lower(), "type": SAFE["type"].lower(), "resourceGroup": "RG-Registry"}
            | {"properties": {key: value for key, value in SAFE.items() if key not in _ENVELOPE}}
        )
    ],
}

AGREEING: Mapping[str, Any] = {
    "the same": [SAFE],
    "show": SAFE | {"anonymousPullEnabled": False, "roleAssignmentMode": "AbacRepositoryPermissions"},
    "letter case": [SAFE | {"id": SAFE["id"].upper(), "location": "Japan East", "publicNetworkAccess": "disabled"}],
    "what moves by itself": [
        SAFE
        | {
            "etag": 'W/"2"',
            "provisioningState": "Updating",
            "tags": {"cost_center": "43"},
            "creationDate": "2025-02-02",
        }
        | {"systemData": None, "status": {"displayStatus": "Ready", "timestamp": "2026-01-01"}}
    ],
    "null for what is not asked": [SAFE | {"policies": None, "identity": None}],
    "Resource Graph": GRAPH,
    "a projection": [{"id": SAFE["id"], "name": "contoso", "sku": "Premium", "public": "Enabled"}],
}


@pytest.mark.parametrize("what", AGREEING)
def test_answers_that_complete_one_another_are_one(tmp_path: Path, what: str) -> None:
    ran = both_ways(tmp_path, [SAFE], AGREEING[what])
    assert {each.code for each in ran} == {0}, ran[0].err
    assert all(said(each) == said(ran[0]) for each in ran)


def test_the_whole_printed_folder_agrees_with_itself(tmp_path: Path) -> None:
    alone = guard("check", PRINTED, "--json")
    for file in PRINTED.glob("*.json"):
        (tmp_path / file.name).write_text(file.read_text())
        (tmp_path / f"again-{file.name}").write_text(json.dumps(json.loads(file.read_text())[::-1]))
    again = guard("check", tmp_path, "--json")
    assert said(again) == said(alone)
