"""A registry that build agents outside reach by the Internet endpoint: those with listed addresses, and nobody else.

The guard's preset for such a registry is `no-private-link`; the others ask for a bound VPC.
"""

import pulumi
from private_registry.alibaba import EnterpriseRegistry

registry = EnterpriseRegistry(
    "main",
    {
        "instance_name": "contoso",
        "instance_type": "Basic",
        "region": "ap-northeast-1",
        "namespaces": {"apps": {"create_repositories_on_push": True}},
        # What the agents' NAT shows to the Internet.
        "internet_access": {"entries": ["203.0.113.0/28", "198.51.100.7/32"]},
        # A rehearsal is thrown away. Leave both out for a registry that is meant to stay: it is a subscription.
        "protect": False,
        "retain_on_delete": False,
    },
)
pulumi.export("loginServer", registry.login_server)
pulumi.export("allowList", registry.allow_list)
