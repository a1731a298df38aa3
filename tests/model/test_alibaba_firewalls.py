"""What client firewalls of Alibaba Cloud let through; each answer is written by hand from its documentation.

Security groups: alibabacloud.com/help/en/ecs/user-guide/security-group-rules. Cloud Firewall:
alibabacloud.com/help/en/cloud-firewall/cloudfirewall/user-guide/overview-of-access-control-policies, and
…/how-access-control-policies-work-1, and …/domain-name-resolution-policy. All 2026-11.
"""

from __future__ import annotations

from typing import Any

import pytest
from registry_model.reach.alibaba.model import AlibabaRegistry
from registry_model.reach.clients import default_clients
from registry_model.reach.judgement import reach
from registry_model.reach.model import Client, Operation, Verdict

from tests.model.test_alibaba_reach import (
    BOTH,
    CONNECTED,
    HOST,
    OSS_TOKYO,
    TOKYO,
    UNKNOWN,
    Row,
    instance,
    internet,
    link,
    registry,
    row,
    service,
    zone,
)

OPEN, SHUT, UNCLEAR = Verdict.ALLOWED, Verdict.BLOCKED, Verdict.CANNOT_TELL
PUBLIC = "team-registry.ap-northeast-1.cr.aliyuncs.com"
TOKEN, LAYERS = "dockerauth-ee.ap-northeast-1.aliyuncs.com", "cri-abc-registry.oss-ap-northeast-1.aliyuncs.com"
VPC_WAY, INTERNET_WAY = "VPC endpoint", "Internet endpoint"


def group(kind: str | None = None, vpc: str = "vpc-a", region: str = TOKYO) -> Row:
    given = {} if kind is None else {"securityGroupType": kind}
    return row("ecs/securityGroup:SecurityGroup", "pods", "sg-pods", region, name="pods", vpcId=vpc, **given)


def egress(block: str | None, policy: str = "accept", priority: int | None = 1, **more: Any) -> Row:
    given: dict[str, Any] = {
        "type": "egress",
        "securityGroupId": "sg-pods",
        "ipProtocol": "tcp",
        "portRange": "443/443",
        "cidrIp": block,
        "policy": policy,
        "priority": priority,
        **more,
    }
    name = f"{policy}-{priority}-{block or 'none'}-{'-'.join(map(str, more))}"
    return row(
        "ecs/securityGroupRule:SecurityGroupRule",
        name,
        f"sg-pods:egress:{name}",
        **{key: value for key, value in given.items() if value is not None},
    )


def behind(of: AlibabaRegistry) -> list[Client]:
    return [client for client in default_clients(of) if client.firewall is not None]


def verdicts(of: AlibabaRegistry, way: str) -> list[Verdict]:
    """Of the one client behind a firewall: the registry, the token service and the layers, by one endpoint."""
    [client] = behind(of)
    return [r.verdict for r in reach(of, client) if r.way == way and r.operation is Operation.PULL]


BOUND = [instance(), *BOTH, link(record=False), *zone("vpc-a", region=TOKYO)]

# The VPC endpoint answers at 10.0.0.4, the token service somewhere in 100.64.0.0/10, OSS in two ranges of Tokyo.
GROUPS: dict[str, tuple[str | None, list[Row], list[Verdict]]] = {
    "a basic group allows what no rule denies": (None, [egress("10.0.0.4/32")], [OPEN, OPEN, OPEN]),
    "a basic group may deny the service range": (None, [egress("100.64.0.0/10", "drop")], [OPEN, SHUT, SHUT]),
    "an enterprise group denies what no rule allows": ("enterprise", [egress("10.0.0.4/32")], [OPEN, SHUT, SHUT]),
    "an enterprise group with all three": (
        "enterprise",
        [egress("10.0.0.0/24"), egress("100.64.0.0/10")],
        [OPEN, OPEN, OPEN],
    ),
    "every range of OSS, and none of the token service": (
        "enterprise",
        [egress("10.0.0.0/24"), *(egress(each) for each in OSS_TOKYO)],
        [OPEN, UNCLEAR, OPEN],
    ),
    "one range of OSS of two": (
        "enterprise",
        [egress("10.0.0.0/24"), egress(OSS_TOKYO[0])],
        [OPEN, UNCLEAR, SHUT],
    ),
    "the lower number comes first": (
        None,
        [egress("10.0.0.0/8", "drop", 2), egress("10.0.0.4/32", "accept", 1)],
        [OPEN, OPEN, OPEN],
    ),
    "the lower number comes first, denying": (
        None,
        [egress("10.0.0.0/8", "accept", 2), egress("10.0.0.4/32", "drop", 1)],
        [SHUT, OPEN, OPEN],
    ),
    "of equal priority the denying one counts": (
        None,
        [egress("10.0.0.4/32", "accept", 5), egress("10.0.0.4/32", "drop", 5)],
        [SHUT, OPEN, OPEN],
    ),
    "the priority is 1 when none is given": (
        None,
        [egress("10.0.0.4/32", "accept", 2), egress("10.0.0.0/24", "drop", None)],
        [SHUT, OPEN, OPEN],
    ),
    "another port": (
        "enterprise",
        [egress("10.0.0.4/32"), egress("100.64.0.0/10", portRange="80/80")],
        [OPEN, SHUT, SHUT],
    ),
    "ports that hold 443": (
        "enterprise",
        [egress("10.0.0.4/32"), egress("100.64.0.0/10", portRange="1/65535")],
        [OPEN, OPEN, OPEN],
    ),
    "every protocol, whose ports are -1/-1": (
        "enterprise",
        [egress("10.0.0.4/32"), egress("100.64.0.0/10", ipProtocol="all", portRange="-1/-1")],
        [OPEN, OPEN, OPEN],
    ),
    "UDP": ("enterprise", [egress("10.0.0.4/32"), egress("100.64.0.0/10", ipProtocol="udp")], [OPEN, SHUT, SHUT]),
    "inbound rules": (
        "enterprise",
        [egress("10.0.0.4/32"), egress("100.64.0.0/10", type="ingress")],
        [OPEN, SHUT, SHUT],
    ),
    "IPv6 matches nothing": (
        "enterprise",
        [egress("10.0.0.4/32"), egress(None, ipv6CidrIp="::/0")],
        [OPEN, SHUT, SHUT],
    ),
    "a prefix list of somebody's": (
        "enterprise",
        [egress("10.0.0.4/32"), egress(None, prefixListId="pl-1")],
        [OPEN, UNCLEAR, UNCLEAR],
    ),
    "an action that is not known yet": (
        "enterprise",
        [egress("10.0.0.4/32"), egress("100.64.0.0/10", UNKNOWN)],
        [OPEN, UNCLEAR, UNCLEAR],
    ),
    "a type that is not known yet": (UNKNOWN, [egress("10.0.0.4/32")], [OPEN, UNCLEAR, UNCLEAR]),
}


@pytest.mark.parametrize("case", GROUPS)
def test_a_security_group(case: str) -> None:
    kind, rules, expected = GROUPS[case]
    assert verdicts(registry(*BOUND, group(kind), *rules), VPC_WAY) == expected


@pytest.mark.parametrize(
    ("block", "expected"), [("10.0.0.0/24", OPEN), ("10.0.0.4/32", UNCLEAR), ("10.0.1.0/24", SHUT)]
)
def test_while_the_address_is_not_known_the_vswitch_counts(block: str, expected: Verdict) -> None:
    rules = [egress("100.64.0.0/10"), egress(block)]
    of = registry(instance(), *BOTH, link(), group("enterprise"), *rules)
    assert verdicts(of, VPC_WAY) == [expected, OPEN, OPEN]


@pytest.mark.parametrize(
    "rules",
    [
        [egress("0.0.0.0/0")],
        [egress("0.0.0.0/0", "drop")],
        [egress("192.168.0.0/16")],
        [egress("10.0.0.4/32", portRange="22/22")],
    ],
)
def test_a_security_group_that_says_nothing_of_a_registry_is_left_out(rules: list[Row]) -> None:
    assert behind(registry(*BOUND, group("enterprise"), *rules)) == []


def test_a_denial_that_holds_the_registry_says_which_rule_decides() -> None:
    of = registry(*BOUND, group(), egress("100.64.0.0/10", "drop", description="no services"))
    [client] = behind(of)
    [told] = [r for r in reach(of, client) if r.host.startswith("dockerauth-ee-vpc") and r.operation is Operation.PULL]
    assert client.name == "client behind pods"
    assert "rule 'no services' decides" in told.reason
    assert told.fix == f"allow {told.host} on TCP 443"


def test_a_group_that_is_declared_elsewhere_may_be_of_either_type() -> None:
    of = registry(instance(), internet("203.0.113.0/28"), egress("47.0.0.0/8", "drop"))
    # Where on the internet the registry is, nobody knows beforehand.
    assert verdicts(of, INTERNET_WAY) == [UNCLEAR] * 3


# Cloud Firewall, Internet border


def policy(
    destination: str, action: str = "accept", order: int | None = None, kind: str = "domain", **more: Any
) -> Row:
    name = f"{action}-{destination}"
    given: dict[str, Any] = {
        "direction": "out",
        "aclAction": action,
        "source": "0.0.0.0/0",
        "sourceType": "net",
        "destination": destination,
        "destinationType": kind,
        "proto": "TCP",
        "applicationName": "HTTPS",
        "destPort": "443/443",
        "destPortType": "port",
        "description": name,
        **more,
    }
    made = row("cloudfirewall/controlPolicy:ControlPolicy", name, f"{name}:out", **given)
    if order is None:
        return made
    return {**made, "outputs": {**made["outputs"], "aclUuid": name}}


def place(*policies: Row) -> list[Row]:
    """Policies with the order in which they stand."""
    return [
        *policies,
        *(
            row(
                "cloudfirewall/controlPolicyOrder:ControlPolicyOrder",
                f"order-{number}",
                f"{each['inputs']['description']}:out",
                aclUuid=each["inputs"]["description"],
                direction="out",
                order=number,
            )
            for number, each in enumerate(policies, 1)
        ),
    ]


def book(kind: str, *listed: Any) -> Row:
    return row(
        "cloudfirewall/addressBook:AddressBook",
        "book",
        "book-1",
        groupName="hosts",
        groupType=kind,
        addressLists=[*listed],
    )


PORTS = {"destPortType": "group", "destPortGroup": "hosts"}
PUBLISHED = [instance(), internet("203.0.113.0/28")]
ALL = [policy(each, order=1) for each in (PUBLIC, TOKEN, LAYERS)]
REST = policy("0.0.0.0/0", "drop", 9, "net", applicationName="ANY", proto="ANY", destPort="0/0")

BORDER: dict[str, tuple[list[Row], list[Verdict]]] = {
    "what no policy matches is allowed": ([policy(PUBLIC)], [OPEN, OPEN, OPEN]),
    "a denied host": ([policy(LAYERS, "drop")], [OPEN, OPEN, SHUT]),
    "all three, then nothing": (place(*ALL, REST), [OPEN, OPEN, OPEN]),
    "two of three, then nothing": (place(*ALL[:2], REST), [OPEN, OPEN, SHUT]),
    "nothing first": (place(REST, *ALL), [SHUT, SHUT, SHUT]),
    "monitoring lets through": (place(*(policy(h, "log", 1) for h in (PUBLIC, TOKEN, LAYERS)), REST), [OPEN] * 3),
    "an order that nothing tells": ([*ALL, REST], [UNCLEAR, UNCLEAR, UNCLEAR]),
    "a wildcard": (place(policy("*.aliyuncs.com", order=1), REST), [OPEN, OPEN, OPEN]),
    "a wildcard by what it resolves to matches nothing": (
        place(ALL[0], policy("*.aliyuncs.com", order=1, domainResolveType="DNS"), REST),
        [OPEN, SHUT, SHUT],
    ),
    "another application": (place(ALL[0], policy(TOKEN, order=1, applicationName="MySQL"), REST), [OPEN, SHUT, SHUT]),
    "TLS by another name": (
        place(ALL[0], policy(TOKEN, order=1, applicationName="SSL"), REST),
        [OPEN, UNCLEAR, SHUT],
    ),
    "several applications": (
        place(ALL[0], policy(TOKEN, order=1, applicationName=None, applicationNameLists=["HTTP", "HTTPS"]), REST),
        [OPEN, OPEN, SHUT],
    ),
    "the list of applications counts, not the one": (
        place(ALL[0], policy(TOKEN, order=1, applicationName="HTTPS", applicationNameLists=["SSH"]), REST),
        [OPEN, SHUT, SHUT],
    ),
    "another port": (place(ALL[0], policy(TOKEN, order=1, destPort="80/80"), REST), [OPEN, SHUT, SHUT]),
    "another protocol": (place(ALL[0], policy(TOKEN, order=1, proto="UDP"), REST), [OPEN, SHUT, SHUT]),
    "a policy that is off": (place(*ALL[:2], policy(LAYERS, order=1, release="false"), REST), [OPEN, OPEN, SHUT]),
    "a policy for IPv6": (place(*ALL[:2], policy(LAYERS, order=1, ipVersion="6"), REST), [OPEN, OPEN, SHUT]),
    "a policy for what comes in": (place(*ALL[:2], policy(LAYERS, order=1, direction="in"), REST), [OPEN, OPEN, SHUT]),
    "a policy for a part of the day": (
        place(*ALL[:2], policy(LAYERS, order=1, repeatType="Daily"), REST),
        [OPEN, OPEN, UNCLEAR],
    ),
    "a book of domains": (
        [book("domain", PUBLIC, TOKEN, LAYERS), *place(policy("hosts", order=1, kind="group"), REST)],
        [OPEN, OPEN, OPEN],
    ),
    "a book of domains that is not known in full": (
        [book("domain", PUBLIC, TOKEN, UNKNOWN), *place(policy("hosts", order=1, kind="group"), REST)],
        [OPEN, OPEN, UNCLEAR],
    ),
    "a book that is declared elsewhere": (
        place(*ALL[:2], policy("theirs", order=1, kind="group"), REST),
        [OPEN, OPEN, UNCLEAR],
    ),
    "a part of the world": (place(*ALL[:2], policy('["ZB"]', order=1, kind="location"), REST), [OPEN, OPEN, UNCLEAR]),
    "addresses of the internet": (
        place(*ALL[:2], policy("47.0.0.0/8", order=1, kind="net"), REST),
        [OPEN, OPEN, UNCLEAR],
    ),
    "a book of ports": (
        [book("port", "80/80", "443/443"), *place(*ALL[:2], policy(LAYERS, order=1, **PORTS), REST)],
        [OPEN, OPEN, OPEN],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BORDER)
def test_cloud_firewall_at_the_internet_border(case: str) -> None:
    rows, expected = BORDER[case]
    assert verdicts(registry(*PUBLISHED, *rows), INTERNET_WAY) == expected


def test_policies_of_sources_are_for_those_clients() -> None:
    ours = [policy(each, order=1, source="203.0.113.0/28") for each in (PUBLIC, TOKEN, LAYERS)]
    of = registry(*PUBLISHED, *place(*ours, REST))
    assert [client.source for client in behind(of)] == [("203.0.113.0/28",)]
    assert verdicts(of, INTERNET_WAY) == [OPEN, OPEN, OPEN]


def test_the_internet_border_says_nothing_of_a_registry_without_an_internet_endpoint() -> None:
    assert behind(registry(*BOUND, *place(*ALL, REST))) == []
    assert behind(registry(*BOUND, *place(policy("*.aliyuncs.com", order=1), REST))) == []


# Cloud Firewall at a NAT gateway, and between VPCs


def nat(destination: str, action: str, order: int | None, kind: str = "domain") -> Row:
    made = policy(destination, action, None, kind, applicationNameLists=["ANY"], natGatewayId="ngw-a")
    given = {**made["inputs"], **({} if order is None else {"newOrder": str(order)})}
    del given["applicationName"]
    name = f"nat-{action}-{destination}"
    return row("cloudfirewall/natFirewallControlPolicy:NatFirewallControlPolicy", name, name, **given)


GATEWAY = row("vpc/natGateway:NatGateway", "nat", "ngw-a", natGatewayName="out", vpcId="vpc-a")


def test_the_firewall_of_a_nat_gateway_is_its_vpcs() -> None:
    rows = [nat("0.0.0.0/0", "drop", 9, "net"), nat(PUBLIC, "accept", 1), nat(TOKEN, "accept", 2)]
    of = registry(*PUBLISHED, *BOTH, link(record=False), *zone("vpc-a", region=TOKYO), GATEWAY, *rows)
    [client] = behind(of)
    assert (client.name, client.vnet) == ("client behind the NAT firewall of out", "vpc-a")
    assert verdicts(of, INTERNET_WAY) == [OPEN, OPEN, SHUT]
    assert verdicts(of, VPC_WAY) == [OPEN, OPEN, OPEN]  # nothing there goes out by the gateway


def test_a_policy_without_an_order_comes_last() -> None:
    rows = [nat("0.0.0.0/0", "drop", 1, "net"), nat(PUBLIC, "accept", -1)]
    of = registry(*PUBLISHED, *BOTH, GATEWAY, *rows)
    assert verdicts(of, INTERNET_WAY) == [SHUT, SHUT, SHUT]


def between(destination: str, action: str, order: int, kind: str = "net") -> Row:
    made = policy(destination, action, None, kind, vpcFirewallId="cen-1")
    name, token = f"vpc-{action}-{destination}", "FirewallVpcFirewallControlPolicy"
    given = {**made["inputs"], "order": order}
    del given["direction"]
    return row(f"cloudfirewall/{token[0].lower()}{token[1:]}:{token}", name, name, **given)


SHARED = [instance(), *BOTH, link(record=False), *CONNECTED, *zone("vpc-b")]
SERVED = [
    service(f"dockerauth-ee-vpc.{TOKYO}.aliyuncs.com"),
    service(f"cri-abc-registry.oss-{TOKYO}-internal.aliyuncs.com", "oss"),
]

ALL_ELSE = between("0.0.0.0/0", "drop", 9)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([between("10.0.0.4/32", "accept", 1)], [OPEN, OPEN, OPEN]),
        ([between("10.0.0.4/32", "drop", 1)], [SHUT, OPEN, OPEN]),
        ([between("10.0.0.4/32", "accept", 1), ALL_ELSE], [OPEN, SHUT, SHUT]),
        ([between(HOST, "accept", 1, "domain"), ALL_ELSE], [OPEN, SHUT, SHUT]),
        ([between("10.0.0.4/32", "accept", 1), between("100.64.0.0/10", "accept", 2), ALL_ELSE], [OPEN] * 3),
    ],
)  # fmt: skip
def test_a_firewall_between_vpcs(rows: list[Row], expected: list[Verdict]) -> None:
    of = registry(*SHARED, *SERVED, *rows)
    [client] = behind(of)
    assert client.vnet == "vpc-b"  # the bound VPC's own clients pass no other VPC
    assert verdicts(of, VPC_WAY) == expected


def test_a_firewall_between_vpcs_sees_nothing_that_goes_to_the_internet() -> None:
    rows = [between(PUBLIC, "drop", 1, "domain"), between(HOST, "drop", 2, "domain")]
    of = registry(*SHARED, internet("203.0.113.0/28"), *rows)
    assert verdicts(of, INTERNET_WAY) == [OPEN, OPEN, OPEN]
    assert verdicts(of, VPC_WAY)[0] is SHUT


def test_a_vpc_of_the_registrys_region_reaches_the_services_by_itself() -> None:
    near = [vpc_row for vpc_row in BOTH if vpc_row["id"] != "vpc-b"]
    other = row("vpc/network:Network", "b", "vpc-b", TOKYO, vpcName="b", cidrBlock="10.1.0.0/16")
    attached = [
        each if each["id"] != "tr-attach-b" else {**each, "provider": near[0]["provider"]} for each in CONNECTED
    ]
    rows = [between("10.0.0.4/32", "accept", 1), between("0.0.0.0/0", "drop", 2)]
    of = registry(instance(), *near, other, link(record=False), *attached, *zone("vpc-b", region=TOKYO), *rows)
    assert verdicts(of, VPC_WAY) == [OPEN, OPEN, OPEN]


def test_a_name_that_is_not_known_yet_is_no_refusal() -> None:
    fresh = {**instance(), "id": "", "outputs": {}}
    listening = {**internet("203.0.113.0/28")}
    listening["inputs"] = {**listening["inputs"], "instanceId": UNKNOWN}
    listening["propertyDependencies"] = {"instanceId": [fresh["urn"]]}
    of = registry(fresh, {**listening, "id": "", "outputs": {}}, *place(*ALL, REST))
    assert of.internet_storage == "*.oss-ap-northeast-1.aliyuncs.com"
    assert verdicts(of, INTERNET_WAY) == [OPEN, OPEN, UNCLEAR]
