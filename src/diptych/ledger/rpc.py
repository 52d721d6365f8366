"""JSON-RPC client: single calls and batches, with retries where repeating is harmless.

A batch that a server finds too large is split and the smaller size remembered. Every failure is one
of the errors in `diptych.ledger.errors`; secrets of the URL never reach a message.
"""

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from diptych.core.errors import JsonValue, LedgerError
from diptych.ledger.answers import (
    RpcCall,
    RpcResult,
    decode_answer,
    read_result,
    read_results,
    sorted_error,
)
from diptych.ledger.errors import (
    MalformedAnswer,
    Oversized,
    RateLimited,
    RpcRefused,
    Unreachable,
)
from diptych.ledger.transport import HttpAnswer, HttpTransport, Transport

_Value = TypeVar("_Value")

# Doing these twice is not the same as doing them once.
_NOT_REPEATABLE = ("eth_sendTransaction", "eth_sendRawTransactionSync", "debug_setHead")
_NOT_REPEATABLE_PREFIXES = ("anvil_", "evm_", "hardhat_", "personal_", "miner_", "admin_")
_BATCH_REFUSALS = {-32600, -32005, -32010, -32003, -32700, 413, 400}


@dataclass(frozen=True)
class RpcOptions:
    """How patient and how generous the client is.

    Attributes:
        timeout_s: seconds for one exchange.
        max_response_bytes: largest answer that is read.
        max_depth: deepest nesting that is read.
        max_batch: calls per HTTP request.
        retries: repetitions after the first try.
        backoff_s: first pause; doubles each time, with full jitter.
        max_backoff_s: longest pause, also for a server's Retry-After.
    """

    timeout_s: float = 30.0
    max_response_bytes: int = 32 << 20
    max_depth: int = 64
    max_batch: int = 500
    retries: int = 4
    backoff_s: float = 0.25
    max_backoff_s: float = 8.0


class Rpc:
    """A JSON-RPC endpoint. Safe to share between threads."""

    def __init__(
        self,
        url: str,
        *,
        options: RpcOptions | None = None,
        transport: Transport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        """Prepare the client; nothing is sent yet.

        Args:
            url: endpoint; ignored when `transport` is given.
            options: limits and patience.
            transport: what carries the bytes, default urllib3.
            sleep: pause in seconds.
            uniform: source of jitter.

        Raises:
            BadEndpoint: the URL cannot be used.
        """
        self.options = options or RpcOptions()
        self._transport = transport or HttpTransport(
            url, timeout_s=self.options.timeout_s, max_bytes=self.options.max_response_bytes
        )
        self._sleep = sleep
        self._uniform = uniform
        self._batch_limit = self.options.max_batch

    @property
    def shown_url(self) -> str:
        """The endpoint with its secrets masked."""
        return self._transport.shown_url

    def __repr__(self) -> str:
        return f"Rpc({self.shown_url})"

    def call(self, method: str, *params: JsonValue) -> JsonValue:
        """Carry out one call.

        Raises:
            LedgerError: one of the errors in `diptych.ledger.errors`.
        """
        request = RpcCall(method, params)
        return self._with_retries([request], lambda: self._call_once(request))

    def batch(self, calls: Sequence[RpcCall]) -> list[RpcResult]:
        """Carry out many calls in few requests.

        Returns:
            One entry per call, in order: the result, or the error of that call alone.

        Raises:
            LedgerError: the endpoint failed as a whole.
        """
        results: list[RpcResult] = []
        while len(results) < len(calls):
            part = calls[len(results) : len(results) + self._batch_limit]
            results.extend(self._batch_part(part))
        return results

    def _batch_part(self, calls: Sequence[RpcCall]) -> list[RpcResult]:
        if len(calls) == 1:
            return [self._call_or_error(calls[0])]
        try:
            results = self._with_retries(calls, lambda: self._batch_once(calls))
        except (_BatchRefused, Oversized):
            self._batch_limit = min(self._batch_limit, max(1, len(calls) // 2))
            half = self._batch_limit
            return self._batch_part(calls[:half]) + self.batch(calls[half:])
        for index, result in enumerate(results):
            if isinstance(result, RateLimited):
                results[index] = self._call_or_error(calls[index])
        return results

    def _call_or_error(self, call: RpcCall) -> RpcResult:
        try:
            return self.call(call.method, *call.params)
        except (Unreachable, MalformedAnswer):
            raise
        except LedgerError as error:
            return error

    def _call_once(self, call: RpcCall) -> JsonValue:
        answer = self._post(call.to_json(0))
        decoded = self._decode(answer, call.method)
        return read_result(decoded, call, request_id=0, clean=self._transport.clean)

    def _batch_once(self, calls: Sequence[RpcCall]) -> list[RpcResult]:
        answer = self._post([call.to_json(index) for index, call in enumerate(calls)])
        if answer.status in {400, 413}:
            raise _BatchRefused("batch refused")
        decoded = self._decode(answer, "batch")
        clean = self._transport.clean
        if isinstance(decoded, dict) and "error" in decoded:
            error = sorted_error(decoded["error"], "batch", clean)
            if isinstance(error, RpcRefused) and error.rpc_code in _BATCH_REFUSALS:
                raise _BatchRefused("batch refused")
            raise error
        if not isinstance(decoded, list):
            raise MalformedAnswer("got no array for a batch")
        return read_results(decoded, calls, clean=clean)

    def _post(self, request: dict[str, JsonValue] | list[dict[str, JsonValue]]) -> HttpAnswer:
        body = json.dumps(request, separators=(",", ":")).encode()
        answer = self._transport.post(body)
        if answer.status == 429:
            raise _TooMany(f"{self.shown_url}: too many requests", answer.retry_after_s)
        if answer.status >= 500:
            raise Unreachable(
                f"{self.shown_url}: server error (HTTP {answer.status})",
                hint="diptych chain doctor",
            )
        return answer

    def _decode(self, answer: HttpAnswer, method: str) -> JsonValue:
        limits = self.options
        try:
            return decode_answer(
                answer.body, max_bytes=limits.max_response_bytes, max_depth=limits.max_depth
            )
        except MalformedAnswer:
            if answer.status == 200:
                raise
            raise RpcRefused(method, answer.status, f"HTTP {answer.status}") from None

    def _with_retries(self, calls: Sequence[RpcCall], attempt: Callable[[], _Value]) -> _Value:
        repeatable = all(is_repeatable(call.method) for call in calls)
        for tries in range(self.options.retries + 1):
            try:
                return attempt()
            except (RateLimited, Unreachable) as error:
                # Refused before it was carried out: harmless to repeat whatever it was.
                untouched = isinstance(error, RateLimited) or error.certainly_not_sent
                if tries == self.options.retries or not (repeatable or untouched):
                    raise
                self._sleep(self._pause_s(tries, error))
        raise AssertionError("unreachable")

    def _pause_s(self, tries: int, error: LedgerError) -> float:
        limits = self.options
        if isinstance(error, _TooMany) and error.retry_after_s is not None:
            return min(error.retry_after_s, limits.max_backoff_s)
        return self._uniform(0, min(limits.backoff_s * 2**tries, limits.max_backoff_s))


class _BatchRefused(LedgerError):
    """The endpoint refuses a batch of this size."""

    code = "Chain.BatchRefused"


class _TooMany(RateLimited):
    """HTTP 429, perhaps with a wish how long to wait."""

    def __init__(self, message: str, retry_after_s: float | None) -> None:
        super().__init__(message, hint="try again later, or use another endpoint")
        self.retry_after_s = retry_after_s


def is_repeatable(method: str) -> bool:
    """Whether sending the call twice has the effect of sending it once.

    >>> is_repeatable("eth_call"), is_repeatable("evm_mine")
    (True, False)
    """
    return method not in _NOT_REPEATABLE and not method.startswith(_NOT_REPEATABLE_PREFIXES)
