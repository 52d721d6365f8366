"""A node over the made chain: what an endpoint answers, with limits, lies and faults to choose."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.unit.index.made_chain import answers, make_chain

from diptych.index.source.rpc.endpoint import Endpoint
from diptych.index.source.rpc.source import RpcSource, RpcSourceOptions
from diptych.ledger.rpc import RpcOptions
from diptych.ledger.transport import HttpAnswer, Transport

Lie = Callable[[str, Any, Any], Any]
"""Gets method, parameters and the true result; returns what is told."""


class Refusal(Exception):
    """A JSON-RPC error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def truth(_method: str, _params: Any, result: Any) -> Any:
    """Tell no lie."""
    return result


@dataclass
class MadeNode:
    """A transport that answers from memory; tests turn its knobs."""

    blocks: list[Any]
    receipts: list[list[Any]]
    lie: Lie = truth
    faults: list[HttpAnswer | Exception] = field(default_factory=list)
    most_blocks: int = 1 << 30
    most_logs: int = 1 << 30
    most_addresses: int = 1 << 30
    most_calls: int = 1 << 30
    times: bool = True
    lacks: frozenset[str] = frozenset()
    head: int | None = None
    asked: list[str] = field(default_factory=list)
    shown_url: str = "http://node.example"

    def clean(self, text: str) -> str:
        """Return a text as it is."""
        return text

    def post(self, body: bytes) -> HttpAnswer:
        """Answer a request or a batch."""
        if self.faults:
            fault = self.faults.pop(0)
            if isinstance(fault, Exception):
                raise fault
            return fault
        request = json.loads(body)
        if not isinstance(request, list):
            return HttpAnswer(200, json.dumps(self._answer(request)).encode())
        if len(request) > self.most_calls:
            error = {"code": -32600, "message": "batch too large"}
            return HttpAnswer(200, json.dumps({"id": None, "error": error}).encode())
        found = [self._answer(one) for one in reversed(request)]
        return HttpAnswer(200, json.dumps(found).encode())

    def _answer(self, request: Any) -> Any:
        method, params = request["method"], request["params"]
        self.asked.append(method)
        answer = {"jsonrpc": "2.0", "id": request["id"]}
        tell = getattr(self, f"_{method}", None)
        try:
            if tell is None or method in self.lacks:
                raise Refusal(-32601, f"the method {method} does not exist")
            return {**answer, "result": self.lie(method, params, deepcopy(tell(*params)))}
        except Refusal as refusal:
            return {**answer, "error": {"code": refusal.code, "message": str(refusal)}}

    @property
    def _newest(self) -> int:
        return len(self.blocks) - 1 if self.head is None else self.head

    def _eth_chainId(self) -> str:  # noqa: N802
        return "0x1"

    def _eth_getBlockByNumber(self, reference: str, whole: bool) -> Any:  # noqa: N802
        number = self._newest if reference == "latest" else int(reference, 16)
        if number > self._newest:
            return None
        block = self.blocks[number]
        hashes = [one["hash"] for one in block["transactions"]]
        return block if whole else {**block, "transactions": hashes}

    def _eth_getBlockReceipts(self, reference: str) -> Any:  # noqa: N802
        return self.receipts[int(reference, 16)]

    def _eth_getTransactionReceipt(self, digest: str) -> Any:  # noqa: N802
        every = (one for block in reversed(self.receipts) for one in block)
        return next((one for one in every if one["transactionHash"] == digest), None)

    def _eth_getLogs(self, wanted: Any) -> Any:  # noqa: N802
        numbers = self._numbers(wanted)
        if len(numbers) > self.most_blocks:
            raise Refusal(-32000, f"query exceeds the range of {self.most_blocks} blocks")
        addresses = wanted.get("address", [])
        addresses = [addresses] if isinstance(addresses, str) else addresses
        if len(addresses) > self.most_addresses:
            raise Refusal(-32602, "exceed max addresses")
        topics = (wanted.get("topics") or [[]])[0]
        found = [log for number in numbers for log in self._logs(number, addresses, topics)]
        if len(found) > self.most_logs:
            raise Refusal(-32005, f"query returned more than {self.most_logs} results")
        return found

    def _logs(self, number: int, addresses: list[str], topics: list[str]) -> Iterator[Any]:
        time = {"blockTimestamp": self.blocks[number]["timestamp"]} if self.times else {}
        for log in (log for receipt in self.receipts[number] for log in receipt["logs"]):
            of_topic = not topics or (log["topics"] and log["topics"][0] in topics)
            if of_topic and (not addresses or log["address"] in addresses):
                yield {**log, **time, "removed": False}

    def _numbers(self, wanted: Any) -> list[int]:
        if "blockHash" not in wanted:
            last = min(int(wanted["toBlock"], 16), self._newest)
            return list(range(int(wanted["fromBlock"], 16), last + 1))
        for number, block in enumerate(self.blocks):
            if block["hash"] == wanted["blockHash"]:
                return [number]
        raise Refusal(-32000, "unknown block")


def made_node(count: int = 12, **knobs: Any) -> MadeNode:
    """Return a node with so many blocks."""
    blocks, receipts = _answers(count)
    return MadeNode(list(blocks), list(receipts), **knobs)


@cache
def _answers(count: int) -> tuple[list[Any], list[list[Any]]]:
    return answers(make_chain(count))


def source_of(
    node: Transport, *, retries: int = 0, options: RpcSourceOptions | None = None
) -> RpcSource:
    """Return a source over a node that pauses nowhere."""
    endpoint = Endpoint(
        "", options=RpcOptions(retries=retries), transport=node, sleep=lambda _: None
    )
    return RpcSource(endpoint, options, sleep=lambda _: None)


@contextmanager
def served(node: MadeNode) -> Iterator[str]:
    """Serve a node on a loopback port and yield its URL."""

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            answer = node.post(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
