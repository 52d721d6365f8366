"""Calls, answers and events in contract ABI encoding, for the generated bindings.

Addresses go in as hex text and come out with EIP-55 case; integers and bytes are Python's.
"""

from collections.abc import Sequence
from typing import Any

from diptych.core.errors import ContractError, UsageError

_MAX_ANSWER_BYTES = 1 << 20
_WORD_BYTES = 32


class BadArgument(UsageError):
    """A value does not fit the type that the contract declares for it."""

    code = "Contract.BadArgument"


class MalformedReturn(ContractError):
    """A contract's answer or event is not what its ABI declares; it is probably another one."""

    code = "Contract.MalformedReturn"


def encode_call(selector: str, types: Sequence[str], values: Sequence[object]) -> bytes:
    """Return call data: 4-byte selector (hex) and ABI-encoded arguments.

    Raises:
        BadArgument: a value does not fit its type.

    >>> encode_call("01020304", ["uint48"], [5]).hex()[:8]
    '01020304'
    """
    from eth_abi.abi import encode
    from eth_abi.exceptions import EncodingError

    for kind, value in zip(types, values, strict=True):
        _require_whole_words(kind, value)
    try:
        return bytes.fromhex(selector) + encode(list(types), list(values))
    except (EncodingError, TypeError) as error:
        raise BadArgument(f"got an argument that is no {tuple(types)}: {error}") from error


def decode_words(types: Sequence[str], data: bytes, *, what: str) -> tuple[Any, ...]:
    """Return the values in an answer or in an event's data.

    Raises:
        MalformedReturn: other bytes than the types declare.
    """
    from eth_abi.abi import decode
    from eth_abi.exceptions import DecodingError

    if len(data) > _MAX_ANSWER_BYTES:
        raise MalformedReturn(f"{what}: got {len(data)} bytes, expected at most a MiB")
    try:
        values = decode(list(types), data)
    except (DecodingError, UnicodeDecodeError, OverflowError) as error:
        raise MalformedReturn(
            f"{what}: got {len(data)} bytes that are no {tuple(types)}",
            hint="diptych contracts list shows whether the contract stands on this chain",
        ) from error
    return tuple(_shown(kind, value) for kind, value in zip(types, values, strict=True))


def decode_topics(
    name: str, topic: bytes, topics: Sequence[bytes], indexed: Sequence[str]
) -> tuple[Any, ...]:
    """Return an event's indexed values, in order.

    Args:
        name: the event.
        topic: its first topic.
        topics: the log entry's topics, 32 bytes each.
        indexed: types of the indexed parameters.

    Raises:
        MalformedReturn: another event.
    """
    if len(topics) != 1 + len(indexed) or topics[0] != topic:
        raise MalformedReturn(f"event {name}: got {len(topics)} topics of another event")
    return decode_words(indexed, b"".join(topics[1:]), what=f"event {name}")


def _require_whole_words(kind: str, value: object) -> None:
    """Refuse short words: the codec would pad them, and another root would be anchored."""
    if not kind.startswith("bytes32"):
        return
    words = value if kind.endswith("[]") and isinstance(value, (list, tuple)) else [value]
    for word in words:
        if not isinstance(word, bytes) or len(word) != _WORD_BYTES:
            raise BadArgument(f"got {word!r:.80}, expected 32 bytes for {kind}")


def _shown(kind: str, value: object) -> object:
    if kind == "address" and isinstance(value, str):
        from eth_utils.address import to_checksum_address

        return str(to_checksum_address(value))
    return value
