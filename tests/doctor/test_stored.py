"""Sign-ins that Docker and Podman have stored, found as they find them.

The table of Docker's answers was recorded from the Docker CLI 28.2.2 itself, which sends what it found to its daemon;
where a CLI is installed, ``TestDockerItself`` asks it again. Podman's is written out from containers-auth.json(5).
"""

from __future__ import annotations

import base64
import http.server
import json
import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from registry_doctor.choices import Source
from registry_doctor.credentials import Credentials, find
from registry_doctor.errors import DoctorError, InputError
from registry_doctor.image import parse_image
from registry_doctor.redact import Redactor

from tests.doctor import worlds
from tests.doctor.servers import PASSWORD, USER, Zones

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.doctor.conftest import Result

HOST = "contoso.azurecr.io"
IMAGE = f"{HOST}/team/app:1"


def encoded(user: str) -> str:
    return base64.b64encode(user.encode()).decode()


AUTH = encoded("user:pw-word")
FOUND = {"username": "user", "password": "pw-word"}
HELPED = {"username": "helper", "password": "help-word"}
HELPERS = {
    "good": """echo '{"ServerURL":"x","Username":"helper","Secret":"help-word"}'""",
    "token": """echo '{"Username":"<token>","Secret":"refresh-word"}'""",
    "asked": """read host; echo "{\\"Username\\":\\"$host\\",\\"Secret\\":\\"help-word\\"}" """,
    "none": "echo credentials not found in native keychain; exit 1",
    "broken": "echo boom; exit 3",
    "nonsense": "echo nonsense",
}

# image, config.json, what Docker sends to its daemon
DOCKER: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    *(
        (IMAGE, {"auths": {key: {"auth": AUTH}}}, FOUND)
        for key in (
            HOST,
            f"https://{HOST}",
            f"https://{HOST}/",
            f"https://{HOST}/v1/",
            f"http://{HOST}/v2/",
            f"HTTPS://{HOST}",
            f"ftp://{HOST}/x",
            f"{HOST}/",
            f"{HOST}/team",
            f"{HOST}/other",
        )
    ),
    *(
        (IMAGE, {"auths": {key: {"auth": AUTH}}}, {})
        for key in ("Contoso.azurecr.io", f"{HOST}:443", f"https://{HOST}:443", f" {HOST}", f"x.{HOST}", f"{HOST}.x")
    ),
    ("Contoso.azurecr.io/app", {"auths": {"Contoso.azurecr.io": {"auth": AUTH}}}, FOUND),
    ("Contoso.azurecr.io/app", {"auths": {HOST: {"auth": AUTH}}}, {}),
    (f"{HOST}:443/app", {"auths": {f"{HOST}:443": {"auth": AUTH}}}, FOUND),
    (f"{HOST}:443/app", {"auths": {HOST: {"auth": AUTH}}}, {}),
    (
        IMAGE,
        {"auths": {HOST: {"username": "u", "password": "plain-word"}}},
        {"username": "u", "password": "plain-word"},
    ),
    (IMAGE, {"auths": {HOST: {"username": "u", "password": "plain-word", "auth": AUTH}}}, FOUND),
    (IMAGE, {"auths": {HOST: {"identitytoken": "t-word"}}}, {"identitytoken": "t-word"}),
    (IMAGE, {"auths": {HOST: {"registrytoken": "r-word"}}}, {"registrytoken": "r-word"}),
    (IMAGE, {"auths": {HOST: {"auth": AUTH, "identitytoken": "t-word"}}}, {**FOUND, "identitytoken": "t-word"}),
    (IMAGE, {"Auths": {HOST: {"Auth": AUTH}}}, FOUND),
    (IMAGE, {"auths": {HOST: {"auth": AUTH + "\n"}}}, FOUND),
    (IMAGE, {"auths": {HOST: {"auth": encoded("user:pw-word\0\0")}}}, FOUND),
    (IMAGE, {"auths": {HOST: {}, f"https://{HOST}": {"auth": AUTH}}}, {}),
    (IMAGE, {"auths": {HOST: {"auth": AUTH}}, "credsStore": "good"}, HELPED),
    (IMAGE, {"auths": {HOST: {"auth": AUTH}}, "credsStore": "none"}, {}),
    (IMAGE, {"auths": {HOST: {"auth": AUTH}}, "credsStore": "missing"}, FOUND),
    (IMAGE, {"auths": {HOST: {"auth": AUTH}}, "credsStore": "nonsense"}, FOUND),
    (IMAGE, {"auths": {HOST: {"auth": AUTH}}, "credsStore": "broken"}, FOUND),
    (IMAGE, {"auths": {HOST: {"auth": AUTH}}, "credsStore": "missing", "credHelpers": {HOST: ""}}, FOUND),
    (IMAGE, {"auths": {HOST: {"auth": AUTH}}, "credsStore": "good", "credHelpers": {HOST: ""}}, FOUND),
    (
        IMAGE,
        {"auths": {HOST: {"registrytoken": "r-word"}}, "credsStore": "good"},
        {**HELPED, "registrytoken": "r-word"},
    ),
    (IMAGE, {"credHelpers": {HOST: "token"}, "credsStore": "missing"}, {"identitytoken": "refresh-word"}),
    (IMAGE, {"credHelpers": {HOST: "asked"}}, {"username": HOST, "password": "help-word"}),
    (IMAGE, {"credHelpers": {f"https://{HOST}": "good"}}, {}),
    (IMAGE, {"credHelpers": {"Contoso.azurecr.io": "good"}}, {}),
    (IMAGE, {"credsStore": ""}, {}),
    (IMAGE, {}, {}),
]


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, script in HELPERS.items():
        helper(programs, name, script)
    return {
        "HOME": str(tmp_path),
        "PATH": f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "XDG_RUNTIME_DIR": "/none",
    }


def helper(folder: Path, name: str, script: str) -> None:
    file = folder / f"docker-credential-{name}"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def write(env: dict[str, str], file: str, content: object) -> Path:
    path = Path(env["HOME"]) / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def got(env: dict[str, str], source: Source = Source.AUTO, image: str = IMAGE) -> Credentials:
    return find(source, parse_image(image), Redactor(), environment=env, limit=5)


def told(found: Credentials) -> dict[str, str]:
    values = {
        "username": found.username,
        "password": found.password,
        "identitytoken": found.identity_token,
        "registrytoken": found.registry_token,
    }
    return {k: v for k, v in values.items() if v}


@pytest.mark.parametrize(("image", "config", "sent"), DOCKER)
def test_as_docker_finds_them(env: dict[str, str], image: str, config: dict[str, Any], sent: dict[str, str]) -> None:
    write(env, ".docker/config.json", config)
    assert told(got(env, image=image)) == sent


@pytest.mark.skipif(not shutil.which("docker"), reason="no Docker CLI on this machine")
class TestDockerItself:
    """The CLI sends what it found in X-Registry-Auth; this is its daemon."""

    @pytest.fixture(scope="class")
    def daemon(self) -> Iterator[tuple[str, list[str]]]:
        asked: list[str] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None: ...

            def do_HEAD(self) -> None:
                self.send_response(200)
                self.send_header("Api-Version", "1.47")
                self.end_headers()

            def do_GET(self) -> None:
                self.do_HEAD()

            def do_POST(self) -> None:
                asked.append(self.headers.get("X-Registry-Auth", ""))
                self.send_response(404)
                self.end_headers()

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
            yield f"tcp://127.0.0.1:{server.server_address[1]}", asked
            server.shutdown()

    @pytest.mark.parametrize(("image", "config", "sent"), DOCKER)
    def test_the_table_is_its_own(
        self, env: dict[str, str], daemon: tuple[str, list[str]], image: str, config: Any, sent: dict[str, str]
    ) -> None:
        write(env, ".docker/config.json", config)
        docker = shutil.which("docker")
        assert docker
        subprocess.run(
            [docker, "pull", image], env=env | {"DOCKER_HOST": daemon[0]}, capture_output=True, timeout=60, check=False
        )
        answer = json.loads(base64.urlsafe_b64decode(daemon[1][-1] + "=="))
        assert {k: v for k, v in answer.items() if k != "serveraddress"} == sent


def near(env: dict[str, str], key: str) -> None:
    write(env, ".docker/config.json", {"auths": {key: {"auth": AUTH}}})


@pytest.mark.parametrize("key", ["Contoso.azurecr.io", f"{HOST}:443", "https://CONTOSO.azurecr.io/v1/"])
def test_what_engines_do_not_take_is_said(env: dict[str, str], key: str) -> None:
    near(env, key)
    found = got(env)
    assert found.anonymous
    assert f"'{key}', and the image says '{HOST}': engines compare letter case and port" in found.origin
    with pytest.raises(InputError, match="engines compare letter case and port"):
        got(env, Source.DOCKER)


@pytest.mark.parametrize(
    ("store", "words"),
    [
        (
            "missing",
            "docker-credential-missing: the container engine's configuration names this helper and it is not on",
        ),
        ("broken", "docker-credential-broken: failed with exit code 3: boom"),
        ("nonsense", "docker-credential-nonsense: its answer is not a JSON object with Username and Secret"),
        ("../good", "credential helper '../good': must be a plain name"),
    ],
)
def test_a_helper_that_fails_is_named(env: dict[str, str], store: str, words: str) -> None:
    write(env, ".docker/config.json", {"credsStore": store})
    assert got(env).anonymous
    assert words in got(env).origin
    with pytest.raises(DoctorError, match="run: docker login") as caught:
        got(env, Source.DOCKER)
    assert words in str(caught.value)
    write(env, ".docker/config.json", {"credsStore": store, "auths": {HOST: {"auth": AUTH}}})
    beside = got(env, Source.DOCKER)
    assert beside.username == "user"
    assert words in beside.origin


class TestHelpersThatMisbehave:
    def ask(self, env: dict[str, str], script: str, limit: float = 5) -> str:
        helper(Path(env["HOME"]) / "bin", "bad", script)
        write(env, ".docker/config.json", {"credsStore": "bad"})
        with pytest.raises(DoctorError) as caught:
            find(Source.DOCKER, parse_image(IMAGE), Redactor(), environment=env, limit=limit)
        return str(caught.value)

    def test_slow(self, env: dict[str, str]) -> None:
        assert "docker-credential-bad: no answer within 0.3 s" in self.ask(env, "sleep 60; echo late", 0.3)

    def test_one_that_leaves_a_child_with_the_pipe(self, env: dict[str, str]) -> None:
        helper(Path(env["HOME"]) / "bin", "bad", f"sleep 600 & {HELPERS['good']}")
        write(env, ".docker/config.json", {"credsStore": "bad"})
        assert told(got(env)) == HELPED

    def test_one_that_prints_without_end(self, env: dict[str, str]) -> None:
        assert "printed more than 1 MB" in self.ask(env, "yes", 60)

    def test_one_that_is_no_program(self, env: dict[str, str]) -> None:
        file = Path(env["HOME"]) / "bin/docker-credential-bad"
        file.write_bytes(b"\x7fELF nothing")
        file.chmod(0o755)
        write(env, ".docker/config.json", {"credsStore": "bad"})
        with pytest.raises(DoctorError, match="docker-credential-bad: cannot be run"):
            got(env, Source.DOCKER)

    @pytest.mark.parametrize(
        "answer",
        ["[]", '{"Username": 1, "Secret": "secret-word"}', '{"Username": "u"}', '{"Secret": "secret-word"', "7"],
    )
    def test_nonsense(self, env: dict[str, str], answer: str) -> None:
        said = self.ask(env, f"printf '%s' '{answer}'")
        assert "is not a JSON object with Username and Secret" in said
        assert "secret-word" not in said

    def test_a_secret_in_an_error_is_not_shown(self, env: dict[str, str]) -> None:
        said = self.ask(env, """echo '{"Secret": "secret-word"}'; exit 1""")
        assert "failed with exit code 1" in said
        assert "secret-word" not in said

    def test_no_user(self, env: dict[str, str]) -> None:
        assert "its answer has no user name" in self.ask(env, """echo '{"Username": "", "Secret": "secret-word"}'""")

    def test_an_error_that_steers_the_terminal(self, env: dict[str, str]) -> None:
        said = self.ask(env, r"printf '\033[2Jgone\nsecond line'; exit 1")
        assert ": gone; run: docker login" in said


def test_dockers_variable_comes_first(env: dict[str, str]) -> None:
    write(env, ".docker/config.json", {"auths": {HOST: {"auth": encoded("file:pw-word")}}})
    env["DOCKER_AUTH_CONFIG"] = json.dumps({"auths": {HOST: {"auth": AUTH}}})
    assert (got(env).username, got(env).origin) == ("user", "$DOCKER_AUTH_CONFIG")
    env["DOCKER_AUTH_CONFIG"] = json.dumps({"auths": {"other.azurecr.io": {"auth": AUTH}}})
    assert got(env).username == "file"


# auths of auth.json, the user that Podman takes for contoso.azurecr.io/team/app
PODMAN = [
    ({f"{HOST}/team/app": "repository", f"{HOST}/team": "namespace", HOST: "registry"}, "repository"),
    ({f"{HOST}/team": "namespace", HOST: "registry"}, "namespace"),
    ({f"{HOST}/other": "namespace", HOST: "registry"}, "registry"),
    ({f"{HOST}/other": "namespace"}, ""),
    ({f"{HOST}/tea": "namespace"}, ""),
    ({f"{HOST}/team/app/x": "below"}, ""),
    ({f"https://{HOST}/v1/": "url"}, "url"),
    ({f"https://{HOST}": "url", HOST: "registry"}, "registry"),
    ({f"{HOST}/": "slash"}, ""),
    ({"Contoso.azurecr.io": "case"}, ""),
    ({f"{HOST}:443": "port"}, ""),
]


@pytest.mark.parametrize(("auths", "user"), PODMAN)
def test_as_podman_finds_them(env: dict[str, str], auths: dict[str, str], user: str) -> None:
    write(
        env, ".config/containers/auth.json", {"auths": {k: {"auth": encoded(f"{v}:pw-word")} for k, v in auths.items()}}
    )
    assert got(env).username == user


def test_podmans_fields_and_helpers(env: dict[str, str]) -> None:
    """Podman knows `auth` and beside it `identitytoken`; a helper of the file comes before its entries."""
    file = ".config/containers/auth.json"
    write(env, file, {"auths": {HOST: {"username": "u", "password": "plain-word"}}})
    assert got(env).anonymous
    write(env, file, {"auths": {HOST: {"auth": AUTH, "identitytoken": "t-word"}}})
    assert got(env).identity_token == "t-word"
    write(env, file, {"auths": {HOST: {"auth": AUTH}}, "credHelpers": {HOST: "good"}})
    assert told(got(env)) == HELPED
    write(env, file, {"auths": {HOST: {"auth": AUTH}}, "credsStore": "good"})
    assert told(got(env)) == FOUND


def test_the_order_of_podmans_files(env: dict[str, str]) -> None:
    runtime = Path(env["HOME"]) / "run"
    runtime.mkdir()
    env |= {"XDG_RUNTIME_DIR": str(runtime), "XDG_CONFIG_HOME": f"{env['HOME']}/xdg"}
    files = [".dockercfg", "xdg/containers/auth.json", "run/containers/auth.json"]
    for number, file in enumerate(files):
        content = {HOST: {"auth": encoded(f"user{number}:pw-word")}}
        write(env, file, content if file == ".dockercfg" else {"auths": content})
        assert got(env).username == f"user{number}", file
    elsewhere = write(env, "elsewhere.json", {"auths": {"other.azurecr.io": {"auth": AUTH}}})
    env["REGISTRY_AUTH_FILE"] = str(elsewhere)
    assert got(env).anonymous  # the one file that was named is the only one
    elsewhere.write_text(json.dumps({"auths": {HOST: {"auth": AUTH}}}))
    assert got(env).username == "user"
    write(env, ".docker/config.json", {"auths": {HOST: {"auth": encoded("docker:pw-word")}}})
    assert got(env).username == "docker"


def test_a_file_that_cannot_be_read(env: dict[str, str]) -> None:
    (Path(env["HOME"]) / ".docker/config.json").mkdir(parents=True)
    assert got(env).anonymous
    assert "cannot be read" in got(env).origin
    with pytest.raises(DoctorError, match="cannot be read"):
        got(env, Source.DOCKER)


@pytest.mark.parametrize(
    ("host", "arguments"),
    [
        ("contoso.azurecr.io", "--name contoso --expose-token"),
        ("contoso-a1b2c3.azurecr.io", "--name contoso --suffix a1b2c3 --expose-token"),
        ("contoso.japaneast.geo.azurecr.io", "--name contoso --expose-token"),
    ],
)
def test_az_for_every_kind_of_login_server(env: dict[str, str], host: str, arguments: str) -> None:
    login = host if "geo" not in host else "contoso.azurecr.io"
    az = Path(env["HOME"]) / "bin/az"
    az.write_text(
        f'#!/bin/sh\necho "$@" > "$HOME/asked"\necho \'{{"accessToken": "az-word", "loginServer": "{login}"}}\'\n'
    )
    az.chmod(0o755)
    assert got(env, Source.AZ, f"{host}/app").password == "az-word"
    assert (Path(env["HOME"]) / "asked").read_text().strip() == f"acr login {arguments} --output json"
    az.write_text('#!/bin/sh\necho \'{"accessToken": "az-word", "loginServer": "fabrikam.azurecr.io"}\'\n')
    with pytest.raises(DoctorError, match=rf"signed in to fabrikam\.azurecr\.io, which is not {host}") as caught:
        got(env, Source.AZ, f"{host}/app")
    assert "az-word" not in str(caught.value)


class TestOnTheWire:
    """What was found goes to the registry's own host and nowhere else."""

    @pytest.fixture
    def asked(self, trace: Callable[..., Result], env: dict[str, str], monkeypatch) -> Callable[..., Result]:
        def run(auths: dict[str, Any], zones: Zones | None = None, **more: Any) -> Result:
            write(env, ".docker/config.json", {"auths": auths})
            for key, value in env.items():
                monkeypatch.setenv(key, value)
            return trace(zones or worlds.linked(), "--auth", "docker", **more)

        return run

    @pytest.mark.parametrize("key", [f"https://{HOST}/", f"https://{HOST}/v1/", f"{HOST}/team"])
    def test_by_any_key(self, asked: Callable[..., Result], registry, key: str) -> None:
        result = asked({key: {"username": USER, "password": PASSWORD}})
        assert result.code == 0
        sent = [s for s in registry.seen if s.headers.get("Authorization", "").startswith("Basic ")]
        assert [(s.host, s.path) for s in sent] == [(HOST, "/oauth2/token")]
        assert PASSWORD not in result.out + result.err

    def test_a_registry_token_is_used_as_it_is(self, asked: Callable[..., Result], registry) -> None:
        registry.tokens.append("registry-token-word")
        result = asked({HOST: {"registrytoken": "registry-token-word"}})
        assert result.code == 0
        assert "/oauth2/token" not in [s.path for s in registry.seen]
        hosts = {s.host for s in registry.seen if "Authorization" in s.headers}
        assert hosts == {HOST}
        assert "registry-token-word" not in result.out + result.err

    def test_an_identity_token(self, asked: Callable[..., Result], registry) -> None:
        result = asked({HOST: {"auth": encoded("00000000-0000-0000-0000-000000000000:"), "identitytoken": PASSWORD}})
        assert result.code == 0
        (token,) = [s for s in registry.seen if s.path == "/oauth2/token"]
        assert token.method == "POST"
        assert PASSWORD not in result.out + result.err

    @pytest.mark.parametrize("entry", [{"registrytoken": "bad\x1btoken-word"}, {"registrytoken": "t\u00f6ken-word"}])
    def test_a_stored_token_that_no_header_can_have(self, asked: Callable[..., Result], registry, entry: dict) -> None:
        result = asked({HOST: entry})
        assert result.verdict["fault"] == "bad-token-answer"
        assert "token-word" not in result.out + result.err
        assert [s.path for s in registry.seen] == ["/v2/"]
