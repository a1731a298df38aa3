"""What the commands of a script do to registries, told by their patterns.

A command of registries alone (``az acr update``) *changes* one. A command that changes whatever it is given
(``az rest``, a deployment) *may change* one: what it is given may be in a variable, so nothing more can be said.
Commands that are encoded, put together at run time or in another file are not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

CHANGES = "changes"
MAY_CHANGE = "may change"

# Options of az stand before, between and after its words, some with a value.
_VALUE = r"(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s=\"'-])\S*"
_GAP = rf"(?:\s+--?[a-z][\w-]*(?:(?:\s+|=){_VALUE})?){{0,8}}\s+"


def _az(*words: str) -> str:
    return _GAP.join((r"\baz", *words)) + r"\b"


# Signing in, pushing, importing, building and reading change no setting.
_OF_REGISTRIES = re.compile(
    "|".join(
        (
            _az("acr", "(?:create|update|delete)"),
            _az("acr", "config", r"[\w-]+", "update"),
            _az("acr", "(?:identity|network-rule)", "(?:assign|add|remove)"),
            _az(
                "acr",
                "(?:replication|token|scope-map|cache|credential-set|webhook|connected-registry)",
                "(?:create|update|delete)",
            ),
            r"\b(?:New|Add|Update|Set|Remove)-AzContainerRegistry",
        )
    ),
    re.IGNORECASE,
)
_DEPLOYS = re.compile(
    "|".join((_az("(?:deployment|stack)", r"[\w-]+", "create"), r"\bNew-Az\w*Deployment(?:Stack)?\b")), re.IGNORECASE
)
_CHANGES_RESOURCES = re.compile(
    "|".join((_az("resource", "(?:create|update|patch|delete|invoke-action)"), r"\b(?:New|Set|Remove)-AzResource\b")),
    re.IGNORECASE,
)
# A call of Azure's API changes something by some methods. The two are looked for anywhere: what a call takes may be in
# variables and lines far from it.
_CALL = rf"{_az('rest')}|Invoke-AzRest"
_CALLS_AZURE = re.compile(rf"{_CALL}|management\.(?:azure\.com|usgovcloudapi\.net|chinacloudapi\.cn)", re.IGNORECASE)
_WRITES = re.compile(r"(?:--?method|--request|-m|-X)[\s=:\"']*(?:put|patch|post|delete)\b", re.IGNORECASE)
_CALLS = re.compile(rf"{_CALL}|\bcurl\b|Invoke-(?:RestMethod|WebRequest)", re.IGNORECASE)
_PROVIDER = re.compile(r"\bMicrosoft\.(\w+)/", re.IGNORECASE)
_OURS = frozenset({"containerregistry", "resources"})

_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_CONTINUED = re.compile(r"[\\`][ \t]*\r?\n[ \t]*")
_ARGUMENTS = re.compile(r"\"?\$(?:[*@1-9]|\{[*@1-9]\})\"?")
_QUOTED_WORD = re.compile(r"([\"'])([\w-]*)\1")
_VARIABLE = re.compile(r"\"?\$(?:env:)?(?:\{(\w+)\}|(\w+))\"?", re.IGNORECASE)


def effect(texts: Iterable[str], arguments: str = "", variables: Mapping[str, str] | None = None) -> str:
    """What the commands of a script do to registries: CHANGES, MAY_CHANGE, or empty.

    ``arguments`` stand for ``$*`` and ``$1``, and ``variables`` are those of its environment, by name.
    """
    read = [_as_run(text, arguments, variables or {}) for text in texts]
    if any(_OF_REGISTRIES.search(text) for text in read):
        return CHANGES
    return MAY_CHANGE if any(map(_may_change, read)) else ""


def _as_run(text: str, arguments: str, variables: Mapping[str, str]) -> str:
    """A script without comments and without quotes around single words, with its lines joined and what it is given
    filled in."""
    text = _CONTINUED.sub(" ", _COMMENT.sub("", text))
    if arguments:
        text = _ARGUMENTS.sub(lambda _: arguments, text)
    if variables:
        held = {name.lower(): value for name, value in variables.items()}
        text = _VARIABLE.sub(lambda match: held.get((match[1] or match[2]).lower(), match[0]), text)
    return _QUOTED_WORD.sub(r"\2", text)


def _may_change(text: str) -> bool:
    """Whether a script deploys or changes something that may be a registry: anything, unless its one command names
    another service's resource."""
    if _DEPLOYS.search(text):
        return True
    writes = bool(_CALLS_AZURE.search(text) and _WRITES.search(text))
    changed = len(_CHANGES_RESOURCES.findall(text))
    if not writes and not changed:
        return False
    named = {each.lower() for each in _PROVIDER.findall(text)}
    return not named or bool(named & _OURS) or changed + (len(_CALLS.findall(text)) if writes else 0) > 1
