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
from urllib.parse import urlencode, urljoin, urlsplit

from .errors import InputError
from .wire import DEFAULT_PORTS, Exchange, Wire

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
FIRST_BYTES = 1024
MOST_REDIRECTS = 3
REDIRECTS = (301, 302, 303, 307, 308)
_PARAMETER = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
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
    """Every challenge of a ``WWW-Authenticate`` header."""
    found: list[Challenge] = []
    # A scheme is a word before a space that no '=' follows; parameters run until the next one.
    for part in re.split(r"(?:^|,\s*)(?=\w+\s+\w+=)", header.strip()):
        scheme, _, rest = part.strip().partition(" ")
        if scheme:
            parameters = {k.lower(): re.sub(r"\\(.)", r"\1", q) or plain for k, q, plain in _PARAMETER.findall(rest)}
            found.append(Challenge(scheme.lower(), parameters))
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
        self.allowed_realms = {realm.lower() for realm in allowed_realms}
        self.scheme = scheme
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
        most: int = MANIFEST_LIMIT,
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
        challenges = {c.scheme: c for c in parse_challenges(answer.headers.get("www-authenticate", ""))}
        if answer.status == 401:
            wanted = [_WANTED.get(scheme, scheme) for scheme in challenges]
            step.note = "asks for " + (" or ".join(wanted) or "credentials without saying which")
        elif answer.status is not None:
            step.note = error_text(answer)
        self.on_step(step)
        if answer.status != 401:
            return None
        if "bearer" in challenges:
            return await self._token(challenges["bearer"])
        if "basic" in challenges:
            if self.credentials.password:
                return self.credentials.basic
            self._stop("credentials-needed", "the registry asks for a user name and password")
            return None
        self._stop("bad-challenge", "a 401 without a Bearer or Basic challenge: this host is not a container registry")
        return None

    async def _token(self, challenge: Challenge) -> str | None:
        realm = challenge.parameters.get("realm", "")
        if not self._may_ask(realm):
            return None
        query = {"scope": f"repository:{self.image.repository}:pull"}
        if service := challenge.parameters.get("service"):
            query = {"service": service, **query}
        if self.credentials.identity_token:
            form = {"grant_type": "refresh_token", **query, "refresh_token": self.credentials.identity_token}
            step = await self._ask("token", realm, {}, form)
        else:
            headers = {} if self.credentials.anonymous else {"Authorization": self.credentials.basic}
            joint = "&" if urlsplit(realm).query else "?"
            step = await self._ask("token", f"{realm}{joint}{urlencode(query)}", headers)
        token = ""
        if step.exchange.status == 200:
            answer = json_object(step.exchange.body)
            token = str(answer.get("access_token") or answer.get("token") or "")
            self.redactor.add(token, str(answer.get("refresh_token") or ""))
            step.note = f"a token for {query['scope']}" if token else "no token in it"
        elif step.exchange.status is not None:
            step.note = error_text(step.exchange)
        step.exchange.body = b""
        self.on_step(step)
        if step.exchange.status == 200 and not token:
            self._stop("bad-token-answer", "the token service answered without a token")
        return f"Bearer {token}" if token else None

    def _may_ask(self, realm: str) -> bool:
        """Whether credentials may go to the realm: the registry itself, over TLS, or a host the user named."""
        try:
            parts = urlsplit(realm)
            where = ((parts.hostname or "").lower(), parts.port or DEFAULT_PORTS.get(parts.scheme, 0))
        except ValueError:
            parts, where = urlsplit(""), ("", 0)
        own = where == (self.image.host, self.image.port)
        if parts.scheme == self.scheme and (own or where[0] in self.allowed_realms):
            return True
        if parts.scheme != self.scheme or not where[0]:
            self._stop("foreign-realm", f"the token service '{realm}' is not an https address")
        else:
            self._stop(
                "foreign-realm",
                f"the registry sends clients to {where[0]} for a token, a host that is not its own; nothing was sent "
                f"there. If that is right, allow it: --allow-realm {where[0]}",
            )
        return False

    async def _manifest(self, authorization: str) -> dict[str, Any] | None:
        accept = {"Accept": ", ".join(INDEX_TYPES + MANIFEST_TYPES)}
        headers = accept | ({"Authorization": authorization} if authorization else {})
        root = f"{self.base}/v2/{self.image.repository}/manifests/"
        step = await self._ask("manifest", root + self.image.reference, headers)
        document = self._read_manifest(step)
        if document is None or "manifests" not in document:
            return document
        chosen = self._choose(document)
        if chosen is None:
            return None
        step = await self._ask("platform manifest", root + chosen, headers)
        document = self._read_manifest(step)
        if document is not None and "manifests" in document:
            self._stop("bad-manifest", "an index that points to another index")
            return None
        return document

    def _read_manifest(self, step: Step) -> dict[str, Any] | None:
        answer = step.exchange
        document: dict[str, Any] = {}
        if answer.status == 200:
            document = json_object(answer.body)
            step.note = _describe_manifest(document)
        elif answer.status is not None:
            step.note = error_text(answer)
        self.on_step(step)
        if answer.status != 200:
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
            offered.append(f"{target.get('os')}/{target.get('architecture')}")
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
        blob = min(blobs, key=lambda b: b["size"] if isinstance(b.get("size"), int) else 0)
        url = f"{self.base}/v2/{self.image.repository}/blobs/{blob['digest']}"
        ranged = {"Range": f"bytes=0-{FIRST_BYTES - 1}"}
        name, headers = "layer", ranged | ({"Authorization": authorization} if authorization else {})
        for _ in range(MOST_REDIRECTS + 1):
            step = await self._ask(name, url, headers, most=FIRST_BYTES)
            answer = step.exchange
            if answer.status not in REDIRECTS:
                self._first_bytes(step)
                return
            location = answer.headers.get("location", "")
            target = urljoin(url, location)
            self.redactor.add(urlsplit(target).query)
            if not self._may_follow(target if location else ""):
                step.note = "redirect that cannot be followed"
                self.on_step(step)
                return
            step.note = f"redirect to {urlsplit(target).hostname}"
            self.on_step(step)
            # The signed link is the whole credential: the registry's token never goes to another host.
            name, url, headers = "first bytes", target, ranged
        self._stop("bad-redirect", f"more than {MOST_REDIRECTS} redirects")

    def _may_follow(self, target: str) -> bool:
        try:
            parts = urlsplit(target)
            usable = parts.scheme == self.scheme and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            self._stop("bad-redirect", f"the layer's link does not lead to an {self.scheme} host")
        return usable

    def _first_bytes(self, step: Step) -> None:
        answer = step.exchange
        if answer.status in (200, 206):
            kind = answer.headers.get("content-type", "no content type")
            step.note = f"{len(answer.body)} bytes of {kind}"
            self.trace.complete = True
        elif answer.status is not None:
            step.note = error_text(answer)
        answer.body = b""
        self.on_step(step)


def error_text(answer: Exchange) -> str:
    """What a registry or storage says went wrong: its error codes and messages, at most 300 characters."""
    errors = _dicts(json_object(answer.body).get("errors"))
    parts = [": ".join(str(e[k]) for k in ("code", "message") if e.get(k)) for e in errors]
    if not parts and (match := re.search(rb"<Code>([^<]{1,80})</Code>", answer.body)):
        parts = [match.group(1).decode("utf-8", "replace")]
    return " ".join("; ".join(p for p in parts if p).split())[:300]


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


def _describe_manifest(document: dict[str, Any]) -> str:
    if "manifests" in document:
        return f"an index of {len(_dicts(document['manifests']))} manifests"
    layers = _dicts(document.get("layers"))
    size = sum(s for layer in layers if isinstance(s := layer.get("size"), int))
    return f"a manifest of {len(layers)} layers, {size / 1e6:.1f} MB"
