"""Subscriptions over a WebSocket: the protocol `graphql-transport-ws`.

Source: github.com/enisdenjo/graphql-ws, PROTOCOL.md. Of an operation only the newest answer waits
to be sent, so a client that takes them slowly misses states in between and nothing piles up.
"""

import asyncio
from collections import deque
from typing import Any

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from diptych.app.http.index.answering import Answering, Question
from diptych.app.http.index.asked import BadRequest, Payload, decoded
from diptych.app.http.index.limits import ServerLimits
from diptych.app.http.index.live import Following, Live
from diptych.app.http.index.metrics import Metrics
from diptych.app.http.index.routes import shown_error
from diptych.core.errors import DiptychError

PROTOCOL = "graphql-transport-ws"
_BAD, _NO_HELLO, _SAME_ID, _LATE, _TWO_HELLOS, _FULL = 4400, 4401, 4409, 4408, 4429, 1013
_MAX_ID = 128
_MAX_WAITING = 64


class _Ended(Exception):
    """The connection is to be closed.

    Attributes:
        status: WebSocket close code.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Incoming(msgspec.Struct):
    """A message of a client."""

    type: str
    id: str | None = None
    payload: Any = None


class Connection:
    """One client.

    Args:
        socket: accepted already.
        answering: for operations that end at once.
        live: for those that go on.
        limits: of clients.
        metrics: where operations are counted.
    """

    def __init__(
        self,
        socket: WebSocket,
        answering: Answering,
        live: Live,
        *,
        limits: ServerLimits,
        metrics: Metrics,
    ) -> None:
        self._socket = socket
        self._answering = answering
        self._live = live
        self._limits = limits
        self._metrics = metrics
        self._following: dict[str, Following] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._answers: dict[str, bytes] = {}
        self._messages: deque[bytes] = deque()
        self._ready = asyncio.Event()
        self._full = False

    async def run(self) -> None:
        """Serve the client until it goes or is dropped."""
        try:
            await self._hello()
            async with asyncio.TaskGroup() as both:
                sending = both.create_task(self._send_all())
                await self._receive_all()
                sending.cancel()
        except* _Ended as ended:
            one = _first(ended)
            await self._close(one.status, one.reason)
        except* (WebSocketDisconnect, RuntimeError, OSError):
            pass  # the client has gone
        finally:
            for name in list(self._tasks):
                self._stop(name)

    async def _hello(self) -> None:
        try:
            async with asyncio.timeout(self._limits.opening_s):
                message = await self._receive()
        except TimeoutError:
            raise _Ended(_LATE, "Connection initialisation timeout") from None
        if message.type != "connection_init":
            raise _Ended(_NO_HELLO, "Unauthorized")
        await self._socket.send_text('{"type":"connection_ack"}')

    async def _receive(self) -> Incoming:
        raw = await self._socket.receive_text()
        try:
            return decoded(raw.encode(), Incoming)
        except (BadRequest, UnicodeEncodeError):
            raise _Ended(_BAD, "Invalid message received") from None

    async def _receive_all(self) -> None:
        while True:
            message = await self._receive()
            if message.type == "subscribe":
                self._begin(message)
            elif message.type == "complete":
                self._stop(message.id or "")
            elif message.type == "ping":
                self._say(b'{"type":"pong"}')
            elif message.type == "connection_init":
                raise _Ended(_TWO_HELLOS, "Too many initialisation requests")
            elif message.type != "pong":
                raise _Ended(_BAD, "Invalid message received")

    def _begin(self, message: Incoming) -> None:
        name = message.id
        if not name or len(name) > _MAX_ID:
            raise _Ended(_BAD, "Invalid message received")
        if name in self._tasks:
            raise _Ended(_SAME_ID, f"Subscriber for {name} already exists")
        if len(self._tasks) >= self._limits.operations:
            self._metrics.refused["operations"] += 1
            raise _Ended(_FULL, "Too many operations")
        try:
            question = msgspec.convert(message.payload, Payload).question()
        except (msgspec.MsgspecError, RecursionError):
            raise _Ended(_BAD, "Invalid message received") from None
        self._metrics.subscriptions += 1
        self._tasks[name] = asyncio.create_task(self._operate(name, question))

    async def _operate(self, name: str, question: Question) -> None:
        try:
            if self._answering.is_subscription(question):
                self._following[name] = await self._live.follow(
                    question, lambda answer: self._offer(name, answer)
                )
                return
            answer = await self._answering.graphql(question)
            if answer.startswith(b'{"errors"'):
                errors = msgspec.json.decode(answer, type=dict[str, msgspec.Raw])["errors"]
                self._say(_message(b"error", name, bytes(errors)))
            else:
                self._say(_message(b"next", name, answer))
                self._say(_message(b"complete", name))
        except DiptychError as error:
            self._say(_message(b"error", name, msgspec.json.encode([shown_error(error)])))
        self._stop(name)

    def _stop(self, name: str) -> None:
        task = self._tasks.pop(name, None)
        if task is None:
            return
        self._metrics.subscriptions -= 1
        if task is not asyncio.current_task():
            task.cancel()
        followed = self._following.pop(name, None)
        if followed is not None:
            self._live.leave(followed)
        self._answers.pop(name, None)

    def _offer(self, name: str, answer: bytes) -> None:
        if name in self._tasks:
            self._answers[name] = answer
            self._ready.set()

    def _say(self, message: bytes) -> None:
        self._full = len(self._messages) >= _MAX_WAITING
        if not self._full:
            self._messages.append(message)
        self._ready.set()

    async def _send_all(self) -> None:
        while True:
            await self._ready.wait()
            self._ready.clear()
            while self._messages or self._answers:
                if self._messages:
                    await self._send(self._messages.popleft())
                else:
                    name = next(iter(self._answers))
                    await self._send(_message(b"next", name, self._answers.pop(name)))

    async def _send(self, message: bytes) -> None:
        if self._full:
            self._metrics.refused["slow"] += 1
            raise _Ended(_FULL, "Too many messages wait")
        try:
            async with asyncio.timeout(self._limits.sending_s):
                await self._socket.send_text(message.decode())
        except TimeoutError:
            self._metrics.refused["slow"] += 1
            raise _Ended(_FULL, "Too slow") from None

    async def _close(self, status: int, reason: str) -> None:
        try:
            async with asyncio.timeout(1.0):
                await self._socket.close(status, reason[:100])
        except (TimeoutError, RuntimeError, OSError, WebSocketDisconnect):
            pass


def _message(type_: bytes, name: str, payload: bytes | None = None) -> bytes:
    head = b'{"id":' + msgspec.json.encode(name) + b',"type":"' + type_ + b'"'
    return head + (b"}" if payload is None else b',"payload":' + payload + b"}")


def _first(ended: "BaseExceptionGroup[_Ended]") -> _Ended:
    found: BaseException = ended
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    assert isinstance(found, _Ended)
    return found
