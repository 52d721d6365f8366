"""A throw-away node on which sequences of calls are played in blocks, gas free of charge."""

import gzip
import io
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from eth_hash.auto import keccak

from diptych.audit.replay.budget import Budget
from diptych.audit.replay.plan import SENDERS, Call
from diptych.core.errors import LedgerError
from diptych.ledger.devchain import throwaway_node
from diptych.ledger.devchain.ipc import Ipc

__all__ = ["Account", "Outcome", "ReplayNode", "replay_node"]

_START_S = 2_000_000_000
_TIMEOUT_S = 60.0
_CALL_GAS = 6_000_000
_DEPLOY_GAS = 200_000_000
_MAX_DUMP_BYTES = 64 << 20
_FLAGS = (
    *("--no-mining", "--order", "fifo", "--base-fee", "0", "--gas-price", "0"),
    *("--gas-limit", "4000000000", "--code-size-limit", "400000"),
)
# Written by the node in every block: hashes of blocks (EIP-2935) and of beacon roots (EIP-4788).
_SYSTEM = frozenset(
    {
        "0x0000f90827f1c53a10cb7a02335b175320002935",
        "0x000f3df6d732807ef1319fb7b8bb8522d0beac02",
    }
)
# Callees that know every function: one answers 1 (and as a
# price feed a price of now), one nothing, one refuses, one answers 0.
_CALLEES = (
    "60016000526001602052600160405242606052600160805260a06000f3",
    "00",
    "60006000fd",
    "60206000f3",
)
_REFUSES = 2


@dataclass(frozen=True)
class Outcome:
    """What one transaction did.

    Attributes:
        succeeded: whether it did not revert.
        output: return or revert data.
        logs: address, topics and data of each event.
        gas_used: as its receipt says.
        inner_failure: whether a call that it made failed.
        created: whether this address was created, for deployments; else empty.
    """

    succeeded: bool
    output: bytes
    logs: tuple[tuple[str, tuple[str, ...], str], ...]
    gas_used: int
    inner_failure: bool
    created: str = ""


@dataclass(frozen=True)
class Account:
    """Balance and storage of an account."""

    balance_wei: int
    storage: dict[int, int]


class ReplayNode:
    """A node with funded senders and a few callees; every run starts from the same state.

    Args:
        rpc: connection to the node.
        budget: how long runs may be started.
    """

    def __init__(self, rpc: Ipc, budget: Budget | None = None) -> None:
        self._rpc: Final = rpc
        self.budget = budget or Budget()
        accounts = rpc.call("eth_accounts")
        if not isinstance(accounts, list) or len(accounts) < SENDERS:
            raise LedgerError("the replay node has too few accounts")
        self.callees: Final = tuple(f"0x{0xCA11EE0000 + at:040x}" for at, _ in enumerate(_CALLEES))
        for address, code in zip(self.callees, _CALLEES, strict=True):
            rpc.call("anvil_setCode", address, f"0x{code}")
        refuser = self.callees[_REFUSES]
        rpc.call("anvil_impersonateAccount", refuser)
        rpc.call("anvil_setBalance", refuser, hex(10**24))
        own = (str(each).lower() for each in accounts[:SENDERS])
        self.senders: Final = (*own, refuser)
        self.first_address: Final = _first_address(self.senders[0])
        self._nonces = [0] * len(self.senders)
        self._time_s = _START_S
        self._saved = rpc.call("evm_snapshot")

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """Let what has begun go on to its end, whatever the time."""
        kept, self.budget = self.budget, Budget()
        try:
            yield
        finally:
            self.budget = kept

    def restart(self) -> None:
        """Go back to the state before anything was deployed.

        Raises:
            OutOfTime: there is no time for another run.
        """
        self.budget.require()
        self._rpc.call("evm_revert", self._saved)
        self._saved = self._rpc.call("evm_snapshot")
        self._nonces = [0] * len(self.senders)
        self._time_s = _START_S

    def install(self, codes: Mapping[str, str]) -> None:
        """Let code (hex) stand at addresses from now on, in every run."""
        self.restart()
        for address, code in codes.items():
            self._rpc.call("anvil_setCode", address, f"0x{code}")
        self._saved = self._rpc.call("evm_snapshot")

    def deploy(self, creation: bytes, value_wei: int = 0) -> Outcome:
        """Create a contract from the first sender; see `Outcome.created`."""
        self._send(0, None, creation, value_wei)
        (outcome,) = self._mine()
        return outcome

    def fund(self, address: str, amount_wei: int) -> None:
        """Set an account's balance."""
        self._rpc.call("anvil_setBalance", address, hex(amount_wei))

    def play(self, address: str, calls: Sequence[Call]) -> list[Outcome]:
        """Send calls in order, in blocks where no time passes between them."""
        outcomes: list[Outcome] = []
        waiting = False
        for call in calls:
            if call.gap_s and waiting:
                outcomes += self._mine()
            self._time_s += call.gap_s
            self._send(call.sender, address, call.data, call.value_wei)
            waiting = True
        return outcomes + (self._mine() if waiting else [])

    def accounts(self) -> dict[str, Account]:
        """Return balance and storage of every account."""
        dump = str(self._rpc.call("anvil_dumpState")).removeprefix("0x")
        with gzip.GzipFile(fileobj=io.BytesIO(bytes.fromhex(dump))) as stream:
            state = json.loads(stream.read(_MAX_DUMP_BYTES))
        return {
            address.lower(): Account(
                int(each["balance"], 16),
                {int(slot, 16): int(value, 16) for slot, value in each["storage"].items()},
            )
            for address, each in state["accounts"].items()
            if address.lower() not in _SYSTEM
        }

    def _send(self, sender: int, to: str | None, data: bytes, value_wei: int) -> None:
        transaction: dict[str, Any] = {
            "from": self.senders[sender],
            "data": f"0x{data.hex()}",
            "value": hex(value_wei),
            "gas": hex(_CALL_GAS if to else _DEPLOY_GAS),
            "gasPrice": "0x0",
            "nonce": hex(self._nonces[sender]),
        }
        if to:
            transaction["to"] = to
        self._rpc.call("eth_sendTransaction", transaction)
        self._nonces[sender] += 1

    def _mine(self) -> list[Outcome]:
        self._time_s += 1
        self._rpc.call("evm_mine", {"timestamp": self._time_s, "blocks": 1})
        receipts: Any = self._rpc.call("eth_getBlockReceipts", "latest")
        traces: Any = self._rpc.call("trace_block", "latest")
        outputs: dict[int, bytes] = {}
        failures: set[int] = set()
        for trace in traces:
            at = int(trace.get("transactionPosition") or 0)
            if not trace["traceAddress"]:
                told = (trace.get("result") or {}).get("output") or "0x"
                outputs[at] = bytes.fromhex(told.removeprefix("0x"))
            elif trace.get("error"):
                failures.add(at)
        return [
            _outcome(receipt, outputs.get(at, b""), inner_failure=at in failures)
            for at, receipt in enumerate(receipts)
        ]


def _outcome(receipt: dict[str, Any], output: bytes, *, inner_failure: bool) -> Outcome:
    return Outcome(
        succeeded=receipt["status"] == "0x1",
        output=output,
        logs=tuple(
            (log["address"].lower(), tuple(log["topics"]), log["data"]) for log in receipt["logs"]
        ),
        gas_used=int(receipt["gasUsed"], 16),
        inner_failure=inner_failure,
        created=str(receipt.get("contractAddress") or "").lower(),
    )


def _first_address(sender: str) -> str:
    """Return where an account's first contract goes: Keccak of RLP [sender, 0]."""
    encoded = b"\xd6\x94" + bytes.fromhex(sender[2:]) + b"\x80"
    return "0x" + keccak(encoded)[12:].hex()


@contextmanager
def replay_node(budget: Budget | None = None) -> Iterator[ReplayNode]:
    """Run a throw-away node for replays.

    Args:
        budget: how long runs may be started; None sets no limit.

    Raises:
        BinaryMissing: no anvil can be had.
        NodeFailed: it did not start.
    """
    with tempfile.TemporaryDirectory(prefix="diptych-replay-") as folder:
        path = Path(folder) / "node.ipc"
        flags = (*_FLAGS, "--timestamp", str(_START_S - 1), "--ipc", str(path))
        with throwaway_node(extra=flags), Ipc(path, timeout_s=_TIMEOUT_S) as connection:
            yield ReplayNode(connection, budget)
