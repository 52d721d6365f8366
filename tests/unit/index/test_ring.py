"""The ring finds where branches part, and refuses to go on past its window."""

import pytest

from diptych.index.blocks import BlockRef
from diptych.index.head.ring import Halted, Lookup, NotLinked, Ring


def branch(
    length: int, *, start: int = 0, salt: str = "a", parent: bytes = bytes(32)
) -> list[BlockRef]:
    """Return linked blocks."""
    blocks = []
    for number in range(start, start + length):
        digest = f"{salt}{number}".encode().ljust(32, b".")
        blocks.append(BlockRef(number, digest, parent, number * 12))
        parent = digest
    return blocks


def lookup(blocks: list[BlockRef]) -> Lookup:
    by_number = {one.number: one for one in blocks}
    return by_number.get


@pytest.mark.parametrize("depth", [1, 2, 3, 7, 64, 255, 256])
def test_every_depth_within_the_window_is_found(depth: int) -> None:
    ours = branch(300)
    shared = ours[: 300 - depth]
    theirs = shared + branch(depth + 1, start=300 - depth, salt="b", parent=shared[-1].hash)
    assert Ring(ours, window=256).fork(lookup(theirs)) == shared[-1]


def test_past_the_window_it_halts_and_names_both_branches() -> None:
    ours = branch(300)
    theirs = ours[:43] + branch(300, start=43, salt="b", parent=ours[42].hash)
    with pytest.raises(Halted) as caught:
        Ring(ours, window=256).fork(lookup(theirs))
    assert ours[-1].hash.hex() in caught.value.message
    assert theirs[43].hash.hex() in caught.value.message


def test_a_source_that_is_behind_is_no_fork() -> None:
    ours = branch(20)
    assert Ring(ours).fork(lookup(ours[:12])) is None
    assert Ring(ours).fork(lookup(ours)) is None
    assert Ring().fork(lookup(ours)) is None


def test_a_shorter_branch_that_differs_is_a_fork() -> None:
    ours = branch(20)
    theirs = ours[:10] + branch(3, start=10, salt="b", parent=ours[9].hash)
    assert Ring(ours).fork(lookup(theirs)) == ours[9]


def test_blocks_must_follow_each_other() -> None:
    ring = Ring(branch(5))
    with pytest.raises(NotLinked):
        ring.extend(branch(1, start=5, parent=b"x" * 32))
    with pytest.raises(NotLinked):
        ring.extend(branch(1, start=7, parent=branch(5)[-1].hash))
    assert ring.head == branch(5)[-1]
    ring.extend(branch(7)[5:])
    assert ring.head == branch(7)[-1]
    ring.back_to(branch(3)[-1])
    assert ring.blocks == branch(3)


def test_a_gap_ends_the_memory() -> None:
    blocks = branch(10)
    assert Ring(blocks[:3] + blocks[5:]).blocks == blocks[5:]
