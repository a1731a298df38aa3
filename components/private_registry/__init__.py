"""A private container registry that a platform team can trust, as Pulumi components.

Importing this package does not import Pulumi: names and reachability are used by tools that never start an engine.
"""
