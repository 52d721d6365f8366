"""W3C Bitstring Status Lists: which credentials their issuer has revoked or suspended.

Source: https://www.w3.org/TR/vc-bitstring-status-list/ (v1.0), section 3.2. Lists come with the
evidence or from the policy; nothing is fetched.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from diptych_verify.errors import JsonValue, MalformedError
from diptych_verify.identity.credential import (
    Proof,
    StatusEntry,
    listed,
    open_credential,
    require_types,
    validity,
)
from diptych_verify.identity.public_key import b64url
from diptych_verify.identity.standing import Standing
from diptych_verify.jsonio import ObjectReader

MAX_STATUS_LISTS: Final = 8
MAX_STATUS_LIST_BYTES: Final = 128 << 10
_MIN_BYTES = 131_072 // 8  # herd privacy, section 6.1
_MAX_BYTES = 2 << 20
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True)
class StatusList:
    """A parsed status list credential; its proof is not checked yet.

    Attributes:
        name: its id, which entries call `statusListCredential`.
        issuer: DID or URL.
        purposes: `revocation`, `suspension` or others.
        bits: one for each credential, the highest bit of each byte first.
        valid_from_s: Unix seconds, None if not said.
        valid_until_s: Unix seconds, None if not said.
        proof: its signature.
    """

    name: str
    issuer: str
    purposes: frozenset[str]
    bits: bytes
    valid_from_s: int | None
    valid_until_s: int | None
    proof: Proof

    def is_set(self, index: int) -> bool:
        """Return a credential's bit.

        Raises:
            MalformedError: the list is shorter.
        """
        if index >= 8 * len(self.bits):
            raise MalformedError(
                f"status list: got index {index}, expected less than {8 * len(self.bits)}"
            )
        return bool(self.bits[index // 8] >> 7 - index % 8 & 1)


def parse_status_list(raw: bytes) -> StatusList:
    """Parse a `BitstringStatusListCredential`: a JWT, or JSON with an eddsa-jcs-2022 proof.

    Raises:
        MalformedError: another credential, or a list that is too short, too long or not GZIP.
        BadSignature: an algorithm that is no signature or not used here.
    """
    reader, issuer, proof = open_credential(raw, max_bytes=MAX_STATUS_LIST_BYTES)
    require_types(reader, "BitstringStatusListCredential")
    inner = reader.object("credentialSubject")
    if inner.text("type", max_characters=64) != "BitstringStatusList":
        raise inner.wrong("type", "BitstringStatusList")
    start, end = validity(reader)
    return StatusList(
        name=reader.text("id"),
        issuer=issuer,
        purposes=frozenset(_purposes(inner)),
        bits=_bits(inner.text("encodedList", max_characters=MAX_STATUS_LIST_BYTES)),
        valid_from_s=start,
        valid_until_s=end,
        proof=proof,
    )


def status_standing(entries: Sequence[StatusEntry], lists: Sequence[StatusList]) -> Standing:
    """Return what lists, whose issuer and proof are checked, say about a credential's entries."""
    return Standing.of_parts(
        Standing.of_lists(
            _word(entry, one)
            for one in lists
            if one.name == entry.location and entry.purpose in one.purposes
        )
        for entry in entries
    )


def _word(entry: StatusEntry, one: StatusList) -> Standing:
    if one.is_set(entry.index):
        return Standing(revoked_at_s=0)
    if one.valid_from_s is None:
        return Standing()
    # Without an end it speaks for the moment of its making only.
    end = one.valid_from_s if one.valid_until_s is None else one.valid_until_s
    return Standing(one.valid_from_s, end)


def _purposes(inner: ObjectReader) -> Iterable[str]:
    found: list[JsonValue] = listed(inner.raw("statusPurpose"))
    for one in found[:8]:
        if not isinstance(one, str):
            raise inner.wrong("statusPurpose", "text")
        yield one


def _bits(text: str) -> bytes:
    if not text.startswith("u"):
        raise MalformedError("status list: expected base64url in encodedList, u…")
    unpacker = zlib.decompressobj(_GZIP)
    try:
        bits = unpacker.decompress(b64url(text[1:]), _MAX_BYTES + 1)
    except zlib.error:
        raise MalformedError("status list: encodedList is not GZIP") from None
    if not _MIN_BYTES <= len(bits) <= _MAX_BYTES:
        raise MalformedError(
            f"status list: expected {_MIN_BYTES} to {_MAX_BYTES} bytes of bits, got "
            f"{len(bits) if len(bits) <= _MAX_BYTES else 'more'}"
        )
    if not unpacker.eof or unpacker.unused_data:
        raise MalformedError("status list: encodedList is cut short or has more behind it")
    return bits
