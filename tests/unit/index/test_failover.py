"""Several endpoints of one chain: failures, lag, other chains, and a quorum on logs."""

from typing import Any

import pytest
from tests.unit.index.chains import HandMadeChain
from tests.unit.index.made_chain import answers, make_chain
from tests.unit.index.made_node import MadeNode, made_node, source_of

from diptych.core.errors import UsageError
from diptych.index.blocks import LogSelector, Span, Wanted
from diptych.index.source.checks import check_source
from diptych.index.source.failover import AllFailed, Disagreement, FailoverSource
from diptych.index.source.source import BranchChanged
from diptych.ledger.errors import Unreachable, WrongChain

SPAN = Span(0, 10)
ALL = Wanted(logs=(LogSelector(),))
AWAY = Unreachable("no answer")


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def several(
    *nodes: MadeNode, clock: Clock | None = None, quorum: int = 1
) -> tuple[FailoverSource, list[str]]:
    """Return a source over nodes and what it tells of."""
    told: list[str] = []
    for place, node in enumerate(nodes):
        node.shown_url = f"http://node{place}.example"
    sources = [source_of(node) for node in nodes]
    source = FailoverSource(sources, quorum=quorum, monotonic=clock or Clock(), notice=told.append)
    return source, told


def hide_a_log(method: str, _params: Any, result: Any) -> Any:
    """Leave out a log."""
    return result[:-1] if method == "eth_getLogs" and result else result


@pytest.mark.parametrize("quorum", [1, 2])
def test_several_endpoints_pass_the_suite_of_sources(quorum: int) -> None:
    """As one alone does."""
    source, _ = several(made_node(), made_node(), quorum=quorum)
    assert [one for one in check_source(source, SPAN) if not one.is_passed] == []


def test_one_that_fails_is_replaced_and_asked_again_after_a_rest() -> None:
    """The run goes on; the failure is told once; the preferred one comes back."""
    clock = Clock()
    one, two = made_node(faults=[AWAY] * 3), made_node()
    source, told = several(one, two, clock=clock)
    assert source.fetch(SPAN, ALL).logs.num_rows
    assert source.head().number == 11
    assert (len(one.asked), len(told)) == (0, 1)
    assert "endpoint 1 fails" in told[0]
    clock.now_s = 100.0
    one.faults.clear()
    assert source.head().number == 11
    asked = len(two.asked)
    source.fetch(SPAN, ALL)
    assert (len(two.asked), one.asked.count("eth_getLogs")) == (asked, 1)


def test_when_all_fail_each_is_named() -> None:
    """And the next call asks them all again."""
    one, two = made_node(faults=[AWAY] * 9), made_node(faults=[AWAY] * 9)
    source, _ = several(one, two)
    for ask in (source.head, source.identity, lambda: source.fetch(SPAN, ALL)):
        with pytest.raises(AllFailed, match=r"endpoint 1.*endpoint 2"):
            ask()
    one.faults.clear()
    assert source.head().number == 11


def test_one_that_is_behind_is_no_reorganisation() -> None:
    """The one ahead is asked; what it has is not taken for missing."""
    clock = Clock()
    one, two = made_node(head=5), made_node()
    source, _ = several(one, two, clock=clock)
    assert source.head().number in {5, 11}
    assert source.head().number == 11
    assert source.fetch(SPAN, ALL).last.number == 10
    block = source.header(9)
    assert block is not None
    assert source.header(12) is None
    one.head = None
    clock.now_s = 10.0
    source.head()
    asked = len(two.asked)
    source.fetch(SPAN, ALL)
    assert len(two.asked) == asked


def test_endpoints_of_two_chains_are_refused() -> None:
    """Before any row of the second one is taken."""
    other = MadeNode(*answers(make_chain(3, parent=b"\x31" * 32)))
    source, _ = several(made_node(faults=[AWAY] * 9), other)
    assert source.identity().genesis_hash.hex() == other.blocks[0]["hash"][2:]
    source, _ = several(made_node(), other)
    with pytest.raises(WrongChain, match=r"node1.*node0"):
        source.identity()


def test_a_quorum_sees_what_one_endpoint_leaves_out() -> None:
    """Both are named, and the block; one alone would have been believed."""
    honest = made_node()
    hiding, _ = several(made_node(lie=hide_a_log))
    true = source_of(honest).fetch(SPAN, ALL).logs
    assert hiding.fetch(SPAN, ALL).logs.num_rows == true.num_rows - 1
    source, _ = several(made_node(), made_node(lie=hide_a_log), quorum=2)
    with pytest.raises(Disagreement, match=r"node0.example, .* from http://node1.example"):
        source.fetch(SPAN, ALL)
    source, _ = several(honest, made_node(), made_node(lie=hide_a_log), quorum=2)
    assert source.fetch(SPAN, ALL).logs.equals(true)


def test_a_quorum_needs_as_many_as_it_says() -> None:
    """A third one stands in; without one it is an error."""
    source, _ = several(made_node(faults=[AWAY] * 99), made_node(), made_node(), quorum=2)
    assert source.fetch(SPAN, ALL).logs.num_rows
    source, _ = several(made_node(faults=[AWAY] * 99), made_node(), quorum=2)
    with pytest.raises(AllFailed, match="too few"):
        source.fetch(SPAN, ALL)
    with pytest.raises(UsageError, match="quorum of 3"):
        several(made_node(), made_node(), quorum=3)


def test_with_a_quorum_the_head_is_one_that_enough_have() -> None:
    """So no span is asked of one that cannot have it yet."""
    source, _ = several(made_node(), made_node(head=7), made_node(head=3), quorum=2)
    assert source.head().number == 7


def test_two_branches_are_a_change_of_branch() -> None:
    """At the head that passes; it is no lie."""
    other = made_node()
    blocks, receipts = answers(make_chain(2, first=9, parent=b"\x42" * 32))
    other.blocks[9:11], other.receipts[9:11] = blocks, receipts
    source, _ = several(made_node(), other, quorum=2)
    with pytest.raises(BranchChanged, match="two blocks 10"):
        source.fetch(SPAN, ALL)


def test_any_sources_can_stand_in_for_each_other() -> None:
    """Not only endpoints."""
    chain = HandMadeChain()
    chain.mine()
    assert FailoverSource([chain, chain]).head() == chain.head()
