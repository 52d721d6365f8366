"""Builds logs, envelopes and bundles for tests, independently of the package that writes them."""

import hashlib
import json
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from diptych_verify.eip191 import ORDER, personal_message_hash
from diptych_verify.merkle import EMPTY_ROOT, leaf_hash, node_hash
from diptych_verify.note import (
    COSIGNATURE,
    Checkpoint,
    VerifierKey,
    cosignature_message,
    note_signature_line,
)

Json = dict[str, Any]
TIME = "2026-11-23T09:00:00Z"


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def b64(raw: bytes) -> str:
    return b64encode(raw).decode()


def root_of(leaves: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, written as the recursion stands there."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(root_of(leaves[:split]), root_of(leaves[split:]))


def path_to(index: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 9162 section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return [*path_to(index, leaves[:split]), root_of(leaves[split:])]
    return [*path_to(index - split, leaves[split:]), root_of(leaves[:split])]


def prefix_proof(size: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """RFC 9162 section 2.1.4.1."""
    if size == len(leaves):
        return [] if whole else [root_of(leaves)]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if size <= split:
        below = prefix_proof(size, leaves[:split], whole=whole)
        return [*below, root_of(leaves[split:])]
    below = prefix_proof(size - split, leaves[split:], whole=False)
    return [*below, root_of(leaves[:split])]


@dataclass(frozen=True)
class EdwardsKey:
    """A statement key made from one byte."""

    seed: int

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(bytes([self.seed]) * 32)

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def keyid(self) -> str:
        return f"ed25519:{self.public.hex()}"

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)


@dataclass(frozen=True)
class WalletKey:
    """A secp256k1 statement key made from one byte; `high` writes the forbidden twin."""

    seed: int
    high: bool = False

    @property
    def private(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(self.seed, ec.SECP256K1())

    @property
    def keyid(self) -> str:
        point = self.private.public_key()
        encoded = point.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        return f"secp256k1:{encoded.hex()}"

    def sign(self, message: bytes) -> bytes:
        algorithm = ec.ECDSA(Prehashed(SHA256()), deterministic_signing=True)
        r, s = decode_dss_signature(self.private.sign(personal_message_hash(message), algorithm))
        if (s > ORDER // 2) != self.high:
            s = ORDER - s
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


Key = EdwardsKey | WalletKey
ALICE, BOB, MALLORY = EdwardsKey(1), WalletKey(2), EdwardsKey(66)


def pae_of(payload: bytes) -> bytes:
    kind = b"application/vnd.in-toto+json"
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def envelope(statement: Json, *keys: Key) -> bytes:
    payload = canonical(statement)
    return canonical(
        {
            "payload": b64(payload),
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [{"keyid": k.keyid, "sig": b64(k.sign(pae_of(payload)))} for k in keys],
        }
    )


def statement(
    kind: str, predicate: Json, *, name: str = "it", digest: dict[str, str] | None = None
) -> Json:
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": digest or {"sha256": "ab" * 32}}],
        "predicateType": f"urn:diptych:{kind}:1",
        "predicate": {"time": TIME, "edges": [], **predicate},
    }


def key_statement(action: str, key: Key, *, replaces: Key | None = None) -> Json:
    predicate: Json = {"action": action, "purpose": "statement", "keyid": key.keyid}
    if replaces is not None:
        predicate["replaces"] = replaces.keyid
    return statement("key", predicate, name=key.keyid)


def manifest_of(files: dict[str, bytes]) -> bytes:
    lines = [canonical({"algorithms": ["sha256"], "format": "diptych-manifest/1"})]
    for path in sorted(files, key=str.encode):
        content = files[path]
        lines.append(canonical([path, len(content), hashlib.sha256(content).hexdigest()]))
    return b"".join(line + b"\n" for line in lines)


def dataset_statement(manifest: bytes, *edges: Json, name: str = "patients") -> Json:
    lines = manifest.splitlines()[1:]
    root = root_of([leaf_hash(line) for line in lines]).hex()
    rows = [json.loads(line) for line in lines]
    digest = {"diptychManifest1": root}
    if len(rows) == 1:
        digest["sha256"] = rows[0][2]
    predicate: Json = {
        "edges": list(edges),
        "manifest": {
            "algorithms": ["sha256"],
            "root": root,
            "files": len(rows),
            "bytes": sum(row[1] for row in rows),
            "object": hashlib.sha256(manifest).hexdigest(),
        },
    }
    return statement("dataset", predicate, name=name, digest=digest)


def derived_from(record: bytes, relation: str = "derivedFrom") -> Json:
    return {"rel": relation, "record": leaf_hash(record).hex()}


@dataclass
class TinyLog:
    """A whole log in memory: entries, checkpoints, witness lines, bundles as plain dicts."""

    origin: str = "diptych.log/000102030405060708090a0b0c0d0e0f"
    signer: EdwardsKey = EdwardsKey(200)
    entries: list[bytes] = field(default_factory=list)

    @property
    def key(self) -> VerifierKey:
        return VerifierKey(self.origin, self.signer.public)

    def add(self, statement: Json, *keys: Key) -> int:
        self.entries.append(envelope(statement, *keys))
        return len(self.entries) - 1

    def leaves(self, size: int | None = None) -> list[bytes]:
        return [leaf_hash(entry) for entry in self.entries[:size]]

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        leaves = self.leaves(size)
        return Checkpoint(self.origin, len(leaves), root_of(leaves))

    def note(self, size: int | None = None) -> str:
        body = self.checkpoint(size).body()
        signature = self.signer.sign(body.encode())
        return f"{body}\n{note_signature_line(self.origin, self.key.key_hash, signature)}"

    def record(self, index: int) -> Json:
        proof = path_to(index, self.leaves())
        return {
            "index": index,
            "envelope": self.entries[index].decode(),
            "proof": b64(b"".join(proof)),
        }

    def head(self, size: int) -> Json:
        proof = prefix_proof(size, self.leaves())
        root = self.checkpoint(size).root
        return {"size": size, "root": b64(root), "proof": b64(b"".join(proof))}

    def bundle(self, *indexes: int) -> Json:
        return {
            "format": "diptych-bundle/1",
            "log": str(self.key),
            "checkpoint": self.note(),
            "records": [self.record(index) for index in indexes],
        }


@dataclass(frozen=True)
class Witness:
    """A witness that cosigns whatever it is given."""

    name: str = "witness.example"
    signer: EdwardsKey = EdwardsKey(9)

    @property
    def key(self) -> VerifierKey:
        return VerifierKey(self.name, self.signer.public, COSIGNATURE)

    def line(self, body: str, time_s: int) -> str:
        signature = self.signer.sign(cosignature_message(body, time_s))
        payload = time_s.to_bytes(8, "big") + signature
        return note_signature_line(self.name, self.key.key_hash, payload)


FILES = {"a.csv": b"id,age\n1,44\n", "b/c.txt": b"hello\n", "z.bin": bytes(range(256))}


def sample_log(files: dict[str, bytes] | None = None) -> TinyLog:
    """Return a log of 6: Alice's key, a source, a filler, Bob's key, the subject, a filler."""
    log = TinyLog()
    log.add(key_statement("add", ALICE), ALICE)
    log.add(dataset_statement(manifest_of({"raw": b"raw"}), name="raw"), ALICE)
    log.add(statement("note", {}), ALICE)
    log.add(key_statement("add", BOB), ALICE)
    manifest = manifest_of(FILES if files is None else files)
    log.add(dataset_statement(manifest, derived_from(log.entries[1])), BOB)
    log.add(statement("note", {}), ALICE)
    return log


def sample_bundle(log: TinyLog | None = None) -> Json:
    """Return the bundle of index 4 of `sample_log` with its ancestor and both key records."""
    return (log or sample_log()).bundle(4, 1, 0, 3)


def policy_of(**categories: object) -> bytes:
    return canonical({"format": "diptych-policy/1", **categories})
