"""Unsafe registries in templates, each with its safe twin: the same words, and one value that is right."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from registry_guard.examples import UNKNOWN, example
from registry_guard.rule import Declared, Example

from tests.policies.evasions import KIND, PRIVATE, Evasion, deployed, secret

DEPLOYMENTS = "Microsoft.Resources/deployments"


@dataclass(frozen=True)
class Twins:
    """Two stacks that differ in one value; ``rule`` fails the unsafe one at the level of ``preset``."""

    title: str
    unsafe: tuple[Declared, ...]
    safe: tuple[Declared, ...]
    rule: str = "premium-sku"
    preset: str = "baseline"

    @property
    def evasion(self) -> Evasion:
        return Evasion(self.rule, example(self.title, *self.unsafe), self.preset)

    @property
    def good(self) -> Example:
        return example(f"safe twin: {self.title}", *self.safe)


def registry(sku: Any = "Premium", name: Any = "contoso", **properties: Any) -> dict[str, Any]:
    body = {"type": KIND, "apiVersion": "2023-07-01", "name": name, "location": "japaneast", "sku": {"name": sku}}
    return {**body, "properties": {**PRIVATE, **properties}}


def template(*resources: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {"contentVersion": "1.0.0.0", "resources": list(resources), **parts}


def module(inner: Any, name: str = "m", *, scope: str = "inner", **parts: Any) -> dict[str, Any]:
    properties = {"mode": "Incremental", "template": inner, "expressionEvaluationOptions": {"scope": scope}}
    given = {key: parts.pop(key) for key in ("parameters", "templateLink") if key in parts}
    return {
        "type": DEPLOYMENTS,
        "apiVersion": "2022-09-01",
        "name": name,
        "properties": {**properties, **given},
        **parts,
    }


TAKES_SKU = template(
    registry("[parameters('sku')]"),
    parameters={"sku": {"type": "string", "defaultValue": "Premium"}},
    outputs={"sku": {"type": "string", "value": "[parameters('sku')]"}},
)
GIVES_SKU = template(
    parameters={"sku": {"type": "string"}}, outputs={"tier": {"type": "string", "value": "[parameters('sku')]"}}
)


def of_sku(title: str, make: Callable[[str], Any]) -> Twins:
    """Twins that differ in the SKU alone; ``make`` gives a template, or the resources of the stack."""

    def stack(sku: str) -> tuple[Declared, ...]:
        made = make(sku)
        return made if isinstance(made, tuple) else (deployed(made),)

    return Twins(title, stack("Basic"), stack("Premium"))


def expression(title: str, text: Callable[[str], str], **variables: Any) -> Twins:
    """Twins whose SKU is an expression."""
    return of_sku(title, lambda sku: template(registry(f"[{text(sku)}]"), variables=variables))


def by_classic(token: str, **more: Any) -> Callable[[str], tuple[Declared, ...]]:
    def make(sku: str) -> tuple[Declared, ...]:
        inputs = {
            "resourceGroupName": "rg",
            "templateContent": json.dumps(TAKES_SKU),
            "parametersContent": json.dumps({"sku": {"value": sku}}),
            **more,
        }
        return ({"type": token, "name": "deployment", "inputs": inputs},)

    return make


def spec_and_deployment(sku: str, link: Any = UNKNOWN) -> tuple[Declared, ...]:
    spec = {
        "type": "azure-native:resources:TemplateSpecVersion",
        "name": "spec",
        "inputs": {
            "resourceGroupName": "rg",
            "templateSpecName": "Registry",
            "templateSpecVersion": "1.0",
            "mainTemplate": TAKES_SKU,
        },
    }
    properties = {"mode": "Incremental", "templateLink": {"id": link}, "parameters": {"sku": {"value": sku}}}
    inputs = {"resourceGroupName": "rg", "properties": properties}
    return (spec, {"type": "azure-native:resources:Deployment", "name": "deployment", "inputs": inputs})


def azapi(sku: str) -> tuple[Declared, ...]:
    properties = {"mode": "Incremental", "template": TAKES_SKU, "parameters": {"sku": {"value": sku}}}
    inputs = {
        "type": f"{DEPLOYMENTS}@2022-09-01",
        "name": "registry",
        "parentId": "/subscriptions/s/resourceGroups/rg",
        "body": {"properties": properties},
    }
    return ({"type": "azapi:index/resource:Resource", "name": "deployment", "inputs": inputs},)


def nullable(given: dict[str, Any], **parameter: Any) -> tuple[Declared, ...]:
    """A registry whose public access is a nullable parameter, as the Azure Verified Modules write it."""
    access = "[if(not(empty(parameters('access'))), parameters('access'), null())]"
    made = template(
        registry(publicNetworkAccess=access),
        languageVersion="2.0",
        parameters={"access": parameter or {"type": "string", "nullable": True}},
        definitions={
            "access": {"type": "string", "nullable": True},
            "again": {"$ref": "#/definitions/access"},
            "options": {"type": "object", "properties": {"access": {"$ref": "#/definitions/access"}}},
        },
    )
    return (deployed(made, parameters=given),)


SYMBOLIC = {"languageVersion": "2.0", "contentVersion": "1.0.0.0"}
GIVES_ID = "resourceId('Microsoft.Resources/deployments', 'GIVES')"
TIER_OF_EACH = "lambda('m', lambdaVariables('m').outputs.tier.value)"
TOKENS = (
    "azure:core/resourceGroupTemplateDeployment:ResourceGroupTemplateDeployment",
    "azure:core/subscriptionTemplateDeployment:SubscriptionTemplateDeployment",
    "azure:core/tenantTemplateDeployment:TenantTemplateDeployment",
    "azure:management/groupTemplateDeployment:GroupTemplateDeployment",
    "azurerm:index/resourceGroupTemplateDeployment:ResourceGroupTemplateDeployment",
    "azurerm:index/managementGroupTemplateDeployment:ManagementGroupTemplateDeployment",
)
SCOPES = (
    "resources:DeploymentAtScope",
    "resources:DeploymentAtSubscriptionScope",
    "resources:DeploymentAtManagementGroupScope",
    "resources:DeploymentAtTenantScope",
    "resources/v20220901:Deployment",
    "resources:DeploymentStackAtSubscription",
    "resources:DeploymentStackAtManagementGroup",
)


def policy(effect: Any, sku: Any, **inputs: Any) -> Declared:
    """A policy definition whose template deploys a registry; its parameters give the SKU and the effect."""
    deployment = {"properties": {"mode": "incremental", "template": template(registry(sku))}}
    then = {"effect": effect, "details": {"type": KIND, "deployment": deployment}}
    held = {"policyDefinitionName": "spread", "policyRule": {"if": {"field": "type", "equals": KIND}, "then": then}}
    return {"type": "azure-native:authorization:PolicyDefinition", "name": "policy", "inputs": {**held, **inputs}}


def assigned(effect: str) -> tuple[Declared, ...]:
    """A policy that its default switches off, and an assignment that may switch it on."""
    off = {"effect": {"type": "String", "defaultValue": "Disabled"}}
    identity = "/subscriptions/s/providers/Microsoft.Authorization/policyDefinitions/spread"
    given = {"policyDefinitionId": identity, "parameters": {"effect": {"value": effect}}}
    everywhere = {"type": "azure-native:authorization:PolicyAssignment", "name": "everywhere", "inputs": given}
    return (policy("[parameters('effect')]", "Basic", parameters=off), everywhere)


TWINS: tuple[Twins, ...] = (
    # What an expression comes to.
    expression("map and first", lambda sku: f"first(map(createArray('{sku}'), lambda('s', lambdaVariables('s'))))"),
    expression(
        "filter", lambda sku: f"filter(createArray('', '{sku}'), lambda('s', not(empty(lambdaVariables('s')))))[0]"
    ),
    expression("reduce", lambda sku: f"reduce(split('{sku}', ''), '', lambda('a', 'b', lambdaVariables('b')))"),
    expression("items", lambda sku: f"items(createObject('tier', '{sku}'))[0].value"),
    expression(
        "spread", lambda sku: f"shallowMerge(createArray(createObject('s', 'x'), createObject('s', '{sku}'))).s"
    ),
    expression(
        "mapValues",
        lambda sku: f"mapValues(createObject('s', '_{sku}'), lambda('v', substring(lambdaVariables('v'), 1))).s",
    ),
    expression("groupBy", lambda sku: f"groupBy(createArray('{sku}'), lambda('v', 'all')).all[0]"),
    expression("objectKeys", lambda sku: f"objectKeys(createObject('{sku}', 1))[0]"),
    expression("intersection", lambda sku: f"intersection(createArray('x', '{sku}'), createArray('{sku}'))[0]"),
    expression(
        "sort",
        lambda sku: (
            f"last(sort(createArray('{sku}', ''), lambda('a', 'b', "
            "less(length(lambdaVariables('a')), length(lambdaVariables('b'))))))"
        ),
    ),
    expression("a text from a URI", lambda sku: f"uriComponentToString('%{ord(sku[0]):x}{sku[1:]}')"),
    expression(
        "flatten and skip", lambda sku: f"skip(flatten(createArray(createArray('x'), createArray('{sku}'))), 1)[0]"
    ),
    expression("an index from the end", lambda sku: f"tryIndexFromEnd(createArray('{sku}', 'x'), 2)"),
    expression(
        "the cloud's name", lambda sku: f"if(equals(environment().name, 'AzureCloud'), '{sku}', 'neither of them')"
    ),
    expression("union", lambda sku: f"union(createObject('s', createObject('t', 1)), createObject('s', '{sku}')).S"),
    expression("toObject", lambda sku: f"toObject(createArray('k'), lambda('e', 'K'), lambda('e', '{sku}')).k"),
    expression("text in pieces", lambda sku: f"format('{{0}}{{1}}', take('{sku}', 2), skip('{sku}', 2))"),
    expression("replace", lambda sku: f"replace('~{sku}', '~', '')"),
    expression("base64", lambda sku: f"base64ToString(base64('{sku}'))"),
    expression("JSON with a comment", lambda sku: f'json(\'{{"s": "{sku}" /* tier */}}\').s'),
    expression("data URI", lambda sku: f"dataUriToString(dataUri('{sku}'))"),
    expression("coalesce", lambda sku: f"coalesce(null(), tryGet(createObject(), 'x'), '{sku}')"),
    expression(
        "names in other letters",
        lambda sku: f"TOUPPER(Variables('Tier').{sku.upper()})",
        tIER={"Basic": "basic", "Premium": "premium"},
    ),
    expression("a branch that nobody takes", lambda sku: f"if(or(true(), reference('x').y), '{sku}', 'Premium')"),
    expression("the last of a range", lambda sku: f"createArray('x', 'y', '{sku}')[last(range(0, 3))]"),
    of_sku(
        "a function of the template",
        lambda sku: template(
            registry("[contoso.pick('x', variables('sku'))]"),
            variables={"sku": sku},
            functions=[
                {
                    "namespace": "contoso",
                    "members": {
                        "pick": {
                            "parameters": [{"name": "a", "type": "string"}, {"name": "B", "type": "string"}],
                            "output": {"type": "string", "value": "[contoso.second(parameters('b'))]"},
                        },
                        "second": {
                            "parameters": [{"name": "it", "type": "string"}],
                            "output": {"type": "string", "value": "[parameters('it')]"},
                        },
                    },
                }
            ],
        ),
    ),
    Twins(
        "a truth that only Azure knows",
        (deployed(template(registry("[if(equals(take(uniqueString('a'), 1), 'a'), 'Premium', 'Premium2')]"))),),
        (deployed(template(registry("[if(equals(take(uniqueString('a'), 1), 'a'), 'Premium', 'Premium')]"))),),
        preset="strict",
    ),
    # What nobody gives is null.
    Twins(
        "a nullable parameter",
        nullable({}),
        nullable({"access": {"value": "Disabled"}}),
        rule="no-exposed-access",
    ),
    Twins(
        "a parameter that is nullable by its type's type",
        nullable({}, **{"$ref": "#/definitions/again"}),
        nullable({"ACCESS": {"value": "Disabled"}}, **{"$ref": "#/definitions/again"}),
        rule="no-exposed-access",
    ),
    Twins(
        "a member that its type lets be left out",
        (
            deployed(
                template(
                    registry(publicNetworkAccess="[coalesce(parameters('o').access, 'Enabled')]"),
                    languageVersion="2.0",
                    parameters={"o": {"$ref": "#/definitions/options", "defaultValue": {}}},
                    definitions={
                        "options": {"type": "object", "properties": {"access": {"type": "string", "nullable": True}}}
                    },
                )
            ),
        ),
        (
            deployed(
                template(
                    registry(publicNetworkAccess="[coalesce(parameters('o').access, 'Enabled')]"),
                    languageVersion="2.0",
                    parameters={"o": {"$ref": "#/definitions/options", "defaultValue": {"access": "Disabled"}}},
                    definitions={
                        "options": {"type": "object", "properties": {"access": {"type": "string", "nullable": True}}}
                    },
                )
            ),
        ),
        rule="no-exposed-access",
    ),
    # Loops.
    of_sku(
        "the last copy",
        lambda sku: template(
            {
                **registry("[variables('skus')[copyIndex('loop', -1)]]", "[format('contoso{0}', copyIndex())]"),
                "copy": {
                    "name": "loop",
                    "count": "[sub(length(variables('skus')), 1)]",
                    "mode": "serial",
                    "batchSize": 1,
                },
                "condition": "[greater(copyIndex(), 0)]",
            },
            variables={"skus": [sku, "Premium", "Premium"]},
        ),
    ),
    Twins(
        "a loop that runs once and one that does not",
        (deployed(template({**registry("Basic"), "copy": {"name": "loop", "count": "[length(createArray(1))]"}})),),
        (deployed(template({**registry("Basic"), "copy": {"name": "loop", "count": "[length(createArray())]"}})),),
    ),
    Twins(
        "a wide rule in a loop of properties in a loop of resources",
        *(
            (
                deployed(
                    template(
                        {
                            **registry(
                                name="[format('contoso{0}', copyIndex())]",
                                publicNetworkAccess="Enabled",
                                networkRuleSet={
                                    "defaultAction": "Deny",
                                    "copy": [
                                        {
                                            "name": "ipRules",
                                            "count": "[length(variables('rules')[copyIndex()])]",
                                            "input": {
                                                "value": "[variables('rules')[copyIndex()][copyIndex('ipRules')]]"
                                            },
                                        }
                                    ],
                                },
                            ),
                            "copy": {"name": "registries", "count": 2},
                        },
                        variables={"rules": [["192.0.2.1"], ["192.0.2.2", last]]},
                    )
                ),
            )
            for last in ("0.0.0.0/1", "198.51.100.0/28")
        ),
        rule="no-exposed-access",
    ),
    of_sku(
        "a variable that a loop makes",
        lambda sku: template(
            registry("[variables('made')[2].tier]"),
            variables={
                "copy": [{"name": "made", "count": 3, "input": {"tier": "[variables('from')[copyIndex('made')]]"}}],
                "from": ["x", "y", sku],
            },
        ),
    ),
    # Deployments inside.
    of_sku("a module's parameter", lambda sku: template(module(TAKES_SKU, parameters={"sku": {"value": sku}}))),
    of_sku(
        "a parameter that is an expression",
        lambda sku: template(
            module(TAKES_SKU, parameters={"sku": f"[if(true(), createObject('value', '{sku}'), createObject())]"})
        ),
    ),
    of_sku(
        "a parameter that a loop makes",
        lambda sku: template(
            module(
                template(registry("[parameters('skus')[1]]"), parameters={"skus": {"type": "array"}}),
                parameters={"skus": {"copy": [{"name": "value", "count": 2, "input": sku}]}},
            )
        ),
    ),
    of_sku(
        "null asks for the default",
        lambda sku: template(
            module(
                template(registry("[parameters('s')]"), parameters={"s": {"type": "string", "defaultValue": sku}}),
                parameters={"s": {"value": "[null()]"}},
            )
        ),
    ),
    of_sku(
        "one module's output as another's parameter",
        lambda sku: template(
            module(GIVES_SKU, "gives", parameters={"sku": {"value": sku}}),
            module(
                TAKES_SKU,
                "takes",
                parameters={"sku": {"value": f"[reference({GIVES_ID}, '2022-09-01').outputs.tier.value]"}},
            ),
        ),
    ),
    of_sku(
        "outputs of modules in a loop, in a loop",
        lambda sku: {
            **SYMBOLIC,
            "variables": {"skus": ["Premium", sku]},
            "resources": {
                "gives": module(
                    GIVES_SKU,
                    "[format('gives-{0}', copyIndex())]",
                    parameters={"sku": {"value": "[variables('skus')[copyIndex()]]"}},
                    copy={"name": "gives", "count": 2},
                ),
                "takes": module(
                    TAKES_SKU,
                    "takes",
                    parameters={"sku": {"value": "[reference(format('gives[{0}]', 1)).outputs.tier.value]"}},
                ),
                "also": module(
                    TAKES_SKU,
                    "also",
                    parameters={"sku": {"value": f"[last(map(references('gives'), {TIER_OF_EACH}))]"}},
                ),
            },
        },
    ),
    of_sku(
        "a template that is a variable",
        lambda sku: template(
            module("[variables('inner')]", parameters={"sku": {"value": sku}}),
            variables={"inner": json.loads(json.dumps(TAKES_SKU).replace('"[', '"[['))},
        ),
    ),
    of_sku(
        "outer scope in a loop",
        lambda sku: template(
            {
                **module(template(registry("[variables('skus')[copyIndex()]]")), scope="outer"),
                "name": "[format('m{0}', copyIndex())]",
                "copy": {"name": "loop", "count": 2},
            },
            variables={"skus": ["Premium", sku]},
        ),
    ),
    of_sku(
        "a template spec of the same template",
        lambda sku: template(
            {
                "type": "Microsoft.Resources/templateSpecs/versions",
                "name": "spec/1.0",
                "properties": {"mainTemplate": TAKES_SKU},
            },
            {
                "type": DEPLOYMENTS,
                "name": "m",
                "properties": {
                    "templateLink": {"id": "[resourceId('Microsoft.Resources/templateSpecs/versions', 'Spec', '1.0')]"},
                    "parameters": {"sku": {"value": sku}},
                },
            },
        ),
    ),
    # Other ways to deploy it.
    *(of_sku(f"{token.rpartition(':')[2]} of {token.partition(':')[0]}", by_classic(token)) for token in TOKENS),
    of_sku(
        "the classic provider's oldest deployment",
        lambda sku: (
            {
                "type": "azure:core/templateDeployment:TemplateDeployment",
                "name": "deployment",
                "inputs": {"templateBody": json.dumps(TAKES_SKU), "parameters": {"sku": sku}},
            },
        ),
    ),
    *(
        of_sku(token, lambda sku, token=token: (deployed(TAKES_SKU, token=token, parameters={"sku": {"value": sku}}),))
        for token in SCOPES
    ),
    of_sku("a deployment through azapi", azapi),
    of_sku(
        "a template with comments, as text",
        lambda sku: (
            deployed(f"// {{}}\n{json.dumps(TAKES_SKU)[:-1]},}} /* end */", parameters={"sku": {"value": sku}}),
        ),
    ),
    of_sku("parameters as text", lambda sku: (deployed(TAKES_SKU, parameters=json.dumps({"sku": {"value": sku}})),)),
    of_sku("a template spec of the stack", spec_and_deployment),
    of_sku(
        "a template spec of the stack, by its id",
        lambda sku: spec_and_deployment(
            sku,
            "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Resources/templateSpecs/registry/versions/1.0",
        ),
    ),
    # What others deploy.
    of_sku("a policy that deploys a registry", lambda sku: (policy("deployIfNotExists", sku),)),
    Twins("a policy that audits registries", (policy("DeployIfNotExists", "Basic"),), (policy("Audit", "Basic"),)),
    Twins("a policy that an assignment switches on", assigned("DeployIfNotExists"), assigned("Disabled")),
    of_sku(
        "a managed application",
        lambda sku: (
            {
                "type": "azure-native:solutions:ApplicationDefinition",
                "name": "offer",
                "inputs": {"mainTemplate": template(registry(sku))},
            },
        ),
    ),
    # What is not believed.
    Twins(
        "a linked parameters file",
        (deployed(TAKES_SKU, parametersLink={"uri": "https://templates.example.com/p.json"}),),
        (
            deployed(
                TAKES_SKU,
                parametersLink={"uri": "https://templates.example.com/p.json"},
                parameters={"sku": {"value": "Premium"}},
            ),
        ),
        preset="strict",
    ),
    Twins(
        "parameters that are not known",
        (deployed(TAKES_SKU, parameters=UNKNOWN),),
        (deployed(template(registry(), parameters=TAKES_SKU["parameters"]), parameters=UNKNOWN),),
        preset="strict",
    ),
    Twins(
        "a secret parameter",
        (deployed(TAKES_SKU, parameters={"sku": {"value": secret("Basic")}}),),
        (deployed(TAKES_SKU, parameters={"sku": {"value": secret("Premium")}}),),
    ),
    Twins(
        "a variable that names itself",
        (
            deployed(
                template(registry(), {"type": "x/y", "name": "[variables('v')]"}, variables={"v": "[variables('v')]"})
            ),
        ),
        (deployed(template(registry(), {"type": "x/y", "name": "[variables('v')]"}, variables={"v": "v"})),),
        rule="escape-hatch",
    ),
)
