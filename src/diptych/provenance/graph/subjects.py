"""Finding a person or thing in sealed tables: what a finder offers to the impact query."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class SubjectHits:
    """Where a subject is.

    Attributes:
        records: log indexes of the records whose table holds rows of it.
        untold: log indexes of records of which it can no longer be told, because rows were erased.
        skipped: for each table that could not be looked into: why, one sentence.
    """

    records: tuple[int, ...] = ()
    untold: tuple[int, ...] = ()
    skipped: tuple[str, ...] = field(default=())


class SubjectFinder(Protocol):
    """Looks for a subject in the tables of one kind; it must not keep or print the name."""

    def find(self, subject: str, *, size: int) -> SubjectHits:
        """Return the records below `size` that hold rows of a subject.

        Args:
            subject: its name, as the table's subject column says it.
            size: of the log.
        """
        ...
