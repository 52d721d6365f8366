"""Transactions that wait to be mined; they are never part of an index, whose rows are of blocks."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from diptych.index.source.rpc.endpoint import Endpoint
from diptych.index.source.source import NotOffered
from diptych.ledger.errors import RpcRefused
from diptych.ledger.quantity import read_bytes

_REMEMBERED = 100_000
_MAX_AT_ONCE = 100_000
_FILTER_GONE = "filter not found"


class _Pooled(Struct, gc=False, frozen=True):
    hash: str


def pending(
    endpoint: Endpoint,
    *,
    stop: Callable[[], bool] = lambda: False,
    interval_s: float = 0.5,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[bytes]:
    """Yield the hash of each transaction that an endpoint hears of, once, for ever.

    Asks with a filter (`eth_newPendingTransactionFilter`), where there is none for the whole pool
    (`txpool_content` is large, so only its hashes are kept). Not every endpoint hears of every
    transaction, and some are never mined.

    Args:
        endpoint: which.
        stop: whether to end, asked after each look.
        interval_s: pause between looks.
        sleep: pause in seconds.

    Raises:
        NotOffered: the endpoint has neither method.
        LedgerError: the endpoint fails.
    """
    seen: OrderedDict[bytes, None] = OrderedDict()
    looks = _looks(endpoint)
    while not stop():
        for digest in next(looks):
            if digest not in seen:
                seen[digest] = None
                yield digest
        while len(seen) > _REMEMBERED:
            seen.popitem(last=False)
        sleep(interval_s)


def _looks(endpoint: Endpoint) -> Iterator[list[bytes]]:
    try:
        yield from _filtered(endpoint)
    except RpcRefused as error:
        if not error.unsupported:
            raise
    try:
        yield from _pooled(endpoint)
    except RpcRefused as error:
        if not error.unsupported:
            raise
        raise NotOffered(
            f"{endpoint.shown_url}: got no pending transactions ({error.rpc_message})",
            hint="use an endpoint with eth_newPendingTransactionFilter or txpool_content",
        ) from None


def _filtered(endpoint: Endpoint) -> Iterator[list[bytes]]:
    name: str | None = None
    while True:
        if name is None:
            name = endpoint.ask(str, "eth_newPendingTransactionFilter")
        try:
            found = endpoint.ask(list[str], "eth_getFilterChanges", name)
        except RpcRefused as error:
            # Endpoints forget filters that are not asked for a while, or when they restart.
            if _FILTER_GONE not in error.rpc_message.lower():
                raise
            name, found = None, None
        yield _hashes(found or ())


def _pooled(endpoint: Endpoint) -> Iterator[list[bytes]]:
    kind = dict[str, dict[str, dict[str, _Pooled]]]
    while True:
        pool = endpoint.ask(kind, "txpool_content") or {}
        senders = (nonces for part in pool.values() for nonces in part.values())
        yield _hashes(one.hash for nonces in senders for one in nonces.values())


def _hashes(texts: Iterable[str]) -> list[bytes]:
    found: list[bytes] = []
    for text in texts:
        if len(found) >= _MAX_AT_ONCE:
            break
        found.append(read_bytes(text, "transaction hash", length=32))
    return found
