"""Keys for tests: deterministic log and witness signers."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from diptych_verify.note import (
    COSIGNATURE,
    VerifierKey,
    cosignature_message,
    note_signature_line,
    parse_note,
)


@dataclass(frozen=True)
class SeededSigner:
    """A log key made from one byte."""

    seed: int = 1
    origin: str = "diptych.log/000102030405060708090a0b0c0d0e0f"

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(bytes([self.seed]) * 32)

    @property
    def key(self) -> VerifierKey:
        return VerifierKey(self.origin, self._private.public_key().public_bytes_raw())

    def sign(self, body: bytes) -> bytes:
        return self._private.sign(body)


@dataclass(frozen=True)
class SeededWitness:
    """A witness that cosigns whatever it is given."""

    seed: int = 9
    name: str = "witness.example"

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(bytes([self.seed]) * 32)

    @property
    def key(self) -> VerifierKey:
        public = self._private.public_key().public_bytes_raw()
        return VerifierKey(self.name, public, COSIGNATURE)

    def line(self, note: str, *, time_s: int = 1_700_000_000) -> str:
        message = cosignature_message(parse_note(note).body, time_s)
        signature = time_s.to_bytes(8, "big") + self._private.sign(message)
        return note_signature_line(self.name, self.key.key_hash, signature)

    def cosign(self, note: str, *, time_s: int = 1_700_000_000) -> str:
        return note + self.line(note, time_s=time_s)
