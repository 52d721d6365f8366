"""One anvil process in its role here: it computes blocks and answers reads, it keeps nothing."""

import contextlib
import json
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from diptych.core.errors import JsonValue
from diptych.ledger.devchain.errors import NodeFailed, NodeRefused
from diptych.ledger.devchain.genesis import ChainSpec
from diptych.ledger.devchain.ipc import Ipc
from diptych.ledger.devchain.process import GuardedProcess, launch

_START_TIMEOUT_S = 20.0
_CALL_TIMEOUT_S = 300.0
_MAX_SOCKET_PATH_BYTES = 90
# Old states answer reads at old blocks. Anvil holds the newest 500 in memory; those that it would
# put on disk are whole states in a file each, fill the disk, and slow every block down.
_OLD_STATES = "0"
# Nobody can connect to a TCP listener on a multicast address, so the Unix socket is the only way
# in; where the system refuses such a listener, a random loopback port is the second best.
_UNREACHABLE_HOST = "224.0.0.1"
_HOSTS = (_UNREACHABLE_HOST, "127.0.0.1")


@dataclass(frozen=True)
class MinedBlock:
    """What anvil says it mined; hashes as `0x` text."""

    number: int
    time_s: int
    block_hash: str
    transactions: tuple[str, ...]


class Node:
    """A running anvil that only this process can reach."""

    def __init__(self, process: GuardedProcess, socket_path: Path, scratch: Path) -> None:
        self.process = process
        self._socket_path = socket_path
        self._scratch = scratch
        self._ipc = _connect_when_ready(process, socket_path)

    def connect(self, *, timeout_s: float) -> Ipc:
        """Open a further connection, for reads beside the one that writes."""
        return Ipc(self._socket_path, timeout_s=timeout_s)

    def call(self, method: str, *params: JsonValue) -> JsonValue:
        """Call anvil on the writing connection; see `Ipc.call`."""
        return self._ipc.call(method, *params)

    def submit(self, raw: bytes) -> str:
        """Hand one signed transaction to the pool and return its hash.

        One at a time, because anvil runs the entries of a batch in any order, and the order in
        the pool becomes the order in the block.

        Raises:
            NodeRefused: anvil refused it.
        """
        return str(self._ipc.call("eth_sendRawTransaction", "0x" + raw.hex()))

    def ready_count(self) -> int:
        """Return how many transactions of the pool could go into a block now."""
        status = self._ipc.call("txpool_status")
        if not isinstance(status, dict):
            raise NodeFailed("txpool_status: got another shape than expected")
        return _quantity(status.get("pending"))

    def mine(self, time_s: int) -> MinedBlock:
        """Mine one block with that timestamp and return it.

        Raises:
            NodeFailed: anvil did not do that.
        """
        self._ipc.call("evm_mine", {"timestamp": time_s, "blocks": 1})
        return self.block("latest")

    def block(self, tag: str) -> MinedBlock:
        """Return a block by number (hex) or tag.

        Raises:
            NodeFailed: there is no such block or it has another shape.
        """
        fields = self._ipc.call("eth_getBlockByNumber", tag, False)
        if not isinstance(fields, dict):
            raise NodeFailed(f"got no block '{tag}' from anvil")
        hashes = fields.get("transactions")
        return MinedBlock(
            number=_quantity(fields.get("number")),
            time_s=_quantity(fields.get("timestamp")),
            block_hash=str(fields.get("hash")),
            transactions=tuple(str(h) for h in hashes) if isinstance(hashes, list) else (),
        )

    def block_hashes(self, numbers: list[int]) -> list[str]:
        """Return the hashes of several blocks."""
        found = self._ipc.call_many("eth_getBlockByNumber", [[hex(n), False] for n in numbers])
        return [str(b.get("hash")) if isinstance(b, dict) else "none" for b in found]

    def still_pooled(self, hashes: list[str]) -> list[bool]:
        """Return for each transaction whether it waits in the pool (known, in no block)."""
        found = self._ipc.call_many("eth_getTransactionByHash", [[h] for h in hashes])
        return [isinstance(t, dict) and t.get("blockHash") is None for t in found]

    def stop(self) -> None:
        """Kill anvil (it keeps nothing worth a clean end) and remove its scratch folder."""
        self._ipc.close()
        self.process.stop()
        shutil.rmtree(self._scratch, ignore_errors=True)


def start_node(anvil: Path, spec: ChainSpec, folder: Path) -> Node:
    """Start anvil for a chain.

    Args:
        anvil: the checked binary.
        spec: the chain.
        folder: where its socket, log and scratch files may go.

    Raises:
        NodeFailed: it did not start; the message ends with its last words.
    """
    failure = NodeFailed("anvil was not started")
    for host in _HOSTS:
        scratch = _scratch_folder(folder)
        try:
            return _start(anvil, spec, scratch, host)
        except NodeFailed as error:
            shutil.rmtree(scratch, ignore_errors=True)
            failure = error
    raise failure


def _scratch_folder(folder: Path) -> Path:
    run = folder / "run"
    if len(str(run.absolute()).encode()) <= _MAX_SOCKET_PATH_BYTES:
        shutil.rmtree(run, ignore_errors=True)
        run.mkdir(mode=0o700)
        return run.absolute()
    return Path(tempfile.mkdtemp(prefix="diptych-"))


def _start(anvil: Path, spec: ChainSpec, scratch: Path, host: str) -> Node:
    genesis = scratch / "genesis.json"
    genesis.write_text(json.dumps(spec.genesis()), encoding="utf-8")
    socket_path = scratch / "anvil.ipc"
    command = [
        str(anvil),
        *("--host", host, "--port", "0", "--ipc", str(socket_path)),
        *("--accounts", "0", "--init", str(genesis), "--timestamp", str(spec.time_s)),
        *("--chain-id", str(spec.chain_id), "--hardfork", spec.hardfork),
        *("--no-mining", "--order", "fifo"),
        *("--cache-path", str(scratch / "cache"), "--max-persisted-states", _OLD_STATES),
        *("--quiet", "--color", "never"),
    ]
    return Node(launch(command, log_path=scratch / "anvil.log"), socket_path, scratch)


def _connect_when_ready(process: GuardedProcess, socket_path: Path) -> Ipc:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while process.running and time.monotonic() < deadline:
        with contextlib.suppress(NodeFailed, NodeRefused):
            ipc = Ipc(socket_path, timeout_s=_CALL_TIMEOUT_S)
            ipc.call("eth_chainId")
            return ipc
        time.sleep(0.003)
    words = process.last_words()
    process.stop()
    raise NodeFailed(
        f"anvil did not start: {words or 'it printed nothing'}", hint="run `diptych chain doctor`"
    )


def _quantity(value: JsonValue) -> int:
    try:
        return int(str(value), 16)
    except ValueError as error:
        raise NodeFailed(f"got '{value}', expected a hex quantity") from error
