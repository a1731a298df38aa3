"""Names that are not registries, the registry that was meant, and their safe twins."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from registry_model.azure.misnamed import misnamed, same_registry


@pytest.mark.parametrize(
    ("host", "word", "meant"),
    [
        ("contoso.privatelink.azurecr.io", "alias", "contoso.azurecr.io"),
        ("Contoso.PrivateLink.azurecr.io.", "alias", "contoso.azurecr.io"),
        ("contoso.privatelink.azurecr.us", "alias", "contoso.azurecr.us"),
        ("contoso.japaneast.geo.privatelink.azurecr.io", "alias", "contoso.japaneast.geo.azurecr.io"),
        ("contoso.japaneast.data.azurecr.io", "data endpoint", "contoso.azurecr.io"),
        ("contoso.japaneast.data.privatelink.azurecr.io", "alias of a data endpoint", "contoso.azurecr.io"),
        ("contoso-a1b2c3.japaneast.data.azurecr.io", "data endpoint", "contoso-a1b2c3.azurecr.io"),
        ("eus2mana0001.blob.core.windows.net", "blob storage", ""),
        ("contoso.azurecr.io.azurecr.io", "twice", "contoso.azurecr.io"),
        ("contoso.azurecr.us.azurecr.io", "twice", "contoso.azurecr.us"),
        ("contoso.privatelink.azurecr.io.azurecr.io", "twice", "contoso.azurecr.io"),
        ("contoso.azurecr.io.privatelink.azurecr.io", "twice", "contoso.azurecr.io"),
        ("www.contoso.azurecr.io", "one name before", "contoso.azurecr.io"),
        ("contoso.japaneast.data.x.azurecr.io", "one name before", "x.azurecr.io"),
        ("contoso.japaneast.azurecr.io", "one name before", "contoso.azurecr.io"),
        ("contoso.westus.azurecr.io", "one name before", "contoso.azurecr.io"),
        ("contoso.usgovvirginia.azurecr.us", "one name before", "contoso.azurecr.us"),
        ("contoso.data.azurecr.io", "one name before", "contoso.azurecr.io"),
        ("japaneast.data.azurecr.io", "one name before", ""),
        ("azurecr.io", "all registries", ""),
        ("privatelink.azurecr.cn", "all registries", ""),
        ("contoso.azurecr.com", "no cloud's suffix", "contoso.azurecr.io"),
        ("contoso.azurecr", "no cloud's suffix", "contoso.azurecr.io"),
        ("contoso.azurcr.io", "no cloud's suffix", "contoso.azurecr.io"),
        ("contoso.azurecr.usa", "no cloud's suffix", "contoso.azurecr.us"),
    ],
)
def test_no_registry(host: str, word: str, meant: str) -> None:
    found = misnamed(host)
    assert found is not None
    assert word in found.reason
    assert found.meant == meant


@pytest.mark.parametrize(
    "host",
    [
        "contoso.azurecr.io",
        "contoso-a1b2c3.azurecr.io",
        "contoso.japaneast.geo.azurecr.io",
        "westus.azurecr.io",
        "CONTOSO.azurecr.us",
        "contoso.azurecr.cn",
        "docker.io",
        "ghcr.io",
        "mcr.microsoft.com",
        "registry.example.net",
        "registry.contoso.com",
        "contoso-registry.ap-northeast-1.cr.aliyuncs.com",
        "localhost",
        "127.0.0.1",
        "quay.io",
        "azure.example.io",
    ],
)
def test_registries(host: str) -> None:
    assert misnamed(host) is None


LABELS = ("contoso", "azurecr", "io", "com", "us", "privatelink", "data", "geo", "japaneast", "x", "", "blob", "core")
HOSTS = st.lists(st.sampled_from(LABELS), max_size=7).map(".".join)


@example("PRIVATELINK.AZURECR")
@given(st.text(max_size=80) | HOSTS)
def test_any_host_is_judged(host: str) -> None:
    found = misnamed(host)
    assert found is None or found.reason
    if found is not None and found.meant:
        assert misnamed(found.meant) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("contoso.azurecr.io", "Contoso.azurecr.io", True),
        ("contoso.japaneast.geo.azurecr.io", "contoso.azurecr.io", True),
        ("contoso.japaneast.geo.azurecr.io", "contoso.westus.geo.azurecr.io", True),
        ("contoso.azurecr.io", "contoso.azurecr.us", False),
        ("contoso.azurecr.io", "contoso-x.azurecr.io", False),
        ("contoso.azurecr.io", "contoso.japaneast.data.azurecr.io", False),
        ("contoso.azurecr.io", "contoso.privatelink.azurecr.io", False),
        ("contoso.azurecr.io", "contoso.azurecr.io.evil.example", False),
        ("ghcr.io", "ghcr.io", True),
        ("ghcr.io", "evil.example", False),
    ],
)
def test_one_registry(one: str, other: str, same: bool) -> None:
    assert same_registry(one, other) is same
    assert same_registry(other, one) is same
