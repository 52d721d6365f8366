"""What the readers of one Vyper file share: its bytes, and what they could not read."""

from collections.abc import Mapping

from diptych.audit.syntax.unit import Problem

__all__ = ["MAX_DEPTH", "MAX_OPEN", "Source"]

MAX_DEPTH = 96
MAX_OPEN = 96
_MAX_PROBLEMS = 1000


class Source:
    """One file while it is read.

    Attributes:
        data: the file's bytes.
        calls: where `extcall` and `staticcall` stood, by offset; Python reads them as `await`.
        hexes: where hex strings start, `x"00ff"`; Python reads them as bytes.
        fields: the names after `self.` that are not called, with where they stand first.
    """

    def __init__(self, data: bytes, calls: Mapping[int, str], hexes: frozenset[int]) -> None:
        self.data = data
        self.calls = calls
        self.hexes = hexes
        self.fields: dict[str, tuple[int, int]] = {}
        self.problems: list[Problem] = []
        self.depth = 0
        self.blocks = 0  # blocks and alternatives that are open round a statement

    def text(self, start: int, end: int) -> str:
        """Return the source text between two offsets."""
        return self.data[start:end].decode("utf-8", "replace")

    def problem(self, start: int, end: int, reason: str) -> None:
        """Note that a stretch could not be read."""
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(Problem(start, end, reason))
