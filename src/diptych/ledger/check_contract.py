"""A contract of 120 bytes that the conformance suite deploys; assembled here, so no compiler.

Called without data it refuses with the custom error `Refused(7)`. Called with a word it emits
`Noted(word)` and returns the word.
"""

from eth_hash.auto import keccak

from diptych.ledger.reverts import AbiItem

REFUSED_SELECTOR = keccak(b"Refused(uint256)")[:4]
NOTED_TOPIC = keccak(b"Noted(uint256)")
ABI: tuple[AbiItem, ...] = (
    {"type": "error", "name": "Refused", "inputs": [{"name": "number", "type": "uint256"}]},
    {"type": "event", "name": "Noted", "inputs": [{"name": "word", "type": "uint256"}]},
)

_REFUSE = b"".join(
    (
        # MSTORE(0, selector << 224); MSTORE(4, 7); REVERT(0, 36)
        bytes.fromhex("63") + REFUSED_SELECTOR + bytes.fromhex("60e01b600052"),
        bytes.fromhex("6007600452"),
        bytes.fromhex("60246000fd"),
    )
)
_NOTE = b"".join(
    (
        # JUMPDEST; MSTORE(0, CALLDATALOAD(0)); LOG1(0, 32, topic); RETURN(0, 32)
        bytes.fromhex("5b600035600052"),
        bytes.fromhex("7f") + NOTED_TOPIC + bytes.fromhex("60206000a1"),
        bytes.fromhex("60206000f3"),
    )
)
# CALLDATASIZE; PUSH1 destination; JUMPI
_RUNTIME = bytes([0x36, 0x60, 4 + len(_REFUSE), 0x57]) + _REFUSE + _NOTE
_LENGTH = bytes([len(_RUNTIME)])
# CODECOPY(0, 12, length); RETURN(0, length)
INIT_CODE = b"".join(
    (
        bytes.fromhex("60") + _LENGTH + bytes.fromhex("600c600039"),
        bytes.fromhex("60") + _LENGTH + bytes.fromhex("6000f3"),
        _RUNTIME,
    )
)
