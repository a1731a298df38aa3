"""No release and no setting replaces a registry, with its images, unless it was asked for.

What the components ask for before and after goes through the provider's own check and diff, for many random pairs of
arguments and of tables (``registry_model.azure``); some go through the engine, from states that the last release
wrote. What may replace is written out here from Azure's documents, not taken from the code.
"""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from private_registry import ClientFirewall, PrivateRegistry
from private_registry.arguments import InvalidRegistryArgumentsError
from registry_model.azure import limits, regions

from tests.components.graph import Registered, run
from tests.conftest import UNHURRIED
from tests.localcloud.provider_kit import Engine, serving
from tests.rehearsal import ROOT, Rehearsal, stack_config

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-net/providers"
SUBNET = f"{GROUP}/Microsoft.Network/virtualNetworks/vnet-hub/subnets/endpoints"
ZONE = f"{GROUP}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
IDENTITY = f"{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/id-registry"
KEY = {
    "key_id": "https://kv-contoso.vault.azure.net/keys/registry",
    "identity_client_id": "11111111-2222-3333-4444-555555555555",
}

# With and without availability zones.
REGIONS = ("japaneast", "eastus", "westeurope", "westus", "ukwest", "northcentralus")
flags = st.booleans()
tags = st.dictionaries(st.sampled_from(("owner", "costCenter", "use")), st.sampled_from(("a", "b")), max_size=2)


def zones(region: str) -> st.SearchStrategy[bool | None]:
    """What may be said of zone redundancy there; where there are no zones it cannot be asked for."""
    return st.sampled_from((None, True, False) if regions.REGIONS[region].has_zones else (None, False))


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


@st.composite
def arguments(draw: st.DrawFn, like: dict[str, Any] | None = None) -> dict[str, Any]:
    """Arguments of a sound ``PrivateRegistry``; mostly of the same registry as ``like``."""
    home = draw(st.sampled_from(REGIONS))
    identity = {
        "registry_name": draw(st.sampled_from(("contoso", "contosodev"))),
        "location": home,
        "resource_group_name": draw(st.sampled_from(("rg-contoso", "rg-images"))),
    }
    if like and draw(st.integers(0, 3)):
        identity = {name: like[name] for name in identity}
        home = identity["location"]
    public = draw(st.integers(0, 4)) == 0
    replicas = draw(st.sets(st.sampled_from([r for r in REGIONS if r != home]), max_size=3))
    asked = draw(
        some(
            trusted_services_bypass=flags,
            admin_user_enabled=flags,
            quarantine_enabled=flags,
            arm_audience_tokens_enabled=flags,
            retention_days=st.integers(0, 365),
            system_assigned_identity=flags,
        )
    )
    asked["zone_redundancy"] = draw(zones(home))
    if draw(st.integers(0, 3)) == 0:
        asked |= {"user_assigned_identity_ids": [IDENTITY]}
        if draw(flags):
            asked["customer_managed_key"] = KEY
    args: dict[str, Any] = {
        **identity,
        "create_resource_group": draw(flags),
        "replicas": {
            region: draw(some(global_routing_enabled=flags, tags=tags)) | {"zone_redundancy": draw(zones(region))}
            for region in replicas
        },
        "settings": asked,
        "tags": draw(tags),
        "protect": False,
    }
    if public:
        args["profile"] = "no-private-link"
        asked["ip_rules"] = draw(st.sampled_from((["20.37.64.8"], ["20.37.64.8", "20.37.65.16/28"])))
        return args
    given_network = {"subnet_id": SUBNET}
    made = {"virtual_network_prefix": "10.20.0.0/24", "subnet_prefix": "10.20.0.0/27"}
    args["network"] = draw(st.sampled_from((given_network, made)))
    args["dns"] = draw(
        st.sampled_from(({}, {"mode": "manual"}, {"mode": "azure-policy"}, {"mode": "existing", "zone_id": ZONE}))
    )
    args["private_endpoint"] = draw(some(endpoint_name=st.sampled_from(("pe-1", "pe-2"))))
    return args


LIMITS = {
    "MAX_IP_RULES": (100, 400),
    "MAX_TAGS": (15, 100),
    "MAX_PRIVATE_ENDPOINTS_PER_REGISTRY": (10, 1000),
    "RESERVED_IPS_PER_SUBNET": (4, 6),
    "SMALLEST_SUBNET_PREFIX": (28, 30),
    "RETENTION_DAYS": ((0, 500), (0, 365)),
    "SOFT_DELETE_DAYS": ((1, 30), (1, 365)),
    "REGISTRY_NAME_MAX": (40, 63),
    "RESOURCE_GROUP_NAME_MAX": (64, 120),
}


tables = st.fixed_dictionaries(
    {"zones_moved": st.sets(st.sampled_from(REGIONS)), "more_regions": flags},
    optional={name: st.sampled_from(values) for name, values in LIMITS.items()},
)
"""What another release may say of Azure: regions that got zones or lost them, new regions and names, other limits."""


def moved(zones_moved: set[str], more_regions: bool, **changed: Any) -> dict[str, Any]:
    there = dict(regions.REGIONS)
    for name in zones_moved:
        there[name] = dataclasses.replace(there[name], has_zones=not there[name].has_zones)
    if more_regions:
        there["atlantis"] = regions.Region("atlantis", "Atlantis", "public", True)
        there["eastus"] = dataclasses.replace(there["eastus"], display_name="US East")
    return {"REGIONS": there, **changed}


@contextmanager
def released(changed: dict[str, Any]) -> Iterator[None]:
    now = moved(**changed)
    homes = {name: regions if name == "REGIONS" else limits for name in now}
    before = {name: getattr(home, name) for name, home in homes.items()}
    try:
        for name, home in homes.items():
            setattr(home, name, now[name])
        yield
    finally:
        for name, home in homes.items():
            setattr(home, name, before[name])


def without_aliases(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
    """The SDK's, up to 60 a resource, take most of a run's time, and say nothing of inputs."""
    args.opts.aliases = None
    return pulumi.ResourceTransformationResult(args.props, args.opts)


def declared(component: type, args: Any) -> dict[str, Registered]:
    """What a component asks for, by resource name."""
    opts = pulumi.ResourceOptions(transformations=[without_aliases])
    return {r.name: r for r in run(lambda: component("main", args, opts) and None).resources if r.custom}


def planned(engine: Engine, before: Registered, after: Registered, deployed: dict[str, Any]) -> Any:
    """The provider's answer to what the engine would ask; ``deployed`` is what the state has instead of ``before``."""
    old, problems = engine.check(before.type, {**before.inputs, **deployed})
    assert not problems, problems
    news = dict(after.inputs)
    for path in after.ignore_changes:
        news.pop(path, None)
        news |= {path: old[path]} if path in old else {}
    new, problems = engine.check(after.type, news, old)
    assert not problems, problems
    return engine.diff(after.type, old, new, old)


def replacement_asked_for(old: dict[str, Any], new: dict[str, Any]) -> bool:
    return any(old[name] != new[name] for name in ("registry_name", "location", "resource_group_name"))


# Azure cannot change these of a registry that exists: chosen at creation (learn.microsoft.com/azure/container-registry/
# zone-redundancy and tutorial-customer-managed-keys). azure-native plans an update all the same, which is then refused:
# the ARM specification 2023-01-01-preview does not mark them (x-ms-mutability), and its own list has no registry.
def refused_in_place(old: dict[str, Any], new: dict[str, Any], deployed_zones: str) -> set[str]:
    keys = [bool(each["settings"].get("customer_managed_key")) for each in (old, new)]
    zones = zones_asked_for(new["settings"], deployed_zones)
    return {*(["encryption"] if keys[0] != keys[1] else []), *(["zoneRedundancy"] if zones else [])}


def zones_asked_for(settings: dict[str, Any], deployed_zones: str) -> bool:
    wanted = settings["zone_redundancy"]
    return wanted is not None and deployed_zones != ("Enabled" if wanted else "Disabled")


def zones_of(settings: dict[str, Any], unsaid: str) -> str:
    """What was deployed: as said, else what the last release's table or Azure's default made of it."""
    wanted = settings["zone_redundancy"]
    return unsaid if wanted is None else "Enabled" if wanted else "Disabled"


@contextmanager
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setenv("LOCALCLOUD_FILE", f"{folder}/cloud.sqlite")
        with serving() as engine:
            yield engine.configure_local(location="japaneast")


def judge_pairs(engine: Engine, count: int) -> Counter[str]:
    """How often each kind of pair was met; AssertionError when one is planned otherwise than it was asked for."""
    met: Counter[str] = Counter()

    # Not shrunk, which takes minutes here: what was drawn reads well enough.
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=UNHURRIED,
    )
    @given(st.data())
    def pairs(data: st.DataObject) -> None:
        old = data.draw(arguments())
        new = old if data.draw(st.integers(0, 2)) == 0 else data.draw(arguments(like=old))
        unsaid = data.draw(st.sampled_from(("Enabled", "Disabled")))
        before = declared(PrivateRegistry, old)
        try:
            with released(data.draw(tables)):
                after = declared(PrivateRegistry, new)
        except InvalidRegistryArgumentsError:
            met["refused"] += 1  # nothing is registered then, and nothing lost
            return

        home = zones_of(old["settings"], unsaid)
        asked = replacement_asked_for(old, new)
        found = planned(engine, before["main-registry"], after["main-registry"], {"zoneRedundancy": home})
        assert bool(found.replaces) == asked, list(found.replaces)
        assert refused_in_place(old, new, home) <= set(found.diffs)
        met["replacement asked for" if asked else "no replacement asked for"] += 1
        if asked:
            return
        for region in set(old["replicas"]) & set(new["replicas"]):
            there = zones_of(old["replicas"][region], unsaid)
            name = f"main-replica-{region}"
            found = planned(engine, before[name], after[name], {"zoneRedundancy": there})
            assert not found.replaces, list(found.replaces)
            assert "zoneRedundancy" in found.diffs or not zones_asked_for(new["replicas"][region], there)
        if new is old:
            met["only tables changed"] += 1
            assert set(after) == set(before)
            for name, resource in after.items():
                there = {"zoneRedundancy": unsaid} if resource.ignore_changes == ("zoneRedundancy",) else {}
                assert not planned(engine, before[name], resource, there).diffs, name

    pairs()
    return met


@pytest.mark.full
def test_no_registry_is_replaced_unless_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with provider(monkeypatch) as engine:
        judge_pairs(engine, 25)


@pytest.mark.full
@pytest.mark.parametrize("quarter", range(4))
def test_no_registry_is_replaced_unless_it_was_asked_for_in_1000_pairs(
    quarter: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with provider(monkeypatch) as engine:
        met = judge_pairs(engine, 250)
    # That every kind was met often enough to mean something; the rarest comes about 25 times in 250.
    assert min(met[kind] for kind in ("replacement asked for", "no replacement asked for", "only tables changed")) > 10
    assert met["refused"] < 125


# What a client firewall's rules are called and where they lead comes from tables too; rules that are replaced or
# renamed cut clients off while they are.
FIREWALLS: list[dict[str, Any]] = [
    {"firewall_policy_name": "site"},
    {"network_security_group_name": "agents", "sign_in": True},
    {"network_security_group_name": "agents", "phase": "announce", "wildcard_expires": "2999-12-31"},
]


@pytest.mark.parametrize("firewall", FIREWALLS)
def test_a_client_firewalls_rules_are_never_replaced_by_a_table(
    firewall: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    uses = {"login_server": "contoso.azurecr.io", "location": "japaneast", "replicas": ["eastus", "westus"]}
    args = {"registries": {"contoso": uses}, "resource_group_name": "rg", **firewall}
    before = declared(ClientFirewall, args)
    with released({"zones_moved": {"eastus", "westus"}, "more_regions": True}):
        after = declared(ClientFirewall, args)
    assert set(after) == set(before)
    with provider(monkeypatch) as engine:
        for name, resource in after.items():
            assert not planned(engine, before[name], resource, {}).replaces, name


# States that the last release wrote, without protection, and the configuration that they were deployed with.
RECORDED = Path(__file__).parent / "states" / "0.1.0"
STATES: dict[str, dict[str, Any]] = {
    "local": {},
    "no-private-link": {
        "private-registry:network": None,
        "private-registry:profile": "no-private-link",
        "private-registry:settings": {"ipRules": ["20.37.64.8"]},
    },
    "without-zones": {
        "azure-native:location": "westus",
        "private-registry:replicas": {"ukwest": {}, "japanwest": {}},
    },
}
# What a later release may change, as a program that imports its tables before the stack's own program runs.
RELEASES = {
    "as it is": "",
    "zones everywhere": "regions.REGIONS = {n: replace(r, has_zones=True) for n, r in regions.REGIONS.items()}",
    "zones nowhere": "regions.REGIONS = {n: replace(r, has_zones=False) for n, r in regions.REGIONS.items()}",
    "other regions": (
        "regions.REGIONS = {'atlantis': regions.Region('atlantis', 'Atlantis', 'public', True)} | "
        "{n: replace(r, display_name=r.display_name + ' (moved)') for n, r in regions.REGIONS.items()}"
    ),
    "other limits": (
        "limits.RESERVED_IPS_PER_SUBNET = 6; limits.SMALLEST_SUBNET_PREFIX = 28; limits.MAX_IP_RULES = 400; "
        "limits.MAX_TAGS = 15; limits.MAX_PRIVATE_ENDPOINTS_PER_REGISTRY = 1000"
    ),
    "other hosts for signing in": (
        "names.CLOUDS = {n: replace(c, sign_in_host='sign-in.example', management_host='arm.example') "
        "for n, c in names.CLOUDS.items()}"
    ),
    "zones everywhere, and other settings": (
        "regions.REGIONS = {n: replace(r, has_zones=True) for n, r in regions.REGIONS.items()}"
    ),
}
OTHER_SETTINGS = {
    "private-registry:tags": {"environment": "later"},
    "private-registry:retainOnDelete": True,
}
LATER = """
import runpy
from dataclasses import replace
from registry_model.azure import limits, names, regions

{change}
runpy.run_path({program!r}, run_name="__main__")
"""


def release(folder: Path, change: str) -> Path:
    """The project's own program with other tables."""
    folder.mkdir()
    described = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    described["runtime"]["options"]["virtualenv"] = str(ROOT / ".venv")
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(described))
    (folder / "__main__.py").write_text(LATER.format(change=change, program=str(ROOT / "__main__.py")))
    return folder


def with_zones(config: dict[str, Any], recorded: list[dict[str, Any]]) -> dict[str, Any]:
    """The configuration that makes a cloud with the zones that the last release's table gave: Azure keeps them."""
    zones = {
        r["inputs"]["location"]: r["inputs"]["zoneRedundancy"] == "Enabled"
        for r in recorded
        if r.get("id")
        and r["type"] in ("azure-native:containerregistry:Registry", "azure-native:containerregistry:Replication")
    }
    replicas = config.get("private-registry:replicas", {})
    home = next(region for region in zones if region not in replicas)
    return {
        **config,
        "private-registry:settings": {**config.get("private-registry:settings", {}), "zoneRedundancy": zones[home]},
        "private-registry:replicas": {
            region: {**given, "zoneRedundancy": zones[region]} for region, given in replicas.items()
        },
    }


def creation(local: Rehearsal) -> str:
    """When the registry was made: another that took its place has the same id."""
    (registry,) = [i for i in local.cloud_ids() if i.lower().endswith("/registries/contoso")]
    return json.loads(local.cloud("show", registry, "--json").ok().out)["outputs"]["creationDate"]


@pytest.mark.engine
@pytest.mark.parametrize(
    ("state", "later"),
    [pytest.param(s, later, marks=pytest.mark.full) for s in STATES for later in RELEASES],
)
def test_what_the_last_release_deployed_outlives_a_change_of_the_tables(tmp_path: Path, state: str, later: str) -> None:
    config = {k: v for k, v in (stack_config("local") | STATES[state]).items() if v is not None}
    recorded = RECORDED / f"{state}.json"
    resources = json.loads(recorded.read_text())["deployment"]["resources"]
    local = Rehearsal(tmp_path / "rehearsal", config=with_zones(config, resources)).init()
    local.up().ok()  # for a cloud that has what the state says
    local.run("pulumi", "stack", "import", "--stack", "local", "--file", str(recorded)).ok()
    local.config = dict(config)
    before = {r["id"] for r in resources if r.get("id")}
    cloud, made = local.cloud_ids(), creation(local)

    local.project = release(tmp_path / "later", RELEASES[later])
    del local.config["private-registry:protect"]  # the last release had none: now the default protects
    if later.endswith("other settings"):
        local.config |= OTHER_SETTINGS
    assert set(local.steps().values()) <= {"update"}
    local.up().ok()
    assert (local.cloud_ids(), creation(local)) == (cloud, made)
    resources = local.resources()
    assert {r["id"] for r in resources if r.get("id")} == before
    (registry,) = [r for r in resources if r["type"] == "azure-native:containerregistry:Registry"]
    assert registry["protect"], "from this update on"
    local.preview("--expect-no-changes").ok()
