"""Endpoints by their URLs as one source: patient with one, quick to change between several."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from diptych.index.source.failover import FailoverSource
from diptych.index.source.rpc.endpoint import Endpoint
from diptych.index.source.rpc.source import RpcSource, RpcSourceOptions
from diptych.index.source.source import Source
from diptych.ledger.rpc import RpcOptions

MAX_RESPONSE_BYTES = 128 << 20
_MANY = RpcOptions(timeout_s=15.0, retries=1, max_response_bytes=MAX_RESPONSE_BYTES)
_ONE = RpcOptions(max_response_bytes=MAX_RESPONSE_BYTES)


def open_endpoints(
    urls: Sequence[str],
    options: RpcSourceOptions | None = None,
    *,
    quorum: int = 1,
    patience: RpcOptions | None = None,
    notice: Callable[[str], None] = lambda _: None,
) -> Source:
    """Return a source of one chain.

    Args:
        urls: `http://` or `https://` each, the preferred one first.
        options: how they are read; `wakeups` is the first one's.
        quorum: how many must tell the same rows of a span.
        patience: limits of each endpoint.
        notice: told when an endpoint fails that did not before.

    Raises:
        BadEndpoint: a URL cannot be used.
        UsageError: fewer URLs than the quorum.
    """
    chosen = options or RpcSourceOptions()
    patience = patience or (_ONE if len(urls) == 1 else _MANY)
    sources: list[Source] = []
    for place, url in enumerate(urls):
        wakeups = chosen.wakeups if place == 0 else ""
        endpoint = Endpoint(url, options=patience)
        sources.append(RpcSource(endpoint, replace(chosen, wakeups=wakeups)))
    if len(sources) == 1 and quorum == 1:
        return sources[0]
    return FailoverSource(sources, quorum=quorum, notice=notice)
