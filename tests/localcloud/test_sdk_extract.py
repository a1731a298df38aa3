"""What is read from the installed SDK, on the types where reading could go wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from localcloud.provider import naming
from localcloud.sdk import cache, schema
from localcloud.sdk.surface import Surface

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REGISTRY = "azure-native:containerregistry:Registry"


def served(resources: dict[str, tuple[str, ...]]) -> Surface:
    return Surface("azure-native", resources)


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    """The description with its prose, as the extractor prints it."""
    asked = json.dumps(cache._asked(naming.surface()))
    ran = subprocess.run(
        [sys.executable, "-I", str(cache._EXTRACTOR)], input=asked, capture_output=True, text=True, check=True
    )
    return json.loads(ran.stdout)


def test_every_served_type_is_described_with_its_api_version(data: dict[str, Any]) -> None:
    assert set(data["resources"]) == set(naming.surface().resources)
    assert data["resources"][REGISTRY]["apiVersion"] == "2023-01-01-preview"
    assert all(found["apiVersion"][:2] == "20" for found in data["resources"].values())


def test_every_input_that_is_part_of_an_id_exists(data: dict[str, Any]) -> None:
    for token, path in naming.surface().resources.items():
        assert set(path) <= set(data["resources"][token]["inputs"]), token


def test_inputs_have_wire_names_types_and_defaults(data: dict[str, Any]) -> None:
    inputs = data["resources"][REGISTRY]["inputs"]
    assert inputs["resourceGroupName"]["required"] is True
    assert "required" not in inputs["registryName"]
    assert inputs["adminUserEnabled"] == {
        "type": "boolean",
        "default": False,
        "doc": "The value that indicates whether the admin user is enabled.",
    }
    assert inputs["tags"]["type"] == "map"
    assert inputs["tags"]["items"] == {"type": "string"}
    rule_set = data["inputTypes"][inputs["networkRuleSet"]["ref"]]["properties"]
    assert rule_set["defaultAction"]["required"] is True, "the SDK fills it in, and ARM wants it"
    assert rule_set["defaultAction"]["default"] == "Allow"
    assert "iPAddressOrRange" in data["inputTypes"][rule_set["ipRules"]["items"]["ref"]]["properties"]


def test_enums_keep_their_values_and_say_whether_the_sdk_lets_others_through(data: dict[str, Any]) -> None:
    access = data["resources"][REGISTRY]["inputs"]["publicNetworkAccess"]
    assert access["open"] is True
    assert data["enums"][access["enum"]]["values"] == ["Enabled", "Disabled"]


def test_a_choice_of_types_is_told_by_its_constant(data: dict[str, Any]) -> None:
    group = data["resources"]["azure-native:network:FirewallPolicyRuleCollectionGroup"]["inputs"]
    options = group["ruleCollections"]["items"]["options"]
    constants = {data["inputTypes"][o["ref"]]["properties"]["ruleCollectionType"]["const"] for o in options}
    assert constants == {"FirewallPolicyFilterRuleCollection", "FirewallPolicyNatRuleCollection"}


def test_what_is_declared_as_resources_of_its_own_too(data: dict[str, Any]) -> None:
    subresources = {token: found["subresources"] for token, found in data["resources"].items() if found["subresources"]}
    assert subresources == {
        "azure-native:network:VirtualNetwork": ["subnets", "virtualNetworkPeerings"],
        "azure-native:network:NetworkSecurityGroup": ["securityRules"],
    }


def test_outputs_and_functions(data: dict[str, Any]) -> None:
    outputs = data["resources"][REGISTRY]["outputs"]
    assert outputs["loginServer"]["required"] is True
    assert "id" not in outputs
    function = data["functions"]["azure-native:containerregistry:getRegistry"]
    assert {name for name, prop in function["inputs"].items() if prop.get("required")} == {
        "registryName",
        "resourceGroupName",
    }
    assert "id" in function["outputs"]
    assert "azure-native:authorization:getClientConfig" in data["functions"]


def test_a_type_that_the_sdk_lacks_is_named() -> None:
    with pytest.raises(RuntimeError, match="has no resource azure-native:containerregistry:Registri"):
        cache._make(served({"azure-native:containerregistry:Registri": ()}))


def test_the_schema_refers_only_to_types_that_it_has(data: dict[str, Any]) -> None:
    package = schema.package_schema(data)
    known = {f"#/types/{token}" for token in package["types"]} | {"pulumi.json#/Any"}
    assert set(_references(package)) <= known
    registry = package["resources"][REGISTRY]
    assert registry["requiredInputs"] == ["resourceGroupName", "sku"]
    assert registry["inputProperties"]["publicNetworkAccess"]["default"] == "Enabled"
    assert registry["description"].startswith("An object that represents a container registry")
    assert package["version"] == naming.surface().version()


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "$ref" and isinstance(item, str):
                yield item
            else:
                yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def test_prose_is_left_out_but_no_property(data: dict[str, Any]) -> None:
    lean = cache._without_docs(data)
    assert '"doc"' not in json.dumps(lean)
    for token, found in data["resources"].items():
        assert set(lean["resources"][token]["inputs"]) == set(found["inputs"]), token
    for token, found in data["inputTypes"].items():
        assert set(lean["inputTypes"][token]["properties"]) == set(found["properties"]), token


def test_a_property_named_doc_would_stay() -> None:
    assert cache._without_docs({"inputs": {"doc": {"type": "string", "doc": "prose"}}}) == {
        "inputs": {"doc": {"type": "string"}}
    }


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts how often the SDK is read; the cache is empty at first."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    calls: list[int] = []
    fake = {"version": "0", "resources": {}, "functions": {}, "inputTypes": {}, "outputTypes": {}, "enums": {}}

    def make(_served: Any) -> dict[str, Any]:
        calls.append(1)
        return {"description": fake, "schema": {"name": "azure-native"}}

    monkeypatch.setattr(cache, "_make", make)
    return calls


def test_the_sdk_is_read_once(made: list[int]) -> None:
    cache.load(served({"a:b:C": ("x",)}))
    cache.load(served({"a:b:C": ("x",)}))
    assert cache.load_schema(served({"a:b:C": ("x",)})) == {"name": "azure-native"}
    assert len(made) == 1


def test_other_served_types_are_another_description(made: list[int]) -> None:
    cache.load(served({"a:b:C": ("x",)}))
    cache.load(served({"a:b:C": ("x", "y")}))
    assert len(made) == 2


def test_a_broken_file_is_made_again(made: list[int]) -> None:
    cache.load(served({}))
    for file in cache.directory().iterdir():
        file.write_text("{")
    cache.load(served({}))
    cache.load(served({}))
    assert len(made) == 2


def test_a_cache_that_cannot_be_written_costs_only_time(
    made: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    cache.load(served({}))
    cache.load(served({}))
    assert len(made) == 2


def test_reading_the_cache_imports_no_pulumi() -> None:
    program = (
        "import sys; from localcloud.provider import naming; from localcloud.sdk import cache; "
        "cache.load(naming.surface()); print('pulumi' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
