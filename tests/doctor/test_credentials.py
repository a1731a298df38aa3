"""Where credentials come from: the environment, the container engine's files and helpers, az."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest
from registry_doctor.choices import Source
from registry_doctor.credentials import NO_USER, Credentials, find, jwt_expiry
from registry_doctor.errors import DoctorError, InputError
from registry_doctor.image import parse_image
from registry_doctor.redact import Redactor

HOST = "contoso.azurecr.io"
ENCODED = base64.b64encode(b"user:secret-word").decode()


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    programs = tmp_path / "bin"
    programs.mkdir()
    return {"HOME": str(tmp_path), "PATH": f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin"}


def docker_config(env: dict[str, str], content: object) -> None:
    folder = Path(env["HOME"]) / ".docker"
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(content if isinstance(content, str) else json.dumps(content))


def program(env: dict[str, str], name: str, script: str) -> None:
    file = Path(env["HOME"]) / "bin" / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def got(source: Source, env: dict[str, str], redactor: Redactor | None = None) -> Credentials:
    return find(source, parse_image(f"{HOST}/team/app:1"), redactor or Redactor(), environment=env, limit=5)


def test_auto_prefers_the_environment_then_the_engine_then_nobody(env: dict[str, str]) -> None:
    assert got(Source.AUTO, env).anonymous
    docker_config(env, {"auths": {HOST: {"auth": ENCODED}}})
    assert got(Source.AUTO, env).username == "user"
    env |= {"REGISTRY_USERNAME": "token", "REGISTRY_PASSWORD": "other-word"}
    assert got(Source.AUTO, env).origin == "the environment"
    assert got(Source.ANONYMOUS, env).anonymous


@pytest.mark.parametrize("key", [HOST, f"https://{HOST}"])
def test_stored_user_and_password(env: dict[str, str], key: str) -> None:
    docker_config(env, {"auths": {key: {"auth": ENCODED}, "other.azurecr.io": {"auth": "x"}}})
    found = got(Source.DOCKER, env)
    assert (found.username, found.password) == ("user", "secret-word")


def test_stored_identity_token(env: dict[str, str]) -> None:
    docker_config(env, {"auths": {HOST: {"auth": ENCODED, "identitytoken": "refresh-token"}}})
    found = got(Source.DOCKER, env)
    assert found.identity_token == "refresh-token"


def test_docker_config_folder_and_podman(env: dict[str, str], tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "config.json").write_text("{}")
    (elsewhere / "auth.json").write_text(json.dumps({"auths": {HOST: {"auth": ENCODED}}}))
    env |= {"DOCKER_CONFIG": str(elsewhere), "REGISTRY_AUTH_FILE": str(elsewhere / "auth.json")}
    assert got(Source.DOCKER, env).origin == str(elsewhere / "auth.json")


@pytest.mark.parametrize("config", [{"credHelpers": {HOST: "acr-test"}}, {"credsStore": "acr-test"}])
def test_helper(env: dict[str, str], config: dict[str, object]) -> None:
    docker_config(env, config)
    program(
        env, "docker-credential-acr-test", 'read host; echo "{\\"Username\\":\\"$1-$host\\",\\"Secret\\":\\"helped\\"}"'
    )
    redactor = Redactor()
    found = got(Source.DOCKER, env, redactor)
    assert (found.username, found.password) == (f"get-{HOST}", "helped")
    assert redactor.text("it helped") == "it [redacted]"
    program(env, "docker-credential-acr-test", 'echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"helped\\"}"')
    assert got(Source.DOCKER, env).identity_token == "helped"


def test_helper_that_has_nothing(env: dict[str, str]) -> None:
    docker_config(env, {"credsStore": "none"})
    program(env, "docker-credential-none", "echo credentials not found in native keychain; exit 1")
    assert got(Source.AUTO, env).anonymous
    with pytest.raises(InputError, match=f"run: docker login {HOST}"):
        got(Source.DOCKER, env)


def test_helper_that_hangs(env: dict[str, str]) -> None:
    docker_config(env, {"credsStore": "slow"})
    program(env, "docker-credential-slow", "exec sleep 30")
    with pytest.raises(DoctorError, match=r"docker-credential-slow: no answer within 0\.5 s"):
        find(Source.DOCKER, parse_image(f"{HOST}/app"), Redactor(), environment=env, limit=0.5)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "is not JSON"),
        ({"auths": {HOST: {"auth": "%%%"}}}, "is not base64 of user:password"),
        ("[]", "must hold a JSON object"),
    ],
)
def test_files_that_are_wrong(env: dict[str, str], config: object, message: str) -> None:
    docker_config(env, config)
    with pytest.raises(InputError, match=message):
        got(Source.AUTO, env)


def test_helper_that_is_not_there(env: dict[str, str]) -> None:
    docker_config(env, {"credsStore": "absent"})
    unasked = got(Source.AUTO, env)
    assert unasked.anonymous
    assert unasked.origin.startswith("anonymous (docker-credential-absent: ")
    with pytest.raises(DoctorError, match="is not on PATH"):
        got(Source.DOCKER, env)


@pytest.mark.parametrize("config", [{"auths": []}, {"auths": {HOST: "x"}}, {"credHelpers": []}, {"auths": None}])
def test_odd_shapes_are_nobody(env: dict[str, str], config: object) -> None:
    docker_config(env, config)
    assert got(Source.AUTO, env).anonymous


def test_az(env: dict[str, str]) -> None:
    with pytest.raises(DoctorError, match=r"the Azure CLI \(az\) is not on PATH"):
        got(Source.AZ, env)
    program(env, "az", 'echo "$@" > "$HOME/asked"; echo "{\\"accessToken\\": \\"az-token\\"}"')
    found = got(Source.AZ, env)
    assert (found.username, found.password) == (NO_USER, "az-token")
    asked = (Path(env["HOME"]) / "asked").read_text().strip()
    assert asked == "acr login --name contoso --expose-token --output json"
    program(env, "az", "echo 'ERROR: Please run az login' >&2; exit 1")
    with pytest.raises(DoctorError, match="Please run az login"):
        got(Source.AZ, env)
    program(env, "az", "echo '{}'")
    with pytest.raises(DoctorError, match="gave no accessToken"):
        got(Source.AZ, env)
    with pytest.raises(InputError, match="is not a login server"):
        find(Source.AZ, parse_image("registry.example.net/app"), Redactor(), environment=env)


def test_secrets_are_in_no_repr(env: dict[str, str]) -> None:
    docker_config(env, {"auths": {HOST: {"auth": ENCODED, "identitytoken": "refresh-token"}}})
    assert "refresh-token" not in repr(got(Source.DOCKER, env))


@pytest.mark.parametrize(("claims", "expiry"), [({"exp": 17}, 17.0), ({"exp": "x"}, None), ({}, None), ([], None)])
def test_expiry_of_a_token(claims: object, expiry: float | None) -> None:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    token = f"eyJhbGciOiJub25lIn0.{body}.sig"
    assert jwt_expiry(token) == expiry
    credentials = Credentials("x", "u", token)
    assert credentials.expired_since(now=18) == expiry
    assert credentials.expired_since(now=16) is None
    assert jwt_expiry("plain-password") is None
    assert jwt_expiry("a.!.c") is None
