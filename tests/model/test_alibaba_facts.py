"""What is known of Alibaba Cloud, against answers written out by hand from its documentation."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from registry_model.alibaba import editions, limits, names, provider, regions
from registry_model.alibaba.editions import Edition
from registry_model.alibaba.names import AlibabaHost, Role, Way

# What the documentation and registries show, and what each is.
HOSTS = {
    "team-registry.ap-northeast-1.cr.aliyuncs.com": AlibabaHost(
        Role.REGISTRY, Way.INTERNET, "ap-northeast-1", "team", Edition.ENTERPRISE
    ),
    "team-registry-vpc.ap-northeast-1.cr.aliyuncs.com": AlibabaHost(
        Role.REGISTRY, Way.VPC, "ap-northeast-1", "team", Edition.ENTERPRISE
    ),
    "shanghai-instance1-registry.cn-shanghai.cr.aliyuncs.com": AlibabaHost(
        Role.REGISTRY, Way.INTERNET, "cn-shanghai", "shanghai-instance1", Edition.ENTERPRISE
    ),
    "a-registry-vpc-registry.cn-shanghai.cr.aliyuncs.com": AlibabaHost(
        Role.REGISTRY, Way.INTERNET, "cn-shanghai", "a-registry-vpc", Edition.ENTERPRISE
    ),
    "registry.cn-hangzhou.aliyuncs.com": AlibabaHost(
        Role.REGISTRY, Way.INTERNET, "cn-hangzhou", "registry", Edition.PERSONAL
    ),
    "registry-vpc.cn-hangzhou.aliyuncs.com": AlibabaHost(
        Role.REGISTRY, Way.VPC, "cn-hangzhou", "registry", Edition.PERSONAL
    ),
    "registry-intl.ap-southeast-1.aliyuncs.com": AlibabaHost(
        Role.REGISTRY, Way.INTERNET, "ap-southeast-1", "registry-intl", Edition.PERSONAL
    ),
    "registry-intl-vpc.ap-southeast-1.aliyuncs.com": AlibabaHost(
        Role.REGISTRY, Way.VPC, "ap-southeast-1", "registry-intl", Edition.PERSONAL
    ),
    "crpi-0123456789abcdef.cn-hangzhou.personal.cr.aliyuncs.com": AlibabaHost(
        Role.REGISTRY, Way.INTERNET, "cn-hangzhou", "crpi-0123456789abcdef", Edition.PERSONAL
    ),
    "crpi-0123456789abcdef-vpc.cn-hangzhou.personal.cr.aliyuncs.com": AlibabaHost(
        Role.REGISTRY, Way.VPC, "cn-hangzhou", "crpi-0123456789abcdef", Edition.PERSONAL
    ),
    # An Enterprise Edition instance may be called so.
    "crpi-mine-registry.cn-hangzhou.cr.aliyuncs.com": AlibabaHost(
        Role.REGISTRY, Way.INTERNET, "cn-hangzhou", "crpi-mine", Edition.ENTERPRISE
    ),
    "dockerauth-ee.cn-hangzhou.aliyuncs.com": AlibabaHost(
        Role.TOKEN, Way.INTERNET, "cn-hangzhou", "", Edition.ENTERPRISE
    ),
    "dockerauth-ee-vpc.cn-hangzhou.aliyuncs.com": AlibabaHost(
        Role.TOKEN, Way.VPC, "cn-hangzhou", "", Edition.ENTERPRISE
    ),
    "dockerauth-vpc.cn-chengdu.aliyuncs.com": AlibabaHost(Role.TOKEN, Way.VPC, "cn-chengdu"),
    "dockerauth-cn-zhangjiakou.aliyuncs.com": AlibabaHost(Role.TOKEN, Way.INTERNET, "cn-zhangjiakou"),
    "cri-abc123-registry.oss-cn-shanghai.aliyuncs.com": AlibabaHost(
        Role.STORAGE, Way.INTERNET, "cn-shanghai", "cri-abc123-registry"
    ),
    "cri-abc123-registry.oss-cn-shanghai-internal.aliyuncs.com": AlibabaHost(
        Role.STORAGE, Way.VPC, "cn-shanghai", "cri-abc123-registry"
    ),
    "*.oss-ap-northeast-1-internal.aliyuncs.com": AlibabaHost(Role.STORAGE, Way.VPC, "ap-northeast-1", "*"),
}


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_says_what_it_is(host: str) -> None:
    assert names.parse_host(host) == HOSTS[host]
    assert names.parse_host(f"{host.upper()}.") == HOSTS[host]


@pytest.mark.parametrize(
    "host",
    [
        "registry.example.com",  # a domain of the customer's own
        "contoso.azurecr.io",
        "team-registry.ap-northeast-1.cr.aliyuncs.com.evil.example",
        "cr.ap-northeast-1.aliyuncs.com",  # the API
        "oss-cn-shanghai.aliyuncs.com",  # OSS without a bucket
        "personal.cr.aliyuncs.com",
        "mine.cn-hangzhou.personal.cr.aliyuncs.com",
        "crpi-.cn-hangzhou.personal.cr.aliyuncs.com",
        "crpi-x.cn-hangzhou.personal.cr.aliyuncs.com.evil.example",
        "registry-internal.cn-hangzhou.aliyuncs.com",  # the classic network, which is no VPC
        "",
    ],
)
def test_other_hosts_are_none_of_alibabas(host: str) -> None:
    assert names.parse_host(host) is None


@pytest.mark.parametrize(
    ("made", "host"),
    [
        (names.registry_host("Team", "ap-northeast-1", Way.INTERNET), "team-registry.ap-northeast-1.cr.aliyuncs.com"),
        (names.registry_host("team", "ap-northeast-1", Way.VPC), "team-registry-vpc.ap-northeast-1.cr.aliyuncs.com"),
        (names.personal_host("cn-hangzhou", Way.INTERNET), "registry.cn-hangzhou.aliyuncs.com"),
        (names.personal_host("cn-hangzhou", Way.VPC), "registry-vpc.cn-hangzhou.aliyuncs.com"),
        (names.personal_host("us-east-1", Way.VPC, "registry-intl"), "registry-intl-vpc.us-east-1.aliyuncs.com"),
        (names.personal_host("us-east-1", Way.INTERNET, "crpi-a"), "crpi-a.us-east-1.personal.cr.aliyuncs.com"),
        (names.personal_host("us-east-1", Way.VPC, "crpi-a"), "crpi-a-vpc.us-east-1.personal.cr.aliyuncs.com"),
        (names.token_host("cn-hangzhou", Way.INTERNET), "dockerauth-ee.cn-hangzhou.aliyuncs.com"),
        (names.token_host("cn-hangzhou", Way.VPC), "dockerauth-ee-vpc.cn-hangzhou.aliyuncs.com"),
        (names.token_host("cn-chengdu", Way.VPC, Edition.PERSONAL), "dockerauth-vpc.cn-chengdu.aliyuncs.com"),
        (names.token_host("cn-chengdu", Way.INTERNET, Edition.PERSONAL), "dockerauth.cn-chengdu.aliyuncs.com"),
        (names.token_host("cn-zhangjiakou", Way.INTERNET), "dockerauth-cn-zhangjiakou.aliyuncs.com"),
        (names.token_host("cn-zhangjiakou", Way.VPC), "dockerauth-ee-vpc.cn-zhangjiakou.aliyuncs.com"),
        (
            names.storage_host(names.bucket_of("cri-abc123"), "cn-shanghai", Way.VPC),
            "cri-abc123-registry.oss-cn-shanghai-internal.aliyuncs.com",
        ),
        (names.storage_wildcard("cn-shanghai", Way.INTERNET), "*.oss-cn-shanghai.aliyuncs.com"),
    ],
)
def test_a_host_is_made_as_documented(made: str, host: str) -> None:
    assert made == host


@pytest.mark.parametrize(
    ("realm", "registry", "own"),
    [
        ("dockerauth-ee.cn-hangzhou.aliyuncs.com", "team-registry.cn-hangzhou.cr.aliyuncs.com", True),
        ("dockerauth.cn-hangzhou.aliyuncs.com", "team-registry.cn-hangzhou.cr.aliyuncs.com", True),
        ("dockerauth.cn-hangzhou.aliyuncs.com", "crpi-a.cn-hangzhou.personal.cr.aliyuncs.com", True),
        ("dockerauth-vpc.cn-hangzhou.aliyuncs.com", "crpi-a-vpc.cn-hangzhou.personal.cr.aliyuncs.com", True),
        ("dockerauth.cn-shanghai.aliyuncs.com", "crpi-a.cn-hangzhou.personal.cr.aliyuncs.com", False),
        ("crpi-b.cn-hangzhou.personal.cr.aliyuncs.com", "crpi-a.cn-hangzhou.personal.cr.aliyuncs.com", False),
        ("dockerauth-cn-zhangjiakou.aliyuncs.com", "team-registry.cn-zhangjiakou.cr.aliyuncs.com", True),
        ("dockerauth-ee-vpc.cn-hangzhou.aliyuncs.com", "team-registry-vpc.cn-hangzhou.cr.aliyuncs.com", True),
        ("dockerauth-ee.cn-shanghai.aliyuncs.com", "team-registry.cn-hangzhou.cr.aliyuncs.com", False),
        ("dockerauth-ee.cn-hangzhou.aliyuncs.com", "registry.example.com", False),
        ("dockerauth-ee.cn-hangzhou.aliyuncs.com.evil.example", "team-registry.cn-hangzhou.cr.aliyuncs.com", False),
        ("other-registry.cn-hangzhou.cr.aliyuncs.com", "team-registry.cn-hangzhou.cr.aliyuncs.com", False),
        ("mine.oss-cn-hangzhou.aliyuncs.com", "team-registry.cn-hangzhou.cr.aliyuncs.com", False),
    ],
)
def test_the_token_service_of_a_registry(realm: str, registry: str, own: bool) -> None:
    assert names.is_token_host(realm, registry) is own


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "*.com",
        "*.aliyuncs.com",
        "*aliyuncs.com",
        "*.oss-cn-shanghai.aliyuncs.com",
        "*.OSS-cn-shanghai-internal.aliyuncs.com",
        "*.oss-accelerate.aliyuncs.com",
        "*.cn-shanghai.oss.aliyuncs.com",
        "*.oss.aliyuncs.com",
        "*.cr.aliyuncs.com",
        "*.cn-shanghai.cr.aliyuncs.com",
        "*.personal.cr.aliyuncs.com",
        "*.cn-shanghai.personal.cr.aliyuncs.com",
    ],
)
def test_wildcards_that_open_what_others_own(pattern: str) -> None:
    assert names.is_wildcard(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "cri-abc123-registry.oss-cn-shanghai.aliyuncs.com",
        "team-registry.cn-shanghai.cr.aliyuncs.com",
        "crpi-a.cn-shanghai.personal.cr.aliyuncs.com",
        "*.example.com",
        "*.ecs.aliyuncs.com",
        "*.blob.core.windows.net",
    ],
)
def test_patterns_that_open_nobody_elses(pattern: str) -> None:
    assert not names.is_wildcard(pattern)


def test_every_range_of_storage_is_in_the_range_of_the_services() -> None:
    ranges = [each for region in regions.ALIBABA_REGIONS.values() for each in region.storage_ranges]
    assert all(each.subnet_of(limits.SERVICE_RANGE) for each in ranges)
    assert len(set(ranges)) == len(ranges)


def test_the_regions_of_the_documentation() -> None:
    tokyo = regions.find("AP-Northeast-1")
    assert tokyo is not None
    assert tokyo.display_name == "Japan (Tokyo)"
    assert tokyo.storage_ranges == (ip_network("100.114.211.0/24"), ip_network("100.114.114.0/25"))
    assert not tokyo.is_mainland
    assert regions.find("japaneast") is None
    assert regions.suggested_region("ap-norteast-1") == "'ap-northeast-1'"
    assert regions.suggested_region("ap-northeast-1") == ""
    assert [r for r in ("cn-shanghai", "cn-hongkong") if regions.ALIBABA_REGIONS[r].is_mainland] == ["cn-shanghai"]


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        (limits.INSTANCE_NAME, ["abc", "team-1", "a" * 30], ["ab", "a" * 31, "Team", "-team", "team-", "te_am"]),
        (limits.NAMESPACE_NAME, ["ab", "a.b-c_d", "a" * 120], ["a", "a" * 121, "Ab", ".ab", "ab-", "a/b"]),
        (limits.REPOSITORY_NAME, ["ab", "a--b", "a" * 64], ["a", "a" * 65, "_ab", "ab."]),
    ],
)
def test_names(rule, right: list[str], wrong: list[str]) -> None:
    assert [name for name in right if not rule.fullmatch(name)] == []
    assert [name for name in wrong if rule.fullmatch(name)] == []


def test_no_input_of_an_instance_both_replaces_and_does_nothing() -> None:
    assert not set(provider.WITHOUT_EFFECT) & set(provider.REPLACING)


def test_the_international_site_sells_types_that_exist() -> None:
    assert set(editions.INTERNATIONAL_TYPES) < set(editions.InstanceType)
