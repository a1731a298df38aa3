"""The guard: CrossGuard rules for container registries, and the same rules without the engine.

Import `registry_guard.engine.evaluate` to judge a `Stack`; `registry_guard.normalise` makes one from a stack export.
Importing anything here but `registry_guard.pack` does not import Pulumi.
"""
