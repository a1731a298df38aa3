"""What exists before a rehearsal, from a file: resources of the local Azure and of the local Alibaba Cloud.

Azure's ids are made of names. Most of Alibaba Cloud's are assigned, so that an entry gives the id by which the program
that is rehearsed looks for the resource; where an id is joined from others, the part that is assigned.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

from localcloud.alibaba import SURFACE
from localcloud.alibaba.cloud import rules_of
from localcloud.alibaba.kind import ACCOUNT, Place
from localcloud.model import Refused
from localcloud.model.cloud import FAILED_REPLICAS
from localcloud.provider import naming
from localcloud.provider.check import Checker
from localcloud.sdk import cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from localcloud.alibaba.cloud import AlibabaCloud
    from localcloud.model import Cloud

_ALIBABA: Final = "alicloud:"
_KEYS: Final = {"subscription", "account", "region", FAILED_REPLICAS, "resources"}
_ID: Final = re.compile(r"[a-z0-9-]+")


class SeedError(Exception):
    """What is wrong with a seed, all of it that can be told at once."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Seed:
    """A seed's entries, and whose they are unless an entry says otherwise."""

    entries: list[Any]
    subscription: str
    account: str
    region: str
    failed_replicas: str | None

    def place(self, entry: dict[str, Any]) -> Place:
        """The account and region of an entry of Alibaba Cloud."""
        return Place(str(entry.get("account") or self.account), str(entry.get("region") or self.region))


def read(file: Path, subscription: str) -> Seed:
    """The seed of a YAML or JSON file; ``subscription`` is Azure's unless the file names one.

    SeedError when the file cannot be read or an entry is wrong: nothing of it was made then.
    """
    try:
        content = yaml.safe_load(file.read_text())
    except (OSError, yaml.YAMLError) as problem:
        raise SeedError(f"cannot be read: {problem}") from None
    whole = content if isinstance(content, dict) else {"resources": content}
    entries = whole.get("resources")
    if not isinstance(entries, list):
        raise SeedError("must be a list of {type, inputs}, or {subscription: ID, resources: [...]}")
    unknown = sorted(str(key) for key in set(whole) - _KEYS)
    failed = whole.get(FAILED_REPLICAS)
    seed = Seed(
        entries,
        str(whole.get("subscription", subscription)),
        str(whole.get("account", ACCOUNT)),
        str(whole.get("region") or ""),
        None if failed is None else str(failed),
    )
    found = [f"{key}: unknown; a seed has {', '.join(sorted(_KEYS))}" for key in unknown]
    found += [
        f"resource {index + 1}: {problem}" for index, entry in enumerate(entries) for problem in _problems(seed, entry)
    ]
    if found:
        raise SeedError(*found)
    return seed


def plant(seed: Seed, cloud: Cloud, alibaba: AlibabaCloud) -> list[dict[str, str]]:
    """Bring a seed's resources to what it says, in its order; what became of each: its id and the result.

    SeedError when a cloud refuses one: those before it are made.
    """
    if seed.failed_replicas is not None:
        try:
            cloud.set_failed_replicas(seed.failed_replicas)
        except ValueError as problem:
            raise SeedError(str(problem)) from None
    done: list[dict[str, str]] = []
    for index, entry in enumerate(seed.entries):
        token, inputs = entry["type"], _inputs(entry)
        try:
            if token.startswith(_ALIBABA):
                id, result = alibaba.bring(token, inputs, seed.place(entry), str(entry.get("id") or ""))
            else:
                id, result = _bring(cloud, token, inputs, seed.subscription)
        except Refused as refused:
            remark = f" ({refused.remark})" if refused.remark else ""
            problems = (f"resource {index + 1} ({token}): {problem}{remark}" for problem in refused.problems)
            raise SeedError(*problems) from None
        done.append({"id": id, "result": result})
    return done


def _bring(cloud: Cloud, token: str, inputs: dict[str, Any], subscription: str) -> tuple[str, str]:
    id = cloud.resource_id(token, inputs, subscription)
    there = cloud.read(token, id)
    if there is None:
        return cloud.create(token, inputs, subscription).id, "created"
    if there.inputs == cloud.kept_inputs(token, inputs):
        return id, "unchanged"
    return cloud.update(token, id, inputs).id, "updated"


def _inputs(entry: dict[str, Any]) -> Any:
    return {} if entry.get("inputs") is None else entry["inputs"]


def _problems(seed: Seed, entry: Any) -> Iterator[str]:
    others = isinstance(entry, dict) and str(entry.get("type")).startswith(_ALIBABA)
    keys = ("type", "inputs", "id", "region", "account") if others else ("type", "inputs")
    if not isinstance(entry, dict) or set(entry) - set(keys) or "type" not in entry:
        yield f"must be an object with {', '.join(keys[:-1])} and {keys[-1]} and nothing else"
        return
    token = str(entry["type"])
    sdk = cache.load(SURFACE if others else naming.surface())
    shape = sdk.resource(token)
    if shape is None:
        yield f"type '{token}': the local cloud does not serve it"
        return
    inputs = _inputs(entry)
    if not isinstance(inputs, dict):
        yield "inputs: must be an object"
        return
    yield from Checker(sdk).problems(shape.inputs, inputs)
    if others:
        yield from _of_alibaba(seed, entry, token, inputs)


def _of_alibaba(seed: Seed, entry: dict[str, Any], token: str, inputs: dict[str, Any]) -> Iterator[str]:
    """What an entry of Alibaba Cloud lacks: a region, and an id where none can be made of its inputs."""
    kind = rules_of(token)
    yield from kind.valid(inputs)
    if not seed.place(entry).region:
        yield "region: missing; give one for the file or for the resource, e.g. region: ap-northeast-1"
    if kind.joined:
        yield from (f"{name}: missing; the id is made of it" for name in kind.joined if not inputs.get(name))
        if "id" in entry:
            yield f"id: leave it out: it is made of {', '.join(kind.joined)}"
        return
    beginning = f"{kind.prefix}-" if kind.prefix else ""
    given = str(entry.get("id") or "")
    if not given:
        yield f"id: missing; the cloud assigns it, and the program looks for it by that, e.g. id: {beginning}1"
    elif not (_ID.fullmatch(given) and given.startswith(beginning) and given != beginning):
        before = f"'{beginning}', then " if beginning else ""
        yield f"id '{given}': must be {before}lower-case letters, digits and hyphens"
