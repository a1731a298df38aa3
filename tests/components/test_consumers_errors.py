"""What is wrong with a consumer's inputs is told as completely in another language as in Python."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from private_registry import PrivateRegistry
from private_registry.problems import InvalidArgumentsError, camel

from tests.rehearsal import ROOT, Rehearsal

pytestmark = pytest.mark.engine

YAML = ROOT / "examples" / "consumers" / "yaml"
WRONG: dict[str, Any] = {
    "registry_name": "no-good",
    "location": "Japan Est",
    "resource_group_name": "rg-contoso.",
    "replicas": {"atlantis": {"tags": {"<": "1"}}, "japanwest": {}},
    "settings": {"retention_days": 999, "soft_delete_days": 0, "export_enabled": True},
    "network": {"virtual_network_prefix": "10.30.0.0/24", "subnet_prefix": "10.31.0.0/30"},
    "dns": {"mode": "existing"},
}


def camel_keys(value: Any, *, free: bool = False) -> Any:
    """Settings as YAML writes them; the keys of ``replicas`` and ``tags`` are the caller's own."""
    if not isinstance(value, dict):
        return value
    return {
        key if free else camel(key): camel_keys(inner, free=not free and key in {"replicas", "tags"})
        for key, inner in value.items()
    }


def consumer(folder: Path, properties: dict[str, Any], resources: dict[str, Any] | None = None) -> Rehearsal:
    program = yaml.safe_load((YAML / "Pulumi.yaml").read_text())
    program["packages"]["private-registry"] = str(ROOT / "components")
    program["resources"]["images"]["properties"] = properties
    program["resources"] |= resources or {}
    project = folder / "program"
    project.mkdir()
    (project / "Pulumi.yaml").write_text(yaml.safe_dump(program, sort_keys=False))
    return Rehearsal(folder / "rehearsal", project=project).init()


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_everything_that_python_says_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        PrivateRegistry("images", WRONG)  # pyright: ignore[reportArgumentType]
    problems = caught.value.problems
    assert len(problems) >= 9, caught.value
    told = one_line(consumer(tmp_path, camel_keys(WRONG)).preview().failed().text)
    for problem in problems:
        path, reason = (re.escape(one_line(part)) for part in (problem.path(camel), problem.reason(camel)))
        # A setting that is missing has no value to show.
        assert re.search(rf"property {path} (with value \S.{{0,60}} )?has a problem: {reason}", told), (problem, told)
    assert told.count("- property ") == len(problems), "each once, and nothing else"
    assert "registry_name" not in told


@pytest.mark.full
def test_what_is_known_is_judged_at_preview_beside_what_is_not(tmp_path: Path) -> None:
    group = {
        "type": "azure-native:resources:ResourceGroup",
        "properties": {"resourceGroupName": "rg-of-another", "location": "japaneast"},
    }
    properties = {
        "registryName": "${group.name}",
        "location": "japaneast",
        "resourceGroupName": "${group.name}",
        "replicas": {"japaneast": {}},
        "network": {"virtualNetworkPrefix": "10.30.0.0/24", "subnetPrefix": "10.30.0.0/27"},
    }
    team = consumer(tmp_path, properties, {"group": group})
    told = team.preview().failed().text
    assert 'replicas["japaneast"]' in told
    assert "registryName" not in told, "its value is not known yet, so nothing can be said of it"

    program = yaml.safe_load((team.project / "Pulumi.yaml").read_text())
    del program["resources"]["images"]["properties"]["replicas"]
    (team.project / "Pulumi.yaml").write_text(yaml.safe_dump(program, sort_keys=False))
    team.preview().ok()
    told = team.up().failed().text
    assert "property registryName with value '{rg-of-another}'" in told, told
    assert not [name for name in team.cloud_ids() if "registries" in name], "nothing was created of it"


@pytest.mark.full
def test_a_setting_that_does_not_exist_is_named(tmp_path: Path) -> None:
    team = consumer(tmp_path, {"registryName": "teamimages", "locaton": "japaneast", "resourceGroupName": "rg"})
    told = team.preview().failed().text
    assert "locaton" in told
