"""What the chain benchmarks share: signed load, a plain JSON-RPC client, bare anvil as the peer."""

import hashlib
import http.client
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from eth_account import Account
from eth_account.signers.local import LocalAccount

from diptych.ledger.devchain import ChainSpec, throwaway_node

TRANSFER_GAS = 21_000
_RECIPIENT = "0x" + "11" * 20


def senders(count: int) -> list[LocalAccount]:
    """Return reproducible accounts."""
    return [Account.from_key(hashlib.sha256(b"load %d" % n).digest()) for n in range(count)]


def transfers(
    accounts: Sequence[LocalAccount], chain_id: int, *, first_nonce: int, rounds: int
) -> list[str]:
    """Return one signed transfer per account and nonce, as `0x` text."""
    raws = []
    for nonce in range(first_nonce, first_nonce + rounds):
        fields: dict[str, Any] = {
            "type": 2,
            "chainId": chain_id,
            "nonce": nonce,
            "gas": TRANSFER_GAS,
            "maxFeePerGas": 10**10,
            "maxPriorityFeePerGas": 10**9,
            "to": _RECIPIENT,
            "value": 1 + nonce,
        }
        raws += [f"0x{a.sign_transaction(fields).raw_transaction.hex()}" for a in accounts]
    return raws


class Client:
    """JSON-RPC over one kept connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=120)

    def exchange(self, body: object) -> Any:
        """Post a request or batch and return the parsed answer."""
        self._connection.request(
            "POST", "/", json.dumps(body), {"Content-Type": "application/json"}
        )
        return json.loads(self._connection.getresponse().read())

    def call(self, method: str, *params: object) -> Any:
        """Return one call's result, or raise RuntimeError with its error."""
        answer = self.exchange({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        if "result" not in answer:
            raise RuntimeError(f"{method}: {answer.get('error')}")
        return answer["result"]

    def send_batch(self, raws: Sequence[str]) -> list[Any]:
        """Send signed transactions as one batch; return the answers in order."""
        method = "eth_sendRawTransaction"
        batch = [
            {"jsonrpc": "2.0", "id": n, "method": method, "params": [raw]}
            for n, raw in enumerate(raws)
        ]
        return sorted(self.exchange(batch), key=lambda answer: int(answer["id"]))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


@contextmanager
def bare_anvil(spec: ChainSpec, *extra: str) -> Iterator[Client]:
    """Run anvil as it comes, with the chain's genesis so that it takes the same transactions."""
    with tempfile.TemporaryDirectory() as folder:
        genesis = Path(folder) / "genesis.json"
        genesis.write_text(json.dumps(spec.genesis()), encoding="utf-8")
        flags = ["--init", str(genesis), *extra]
        with throwaway_node(chain_id=spec.chain_id, extra=flags) as url:
            client = Client(url)
            try:
                yield client
            finally:
                client.close()
