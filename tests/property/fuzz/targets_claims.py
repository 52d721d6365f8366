"""What a bundle can say of data: erasures, rows of a table, readings, tensors, and claims."""

import base64
import json
from typing import Any

from tests.golden.world import log_signer, seed
from tests.property.fuzz.engine import Target
from tests.property.fuzz.resealed import disclosed_seed
from tests.unit.sensors.maker import frame

from diptych.app.verbs.data.share_claim import share_claim
from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue
from diptych.data.sensors.frame import parse_frame
from diptych.models.tensors.tree import tensor_tree
from diptych.provenance.keys.records import key_draft
from diptych.provenance.keys.signer import Ed25519Signer
from diptych.provenance.private.commitments import inclusion_path
from diptych.provenance.requirements.claims import quality_claim
from diptych.provenance.statement import Draft, Edge, Subject, pae, sign_statements
from diptych_verify.disclosed import commitment
from diptych_verify.dsse import parse_envelope
from diptych_verify.errors import MalformedError
from diptych_verify.identity.document import identity_claim
from diptych_verify.merkle import leaf_hash, merkle_root
from diptych_verify.note import Checkpoint, note_signature_line
from diptych_verify.statement import parse_statement
from diptych_verify.tensors import TensorLeaf
from diptych_verify.verify import verify_bundle

_ALICE = Ed25519Signer(seed("alice"))
_LOG = log_signer()
_TIME_S = 1_795_424_400
_OBJECT = "cd" * 32
_DIGEST = "ab" * 32
_KEY_RECORD = sign_statements([key_draft("add", _ALICE.keyid, time_s=_TIME_S)], _ALICE)[0]


def claims_targets() -> list[Target]:
    """Return the targets of this module."""
    table, erased = _table()
    subjects = [_document(*table), _document(*_readings()), _document(*_tensors())]
    return [
        Target("about_subject", _read_subject, subjects, "json", 30),
        Target("erasure", _read_erasure, [_payload(one) for one in erased], "json", 30),
        Target("claims", _read_claims, [_payload(one) for one in _said()], "json", 30, 1 << 20),
    ]


def _draft(kind: str, root: bytes, algorithm: str, **fields: JsonValue) -> Draft:
    return Draft(kind, (Subject("trial", {algorithm: root.hex()}),), _TIME_S, (), fields)


def _table() -> tuple[tuple[Draft, dict[str, Any]], list[Draft]]:
    """Return a sealed table with two shown fields, and erasures of it."""
    shown = json.loads(disclosed_seed())
    leaves = [leaf_hash(commitment(one["name"], one["value"], bytes(32))) for one in shown]
    root = merkle_root(leaves)
    private: JsonValue = {"root": root.hex(), "object": _OBJECT}
    draft = _draft(
        *("private", root, "diptychPrivate1"), private=private, table={"leaves": 2, "width": 2}
    )
    record = leaf_hash(sign_statements([draft], _ALICE)[0]).hex()
    scopes: list[JsonValue] = [{"scope": "leaves", "leaves": [[0, 1], [1, 1]]}, {"scope": "all"}]
    erased = [
        Draft("erased", draft.subjects, _TIME_S, (Edge("erased", record),), {"erased": scope})
        for scope in scopes
    ]
    return (draft, {"disclosed": shown}), erased


def _readings() -> tuple[Draft, dict[str, Any]]:
    parsed = parse_frame(frame(1, [4]))
    texts = [base64.b64encode(one).decode() for one in (parsed.readings[0], b"", parsed.signature)]
    value: list[JsonValue] = ["tag-1", f"ed25519:{parsed.key.hex()}", texts[0], 0, 1, *texts[1:]]
    salt = base64.b64encode(bytes(32)).decode()
    root = merkle_root([leaf_hash(commitment("reading", value, bytes(32)))])
    field: dict[str, Any] = {
        "name": "reading",
        "value": value,
        "salt": salt,
        "index": 0,
        "leaves": 1,
        "proof": "",
    }
    private: JsonValue = {"root": root.hex(), "object": _OBJECT}
    return _draft("readings", root, "diptychPrivate1", readings=private), {"disclosed": [field]}


def _tensors() -> tuple[Draft, dict[str, Any]]:
    tree = tensor_tree([TensorLeaf(f"w{at}", "float32", (2, 3), bytes(32)) for at in range(3)])
    shown = tree.show("w1")
    leaf: dict[str, Any] = {"name": "w1", "dtype": "float32", "shape": [2, 3]}
    proof = base64.b64encode(b"".join(shown.proof)).decode()
    tensor = {**leaf, "sha256": bytes(32).hex(), "index": shown.index, "proof": proof}
    digest = bytes.fromhex(_DIGEST)
    manifest: JsonValue = {
        **{"algorithms": ["sha256"], "root": _DIGEST, "files": 1, "bytes": 1, "object": _OBJECT}
    }
    tensors: JsonValue = {"root": tree.root.hex(), "count": 3, "object": _OBJECT}
    model: JsonValue = {
        **{"name": "m", "version": 1, "format": "onnx", "card": _DIGEST, "tensors": tensors}
    }
    draft = _draft("model", digest, "diptychManifest1", manifest=manifest, model=model)
    return draft, {"tensors": [tensor]}


def _said() -> list[Draft]:
    digest = bytes.fromhex(_DIGEST)
    quality: JsonValue = {
        **{"verdict": "fail", "rules": _DIGEST, "report": _DIGEST, "tool": "diptych 0.1"},
        **{"failed": [{"rule": "range:age", "count": 2, "rows": [5, 17]}], "file": "t.csv"},
    }
    share: JsonValue = {
        **{"terms": "licence", "until": "2027-01-01T00:00:00Z", "recipients": ["ef" * 16]}
    }
    identity: JsonValue = {"keyid": _ALICE.keyid, "method": "did:web", "evidence": _DIGEST}
    return [
        _draft("quality", digest, "sha256", quality=quality),
        _draft("share", digest, "sha256", share=share),
        _draft("identity", digest, "sha256", identity=identity),
    ]


def _read_claims(raw: bytes) -> object:
    statement = parse_statement(raw)
    if statement.kind == "quality":
        claim = quality_claim(statement)
        assert claim is not None
        return [claim.to_json(), [one.sentence() for one in claim.failed]]
    if statement.kind == "identity":
        return identity_claim(statement.predicate)
    return share_claim(statement)


def _payload(draft: Draft) -> bytes:
    return parse_envelope(sign_statements([draft], _ALICE)[0]).payload


def _document(draft: Draft, extra: dict[str, Any]) -> bytes:
    return json.dumps({"statement": json.loads(_payload(draft)), "extra": extra}).encode()


def _read_subject(raw: bytes) -> object:
    """Seal a mutated statement, show what it shows, and verify that."""
    try:
        members = json.loads(raw)
        statement = json.dumps(members["statement"]).encode()
        extra = dict(members["extra"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise MalformedError("nothing to seal") from None
    return verify_bundle(_bundle([_enveloped(statement)], extra))


def _read_erasure(raw: bytes) -> object:
    """Verify a table of which a mutated record says what was erased."""
    (draft, extra), _ = _table()
    return verify_bundle(_bundle([sign_statements([draft], _ALICE)[0], _enveloped(raw)], extra))


def _enveloped(statement: bytes) -> bytes:
    (signature,) = _ALICE.sign([pae(statement)])
    return canonical_json(
        {
            "payload": base64.b64encode(statement).decode(),
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [
                {"keyid": _ALICE.keyid, "sig": base64.b64encode(signature).decode()},
            ],
        }
    )


def _bundle(envelopes: list[bytes], extra: dict[str, Any]) -> bytes:
    """Return a bundle about the first envelope, with the key record and the other envelopes."""
    leaves = [leaf_hash(one) for one in (_KEY_RECORD, *envelopes)]
    body = Checkpoint(_LOG.key.name, len(leaves), merkle_root(leaves)).body()
    line = note_signature_line(_LOG.key.name, _LOG.key.key_hash, _LOG.sign(body.encode()))
    order = [1, 0, *range(2, len(leaves))]
    records = [
        {
            "index": index,
            "envelope": (_KEY_RECORD, *envelopes)[index].decode(),
            "proof": base64.b64encode(b"".join(inclusion_path(leaves, index))).decode(),
        }
        for index in order
    ]
    members: dict[str, Any] = {
        "format": "diptych-bundle/1",
        "log": str(_LOG.key),
        "checkpoint": f"{body}\n{line}",
        "records": records,
    }
    return json.dumps({**members, **extra}).encode("utf-8", "surrogatepass")
