"""The options that commands share, and the classes of those that go together: the command line reads these on every
start."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

import typer
from registry_model.azure import names
from registry_model.suggest import did_you_mean

from .choices import Source
from .errors import InputError

_Choice = TypeVar("_Choice", bound=StrEnum)

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
MarkdownFlag = Annotated[
    bool, typer.Option("--markdown", help="Print the tables as Markdown, for a ticket or a pull request.")
]
JsonFormatFlag = Annotated[bool, typer.Option("--json", help="The same as --format json.")]
TimeoutOption = Annotated[
    float, typer.Option("--timeout", min=0.1, max=600, help="Maximum seconds for each step on the network.")
]
MaxTimeOption = Annotated[
    float | None,
    typer.Option(
        "--max-time",
        metavar="SECONDS",
        help="Maximum seconds for the whole run, computation included. Default: 120, or REGISTRY_DOCTOR_MAX_TIME.",
    ),
]
ResolverOption = Annotated[
    str | None,
    typer.Option(
        "--resolver",
        metavar="IP[:PORT]",
        help=f"Ask this name server instead of the system's, such as {names.AZURE_DNS} (Azure's own).",
    ),
]
CaOption = Annotated[
    Path | None,
    typer.Option(
        "--ca-bundle", metavar="FILE", help="PEM file of certificate authorities to trust besides the system's."
    ),
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
TAGS_VARIABLE = "REGISTRY_DOCTOR_SERVICE_TAGS"
TagsOption = Annotated[
    Path | None,
    typer.Option(
        "--service-tags",
        metavar="FILE",
        envvar=TAGS_VARIABLE,
        help="ServiceTags_Public_*.json, to name the service tag of each address. Default: the newest remembered one.",
    ),
]
AuthOption = Annotated[
    Source,
    typer.Option(
        "--auth",
        help="Which credentials: auto (REGISTRY_USERNAME and REGISTRY_PASSWORD, else what docker login stored, else "
        "anonymous), anonymous, token (REGISTRY_USERNAME and REGISTRY_PASSWORD), az (the Azure CLI's sign-in), "
        "docker (what docker login stored).",
    ),
]
UserOption = Annotated[str | None, typer.Option("--username", help="User or token name, instead of REGISTRY_USERNAME.")]
HtmlOption = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Also write a self-contained HTML report.")
]
DeclaredArgument = Annotated[
    str | None,
    typer.Argument(metavar="REGISTRY", help="Name or login server of one of several registries.", show_default=False),
]
RegistryArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="REGISTRY",
        help="Name or login server. With --region: any registry, declared or not. With --stack, --state or --az: one "
        "of its several registries.",
        show_default=False,
    ),
]
RegionOption = Annotated[
    list[str] | None,
    typer.Option(
        "--region",
        metavar="REGION",
        help="A region of a registry that is given by name; the home region first. Repeat it.",
    ),
]
BucketOption = Annotated[
    str | None,
    typer.Option(
        "--bucket",
        metavar="BUCKET",
        help="The OSS bucket of an Enterprise Edition instance of Alibaba Cloud that is given by its host: your own, "
        "or cri-…-registry, which the service creates.",
    ),
]
StackOption = Annotated[
    str | None,
    typer.Option(
        "--stack",
        "-s",
        metavar="STACK",
        help="A Pulumi stack of the project in this directory. Default: the selected one.",
    ),
]
StateOption = Annotated[
    Path | None,
    typer.Option(
        "--state",
        metavar="FILE",
        help="Output of `pulumi stack export` or `az`, or an ARM template: a file, a folder, or - for standard input.",
    ),
]
ParametersOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--parameters",
        metavar="FILE",
        help="Parameters file of the ARM template that --state names; may be repeated.",
    ),
]
AzOption = Annotated[
    str | None,
    typer.Option(
        "--az",
        metavar="REGISTRY",
        help="Ask Azure itself, with read-only commands of the Azure CLI: a registry's name or id, or a resource "
        "group's id.",
    ),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="With --az: print the commands, but do not run them.")]
MaxSizeOption = Annotated[
    float | None,
    typer.Option(
        "--max-size",
        metavar="MB",
        help="Refuse larger files and answers before they are parsed. Default: 100, or REGISTRY_DOCTOR_MAX_SIZE.",
    ),
]


def _within(context: typer.Context, given: float | None) -> None:
    """End the whole command when its time is up, whatever it is at."""
    from .deadline import run_limit
    from .limits import most_seconds

    if not context.resilient_parsing:
        context.with_resource(run_limit(most_seconds(given)))


WholeTimeOption = Annotated[
    float | None,
    typer.Option(
        "--max-time",
        metavar="SECONDS",
        callback=_within,
        help="Maximum seconds for the whole run, computation included. Default: 300, or REGISTRY_DOCTOR_MAX_TIME.",
    ),
]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Declared:
    """Where registries are declared: one of ``stack``, ``state`` and ``az``, or with none the project's selected stack.

    ``registry`` picks one of several by its name or login server. ``state`` is a file of a stack export, preview, plan,
    ARM template or what `az` printed, or a folder of such files; ``parameters`` a file of a template's parameters.
    ``az`` is a registry or resource group that Azure is asked about, ``dry_run`` only says how. ``max_size`` are the
    megabytes that a file or an answer may have, None for the default.
    """

    registry: DeclaredArgument = None
    stack: StackOption = None
    state: StateOption = None
    parameters: ParametersOption = None
    az: AzOption = None
    dry_run: DryRunOption = False
    max_size: MaxSizeOption = None

    @property
    def somewhere(self) -> bool:
        """Whether it is said where to look, so that it is not the selected stack."""
        return (self.stack, self.state, self.az) != (None, None, None)


@dataclasses.dataclass(frozen=True, kw_only=True)
class DeclaredOrNamed(Declared):
    """The same, or a registry by its name and ``region``s, without any declaration; of Alibaba Cloud by its host, and
    with its ``bucket``."""

    registry: RegistryArgument = None
    region: RegionOption = None
    bucket: BucketOption = None


def one_of(kind: type[_Choice], text: str, option: str) -> _Choice:
    """The member that a text names. InputError says what there is: unlike typer's own error beside other problems."""
    try:
        return kind(text.lower())
    except ValueError:
        known = [str(each) for each in kind]
        raise InputError(
            f"{option} '{text}': is not known: use one of {', '.join(known)}{did_you_mean(text, known)}"
        ) from None


def takes_source(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that the class of its parameter ``source`` lists, in the place of that parameter."""
    own = inspect.signature(command, eval_str=True).parameters
    kind: type[Declared] = own["source"].annotation
    hints = get_type_hints(kind, include_extras=True)
    shared = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
        )
        for field in dataclasses.fields(kind)
    ]
    rest = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for name, each in own.items() if name != "source"]

    @functools.wraps(command)
    def asked(**values: Any) -> None:
        command(source=kind(**{each.name: values.pop(each.name) for each in shared}), **values)

    vars(asked)["__signature__"] = inspect.Signature([*shared, *rest])
    asked.__annotations__ = {each.name: each.annotation for each in (*shared, *rest)}
    return asked
