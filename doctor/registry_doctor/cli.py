"""The command line. Each command reads its input, calls the module that does the work, and prints; imports that take
time stay inside the commands, so that help is quick."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .choices import Source
from .errors import EXIT_CODES, FOUND, UNABLE, DoctorError

if TYPE_CHECKING:
    from .resolve import Resolver

app = typer.Typer(
    name="registry-doctor",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
TimeoutOption = Annotated[
    float, typer.Option("--timeout", min=0.1, max=600, help="Seconds that each step on the network may take.")
]
ResolverOption = Annotated[
    str | None,
    typer.Option(
        "--resolver",
        metavar="IP[:PORT]",
        help="Ask this name server instead of the system's, such as 168.63.129.16 (Azure's own).",
    ),
]
CaOption = Annotated[
    Path | None,
    typer.Option("--ca-bundle", metavar="FILE", help="PEM file of authorities to trust beside the system's."),
]
ConnectOption = Annotated[
    list[str] | None,
    typer.Option(
        "--connect-to",
        metavar="FROM=IP:PORT",
        help="Connect to IP:PORT wherever FROM (a resolved address, a host, or *) would be connected to.",
        hidden=True,
    ),
]
TagsOption = Annotated[
    Path | None,
    typer.Option(
        "--service-tags",
        metavar="FILE",
        envvar="REGISTRY_DOCTOR_SERVICE_TAGS",
        help="ServiceTags_Public_*.json, to name the service tag of each address. Default: the newest remembered one.",
    ),
]


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"registry-doctor {version('private-registry')}")
        raise typer.Exit


@app.callback()
def common(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Which hosts must clients of a private container registry reach, do they, and why not."""


@app.command()
def trace(
    image: Annotated[str, typer.Argument(help="The image to pull, such as contoso.azurecr.io/app:1.")],
    auth: Annotated[
        Source,
        typer.Option(
            help="Who to be: auto (REGISTRY_USERNAME and REGISTRY_PASSWORD, else what docker login stored, else "
            "anonymous), anonymous, token (REGISTRY_USERNAME and REGISTRY_PASSWORD), az (the Azure CLI's sign-in), "
            "docker (what docker login stored)."
        ),
    ] = Source.AUTO,
    username: Annotated[str | None, typer.Option(help="User or token name, instead of REGISTRY_USERNAME.")] = None,
    platform: Annotated[
        str, typer.Option(metavar="OS/ARCH[/VARIANT]", help="Which image of an index. Default: linux, this machine's.")
    ] = "",
    resolver: ResolverOption = None,
    timeout: TimeoutOption = 10.0,
    ca_bundle: CaOption = None,
    service_tags: TagsOption = None,
    allow_realm: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST",
            help="Let credentials go to this host for a token. Without it only the registry's own host gets them.",
        ),
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write a self-contained HTML report.")] = None,
    json_: JsonFlag = False,
    connect_to: ConnectOption = None,
    plain_http: Annotated[
        bool, typer.Option("--plain-http", hidden=True, help="For a registry on loopback: HTTP without TLS.")
    ] = False,
) -> None:
    """Pull an image step by step from where this machine stands, and say what that shows.

    401, token, manifest, layer redirect, first bytes: each with its names, address, TLS, status and time; then the
    verdict and the fix. Nothing is stored; at most a kilobyte of a layer is read. Exit code 1 when the pull fails.
    """
    import asyncio

    from . import render, tls
    from . import service_tags as tags
    from .credentials import find
    from .image import parse_image
    from .progress import Progress
    from .redact import Redactor
    from .trace import Puller
    from .verdict import judge
    from .wire import Wire

    target = parse_image(image)
    if plain_http and target.host not in ("localhost", "127.0.0.1"):
        raise typer.BadParameter("only for a registry on localhost", param_hint="--plain-http")
    redactor = Redactor()
    wire = Wire(_resolver(resolver, timeout), tls.client_context(ca_bundle), timeout, _reroutes(connect_to))
    who = find(auth, target.authority, redactor, username=username)
    index = tags.load_default(service_tags)
    out = render.console()
    steps = render.Steps(out, redactor)
    with Progress() as progress:
        puller = Puller(
            wire,
            target,
            who,
            redactor,
            wanted_platform=platform,
            allowed_realms=allow_realm or (),
            scheme="http" if plain_http else "https",
            on_start=lambda name, host: progress.say(f"{name}: waiting for {host} (at most {timeout:g} s)"),
            on_step=(lambda _: None) if json_ else steps.show,
            tags_of=index.tags_of if index else lambda _: [],
        )
        if not json_:
            out.print(f"{target}, as {who.origin}, asking {wire.resolver.label}\n")
        done = asyncio.run(puller.pull())
    verdict = judge(done)
    if json_:
        render.print_json(render.trace_data(done, verdict, redactor))
    else:
        out.print(render.verdict_lines(verdict, redactor))
    raise typer.Exit(0 if verdict.ok else FOUND)


def _resolver(text: str | None, limit: float) -> Resolver:
    from .addresses import parse_endpoint
    from .resolve import Resolver

    return Resolver([parse_endpoint(text, "--resolver", 53)] if text else None, limit)


def _reroutes(values: list[str] | None) -> dict[str, tuple[str, int]]:
    from .addresses import parse_endpoint

    pairs = [value.partition("=") for value in values or ()]
    return {key.lower(): parse_endpoint(where, "--connect-to", 443) for key, _, where in pairs}


def main() -> None:
    """The entry point: every failure is a message and an exit code, never a traceback."""
    try:
        app()
    except DoctorError as error:
        for line in str(error).splitlines():
            print(f"registry-doctor: {line}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if os.environ.get("REGISTRY_DOCTOR_DEBUG"):
            raise
        from .redact import Redactor

        what = Redactor().text(f"{type(error).__name__}: {error}")
        print(f"registry-doctor: a fault of its own ({what}); REGISTRY_DOCTOR_DEBUG=1 shows where", file=sys.stderr)
        sys.exit(UNABLE)
