"""What the graph is made of: W3C PROV types for kinds, and what each relation means for a walk.

Source: https://www.w3.org/TR/prov-dm/. Edges point back, from what is new to what was there.
"""

from enum import StrEnum
from typing import Final

from diptych_verify.lineage import ANCESTRY


class NodeType(StrEnum):
    """A thing, something that happened, or somebody who answers for it."""

    ENTITY = "entity"
    ACTIVITY = "activity"
    AGENT = "agent"


class Direction(StrEnum):
    """`up` to where something comes from, `down` to what came of it."""

    UP = "up"
    DOWN = "down"
    BOTH = "both"


ACTIVITIES: Final = frozenset(
    {"run", "usage", "share", "access", "erased", "approval", "revocation", "alias"}
)
"""Kinds that say that something took place; every other kind, known or not, is an entity."""

FLOW: Final = ANCESTRY
"""Relations along which content flows: a walk follows them."""

ATTRIBUTED: Final = "attributedTo"
CONTEXT: Final = frozenset({"licensedUnder", "permittedBy", "checkedBy", ATTRIBUTED})
"""Relations whose other end is shown but not followed: terms, checks and agents, not content."""

VERSIONS: Final = frozenset({"supersedes"})
"""Between versions of one thing; followed only when asked for."""

ENDINGS: Final = frozenset({"revokes", "erased"})
"""Relations that end something; they give a node its state."""

TESTED: Final = "testedOn"
UNREADABLE: Final = ""
"""Kind of an entry that is no statement."""


def type_of(kind: str) -> NodeType:
    """Return the PROV type of a kind of record.

    >>> type_of("run").value, type_of("dataset").value
    ('activity', 'entity')
    """
    return NodeType.ACTIVITY if kind in ACTIVITIES else NodeType.ENTITY
