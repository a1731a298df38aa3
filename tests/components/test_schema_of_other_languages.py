"""What the compilers of C# and Java ask of the names in the schema: all that is checked, as no SDK of theirs
is generated here.

Rules from the languages' own references: C# language reference, "C# Keywords" and compiler error CS0542; Java Language
Specification 3.9 and 6.4, and the methods of java.lang.Object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.rehearsal import ROOT

SCHEMA = json.loads((ROOT / "schema/private-registry.json").read_text())
_JAVA = """
    abstract assert boolean break byte case catch char class const continue default do double else enum extends final
    finally float for goto if implements import instanceof int interface long native new package private protected
    public return short static strictfp super switch synchronized this throw throws transient try void volatile while
    true false null
"""
JAVA = _JAVA.split()
# Java's SDK has a method for each property; these would override those of java.lang.Object.
OBJECT = ("clone", "finalize", "getClass", "hashCode", "notify", "notifyAll", "toString", "wait", "equals")
# A C# property begins with a capital, so no keyword can be one; these are members of every object or resource.
MEMBERS = ("Equals", "GetHashCode", "GetType", "ToString", "MemberwiseClone", "Finalize", "Id", "Urn")


def members() -> Iterator[tuple[str, str]]:
    """Each class and each of its properties: inputs and outputs of resources, and the fields of object types."""
    for kind in ("resources", "types"):
        for token, held in SCHEMA.get(kind, {}).items():
            name = token.rpartition(":")[2]
            for part in ("inputProperties", "properties"):
                for prop in held.get(part, {}):
                    yield name, prop


MEMBERS_OF_CLASSES = sorted(set(members()))


@pytest.mark.parametrize(("owner", "name"), MEMBERS_OF_CLASSES, ids=[f"{o}.{n}" for o, n in MEMBERS_OF_CLASSES])
def test_a_property_has_a_name_in_both_languages(owner: str, name: str) -> None:
    capital = name[0].upper() + name[1:]
    assert re.fullmatch(r"[a-z][A-Za-z0-9]*", name), "neither language would keep it as it is"
    assert name not in JAVA
    assert name not in OBJECT
    assert capital not in MEMBERS
    assert capital != owner, "a C# member cannot be named as its class is (CS0542)"


def test_classes_differ_in_more_than_letter_case() -> None:
    """A Java class is a file, and file systems of Windows and macOS tell no capitals apart."""
    names = [token.rpartition(":")[2] for kind in ("resources", "types") for token in SCHEMA.get(kind, {})]
    assert len({name.lower() for name in names}) == len(names)
    assert not set(names) & {"Object", "String", "System", "Task", "Output", "Input", "Pulumi"}
