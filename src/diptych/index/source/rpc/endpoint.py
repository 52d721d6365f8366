"""One JSON-RPC endpoint whose answers are decoded from their bytes into typed structs.

The ledger's client checks every value as it is decoded into Python objects; for a million logs that
is too slow. Here msgspec checks names and types while it decodes, and the tables check the values.
"""

import random
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from diptych.core.errors import JsonValue, LedgerError
from diptych.index.source.answers import malformed
from diptych.index.source.bounded import MAX_DEPTH, require_shallow
from diptych.index.source.rpc.pace import Pace
from diptych.ledger.answers import RpcCall, sorted_error
from diptych.ledger.errors import (
    MalformedAnswer,
    Oversized,
    RateLimited,
    RpcRefused,
    Unreachable,
)
from diptych.ledger.rpc import RpcOptions
from diptych.ledger.transport import HttpAnswer, HttpTransport, Transport

T = TypeVar("T")
_BATCH_REFUSALS = frozenset((-32600, -32005, -32010, -32003, -32700))
_FIRST_BATCH = 100
_TOO_LARGE = 413
_SAFE_RECURSION = 10_000


class _Refusal(msgspec.Struct, gc=False, frozen=True):
    code: int = 0
    message: str = ""


class _Answer(msgspec.Struct, Generic[T], frozen=True):
    id: int | None = None
    result: T | msgspec.UnsetType | None = msgspec.UNSET
    error: _Refusal | None = None


class Endpoint:
    """A JSON-RPC endpoint; safe to share between threads.

    Args:
        url: `http://` or `https://`; ignored when `transport` is given.
        options: limits and patience.
        transport: what carries the bytes.
        sleep: pause in seconds.
        uniform: source of jitter.

    Raises:
        BadEndpoint: the URL cannot be used.
    """

    def __init__(
        self,
        url: str,
        *,
        options: RpcOptions | None = None,
        transport: Transport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self.options = options or RpcOptions()
        self._transport = transport or HttpTransport(
            url, timeout_s=self.options.timeout_s, max_bytes=self.options.max_response_bytes
        )
        self._sleep = sleep
        self._uniform = uniform
        self._batch = Pace(_FIRST_BATCH, self.options.max_batch)
        self._decoders: dict[Any, msgspec.json.Decoder[Any]] = {}
        self._encoder = msgspec.json.Encoder()
        self.calls = 0

    @property
    def shown_url(self) -> str:
        """The endpoint with its secrets masked."""
        return self._transport.shown_url

    def __repr__(self) -> str:
        return f"Endpoint({self.shown_url})"

    def pause(self, pause_s: float) -> None:
        """Give an endpoint time to agree with itself: several nodes may stand behind a URL."""
        self._sleep(pause_s)

    def ask(self, kind: type[T], method: str, *params: JsonValue, hasty: bool = False) -> T | None:
        """Carry out one call.

        Args:
            kind: what msgspec decodes the result into.
            method: of JSON-RPC.
            params: JSON-ready.
            hasty: whether an answer that does not come in time is not asked for again.

        Returns:
            The result; None where the endpoint answers null.

        Raises:
            LedgerError: one of the errors in `diptych.ledger.errors`.
        """
        request = self._encoder.encode(RpcCall(method, params).to_json(0))
        return self._patiently(lambda: self._once(kind, method, request), hasty=hasty)

    def ask_each(self, kind: type[T], calls: Sequence[RpcCall]) -> list[T | None]:
        """Carry out many calls in few requests.

        Returns:
            One result per call, in order; None where the endpoint answers null.

        Raises:
            LedgerError: the endpoint, or one call, failed.
        """
        results: list[T | None] = []
        while len(results) < len(calls):
            part = calls[len(results) : len(results) + self._batch.size]
            results += self._batch_of(kind, part)
        return results

    def _batch_of(self, kind: type[T], calls: Sequence[RpcCall]) -> list[T | None]:
        if len(calls) == 1:
            return [self.ask(kind, calls[0].method, *calls[0].params)]
        request = self._encoder.encode([one.to_json(at) for at, one in enumerate(calls)])
        try:
            answers = self._patiently(lambda: self._batch_once(kind, calls, request))
        except (_BatchRefused, Oversized):
            self._batch.refused(len(calls))
            return self.ask_each(kind, calls)
        self._batch.served(len(calls))
        return answers

    def _once(self, kind: type[T], method: str, request: bytes) -> T | None:
        answer = self._decoded(_Answer[kind], self._post(request, method))  # type: ignore[valid-type]
        return self._result(answer, method, 0)

    def _batch_once(
        self, kind: type[T], calls: Sequence[RpcCall], request: bytes
    ) -> list[T | None]:
        method = calls[0].method
        one = _Answer[kind]  # type: ignore[valid-type]
        answers = self._decoded(list[one] | one, self._post(request, method))
        if not isinstance(answers, list):
            if answers.error is not None and answers.error.code in _BATCH_REFUSALS:
                raise _BatchRefused("batch refused")
            self._result(answers, method, 0)
            raise MalformedAnswer(f"{self.shown_url}: got no array for a batch of {method}")
        by_id = {one.id: one for one in answers}
        if len(answers) != len(calls) or set(by_id) != set(range(len(calls))):
            raise MalformedAnswer(
                f"{self.shown_url}: got {len(answers)} answers for a batch of {len(calls)} {method}"
            )
        return [self._result(by_id[at], call.method, at) for at, call in enumerate(calls)]

    def _result(self, answer: _Answer[T], method: str, request_id: int) -> T | None:
        if answer.error is not None:
            raw: JsonValue = {"code": answer.error.code, "message": answer.error.message}
            raise sorted_error(raw, method, self._transport.clean)
        if answer.id != request_id:
            raise MalformedAnswer(f"{self.shown_url}: got an answer with another id for {method}")
        if answer.result is msgspec.UNSET:
            raise MalformedAnswer(f"{self.shown_url}: got neither result nor error for {method}")
        return answer.result

    def _decoded(self, kind: Any, body: bytes) -> Any:
        decoder = self._decoders.get(kind)
        if decoder is None:
            decoder = self._decoders[kind] = msgspec.json.Decoder(kind)
        # msgspec stops at the recursion limit, which is too late where some library raised it.
        if sys.getrecursionlimit() > _SAFE_RECURSION:
            require_shallow(body, MAX_DEPTH)
        try:
            return decoder.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise MalformedAnswer(f"{self.shown_url}: {malformed(error).message}") from None

    def _post(self, request: bytes, method: str) -> bytes:
        self.calls += 1
        answer = self._transport.post(request)
        if answer.status != 200:
            self._check(answer, method)
        return answer.body

    def _check(self, answer: HttpAnswer, method: str) -> None:
        """Raise what a status other than 200 means, unless the body says it better."""
        where = f"{self.shown_url}: "
        if answer.status == 429:
            raise _TooMany(f"{where}too many requests", answer.retry_after_s)
        if answer.status == _TOO_LARGE:
            raise Oversized(f"{where}got HTTP 413 for {method}", hint="ask for less")
        if answer.status >= 500:
            text = "no answer in time" if answer.status == 504 else "server error"
            raise Unreachable(f"{where}{text} (HTTP {answer.status})", hint="diptych chain doctor")
        if answer.body.lstrip()[:1] not in {b"{", b"["}:
            raise RpcRefused(method, answer.status, f"HTTP {answer.status}")

    def _patiently(self, attempt: Callable[[], T], *, hasty: bool = False) -> T:
        for tries in range(self.options.retries + 1):
            try:
                return attempt()
            except (RateLimited, Unreachable, MalformedAnswer) as error:
                late = hasty and "in time" in error.message
                if late or tries == self.options.retries:
                    raise
                self._sleep(self._pause_s(tries, error))
        raise AssertionError("unreachable")

    def _pause_s(self, tries: int, error: LedgerError) -> float:
        limits = self.options
        if isinstance(error, _TooMany) and error.retry_after_s is not None:
            return min(error.retry_after_s, limits.max_backoff_s)
        return self._uniform(0, min(limits.backoff_s * 2.0**tries, limits.max_backoff_s))


class _BatchRefused(LedgerError):
    """The endpoint refuses a batch of this size."""

    code = "Index.BatchRefused"


class _TooMany(RateLimited):
    """HTTP 429, perhaps with a wish how long to wait."""

    def __init__(self, message: str, retry_after_s: float | None) -> None:
        super().__init__(message, hint="try again later, or use another endpoint")
        self.retry_after_s = retry_after_s
