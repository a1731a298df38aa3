"""docs/limits.md has every limit: each constant of the source that is one, with the number that a reader finds."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.rehearsal import ROOT

PAGE = (ROOT / "docs/limits.md").read_text()
ROOMS = ("components/registry_model", "policies/registry_guard", "doctor/registry_doctor", "localcloud", "tools")
NAMES = re.compile(r"(^|_)(MOST|MAX|LONGEST|LIMIT|TIMEOUT|SECONDS|GRACE)(_|$)|^(AT_ONCE|FIRST_BYTES)$")

# Written by hand: the value of each constant, and the cells of its row.
WRITTEN = {
    "estate/model.py _MOST_NAMED": (5, "| parameters named in one message | 5 |"),
    "estate/model.py _MOST_ALIKE": (50, "| resources of one document that one id or name may mean | 50 |"),
    "estate/model.py _MOST_CONDITIONS": (16, "| different unknown conditions of one template | 16 |"),
    "registry_guard/engine.py _MOST_TRIED": (16, "of 16 a finding is traced to the one that it depends on |"),
    "registry_guard/engine.py _MOST_SHOWN": (3, "| conditions named in one message | 3 |"),
    "templates/ends.py _MOST": (16, "| texts that one unknown text is looked at as | 16 |"),
    "estate/losses.py MOST_VICTIMS": (5, "named for one deployment in Complete mode | 5 |"),
    "templates/expressions.py _MOST_BRACKETS": (128, "links of one chain | 128 |"),
    "functions/numbers.py _MOST": (9223372036854775808, "| numbers of a template | 64 bits |"),
    "reach/judgement.py _LONGEST_CHAIN": (8, "| CNAME records of a private zone, one after another | 8 |"),
    "registry_model/suggest.py _LONGEST": (200, "| words of up to 200 characters |"),
    "reach/drawings.py _LONGEST": (72, "| second line of a box in an SVG drawing | 72 characters |"),
    "registry_model/text.py MOST_SHOWN": (2000, "| one text of the doctor's reports | 2,000 characters |"),
    "registry_guard/engine.py MOST_MESSAGE": (10000, "| one message of the guard | 10,000 characters |"),
    "registry_guard/pack.py MAX_MESSAGE_BYTES": (419430400, "the pack | 400 MiB (the engine's own) |"),
    "report/markdown.py MAX_CHARACTERS": (60000, "| the guard's report as Markdown | 60,000 characters"),
    "report/sarif.py MAX_RESULTS": (5000, "| results of one pack as SARIF | 5,000 "),
    "registry_doctor/az.py COMMAND_LIMIT": (90.0, "| one `az` command of `--az` | 90 s; 4 commands at once |"),
    "registry_doctor/az.py AT_ONCE": (4, "| one `az` command of `--az` | 90 s; 4 commands at once |"),
    "registry_doctor/cli.py MOST_FAULT": (500, "in its message | 500 characters |"),
    "registry_doctor/cli.py HELPER_LIMIT": (60.0, "and `az` for `--auth az` | 60 s; 1 MB of output |"),
    "registry_doctor/credentials.py MOST_REASON": (300, "or library says, in one message | 300 characters |"),
    "registry_doctor/deadline.py GRACE": (2.0, "`REGISTRY_DOCTOR_MAX_TIME`, and 2 s more to report |"),
    "registry_doctor/image.py MOST_REFERENCE": (1024, "| image reference | 1,024 characters |"),
    "registry_doctor/resolve.py MAX_ALIASES": (16, "| aliases of a name | 16 |"),
    "registry_doctor/resolve.py MOST_ADDRESSES": (16, "| addresses of a name | 16 of each family; 4 are tried |"),
    "registry_doctor/service_tags.py MOST_PROBLEMS": (20, "| wrong addresses of `whois` that are named | 20 |"),
    "registry_doctor/sources.py EXPORT_LIMIT": (120.0, "| `pulumi stack export`; `pulumi preview` | 120 s; 1,800 s |"),
    "registry_doctor/sources.py PREVIEW_LIMIT": (
        1800.0,
        "| `pulumi stack export`; `pulumi preview` | 120 s; 1,800 s |",
    ),
    "registry_doctor/tls.py MOST_NAMES": (100, "subject and issuer | 100; 255 characters; 300 characters |"),
    "registry_doctor/tls.py MOST_NAME": (255, "subject and issuer | 100; 255 characters; 300 characters |"),
    "registry_doctor/tls.py MOST_DISTINGUISHED": (300, "subject and issuer | 100; 255 characters; 300 characters |"),
    "registry_doctor/trace.py MANIFEST_LIMIT": (4194304, "| manifest or index | 4 MiB |"),
    "registry_doctor/trace.py ANSWER_LIMIT": (65536, "| challenge, token or error answer | 64 KiB |"),
    "registry_doctor/trace.py FIRST_BYTES": (1024, "| layer | 1 KiB is read |"),
    "registry_doctor/trace.py MOST_REDIRECTS": (3, "| link of a redirect | 8,192 characters; 3 redirects |"),
    "registry_doctor/trace.py MOST_CHALLENGE": (8192, "| `WWW-Authenticate` header | 8,192 characters,"),
    "registry_doctor/trace.py MOST_TOKEN": (16384, "| token | 16,384 characters of visible ASCII |"),
    "registry_doctor/trace.py MOST_SIZE": (1152921504606846976, "| size of a layer | 2^60 bytes |"),
    "registry_doctor/trace.py MOST_SHOWN": (300, "or library says, in one message | 300 characters |"),
    "registry_doctor/trace.py MOST_LISTED": (20, "errors of an answer, that are shown | 20 |"),
    "registry_doctor/wire.py MOST_ADDRESSES": (4, "| addresses of a name | 16 of each family; 4 are tried |"),
    "registry_doctor/wire.py MOST_DETAIL": (300, "or library says, in one message | 300 characters |"),
    "registry_doctor/wire.py MOST_LINK": (8192, "| link of a redirect | 8,192 characters; 3 redirects |"),
    "model/store.py _BUSY_SECONDS": (60.0, "| waiting for another process that writes the local cloud | 60 s |"),
    "pulumi/install.py NETWORK_TIMEOUT": (60, "while a Pulumi CLI is installed | 60 s |"),
}
# What Azure, Alibaba Cloud or another program allows, not what a run may cost.
OTHERS = ("azure/", "alibaba/", "reach/allow_lists.py", "rules/", "model/cloud.py", "model/latency.py", "ORPHAN")


def constants() -> Iterator[tuple[str, object]]:
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            if ".venv" in file.parts:
                continue
            for node in ast.parse(file.read_text()).body:
                if not isinstance(node, ast.Assign | ast.AnnAssign):
                    continue
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    if not isinstance(target, ast.Name) or not NAMES.search(target.id):
                        continue
                    key = f"{file.parent.name}/{file.name} {target.id}"
                    if not any(other in f"{file} {target.id}" for other in OTHERS):
                        yield key, eval(ast.unparse(node.value or ast.Constant(None)), {})


FOUND = dict(constants())


def test_no_limit_of_the_source_is_missing() -> None:
    assert sorted(FOUND) == sorted(WRITTEN)


@pytest.mark.parametrize("key", WRITTEN)
def test_the_page_says_the_number_that_holds(key: str) -> None:
    value, cells = WRITTEN[key]
    assert FOUND[key] == value
    assert cells in PAGE
