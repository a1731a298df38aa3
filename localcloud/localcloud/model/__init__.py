"""The local Azure: strict behaviours over one SQLite file. Pure Python, no Pulumi; front ends translate to it."""

from .cloud import Cloud
from .shapes import Refused, Resource, TypeInfo

__all__ = ["Cloud", "Refused", "Resource", "TypeInfo"]
