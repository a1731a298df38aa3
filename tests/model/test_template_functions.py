"""Functions of template expressions: inputs and results of Microsoft's own examples, and what stays unknown.

The results are copied by hand from the template reference on learn.microsoft.com (template-functions-string, -array,
-object, -comparison, -logical, -numeric, -lambda, -cidr), keys in lower case as all keys here are.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from registry_model.estate.templates import Declared, open_template
from registry_model.estate.templates.docs import limits, table
from registry_model.estate.templates.functions import FAMILIES, TABLE
from registry_model.estate.values import UNKNOWN, Partial, SecretText, plain

DOGS = [
    {"name": "Evie", "age": 5, "interests": ["Ball", "Frisbee"]},
    {"name": "Casper", "age": 3, "interests": ["Other dogs"]},
    {"name": "Indy", "age": 2, "interests": ["Butter"]},
    {"name": "Kira", "age": 8, "interests": ["Rubs"]},
]
VARIABLES = {
    "dogs": DOGS,
    "nulls": {"null1": None, "null2": None, "string": "default", "int": 1, "object": {"first": "default"}},
    "array": ["one", "two", "three"],
    "object": {"one": "a", "two": "b", "three": "c"},
    "other": {"one": "a", "two": "z", "three": "c"},
    "deep1": {"property": {"one": "a", "two": "b", "three": "c1"}, "nestedArray": [1, 2]},
    "deep2": {"property": {"three": "c2", "four": "d", "five": "e"}, "nestedArray": [3, 4]},
    "entities": {
        "item002": {"enabled": False, "displayName": "Example item 2", "number": 200},
        "item001": {"enabled": True, "displayName": "Example item 1", "number": 300},
    },
    "copy": [{"name": "loop", "count": "[length(range(0, 10))]", "input": "[range(0, 10)[copyIndex('loop')]]"}],
}


def value(expression: str, **parts: Any) -> Any:
    resource = {"type": "x/y", "name": "n", "properties": {"it": expression}}
    template = {"variables": VARIABLES, **parts, "resources": [resource]}
    (each,) = [found for found in open_template(plain(template)) if isinstance(found, Declared)]
    return each.body["properties"]["it"]


DOCUMENTED: dict[str, list[tuple[str, Any]]] = {
    "Text": [
        ("base64('one, two, three')", "b25lLCB0d28sIHRocmVl"),
        ("base64ToString('b25lLCB0d28sIHRocmVl')", "one, two, three"),
        ("base64ToJson(base64('{''one'': ''a''}'))", UNKNOWN),
        ("base64ToJson('eyJvbmUiOiAiYSIsICJ0d28iOiAiYiJ9')", {"one": "a", "two": "b"}),
        ("concat('prefix', '-', 'x')", "prefix-x"),
        ("concat(createArray('1-1', '1-2'), createArray('2-1'))", ["1-1", "1-2", "2-1"]),
        ("contains('OneTwoThree', 'e')", True),
        ("contains('OneTwoThree', 'z')", False),
        ("contains('OneTwoThree', 'one')", False),
        ("dataUri('Hello')", "data:text/plain;charset=utf8;base64,SGVsbG8="),
        ("dataUriToString('data:;base64,SGVsbG8sIFdvcmxkIQ==')", "Hello, World!"),
        ("endsWith('abcdef', 'ef')", True),
        ("endsWith('abcdef', 'F')", True),
        ("endsWith('abcdef', 'e')", False),
        ("startsWith('abcdef', 'ab')", True),
        ("startsWith('abcdef', 'A')", True),
        ("startsWith('abcdef', 'e')", False),
        ("first('One Two Three')", "O"),
        ("last('One Two Three')", "e"),
        ("format('{0}, {1}. Formatted number: {2:N0}', 'Hello', 'User', 8175133)",
         "Hello, User. Formatted number: 8,175,133"),
        ("format('{{0}} {0,3}{0,-3}|{1:D3}{2}', 'a', 7, true())", "{0}   aa  |007True"),
        ("indexOf('test', 't')", 0),
        ("lastIndexOf('test', 't')", 3),
        ("indexOf('abcdef', 'CD')", 2),
        ("lastIndexOf('abcdef', 'AB')", 0),
        ("indexOf('abcdef', 'z')", -1),
        ("length('One Two Three')", 13),
        ("padLeft('123', 10, '0')", "0000000123"),
        ("replace('123-123-1234', '-', '')", "1231231234"),
        ("replace('123-123-1234', '1234', 'xxxx')", "123-123-xxxx"),
        ("skip('one two three', 4)", "two three"),
        ("take('one two three', 2)", "on"),
        ("split('one,two,three', ',')", ["one", "two", "three"]),
        ("split('one;two,three', createArray(',', ';'))", ["one", "two", "three"]),
        ("join(createArray('one', 'two', 'three'), ',')", "one,two,three"),
        ("string(createArray('a', 'b', 'c'))", '["a","b","c"]'),
        ("string(json('{\"valueA\": 10}'))", '{"valuea":10}'),
        ("string(5)", "5"),
        ("substring('one two three', 4, 3)", "two"),
        ("substring('one', 2, 5)", UNKNOWN),
        ("toLower('One Two Three')", "one two three"),
        ("toUpper('One Two Three')", "ONE TWO THREE"),
        ("trim('    one two three   ')", "one two three"),
        ("uri('http://contoso.com/resources/', 'nested/azuredeploy.json')",
         "http://contoso.com/resources/nested/azuredeploy.json"),
        ("uriComponent('http://contoso.com/resources/nested/azuredeploy.json')",
         "http%3A%2F%2Fcontoso.com%2Fresources%2Fnested%2Fazuredeploy.json"),
        ("uriComponentToString('http%3A%2F%2Fcontoso.com%2F')", "http://contoso.com/"),
        ("json('// what Azure takes too\n{\"a\": [1, 2,]}').a", [1, 2]),
        ("empty(json('null'))", True),
        ("json('\"test\"')", "test"),
        ("length(guid('a'))", UNKNOWN),
        ("equals(guid('a', 'b'), GUID('a', 'b'))", True),
        ("equals(newGuid(), 'x')", UNKNOWN),
        ("equals(uniqueString('a', 'b'), uniqueString('a', 'b'))", True),
        ("equals(uniqueString('a', 'b'), uniqueString('a'))", UNKNOWN),
    ],
    "Comparison and logic": [
        ("coalesce(variables('nulls').null1, variables('nulls').null2, variables('nulls').string)", "default"),
        ("coalesce(variables('nulls').null1, variables('nulls').object)", {"first": "default"}),
        ("empty(coalesce(variables('nulls').null1, variables('nulls').null2))", True),
        ("coalesce(null(), reference('x').y)", UNKNOWN),
        ("coalesce('a', reference('x').y)", "a"),
        ("equals(1, 1)", True),
        ("equals('a', 'A')", False),
        ("equals(createArray('a', 'b'), createArray('a', 'b'))", True),
        ("equals(createObject('a', 'b'), createObject('A', 'b'))", True),
        ("not(equals(1, 2))", True),
        ("greater(1, 2)", False),
        ("greater('A', 'a')", True),
        ("lessOrEquals('A', 'a')", False),
        ("less('a', 'B')", True),
        ("less('a-1', 'a_1')", UNKNOWN),
        ("greaterOrEquals(1, 2)", False),
        ("less(1, 2)", True),
        ("lessOrEquals(2, 2)", True),
        ("less('b', 'c')", True),
        ("and(true(), false())", False),
        ("or(true(), false())", True),
        ("and(false(), reference('x').y)", False),
        ("or(reference('x').y, true())", True),
        ("and(true(), reference('x').y)", UNKNOWN),
        ("bool('true')", True),
        ("bool(1)", True),
        ("bool('false')", False),
        ("bool(0)", False),
        ("if(reference('x').y, 'same', 'same')", "same"),
        ("if(reference('x').y, 'a', 'b')", UNKNOWN),
        ("if(equals('a', 'a'), 'yes', fail('no'))", "yes"),
    ],
    "Numbers": [
        ("add(5, 3)", 8),
        ("sub(7, 3)", 4),
        ("mul(5, 3)", 15),
        ("div(8, 3)", 2),
        ("div(-8, 3)", -2),
        ("mod(7, 3)", 1),
        ("mod(7, 0)", UNKNOWN),
        ("int('4')", 4),
        ("float('3.5')", 3.5),
        ("min(createArray(0, 3, 2, 5, 4))", 0),
        ("min(0, 3, 2, 5, 4)", 0),
        ("max(createArray(0, 3, 2, 5, 4))", 5),
        ("mul(4611686018427387904, 4)", UNKNOWN),
    ],
    "Arrays": [
        ("array(1)", [1]),
        ("array('efgh')", ["efgh"]),
        ("array(createObject('a', 'b'))", [{"a": "b"}]),
        ("contains(variables('object'), 'ONE')", True),
        ("contains(variables('object'), 'a')", False),
        ("contains(variables('array'), 'three')", True),
        ("contains(variables('array'), 'four')", False),
        ("contains(createArray('a', reference('x').y), 'b')", UNKNOWN),
        ("contains(createArray('a', reference('x').y), 'a')", True),
        ("createArray()", []),
        ("createArray(variables('array'))", [["one", "two", "three"]]),
        ("empty(createArray())", True),
        ("empty('')", True),
        ("empty(createObject())", True),
        ("empty(resourceGroup())", False),
        ("empty(deployer().unheardOf)", UNKNOWN),
        ("first(variables('array'))", "one"),
        ("first(createArray())", None),
        ("last(variables('array'))", "three"),
        ("flatten(createArray(createArray('one', 'two'), createArray('three')))", ["one", "two", "three"]),
        ("intersection(variables('array'), createArray('two', 'three'))", ["two", "three"]),
        ("intersection(variables('object'), variables('other'))", {"one": "a", "three": "c"}),
        ("length(variables('array'))", 3),
        ("length(variables('object'))", 3),
        ("range(5, 3)", [5, 6, 7]),
        ("range(0, 10001)", UNKNOWN),
        ("skip(variables('array'), 2)", ["three"]),
        ("skip(variables('array'), 9)", []),
        ("take(variables('array'), 2)", ["one", "two"]),
        ("take(variables('array'), -1)", []),
        ("union(variables('array'), createArray('three', 'four'))", ["one", "two", "three", "four"]),
        ("union(variables('deep1'), variables('deep2'))",
         {"property": {"one": "a", "two": "b", "three": "c2", "four": "d", "five": "e"}, "nestedarray": [3, 4]}),
        ("indexOf(variables('array'), 'two')", 1),
        ("lastIndexOf(createArray('a', 'b', 'a'), 'a')", 2),
        ("indexFromEnd(variables('array'), 1)", "three"),
        ("tryIndexFromEnd(variables('array'), 9)", None),
        ("tryIndexFromEnd(null(), 1)", None),
        ("variables('array')[-1]", UNKNOWN),
        ("variables('array')[3]", UNKNOWN),
    ],
    "Objects": [
        ("createObject('intProp', 1, 'boolProp', true())", {"intprop": 1, "boolprop": True}),
        ("items(variables('entities'))[0]",
         {"key": "item001", "value": {"displayname": "Example item 1", "enabled": True, "number": 300}}),
        ("items(variables('entities'))[1].key", "item002"),
        ("equals(items(createObject('Prod', 1))[0].key, 'Prod')", UNKNOWN),
        ("equals(items(createObject('Prod', 1))[0].key, 'test')", False),
        ("equals(toLower(items(createObject('Prod', 1))[0].key), 'prod')", True),
        ("equals(items(createObject('10', 1))[0].key, '10')", True),
        ("contains(objectKeys(createObject('Prod', 1)), 'PROD')", UNKNOWN),
        ("objectKeys(variables('entities'))", ["item001", "item002"]),
        ("tryGet(variables('object'), 'four')", None),
        ("tryGet(variables('deep1'), 'property', 'one')", "a"),
        ("tryGet(variables('array'), 5)", None),
        ("tryGet(variables('array'), 0)", "one"),
        ("tryGet(reference('x'), 'y')", UNKNOWN),
        ("tryGet(null(), 'y', 'z')", None),
        ("shallowMerge(createArray(variables('deep1'), createObject('property', 1)))",
         {"property": 1, "nestedarray": [1, 2]}),
        ("null()", None),
    ],
    "Lambdas": [
        ("filter(variables('dogs'), lambda('dog', greaterOrEquals(lambdaVariables('dog').age, 5)))[1].name", "Kira"),
        ("filter(variables('loop'), lambda('i', greater(lambdaVariables('i'), 5)))", [6, 7, 8, 9]),
        ("filter(range(0, 10), lambda('i', equals(0, mod(lambdaVariables('i'), 2))))", [0, 2, 4, 6, 8]),
        ("map(variables('dogs'), lambda('dog', lambdaVariables('dog').name))", ["Evie", "Casper", "Indy", "Kira"]),
        ("map(createArray('a', 'b'), lambda('x', 'i', format('{0}{1}', lambdaVariables('x'), lambdaVariables('i'))))",
         ["a0", "b1"]),
        ("reduce(map(variables('dogs'), lambda('dog', lambdaVariables('dog').age)), 1, "
         "lambda('cur', 'next', add(lambdaVariables('cur'), lambdaVariables('next'))))", 19),
        ("reduce(createArray(createObject('foo', 123), createObject('bar', 456)), createObject(), "
         "lambda('cur', 'next', union(lambdaVariables('cur'), lambdaVariables('next'))))", {"foo": 123, "bar": 456}),
        ("map(sort(variables('dogs'), lambda('a', 'b', less(lambdaVariables('a').age, lambdaVariables('b').age))), "
         "lambda('dog', lambdaVariables('dog').name))", ["Indy", "Casper", "Evie", "Kira"]),
        ("toObject(variables('dogs'), lambda('e', lambdaVariables('e').name), lambda('e', lambdaVariables('e').age))",
         {"evie": 5, "casper": 3, "indy": 2, "kira": 8}),
        ("toObject(variables('dogs'), lambda('entry', lambdaVariables('entry').name)).Indy", DOGS[2]),
        ("groupBy(createArray('foo', 'bar', 'baz'), lambda('x', substring(lambdaVariables('x'), 0, 1)))",
         {"f": ["foo"], "b": ["bar", "baz"]}),
        ("mapValues(createObject('foo', 'foo'), lambda('val', toUpper(lambdaVariables('val'))))", {"foo": "FOO"}),
        ("filter(range(0, 2), lambda('i', reference('x').y))", UNKNOWN),
        ("map(createArray(1), lambda('i', map(createArray(2), lambda('j', add(lambdaVariables('i'), "
         "lambdaVariables('j'))))))", [[3]]),
    ],
    "Networks": [
        ("parseCidr('10.144.0.0/20')",
         {"network": "10.144.0.0", "netmask": "255.255.240.0", "broadcast": "10.144.15.255",
          "firstusable": "10.144.0.1", "lastusable": "10.144.15.254", "cidr": 20}),
        ("parseCidr('fdad:3236:5555::/48')",
         {"network": "fdad:3236:5555::", "netmask": "ffff:ffff:ffff::", "firstusable": "fdad:3236:5555::",
          "lastusable": "fdad:3236:5555:ffff:ffff:ffff:ffff:ffff", "cidr": 48}),
        ("map(range(0, 5), lambda('i', cidrSubnet('10.144.0.0/20', 24, lambdaVariables('i'))))",
         ["10.144.0.0/24", "10.144.1.0/24", "10.144.2.0/24", "10.144.3.0/24", "10.144.4.0/24"]),
        ("cidrSubnet('fdad:3236:5555::/48', 52, 4)", "fdad:3236:5555:4000::/52"),
        ("cidrHost('10.144.3.0/24', 0)", "10.144.3.1"),
        ("cidrHost('fdad:3236:5555:3000::/52', 4)", "fdad:3236:5555:3000::5"),
        ("cidrSubnet('10.144.0.0/20', 24, 16)", UNKNOWN),
    ],
    "Resources": [
        ("resourceId('Microsoft.Storage/storageAccounts', 'examplestorage')",
         "/providers/Microsoft.Storage/storageAccounts/examplestorage"),
        ("resourceId('otherResourceGroup', 'Microsoft.Storage/storageAccounts', 'a')",
         "/resourceGroups/otherResourceGroup/providers/Microsoft.Storage/storageAccounts/a"),
        ("resourceId('1111', 'other', 'Microsoft.SQL/servers/databases', 'server', 'db')",
         "/subscriptions/1111/resourceGroups/other/providers/Microsoft.SQL/servers/server/databases/db"),
        ("resourceId(subscription().subscriptionId, resourceGroup().name, 'Microsoft.X/y', 'z')",
         "/providers/Microsoft.X/y/z"),
        ("subscriptionResourceId('1111', 'Microsoft.Authorization/roleDefinitions', 'x')",
         "/subscriptions/1111/providers/Microsoft.Authorization/roleDefinitions/x"),
        ("tenantResourceId('Microsoft.Authorization/roleDefinitions', 'x')",
         "/providers/Microsoft.Authorization/roleDefinitions/x"),
        ("extensionResourceId(resourceId('Microsoft.X/y', 'z'), 'Microsoft.Authorization/locks', 'keep')",
         "/providers/Microsoft.X/y/z/providers/Microsoft.Authorization/locks/keep"),
        ("managementGroupResourceId('mg', 'Microsoft.X/y', 'z')",
         "/providers/Microsoft.Management/managementGroups/mg/providers/Microsoft.X/y/z"),
        ("resourceId('Microsoft.X/y', reference('x').y)", UNKNOWN),
        ("listKeys('x', '2023-01-01').keys[0].value", UNKNOWN),
        ("pickZones('Microsoft.Compute', 'virtualMachines', 'westus2')", UNKNOWN),
        ("fail('no')", UNKNOWN),
    ],
    "Deployment and scope": [
        ("environment().suffixes.acrLoginServer", ".azurecr.io"),
        ("environment().suffixes.storage", "core.windows.net"),
        ("environment().suffixes.keyvaultDns", ".vault.azure.net"),
        ("environment().name", "AzureCloud"),
        ("environment().graph", UNKNOWN),
        ("equals(deployment().name, deployment().name)", True),
        ("equals(deployment().name, 'main')", UNKNOWN),
        ("resourceGroup().location", UNKNOWN),
        ("equals(split(resourceGroup().id, '/')[4], resourceGroup().name)", True),
        ("equals(subscription().subscriptionId, '1111')", UNKNOWN),
        ("equals(tenant().tenantId, subscription().tenantId)", True),
        ("managementGroup().properties", UNKNOWN),
        ("copyIndex()", UNKNOWN),
    ],
    "Dates": [
        ("equals(utcNow(), utcNow())", True),
        ("equals(utcNow('yyyy'), '2026')", UNKNOWN),
        ("equals(utcNow('yyyy'), utcNow('MM'))", UNKNOWN),
        ("less(utcNow('yyyy'), '2027')", UNKNOWN),
        ("equals(dateTimeAdd('2020-04-07 14:53:14Z', 'P3Y'), dateTimeAdd('2020-04-07 14:53:14Z', 'P3Y'))", True),
        ("equals(dateTimeAdd(utcNow(), 'PT1H'), utcNow())", UNKNOWN),
        ("dateTimeAdd(reference('x').date, 'P1D')", UNKNOWN),
        ("dateTimeToEpoch('2023-05-02T15:16:13Z')", 1683040573),
        ("dateTimeToEpoch(dateTimeAdd(utcNow(), 'P1Y'))", UNKNOWN),
        ("dateTimeToEpoch('tomorrow')", UNKNOWN),
        ("dateTimeFromEpoch(1683040573)", "2023-05-02T15:16:13Z"),
        ("dateTimeFromEpoch(1000000000000000000)", UNKNOWN),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "result"),
    [pair for pairs in DOCUMENTED.values() for pair in pairs],
    ids=[f"{expression[:60]}" for pairs in DOCUMENTED.values() for expression, _ in pairs],
)
def test_a_function_gives_what_the_documentation_says(expression: str, result: Any) -> None:
    found = value(f"[{expression}]")
    assert found == result
    assert isinstance(found, type(result)), "true is no 1"


def test_every_family_has_documented_examples() -> None:
    assert set(DOCUMENTED) == set(FAMILIES)
    written = " ".join(expression.lower() for pairs in DOCUMENTED.values() for expression, _ in pairs)
    told = {name for family, held in FAMILIES.items() if family != "Resources" for name in held}
    assert {name for name in told if f"{name.lower()}(" not in written} == {"parameters"}


def test_names_are_compared_without_case() -> None:
    assert value("[TOLOWER(Variables('ARRAY')[0])]") == "one"
    assert value("[variables('Object').THREE]") == "c"


def test_a_function_that_nobody_knows_makes_its_value_unknown_and_no_more() -> None:
    properties = {"it": "[futureFunction('a')]", "other": "[concat('a', 'b')]", "list": ["[futureFunction()]", 1]}
    (each,) = open_template(plain({"resources": [{"type": "x/y", "name": "n", "properties": properties}]}))
    assert isinstance(each, Declared)
    assert each.body["properties"] == {"it": UNKNOWN, "other": "ab", "list": [UNKNOWN, 1]}


def test_an_unknown_object_inside_others_keeps_what_is_certain() -> None:
    before = value("[union(reference('x'), createObject('a', 1))]")
    assert isinstance(before, Partial)
    assert before["a"] == 1
    assert before.get("b") is UNKNOWN
    after = value("[shallowMerge(createArray(createObject('a', 1), reference('x')))]")
    assert isinstance(after, Partial)
    assert after["a"] is UNKNOWN


@pytest.mark.parametrize(
    "expression",
    [
        "concat(parameters('p'), 'x')", "string(createObject('a', parameters('p')))", "base64(parameters('p'))",
        "join(createArray(parameters('p'), 'x'), ',')", "format('{0}!', parameters('p'))", "take(parameters('p'), 3)",
        "split(parameters('p'), 't')[0]", "replace('a', 'a', parameters('p'))", "createArray(parameters('p'))[0]",
        "if(true(), parameters('p'), '')", "coalesce(null(), parameters('p'))", "json(parameters('j')).a",
        "parameters('o').key",
    ],
)  # fmt: skip
def test_what_is_made_of_a_secret_is_secret(expression: str) -> None:
    parameters = {
        "p": {"type": "securestring", "defaultValue": "hunter2"},
        "j": {"$ref": "#/definitions/secret"},
        "o": {"type": "secureObject", "defaultValue": {"key": "hunter2"}},
    }
    parameters["j"]["defaultValue"] = '{"a": "hunter2"}'
    found = value(f"[{expression}]", parameters=parameters, definitions={"secret": {"type": "secureString"}})
    assert isinstance(found, SecretText)
    assert "hunter" not in f"{found} {found!r}"


def test_the_documentation_names_every_function() -> None:
    page = (Path(__file__).parents[2] / "docs" / "templates.md").read_text()
    assert table() in page, "write it anew with: python -m registry_model.estate.templates.docs"
    assert all(f"`{name}`" in page for family in FAMILIES.values() for name in family)
    assert limits() in (Path(__file__).parents[2] / "docs" / "limits.md").read_text()
    assert len(TABLE) == sum(map(len, FAMILIES.values()))
