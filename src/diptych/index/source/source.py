"""The Protocol of sources; a source must pass `diptych.index.source.checks.check_source`."""

from typing import NamedTuple, Protocol

from diptych.core.errors import LedgerError, UsageError
from diptych.index.blocks import BlockRef, Chunk, Span, Wanted


class BranchChanged(LedgerError):
    """While a span was fetched, its blocks were replaced; fetch it again."""

    code = "Index.BranchChanged"


class NotOffered(LedgerError):
    """The source does not have what was asked for."""

    code = "Index.NotOffered"


class WrongFiles(UsageError):
    """The files that were named make no source, or stand where others should be written."""

    code = "Index.WrongFiles"


class MalformedFile(LedgerError):
    """A file of recorded blocks is damaged, cut short or of another kind."""

    code = "Index.MalformedFile"


class Identity(NamedTuple):
    """Which chain a source shows.

    Attributes:
        chain_id: EIP-155; None for files that do not say.
        genesis_hash: hash of the first block that the source has, 32 bytes.
        first: number of the first block that the source has.
        name: for people; secrets of URLs masked.
    """

    chain_id: int | None
    genesis_hash: bytes
    first: int
    name: str


class Source(Protocol):
    """Blocks of one chain. All methods may raise `LedgerError`; none returns a guess."""

    def identity(self) -> Identity:
        """Return which chain this is."""
        ...

    def head(self) -> BlockRef:
        """Return the newest block there is."""
        ...

    def header(self, number: int) -> BlockRef | None:
        """Return the canonical block of a height, None past the head."""
        ...

    def fetch(self, span: Span, wanted: Wanted) -> Chunk:
        """Return what is wanted of a span, all of one branch.

        A cache without its source may end at another block than asked for; `Chunk.span` says so.

        Raises:
            BranchChanged: its blocks were replaced meanwhile.
            ProofMismatch: with `wanted.verified`, what was told does not hash to the headers.
            NotOffered: traces or others that the source does not have, or blocks past its head.
        """
        ...

    def wait(self, timeout_s: float) -> None:
        """Return when a new head was announced, at the latest after `timeout_s`."""
        ...
