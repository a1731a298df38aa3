"""`registry-guard check` on what Azure says of itself: findings as on the stack, and never a false violation."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.model.live import standin
from tests.model.live.stack import export
from tests.model.live.standin import PRINTED
from tests.model.live.wire import CONTOSO
from tests.policies.check.checkkit import Ran, guard
from tests.rehearsal import ROOT

# Rules that the folder lacks facts for, registry by registry: written out from what the folder holds.
NOT_IN_THE_FOLDER = {
    "cache-rules": {"contoso", "fabrikam"},
    "connected-registry": {"contoso", "fabrikam"},
    "repository-tokens-off": {"contoso", "fabrikam"},
    "scanning-plan": {"contoso", "fabrikam"},
    "tasks-network": {"contoso", "fabrikam"},
    "webhook-https": {"contoso", "fabrikam"},
    "audit-logs": {"fabrikam"},
    "geo-replicated": {"fabrikam"},
    "replica-region": {"fabrikam"},
}


def found(ran: Ran, *kinds: str) -> set[tuple[str, str]]:
    """Rule and last name of the resource."""
    return {
        (each["rule"], each["urn"].rpartition("::")[2].rpartition("/")[2])
        for each in ran.json()["findings"]
        if each["kind"] in kinds and "Not in this folder" not in each["message"]
    }


def not_in_the_folder(ran: Ran) -> dict[str, set[str]]:
    rules: dict[str, set[str]] = {}
    for each in ran.json()["findings"]:
        if "Not in this folder" in each["message"]:
            assert (each["kind"], each["fails"], each["fix"]) == ("undetermined", False, "")
            rules.setdefault(each["rule"], set()).add(each["urn"].rpartition("::")[2])
    return rules


@pytest.mark.parametrize("preset", ["baseline", "strict", "no-private-link", "audit"])
def test_the_folder_finds_what_the_stack_export_finds(tmp_path: Path, preset: str) -> None:
    stack = tmp_path / "stack.json"
    stack.write_text(json.dumps(export()))
    declared = found(guard("check", stack, "--preset", preset, "--json"), "violation")
    live = guard("check", PRINTED, "--preset", preset, "--json")
    missing = {(rule, name) for rule, names in NOT_IN_THE_FOLDER.items() for name in names}
    # Soft delete is in no API version that the printed answers are of, and may keep manifests as well as retention.
    undetermined = {("retention", "contoso"), ("retention", "fabrikam")}
    assert found(live, "violation") == declared - missing - undetermined
    # Nor is the bypass of tasks.
    tasks = set() if preset == "baseline" else {("trusted-bypass", "contoso"), ("trusted-bypass", "fabrikam")}
    assert found(live, "undetermined") == (declared & undetermined) | tasks


def test_what_the_folder_lacks_is_said_rule_by_rule() -> None:
    said = not_in_the_folder(guard("check", PRINTED, "--preset", "audit", "--json"))
    assert said == NOT_IN_THE_FOLDER, (
        "a rule on a type that the folder does not list is a line of NOT_IN_THE_FOLDER in "
        "tests/policies/check/test_check_live.py"
    )


# A rule that is broken in the whole folder by taking away one file, or judged no longer.
@pytest.mark.parametrize(
    ("gone", "rule"),
    [
        ("lock-list.json", "delete-lock"),
        ("monitor-diagnostic-settings-list.json", "audit-logs"),
        ("acr-replication-list.json", "geo-replicated"),
        ("private-endpoint-dns-zone-group-list.json", "zone-group"),
        ("private-dns-link-vnet-list.json", "zone-linked"),
        ("private-endpoint-list.json", "zone-one-endpoint"),
    ],
)
def test_a_list_that_was_not_given_is_no_violation(tmp_path: Path, gone: str, rule: str) -> None:
    folder = tmp_path / "live"
    shutil.copytree(PRINTED, folder)
    whole = guard("check", folder, "--preset", "audit", "--json")
    (folder / gone).unlink()
    less = guard("check", folder, "--preset", "audit", "--json")
    assert rule not in {r for r, names in not_in_the_folder(whole).items() if "contoso" in names}
    assert "contoso" in not_in_the_folder(less)[rule]
    assert found(less, "violation", "error") <= found(whole, "violation")


def test_a_lock_list_that_locks_nothing_is_a_violation(tmp_path: Path) -> None:
    folder = tmp_path / "live"
    shutil.copytree(PRINTED, folder)
    locks = json.loads((folder / "lock-list.json").read_text())
    locks[0]["level"] = "NotSpecified"
    (folder / "lock-list.json").write_text(json.dumps(locks))
    assert ("delete-lock", "contoso") in found(guard("check", folder, "--preset", "audit", "--json"), "violation")


def test_a_registry_that_is_only_named_is_undetermined_and_not_violating(tmp_path: Path) -> None:
    file = tmp_path / "resources.json"
    file.write_text(json.dumps([{"id": CONTOSO, "name": "contoso", "location": "japaneast", "properties": None}]))
    ran = guard("check", file, "--preset", "audit", "--json")
    assert found(ran, "violation", "error") == set()
    assert ("no-exposed-access", "contoso") in found(ran, "undetermined")


ENDPOINTS = (PRINTED / "private-endpoint-list.json").read_text()
WEBHOOK = json.dumps([{"id": f"{CONTOSO}/webhooks/hook", "name": "hook", "serviceUri": "https://hook.example"}])
LOCK = json.dumps(
    [{"id": f"{CONTOSO}/providers/Microsoft.Authorization/locks/keep", "name": "keep", "level": "CanNotDelete"}]
)


@pytest.mark.parametrize("held", [ENDPOINTS, WEBHOOK, LOCK], ids=["endpoints", "webhook", "lock"])
@pytest.mark.parametrize("preset", ["baseline", "strict"])
def test_a_registry_that_is_named_and_not_shown_is_not_judged(tmp_path: Path, held: str, preset: str) -> None:
    (tmp_path / "list.json").write_text(held)
    ran = guard("check", tmp_path, "--preset", preset, "--json")
    assert "could not be judged" in ran.json()["verdict"]
    said = not_in_the_folder(ran)
    assert all("contoso" in said[rule] for rule in ("no-exposed-access", "no-admin-user", "zone-linked"))
    [message] = [
        each["message"]
        for each in ran.json()["findings"]
        if each["rule"] == "no-exposed-access" and each["urn"].endswith("::contoso")
    ]
    assert message.endswith("not judged for registry 'contoso': `az acr show --name contoso`.")


def test_a_registry_that_a_list_tells_to_be_gone_is_not_missing(tmp_path: Path) -> None:
    gone = {"asked": {"type": "Microsoft.ContainerRegistry/registries", "scope": CONTOSO.rpartition("/providers/")[0]}}
    (tmp_path / "acr.json").write_text(json.dumps(gone | {"answer": []}))
    (tmp_path / "locks.json").write_text(LOCK)
    assert not_in_the_folder(guard("check", tmp_path, "--json")) == {}


def test_a_live_folder_about_something_else_names_no_registry(tmp_path: Path) -> None:
    (tmp_path / "endpoints.json").write_text(ENDPOINTS.replace("ContainerRegistry/registries", "Storage/accounts"))
    assert not_in_the_folder(guard("check", tmp_path, "--json")) == {}


def test_a_command_names_the_registry_and_what_belongs_to_one_names_it_too(tmp_path: Path) -> None:
    webhook = {
        "id": f"{CONTOSO}/webhooks/hook",
        "name": "hook",
        "serviceUri": "http://hook.example",
        "actions": ["push"],
    }
    basic = {"id": CONTOSO, "name": "contoso", "location": "japaneast", "sku": {"name": "Basic"}}
    file = tmp_path / "resources.json"
    file.write_text(json.dumps([basic, webhook]))
    fixes = {each["rule"]: each["fix"] for each in guard("check", file, "--json").json()["findings"]}
    assert fixes["premium-sku"] == "az acr update --name contoso --sku Premium"


@pytest.mark.parametrize("name", ["conto;id", "$(id)", "a b c d e"])
def test_a_name_that_azure_gives_to_no_registry_is_in_no_command(tmp_path: Path, name: str) -> None:
    file = tmp_path / "resources.json"
    own = CONTOSO.replace("contoso", name)
    file.write_text(json.dumps([{"id": own, "name": name, "location": "japaneast", "sku": {"name": "Basic"}}]))
    fixes = {each["rule"]: each["fix"] for each in guard("check", file, "--json").json()["findings"]}
    assert fixes["premium-sku"] == "az acr update --name REGISTRY --sku Premium"


def test_the_sample_of_the_guide_is_read() -> None:
    (sample,) = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "live.md").read_text(), re.DOTALL)
    ran = guard("check", "-", "--json", stdin=sample.replace("…", "00000000-0000-0000-0000-000000000001"))
    (source,) = ran.json()["sources"]
    assert (source["kind"], source["resources"]) == ("live resources", 1)


def test_several_files_named_together_are_one_estate() -> None:
    ran = guard("check", PRINTED / "acr-list.json", PRINTED / "lock-list.json", "--preset", "audit", "--json")
    (source,) = ran.json()["sources"]
    assert (source["kind"], source["resources"]) == ("live resources", 4)


def test_a_stack_beside_live_documents_stays_a_stack_of_its_own(tmp_path: Path) -> None:
    stack = tmp_path / "stack.json"
    stack.write_text(json.dumps(export()))
    ran = guard("check", stack, PRINTED, "--preset", "audit", "--json")
    assert [source["kind"] for source in ran.json()["sources"]] == ["live resources", "stack export"]


def test_a_finding_names_the_azure_type(tmp_path: Path) -> None:
    ran = guard("check", PRINTED, "--preset", "strict", "--format", "markdown")
    assert "microsoft.containerregistry/registries" in ran.out


class TestAz:
    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("PATH", standin.install(tmp_path))
        return tmp_path

    def test_one_command_judges_a_registry(self, folder: Path) -> None:
        ran = guard("check", "--az", "contoso", "--preset", "audit", "--json")
        (source,) = ran.json()["sources"]
        assert (source["name"], source["kind"]) == ("contoso", "live resources")
        # az was asked for everything, so that empty lists are facts: nothing is left unsaid.
        assert not_in_the_folder(ran) == {}
        assert ("scanning-plan", "contoso") in found(ran, "violation")
        assert ("delete-lock", "contoso") not in found(ran, "violation", "undetermined")
        asked = standin.calls(folder)
        assert asked[0] == "acr show --name contoso --output json"
        assert len(asked) == len(set(asked))

    def test_the_dry_run_prints_the_commands_and_runs_none(self, folder: Path) -> None:
        ran = guard("check", "--az", CONTOSO, "--dry-run")
        lines = ran.out.splitlines()
        assert ran.code == 0
        assert standin.calls(folder) == []
        guard("check", "--az", CONTOSO, "--json")
        exact = {line.removeprefix("az ") for line in lines if "<" not in line}
        # What the dry run can name before anything is known is what is run, letter for letter.
        assert exact <= set(standin.calls(folder))
        assert {line.split(" --")[0] for line in lines} - {
            "az " + call.split(" --")[0] for call in standin.calls(folder)
        } == {"az network firewall policy rule-collection-group list"}

    def test_what_az_refuses_is_not_judged_and_said(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        refused = "ERROR: (AuthorizationFailed) The client does not have authorization to perform the action."
        monkeypatch.setenv("PATH", standin.install(tmp_path, {"lock list": refused}))
        ran = guard("check", "--az", "contoso", "--preset", "audit", "--json")
        assert not_in_the_folder(ran) == {"delete-lock": {"contoso"}}
        assert "AuthorizationFailed" in ran.err

    @pytest.mark.parametrize(
        ("said", "told_"),
        [
            ("ERROR: Please run 'az login' to setup account.", "az is not signed in; run `az login` first"),
            ("ERROR: The resource with name 'contoso' could not be found.", "could not be found"),
        ],
    )
    def test_a_registry_that_cannot_be_asked_is_an_error(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, told_: str
    ) -> None:
        monkeypatch.setenv("PATH", standin.install(tmp_path, {"acr show": said}))
        ran = guard("check", "--az", "contoso")
        assert ran.code == 2
        assert told_ in ran.err

    def test_without_az_it_says_what_to_do(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        ran = guard("check", "--az", "contoso")
        assert ran.code == 2
        assert "az is not on PATH; install the Azure CLI" in ran.err

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("--az", "no-such-name"), "neither a registry's name nor the id"),
            (("--dry-run",), "--dry-run belongs to --az"),
            ((), "name files, or a registry with --az"),
            ((str(PRINTED), "--az", "contoso"), "not both"),
        ],
    )
    def test_wrong_words(self, words: tuple[str, ...], said: str) -> None:
        ran = guard("check", *words)
        assert ran.code == 2
        assert said in ran.err
