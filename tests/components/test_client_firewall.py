"""ClientFirewall: exact hosts, the wildcard only in a migration, and steps out of order refused."""

from __future__ import annotations

import datetime
import gc
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pytest
from private_registry import ClientFirewall
from private_registry.azure.checks.client_firewall import check_client_firewall
from private_registry.problems import UNKNOWN, InvalidArgumentsError

from tests.components.graph import Graph, run

TODAY = datetime.date(2026, 6, 1)
LATER = (datetime.date.today() + datetime.timedelta(days=30)).isoformat()
CONTOSO = {"login_server": "contoso.azurecr.io", "location": "Japan East"}
HOSTS = ["contoso.azurecr.io", "contoso.japaneast.data.azurecr.io"]
POLICY = {"resource_group_name": "network", "firewall_policy_name": "egress"}
GROUP = {"resource_group_name": "network", "network_security_group_name": "build-agents"}


@pytest.fixture(params=[False, True], ids=["up", "preview"])
def declare(request: pytest.FixtureRequest) -> Callable[[Mapping[str, Any]], Graph]:
    """Declares a ClientFirewall named fw, in an update and in a preview."""

    def program(args: Mapping[str, Any]) -> dict[str, Any]:
        firewall = ClientFirewall("fw", args)  # pyright: ignore[reportArgumentType]
        return {what: getattr(firewall, what) for what in ("hosts", "sign_in_hosts", "phase", "wildcard")}

    return lambda args: run(lambda: program(args), preview=request.param)


Declare = Callable[[Mapping[str, Any]], Graph]


def fqdns(inputs: Mapping[str, Any]) -> list[str]:
    return [
        host for collection in inputs["ruleCollections"] for rule in collection["rules"] for host in rule["targetFqdns"]
    ]


class TestOnAnAzureFirewall:
    def test_exact_hosts_of_several_registries(self, declare: Declare) -> None:
        other = {"login_server": "fabrikam.azurecr.io", "location": "westeurope", "replicas": ["North Europe"]}
        graph = declare({**POLICY, "registries": {"contoso": CONTOSO, "fabrikam": other}})
        assert graph.names == {"fw-rules"}
        inputs = graph["fw-rules"].inputs
        assert graph["fw-rules"].type == "azure-native:network:FirewallPolicyRuleCollectionGroup"
        assert (inputs["resourceGroupName"], inputs["firewallPolicyName"], inputs["priority"]) == (
            "network",
            "egress",
            200,
        )
        (collection,) = inputs["ruleCollections"]
        assert collection["action"] == {"type": "Allow"}
        assert [rule["name"] for rule in collection["rules"]] == ["contoso", "fabrikam"]
        assert all(rule["protocols"] == [{"protocolType": "Https", "port": 443}] for rule in collection["rules"])
        expected = [
            *HOSTS,
            "fabrikam.azurecr.io",
            "fabrikam.westeurope.data.azurecr.io",
            "fabrikam.northeurope.data.azurecr.io",
        ]
        assert fqdns(inputs) == expected
        assert graph.outputs == {
            "hosts": expected,
            "sign_in_hosts": ["login.microsoftonline.com", "management.azure.com"],
            "phase": "clean_up",
            "wildcard": "",
        }

    @pytest.mark.parametrize(("phase", "moved"), [("announce", False), ("switch", True), ("switch", False)])
    def test_the_migration_keeps_the_wildcard_in_a_group_of_its_own(
        self, declare: Declare, phase: str, moved: bool
    ) -> None:
        registries = {"contoso": {**CONTOSO, "data_endpoint_enabled": moved}}
        graph = declare({**POLICY, "registries": registries, "phase": phase, "wildcard_expires": LATER})
        rules, migration = graph["fw-rules"].inputs, graph["fw-migration"].inputs
        assert fqdns(rules) == HOSTS
        assert fqdns(migration) == ["*.blob.core.windows.net"]
        assert migration["ruleCollections"][0]["name"] == f"container-registries-blob-until-{LATER}"
        assert migration["priority"] == rules["priority"] + 1
        assert (graph.outputs["phase"], graph.outputs["wildcard"]) == (phase, "*.blob.core.windows.net")
        assert graph.outputs["hosts"] == HOSTS

    def test_announced_replicas_are_open_before_they_exist(self, declare: Declare) -> None:
        settings = {
            **CONTOSO,
            "replicas": ["eastasia"],
            "announced_replicas": ["westus2"],
            "data_endpoint_enabled": True,
        }
        graph = declare({**POLICY, "registries": {"contoso": settings}})
        assert fqdns(graph["fw-rules"].inputs)[2:] == [
            "contoso.eastasia.data.azurecr.io",
            "contoso.westus2.data.azurecr.io",
        ]

    def test_sources_priority_and_sign_in(self, declare: Declare) -> None:
        graph = declare(
            {
                **POLICY,
                "registries": {"contoso": CONTOSO},
                "source_addresses": ["10.1.0.0/24", pulumi.Output.from_input("10.2.0.0/24")],
                "priority": 310.0,
                "sign_in": True,
            }
        )
        inputs = graph["fw-rules"].inputs
        assert inputs["priority"] == 310
        (collection,) = inputs["ruleCollections"]
        assert [rule["name"] for rule in collection["rules"]] == ["contoso", "sign-in"]
        assert all(rule["sourceAddresses"] == ["10.1.0.0/24", "10.2.0.0/24"] for rule in collection["rules"])

    def test_outputs_of_other_resources(self, declare: Declare) -> None:
        settings = {**CONTOSO, "login_server": pulumi.Output.from_input("contoso-x1.azurecr.io")}
        graph = declare({**POLICY, "registries": {"contoso": settings}})
        assert fqdns(graph["fw-rules"].inputs) == [
            "contoso-x1.azurecr.io",
            "contoso-x1.japaneast.data.azurecr.io",
        ]

    def test_sovereign_clouds(self, declare: Declare) -> None:
        china = {"login_server": "contoso.azurecr.cn", "location": "chinaeast2"}
        graph = declare({**POLICY, "registries": {"contoso": china}, "phase": "announce", "wildcard_expires": LATER})
        assert graph.outputs["wildcard"] == "*.blob.core.chinacloudapi.cn"
        assert fqdns(graph["fw-rules"].inputs)[1] == "contoso.chinaeast2.data.azurecr.cn"


class TestOnASecurityGroup:
    def test_regional_tags_one_a_rule(self, declare: Declare) -> None:
        graph = declare({**GROUP, "registries": {"contoso": {**CONTOSO, "replicas": ["eastasia"]}}})
        assert {name: graph[name].inputs["destinationAddressPrefix"] for name in graph.names} == {
            "fw-japaneast": "AzureContainerRegistry.JapanEast",
            "fw-eastasia": "AzureContainerRegistry.EastAsia",
        }
        rule = graph["fw-japaneast"].inputs
        assert rule == {
            "resourceGroupName": "network",
            "networkSecurityGroupName": "build-agents",
            "priority": rule["priority"],
            "direction": "Outbound",
            "access": "Allow",
            "protocol": "Tcp",
            "sourceAddressPrefix": "*",
            "sourcePortRange": "*",
            "destinationAddressPrefix": "AzureContainerRegistry.JapanEast",
            "destinationPortRange": "443",
        }

    def test_private_addresses(self, declare: Declare) -> None:
        addresses = dict(zip(HOSTS, ["10.0.0.5", "10.0.0.4"], strict=True))
        settings = {**CONTOSO, "private_ips": pulumi.Output.from_input(addresses)}
        graph = declare({**GROUP, "registries": {"contoso": settings}, "sign_in": True})
        assert graph.names == {
            "fw-private-endpoint",
            "fw-sign-in-azureactivedirectory",
            "fw-sign-in-azureresourcemanager",
        }
        assert graph["fw-private-endpoint"].inputs["destinationAddressPrefixes"] == ["10.0.0.4", "10.0.0.5"]

    def test_a_migration_opens_both_paths_and_storage(self, declare: Declare) -> None:
        addresses = dict.fromkeys(HOSTS, "10.0.0.5")
        settings = {**CONTOSO, "private_ips": addresses, "data_endpoint_enabled": True}
        graph = declare({**GROUP, "registries": {"contoso": settings}, "phase": "switch", "wildcard_expires": LATER})
        assert graph.names == {"fw-private-endpoint", "fw-japaneast", "fw-blob-japaneast"}
        assert graph["fw-blob-japaneast"].inputs["destinationAddressPrefix"] == "Storage.JapanEast"

    def test_a_new_replica_touches_no_other_rule(self, declare: Declare) -> None:
        before = declare({**GROUP, "registries": {"contoso": CONTOSO}})
        after = declare({**GROUP, "registries": {"contoso": {**CONTOSO, "announced_replicas": ["eastasia"]}}})
        assert before["fw-japaneast"].inputs == after["fw-japaneast"].inputs


def problems(**changes: Any) -> dict[str, str]:
    """What is wrong with the settings: field → rule."""
    args = {**POLICY, "registries": {"contoso": CONTOSO}, **changes}
    found = check_client_firewall({k: v for k, v in args.items() if v is not None}, TODAY)
    assert all(p.fix for p in found)
    return {p.field: p.rule for p in found}


def registry(**changes: Any) -> dict[str, Any]:
    return {"contoso": {**CONTOSO, **changes}}


class TestOrder:
    MIGRATION = {"wildcard_expires": "2026-06-30"}  # noqa: RUF012 - read only

    def test_sound_settings_have_no_problem(self) -> None:
        assert problems() == {}
        assert problems(phase="announce", **self.MIGRATION, registries=registry(data_endpoint_enabled=False)) == {}
        assert problems(phase="switch", **self.MIGRATION, registries=registry(data_endpoint_enabled=True)) == {}
        assert problems(phase="clean_up", registries=registry(data_endpoint_enabled=True)) == {}

    def test_switching_while_announcing_is_refused(self) -> None:
        found = problems(phase="announce", **self.MIGRATION, registries=registry(data_endpoint_enabled=True))
        assert "comes after the hosts are announced" in found['registries["contoso"].data_endpoint_enabled']

    @pytest.mark.parametrize("phase", [None, "clean_up"])
    def test_cleaning_up_before_the_switch_is_refused(self, phase: str | None) -> None:
        found = problems(phase=phase, registries=registry(data_endpoint_enabled=False))
        assert "pulls would break" in found['registries["contoso"].data_endpoint_enabled']

    def test_going_back_keeps_both_rule_sets(self) -> None:
        assert problems(phase="switch", **self.MIGRATION, registries=registry(data_endpoint_enabled=False)) == {}

    def test_what_is_not_known_is_not_judged(self) -> None:
        assert problems(phase="announce", **self.MIGRATION, registries=registry(data_endpoint_enabled=UNKNOWN)) == {}
        assert problems(registries=registry(data_endpoint_enabled=UNKNOWN, login_server=UNKNOWN)) == {}

    @pytest.mark.parametrize(
        ("changes", "field", "rule"),
        [
            ({"phase": "announce"}, "wildcard_expires", "is required in the phase 'announce'"),
            ({"phase": "switch", "wildcard_expires": "2026-05-31"}, "wildcard_expires", "has passed"),
            ({"phase": "switch", "wildcard_expires": "soon"}, "wildcard_expires", "must be a day"),
            ({"wildcard_expires": "2026-06-30"}, "wildcard_expires", "has no use in the phase 'clean_up'"),
            ({"phase": "cleanup"}, "phase", "must be one of announce, switch, clean_up"),
        ],
    )
    def test_phase_and_expiry(self, changes: dict[str, Any], field: str, rule: str) -> None:
        assert problems(**changes)[field].startswith(rule)

    def test_a_wrong_phase_hides_no_wrong_day(self) -> None:
        assert set(problems(phase="cleanup", wildcard_expires="soon")) == {"phase", "wildcard_expires"}
        assert set(problems(phase="cleanup", wildcard_expires="2020-01-01")) == {"phase"}

    def test_the_last_day_counts(self) -> None:
        assert problems(phase="switch", wildcard_expires="2026-06-01") == {}


class TestBadInput:
    @pytest.mark.parametrize(
        "changes",
        [{"network_security_group_name": "nsg"}, {"firewall_policy_name": None}],
        ids=["both", "neither"],
    )
    def test_one_firewall(self, changes: dict[str, Any]) -> None:
        assert "exclude each other" in problems(**changes)["firewall_policy_name"]

    @pytest.mark.parametrize(
        ("changes", "rule"),
        [
            ({"priority": 99}, "must be 100 to 64999"),
            ({"priority": 65000}, "must be 100 to 64999"),
            (
                {"priority": 3097, "firewall_policy_name": None, "network_security_group_name": "nsg"},
                "must be 100 to 3096",
            ),
        ],
    )
    def test_priority(self, changes: dict[str, Any], rule: str) -> None:
        assert problems(**changes)["priority"].startswith(rule)

    def test_no_registry(self) -> None:
        assert "must name at least one registry" in problems(registries={})["registries"]

    @pytest.mark.parametrize(
        ("changes", "field", "rule"),
        [
            ({"login_server": "contoso"}, "login_server", "must be a registry's login server"),
            ({"location": "japan"}, "location", "is not an Azure region"),
            ({"replicas": ["JapanEast"]}, "replicas[0]", "is the home region already"),
            ({"replicas": ["eastasia", "East Asia"]}, "replicas[1]", "is a replica already"),
            (
                {"replicas": ["eastasia"], "announced_replicas": ["eastasia"]},
                "announced_replicas[0]",
                "is a replica already",
            ),
            ({"replicas": ["chinaeast2"]}, "replicas[0]", "is a region of the cloud 'china', not of 'public'"),
            ({"private_ips": {}}, "private_ips", "has no use on an Azure Firewall"),
        ],
    )
    def test_registries(self, changes: dict[str, Any], field: str, rule: str) -> None:
        assert problems(registries=registry(**changes))[f'registries["contoso"].{field}'].startswith(rule)

    def test_private_ips_must_be_complete_addresses(self) -> None:
        on_group = {"firewall_policy_name": None, "network_security_group_name": "nsg"}
        incomplete = problems(**on_group, registries=registry(private_ips={"contoso.azurecr.io": "10.0.0.4"}))
        assert incomplete == {
            'registries["contoso"].private_ips': "lacks 'contoso.japaneast.data.azurecr.io', which clients of a private"
            " endpoint reach there"
        }
        wrong = problems(**on_group, registries=registry(private_ips=dict.fromkeys(HOSTS, "10.0.0")))
        assert set(wrong) == {f'registries["contoso"].private_ips["{host}"]' for host in HOSTS}

    def test_a_wrong_registry_hides_no_wrong_address(self) -> None:
        on_group = {"firewall_policy_name": None, "network_security_group_name": "nsg"}
        found = problems(**on_group, registries=registry(location="japan", private_ips={"contoso.azurecr.io": "ten"}))
        at = 'registries["contoso"]'
        assert set(found) == {f"{at}.location", f'{at}.private_ips["contoso.azurecr.io"]'}

    def test_everything_at_once_before_anything_is_registered(self, declare: Declare) -> None:
        bad = {
            **POLICY,
            "registries": {"contoso": {"login_server": "contoso", "location": "japan", "replica": []}},
            "phase": "announce",
            "priority": 1,
        }
        with pytest.raises(InvalidArgumentsError) as refused:
            declare(bad)
        text = str(refused.value)
        assert "ClientFirewall 'fw': 5 problems, nothing was registered" in text
        for word in ("login_server", "location", "`replicas`", "wildcard_expires", "priority"):
            assert word in text

    def test_unknown_hosts_are_judged_when_they_are_known(self, declare: Declare) -> None:
        settings = {**CONTOSO, "login_server": pulumi.Output.from_input("contoso.example.com")}
        with pytest.raises(pulumi.RunError, match="is not a login server"):
            declare({**POLICY, "registries": {"contoso": settings}})
        # The failures that nobody awaited are reported when they are collected, which must not be inside a parser:
        # reporting parses too, and Python 3.11 cannot nest that (python/cpython#106905).
        gc.collect()
