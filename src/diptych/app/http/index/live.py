"""Subscriptions: each different one is asked again after a commit, and told on if it changed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from diptych.app.http.index.answering import Answering, Overloaded, Question
from diptych.app.http.index.routes import shown_error
from diptych.core.errors import DiptychError, UsageError

Offer = Callable[[bytes], None]
_WATCH_S = 1.0


class TooManySubscriptions(UsageError):
    """A client, or all together, subscribe to more than the server keeps."""

    code = "Index.TooManySubscriptions"


class Following(NamedTuple):
    """One subscriber's hold on a topic."""

    question: Question
    name: int


@dataclass
class _Topic:
    offers: dict[int, Offer] = field(default_factory=dict)
    told: bytes = b""
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


class Live:
    """All subscriptions of a server; used in its loop only, but for `changed`.

    Args:
        answering: asks the store.
        steps: a number that changes with each commit.
        most: different subscriptions.
    """

    def __init__(self, answering: Answering, steps: Callable[[], int], most: int) -> None:
        self._answering = answering
        self._steps = steps
        self._most = most
        self._topics: dict[Question, _Topic] = {}
        self._names = iter(range(1 << 62))
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def changed(self) -> None:
        """Say that rows were committed or taken back; may be called in any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)

    async def follow(self, question: Question, offer: Offer) -> Following:
        """Give `offer` the answer now and whenever it changes.

        Raises:
            TooManySubscriptions: there are too many different ones.
            Overloaded: too many queries wait.
        """
        topic = self._topics.get(question)
        if topic is None:
            if len(self._topics) >= self._most:
                raise TooManySubscriptions(f"there are {self._most} different subscriptions")
            topic = self._topics[question] = _Topic()
        made = Following(question, next(self._names))
        topic.offers[made.name] = offer
        try:
            await self._tell(question, topic, newest=made.name)
        except BaseException:
            self.leave(made)
            raise
        return made

    def leave(self, made: Following) -> None:
        """End one subscription."""
        topic = self._topics.get(made.question)
        if topic is not None:
            topic.offers.pop(made.name, None)
            if not topic.offers:
                del self._topics[made.question]

    async def run(self) -> None:
        """Tell of changes, until cancelled; what happens meanwhile is told at once, not queued."""
        seen = self._steps()
        while True:
            try:
                async with asyncio.timeout(_WATCH_S):
                    await self._wake.wait()
            except TimeoutError:
                if self._steps() == seen:
                    continue
            self._wake.clear()
            seen = self._steps()
            for question, topic in list(self._topics.items()):
                try:
                    await self._tell(question, topic)
                except Overloaded:
                    self._wake.set()
                    await asyncio.sleep(_WATCH_S)
                except DiptychError as error:
                    self._refuse(topic, error)

    async def _tell(self, question: Question, topic: _Topic, newest: int | None = None) -> None:
        async with topic.asking:
            answer = await self._answering.graphql(question, kind="subscription")
            changed, topic.told = answer != topic.told, answer
            for name, offer in list(topic.offers.items()):
                if changed or name == newest:
                    offer(answer)

    def _refuse(self, topic: _Topic, error: DiptychError) -> None:
        import msgspec

        for offer in topic.offers.values():
            offer(msgspec.json.encode({"errors": [shown_error(error)]}))
