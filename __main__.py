"""Deploys the registry that the stack's configuration describes; Pulumi.yaml documents every key."""

import pulumi
from private_registry import stack

outputs = stack.deploy(pulumi.runtime.get_config_env(), pulumi.get_project(), pulumi.get_stack())
for name, value in outputs.items():
    pulumi.export(name, value)
