"""A deterministic stand-in for anvil: a pool with nonces, and blocks that are hashes of their past.

A transaction is `sender:nonce:payload` in text. Refused: a used nonce, a known transaction, and
anything that begins with `bad`. A payload `poor` is accepted and then cannot be executed.
"""

import hashlib
from typing import Any

from diptych.core.errors import JsonValue
from diptych.ledger.devchain.errors import NodeFailed, NodeRefused
from diptych.ledger.devchain.genesis import ChainSpec
from diptych.ledger.devchain.node import MinedBlock, Node
from diptych.ledger.devchain.replay import Restored, restore
from diptych.ledger.devchain.store import BlockStore

PER_BLOCK = 4


def transaction(sender: str, nonce: int, payload: str = "") -> bytes:
    return f"{sender}:{nonce}:{payload}".encode()


def tx_hash(raw: bytes) -> str:
    return "0x" + hashlib.sha256(raw).hexdigest()


class FakeNode(Node):
    """Speaks the part of `Node` that the writer and the replay use."""

    def __init__(self, spec: ChainSpec) -> None:
        self._spec = spec
        self._blocks = [MinedBlock(0, spec.time_s, tx_hash(spec.to_json().encode()), ())]
        self._pool: dict[str, bytes] = {}
        self._nonces: dict[str, int] = {}
        self.dead = False

    def submit(self, raw: bytes) -> str:
        self._alive()
        sender, nonce, _ = raw.decode().split(":")
        taken = any(
            other.startswith(f"{sender}:{nonce}:".encode()) for other in self._pool.values()
        )
        if (
            sender == "bad"
            or tx_hash(raw) in self._pool
            or int(nonce) < self._nonces.get(sender, 0)
        ):
            raise NodeRefused("nonce too low", error={"code": -32003, "message": "nonce too low"})
        if taken:
            self._pool = {
                h: r
                for h, r in self._pool.items()
                if not r.startswith(f"{sender}:{nonce}:".encode())
            }
        self._pool[tx_hash(raw)] = raw
        return tx_hash(raw)

    def ready_count(self) -> int:
        self._alive()
        return len(self._ready(dict(self._nonces), len(self._pool)))

    def _ready(self, nonces: dict[str, int], limit: int) -> list[str]:
        found: list[str] = []
        progress = True
        while progress and len(found) < limit:
            progress = False
            for name, raw in self._pool.items():
                sender, nonce, _ = raw.decode().split(":")
                if name not in found and int(nonce) == nonces.get(sender, 0) and len(found) < limit:
                    nonces[sender] = int(nonce) + 1
                    found.append(name)
                    progress = True
        return found

    def mine(self, time_s: int) -> MinedBlock:
        self._alive()
        ready = self._ready(self._nonces, PER_BLOCK)
        included = tuple(name for name in ready if not self._pool[name].endswith(b":poor"))
        for name in ready:
            del self._pool[name]
        past = self._blocks[-1].block_hash + str(time_s) + "".join(included)
        block = MinedBlock(len(self._blocks), time_s, tx_hash(past.encode()), included)
        self._blocks.append(block)
        return block

    def block(self, tag: str) -> MinedBlock:
        self._alive()
        return self._blocks[-1 if tag == "latest" else int(tag, 16)]

    def block_hashes(self, numbers: list[int]) -> list[str]:
        return [self._blocks[number].block_hash for number in numbers]

    def still_pooled(self, hashes: list[str]) -> list[bool]:
        return [name in self._pool for name in hashes]

    def call(self, method: str, *params: JsonValue) -> Any:
        self._alive()
        del params
        if method == "anvil_dropAllTransactions":
            self._pool.clear()
        return {"eth_chainId": hex(self._spec.chain_id)}.get(method)

    def stop(self) -> None:
        self.dead = True

    def _alive(self) -> None:
        if self.dead:
            raise NodeFailed("anvil stopped answering")


def restored(store: BlockStore, folder: Any) -> Restored:
    """Bring a fake node to the head of `store`."""
    return restore(store, folder, lambda: FakeNode(store.spec), report=lambda done, total: None)
