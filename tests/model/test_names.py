"""Properties of the names that every room computes from, and the documented examples."""

from __future__ import annotations

import ipaddress
import re

from hypothesis import given
from hypothesis import strategies as st
from registry_model.azure import names
from registry_model.azure.regions import REGIONS

PUBLIC_REGIONS = sorted(r for r, known in REGIONS.items() if known.cloud == "public")
registry_names = st.from_regex(r"[a-zA-Z0-9]{5,50}", fullmatch=True)
clouds = st.sampled_from(sorted(names.CLOUDS)).map(names.CLOUDS.__getitem__)
regions = st.sampled_from(sorted(REGIONS))
region_lists = st.lists(st.sampled_from(PUBLIC_REGIONS), max_size=6)


@st.composite
def spelled(draw: st.DrawFn) -> tuple[str, str]:
    """A region and one of the ways in which people write it."""
    region = REGIONS[draw(regions)]
    text = draw(st.sampled_from([region.name, region.display_name, region.name.upper(), f" {region.display_name} "]))
    return region.name, text


@given(spelled())
def test_every_spelling_of_a_region_is_one_region(pair: tuple[str, str]) -> None:
    region, text = pair
    assert names.normalise_region(text) == region


@given(st.text(max_size=30))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = names.normalise_region(text)
    assert names.normalise_region(once) == once


@given(registry_names, clouds)
def test_a_login_server_splits_into_what_it_was_made_of(name: str, cloud: names.Cloud) -> None:
    assert names.registry_name_problem(name) is None
    assert names.split_login_server(names.login_server(name, cloud)) == (name.lower(), cloud)


@given(st.text(max_size=60))
def test_a_name_is_right_exactly_when_azures_pattern_says_so(name: str) -> None:
    assert (names.registry_name_problem(name) is None) == bool(re.fullmatch(r"[a-zA-Z0-9]{5,50}", name))


@given(st.text(max_size=40))
def test_any_other_host_is_refused_with_a_reason(host: str) -> None:
    try:
        label, cloud = names.split_login_server(host)
    except ValueError as error:
        refusal = str(error)
    else:
        refusal = ""
        assert host.lower().rstrip(".") == f"{label}.{cloud.registry_suffix}"
    assert not refusal or "is not a login server" in refusal


@given(region_lists, st.sampled_from(PUBLIC_REGIONS), st.randoms())
def test_the_order_of_replicas_means_nothing(replicas: list[str], home: str, random) -> None:
    shuffled = list(replicas)
    random.shuffle(shuffled)
    assert names.all_regions(home, replicas) == names.all_regions(home, shuffled)
    assert names.all_regions(home, replicas)[0] == home
    assert len(set(names.all_regions(home, replicas))) == len(names.all_regions(home, replicas))


@given(registry_names, clouds, region_lists, st.sampled_from(PUBLIC_REGIONS))
def test_hosts_members_and_records_are_about_the_same_regions(
    name: str, cloud: names.Cloud, replicas: list[str], home: str
) -> None:
    server = names.login_server(name, cloud)
    hosts = names.client_hosts(server, home, replicas)
    members = names.private_link_members(home, replicas)
    records = names.private_dns_records(server, home, replicas)
    assert [r.host for r in records] == hosts
    assert [r.member for r in records] == members
    assert len(members) == names.addresses_needed(home, replicas)
    assert len(set(hosts)) == len(hosts)
    for record in records:
        assert record.zone == cloud.private_link_zone
        assert record.fqdn == names.private_fqdn(record.host)
        assert names.member_region(record.member) == (record.region or None)


@given(registry_names, clouds, st.sampled_from(PUBLIC_REGIONS))
def test_each_host_says_what_it_is(name: str, cloud: names.Cloud, region: str) -> None:
    server = names.login_server(name, cloud)
    for host, kind, where in (
        (server, "login server", ""),
        (names.data_endpoint(server, region), "data endpoint", region),
        (names.regional_endpoint(server, region), "regional endpoint", region),
    ):
        found = names.parse_host(host)
        assert found is not None
        assert (found.kind, found.region, found.cloud) == (kind, where, cloud)


@given(region_lists, st.sampled_from(PUBLIC_REGIONS))
def test_a_replica_more_takes_one_address_more_and_renames_nothing(replicas: list[str], home: str) -> None:
    spare = next(r for r in PUBLIC_REGIONS if r != home and r not in replicas)
    server = "contoso.azurecr.io"
    assert names.addresses_needed(home, [*replicas, spare]) == names.addresses_needed(home, replicas) + 1
    before = set(names.private_dns_records(server, home, replicas))
    assert before < set(names.private_dns_records(server, home, [*replicas, spare]))


@given(st.integers(min_value=0, max_value=32))
def test_usable_addresses(prefix: int) -> None:
    total = ipaddress.IPv4Network(f"0.0.0.0/{prefix}").num_addresses
    assert names.usable_addresses(f"0.0.0.0/{prefix}") == max(0, total - 5)


def test_the_documented_numbers_of_addresses() -> None:
    # learn.microsoft.com/azure/container-registry/container-registry-private-endpoints, addresses of each network.
    two, three = ["japanwest", "eastasia"], ["japanwest", "eastasia", "westeurope"]
    assert names.addresses_needed("japaneast") == 2
    assert names.addresses_needed("japaneast", two) == 4
    assert names.addresses_needed("japaneast", two, regional_endpoints=True) == 7
    assert names.addresses_needed("japaneast", three) == 5
    assert names.addresses_needed("japaneast", three, regional_endpoints=True) == 9


def test_a_domain_name_label_is_part_of_every_host() -> None:
    server = "contoso-a1b2c3.azurecr.io"
    assert names.client_hosts(server, "japaneast", ["japanwest"]) == [
        "contoso-a1b2c3.azurecr.io",
        "contoso-a1b2c3.japaneast.data.azurecr.io",
        "contoso-a1b2c3.japanwest.data.azurecr.io",
    ]
    assert names.private_dns_records(server, "japaneast")[1].name == "contoso-a1b2c3.japaneast.data"
