"""Endpoints by their URLs as one source: patient with one, quick to change between several."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from diptych.core.errors import UsageError
from diptych.index.source.failover import FailoverSource
from diptych.index.source.rpc.endpoint import Endpoint
from diptych.index.source.rpc.source import RpcSource, RpcSourceOptions
from diptych.index.source.source import Source
from diptych.ledger.rpc import RpcOptions

MAX_RESPONSE_BYTES = 128 << 20
_RETRIES_OF_MANY = 1
_WEB_SOCKETS = ("ws://", "wss://")


def open_endpoints(
    urls: Sequence[str],
    options: RpcSourceOptions | None = None,
    *,
    quorum: int = 1,
    timeout_s: float = 30.0,
    notice: Callable[[str], None] = lambda _: None,
) -> Source:
    """Return a source of one chain.

    Args:
        urls: `http://` or `https://` each, the preferred one first; a `ws://` or `wss://` one
            among them is only listened to for new heads.
        options: how they are read.
        quorum: how many must tell the same rows of a span.
        timeout_s: longest wait for one answer.
        notice: told when an endpoint fails that did not before.

    Raises:
        BadEndpoint: a URL cannot be used.
        UsageError: no URL to ask, or fewer than the quorum.
    """
    asked = [url for url in urls if not url.startswith(_WEB_SOCKETS)]
    if not asked:
        raise UsageError(
            "got no http:// or https:// endpoint", hint="name one beside those that tell of heads"
        )
    chosen = options or RpcSourceOptions()
    heard = [url for url in urls if url.startswith(_WEB_SOCKETS)]
    chosen = replace(chosen, wakeups=heard[0] if heard else chosen.wakeups)
    patience = RpcOptions(timeout_s=timeout_s, max_response_bytes=MAX_RESPONSE_BYTES)
    if len(asked) > 1:
        patience = replace(patience, retries=_RETRIES_OF_MANY)
    sources = [RpcSource(Endpoint(url, options=patience), chosen) for url in asked]
    if len(sources) == 1 and quorum == 1:
        return sources[0]
    return FailoverSource(sources, quorum=quorum, notice=notice)
