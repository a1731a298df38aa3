"""Regions: every spelling of one is found, and each belongs to its own cloud."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from registry_model.azure import names
from registry_model.azure.regions import (
    REGIONS,
    Region,
    cloud_of,
    find,
    has_zones,
    region_problem,
    service_tag,
    suggested_region,
)

regions = st.sampled_from([REGIONS[name] for name in sorted(REGIONS)])


@given(regions, st.sampled_from([str, str.upper, " {} ".format]))
def test_every_spelling_finds_the_region(region: Region, spelled: type[str]) -> None:
    assert find(spelled(region.name)) is region
    assert find(spelled(region.display_name)) is region
    assert cloud_of(spelled(region.display_name)).name == region.cloud


@given(regions, st.sampled_from(sorted(names.CLOUDS)))
def test_a_region_belongs_to_its_own_cloud_only(region: Region, cloud: str) -> None:
    assert (region_problem(region.name, cloud) is None) == (region.cloud == cloud)


def test_the_cloud_of_what_is_no_region_is_the_given_one() -> None:
    assert cloud_of("usgovvirginia").registry_suffix == "azurecr.us"
    assert cloud_of("China East 2").registry_suffix == "azurecr.cn"
    assert cloud_of("atlantis") is names.PUBLIC
    assert cloud_of("atlantis", names.CLOUDS["china"]) is names.CLOUDS["china"]


@pytest.mark.parametrize(
    ("typo", "meant"), [("japaneas", "japaneast"), ("West Europ", "westeurope"), ("eastus22", "eastus2")]
)
def test_a_typo_has_a_near_match(typo: str, meant: str) -> None:
    assert region_problem(typo) == "is not an Azure region"
    assert suggested_region(typo) == f"'{meant}'"


def test_a_region_of_another_cloud_is_no_typo() -> None:
    assert region_problem("chinaeast2") == "is a region of the cloud 'china', not of 'public'"
    assert suggested_region("chinaeast2") == ""


def test_a_service_tag_has_the_display_name() -> None:
    assert service_tag("Japan East") == "AzureContainerRegistry.JapanEast"
    assert service_tag("uksouth", "Storage") == "Storage.UKSouth"
    with pytest.raises(ValueError, match=r"'japaneas' is not an Azure region; did you mean 'japaneast'\?"):
        service_tag("japaneas")


def test_zones_are_of_the_region() -> None:
    assert has_zones("Japan East")
    assert not has_zones("westus")
    assert not has_zones("atlantis")
