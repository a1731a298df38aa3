"""Asks for tags."""

from __future__ import annotations

from registry_model.estate import tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN

from ..examples import example, registry
from ..rule import MANDATORY, OFF, Config, Levels, Option, Problems, Rule, Severity, undetermined, violation


def check(registry: Resource, config: Config) -> Problems:
    if not config["tags"]:
        return
    tags = registry.get("tags", {})
    if not isinstance(tags, dict):
        yield undetermined(registry, "tags")
        return
    missing = [tag for tag in config["tags"] if tags.get(tag.lower()) in (None, "")]
    if missing:
        yield violation(registry, f"Registry {registry.label} lacks the tags {', '.join(missing)}")
    for tag in config["tags"]:
        if tags.get(tag.lower()) is UNKNOWN:
            yield undetermined(registry, f"tags.{tag}")


RULE = Rule(
    id="required-tags",
    title="Registries have the required tags",
    severity=Severity.LOW,
    rationale="Tags say who owns a registry and what depends on it; without them nobody can be asked.",
    fix="Add the missing tags.",
    fix_live="az tag update --resource-id ID --operation merge --tags NAME=VALUE",
    levels=Levels(baseline=OFF, strict=MANDATORY, no_private_link=MANDATORY),
    references=("Azure Quick Review acr-008", "CIS Azure (tagging)"),
    options={
        "tags": Option(
            {"type": "array", "items": {"type": "string", "minLength": 1}},
            [],
            "Tags that a registry must have, with any value; empty: the rule does not apply.",
        )
    },
    applies_to=(tokens.REGISTRY,),
    check_resource=check,
    compliant=(
        example("no tags required", registry()),
        example("the tag, in another letter case", registry(tags={"Owner": "platform"}), tags=["owner"]),
    ),
    violating=(
        example("no tags", registry(), tags=["owner"]),
        example("an empty tag", registry(tags={"owner": ""}), tags=["owner"]),
    ),
)
