"""The pull flow, step by step, as a container engine makes it: challenge, token, manifest, layer, first bytes.

The OCI distribution specification and Docker's token authentication are the protocol; what each step teaches about the
registry's network is in ``verdict``.
"""

from __future__ import annotations

import json
import platform
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from registry_model.alibaba.names import is_token_host
from registry_model.azure.misnamed import same_registry
from registry_model.text import clean

from .errors import InputError
from .wire import DEFAULT_PORTS, MOST_LINK, Exchange, WebAddress, Wire, web_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .credentials import Credentials
    from .image import Image
    from .redact import Redactor

INDEX_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
MANIFEST_TYPES = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
MANIFEST_LIMIT = 4 << 20  # the specification's suggestion for what registries must accept
ANSWER_LIMIT = 64 << 10  # what a challenge, an error or a token answer may have in bytes
FIRST_BYTES = 1024
MOST_REDIRECTS = 3
MOST_CHALLENGE = 8192  # characters of a WWW-Authenticate header; real ones have some hundred
MOST_TOKEN = 16 << 10  # characters; servers refuse headers beyond
MOST_SIZE = 1 << 60  # bytes of a layer or a manifest: more is no size
MOST_SHOWN = 300  # characters of one thing that a server says
MOST_LISTED = 20  # platforms of an index, errors of an answer
REDIRECTS = (301, 302, 303, 307, 308)
# The parts of a challenge (RFC 9110, 11.6.1). Each pattern is tried where the one before ended and none goes back.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"?', re.DOTALL)
_PLAIN = re.compile(r'[^\s,"]*')
_TOKEN68 = re.compile(r"[ \t]+([A-Za-z0-9._~+/-]+=*)[ \t]*(?=,|$)")
_WANTED = {"bearer": "a bearer token", "basic": "a user name and password"}
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm"}


@dataclass
class Step:
    """One step of the flow. ``note`` says what the doctor read or decided in it."""

    name: str
    exchange: Exchange
    note: str = ""
    service_tags: list[str] = field(default_factory=list)


@dataclass
class Trace:
    """A pull as far as it came. ``stop`` says why it went no further where no exchange shows it."""

    image: Image
    credentials_origin: str
    anonymous: bool
    expired_since: float | None = None
    steps: list[Step] = field(default_factory=list)
    complete: bool = False
    stop: str = ""
    stop_reason: str = ""

    def step(self, name: str) -> Step | None:
        """The last step of that name."""
        return next((s for s in reversed(self.steps) if s.name == name), None)


@dataclass(frozen=True)
class Challenge:
    """A ``WWW-Authenticate`` header: its scheme in lower case and its parameters."""

    scheme: str
    parameters: dict[str, str]


def parse_challenges(header: str) -> list[Challenge]:
    """Every challenge of a ``WWW-Authenticate`` header, in time that grows with its length alone.

    Nothing is refused: what is no challenge is passed over. Of a header beyond ``MOST_CHALLENGE`` nothing is read.
    """
    found: list[Challenge] = []
    at = 0 if len(header) <= MOST_CHALLENGE else len(header)
    while at < len(header):
        word = _TOKEN.match(header, at)
        if word is None:
            at += 1
            continue
        at = word.end()
        equals = _EQUALS.match(header, at)
        if equals is None:
            found.append(Challenge(word.group().lower(), {}))
            # A scheme may have one opaque value (Negotiate) in place of parameters.
            opaque = _TOKEN68.match(header, at)
            at = opaque.end() if opaque and (opaque.group(1).endswith("=") or len(opaque.group(1)) > 16) else at
            continue
        quoted = _QUOTED.match(header, equals.end())
        plain = quoted or _PLAIN.match(header, equals.end())
        assert plain is not None
        at = plain.end()
        if found:
            value = re.sub(r"\\(.)", r"\1", quoted.group(1), flags=re.DOTALL) if quoted else plain.group()
            found[-1].parameters.setdefault(word.group().lower(), value)
    return found


def this_platform() -> str:
    """``linux/<this machine's architecture>``, as image indexes write it."""
    machine = platform.machine().lower()
    return f"linux/{_ARCHITECTURES.get(machine, machine)}"


def parse_platform(text: str) -> tuple[str, str, str]:
    """``linux/arm/v7`` as operating system, architecture and variant; InputError otherwise."""
    parts = text.split("/")
    if len(parts) not in (2, 3) or not all(re.fullmatch(r"[a-z0-9._-]+", p) for p in parts):
        raise InputError(f"--platform '{text}': must be os/architecture[/variant], such as linux/amd64")
    return parts[0], parts[1], parts[2] if len(parts) == 3 else ""


class Puller:
    """Makes one pull and records it.

    ``allowed_realms`` are hosts beside the registry's own to which credentials may be sent for a token. ``on_start``
    and ``on_step`` are told of each step as it begins and ends. ``scheme`` is ``https`` but for a registry on loopback.
    """

    def __init__(
        self,
        wire: Wire,
        image: Image,
        credentials: Credentials,
        redactor: Redactor,
        *,
        wanted_platform: str = "",
        allowed_realms: Iterable[str] = (),
        scheme: str = "https",
        on_start: Callable[[str, str], None] = lambda name, host: None,
        on_step: Callable[[Step], None] = lambda step: None,
        tags_of: Callable[[str], list[str]] = lambda address: [],
    ) -> None:
        self.wire = wire
        self.image = image
        self.credentials = credentials
        self.redactor = redactor
        self.platform = parse_platform(wanted_platform or this_platform())
        self.scheme = scheme
        self.allowed_realms = {parse_realm(realm, DEFAULT_PORTS[scheme]) for realm in allowed_realms}
        self.on_start = on_start
        self.on_step = on_step
        self.tags_of = tags_of
        port = "" if image.port == DEFAULT_PORTS[scheme] else f":{image.port}"
        self.base = f"{scheme}://{image.host}{port}"
        self.trace = Trace(image, credentials.origin, credentials.anonymous, credentials.expired_since())

    async def pull(self) -> Trace:
        """Make the pull. Never raises for what a network or registry can do: the trace says how far it came."""
        authorization = await self._authorize()
        if authorization is not None:
            manifest = await self._manifest(authorization)
            if manifest is not None:
                await self._layer(manifest, authorization)
        return self.trace

    def _stop(self, code: str, reason: str) -> None:
        self.trace.stop, self.trace.stop_reason = code, reason

    async def _ask(
        self,
        name: str,
        url: str,
        headers: dict[str, str],
        form: dict[str, str] | None = None,
        most: int = ANSWER_LIMIT,
    ) -> Step:
        self.on_start(name, urlsplit(url).hostname or "")
        exchange = await self.wire.fetch("POST" if form else "GET", url, headers, form, most)
        step = Step(name, exchange)
        if exchange.address:
            step.service_tags = self.tags_of(exchange.address)
        self.trace.steps.append(step)
        return step

    async def _authorize(self) -> str | None:
        """The Authorization value for the registry, empty when it asks for none; None when the flow ends here."""
        step = await self._ask("challenge", f"{self.base}/v2/", {})
        answer = step.exchange
        if answer.status == 200:
            step.note = "asks for no credentials"
            self.on_step(step)
            return ""
        header = answer.headers.get("www-authenticate", "")
        challenges: dict[str, Challenge] = {}
        for each in parse_challenges(header):
            challenges.setdefault(each.scheme, each)
        long = len(header) > MOST_CHALLENGE
        if answer.status == 401 and long:
            step.note = f"a WWW-Authenticate header of {len(header)} characters; at most {MOST_CHALLENGE} are read"
        elif answer.status == 401:
            wanted = [_WANTED.get(scheme, scheme) for scheme in challenges]
            step.note = clean(
                "asks for " + (" or ".join(wanted) or "credentials without saying which"), most=MOST_SHOWN
            )
        elif answer.status is not None:
            step.note = error_text(answer)
        self.on_step(step)
        if answer.status != 401:
            return None
        if self.credentials.registry_token and ("bearer" in challenges or not challenges):
            return self._bearer(self.credentials.registry_token, f"the token from {self.credentials.origin}")
        if "bearer" in challenges:
            return await self._token(challenges["bearer"])
        if "basic" in challenges:
            if self.credentials.password:
                return self.credentials.basic
            self._stop("credentials-needed", "the registry asks for a user name and password")
            return None
        reason = (
            step.note if long else "a 401 without a Bearer or Basic challenge: this host is not a container registry"
        )
        self._stop("bad-challenge", reason)
        return None

    def _bearer(self, token: str, what: str) -> str | None:
        """The Authorization value for a token; None, with the reason, for what can be in no header."""
        self.redactor.add(token)
        if problem := token_problem(token):
            self._stop("bad-token-answer", f"{what} {problem}; it was not used")
            return None
        return f"Bearer {token}"

    async def _token(self, challenge: Challenge) -> str | None:
        realm = self._realm(challenge.parameters.get("realm", ""))
        if realm is None:
            return None
        query = {"scope": f"repository:{self.image.repository}:pull"}
        if service := challenge.parameters.get("service"):
            query = {"service": service, **query}
        if self.credentials.identity_token:
            form = {"grant_type": "refresh_token", **query, "refresh_token": self.credentials.identity_token}
            step = await self._ask("token", realm.url, {}, form)
        else:
            headers = {} if self.credentials.anonymous else {"Authorization": self.credentials.basic}
            joint = "&" if realm.query else "?"
            step = await self._ask("token", f"{realm.url}{joint}{urlencode(query, errors='replace')}", headers)
        token = self._read_token(step, query["scope"])
        step.exchange.body = b""
        self.on_step(step)
        if step.exchange.status != 200:
            return None
        if token is None:
            self._stop("bad-token-answer", f"the token service answered without a token: {step.note}")
            return None
        return self._bearer(token, "the token service's token")

    def _read_token(self, step: Step, scope: str) -> str | None:
        answer = step.exchange
        if answer.status != 200:
            step.note = error_text(answer) if answer.status is not None else ""
            return None
        if answer.cut:
            step.note = f"more than {ANSWER_LIMIT} bytes, which is no token"
            return None
        document = json_object(answer.body)
        # The token service's own other secrets are in the same answer.
        self.redactor.add(*(v for k, v in document.items() if isinstance(v, str) and "token" in k.lower()))
        token = document.get("access_token") or document.get("token")
        if not isinstance(token, str) or not token:
            step.note = "no token in it" if token is None else "a token that is no text"
            return None
        step.note = f"a token for {scope}" + (f", which {problem}" if (problem := token_problem(token)) else "")
        return token

    def _realm(self, text: str) -> WebAddress | None:
        """The token service, if credentials may go there: the registry itself over TLS, its cloud's, or one that the
        user named."""
        realm = web_address(text)
        if realm is None or realm.scheme != self.scheme:
            shown = clean(text, most=100)
            self._stop("foreign-realm", f"the token service '{shown}' is not an {self.scheme} address")
            return None
        own = realm.port == self.image.port and same_registry(realm.host, self.image.host)
        # The token service of Alibaba Cloud is every customer's: a registry of it has no token host of its own.
        shared = realm.port == DEFAULT_PORTS["https"] and is_token_host(realm.host, self.image.host)
        if own or shared or (realm.host, realm.port) in self.allowed_realms:
            return realm
        host = f"{realm.host}:{realm.port}" if realm.host == self.image.host else realm.authority
        other = "another port of its own host" if realm.host == self.image.host else "a host that is not its own"
        self._stop(
            "foreign-realm",
            f"the registry sends clients to {host} for a token, {other}; nothing was sent there. If that is right, "
            f"allow it: --allow-realm {host}",
        )
        return None

    async def _manifest(self, authorization: str) -> dict[str, Any] | None:
        accept = {"Accept": ", ".join(INDEX_TYPES + MANIFEST_TYPES)}
        headers = accept | ({"Authorization": authorization} if authorization else {})
        root = f"{self.base}/v2/{self.image.repository}/manifests/"
        step = await self._ask("manifest", root + self.image.reference, headers, most=MANIFEST_LIMIT)
        document = self._read_manifest(step)
        if document is None or "manifests" not in document:
            return document
        chosen = self._choose(document)
        if chosen is None:
            return None
        step = await self._ask("platform manifest", root + chosen, headers, most=MANIFEST_LIMIT)
        document = self._read_manifest(step)
        if document is not None and "manifests" in document:
            self._stop("bad-manifest", "an index that points to another index")
            return None
        return document

    def _read_manifest(self, step: Step) -> dict[str, Any] | None:
        answer = step.exchange
        document: dict[str, Any] = {}
        if answer.status == 200 and answer.cut:
            step.note = f"more than {MANIFEST_LIMIT >> 20} MiB, which registries need not accept; it was not read"
        elif answer.status == 200:
            document = json_object(answer.body)
            step.note = _describe_manifest(document)
        elif answer.status is not None:
            step.note = error_text(answer)
        answer.body = b""
        self.on_step(step)
        if answer.status != 200:
            return None
        if answer.cut:
            self._stop("bad-manifest", f"the answer has {step.note}")
            return None
        if not any(key in document for key in ("manifests", "layers", "config")):
            self._stop("bad-manifest", "the answer is not an image manifest or index")
            return None
        return document

    def _choose(self, index: dict[str, Any]) -> str | None:
        system, architecture, variant = self.platform
        offered: list[str] = []
        for entry in _dicts(index.get("manifests")):
            target = entry.get("platform")
            target = target if isinstance(target, dict) else {}
            if len(offered) < MOST_LISTED:
                offered.append(clean(f"{target.get('os')}/{target.get('architecture')}", most=60))
            matches = (target.get("os"), target.get("architecture")) == (system, architecture)
            if matches and (not variant or target.get("variant") == variant) and _is_digest(entry.get("digest")):
                return str(entry["digest"])
        wanted = "/".join(p for p in self.platform if p)
        known = ", ".join(sorted({o for o in offered if o not in ("None/None", "unknown/unknown")})) or "none"
        self._stop(
            "no-platform", f"the image has no {wanted}; it has: {known}. Choose one: --platform {known.split(', ')[0]}"
        )
        return None

    async def _layer(self, manifest: dict[str, Any], authorization: str) -> None:
        blobs = [b for b in _dicts(manifest.get("layers")) if not b.get("urls") and _is_digest(b.get("digest"))]
        config = manifest.get("config")
        if not blobs and isinstance(config, dict) and _is_digest(config.get("digest")):
            blobs = [config]
        if not blobs:
            self._stop("bad-manifest", "the manifest names no layer and no configuration")
            return
        blob = min(blobs, key=lambda b: _size(b) or 0)
        url = f"{self.base}/v2/{self.image.repository}/blobs/{blob['digest']}"
        ranged = {"Range": f"bytes=0-{FIRST_BYTES - 1}"}
        name, headers = "layer", ranged | ({"Authorization": authorization} if authorization else {})
        for _ in range(MOST_REDIRECTS + 1):
            step = await self._ask(name, url, headers, most=FIRST_BYTES)
            answer = step.exchange
            if answer.status not in REDIRECTS:
                self._first_bytes(step)
                return
            target = self._link(url, answer.headers.get("location", ""))
            if target is None:
                step.note = "redirect that cannot be followed"
                self.on_step(step)
                return
            step.note = f"redirect to {target.host}"
            self.on_step(step)
            # The signed link is the whole credential: the registry's token never goes to another host.
            name, url, headers = "first bytes", target.url, ranged
        self._stop("bad-redirect", f"more than {MOST_REDIRECTS} redirects")

    def _link(self, url: str, location: str) -> WebAddress | None:
        """Where a redirect leads; None, with the reason, where it cannot be followed."""
        target = web_address(location, url)
        self.redactor.add(location.partition("?")[2])
        if target is not None and target.scheme == self.scheme:
            self.redactor.add(target.query)
            return target
        if not location:
            reason = "the answer is a redirect without a link"
        elif len(location) > MOST_LINK:
            reason = f"the layer's link has {len(location)} characters; at most {MOST_LINK} are followed"
        else:
            reason = f"the layer's link does not lead to an {self.scheme} host"
        self._stop("bad-redirect", reason)
        return None

    def _first_bytes(self, step: Step) -> None:
        answer = step.exchange
        if answer.status in (200, 206):
            kind = clean(answer.headers.get("content-type", "no content type"), most=100)
            step.note = f"{len(answer.body)} bytes of {kind}"
            self.trace.complete = True
        elif answer.status is not None:
            step.note = error_text(answer)
        answer.body = b""
        self.on_step(step)


def error_text(answer: Exchange) -> str:
    """What a registry or storage says went wrong: its error codes and messages, at most 300 characters."""
    errors = _dicts(json_object(answer.body).get("errors"))[:MOST_LISTED]
    parts = [": ".join(str(e[k]) for k in ("code", "message") if isinstance(e.get(k), str | int)) for e in errors]
    if not any(parts) and (match := re.search(rb"<Code>([^<]{1,80})</Code>", answer.body)):
        parts = [match.group(1).decode("utf-8", "replace")]
    text = clean("; ".join(p for p in parts if p), most=2 * MOST_SHOWN)
    return " ".join(text.split())[:MOST_SHOWN]


def token_problem(token: str) -> str:
    """Why a token can be in no header, as the end of a sentence; empty when it can. The token itself is never said."""
    if len(token) > MOST_TOKEN:
        return f"has {len(token)} characters; at most {MOST_TOKEN} can be sent"
    if not token.isascii():
        return "has characters that are not ASCII"
    if not token.isprintable():
        return "has control characters"
    return "has spaces" if " " in token else ""


def parse_realm(text: str, default_port: int) -> tuple[str, int]:
    """``tokens.example.net`` or ``tokens.example.net:8443`` as host and port; InputError otherwise."""
    found = web_address(f"https://{text.strip().lower().removeprefix('https://').rstrip('/')}/")
    if found is None or "@" in text or urlsplit(found.url).path != "/":
        raise InputError(f"--allow-realm '{clean(text, most=100)}': must be a host, or host:port")
    return found.host, found.port if ":" in text.removeprefix("https://") else default_port


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in an answer; empty when it holds something else."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}", value) is not None


def _size(entry: dict[str, Any]) -> int | None:
    """The size that a manifest gives for a part of an image; None where that is no size."""
    size = entry.get("size")
    return size if isinstance(size, int) and not isinstance(size, bool) and 0 <= size <= MOST_SIZE else None


def _describe_manifest(document: dict[str, Any]) -> str:
    if "manifests" in document:
        return f"an index of {len(_dicts(document['manifests']))} manifests"
    layers = _dicts(document.get("layers"))
    sizes = [_size(layer) for layer in layers]
    total = sum(size for size in sizes if size is not None)
    wrong = f", {sizes.count(None)} without a usable size" if None in sizes else ""
    return f"a manifest of {len(layers)} layers, {total / 1e6:.1f} MB{wrong}"
