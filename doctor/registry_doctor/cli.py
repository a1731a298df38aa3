"""The command line. Each command reads its input, calls the module that does the work, and prints; imports that take
time stay inside the commands, so that help is quick."""

from __future__ import annotations

import dataclasses
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from registry_model import console
from registry_model.azure import limits, names

from .choices import Drawing, RecordFormat, Source, Viewpoint
from .errors import EXIT_CODES, FOUND, UNABLE, DoctorError, InputError, together
from .options import (
    TAGS_VARIABLE,
    AuthOption,
    CaOption,
    ConnectOption,
    Declared,
    DeclaredOrNamed,
    HtmlOption,
    JsonFlag,
    JsonFormatFlag,
    MarkdownFlag,
    MaxSizeOption,
    MaxTimeOption,
    ResolverOption,
    TagsOption,
    TimeoutOption,
    UserOption,
    WholeTimeOption,
    one_of,
    takes_source,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from registry_model.estate.files import ByteLimit
    from registry_model.reach.kinds import AnyRegistry
    from registry_model.reach.model import Change

    from .credentials import Credentials
    from .image import Image
    from .redact import Redactor
    from .render import Tables
    from .resolve import Resolver

app = typer.Typer(
    name="registry-doctor",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)

_Format = TypeVar("_Format", bound=StrEnum)
JUDGING = ("trace", "check")  # their exit code says what they found
MOST_FAULT = 500  # characters of an error that was not foreseen
HELPER_LIMIT = 60.0  # seconds for credential helpers and az, which may wait for a person


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"registry-doctor {version('private-registry')}")
        raise typer.Exit


@app.callback()
def common(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Show which hosts clients of a private container registry must reach, whether they do, and if not, why."""
    if context.invoked_subcommand not in JUDGING:
        console.let_the_reader_leave()


@app.command()
@takes_source
def show(
    source: DeclaredOrNamed,
    json_: JsonFlag = False,
    markdown: MarkdownFlag = False,
    _max_time: WholeTimeOption = None,
) -> None:
    """Show what a stack declares: hosts, private addresses, DNS records, and who can pull."""
    from . import render, report

    tables = _tables(json_=json_, markdown=markdown)
    found = _registries(source)
    if json_:
        render.print_json([report.show_data(r) for r in found])
        return
    for each in found:
        tables.show(f"{each.label}: hosts, TCP {names.HTTPS}", report.HOST_COLUMNS, report.host_rows(each))
        if records := report.record_rows(each):
            tables.show(f"{each.label}: private DNS records", report.RECORD_COLUMNS, records)
        _print_reach(each, tables)


@app.command()
@takes_source
def endpoints(
    source: DeclaredOrNamed,
    table: Annotated[bool, typer.Option("--table", help="Print a table instead of JSON.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON, which is also the default.")] = False,
    _max_time: WholeTimeOption = None,
) -> None:
    """Print a registry's login server and data endpoints as `az acr show-endpoints` does.

    All replicas are included, whenever they were added. Without dedicated data endpoints each region shows the blob
    storage wildcard, as az does.
    """
    from registry_model.reach.model import Registry

    from . import render, report
    from .sources import only_one

    if table and json_:
        raise InputError("--json and --table contradict each other: leave one out")
    found = only_one(_registries(source))
    if table:
        render.Tables().show("", report.HOST_COLUMNS, report.host_rows(found))
    else:
        render.print_json(report.endpoints(found))
    if isinstance(found, Registry) and not found.serves_from_data_endpoints:
        _warn(
            f"{found.label} has neither dedicated data endpoints nor a private endpoint: layers come from any storage "
            "account. The hosts to announce before a switch: registry-doctor allow-list"
        )


@app.command("allow-list")
@takes_source
def allow_list(
    source: DeclaredOrNamed,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            help="text (the default), json, azure-firewall, nsg, ipset, nftables, dnsmasq, squid, palo-alto or "
            "no-proxy.",
        ),
    ] = None,
    sign_in: Annotated[bool, typer.Option("--sign-in", help="Add the hosts of Entra sign-in and of az.")] = False,
    migration: Annotated[
        bool,
        typer.Option("--migration", help="Add the blob wildcard that is needed until the switch to data endpoints."),
    ] = False,
    name: Annotated[
        str | None,
        typer.Option(
            help="Name of the collection, rules, set, table or ACL, as its format allows. Default: container-registry.",
        ),
    ] = None,
    clients: Annotated[
        list[str] | None,
        typer.Option(
            "--source", metavar="CIDR", help="The clients' addresses, for azure-firewall, nsg and squid. Repeat it."
        ),
    ] = None,
    path: Annotated[
        str | None,
        typer.Option(
            "--path",
            metavar="private|public",
            help="For ipset, nftables and nsg: clients that use the private endpoint, or those on the public path. "
            "Default: private if the endpoint's addresses are known.",
        ),
    ] = None,
    priority: Annotated[
        int,
        typer.Option(
            min=limits.SECURITY_RULE_PRIORITIES[0],
            max=limits.SECURITY_RULE_PRIORITIES[1] - limits.RULE_SPAN,
            help="Priority of the rule collection, for azure-firewall. For nsg the lowest priority: each region's rule "
            f"has its own number up to {limits.RULE_SPAN - 1} above it, so a new replica renumbers no rule.",
        ),
    ] = limits.FIRST_PRIORITY,
    service_tags: TagsOption = None,
    address: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST=CIDR",
            help="The private address of a host, for ipset, nftables and nsg: for clients that use a private endpoint "
            "whose addresses are not declared, and for the token service of Alibaba Cloud. HOST is a host name, or as "
            "in `records` 'login-server' or a region. Repeat it.",
        ),
    ] = None,
    json_: JsonFormatFlag = False,
    _max_time: WholeTimeOption = None,
) -> None:
    """Print every host that clients must be allowed to reach, in a format for firewalls and proxies.

    The list names the dedicated data endpoints even if they are not on yet: announce it before the switch. Exit code 3
    if pulls need a host that it lacks. Until the switch that is the blob wildcard, which --migration adds.
    """
    from registry_model.reach import allow_lists as lists

    from . import records as dns
    from . import service_tags as tags
    from .limits import most_bytes

    chosen = format_ or ("json" if json_ else "text")

    def options() -> tuple[lists.Options, lists.ClientPath | None]:
        problems = _contradiction(json_=json_, format_=format_)
        if problem := lists.format_problem(chosen):
            raise InputError([*problems, f"--{problem}"])
        made = lists.Options(
            sign_in, sources=tuple(clients or lists.EVERYONE), priority=priority, name=name or lists.Options.name
        )
        problems += [f"--{problem}" for problem in lists.option_problems(chosen, made, named=name is not None)]
        way = None
        try:
            way = one_of(lists.ClientPath, path, "--path") if path is not None else None
        except InputError as error:
            problems += error.problems
        if path is not None and chosen not in lists.BY_ADDRESS:
            problems.append(
                f"--path {path}: the format '{chosen}' is the same on both paths; leave it out or use one of "
                f"{', '.join(lists.BY_ADDRESS)}"
            )
        if chosen not in ("ipset", "nftables"):
            # Who keeps the file in the environment has not asked for it here.
            if service_tags is not None and str(service_tags) != os.environ.get(TAGS_VARIABLE):
                problems.append(f"--service-tags: the format '{chosen}' has no prefixes of service tags; leave it out")
        else:
            try:
                if index := tags.load_default(service_tags, most_bytes(source.max_size)):
                    made = dataclasses.replace(made, tag_prefixes=index.prefixes_of(), tag_file=index.file.name)
            except InputError as error:
                problems += error.problems
        if problems:
            raise InputError(problems)
        return made, way

    registries, (chosen_options, way) = together(lambda: _registries(source), options)
    told = dns.given_addresses(registries, address or ())
    found = lists.allow_list(registries, migration=migration)
    try:
        found = lists.with_addresses(found, told)
    except ValueError as error:
        raise InputError(f"--address: {error}") from error
    try:
        if chosen in lists.BY_ADDRESS:
            found = lists.on_path(found, registries, way)
        text = lists.render(chosen, found, chosen_options)
    except ValueError as error:
        raise InputError(f"--{error}" if str(error).startswith(("format", "path")) else str(error)) from error
    sys.stdout.write(text)
    if chosen not in ("text", "json"):
        for note in found.notes:
            _warn(note)
    if not found.complete:
        raise typer.Exit(UNABLE)


@app.command()
@takes_source
def records(
    source: DeclaredOrNamed,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            help="table (the default), json, zone (a zone file), az or powershell (commands for Azure's zones); "
            "windows-dns, dnsmasq or unbound (for a DNS server of your own).",
        ),
    ] = None,
    address: Annotated[
        list[str] | None,
        typer.Option(
            "--address",
            metavar="HOST=IP",
            help="The endpoint's address for a host. HOST is a host name, 'login-server', or a region for its data "
            "endpoint. Repeat it. Default: what is declared.",
        ),
    ] = None,
    resource_group: Annotated[
        str | None,
        typer.Option(
            "--resource-group",
            metavar="NAME",
            help="The zone's resource group, for az and powershell. Default: that of the declared zone.",
        ),
    ] = None,
    json_: JsonFormatFlag = False,
    _max_time: WholeTimeOption = None,
) -> None:
    """Print the private DNS records that a registry needs if no zone group writes them.

    There is one record for the login server and one for each region's data endpoint. Without a stack, give the
    endpoint's addresses. Its network interface has them; `az network private-endpoint show` names it under
    networkInterfaces.
    """
    from registry_model.reach.model import Registry

    from . import records as dns
    from . import render, report
    from .sources import only_one

    registries, form = together(
        lambda: _registries(source),
        lambda: _form(RecordFormat, format_, RecordFormat.TABLE, json_=json_),
    )
    found = only_one(registries)
    if not isinstance(found, Registry):
        raise InputError(f"{found.label}: Alibaba Cloud writes the record of a bound VPC itself; see `show`")
    needed = dns.needed(found, address or ())
    if form is RecordFormat.JSON:
        data = [
            {"zone": n.record.zone, "name": n.record.name, "type": "A", "address": n.address or None} for n in needed
        ]
        render.print_json({"records": data})
    elif form is RecordFormat.TABLE:
        rows = [[n.record.zone, n.record.name, "A", n.address or "not known"] for n in needed]
        render.Tables().show("", report.RECORD_COLUMNS, rows)
    else:
        sys.stdout.write(dns.rendered(needed, form, resource_group or dns.group_of_the_zone(found)))
    if missing := [n.key for n in needed if not n.address]:
        _warn(f"{found.label}: the addresses of {', '.join(missing)} are not known; give each as --address HOST=IP")
        raise typer.Exit(UNABLE)


@app.command()
@takes_source
def reach(
    source: DeclaredOrNamed,
    preview: Annotated[
        Path | None,
        typer.Option(
            "--preview",
            metavar="FILE",
            help="Output of `pulumi preview --json --show-sames`, - for standard input: show the update's changes.",
        ),
    ] = None,
    run_preview: Annotated[
        bool, typer.Option("--run-preview", help="Run this preview now. It runs the program and changes nothing.")
    ] = False,
    html: HtmlOption = None,
    json_: JsonFlag = False,
    markdown: MarkdownFlag = False,
    _max_time: WholeTimeOption = None,
) -> None:
    """Say who can pull and push, for every possible location of a client, before or after a deployment.

    With a preview, also say what the update changes for each client. Exit code 1 if it would stop a client from doing
    something that it can do now; 3 if nothing can be said about any client.
    """
    from . import render, report, sources
    from .limits import most_bytes

    tables = _tables(json_=json_, markdown=markdown)
    if preview is not None and run_preview:
        raise InputError("--preview and --run-preview: give one of them")
    changes = None
    if preview is not None or run_preview:
        given = {
            "--az": source.az,
            "--parameters": source.parameters,
            "--region": source.region,
            "--bucket": source.bucket,
        }
        if wrong := ", ".join(option for option, value in given.items() if value):
            raise InputError(
                f"{wrong}: a preview starts from a stack or its export; leave out what does not belong to it"
            )
        most = most_bytes(source.max_size)
        exported = sources.read_text(source.state, "--state", most) if source.state else None
        if run_preview:
            text = sources.preview(source.stack, most)
        else:
            text = sources.read_text(preview or Path("-"), "--preview", most)
            if exported is None and source.stack is not None:
                exported = sources.export(source.stack, most)
        states = None if exported is None else sources.states_of(exported, "--state")
        before, after = sources.changes_of(text, states)
        found = sources.pick(after, source.registry) if after or source.registry else []
        kept = {r.label for r in found} if source.registry else {r.label for r in (*before, *after)}
        changes = [c for c in report.changes(before, after) if c.registry in kept]
    else:
        found = _registries(source)
    if html is not None:
        told = f"{'a preview of ' if run_preview else ''}{sources.described(source)}"
        if preview is not None:
            told = "a preview, from " + ("standard input" if str(preview) == "-" else str(preview))
        _write_report(html, found, told, changes=changes)
    breaks = any(c.breaks for c in changes or ())
    if json_:
        render.print_json(report.reach_data(found, changes))
    else:
        for each in found:
            _print_reach(each, tables)
        if changes is not None:
            rows = report.change_rows(changes)
            if rows:
                tables.show("What the update changes", report.CHANGE_COLUMNS, rows)
            else:
                print("\nThe update changes nothing for any client.")
    raise typer.Exit(FOUND if breaks else 0 if report.tells_something(found) else UNABLE)


@app.command("report")
@takes_source
def report_(
    source: Declared,
    html: Annotated[Path, typer.Option("--html", metavar="FILE", help="Write the report to this file.")] = Path(
        "registry-report.html"
    ),
    preset: Annotated[
        str, typer.Option("--preset", "-p", help="The guard's rules: baseline, strict, no-private-link or audit.")
    ] = "audit",
    _max_time: WholeTimeOption = None,
) -> None:
    """Write one HTML page about a registry: hosts, DNS records, who can pull, exposure, and the guard's findings.

    A first report without Pulumi: registry-doctor report --az contoso --html contoso.html. It only reports: the exit
    code does not depend on what is found; `registry-guard check` is the gate.
    """
    from . import html as pages
    from . import overview
    from .sources import described, documents_from, pick

    _dry_run(source)
    found = overview.of(documents_from(source), preset)
    kept = found.only(pick(found.registries, source.registry))
    title = "Registry report: " + ", ".join(r.label for r in kept.registries)
    _write(html, pages.page(title, [*pages.declared(kept.registries), *overview.sections(kept)], described(source)))
    for line in overview.lines(kept):
        print(line)
    print(f"The report is {html}")


@app.command()
@takes_source
def diagram(
    source: DeclaredOrNamed,
    format_: Annotated[
        str | None,
        typer.Option("--format", "-f", help="mermaid (text) or svg (an image). Default: by --output, else mermaid."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the drawing to this file. Without --format its ending sets the format: .svg, .mmd or .mermaid.",
        ),
    ] = None,
    clients: Annotated[bool, typer.Option(help="Draw the clients and whether they can pull.")] = True,
    json_: Annotated[bool, typer.Option("--json", help="Print both drawings in a JSON object.")] = False,
    _max_time: WholeTimeOption = None,
) -> None:
    """Draw a declared registry: hosts, networks, private endpoints, zones, and who reaches it."""
    from registry_model.reach.clients import default_clients
    from registry_model.reach.drawings import mermaid, svg

    from . import render
    from .sources import only_one

    registries, form = together(lambda: _registries(source), lambda: _drawing(format_, output, json_=json_))
    found = only_one(registries)
    seen = default_clients(found) if clients else []
    if json_:
        both = {"mermaid": mermaid(found, seen), "svg": svg(found, seen)}
        render.print_json({"registry": found.label, **both})
        return
    text = svg(found, seen) if form is Drawing.SVG else mermaid(found, seen)
    if output is None:
        sys.stdout.write(text)
    else:
        _write(output, text)


@app.command()
def whois(
    addresses: Annotated[
        list[str] | None,
        typer.Argument(metavar="IP...", help="Addresses. Default: standard input, one per line."),
    ] = None,
    file: Annotated[
        list[Path] | None,
        typer.Option("--file", "-f", metavar="FILE", help="A file of addresses, one per line; - for standard input."),
    ] = None,
    service_tags: TagsOption = None,
    remember: Annotated[
        bool, typer.Option("--remember", help="Keep the --service-tags file as the default of later runs.")
    ] = False,
    json_: JsonFlag = False,
    max_size: MaxSizeOption = None,
    _max_time: WholeTimeOption = None,
) -> None:
    """Name the Azure service tags of addresses, IPv4 or IPv6, most specific first.

    Needs Microsoft's weekly file ServiceTags_Public_*.json, once: --service-tags FILE --remember. Private addresses and
    Azure's resolver need no file. Exit code 1 if any other address has no tag.
    """
    from . import service_tags as tags
    from .limits import most_bytes

    most = most_bytes(max_size)
    files = [*(file or ()), *([] if addresses or file or (remember and sys.stdin.isatty()) else [Path("-")])]
    wanted, index = together(
        lambda: tags.read_addresses(addresses or (), files, most), lambda: tags.load_default(service_tags, most)
    )
    if remember:
        if index is None:
            raise tags.no_file()
        _warn(f"kept as {tags.remember(index.file)}")
    text, complete = tags.answer(index, wanted, json_=json_)
    sys.stdout.write(text)
    if index is None and not complete:
        raise tags.no_file()
    raise typer.Exit(0 if complete else FOUND)


@app.command()
@takes_source
def check(
    source: Declared,
    viewpoint: Annotated[
        Viewpoint,
        typer.Option(
            "--from",
            help="Where this machine is: inside, where clients should be able to pull, or outside, where not.",
        ),
    ] = Viewpoint.INSIDE,
    image: Annotated[
        str | None,
        typer.Option(
            metavar="IMAGE", help="Also pull this image's first bytes: its layers must come from a declared host."
        ),
    ] = None,
    auth: AuthOption = Source.AUTO,
    username: UserOption = None,
    resolver: ResolverOption = None,
    timeout: TimeoutOption = 10.0,
    max_time: MaxTimeOption = None,
    ca_bundle: CaOption = None,
    service_tags: TagsOption = None,
    html: HtmlOption = None,
    json_: JsonFlag = False,
    markdown: MarkdownFlag = False,
    connect_to: ConnectOption = None,
) -> None:
    """Compare what the network of this machine shows with what a stack declares, for all hosts at once.

    Inside, each host must resolve to its declared private address and answer with its own certificate, each replica
    must have its record, and no blob wildcard may be needed. Outside, the registry must be closed. Exit code 0: as
    declared; 1: something differs; 3: nothing differs, but something could not be judged.
    """
    import asyncio

    from registry_model.azure.misnamed import same_registry

    from . import check as checks
    from . import html as pages
    from . import render, tls
    from . import service_tags as tags
    from .deadline import run_limit
    from .limits import NETWORK_TIME, most_bytes, most_seconds
    from .progress import Progress
    from .redact import Redactor
    from .sources import described, login_hosts
    from .trace import Puller
    from .verdict import judge
    from .wire import Wire

    tables = _tables(json_=json_, markdown=markdown)
    redactor = Redactor()
    context, asked, reroutes = tls.client_context(ca_bundle), _resolver(resolver, timeout), _reroutes(connect_to)

    seconds = most_seconds(max_time, NETWORK_TIME)
    with run_limit(seconds) as until:
        most = most_bytes(source.max_size)
        found, index = together(lambda: _registries(source), lambda: tags.load_default(service_tags, most))
        target = _image_of(image, found) if image else None
        tags_of = index.tags_of if index else lambda _: []

        async def look(wire: Wire, who: Credentials | None) -> list[checks.RegistryResult]:
            results = await checks.check(found, viewpoint, wire, tags_of=tags_of)
            if target is not None and who is not None:
                pulled = await Puller(wire, target, who, redactor, tags_of=tags_of).pull()
                for result in results:
                    if any(same_registry(host, target.host) for host in login_hosts(result.registry)):
                        result.findings.append(checks.layers_seen(result, pulled, judge(pulled)))
            return results

        hosts = sum(len(r.hosts()) for r in found)
        with Progress(f"waiting for {hosts} hosts (at most {min(2 * timeout, seconds):g} s)"):
            helpers = min(HELPER_LIMIT, seconds)
            who = _credentials(auth, target, redactor, username, helpers, most) if target else None
            results = asyncio.run(look(Wire(asked, context, timeout, until, reroutes), who))
    sections = [
        (f"{r.registry.label}: what the network shows from {viewpoint}", redactor.data(checks.rows(r))) for r in results
    ]
    if html is not None:
        looked = [pages.table(title, checks.COLUMNS, rows, ("result",)) for title, rows in sections]
        _write(html, pages.page("Registry check", [*looked, *pages.declared(found)], described(source)))
    if json_:
        render.print_json(redactor.data(checks.data(results, viewpoint)))
    else:
        for title, rows in sections:
            tables.show(title, checks.COLUMNS, rows)
    raise typer.Exit(checks.exit_code(results))


@app.command()
def trace(
    image: Annotated[str, typer.Argument(help="The image to pull, such as contoso.azurecr.io/app:1.")],
    auth: AuthOption = Source.AUTO,
    username: UserOption = None,
    platform: Annotated[
        str,
        typer.Option(
            metavar="OS/ARCH[/VARIANT]", help="Which image of a multi-platform index. Default: linux, this machine's."
        ),
    ] = "",
    resolver: ResolverOption = None,
    timeout: TimeoutOption = 10.0,
    max_time: MaxTimeOption = None,
    ca_bundle: CaOption = None,
    service_tags: TagsOption = None,
    allow_realm: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST",
            help="Also send credentials to this host for a token. By default only the registry's own host gets them.",
        ),
    ] = None,
    html: HtmlOption = None,
    json_: JsonFlag = False,
    connect_to: ConnectOption = None,
    plain_http: Annotated[
        bool, typer.Option("--plain-http", hidden=True, help="For a registry on loopback: HTTP without TLS.")
    ] = False,
    max_size: MaxSizeOption = None,
) -> None:
    """Pull an image step by step from this machine, and say what that shows.

    401, token, manifest, layer redirect, first bytes: each with its names, address, TLS, status and time; then the
    verdict and the fix. Stores nothing, and reads at most a kilobyte of a layer. Exit code 1 if the pull fails; 3 if
    the resolver gives no information about the registry's name.
    """
    import asyncio

    from registry_model.azure.misnamed import misnamed

    from . import html as pages
    from . import render, tls
    from . import service_tags as tags
    from .deadline import run_limit
    from .image import parse_image
    from .limits import NETWORK_TIME, most_bytes, most_seconds
    from .progress import Progress
    from .redact import Redactor
    from .trace import Puller, Trace
    from .verdict import could_not_look, judge, misnamed_verdict
    from .wire import Wire, proxied

    target, seconds = together(lambda: parse_image(image), lambda: most_seconds(max_time, NETWORK_TIME))
    redactor = Redactor()
    out = render.console()
    if wrong := misnamed(target.host):
        verdict, done = misnamed_verdict(wrong, target), Trace(target, "nobody", anonymous=True)
    else:
        if proxied(target.host):
            _warn(
                f"HTTPS for {target.host} goes through a proxy here; this shows the way without it. If engines are to "
                "go direct: registry-doctor allow-list --format no-proxy"
            )
        if plain_http and target.host not in ("localhost", "127.0.0.1"):
            raise typer.BadParameter("only for a registry on localhost", param_hint="--plain-http")
        asked, context, reroutes = _resolver(resolver, timeout), tls.client_context(ca_bundle), _reroutes(connect_to)
        most = most_bytes(max_size)
        index = tags.load_default(service_tags, most)
        steps = render.Steps(out, redactor)
        with run_limit(seconds) as until, Progress() as progress:
            who = _credentials(auth, target, redactor, username, min(HELPER_LIMIT, seconds), most)
            puller = Puller(
                Wire(asked, context, timeout, until, reroutes),
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
                out.print(redactor.text(f"{target}; credentials: {who.origin}; {asked.label}") + "\n")
            done = asyncio.run(puller.pull())
        verdict = judge(done)
    if html is not None:
        _write(html, pages.page(f"Pull of {target}", pages.traced(done, verdict, redactor), "this machine's network"))
    if json_:
        render.print_json(render.trace_data(done, verdict, redactor))
    else:
        out.print(render.verdict_lines(verdict, redactor))
    raise typer.Exit(0 if verdict.ok else UNABLE if could_not_look(done, verdict) else FOUND)


def _registries(source: Declared) -> list[AnyRegistry]:
    """The registries that a command is asked about; what their source could not tell goes to standard error."""
    from .sources import from_source

    _dry_run(source)
    found = from_source(source)
    for each in found:
        for note in each.notes:
            _warn(f"{each.label}: {note}")
    return found


def _contradiction(*, json_: bool, format_: str | None) -> list[str]:
    if json_ and format_ not in (None, "json"):
        return [f"--json and --format {format_} contradict each other: leave one out"]
    return []


def _form(kind: type[_Format], format_: str | None, default: _Format, *, json_: bool) -> _Format:
    """The format of --format or --json. InputError for one that is none, and where the two differ."""
    if problems := _contradiction(json_=json_, format_=format_):
        raise InputError(problems)
    return one_of(kind, "json" if json_ else format_ or default, "--format")


def _dry_run(source: Declared) -> None:
    """Print what --az would run, and end."""
    from . import az

    if not source.dry_run:
        return
    if source.az is None:
        raise InputError("--dry-run: belongs to --az")
    print("\n".join(az.commands(source.az)))
    raise typer.Exit


def _tables(*, json_: bool, markdown: bool) -> Tables:
    from .render import Tables

    if json_ and markdown:
        raise InputError("--json and --markdown contradict each other: leave one out")
    return Tables(markdown=markdown)


def _drawing(format_: str | None, output: Path | None, *, json_: bool) -> Drawing:
    """What to draw: by --format, else by the ending of --output. InputError where two of them differ."""
    if json_:
        wrong = [f"--format {format_}"] if format_ is not None else []
        wrong += [f"--output {output}"] if output is not None else []
        if wrong:
            raise InputError(f"--json and {' and '.join(wrong)} exclude each other: it prints both drawings")
        return Drawing.MERMAID
    ending = output.suffix.lower() if output is not None else ""
    meant = _ENDINGS.get(ending)
    if format_ is not None:
        form = one_of(Drawing, format_, "--format")
        if meant not in (None, form):
            raise InputError(
                f"--format {form} and --output {output} contradict each other: the ending asks for {meant}; leave "
                "--format out, or give the file another ending"
            )
        return form
    if output is not None and meant is None:
        raise InputError(f"--output {output}: the ending must be one of {', '.join(_ENDINGS)}, or give --format")
    return meant or Drawing.MERMAID


_ENDINGS = {".svg": Drawing.SVG, ".mmd": Drawing.MERMAID, ".mermaid": Drawing.MERMAID}


def _print_reach(registry: AnyRegistry, tables: Tables) -> None:
    from . import report

    rows = report.reach_rows(report.summaries(registry))
    tables.show(f"{registry.label}: who can pull and push", report.REACH_COLUMNS, rows)


def _write_report(
    file: Path, registries: Sequence[AnyRegistry], source: str, *, changes: Sequence[Change] | None = None
) -> None:
    from . import html

    title = "Registry reachability: " + ", ".join(r.label for r in registries)
    _write(file, html.page(title, html.declared(registries, changes), source))


def _warn(text: str) -> None:
    from registry_model.text import clean

    from .redact import without_user

    print(f"registry-doctor: {without_user(clean(text))}", file=sys.stderr)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DoctorError(f"'{file}': cannot be written ({error.strerror})") from error


def _image_of(text: str, registries: Sequence[AnyRegistry]) -> Image:
    from registry_model.azure.misnamed import misnamed, same_registry

    from .image import parse_image
    from .sources import login_hosts

    image = parse_image(text)
    logins = [host.lower() for r in registries for host in login_hosts(r)]
    if not any(same_registry(image.host, login) for login in logins):
        wrong = misnamed(image.host)
        hint = (
            f"; {image.host} {wrong.reason}" + (f"; pull {image.at(wrong.meant)}" if wrong.meant else "")
            if wrong
            else ""
        )
        raise InputError(f"--image '{image}': is in no declared registry; there is: {', '.join(logins)}{hint}")
    return image


def _credentials(
    source: Source, image: Image, redactor: Redactor, username: str | None, limit: float, most: ByteLimit
) -> Credentials:
    from .credentials import find

    return find(source, image, redactor, username=username, limit=limit, most=most)


def _resolver(text: str | None, limit: float) -> Resolver:
    from .addresses import parse_endpoint
    from .resolve import Resolver

    return Resolver([parse_endpoint(text, "--resolver", 53)] if text else None, limit)


def _reroutes(values: list[str] | None) -> dict[str, tuple[str, int]]:
    from .addresses import parse_endpoint

    pairs = [value.partition("=") for value in values or ()]
    return {key.lower(): parse_endpoint(where, "--connect-to", names.HTTPS) for key, _, where in pairs}


def main() -> None:
    """The entry point: every failure is a message and an exit code, never a traceback."""
    try:
        app()
    except DoctorError as error:
        for problem in error.problems if isinstance(error, InputError) else [str(error)]:
            _warn(problem)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except ModuleNotFoundError:
        raise  # a package that the extra carries: the caller says how to install it
    except Exception as error:
        if os.environ.get("REGISTRY_DOCTOR_DEBUG"):
            raise
        from .redact import Redactor

        what = Redactor().text(f"{type(error).__name__}: {error}")[:MOST_FAULT]
        print(f"registry-doctor: a fault of its own ({what}); REGISTRY_DOCTOR_DEBUG=1 shows where", file=sys.stderr)
        sys.exit(UNABLE)
