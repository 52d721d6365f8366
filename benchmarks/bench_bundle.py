"""Size of bundles and time to verify them, in logs of 10 to 1,000,000 entries.

The bundle is that of one sealed folder: its record, the record of its signer's key, both proven
under the newest checkpoint. Trees are real, but entries other than these two are only leaf hashes.
The anchored bundle adds a block of 200 receipts and a consistency proof, and verifies to `proven`
under a policy that names log, contract and block.
"""

import hashlib
import statistics
import sys
import time
from dataclasses import replace

from diptych.core.errors import JsonValue
from diptych.ledger.transaction import to_minimal
from diptych.ledger.trie import Trie
from diptych.provenance.bundle import dump_bundle
from diptych.provenance.keys.log_signer import LogSigner
from diptych.provenance.keys.records import key_draft
from diptych.provenance.keys.signer import Ed25519Signer
from diptych.provenance.private.commitments import inclusion_path
from diptych.provenance.statement import Draft, Subject, sign_statements
from diptych_verify.anchor import EVENT
from diptych_verify.bundle import AnchorProof, Bundle, BundleRecord, OlderHead
from diptych_verify.evidence import PROVEN
from diptych_verify.keccak import keccak256
from diptych_verify.merkle import leaf_hash, merkle_root
from diptych_verify.note import Checkpoint, note_signature_line, parse_note
from diptych_verify.policy import TrustedAnchor, TrustedBlock, TrustPolicy
from diptych_verify.receipt import parse_header
from diptych_verify.rlp import encode_integer, rlp_encode
from diptych_verify.verify import verify_bundle
from harness import Row, arguments, report, row

BAR_BYTES = 4096
BAR_ANCHORED_BYTES = 16_384
START_S = 1_795_424_400
RECEIPTS = 200


def seed(name: str) -> bytes:
    return hashlib.sha256(f"benchmark: {name}".encode()).digest()


SIGNER = Ed25519Signer(seed("statements"))
LOG = LogSigner(f"diptych.log/{seed('origin')[:16].hex()}", seed("log"))
CONTRACT, LOG_ID = seed("contract")[:20], seed("log id")


def envelopes() -> tuple[bytes, bytes]:
    """Return the key record and the sealed folder's record."""
    root = seed("root").hex()
    claim: dict[str, JsonValue] = {
        "algorithms": ["sha256"],
        "root": root,
        "files": 12_345,
        "bytes": 987_654_321,
        "object": seed("object").hex(),
    }
    subject = Subject("data/patients", {"diptychManifest1": root})
    sealed = Draft("dataset", (subject,), START_S, (), {"manifest": claim})
    added = key_draft("add", SIGNER.keyid, time_s=START_S)
    first, second = sign_statements([added, sealed], SIGNER)
    return first, second


def leaves_of(entries: int) -> list[bytes]:
    """Return all leaf hashes of the log: key record first, the sealed folder in the middle."""
    leaves = [hashlib.sha256(index.to_bytes(8, "big")).digest() for index in range(entries)]
    first, sealed = envelopes()
    leaves[0], leaves[entries // 2] = leaf_hash(first), leaf_hash(sealed)
    return leaves


def consistency_path(size: int, leaves: list[bytes], *, complete: bool = True) -> list[bytes]:
    """Return SUBPROOF of RFC 9162 section 2.1.4.1."""
    if size == len(leaves):
        return [] if complete else [merkle_root(leaves)]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if size <= half:
        inner = consistency_path(size, leaves[:half], complete=complete)
        return [*inner, merkle_root(leaves[half:])]
    inner = consistency_path(size - half, leaves[half:], complete=False)
    return [*inner, merkle_root(leaves[:half])]


def plain_bundle(leaves: list[bytes]) -> Bundle:
    body = Checkpoint(LOG.key.name, len(leaves), merkle_root(leaves)).body()
    line = note_signature_line(LOG.key.name, LOG.key.key_hash, LOG.sign(body.encode()))
    first, sealed = envelopes()
    records = tuple(
        BundleRecord(index, envelope, inclusion_path(leaves, index))
        for index, envelope in ((len(leaves) // 2, sealed), (0, first))
    )
    return Bundle(LOG.key, parse_note(f"{body}\n{line}"), records)


def anchored_bundle(leaves: list[bytes]) -> tuple[Bundle, TrustPolicy]:
    """Return a bundle whose older tree head is anchored in a busy block, and its policy."""
    size = len(leaves) - len(leaves) // 1000 - 1
    root = merkle_root(leaves[:size])
    head = OlderHead(size, root, tuple(consistency_path(size, leaves)))
    anchor = anchor_proof(size, root)
    policy = TrustPolicy(
        require=("when",),
        logs=(LOG.key,),
        anchors=(TrustedAnchor(anchor.chain_id, CONTRACT, LOG_ID),),
        blocks=(TrustedBlock(anchor.chain_id, parse_header(anchor.header).block_hash),),
    )
    return replace(plain_bundle(leaves), consistency=(head,), anchor=anchor), policy


def anchor_proof(size: int, root: bytes) -> AnchorProof:
    """Return the proof of an event in the middle of a block whose other receipts are transfers."""
    transfer = [seed("token")[:20], [seed("transfer"), seed("from"), seed("to")], bytes(32)]
    event = [CONTRACT, [keccak256(EVENT.encode()), LOG_ID], size.to_bytes(32, "big") + root]
    index = RECEIPTS // 2
    receipts = {
        encode_integer(each): b"\x02"
        + rlp_encode(
            [
                b"\x01",
                to_minimal(21_000 * (each + 1)),
                seed("bloom") * 8,
                [event] if each == index else [transfer],
            ]
        )
        for each in range(RECEIPTS)
    }
    trie = Trie(receipts)
    hashes = [seed(name) for name in ("parent", "uncles", "state", "transactions", "mix", "beacon")]
    numbers = (0, 21_000_000, 30_000_000, 21_000 * RECEIPTS, START_S)
    header = rlp_encode(
        [
            *hashes[:2],
            seed("coinbase")[:20],
            *hashes[2:4],
            trie.root,
            seed("bloom") * 8,
            *map(to_minimal, numbers),
            b"",
            hashes[4],
            bytes(8),
            to_minimal(10**9),
            seed("withdrawals"),
            to_minimal(131_072),
            b"",
            hashes[5],
            seed("requests"),
        ]
    )
    proof = tuple(trie.proof(encode_integer(index)))
    return AnchorProof(1, CONTRACT, LOG_ID, header, index, 0, proof)


def verify_ms(raw: bytes, policy: TrustPolicy) -> float:
    """Return the median time to verify, after asserting that it verifies."""
    taken_s = []
    for _ in range(21):
        start_s = time.perf_counter()
        evidence = verify_bundle(raw, policy=policy)
        taken_s.append(time.perf_counter() - start_s)
    if any(evidence.answer(question).status != PROVEN for question in policy.require):
        raise RuntimeError("the bundle does not verify to what the policy requires")
    return 1000 * statistics.median(taken_s)


def measure(sizes: tuple[int, ...]) -> list[Row]:
    """Return the rows of this area."""
    rows = []
    for entries in sizes:
        raw = dump_bundle(plain_bundle(leaves_of(entries)))
        took_ms = verify_ms(raw, TrustPolicy(logs=(LOG.key,)))
        rows.append(
            row(
                f"bundle of one sealed folder in a log of {entries:,} entries, not anchored",
                len(raw),
                "bytes",
                at_most=BAR_BYTES,
                more={"verify_ms": round(took_ms, 2)},
            )
        )
    bundle, policy = anchored_bundle(leaves_of(sizes[-1]))
    raw = dump_bundle(bundle)
    took_ms = verify_ms(raw, policy)
    rows.append(
        row(
            f"the same, anchored at an older head in a block of {RECEIPTS} receipts",
            len(raw),
            "bytes",
            at_most=BAR_ANCHORED_BYTES,
            more={"verify_ms": round(took_ms, 2)},
        )
    )
    return rows


def main() -> int:
    """Measure and report."""
    asked = arguments(__doc__)
    sizes = (10, 1000, 10_000) if asked.quick else (10, 1000, 100_000, 1_000_000)
    return report("bundle", measure(sizes), asked)


if __name__ == "__main__":
    sys.exit(main())
