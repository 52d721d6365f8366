"""Who may open a share: age and ssh keys through pyrage, secp256k1 keys through ECIES.

Sources: https://age-encryption.org/v1 and https://ecies.org (HKDF-SHA-256, AES-256-GCM).
"""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from diptych.core.errors import EnvironmentFault, UsageError
from diptych.core.secret import Secret

AGE = "age"
ECIES = "ecies"
MAX_IDENTITY_BYTES = 64 << 10
_MAX_RECIPIENT = 4096
_FINGERPRINT = b"diptych-recipient/1\0"
_SECP256K1 = re.compile(r"(?:secp256k1:|0x)?(0[23][0-9a-fA-F]{64}|04[0-9a-fA-F]{128})")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_PRIVATE_KEY = re.compile(r"(?:0x)?([0-9a-fA-F]{64})")
_AGE_KEY = re.compile(r"^AGE-SECRET-KEY-1[0-9A-Z]{50,80}$", re.MULTILINE)


class BadRecipient(UsageError):
    """A recipient is no age, ssh or secp256k1 public key."""

    code = "Share.BadRecipient"


class BadIdentity(UsageError):
    """A file holds no age identity, ssh private key or secp256k1 private key."""

    code = "Share.BadIdentity"


class NeedsShareExtra(EnvironmentFault):
    """Encrypting for recipients needs pyrage (age, ssh) or eciespy (secp256k1)."""

    code = "Share.NeedsExtra"


@dataclass(frozen=True)
class Recipient:
    """A public key that a share is encrypted for.

    Attributes:
        kind: `age` (age and ssh keys) or `ecies`.
        text: the key as one text, always the same for one key.
    """

    kind: str
    text: str

    def encrypt(self, plain: bytes) -> bytes:
        """Encrypt a small box for this key.

        Raises:
            NeedsShareExtra: the library is not installed.
        """
        if self.kind == ECIES:
            return _ecies("encrypt")(self.text.partition(":")[2], plain)
        rage = _pyrage()
        return bytes(rage.encrypt(plain, [_age_recipient(self.text)]))


@dataclass(frozen=True)
class Identity:
    """A private key that may open a share; `kind` as in `Recipient`."""

    kind: str
    secret: Secret = field(repr=False)

    def decrypt(self, box: bytes) -> bytes | None:
        """Open a box, None if it is not for this key.

        Raises:
            NeedsShareExtra: the library is not installed.
        """
        if self.kind == ECIES:
            decrypt = _ecies("decrypt")
            try:
                return decrypt(self.secret.reveal(), box)
            except Exception:  # eciespy raises what its backend raises, of no common family
                return None
        rage = _pyrage()
        try:
            return bytes(rage.decrypt(box, [_age_identity(self.secret.reveal())]))
        except rage.DecryptError:
            return None


def fingerprint(token: bytes, recipient: str) -> str:
    """Return how records call a recipient: pairwise, of no use without the token in its box.

    Args:
        token: 32 random bytes of this recipient in this share.
        recipient: `Recipient.text`.
    """
    return "hmac:" + hmac.digest(token, _FINGERPRINT + recipient.encode(), sha256).hex()[:40]


def parse_recipient(text: str) -> Recipient:
    """Read a public key: `age1…`, `ssh-ed25519 …`, `ssh-rsa …`, or secp256k1 in hex.

    Raises:
        BadRecipient: it is none of these.
        NeedsShareExtra: pyrage is not installed.
    """
    key = " ".join(text.split()[:2]) if text.startswith("ssh-") else text.strip()
    if len(key) > _MAX_RECIPIENT:
        raise BadRecipient(f"got a recipient of {len(key)} characters")
    if _ADDRESS.fullmatch(key):
        raise BadRecipient(
            "got an Ethereum address, which is only the digest of a key",
            hint="ask for the public key: secp256k1:<66 hex digits>",
        )
    found = _SECP256K1.fullmatch(key)
    if found:
        return Recipient(ECIES, _compressed(found[1]))
    if not key.startswith(("age1", "ssh-")):
        raise BadRecipient(
            f"got recipient {key[:40]!a}, expected age1…, ssh-ed25519 …, ssh-rsa … or secp256k1:…"
        )
    _age_recipient(key)
    return Recipient(AGE, key)


def read_identity(raw: bytes) -> Identity:
    """Read a private key: an age identity file, an OpenSSH private key, or 64 hex digits.

    Raises:
        BadIdentity: it is none of these, or locked with a passphrase.
        NeedsShareExtra: pyrage is not installed.
    """
    text = raw.decode(errors="replace").strip()
    found = _PRIVATE_KEY.fullmatch(text)
    if found:
        return Identity(ECIES, Secret(found[1].lower()))
    age = _AGE_KEY.search(text)
    secret = age[0] if age else text + "\n"
    if age is None and "PRIVATE KEY-----" not in text[:200]:
        raise BadIdentity(
            "the identity file holds no age identity, ssh private key or secp256k1 key in hex"
        )
    _age_identity(secret)
    return Identity(AGE, Secret(secret))


def new_identity() -> tuple[str, Secret]:
    """Return a new age key: the recipient to hand out, and the secret.

    Raises:
        NeedsShareExtra: pyrage is not installed.
    """
    made = _pyrage().x25519.Identity.generate()
    return str(made.to_public()), Secret(str(made))


def _compressed(key: str) -> str:
    from coincurve import PublicKey

    try:
        return f"secp256k1:{PublicKey(bytes.fromhex(key)).format().hex()}"
    except ValueError:
        raise BadRecipient(f"got {key[:24]}…, which is no point of secp256k1") from None


def _age_recipient(text: str) -> object:
    rage = _pyrage()
    try:
        if text.startswith("age1"):
            return rage.x25519.Recipient.from_str(text)
        return rage.ssh.Recipient.from_str(text)
    except rage.RecipientError:
        raise BadRecipient(f"got {text[:24]}…, which is no valid age or ssh public key") from None


def _age_identity(secret: str) -> object:
    rage = _pyrage()
    try:
        if secret.startswith("AGE-SECRET-KEY-"):
            return rage.x25519.Identity.from_str(secret)
        return rage.ssh.Identity.from_buffer(secret.encode())
    except rage.IdentityError:
        raise BadIdentity(
            "the identity file is not readable as an age or ssh private key",
            hint="ssh keys with a passphrase cannot be used: ssh-keygen -p on a copy",
        ) from None


def _pyrage() -> Any:
    try:
        import pyrage
    except ImportError:
        raise NeedsShareExtra(
            "pyrage is not installed", hint="pip install 'diptych[share]'"
        ) from None
    return pyrage


def _ecies(name: str) -> Callable[[str, bytes], bytes]:
    try:
        import ecies
    except ImportError:
        raise NeedsShareExtra(
            "eciespy is not installed", hint="pip install 'diptych[share]'"
        ) from None
    found: Callable[[str, bytes], bytes] = getattr(ecies, name)
    return found
