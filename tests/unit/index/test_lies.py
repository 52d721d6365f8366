"""What an endpoint may lie about: refused with verification, and mostly without."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from tests.unit.index.made_chain import answers, make_chain
from tests.unit.index.made_node import Lie, MadeNode, made_node, source_of

from diptych.core.errors import LedgerError
from diptych.index.blocks import Chunk, LogSelector, Span, Wanted
from diptych.index.source.source import BranchChanged
from diptych.ledger.header import ProofMismatch

SPAN = Span(0, 10)
ALL = (LogSelector(),)
PLAIN = Wanted(logs=ALL)
NEAR = Wanted(logs=ALL, links=True)
PROVEN = Wanted(logs=ALL, verified=True)
WHOLE = Wanted(receipts=True, transactions=True, verified=True)
_OTHER = "0x" + "5a" * 32


def of_logs(change: Callable[[list[Any]], list[Any]]) -> Lie:
    """Return a lie about logs, wherever an endpoint tells of them."""

    def lie(method: str, _params: Any, result: Any) -> Any:
        if method == "eth_getLogs" and result:
            return change(result)
        if method == "eth_getBlockReceipts":
            for receipt in result:
                if receipt["logs"]:
                    receipt["logs"] = change(receipt["logs"])
        return result

    return lie


def of_header(height: int, **fields: str) -> Lie:
    """Return a lie about the header of a block."""

    def lie(method: str, params: Any, result: Any) -> Any:
        if method == "eth_getBlockByNumber" and params[0] == hex(height):
            return {**result, **fields}
        return result

    return lie


def with_field(**fields: Any) -> Callable[[list[Any]], list[Any]]:
    """Return what changes the last log."""
    return lambda logs: [*logs[:-1], {**logs[-1], **fields}]


def another_header(method: str, params: Any, result: Any) -> Any:
    """Tell block 4 when asked for block 7."""
    if method == "eth_getBlockByNumber" and params[0] == "0x7":
        return made_node().blocks[4]
    return result


def null_logs(method: str, _params: Any, result: Any) -> Any:
    """Tell nothing where logs or receipts were asked for."""
    return None if method in {"eth_getLogs", "eth_getBlockReceipts"} else result


class Case(NamedTuple):
    """A lie, and whether it is seen without verification: far from the head, and near it."""

    lie: Lie
    far: bool
    near: bool


LIES: dict[str, Case] = {
    "omitted log": Case(of_logs(lambda logs: logs[:-1]), far=False, near=False),
    "no logs at all": Case(of_logs(lambda _: []), far=False, near=False),
    "changed data": Case(of_logs(with_field(data="0x77")), far=False, near=False),
    "changed topic": Case(of_logs(with_field(topics=[_OTHER])), far=False, near=False),
    "another contract": Case(of_logs(with_field(address="0x" + "aa" * 20)), far=False, near=False),
    "invented log": Case(
        of_logs(lambda logs: [*logs, {**logs[-1], "logIndex": hex(5_000)}]), far=False, near=False
    ),
    "wrong block hash": Case(of_logs(with_field(blockHash=_OTHER)), far=True, near=True),
    "another block": Case(of_logs(with_field(blockNumber="0x1")), far=True, near=True),
    "block out of range": Case(of_logs(with_field(blockNumber="0x99")), far=True, near=True),
    "another transaction": Case(of_logs(with_field(transactionHash=_OTHER)), far=True, near=True),
    "duplicated log": Case(of_logs(lambda logs: [*logs, logs[-1]]), far=True, near=True),
    "removed log": Case(of_logs(with_field(removed=True)), far=True, near=True),
    "huge number": Case(of_logs(with_field(logIndex="0x" + "f" * 60)), far=True, near=True),
    "negative number": Case(of_logs(with_field(logIndex="-0x1")), far=True, near=True),
    "no hex": Case(of_logs(with_field(data="0xzz")), far=True, near=True),
    "odd hex": Case(of_logs(with_field(data="0x123")), far=True, near=True),
    "short hash": Case(of_logs(with_field(transactionHash="0x12")), far=True, near=True),
    "five topics": Case(of_logs(with_field(topics=[_OTHER] * 5)), far=True, near=True),
    "number as JSON": Case(of_logs(with_field(logIndex=7)), far=True, near=True),
    "missing field": Case(of_logs(lambda logs: [{"data": "0x"}]), far=True, near=True),
    "null": Case(null_logs, far=True, near=True),
    "wrong parent": Case(of_header(7, parentHash=_OTHER), far=False, near=True),
    "wrong hash": Case(of_header(7, hash=_OTHER), far=False, near=True),
    "wrong height": Case(of_header(7, number="0x8"), far=False, near=True),
    "another header": Case(another_header, far=False, near=True),
    "wrong receipts root": Case(of_header(7, receiptsRoot=_OTHER), far=False, near=False),
    "wrong transactions root": Case(of_header(7, transactionsRoot=_OTHER), far=False, near=False),
    "wrong bloom": Case(of_header(7, logsBloom="0x" + "00" * 256), far=False, near=False),
    "wrong time": Case(of_header(7, timestamp="0x1"), far=False, near=False),
    "wrong gas": Case(of_header(7, gasUsed="0x1"), far=False, near=False),
    "wrong last hash": Case(of_header(10, hash=_OTHER), far=True, near=True),
}


def told(node: MadeNode, wanted: Wanted) -> Chunk | None:
    """Return what a source says, None if it refuses."""
    try:
        return source_of(node).fetch(SPAN, wanted)
    except LedgerError:
        return None


@pytest.mark.parametrize("name", LIES)
@pytest.mark.parametrize("wanted", [PROVEN, WHOLE], ids=["logs", "whole"])
def test_no_lie_becomes_a_row_with_verification(name: str, wanted: Wanted) -> None:
    """Either it is refused, or the rows are the true ones all the same."""
    lying = told(made_node(lie=LIES[name].lie), wanted)
    true = told(made_node(), wanted)
    assert true is not None
    if lying is not None:
        assert lying.logs.equals(true.logs)
        assert lying.last == true.last
        times = [one.blocks.column("timestamp_s") for one in (lying, true)]
        assert times[0].equals(times[1])


@pytest.mark.parametrize("name", LIES)
def test_lies_that_are_seen_without_verification(name: str) -> None:
    """The documentation says which are; this holds it to it."""
    case = LIES[name]
    for wanted, seen in ((PLAIN, case.far), (NEAR, case.near)):
        assert (told(made_node(lie=case.lie), wanted) is None) == seen


def test_logs_out_of_order_are_put_in_order() -> None:
    """Their places say where they belong."""
    node = made_node(lie=of_logs(lambda logs: logs[::-1]))
    for wanted in (PLAIN, NEAR):
        chunk, true = told(node, wanted), told(made_node(), wanted)
        assert chunk is not None
        assert true is not None
        assert chunk.logs.equals(true.logs)
    assert told(node, PROVEN) is None


def test_spans_that_are_sound_in_themselves_must_follow_each_other() -> None:
    """A forged end of one span is refused with the next one."""
    node = made_node()
    forged, theirs = answers(make_chain(2, first=6, parent=b"\xff" * 32))
    source = source_of(node)
    source.fetch(Span(0, 5), PROVEN)
    node.blocks[6:8], node.receipts[6:8] = forged, theirs
    with pytest.raises(ProofMismatch, match="block 6 has the parent"):
        source.fetch(Span(6, 7), PROVEN)
    source = source_of(node)
    source.fetch(Span(6, 7), PROVEN)
    with pytest.raises(BranchChanged, match="block 8 has the parent"):
        source.fetch(Span(8, 10), Wanted(logs=ALL, verified=True, links=True))


def test_a_block_that_is_sound_in_itself_must_follow_the_one_before() -> None:
    """A forged block with its own roots and hash is refused with verification."""
    other = made_node()
    blocks, receipts = answers(make_chain(1, first=7, parent=b"\xff" * 32))
    other.blocks[7], other.receipts[7] = blocks[0], receipts[0]
    assert told(other, PROVEN) is None
    assert told(other, NEAR) is None
    assert told(other, PLAIN) is not None
