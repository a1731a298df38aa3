"""Deploys the registry that the stack's configuration describes; Pulumi.yaml documents every key."""

import pulumi
from private_registry import PrivateRegistry
from private_registry.stack import arguments, outputs

args = arguments(pulumi.runtime.get_config_env(), pulumi.get_project(), pulumi.get_stack())
registry = PrivateRegistry("main", args)
for name, value in outputs(registry, args).items():
    pulumi.export(name, value)
