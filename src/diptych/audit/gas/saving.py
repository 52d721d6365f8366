"""What became of one rewrite at one place."""

from dataclasses import dataclass, field

from diptych.audit.fixes.edit import unified_diff
from diptych.audit.gas.measure import Measured
from diptych.audit.gas.rewrite import Rewrite
from diptych_verify.errors import JsonValue

__all__ = ["Saving"]


@dataclass(frozen=True)
class Saving:
    """One rewrite at one place: what it saves, or why it is not shown.

    Attributes:
        rewrite: what was rewritten.
        path: the file.
        line: the first line that changes.
        contract: the contract that changes.
        function: its function, empty for declarations.
        subject: what changes.
        before: the file's text.
        after: the text that the rewrite makes of it.
        root: the file that was compiled with all that it imports.
        entries: names of the functions through which the changed code runs.
        gas: what was measured; None where it was dropped.
        dropped: the reason.
    """

    rewrite: Rewrite
    path: str
    line: int
    contract: str
    function: str
    subject: str
    before: bytes = field(repr=False)
    after: bytes = field(repr=False)
    root: str = ""
    entries: tuple[str, ...] = ()
    gas: Measured | None = None
    dropped: str = ""

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        return unified_diff(self.path, self.before, self.after)

    def to_json(self) -> dict[str, JsonValue]:
        """Return the saving as plain data."""
        return {
            "rewrite": self.rewrite.id,
            "path": self.path,
            "line": self.line,
            "contract": self.contract,
            "function": self.function,
            "subject": self.subject,
            "moves_storage": self.rewrite.moves_storage,
            "note": self.rewrite.note,
            "gas": None if self.gas is None else self.gas.to_json(),
            "diff": "" if self.gas is None else self.diff,
            "dropped": self.dropped,
        }
