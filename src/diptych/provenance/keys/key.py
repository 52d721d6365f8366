"""An unlocked key: purpose, key id and seed, and how each purpose names its public half."""

import hmac
import os
from dataclasses import dataclass, field
from enum import StrEnum

from diptych.provenance.keys.errors import BadSeed, WrongPurpose
from diptych.provenance.keys.log_signer import LogSigner, WitnessSigner
from diptych.provenance.keys.signer import (
    SEED_BYTES,
    Ed25519Signer,
    Secp256k1Signer,
    Signer,
    ed25519_key,
    ed25519_public,
)
from diptych_verify.note import COSIGNATURE, ED25519, VerifierKey


class Purpose(StrEnum):
    """What a key may do; no key has two purposes."""

    LOG = "log"
    STATEMENT = "statement"
    PRIVATE = "private"
    WITNESS = "witness"


@dataclass(frozen=True)
class UnlockedKey:
    """A key in memory; its repr never shows the seed.

    Attributes:
        purpose: what it may do.
        keyid: statement keys `ed25519:...` or `secp256k1:...`; log and witness keys their verifier
            key `name+hash+key`; the private store's master key `private:<32 hex>`.
        seed: 32 bytes.
    """

    purpose: Purpose
    keyid: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        stated, derived = (
            one.encode("utf-8", "surrogatepass") for one in (self.keyid, self._derived_keyid())
        )
        if not hmac.compare_digest(stated, derived):
            raise BadSeed(f"the seed does not belong to key '{self.keyid}'")

    def _derived_keyid(self) -> str:
        label = self.keyid.partition("+" if self.purpose in _NAMED else ":")[0]
        return derive_keyid(self.purpose, self.seed, label=label)

    def statement_signer(self) -> Signer:
        """Return the DSSE signer of a statement key.

        Raises:
            WrongPurpose: the key has another purpose.
        """
        self._require(Purpose.STATEMENT)
        if self.keyid.startswith("secp256k1:"):
            return Secp256k1Signer(self.seed)
        return Ed25519Signer(self.seed)

    def log_signer(self) -> LogSigner:
        """Return the checkpoint signer of a log key.

        Raises:
            WrongPurpose: the key has another purpose.
        """
        self._require(Purpose.LOG)
        return LogSigner(self.keyid.partition("+")[0], self.seed)

    def witness_signer(self) -> WitnessSigner:
        """Return the cosigner of a witness key.

        Raises:
            WrongPurpose: the key has another purpose.
        """
        self._require(Purpose.WITNESS)
        return WitnessSigner(self.keyid.partition("+")[0], self.seed)

    def master_key(self) -> bytes:
        """Return the 32-byte master key of the private store.

        Raises:
            WrongPurpose: the key has another purpose.
        """
        self._require(Purpose.PRIVATE)
        return self.seed

    def _require(self, purpose: Purpose) -> None:
        if self.purpose is not purpose:
            raise WrongPurpose(f"got a {self.purpose} key, expected a {purpose} key")


_NAMED = {Purpose.LOG: ED25519, Purpose.WITNESS: COSIGNATURE}


def new_key(purpose: Purpose, *, label: str = "", seed: bytes | None = None) -> UnlockedKey:
    """Create a key from fresh randomness.

    Args:
        purpose: what it may do.
        label: the origin of a log key, the name of a witness key, or the algorithm of a statement
            key (`ed25519`, the default, or `secp256k1`).
        seed: 32 bytes, for tests and imports; default is fresh randomness of the system.

    Raises:
        BadSeed: the seed has the wrong length, or the label is not usable.
    """
    seed = os.urandom(SEED_BYTES) if seed is None else seed
    return UnlockedKey(purpose, derive_keyid(purpose, seed, label=label), seed)


def derive_keyid(purpose: Purpose, seed: bytes, *, label: str = "") -> str:
    """Return the key id that `seed` has under `purpose`; `label` as in `new_key`.

    Raises:
        BadSeed: wrong length, unknown algorithm, or a log or witness key without a name.
    """
    if len(seed) != SEED_BYTES:
        raise BadSeed(f"got a seed of {len(seed)} bytes, expected {SEED_BYTES}")
    if purpose is Purpose.PRIVATE:
        return f"private:{hmac.digest(seed, b'diptych-private-key-id/1', 'sha256')[:16].hex()}"
    if purpose in _NAMED:
        if not label:
            raise BadSeed(f"a {purpose} key needs a name")
        public = ed25519_public(ed25519_key(seed))
        return str(VerifierKey(label, public, _NAMED[purpose]))
    if label in {"", "ed25519"}:
        return Ed25519Signer(seed).keyid
    if label == "secp256k1":
        return Secp256k1Signer(seed).keyid
    raise BadSeed(f"got algorithm '{label[:40]}', expected ed25519 or secp256k1")
