"""Signers: hold one private key for one purpose and sign only what that purpose covers.

Every message kind starts with its own prefix (DSSE `DSSEv1 `, the log's origin line,
`cosignature/v1`), so a signature made for one purpose can never be replayed for another; each
signer also refuses messages outside its purpose.
"""

from collections.abc import Sequence
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from diptych.provenance.keys.errors import BadSeed, WrongPurpose

PAE_PREFIX = b"DSSEv1 "
SEED_BYTES = 32


class Signer(Protocol):
    """Signs DSSE pre-authentication encodings (PAE) under one statement key."""

    @property
    def keyid(self) -> str:
        """Complete public key: `ed25519:<64 hex>` or `secp256k1:<66 hex>`."""
        ...

    def sign(self, messages: Sequence[bytes]) -> list[bytes]:
        """Return one 64-byte signature per message, in order."""
        ...


class Ed25519Signer:
    """Statement signer in memory, Ed25519 (RFC 8032).

    Args:
        seed: 32-byte private key.

    Raises:
        BadSeed: the seed is not 32 bytes.
    """

    def __init__(self, seed: bytes) -> None:
        self._key = ed25519_key(seed)
        self._keyid = f"ed25519:{ed25519_public(self._key).hex()}"

    @property
    def keyid(self) -> str:
        """`ed25519:<64 hex>`."""
        return self._keyid

    def sign(self, messages: Sequence[bytes]) -> list[bytes]:
        """Sign each PAE.

        Raises:
            WrongPurpose: a message is not a DSSE PAE.
        """
        require_pae(messages)
        sign = self._key.sign
        return [sign(message) for message in messages]

    def __repr__(self) -> str:
        return f"Ed25519Signer({self._keyid})"


class Secp256k1Signer:
    """Statement signer in memory: secp256k1 over the EIP-191 hash of the PAE, low-s.

    Args:
        seed: 32-byte private scalar.

    Raises:
        BadSeed: not 32 bytes, zero, or not below the group order.
    """

    def __init__(self, seed: bytes) -> None:
        import coincurve  # with keccak below, as slow to import as all the rest of this module

        require_seed(seed)
        try:
            self._key = coincurve.PrivateKey(seed)
        except ValueError:
            raise BadSeed("secp256k1 seed is zero or not below the group order") from None
        self._keyid = f"secp256k1:{self._key.public_key.format(compressed=True).hex()}"

    @property
    def keyid(self) -> str:
        """`secp256k1:<66 hex compressed point>`."""
        return self._keyid

    def sign(self, messages: Sequence[bytes]) -> list[bytes]:
        """Sign each PAE; a signature is `r || s`, 64 bytes (libsecp256k1 yields low-s only).

        Raises:
            WrongPurpose: a message is not a DSSE PAE.
        """
        require_pae(messages)
        sign = self._key.sign_recoverable
        return [sign(eip191_hash(message), hasher=None)[:64] for message in messages]

    def __repr__(self) -> str:
        return f"Secp256k1Signer({self._keyid})"


def eip191_hash(message: bytes) -> bytes:
    r"""Return `keccak256("\x19Ethereum Signed Message:\n" || len || message)` (EIP-191, 0x45)."""
    from eth_hash.auto import keccak

    return keccak(b"\x19Ethereum Signed Message:\n%d%b" % (len(message), message))


def require_pae(messages: Sequence[bytes]) -> None:
    """Refuse anything that is not a DSSE pre-authentication encoding.

    Raises:
        WrongPurpose: a message lacks the `DSSEv1 ` prefix.
    """
    if not all(message.startswith(PAE_PREFIX) for message in messages):
        raise WrongPurpose("a statement key signs DSSE envelopes only, got another message")


def ed25519_key(seed: bytes) -> Ed25519PrivateKey:
    """Return the private key of a 32-byte seed.

    Raises:
        BadSeed: not 32 bytes.
    """
    require_seed(seed)
    return Ed25519PrivateKey.from_private_bytes(seed)


def ed25519_public(key: Ed25519PrivateKey) -> bytes:
    """Return the raw 32-byte public key."""
    return key.public_key().public_bytes_raw()


def require_seed(seed: bytes) -> None:
    """Refuse a private key of another length.

    Raises:
        BadSeed: not 32 bytes.
    """
    if len(seed) != SEED_BYTES:
        raise BadSeed(f"got a seed of {len(seed)} bytes, expected {SEED_BYTES}")
