"""Image references, good and bad."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from registry_doctor.errors import InputError
from registry_doctor.image import parse_image

DIGEST = "sha256:" + "ab" * 32


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("contoso.azurecr.io/app:1", ("contoso.azurecr.io", 443, "app", "1")),
        ("Contoso.AzureCR.io/a/b-c__d", ("contoso.azurecr.io", 443, "a/b-c__d", "latest")),
        ("https://contoso.azurecr.io/app", ("contoso.azurecr.io", 443, "app", "latest")),
        (f"contoso.azurecr.io/app@{DIGEST}", ("contoso.azurecr.io", 443, "app", DIGEST)),
        (f"contoso.azurecr.io/app:v1@{DIGEST}", ("contoso.azurecr.io", 443, "app", DIGEST)),
        ("localhost:5000/app:V1.0_x", ("localhost", 5000, "app", "V1.0_x")),
    ],
)
def test_good(text: str, parts: tuple[str, int, str, str]) -> None:
    image = parse_image(text)
    assert (image.host, image.port, image.repository, image.reference) == parts


def test_every_wrong_part_is_named() -> None:
    with pytest.raises(InputError) as caught:
        parse_image("con_toso.azurecr.io:99999/App/x:.t@sha256:zz")
    assert len(caught.value.problems) == 5
    for part in ("'con_toso.azurecr.io'", "'99999'", "'App/x'", "'.t'", "'sha256:zz'"):
        assert part in str(caught.value)


@given(st.text(max_size=60))
def test_any_text_is_an_image_or_a_message(text: str) -> None:
    try:
        image = parse_image(text)
    except InputError:
        return
    assert parse_image(str(image)) == image
