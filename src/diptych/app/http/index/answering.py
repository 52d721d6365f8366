"""Queries in a pool of threads, each on a snapshot of the store, counted and bounded."""

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from diptych.app.http.index.limits import ServerLimits
from diptych.app.http.index.metrics import Metrics
from diptych.core.errors import EnvironmentFault, UsageError
from diptych.index.query.graphql.executing import GraphQL
from diptych.index.query.held import held
from diptych.index.store.duck import DuckStore
from diptych.index.store.opening import OpenedStore
from diptych.index.store.store import QueryLimits

if TYPE_CHECKING:
    import pyarrow as pa

Clock = Callable[[], float]
T = TypeVar("T")


class Overloaded(EnvironmentFault):
    """More queries wait than the server takes."""

    code = "Index.Overloaded"


class AnswerTooLarge(UsageError):
    """An answer has more bytes than the server sends."""

    code = "Index.AnswerTooLarge"


class Question(NamedTuple):
    """One GraphQL request; `variables` is JSON text, so that equal requests are equal."""

    query: str
    variables: bytes = b"{}"
    operation: str | None = None

    def values(self) -> Mapping[str, Any]:
        """Return the variables by name."""
        return msgspec.json.decode(self.variables, type=dict[str, Any])


class Answering:
    """Answers of one store.

    Args:
        store: asked in snapshots.
        limits: of clients.
        metrics: where queries are counted.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        store: OpenedStore,
        limits: ServerLimits,
        metrics: Metrics,
        *,
        clock: Clock = time.monotonic,
    ) -> None:
        self._store = store
        self._limits = limits
        self._metrics = metrics
        self._clock = clock
        amount = "BIGNUM" if isinstance(store, DuckStore) else "NUMERIC"
        self._graphql = GraphQL(store.entities, amount=amount, limits=limits.query, clock=clock)
        self._pool = ThreadPoolExecutor(limits.threads, thread_name_prefix="query")
        self._waiting = 0

    @property
    def schema(self) -> str:
        """The GraphQL schema as text."""
        return self._graphql.text

    def close(self) -> None:
        """End the threads, after what they are at."""
        self._pool.shutdown(cancel_futures=True)

    def is_subscription(self, question: Question) -> bool:
        """Whether a request asks to be told of changes."""
        return self._graphql.is_subscription(question.query, question.operation)

    async def graphql(self, question: Question, *, kind: str = "graphql") -> bytes:
        """Return the JSON of an answer.

        Raises:
            Overloaded: too many wait already.
            AnswerTooLarge: the answer is too large.
        """
        text, failed = await self.timed(kind, lambda: self._answer(question))
        if failed:
            self._metrics.errors[kind] += 1
        return text

    def _answer(self, question: Question) -> tuple[bytes, bool]:
        with self._store.snapshot() as seen:
            answer = self._graphql.answer(
                seen, question.query, question.values(), question.operation
            )
        return self._bounded(msgspec.json.encode(answer)), "errors" in answer

    async def sql(self, sql: str, parameters: list[Any], limits: QueryLimits) -> "pa.Table":
        """Return the table of a SELECT.

        Raises:
            Overloaded: too many wait already.
            QueryRefused: it is no single SELECT, is wrong, or costs too much.
        """

        def answer() -> "pa.Table":
            with self._store.snapshot() as seen:
                return seen.query(sql, parameters, limits=limits)

        return await self.timed("sql", answer)

    async def held(self, *, digest: bool) -> bytes:
        """Return the JSON of what the store holds.

        Raises:
            Overloaded: too many wait already.
        """

        def answer() -> bytes:
            with self._store.snapshot() as seen:
                return msgspec.json.encode(held(seen, self._store.entities, digest=digest))

        return await self.timed("held", answer)

    async def timed(self, kind: str, work: Callable[[], T]) -> T:
        """Return what `work` returns, done in a thread and counted.

        Raises:
            Overloaded: too many wait already.
        """
        if self._waiting >= self._limits.waiting:
            self._metrics.refused["overloaded"] += 1
            raise Overloaded(f"{self._waiting} queries wait already", hint="ask again later")
        began = self._clock()
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1
            self._metrics.answered(kind, self._clock() - began)

    def _bounded(self, answer: bytes) -> bytes:
        if len(answer) > self._limits.answer_bytes:
            raise AnswerTooLarge(
                f"got an answer of {len(answer):,} bytes,"
                f" expected at most {self._limits.answer_bytes:,}",
                hint="ask for fewer rows by `first`",
            )
        return answer
