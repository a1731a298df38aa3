"""alicloud as the engine meets it: which stacks it serves, what it checks, what replaces, what a preview knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from localcloud.provider.alicloud import AlicloudProvider
from localcloud.provider.serving import MARKER
from localcloud.provider.values import UNKNOWN
from pulumi.runtime.proto import provider_pb2

from tests.localcloud.provider_kit import Engine, details_of, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INSTANCE = "alicloud:cr/registryEnterpriseInstance:RegistryEnterpriseInstance"
ENDPOINT = "alicloud:cr/internetEndpoint:InternetEndpoint"
NAMESPACE = "alicloud:cs/registryEnterpriseNamespace:RegistryEnterpriseNamespace"
LOCAL = {"protocol": MARKER, "region": "ap-northeast-1"}
BOUGHT: dict[str, Any] = {
    "instanceName": "contoso",
    "instanceType": "Basic",
    "paymentType": "Subscription",
    "period": 1,
}


def configure(engine: Engine, **config: str) -> Engine:
    variables = {f"alicloud:config:{key}": value for key, value in config.items()}
    engine.stub.Configure(provider_pb2.ConfigureRequest(variables=variables))
    return engine


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setenv("LOCALCLOUD_FILE", str(tmp_path / "cloud.sqlite"))
    with serving(AlicloudProvider()) as served:
        yield configure(served, **LOCAL)


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"region": "ap-northeast-1"}, "alicloud:protocol is not set"),
        (LOCAL | {"protocol": "HTTPS"}, "alicloud:protocol is 'HTTPS'"),
        ({"protocol": MARKER}, "alicloud:region is not set"),
    ],
)
def test_only_marked_stacks_are_served(engine: Engine, config: dict[str, str], told: str) -> None:
    (problem,) = engine.check_config(**config)
    assert told in problem
    with pytest.raises(grpc.RpcError) as caught:
        configure(engine, **config)
    assert told in details_of(caught.value)


def test_a_marked_stack_is_served(engine: Engine) -> None:
    assert engine.check_config(**LOCAL) == []


def test_another_region_or_account_is_another_provider(engine: Engine) -> None:
    def replaces(**news: str) -> list[str]:
        from localcloud.provider.values import encode

        request = provider_pb2.DiffRequest(old_inputs=encode(LOCAL), news=encode({**LOCAL, **news}))
        return list(engine.stub.DiffConfig(request).replaces)

    assert replaces(region="cn-beijing") == ["region"]
    assert replaces(accountId="2") == ["accountId"]
    assert replaces(profile="other") == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"instanceType": "Huge"}, "must be one of Basic, Standard, Advanced, Economy"),
        ({"period": 5}, "must be one of 1, 2, 3, 6"),
        ({"renewalStatus": "Never"}, "renewalStatus"),
        ({"instanceNam": "x"}, "did you mean 'instanceName'"),
    ],
)
def test_inputs_are_checked_by_the_sdk_and_the_provider(engine: Engine, change: dict[str, Any], told: str) -> None:
    assert engine.check(INSTANCE, BOUGHT)[1] == []
    (problem,) = engine.check(INSTANCE, BOUGHT | change)[1]
    assert told in problem


def test_what_is_not_known_yet_is_right(engine: Engine) -> None:
    assert engine.check(INSTANCE, BOUGHT | {"instanceType": UNKNOWN, "period": UNKNOWN})[1] == []


def test_a_namespace_without_a_name_gets_the_resources(engine: Engine) -> None:
    inputs, problems = engine.check(NAMESPACE, {"instanceId": "cri-1"})
    assert problems == []
    assert inputs["name"].startswith("thing")
    assert engine.check(NAMESPACE, {"instanceId": "cri-1"}, old=inputs)[0] == inputs


def test_a_preview_knows_what_the_program_says_and_what_was_there(engine: Engine) -> None:
    _, foreseen = engine.create(INSTANCE, BOUGHT, preview=True)
    assert foreseen["instanceName"] == "contoso"
    assert foreseen["instanceEndpoints"] is UNKNOWN
    assert "tags" not in foreseen
    id, outputs = engine.create(INSTANCE, BOUGHT)
    later = engine.update(INSTANCE, id, outputs, BOUGHT | {"tags": {"a": "b"}}, preview=True)
    assert later["instanceEndpoints"] == outputs["instanceEndpoints"]
    assert later["tags"] == {"a": "b"}


@pytest.mark.parametrize(
    ("change", "replaces"),
    [
        ({"instanceName": "other"}, ["instanceName"]),
        ({"renewalStatus": "AutoRenewal"}, ["renewalStatus"]),
        ({"instanceType": "Advanced"}, []),
        ({"tags": {"a": "b"}}, []),
    ],
)
def test_what_replaces_an_instance(engine: Engine, change: dict[str, Any], replaces: list[str]) -> None:
    found = engine.diff(INSTANCE, BOUGHT, BOUGHT | change, BOUGHT)
    assert list(found.replaces) == replaces
    assert set(found.diffs) == set(change)


def test_a_change_without_effect_is_reported_for_ever_where_the_service_tells(engine: Engine) -> None:
    id, outputs = engine.create(INSTANCE, BOUGHT)
    wanted = BOUGHT | {"instanceType": "Advanced"}
    outputs = engine.update(INSTANCE, id, outputs, wanted)
    assert outputs["instanceType"] == "Basic"
    assert list(engine.diff(INSTANCE, wanted, wanted, outputs).diffs) == ["instanceType"]
    wanted = BOUGHT | {"imageScanner": "SAS"}
    outputs = engine.update(INSTANCE, id, outputs, wanted)
    assert not engine.diff(INSTANCE, wanted, wanted, outputs).diffs, "and in silence where it does not"


def test_the_order_of_entries_means_nothing_and_the_services_own_is_a_difference_for_ever(engine: Engine) -> None:
    instance, _ = engine.create(INSTANCE, BOUGHT)
    entries = [{"entry": "203.0.113.0/28"}, {"entry": "198.51.100.0/28"}]
    inputs = {"instanceId": instance, "entries": entries}
    id, outputs = engine.create(ENDPOINT, inputs)
    assert id == instance
    assert not engine.diff(ENDPOINT, inputs, inputs | {"entries": entries[::-1]}, outputs).diffs
    hidden = {"instanceId": instance, "entries": [*entries, {"entry": "127.0.0.1/32", "comment": "default"}]}
    outputs = engine.update(ENDPOINT, id, outputs, hidden)
    assert list(engine.diff(ENDPOINT, hidden, hidden, outputs).diffs) == ["entries"]


def test_a_refresh_brings_what_changed_and_an_import_what_can_be_set(engine: Engine) -> None:
    id, outputs = engine.create(INSTANCE, BOUGHT | {"tags": {"a": "b"}})
    _, inputs, same = engine.read(INSTANCE, id, BOUGHT | {"tags": {"a": "b"}}, outputs)
    assert (inputs, same) == (BOUGHT | {"tags": {"a": "b"}}, outputs)
    _, imported, _ = engine.read(INSTANCE, id)
    assert imported["instanceName"] == "contoso"
    assert "instanceEndpoints" not in imported
    engine.delete(INSTANCE, id)
    assert engine.read(INSTANCE, id)[0] == ""


def test_functions(engine: Engine) -> None:
    assert engine.invoke("alicloud:index/getAccount:getAccount", {}) == ({"id": "1000000000000001"}, [])
    instance, _ = engine.create(INSTANCE, BOUGHT)
    service = "alicloud:cr/getEndpointAclService:getEndpointAclService"
    with pytest.raises(grpc.RpcError) as caught:
        engine.invoke(service, {"instanceId": instance, "endpointType": "internet", "enable": True})
    assert "in previews too" in details_of(caught.value)
    with pytest.raises(grpc.RpcError) as caught:
        engine.invoke("alicloud:cr/getRepos:getRepos", {})
    assert "does not serve" in details_of(caught.value)


def test_what_a_program_leaves_out_stays_where_the_cloud_says_it_anyway(engine: Engine) -> None:
    # An import or a refresh brings it in; Terraform's optional and computed attributes show no difference then.
    id, outputs = engine.create(INSTANCE, BOUGHT)
    _, imported, _ = engine.read(INSTANCE, id)
    assert imported["resourceGroupId"]
    assert not engine.diff(INSTANCE, imported, {**imported, "resourceGroupId": outputs["resourceGroupId"]}).diffs
    without = {name: value for name, value in imported.items() if name != "resourceGroupId"}
    assert not engine.diff(INSTANCE, imported, without, outputs).diffs
    tagged = imported | {"tags": {"a": "b"}}
    assert list(engine.diff(INSTANCE, tagged, imported, outputs).diffs) == ["tags"]
