"""The local cloud's front end for Pulumi: a resource provider that stands in for azure-native before the model.

It behaves as pulumi-azure-native 3.x does wherever a program could tell the difference: auto-naming, default
locations, what replaces a resource, what a refresh changes, what an import brings. ``docs/decisions/0020`` says from
which of its sources each behaviour was taken.
"""
