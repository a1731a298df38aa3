"""The local Azure: strict behaviours over one SQLite file. Pure Python, no Pulumi; front ends translate to it."""

from .cloud import Cloud
from .shapes import CloudFileError, Refused, Resource, TypeInfo

__all__ = ["Cloud", "CloudFileError", "Refused", "Resource", "TypeInfo"]
