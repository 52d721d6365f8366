"""Messages of a broker between the network thread and the one that makes them durable."""

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

_GATHER_S = 0.05

Arrived = tuple[bytes, int, int, int]
"""Payload, message id, QoS, and the connection by which it came."""


class Message(Protocol):
    """What an MQTT library hands over."""

    payload: bytes | bytearray
    mid: int
    qos: int


class Inbox:
    """Holds messages until they are durable, and acknowledges them then.

    What came by an earlier connection is stored, too, but never acknowledged: the broker sends it
    again, and a message id may stand for another message by then, which is not on disk.

    Args:
        acknowledge: sends one acknowledgement: (message id, QoS).
        room: how many messages wait here before the network thread does.
    """

    def __init__(self, acknowledge: Callable[[int, int], object], *, room: int) -> None:
        self._acknowledge = acknowledge
        self._waiting: queue.Queue[Arrived] = queue.Queue(maxsize=room)
        self._lock = threading.RLock()
        self._connection = 0
        self._closed = False

    @property
    def empty(self) -> bool:
        """Whether nothing waits."""
        return self._waiting.empty()

    def put(self, message: Message) -> None:
        """Take a message in, when there is room; once closed, drop it unacknowledged."""
        arrived = (bytes(message.payload), message.mid, message.qos, self._connection)
        while not self._closed:
            try:
                return self._waiting.put(arrived, timeout=_GATHER_S)
            except queue.Full:
                continue

    def disconnected(self) -> None:
        """Note that what came so far must not be acknowledged any more."""
        with self._lock:
            self._connection += 1

    def close(self) -> None:
        """Let the network thread go, even where it waits for room."""
        self._closed = True

    def gather(self, batch: int) -> list[Arrived]:
        """Return what has come, after waiting a moment for the first message."""
        try:
            found = [self._waiting.get(timeout=_GATHER_S)]
        except queue.Empty:
            return []
        while len(found) < batch:
            try:
                found.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        return found

    def acknowledge(self, messages: Sequence[Arrived]) -> None:
        """Acknowledge messages that are durable."""
        for _, mid, qos, connection in messages:
            with self._lock:
                if connection == self._connection:
                    self._acknowledge(mid, qos)
