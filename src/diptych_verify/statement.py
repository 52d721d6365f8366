"""Statements: the in-toto Statement v1 inside an envelope, parsed strictly.

Source: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md. Kinds that this
version does not know are accepted with any predicate that carries `time` and `edges`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from diptych_verify.dsse import IN_TOTO, MAX_ENVELOPE_BYTES, Envelope, parse_keyid
from diptych_verify.errors import JsonValue, MalformedError
from diptych_verify.jsonio import ObjectReader, decode_hex, shown, strict_json

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
RELATIONS: Final = frozenset(
    [
        *("used", "generated", "derivedFrom", "trainedOn", "testedOn", "fineTunedFrom"),
        *("attributedTo", "licensedUnder", "permittedBy", "checkedBy"),
        *("supersedes", "revokes", "erased"),
    ]
)
MANIFEST_DIGEST: Final = "diptychManifest1"
PRIVATE_DIGEST: Final = "diptychPrivate1"
_KIND = re.compile(r"urn:diptych:([a-z0-9-]{1,64}):1")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_ALGORITHM = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HEX = re.compile(r"(?:[0-9a-f]{2}){1,128}")
_MAX_SUBJECTS = 1024
_MAX_EDGES = 1024
_PRIVATE_KINDS = frozenset({"private", "readings"})
"""Kinds whose predicate has, under the kind's name, the root of a salted field tree."""


@dataclass(frozen=True)
class Subject:
    """What the statement is about: a name and hex digests by algorithm."""

    name: str
    digests: Mapping[str, str]


@dataclass(frozen=True)
class Edge:
    """One provenance edge; `record` is the other end's record id, None if `extra` names it."""

    relation: str
    record: bytes | None
    extra: Mapping[str, JsonValue]


@dataclass(frozen=True)
class ManifestClaim:
    """What a `dataset` statement says about its manifest; sizes in bytes."""

    algorithms: tuple[str, ...]
    root: bytes
    files: int
    total_bytes: int
    object_digest: bytes


@dataclass(frozen=True)
class TensorsClaim:
    """What a `model` statement says about its tensors: root and number of leaves, their list."""

    root: bytes
    count: int
    object_digest: bytes


@dataclass(frozen=True)
class ModelClaim:
    """What a `model` statement says: which version of which model, and its card's digest."""

    name: str
    version: int
    format: str
    card: bytes
    tensors: TensorsClaim | None


@dataclass(frozen=True)
class PrivateClaim:
    """What a `private` statement says: root of the field tree, digest of the encrypted manifest."""

    root: bytes
    object_digest: bytes


@dataclass(frozen=True)
class KeyClaim:
    """What a `key` statement does: `add`, `rotate` (replacing `replaces`) or `revoke` `keyid`."""

    action: str
    keyid: str
    replaces: str | None


@dataclass(frozen=True)
class Statement:
    """A parsed statement; `time` is the signer's claim (RFC 3339, UTC), never evidence."""

    kind: str
    subjects: tuple[Subject, ...]
    time: str
    edges: tuple[Edge, ...]
    predicate: Mapping[str, JsonValue]
    manifest: ManifestClaim | None = None
    private: PrivateClaim | None = None
    key: KeyClaim | None = None
    model: ModelClaim | None = None


def statement_of(envelope: Envelope) -> Statement:
    """Return the statement in an envelope, whose signatures the caller has checked.

    Raises:
        MalformedError: another payload type, or not a statement.
    """
    if envelope.payload_type != IN_TOTO:
        raise MalformedError(f"got payload type {shown(envelope.payload_type)}, expected {IN_TOTO}")
    return parse_statement(envelope.payload)


def parse_statement(payload: bytes) -> Statement:
    """Parse the payload of an envelope.

    Raises:
        MalformedError: not an in-toto Statement v1 of a diptych kind.
    """
    value = strict_json(payload, max_bytes=MAX_ENVELOPE_BYTES, max_depth=16, max_values=16_384)
    reader = ObjectReader(value, "statement")
    if reader.text("_type") != STATEMENT_TYPE:
        raise reader.wrong("_type", STATEMENT_TYPE)
    match = _KIND.fullmatch(reader.text("predicateType"))
    if match is None:
        raise reader.wrong("predicateType", "urn:diptych:<kind>:1")
    subjects = reader.objects("subject", minimum=1, maximum=_MAX_SUBJECTS)
    predicate = reader.object("predicate")
    statement = _assemble(match[1], tuple(map(_subject, subjects)), predicate)
    reader.done()
    return statement


def _assemble(kind: str, subjects: tuple[Subject, ...], reader: ObjectReader) -> Statement:
    time = reader.text("time", max_characters=20)
    if _TIME.fullmatch(time) is None or not _exists(time):
        raise reader.wrong("time", "UTC time like 2026-11-23T09:00:00Z")
    edges = tuple(map(_edge, reader.objects("edges", maximum=_MAX_EDGES)))
    return Statement(
        kind=kind,
        subjects=subjects,
        time=time,
        edges=edges,
        predicate=reader.members,
        manifest=_manifest(reader, subjects) if _has_manifest(kind, reader) else None,
        private=_private(reader, subjects, kind) if kind in _PRIVATE_KINDS else None,
        key=_key(reader) if kind == "key" else None,
        model=_model(reader) if kind == "model" and reader.has("model") else None,
    )


def _has_manifest(kind: str, reader: ObjectReader) -> bool:
    return kind == "dataset" or (kind in ("model", "audit-pack") and reader.has("manifest"))


def _exists(time: str) -> bool:
    try:
        datetime.fromisoformat(time)
    except ValueError:
        return False
    return True


def _subject(reader: ObjectReader) -> Subject:
    name = reader.text("name", max_characters=8192)
    inner = reader.object("digest")
    digests: dict[str, str] = {}
    for algorithm in inner.members:
        text = inner.text(algorithm, max_characters=256)
        if _ALGORITHM.fullmatch(algorithm) is None or _HEX.fullmatch(text) is None:
            raise inner.wrong(algorithm, "a lower-case hex digest")
        digests[algorithm] = text
    if not digests:
        raise MalformedError(f"{inner.where}: got no digest")
    reader.done()
    return Subject(name, digests)


def _edge(reader: ObjectReader) -> Edge:
    relation = reader.text("rel", max_characters=32)
    if relation not in RELATIONS:
        raise reader.wrong("rel", "a known relation")
    record = reader.hex_bytes("record", size=32) if reader.has("record") else None
    extra = {k: v for k, v in reader.members.items() if k not in ("rel", "record")}
    if record is None and not extra:
        raise MalformedError(f"{reader.where}: the edge points nowhere")
    return Edge(relation, record, extra)


def _manifest(reader: ObjectReader, subjects: tuple[Subject, ...]) -> ManifestClaim:
    inner = reader.object("manifest")
    algorithms = inner.texts("algorithms", maximum=2, max_characters=16)
    if algorithms not in (("sha256",), ("blake3",), ("sha256", "blake3")):
        raise inner.wrong("algorithms", "sha256 and/or blake3")
    claim = ManifestClaim(
        algorithms=algorithms,
        root=inner.hex_bytes("root", size=32),
        files=inner.integer("files"),
        total_bytes=inner.integer("bytes"),
        object_digest=inner.hex_bytes("object", size=32),
    )
    _require_subject(subjects, MANIFEST_DIGEST, claim.root)
    return claim


def _model(reader: ObjectReader) -> ModelClaim:
    inner = reader.object("model")
    tensors = inner.object("tensors") if inner.has("tensors") else None
    return ModelClaim(
        name=inner.text("name", max_characters=128),
        version=inner.integer("version", minimum=1),
        format=inner.text("format", max_characters=32),
        card=inner.hex_bytes("card", size=32),
        tensors=None if tensors is None else _tensors(tensors),
    )


def _tensors(reader: ObjectReader) -> TensorsClaim:
    return TensorsClaim(
        root=reader.hex_bytes("root", size=32),
        count=reader.integer("count", minimum=1),
        object_digest=reader.hex_bytes("object", size=32),
    )


def _private(reader: ObjectReader, subjects: tuple[Subject, ...], member: str) -> PrivateClaim:
    inner = reader.object(member)
    root, digest = inner.hex_bytes("root", size=32), inner.hex_bytes("object", size=32)
    _require_subject(subjects, PRIVATE_DIGEST, root)
    return PrivateClaim(root, digest)


def _require_subject(subjects: tuple[Subject, ...], algorithm: str, root: bytes) -> None:
    if len(subjects) != 1 or algorithm not in subjects[0].digests:
        raise MalformedError(f"statement.subject: expected one subject with {algorithm}")
    if decode_hex(subjects[0].digests[algorithm], where=algorithm) != root:
        raise MalformedError(
            f"statement.subject: got {algorithm} {subjects[0].digests[algorithm]}, "
            f"expected the predicate's root {root.hex()}"
        )


def _key(reader: ObjectReader) -> KeyClaim:
    action = reader.text("action", max_characters=16)
    if action not in ("add", "rotate", "revoke"):
        raise reader.wrong("action", "add, rotate or revoke")
    if reader.text("purpose", max_characters=32) != "statement":
        raise reader.wrong("purpose", "statement")
    keyid = reader.text("keyid", max_characters=128)
    replaces = reader.text("replaces", max_characters=128) if action == "rotate" else None
    parse_keyid(keyid)
    if replaces is not None:
        parse_keyid(replaces)
    reader.done()
    return KeyClaim(action, keyid, replaces)
