"""The model speaks the SDK's language: its outputs, at any depth, are those that pulumi-azure-native knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from localcloud.azure import TYPES
from localcloud.model import Cloud, Resource
from localcloud.sdk import cache
from localcloud.sdk.surface import Surface

from tests.localcloud.model_estate import Estate, several

if TYPE_CHECKING:
    from localcloud.sdk.description import Properties, Property, SdkDescription

EVERYTHING = (
    "managedidentity:UserAssignedIdentity",
    "keyvault:Vault",
    "keyvault:Key",
    "containerregistry:Registry",
    "containerregistry:Replication",
    "containerregistry:Webhook",
    "containerregistry:CredentialSet",
    "containerregistry:CacheRule",
    "containerregistry:ScopeMap",
    "containerregistry:Token",
    "network:NetworkSecurityGroup",
    "network:SecurityRule",
    "network:ApplicationSecurityGroup",
    "network:VirtualNetwork",
    "network:Subnet",
    "network:PrivateEndpoint",
    "network:FirewallPolicy",
    "network:FirewallPolicyRuleCollectionGroup",
    "privatedns:PrivateZone",
    "privatedns:VirtualNetworkLink",
    "privatedns:PrivateRecordSet",
    "network:PrivateDnsZoneGroup",
    "operationalinsights:Workspace",
    "monitor:DiagnosticSetting",
    "authorization:RoleAssignment",
    "authorization:ManagementLockByScope",
    "security:Pricing",
)


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> SdkDescription:
    served = Cloud.open(tmp_path_factory.mktemp("sdk") / "cloud.sqlite").served()
    return cache.load(Surface("azure-native", {token: info.scope_properties for token, info in served.items()}))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[Resource]:
    estate = Estate(Cloud.open(tmp_path_factory.mktemp("cloud") / "cloud.sqlite"))
    several(*EVERYTHING)(estate)
    estate.make("network:VirtualNetwork", virtualNetworkName="hub", addressSpace={"addressPrefixes": ["10.1.0.0/16"]})
    estate.make("network:VirtualNetworkPeering")
    return estate.cloud.list()


def test_one_of_every_type_is_tried(made: list[Resource]) -> None:
    aliases = {token for token in TYPES if ":ManagementLockAt" in token}
    assert {resource.token for resource in made} == set(TYPES) - aliases, (
        "a type of the local cloud is a line of EVERYTHING in tests/localcloud/test_model_sdk.py, and of _DEFAULTS in "
        "tests/localcloud/model_estate.py"
    )


def test_every_output_is_one_of_the_sdk(made: list[Resource], sdk: SdkDescription) -> None:
    wrong: list[str] = []
    for resource in made:
        shape = sdk.resource(resource.token)
        assert shape is not None
        assert resource.outputs["azureApiVersion"] == shape.api_version
        compare(sdk, resource.token, shape.outputs, resource.outputs, wrong)
    assert wrong == []


_FORMS = {"string": str, "boolean": bool, "integer": int, "number": (int, float), "array": list, "map": dict}


def compare(sdk: SdkDescription, where: str, known: Properties, values: dict[str, Any], wrong: list[str]) -> None:
    """Note what the SDK does not know, or describes otherwise, down to the innermost properties."""
    for name, value in values.items():
        if name in known:
            check(sdk, f"{where}.{name}", known[name], value, wrong)
        else:
            wrong.append(f"{where}.{name} is unknown")


def check(sdk: SdkDescription, where: str, prop: Property, value: Any, wrong: list[str]) -> None:
    kind = prop["type"]
    if kind == "object" and isinstance(value, dict):
        compare(sdk, where, sdk.output_type(prop["ref"]), value, wrong)
    elif kind == "object" or not isinstance(value, _FORMS.get(kind, object)):
        wrong.append(f"{where} is {value!r}, not of type {kind}")
    elif kind in ("array", "map"):
        for each in value if kind == "array" else value.values():
            check(sdk, where, prop["items"], each, wrong)
