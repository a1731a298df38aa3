"""Forbids cache rules from upstream registries that nobody accepted."""

from __future__ import annotations

from fnmatch import fnmatchcase

from registry_model.estate import tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import UNKNOWN, as_text

from ..examples import child, example
from ..frameworks import azure_policy, mcsb
from ..rule import ADVISORY, OFF, Config, Declared, Levels, Option, Problems, Rule, Severity, undetermined, violation


def check(rule: Resource, config: Config) -> Problems:
    allowed = [pattern.lower() for pattern in config["allow"]]
    if "*" in allowed:
        return
    source = as_text(rule.get("sourceRepository"))
    if source is UNKNOWN:
        yield undetermined(rule, "sourceRepository")
    elif source is None or not any(fnmatchcase(source, pattern) for pattern in allowed):
        yield violation(rule, f"Cache rule {rule.label} brings images of '{source}' into the registry")


def _rule(source: str) -> Declared:
    return child("CacheRule", "cached", sourceRepository=source)


RULE = Rule(
    id="cache-rules",
    title="Cache rules bring in accepted upstreams only",
    severity=Severity.MEDIUM,
    rationale=(
        "A cache rule makes another registry's images look like one's own: whoever may push there reaches everyone who "
        "pulls here."
    ),
    fix="Remove the cache rule, or add its source to allow.",
    fix_live="az acr cache delete --registry REGISTRY --name RULE, or add its source to allow.",
    levels=Levels(baseline=OFF, strict=ADVISORY, no_private_link=ADVISORY),
    frameworks=(mcsb("DS-2"), azure_policy("84497762-32b6-4ab3-80b6-732ea48b85a2")),
    options={
        "allow": Option(
            {"type": "array", "items": {"type": "string", "minLength": 1}},
            ["*"],
            "Upstream repositories that may be cached, such as mcr.microsoft.com/*; * means any.",
            presets={"strict": [], "no-private-link": [], "audit": []},
        )
    },
    decision=(
        "With any upstream allowed the rule would never fire. The presets that have it at a level set "
        "an empty list instead, so that what passes strict passes Azure Policy 84497762 as well."
    ),
    applies_to=(tokens.CACHE_RULE,),
    check_resource=check,
    compliant=(
        example("an accepted source", _rule("mcr.microsoft.com/dotnet/*"), allow=["mcr.microsoft.com/*"]),
        example("any source is accepted", _rule("docker.io/library/*")),
    ),
    violating=(
        example("another source", _rule("docker.io/library/*"), allow=["mcr.microsoft.com/*"]),
        example("no source is accepted", _rule("mcr.microsoft.com/*"), allow=[]),
    ),
)
