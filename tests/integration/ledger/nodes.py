"""Foreign nodes for the conformance suite."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.node.install import HERE, install

from diptych.ledger.errors import Unreachable
from diptych.ledger.rpc import Rpc, RpcOptions

_START_S = 60.0


@contextmanager
def hardhat_node(log: Path) -> Iterator[str]:
    """Run Hardhat's node, which shares no code with anvil, and yield its URL."""
    node = install()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(node), "node_modules/hardhat/dist/src/cli.js", "node"]
    command += ["--hostname", "127.0.0.1", "--port", str(port)]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(log.parent), "CI": "true"}
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=HERE, stdout=output, stderr=output, env=environment)
    try:
        url = f"http://127.0.0.1:{port}"
        rpc = _started(url, process, log)
        # While it mines each transaction at once, it refuses those that must wait for another.
        rpc.call("evm_setAutomine", False)
        rpc.call("evm_setIntervalMining", 40)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _started(url: str, process: subprocess.Popen[bytes], log: Path) -> Rpc:
    rpc = Rpc(url, options=RpcOptions(retries=0, timeout_s=5))
    deadline_s = time.monotonic() + _START_S
    while True:
        try:
            rpc.call("eth_chainId")
            return rpc
        except Unreachable:
            if process.poll() is not None or time.monotonic() > deadline_s:
                raise RuntimeError(log.read_text(errors="replace")[-2000:]) from None
            time.sleep(0.1)
