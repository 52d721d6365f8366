"""Which standard a contract follows, by its ABI or by its code. Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from diptych.index.abi import Abi, Event, known_abi
from diptych.index.abi.known import known_names
from diptych.index.etl.contracts import contract_row

_BY_EVENT = (
    ("erc1155", "erc1155", "TransferSingle"),
    ("uniswap-v2", "uniswap-v2-factory", "PairCreated"),
    ("uniswap-v3", "uniswap-v3-factory", "PoolCreated"),
    ("anchor", "Anchor", "Anchored"),
    ("registry", "Registry", "AssetRegistered"),
    ("erc721", "erc721", "Transfer"),
    ("erc20", "erc20", "Transfer"),
)
"""Ready-made manifest, known ABI, and the event that only its contracts have."""
_PUSH1, _PUSH32 = 0x60, 0x7F
_MAX_CODE_BYTES = 1 << 20


class Recognised(NamedTuple):
    """What a contract is.

    Attributes:
        use: name of the ready-made manifest for it, or None.
        abi: its events, as far as they are known.
        more: whether it has events that the ready-made manifest does not know.
    """

    use: str | None
    abi: Abi
    more: bool = False


def recognised_abi(abi: Abi) -> Recognised:
    """Return what an ABI is.

    >>> recognised_abi(known_abi("weth")).use
    'erc20'
    """
    own = {_layout(one) for one in abi.events}
    for use, name, event in _BY_EVENT:
        known = known_abi(name)
        if _layout(known.event(event)) in own:
            return Recognised(use, abi, not own <= {_layout(one) for one in known.events})
    return Recognised(None, abi, more=True)


def recognised_code(codes: Sequence[bytes]) -> Recognised:
    """Return what a contract is by its code, and that of what it forwards to.

    The topics of events stand in code as constants; ERC-20 and ERC-721 share one, and are told
    apart by their functions.
    """
    topics = {topic for code in codes for topic in _constants(code[:_MAX_CODE_BYTES])}
    nft = any(contract_row("", code[:_MAX_CODE_BYTES])["is_erc721"] for code in codes)
    found = [one for one in _known_events() if one.topic0 in topics and _fits(one, nft=nft)]
    told = recognised_abi(Abi(tuple(found)))
    # What else the code logs cannot be told from constants, so only known events count.
    return told._replace(more=False) if told.use else told


def _layout(event: Event) -> tuple[bytes, tuple[bool, ...]]:
    return event.topic0, tuple(one.indexed for one in event.inputs)


def _fits(event: Event, *, nft: bool) -> bool:
    """Whether an event has the indexed arguments of the contract's kind."""
    shared = {one.topic0 for one in known_abi("erc721").events}
    shared &= {one.topic0 for one in known_abi("erc20").events}
    return event.topic0 not in shared or (event.topics > len(event.inputs)) == nft


def _known_events() -> Iterable[Event]:
    seen = set()
    for name in known_names():
        for event in known_abi(name).events:
            layout = _layout(event)
            if not event.anonymous and layout not in seen:
                seen.add(layout)
                yield event


def _constants(code: bytes) -> Iterable[bytes]:
    at = 0
    while at < len(code):
        opcode = code[at]
        size = opcode - _PUSH1 + 1 if _PUSH1 <= opcode <= _PUSH32 else 0
        if opcode == _PUSH32:
            yield code[at + 1 : at + 33]
        at += 1 + size
