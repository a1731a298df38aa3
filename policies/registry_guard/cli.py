"""The command line: ``registry-guard report``, ``check``, ``rules``, ``presets`` and ``pack-path``.

Exit codes: 0 when everything passes; 1 for a mandatory violation, a policy that could not run, or an operation that
broke off; 2 for wrong usage or input that cannot be judged.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer
from registry_model import console

# Everything else is imported where it is used: `--help` needs no rules, and `check` no tables when it writes JSON.
if TYPE_CHECKING:
    from registry_model.estate.documents import Document
    from registry_model.estate.files import ByteLimit
    from registry_model.limit import Limit

    from .engine import Finding
    from .report.model import Report
    from .settings import Settings

EXIT_USAGE = 2
EXIT_INTERRUPTED = 130
_STDIN = "-"
_SKIPPED_SHOWN = 5
_Made = TypeVar("_Made")

app = typer.Typer(
    name="registry-guard",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)

JUDGING = ("check", "report")  # their exit code says what they found

FormatOption = Annotated[
    str | None,
    typer.Option("--format", "-f", help="table, json, sarif, junit or markdown. Default: a table.", metavar="FORMAT"),
]
OutputOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--output",
        "-o",
        help="Write the report to this file instead; may be repeated. Without --format its ending sets the format: "
        ".sarif, .xml (JUnit), .md, .json or .txt; the table is then printed too.",
        metavar="FILE",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="The same as --format json.")]
ProjectOption = Annotated[
    str,
    typer.Option(
        "--project",
        help="Folder of the Pulumi project in the repository: locations in the program are shown below it. SARIF "
        "shows a finding without a known line at its Pulumi.yaml.",
        metavar="DIR",
    ),
]
PresetOption = Annotated[
    str | None, typer.Option("--preset", "-p", help="baseline (default), strict, no-private-link or audit.")
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="A file for --policy-pack-config, on top of the preset.", metavar="FILE"),
]
MaxSizeOption = Annotated[
    float | None,
    typer.Option(
        "--max-size",
        help="Refuse larger files before they are read. Default: 100, or REGISTRY_GUARD_MAX_SIZE.",
        metavar="MB",
    ),
]
MaxTimeOption = Annotated[
    float | None,
    typer.Option(
        "--max-time",
        help="Maximum seconds for the whole run, computation included. Default: 300, or REGISTRY_GUARD_MAX_TIME.",
        metavar="SECONDS",
    ),
]


def _fail(*problems: str) -> NoReturn:
    """Say what is wrong with the usage or input, everything at once, and exit with 2."""
    from .report.model import clean

    for problem in map(clean, problems):
        typer.echo(f"registry-guard: {problem}{'' if problem.endswith(('.', '?', '!')) else '.'}", err=True)
    raise typer.Exit(EXIT_USAGE)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"registry-guard {version('private-registry')}")
        raise typer.Exit


@app.callback()
def common(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Rules for container registries: judge a stack or a template, and report what a policy pack found.

    Exit codes: 0 everything passes; 1 a mandatory violation, or a policy that could not run; 2 wrong usage or input.
    """
    if context.invoked_subcommand not in JUDGING:
        console.let_the_reader_leave()


@app.command()
def report(
    stream: Annotated[
        str,
        typer.Argument(help="File with the events; - (the default) reads standard input.", metavar="[FILE|-]"),
    ] = _STDIN,
    form: FormatOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
    require: Annotated[
        list[str] | None,
        typer.Option("--require", help="A policy pack that must have taken part. Default: any.", metavar="PACK"),
    ] = None,
    project: ProjectOption = ".",
    max_size: MaxSizeOption = None,
    max_time: MaxTimeOption = None,
) -> None:
    """Turn the events of a preview, an update or an analysis into SARIF, JUnit XML, Markdown or a summary.

    The events come from one of:

    PULUMI_ENABLE_STREAMING_JSON_PREVIEW=1 pulumi preview --json --policy-pack DIR > FILE

    PULUMI_DEBUG_COMMANDS=1 pulumi up --event-log FILE --policy-pack DIR

    pulumi policy analyze --json --policy-pack DIR > FILE

    A policy that could not run fails the report, and so does an operation that did not finish.
    """
    from registry_model.estate.documents import InputError
    from registry_model.estate.files import read

    from .report import stream as events

    plan = _outputs(form, output, as_json)
    limit = _max_bytes(max_size)
    name = "standard input" if stream == _STDIN else stream
    with _limited(max_time) as work:
        work.at = name
        try:
            made = events.read(read(stream, _stdin, limit), name=name, required=require or ())
        except (InputError, events.StreamError) as error:
            _fail(f"{name}: {error}")
        _deliver(made, plan, project)


@app.command()
def check(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files, folders (every .json and .jsonc below) or patterns: stack exports, previews "
            "(`pulumi preview --json`), plans, ARM templates, and resources that `az` printed, recognised by content; "
            "- reads standard input.",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    az: Annotated[
        str | None,
        typer.Option(
            "--az",
            metavar="REGISTRY",
            help="Ask Azure itself, with read-only commands of the Azure CLI: a registry's name or id, or a resource "
            "group's id.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --az: print the commands, but do not run them.")
    ] = False,
    preset: PresetOption = None,
    config: ConfigOption = None,
    form: FormatOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
    parameters: Annotated[
        list[Path] | None,
        typer.Option(
            "--parameters",
            help="Parameters file of the ARM template; may be repeated. Each of several templates gets the "
            "parameters that it declares.",
            metavar="FILE",
        ),
    ] = None,
    state: Annotated[
        Path | None, typer.Option("--state", help="Stack export that a plan or preview starts from.", metavar="FILE")
    ] = None,
    project: ProjectOption = ".",
    max_size: MaxSizeOption = None,
    max_time: MaxTimeOption = None,
) -> None:
    """Judge declared resources by the rules of the pack, without the Pulumi engine.

    Each file is judged as a separate stack. Files that Azure printed (`az … list`, Resource Graph, exported templates
    beside them) are judged together. A rule whose facts are in none of these files says so.
    """
    from registry_model.estate.documents import EXPORT, LIVE, TEMPLATE

    from .engine import Evaluator
    from .report.findings import report_of
    from .report.model import clean

    plan = _outputs(form, output, as_json)
    limit = _max_bytes(max_size)
    settings = _settings(preset, config, limit)
    cloud = str(settings.options["zone-name"]["cloud"])
    if az is None and dry_run:
        _fail("--dry-run belongs to --az.")
    if (az is None) == (not files):
        _fail("name files, or a registry with --az, and not both.")
    with _limited(max_time) as work:
        if az is not None:
            work.at = az
            documents = [_asked_azure(az, dry_run, limit)]
        else:
            documents = _documents(files or [], parameters or [], state, cloud, limit, work)
        kinds = {document.kind for document in documents}
        if parameters and TEMPLATE not in kinds:
            _fail("--parameters is for ARM templates, and no file is one.")
        if state is not None and kinds <= {EXPORT, TEMPLATE, LIVE}:
            _fail("--state is for plans and previews, and no file is one.")
        evaluator = Evaluator(settings)

        def judged(document: Document) -> tuple[Document, list[Finding]]:
            work.at = document.name
            return document, evaluator.judge(document.estate)

        made = report_of(map(judged, documents), settings, version=_version(), project=project)
        made.remarks = [clean(text) for text in evaluator.useless_exemptions()]
        _deliver(made, plan, project)


def _asked_azure(target: str, dry_run: bool, limit: ByteLimit) -> Document:
    """What Azure tells of a registry or resource group; with ``dry_run``, print how it would be asked, and end."""
    from registry_doctor import az
    from registry_doctor.errors import DoctorError

    try:
        if dry_run:
            _echo("\n".join(az.commands(target)))
            raise typer.Exit
        return az.ask(target, lambda text: typer.echo(f"registry-guard: {text}.", err=True), limit)
    except DoctorError as error:
        _fail(*str(error).splitlines())


def _documents(
    files: list[str], parameters: list[Path], state: Path | None, cloud: str, limit: ByteLimit, work: _Work
) -> list[Document]:
    from registry_model.azure.names import CLOUDS
    from registry_model.estate import documents
    from registry_model.estate.files import parameters_in, read_all
    from registry_model.text import clean

    try:
        given = parameters_in(map(str, parameters), _stdin, limit)
    except documents.InputError as error:
        _fail(*str(error).splitlines())
    before = _asked(state, documents.states_in, limit)
    found = read_all(files, _stdin, work.begin, limit=limit, parameters=given, state=before, cloud=CLOUDS[cloud])
    if found.problems:
        _fail(*found.problems)
    if not found.documents:
        what = "a stack export, a preview, a plan, an ARM template or what `az` prints of resources"
        _fail(f"nothing to judge: no file is {what}.", *found.passed_over[:10])
    if found.passed_over:
        many, shown = len(found.passed_over), found.passed_over[:_SKIPPED_SHOWN]
        files_that = "1 file that declares" if many == 1 else f"{many} files that declare"
        more = [f"and {many - len(shown)} more"] if many > len(shown) else []
        told = [f"registry-guard: skipped {files_that} nothing to judge:", *(clean(each) for each in shown), *more]
        typer.echo("\n  ".join(told), err=True)
    return found.documents


def _asked(path: Path | None, make: Callable[[str], _Made], limit: ByteLimit) -> _Made | None:
    from registry_model.estate.documents import InputError
    from registry_model.estate.files import read

    if path is None:
        return None
    try:
        return make(read(str(path), _stdin, limit))
    except InputError as error:
        _fail(f"{path}: {error}")


@app.command()
def rules(
    rule_id: Annotated[str | None, typer.Argument(help="Explain this rule.", metavar="[RULE]")] = None,
    control: Annotated[
        str | None,
        typer.Option(
            help="List the rules that implement this control, or match this check of another tool. Part of its "
            "name is enough: 'MCSB NS-2', CIS, CKV_AZURE_139.",
            metavar="CONTROL",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the rules with their level in each preset, or explain one."""
    from . import explain

    if rule_id is not None and control is not None:
        _fail("RULE and --control exclude each other.")
    if rule_id is None:
        found = explain.of_control(control)
        if not found:
            _fail(f"--control: no rule has '{control}' among its controls. policies/RULES.md lists them all.")
        if as_json:
            _echo(json.dumps([explain.rule_document(rule) for rule in found], indent=2))
        else:
            explain.print_rules(found)
        return
    rule, problem = explain.find(rule_id)
    if rule is None:
        _fail(problem)
    if as_json:
        _echo(json.dumps(explain.rule_document(rule), indent=2))
    else:
        explain.print_rule(rule)


@app.command()
def presets(
    name: Annotated[str | None, typer.Argument(help="Print the configuration of this preset.")] = None,
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the presets, or print one as a file for --policy-pack-config, with --config merged into it."""
    from . import explain
    from .settings import preset_config

    if name is None:
        if config is not None:
            _fail("--config needs the preset that it is merged into.")
        if as_json:
            _echo(json.dumps(explain.preset_counts(), indent=2))
        else:
            explain.print_presets()
        return
    _settings(name, config, limit := _max_bytes(None))
    _echo(json.dumps(explain.merged(preset_config(name), _config_document(config, limit)), indent=2))


@app.command("pack-path")
def pack_path(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the pack here instead of the cache.", metavar="DIR")
    ] = None,
    standalone: Annotated[
        Path | None,
        typer.Option(
            "--standalone",
            help="Write a pack that includes its code into this new or empty folder; `pulumi install` in it creates "
            "its environment.",
            metavar="DIR",
        ),
    ] = None,
) -> None:
    """Print the path of a folder for --policy-pack that runs this installation of the guard.

    The folder also holds the presets, for --policy-pack-config "$(registry-guard pack-path)/presets/strict.json".
    """
    from .installed import write_pack, write_standalone

    if output is not None and standalone is not None:
        _fail("--output and --standalone exclude each other: the first writes a folder that needs this installation.")
    try:
        folder = write_pack(output, _version()) if standalone is None else write_standalone(standalone, _version())
    except OSError as error:
        _fail(f"{error.filename}: the pack cannot be written here: {os.strerror(error.errno or 0)}.")
    _echo(str(folder))


# What the commands share


def _settings(preset: str | None, config: Path | None, limit: ByteLimit) -> Settings:
    from .rule import DEFAULT_PRESET
    from .settings import ConfigError, load

    try:
        return load(_config_document(config, limit), preset=preset or DEFAULT_PRESET)
    except ConfigError as error:
        where = f"{config}: " if config is not None else ""
        _fail(*(f"{where}{problem}" for problem in error.problems))


def _config_document(config: Path | None, limit: ByteLimit) -> dict[str, Any]:
    from registry_model.estate.documents import InputError
    from registry_model.estate.files import read

    if config is None:
        return {}
    try:
        document = json.loads(read(str(config), _stdin, limit))
    except InputError as error:
        _fail(f"{config}: {error}")
    except ValueError as error:
        _fail(f"{config}: it is not JSON: {error}")
    if not isinstance(document, dict):
        _fail(f"{config}: an object is expected, such as a file of policies/presets.")
    return document


Plan = list[tuple[str, Path | None]]


def _outputs(form: str | None, files: list[Path] | None, as_json: bool) -> Plan:
    """What is written where: pairs of a format and a file, None for standard output."""
    from .report.formats import ENDINGS, FORMATS, contradicts, format_of

    if as_json and form not in (None, "json"):
        _fail(f"--json and --format {form} contradict each other.")
    form = "json" if as_json else form
    if form is not None and form not in FORMATS:
        _fail(f"--format {form}: not one of {', '.join(FORMATS)}.")
    if not files:
        return [(form or "table", None)]
    if form is not None:
        if len(files) > 1:
            _fail("--format is for one --output; with several, their endings tell the formats.")
        if contradicts(files[0], form):
            asked = "--json" if as_json else f"--format {form}"
            _fail(
                f"{asked} and --output {files[0]} contradict each other: the ending asks for {format_of(files[0])}. "
                f"Leave {asked} out, or give the file another ending."
            )
        return [(form, files[0])]
    unknown = [str(path) for path in files if format_of(path) is None]
    if unknown:
        page = any(name.lower().endswith((".html", ".htm")) for name in unknown)
        _fail(
            f"--output {', '.join(unknown)}: the ending must be one of {', '.join(ENDINGS)}, or give --format.",
            *(["`registry-doctor report --state FILE --html report.html` writes a page of HTML."] if page else []),
        )
    return [("table", None), *((str(format_of(path)), path) for path in files)]


def _deliver(made: Report, plan: Plan, project: str) -> NoReturn:
    from registry_model.estate.places import Location

    from .report.formats import render

    program = Location("Pulumi.yaml").within(project)
    for form, path in plan:
        if path is not None:
            try:
                path.write_text(render(made, form, program=program), encoding="utf-8")
            except OSError as error:
                _fail(f"{path}: the report cannot be written: {os.strerror(error.errno or 0)}.")
        elif form == "table":
            from .report.terminal import show

            show(made)
        else:
            _echo(render(made, form, program=program).removesuffix("\n"))
    raise typer.Exit(made.exit_code)


def _echo(text: str) -> None:
    sys.stdout.write(text + "\n")


def _max_bytes(given: float | None) -> ByteLimit:
    from registry_model.estate.files import MEGABYTE, ByteLimit

    from .limits import SIZE

    return ByteLimit(int(_limit(SIZE, given) * MEGABYTE), f"raise the limit with {SIZE.raised_by('MB')}")


def _limit(limit: Limit, given: float | None) -> float:
    try:
        return limit.of(given)
    except ValueError as error:
        _fail(str(error))


class _Work:
    """The file that a run is at, for the message that it took too long."""

    at = "the first file"

    def begin(self, name: str) -> None:
        self.at = name


@contextlib.contextmanager
def _limited(given: float | None) -> Iterator[_Work]:
    """The limit of the whole run around reading, judging and reporting."""
    from registry_model.deadline import TimeIsUpError, deadline
    from registry_model.text import clean

    from .limits import TIME

    seconds, work = _limit(TIME, given), _Work()

    def said() -> str:
        return f"the run took longer than {seconds:g} s, at {work.at}; raise the limit with {TIME.raised_by('SECONDS')}"

    def give_up() -> int:
        sys.stderr.write(f"registry-guard: {clean(said())}.\n")
        sys.stderr.flush()
        return EXIT_USAGE

    try:
        with deadline(seconds, give_up):
            yield work
    except TimeIsUpError:
        _fail(said())


def _stdin(most: int) -> bytes:
    if sys.stdin.isatty():
        _fail("standard input is a terminal; name a file, or pipe into the command.")
    return sys.stdin.buffer.read(most)


def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version("private-registry")
    except metadata.PackageNotFoundError:
        return "0.0.0"


def main() -> None:
    """Entry point of ``registry-guard``."""
    # What is read is needed until the end; looking for garbage among it takes a third of the time of a large check.
    gc.disable()
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        # The reader has gone (`| head`); there is nobody left to tell, and flushing at exit would say so again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_USAGE)
