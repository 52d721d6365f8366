"""A chain of token transfers for the benchmarks of the index: how many events is known beforehand.

The contract is assembled by hand: it emits as many ERC-20 transfers as it is called with, from the
caller to accounts that follow from a seed. Its creation mints, so that balances stay positive.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from diptych.core.errors import JsonValue
from diptych.ledger.answers import RpcCall
from diptych.ledger.devchain.throwaway import throwaway_node
from diptych.ledger.rpc import Rpc, RpcOptions

TRANSFER = "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
MINTED = 10**30
EVENTS_PER_TRANSACTION = 100
_MAX_TRANSACTIONS = 20_000
_MAX_LOOKS = 200
_RUNTIME = bytes.fromhex(
    "6000"  # i = 0
    "5b"  # 2: loop
    "602035811015605157"  # while i < calldata[32:64]
    "80600101600052"  # memory[0:32] = i + 1
    "601d60003506602052"  # memory[32:64] = calldata[0:32] % 29
    "6040600020"  # their hash
    "60601c"  # the receiver: 20 bytes of it
    "33"  # the sender
    "7f" + TRANSFER + "60206000a3"
    "600101600256"  # i += 1
    "5b00"  # end
)
_CREATION_HEAD = (
    "7f" + MINTED.to_bytes(32, "big").hex() + "600052"  # memory[0:32] = minted
    "336000"  # to the caller, from nobody
    "7f" + TRANSFER + "60206000a3"
)


@dataclass(frozen=True)
class TokenChain:
    """A running chain.

    Attributes:
        url: of its endpoint.
        token: address of the contract, lower case.
        events: how many transfers it emitted, the mint included.
        head: number of the newest block.
    """

    url: str
    token: str
    events: int
    head: int


@contextmanager
def token_chain(transactions: int = 500, *, empty_blocks: int = 9) -> Iterator[TokenChain]:
    """Run a chain with `100 * transactions + 1` events; it ends with the block.

    Args:
        transactions: how many, one to a block; at most 20,000.
        empty_blocks: mined after each of them.
    """
    if not 0 < transactions <= _MAX_TRANSACTIONS:
        raise ValueError(f"got {transactions} transactions, expected 1 to {_MAX_TRANSACTIONS}")
    with throwaway_node(extra=["--gas-limit", "100000000", "--no-mining"]) as url:
        yield fill(url, transactions, empty_blocks=empty_blocks)


def fill(url: str, transactions: int, *, empty_blocks: int = 9, seed: int = 0) -> TokenChain:
    """Deploy a token on an anvil that does not mine by itself, and emit its events."""
    rpc = Rpc(url, options=RpcOptions(timeout_s=60.0))
    caller = _text(rpc.call("eth_accounts"), first=True)
    receipt = _sent(rpc, {"from": caller, "data": "0x" + creation().hex(), "gas": "0x100000"})
    token = _text(receipt["contractAddress"]).lower()
    nonce = int(_text(rpc.call("eth_getTransactionCount", caller, "latest")), 16)
    calls = []
    for place in range(transactions):
        data = (seed + place).to_bytes(32, "big") + EVENTS_PER_TRANSACTION.to_bytes(32, "big")
        transaction: dict[str, JsonValue] = {
            "from": caller,
            "to": token,
            "gas": "0x7a1200",
            "nonce": hex(nonce + place),
            "data": "0x" + data.hex(),
        }
        calls.append(RpcCall("eth_sendTransaction", (transaction,)))
        calls.append(RpcCall("anvil_mine", (hex(1 + empty_blocks),)))
    for call in calls:  # one after the other: a batch is carried out in any order
        rpc.call(call.method, *call.params)
    head = int(_text(rpc.call("eth_blockNumber")), 16)
    return TokenChain(url, token, EVENTS_PER_TRANSACTION * transactions + 1, head)


def creation() -> bytes:
    """Return the creation code: the mint, then the code that stays."""
    size, head = len(_RUNTIME), bytes.fromhex(_CREATION_HEAD)
    place = len(head) + 12
    tail = bytes((0x60, size, 0x80, 0x60, place, 0x60, 0, 0x39, 0x60, 0, 0xF3))
    return head + tail + b"\0" * (place - len(head) - len(tail)) + _RUNTIME


def _sent(rpc: Rpc, transaction: dict[str, JsonValue]) -> dict[str, JsonValue]:
    digest = rpc.call("eth_sendTransaction", transaction)
    rpc.call("anvil_mine", "0x1")
    receipt = None
    for _ in range(_MAX_LOOKS):  # mining by itself is not in step with answering
        receipt = rpc.call("eth_getTransactionReceipt", digest)
        if receipt is not None:
            break
        time.sleep(0.05)
    if not isinstance(receipt, dict) or receipt.get("status") != "0x1":
        raise RuntimeError(f"got receipt {str(receipt)[:200]}, expected success")
    return receipt


def _text(value: object, *, first: bool = False) -> str:
    chosen = value[0] if first and isinstance(value, list) else value
    if not isinstance(chosen, str):
        raise TypeError(f"got {str(value)[:200]}, expected text")
    return chosen


if __name__ == "__main__":
    with token_chain(int(sys.argv[1]) if len(sys.argv) > 1 else 500) as made:
        print(made, flush=True)
        sys.stdin.readline()
