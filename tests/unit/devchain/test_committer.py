"""From transactions to durable blocks: outcomes, order, and what a failing disk leaves behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.devchain.fake_node import PER_BLOCK, FakeNode, restored, transaction, tx_hash

from diptych.ledger.devchain.committer import Committer
from diptych.ledger.devchain.errors import Diverged, NodeFailed, NodeRefused, TransactionDropped
from diptych.ledger.devchain.genesis import new_spec
from diptych.ledger.devchain.store import BlockStore, StoredBlock

SPEC = new_spec([], clock=lambda: 1_700_000_000.0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[BlockStore]:
    made = BlockStore.create(tmp_path / "blocks.sqlite", SPEC)
    yield made
    made.close()


@pytest.fixture
def committer(store: BlockStore, tmp_path: Path) -> Iterator[Committer]:
    made = Committer(store, restored(store, tmp_path), clock=lambda: 1_700_000_100.0)
    yield made
    made.close()


def again(store: BlockStore, folder: Path) -> Committer:
    return Committer(store, restored(store, folder), clock=lambda: 1_700_000_100.0)


def test_accepted_transactions_are_sealed_in_order(committer: Committer, store: BlockStore) -> None:
    raws = [transaction("b", 0), transaction("a", 0), transaction("b", 1)]
    assert committer.commit(raws) == [tx_hash(raw) for raw in raws]
    block = store.block(1)
    assert block is not None
    assert block.raws == tuple(raws)
    assert committer.head.block_hash == "0x" + (block.block_hash or b"").hex()
    assert store.waiting() == ()


def test_refused_ones_do_not_disturb_the_others(committer: Committer, store: BlockStore) -> None:
    good = transaction("a", 0)
    outcomes = committer.commit([transaction("bad", 0), good, good, transaction("bad", 1)])
    assert [type(outcome) for outcome in outcomes] == [NodeRefused, str, NodeRefused, NodeRefused]
    assert store.head_number() == 1


def test_if_all_are_refused_no_block_and_no_intent_is_left(
    committer: Committer, store: BlockStore
) -> None:
    assert isinstance(committer.commit([transaction("bad", 0)])[0], NodeRefused)
    assert store.head_number() == 0


def test_one_after_a_gap_waits_and_comes_with_its_predecessor(
    committer: Committer, store: BlockStore
) -> None:
    late, early = transaction("a", 1), transaction("a", 0)
    assert committer.commit([late]) == [tx_hash(late)]
    assert (store.head_number(), store.waiting(), committer.waiting) == (0, (late,), 1)
    assert committer.commit([early]) == [tx_hash(early)]
    block = store.block(1)
    assert block is not None
    assert block.raws == (early, late)
    assert (store.waiting(), committer.waiting) == ((), 0)


def test_more_than_fits_goes_into_more_blocks(committer: Committer, store: BlockStore) -> None:
    raws = [transaction("a", nonce) for nonce in range(2 * PER_BLOCK + 1)]
    assert committer.commit(raws) == [tx_hash(raw) for raw in raws]
    sizes = [len(block.raws) for block in store.blocks(1, 9)]
    assert sizes == [PER_BLOCK, PER_BLOCK, 1]


def test_one_that_cannot_be_executed_is_not_acknowledged(committer: Committer) -> None:
    outcomes = committer.commit([transaction("a", 0, "poor"), transaction("b", 0)])
    assert [type(outcome) for outcome in outcomes] == [TransactionDropped, str]


def test_a_replaced_one_is_not_acknowledged(committer: Committer, store: BlockStore) -> None:
    outcomes = committer.commit([transaction("a", 0, "cheap"), transaction("a", 0, "dear")])
    assert [type(outcome) for outcome in outcomes] == [TransactionDropped, str]
    assert store.waiting() == ()


def test_block_times_always_grow_even_if_the_clock_stands(
    committer: Committer, store: BlockStore
) -> None:
    committer.mine(3)
    assert [block.time_s - 1_700_000_100 for block in store.blocks(1, 3)] == [0, 1, 2]


def test_an_intent_that_was_mined_but_not_sealed_comes_back_as_it_was(
    store: BlockStore, tmp_path: Path
) -> None:
    raws = (transaction("a", 1), transaction("bad", 0), transaction("b", 0), transaction("c", 7))
    store.intend(StoredBlock(1, 1_700_000_100, raws, None))
    committer = again(store, tmp_path)
    committer.seal_rest()
    block = store.block(1)
    assert block is not None
    assert block.block_hash is not None
    assert block.raws == (transaction("b", 0),)
    assert store.waiting() == (transaction("a", 1), transaction("c", 7))
    committer.close()


def test_a_dead_node_is_reported_and_a_new_one_takes_over(
    committer: Committer, store: BlockStore, tmp_path: Path
) -> None:
    committer.commit([transaction("a", 0)])
    head = committer.head
    committer.node.stop()
    with pytest.raises(NodeFailed):
        committer.commit([transaction("a", 1)])
    other = again(store, tmp_path)
    assert other.head == head
    assert other.commit([transaction("a", 1)]) == [tx_hash(transaction("a", 1))]
    other.close()


def test_a_node_that_computes_differently_is_not_trusted(
    committer: Committer, store: BlockStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    committer.commit([transaction("a", 0)])
    monkeypatch.setattr("tests.unit.devchain.fake_node.tx_hash", lambda raw: tx_hash(raw + b"!"))
    with pytest.raises(Diverged, match="block 1"):
        restored(store, tmp_path)


def test_a_block_with_a_foreign_transaction_is_not_sealed(
    committer: Committer, store: BlockStore
) -> None:
    assert isinstance(committer.node, FakeNode)
    committer.node.submit(transaction("stranger", 0))
    with pytest.raises(NodeFailed, match="nobody sent"):
        committer.commit([transaction("a", 0)])
    block = store.block(1)
    assert block is not None
    assert block.block_hash is None
