"""Decoding of JSON-RPC 2.0 answers: strict JSON, matching ids, errors sorted into our own. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from diptych.core.errors import JsonValue, LedgerError, MalformedError
from diptych.ledger.errors import (
    MalformedAnswer,
    Oversized,
    Pruned,
    RateLimited,
    Reverted,
    RpcRefused,
)
from diptych.ledger.quantity import read_bytes
from diptych_verify.jsonio import strict_json

_PRUNED = (
    "missing trie node",
    "pruned",
    "state not available",
    "state is not available",
    "historical state",
    "state histories haven't been fully indexed",
    "archive node",
    "old data not available",
    "block is out of range",
)
_REVERTED = (
    "execution reverted",
    "reverted with",
    "vm exception",
    "transaction reverted",
    "evm error",
    "invalid opcode",
    "out of gas",
)
_RATE_WORDS = ("rate limit", "too many requests", "request limit", "quota", "exceeded its compute")
_RATE_CODES = {429, -32005, -32029, -32097}
_SIZE_WORDS = ("results", "range", "logs", "blocks", "batch", "size")

_MAX_VALUES = 1_000_000

Clean = Callable[[str], str]


@dataclass(frozen=True)
class RpcCall:
    """One JSON-RPC request.

    Attributes:
        method: for example `eth_getBalance`.
        params: positional parameters, JSON-ready.
    """

    method: str
    params: Sequence[JsonValue] = ()

    def to_json(self, request_id: int) -> dict[str, JsonValue]:
        """Return the request object."""
        params: list[JsonValue] = list(self.params)
        return {"jsonrpc": "2.0", "id": request_id, "method": self.method, "params": params}


RpcResult = JsonValue | LedgerError


def decode_answer(body: bytes, *, max_bytes: int, max_depth: int) -> JsonValue:
    """Decode an answer body.

    Raises:
        MalformedAnswer: not strict JSON (truncated, HTML, duplicate keys, too deep).
        Oversized: more than a million values; a smaller question helps.
    """
    if sum(body.count(mark) for mark in (b",", b"[", b"{")) > _MAX_VALUES:
        raise Oversized(f"got an answer of more than {_MAX_VALUES} values", hint="ask for less")
    try:
        return strict_json(body, max_bytes=max_bytes, max_depth=max_depth, max_values=_MAX_VALUES)
    except MalformedError as error:
        start = body[:40].decode("ascii", "replace")
        raise MalformedAnswer(
            f"got an answer that is not JSON-RPC: {error.message}",
            hint="check that the URL is a JSON-RPC endpoint",
            starts_with="".join(c if c.isprintable() else " " for c in start),
        ) from None


def read_result(answer: JsonValue, call: RpcCall, *, request_id: int, clean: Clean) -> JsonValue:
    """Return the result of one answer object.

    Raises:
        MalformedAnswer: not an answer to this request.
        LedgerError: the error object, sorted into `RpcRefused` or a narrower error.
    """
    if not isinstance(answer, dict):
        raise MalformedAnswer(f"got {type(answer).__name__} for {call.method}, expected an object")
    if answer.get("error") is not None:
        raise sorted_error(answer["error"], call.method, clean)
    if answer.get("id") != request_id or isinstance(answer.get("id"), bool):
        raise MalformedAnswer(
            f"got an answer with another id for {call.method}, expected {request_id}"
        )
    if "result" not in answer:
        raise MalformedAnswer(f"got neither result nor error for {call.method}")
    return answer["result"]


def read_results(
    answers: Sequence[JsonValue], calls: Sequence[RpcCall], *, clean: Clean
) -> list[RpcResult]:
    """Match the answers of a batch, whose ids count from 0, to its calls, in any order.

    Raises:
        MalformedAnswer: an id is doubled or unknown.
    """
    by_id: dict[int, JsonValue] = {}
    for answer in answers:
        request_id = answer.get("id") if isinstance(answer, dict) else None
        if not isinstance(request_id, int) or isinstance(request_id, bool):
            raise MalformedAnswer("got an answer without id in a batch")
        if request_id in by_id or not 0 <= request_id < len(calls):
            raise MalformedAnswer(f"got a doubled or unknown id {request_id} in a batch")
        by_id[request_id] = answer
    return [_read_or_error(by_id.get(i), call, i, clean) for i, call in enumerate(calls)]


def _read_or_error(answer: JsonValue, call: RpcCall, request_id: int, clean: Clean) -> RpcResult:
    if answer is None:
        return MalformedAnswer(f"got no answer for {call.method} in a batch")
    try:
        return read_result(answer, call, request_id=request_id, clean=clean)
    except LedgerError as error:
        return error


def sorted_error(raw: JsonValue, method: str, clean: Clean) -> LedgerError:
    """Turn a JSON-RPC error object into the error that says what is wrong."""
    if not isinstance(raw, dict) or not isinstance(raw.get("message", ""), str):
        return MalformedAnswer(f"got an error of unknown shape for {method}")
    raw_code = raw.get("code")
    code = raw_code if isinstance(raw_code, int) and not isinstance(raw_code, bool) else 0
    message = clean(str(raw.get("message", "")))
    words = message.lower()
    data = _revert_data(raw.get("data"))
    if code == 3 or any(word in words for word in _REVERTED):
        return Reverted(f"{method} reverted: {message}", data=data)
    if code == 4444 or any(word in words for word in _PRUNED):
        return Pruned(
            f"the endpoint no longer keeps what {method} asks for: {message}",
            hint="use an archive endpoint: diptych chain add NAME URL",
        )
    if _is_rate_limit(code, words):
        return RateLimited(f"too many requests at {method}: {message}", hint="try again later")
    return RpcRefused(method, code, message)


def _is_rate_limit(code: int, words: str) -> bool:
    if any(word in words for word in _RATE_WORDS):
        return True
    # -32005 also means "query returned more than 10000 results": a smaller question helps there.
    return code in _RATE_CODES and not any(word in words for word in _SIZE_WORDS)


def _revert_data(raw: JsonValue) -> bytes:
    if isinstance(raw, dict):
        raw = raw.get("data", raw.get("result"))
    if isinstance(raw, str) and raw.startswith("Reverted 0x"):
        raw = raw.removeprefix("Reverted ")
    try:
        return read_bytes(raw, "data")
    except MalformedAnswer:
        return b""
