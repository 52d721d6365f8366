"""Tensor trees: round trips, proofs that the offline verifier checks, ancestry by overlap."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.core.errors import MalformedError
from diptych.models.errors import BadModelFile, NoSuchTensor
from diptych.models.tensors.overlap import compare_trees, compare_values
from diptych.models.tensors.tree import dump_tree, parse_tree, tensor_tree, tree_of
from diptych_verify.errors import NotIncluded
from diptych_verify.statement import TensorsClaim
from diptych_verify.tensors import TensorLeaf, verify_tensors

LEAF = st.builds(
    TensorLeaf,
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=12),
    st.sampled_from(["float32", "int64", "bfloat16"]),
    st.lists(st.integers(0, 2**40), max_size=4).map(tuple),
    st.binary(min_size=32, max_size=32),
)
LEAVES = st.lists(LEAF, min_size=1, max_size=20, unique_by=lambda leaf: leaf.name)
Values = dict[str, tuple[str, Any]]


@given(LEAVES)
def test_lists_are_read_back_and_every_leaf_is_provable(leaves: list[TensorLeaf]) -> None:
    tree = tensor_tree(leaves)
    assert parse_tree(dump_tree(tree)) == tree
    claim = TensorsClaim(tree.root, len(leaves), bytes(32))
    for leaf in leaves:
        shown = tree.show(leaf.name)
        verify_tensors([(shown.leaf, shown.index, shown.proof)], claim)
        other = TensorLeaf(leaf.name, leaf.dtype, leaf.shape, bytes(31) + b"\1")
        if other != leaf:
            with pytest.raises(NotIncluded):
                verify_tensors([(other, shown.index, shown.proof)], claim)


def test_lists_in_another_form_are_refused() -> None:
    raw = dump_tree(tensor_tree([_leaf("a"), _leaf("b")]))
    head, first, second = raw.splitlines(keepends=True)
    for changed in (head + second + first, head + first + first, raw[:-1], b"", raw + b"\n"):
        with pytest.raises(MalformedError):
            parse_tree(changed)


def test_names_are_unique_and_known() -> None:
    with pytest.raises(BadModelFile):
        tensor_tree([_leaf("a"), _leaf("a")])
    with pytest.raises(NoSuchTensor):
        tensor_tree([_leaf("a")]).show("b")


def _leaf(name: str) -> TensorLeaf:
    return TensorLeaf(name, "float32", (2,), bytes(32))


def _network(seed: int) -> Values:
    chance = np.random.default_rng(seed)
    shapes = {"one.weight": (32, 16), "one.bias": (32,), "two.weight": (8, 32), "two.bias": (8,)}
    return {
        name: ("float32", chance.normal(size=shape).astype(np.float32))
        for name, shape in shapes.items()
    }


def test_a_copy_under_other_names_is_found() -> None:
    old = _network(1)
    new = {f"renamed.{position}": tensor for position, tensor in enumerate(old.values())}
    found = compare_trees(tree_of(new), tree_of(old))
    assert (found.verdict, found.share) == ("copy", 1.0)
    assert len(found.identical) == 4


def test_a_new_head_on_an_old_body_is_a_fine_tune() -> None:
    old = _network(1)
    new = {**old, "two.weight": _network(2)["two.weight"], "two.bias": _network(2)["two.bias"]}
    found = compare_trees(tree_of(new), tree_of(old))
    assert found.verdict == "fine-tune"
    assert found.share == pytest.approx((32 * 16 + 32) / (32 * 16 + 32 + 8 * 32 + 8))
    assert set(found.identical) == {("one.weight", "one.weight"), ("one.bias", "one.bias")}


def test_training_everything_on_stays_close_and_training_anew_does_not() -> None:
    old, other = _network(1), _network(2)
    chance = np.random.default_rng(3)
    on: Values = {
        name: (dtype, (array + 0.1 * chance.normal(size=array.shape)).astype(np.float32))
        for name, (dtype, array) in old.items()
    }
    for new, verdict in ((on, "trained on"), (other, "same architecture")):
        found = compare_values(new, old, compare_trees(tree_of(new), tree_of(old)))
        assert (found.verdict, found.share) == (verdict, 0.0)


def test_zeros_and_ones_prove_nothing() -> None:
    constant: Values = {
        "zero": ("float32", np.zeros(64, dtype=np.float32)),
        "one": ("float32", np.ones(64, dtype=np.float32)),
    }
    found = compare_trees(
        tree_of({**_network(1), **constant}), tree_of({**_network(2), **constant})
    )
    assert (found.share, found.identical) == (0.0, ())


def test_big_endian_values_have_the_same_leaf() -> None:
    array = np.arange(5, dtype="<f4")
    little = tree_of({"a": ("float32", array)})
    big = tree_of({"a": ("float32", array.astype(">f4"))})
    assert little == big
