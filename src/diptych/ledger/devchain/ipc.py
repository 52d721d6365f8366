"""JSON-RPC over anvil's private Unix socket: one request, one newline-ended answer."""

import itertools
import json
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from diptych.core.errors import JsonValue
from diptych.ledger.devchain.errors import NodeFailed, NodeRefused

_CHUNK_BYTES = 1 << 18
MAX_ANSWER_BYTES = 512 << 20


class Ipc:
    """One connection; used by one thread at a time, unusable after any `NodeFailed`."""

    def __init__(self, path: Path, *, timeout_s: float) -> None:
        self._numbers = itertools.count(1)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(timeout_s)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise NodeFailed(f"anvil does not answer on its socket: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def exchange(self, request: bytes) -> bytes:
        """Send one JSON document and return the answer's line.

        Raises:
            NodeFailed: anvil is gone, silent for too long, or answers too much.
        """
        try:
            self._socket.sendall(request)
            return self._line()
        except OSError as error:
            self.close()
            raise NodeFailed(
                f"anvil stopped answering: {str(error) or type(error).__name__}"
            ) from error

    def _line(self) -> bytes:
        chunks: list[bytes] = []
        size_bytes = 0
        while not chunks or not chunks[-1].endswith(b"\n"):
            chunk = self._socket.recv(_CHUNK_BYTES)
            size_bytes += len(chunk)
            if not chunk or size_bytes > MAX_ANSWER_BYTES:
                raise ConnectionError("connection closed" if not chunk else "answer too large")
            chunks.append(chunk)
        return b"".join(chunks)

    def call(self, method: str, *params: JsonValue) -> JsonValue:
        """Return the result of one call.

        Raises:
            NodeRefused: anvil answered with an error; `details` holds it under `error`.
            NodeFailed: it did not answer, or not in JSON-RPC.
        """
        answer = self._parse(self.exchange(self._request(method, params)))
        return _result(method, answer)

    def call_many(self, method: str, params: Sequence[Sequence[JsonValue]]) -> list[JsonValue]:
        """Return the results of one call per entry of `params`; anvil may run them in any order.

        Raises:
            NodeRefused: anvil refused one of them.
            NodeFailed: as in `call`.
        """
        if not params:
            return []
        first = next(self._numbers)
        batch = b",".join(_encode(method, p, first + at) for at, p in enumerate(params))
        self._numbers = itertools.count(first + len(params))
        answers = self._parse(self.exchange(b"[" + batch + b"]"))
        if not isinstance(answers, list) or len(answers) != len(params):
            raise NodeFailed(f"{method}: got an answer of another shape than the request")
        by_id = {answer.get("id"): answer for answer in answers if isinstance(answer, dict)}
        return [_result(method, by_id.get(first + at)) for at in range(len(params))]

    def _request(self, method: str, params: Sequence[JsonValue]) -> bytes:
        return _encode(method, params, next(self._numbers))

    def _parse(self, line: bytes) -> JsonValue:
        try:
            value: JsonValue = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise NodeFailed(f"anvil answered something that is not JSON: {error}") from error
        return value


def _encode(method: str, params: Sequence[JsonValue], number: int) -> bytes:
    body = {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}
    return json.dumps(body, separators=(",", ":")).encode()


def _result(method: str, answer: JsonValue) -> JsonValue:
    if isinstance(answer, dict) and "result" in answer:
        return answer["result"]
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        raise NodeFailed(f"{method}: got neither result nor error")
    raise NodeRefused(f"{method}: {error.get('message')}", error=error)
