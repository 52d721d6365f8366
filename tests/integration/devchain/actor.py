"""Who uses the chain in these tests: a funded key that signs, and a plain JSON-RPC client."""

import hashlib
import http.client
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from eth_account import Account

RECIPIENT = "0x" + "11" * 20


class Actor:
    """A reproducible account that counts its own nonces."""

    def __init__(self, number: int) -> None:
        self._account = Account.from_key(hashlib.sha256(b"actor %d" % number).digest())
        self.address: str = self._account.address
        self.nonce = 0

    def sign(self, chain_id: int, *, nonce: int | None = None, **fields: Any) -> str:
        """Return a signed transaction as 0x text; the default is a transfer of 1 wei."""
        if nonce is None:
            nonce, self.nonce = self.nonce, self.nonce + 1
        transaction = {
            "type": 2,
            "chainId": chain_id,
            "nonce": nonce,
            "gas": 21_000,
            "maxFeePerGas": 5 * 10**9,
            "maxPriorityFeePerGas": 10**9,
            "to": RECIPIENT,
            "value": 1,
        }
        transaction |= fields
        if transaction["to"] is None:
            del transaction["to"]
        return "0x" + bytes(self._account.sign_transaction(transaction).raw_transaction).hex()


class Rpc:
    """JSON-RPC over one kept connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=60)

    def post(self, body: bytes, **headers: str) -> tuple[int, Any]:
        """Post raw bytes; return the status and the parsed answer."""
        merged = {"Content-Type": "application/json"}
        merged |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request("POST", "/", body, merged)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())

    def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """Send a batch; return the answers in the order of the calls."""
        body = [
            {"jsonrpc": "2.0", "id": n, "method": method, "params": list(params)}
            for n, (method, params) in enumerate(calls)
        ]
        answers = self.post(json.dumps(body).encode())[1]
        return sorted(answers, key=lambda answer: int(answer["id"]))

    def answer(self, method: str, *params: Any) -> Any:
        """Return the whole answer to one call."""
        return self.batch([(method, params)])[0]

    def call(self, method: str, *params: Any) -> Any:
        """Return one call's result."""
        answer = self.answer(method, *params)
        assert "result" in answer, answer
        return answer["result"]

    def send(self, *raws: str) -> list[str]:
        """Send signed transactions as one batch; return their hashes."""
        answers = self.batch([("eth_sendRawTransaction", [raw]) for raw in raws])
        assert all("result" in answer for answer in answers), answers
        return [answer["result"] for answer in answers]

    def head(self) -> tuple[int, str]:
        """Return number and hash of the newest block."""
        block = self.call("eth_getBlockByNumber", "latest", False)
        return int(block["number"], 16), block["hash"]

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()
