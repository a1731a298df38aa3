"""The pack's configuration: levels, options, exemptions; validated whole, before anything is judged.

The shape is that of ``--policy-pack-config``: ``{"all": "advisory", "premium-sku": "mandatory", "replica-region":
{"enforcementLevel": "mandatory", "allowed": ["japaneast"]}}``. What concerns the pack as a whole is under
``registry-guard``.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from registry_model.azure.ids import parse_id
from registry_model.estate import tokens
from registry_model.estate.model import Resource, same_place
from registry_model.suggest import did_you_mean

from .rule import DEFAULT_PRESET, PRESETS, Config, Level, Option, rules

GUARD = "registry-guard"  # the pack's own entry: its configuration, its exemptions and its health
EXEMPTION_TAG_PREFIX = "registry-guard-exempt-"
_EXPRESSION = re.compile(r"(?:(?<=::)|^)\[.+\]$|\[\d+\]$")
_TEXT = {"type": "string", "minLength": 1}

GUARD_OPTIONS: Mapping[str, Option] = {
    "undetermined": Option(
        {"type": "string", "enum": ["note", "violation"]},
        "note",
        "What an unknown scalar of a registry is during preview (SKU, public access, admin user, anonymous pull, data "
        "endpoints, export): an advisory note, or a violation of its rule.",
        presets={"strict": "violation", "no-private-link": "violation"},
    ),
    "exemptions": Option(
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "rule": _TEXT,
                    "resource": _TEXT,
                    "reason": _TEXT,
                    "owner": _TEXT,
                    "expires": {"type": "string", "format": "date"},
                },
                "required": ["rule", "resource", "reason", "owner", "expires"],
                "additionalProperties": False,
            },
        },
        [],
        "Exemptions, each for one rule and one resource (its URN as the report shows it, its logical or symbolic name, "
        "its Azure name or its Azure id, in any letter case): rule, resource, reason, owner, expires (YYYY-MM-DD, the "
        "last day it holds).",
    ),
    "program_exemptions": Option(
        {"type": "boolean"},
        False,
        f"Whether the judged program may exempt its own resources, by a tag `{EXEMPTION_TAG_PREFIX}<rule>` with the "
        "value `owner=…; expires=YYYY-MM-DD; reason=…`. Off: such a tag is ignored, and said so.",
    ),
}


class ConfigError(ValueError):
    """The configuration cannot be used; ``problems`` says everything that is wrong with it, one sentence each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__(
            "the registry-guard configuration is not valid:\n" + "\n".join(f"- {p}" for p in self.problems)
        )


@dataclass(frozen=True, slots=True)
class Exemption:
    """One rule's pardon for one resource, until the end of a day."""

    rule: str
    resource: str
    reason: str
    owner: str
    expires: datetime.date
    by_program: bool = False

    def covers(self, rule_id: str, resource: Resource) -> bool:
        if rule_id != self.rule:
            return False
        named = self.resource.strip().lower()
        if named.startswith("urn:"):
            return fnmatchcase(resource.urn.lower(), named)
        if named.startswith("/"):
            return _has_id(resource, named)
        return named in (resource.urn.lower(), resource.name.lower(), resource.arm_name)


def _has_id(resource: Resource, text: str) -> bool:
    """Whether a resource is the one of an Azure id; what the declaration does not tell of its place counts as equal."""
    own = parse_id(text)
    if own is None or not own.type or tokens.canonical_arm(own.type) != resource.type:
        return False
    return resource.arm_name == own.name and same_place(resource, own)


@dataclass(frozen=True)
class Settings:
    """Levels, options and exemptions, ready to judge with."""

    levels: Mapping[str, Level]
    options: Mapping[str, Config]
    guard: Config
    exemptions: tuple[Exemption, ...] = ()
    today: datetime.date = field(default_factory=datetime.date.today)

    def level(self, rule_id: str) -> Level:
        return self.levels[rule_id]

    @property
    def undetermined_is_violation(self) -> bool:
        return self.guard["undetermined"] == "violation"


def preset_config(preset: str) -> dict[str, Any]:
    """The ``--policy-pack-config`` document of a preset: every rule with its level, and the options that differ."""
    document: dict[str, Any] = {}
    for rule_id, options, level in (
        (GUARD, GUARD_OPTIONS, _guard_level(preset)),
        *((r.id, r.options, r.levels.of(preset)) for r in rules().values()),
    ):
        changed = {key: option.presets[preset] for key, option in options.items() if preset in option.presets}
        document[rule_id] = {"enforcementLevel": level.value, **changed} if changed else level.value
    return document


def _guard_level(preset: str) -> Level:
    return Level.ADVISORY if preset == "audit" else Level.MANDATORY


def load(
    document: Mapping[str, Any] | None = None,
    *,
    preset: str = DEFAULT_PRESET,
    today: datetime.date | None = None,
) -> Settings:
    """Settings from a preset and a ``--policy-pack-config`` document on top of it.

    Raises ConfigError naming every unknown rule, key and level, with the nearest right one.
    """
    if preset not in PRESETS:
        raise ConfigError([f"preset '{preset}': not one of {', '.join(PRESETS)}{did_you_mean(preset, PRESETS)}"])
    problems: list[str] = []
    known = {GUARD: GUARD_OPTIONS, **{rule.id: rule.options for rule in rules().values()}}
    levels = {GUARD: _guard_level(preset), **{rule.id: rule.levels.of(preset) for rule in rules().values()}}
    options = {name: {key: option.of(preset) for key, option in given.items()} for name, given in known.items()}
    document = dict(document or {})
    document.pop("environments", None)  # the CLI's own key
    for name in sorted(document, key=lambda key: key != "all"):
        value = document[name]
        if name != "all" and name not in known:
            hint = _place(name, known) or did_you_mean(name, ["all", *known])
            problems.append(f"'{name}' is not a rule{hint}")
            continue
        entry = {"enforcementLevel": value} if isinstance(value, str) else value
        if not isinstance(entry, Mapping):
            problems.append(f"{name}: must be a level or an object, is {json.dumps(value)}")
            continue
        level = _level(name, entry, problems)
        if name == "all":
            problems += [
                f"all: '{key}' is not a key; only enforcementLevel is" for key in entry if key != "enforcementLevel"
            ]
            if level is not None:
                levels = dict.fromkeys(levels, level)
            continue
        if level is not None:
            levels[name] = level
        for key, given in entry.items():
            if key == "enforcementLevel":
                continue
            if key not in known[name]:
                keys = ["enforcementLevel", *known[name]]
                hint = _place(key, known) or f"{did_you_mean(key, keys)} (its keys: {', '.join(keys)})"
                problems.append(f"{name}: '{key}' is not a key of it{hint}")
                continue
            problems += _schema_problems(f"{name}.{key}", given, known[name][key].schema)
            options[name][key] = _with_integers(given, known[name][key].schema)
    exemptions = _exemptions(options[GUARD]["exemptions"], problems) if not problems else ()
    if problems:
        raise ConfigError(problems)
    guard = options.pop(GUARD)
    for rule in rules().values():
        options[rule.id] |= {key: options[owner][key] for key, owner in rule.borrows.items()}
    return Settings(levels, options, guard, exemptions, today or datetime.date.today())


def _place(key: str, known: Mapping[str, Mapping[str, Option]]) -> str:
    """Where a key belongs that stands in the wrong place; empty for one that is nobody's."""
    owners = [f"`{name}`" for name, options in known.items() if key in options]
    return f"; put it under {' or '.join(owners)}" if owners else ""


def _level(name: str, entry: Mapping[str, Any], problems: list[str]) -> Level | None:
    given = entry.get("enforcementLevel")
    if given is None:
        return None
    values = [level.value for level in Level]
    if given in values:
        return Level(given)
    problems.append(
        f"{name}: {json.dumps(given)} is not a level{did_you_mean(str(given), values)} (levels: {', '.join(values)})"
    )
    return None


_JSON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list, tuple),
    "object": (Mapping,),
}


def _schema_problems(path: str, value: Any, schema: Mapping[str, Any]) -> list[str]:
    """What a value breaks of the few JSON-schema words that our options use."""
    kind = schema.get("type")
    whole = isinstance(value, float) and value.is_integer()  # the engine passes every number as a float
    fits = isinstance(value, _JSON_TYPES.get(kind or "", (object,))) or (kind == "integer" and whole)
    if not fits or (isinstance(value, bool) and kind != "boolean"):
        return [
            f"{path}: must be {'an' if str(kind)[0] in 'aeio' else 'a'} {kind}, is {json.dumps(value, default=str)}"
        ]
    problems: list[str] = []
    if "enum" in schema and value not in schema["enum"]:
        problems.append(
            f"{path}: '{value}' is not one of {', '.join(schema['enum'])}{did_you_mean(str(value), schema['enum'])}"
        )
    if isinstance(value, int | float):
        if value < schema.get("minimum", value):
            problems.append(f"{path}: {value} is less than {schema['minimum']}")
        if value > schema.get("maximum", value):
            problems.append(f"{path}: {value} is more than {schema['maximum']}")
    elif isinstance(value, str):
        problems += _text_problems(path, value, schema)
    elif isinstance(value, Mapping):
        problems += _object_problems(path, value, schema)
    elif isinstance(value, list | tuple) and "items" in schema:
        for index, item in enumerate(value):
            problems += _schema_problems(f"{path}[{index}]", item, schema["items"])
    return problems


def _with_integers(value: Any, schema: Mapping[str, Any]) -> Any:
    """A value with integers where its schema has them: the engine passes every number as a float."""
    if schema.get("type") == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        properties = schema.get("properties", {})
        return {key: _with_integers(each, properties.get(key, {})) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_with_integers(each, schema.get("items", {})) for each in value]
    return value


def _text_problems(path: str, value: str, schema: Mapping[str, Any]) -> Iterable[str]:
    if len(value) < schema.get("minLength", 0):
        yield f"{path}: must not be empty"
    if schema.get("format") == "date" and not _is_date(value):
        yield f"{path}: '{value}' is not a date like 2027-03-31"
    if schema.get("format") == "regex":
        try:
            re.compile(value)
        except re.error as error:
            yield f"{path}: '{value}' is not a regular expression: {error}"


def _is_date(text: str) -> bool:
    try:
        # Python reads other ways to write a day as well, such as 2027-W13-3.
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _object_problems(path: str, value: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterable[str]:
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties")
    yield from (f"{path}: '{key}' is missing" for key in schema.get("required", ()) if key not in value)
    for key, item in value.items():
        if key in properties:
            yield from _schema_problems(f"{path}.{key}", item, properties[key])
        elif others is False:
            yield f"{path}: '{key}' is not a key{did_you_mean(key, properties)}"
        elif isinstance(others, Mapping):
            yield from _schema_problems(f"{path}.{key}", item, others)


def _exemptions(entries: Iterable[Mapping[str, str]], problems: list[str]) -> tuple[Exemption, ...]:
    found: list[Exemption] = []
    for index, entry in enumerate(entries):
        where = f"{GUARD}.exemptions[{index}]"
        if entry["rule"] not in rules():
            problems.append(f"{where}: '{entry['rule']}' is not a rule{did_you_mean(entry['rule'], rules())}")
        if _names_no_resource(entry["resource"]):
            problems.append(
                f"{where}: '{entry['resource']}' must name one resource: by its URN, its Azure id, or its name as the "
                "report shows it; a wildcard may stand only in a URN of Pulumi (urn:pulumi:…), before the name"
            )
        expires = datetime.date.fromisoformat(entry["expires"])
        found.append(Exemption(entry["rule"], entry["resource"], entry["reason"], entry["owner"], expires))
    return tuple(found)


def _names_no_resource(pattern: str) -> bool:
    if pattern.startswith("urn:"):
        name = pattern.rpartition("::")[2]
        return not name or any(mark in name for mark in "*?[")
    # An expression that nobody can work out is a name too: `[parameters('name')]`, and `registry[0]` is a copy.
    name = re.sub(_EXPRESSION, "x", pattern.strip())
    return not name or name.endswith("::") or any(mark in name for mark in "*?[")


def program_exemption(rule_id: str, resource: Resource) -> Exemption | str | None:
    """The exemption that a resource's own tag claims; a text says what is wrong with the claim; None: no claim."""
    tags = resource.get("tags")
    if not isinstance(tags, dict):
        return None
    claim = tags.get(EXEMPTION_TAG_PREFIX + rule_id)
    if not isinstance(claim, str):
        return None
    parts = {k.strip().lower(): v.strip() for k, _, v in (part.partition("=") for part in claim.split(";"))}
    missing = [key for key in ("owner", "expires", "reason") if not parts.get(key)]
    if missing:
        return f"the tag {EXEMPTION_TAG_PREFIX}{rule_id} lacks {', '.join(missing)}"
    try:
        expires = datetime.date.fromisoformat(parts["expires"])
    except ValueError:
        return f"the tag {EXEMPTION_TAG_PREFIX}{rule_id}: '{parts['expires']}' is not a date like 2027-03-31"
    return Exemption(rule_id, resource.name, parts["reason"], parts["owner"], expires, by_program=True)
