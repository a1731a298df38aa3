"""Deploys the registry that the stack's configuration describes; Pulumi.yaml documents every key."""

import pulumi
from private_registry.azure import PrivateRegistry
from private_registry.stack import arguments, outputs

config = pulumi.runtime.get_config_env()
registry = PrivateRegistry("main", arguments(config, pulumi.get_project(), pulumi.get_stack()))
for name, value in outputs(registry).items():
    pulumi.export(name, value)
