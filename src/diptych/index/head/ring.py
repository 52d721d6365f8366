"""A hash-linked ring of the newest indexed blocks. Pure but for the lookup that it is given."""

from collections import deque
from collections.abc import Callable, Iterable

from diptych.core.errors import LedgerError
from diptych.index.blocks import BlockRef

WINDOW = 256
"""Blocks that a reorganisation may take back unless told otherwise."""

Lookup = Callable[[int], BlockRef | None]
"""Returns the source's block of a height, None past its head."""


class Halted(LedgerError):
    """A reorganisation reaches further back than the window; nothing was changed."""

    code = "Index.Halted"


class NotLinked(LedgerError):
    """A source showed a block that does not follow the one before."""

    code = "Index.NotLinked"


class Ring:
    """The newest blocks of the branch that is indexed, each linked to the one before.

    Args:
        blocks: oldest first; a gap ends what is remembered before it.
        window: most blocks that are remembered.
    """

    def __init__(self, blocks: Iterable[BlockRef] = (), *, window: int = WINDOW) -> None:
        self.window = window
        self._blocks: deque[BlockRef] = deque(maxlen=window + 1)
        for block in blocks:
            if self._blocks and not _follows(self._blocks[-1], block):
                self._blocks.clear()
            self._blocks.append(block)

    @property
    def head(self) -> BlockRef | None:
        """The newest block, None before the first."""
        return self._blocks[-1] if self._blocks else None

    @property
    def blocks(self) -> list[BlockRef]:
        """What is remembered, oldest first."""
        return list(self._blocks)

    def extend(self, blocks: Iterable[BlockRef]) -> None:
        """Add blocks that follow the head.

        Raises:
            NotLinked: one does not; nothing is added.
        """
        added = list(blocks)
        before = self.head
        for block in added:
            if before is not None and not _follows(before, block):
                raise NotLinked(
                    f"got block {block.number} {_shown(block.hash)} with parent"
                    f" {_shown(block.parent_hash)}, expected it to follow block"
                    f" {before.number} {_shown(before.hash)}"
                )
            before = block
        self._blocks.extend(added)

    def jump(self, block: BlockRef) -> None:
        """Begin anew at a block that is final: what came before needs no memory."""
        self._blocks.clear()
        self._blocks.append(block)

    def fork(self, lookup: Lookup) -> BlockRef | None:
        """Return the newest block that the source's branch shares, None if nothing is to take back.

        A source that is behind and agrees with us at its head shows no fork.

        Raises:
            Halted: the branches part before everything that is remembered.
        """
        known = self.blocks
        newest = len(known) - 1
        while newest >= 0 and (theirs := lookup(known[newest].number)) is None:
            newest -= 1
        if newest < 0 or theirs is None or theirs.hash == known[newest].hash:
            return None
        shared, parted = -1, newest
        while parted - shared > 1:
            middle = (shared + parted) // 2
            theirs = lookup(known[middle].number)
            if theirs is not None and theirs.hash == known[middle].hash:
                shared = middle
            else:
                parted = middle
        if shared < 0:
            raise self._too_deep(lookup)
        return known[shared]

    def back_to(self, block: BlockRef) -> None:
        """Forget everything later than a remembered block."""
        while self._blocks and self._blocks[-1].number > block.number:
            self._blocks.pop()

    def _too_deep(self, lookup: Lookup) -> Halted:
        oldest, newest = self._blocks[0], self._blocks[-1]
        theirs = lookup(oldest.number)
        other = "no such block" if theirs is None else f"0x{theirs.hash.hex()}"
        return Halted(
            f"the source's branch parts before block {oldest.number}, further back than"
            f" {self.window} blocks: indexed 0x{oldest.hash.hex()} at block {oldest.number} up to"
            f" 0x{newest.hash.hex()} at block {newest.number}, the source has {other}",
            hint="if the source is right, index anew from the cache: diptych index replay",
        )


def _follows(before: BlockRef, block: BlockRef) -> bool:
    return block.number == before.number + 1 and block.parent_hash == before.hash


def _shown(digest: bytes) -> str:
    return f"0x{digest.hex()}"
