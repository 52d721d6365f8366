"""What clients of the index server may ask for, and who may ask."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from diptych.core.errors import UsageError
from diptych.index.store.store import QueryLimits


class ServedTooWidely(UsageError):
    """SQL would be answered to anybody who reaches the machine."""

    code = "Index.ServedTooWidely"


@dataclass(frozen=True)
class ServerLimits:
    """Bounds of everything that a client can make grow.

    Attributes:
        body_bytes: of a request.
        body_s: to send it.
        answer_bytes: of an answer.
        query: rows, bytes and time of a query.
        threads: queries at once.
        waiting: queries that wait for a thread; more are refused.
        clients: WebSocket connections.
        operations: subscriptions of one connection.
        subscriptions: different ones of all connections.
        message_bytes: of a WebSocket message.
        opening_s: until a WebSocket client says hello.
        sending_s: until a WebSocket client has taken a message; slower ones are dropped.
    """

    body_bytes: int = 1 << 20
    body_s: float = 10.0
    answer_bytes: int = 32 << 20
    query: QueryLimits = field(default_factory=lambda: QueryLimits(timeout_s=5.0, bytes=16 << 20))
    threads: int = 4
    waiting: int = 512
    clients: int = 256
    operations: int = 32
    subscriptions: int = 512
    message_bytes: int = 128 << 10
    opening_s: float = 10.0
    sending_s: float = 10.0


@dataclass(frozen=True)
class ServerOptions:
    """How an index is served.

    Attributes:
        host: address to listen on.
        port: 0 takes a free one.
        sql: answer SQL to everybody, not only to who can read the token in `server.json`.
        origins: web origins whose pages may ask.
        hosts: names by which the server may be asked, besides its own address.
        max_lag: blocks behind the head up to which it is healthy.
        limits: of clients.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    sql: bool = False
    origins: Sequence[str] = ()
    hosts: Sequence[str] = ()
    max_lag: int = 10
    limits: ServerLimits = field(default_factory=ServerLimits)

    def __post_init__(self) -> None:
        """Check that SQL stays on this machine.

        Raises:
            ServedTooWidely: it would not.
        """
        if self.sql and not is_loopback(self.host):
            raise ServedTooWidely(
                f"got SQL for everybody on host {self.host}, expected a loopback address",
                hint="leave out --sql: who can read server.json may use its token",
            )


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
