"""Block headers as the chain hashes them, rebuilt from an endpoint's JSON. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from eth_hash.auto import keccak

from diptych.core.errors import LedgerError
from diptych.ledger.quantity import Fields, bytes_field, quantity_field
from diptych.ledger.transaction import to_minimal
from diptych_verify.errors import MalformedError
from diptych_verify.rlp import as_list, rlp_decode, rlp_encode


class ProofMismatch(LedgerError):
    """What the endpoint told does not hash to what the block commits to."""

    code = "Chain.ProofMismatch"


class _Field(NamedTuple):
    name: str
    length: int | None = None


_NUMBER = -1
_EXTRA_DATA = 12
_BFT_ITEMS = 5
# Order of the Yellow Paper, section 4.3; then London (EIP-1559), Shanghai (EIP-4895), Cancun
# (EIP-4844, EIP-4788), Prague (EIP-7685), Amsterdam (EIP-7928).
_FIELDS = (
    _Field("parentHash", 32),
    _Field("sha3Uncles", 32),
    _Field("miner", 20),
    _Field("stateRoot", 32),
    _Field("transactionsRoot", 32),
    _Field("receiptsRoot", 32),
    _Field("logsBloom", 256),
    _Field("difficulty", _NUMBER),
    _Field("number", _NUMBER),
    _Field("gasLimit", _NUMBER),
    _Field("gasUsed", _NUMBER),
    _Field("timestamp", _NUMBER),
    _Field("extraData"),
    _Field("mixHash", 32),
    _Field("nonce", 8),
)
_LATER_FIELDS = (
    _Field("baseFeePerGas", _NUMBER),
    _Field("withdrawalsRoot", 32),
    _Field("blobGasUsed", _NUMBER),
    _Field("excessBlobGas", _NUMBER),
    _Field("parentBeaconBlockRoot", 32),
    _Field("requestsHash", 32),
    _Field("blockAccessListHash", 32),
)


def header_rlp(block: Fields) -> bytes:
    """Return the RLP of a block's header, whose Keccak-256 is the block hash.

    Of Besu's BFT chains (QBFT, IBFT 2.0) that is not the header that the endpoint shows: the seals
    are made over the hash, so they and the round are not part of it.

    Args:
        block: the endpoint's JSON object of the block.

    Raises:
        MalformedAnswer: a field is missing or has the wrong type.
        ProofMismatch: the fields do not hash to the block hash that the endpoint names.
    """
    present = [field for field in _LATER_FIELDS if block.get(field.name) is not None]
    fields = [_encoded(block, field) for field in (*_FIELDS, *present)]
    expected = bytes_field(block, "hash", length=32)
    shown = rlp_encode(fields)
    if keccak(shown) == expected:
        return shown
    for extra_data in _unsealed(fields[_EXTRA_DATA]):
        header = rlp_encode([*fields[:_EXTRA_DATA], extra_data, *fields[_EXTRA_DATA + 1 :]])
        if keccak(header) == expected:
            return header
    raise ProofMismatch(
        f"got a header that hashes to 0x{keccak(shown).hex()}, expected block 0x{expected.hex()}",
        hint="the endpoint hides header fields or this chain hashes its headers differently",
    )


def _unsealed(extra_data: bytes) -> Iterator[bytes]:
    """Yield the extra data that BFT chains hash, if it has their form.

    Source: `calculateHashOfBftBlockOnchain` of Hyperledger Besu. The items are vanity, validators,
    vote, round and seals; QBFT empties the last two, IBFT 2.0 leaves them out.
    """
    try:
        items = as_list(rlp_decode(extra_data), "extraData")
    except MalformedError:
        return
    if len(items) == _BFT_ITEMS and isinstance(items[-1], list):
        yield rlp_encode([*items[:3], b"", []])
        yield rlp_encode(items[:3])


def _encoded(block: Fields, field: _Field) -> bytes:
    if field.length == _NUMBER:
        return to_minimal(quantity_field(block, field.name))
    return bytes_field(block, field.name, length=field.length)
