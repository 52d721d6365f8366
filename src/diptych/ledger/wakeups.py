"""Who wakes the follower of a chain: a clock, or a WebSocket subscription to new heads.

A wake-up only says "look again". What is true is always read over the checked connection, so a
lost, doubled or invented notification does no harm.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Protocol, Self

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from diptych.core.errors import JsonValue
from diptych.ledger.answers import RpcCall, decode_answer, read_result
from diptych.ledger.errors import MalformedAnswer, Unreachable, WrongChain
from diptych.ledger.masking import checked_url, clean_text, masked_url, url_secrets
from diptych.ledger.quantity import read_quantity

_MAX_MESSAGE_BYTES = 1 << 20
_MAX_DEPTH = 16
_MAX_UNASKED = 1_000


class Wakeups(Protocol):
    """Blocks until it is time to look at the chain again."""

    def wait(self) -> None:
        """Return when the chain may have a new block."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class Polling:
    """Looks at regular intervals."""

    def __init__(
        self, interval_s: float = 1.0, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._interval_s = interval_s
        self._sleep = sleep

    def wait(self) -> None:
        """Sleep for one interval."""
        self._sleep(self._interval_s)

    def close(self) -> None:
        """Do nothing."""


class HeadSubscription:
    """Wakes at each `newHeads` notification; falls back to polling while the line is down."""

    def __init__(
        self,
        url: str,
        expected_chain_id: int,
        *,
        interval_s: float = 5.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare the subscription; nothing is sent yet.

        Args:
            url: `ws://` or `wss://` endpoint; may hold secrets.
            expected_chain_id: any other chain is refused.
            interval_s: longest wait, also without any notification.
            sleep: pause in seconds while the line is down.

        Raises:
            BadEndpoint: the URL cannot be used.
        """
        self._url = checked_url(url, schemes=("ws", "wss"))
        self._expected_chain_id = expected_chain_id
        self._interval_s = interval_s
        self._sleep = sleep
        self._connection: ClientConnection | None = None
        self._open = ExitStack()

    def __repr__(self) -> str:
        return f"HeadSubscription({masked_url(self._url)})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def wait(self) -> None:
        """Return at the next notification, after the interval, or when the line is back.

        Raises:
            WrongChain: the endpoint serves another chain.
        """
        try:
            if self._connection is None:
                # Blocks may have come while the line was down: look at once.
                self._connection = self._subscribed()
                return
            self._connection.recv(timeout=self._interval_s)
        except TimeoutError:
            return
        except (Unreachable, OSError, WebSocketException):
            self.close()
            self._sleep(self._interval_s)

    def close(self) -> None:
        """Close the line."""
        self._connection = None
        self._open.close()

    def _subscribed(self) -> ClientConnection:
        connection = self._open.enter_context(
            connect(
                self._url,
                open_timeout=self._interval_s,
                close_timeout=1,
                max_size=_MAX_MESSAGE_BYTES,
            )
        )
        try:
            found = read_quantity(self._ask(connection, RpcCall("eth_chainId")), "chain id")
            if found != self._expected_chain_id:
                raise WrongChain(
                    f"{masked_url(self._url)}: got chain id {found}, "
                    f"expected {self._expected_chain_id}",
                    hint="diptych chain status",
                )
            self._ask(connection, RpcCall("eth_subscribe", ["newHeads"]))
        except BaseException:
            self.close()
            raise
        return connection

    def _clean(self, text: str) -> str:
        return clean_text(text, url_secrets(self._url))

    def _ask(self, connection: ClientConnection, call: RpcCall) -> JsonValue:
        connection.send(json.dumps(call.to_json(1)))
        for message in _messages(connection, self._interval_s):
            answer = decode_answer(message, max_bytes=_MAX_MESSAGE_BYTES, max_depth=_MAX_DEPTH)
            if isinstance(answer, dict) and "id" not in answer:
                continue
            return read_result(answer, call, request_id=1, clean=self._clean)
        raise MalformedAnswer(f"got only notifications, expected the answer to {call.method}")


def _messages(connection: ClientConnection, timeout_s: float) -> Iterator[bytes]:
    for _ in range(_MAX_UNASKED):
        message = connection.recv(timeout=timeout_s)
        yield message.encode() if isinstance(message, str) else message
