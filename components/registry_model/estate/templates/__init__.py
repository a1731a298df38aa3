"""ARM templates, evaluated: what resources a template declares, as far as its expressions can be worked out.

`open_template` is the way in, and `open_policy` that into a policy definition by itself. One file has one reason to
change: the grammar (`expressions`), the functions (`functions`, a file a family), what names mean at a place (`scope`),
values and their loops (`evaluation`), texts of which a part is known (`ends`), the deployments inside and their outputs
(`modules`), policy definitions (`policies`), the resources (`resources`), and what it may all cost (`budget`).
"""

from __future__ import annotations

from .modules import APPLICATION_DEFINITIONS, COMPLETE, DEPLOYMENT_STACKS, DEPLOYMENTS, TEMPLATE_SPECS
from .policies import Policies
from .resources import Declared, declares, open_policy, open_template

__all__ = [
    "APPLICATION_DEFINITIONS",
    "COMPLETE",
    "DEPLOYMENTS",
    "DEPLOYMENT_STACKS",
    "TEMPLATE_SPECS",
    "Declared",
    "Policies",
    "declares",
    "open_policy",
    "open_template",
]
