"""What Azure says of itself, read: every way to print it, all or nothing, and one estate of many documents."""

from __future__ import annotations

import json
from typing import Any

import pytest
from registry_model.estate import asking, documents, facts, relations, tokens
from registry_model.estate.documents import LIVE, Document
from registry_model.estate.model import Estate, Resource
from registry_model.estate.values import UNKNOWN, lookup
from registry_model.reach.exposure import exposure_of
from registry_model.reach.registries import registries

from tests.model.live import wire
from tests.model.live.standin import PRINTED
from tests.model.live.wire import ADDRESSES, ANSWERS, CONTOSO, ENDPOINT, FABRIKAM, SUBSCRIPTION, ZONE, file_of
from tests.model.live.wire_lists import LISTS

LISTED = PRINTED.with_name("printed_lists")
# What is in a registry comes with the API version, as the registry does: what is not there is not known.
NEVER_WHOLE = {kind for kind in tokens.ARM_TYPES.values() if kind.startswith("containerregistry:")} - {
    tokens.ENDPOINT_CONNECTION
}


def load(value: Any, name: str = "answer.json") -> Document:
    return documents.load(name, json.dumps(value))


def estate(*values: Any) -> Estate:
    return documents.joined([load(value) for value in values])[0].estate


def printed() -> list[Any]:
    return [json.loads(file.read_text()) for file in sorted(PRINTED.glob("*.json"))]


def only(found: Estate, kind: str = tokens.REGISTRY) -> Resource:
    (resource,) = found.of(kind)
    return resource


# What Microsoft documents that the commands print: the shape of each, with other values.
# learn.microsoft.com/cli/azure/acr (the example of az acr show), 2026-10.
SHOWN = {
    "adminUserEnabled": False,
    "anonymousPullEnabled": False,
    "creationDate": "2025-01-15T08:00:00.123456+00:00",
    "dataEndpointEnabled": False,
    "dataEndpointHostNames": [],
    "encryption": {"keyVaultProperties": None, "status": "disabled"},
    "id": CONTOSO,
    "identity": None,
    "location": "japaneast",
    "loginServer": "contoso.azurecr.io",
    "name": "contoso",
    "networkRuleBypassOptions": "AzureServices",
    "networkRuleSet": {
        "defaultAction": "Deny",
        "ipRules": [{"action": "Allow", "ipAddressOrRange": "203.0.113.0/24"}],
    },
    "policies": {
        "azureAdAuthenticationAsArmPolicy": {"status": "enabled"},
        "exportPolicy": {"status": "enabled"},
        "quarantinePolicy": {"status": "disabled"},
        "retentionPolicy": {"days": 7, "lastUpdatedTime": "2025-01-15T08:00:09.9+00:00", "status": "disabled"},
        "softDeletePolicy": {
            "lastUpdatedTime": "2025-01-15T08:00:09.9+00:00",
            "retentionDays": 7,
            "status": "disabled",
        },
        "trustPolicy": {"status": "disabled", "type": "Notary"},
    },
    "privateEndpointConnections": [],
    "provisioningState": "Succeeded",
    "publicNetworkAccess": "Enabled",
    "resourceGroup": "rg-registry",
    "sku": {"name": "Premium", "tier": "Premium"},
    "status": None,
    "systemData": None,
    "tags": {},
    "type": "Microsoft.ContainerRegistry/registries",
    "zoneRedundancy": "Disabled",
}


class TestForms:
    def test_az_acr_show(self) -> None:
        found = load(SHOWN)
        assert (found.kind, found.resources) == (LIVE, 1)
        registry = only(found.estate)
        assert facts.ip_rules(registry) == ["203.0.113.0/24"]
        assert facts.login_server(registry) == "contoso.azurecr.io"
        assert facts.is_enabled(registry, "policies.exportPolicy.status") is True

    @pytest.mark.parametrize(
        "form",
        [
            lambda rows: rows,
            lambda rows: {"value": rows},
            lambda rows: {"count": 1, "data": rows, "skip_token": None, "total_records": 1},
            lambda rows: {
                "totalRecords": 1,
                "count": 1,
                "resultTruncated": "false",
                "data": {
                    "columns": [{"name": key, "type": "string"} for key in rows[0]],
                    "rows": [list(rows[0].values())],
                },
            },
        ],
        ids=["list", "REST", "az graph query", "Resource Graph's table"],
    )
    def test_a_registry_on_the_wire_is_the_same_in_every_envelope(self, form: Any) -> None:
        raw = ANSWERS["az acr list"][1][1]
        row = {**raw, "type": raw["type"].lower(), "subscriptionId": SUBSCRIPTION.rpartition("/")[2]}
        registry = only(load(form([row])).estate)
        assert registry.type == tokens.REGISTRY
        assert facts.ip_rules(registry) == ["203.0.0.0/8"]
        assert facts.flag(registry, "adminUserEnabled") is True

    def test_az_resource_show_is_one_object(self) -> None:
        registry = only(load(ANSWERS["az acr list"][1][0]).estate)
        assert facts.public_access_off(registry) is True
        assert registry.resource_group == "rg-registry"

    def test_snake_case_is_read_and_names_that_people_give_are_kept(self) -> None:
        raw = {"id": FABRIKAM, "public_network_access": "Disabled", "tags": {"cost_center": "42"}}
        registry = only(load(raw).estate)
        assert facts.public_access_off(registry) is True
        assert registry.get("tags") == {"cost_center": "42"}

    def test_a_folder_as_az_prints_it_is_one_estate_with_its_addresses(self) -> None:
        contoso, fabrikam = registries(estate(*printed()))
        assert [r.replicas for r in (contoso, fabrikam)] == [("westus",), ()]
        assert contoso.private_endpoints[0].addresses == (
            ("contoso.azurecr.io", ADDRESSES["contoso"]),
            ("contoso.japaneast.data.azurecr.io", ADDRESSES["contoso.japaneast.data"]),
            ("contoso.westus.data.azurecr.io", ADDRESSES["contoso.westus.data"]),
        )
        assert [zone.id for zone in contoso.zones] == [ZONE.lower()]
        assert [link.vnet for zone in contoso.zones for link in zone.links] == [wire.HUB.lower()]

    def test_the_wire_and_what_az_prints_of_it_are_one_estate(self) -> None:
        ours = registries(estate(*printed()))
        theirs = registries(estate(*([*objects] for _, objects in ANSWERS.values())))
        assert ours == theirs

    def test_what_is_committed_is_of_the_estate_beside_it(self) -> None:
        assert {file.name for file in PRINTED.iterdir()} == {file_of(command) for command in ANSWERS}
        for command, (_, objects) in ANSWERS.items():
            answer = json.loads((PRINTED / file_of(command)).read_text())
            assert [each["id"] for each in answer] == [each["id"] for each in objects]

    def test_a_lock_and_a_diagnostic_setting_know_what_they_are_on(self) -> None:
        found = estate(*printed())
        assert [lock.get("scope") for lock in found.of(tokens.LOCK)] == [
            CONTOSO,
            f"{SUBSCRIPTION}/resourceGroups/rg-network",
        ]
        attached, undetermined = relations.attached(found, tokens.DIAGNOSTICS, "resourceUri")
        assert [each.noted_id for each in attached] == [CONTOSO.lower()]
        assert undetermined == []

    def test_letter_case_of_ids_does_not_matter(self) -> None:
        shouted = {**ANSWERS["az acr replication list --registry contoso"][1][1]}
        shouted["id"] = shouted["id"].upper()
        (found,) = registries(estate(SHOWN, [shouted]))
        assert found.replicas == ("westus",)


def said(found: Resource, path: str) -> Any:
    """What is read at a path, of which ``.0.`` is the first item of a list."""
    first, inside, rest = path.partition(".0.")
    value = found.get(first)
    return lookup(value[0], rest) if inside else value


@pytest.mark.parametrize("command", LISTS)
class TestOtherLists:
    """Each list as `generate.py` printed it: with what the object says written out, and read alike on the wire."""

    def test_what_az_prints_is_read(self, command: str) -> None:
        listed = LISTS[command]
        found = only(load(json.loads((LISTED / file_of(command)).read_text())).estate, listed.type)
        assert {path: said(found, path) for path in listed.says} == listed.says

    def test_and_so_is_what_the_wire_says(self, command: str) -> None:
        listed = LISTS[command]
        found = only(load({"value": [listed.wire]}).estate, listed.type)
        assert {path: said(found, path) for path in listed.says} == listed.says

    def test_what_it_does_not_have_is_absent_and_what_a_query_left_out_is_unknown(self, command: str) -> None:
        listed = LISTS[command]
        answer = json.loads((LISTED / file_of(command)).read_text())
        whole = only(load(answer).estate, listed.type)
        assert whole.get("whatItNeverHas") is (UNKNOWN if listed.type in NEVER_WHOLE else None)
        less = only(load([{"id": listed.wire["id"], "name": "x"}]).estate, listed.type)
        told = [path for path in listed.says if path != "recordType"]  # which the id tells
        assert [less.get(path) for path in told] == [UNKNOWN] * len(told)


class TestAllOrNothing:
    @pytest.mark.parametrize(("more", "parent"), [({"provisioningState": "Succeeded"}, None), ({}, UNKNOWN)])
    def test_a_policy_printed_whole_without_a_parent_has_none(self, more: dict[str, str], parent: object) -> None:
        policy = f"{CONTOSO.partition('/providers/')[0]}/providers/Microsoft.Network/firewallPolicies/egress"
        found = load([{"id": policy, "name": "egress", **more}]).estate
        assert only(found, tokens.FIREWALL_POLICY).get("basePolicy") is parent

    @pytest.mark.parametrize("missing", ["publicNetworkAccess", "networkRuleSet"])
    def test_a_column_that_was_projected_away_is_unknown(self, missing: str) -> None:
        rules = {"defaultAction": "Deny", "ipRules": [{"action": "Allow", "ipAddressOrRange": "203.0.0.0/8"}]}
        raw = {"id": CONTOSO, "name": "contoso", "publicNetworkAccess": "Enabled", "networkRuleSet": rules}
        del raw[missing]
        found = exposure_of(only(load([raw]).estate), {"ipv4": 24, "ipv6": 64})
        assert (found.reason, found.unknown.split(".")[0]) == ("", missing)

    def test_az_resource_list_names_a_registry_and_tells_nothing_of_it(self) -> None:
        listed = {
            "changedTime": "2025-01-15T08:02:00+00:00",
            "createdTime": "2025-01-15T08:00:00+00:00",
            "extendedLocation": None,
            "id": CONTOSO,
            "identity": None,
            "kind": None,
            "location": "japaneast",
            "managedBy": None,
            "name": "contoso",
            "plan": None,
            "properties": None,
            "provisioningState": "Succeeded",
            "resourceGroup": "rg-registry",
            "sku": {
                "capacity": None,
                "family": None,
                "model": None,
                "name": "Premium",
                "size": None,
                "tier": "Premium",
            },
            "tags": {},
            "type": "Microsoft.ContainerRegistry/registries",
        }
        registry = only(load([listed]).estate)
        assert facts.sku(registry) == "premium"
        assert facts.flag(registry, "adminUserEnabled") is UNKNOWN
        assert facts.public_access_off(registry) is UNKNOWN
        assert facts.ip_rules(registry) is UNKNOWN

    def test_network_rules_that_basic_does_not_have_are_azures_default(self) -> None:
        registry = only(load(SHOWN | {"networkRuleSet": None, "sku": {"name": "Basic", "tier": "Basic"}}).estate)
        assert facts.denies_by_default(registry) is False
        assert exposure_of(registry, {"ipv4": 24, "ipv6": 64}).everyone

    def test_a_policy_of_a_later_api_version_is_unknown(self) -> None:
        policies = {"trustPolicy": {"status": "disabled"}}
        registry = only(load(SHOWN | {"policies": policies}).estate)
        assert facts.setting(registry, "policies.exportPolicy.status") is UNKNOWN
        assert facts.setting(registry, "policies.trustPolicy.status") == "disabled"

    def test_resource_graphs_columns(self) -> None:
        rows = [{"id": CONTOSO, "name": "contoso", "properties_publicNetworkAccess": "Disabled", "sku_name": "Premium"}]
        registry = only(load({"count": 1, "data": rows, "total_records": 1}).estate)
        assert (facts.public_access_off(registry), facts.sku(registry)) == (True, "premium")
        assert facts.flag(registry, "adminUserEnabled") is UNKNOWN

    def test_the_fuller_of_two_answers_counts_whichever_comes_first(self) -> None:
        thin = [{"id": CONTOSO, "name": "contoso", "properties": None}]
        for values in ((thin, SHOWN), (SHOWN, thin)):
            registry = only(estate(*values))
            assert facts.public_access_off(registry) is False
            assert facts.ip_rules(registry) == ["203.0.113.0/24"]


class TestCoverage:
    def test_a_list_tells_what_is_not_there_and_a_single_object_does_not(self) -> None:
        lock = json.loads((PRINTED / "lock-list.json").read_text())[0]
        for value, told in (([lock], True), (lock, False)):
            found = estate(SHOWN, value)
            assert found.tells(tokens.LOCK, only(found)) is told

    def test_locks_of_another_group_tell_nothing_of_this_one(self) -> None:
        elsewhere = f"{SUBSCRIPTION}/resourceGroups/other/providers/Microsoft.Authorization/locks/keep"
        found = estate(SHOWN, [{"id": elsewhere, "name": "keep", "level": "ReadOnly"}])
        assert not found.tells(tokens.LOCK, only(found))

    def test_locks_of_two_groups_are_the_subscriptions(self) -> None:
        ids = [
            f"{SUBSCRIPTION}/resourceGroups/{g}/providers/Microsoft.Authorization/locks/keep" for g in ("one", "two")
        ]
        found = estate(SHOWN, [{"id": each, "name": "keep", "level": "ReadOnly"} for each in ids])
        assert found.tells(tokens.LOCK, only(found))

    def test_the_replications_of_one_registry_tell_nothing_of_another(self) -> None:
        found = estate(*printed())
        told = {registry.name: found.tells(tokens.REPLICATION, registry) for registry in found.of(tokens.REGISTRY)}
        assert told == {"contoso": True, "fabrikam": False}

    def test_a_registry_tells_of_its_own_connections(self) -> None:
        connected = SHOWN | {"privateEndpointConnections": [{"id": "c", "privateEndpoint": {"id": ENDPOINT}}]}
        thin = {"id": CONTOSO, "publicNetworkAccess": "Disabled"}
        for raw, connections, endpoints in ((SHOWN, True, True), (connected, True, False), (thin, False, False)):
            found = load(raw).estate
            assert found.tells(tokens.ENDPOINT_CONNECTION, only(found)) is connections
            assert found.tells(tokens.ENDPOINT, only(found)) is endpoints

    @pytest.mark.parametrize("more", [{"skip_token": "eyJ"}, {"resultTruncated": "true"}])
    def test_a_page_of_more_tells_no_absence(self, more: dict[str, str]) -> None:
        rows = json.loads((PRINTED / "lock-list.json").read_text())
        found = estate(SHOWN, {"count": 2, "data": rows, "total_records": 2000, **more})
        assert not found.tells(tokens.LOCK, only(found))

    def test_a_stack_tells_everything(self) -> None:
        assert Estate([]).tells(tokens.LOCK)


class TestWhatIsNone:
    def test_an_empty_list_does_not_say_of_what(self) -> None:
        with pytest.raises(documents.NotOursError, match="lists nothing"):
            load([])

    def test_but_with_what_was_asked_it_does(self) -> None:
        question = asking.Question(("az", "lock", "list"), tokens.LOCK, SUBSCRIPTION)
        found = estate(SHOWN, json.loads(question.answered("[]")))
        assert found.tells(tokens.LOCK, only(found))

    def test_objects_without_ids_say_what_to_do(self) -> None:
        with pytest.raises(documents.NotOursError, match="without --query"):
            load([{"name": "contoso", "publicNetworkAccess": "Enabled"}])

    def test_resources_of_other_kinds_are_none_of_ours(self) -> None:
        with pytest.raises(documents.NotOursError):
            load([{"id": f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Web/sites/web", "name": "web"}])


def exported(**parameters: Any) -> dict[str, Any]:
    """What `az group export` prints of a registry, in shape."""
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"registries_contoso_name": {"defaultValue": "contoso", "type": "String"}, **parameters},
        "variables": {},
        "resources": [
            {
                "type": "Microsoft.ContainerRegistry/registries",
                "apiVersion": "2025-11-01",
                "name": "[parameters('registries_contoso_name')]",
                "location": "japaneast",
                "sku": {"name": "Premium"},
                "properties": {"publicNetworkAccess": "Disabled", "dataEndpointEnabled": True},
            },
            {
                "type": "Microsoft.ContainerRegistry/registries/replications",
                "apiVersion": "2025-11-01",
                "name": "[concat(parameters('registries_contoso_name'), '/westus')]",
                "location": "westus",
                "properties": {},
            },
        ],
    }


class TestExportedTemplates:
    @pytest.mark.parametrize("definition", [{"type": "String"}, {"type": "String", "defaultValue": None}])
    def test_az_group_export_writes_names_into_the_parameters(self, definition: dict[str, Any]) -> None:
        found = load(exported(registries_contoso_name=definition))
        (registry,) = registries(found.estate)
        assert (registry.login_server, registry.replicas) == ("contoso.azurecr.io", ("westus",))
        assert found.estate.ungiven == ()
        (joined,) = documents.joined([load(SHOWN, "here/acr.json"), load(exported(registries_contoso_name=definition))])
        assert [each.name for each in joined.estate.of(tokens.REGISTRY)] == ["contoso"]

    def test_one_joins_the_live_documents_beside_it(self) -> None:
        (found,) = documents.joined([load(SHOWN, "here/acr.json"), load(exported(), "here/template.json")])
        assert found.name == "here"
        (registry,) = registries(found.estate)
        assert (registry.replicas, registry.public_access) == (("westus",), True)

    def test_a_template_that_people_write_stays_by_itself(self) -> None:
        written = exported(sku={"type": "string", "defaultValue": "Premium"})
        kinds = [each.kind for each in documents.joined([load(SHOWN), load(written)])]
        assert kinds == [LIVE, documents.TEMPLATE]

    def test_exported_templates_alone_are_templates(self) -> None:
        assert [each.kind for each in documents.joined([load(exported()), load(exported())])] == [
            documents.TEMPLATE
        ] * 2


class TestAsking:
    @pytest.mark.parametrize("target", ["contoso", "contoso.azurecr.io", CONTOSO, CONTOSO.upper()])
    def test_a_registry_by_name_host_or_id(self, target: str) -> None:
        assert asking.first(target).text.startswith("az acr show --name contoso")

    def test_a_resource_group_by_its_id(self) -> None:
        question = asking.first(f"{SUBSCRIPTION}/resourceGroups/rg-registry")
        assert question.text == (
            "az acr list --resource-group rg-registry --subscription 0b1f6471-1bf0-4dda-aec3-cb9272f09590 --output json"
        )

    @pytest.mark.parametrize("target", ["rg-registry", ENDPOINT, "", SUBSCRIPTION, "--help"])
    def test_anything_else_is_told_what_it_may_be(self, target: str) -> None:
        with pytest.raises(ValueError, match="neither a registry's name nor the id"):
            asking.first(target)

    def test_only_reading_commands_are_asked(self) -> None:
        verbs = {
            q.command[-1] if "--" not in q.text else q.text.split(" --")[0].rpartition(" ")[2]
            for q in asking.sketched("contoso")
        }
        assert verbs == {"show", "list"}
