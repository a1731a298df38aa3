"""What is refused of a registry's settings in Alibaba Cloud, beside the nearest setting that is right."""

from __future__ import annotations

from typing import Any

import pytest
from private_registry.alibaba.changes import without_effect
from private_registry.alibaba.checks import check_enterprise_registry, check_shared_vpc_access
from private_registry.problems import UNKNOWN

RIGHT: dict[str, Any] = {
    "instance_name": "contoso",
    "instance_type": "Advanced",
    "region": "ap-northeast-1",
    "settings": {"period_months": 12, "renewal_months": 0, "namespace_quota": 5, "repository_quota": 1000},
    "namespaces": {"apps": {"repositories": {"web": {}}}},
    "internet_access": {"entries": ["203.0.113.0/24", "198.51.100.7"]},
    "vpc_links": {
        "given": {"vpc_id": "vpc-1", "vswitch_id": "vsw-1"},
        "made": {"vpc_cidr_block": "10.4.0.0/16", "vswitch_cidr_block": "10.4.0.0/24", "zone_id": "ap-northeast-1a"},
    },
    "sync_rules": {
        "copy": {
            "namespace": "apps",
            "target_region": "ap-southeast-1",
            "target_instance_id": "cri-2",
            "target_namespace": "apps",
        }
    },
    "tags": {"owner": "platform"},
}


def test_what_is_right_is_accepted() -> None:
    assert check_enterprise_registry(RIGHT) == []


def test_what_is_not_known_yet_is_not_judged() -> None:
    link = {"vpc_id": UNKNOWN, "vswitch_id": UNKNOWN}
    unknown = {"instance_name": UNKNOWN, "vpc_links": {"a": link, "b": link}, "internet_access": {"entries": UNKNOWN}}
    assert check_enterprise_registry(RIGHT | unknown) == []
    some = {"internet_access": {"entries": [UNKNOWN, "203.0.113.9"]}}
    assert check_enterprise_registry(RIGHT | some) == []


def made(**change: str) -> dict[str, Any]:
    return {"vpc_links": {"a": RIGHT["vpc_links"]["made"] | change}}


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"instance_name": "Contoso"}, "instance_name", "3 to 30 lower-case letters"),
    ({"instance_type": "advanced"}, "instance_type", "must be one of Economy, Basic, Standard, Advanced"),
    ({"instance_type": "Personal"}, "instance_type", "cannot be Personal Edition"),
    ({"region": "ap-northeast1"}, "region", "is not a region"),
    ({"settings": {"period_months": 5}}, "settings.period_months", "must be one of 1, 2, 3, 6"),
    ({"settings": {"renewal_months": 5}}, "settings.renewal_months", "must be one of 1, 2, 3, 6"),
    ({"settings": {"image_scanner": "Trivy"}}, "settings.image_scanner", "must be one of ACR, SAS, DISABLE"),
    ({"settings": {"namespace_quota": 7}}, "settings.namespace_quota", "a multiple of 5"),
    ({"settings": {"repository_quota": 500}}, "settings.repository_quota", "a multiple of 1000"),
    ({"settings": {"vpc_quota": 101}}, "settings.vpc_quota", "0 to 100"),
    ({"namespaces": {"apps": {}, "-x": {}}}, 'namespaces["-x"]', "2 to 120"),
    ({"namespaces": {"apps": {"repositories": {"W": {}}}}}, 'namespaces["apps"].repositories["W"]', "2 to 64"),
    ({"internet_access": {"entries": []}}, "internet_access.entries", "open to everybody"),
    ({"internet_access": {"entries": ["0.0.0.0/0"]}}, "internet_access.entries[0]", "lets everybody in"),
    ({"internet_access": {"entries": ["127.0.0.1/32"]}}, "internet_access.entries[0]", "the service's own entry"),
    ({"internet_access": {"entries": ["10.0.0.0/8"]}}, "internet_access.entries[0]", "must be public"),
    ({"internet_access": {"entries": ["203.0.0.0/16"]}}, "internet_access.entries[0]", "no wider than /24"),
    ({"vpc_links": {"a": {"vpc_id": "vpc-1"}}}, 'vpc_links["a"].vswitch_id', "is needed beside"),
    ({"vpc_links": {"a": {}}}, 'vpc_links["a"]', "names no VPC"),
    ({"vpc_links": {"a": {"vpc_id": "vsw-1", "vswitch_id": "vsw-1"}}}, 'vpc_links["a"].vpc_id', "id of a VPC"),
    ({"tags": {"aliyun-x": "1"}}, 'tags["aliyun-x"]', "must not begin with aliyun"),
    ({"region": "AP-NORTHEAST-1", "vpc_links": {}}, "region", "must be written as Alibaba Cloud writes it"),
    ({"settings": {"custom_oss_bucket": "My_Bucket"}}, "settings.custom_oss_bucket", "3 to 63 lower-case"),
    ({"internet_access": {"entries": ["128.0.0.0/2"]}}, "internet_access.entries[0]", "which is not public"),
    ({"internet_access": {"entries": ["::/0"]}}, "internet_access.entries[0]", "an IPv4 address or range"),
    ({"internet_access": {"entries": ["2001:db8::/64"]}}, "internet_access.entries[0]", "an IPv4 address or range"),
    ({"internet_access": {"entries": ["203.0.113.5", "203.0.113.5/32"]}}, "internet_access.entries[1]", "repeats"),
    (made(zone_id="ap-northeast-1"), 'vpc_links["a"].zone_id', "is not a zone of ap-northeast-1"),
    (made(zone_id="ap-northeast-10a"), 'vpc_links["a"].zone_id', "is not a zone of ap-northeast-1"),
    (made(vpc_cidr_block="10.0.0.0/7"), 'vpc_links["a"].vpc_cidr_block', "a range of /8 to /28"),
    (made(vswitch_cidr_block="10.4.0.0/30"), 'vpc_links["a"].vswitch_cidr_block', "a range of /16 to /29"),
]


@pytest.mark.parametrize(("change", "field", "rule"), WRONG, ids=[f"{field}-{rule[:12]}" for _, field, rule in WRONG])
def test_what_is_wrong_is_named(change: dict[str, Any], field: str, rule: str) -> None:
    (problem,) = check_enterprise_registry(RIGHT | change)
    assert problem.field == field
    assert rule in problem.rule
    assert problem.fix


def test_the_hidden_entry_hides_no_other_problem() -> None:
    access = {"entries": ["127.0.0.1/32", "203.0.113.0/24", "0.0.0.0/0"]}
    found = check_enterprise_registry(RIGHT | {"internet_access": access})
    assert [p.field for p in found] == ["internet_access.entries[0]", "internet_access.entries[2]"]


@pytest.mark.parametrize("half", ["0.0.0.0/1", "128.0.0.0/1"])
def test_halves_of_the_internet_are_everybody_even_where_wide_entries_are_accepted(half: str) -> None:
    access = {"entries": [half], "allow_wide_entries": True}
    (problem,) = check_enterprise_registry(RIGHT | {"internet_access": access})
    assert "half of the internet" in problem.rule
    access = {"entries": ["203.0.0.0/16"], "allow_wide_entries": True}
    assert check_enterprise_registry(RIGHT | {"internet_access": access}) == []


def test_a_created_place_must_fit_together() -> None:
    link = {
        "vpc_cidr_block": "10.4.0.0/16",
        "vswitch_cidr_block": "10.5.0.0/24",
        "zone_id": "cn-hangzhou-j",
        "vpc_id": "vpc-1",
        "vswitch_id": "vsw-1",
    }
    mixed = {p.field for p in check_enterprise_registry(RIGHT | {"vpc_links": {"a": link}})}
    assert mixed >= {f'vpc_links["a"].{name}' for name in ("vpc_cidr_block", "vswitch_cidr_block", "zone_id")}
    del link["vpc_id"], link["vswitch_id"]
    rules = {p.field: p.rule for p in check_enterprise_registry(RIGHT | {"vpc_links": {"a": link}})}
    assert "must lie in" in rules['vpc_links["a"].vswitch_cidr_block']
    assert "is not a zone of ap-northeast-1" in rules['vpc_links["a"].zone_id']


@pytest.mark.parametrize("block", ["100.64.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/8"])
def test_a_vpc_has_no_range_that_is_taken(block: str) -> None:
    found = check_enterprise_registry(RIGHT | made(vpc_cidr_block=block, vswitch_cidr_block="10.4.0.0/24"))
    assert any(p.field == 'vpc_links["a"].vpc_cidr_block' and "which no VPC may have" in p.rule for p in found)


@pytest.mark.parametrize("zone", ["ap-northeast-1a", "ap-northeast-1-a"])
def test_both_ways_of_writing_a_zone_are_accepted(zone: str) -> None:
    assert check_enterprise_registry(RIGHT | made(zone_id=zone)) == []


def test_a_vpc_is_bound_once() -> None:
    link = {"vpc_id": "vpc-1", "vswitch_id": "vsw-1"}
    (problem,) = check_enterprise_registry(RIGHT | {"vpc_links": {"a": link, "b": link}})
    assert "is bound by 'a' already" in problem.rule


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"namespace": "other"}, "namespace"),
        ({"target_region": "ap-northeast-1"}, "target_region"),
        ({"target_region": "tokyo"}, "target_region"),
        ({"target_instance_id": "contoso"}, "target_instance_id"),
        ({"repository": "web"}, "target_repository"),
        ({"target_repository": "web"}, "repository"),
    ],
)
def test_a_sync_rule_copies_what_is_declared_to_another_region(change: dict[str, Any], field: str) -> None:
    rules = {"copy": RIGHT["sync_rules"]["copy"] | change}
    (problem,) = check_enterprise_registry(RIGHT | {"sync_rules": rules})
    assert problem.field == f'sync_rules["copy"].{field}'


SHARED: dict[str, Any] = {
    "login_server": "contoso-registry-vpc.ap-northeast-1.cr.aliyuncs.com",
    "registry_address": "10.4.0.1",
    "registry_vpc": {
        "region": "ap-northeast-1",
        "vpc_id": "vpc-1",
        "cidr_block": "10.4.0.0/16",
        "route_table_id": "vtb-1",
        "vswitches": {"ap-northeast-1a": "vsw-1"},
    },
    "client_vpc": {
        "region": "ap-southeast-1",
        "vpc_id": "vpc-2",
        "cidr_block": "10.9.0.0/16",
        "route_table_id": "vtb-2",
        "vswitches": {"ap-southeast-1a": "vsw-2"},
    },
}


def test_sharing_that_is_right_is_accepted() -> None:
    assert check_shared_vpc_access(SHARED) == []
    assert check_shared_vpc_access(SHARED | {"service_ranges": ["100.114.211.0/24"]}) == []
    other = {"registry_account_id": "1", "client_provider": {"account_id": "2", "role_arn": "acs:ram::2:role/x"}}
    assert check_shared_vpc_access(SHARED | other) == []
    assert check_shared_vpc_access(SHARED | {"login_server": UNKNOWN, "registry_address": UNKNOWN}) == []


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"login_server": "contoso-registry.ap-northeast-1.cr.aliyuncs.com"}, "login_server", "the VPC host"),
        ({"login_server": "crpi-a-vpc.ap-northeast-1.personal.cr.aliyuncs.com"}, "login_server", "Enterprise Edition"),
        ({"login_server": "contoso-registry-vpc.cn-beijing.cr.aliyuncs.com"}, "login_server", "in cn-beijing"),
        ({"registry_address": "10.9.0.1"}, "registry_address", "of the bound VPC"),
        (
            {"client_vpc": SHARED["client_vpc"] | {"cidr_block": "10.4.128.0/17"}},
            "client_vpc.cidr_block",
            "overlaps the bound VPC's",
        ),
        ({"client_vpc": SHARED["client_vpc"] | {"vswitches": {}}}, "client_vpc.vswitches", "at least one"),
        (
            {"client_vpc": SHARED["client_vpc"] | {"vswitches": {"cn-beijing-a": "vsw-1"}}},
            'client_vpc.vswitches["cn-beijing-a"]',
            "is not a zone of ap-southeast-1",
        ),
        ({"client_vpc": SHARED["client_vpc"] | {"vpc_id": "vpc-1"}}, "client_vpc.vpc_id", "the bound VPC itself"),
        ({"client_vpc": SHARED["client_vpc"] | {"vpc_id": "mine"}}, "client_vpc.vpc_id", "the id of a VPC"),
        (
            {"client_vpc": SHARED["client_vpc"] | {"route_table_id": "rtb-1"}},
            "client_vpc.route_table_id",
            "the id of a route table",
        ),
        (
            {"client_vpc": SHARED["client_vpc"] | {"cidr_block": "100.64.0.0/16"}},
            "client_vpc.cidr_block",
            "which no VPC may have",
        ),
        (
            {"client_vpc": SHARED["client_vpc"] | {"vswitches": {"ap-southeast-1a": "vpc-2"}}},
            'client_vpc.vswitches["ap-southeast-1a"]',
            "the id of a vSwitch",
        ),
        ({"cen_id": "mine"}, "cen_id", "the id of a CEN instance"),
        ({"bandwidth_mbps": 0}, "bandwidth_mbps", "1 or more"),
        ({"service_ranges": ["100.114.211.0/24"] * 2}, "service_ranges[1]", "is given twice"),
        ({"service_ranges": ["10.0.0.0/8"]}, "service_ranges[0]", "inside 100.64.0.0/10"),
        ({"service_ranges": ["100.64.0.0/10"]}, "service_ranges[0]", "the VPC's own name server"),
        ({"client_provider": {"account_id": "2", "role_arn": "acs:ram::2:role/x"}}, "registry_account_id", "is needed"),
        (
            {"registry_account_id": "1", "client_provider": {"account_id": "2"}},
            "client_provider.account_id",
            "the stack's own login cannot manage",
        ),
        ({"client_provider": {"role_arn": "role/x"}}, "client_provider.role_arn", "must be the ARN"),
    ],
)
def test_sharing_that_is_wrong_is_named(change: dict[str, Any], field: str, rule: str) -> None:
    (problem,) = check_shared_vpc_access(SHARED | change)
    assert problem.field == field
    assert rule in problem.rule


def test_a_client_in_the_bound_vpc_hides_no_wrong_address() -> None:
    same = {"client_vpc": SHARED["client_vpc"] | {"vpc_id": "vpc-1"}, "registry_address": "ten"}
    found = check_shared_vpc_access(SHARED | same)
    assert [p.field for p in found] == ["client_vpc.vpc_id", "registry_address"]


def test_changes_without_effect() -> None:
    bought = {"instanceType": "Basic", "period": 1.0, "instanceName": "a", "tags": {"a": "b"}}
    same = {"instanceType": "Basic", "period": 1, "instanceName": "b", "tags": {}}
    assert without_effect(bought, same, lambda _: False) == []
    (told,) = without_effect(bought, bought | {"vpcQuota": 2}, lambda _: False)
    assert told.text().startswith("vpc_quota: not set → 2 would be reported as an update and change nothing")
    (told,) = without_effect(bought | {"customOssBucket": "mine"}, bought, lambda _: False)
    assert told.text().startswith('custom_oss_bucket: "mine" → not set')


def test_what_a_preview_does_not_know_is_no_change() -> None:
    unknown = object()
    assert without_effect({"customOssBucket": "mine"}, {"customOssBucket": unknown}, lambda v: v is unknown) == []


def test_the_first_period_of_an_imported_instance_is_no_change() -> None:
    assert without_effect({"instanceType": "Basic"}, {"instanceType": "Basic", "period": 12}, lambda _: False) == []
