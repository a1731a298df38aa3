"""`make verify-azure` with a local cloud in Azure's place: its whole path, what it must report, and must not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from localcloud import verify
from localcloud.verify import Names, Place, Report

SUBSCRIPTION = "abcdef01-2345-6789-abcd-ef0123456789"
NAMES = Names(SUBSCRIPTION, "rg-verify-azure-00", "verifyazure00")
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{NAMES.group}"
PRIVATE = (SUBSCRIPTION, NAMES.group, NAMES.registry, "ada@example.com", "rehearsal@localcloud.invalid")


class InAzuresPlace(Place):
    """A local cloud that is not what the other one is."""

    drift: tuple[str, ...] = ()

    def _must(self, *words: str) -> subprocess.CompletedProcess[str]:
        if words[0] == "refresh" and self.drift:
            self.cloud("set", *self.drift)
        return super()._must(*words)

    def cloud(self, *words: str) -> str:
        command = [str(verify.ROOT / "bin" / "local"), "cloud", *words]
        done = subprocess.run(
            command, env={**verify.os.environ, **self.env}, capture_output=True, text=True, check=True
        )
        return done.stdout

    def ids(self) -> list[str]:
        return [each["id"] for each in json.loads(self.cloud("ls", "--json"))]


def in_azures_place(folder: Path) -> InAzuresPlace:
    place = verify.local_place(verify.settings(NAMES), folder, "Azure")
    return InAzuresPlace(place.name, place.command, place.folder, place.config, place.env)


@pytest.mark.engine
@pytest.mark.full
def test_equal_clouds_have_no_difference(tmp_path: Path) -> None:
    azure = in_azures_place(tmp_path / "azure")
    report = verify.verify(NAMES, azure, verify.local_place(verify.settings(NAMES), tmp_path / "local"))
    assert (report.failed, report.left) == ("", "")
    assert report.records == {name: [] for name in verify._MET}
    assert report.against_local == []
    assert report.answers["unchanged"] is True
    assert not report.differs
    assert azure.ids() == []
    text = report.text()
    assert not [word for word in PRIVATE if word.lower() in text.lower()]
    assert "- `registry-put-premium`: equal" in text


@pytest.mark.engine
@pytest.mark.full
def test_a_deliberate_difference_is_reported(tmp_path: Path) -> None:
    azure = in_azures_place(tmp_path / "azure")
    azure.drift = (f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe", "tags.who=ada@example.com")
    report = verify.verify(NAMES, azure, verify.local_place(verify.settings(NAMES), tmp_path / "local"))
    assert report.differs
    assert 'later.endpoint.tags: Azure has {"who": "<who>"}, the local cloud nothing' in report.against_local
    assert "unchanged: Azure has false, the local cloud true" in report.against_local
    assert "- later.endpoint.tags" in report.text()
    assert azure.ids() == []


@pytest.mark.engine
@pytest.mark.full
def test_a_failed_deployment_is_cleaned_up_and_told(tmp_path: Path) -> None:
    azure = in_azures_place(tmp_path / "azure")
    taken = [
        {
            "type": "azure-native:resources:ResourceGroup",
            "inputs": {"resourceGroupName": "other", "location": "japaneast"},
        },
        {
            "type": "azure-native:containerregistry:Registry",
            "inputs": {
                "resourceGroupName": "other",
                "registryName": NAMES.registry,
                "location": "japaneast",
                "sku": {"name": "Premium"},
            },
        },
    ]
    seed = tmp_path / "taken.yaml"
    seed.write_text(yaml.safe_dump({"subscription": SUBSCRIPTION, "resources": taken}))
    azure.folder.mkdir()
    azure.cloud("seed", str(seed))
    before = azure.ids()
    local = verify.local_place(verify.settings(NAMES), tmp_path / "local")
    report = verify.verify(NAMES, azure, local)
    assert "is already in use" in report.failed
    assert report.left == ""
    assert azure.ids() == before
    assert "## The deployment failed" in report.text()
    assert not [word for word in PRIVATE if word.lower() in report.text().lower()]
    assert not local.folder.exists(), "the other one is not begun"


def test_what_could_not_be_destroyed_is_told(tmp_path: Path) -> None:
    class Stuck(Place):
        def prepare(self) -> None:
            raise verify.VerifyError("Azure: no")

        def destroyed(self) -> bool:
            return False

    report = verify.verify(NAMES, Stuck("Azure", [], tmp_path, {}), Stuck("the local cloud", [], tmp_path, {}))
    assert f"az group delete --name {NAMES.group}" in report.left
    assert verify.tell(report, tmp_path / "report.md") == 1


ANSWER: dict[str, Any] = {
    "id": f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/{NAMES.registry}",
    "loginServer": f"{NAMES.registry}.azurecr.io",
    "creationDate": "2026-09-10T06:44:40.3977371Z",
    "systemData": {"createdBy": "Ada", "createdAt": "2026-09-10T06:44:40.3977371+00:00", "createdByType": "User"},
    "identity": {"tenantId": "99999999-8888-7777-6666-555555555555"},
    "etag": '"12345678-0000-0100-0000-123456789012"',
    "connection": f"{NAMES.registry}.0123456789abcdef0123456789abcdef",
    "contact": "ada@example.com",
    "password": {verify._SECRET_MARK: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:abc"},
    "ids": [f"{GROUP.upper()}/PROVIDERS/X"],
}


def test_what_names_somebody_is_taken_out() -> None:
    told = NAMES.scrubbed(ANSWER)
    assert told == {
        "id": "/subscriptions/<guid>/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/contoso",
        "loginServer": "contoso.azurecr.io",
        "creationDate": "<time Z>",
        "systemData": {"createdBy": "<who>", "createdAt": "<time +00:00>", "createdByType": "User"},
        "identity": {"tenantId": "<guid>"},
        "etag": '"<etag>"',
        "connection": "contoso.<32 hex>",
        "contact": "<who>",
        "password": "<secret>",
        "ids": ["/SUBSCRIPTIONS/<guid>/RESOURCEGROUPS/RG/PROVIDERS/X"],
    }


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"loginServer": "other.azurecr.io"}, 'loginServer: Azure has "contoso.azurecr.io", the local cloud "other'),
        ({"creationDate": "2026-09-10T06:44:40.3977371+00:00"}, 'creationDate: Azure has "<time Z>"'),
        ({"ids": []}, "ids: Azure has 1, the local cloud 0"),
        ({"contact": None}, 'contact: Azure has "<who>", the local cloud null'),
    ],
)
def test_a_difference_is_told_by_its_path(changed: dict[str, Any], told: str) -> None:
    assert verify.compare(NAMES, ANSWER, ANSWER) == []
    (line,) = verify.compare(NAMES, ANSWER, ANSWER | changed)
    assert line.startswith(told)


def test_a_record_that_azure_no_longer_answers_is_told() -> None:
    report = Report(NAMES)
    report.records = verify.compare_with_records({"made": {}, "later": {}, "read": {}})
    assert set(report.records) == set(verify._MET)
    assert all(report.records.values())
    assert "- `zone-get`: differs" in report.text()


def test_nothing_is_deployed_without_a_yes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["verify", SUBSCRIPTION])
    monkeypatch.setattr(verify, "verify", lambda *_: pytest.fail("deployed"))
    for answer in ("no", "", None):
        monkeypatch.setattr("builtins.input", lambda _, said=answer: said if said is not None else iter(()).__next__())
        if answer is None:
            monkeypatch.setattr("sys.stdin", None)
            continue
        assert verify.main() == 2
    told = capsys.readouterr().out
    assert "Premium registry" in told
    assert "Azure bills a Premium registry by the day" in told
    assert "all of it is destroyed" in told
    assert "never run against Azure" in told


def test_a_subscription_must_be_a_guid(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["verify", "my subscription"])
    with pytest.raises(SystemExit) as left:
        verify.main()
    assert left.value.code == 2
    assert "subscription 'my subscription': must be a GUID" in capsys.readouterr().err


def test_azure_is_deployed_into_with_the_real_provider(tmp_path: Path) -> None:
    place = verify.azure_place(SUBSCRIPTION, verify.settings(NAMES), tmp_path)
    assert place.command == [str(verify.ROOT / "bin" / "pulumi")]
    assert "azure-native:metadataHost" not in place.config
    assert place.env["PULUMI_BACKEND_URL"] == f"file://{tmp_path}/state?metadata=skip"
