"""Bundles whose statement is mutated and then signed and logged anew, by somebody who holds keys.

Without this, nearly every mutation ends at the first hash, and what comes after is never reached.
"""

import base64
import json
from dataclasses import replace
from typing import Any

from tests.golden.world import FILES, log_signer, manifest_of, seed
from tests.property.fuzz.trees import Members, json_bytes, json_tree

from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue
from diptych.provenance.keys.records import key_draft
from diptych.provenance.keys.signer import Ed25519Signer, Secp256k1Signer
from diptych.provenance.private.commitments import inclusion_path
from diptych.provenance.statement import Draft, Edge, Subject, pae, sign_statements
from diptych_verify.bundle import parse_bundle
from diptych_verify.disclosed import commitment, disclosed_files, verify_disclosed
from diptych_verify.errors import MalformedError
from diptych_verify.merkle import leaf_hash, merkle_root
from diptych_verify.note import Checkpoint, note_signature_line
from diptych_verify.verify import verify_bundle

_ALICE = Ed25519Signer(seed("alice"))
_LOG = log_signer()
_START_S = 1_795_424_400
_KEY_RECORD = sign_statements([key_draft("add", _ALICE.keyid, time_s=_START_S)], _ALICE)[0]


def resealed_seeds() -> list[bytes]:
    """Return `{"statement": ..., "extra": {...}}` documents that verify once sealed."""
    manifest, claim, digests = manifest_of(FILES)
    edge = Edge("supersedes", "ab" * 32)
    subject = (Subject("trial", digests),)
    dataset = Draft("dataset", subject, _START_S, (edge,), {"manifest": claim})
    root = _field_root([["patient", "1"], ["age", 61]])
    private = Draft(
        "private",
        (Subject("private", {"diptychPrivate1": root.hex()}),),
        _START_S,
        (),
        {"private": {"root": root.hex(), "object": "cd" * 32}},
    )
    ancestor = Draft("note", subject, _START_S, (Edge("derivedFrom", _record_id()),))
    added = key_draft("add", f"ed25519:{'ab' * 32}", time_s=_START_S)
    revoked = key_draft("revoke", _ALICE.keyid, time_s=_START_S)
    disclosed = json.loads(disclosed_seed())
    encoded = base64.b64encode(manifest).decode()
    return [
        _document(dataset, {"manifest": encoded}),
        _document(dataset, {}),
        _document(private, {"disclosed": disclosed}),
        _document(ancestor, {}),
        _document(added, {}),
        _document(revoked, {}),
    ]


def costly_bundle(records: int) -> bytes:
    """Return a bundle of long records under a secp256k1 key, the costliest ones to verify."""
    signer = Secp256k1Signer(seed("bob"))
    drafts = [
        Draft("note", (Subject(f"{number}" + "a" * 8000, {"sha256": "ab" * 32}),), _START_S, ())
        for number in range(records)
    ]
    long: dict[str, JsonValue] = {"text": "a" * 36_000}
    envelopes = sign_statements([replace(one, fields=long) for one in drafts], signer)
    leaves = [leaf_hash(envelope) for envelope in envelopes]
    parts = [
        Members(
            [
                ["index", index],
                ["envelope", envelope.decode()],
                ["proof", base64.b64encode(b"".join(inclusion_path(leaves, index))).decode()],
            ]
        )
        for index, envelope in enumerate(envelopes)
    ]
    return json_bytes(_bundle(leaves, parts))


def _record_id() -> str:
    return leaf_hash(_KEY_RECORD).hex()


def _document(draft: Draft, extra: dict[str, Any]) -> bytes:
    envelope = json.loads(sign_statements([draft], _ALICE)[0])
    statement = json.loads(base64.b64decode(envelope["payload"]))
    return json.dumps({"statement": statement, "extra": extra}).encode()


def read_resealed(raw: bytes) -> object:
    """Seal the statement in `raw` and verify the bundle of it.

    Raises:
        DiptychError: what `verify_bundle` says.
    """
    try:
        members = {str(key): value for key, value in json_tree(raw)}
        statement, extra = json_bytes(members["statement"]), members.get("extra", Members())
    except (ValueError, TypeError, KeyError, RecursionError):
        raise MalformedError("nothing to seal") from None
    return verify_bundle(_sealed(statement, extra), lineage=sum(raw[-8:]) % 2 == 1)


def _sealed(statement: bytes, extra: object) -> bytes:
    (signature,) = _ALICE.sign([pae(statement)])
    envelope = canonical_json(
        {
            "payload": base64.b64encode(statement).decode(),
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [
                {"keyid": _ALICE.keyid, "sig": base64.b64encode(signature).decode()},
            ],
        }
    )
    leaves = [leaf_hash(_KEY_RECORD), leaf_hash(envelope)]
    members = _bundle(leaves, [_record(1, envelope, leaves), _record(0, _KEY_RECORD, leaves)])
    members.extend(extra if isinstance(extra, Members) else [])
    return json_bytes(members)


def _bundle(leaves: list[bytes], records: list[Members]) -> Members:
    body = Checkpoint(_LOG.key.name, len(leaves), merkle_root(leaves)).body()
    line = note_signature_line(_LOG.key.name, _LOG.key.key_hash, _LOG.sign(body.encode()))
    return Members(
        [
            ["format", "diptych-bundle/1"],
            ["log", str(_LOG.key)],
            ["checkpoint", f"{body}\n{line}"],
            ["records", records],
        ]
    )


def _record(index: int, envelope: bytes, leaves: list[bytes]) -> Members:
    proof = base64.b64encode(leaves[1 - index]).decode()
    return Members([["index", index], ["envelope", envelope.decode()], ["proof", proof]])


def _field_root(fields: list[list[Any]]) -> bytes:
    return merkle_root([leaf_hash(commitment(name, value, bytes(32))) for name, value in fields])


def disclosed_seed() -> bytes:
    """Return the `disclosed` part that belongs to the private seed."""
    fields: list[list[Any]] = [["patient", "1"], ["age", 61]]
    leaves = [leaf_hash(commitment(name, value, bytes(32))) for name, value in fields]
    salt = base64.b64encode(bytes(32)).decode()
    return json.dumps(
        [
            {
                "name": name,
                "value": value,
                "salt": salt,
                "index": index,
                "leaves": 2,
                "proof": base64.b64encode(b"".join(inclusion_path(leaves, index))).decode(),
            }
            for index, (name, value) in enumerate(fields)
        ]
    ).encode()


def read_disclosed(raw: bytes) -> object:
    """Read a `disclosed` part under the root that its fields really have.

    Raises:
        DiptychError: what the verifier says.
    """
    whole = _sealed(b"{}", Members())[:-1] + b',"disclosed":' + raw + b"}"
    fields = parse_bundle(whole).disclosed
    leaves = [leaf_hash(commitment(one.name, one.value, one.salt)) for one in fields]
    if len(leaves) == 1:
        verify_disclosed(fields, leaves[0])
    return disclosed_files(fields)
