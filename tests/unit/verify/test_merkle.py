"""Trees agree with the RFC's recursion, and no altered proof passes."""

import json
import os
from base64 import b64decode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.verify.maker import path_to, prefix_proof, root_of

from diptych_verify.errors import (
    MalformedError,
    NotIncluded,
    Rollback,
    SplitView,
    VerificationError,
)
from diptych_verify.merkle import (
    EMPTY_ROOT,
    Frontier,
    leaf_hash,
    merkle_root,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

SHARED = Path(os.environ.get("DIPTYCH_TEST_SHARED", Path(__file__).parents[4] / "shared"))
VECTORS = sorted((SHARED / "data/trust/rfc6962-vectors").glob("*/*/*.json"))
LEAVES = [leaf_hash(b"%d" % i) for i in range(70)]


def test_roots_match_the_certificate_transparency_reference() -> None:
    # The eight test inputs and roots of google/certificate-transparency.
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    leaves = [leaf_hash(bytes.fromhex(text)) for text in inputs]
    leaves.append(leaf_hash(bytes(range(0x60, 0x70))))
    assert merkle_root(leaves).hex() == (
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    )
    assert merkle_root([]) == EMPTY_ROOT


@given(st.integers(0, 69), st.integers(0, 69))
def test_frontier_appends_extends_and_restores(first: int, second: int) -> None:
    one_by_one, in_batches = Frontier(), Frontier()
    for leaf in LEAVES[: first + second][:70]:
        one_by_one.append(leaf)
    in_batches.extend(LEAVES[:first])
    in_batches = Frontier(in_batches.size, in_batches.nodes)
    in_batches.extend(LEAVES[first : first + second])
    assert one_by_one.root() == in_batches.root() == root_of(LEAVES[: first + second])
    assert one_by_one.nodes == in_batches.copy().nodes


def test_frontier_refuses_nodes_that_do_not_fit() -> None:
    with pytest.raises(MalformedError):
        Frontier(3, [bytes(32)])
    with pytest.raises(MalformedError):
        Frontier(1, [bytes(31)])
    with pytest.raises(MalformedError):
        Frontier(-1, [])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 33, 64, 70])
def test_every_leaf_is_included_and_nothing_else(size: int) -> None:
    leaves, root = LEAVES[:size], root_of(LEAVES[:size])
    for index in range(size):
        proof = path_to(index, leaves)
        verify_inclusion(leaves[index], index=index, size=size, proof=proof, root=root)
        for altered in hostile_proofs(proof, root):
            with pytest.raises(NotIncluded):
                verify_inclusion(leaves[index], index=index, size=size, proof=altered, root=root)
        for wrong in {index - 1, index + 1, index ^ 2, -1, size, 2**64 - 1}:
            with pytest.raises(NotIncluded):
                verify_inclusion(leaves[index], index=wrong, size=size, proof=proof, root=root)


def hostile_proofs(proof: list[bytes], root: bytes) -> list[list[bytes]]:
    """Mirror the hostile upstream vectors: insertions, removals, garbage, flipped bits."""
    cases = [[*proof, root], [root, *proof], [*proof, b""], [b"", *proof], [*proof, bytes(32)]]
    for position, node in enumerate(proof):
        flipped = bytes([node[0] ^ 8]) + node[1:]
        cases.append([*proof[:position], flipped, *proof[position + 1 :]])
        cases.append([*proof[:position], *proof[position + 1 :]])
        cases.append([*proof[:position], node[:31], *proof[position + 1 :]])
        cases.append([*proof[:position], node, *proof[position:]])
    return cases


@pytest.mark.parametrize("new", [1, 2, 3, 7, 8, 9, 33, 64, 70])
def test_every_prefix_is_consistent_and_nothing_else(new: int) -> None:
    leaves, root = LEAVES[:new], root_of(LEAVES[:new])
    for old in range(1, new + 1):
        head = root_of(LEAVES[:old])
        proof = prefix_proof(old, leaves)
        verify_consistency(old_size=old, old_root=head, new_size=new, new_root=root, proof=proof)
        for altered in [*hostile_proofs(proof, root), [head, *proof], [*proof, head]]:
            with pytest.raises(SplitView):
                verify_consistency(
                    old_size=old, old_root=head, new_size=new, new_root=root, proof=altered
                )
        with pytest.raises(SplitView) as caught:
            verify_consistency(
                old_size=old, old_root=bytes(32), new_size=new, new_root=root, proof=proof
            )
        assert {"old_root", "new_root", "old_size", "new_size"} <= caught.value.details.keys()


def test_a_smaller_tree_is_a_rollback_and_an_empty_one_proves_nothing() -> None:
    with pytest.raises(Rollback) as caught:
        verify_consistency(old_size=2, old_root=bytes(32), new_size=1, new_root=bytes(32), proof=[])
    assert caught.value.details["old_size"] == 2
    with pytest.raises(MalformedError):
        verify_consistency(
            old_size=0, old_root=EMPTY_ROOT, new_size=1, new_root=LEAVES[0], proof=[]
        )


def test_upstream_vectors_where_present() -> None:
    """The tests above mirror every hostile group for machines without the shared vectors."""
    assert len(VECTORS) in {0, 113}
    for path in VECTORS:
        vector = json.loads(path.read_text())
        try:
            check_vector(vector)
        except VerificationError:
            refused = True
        else:
            refused = False
        assert refused == vector["wantErr"], path


def check_vector(vector: dict[str, object]) -> None:
    def raw(name: str) -> bytes:
        return b64decode(str(vector[name]))

    def number(name: str) -> int:
        return int(str(vector[name]))

    nodes = vector["proof"]
    proof = [b64decode(node) for node in nodes] if isinstance(nodes, list) else []
    if "leafIdx" in vector:
        index, size = number("leafIdx"), number("treeSize")
        verify_inclusion(raw("leafHash"), index=index, size=size, proof=proof, root=raw("root"))
        return
    verify_consistency(
        old_size=number("size1"),
        old_root=raw("root1"),
        new_size=number("size2"),
        new_root=raw("root2"),
        proof=proof,
    )


class PerfectTree:
    """All rows of a tree of 2^height leaves, so that proofs are looked up instead of hashed."""

    def __init__(self, height: int) -> None:
        self.height, self.size = height, 1 << height
        self.rows = [[leaf_hash(i.to_bytes(4, "big")) for i in range(self.size)]]
        while len(self.rows[-1]) > 1:
            below = iter(self.rows[-1])
            self.rows.append([node_hash(one, two) for one, two in zip(below, below, strict=True)])

    def root(self, start: int, end: int) -> bytes:
        size = end - start
        if size.bit_count() == 1:
            return self.rows[size.bit_length() - 1][start // size]
        split = start + (1 << size.bit_length() - 1)
        return node_hash(self.root(start, split), self.root(split, end))

    def path(self, index: int) -> list[bytes]:
        return [self.rows[level][index >> level ^ 1] for level in range(self.height)]

    def prefix(self, old: int, start: int, end: int) -> list[bytes]:
        if old == end - start:
            return [] if start == 0 else [self.root(start, end)]
        split = (end - start) // 2 if (end - start).bit_count() == 1 else 0
        if old <= split:
            below = self.prefix(old, start, start + split)
            return [*below, self.root(start + split, end)]
        below = self.prefix(old - split, start + split, end)
        return [*below, self.root(start, start + split)]


def test_large_generated_tree() -> None:
    """2^14 leaves here; `DIPTYCH_TEST_MERKLE_LOG2=20` is the full size."""
    tree = PerfectTree(int(os.environ.get("DIPTYCH_TEST_MERKLE_LOG2", "14")))
    leaves, size, root = tree.rows[0], tree.size, merkle_root(tree.rows[0])
    assert root == tree.rows[-1][0]
    for index in range(1, size, size // 64 + 1):
        proof = tree.path(index)
        verify_inclusion(leaves[index], index=index, size=size, proof=proof, root=root)
        with pytest.raises(NotIncluded):
            verify_inclusion(leaves[index], index=index ^ 1, size=size, proof=proof, root=root)
        head, proof = tree.root(0, index), tree.prefix(index, 0, size)
        verify_consistency(old_size=index, old_root=head, new_size=size, new_root=root, proof=proof)
        with pytest.raises(SplitView):
            verify_consistency(
                old_size=index, old_root=root, new_size=size, new_root=root, proof=proof
            )
