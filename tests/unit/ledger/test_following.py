"""Following a chain: every block once and in order, and what a reorganisation took back."""

from collections.abc import Callable, Iterator
from itertools import islice
from random import Random

import pytest
from tests.unit.ledger.conftest import chain_of
from tests.unit.ledger.fake_node import FakeNode

from diptych.ledger.chain import Chain
from diptych.ledger.errors import WrongChain
from diptych.ledger.records import Block, LogFilter
from diptych.ledger.subscribe import ChainStep, ReorganisedTooDeep, follow_blocks, follow_logs


class Waking:
    """Lets the world go on while the follower waits."""

    def __init__(self, *events: Callable[[], object]) -> None:
        self.events = list(events)

    def wait(self) -> None:
        if not self.events:
            raise StopFollowing
        self.events.pop(0)()

    def close(self) -> None:
        """Nothing to close."""


class StopFollowing(Exception):
    pass


def until_idle(steps: Iterator[ChainStep]) -> list[ChainStep]:
    found = []
    try:
        for step in steps:
            found.append(step)
    except StopFollowing:
        pass
    return found


def mine(node: FakeNode, count: int) -> None:
    for _ in range(count):
        node.mine([])


def numbers(steps: list[ChainStep]) -> list[int]:
    return [step.block.number for step in steps]


class TestBlocks:
    def test_from_a_height_on(self, node: FakeNode, chain: Chain) -> None:
        mine(node, 5)
        steps = until_idle(follow_blocks(chain, 2, wakeups=Waking()))
        assert numbers(steps) == [2, 3, 4, 5]

    def test_waits_for_new_ones(self, node: FakeNode, chain: Chain) -> None:
        waking = Waking(lambda: None, lambda: mine(node, 2), lambda: mine(node, 1))
        assert numbers(until_idle(follow_blocks(chain, 0, wakeups=waking))) == [0, 1, 2, 3]

    def test_endpoint_away_is_waited_for(self, node: FakeNode, chain: Chain) -> None:
        mine(node, 3)
        steps = follow_blocks(chain, 0, wakeups=Waking(lambda: None))
        assert next(steps).block.number == 0
        node.away = 1
        assert next(steps).block.number == 1

    @pytest.mark.parametrize("depth", [1, 2, 3])
    def test_reorganisation_is_told(self, node: FakeNode, chain: Chain, depth: int) -> None:
        mine(node, 3)

        def reorganise() -> None:
            node.reorganise(depth)
            mine(node, depth + 1)

        steps = until_idle(follow_blocks(chain, 0, wakeups=Waking(reorganise)))
        fresh = steps[4]
        assert [b.number for b in fresh.taken_back] == list(range(3, 3 - depth, -1))
        assert numbers(steps[4:]) == list(range(4 - depth, 5))
        assert all(step.taken_back == () for step in steps[5:])

    def test_reorganisation_to_the_same_height(self, node: FakeNode, chain: Chain) -> None:
        mine(node, 3)

        def reorganise() -> None:
            node.reorganise(1)
            mine(node, 1)

        steps = until_idle(follow_blocks(chain, 0, wakeups=Waking(reorganise)))
        assert numbers(steps) == [0, 1, 2, 3, 3]
        assert steps[4].taken_back == (steps[3].block,)

    def test_too_deep(self, node: FakeNode, chain: Chain) -> None:
        mine(node, 10)

        def reorganise() -> None:
            node.reorganise(8)
            mine(node, 9)

        with pytest.raises(ReorganisedTooDeep):
            until_idle(follow_blocks(chain, 0, wakeups=Waking(reorganise), remembered=4))

    @pytest.mark.parametrize("seed", range(20))
    def test_replaying_the_steps_gives_the_chain(self, seed: int) -> None:
        node, random = FakeNode(), Random(seed)
        mine(node, 5)

        def weather() -> None:
            if random.random() < 0.5:
                node.reorganise(random.randint(1, min(4, len(node.blocks) - 1)))
            mine(node, random.randint(0, 5))

        waking = Waking(*[weather] * 30, lambda: mine(node, 9))
        replayed: list[Block] = []
        for step in until_idle(follow_blocks(chain_of(node), 0, wakeups=waking)):
            for gone in step.taken_back:
                assert replayed.pop() == gone
            replayed.append(step.block)
        assert [b.hash for b in replayed] == [b.hash for b in node.blocks]


class TestLogs:
    def test_taken_back_events_come_again_as_removed(self) -> None:
        node = LoggingNode()
        mine(node, 2)

        def reorganise() -> None:
            node.reorganise(1)
            mine(node, 2)

        entries = follow_logs(chain_of(node), LogFilter(1, 0), wakeups=Waking(reorganise))
        found = list(islice(entries, 5))
        assert [(e.block_number, e.removed) for e in found] == [
            *((1, False), (2, False), (2, True)),
            *((2, False), (3, False)),
        ]
        assert found[1].block_hash == found[2].block_hash != found[3].block_hash


class LoggingNode(FakeNode):
    """Every block has one event."""

    def _eth_getLogs(self, wanted: dict[str, str]) -> list[dict[str, object]]:  # noqa: N802
        (block,) = (b for b in self.blocks if "0x" + b.hash.hex() == wanted["blockHash"])
        return [
            {
                "address": "0x" + "22" * 20,
                "topics": [],
                "data": "0x",
                "blockNumber": hex(block.number),
                "blockHash": wanted["blockHash"],
            }
        ]


def test_lies_are_not_waited_out(node: FakeNode, chain: Chain) -> None:
    node.chain_id = 99
    with pytest.raises(WrongChain):
        next(follow_blocks(chain, 0, wakeups=Waking()))
