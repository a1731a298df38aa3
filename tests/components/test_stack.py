"""Stack configuration as arguments, the project's own stacks, and the stack's outputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from private_registry import PrivateRegistry, PrivateRegistryArgs, stack
from private_registry.alibaba import EnterpriseRegistryArgs
from private_registry.arguments import InvalidRegistryArgumentsError, fields
from private_registry.problems import camel
from private_registry.stack import arguments, outputs, record_manifest

from tests.components.graph import run

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("local", "dev", "staging", "prod")
SOUND = {
    "registryName": "contoso",
    "resourceGroupName": "rg-contoso",
    "createResourceGroup": True,
    "network": {"virtualNetworkPrefix": "10.20.0.0/24", "subnetPrefix": "10.20.0.0/27"},
}


def config(values: dict[str, Any], **provider: str) -> dict[str, str]:
    """As the engine hands it over: text, objects as JSON."""
    given = {f"private-registry:{k}": v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}
    return {**given, **{f"azure-native:{k}": v for k, v in {"location": "japaneast", **provider}.items() if v}}


def load(values: dict[str, Any], **provider: str) -> Any:
    return arguments(config(values, **provider), "private-registry", "dev")


def refused(values: dict[str, Any], **provider: str) -> list[str]:
    with pytest.raises(InvalidRegistryArgumentsError) as error:
        load(values, **provider)
    return str(error.value).split("\n")


def test_keys_become_settings_and_the_callers_keys_stay() -> None:
    found = load(
        {
            **SOUND,
            "replicas": {"Japan West": {"zoneRedundancy": True, "tags": {"costCenter": "1"}}},
            "tags": {"costCenter": "2"},
            "settings": {"retentionDays": 7},
        }
    )
    assert found == {
        "registry_name": "contoso",
        "location": "japaneast",
        "resource_group_name": "rg-contoso",
        "create_resource_group": True,
        "network": {"virtual_network_prefix": "10.20.0.0/24", "subnet_prefix": "10.20.0.0/27"},
        "replicas": {"Japan West": {"zone_redundancy": True, "tags": {"costCenter": "1"}}},
        "tags": {"costCenter": "2"},
        "settings": {"retention_days": 7},
    }


def test_other_projects_keys_are_not_ours() -> None:
    values = {**config(SOUND), "aws:region": "x", "registry-guard:level": "strict"}
    assert arguments(values, "private-registry", "dev")["registry_name"] == "contoso"


def test_every_problem_in_the_configurations_own_words() -> None:
    lines = refused(
        {
            **SOUND,
            "registryNam": "contoso",
            "registry_name": "contoso",
            "protect": "perhaps",
            "replicas": {"japanwest": {"zonRedundancy": True}, "Japan East": {}},
            "settings": {"ipRules": ["203.0.113.7"]},
        }
    )
    assert lines == [
        "configuration of stack 'dev': 6 problems, nothing was registered",
        "  1. registryNam: is not a key of the configuration. Rename it to 'registryName'.",
        "  2. \"registry_name\": is not a key of the configuration. Rename it to 'registryName'.",
        "  3. replicas[\"japanwest\"].zonRedundancy: is not a key of the configuration. Rename it to 'zoneRedundancy'.",
        '  4. protect = "perhaps": must be true or false. Give true or false.',
        '  5. replicas["Japan East"]: is the home region: Azure accepts a replica there, and it never helps. Remove'
        " it.",
        '  6. settings.ipRules = ["203.0.113.7"]: have an effect only while public network access is on, and it is off.'
        " Remove them, or set `settings.publicNetworkAccessEnabled` to true.",
    ]


def test_an_object_that_is_no_object() -> None:
    assert '1. replicas = "japanwest": must be a map' in refused({**SOUND, "replicas": "japanwest"})[1]


def test_the_home_region_is_the_providers_location() -> None:
    assert "azure-native:location: is required" in refused(SOUND, location="")[1]
    assert 'azure-native:location = "japaneas": is not an Azure region' in refused(SOUND, location="japaneas")[1]


@pytest.mark.parametrize(
    ("location", "environment", "sound"),
    [
        ("japaneast", "public", True),
        ("usgovvirginia", "usgovernment", True),
        ("chinaeast2", "china", True),
        ("usgovvirginia", "", False),
        ("japaneast", "china", False),
    ],
)
def test_the_region_belongs_to_the_environment(location: str, environment: str, sound: bool) -> None:
    if sound:
        assert load(SOUND, location=location, environment=environment)["location"] == location
    else:
        assert "does not fit the region" in refused(SOUND, location=location, environment=environment)[1]


def stack_file(stack: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]


@pytest.mark.parametrize("stack", STACKS)
def test_the_projects_own_stacks_are_sound(stack: str) -> None:
    values = {k: v if isinstance(v, str) else json.dumps(v) for k, v in stack_file(stack).items()}
    assert str(arguments(values, "private-registry", stack)["registry_name"]).startswith("contoso")


def test_only_the_local_stack_is_marked_local() -> None:
    marked = {s for s in STACKS if "azure-native:metadataHost" in stack_file(s)}
    assert marked == {"local"}
    assert stack_file("local")["azure-native:metadataHost"] == "localcloud.invalid"


def test_production_is_protected() -> None:
    assert "private-registry:protect" not in stack_file("prod"), "protection is the default"
    assert stack_file("prod")["private-registry:retainOnDelete"] is True


def test_the_configuration_schema_documents_every_setting() -> None:
    documented = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    settings = {camel(name) for name in fields(PrivateRegistryArgs)} - {"location"}
    assert set(documented) == settings | {"alibaba"}
    for name, entry in documented.items():
        assert len(entry["description"]) > 20, name
        assert entry["type"], name
    required = {camel(name) for name in PrivateRegistryArgs.__required_keys__} - {"location"}
    # Pulumi itself would ask for what has no default, in stacks of Alibaba Cloud too.
    assert {name for name, entry in documented.items() if entry.get("default") == ""} == required
    assert {name for name, entry in documented.items() if "default" not in entry} == set()


def test_the_configuration_schema_names_the_settings_of_alibaba_cloud() -> None:
    from private_registry.arguments import plain_type

    description = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]["alibaba"]["description"]
    named = set(fields(EnterpriseRegistryArgs)) - {"region"}
    for nested in ("settings", "internet_access"):
        named |= set(fields(plain_type(fields(EnterpriseRegistryArgs)[nested])[0]))
    assert [camel(name) for name in sorted(named) if camel(name) not in description] == []


ALIBABA = {
    "alicloud:region": "ap-northeast-1",
    "private-registry:alibaba": json.dumps({"instanceName": "contoso", "instanceType": "Advanced"}),
}


def test_a_stack_of_alibaba_cloud() -> None:
    args = stack.alibaba_arguments(ALIBABA, "private-registry", "s")
    assert args == {"instance_name": "contoso", "instance_type": "Advanced", "region": "ap-northeast-1"}


def test_every_problem_of_a_stack_of_alibaba_cloud_is_told_at_once() -> None:
    settings = {"instanceNam": "contoso", "instanceType": "Personal", "vpcLinks": {"a": {"vpcId": "x"}}}
    config = {"alicloud:region": "tokyo", "private-registry:alibaba": json.dumps(settings)}
    with pytest.raises(InvalidRegistryArgumentsError) as caught:
        stack.alibaba_arguments(config, "private-registry", "s")
    told = str(caught.value)
    for part in ("instanceNam", "instanceName", "Personal Edition", 'vpcLinks["a"].vswitchId', "alicloud:region"):
        assert part in told


def test_a_stack_without_alibabas_settings_is_azures() -> None:
    given = config(SOUND, location="japaneast") | {"private-registry:alibaba": "{}"}
    assert "alibaba" not in arguments(given, "private-registry", "s")


def test_a_text_in_the_place_of_alibabas_settings_is_told() -> None:
    with pytest.raises(InvalidRegistryArgumentsError, match="must be an object"):
        stack.alibaba_arguments({"private-registry:alibaba": "contoso"}, "private-registry", "s")


@pytest.mark.parametrize("name", ["settings", "network", "privateEndpoint", "dns"])
def test_the_configuration_schema_names_what_is_inside(name: str) -> None:
    from private_registry.arguments import plain_type
    from private_registry.problems import snake

    description = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"][name]["description"]
    shape = plain_type(fields(PrivateRegistryArgs)[snake(name)])[0]
    missing = [camel(inner) for inner in fields(shape) if camel(inner) not in description]
    assert missing == [], f"{name} does not name {missing}"


def test_the_stacks_outputs() -> None:
    def program() -> Any:
        args = load({**SOUND, "replicas": {"japanwest": {}}})
        return outputs(PrivateRegistry("main", args), args)

    found = run(program).outputs
    assert found["endpoints"] == {
        "loginServer": "contoso.azurecr.io",
        "dataEndpoints": [
            {"region": "japaneast", "endpoint": "contoso.japaneast.data.azurecr.io"},
            {"region": "japanwest", "endpoint": "contoso.japanwest.data.azurecr.io"},
        ],
    }
    assert found["dnsRecords"][1] == {
        "host": "contoso.japaneast.data.azurecr.io",
        "zone": "privatelink.azurecr.io",
        "record": "contoso.japaneast.data",
        "member": "registry_data_japaneast",
        "region": "japaneast",
        "address": "10.20.0.5",
    }
    assert found["allowList"][0] == "contoso.azurecr.io:443"
    assert found["subnetAddressesNeeded"] == 3
    reach = found["reach"]
    assert reach["VM in a peered network, with the zone"]["pull"] == "yes"
    assert reach["internet, any address"]["pull"] == "no"
    assert reach["internet, any address"]["why"] == "the registry's public access is off"


def test_a_record_without_an_address_is_left_out() -> None:
    found = record_manifest("contoso.azurecr.io", ["japaneast"], {"registry": "10.0.0.4"})
    assert [r["host"] for r in found] == ["contoso.azurecr.io"]
