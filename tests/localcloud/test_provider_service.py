"""The provider's calls, through a real gRPC channel and into a real cloud."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from localcloud.model import Cloud, Refused, Resource, TypeInfo
from localcloud.provider import journal, service
from localcloud.provider.values import UNKNOWN, decode
from pulumi.runtime.proto import provider_pb2, status_pb2

from tests.localcloud.provider_kit import EMPTY, GROUP, REGISTRY, SUBSCRIPTION, Engine, details_of, serving, urn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GROUP_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
REGISTRY_ID = f"{GROUP_ID}/providers/Microsoft.ContainerRegistry/registries/contoso"
PREMIUM = {"resourceGroupName": "rg", "registryName": "contoso", "sku": {"name": "Premium"}, "location": "japaneast"}


@pytest.fixture(autouse=True)
def cloud_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "cloud.sqlite"
    monkeypatch.setenv("LOCALCLOUD_FILE", str(file))
    monkeypatch.delenv("LOCALCLOUD_LATENCY", raising=False)
    return file


@pytest.fixture
def fresh() -> Iterator[Engine]:
    with serving() as engine:
        yield engine


@pytest.fixture
def engine(fresh: Engine) -> Engine:
    return fresh.configure_local()


@pytest.fixture
def cloud(cloud_file: Path) -> Cloud:
    return Cloud.open(cloud_file)


@pytest.fixture
def group(engine: Engine) -> str:
    id, _ = engine.create(GROUP, {"resourceGroupName": "rg", "location": "westeurope"})
    return id


MODES = provider_pb2.CheckRequest.AutonamingOptions.Mode


class TestMarker:
    """A stack that is not marked local is refused, however it comes."""

    @pytest.mark.parametrize(
        ("config", "words"),
        [
            ({}, "metadataHost is not set"),
            ({"metadataHost": "management.azure.com"}, "metadataHost is 'management.azure.com'"),
            ({"metadataHost": "LOCALCLOUD.INVALID"}, "metadataHost is 'LOCALCLOUD.INVALID'"),
            ({"metadataHost": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}, "metadataHost is not known yet"),
        ],
    )
    def test_an_unmarked_stack_is_refused(self, fresh: Engine, config: dict[str, str], words: str) -> None:
        (problem,) = fresh.check_config(**config)
        assert words in problem
        assert "make rehearse STACK=" in problem
        assert "pulumi config set azure-native:metadataHost localcloud.invalid" in problem

    def test_refresh_and_destroy_do_not_slip_past_the_check(self, fresh: Engine) -> None:
        with pytest.raises(grpc.RpcError, match="metadataHost is not set") as error:
            fresh.configure(subscriptionId=SUBSCRIPTION)
        assert error.value.code() == grpc.StatusCode.FAILED_PRECONDITION

    def test_nothing_is_served_before_it_is_configured(self, fresh: Engine) -> None:
        with pytest.raises(grpc.RpcError, match="has not configured"):
            fresh.create(GROUP, {"resourceGroupName": "rg", "location": "japaneast"})

    def test_the_environment_does_not_stand_in_for_the_stack(
        self, fresh: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ARM_METADATA_HOSTNAME", "localcloud.invalid")
        assert fresh.check_config()

    def test_every_problem_is_told_at_once(self, fresh: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("LOCALCLOUD_FILE")
        monkeypatch.setenv("LOCALCLOUD_LATENCY", "slow")
        problems = fresh.check_config()
        assert len(problems) == 3
        assert "LOCALCLOUD_FILE is not set" in problems[1]
        assert "LOCALCLOUD_LATENCY is 'slow'" in problems[2]

    def test_a_marked_stack_is_served(self, fresh: Engine) -> None:
        assert fresh.check_config(metadataHost="localcloud.invalid") == []


class TestCheck:
    def test_a_name_a_location_and_the_api_version_are_added(self, engine: Engine, group: str) -> None:
        inputs, problems = engine.check(REGISTRY, {"resourceGroupName": "rg", "sku": {"name": "Premium"}})
        assert problems == []
        assert re.fullmatch(r"thing[0-9a-f]{8}", inputs["registryName"])
        assert inputs["location"] == "westeurope", "the resource group's"
        assert inputs["azureApiVersion"] == "2023-01-01-preview"
        assert inputs["__createBeforeDelete"] is True

    def test_the_stacks_location_goes_before_the_resource_groups(self, fresh: Engine) -> None:
        engine = fresh.configure_local(location="japaneast")
        engine.create(GROUP, {"resourceGroupName": "rg", "location": "westeurope"})
        inputs, _ = engine.check(REGISTRY, {"resourceGroupName": "rg", "sku": {"name": "Premium"}})
        assert inputs["location"] == "japaneast"

    def test_name_and_location_stay_what_they_were(self, engine: Engine) -> None:
        old, _ = engine.check(REGISTRY, {"resourceGroupName": "rg", "sku": {"name": "Premium"}, "location": "uksouth"})
        new, problems = engine.check(REGISTRY, {"resourceGroupName": "rg", "sku": {"name": "Basic"}}, old)
        assert problems == []
        assert new == {**old, "sku": {"name": "Basic"}}

    def test_a_given_name_is_not_a_random_one(self, engine: Engine) -> None:
        inputs, _ = engine.check(REGISTRY, PREMIUM)
        assert "__createBeforeDelete" not in inputs

    def test_a_child_has_its_pulumi_name(self, engine: Engine) -> None:
        inputs, problems = engine.check(
            "azure-native:network:Subnet",
            {"resourceGroupName": "rg", "virtualNetworkName": "v", "addressPrefix": "10.0.0.0/24"},
        )
        assert problems == []
        assert inputs["subnetName"] == "thing"
        assert "__createBeforeDelete" not in inputs

    @pytest.mark.parametrize("mode", ["PROPOSE", "ENFORCE"])
    def test_pulumis_own_naming_settings_are_followed(self, engine: Engine, mode: str) -> None:
        options = provider_pb2.CheckRequest.AutonamingOptions(proposed_name="chosen1", mode=MODES.Value(mode))
        inputs, _ = engine.check(REGISTRY, {"resourceGroupName": "rg", "sku": {"name": "Basic"}}, autonaming=options)
        assert inputs["registryName"] == "chosen1"

    def test_naming_that_is_off_makes_the_name_required(self, engine: Engine) -> None:
        options = provider_pb2.CheckRequest.AutonamingOptions(mode=MODES.Value("DISABLE"))
        _, problems = engine.check(
            REGISTRY, {"resourceGroupName": "rg", "sku": {"name": "Basic"}, "location": "x"}, autonaming=options
        )
        assert problems == ["registryName: missing, and required; this resource is not named automatically"]

    def test_a_missing_location_says_how_to_set_it(self, engine: Engine) -> None:
        _, (problem,) = engine.check(REGISTRY, {"resourceGroupName": "nowhere", "sku": {"name": "Basic"}})
        assert problem.startswith("location: missing")
        assert "azure-native:location" in problem

    def test_an_unknown_resource_group_makes_the_location_unknown(self, engine: Engine) -> None:
        inputs, problems = engine.check(REGISTRY, {"resourceGroupName": UNKNOWN, "sku": {"name": "Basic"}})
        assert problems == []
        assert inputs["location"] is UNKNOWN
        assert inputs["resourceGroupName"] is UNKNOWN

    def test_a_name_of_a_wrong_form_is_refused_before_anything_is_made(self, engine: Engine) -> None:
        _, (problem,) = engine.check(REGISTRY, {**PREMIUM, "registryName": "my-registry"})
        assert problem.startswith("registryName: 'my-registry' must have")

    def test_a_wrong_name_that_was_made_says_what_it_was_made_from(self, engine: Engine) -> None:
        request = provider_pb2.CheckRequest(
            urn=urn(REGISTRY, "my-registry"), news=service.encode({**PREMIUM, "registryName": None}), randomSeed=b"s"
        )
        (failure,) = engine.stub.Check(request).failures
        assert "(made from the resource's Pulumi name; set registryName to choose another)" in failure.reason

    def test_all_problems_of_a_resource_are_told_at_once(self, engine: Engine) -> None:
        _, problems = engine.check(REGISTRY, {"sku": {"name": "x"}, "registryNam": "contoso", "location": 5})
        assert [problem.partition(":")[0] for problem in problems] == [
            "sku.name",
            "registryNam",
            "location",
            "resourceGroupName",
        ]


class TestNotServed:
    def test_another_type_is_named_with_a_near_one(self, engine: Engine) -> None:
        with pytest.raises(grpc.RpcError) as error:
            engine.check("azure-native:containerregistry:Registri", {})
        assert "did you mean azure-native:containerregistry:Registry?" in details_of(error.value)

    def test_another_api_version_says_which_is_served(self, engine: Engine) -> None:
        with pytest.raises(grpc.RpcError) as error:
            engine.check("azure-native:containerregistry/v20230701:Registry", {})
        assert "default API versions only; use azure-native:containerregistry:Registry" in details_of(error.value)

    def test_a_package_of_another_version_is_refused(self, fresh: Engine) -> None:
        with pytest.raises(grpc.RpcError, match="default API versions only"):
            fresh.stub.Parameterize(provider_pb2.ParameterizeRequest())

    def test_components_are_not_served(self, fresh: Engine) -> None:
        with pytest.raises(grpc.RpcError) as error:
            fresh.stub.Construct(provider_pb2.ConstructRequest())
        assert error.value.code() == grpc.StatusCode.UNIMPLEMENTED


class TestLife:
    """A resource from its preview to its end."""

    def test_a_preview_makes_nothing(self, engine: Engine, cloud: Cloud) -> None:
        id, outputs = engine.create(GROUP, {"resourceGroupName": "rg", "location": "japaneast"}, preview=True)
        assert id == ""
        assert outputs["location"] == "japaneast"
        assert outputs["name"] is UNKNOWN
        assert cloud.list() == []

    def test_created_read_updated_and_deleted(self, engine: Engine, cloud: Cloud, group: str) -> None:
        inputs, _ = engine.check(REGISTRY, {**PREMIUM, "sku": {"name": "premium"}})
        id, outputs = engine.create(REGISTRY, inputs)
        assert id == REGISTRY_ID
        assert outputs["sku"] == {"name": "Premium", "tier": "Premium"}, "ARM's spelling"
        assert outputs["loginServer"] == "contoso.azurecr.io"
        assert outputs["azureApiVersion"] == "2023-01-01-preview"
        assert "id" not in outputs
        assert engine.read(REGISTRY, id, inputs, outputs)[:2] == (id, inputs)

        updated = engine.update(REGISTRY, id, outputs, {**inputs, "tags": {"a": "b"}})
        assert updated["tags"] == {"a": "b"}
        engine.delete(REGISTRY, id)
        assert engine.read(REGISTRY, id, inputs, outputs)[0] == ""
        engine.delete(REGISTRY, id)
        assert [resource.id for resource in cloud.list()] == [group]

    def test_the_preview_of_an_update_keeps_what_cannot_change(self, engine: Engine) -> None:
        old = {"name": "contoso", "location": "japaneast", "loginServer": "contoso.azurecr.io"}
        outputs = engine.update(REGISTRY, REGISTRY_ID, old, PREMIUM, preview=True)
        assert (outputs["name"], outputs["location"]) == ("contoso", "japaneast")
        assert outputs["loginServer"] is UNKNOWN

    def test_drift_is_read_into_inputs(self, engine: Engine, cloud: Cloud, group: str) -> None:
        inputs, _ = engine.check(REGISTRY, PREMIUM)
        id, outputs = engine.create(REGISTRY, inputs)
        cloud.set(id, "adminUserEnabled", True)
        _, found, state = engine.read(REGISTRY, id, inputs, outputs)
        assert found == {**inputs, "adminUserEnabled": True}
        assert state["adminUserEnabled"] is True

    def test_ids_are_found_in_any_case(self, engine: Engine, group: str) -> None:
        engine.create(REGISTRY, PREMIUM)
        id, inputs, _ = engine.read(REGISTRY, REGISTRY_ID.upper().replace("/SUBSCRIPTIONS", "/subscriptions"))
        assert id == REGISTRY_ID
        assert inputs["sku"] == {"name": "Premium"}

    def test_an_import_finds_the_inputs(self, engine: Engine, group: str) -> None:
        engine.create(REGISTRY, PREMIUM)
        _, inputs, outputs = engine.read(REGISTRY, REGISTRY_ID)
        assert PREMIUM.items() <= inputs.items()
        assert "loginServer" not in inputs
        checked, problems = engine.check(REGISTRY, inputs)
        assert problems == []
        assert not engine.diff(REGISTRY, inputs, checked, outputs).diffs

    def test_an_id_of_another_type_is_refused(self, engine: Engine) -> None:
        with pytest.raises(grpc.RpcError, match="is not the id of such a resource"):
            engine.read(REGISTRY, GROUP_ID)

    def test_what_exists_already_is_not_taken_over(self, engine: Engine, group: str) -> None:
        engine.create(REGISTRY, PREMIUM)
        with pytest.raises(grpc.RpcError) as error:
            engine.create(REGISTRY, PREMIUM)
        assert f"pulumi import {REGISTRY} thing {REGISTRY_ID}" in details_of(error.value)


class TestDiff:
    def test_a_replacement_is_told_in_detail(self, engine: Engine) -> None:
        answer = engine.diff(REGISTRY, PREMIUM, {**PREMIUM, "location": "westeurope", "tags": {"a": "b"}})
        assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
        assert list(answer.replaces) == ["location"]
        assert sorted(answer.diffs) == ["location", "tags"]
        assert answer.deleteBeforeReplace is True
        kinds = {path: provider_pb2.PropertyDiff.Kind.Name(change.kind) for path, change in answer.detailedDiff.items()}
        assert kinds == {"location": "UPDATE_REPLACE", "tags": "ADD"}
        assert all(change.inputDiff for change in answer.detailedDiff.values())

    def test_only_what_azure_native_replaces_is_told_as_a_replacement(self, engine: Engine) -> None:
        group = {"networkSecurityGroupName": "nsg", "resourceGroupName": "rg", "location": "japaneast"}
        answer = engine.diff("azure-native:network:NetworkSecurityGroup", group, {**group, "location": "westus2"})
        assert (list(answer.replaces), list(answer.diffs)) == ([], ["location"])
        key = {"vaultName": "keys", "keyName": "key", "resourceGroupName": "rg", "properties": {"kty": "RSA"}}
        answer = engine.diff("azure-native:keyvault:Key", key, {**key, "properties": {"kty": "EC"}})
        assert (list(answer.replaces), list(answer.diffs)) == ([], ["properties"])

    def test_no_difference_is_none(self, engine: Engine) -> None:
        answer = engine.diff(REGISTRY, PREMIUM, {**PREMIUM, "location": "Japan East"})
        assert answer.changes == provider_pb2.DiffResponse.DIFF_NONE


class TestRefused:
    def test_a_refusal_is_readable(self, engine: Engine) -> None:
        with pytest.raises(grpc.RpcError) as error:
            engine.create(REGISTRY, PREMIUM)
        message = details_of(error.value)
        assert message.startswith(f"the local cloud refused to create thing ({REGISTRY}): 404 Not Found")
        assert "Resource group 'rg' could not be found" in message

    def test_several_problems_have_a_line_each(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: Any) -> Resource:
            raise Refused(409, ["one", "two"], "Conflict")

        monkeypatch.setattr(Cloud, "create", refuse)
        with pytest.raises(grpc.RpcError) as error:
            engine.create(GROUP, {"resourceGroupName": "rg", "location": "japaneast"})
        assert details_of(error.value).endswith("409 Conflict, Conflict\n  - one\n  - two")

    def test_what_a_failed_creation_leaves_behind_is_kept(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        left = Resource(GROUP_ID, GROUP, {}, {"name": "rg", "provisioningState": "Failed"})
        answers = iter([None, left])

        def refuse(*_: Any) -> Resource:
            raise Refused(409, "the subnet is full")

        monkeypatch.setattr(Cloud, "create", refuse)
        monkeypatch.setattr(Cloud, "read", lambda *_: next(answers))
        with pytest.raises(grpc.RpcError) as error:
            engine.create(GROUP, {"resourceGroupName": "rg", "location": "japaneast"})
        metadata: Any = error.value.trailing_metadata()
        (held,) = [value for key, value in metadata if key == "grpc-status-details-bin"]
        status = status_pb2.Status.FromString(held)
        detail = provider_pb2.ErrorResourceInitFailed()
        assert status.details[0].Unpack(detail)
        assert detail.id == GROUP_ID
        assert decode(detail.properties)["provisioningState"] == "Failed"
        assert decode(detail.inputs)["location"] == "japaneast"
        assert "the subnet is full" in detail.reasons[0]

    def test_a_defect_is_an_error_and_no_silence(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Cloud, "read", lambda *_: {}["nothing"])
        with pytest.raises(grpc.RpcError, match="the local cloud is broken: KeyError"):
            engine.read(GROUP, GROUP_ID)

    def test_a_file_that_is_no_cloud_is_refused(self, fresh: Engine, cloud_file: Path) -> None:
        cloud_file.write_text("something else, long enough to be read as a header of a database file")
        with pytest.raises(grpc.RpcError, match="the local cloud cannot be opened"):
            fresh.configure_local()


class TestJournal:
    """What was asked for is written down until the engine has said goodbye."""

    def test_it_is_gone_before_goodbye_is_answered(self, engine: Engine, group: str, cloud_file: Path) -> None:
        (file,) = journal.folder(cloud_file).iterdir()
        assert group in file.read_text()
        engine.stub.Cancel(EMPTY)
        assert not file.exists()

    def test_it_stays_while_a_call_is_under_way(
        self, engine: Engine, group: str, cloud_file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        under_way, may_end = threading.Event(), threading.Event()

        def slow(*_: Any) -> None:
            under_way.set()
            may_end.wait(10)

        monkeypatch.setattr(Cloud, "delete", slow)
        request = provider_pb2.DeleteRequest(urn=urn(GROUP), id=group)
        deleting = engine.stub.Delete.future(request)
        assert under_way.wait(10)
        engine.stub.Cancel(EMPTY)
        assert list(journal.folder(cloud_file).iterdir())
        may_end.set()
        deleting.result(10)


class TestInvoke:
    def test_a_resource_is_got(self, engine: Engine, group: str) -> None:
        engine.create(REGISTRY, PREMIUM)
        result, problems = engine.invoke(
            "azure-native:containerregistry:getRegistry", {"resourceGroupName": "rg", "registryName": "contoso"}
        )
        assert problems == []
        assert result["id"] == REGISTRY_ID
        assert result["azureApiVersion"] == "2023-01-01-preview"

    def test_wrong_arguments_are_told_at_once(self, engine: Engine) -> None:
        _, problems = engine.invoke("azure-native:containerregistry:getRegistry", {"registryNam": 5})
        assert len(problems) == 3
        assert problems[0].startswith("registryNam: there is no such property; did you mean 'registryName'?")

    def test_what_is_not_there_is_an_error(self, engine: Engine) -> None:
        with pytest.raises(grpc.RpcError, match="404 Not Found"):
            engine.invoke(
                "azure-native:containerregistry:getRegistry", {"resourceGroupName": "rg", "registryName": "contoso"}
            )

    def test_another_function_is_named(self, engine: Engine) -> None:
        with pytest.raises(grpc.RpcError, match="does not serve azure-native:storage:getStorageAccount"):
            engine.invoke("azure-native:storage:getStorageAccount", {})


class TestProtocol:
    def test_the_version_is_the_sdks(self, fresh: Engine) -> None:
        assert fresh.stub.GetPluginInfo(EMPTY).version == "3.29.0"

    def test_secrets_and_outputs_are_left_to_the_engine(self, fresh: Engine) -> None:
        answer = fresh.stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
        assert not any([answer.accept_secrets, answer.accept_outputs, answer.accept_resources])
        assert answer.supports_autonaming_configuration

    def test_the_schema_is_asked_for_without_a_stack(self, fresh: Engine) -> None:
        assert '"azure-native:network:PrivateEndpoint"' in fresh.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema

    def test_secret_outputs_are_secret(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        info = TypeInfo(GROUP, "", "resourceGroupName", ("resourceGroupName",), secret_outputs=frozenset({"key"}))
        monkeypatch.setattr(Cloud, "served", lambda _: {GROUP: info})
        monkeypatch.setattr(Cloud, "read", lambda *_: Resource(GROUP_ID, GROUP, {}, {"name": "rg", "key": "s3"}))
        answer = engine.stub.Read(provider_pb2.ReadRequest(urn=urn(GROUP), id=GROUP_ID))
        assert answer.properties.fields["key"].struct_value.fields["value"].string_value == "s3"
        assert answer.properties.fields["name"].string_value == "rg"
