"""Which credentials a pull is tried with. Nothing here is printed; every value goes to the redactor first.

What container engines have stored is looked up in ``stored``.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import os
import shutil
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from registry_model.azure import names
from registry_model.azure.misnamed import same_registry
from registry_model.text import clean

from . import programs
from .choices import Source
from .errors import DoctorError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from registry_model.estate.files import ByteLimit

    from .image import Image
    from .redact import Redactor

# The user name that marks the password as an Entra-derived token (az acr login --expose-token).
NO_USER = "00000000-0000-0000-0000-000000000000"
MOST_REASON = 300  # characters of what a program says went wrong
_LATEST = 253402300799  # the last second of the year 9999: a later expiry is none that a calendar has


@dataclass
class Credentials:
    """Who signs in. ``password`` goes with ``username``; ``identity_token`` is an OAuth refresh token, which is
    used before them, and ``registry_token`` a bearer token, which is used before anything as it is.

    ``origin`` says in plain words where they came from.
    """

    origin: str = "anonymous"
    username: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)
    registry_token: str = field(default="", repr=False)

    @property
    def anonymous(self) -> bool:
        return not (self.password or self.identity_token or self.registry_token)

    @property
    def basic(self) -> str:
        """The value of an Authorization header."""
        # Variables of the environment that are no UTF-8 come with their bytes as lone surrogates.
        user = f"{self.username}:{self.password}"
        try:
            raw = user.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            raw = user.encode("utf-8", "surrogatepass")
        return "Basic " + base64.b64encode(raw).decode()

    def expired_since(self, now: float | None = None) -> float | None:
        """The moment (seconds since 1970) at which the secret expired, where it is a token that says so."""
        expiry = jwt_expiry(self.registry_token or self.identity_token or self.password)
        return expiry if expiry is not None and expiry < (time.time() if now is None else now) else None


def jwt_expiry(token: str) -> float | None:
    """The ``exp`` claim of a JSON Web Token; None when it is none. The signature is not checked and need not be."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    expiry = claims.get("exp") if isinstance(claims, dict) else None
    if isinstance(expiry, bool) or not isinstance(expiry, int | float) or not 0 <= expiry <= _LATEST:
        return None
    return float(expiry) if math.isfinite(expiry) else None


def find(
    source: Source,
    image: Image,
    redactor: Redactor,
    *,
    username: str | None = None,
    environment: Mapping[str, str] | None = None,
    limit: float = 60.0,
    most: ByteLimit | None = None,
) -> Credentials:
    """Credentials for an image's registry.

    ``auto``: a user name and password from the environment, else what the container engine has stored, else nobody.
    ``limit`` are the seconds that a helper may take, ``most`` what a configuration file may have, None for the default.
    InputError or DoctorError when what was asked for is not there.
    """
    from . import limits, stored

    most = most or limits.most_bytes(None)
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
            found = _from_az(image.host, env, limit)
        case Source.DOCKER:
            result = stored.look_up(image, env, redactor, limit, most)
            if result.credentials is None:
                raise (DoctorError if result.broken else InputError)(
                    f"--auth docker: {result.why or f'no credentials are stored for {image.authority}'}; run: docker "
                    f"login {image.authority}"
                )
            found = result.credentials
        case Source.AUTO:
            if username and password:
                found = Credentials("the environment", username, password)
            else:
                # Nobody asked for stored credentials by name, so what stands in their way stops nothing: the engine
                # goes on without them too.
                result = stored.look_up(image, env, redactor, limit, most)
                found = result.credentials or Credentials(f"anonymous ({result.why})" if result.why else "anonymous")
    redactor.add(found.password, found.identity_token, found.registry_token)
    if not found.anonymous:
        redactor.add(found.basic.removeprefix("Basic "))
    return found


def _from_az(host: str, env: Mapping[str, str], limit: float) -> Credentials:
    az = shutil.which("az", path=env.get("PATH"))
    if az is None:
        raise DoctorError("--auth az: the Azure CLI (az) is not on PATH; use --auth token or --auth docker instead")
    known = names.parse_host(host)
    if known is None or known.alias or known.kind not in ("login server", "regional endpoint"):
        raise InputError(
            f"--auth az: '{host}' is not a login server of an Azure registry, and az signs in to those only"
        )
    # A registry's own name has no hyphen: what follows one is the hash of the domain name label, which az takes apart.
    name, _, suffix = known.label.partition("-")
    asked = ["acr", "login", "--name", name, *(["--suffix", suffix] if suffix else []), "--expose-token"]
    done = programs.run([az, *asked, "--output", "json"], "", env, limit, "az")
    shown = f"az {' '.join(asked)}"
    if done.code != 0:
        reason = (done.err.strip().splitlines() or ["no reason given"])[-1]
        raise DoctorError(f"--auth az: {shown} failed: {clean(reason, most=MOST_REASON)}")
    answer = json_object(done.out)
    token, login = answer.get("accessToken"), answer.get("loginServer")
    if not isinstance(token, str) or not token:
        raise DoctorError(f"--auth az: {shown} gave no accessToken")
    if isinstance(login, str) and login and not same_registry(login, host):
        raise DoctorError(
            f"--auth az: {shown} signed in to {clean(login, most=100)}, which is not {host}; its token is not sent "
            "there. Check the registry's name and the subscription that az has selected: az account show"
        )
    return Credentials(shown, NO_USER, token)


def json_object(text: str) -> dict[str, object]:
    """The JSON object in a program's output; empty when it is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
