"""What an intent may live through on a real node, while its process may be killed at any point."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from diptych.ledger.account import LocalAccount
from diptych.ledger.chain import Chain
from diptych.ledger.devchain.throwaway import DEV_KEYS
from diptych.ledger.outbox import Outbox, OutboxPolicy, OutboxStore
from diptych.ledger.outbox.errors import TooLate
from diptych.ledger.rpc import Rpc
from diptych.ledger.transaction import Transaction

CHAIN_ID = 31_337
CRASHED = 9
TO = "0x00000000000000000000000000000000000D1D1D"
FIRST_VALUE_WEI = 1_000_000
"""Life number n sends this plus n, so that the chain shows whose transaction it is."""
_MOST_BLOCKS = 60


class Lost(Exception):
    """An intent did not come to an end."""


@dataclass(frozen=True)
class Workplace:
    """Where a life takes place.

    Attributes:
        url: a node that mines only when told to.
        folder: holds the outbox file.
        contract: refuses every call without data.
    """

    url: str
    folder: Path
    contract: str


@dataclass
class World:
    """What a process works with; built after the fork."""

    chain: Chain
    outbox: Outbox
    account: LocalAccount
    clock_s: list[float]

    def mine(self) -> None:
        """Let the node make a block of what it has."""
        self.chain.rpc.call("evm_mine")


def sender() -> LocalAccount:
    """Return the account that all lives share."""
    return LocalAccount(bytes.fromhex(DEV_KEYS[0][2:]))


def open_world(place: Workplace, *, die_after: int) -> World:
    """Open the outbox as a new process would; it dies at the given point, 0 for never."""
    chain, clock_s = Chain(Rpc(place.url), CHAIN_ID), [1_800_000_000.0]
    outbox = Outbox(
        OutboxStore(place.folder / "outbox.sqlite"),
        chain,
        sender(),
        policy=OutboxPolicy(confirmations=1, stuck_after_s=60, resend_after_s=5),
        clock=lambda: clock_s[0],
        hook=_dying_hook(place.folder, die_after),
    )
    return World(chain, outbox, sender(), clock_s)


def _dying_hook(folder: Path, die_after: int) -> Callable[[str], None]:
    left = [die_after]

    def hook(name: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            (folder / "died-at").write_text(name)
            os._exit(CRASHED)

    return hook


def tell(world: World, story: str, *, life: int, contract: str) -> None:
    """Live one story to its end.

    Raises:
        Lost: the intent did not come to an end.
    """
    key = f"life-{life}"
    if story == "reverted":
        world.outbox.prepare(key, to=contract, gas_limit=100_000)
    else:
        world.outbox.prepare(key, to=TO, value_wei=FIRST_VALUE_WEI + life)
    world.outbox.advance()
    if story in _TWISTS:
        _TWISTS[story](world, key)
    _finish(world, key)


def _stay_stuck(world: World, key: str) -> None:
    del key
    world.clock_s[0] += 61
    world.outbox.advance()
    world.outbox.advance()


def _cancel(world: World, key: str) -> None:
    try:
        world.outbox.cancel(key)
    except TooLate:
        return
    world.outbox.advance()


def _use_nonce_elsewhere(world: World, key: str) -> None:
    intent = world.outbox.intent(key)
    if intent.nonce is None or intent.nonce < world.chain.nonce(intent.sender):
        return
    for attempt in world.outbox.attempts(key):
        world.chain.rpc.call("anvil_dropTransaction", "0x" + attempt.hash.hex())
    fees = world.chain.fees()
    foreign = Transaction(
        chain_id=CHAIN_ID,
        nonce=intent.nonce,
        max_priority_fee_wei=fees.priority_fee_wei * 4,
        max_fee_wei=fees.max_fee_wei * 4,
        gas_limit=21_000,
        to=world.account.address,
    )
    world.chain.send_raw(world.account.sign_transaction(foreign))
    world.mine()


def _reorganise(world: World, key: str) -> None:
    del key
    world.mine()
    world.outbox.advance()
    world.chain.rpc.call("anvil_reorg", 1, [])
    world.outbox.advance()


_TWISTS: dict[str, Callable[[World, str], None]] = {
    "stuck": _stay_stuck,
    "cancelled": _cancel,
    "foreign": _use_nonce_elsewhere,
    "reorganised": _reorganise,
}
STORIES = ("usual", "reverted", *_TWISTS)


def _finish(world: World, key: str) -> None:
    for _ in range(_MOST_BLOCKS):
        world.clock_s[0] += 10
        world.outbox.advance()
        if world.outbox.intent(key).is_finished:
            return
        world.mine()
    raise Lost(str(world.outbox.intent(key)))
