"""Bring a fresh anvil to the state on disk: snapshot, replay, and a look at every hash."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from diptych.ledger.devchain.errors import Diverged, NodeFailed, NodeRefused, StoreCorrupt
from diptych.ledger.devchain.genesis import ChainSpec
from diptych.ledger.devchain.node import MinedBlock, Node
from diptych.ledger.devchain.snapshot import (
    SPAN_BLOCKS,
    Snapshot,
    SnapshotCorrupt,
    read_snapshot,
    snapshots,
)
from diptych.ledger.devchain.store import BlockStore, StoredBlock

_LOG = logging.getLogger(__name__)
_HASHES_AT_ONCE = 500

StartNode = Callable[[], Node]
Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Restored:
    """A node at the head of the store.

    Attributes:
        node: the running node.
        genesis_hash: `0x` hash of block 0.
        replayed: how many blocks were mined again.
        unsealed: the last intent as it was mined now; its hash is not on disk yet.
        leftover: accepted transactions by hash that the unsealed block does not include.
        warnings: snapshots that could not be used.
    """

    node: Node
    genesis_hash: str
    replayed: int
    unsealed: StoredBlock | None = None
    leftover: Mapping[str, bytes] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def restore(store: BlockStore, folder: Path, start: StartNode, *, report: Report) -> Restored:
    """Start a node and bring it to the head of `store`.

    Args:
        store: the block store.
        folder: the snapshots.
        start: starts a fresh node at genesis.
        report: called with (blocks done, blocks in all).

    Raises:
        Diverged: full replay gave another block than the stored one.
        StoreCorrupt: the store is damaged.
        NodeFailed: anvil died meanwhile.
    """
    head = store.head_number()
    warnings: list[str] = []
    for snapshot in [*_usable(folder, head), None]:
        node = start()
        try:
            restored = _restore_from(snapshot, store, node, report)
        except (Diverged, SnapshotCorrupt, NodeRefused) as error:
            node.stop()
            if snapshot is None:
                raise
            warnings.append(f"snapshot at block {snapshot.number} is not used: {error}")
            _LOG.warning("%s", warnings[-1])
        except BaseException:
            node.stop()
            raise
        else:
            return replace(restored, warnings=tuple(warnings))
    raise NodeFailed("the chain could not be restored")


def _usable(folder: Path, head: int) -> Iterator[Snapshot]:
    return (s for s in snapshots(folder) if 0 < s.number <= head - SPAN_BLOCKS)


def _restore_from(
    snapshot: Snapshot | None, store: BlockStore, node: Node, report: Report
) -> Restored:
    _check_chain(node, store.spec)
    genesis_hash = node.block("0x0").block_hash
    if snapshot is not None:
        _load(snapshot, store, node)
    first = snapshot.number + 1 if snapshot is not None else 1
    head = store.head_number()
    restored, at = Restored(node, genesis_hash, head - first + 1), first - 1
    for block in store.blocks(first, head):
        if restored.unsealed is not None or block.number != at + 1:
            raise StoreCorrupt(f"block {at + 1} is missing or was never sealed")
        at = block.number
        mined, offered = mine_again(block, node)
        if block.block_hash is None:
            final, leftover = settle(mined, offered)
            restored = replace(restored, unsealed=final, leftover=leftover)
        report(at - first + 1, head - first + 1)
    if at != head:
        raise StoreCorrupt(f"got blocks up to {at}, expected {head}")
    return restored


def _check_chain(node: Node, spec: ChainSpec) -> None:
    got = node.call("eth_chainId")
    if got != hex(spec.chain_id):
        raise NodeFailed(f"anvil runs chain {got}, expected {hex(spec.chain_id)}")


def mine_again(block: StoredBlock, node: Node) -> tuple[MinedBlock, dict[str, bytes]]:
    """Mine a stored block on `node`; return it with the accepted transactions by hash.

    A sealed block must take every transaction and come out with its hash. An intent (no hash) was
    never acknowledged: its transactions are offered in order and the pool decides as before.

    Raises:
        Diverged: the outcome differs from what is stored.
    """
    offered = {_offer(raw, block, node): raw for raw in block.raws}
    offered.pop("", None)
    mined = node.mine(block.time_s)
    if (mined.number, mined.time_s) != (block.number, block.time_s):
        raise NodeFailed(f"anvil mined block {mined.number}, expected {block.number}")
    expected = mined.block_hash if block.block_hash is None else "0x" + block.block_hash.hex()
    if mined.block_hash != expected:
        raise Diverged(
            f"block {block.number}: got {mined.block_hash}, expected {expected}",
            hint="the store or the anvil binary was changed; restore a backup, "
            "or `diptych chain reset`",
            number=block.number,
            got=mined.block_hash,
            expected=expected,
        )
    return mined, offered


def settle(mined: MinedBlock, offered: Mapping[str, bytes]) -> tuple[StoredBlock, dict[str, bytes]]:
    """Return the block as it is to be sealed, and the offered transactions that it leaves out.

    Raises:
        NodeFailed: the block includes a transaction that was not offered.
    """
    foreign = [tx for tx in mined.transactions if tx not in offered]
    if foreign:
        raise NodeFailed(f"block {mined.number} includes {foreign[0]}, which nobody sent")
    included = set(mined.transactions)
    block = StoredBlock(
        mined.number,
        mined.time_s,
        tuple(offered[tx] for tx in mined.transactions),
        bytes.fromhex(mined.block_hash.removeprefix("0x")),
    )
    return block, {tx: raw for tx, raw in offered.items() if tx not in included}


def _offer(raw: bytes, block: StoredBlock, node: Node) -> str:
    try:
        return node.submit(raw)
    except NodeRefused as error:
        if block.block_hash is not None:
            raise Diverged(
                f"block {block.number}: anvil refuses a transaction that it includes: {error}",
                number=block.number,
                expected="0x" + block.block_hash.hex(),
            ) from error
        return ""


def _load(snapshot: Snapshot, store: BlockStore, node: Node) -> None:
    content = read_snapshot(snapshot)
    node.call("anvil_loadState", "0x" + content.state.hex())
    stored = store.hashes(content.number)
    if [number for number, _ in stored] != list(range(1, content.number + 1)):
        raise StoreCorrupt(f"blocks up to {content.number} are not all in the store")
    if stored[-1][1] != content.block_hash:
        raise SnapshotCorrupt(f"{snapshot.path} belongs to another chain")
    for at in range(0, len(stored), _HASHES_AT_ONCE):
        part = stored[at : at + _HASHES_AT_ONCE]
        for (number, expected), got in zip(
            part, node.block_hashes([number for number, _ in part]), strict=True
        ):
            if got != "0x" + expected.hex():
                raise Diverged(f"block {number}: got {got}, expected 0x{expected.hex()}")
