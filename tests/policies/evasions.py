"""Ways to get an unsafe registry past a guard, each with the rule that must see it; and good stacks, which pass."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import Any

from registry_guard.examples import (
    PRIVATE_LINK_ZONE,
    PROVIDERS,
    UNKNOWN,
    application_rule,
    child,
    connection,
    endpoint,
    example,
    firewall_rules,
    hosts,
    link,
    network_rule,
    other,
    registry,
    replica,
    security_rule,
    zone,
    zone_group,
)
from registry_guard.rule import Declared, Example
from registry_model.estate.values import SECRET_SIGNATURE, SIGNATURE_KEY

KIND = "Microsoft.ContainerRegistry/registries"


@dataclass(frozen=True)
class Evasion:
    """A stack that must not pass ``rule`` at the level of ``preset``."""

    rule: str
    example: Example
    preset: str = "baseline"

    def __str__(self) -> str:
        return f"{self.rule}: {self.example.title}"


def secret(value: Any) -> dict[str, Any]:
    return {SIGNATURE_KEY: SECRET_SIGNATURE, "plaintext": json.dumps(value)}


def typed(token: str, **inputs: Any) -> Declared:
    """A registry under any token; Premium and private unless told otherwise."""
    given = {
        "resourceGroupName": "rg",
        "registryName": "contoso",
        "location": "japaneast",
        "sku": {"name": "Premium"},
        "publicNetworkAccess": "Disabled",
        "dataEndpointEnabled": True,
        **inputs,
    }
    return {"type": token, "name": "registry", "inputs": {k: v for k, v in given.items() if v is not None}}


def generic(properties: Any, **more: Any) -> Declared:
    inputs = {
        "resourceGroupName": "rg",
        "resourceProviderNamespace": "Microsoft.ContainerRegistry",
        "parentResourcePath": "",
        "resourceType": "registries",
        "resourceName": "contoso",
        "apiVersion": "2025-04-01",
        "location": "japaneast",
        "sku": {"name": "Premium"},
        "properties": properties,
        **more,
    }
    return {"type": "azure-native:resources:Resource", "name": "registry", "inputs": inputs}


PRIVATE = {"publicNetworkAccess": "Disabled", "dataEndpointEnabled": True}
PUBLIC = {"public_network_access_enabled": True}


def in_template(
    properties: Any = None, *, sku: Any = "Premium", token: str = "resources:Deployment", **template: Any
) -> Declared:
    """A deployment whose template declares a registry."""
    body = PRIVATE if properties is None else properties
    resource = {"type": KIND, "apiVersion": "2023-07-01", "name": "contoso", "location": "japaneast"}
    made = {"resources": [{**resource, "sku": {"name": sku}, "properties": body}], **template}
    return deployed(made, token=token)


def deployed(template: Any, *, token: str = "resources:Deployment", **properties: Any) -> Declared:
    held = {"mode": "Incremental", "template": template, **properties}
    inputs = held if "DeploymentStack" in token else {"properties": held}
    return {"type": f"azure-native:{token}", "name": "deployment", "inputs": {"resourceGroupName": "rg", **inputs}}


def nested(template: Any) -> dict[str, Any]:
    """A template that deploys another one."""
    inner = {"mode": "Incremental", "template": template, "expressionEvaluationOptions": {"scope": "inner"}}
    return {"resources": [{"type": "Microsoft.Resources/deployments", "name": "inner", "properties": inner}]}


def classic(token: str = "azure:containerservice/registry:Registry", **inputs: Any) -> Declared:
    given = {
        "resourceGroupName": "rg",
        "name": "contoso",
        "location": "japaneast",
        "sku": "Premium",
        "publicNetworkAccessEnabled": False,
        "dataEndpointEnabled": True,
        **inputs,
    }
    return {"type": token, "name": "registry", "inputs": given}


def azapi(body: Any, **more: Any) -> Declared:
    inputs = {
        "type": f"{KIND}@2023-07-01",
        "name": "contoso",
        "parentId": "/subscriptions/s/resourceGroups/rg",
        "location": "japaneast",
        "body": body,
        **more,
    }
    return {"type": "azapi:index/resource:Resource", "name": "registry", "inputs": inputs}


SAFE_BODY = {"sku": {"name": "Premium"}, "properties": PRIVATE}
REGISTRY_ID = f"{PROVIDERS}/{KIND}/contoso"


def update(body: Any, kind: str = KIND, target: str = REGISTRY_ID, name: str = "patch", **more: Any) -> Declared:
    """azapi's patch of a resource that somebody else declares."""
    inputs = {"type": f"{kind}@2023-07-01", "resourceId": target, "body": body, **more}
    return {"type": "azapi:index/updateResource:UpdateResource", "name": name, "inputs": inputs}


def action(name: str, kind: str = KIND, **more: Any) -> Declared:
    inputs = {"type": f"{kind}@2023-07-01", "resourceId": REGISTRY_ID, "action": name, **more}
    return {"type": "azapi:index/resourceAction:ResourceAction", "name": "action", "inputs": inputs}


def bridged(token: str, **inputs: Any) -> Declared:
    """A resource bridged from Terraform; inputs are spelled as Pulumi or as Terraform does."""
    return {"type": token, "name": "it", "inputs": inputs}


SNAKE = {
    "resource_group_name": "rg",
    "name": "contoso",
    "location": "japaneast",
    "sku": "Premium",
    "public_network_access_enabled": False,
    "data_endpoint_enabled": True,
}
# The same resource of the azurerm provider, as Pulumi's bridges write its token.
BRIDGED = (
    "azurerm:index/containerRegistry:ContainerRegistry",
    "azurerm:index:ContainerRegistry",
    "AzureRM:Index/ContainerRegistry:ContainerRegistry",
    "images:tf:azurerm_container_registry",
)


def rule_group(*rules: Any, key: str = "application_rule_collection") -> Declared:
    """A rule collection group of the azurerm provider, inside a Terraform module."""
    collection = {"name": "clients", "priority": 200, "action": "Allow", "rule": list(rules)}
    return bridged(
        "net:tf:azurerm_firewall_policy_rule_collection_group",
        name="clients",
        firewall_policy_id=f"{PROVIDERS}/Microsoft.Network/firewallPolicies/policy",
        priority=200,
        **{key: [collection]},
    )


def admin_rule(access: str, *places: str, name: str = "acr", ports: tuple[str, ...] = ("443",)) -> Declared:
    return other(
        "network:AdminRule",
        name,
        networkManagerName="manager",
        configurationName="security",
        ruleCollectionName="clients",
        ruleName=name,
        access=access,
        direction="Outbound",
        priority=10,
        protocol="Tcp",
        destinationPortRanges=list(ports),
        destinations=[{"addressPrefix": p, "addressPrefixType": "ServiceTag"} for p in places],
    )


TOKENS = (
    "azure-native:containerregistry:Registry",
    "azure-native:containerregistry/v20230701:Registry",
    "azure-native:containerregistry/v20230101preview:Registry",
    "azure-native_containerregistry_v20230701:containerregistry:Registry",
    "azure-native_containerregistry_v20251101:containerregistry:Registry",
    "azure-nextgen:containerregistry/latest:Registry",
)
WILDCARDS = (
    "*.blob.core.windows.net",
    "*.BLOB.Core.Windows.Net",
    "*.blob.core.windows.net.",
    " *.blob.core.windows.net",
    "*.core.windows.net",
    "*.windows.net",
    "*blob.core.windows.net",
    "*.blob.core.usgovcloudapi.net",
    "*.blob.core.chinacloudapi.cn",
    "*.azurecr.io",
    "*.io",
    "*",
    "*.*",
    "*.data.azurecr.io",
    "*.japaneast.data.azurecr.io",
    "*contoso.azurecr.io",
    "*.azurecr.us",
    "*.z12.blob.storage.azure.net",
    "*.blob.storage.azure.net",
    "*.storage.azure.net",
)
PLACES = (
    "*",
    "0.0.0.0/0",
    "0.0.0.0/1",
    "0.0.0.0-255.255.255.255",
    "::/0",
    "Any",
    "Internet",
    "Storage",
    "Storage.JapanEast",
    "storage.japaneast",
    "AzureCloud",
    "AzureCloud.japaneast",
)


def _networks(*addresses: str) -> dict[str, Any]:
    rules = [{"iPAddressOrRange": address} for address in addresses]
    return {"publicNetworkAccess": "Enabled", "networkRuleSet": {"defaultAction": "Deny", "ipRules": rules}}


EVASIONS: tuple[Evasion, ...] = (
    # The same registry under another token.
    *(Evasion("premium-sku", example(token, typed(token, sku={"name": "Basic"}))) for token in TOKENS),
    *(Evasion("no-exposed-access", example(token, typed(token, publicNetworkAccess=None))) for token in TOKENS),
    # Letter case, text for booleans, secrets.
    Evasion("no-exposed-access", example("Enabled in capitals", registry(publicNetworkAccess="ENABLED"))),
    Evasion("no-admin-user", example("true as text", registry(adminUserEnabled="True"))),
    Evasion("no-admin-user", example("a secret", registry(adminUserEnabled=secret(True)))),
    Evasion("premium-sku", example("a secret SKU", registry(sku=secret({"name": "Basic"})))),
    Evasion(
        "no-exposed-access", example("a secret rule set", registry(publicNetworkAccess=None, networkRuleSet=secret({})))
    ),
    # Open all the same.
    Evasion("no-exposed-access", example("two halves", registry(**_networks("0.0.0.0/1", "128.0.0.0/1")))),
    Evasion("no-exposed-access", example("all of IPv6", registry(**_networks("::/0")))),
    Evasion("no-exposed-access", example("host bits set", registry(**_networks("203.0.113.7/8")))),
    Evasion(
        "no-exposed-access",
        example("null for Disabled", registry(publicNetworkAccess=None, networkRuleSet={"defaultAction": None})),
    ),
    Evasion(
        "no-exposed-access", example("a value that Azure may add", registry(publicNetworkAccess="SecuredByPerimeter"))
    ),
    # Generic resources.
    Evasion("no-admin-user", example("generic", generic({**PRIVATE, "adminUserEnabled": True}))),
    Evasion("no-admin-user", example("generic, key in capitals", generic({**PRIVATE, "AdminUserEnabled": True}))),
    Evasion("no-exposed-access", example("generic, nothing said", generic({"dataEndpointEnabled": True}))),
    Evasion("premium-sku", example("generic, SKU", generic(PRIVATE, sku={"name": "Basic"}))),
    Evasion(
        "premium-sku",
        example("generic, SKU where Azure does not look", generic({**PRIVATE, "sku": {"name": "Premium"}}, sku=None)),
    ),
    Evasion(
        "no-admin-user",
        example(
            "generic, type split elsewhere",
            generic(
                {**PRIVATE, "adminUserEnabled": True},
                resourceProviderNamespace="Microsoft.ContainerRegistry/registries",
                resourceType="",
            ),
        ),
    ),
    Evasion("no-admin-user", example("azapi", azapi({"properties": {**PRIVATE, "adminUserEnabled": True}}))),
    Evasion(
        "no-admin-user",
        example("azapi, body as text", azapi('{"sku": {"name": "Premium"}, "properties": {"adminUserEnabled": true}}')),
    ),
    # Templates.
    Evasion("premium-sku", example("template", in_template(sku="Basic"))),
    Evasion("no-exposed-access", example("template, nothing said", in_template({"dataEndpointEnabled": True}))),
    Evasion(
        "premium-sku",
        example("parameter default", in_template(sku="[parameters('s')]", parameters={"s": {"defaultValue": "Basic"}})),
    ),
    Evasion(
        "premium-sku",
        example("variable", in_template(sku="[concat('Ba', variables('s'))]", variables={"s": "sic"})),
    ),
    Evasion(
        "premium-sku",
        example(
            "a parameter that overrides a good default",
            deployed(
                {
                    "parameters": {"s": {"defaultValue": "Premium"}},
                    "resources": [{"type": KIND, "name": "contoso", "sku": {"name": "[parameters('s')]"}}],
                },
                parameters={"s": {"value": "Basic"}},
            ),
        ),
    ),
    Evasion(
        "premium-sku",
        example(
            "symbolic names",
            deployed(
                {
                    "languageVersion": "2.0",
                    "resources": {"r": {"type": KIND, "name": "c0nt0", "sku": {"name": "Basic"}}},
                }
            ),
        ),
    ),
    Evasion(
        "premium-sku",
        example("nested twice", deployed(nested(nested({"resources": [{"type": KIND, "name": "contoso"}]})))),
    ),
    Evasion(
        "premium-sku",
        example(
            "type in pieces",
            deployed(
                {"resources": [{"type": "[concat('Microsoft.Container', 'Registry/registries')]", "name": "contoso"}]}
            ),
        ),
    ),
    Evasion(
        "premium-sku",
        example("deployment stack", in_template(sku="Basic", token="resources:DeploymentStackAtResourceGroup")),
    ),
    Evasion(
        "premium-sku",
        example(
            "a deployment inside a generic resource",
            {
                "type": "azure-native:resources:Resource",
                "name": "deployment",
                "inputs": {
                    "resourceGroupName": "rg",
                    "resourceProviderNamespace": "Microsoft.Resources",
                    "resourceType": "deployments",
                    "resourceName": "inner",
                    "properties": {"template": {"resources": [{"type": KIND, "name": "contoso"}]}},
                },
            },
        ),
    ),
    Evasion(
        "no-admin-user",
        example(
            "a condition that only Azure knows",
            deployed(
                {
                    "resources": [
                        {
                            "type": KIND,
                            "name": "contoso",
                            "condition": "[reference('x').on]",
                            "sku": {"name": "Premium"},
                            "properties": {**PRIVATE, "adminUserEnabled": True},
                        }
                    ]
                }
            ),
        ),
    ),
    Evasion(
        "webhook-https",
        example(
            "a child of a registry in a template",
            deployed(
                {
                    "resources": [
                        {
                            "type": KIND,
                            "name": "contoso",
                            "sku": {"name": "Premium"},
                            "properties": PRIVATE,
                            "resources": [
                                {"type": "webhooks", "name": "hook", "properties": {"serviceUri": "http://x.example"}}
                            ],
                        }
                    ]
                }
            ),
        ),
    ),
    # The classic provider, and its resources bridged from Terraform.
    Evasion("premium-sku", example("classic", classic(sku="Basic"))),
    Evasion("no-exposed-access", example("classic, default", classic(publicNetworkAccessEnabled=None))),
    Evasion("no-admin-user", example("classic", classic(adminEnabled=True))),
    Evasion(
        "no-admin-user",
        example("azurerm", classic("azurerm:index/containerRegistry:ContainerRegistry", adminEnabled=True)),
    ),
    Evasion(
        "no-exposed-access",
        example(
            "classic, wide rule",
            classic(
                publicNetworkAccessEnabled=True,
                networkRuleSet={"defaultAction": "Deny", "ipRules": [{"action": "Allow", "ipRange": "0.0.0.0/0"}]},
            ),
        ),
    ),
    Evasion(
        "cmk-sound",
        example(
            "classic, versioned key",
            classic(
                encryption={"keyVaultKeyId": "https://v.vault.azure.net/keys/k/0a1b", "identityClientId": "x"},
                identity={"type": "UserAssigned", "identityIds": ["/i"]},
            ),
        ),
    ),
    *(
        Evasion("no-exposed-access", example(f"bridged: {token}", bridged(token, **{**SNAKE, **PUBLIC})))
        for token in BRIDGED
    ),
    *(
        Evasion("no-exposed-access", example(f"camel case: {token}", bridged(token, publicNetworkAccessEnabled=True)))
        for token in BRIDGED
    ),
    Evasion(
        "no-exposed-access",
        example(
            "bridged, a wide rule in Terraform's singular",
            bridged(
                BRIDGED[-1],
                **{**SNAKE, "public_network_access_enabled": True},
                network_rule_set=[{"default_action": "Deny", "ip_rule": [{"ip_range": "0.0.0.0/0"}]}],
            ),
        ),
    ),
    Evasion(
        "firewall-no-wildcard",
        example(
            "bridged rules, application",
            rule_group(
                {"name": "registry", "protocols": [], "destination_fqdns": [hosts()[0], "*.blob.core.windows.net"]}
            ),
        ),
    ),
    Evasion(
        "firewall-no-wildcard",
        example(
            "bridged rules, network",
            rule_group(
                {"name": "acr", "destination_addresses": ["Storage"], "destination_ports": ["443"]},
                key="network_rule_collection",
            ),
        ),
    ),
    Evasion(
        "firewall-no-wildcard",
        example(
            "a bridged security rule",
            bridged(
                "azurerm:index/networkSecurityRule:NetworkSecurityRule",
                name="acr",
                networkSecurityGroupName="clients",
                resourceGroupName="rg",
                access="Allow",
                direction="Outbound",
                priority=100,
                protocol="Tcp",
                destinationAddressPrefix="Storage",
                destinationPortRange="443",
            ),
        ),
    ),
    Evasion(
        "zone-linked",
        example(
            "a bridged link that registers machines",
            bridged(
                "azurerm:index/privateDnsZoneVirtualNetworkLink:PrivateDnsZoneVirtualNetworkLink",
                name="link",
                privateDnsZoneName=PRIVATE_LINK_ZONE,
                resourceGroupName="rg",
                registrationEnabled=True,
                virtualNetworkId=f"{PROVIDERS}/Microsoft.Network/virtualNetworks/network",
            ),
        ),
    ),
    Evasion(
        "endpoint-group",
        example(
            "a bridged endpoint of another group",
            bridged(
                "net:tf:azurerm_private_endpoint",
                name="endpoint",
                resource_group_name="rg",
                private_service_connection=[
                    {"private_connection_resource_id": REGISTRY_ID, "subresource_names": ["blob"]}
                ],
            ),
        ),
    ),
    # azapi puts a body together from two inputs, and has a list of its own of what it ignores.
    *(
        Evasion("no-admin-user", example(f"azapi's sensitive body: {title}", carrier(sensitiveBody=body)))
        for title, body in {
            "an object": {"properties": {"adminUserEnabled": True}},
            "as text": '{"properties": {"adminUserEnabled": true}}',
        }.items()
        for carrier in (partial(azapi, SAFE_BODY), partial(update, {"properties": {}}))
    ),
    Evasion("no-admin-user", example("an unknown sensitive body", azapi(SAFE_BODY, sensitiveBody=UNKNOWN)), "strict"),
    Evasion(
        "ignored-changes",
        example("azapi's ignored body", azapi(SAFE_BODY, ignoreBodyChanges=["properties.publicNetworkAccess"])),
        "strict",
    ),
    # Patches of what somebody else declares.
    Evasion("no-admin-user", example("a patch", update({"properties": {"adminUserEnabled": True}}))),
    Evasion("no-admin-user", example("a patch as text", update('{"properties": {"adminUserEnabled": true}}'))),
    Evasion(
        "no-admin-user",
        example(
            "a patch inside a Terraform module",
            bridged(
                "acr:tf:azapi_update_resource",
                type=f"{KIND}@2023-07-01",
                resource_id=REGISTRY_ID,
                body={"properties": {"adminUserEnabled": True}},
            ),
        ),
    ),
    Evasion(
        "no-exposed-access",
        example(
            "a patch with both halves",
            update({"properties": {"publicNetworkAccess": "Enabled", "networkRuleSet": {"defaultAction": "Allow"}}}),
        ),
    ),
    Evasion(
        "no-exposed-access",
        example(
            "a patch of a registry of the stack", registry(), update({"properties": {"publicNetworkAccess": "Enabled"}})
        ),
    ),
    Evasion(
        "no-exposed-access",
        example(
            "two patches, each harmless",
            registry(networkRuleSet={"defaultAction": "Deny"}),
            update({"properties": {"publicNetworkAccess": "Enabled"}}),
            update({"properties": {"networkRuleSet": {"defaultAction": "Allow"}}}, name="patch-2"),
        ),
    ),
    Evasion(
        "no-admin-user",
        example("a write by an action", action("", method="PATCH", body={"properties": {"adminUserEnabled": True}})),
    ),
    Evasion(
        "no-admin-user", example("an unknown patch", update({"properties": {"adminUserEnabled": UNKNOWN}})), "strict"
    ),
    Evasion("no-admin-user", example("a patch with an unknown body", update(UNKNOWN)), "strict"),
    Evasion(
        "firewall-no-wildcard",
        example(
            "a patch of a firewall's rules",
            firewall_rules(application_rule(*hosts())),
            update(
                {
                    "properties": {
                        "ruleCollections": firewall_rules(application_rule(hosts()[0], "*.azurecr.io"))["inputs"][
                            "ruleCollections"
                        ]
                    }
                },
                "Microsoft.Network/firewallPolicies/ruleCollectionGroups",
                f"{PROVIDERS}/Microsoft.Network/firewallPolicies/policy/ruleCollectionGroups/firewall-rules",
            ),
        ),
    ),
    # Rules that hold before security groups.
    *(
        Evasion("firewall-no-wildcard", example(f"an admin rule {place}", admin_rule("AlwaysAllow", place)))
        for place in ("Storage", "Internet", "AzureCloud")
    ),
    Evasion(
        "firewall-no-wildcard",
        example(
            "a default admin rule", {**admin_rule("alwaysallow", "*"), "type": "azure-native:network:DefaultAdminRule"}
        ),
    ),
    # Tied by the name in Azure alone.
    Evasion(
        "firewall-no-wildcard",
        example(
            "a rule group's name in Azure",
            {
                **firewall_rules(
                    application_rule("*.blob.core.windows.net", name="r"), collection="c", name="acr-clients"
                ),
                "name": "group",
            },
        ),
    ),
    Evasion(
        "ignored-changes",
        example("a zone's link", registry(), {**link(), "ignoreChanges": ["registrationEnabled"]}),
        "strict",
    ),
    Evasion(
        "ignored-changes",
        example(
            "a key's vault",
            registry(
                encryption={
                    "status": "enabled",
                    "keyVaultProperties": {"keyIdentifier": "https://keys.vault.azure.net/keys/k", "identity": "i"},
                }
            ),
            {
                **other("keyvault:Vault", "vault", vaultName="keys", properties={"enablePurgeProtection": True}),
                "ignoreChanges": ["properties.enablePurgeProtection"],
            },
        ),
        "strict",
    ),
    # Firewalls.
    *(
        Evasion("firewall-no-wildcard", example(host, firewall_rules(application_rule(hosts()[0], host))))
        for host in WILDCARDS
    ),
    *(
        Evasion(
            "firewall-no-wildcard", example(f"firewall {place}", firewall_rules(network_rule(place), collection="acr"))
        )
        for place in PLACES
    ),
    *(
        Evasion("firewall-no-wildcard", example(f"security rule {place}", security_rule(place, name="AllowACR")))
        for place in PLACES
    ),
    Evasion(
        "firewall-no-wildcard",
        example(
            "a URL",
            firewall_rules(
                application_rule(hosts()[0]),
                {**application_rule(), "targetUrls": ["https://*.blob.core.windows.net:443/*"]},
            ),
        ),
    ),
    Evasion(
        "firewall-no-wildcard",
        example("one of several prefixes", security_rule("10.0.0.0/8", "Storage", name="to-registry")),
    ),
    Evasion(
        "firewall-no-wildcard",
        example(
            "a classic firewall",
            other(
                "network:AzureFirewall",
                "firewall",
                azureFirewallName="firewall",
                applicationRuleCollections=[
                    {
                        "name": "clients",
                        "action": {"type": "Allow"},
                        "rules": [
                            {**application_rule(*hosts()), "name": "a"},
                            {**application_rule("*.azurecr.io"), "name": "b"},
                        ],
                    }
                ],
            ),
        ),
    ),
    Evasion(
        "firewall-no-wildcard",
        example(
            "a rule inside a security group",
            other(
                "network:NetworkSecurityGroup",
                "clients",
                networkSecurityGroupName="clients",
                securityRules=[
                    {
                        "name": "acr",
                        "access": "allow",
                        "direction": "outbound",
                        "destinationAddressPrefix": "*",
                        "destinationPortRange": "443",
                    }
                ],
            ),
        ),
    ),
    Evasion(
        "firewall-no-wildcard",
        example(
            "a service endpoint policy for all storage",
            other(
                "network:ServiceEndpointPolicy",
                "acr-layers",
                serviceEndpointPolicyName="layers",
                serviceEndpointPolicyDefinitions=[
                    {"name": "all", "service": "Microsoft.Storage", "serviceResources": ["/subscriptions/s"]}
                ],
            ),
        ),
    ),
    Evasion(
        "firewall-no-wildcard",
        example(
            "a rule group, as before there were collections",
            other(
                "network/v20190601:FirewallPolicyRuleGroup",
                "acr",
                firewallPolicyName="policy",
                rules=[
                    {
                        "ruleType": "FirewallPolicyFilterRule",
                        "action": {"type": "Allow"},
                        "ruleConditions": [
                            {
                                "ruleConditionType": "ApplicationRuleCondition",
                                "targetFqdns": ["*.blob.core.windows.net"],
                            }
                        ],
                    }
                ],
            ),
        ),
    ),
    # One for another.
    Evasion(
        "dedicated-data-endpoints",
        example(
            "another's endpoint",
            registry(dataEndpointEnabled=False),
            registry("o", "fabrikam"),
            endpoint(of="fabrikam"),
        ),
    ),
    Evasion(
        "private-endpoint",
        example(
            "an endpoint whose target only the other registry explains",
            registry(),
            registry("o", "fabrikam"),
            endpoint(
                privateLinkServiceConnections=[{**connection(), "privateLinkServiceId": UNKNOWN}],
                more={"propertyDependencies": {"privateLinkServiceConnections": ["o"]}},
            ),
        ),
        "strict",
    ),
    Evasion(
        "zone-one-endpoint",
        example(
            "two endpoints, names in other letters",
            registry(),
            endpoint(),
            zone_group(),
            endpoint("second", "CONTOSO"),
            zone_group("group-2", "second", PRIVATE_LINK_ZONE.upper()),
        ),
    ),
    # What the program says is not what is deployed, or not known.
    Evasion(
        "ignored-changes",
        example("a path in brackets", registry(more={"ignoreChanges": ["networkRuleSet.ipRules[0]"]})),
        "strict",
    ),
    Evasion("ignored-changes", example("generic", {**generic(PRIVATE), "ignoreChanges": ["properties"]}), "strict"),
    Evasion("ignored-changes", example("classic", {**classic(), "ignoreChanges": ["adminEnabled"]}), "strict"),
    *(
        Evasion(rule, example(f"unknown {prop}", registry(**{prop: UNKNOWN})), "strict")
        for rule, prop in (
            ("premium-sku", "sku"),
            ("no-exposed-access", "publicNetworkAccess"),
            ("public-access-off", "publicNetworkAccess"),
            ("no-admin-user", "adminUserEnabled"),
            ("no-anonymous-pull", "anonymousPullEnabled"),
            ("dedicated-data-endpoints", "dataEndpointEnabled"),
            ("export-off", "policies"),
        )
    ),
    Evasion(
        "premium-sku", example("template, SKU that only Azure knows", in_template(sku="[reference('x').sku]")), "strict"
    ),
    Evasion("no-admin-user", example("generic, unknown body", generic(UNKNOWN)), "strict"),
    Evasion(
        "no-admin-user",
        example("keys that clash", generic({**PRIVATE, "adminUserEnabled": False, "AdminUserEnabled": True})),
        "strict",
    ),
    # Pardoning oneself.
    Evasion(
        "premium-sku",
        example(
            "a tag that exempts",
            registry(
                sku={"name": "Basic"},
                tags={"registry-guard-exempt-premium-sku": "owner=me; expires=2999-01-01; reason=because"},
            ),
        ),
    ),
)


GOOD: tuple[Example, ...] = (
    example("nothing about registries", other("storage:StorageAccount", "a"), other("web:WebApp", "b")),
    example(
        "a private registry",
        registry(),
        replica("eastus"),
        endpoint(),
        zone_group(),
        zone(),
        link(),
        firewall_rules(application_rule(*hosts("eastus"))),
    ),
    example("an application's endpoint on a registry elsewhere", endpoint(), zone_group()),
    example("a link into a zone elsewhere", link()),
    example(
        "a firewall about other things",
        firewall_rules(
            application_rule("*.blob.core.windows.net", name="backup"),
            network_rule("*", name="ntp", ports=("123",)),
            collection="infrastructure",
        ),
        security_rule("*", name="allow-out", port="*"),
    ),
    example(
        "an endpoint of a storage account",
        endpoint(
            privateLinkServiceConnections=[
                {
                    "name": "blob",
                    "privateLinkServiceId": f"{PROVIDERS}/Microsoft.Storage/storageAccounts/a",
                    "groupIds": ["blob"],
                }
            ]
        ),
    ),
    example(
        "an endpoint of something not known yet",
        registry(),
        endpoint("registry-endpoint"),
        endpoint(
            "blob",
            privateLinkServiceConnections=[{"name": "b", "privateLinkServiceId": UNKNOWN, "groupIds": ["blob"]}],
        ),
    ),
    example(
        "no Private Link",
        registry(
            publicNetworkAccess="Enabled",
            networkRuleSet={"defaultAction": "Deny", "ipRules": [{"iPAddressOrRange": "203.0.113.0/28"}]},
            policies=None,
        ),
    ),
    example(
        "a template about something else", deployed({"resources": [{"type": "Microsoft.Web/sites", "name": "web"}]})
    ),
    example("a safe registry in a template", in_template()),
    example("a safe generic registry", generic(PRIVATE)),
    example("a safe classic registry", classic()),
    *(example(f"a safe bridged registry: {token}", bridged(token, **SNAKE)) for token in BRIDGED),
    example(
        "azapi's sensitive body, harmless", azapi(SAFE_BODY, sensitiveBody={"properties": {"adminUserEnabled": False}})
    ),
    example("azapi's ignored tags", azapi(SAFE_BODY, ignoreBodyChanges=["tags", "properties.creationDate"])),
    example("a patch of tags", registry(), update({"tags": {"owner": "platform"}})),
    example("a patch of tags elsewhere", update({"tags": {"owner": "platform"}})),
    example("a patch that closes", update({"properties": {"publicNetworkAccess": "Disabled"}})),
    example("a patch of one policy", update({"properties": {"policies": {"quarantinePolicy": {"status": "enabled"}}}})),
    *(
        example(f"the action {name}", registry(), action(name))
        for name in ("regenerateCredential", "importImage", "scheduleRun", "listCredentials", "generateCredentials")
    ),
    example("a reading action", action("", method="GET")),
    example("an action on something else", action("restart", kind="Microsoft.Web/sites")),
    *(
        example(f"a rule for {name}", registry(), security_rule("Storage", name=name))
        for name in (
            "user-registration-uploads",
            "kafka-schema-registry",
            "schemaRegistry",
            "SCHEMA_REGISTRY",
            "service-registry-backup",
            "register",
            "sacred-files",
            "macro-uploads",
        )
    ),
    example("an admin rule that leaves it to the groups", registry(), admin_rule("Allow", "Internet")),
    example("an admin rule that denies", registry(), admin_rule("Deny", "Storage")),
    example("an admin rule about other things", registry(), admin_rule("AlwaysAllow", "Storage", name="backup")),
    example(
        "a link of another zone ignores a network",
        registry(),
        {**link("privatelink.vaultcore.azure.net"), "ignoreChanges": ["virtualNetwork"]},
    ),
    example("a registry that is only read", {**registry(sku={"name": "Basic"}), "external": True, "inputs": {}}),
    example(
        "two registries, one zone",
        registry(),
        registry("o", "fabrikam"),
        endpoint(),
        zone_group(),
        zone(),
        link(),
        endpoint("second", "fabrikam"),
        zone_group("group-2", "second"),
    ),
    example(
        "a connected registry with its token", registry(), child("ConnectedRegistry", "edge"), child("Token", "edge")
    ),
)
