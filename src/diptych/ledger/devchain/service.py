"""Answer JSON-RPC requests: sends go to the writer, reads to anvil, in the order of the batch."""

import time
from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Self

from diptych.core.errors import DiptychError, JsonValue
from diptych.ledger.binary import ANVIL_VERSION
from diptych.ledger.devchain import rpc
from diptych.ledger.devchain.engine import Engine
from diptych.ledger.devchain.errors import NodeFailed, NodeRefused
from diptych.ledger.devchain.ipc import Ipc
from diptych.ledger.devchain.rpc import Call, Refusal, Request

_READ_ATTEMPTS = 3
_RETRY_PAUSE_S = 0.3  # longer than the writer takes to notice that anvil has ended

Identity = Mapping[str, JsonValue]


class Service:
    """One client connection's view of the chain; used by one thread."""

    def __init__(self, engine: Engine, identity: Identity) -> None:
        self._engine = engine
        self._identity = dict(identity)
        self._ipc: Ipc | None = None
        self._local: dict[str, Callable[[Call], JsonValue]] = {
            rpc.SEND_SYNC: self._send_and_wait,
            rpc.MINE: self._mine,
            "web3_clientVersion": lambda _: _client_version(),
            "diptych_session": lambda _: self._identity,
            "diptych_status": lambda _: {**self._identity, **self._engine.status()},
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection to anvil."""
        if self._ipc is not None:
            self._ipc.close()
            self._ipc = None

    def answer(self, body: bytes) -> bytes:
        """Answer one request body; never raises for what the body says."""
        try:
            parsed = rpc.parse_body(body)
        except DiptychError as error:
            return rpc.error_answer(None, error)
        if not isinstance(parsed, list):
            return self._run([parsed])[0]
        answers = []
        for _, run in groupby(parsed, key=_kind):
            answers += self._run(list(run))
        return b"[" + b",".join(answers) + b"]"

    def _run(self, requests: list[Request]) -> list[bytes]:
        """Answer requests of one kind."""
        kind = _kind(requests[0])
        if kind == "read":
            return self._read([r for r in requests if isinstance(r, Call)])
        if kind == "send":
            return self._send([r for r in requests if isinstance(r, Call)])
        return [self._one(request) for request in requests]

    def _one(self, request: Request) -> bytes:
        if isinstance(request, Refusal):
            return rpc.error_answer(request.number, request.error)
        try:
            return rpc.result_answer(request.number, self._local[request.method](request))
        except DiptychError as error:
            return rpc.error_answer(request.number, error)

    def _read(self, calls: list[Call]) -> list[bytes]:
        encoded = [call.encode() for call in calls]
        body = encoded[0] if len(calls) == 1 else b"[" + b",".join(encoded) + b"]"
        try:
            answer = self._exchange(body).strip()
        except DiptychError as error:
            return [rpc.error_answer(call.number, error) for call in calls]
        return [answer if len(calls) == 1 else answer[1:-1]]

    def _exchange(self, body: bytes) -> bytes:
        """Ask anvil; if it dies, ask the one that replaces it, and give up at the third."""
        failure = NodeFailed("anvil was not asked")
        for attempt in range(_READ_ATTEMPTS):
            time.sleep(_RETRY_PAUSE_S if attempt else 0.0)
            try:
                self._ipc = self._ipc or self._engine.connect()
                return self._ipc.exchange(body)
            except NodeFailed as error:
                failure = error
                self.close()
        raise failure

    def _send(self, calls: list[Call]) -> list[bytes]:
        raws: list[bytes] = []
        slots: list[int | DiptychError] = []
        for call in calls:
            try:
                raws.append(rpc.raw_transaction(call))
                slots.append(len(raws) - 1)
            except DiptychError as error:
                slots.append(error)
        try:
            outcomes = self._engine.submit(raws) if raws else []
        except DiptychError as error:
            outcomes = [error] * len(raws)
        answers = []
        for call, slot in zip(calls, slots, strict=True):
            outcome = outcomes[slot] if isinstance(slot, int) else slot
            encode = rpc.result_answer if isinstance(outcome, str) else rpc.error_answer
            answers.append(encode(call.number, outcome))  # type: ignore[arg-type]
        return answers

    def _send_and_wait(self, call: Call) -> JsonValue:
        outcome = self._engine.submit([rpc.raw_transaction(call)])[0]
        if isinstance(outcome, DiptychError):
            raise outcome
        with self._engine.connect() as ipc:
            receipt = ipc.call("eth_getTransactionReceipt", outcome)
        if receipt is None:
            message = f"transaction {outcome} is accepted but waits for an earlier nonce"
            error: JsonValue = {"code": 4, "message": message, "data": outcome}
            raise NodeRefused(message, error=error)
        return receipt

    def _mine(self, call: Call) -> JsonValue:
        self._engine.mine(rpc.block_count(call))
        return self._engine.status()["number"]


def _client_version() -> str:
    from importlib.metadata import version

    return f"diptych/{version('diptych')}/anvil/v{ANVIL_VERSION}"


def _kind(request: Request) -> str:
    if isinstance(request, Refusal):
        return "refused"
    if request.method in rpc.READS:
        return "read"
    return "send" if request.method == rpc.SEND else "local"
