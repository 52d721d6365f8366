"""A fix as reports show it: which stretches of which files become what."""

from dataclasses import dataclass
from typing import NamedTuple

from diptych_verify.errors import JsonValue

__all__ = ["Patch", "Replacement"]


class Replacement(NamedTuple):
    """One stretch of a file and what it becomes; lines and columns count from 1."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True)
class Patch:
    """A fix that was checked.

    Attributes:
        description: what it does, in one line.
        diff: unified diff.
        replacements: the same, as stretches.
    """

    description: str
    diff: str
    replacements: tuple[Replacement, ...] = ()

    def to_json(self) -> dict[str, JsonValue]:
        """Return the fix as plain data."""
        return {"description": self.description, "diff": self.diff}
