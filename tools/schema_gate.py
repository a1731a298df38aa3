"""Refuses a component schema that breaks its consumers, unless the changelog says so.

    python tools/schema_gate.py

compares schema/private-registry.json with the newest schema in schema/released/. Where a program written for the
released schema could fail or deploy something else, CHANGELOG.md must say something under "Breaking Changes" of
"Unreleased", or of a version above the released one. The schema's own version counts as well: VERSIONING.md says what a
version may change.

    python tools/schema_gate.py --release

keeps the working schema as schema/released/VERSION.json. It is a step of a release, after the gate.

Exit codes: 0 nothing breaks, or it is announced; 1 it breaks unannounced; 2 a file cannot be read.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
UNRELEASED = re.compile(r"\[?Unreleased\b", re.IGNORECASE)
SAID_NOTHING = re.compile(r"none\b|nothing\b|-\s*$", re.IGNORECASE)


class GateError(Exception):
    """Why nothing can be compared, for the person who asked."""


def breaking(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What a consumer of ``old`` would trip over in ``new``, a line each."""
    return sorted(
        [
            *_gone("component", old["resources"], new["resources"]),
            *_gone("type", old.get("types", {}), new.get("types", {})),
            *_components(old, new),
            *_types(old, new),
        ]
    )


def _gone(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{name}: the {what} is gone" for name in old if name not in new)


def _components(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for token, before in old["resources"].items():
        after = new["resources"].get(token)
        if after is None:
            continue
        yield from _properties(
            token,
            "input",
            before.get("inputProperties", {}),
            after.get("inputProperties", {}),
            before.get("requiredInputs", []),
            after.get("requiredInputs", []),
        )
        outputs_before, outputs_after = before.get("properties", {}), after.get("properties", {})
        yield from _gone_properties(token, "output", outputs_before, outputs_after)
        yield from _retyped(token, "output", outputs_before, outputs_after)
        # An output that may be missing now has another type in most languages.
        for name in sorted(set(before.get("required", [])) - set(after.get("required", []))):
            if name in outputs_after:
                yield f"{token}.{name}: the output may be missing now"


def _types(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for token, before in old.get("types", {}).items():
        after = new.get("types", {}).get(token)
        if after is not None:
            yield from _properties(
                token,
                "input",
                before.get("properties", {}),
                after.get("properties", {}),
                before.get("required", []),
                after.get("required", []),
            )


def _properties(
    token: str,
    what: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    required_before: list[str],
    required_after: list[str],
) -> Iterator[str]:
    yield from _gone_properties(token, what, before, after)
    yield from _retyped(token, what, before, after)
    for name in sorted(set(required_after) - set(required_before)):
        yield f"{token}.{name}: the {what} is required now"
    for name, entry in before.items():
        was, now = _default(entry), _default(after.get(name, {}))
        if name in after and was != now:
            yield f"{token}.{name}: the default was {was}, and is {now}"


def _gone_properties(token: str, what: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{token}.{name}: the {what} is gone" for name in before if name not in after)


def _retyped(token: str, what: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name, entry in before.items():
        if name in after and _shape(entry) != _shape(after[name]):
            yield f"{token}.{name}: the {what}'s type was {_shape(entry)}, and is {_shape(after[name])}"


def _shape(entry: Any) -> str:
    """A property's type without its words. Whether it takes outputs (``plain``) is part of it: SDKs type that apart."""
    told = {"description", "deprecationMessage"}
    if isinstance(entry, dict):
        inner = {k: _shape(v) for k, v in entry.items() if k not in told}
        return "{" + ", ".join(f"{k}: {v}" for k, v in sorted(inner.items())) + "}"
    return json.dumps(entry)


def _default(entry: Mapping[str, Any]) -> str:
    """What a description says after "Default:", for the components' defaults stand there and nowhere else."""
    text = re.sub(r"\s+", " ", str(entry.get("description", "")))
    found = re.search(r'Default: (.*?)(?:[.;](?: |$)|, (?!")|$)', text)
    return found[1].strip() if found else "none"


def announced(changelog: str, released: str, working: str) -> list[str]:
    """Versions above ``released`` whose section has something to say under "Breaking Changes". The section
    "Unreleased" speaks of ``working``, the version that the schema says."""
    found: list[str] = []
    for section in re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]:
        heading, _, body = section.partition("\n")
        named = re.match(r"\[?v?(\d+\.\d+\.\d+)", heading)
        version = named[1] if named else working if UNRELEASED.match(heading) else None
        if version is None or numbers(version) <= numbers(released):
            continue
        part = re.search(r"^### Breaking Changes\s*\n(.*?)(?=^#|\Z)", body, re.MULTILINE | re.DOTALL)
        said = part[1].strip() if part else ""
        if said and not SAID_NOTHING.match(said):
            found.append(version)
    return found


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def newest(folder: Path) -> Path | None:
    """The released schema with the highest version."""
    named = [path for path in folder.glob("*.json") if re.fullmatch(r"\d+\.\d+\.\d+", path.stem)]
    return max(named, key=lambda path: numbers(path.stem), default=None)


def judge(root: Path) -> tuple[int, str]:
    """The exit code, and what to tell."""
    working = _read(root / "schema" / "private-registry.json")
    baseline = newest(root / "schema" / "released")
    if baseline is None:
        return 0, "no version was released yet: nothing can break"
    released = baseline.stem
    broken = breaking(_read(baseline), working)
    if not broken:
        return 0, f"nothing that worked with {released} breaks"
    lines = "\n".join(f"  {line}" for line in broken)
    says = announced(_text(root / "CHANGELOG.md"), released, working["version"])
    if working["version"] not in says:
        return 1, (
            f"the schema breaks consumers of {released}:\n{lines}\n"
            f"Keep what was there, or raise __version__ above {released} and say in CHANGELOG.md, under "
            f'"### Breaking Changes" of "## Unreleased", what consumers must do. This schema says {working["version"]}.'
        )
    return 0, f"breaks consumers of {released}, as the changelog of {working['version']} announces:\n{lines}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise GateError(f"{path}: {error.strerror}") from error


def _read(path: Path) -> Any:
    try:
        return json.loads(_text(path))
    except json.JSONDecodeError as error:
        raise GateError(f"{path} is not JSON: {error}") from error


def release(root: Path) -> str:
    """Keep the working schema as released, and say where. A released schema is never overwritten by another one."""
    source = root / "schema" / "private-registry.json"
    schema = _read(source)
    target = root / "schema" / "released" / f"{schema['version']}.json"
    if target.exists() and _read(target) != schema:
        raise GateError(f"{target} is another schema: {schema['version']} was released already, raise __version__")
    if not re.search(rf"^## \[?v?{re.escape(schema['version'])}\b", _text(root / "CHANGELOG.md"), re.MULTILINE):
        raise GateError(
            f'CHANGELOG.md has no section {schema["version"]}: rename "## Unreleased" to it, and write a new '
            '"## Unreleased" above'
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(_text(source), encoding="utf-8")
    return f"kept as {target.relative_to(root)}"


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--release", action="store_true", help="keep the working schema as the released one")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout (default: this one)")
    given = parser.parse_args(words)
    try:
        code, told = judge(given.root)
        if code == 0 and given.release:
            told = release(given.root)
    except GateError as error:
        code, told = 2, str(error)
    print(f"schema gate: {told}", file=sys.stderr if code else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main())
