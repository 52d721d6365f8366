"""The bundle: one file that carries a record and all evidence about it (docs/formats.md).

`parse_bundle` checks syntax only; what the parts prove is judged by `diptych_verify.verify`.
"""

from dataclasses import dataclass
from typing import Final

from diptych_verify.dsse import MAX_ENVELOPE_BYTES
from diptych_verify.errors import JsonValue
from diptych_verify.jsonio import ObjectReader, strict_json
from diptych_verify.note import MAX_NOTE_BYTES, SignedNote, VerifierKey, parse_note
from diptych_verify.tensors import TensorLeaf, read_leaf

FORMAT: Final = "diptych-bundle/1"
MAX_BUNDLE_BYTES: Final = 32 << 20
MAX_DEPTH: Final = 16
_MAX_RECORDS = 100_000
_MAX_PROOF = 64
_HASH_BYTES = 32
_MAX_HEADS = 1024
_MAX_FIELDS = 100_000
_MAX_LICENCES = 64
_MAX_IDENTITIES = 16
_MAX_IDENTITY_BYTES = 32 << 10


@dataclass(frozen=True)
class BundleRecord:
    """A logged envelope, its index, and its inclusion proof under the checkpoint."""

    index: int
    envelope: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True)
class OlderHead:
    """An older tree head of the same log with its consistency proof to the checkpoint."""

    size: int
    root: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True)
class AnchorProof:
    """Where and how a tree head was written to a chain.

    Attributes:
        chain_id: EIP-155 id, on the bundle's word.
        contract: 20-byte address of the anchor contract.
        log_id: 32 bytes.
        header: RLP of the block header.
        index: position of the transaction in the block.
        log_index: position of the event in the transaction's receipt.
        proof: trie nodes from the receipts root, RLP.
    """

    chain_id: int
    contract: bytes
    log_id: bytes
    header: bytes
    index: int
    log_index: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True)
class DisclosedField:
    """One opened field of a private seal with its salt and place in the field tree."""

    name: str
    value: JsonValue
    salt: bytes
    index: int
    leaves: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True)
class ShownTensor:
    """One tensor of a model: its leaf, its place in the model's tensor tree, and the proof."""

    leaf: TensorLeaf
    index: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True)
class Bundle:
    """A parsed bundle; `records[0]` is the subject."""

    log: VerifierKey
    checkpoint: SignedNote
    records: tuple[BundleRecord, ...]
    consistency: tuple[OlderHead, ...] = ()
    anchor: AnchorProof | None = None
    timestamps: tuple[bytes, ...] = ()
    manifest: bytes | None = None
    disclosed: tuple[DisclosedField, ...] = ()
    tensors: tuple[ShownTensor, ...] = ()
    licences: tuple[bytes, ...] = ()
    identities: tuple[bytes, ...] = ()


def parse_bundle(raw: bytes) -> Bundle:
    """Parse a bundle strictly.

    Args:
        raw: the whole file, at most 32 MiB.

    Raises:
        MalformedError: wrong syntax, unknown or empty parts, wrong types, or a limit.
    """
    value = strict_json(raw, max_bytes=MAX_BUNDLE_BYTES, max_depth=MAX_DEPTH)
    reader = ObjectReader(value, "bundle")
    if reader.text("format") != FORMAT:
        raise reader.wrong("format", FORMAT)
    bundle = Bundle(
        log=VerifierKey.parse(reader.text("log")),
        checkpoint=parse_note(reader.text("checkpoint", max_characters=MAX_NOTE_BYTES)),
        records=tuple(map(_record, reader.objects("records", minimum=1, maximum=_MAX_RECORDS))),
        consistency=tuple(map(_head, _optional(reader, "consistency", _MAX_HEADS))),
        anchor=_anchor(reader.object("anchor")) if reader.has("anchor") else None,
        timestamps=_timestamps(reader),
        manifest=_manifest(reader),
        disclosed=tuple(map(_field, _optional(reader, "disclosed", _MAX_FIELDS))),
        tensors=tuple(map(_tensor, _optional(reader, "tensors", _MAX_FIELDS))),
        licences=_licences(reader),
        identities=_identities(reader),
    )
    reader.done()
    return bundle


def _optional(reader: ObjectReader, key: str, maximum: int) -> list[ObjectReader]:
    return reader.objects(key, minimum=1, maximum=maximum) if reader.has(key) else []


def _proof(reader: ObjectReader) -> tuple[bytes, ...]:
    hashes = reader.b64_bytes("proof", max_bytes=_MAX_PROOF * _HASH_BYTES)
    if len(hashes) % _HASH_BYTES:
        raise reader.wrong("proof", f"a multiple of {_HASH_BYTES} bytes")
    return tuple(hashes[at : at + _HASH_BYTES] for at in range(0, len(hashes), _HASH_BYTES))


def _record(reader: ObjectReader) -> BundleRecord:
    record = BundleRecord(
        reader.integer("index"),
        reader.utf8_bytes("envelope", max_bytes=MAX_ENVELOPE_BYTES),
        _proof(reader),
    )
    reader.done()
    return record


def _head(reader: ObjectReader) -> OlderHead:
    head = OlderHead(
        reader.integer("size", minimum=1), reader.b64_bytes("root", size=32), _proof(reader)
    )
    reader.done()
    return head


def _anchor(reader: ObjectReader) -> AnchorProof:
    receipt = reader.object("receipt")
    anchor = AnchorProof(
        chain_id=reader.integer("chain_id", minimum=1),
        contract=reader.hex_bytes("contract", size=20, prefix="0x"),
        log_id=reader.hex_bytes("log_id", size=32, prefix="0x"),
        header=reader.b64_bytes("header"),
        index=receipt.integer("index", maximum=1 << 20),
        log_index=receipt.integer("log_index", maximum=1 << 20),
        proof=receipt.b64_items("proof", maximum=_MAX_PROOF),
    )
    receipt.done()
    reader.done()
    return anchor


def _timestamps(reader: ObjectReader) -> tuple[bytes, ...]:
    if not reader.has("timestamps"):
        return ()
    tokens = reader.b64_items("timestamps", maximum=16)
    if not tokens or len(set(tokens)) != len(tokens):
        raise reader.wrong("timestamps", "at least one token, and each one once")
    return tokens


def _licences(reader: ObjectReader) -> tuple[bytes, ...]:
    if not reader.has("licences"):
        return ()
    documents = reader.b64_items("licences", maximum=_MAX_LICENCES)
    if not documents:
        raise reader.wrong("licences", "at least one document")
    return documents


def _identities(reader: ObjectReader) -> tuple[bytes, ...]:
    if not reader.has("identities"):
        return ()
    documents = reader.b64_items("identities", maximum=_MAX_IDENTITIES)
    if not documents or max(map(len, documents)) > _MAX_IDENTITY_BYTES:
        raise reader.wrong("identities", f"evidence of at most {_MAX_IDENTITY_BYTES} bytes each")
    return documents


def _manifest(reader: ObjectReader) -> bytes | None:
    if not reader.has("manifest"):
        return None
    return reader.b64_bytes("manifest", max_bytes=MAX_BUNDLE_BYTES)


def _field(reader: ObjectReader) -> DisclosedField:
    field = DisclosedField(
        name=reader.text("name", max_characters=8192),
        value=reader.raw("value"),
        salt=reader.b64_bytes("salt", size=32),
        index=reader.integer("index"),
        leaves=reader.integer("leaves", minimum=1),
        proof=_proof(reader),
    )
    reader.done()
    return field


def _tensor(reader: ObjectReader) -> ShownTensor:
    tensor = ShownTensor(read_leaf(reader), reader.integer("index"), _proof(reader))
    reader.done()
    return tensor
