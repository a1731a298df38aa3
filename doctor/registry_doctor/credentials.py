"""Where credentials for a registry come from. Nothing here is printed; every value goes to the redactor first."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from registry_model.azure import names

from .choices import Source
from .errors import DoctorError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .redact import Redactor

# The user name that marks the password as an Entra-derived token (az acr login --expose-token).
NO_USER = "00000000-0000-0000-0000-000000000000"
_HELPER_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*$")


@dataclass
class Credentials:
    """Who to be. ``password`` goes with ``username``; ``identity_token`` is an OAuth refresh token instead of both.

    ``origin`` says in plain words where they came from.
    """

    origin: str = "anonymous"
    username: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)

    @property
    def anonymous(self) -> bool:
        return not (self.password or self.identity_token)

    @property
    def basic(self) -> str:
        """The value of an Authorization header."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()

    def expired_since(self, now: float | None = None) -> float | None:
        """The moment (seconds since 1970) at which the secret expired, where it is a token that says so."""
        expiry = jwt_expiry(self.identity_token or self.password)
        return expiry if expiry is not None and expiry < (time.time() if now is None else now) else None


def jwt_expiry(token: str) -> float | None:
    """The ``exp`` claim of a JSON Web Token; None when it is none. The signature is not checked and need not be."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error):
        return None
    expiry = claims.get("exp") if isinstance(claims, dict) else None
    return float(expiry) if isinstance(expiry, int | float) else None


def find(
    source: Source,
    registry: str,
    redactor: Redactor,
    *,
    username: str | None = None,
    environment: Mapping[str, str] | None = None,
    limit: float = 60.0,
) -> Credentials:
    """Credentials for a registry (``host`` or ``host:port``).

    ``auto``: a user name and password from the environment, else what the container engine has stored, else nobody.
    InputError or DoctorError when what was asked for is not there.
    """
    env = os.environ if environment is None else environment
    username = username or env.get("REGISTRY_USERNAME", "")
    password = env.get("REGISTRY_PASSWORD", "")
    redactor.add(password)
    match source:
        case Source.ANONYMOUS:
            found = Credentials()
        case Source.TOKEN:
            if not (username and password):
                raise InputError(
                    "--auth token: needs REGISTRY_USERNAME (or --username) and REGISTRY_PASSWORD in the environment; "
                    "for a repository-scoped token these are the token's name and one of its passwords"
                )
            found = Credentials("the environment", username, password)
        case Source.AZ:
            found = _from_az(registry, env, limit)
        case Source.DOCKER:
            stored = _from_docker(registry, env, redactor, limit)
            if stored is None:
                raise InputError(
                    f"--auth docker: no credentials are stored for {registry}; run: docker login {registry}"
                )
            found = stored
        case Source.AUTO:
            if username and password:
                found = Credentials("the environment", username, password)
            else:
                found = _stored_or_nobody(registry, env, redactor, limit)
    redactor.add(found.password, found.identity_token)
    if not found.anonymous:
        redactor.add(found.basic.removeprefix("Basic "))
    return found


def _stored_or_nobody(registry: str, env: Mapping[str, str], redactor: Redactor, limit: float) -> Credentials:
    """Nobody asked for the stored credentials by name, so a helper that cannot be run stops nothing."""
    try:
        return _from_docker(registry, env, redactor, limit) or Credentials()
    except InputError:
        raise
    except DoctorError as error:
        return Credentials(f"anonymous ({error})")


def _run(command: list[str], stdin: str, env: Mapping[str, str], limit: float) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, input=stdin, capture_output=True, text=True, timeout=limit, check=False, env=dict(env)
        )
    except subprocess.TimeoutExpired as error:
        raise DoctorError(f"{command[0]}: no answer within {limit:g} s") from error
    except OSError as error:
        raise DoctorError(f"{command[0]}: cannot be run ({error.strerror})") from error


def _from_az(registry: str, env: Mapping[str, str], limit: float) -> Credentials:
    az = shutil.which("az", path=env.get("PATH"))
    if az is None:
        raise DoctorError("--auth az: the Azure CLI (az) is not on PATH; use --auth token or --auth docker instead")
    host = registry.partition(":")[0]
    try:
        label, _ = names.split_login_server(host)
    except ValueError as error:
        raise InputError(f"--auth az: {error}") from error
    done = _run([az, "acr", "login", "--name", label, "--expose-token", "--output", "json"], "", env, limit)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise DoctorError(f"--auth az: az acr login --name {label} --expose-token failed: {reason}")
    token = _object(done.stdout).get("accessToken")
    if not isinstance(token, str) or not token:
        raise DoctorError("--auth az: az acr login --expose-token gave no accessToken")
    return Credentials("az acr login --expose-token", NO_USER, token)


def docker_config_files(env: Mapping[str, str]) -> list[Path]:
    """Where container engines keep sign-ins: Docker's file, then Podman's."""
    home = Path(env.get("HOME") or env.get("USERPROFILE") or Path.home())
    files = [Path(env["DOCKER_CONFIG"]) / "config.json" if env.get("DOCKER_CONFIG") else home / ".docker/config.json"]
    if env.get("REGISTRY_AUTH_FILE"):
        files.append(Path(env["REGISTRY_AUTH_FILE"]))
    elif env.get("XDG_RUNTIME_DIR"):
        files.append(Path(env["XDG_RUNTIME_DIR"]) / "containers/auth.json")
    return files


def _from_docker(registry: str, env: Mapping[str, str], redactor: Redactor, limit: float) -> Credentials | None:
    for file in docker_config_files(env):
        try:
            text = file.read_text(encoding="utf-8")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise DoctorError(f"{file}: cannot be read ({error})") from error
        try:
            config = json.loads(text)
        except ValueError as error:
            raise InputError(f"{file}: is not JSON ({error})") from error
        if isinstance(config, dict) and (found := _from_config(config, registry, file, env, redactor, limit)):
            return found
    return None


def _from_config(
    config: dict[str, Any], registry: str, file: Path, env: Mapping[str, str], redactor: Redactor, limit: float
) -> Credentials | None:
    helpers = config.get("credHelpers")
    helper = helpers.get(registry) if isinstance(helpers, dict) else None
    helper = helper or config.get("credsStore")
    if helper and (found := _from_helper(str(helper), registry, env, redactor, limit)):
        return found
    auths = config.get("auths")
    entry = auths.get(registry) or auths.get(f"https://{registry}") if isinstance(auths, dict) else None
    if not isinstance(entry, dict):
        return None
    if isinstance(token := entry.get("identitytoken"), str) and token:
        return Credentials(str(file), identity_token=token)
    if isinstance(encoded := entry.get("auth"), str) and encoded:
        redactor.add(encoded)
        try:
            user, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (ValueError, binascii.Error) as error:
            raise InputError(f"{file}: 'auth' of {registry} is not base64 of user:password; sign in again") from error
        if colon and password:
            return Credentials(str(file), user, password)
    return None


def _from_helper(
    helper: str, registry: str, env: Mapping[str, str], redactor: Redactor, limit: float
) -> Credentials | None:
    if not _HELPER_NAME.fullmatch(helper):
        raise InputError(f"credential helper '{helper}': must be a plain name such as 'desktop' or 'acr-env'")
    program = shutil.which(f"docker-credential-{helper}", path=env.get("PATH"))
    if program is None:
        raise DoctorError(
            f"docker-credential-{helper}: the container engine's configuration names this helper and it is not on PATH"
        )
    done = _run([program, "get"], registry, env, limit)
    if done.returncode != 0:
        return None  # the protocol's answer for "nothing stored"
    answer = _object(done.stdout)
    user, secret = str(answer.get("Username") or ""), str(answer.get("Secret") or "")
    redactor.add(secret)
    if not secret:
        return None
    origin = f"docker-credential-{helper}"
    return Credentials(origin, identity_token=secret) if user == "<token>" else Credentials(origin, user, secret)


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
