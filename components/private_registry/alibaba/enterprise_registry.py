"""An Enterprise Edition registry, with its namespaces, bound VPCs, Internet endpoint and sync rules."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi.runtime.rpc import contains_unknowns
from pulumi_alicloud import cr, cs, vpc
from registry_model.alibaba import editions, names
from registry_model.alibaba.names import Way
from registry_model.azure.names import HTTPS

from ..arguments import accept
from ..hooks import stop
from ..outputs import dependencies, known_or, mapped
from ..problems import Problem
from .changes import without_effect
from .checks import check_enterprise_registry


class EnterpriseSettingsArgs(TypedDict):
    """What is bought with the instance. It can be chosen only then: a later change of any of these settings is refused,
    because the provider would report an update and do nothing. Changing the renewal replaces the instance."""

    period_months: NotRequired[int]
    """Length of the first subscription in months: 1, 2, 3, 6, 12, 24, 36, 48 or 60. Default: 1."""

    renewal_months: NotRequired[int]
    """By how many months the subscription renews itself. 0: it does not, and ends with all images. Default: the same as
    `period_months`."""

    image_scanner: NotRequired[str]
    """"ACR" (Trivy), "SAS" (Security Center) or "DISABLE". Default: the service's own, which is Trivy."""

    custom_oss_bucket: NotRequired[pulumi.Input[str]]
    """Name of a bucket of yours for the layers, in the same region. Default: the service makes one."""

    namespace_quota: NotRequired[int]
    """Further namespaces to buy, a multiple of 5. Default: none."""

    repository_quota: NotRequired[int]
    """Further repositories to buy, a multiple of 1000. Default: none."""

    vpc_quota: NotRequired[int]
    """Further VPC links to buy, up to 100. Default: none."""

    resource_group_id: NotRequired[pulumi.Input[str]]
    """Resource group of the instance (rg-…). It can be changed. Default: the account's default group."""


class EnterpriseRepositoryArgs(TypedDict):
    """One repository; its name is its key. It is private: who pulls signs in."""

    summary: NotRequired[pulumi.Input[str]]
    """What it holds, 1 to 100 characters. Default: its name."""

    detail: NotRequired[pulumi.Input[str]]
    """A description in Markdown, up to 2000 characters. Default: none."""

    tags_immutable: NotRequired[pulumi.Input[bool]]
    """Refuse pushes of a tag that exists. Default: false."""


class EnterpriseNamespaceArgs(TypedDict):
    """One namespace; its name is its key. What is pushed into it is private."""

    create_repositories_on_push: NotRequired[pulumi.Input[bool]]
    """Let a push create its repository. Default: false, only declared repositories."""

    repositories: NotRequired[Mapping[str, EnterpriseRepositoryArgs]]
    """Repositories by name. Default: none."""


class VpcLinkArgs(TypedDict):
    """A VPC of the instance's account and region whose clients reach the VPC endpoint, at an address in a vSwitch: one
    that exists (`vpc_id` and `vswitch_id`), or one to create (`vpc_cidr_block`, `vswitch_cidr_block` and `zone_id`)."""

    vpc_id: NotRequired[pulumi.Input[str]]
    """Id of a VPC that exists (vpc-…). It can be bound once. Default: a VPC is created."""

    vswitch_id: NotRequired[pulumi.Input[str]]
    """The vSwitch (vsw-…) of that VPC in which the endpoint takes one address. Needed with `vpc_id`. Default: a vSwitch
    is created."""

    vpc_cidr_block: NotRequired[pulumi.Input[str]]
    """IPv4 range of the VPC to create, in CIDR form, such as 10.4.0.0/16. Default: none is created."""

    vswitch_cidr_block: NotRequired[pulumi.Input[str]]
    """IPv4 range of the vSwitch to create, such as 10.4.0.0/24. Needed with `vpc_cidr_block`. Default: none."""

    zone_id: NotRequired[pulumi.Input[str]]
    """Zone of the vSwitch to create, such as "ap-northeast-1a". Needed with `vpc_cidr_block`. Default: none."""

    create_dns_record: NotRequired[bool]
    """Let the service make the private zone by which clients of this VPC find that address. With false the name has to
    be kept elsewhere. Default: true."""


class InternetAccessArgs(TypedDict):
    """The Internet endpoint, for listed addresses only."""

    entries: pulumi.Input[Sequence[pulumi.Input[str]]]
    """Public IPv4 addresses or CIDR ranges that may reach the endpoint, /24 or narrower each, at least one: without an
    entry the endpoint is open to everybody."""

    allow_wide_entries: NotRequired[bool]
    """Accept entries wider than /24. Default: false."""


class SyncRuleArgs(TypedDict):
    """Copies images to an instance in another region, as they are pushed."""

    namespace: str
    """The namespace whose images are copied, one of `namespaces`."""

    target_region: str
    """Region of the instance that gets them, such as "ap-southeast-1"."""

    target_instance_id: pulumi.Input[str]
    """Id of that instance (cri-…)."""

    target_namespace: pulumi.Input[str]
    """Its namespace, which must exist."""

    repository: NotRequired[pulumi.Input[str]]
    """Copy this repository only. Default: the whole namespace."""

    target_repository: NotRequired[pulumi.Input[str]]
    """The repository that gets its images, needed beside `repository`. Default: none."""

    tag_filter: NotRequired[pulumi.Input[str]]
    """Regular expression of the tags to copy. Default: ".*"."""

    target_account_id: NotRequired[pulumi.Input[str]]
    """Account that the target instance belongs to. Default: this account."""


class EnterpriseRegistryArgs(TypedDict):
    """What an Enterprise Edition registry is made of."""

    instance_name: pulumi.Input[str]
    """The instance's name, 3 to 30 lower-case letters, digits and hyphens, unique in its region. It is the first word
    of every host."""

    instance_type: str
    """"Economy", "Basic", "Standard" or "Advanced"; the international site sells Basic and Advanced. Personal Edition
    is refused: it cannot be private."""

    region: str
    """The region, such as "ap-northeast-1". It must be the provider's (alicloud:region)."""

    settings: NotRequired[EnterpriseSettingsArgs]
    """What is bought with the instance. Default: every default."""

    namespaces: NotRequired[Mapping[str, EnterpriseNamespaceArgs]]
    """Namespaces by name. Default: none."""

    vpc_links: NotRequired[Mapping[str, VpcLinkArgs]]
    """VPCs whose clients reach the VPC endpoint, by a name of your choice for each. Default: none, nobody does."""

    internet_access: NotRequired[InternetAccessArgs]
    """Who reaches the Internet endpoint. Default: none, it is off."""

    sync_rules: NotRequired[Mapping[str, SyncRuleArgs]]
    """Rules that copy images to other regions, by name. Default: none."""

    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags of the instance. At most 20, name and value up to 128 characters. Default: none."""

    protect: NotRequired[bool]
    """Refuse to delete or replace the instance through Pulumi: it is a subscription, and its images go with it. To
    delete it, set false, update, then delete. Default: true."""

    retain_on_delete: NotRequired[bool]
    """Leave the instance, its namespaces, repositories and images in Alibaba Cloud when Pulumi deletes them.
    Default: true."""


class EnterpriseRegistry(pulumi.ComponentResource):
    """A Container Registry Enterprise Edition instance, closed to the Internet unless it is told otherwise, and open to
    bound VPCs only.

    Children: `{name}-instance` (alicloud:cr/registryEnterpriseInstance), `{name}-internet`
    (alicloud:cr/internetEndpoint), and for each entry `{name}-link-{key}` (alicloud:cr/vpcEndpointLinkedVpc), with
    `{name}-vpc-{key}` and `{name}-vswitch-{key}` (alicloud:vpc) where they are created,
    `{name}-namespace-{namespace}`, `{name}-repository-{namespace}-{repository}` and `{name}-sync-{rule}`
    (alicloud:cs/registryEnterprise…). Wrong arguments raise one error that lists every problem before anything is
    registered. A change that the provider would ignore fails the preview.
    """

    registry_id: pulumi.Output[str]
    """The instance's id (cri-…)."""

    registry_name: pulumi.Output[str]
    """The instance's name."""

    login_server: pulumi.Output[str]
    """Host for sign-in, manifests and pushes: the VPC endpoint's (team-registry-vpc.ap-northeast-1.cr.aliyuncs.com);
    without bound VPCs the Internet endpoint's."""

    login_servers: pulumi.Output[dict[str, str]]
    """Both hosts by endpoint, whether it is on or not: {"vpc": "team-registry-vpc…", "internet": "team-registry…"}."""

    bucket: pulumi.Output[str]
    """Name of the bucket in OSS that has the layers."""

    data_endpoints: pulumi.Output[dict[str, str]]
    """Hosts that serve layers to clients of the login server, by region:
    {"ap-northeast-1": "cri-…-registry.oss-ap-northeast-1-internal.aliyuncs.com"}."""

    endpoints_json: pulumi.Output[str]
    """Login server and data endpoints as JSON: {"loginServer": …, "dataEndpoints": [{"region": …, "endpoint": …}]}."""

    allow_list: pulumi.Output[list[str]]
    """What client firewalls must allow for pushes and pulls: login server, token service and data endpoint, each with
    its port."""

    sign_in_hosts: pulumi.Output[list[str]]
    """The token service, which all customers of the region share: a pull asks it first."""

    regions: pulumi.Output[list[str]]
    """The region."""

    vpc_ids: pulumi.Output[dict[str, str]]
    """Bound VPCs by the link's name."""

    private_ips: pulumi.Output[dict[str, str]]
    """The VPC endpoint's private IPv4 address in each bound VPC, by the link's name. Empty without bound VPCs."""

    def __init__(self, name: str, args: EnterpriseRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        given = accept(
            f"EnterpriseRegistry '{name}'",
            args,
            EnterpriseRegistryArgs,
            lambda values: check_enterprise_registry(values) + _check_provider(values, opts),
        )
        super().__init__("private-registry:index:EnterpriseRegistry", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        links, access = given.get("vpc_links", {}), given.get("internet_access")

        instance = cr.RegistryEnterpriseInstance(
            f"{name}-instance",
            instance_name=given["instance_name"],
            instance_type=given["instance_type"],
            payment_type=editions.PAYMENT_TYPE,
            tags=given.get("tags"),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=dependencies(opts),
                protect=given.get("protect", True) or None,
                retain_on_delete=given.get("retain_on_delete", True) or None,
                hooks=pulumi.ResourceHookBinding(before_update=[_refusing_what_does_nothing(self)]),
            ),
            **_settings(given.get("settings", {})),
        )
        self._declare_images(name, given, instance)
        if access is not None:
            cr.InternetEndpoint(
                f"{name}-internet",
                instance_id=instance.id,
                entries=mapped(access["entries"], lambda entries: [{"entry": entry} for entry in entries]),
                opts=child,
            )
        self.links = {
            key: cr.VpcEndpointLinkedVpc(
                f"{name}-link-{key}",
                instance_id=instance.id,
                **self._place(name, key, given, link),
                module_name=editions.IMAGES,
                enable_create_dns_record_in_pvzt=link.get("create_dns_record", True),
                opts=child,
            )
            for key, link in sorted(links.items())
        }

        way = Way.VPC if links else Way.INTERNET
        self._show(instance, given, way)
        self.private_ips = pulumi.Output.all(**{key: self._address(instance, link) for key, link in self.links.items()})
        self.vpc_ids = pulumi.Output.all(**{key: link.vpc_id for key, link in self.links.items()})
        self.register_outputs(
            {
                "registryId": self.registry_id,
                "registryName": self.registry_name,
                "loginServer": self.login_server,
                "loginServers": self.login_servers,
                "bucket": self.bucket,
                "dataEndpoints": self.data_endpoints,
                "endpointsJson": self.endpoints_json,
                "allowList": self.allow_list,
                "signInHosts": self.sign_in_hosts,
                "regions": self.regions,
                "vpcIds": self.vpc_ids,
                "privateIps": self.private_ips,
            }
        )

    def _place(self, name: str, key: str, given: dict[str, Any], link: dict[str, Any]) -> dict[str, Any]:
        """The VPC and vSwitch of a link, created where they are not given."""
        if "vpc_id" in link:
            return {"vpc_id": link["vpc_id"], "vswitch_id": link["vswitch_id"]}
        child = pulumi.ResourceOptions(parent=self)
        called = mapped(given["instance_name"], lambda instance: f"{instance}-{key}")
        network = vpc.Network(
            f"{name}-vpc-{key}", vpc_name=called, cidr_block=link["vpc_cidr_block"], tags=given.get("tags"), opts=child
        )
        vswitch = vpc.Switch(
            f"{name}-vswitch-{key}",
            vswitch_name=called,
            vpc_id=network.id,
            cidr_block=link["vswitch_cidr_block"],
            zone_id=link["zone_id"],
            tags=given.get("tags"),
            opts=child,
        )
        return {"vpc_id": network.id, "vswitch_id": vswitch.id}

    def _declare_images(self, name: str, given: dict[str, Any], instance: cr.RegistryEnterpriseInstance) -> None:
        # What is kept is kept with its images: they are in the repositories.
        kept = pulumi.ResourceOptions(parent=self, retain_on_delete=given.get("retain_on_delete", True) or None)
        spaces: dict[str, cs.RegistryEnterpriseNamespace] = {}
        repositories: list[pulumi.Resource] = []
        for space, settings in sorted(given.get("namespaces", {}).items()):
            spaces[space] = cs.RegistryEnterpriseNamespace(
                f"{name}-namespace-{space}",
                instance_id=instance.id,
                name=space,
                auto_create=settings.get("create_repositories_on_push", False),
                default_visibility=editions.PRIVATE,
                opts=kept,
            )
            repositories += [
                cs.RegistryEnterpriseRepo(
                    f"{name}-repository-{space}-{repository}",
                    instance_id=instance.id,
                    namespace=spaces[space].name,
                    name=repository,
                    repo_type=editions.PRIVATE,
                    summary=values.get("summary", repository),
                    detail=values.get("detail"),
                    tag_immutability=values.get("tags_immutable", False),
                    opts=kept,
                )
                for repository, values in sorted(settings.get("repositories", {}).items())
            ]
        for rule, values in sorted(given.get("sync_rules", {}).items()):
            cs.RegistryEnterpriseSyncRule(
                f"{name}-sync-{rule}",
                instance_id=instance.id,
                namespace_name=spaces[values["namespace"]].name,
                repo_name=values.get("repository"),
                sync_rule_name=rule,
                sync_scope="REPO" if "repository" in values else "NAMESPACE",
                tag_filter=values.get("tag_filter", ".*"),
                target_region_id=values["target_region"],
                target_instance_id=values["target_instance_id"],
                target_namespace_name=values["target_namespace"],
                target_repo_name=values.get("target_repository"),
                target_user_id=values.get("target_account_id"),
                opts=pulumi.ResourceOptions(parent=self, depends_on=repositories),
            )

    def _show(self, instance: cr.RegistryEnterpriseInstance, given: dict[str, Any], way: Way) -> None:
        """The hosts: the instance's own once it is there, and before that what they are going to be."""
        region = given["region"]
        foreseen = pulumi.Output.from_input(given["instance_name"]).apply(
            lambda name: {_WAYS[each]: names.registry_host(name, region, each) for each in Way}
        )
        bucket = given.get("settings", {}).get("custom_oss_bucket")
        stored = pulumi.Output.from_input(bucket) if bucket is not None else instance.id.apply(names.bucket_of)
        token = names.token_host(region, way)
        self.bucket = stored
        self.registry_id = instance.id
        self.registry_name = instance.instance_name
        self.login_servers = known_or(instance.instance_endpoints.apply(_hosts), foreseen)
        self.login_server = self.login_servers.apply(lambda hosts: hosts[_WAYS[way]])
        self.data_endpoints = stored.apply(lambda found: {region: names.storage_host(found, region, way)})
        shown = pulumi.Output.all(self.login_server, self.data_endpoints)
        self.endpoints_json = pulumi.Output.json_dumps(shown.apply(lambda found: _as_shown(*found)))
        self.allow_list = shown.apply(
            lambda found: [f"{host}:{HTTPS}" for host in (found[0], token, *found[1].values())]
        )
        self.sign_in_hosts = pulumi.Output.from_input([token])
        self.regions = pulumi.Output.from_input([region])

    def _address(self, instance: cr.RegistryEnterpriseInstance, link: cr.VpcEndpointLinkedVpc) -> pulumi.Output[str]:
        """The address that the endpoint took; the link itself does not tell."""
        found = cr.get_vpc_endpoint_linked_vpcs_output(
            ids=pulumi.Output.all(link.id),
            instance_id=instance.id,
            module_name=editions.IMAGES,
            opts=pulumi.InvokeOutputOptions(parent=self),
        )
        return found.apply(lambda answer: answer.vpc_endpoint_linked_vpcs[0].ip)


_WAYS = {Way.VPC: editions.VPC, Way.INTERNET: editions.INTERNET}


def _check_provider(args: Mapping[str, Any], opts: pulumi.ResourceOptions | None) -> list[Problem]:
    """Whether the region is the one of the stack's own provider; of one that the caller gives it cannot be asked."""
    configured = pulumi.Config("alicloud").get("region")
    own = opts is not None and (opts.provider is not None or opts.providers)
    if own or not configured or args.get("region") in (None, configured):
        return []
    rule = f"is not the provider's region, where the instance would be bought: alicloud:region is '{configured}'"
    return [Problem("region", args["region"], rule, f"use '{configured}', or give a provider of that region")]


def _settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    period = settings.get("period_months", 1)
    renewal = settings.get("renewal_months", period)
    inputs: dict[str, Any] = {
        "period": period,
        "renewal_status": editions.AUTO_RENEWAL if renewal else editions.MANUAL_RENEWAL,
        "renew_period": renewal or None,
        "image_scanner": settings.get("image_scanner"),
        "namespace_quota": settings.get("namespace_quota"),
        "repo_quota": settings.get("repository_quota"),
        "vpc_quota": settings.get("vpc_quota"),
        "resource_group_id": settings.get("resource_group_id"),
    }
    if "custom_oss_bucket" in settings:
        # Without the second of them the first is ignored.
        inputs |= {"custom_oss_bucket": settings["custom_oss_bucket"], "default_oss_bucket": "false"}
    return inputs


def _refusing_what_does_nothing(owner: pulumi.Resource) -> pulumi.ResourceHook:
    async def judge(args: pulumi.ResourceHookArgs) -> list[Problem]:
        old, new = [await _plain(inputs) for inputs in (args.old_inputs, args.new_inputs)]
        return without_effect(old, new, contains_unknowns)

    return stop(owner, "keeps its instance", "instance", judge)


async def _plain(inputs: Mapping[str, Any] | None) -> dict[str, Any]:
    """Inputs as a hook is told them, secrets opened."""
    return {k: await v.future() if isinstance(v, pulumi.Output) else v for k, v in (inputs or {}).items()}


def _hosts(endpoints: Sequence[Any]) -> dict[str, str]:
    """The service's own host of each endpoint, which a customer's domain may stand beside."""
    found: dict[str, str] = {}
    for endpoint in endpoints:
        for domain in endpoint.domains or []:
            if domain.type == editions.SYSTEM_DOMAIN:
                found.setdefault(str(endpoint.endpoint_type).lower(), domain.domain)
    return found


def _as_shown(login_server: str, data_endpoints: Mapping[str, str]) -> dict[str, Any]:
    listed = [{"region": region, "endpoint": host} for region, host in data_endpoints.items()]
    return {"loginServer": login_server, "dataEndpoints": listed}
