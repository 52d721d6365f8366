"""Reading proofs of usage totals, and what a usage record states; hostile input."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from diptych_verify.errors import JsonValue
from diptych_verify.jsonio import ObjectReader, decode_b64, strict_json
from diptych_verify.merkle import HASH_BYTES
from diptych_verify.usage import LicenseeTotal, Span, UsageProof

FORMAT: Final = "diptych-usage/1"
MAX_PROOF_BYTES: Final = 256 << 10
_MAX_DEPTH = 64
_LICENSEE = re.compile(r"[!-~]{1,160}")


@dataclass(frozen=True)
class UsageClaim:
    """What a `usage` record states: the root over all usage so far, and its sums."""

    root: bytes
    count: int
    units: int
    licensees: int


def usage_claim(predicate: Mapping[str, JsonValue]) -> UsageClaim:
    """Read the predicate of a `usage` statement.

    Raises:
        MalformedError: fields are missing or of wrong types.
    """
    inner = ObjectReader(dict(predicate), "usage record").object("usage")
    claim = UsageClaim(
        inner.hex_bytes("root", size=32),
        inner.integer("count", minimum=1),
        inner.integer("units"),
        inner.integer("licensees", minimum=1),
    )
    for bound in ("from", "to"):
        inner.text(bound, max_characters=20)
    inner.done()
    return claim


def parse_usage_proof(raw: bytes) -> UsageProof:
    """Parse a proof file.

    Raises:
        MalformedError: it is none.
    """
    value = strict_json(raw, max_bytes=MAX_PROOF_BYTES, max_depth=8, max_values=4096)
    return read_usage_proof(ObjectReader(value, "usage proof"))


def read_usage_proof(reader: ObjectReader) -> UsageProof:
    """Read a proof field by field.

    Raises:
        MalformedError: fields are missing, unknown or of wrong types.
    """
    if reader.text("format") != FORMAT:
        raise reader.wrong("format", FORMAT)
    licensee = reader.text("licensee", max_characters=160)
    if _LICENSEE.fullmatch(licensee) is None:
        raise reader.wrong("licensee", "a key id or pseudonym")
    inner = reader.object("total") if reader.has("total") else None
    total = None if inner is None else _total(inner, licensee)
    last = reader.utf8_bytes("last", max_bytes=1024) if total else b""
    hashes = decode_b64(reader.text("proof", max_characters=4096)) if total else b""
    if len(hashes) % HASH_BYTES:
        raise reader.wrong("proof", "hashes of 32 bytes")
    proof = UsageProof(
        licensee,
        total,
        () if total else tuple(map(_span, reader.objects("gap", maximum=2))),
        tuple(_step(one) for one in reader.objects("path", maximum=_MAX_DEPTH)),
        last,
        tuple(hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)),
    )
    reader.done()
    return proof


def _total(reader: ObjectReader, licensee: str) -> LicenseeTotal:
    total = LicenseeTotal(
        licensee,
        reader.integer("count", minimum=1),
        reader.integer("units"),
        reader.hex_bytes("root", size=32),
    )
    reader.done()
    return total


def _step(reader: ObjectReader) -> tuple[bool, Span]:
    side = reader.text("side", max_characters=5)
    if side not in ("left", "right"):
        raise reader.wrong("side", "left or right")
    return side == "left", _span(reader)


def _span(reader: ObjectReader) -> Span:
    span = Span(
        reader.hex_bytes("first", size=32),
        reader.hex_bytes("last", size=32),
        reader.integer("count"),
        reader.integer("units"),
        reader.hex_bytes("hash", size=32),
    )
    reader.done()
    return span
