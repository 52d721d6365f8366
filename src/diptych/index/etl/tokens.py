"""What a token says of itself. Pure but for the calls that the caller makes.

Source: EIP-20; some older tokens return `bytes32` in place of `string`, or write the names of their
functions in capitals.
"""

from collections.abc import Callable, Iterable

from eth_hash.auto import keccak

from diptych.index.etl.rows import Row

COLUMNS = ("address", "symbol", "name", "decimals", "total_supply", "block_number")
Call = Callable[[bytes], bytes | None]
"""Calls a function without arguments by its selector; None when that fails."""
MAX_TEXT_BYTES = 4096
_WORD = 32


def token_row(address: str, call: Call, block_number: int | None = None) -> Row:
    """Ask a token for its name and numbers.

    Args:
        address: hex text.
        call: asks the token.
        block_number: where it was created, if known.
    """
    return {
        "address": address.lower(),
        "symbol": _first(call, ("symbol()", "SYMBOL()"), _text),
        "name": _first(call, ("name()", "NAME()"), _text),
        "decimals": _first(call, ("decimals()", "DECIMALS()"), _small),
        "total_supply": _first(call, ("totalSupply()",), _number),
        "block_number": block_number,
    }


def _first(
    call: Call, signatures: Iterable[str], read: Callable[[bytes], str | int | None]
) -> str | int | None:
    for signature in signatures:
        answer = call(keccak(signature.encode())[:4])
        value = read(answer) if answer else None
        if value is not None:
            return value
    return None


def _number(answer: bytes) -> int | None:
    return int.from_bytes(answer[:_WORD], "big") if len(answer) >= _WORD else None


def _small(answer: bytes) -> int | None:
    value = _number(answer)
    return value if value is not None and value < 256 else None


def _text(answer: bytes) -> str | None:
    """Return a `string`, else a `bytes32`; NUL characters are dropped."""
    raw = _string(answer)
    if raw is None and len(answer) >= _WORD:
        raw = answer[:_WORD]
    try:
        return None if raw is None else raw[:MAX_TEXT_BYTES].decode("utf-8").replace("\x00", "")
    except UnicodeDecodeError:
        return None


def _string(answer: bytes) -> bytes | None:
    start = _number(answer)
    if start is None or start + _WORD > len(answer) or start < _WORD:
        return None
    length = int.from_bytes(answer[start : start + _WORD], "big")
    content = answer[start + _WORD : start + _WORD + length]
    return content if len(content) == length else None
