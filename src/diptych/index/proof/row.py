"""A row with the proof of the event that caused it, in one file. Pure.

The proof leads from the event over its receipt to the block's header, as in anchors of a bundle.
What a handler made of the event is not proven: the file holds both, to compare.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diptych.ledger.receipt_proof import ReceiptProof
from diptych_verify.errors import AnchorMismatch
from diptych_verify.jsonio import ObjectReader, strict_json
from diptych_verify.receipt import LogEvent, parse_header, verify_event

FORMAT = "diptych-row-proof/1"
MAX_BYTES = 32 << 20
_MAX_NODES = 64
_MAX_DEPTH = 8
_EXACT = 1 << 53
_MAX_ROWS = 10_000
_MAX_NODE_BYTES = 16 << 20


@dataclass(frozen=True)
class ProvenRow:
    """Rows, and the event that is proven beside them.

    Attributes:
        chain_id: EIP-155, on the word of whoever made the file.
        block_number: height.
        block_hash: 32 bytes; compare it with one that is trusted.
        time_s: of the block.
        event: as the receipt has it.
        rows: by table, with `_from` and `_block_hash`.
    """

    chain_id: int
    block_number: int
    block_hash: bytes
    time_s: int
    event: LogEvent
    rows: tuple[tuple[str, Mapping[str, Any]], ...]


def row_proof_bytes(proof: ReceiptProof, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> bytes:
    """Return the file of rows and the proof of the event that caused them."""
    receipt = {
        "header": _text(proof.header),
        "index": proof.index,
        "log_index": proof.log_index,
        "proof": [_text(one) for one in proof.proof],
    }
    written = {
        "format": FORMAT,
        "chain_id": proof.chain_id,
        "block_number": proof.block_number,
        "block_hash": "0x" + proof.block_hash.hex(),
        "receipt": receipt,
        "rows": [{"table": table, "values": _plain(values)} for table, values in rows],
    }
    return json.dumps(written, indent=1, ensure_ascii=False).encode() + b"\n"


def verify_row_proof(raw: bytes, *, block_hash: bytes | None = None) -> ProvenRow:
    """Check a file: header, receipt, event, and that the rows name this block.

    Args:
        raw: the file.
        block_hash: of the block, from somebody who is trusted; None to take the file's.

    Raises:
        MalformedError: it is no such file, or a part cannot be decoded.
        AnchorMismatch: a hash, the event or a row is another one.
    """
    reader = ObjectReader(strict_json(raw, max_bytes=MAX_BYTES, max_depth=_MAX_DEPTH), "row proof")
    if reader.text("format") != FORMAT:
        raise reader.wrong("format", FORMAT)
    number = reader.integer("block_number")
    named = reader.hex_bytes("block_hash", size=32, prefix="0x")
    receipt = reader.object("receipt")
    header = parse_header(receipt.b64_bytes("header"))
    for expected, who in ((named, "the file"), (block_hash or named, "whoever asks")):
        if header.block_hash != expected:
            raise AnchorMismatch(
                f"got the header of block 0x{header.block_hash.hex()}, {who} says"
                f" 0x{expected.hex()}"
            )
    if header.number != number:
        raise AnchorMismatch(f"got block number {number}, the header says {header.number}")
    event = verify_event(
        header,
        receipt.integer("index"),
        _nodes(receipt),
        log_index=receipt.integer("log_index"),
    )
    rows = tuple(_row(one, header.number, named) for one in _objects(reader))
    return ProvenRow(reader.integer("chain_id"), number, named, header.time_s, event, rows)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as every reader of JSON has them: what is not exact there becomes text."""
    return {
        name: str(one)
        if isinstance(one, float) or (type(one) is int and abs(one) > _EXACT)
        else one
        for name, one in values.items()
    }


def _objects(reader: ObjectReader) -> list[ObjectReader]:
    return reader.objects("rows", minimum=1, maximum=_MAX_ROWS)


def _row(reader: ObjectReader, number: int, block_hash: bytes) -> tuple[str, Mapping[str, Any]]:
    values = reader.object("values")
    first, digest = values.raw("_from"), values.raw("_block_hash")
    if first != number or digest != "0x" + block_hash.hex():
        raise AnchorMismatch(
            f"a row of {reader.text('table')} is of block {first!s:.20} {digest!s:.66},"
            f" expected {number} 0x{block_hash.hex()}"
        )
    return reader.text("table"), values.members


def _nodes(receipt: ObjectReader) -> list[bytes]:
    nodes = receipt.items("proof", minimum=1, maximum=_MAX_NODES)
    return [
        ObjectReader({"node": one}, f"proof[{at}]").b64_bytes("node", max_bytes=_MAX_NODE_BYTES)
        for at, one in enumerate(nodes)
    ]


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
