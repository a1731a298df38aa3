"""Inputs for readers: near to what is right, where readers have most to do, or a seed that is changed a little."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Sequence
from typing import Any

import dns.message
import dns.rrset
from hypothesis import strategies as st
from registry_model.estate.templates.functions import FAMILIES

from tests.doctor import hostile

_KEYS = """
    deployment checkpoint latest resources steps oldState newState op urn type id inputs outputs parent provider
    delete external protect retainOnDelete ignoreChanges dependencies propertyDependencies replaceReasons
    resourcePlans goal inputDiff adds updates deletes state plan changeSummary same config diagnostics severity
    message $schema contentVersion parameters defaultValue value variables functions members namespace name
    apiVersion properties template templateLink mode actionOnUnmanage copy count input condition existing scope
    sku location networkRuleSet ipRules privateLinkServiceConnections groupIds privateLinkServiceId
    sourcePosition stackTrace sequence policyEvent summaryEvent metadata resourcePreEvent policyRemediationEvent
    before after PolicyPacks result passed failed registryName resourceGroupName templateJson parametersJson
    publicNetworkAccess securityRules ruleCollections rules destinationPortRanges addressPrefix subnets aRecords
    privateDnsZoneConfigs
"""
KEYS = _KEYS.split()
WORDS = (
    "azure-native:containerregistry:Registry",
    "azure-native:containerregistry:Replication",
    "azure-native:network:PrivateEndpoint",
    "azure-native:network:SecurityRule",
    "azure-native:resources:Deployment",
    "azure-native:resources:Resource",
    "azure:containerservice/registry:Registry",
    "azapi:index/updateResource:UpdateResource",
    "Microsoft.ContainerRegistry/registries",
    "Microsoft.Resources/deployments",
    "urn:pulumi:dev::app::azure-native:containerregistry:Registry::r",
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/r",
    "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "4dabf18193072939515e22adb298388d",
    "1b47061264138c4ac30d75fd1eb44270",
    *("create", "delete", "replace", "same", "update", "Complete", "Premium", "Disabled", "Deny", "Allow", "*"),
    *("10.0.0.0/8", "::/0", "443", "0-65535", "contoso", "contoso.azurecr.io", "japaneast", "true", "1e999", "-1", ""),
)


def near(*pieces: str) -> st.SearchStrategy[bytes]:
    """Text of these pieces and of what attacks whoever shows it."""
    text = st.lists(st.sampled_from(pieces) | hostile.TEXT, max_size=30).map("".join)
    return text.map(lambda t: t.encode(errors="surrogatepass"))


def as_json(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    return strategy.map(json.dumps).map(str.encode)


NAMES = sorted({name for functions in FAMILIES.values() for name in functions})
LITERALS = st.sampled_from(
    ("1", "-1", "0", "2147483647", "'a'", "''", "'it''s'", "'{0}'", "true()", "null()", "'x", "[", ")")
)
EXPRESSIONS = st.recursive(
    LITERALS,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(NAMES), st.lists(inner, max_size=4)).map(lambda f: f"{f[0]}({', '.join(f[1])})"),
        inner.map(lambda e: f"variables({e})"),
        inner.map(lambda e: f"parameters({e})"),
        inner.map(lambda e: f"lambda('a', {e})"),
        st.tuples(inner, inner).map(lambda pair: f"{pair[0]}[{pair[1]}]"),
        inner.map(lambda e: f"{e}.a"),
    ),
    max_leaves=12,
).map(lambda e: f"[{e}]")
NUMBERS = st.integers(-3, 5) | st.integers() | st.floats()
SCALARS = st.none() | st.booleans() | NUMBERS | st.sampled_from(WORDS) | EXPRESSIONS | hostile.TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=20,
)
DOCUMENTS = as_json(st.dictionaries(st.sampled_from(KEYS), VALUES, min_size=1, max_size=6))
# What `az`, REST and Resource Graph print: ids tell what objects are, and lists tell what they list.
_PROVIDERS = "/subscriptions/s/resourceGroups/g/providers"
IDS = st.sampled_from(
    (
        f"{_PROVIDERS}/Microsoft.ContainerRegistry/registries/contoso",
        f"{_PROVIDERS}/Microsoft.ContainerRegistry/registries/contoso/replications/westus",
        f"{_PROVIDERS}/Microsoft.Network/privateEndpoints/endpoint",
        f"{_PROVIDERS}/Microsoft.Network/privateEndpoints/endpoint/privateDnsZoneGroups/default",
        f"{_PROVIDERS}/Microsoft.Network/networkInterfaces/card",
        f"{_PROVIDERS}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io/A/contoso",
        f"{_PROVIDERS}/Microsoft.Network/virtualNetworks/hub/subnets/default",
        f"{_PROVIDERS}/Microsoft.Network/networkSecurityGroups/group",
        f"{_PROVIDERS}/Microsoft.ContainerRegistry/registries/contoso/providers/Microsoft.Authorization/locks/lock",
        "/subscriptions/s",
        "//",
        "contoso",
    )
)
_LIVE_NAMES = """
    loginServer properties_publicNetworkAccess sku_name network_rule_set privateEndpoint tags networkInterfaces
    ipConfigurations customDnsConfigs fqdn subnet policies resourceId
"""
_LIVE_KEYS = st.sampled_from((*KEYS, *_LIVE_NAMES.split()))
OBJECTS = st.lists(
    st.builds(
        lambda own, held: {"id": own, **held}, IDS | VALUES, st.dictionaries(_LIVE_KEYS, IDS | VALUES, max_size=6)
    ),
    max_size=4,
)
TABLES = st.builds(
    lambda names, rows: {"columns": [{"name": name} for name in names], "rows": rows},
    st.lists(st.just("id") | _LIVE_KEYS, max_size=5),
    st.lists(st.lists(IDS | VALUES, max_size=5) | VALUES, max_size=3),
)
LIVE = st.one_of(
    OBJECTS,
    OBJECTS.map(lambda objects: objects[0] if objects else {}),
    st.fixed_dictionaries({"value": OBJECTS}, optional={"nextLink": VALUES}),
    st.fixed_dictionaries({"data": OBJECTS | TABLES, "count": NUMBERS}, optional={"skip_token": VALUES}),
    st.fixed_dictionaries(
        {"asked": st.fixed_dictionaries({"type": VALUES, "scope": IDS | VALUES}) | VALUES, "answer": OBJECTS}
    ),
)
LIVE_FOLDERS = st.dictionaries(st.sampled_from(("a.json", "b.json", "c.jsonc")), LIVE | VALUES, min_size=1, max_size=3)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def changed_json(draw: st.DrawFn, seeds: Sequence[Any]) -> bytes:
    """A document of the seeds with some values replaced, moved, repeated or left out."""
    document = copy.deepcopy(draw(st.sampled_from(seeds)))
    places: list[tuple[Any, Any]] = []

    def walk(held: Any) -> None:
        for key, item in list(held.items()) if isinstance(held, dict) else enumerate(held):
            places.append((held, key))
            if isinstance(item, dict | list):
                walk(item)

    walk(document)
    for _ in range(draw(st.integers(1, 4)) if places else 0):
        holder, key = draw(st.sampled_from(places))
        how = draw(st.sampled_from(("new", "new", "moved", "gone", "renamed", "repeated")))
        if (isinstance(holder, list) and key >= len(holder)) or (isinstance(holder, dict) and key not in holder):
            continue
        if how == "new":
            holder[key] = draw(VALUES)
        elif how == "moved":
            other, at = draw(st.sampled_from(places))
            taken = other.get(at) if isinstance(other, dict) else other[at] if at < len(other) else None
            holder[key] = copy.deepcopy(taken)
        elif how == "gone":
            del holder[key]
        elif how == "renamed" and isinstance(holder, dict):
            holder[draw(st.sampled_from(KEYS))] = holder.pop(key)
        elif isinstance(holder, list):
            holder.extend(copy.deepcopy(holder[key]) for _ in range(draw(st.sampled_from((1, 3, 40)))))
    return json.dumps(document).encode()


@st.composite
def changed_bytes(draw: st.DrawFn, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """The bytes of a seed with some of them replaced, repeated, left out, or with a word between them."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.sampled_from((1, 2, 8, 64)))
        how = draw(st.sampled_from(("byte", "word", "gone", "repeated", "end")))
        if how == "byte" and at < len(data):
            data[at] = draw(st.integers(0, 255))
        elif how == "word" and words:
            data[at:at] = draw(st.sampled_from(words))
        elif how == "gone":
            del data[at : at + length]
        elif how == "repeated":
            data[at:at] = data[at : at + length] * draw(st.sampled_from((1, 2, 100)))
        elif how == "end":
            del data[at:]
    return bytes(data)


# What `docker login` and `podman login` store.
LOGIN_KEYS = st.sampled_from(
    (
        "contoso.azurecr.io",
        "https://contoso.azurecr.io/v1/",
        "https://[bad",
        "http://",
        "",
        "contoso.azurecr.io:443",
        "://",
    )
)
LOGIN = st.dictionaries(
    st.sampled_from(("auth", "username", "password", "identitytoken", "registrytoken", "Auth", "email")),
    ANY_JSON | st.binary(max_size=20).map(lambda b: base64.b64encode(b).decode()),
    max_size=4,
)
LOGINS = st.fixed_dictionaries(
    {},
    optional={
        "auths": st.dictionaries(LOGIN_KEYS | st.text(max_size=10), LOGIN | ANY_JSON, max_size=4) | ANY_JSON,
        "credHelpers": st.dictionaries(LOGIN_KEYS, st.text(max_size=10) | ANY_JSON, max_size=3) | ANY_JSON,
        "credsStore": st.text(max_size=10) | ANY_JSON,
    },
)

PREFIXES = st.lists(
    st.sampled_from(("10.0.0.0/8", "::/0", "10.0.0.1", "2603::/999", "", "x", "10.0.0.0/-1")) | st.text(max_size=8),
    max_size=4,
)
TAG = st.fixed_dictionaries(
    {"name": st.text(max_size=8) | ANY_JSON},
    optional={
        "properties": st.fixed_dictionaries({}, optional={"addressPrefixes": PREFIXES | ANY_JSON, "region": ANY_JSON})
        | ANY_JSON
    },
)
TAGS = st.fixed_dictionaries(
    {}, optional={"values": st.lists(TAG | ANY_JSON, max_size=3) | ANY_JSON, "nextLink": ANY_JSON}
)

RECORDS = st.lists(
    st.tuples(
        st.sampled_from(("contoso.azurecr.io.", "a.example.", "*.x.", ".", "\\000\\255.example.")),
        st.sampled_from(
            ("A 10.0.0.1", "A 20.0.0.1", "AAAA fd00::1", "CNAME a.example.", "CNAME contoso.azurecr.io.", 'TXT "x"')
        ),
    ),
    max_size=8,
)


def dns_answer(records: Sequence[tuple[str, str]]) -> bytes:
    """One answer as the campaign's name server sends it: flags and counts, then what follows the question."""
    question = dns.message.make_query("contoso.azurecr.io", "A")
    reply = dns.message.make_response(question)
    for owner, record in records:
        kind, _, value = record.partition(" ")
        reply.answer.append(dns.rrset.from_text(owner, 1, "IN", kind, value))
    wire = reply.to_wire()
    return wire[2:4] + wire[6:12] + wire[len(question.to_wire()) :]


def packed(answers: Sequence[bytes]) -> bytes:
    """Several answers in one input, each after its length."""
    return b"".join(len(answer).to_bytes(2, "big") + answer for answer in answers)


DNS_ANSWERS = st.lists(RECORDS.map(dns_answer) | st.binary(max_size=40), min_size=1, max_size=4).map(packed)
