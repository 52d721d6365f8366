"""Signers of notes: the log signs its checkpoints, a witness cosigns those of others.

Both are C2SP signed notes over Ed25519. The origin line and the `cosignature/v1` prefix separate
their messages from each other and from DSSE envelopes.
"""

import time

from nacl.bindings import crypto_sign, crypto_sign_BYTES, crypto_sign_seed_keypair

from diptych.core.clock import Clock
from diptych.provenance.keys.errors import WrongPurpose
from diptych.provenance.keys.signer import ed25519_key, ed25519_public, require_seed
from diptych_verify.note import COSIGNATURE, ED25519, Checkpoint, VerifierKey, cosignature_message


class LogSigner:
    """Checkpoint signer in memory: signs note bodies of one log origin and nothing else.

    libsodium signs, in two thirds of the time that OpenSSL takes: it is the largest part of what a
    durable append costs besides the disk.

    Args:
        origin: the log's name, first line of every body.
        seed: 32-byte Ed25519 private key.

    Raises:
        BadSeed: the seed is not 32 bytes.
    """

    def __init__(self, origin: str, seed: bytes) -> None:
        require_seed(seed)
        public_key, self._secret_key = crypto_sign_seed_keypair(seed)
        self._first_line = f"{origin}\n".encode()
        self._verifier_key = VerifierKey(origin, public_key, ED25519)

    @property
    def key(self) -> VerifierKey:
        """The log's verifier key (C2SP signed note)."""
        return self._verifier_key

    def sign(self, body: bytes) -> bytes:
        """Sign one checkpoint body.

        Raises:
            WrongPurpose: the body's first line is not this log's origin.
        """
        if not body.startswith(self._first_line):
            require_origin(self._verifier_key.name, body)
        return crypto_sign(body, self._secret_key)[:crypto_sign_BYTES]

    def __repr__(self) -> str:
        return f"LogSigner({self._verifier_key})"


class WitnessSigner:
    """Cosigns checkpoints of logs it has checked (C2SP tlog-cosignature, type 0x04).

    Args:
        name: the witness's name.
        seed: 32-byte Ed25519 private key.
        clock: seconds since the epoch; the cosignature states this time.
    """

    def __init__(self, name: str, seed: bytes, *, clock: Clock = time.time) -> None:
        self._key = ed25519_key(seed)
        self._clock = clock
        self._verifier_key = VerifierKey(name, ed25519_public(self._key), COSIGNATURE)

    @property
    def key(self) -> VerifierKey:
        """The witness's verifier key."""
        return self._verifier_key

    def cosign(self, body: str) -> bytes:
        """Return `timestamp(8, big endian) || signature(64)` over a checkpoint body.

        Raises:
            MalformedError: not a checkpoint body.
        """
        Checkpoint.parse(body)
        time_s = int(self._clock())
        return time_s.to_bytes(8, "big") + self._key.sign(cosignature_message(body, time_s))

    def __repr__(self) -> str:
        return f"WitnessSigner({self._verifier_key})"


def require_origin(origin: str, body: bytes) -> None:
    """Refuse a note body of another origin.

    Raises:
        WrongPurpose: the first line of `body` is not `origin`.
    """
    first = body.split(b"\n", 1)[0]
    if first != origin.encode():
        raise WrongPurpose(f"the key of log '{origin}' got a note that starts with {first[:80]!r}")
