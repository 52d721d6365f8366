"""Targets in `diptych_verify`: everything that a stranger's bundle or policy can reach."""

import io
import json
from base64 import b64decode
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

from eth_hash.auto import keccak
from tests.golden.make import FOLDER
from tests.property.fuzz.engine import Target
from tests.property.fuzz.mutate import cut_files, pack_files
from tests.property.fuzz.resealed import (
    disclosed_seed,
    read_disclosed,
    read_resealed,
    resealed_seeds,
)

from diptych_verify.bundle import MAX_BUNDLE_BYTES, parse_bundle
from diptych_verify.der import MAX_DER_BYTES, parse_der
from diptych_verify.dsse import MAX_ENVELOPE_BYTES, parse_envelope, verify_envelope
from diptych_verify.jsonio import strict_json
from diptych_verify.manifest import read_manifest
from diptych_verify.mpt import verify_trie_proof
from diptych_verify.note import (
    MAX_NOTE_BYTES,
    Checkpoint,
    VerifierKey,
    parse_note,
    verify_checkpoint,
    verify_cosignature,
)
from diptych_verify.policy import MAX_POLICY_BYTES, TrustPolicy
from diptych_verify.receipt import MAX_HEADER_BYTES, parse_header, parse_receipt
from diptych_verify.rlp import rlp_decode
from diptych_verify.statement import parse_statement, statement_of
from diptych_verify.tsp import verify_timestamp
from diptych_verify.tsp_token import parse_token
from diptych_verify.verify import verify_bundle

TSP = Path(__file__).parents[2] / "fixtures" / "tsp"
MEBIBYTE = 1 << 20


def golden_bundles() -> list[bytes]:
    """Return the golden bundles that verify."""
    expected = json.loads((FOLDER / "expected.json").read_bytes())
    names = [name for name, case in expected.items() if not case["error"]]
    return [(FOLDER / f"{name}.diptych.json").read_bytes() for name in names]


BUNDLES = golden_bundles()
_DOCUMENTS: list[Any] = [json.loads(raw) for raw in BUNDLES]
_RECORDS = [record for document in _DOCUMENTS for record in document["records"]]
ENVELOPES = sorted({record["envelope"].encode() for record in _RECORDS})
STATEMENTS = [parse_envelope(raw).payload for raw in ENVELOPES]
NOTES = sorted({document["checkpoint"].encode() for document in _DOCUMENTS})
_ANCHORS = [document["anchor"] for document in _DOCUMENTS if "anchor" in document]
HEADERS = [b64decode(anchor["header"]) for anchor in _ANCHORS]
PROOFS = [[b64decode(node) for node in anchor["receipt"]["proof"]] for anchor in _ANCHORS]
TOKENS = [
    (TSP / "token.der").read_bytes(),
    *(b64decode(token) for one in _DOCUMENTS for token in one.get("timestamps", ())),
]
_RECEIPT_KEY = b"\x01"
RECEIPTS = [
    verify_trie_proof(parse_header(header).receipts_root, _RECEIPT_KEY, proof)
    for header, proof in zip(HEADERS, PROOFS, strict=True)
]


def golden_policy(name: str = "anchored-earlier") -> TrustPolicy:
    """Return a golden policy that requires nothing and has seen nothing before."""
    raw = (FOLDER / f"{name}.policy.toml").read_bytes()
    return replace(TrustPolicy.parse(raw), require=(), checkpoints=())


def flags(raw: bytes) -> int:
    """Return a number that the input decides, to choose among ways to read it."""
    return sum(raw[-64:])


def _read_manifest(raw: bytes) -> object:
    reader = read_manifest(io.BytesIO(raw))
    for _ in reader:
        pass
    return reader.summary()


def _read_json(raw: bytes) -> object:
    return strict_json(raw, max_bytes=MEBIBYTE, max_depth=16)


def _read_statement(raw: bytes) -> object:
    return parse_statement(raw)


def _read_envelope(raw: bytes) -> object:
    return statement_of(parse_envelope(raw))


def _note_reader(keys: Sequence[VerifierKey]) -> Callable[[bytes], object]:
    def read(raw: bytes) -> object:
        note = parse_note(raw)
        checkpoint = Checkpoint.parse(note.body)
        for key in keys:
            verify = verify_checkpoint if key.kind == 1 else verify_cosignature
            if any(line.key_hash == key.key_hash for line in note.signatures):
                verify(note, key)
        return checkpoint

    return read


def _read_key(raw: bytes) -> object:
    return str(VerifierKey.parse(raw.decode("utf-8", "surrogateescape")))


def _read_rlp(raw: bytes) -> object:
    return rlp_decode(raw)


def _read_trie_proof(raw: bytes) -> object:
    """Read nodes whose parents are changed to refer to them, so that the walk goes deep."""
    nodes = [content for _, content in cut_files(raw)]
    for at in range(min(len(nodes), len(PROOFS[0])) - 1, 0, -1):
        nodes[at - 1] = nodes[at - 1].replace(keccak(PROOFS[0][at]), keccak(nodes[at]))
    root = keccak(nodes[0]) if nodes else bytes(32)
    return verify_trie_proof(root, _RECEIPT_KEY, nodes)


def _read_timestamp(raw: bytes) -> object:
    authorities = [
        (TSP / "ca.pem").read_text(),
        *golden_policy("timestamped").timestamp_authorities,
    ]
    message = (TSP / "message.bin").read_bytes()
    return verify_timestamp(raw, message, authorities=authorities if flags(raw) & 1 else ())


def _read_der(raw: bytes) -> object:
    return parse_der(raw, "fuzz")


def _bundle_reader() -> Callable[[bytes], object]:
    policy = golden_policy()

    def read(raw: bytes) -> object:
        how = flags(raw)
        return verify_bundle(raw, policy=policy if how & 1 else None, lineage=how % 8 == 3)

    return read


def verifier_targets() -> list[Target]:
    """Return the targets of the offline verifier."""
    policy = golden_policy()
    note_keys = [*policy.logs, *policy.witnesses]
    policies = [path.read_bytes() for path in sorted(FOLDER.glob("*.policy.toml"))]
    keys = [str(key).encode() for key in note_keys]
    manifests = [
        b64decode(document["manifest"]) for document in _DOCUMENTS if "manifest" in document
    ]
    proofs = [pack_files([(0, node) for node in proof]) for proof in PROOFS]
    return [
        Target("read_manifest", _read_manifest, manifests, "text", 40, 8 * MEBIBYTE),
        Target("strict_json", _read_json, [*BUNDLES[:3], *STATEMENTS], "json", 40, MEBIBYTE),
        Target("parse_envelope", _read_envelope, ENVELOPES, "json", 60, MAX_ENVELOPE_BYTES),
        Target("verify_envelope", verify_envelope, ENVELOPES, "json", 20, MAX_ENVELOPE_BYTES),
        Target("parse_statement", _read_statement, STATEMENTS, "json", 90, MAX_ENVELOPE_BYTES),
        Target("parse_note", _note_reader(note_keys), NOTES, "text", 60, MAX_NOTE_BYTES),
        Target("verifier_key", _read_key, keys, "text", 50, 512),
        Target(
            "rlp_decode", _read_rlp, [*HEADERS, *(one[1:] for one in RECEIPTS)], "rlp", 60, MEBIBYTE
        ),
        Target("parse_header", parse_header, HEADERS, "rlp", 30, MAX_HEADER_BYTES),
        Target("parse_receipt", parse_receipt, RECEIPTS, "rlp", 50, MEBIBYTE),
        Target("verify_trie_proof", _read_trie_proof, proofs, "files", 20, MEBIBYTE),
        Target("parse_der", _read_der, TOKENS, "der", 50, MAX_DER_BYTES),
        Target("parse_token", parse_token, TOKENS, "der", 60, MAX_DER_BYTES),
        Target("verify_timestamp", _read_timestamp, TOKENS[:1], "der", 20, MAX_DER_BYTES),
        Target("policy_toml", TrustPolicy.parse, policies, "text", 20, MAX_POLICY_BYTES),
        Target("policy_json", TrustPolicy.parse, _json_policies(), "json", 30, MAX_POLICY_BYTES),
        Target("parse_bundle", parse_bundle, BUNDLES, "json", 50, MAX_BUNDLE_BYTES),
        Target("verify_bundle", _bundle_reader(), BUNDLES, "json", 20, MAX_BUNDLE_BYTES),
        Target("verify_resealed", read_resealed, resealed_seeds(), "json", 20),
        Target("disclosed", read_disclosed, [*_disclosed(), disclosed_seed()], "json", 30),
    ]


def _json_policies() -> list[bytes]:
    import tomllib

    paths = sorted(FOLDER.glob("*.policy.toml"))
    return [json.dumps(tomllib.loads(path.read_text())).encode() for path in paths[:4]]


def _disclosed() -> list[bytes]:
    """Return opened fields, among them those of files."""
    found = next(document["disclosed"] for document in _DOCUMENTS if "disclosed" in document)
    files = deepcopy(found)
    for position, field in enumerate(files):
        field |= {"name": "file", "value": [f"data/{position}.csv", 12, "ab" * 32]}
    return [json.dumps(one).encode() for one in (found, files)]
