"""Signed notes, log checkpoints and witness cosignatures (C2SP).

Sources: https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint,
https://c2sp.org/tlog-cosignature. A note is a text that ends in a newline, an empty line, and
signature lines `— <key name> <base64(key hash(4) || signature)>`.
"""

import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from diptych_verify.errors import BadSignature, MalformedError, UntrustedKey
from diptych_verify.jsonio import decode_b64, decode_hex, shown

ED25519: Final = 0x01
COSIGNATURE: Final = 0x04
MAX_NOTE_BYTES: Final = 64 << 10
_MAX_SIGNATURES = 64
_MAX_SIZE = 2**63 - 1
_KEY_HASH_BYTES = 4
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NAME = re.compile(r"[^\s+\ud800-\udfff]{1,256}")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


def checkpoint_body(origin: str, size: int, root: bytes) -> str:
    """Return the body of a checkpoint, final newline included; `Checkpoint.parse` reads it."""
    return f"{origin}\n{size}\n{b64encode(root).decode()}\n"


@dataclass(frozen=True)
class Checkpoint:
    """A log's promise: its origin, number of entries and 32-byte Merkle root."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """Return the note body that is signed, final newline included."""
        return checkpoint_body(self.origin, self.size, self.root)

    @classmethod
    def parse(cls, body: str) -> Self:
        """Parse a note body of exactly three lines.

        Raises:
            MalformedError: any other shape; extension lines are refused.
        """
        lines = body.split("\n")
        if len(lines) != 4 or lines[3] != "":
            raise MalformedError(f"got a checkpoint of {len(lines) - 1} lines, expected 3")
        origin, size, root = lines[:3]
        if _NAME.fullmatch(origin) is None:
            raise MalformedError(f"got checkpoint origin {shown(origin)}, expected a key name")
        if _SIZE.fullmatch(size) is None or int(size) > _MAX_SIZE:
            raise MalformedError(f"got checkpoint size {shown(size)}, expected 0 to 2^63-1")
        raw = decode_b64(root, where="checkpoint root")
        if len(raw) != 32:
            raise MalformedError(f"got a checkpoint root of {len(raw)} bytes, expected 32")
        return cls(origin, int(size), raw)


@dataclass(frozen=True)
class VerifierKey:
    """A public key of a log (`kind` ED25519) or of a witness (`kind` COSIGNATURE).

    `str()` gives `name+<8 hex key hash>+<base64(kind || public key)>`; `parse` reads it.
    """

    name: str
    public_key: bytes
    kind: int = ED25519

    def __post_init__(self) -> None:
        if _NAME.fullmatch(self.name) is None or _CONTROL.search(self.name):
            raise MalformedError(f"got key name {shown(self.name)}, expected no space and no '+'")
        if self.kind not in (ED25519, COSIGNATURE):
            raise MalformedError(f"got key type {self.kind}, expected 1 (Ed25519) or 4 (witness)")
        if len(self.public_key) != 32:
            raise MalformedError(f"got a key of {len(self.public_key)} bytes, expected 32")

    @property
    def key_hash(self) -> bytes:
        """First 4 bytes of SHA-256 over name, newline, kind and public key."""
        material = self.name.encode() + b"\n" + bytes([self.kind]) + self.public_key
        return hashlib.sha256(material).digest()[:_KEY_HASH_BYTES]

    def __str__(self) -> str:
        encoded = b64encode(bytes([self.kind]) + self.public_key).decode()
        return f"{self.name}+{self.key_hash.hex()}+{encoded}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse the string form and check its key hash.

        Raises:
            MalformedError: wrong syntax, unknown key type or a key hash that does not match.
        """
        parts = text.split("+", 2)
        if len(parts) != 3 or len(text) > 512:
            raise MalformedError(f"got verifier key {shown(text)}, expected name+hash+base64")
        raw = decode_b64(parts[2], where="verifier key")
        if not raw:
            raise MalformedError("got an empty verifier key")
        key = cls(parts[0], raw[1:], raw[0])
        if decode_hex(parts[1], size=_KEY_HASH_BYTES, where="key hash") != key.key_hash:
            raise MalformedError(f"got key hash {parts[1]}, expected {key.key_hash.hex()}")
        return key


@dataclass(frozen=True)
class NoteSignature:
    """One signature line: key name, 4-byte key hash, signature bytes."""

    name: str
    key_hash: bytes
    signature: bytes


@dataclass(frozen=True)
class SignedNote:
    """A note body (final newline included) with its signatures."""

    body: str
    signatures: tuple[NoteSignature, ...]

    def __str__(self) -> str:
        lines = (note_signature_line(s.name, s.key_hash, s.signature) for s in self.signatures)
        return f"{self.body}\n{''.join(lines)}"


@dataclass(frozen=True)
class Cosignature:
    """A witness saw the checkpoint, consistent with all it saw before, at `time_s` (Unix)."""

    name: str
    time_s: int


def note_signature_line(name: str, key_hash: bytes, signature: bytes) -> str:
    """Return one signature line, newline included."""
    return f"— {name} {b64encode(key_hash + signature).decode()}\n"


def parse_note(note: str | bytes) -> SignedNote:
    """Split a signed note into body and signatures; nothing is verified yet.

    Raises:
        MalformedError: not a signed note, or two lines of one key.
    """
    text = _note_text(note)
    body, separator, lines = text.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise MalformedError("got a note without a signature block")
    rows = lines.removesuffix("\n").split("\n")
    if len(rows) > _MAX_SIGNATURES:
        raise MalformedError(f"got {len(rows)} note signatures, expected at most 64")
    signatures = tuple(_parse_line(row) for row in rows)
    if len({(s.name, s.key_hash) for s in signatures}) != len(signatures):
        raise MalformedError("got two note signatures of one key")
    return SignedNote(f"{body}\n", signatures)


def _note_text(note: str | bytes) -> str:
    if len(note) > MAX_NOTE_BYTES:
        raise MalformedError(f"got a note of {len(note)} bytes, expected at most {MAX_NOTE_BYTES}")
    try:
        text = note.decode() if isinstance(note, bytes) else note
        text.encode()
    except UnicodeError:
        raise MalformedError("the note is not UTF-8") from None
    if _CONTROL.search(text):
        raise MalformedError("got a control character in a note")
    return text


def _parse_line(line: str) -> NoteSignature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—" or _NAME.fullmatch(parts[1]) is None:
        raise MalformedError(f"got note signature line {shown(line)}, expected '— name base64'")
    raw = decode_b64(parts[2], where="note signature")
    if not _KEY_HASH_BYTES < len(raw) <= 1024:
        raise MalformedError(f"got a note signature of {len(raw)} bytes")
    return NoteSignature(parts[1], raw[:_KEY_HASH_BYTES], raw[_KEY_HASH_BYTES:])


def verify_checkpoint(note: SignedNote | str | bytes, key: VerifierKey) -> Checkpoint:
    """Check that the log signed this checkpoint.

    Args:
        note: a signed note, parsed or not.
        key: the log's verifier key; its name must equal the origin.

    Raises:
        MalformedError: not a checkpoint, or `key` is not a log key.
        UntrustedKey: the note carries no signature of `key`.
        BadSignature: the signature of `key` does not verify.
    """
    signed = note if isinstance(note, SignedNote) else parse_note(note)
    if key.kind != ED25519:
        raise MalformedError(f"got a witness key {key.name}, expected a log key")
    signature = _find(signed, key)
    checkpoint = Checkpoint.parse(signed.body)
    if checkpoint.origin != key.name:
        raise UntrustedKey(f"got a checkpoint of {checkpoint.origin}, expected {key.name}")
    _verify_ed25519(key, signature, signed.body.encode())
    return checkpoint


def verify_cosignature(note: SignedNote | str | bytes, key: VerifierKey) -> Cosignature:
    """Check that a witness cosigned this checkpoint, and return when it says it did.

    Raises:
        MalformedError: not a cosigned checkpoint, or `key` is not a witness key.
        UntrustedKey: the note carries no cosignature of `key`.
        BadSignature: the cosignature of `key` does not verify.
    """
    signed = note if isinstance(note, SignedNote) else parse_note(note)
    if key.kind != COSIGNATURE:
        raise MalformedError(f"got a log key {key.name}, expected a witness key")
    raw = _find(signed, key)
    Checkpoint.parse(signed.body)
    if len(raw) != 72:
        raise MalformedError(f"got a cosignature of {len(raw)} bytes, expected 8 + 64")
    time_s = int.from_bytes(raw[:8], "big")
    if time_s > _MAX_SIZE:
        raise MalformedError(f"got cosignature time {time_s}, expected below 2^63")
    _verify_ed25519(key, raw[8:], cosignature_message(signed.body, time_s))
    return Cosignature(key.name, time_s)


def cosignature_message(body: str, time_s: int) -> bytes:
    """Return what a witness signs: a header with the Unix time, then the note body."""
    return f"cosignature/v1\ntime {time_s}\n{body}".encode()


def _find(note: SignedNote, key: VerifierKey) -> bytes:
    for line in note.signatures:
        if line.name == key.name and line.key_hash == key.key_hash:
            return line.signature
    raise UntrustedKey(f"the note is not signed by {key.name} ({key.key_hash.hex()})")


def _verify_ed25519(key: VerifierKey, signature: bytes, message: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key.public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise BadSignature(f"the signature of {key.name} on the note does not verify") from None
