"""What Docker and Podman have stored for a registry, found as they find it.

Docker (docker-cli, ``cli/config``): one ``config.json``. A helper that is configured for the registry, or for all
(``credsStore``), is asked for the registry exactly as it is written in the image; an empty entry in ``credHelpers``
means the file. Where a helper has nothing, there is nothing; where it fails, the file's entry is used. In the file the
exact key comes first, then keys that are the registry once scheme and path are taken off, so ``https://contoso.azurecr.io/v1/``
and ``contoso.azurecr.io/team`` are sign-ins to the whole registry. Letter case and port count.

Podman (containers/image, ``pkg/docker/config``): the first of several files that has something. Helpers of a file come
before its entries; keys with a path count for repositories below it, the longest first.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from registry_model.azure.names import HTTPS
from registry_model.text import clean

from . import programs
from .credentials import MOST_REASON, Credentials, json_object
from .errors import DoctorError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from registry_model.estate.files import ByteLimit

    from .image import Image
    from .redact import Redactor

TOKEN_USER = "<token>"  # noqa: S105 the user name by which helpers mark an identity token
NOT_FOUND = "credentials not found in native keychain"  # what helpers print where nothing is stored; with exit code 1
_HELPER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DOCKER_VARIABLE = "DOCKER_AUTH_CONFIG"


@dataclass
class Stored:
    """What was found. ``why`` says what stood in the way; ``broken``, that it was a program or file that failed."""

    credentials: Credentials | None = None
    why: str = ""
    broken: bool = False


@dataclass
class _Search:
    image: Image
    env: Mapping[str, str]
    redactor: Redactor
    limit: float
    most: ByteLimit

    def __post_init__(self) -> None:
        self.problems: list[str] = []
        self.broken = False

    def note(self, error: DoctorError) -> None:
        """Remember what stands in the way; a program or a file that fails is no one's input."""
        self.problems.append(str(error))
        self.broken = self.broken or not isinstance(error, InputError)

    @property
    def registry(self) -> str:
        """The key that engines look for: the registry as it is written in the image."""
        return self.image.written or self.image.authority


def look_up(image: Image, env: Mapping[str, str], redactor: Redactor, limit: float, most: ByteLimit) -> Stored:
    """What Docker would use for an image, else what Podman would, else nothing and what is in the way.

    ``limit`` are the seconds that a helper may take, ``most`` what a file may have.
    InputError where a file or an entry that an engine would read is wrong.
    """
    search = _Search(image, env, redactor, limit, most)
    found = None
    for engine in (_docker, _podman):
        try:
            found = engine(search)
        except InputError:
            raise
        except DoctorError as error:
            search.note(error)
        if found is not None:
            break
    why = "; ".join(dict.fromkeys(search.problems))
    if found is not None and why:
        found.origin += f" ({why})"
    return Stored(found, why, search.broken)


def _home(env: Mapping[str, str]) -> Path:
    return Path(env.get("HOME") or env.get("USERPROFILE") or Path.home())


def docker_file(env: Mapping[str, str]) -> Path:
    """Docker's configuration file; Podman reads it too."""
    folder = env.get("DOCKER_CONFIG")
    return (Path(folder) if folder else _home(env) / ".docker") / "config.json"


def podman_files(env: Mapping[str, str]) -> list[Path]:
    """Podman's files in the order in which it reads them; REGISTRY_AUTH_FILE is the only one where it is set."""
    if env.get("REGISTRY_AUTH_FILE"):
        return [Path(env["REGISTRY_AUTH_FILE"])]
    config = Path(env["XDG_CONFIG_HOME"]) if env.get("XDG_CONFIG_HOME") else _home(env) / ".config"
    if not sys.platform.startswith("linux"):
        first = _home(env) / ".config/containers/auth.json"
    elif env.get("XDG_RUNTIME_DIR"):
        first = Path(env["XDG_RUNTIME_DIR"]) / "containers/auth.json"
    else:
        first = Path(f"/run/containers/{os.getuid()}/auth.json")
    return list(dict.fromkeys([first, config / "containers/auth.json", docker_file(env), _home(env) / ".dockercfg"]))


def _docker(search: _Search) -> Credentials | None:
    variable = search.env.get(_DOCKER_VARIABLE)
    if variable:
        auths = _objects(_field(_parse(variable, f"${_DOCKER_VARIABLE}"), "auths"))
        if (found := _docker_entry(search, auths, f"${_DOCKER_VARIABLE}")) is not None:
            return found
    file = docker_file(search.env)
    config = _read(file, search.most)
    if config is None:
        return None
    auths = _objects(_field(config, "auths"))
    helpers = _field(config, "credHelpers")
    if isinstance(helpers, dict) and search.registry in helpers:
        helper = helpers[search.registry]  # an empty one too: it switches credsStore off for this registry
    else:
        helper = _field(config, "credsStore")
    if isinstance(helper, str) and helper:
        try:
            found = _from_helper(search, helper)
        except DoctorError as error:
            search.note(error)  # docker pull goes on with what the file has; so does this
        else:
            token = next((_text(e, "registrytoken") for e in _docker_matches(search, auths)), "")
            if found is None and not token:
                return None
            found = found or Credentials(str(file))
            found.registry_token = token
            return found
    return _docker_entry(search, auths, str(file))


def _docker_entry(search: _Search, auths: dict[str, dict[str, Any]], origin: str) -> Credentials | None:
    for entry in _docker_matches(search, auths):
        found = _entry(search, entry, origin)
        return None if found.anonymous else found
    near = [key for key in auths if _host_of(key).lower().removesuffix(f":{HTTPS}") == search.image.authority]
    if near:
        search.problems.append(
            f"{origin} has '{clean(near[0], most=100)}', and the image says '{search.registry}': engines compare "
            "letter case and port, so they do not take one for the other"
        )
    return None


def _docker_matches(search: _Search, auths: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    if search.registry in auths:
        yield auths[search.registry]
        return
    # Docker takes any of several keys that fit, as its map comes; the first one by name is at least always the same.
    yield from (auths[key] for key in sorted(auths) if _host_of(key) == search.registry)


def _host_of(key: str) -> str:
    """A key without scheme and path, by Docker's rule."""
    if "://" in key:
        try:
            parts = urlsplit(key)
            # urlsplit gives the host in lower case; Docker keeps it.
            host = parts.netloc.rpartition("@")[2]
            if parts.hostname:
                return host.removesuffix(":")
        except ValueError:
            pass
    return key.partition("/")[0]


def _podman(search: _Search) -> Credentials | None:
    for file in podman_files(search.env):
        if file == docker_file(search.env) and not search.env.get("REGISTRY_AUTH_FILE"):
            continue  # Docker's own answer about its file counts, and is known
        legacy = file.name == ".dockercfg"
        config = _read(file, search.most)
        if config is None:
            continue
        helpers = {} if legacy else _field(config, "credHelpers")
        helper = helpers.get(search.registry) if isinstance(helpers, dict) else None
        if isinstance(helper, str):
            if (found := _from_helper(search, helper)) is not None:
                return found
            continue
        auths = _objects(config if legacy else _field(config, "auths"))
        entry = _podman_match(search, auths, legacy=legacy)
        if entry is not None and not (found := _entry(search, entry, str(file), podman=True)).anonymous:
            return found
    return None


def _podman_match(search: _Search, auths: dict[str, dict[str, Any]], *, legacy: bool) -> dict[str, Any] | None:
    key = f"{search.registry}/{search.image.repository}"
    while not legacy and key:
        if key in auths:
            return auths[key]
        key = key.rpartition("/")[0]
    if search.registry in auths:
        return auths[search.registry]
    for key in sorted(auths):
        bare = key.removeprefix("http://").removeprefix("https://")
        if (bare.partition("/")[0] if legacy or bare != key else bare) == search.registry:
            return auths[key]
    return None


def _entry(search: _Search, entry: dict[str, Any], origin: str, *, podman: bool = False) -> Credentials:
    """One sign-in. Docker knows every field; Podman ``auth`` and, beside it, ``identitytoken``."""
    encoded, identity = _text(entry, "auth"), _text(entry, "identitytoken")
    search.redactor.add(encoded, identity)
    user = password = ""
    if encoded:
        user, password = _decoded(search, encoded, origin)
    if podman:
        return Credentials(origin, user, password, identity if encoded else "")
    if not encoded:
        user, password = _text(entry, "username"), _text(entry, "password")
    registry_token = _text(entry, "registrytoken")
    search.redactor.add(password, registry_token)
    return Credentials(origin, user, password, identity, registry_token)


def _decoded(search: _Search, encoded: str, origin: str) -> tuple[str, str]:
    try:
        text = base64.b64decode("".join(encoded.split("\n")).replace("\r", ""), validate=True).decode()
    except (ValueError, binascii.Error):
        text = ""
    user, colon, password = text.partition(":")
    if not colon or not user:
        raise InputError(
            f"{origin}: 'auth' of {search.registry} is not base64 of user:password; sign in again: docker login "
            f"{search.registry}"
        )
    password = password.strip("\0")
    search.redactor.add(password)
    return user, password


def _from_helper(search: _Search, helper: str) -> Credentials | None:
    """What a credential helper has; None where it says that it has nothing. DoctorError for everything else."""
    if not _HELPER_NAME.fullmatch(helper):
        raise InputError(
            f"credential helper '{clean(helper, most=100)}': must be a plain name such as 'desktop' or 'acr-env'"
        )
    name = f"docker-credential-{helper}"
    program = shutil.which(name, path=search.env.get("PATH"))
    if program is None:
        raise DoctorError(f"{name}: the container engine's configuration names this helper and it is not on PATH")
    done = programs.run([program, "get"], search.registry, search.env, search.limit, name)
    if done.code != 0:
        lines = (done.out.strip() or done.err.strip()).splitlines()
        said = clean(lines[0], most=MOST_REASON) if lines else "no reason given"
        said = "an answer that is not shown, as it may hold a secret" if "{" in said else said
        if said.lower().startswith(NOT_FOUND):
            return None
        raise DoctorError(f"{name}: failed with exit code {done.code}: {said}")
    answer = json_object(done.out)
    user, secret = answer.get("Username"), answer.get("Secret")
    if not isinstance(user, str) or not isinstance(secret, str):
        raise DoctorError(f"{name}: its answer is not a JSON object with Username and Secret")
    search.redactor.add(secret)
    if not secret:
        return None
    if not user:
        raise DoctorError(f"{name}: its answer has no user name")
    return Credentials(name, identity_token=secret) if user == TOKEN_USER else Credentials(name, user, secret)


def _read(file: Path, most: ByteLimit) -> dict[str, Any] | None:
    """A configuration file's object; None where there is no file."""
    try:
        with file.open("rb") as stream:
            data = stream.read(most.most + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise DoctorError(f"{file}: cannot be read ({error.strerror})") from error
    if len(data) > most.most:
        raise InputError(f"{file}: it is larger than {most.megabytes:g} MB; {most.hint}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: is not text in UTF-8; engines cannot read it") from error
    return _parse(text, str(file))


def _parse(text: str, source: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    try:
        value, _ = json.JSONDecoder().raw_decode(text.lstrip())  # Docker reads the first value and no further
    except (ValueError, RecursionError) as error:
        raise InputError(f"{source}: is not JSON ({clean(str(error), most=MOST_REASON)})") from error
    if not isinstance(value, dict):
        raise InputError(f'{source}: must hold a JSON object, such as {{"auths": …}}')
    return value


def _field(value: dict[str, Any], name: str) -> Any:
    """A field by its name, in whatever letter case: engines read their files so."""
    if name in value:
        return value[name]
    return next((v for k, v in value.items() if k.lower() == name.lower()), None)


def _text(entry: dict[str, Any], name: str) -> str:
    value = _field(entry, name)
    return value if isinstance(value, str) else ""


def _objects(value: Any) -> dict[str, dict[str, Any]]:
    return {k: v for k, v in value.items() if isinstance(v, dict)} if isinstance(value, dict) else {}
