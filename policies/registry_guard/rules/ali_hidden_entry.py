"""Forbids the entry that the service keeps for itself."""

from __future__ import annotations

from registry_model.alibaba.limits import HIDDEN_ENTRY, is_hidden
from registry_model.estate import alicloud, tokens
from registry_model.estate.model import Resource
from registry_model.estate.values import Unknown, as_written

from ..examples import ali_acl_policy, ali_instance, ali_internet, example
from ..rule import MANDATORY, Config, Levels, Problems, Rule, Severity, violation


def check(resource: Resource, _config: Config) -> Problems:
    given = alicloud.entries(resource)
    entries = [] if isinstance(given, Unknown) else given
    if resource.type == tokens.ALI_ACL_POLICY:
        entries = [as_written(resource.get("entry"))]
    if any(map(is_hidden, entries)):
        text = f"lists {HIDDEN_ENTRY}, which the service adds by itself, hides and never gives away"
        yield violation(resource, f"{resource.label} {text}: every preview will show a change")


RULE = Rule(
    id="ali-hidden-entry",
    title="The service's own entry is not listed again",
    severity=Severity.LOW,
    rationale=(
        f"The service adds {HIDDEN_ENTRY} to every access control list and leaves it out of what it answers. A program "
        "that lists it never comes to rest: each preview shows the same change, and real changes drown in it."
    ),
    fix=f"Remove {HIDDEN_ENTRY}; name the clients' own addresses.",
    levels=Levels(baseline=MANDATORY, strict=MANDATORY, no_private_link=MANDATORY),
    applies_to=(tokens.ALI_INTERNET, tokens.ALI_ACL_POLICY),
    check_resource=check,
    compliant=(
        example("clients' addresses", ali_instance(), ali_internet("203.0.113.0/28")),
        example("another loopback address", ali_instance(), ali_internet("203.0.113.0/28", "127.0.0.2/32")),
    ),
    violating=(
        example("beside a client's", ali_instance(), ali_internet("127.0.0.1/32", "203.0.113.0/28")),
        example("without its prefix", ali_instance(), ali_internet("127.0.0.1", "203.0.113.0/28")),
        example("as an entry of the older kind", ali_instance(), ali_acl_policy("127.0.0.1/32")),
    ),
)
