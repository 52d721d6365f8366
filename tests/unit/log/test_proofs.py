"""Roots and proofs from tiles against the verifier, at every kind of size."""

from functools import cache, partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.log.signing import SeededSigner

from diptych.provenance.log import Log
from diptych.provenance.log.edge import Edge
from diptych.provenance.log.tiles import TileTree
from diptych_verify.errors import NotIncluded, SplitView
from diptych_verify.merkle import (
    Frontier,
    leaf_hash,
    merkle_root,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [leaf_hash(str(number).encode()) for number in range(65_540)]
BOUNDARIES = (1, 2, 3, 255, 256, 257, 511, 512, 513, 65_279, 65_280, 65_281)
TILE_EDGES = (65_535, 65_536, 65_537)


class Tiles:
    """An in-memory tile store filled the way a log fills its own."""

    def __init__(self, batches: list[int]) -> None:
        self.edge = Edge()
        self.stored: dict[tuple[int, int], bytes] = {}
        for batch in batches:
            new = LEAVES[self.edge.size : self.edge.size + batch]
            if batch != 1 or self.edge.append(new[0]) is None:
                self.stored.update(self.edge.extend(new))

    def load(self, level: int, number: int, width: int) -> list[bytes]:
        body = self.stored.get((level, number))
        if body is None:
            assert level == 0
            return LEAVES[number * 256 : number * 256 + width]
        assert len(body) >= width * 32
        return [body[at : at + 32] for at in range(0, width * 32, 32)]

    def tree(self) -> TileTree:
        return TileTree(self.load, self.edge.size)


def assert_proofs(tree: TileTree, old_size: int, size: int, index: int) -> None:
    root = tree.root(size)
    proof = tree.inclusion_proof(index, size)
    verify_inclusion(LEAVES[index], index=index, size=size, proof=proof, root=root)
    with pytest.raises(NotIncluded):
        verify_inclusion(LEAVES[index + 1], index=index, size=size, proof=proof, root=root)
    verify = partial(
        verify_consistency,
        old_size=old_size,
        old_root=tree.root(old_size),
        new_size=size,
        proof=tree.consistency_proof(old_size, size),
    )
    verify(new_root=root)
    with pytest.raises(SplitView):
        verify(new_root=LEAVES[0][::-1])


@given(data=st.data(), batches=st.lists(st.integers(1, 700), min_size=1, max_size=9))
def test_roots_and_proofs_at_random_sizes(data: st.DataObject, batches: list[int]) -> None:
    tiles = Tiles(batches)
    total = tiles.edge.size
    assert tiles.edge.root() == tiles.tree().root(total) == merkle_root(LEAVES[:total])
    size = data.draw(st.integers(1, total))
    assert tiles.tree().root(size) == merkle_root(LEAVES[:size])
    assert_proofs(
        tiles.tree(),
        data.draw(st.integers(1, size)),
        size,
        data.draw(st.integers(0, size - 1)),
    )


@given(size=st.integers(1, 5_000), index=st.integers(0, 4_999), old=st.integers(1, 5_000))
def test_proofs_up_to_five_thousand(size: int, index: int, old: int) -> None:
    tiles = _five_thousand()
    assert_proofs(tiles.tree(), min(old, size), size, index % size)


@cache
def _five_thousand() -> Tiles:
    return Tiles([5_000])


@pytest.mark.parametrize("size", [*BOUNDARIES, *TILE_EDGES])
def test_tile_boundaries(size: int) -> None:
    tree = Tiles([size]).tree()
    assert tree.root(size) == merkle_root(LEAVES[:size])
    for index in {0, size // 2, size - 1}:
        assert_proofs(tree, index + 1, size, index)
    for old in (old for old in BOUNDARIES if old <= size):
        assert_proofs(tree, old, size, old - 1)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 65_535, 65_536, 65_537])
def test_edge_is_restored_from_tiles(size: int) -> None:
    tiles = Tiles([size])
    restored = Edge.load(size, tiles.load)
    assert restored.root() == tiles.edge.root()
    restored.extend(LEAVES[size : size + 2])
    assert restored.root() == merkle_root(LEAVES[: size + 2])


def test_single_leaves_give_the_root_and_leave_full_tiles_to_extend() -> None:
    edge = Edge()
    for size in range(1, 600):
        root = edge.append(LEAVES[size - 1])
        assert (root is None) == (size % 256 == 0)
        if root is None:
            assert edge.size == size - 1
            assert edge.extend([LEAVES[size - 1]])
        assert edge.root() == merkle_root(LEAVES[:size])
        assert root in (None, edge.root())


def test_frontier_nodes_restore_the_verifiers_frontier() -> None:
    tree = Tiles([777]).tree()
    assert Frontier(700, tree.frontier_nodes(700)).root() == tree.root(700)


def test_log_proofs_over_the_first_run(tmp_path: Path) -> None:
    """65,537 entries: three tile levels, a finished run of the record index, and a tail."""
    payloads = [str(number).encode() for number in range(65_537)]
    with Log.create(tmp_path / "log.sqlite", SeededSigner()) as log:
        with log.writer() as writer:
            writer.append(payloads[:65_000])
            writer.append(payloads[65_000:])
        root = log.head().root
        assert root == merkle_root(LEAVES[:65_537])
        for index in (0, 255, 256, 65_535, 65_536):
            assert log.find(LEAVES[index]) == index
            proof = log.inclusion_proof(index)
            verify_inclusion(LEAVES[index], index=index, size=65_537, proof=proof, root=root)
        old = merkle_root(LEAVES[:300])
        verify_consistency(
            old_size=300,
            old_root=old,
            new_size=65_537,
            new_root=root,
            proof=log.consistency_proof(300),
        )
        assert log.check(full=True).size == 65_537
