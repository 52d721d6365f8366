"""Ethereum addresses: 20 bytes, shown with the EIP-55 checksum."""

import re

from eth_hash.auto import keccak

from diptych.core.errors import UsageError

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


class BadAddress(UsageError):
    """A text is not an Ethereum address, or its checksum is wrong."""

    code = "Account.BadAddress"


def checksum_address(address: bytes) -> str:
    """Return the EIP-55 form of a 20-byte address.

    >>> checksum_address(bytes.fromhex("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"))
    '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
    """
    digits = address.hex()
    nibbles = keccak(digits.encode()).hex()
    return "0x" + "".join(
        d.upper() if n >= "8" else d for d, n in zip(digits, nibbles, strict=False)
    )


def read_address(text: str) -> bytes:
    """Decode an address; mixed case must carry the right EIP-55 checksum.

    Returns:
        20 bytes.

    Raises:
        BadAddress: other text, or a wrong checksum.
    """
    if not _ADDRESS.fullmatch(text):
        raise BadAddress(f"got address '{text[:64]}', expected 0x and 40 hex digits")
    address = bytes.fromhex(text[2:])
    digits = text[2:]
    mixed = digits not in {digits.lower(), digits.upper()}
    if mixed and checksum_address(address) != text:
        raise BadAddress(
            f"got address '{text}' with a wrong checksum, expected {checksum_address(address)}",
            hint="copy the address again; a digit may be wrong",
        )
    return address
