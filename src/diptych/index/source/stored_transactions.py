"""Transactions as files of consensus data hold them, decoded into the structs of `answers`. Pure.

Sources: EIP-2718, EIP-2930, EIP-1559, EIP-4844, EIP-7702; the OP stack's deposits (type 0x7e).
"""

from collections.abc import Callable
from typing import Any

import msgspec

from diptych.index.source.answers import RawAccess, RawAuthorization, RawTransaction
from diptych.index.verification.derived import effective_gas_price, recovered_sender
from diptych.index.verification.encoding import DEPOSIT, LEGACY, CannotVerify, encoded_transaction
from diptych.index.verification.keccak import Keccak
from diptych_verify.errors import MalformedError
from diptych_verify.rlp import RlpItem, as_bytes, as_integer, as_list, rlp_decode, rlp_encode

NOBODY = "0x" + "00" * 20
_MAX_BYTES = 64 << 20
_MAX_ITEMS = 1 << 20

_Reader = Callable[[RlpItem, str], Any]


def data_text(item: RlpItem, where: str) -> str:
    """Return a byte string as hex text."""
    return "0x" + as_bytes(item, where).hex()


def number_text(item: RlpItem, where: str) -> str:
    """Return a number of at most 256 bits as hex text."""
    return hex(as_integer(item, where, max_bytes=32))


def _to(item: RlpItem, where: str) -> str | None:
    return data_text(item, where) if item else None


def _access_list(item: RlpItem, where: str) -> list[RawAccess]:
    entries = []
    for entry in as_list(item, where):
        address, keys = as_list(entry, where, minimum=2, maximum=2)
        texts = [data_text(key, where) for key in as_list(keys, where)]
        entries.append(RawAccess(address=data_text(address, where), storage_keys=texts))
    return entries


def _hashes(item: RlpItem, where: str) -> list[str]:
    return [data_text(one, where) for one in as_list(item, where)]


def _authorizations(item: RlpItem, where: str) -> list[RawAuthorization]:
    entries = []
    for entry in as_list(item, where):
        fields = as_list(entry, where, minimum=6, maximum=6)
        chain_id, address, nonce, parity, r, s = fields
        entries.append(
            RawAuthorization(
                chain_id=number_text(chain_id, where),
                address=data_text(address, where),
                nonce=number_text(nonce, where),
                y_parity=number_text(parity, where),
                r=number_text(r, where),
                s=number_text(s, where),
            )
        )
    return entries


def _flag(item: RlpItem, where: str) -> bool:
    return as_integer(item, where, max_bytes=1) == 1


_READERS: dict[str, _Reader] = {
    "to": _to,
    "input": data_text,
    "source_hash": data_text,
    "sender": data_text,
    "access_list": _access_list,
    "blob_versioned_hashes": _hashes,
    "authorization_list": _authorizations,
    "is_system_tx": _flag,
}
_FEES = "max_priority_fee_per_gas max_fee_per_gas"
_LAYOUTS = {
    kind: tuple(names.split())
    for kind, names in {
        LEGACY: "nonce gas_price gas to value input v r s",
        1: "chain_id nonce gas_price gas to value input access_list y_parity r s",
        2: f"chain_id nonce {_FEES} gas to value input access_list y_parity r s",
        3: f"chain_id nonce {_FEES} gas to value input access_list max_fee_per_blob_gas "
        "blob_versioned_hashes y_parity r s",
        4: f"chain_id nonce {_FEES} gas to value input access_list authorization_list y_parity r s",
        DEPOSIT: "source_hash sender to mint value gas is_system_tx input",
    }.items()
}


def read_transaction(
    item: RlpItem, keccak: Keccak, *, base_fee: int = 0, sender: bool = True
) -> RawTransaction:
    """Decode a transaction of a body.

    Args:
        item: a list (legacy) or the bytes of an envelope.
        keccak: hash function.
        base_fee: of its block, wei per gas.
        sender: whether the sender is recovered; else it is the zero address.

    Raises:
        MalformedError: not a transaction, or not in its one encoding.
        CannotVerify: an unknown type.
        ProofMismatch: a signature of nobody.
    """
    kind, fields, raw = _opened(item)
    where = "transaction"
    names = _LAYOUTS[kind]
    if len(fields) != len(names):
        raise MalformedError(f"got {len(fields)} fields of a transaction, expected {len(names)}")
    values = {
        name: _READERS.get(name, number_text)(field, where)
        for name, field in zip(names, fields, strict=True)
    }
    told: dict[str, Any] = {"sender": NOBODY, "nonce": "0x0", "type": hex(kind)}
    read = RawTransaction(**{**told, **values}, hash="0x" + keccak(raw).hex())
    encoded, signed = encoded_transaction(read)
    if encoded != raw:
        raise MalformedError(f"got transaction {read.hash} in another encoding than the one")
    if kind == DEPOSIT:
        return read
    price = effective_gas_price(read, base_fee)
    found = recovered_sender(read, signed, keccak) if sender else NOBODY
    return msgspec.structs.replace(read, sender=found, gas_price=hex(price or 0))


def _opened(item: RlpItem) -> tuple[int, list[RlpItem], bytes]:
    """Return type, fields and bytes of a transaction or receipt."""
    if isinstance(item, list):
        return LEGACY, item, rlp_encode(item)
    kind = item[0] if item else 0xFF
    if kind not in _LAYOUTS or kind == LEGACY:
        raise CannotVerify(
            f"got a transaction of type {kind:#x}, expected a list, or 1 to 4 or 0x7e",
            hint="this kind of chain cannot be read from files",
        )
    body = rlp_decode(item[1:], max_bytes=_MAX_BYTES, max_items=_MAX_ITEMS)
    return kind, as_list(body, "transaction"), item
