"""Every way to deploy an ARM template from a program, read as one: a template, its parameters, and what is linked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .templates import Policies
from .templates.modules import readable
from .tokens import POLICY, POLICY_ASSIGNMENT, POLICY_SET, bridged
from .values import UNKNOWN, from_text, known_items

# The classic provider's deployments (names from pulumi-azure 6.40), and Terraform's own names for them.
_CLASSIC = frozenset(
    {
        "azure:core/resourcegrouptemplatedeployment:resourcegrouptemplatedeployment",
        "azure:core/subscriptiontemplatedeployment:subscriptiontemplatedeployment",
        "azure:core/tenanttemplatedeployment:tenanttemplatedeployment",
        "azure:core/templatedeployment:templatedeployment",
        "azure:management/grouptemplatedeployment:grouptemplatedeployment",
    }
)
_TERRAFORM = frozenset(
    {
        "resourcegrouptemplatedeployment",
        "subscriptiontemplatedeployment",
        "tenanttemplatedeployment",
        "templatedeployment",
        "managementgrouptemplatedeployment",
    }
)
# The same for policies, whose rules and parameters are JSON texts.
_POLICIES = {
    "azure:policy/definition:definition": POLICY,
    "azure:policy/policysetdefinition:policysetdefinition": POLICY_SET,
    "azure:core/resourcegrouppolicyassignment:resourcegrouppolicyassignment": POLICY_ASSIGNMENT,
    "azure:core/resourcepolicyassignment:resourcepolicyassignment": POLICY_ASSIGNMENT,
    "azure:core/subscriptionpolicyassignment:subscriptionpolicyassignment": POLICY_ASSIGNMENT,
    "azure:management/grouppolicyassignment:grouppolicyassignment": POLICY_ASSIGNMENT,
}
_TERRAFORM_POLICIES = {
    "policydefinition": POLICY,
    "managementgrouppolicydefinition": POLICY,
    "policysetdefinition": POLICY_SET,
    "managementgrouppolicysetdefinition": POLICY_SET,
    "resourcegrouppolicyassignment": POLICY_ASSIGNMENT,
    "resourcepolicyassignment": POLICY_ASSIGNMENT,
    "subscriptionpolicyassignment": POLICY_ASSIGNMENT,
    "managementgrouppolicyassignment": POLICY_ASSIGNMENT,
}
_SPEC_ID = re.compile(r"/templatespecs/([^/]+)/versions/([^/]+)/?$")


@lru_cache(maxsize=2048)
def is_classic(token: str) -> bool:
    """Whether a token of the classic provider, or of ``azurerm``, deploys a template."""
    provider, name = bridged(token)
    return token.lower() in _CLASSIC or (provider == "azurerm" and name in _TERRAFORM)


@lru_cache(maxsize=2048)
def classic_policy(token: str) -> str:
    """The canonical type of a policy definition, set or assignment of the classic provider, or of ``azurerm``."""
    provider, name = bridged(token)
    return _TERRAFORM_POLICIES.get(name, "") if provider == "azurerm" else _POLICIES.get(token.lower(), "")


def policy(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties of such a policy as Azure has them."""
    members = raw.get("policydefinitionreferences", raw.get("policydefinitionreference"))
    if members is None:
        return raw
    known = (
        {
            "policydefinitionid": each.get("policydefinitionid", each.get("policy_definition_id", UNKNOWN)),
            "parameters": each.get("parametervalues", each.get("parameter_values")),
        }
        for each in known_items(members)
        if isinstance(each, Mapping)
    )
    return {**raw, "policydefinitions": UNKNOWN if members is UNKNOWN else list(known)}


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a deployment says of its template. ``unsure``: a parameters file that is not shown may give others.

    ``mode`` is a deployment's, ``unmanaged`` what a deployment stack does with what its template no longer declares.
    """

    template: Any
    parameters: Any
    link: Any
    group: Any
    unsure: bool
    mode: Any = None
    unmanaged: Any = None


def native(raw: Mapping[str, Any]) -> Deployment:
    """``azure-native:resources:Deployment`` of any scope, a deployment stack, or one of them through azapi."""
    properties = raw.get("properties", raw)
    if not isinstance(properties, Mapping):
        return Deployment(UNKNOWN, None, None, raw.get("resourcegroupname"), unsure=False)
    given = properties.get("parameters")
    return Deployment(
        properties.get("template"),
        _parameters(given) if isinstance(given, str) else given,
        properties.get("templatelink"),
        raw.get("resourcegroupname"),
        unsure=properties.get("parameterslink") is not None,
        mode=properties.get("mode"),
        unmanaged=properties.get("actiononunmanage"),
    )


def application(raw: Mapping[str, Any]) -> Deployment:
    """The definition of a managed application, whose template is deployed by whoever takes the application."""
    properties = raw.get("properties", raw)
    template = properties.get("maintemplate") if isinstance(properties, Mapping) else properties
    return Deployment(template, None, None, UNKNOWN, unsure=False)


def classic(raw: Mapping[str, Any]) -> Deployment:
    """A template deployment of the classic provider: template and parameters are JSON texts."""
    template = raw.get("templatecontent", raw.get("templatebody"))
    spec = raw.get("templatespecversionid")
    given = _parameters(raw.get("parameterscontent", raw.get("parametersbody")))
    older = raw.get("parameters")  # of the oldest resource: names with texts
    if isinstance(older, Mapping) and given is not UNKNOWN:
        given = {**given, **{name: {"value": value} for name, value in older.items()}}
    elif older is UNKNOWN:
        given = UNKNOWN
    link = {"id": spec} if spec is not None else None
    mode = raw.get("deploymentmode")
    return Deployment(template, given, link, raw.get("resourcegroupname"), unsure=False, mode=mode)


def _parameters(text: Any) -> Any:
    if text is None or text == "":
        return {}
    held = from_text(text)
    # A whole parameters file is taken as well as what is inside it.
    inside = held.get("parameters") if isinstance(held, dict) and "$schema" in held else held
    return inside if isinstance(inside, dict) else UNKNOWN


class Library:
    """The template specs and the policies that a stack declares so far, in the order of its resources.

    A deployment names a version of a spec by its id. While that is unknown, it is the version of the stack if there is
    one only: the engine does not tell policies what an input depends on.
    """

    def __init__(self) -> None:
        self.policies = Policies()
        self._versions: dict[tuple[Any, Any], Any] = {}

    def add_spec(self, name: Any, version: Any, template: Any) -> None:
        self._versions[_lower(name), _lower(version)] = readable(template)[0]

    def find_spec(self, identity: Any) -> Any:
        """The template of the version with this id, None for one of another stack."""
        if isinstance(identity, str):
            match = _SPEC_ID.search(identity.lower())
            return self._versions.get((match[1], match[2])) if match else None
        return next(iter(self._versions.values())) if identity is UNKNOWN and len(self._versions) == 1 else None


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
