"""A manifest with every kind of entity, and random stories of chains that reorganise, for tests."""

import random
from collections.abc import Iterator
from typing import Annotated

from tests.unit.index.chains import TOKEN, HandMadeChain, Log, account, transfer
from tests.unit.index.emitting import emit

from diptych.index import Manifest, entity, kinds
from diptych.index.manifest.contract import Factory
from diptych.index.manifest.handlers import Delete, EventRow, Read

FACTORY = account(100)
ZERO = account(0)


@entity(immutable=True)
class Transfer:
    id: str
    timestamp: int
    receiver: kinds.Address
    value: kinds.Uint256


@entity
class Balance:
    account: kinds.Address
    amount: kinds.Total
    moves: kinds.Count


@entity
class Holder:
    """Replaced as a whole; deleted when the account pays an odd amount."""

    account: kinds.Address
    value: kinds.Uint256
    note: str | None


@entity
class Reach:
    account: kinds.Address
    least: Annotated[kinds.Uint256, kinds.LEAST]
    greatest: Annotated[kinds.Uint256, kinds.GREATEST]
    opened: Annotated[int, kinds.FIRST]
    closed: Annotated[int, kinds.LAST]


@entity
class Amount:
    """Its key is an amount and a text."""

    value: Annotated[kinds.Uint256, kinds.Key()]
    receiver: Annotated[kinds.Address, kinds.Key()]
    count: kinds.Count


@entity
class Traffic:
    bucket: Annotated[int, kinds.Key()]
    value: kinds.Total
    count: kinds.Count


@entity
class Reserve:
    pair: kinds.Address
    first: int


def manifest() -> Manifest:
    """Return the manifest; some entities are made by rows, the pairs' by rows of children."""
    made = Manifest("story", entities=[Transfer, Balance, Holder, Reach, Amount, Reserve])
    token = made.contract("Token", abi="erc20", address="0x" + TOKEN.hex())
    factory = made.contract("Factory", abi="uniswap-v2-factory", address="0x" + FACTORY.hex())
    pair = made.contract(
        "Pair", abi="uniswap-v2-pair", factory=Factory(factory.events.PairCreated, "pair")
    )
    made.aggregate(Traffic, of=Transfer, every=("hour", "day"))

    @made.on(token.events.Transfer)
    def moved(event: EventRow, read: Read) -> Iterator[object]:
        sender, receiver, value = event.args["from"], event.args["to"], event.args["value"]
        yield Transfer(id=event.id, timestamp=event.timestamp, receiver=receiver, value=value)
        yield Balance(account=sender, amount=-value, moves=1)
        yield Balance(account=receiver, amount=value, moves=1)
        if value % 2 and read(Holder, sender) is not None:
            yield Delete(Holder, (sender,))
        yield Holder(account=receiver, value=value, note=None if value % 3 else str(value))
        yield Reach(
            account=receiver,
            least=value,
            greatest=value,
            opened=event.block,
            closed=event.block,
        )
        yield Amount(value=value % 3, receiver=receiver, count=1)

    @made.on(pair.events.Sync)
    def synced(event: EventRow, read: Read) -> Iterator[object]:
        yield Reserve(pair=kinds.Address(event.address), first=event.args["reserve0"])

    return made


class Story:
    """A chain of a seed; each chapter takes back some blocks and goes on, perhaps on old ones.

    Args:
        seed: of all that happens.
        window: most blocks that are taken back.
        length: blocks of the first chapter.
    """

    def __init__(self, seed: int, *, window: int, length: int) -> None:
        self._rng = random.Random(seed)
        self._window = window
        self.chain = HandMadeChain()
        for _ in range(length):
            self.chain.mine(*self._logs())

    def go_on(self, depth: int | None = None) -> int:
        """Tell one chapter; return how many blocks were taken back."""
        most = min(self._window, len(self.chain.blocks) - 1)
        chosen = self._rng.choice([0, 1, most, self._rng.randint(0, most)])
        depth = min(chosen if depth is None else depth, most)
        self.chain.fork(depth, [self._logs() for _ in range(depth + self._rng.randint(1, 4))])
        if depth and self._rng.random() < 0.4:
            inner = self._rng.randint(1, depth)
            self.chain.fork(inner, [self._logs() for _ in range(inner + 1)])
        return depth

    def _logs(self) -> tuple[Log, ...]:
        return tuple(self._log() for _ in range(self._rng.choice([0, 0, 1, 2, 4])))

    def _log(self) -> Log:
        rng = self._rng
        what = rng.random()
        pair = account(200 + rng.randrange(4))
        if what < 0.05:
            return emit(FACTORY, "uniswap-v2-factory", "PairCreated", ZERO, ZERO, pair, 1)
        if what < 0.2:
            return emit(pair, "uniswap-v2-pair", "Sync", rng.randrange(100), 1)
        if what < 0.23:
            return Log(TOKEN, transfer(1, 2, 3).topics, b"short")
        size = rng.choice([2, 60, 255])
        return transfer(rng.randrange(5), rng.randrange(5), rng.randrange(1 << size))
