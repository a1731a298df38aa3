"""The components from another language: a YAML program, through the plugin, on the real engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.rehearsal import ROOT, Rehearsal

pytestmark = pytest.mark.engine

ARGS: dict[str, Any] = {
    "registryName": "contoso",
    "location": "japaneast",
    "resourceGroupName": "rg-contoso",
    "createResourceGroup": True,
    "replicas": {"Japan West": {"tags": {"costCenter": "1"}}},
    "network": {"virtualNetworkPrefix": "10.20.0.0/24", "subnetPrefix": "10.20.0.0/27"},
    "settings": {"retentionDays": 7, "trustedServicesBypass": True},
}


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """The plugin's folder as a consumer has it: with an environment of its own, here the project's."""
    folder = tmp_path / "plugin"
    folder.mkdir()
    for name in ("PulumiPlugin.yaml", "__main__.py", "requirements.txt", "private_registry"):
        (folder / name).symlink_to(ROOT / "components" / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder


@pytest.fixture
def consumer(tmp_path: Path, plugin: Path) -> Rehearsal:
    project = tmp_path / "consumer"
    project.mkdir()
    write(project, plugin, ARGS)
    return Rehearsal(tmp_path / "rehearsal", project=project).init()


def write(project: Path, plugin: Path, args: dict[str, Any], resources: dict[str, Any] | None = None) -> None:
    program = {
        "name": "consumer",
        "runtime": "yaml",
        "packages": {"private-registry": str(plugin)},
        "resources": {
            **(resources or {}),
            "images": {"type": "private-registry:PrivateRegistry", "properties": args},
        },
        "outputs": {
            "privateIps": "${images.privateIps}",
            "allowList": "${images.allowList}",
            "firstHost": '${images.dataEndpoints["japaneast"]}',
            "needed": "${images.addressesNeeded}",
        },
    }
    (project / "Pulumi.yaml").write_text(yaml.safe_dump(program, sort_keys=False))


@pytest.mark.full
def test_a_yaml_program_deploys(consumer: Rehearsal) -> None:
    consumer.up().ok()
    outputs = consumer.outputs()
    assert sorted(outputs["privateIps"]) == [
        "contoso.azurecr.io",
        "contoso.japaneast.data.azurecr.io",
        "contoso.japanwest.data.azurecr.io",
    ]
    assert outputs["firstHost"] == "contoso.japaneast.data.azurecr.io"
    assert outputs["needed"] == 3
    urns = {r["urn"].split("::")[-1]: r for r in consumer.resources()}
    assert urns["images-registry"]["inputs"]["policies"]["retentionPolicy"] == {"status": "enabled", "days": 7}
    assert urns["images-replica-japanwest"]["inputs"]["tags"] == {"costCenter": "1"}
    consumer.preview("--expect-no-changes").ok()


def test_wrong_inputs_are_told_in_the_languages_words_and_without_a_traceback(
    consumer: Rehearsal, plugin: Path
) -> None:
    wrong = {**ARGS, "registryName": "no-good", "replicas": {"japaneast": {}}, "settings": {"retentionDays": 999}}
    write(consumer.project, plugin, wrong)
    told = consumer.preview().failed().text
    assert "PrivateRegistry 'images': nothing was registered" in told
    for field, rule in (
        ("registryName", "must have letters and digits only"),
        ('replicas["japaneast"]', "is the home region"),
        ("settings.retentionDays", "must be 0 to 365 whole days"),
    ):
        assert f"property {field} with value" in told, told
        assert rule in told, told


@pytest.mark.full
def test_an_output_that_turns_out_wrong_is_told_the_same_way(consumer: Rehearsal, plugin: Path) -> None:
    group = {
        "type": "azure-native:resources:ResourceGroup",
        "properties": {"resourceGroupName": "rg-of-another", "location": "japaneast"},
    }
    args = {**ARGS, "registryName": "${group.name}", "resourceGroupName": "${group.name}"}
    args.pop("createResourceGroup")
    write(consumer.project, plugin, args, {"group": group})
    consumer.preview().ok()
    told = consumer.up().failed().text
    assert "property registryName with value '{rg-of-another}'" in told, told
    assert "must have letters and digits only" in told
    assert not [i for i in consumer.cloud_ids() if "registries" in i]


@pytest.mark.full
def test_an_object_that_is_not_there_yet_is_refused_rather_than_dropped(consumer: Rehearsal, plugin: Path) -> None:
    group = {
        "type": "azure-native:resources:ResourceGroup",
        "properties": {"resourceGroupName": "rg-of-another", "location": "japaneast", "tags": {"retentionDays": "7"}},
    }
    write(consumer.project, plugin, {**ARGS, "settings": "${group.tags}"}, {"group": group})
    told = consumer.preview().failed().text
    assert "settings" in told
    assert "Traceback" not in told
