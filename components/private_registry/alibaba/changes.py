"""Changes of an instance that its provider reports and does not make, and how each is made instead.

Pure: no Pulumi. A component refuses them in a hook before the update, in previews too. Replacing the instance instead
(``replace_on_changes``) would buy a second subscription.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from registry_model.alibaba import provider

from ..problems import Problem, snake

_BUCKET = "it is chosen when the instance is bought; declare a second registry and copy images with a sync rule"
_QUOTA = "buy more in the console (Expenses, Upgrade); this setting says only what the instance was bought with"
_INSTEAD: Mapping[str, str] = {
    "customOssBucket": _BUCKET,
    "defaultOssBucket": _BUCKET,
    "imageScanner": "switch the scanner on the instance's page in the console (Security and Trust, Image Scan)",
    "instanceType": "upgrade the instance in the console, run `pulumi refresh`, then say the new type here",
    "namespaceQuota": _QUOTA,
    "period": "renew the instance in the console (Expenses, Renewal); this is the first subscription's length",
    "repoQuota": _QUOTA,
    "vpcQuota": _QUOTA,
}
_SETTINGS: Mapping[str, str] = {"repoQuota": "repositoryQuota", "period": "periodMonths"}


def without_effect(old: Mapping[str, Any], new: Mapping[str, Any], is_unknown: Callable[[Any], bool]) -> list[Problem]:
    """A problem for each input whose change would do nothing: what it was, what is wanted, and how to do it.

    ``old`` and ``new`` are the instance's inputs by the provider's names. A ``period`` that was not in the state before
    is that of an instance that was imported: there it says nothing, and is accepted.
    """
    problems: list[Problem] = []
    for name in provider.WITHOUT_EFFECT:
        before, after = _plain(old.get(name)), _plain(new.get(name))
        if before == after or is_unknown(after) or (name == "period" and before is None):
            continue
        was, wanted = ("not set" if value is None else json.dumps(value) for value in (before, after))
        rule = f"{was} → {wanted} would be reported as an update and change nothing"
        problems.append(Problem(snake(_SETTINGS.get(name, name)), None, rule, f"put it back ({was}); {_INSTEAD[name]}"))
    return problems


def _plain(value: Any) -> Any:
    """Numbers arrive as floats, and words of flags as text."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
