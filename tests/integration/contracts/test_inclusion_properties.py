"""`verifyInclusion` and the Python reference give the same verdict on honest and hostile proofs."""

import base64
import json
import os
import random
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.integration.contracts.conftest import ACCOUNTS, Stage

from diptych.contracts.bindings import anchor as binding
from diptych.core.errors import LedgerError
from diptych.ledger.errors import Reverted
from diptych_verify.errors import NotIncluded
from diptych_verify.merkle import leaf_hash, merkle_root, node_hash, verify_inclusion

CASES = int(os.environ.get("DIPTYCH_TEST_INCLUSION_CASES", "3000"))
LARGEST = 130
VECTORS = Path(__file__).resolve().parents[4] / "shared/data/trust/rfc6962-vectors/inclusion"
REFUSALS = {
    "Anchor.IndexNotInTree",
    "Anchor.ProofTooLong",
    "Anchor.ProofTooShort",
    "Anchor.NotIncluded",
}


@dataclass(frozen=True)
class Claim:
    """A leaf said to stand at an index of a tree."""

    leaf: bytes
    index: int
    size: int
    proof: tuple[bytes, ...]
    root: bytes

    def calldata(self) -> bytes:
        return binding.encode_verify_inclusion_in(
            size=self.size,
            root=self.root,
            leaf_hash=self.leaf,
            index=self.index,
            proof=list(self.proof),
        )

    def holds(self) -> bool:
        try:
            verify_inclusion(
                self.leaf, index=self.index, size=self.size, proof=self.proof, root=self.root
            )
        except NotIncluded:
            return False
        return True


def accepted(answer: bytes | LedgerError) -> bool:
    """Return the contract's verdict; anything but a verdict fails the test."""
    if isinstance(answer, Reverted):
        assert answer.code in REFUSALS
        return False
    assert answer == b""
    return True


def agree(stage: Stage, claims: list[Claim]) -> list[bool]:
    verdicts = [accepted(answer) for answer in stage.calls([c.calldata() for c in claims])]
    expected = [claim.holds() for claim in claims]
    wrong = [c for c, got, want in zip(claims, verdicts, expected, strict=True) if got != want]
    assert wrong == []
    return verdicts


def path(leaves: list[bytes], index: int) -> list[bytes]:
    """PATH by its recursive definition, RFC 9162 section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = leaves[:split], leaves[split:]
    if index < split:
        return [*path(left, index), merkle_root(right)]
    return [*path(right, index - split), merkle_root(left)]


def honest(size: int, index: int) -> Claim:
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    return Claim(leaves[index], index, size, tuple(path(leaves, index)), merkle_root(leaves))


def hostile(claim: Claim, source: random.Random) -> Claim:
    """Return the claim with one thing changed."""
    proof, noise = list(claim.proof), source.randbytes(32)
    at = source.randrange(len(proof) + 1)
    other = source.randrange(len(proof)) if proof else 0
    if 0 < at < len(proof):
        swapped = [*proof]
        swapped[at], swapped[other] = swapped[other], swapped[at]
    else:
        swapped = proof[::-1]
    power = 1 << source.randrange(12)
    huge = source.randrange(2**256)
    return source.choice(
        [
            replace(claim, proof=claim.proof[:at]),
            replace(claim, proof=claim.proof[at:]),
            replace(claim, proof=(*claim.proof, noise)),
            replace(claim, proof=(*claim.proof, *claim.proof)),
            replace(claim, proof=(claim.leaf, *claim.proof)),
            replace(claim, proof=(*claim.proof, claim.root)),
            replace(claim, proof=(*proof[:at], noise, *proof[at:])),
            replace(claim, proof=tuple(swapped)),
            replace(claim, index=claim.index ^ power),
            replace(claim, index=huge),
            replace(claim, size=claim.size + source.choice([-1, 1])),
            replace(claim, size=claim.size ^ power),
            replace(claim, size=huge, index=source.choice([claim.index, huge - 1, huge // 2])),
            replace(claim, size=0),
            replace(claim, leaf=noise),
            replace(claim, leaf=claim.root, proof=()),
            replace(claim, root=noise),
            replace(claim, root=bytes(32)),
        ]
    )


def test_honest_proofs_of_every_leaf_are_accepted(stage: Stage) -> None:
    claims = [honest(size, index) for size in (*range(1, 18), 33) for index in range(size)]
    assert all(agree(stage, claims))


def test_hostile_proofs_get_the_same_verdict(stage: Stage) -> None:
    source = random.Random(9162)
    rejected = 0
    for start in range(0, CASES, 250):
        claims = []
        for _ in range(min(250, CASES - start)):
            size = source.randint(1, LARGEST)
            claims.append(hostile(honest(size, source.randrange(size)), source))
        rejected += agree(stage, claims).count(False)
    # A change may change nothing, and RFC 6962 does not bind the size into the root.
    assert rejected > 0.8 * CASES


@settings(max_examples=60)
@given(
    index=st.integers(0, 2**256 - 1),
    size=st.integers(0, 2**256 - 1),
    depth=st.integers(0, 300),
    seed=st.binary(min_size=32, max_size=32),
)
def test_any_numbers_get_the_same_verdict(
    stage: Stage, index: int, size: int, depth: int, seed: bytes
) -> None:
    proof = tuple(leaf_hash(seed + bytes([n & 255, n >> 8])) for n in range(depth))
    claims = [Claim(seed, number, size, proof, seed) for number in (index, index & 7, size - 1)]
    agree(stage, [claim for claim in claims if claim.index >= 0])


def test_a_proof_of_depth_48_is_accepted_and_its_twin_refused(stage: Stage) -> None:
    leaf = root = leaf_hash(b"deep")
    proof = []
    for level in range(48):
        proof.append(leaf_hash(b"%d" % level))
        root = node_hash(root, proof[-1])
    claim = Claim(leaf, 0, 2**48, tuple(proof), root)
    assert agree(stage, [claim, replace(claim, index=1)]) == [True, False]


def test_the_stored_head_decides(stage: Stage) -> None:
    owner = ACCOUNTS[2].address
    salt = leaf_hash(b"the stored head")
    log_id = binding.decode_register(stage.call(binding.encode_register(salt), owner))
    now_s = stage.chain.block().timestamp_s
    stage.send(binding.encode_register(salt), owner, now_s + 1)
    old, new = honest(5, 3), honest(11, 3)
    stage.send(binding.encode_anchor(log_id, 5, old.root), owner, now_s + 2)

    def ask(claim: Claim) -> bytes:
        data = binding.encode_verify_inclusion(log_id, claim.leaf, claim.index, claim.proof)
        return stage.call(data)

    answer = binding.decode_verify_inclusion(ask(old))
    assert (answer.size, answer.time) == (5, now_s + 2)
    with pytest.raises(Reverted):
        ask(new)
    stage.send(binding.encode_anchor(log_id, 11, new.root), owner, now_s + 3)
    assert binding.decode_verify_inclusion(ask(new)).size == 11
    with pytest.raises(Reverted) as caught:
        ask(old)
    assert caught.value.code in REFUSALS


def _published(file: Path) -> tuple[Claim, bool]:
    fields = json.loads(file.read_bytes())
    proof = tuple(base64.b64decode(item) for item in fields["proof"] or [])
    leaf, root = (base64.b64decode(fields[name] or "") for name in ("leafHash", "root"))
    claim = Claim(leaf, fields["leafIdx"], fields["treeSize"], proof, root)
    return claim, not fields["wantErr"]


def test_published_vectors_get_the_published_verdict(stage: Stage) -> None:
    files = sorted(VECTORS.rglob("*.json")) if VECTORS.is_dir() else []
    vectors = [_published(file) for file in files]
    # The contract takes 32-byte words only; other lengths never leave the encoder.
    whole = [(c, good) for c, good in vectors if {len(w) for w in (c.leaf, c.root)} == {32}]
    whole = [(c, good) for c, good in whole if all(len(word) == 32 for word in c.proof)]
    verdicts = agree(stage, [claim for claim, _ in whole])
    assert verdicts == [good for _, good in whole]
    others = [good for claim, good in vectors if (claim, good) not in whole]
    assert not any(others)
