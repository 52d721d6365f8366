"""An intent's life on a hostile fake chain, cut short anywhere: what crash tests replay."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.unit.ledger.conftest import Bench
from tests.unit.ledger.fake_node import FakeNode, decode

from diptych.core.errors import LedgerError
from diptych.ledger.account import LocalAccount
from diptych.ledger.address import checksum_address, read_address
from diptych.ledger.outbox import Outbox, OutboxPolicy, State
from diptych.ledger.transaction import Transaction

TO = "0x00000000000000000000000000000000000d1d1d"
ACCOUNT = LocalAccount(bytes(31) + b"\x07")


class Crash(BaseException):
    """The process dies here: nothing may catch it."""


@dataclass
class Tally:
    """What a crash campaign saw."""

    crashes: int = 0
    intents: int = 0
    at: Counter[str] = field(default_factory=Counter)


def live_once(folder: Path, random: Random, tally: Tally) -> None:
    """Prepare some intents, crash and restart at random, then check the chain."""
    node = FakeNode(auto_mine=random.random() < 0.3)
    policy = OutboxPolicy(confirmations=2, stuck_after_s=60, resend_after_s=5, timeout_s=10_000)
    bench = Bench(node, ACCOUNT, folder / "outbox.sqlite", policy)
    acknowledged: set[int] = set()
    cancelled: set[int] = set()
    for _ in range(random.randint(2, 6)):
        bench.hook = _dies_after(random.randint(1, 25), tally)
        try:
            _session(bench, random, acknowledged, cancelled)
        except Crash:
            tally.crashes += 1
        except LedgerError:
            pass
        bench.close()
        _weather(node, random, ACCOUNT)
    bench.hook = lambda _: None
    _finish(bench, acknowledged)
    _judge(bench, acknowledged, cancelled)
    tally.intents += len(acknowledged)
    bench.close()


def _dies_after(steps: int, tally: Tally) -> Callable[[str], None]:
    left = steps

    def hook(name: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            tally.at[name] += 1
            raise Crash

    return hook


def _session(bench: Bench, random: Random, acknowledged: set[int], cancelled: set[int]) -> None:
    outbox = bench.open()
    for _ in range(random.randint(1, 8)):
        choice = random.random()
        if choice < 0.4:
            number = random.randint(1, 4)
            outbox.prepare(f"k{number}", to=TO, value_wei=number)
            acknowledged.add(number)
        elif choice < 0.5 and acknowledged:
            number = random.choice(sorted(acknowledged))
            cancelled.add(number)
            outbox.cancel(f"k{number}")
        elif choice < 0.6:
            _weather(bench.node, random, bench.account)
        else:
            bench.now_s += random.choice((1, 10, 70))
            outbox.advance()


def _weather(node: FakeNode, random: Random, account: LocalAccount) -> None:
    """Let the network do something: mine, forget, reorganise, or show a foreign transaction."""
    choice = random.random()
    if choice < 0.4:
        node.mine()
    elif choice < 0.55:
        node.pool.clear()
    elif choice < 0.7:
        # Below two blocks under the highest head ever is what the policy calls final.
        depth = node.blocks[-1].number - max(node.peak - 2, 0)
        if depth > 0:
            node.reorganise(random.randint(1, depth), keep_pool=random.random() < 0.5)
    elif choice < 0.8:
        node.base_fee_wei = random.choice((5, 10, 20))
    elif choice < 0.95:
        raw = account.sign_transaction(
            Transaction(node.chain_id, node.nonce(account.address), 50, 500, 21_000, TO, 99)
        )
        node.mine([decode(raw)])


def _finish(bench: Bench, acknowledged: set[int]) -> None:
    bench.node.base_fee_wei = 10
    outbox = bench.open()
    for _ in range(60):
        bench.now_s += 20
        outbox.advance()
        bench.node.mine()
        if not outbox.pending():
            break
    for number in acknowledged:
        intent = outbox.intent(f"k{number}")
        assert intent.is_finished, f"lost: {intent}"


def _judge(bench: Bench, acknowledged: set[int], cancelled: set[int]) -> None:
    outbox = bench.open()
    counted = Counter(
        t.value_wei for t in bench.node.mined() if t.to == checksum_address(read_address(TO))
    )
    for number in range(1, 5):
        state = _state(outbox, number)
        expected = 1 if state is State.FINAL else 0
        assert counted[number] == expected, (
            f"k{number} is {state}, on chain {counted[number]} times"
        )
        if number in acknowledged - cancelled:
            assert state is State.FINAL, f"k{number} is {state}"


def _state(outbox: Outbox, number: int) -> State | None:
    try:
        return outbox.intent(f"k{number}").state
    except LedgerError:
        return None
