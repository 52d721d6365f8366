"""Selectors of logs as filters of `eth_getLogs`, few and with few addresses each. Pure."""

from collections.abc import Sequence

from diptych.core.errors import JsonValue
from diptych.index.blocks import LogSelector


def merged(selectors: Sequence[LogSelector]) -> list[LogSelector]:
    """Return fewer selectors that together select the same logs.

    >>> one, two = LogSelector(frozenset({b"1"})), LogSelector(frozenset({b"2"}))
    >>> [sorted(each.addresses) for each in merged([one, two])]
    [[b'1', b'2']]
    """
    if any(not one.addresses and not one.topics for one in selectors):
        return [LogSelector()]
    by_topics: dict[frozenset[bytes], frozenset[bytes]] = {}
    for one in selectors:
        known = by_topics.get(one.topics)
        of_any = not one.addresses or (known is not None and not known)
        by_topics[one.topics] = frozenset() if of_any else one.addresses | (known or frozenset())
    of_any_address = frozenset(
        topic for topics, addresses in by_topics.items() if not addresses for topic in topics
    )
    rest = {topics: addresses for topics, addresses in by_topics.items() if addresses}
    found = [LogSelector(addresses, topics) for topics, addresses in rest.items()]
    return found + ([LogSelector(topics=of_any_address)] if of_any_address else [])


def split_addresses(selector: LogSelector, most: int) -> list[LogSelector]:
    """Return selectors of at most so many addresses each."""
    addresses = sorted(selector.addresses)
    if len(addresses) <= most:
        return [selector]
    parts = (addresses[at : at + most] for at in range(0, len(addresses), most))
    return [LogSelector(frozenset(part), selector.topics) for part in parts]


def filter_json(selector: LogSelector) -> dict[str, JsonValue]:
    """Return a filter without its blocks."""
    filter_: dict[str, JsonValue] = {}
    if selector.addresses:
        addresses: list[JsonValue] = ["0x" + one.hex() for one in sorted(selector.addresses)]
        filter_["address"] = addresses if len(addresses) > 1 else addresses[0]
    if selector.topics:
        filter_["topics"] = [["0x" + one.hex() for one in sorted(selector.topics)]]
    return filter_
