"""The share file: boxes with the key, one per recipient, then one encrypted stream.

`diptych-share/1`, newline, 4 bytes length, header (canonical JSON: the boxes), stream. The stream
is encrypted as private objects are (AES-256-GCM, STREAM), under HMAC-SHA-256(file key, all bytes
before it): with another header nothing decrypts. Its plaintext is the bundle of the share record
and the bundle of what is shared, each after its length (4 bytes), then the contents of the
files in the order of the manifest, without names: these come from the proven bundle alone.
"""

import hmac
import secrets
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import BinaryIO

from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue, VerificationError
from diptych.provenance.private.errors import PrivateCorrupt
from diptych.provenance.private.framing import decrypt_object, encrypt_object
from diptych.provenance.sharing.recipients import Identity, Recipient
from diptych_verify.bundle import MAX_BUNDLE_BYTES
from diptych_verify.jsonio import ObjectReader, strict_json

MAGIC = b"diptych-share/1\n"
MAX_RECIPIENTS = 64
_MAX_HEADER_BYTES = 1 << 20
_MAX_BOX_BYTES = 8192
_KEY = _TOKEN = 32
_CHUNK_BYTES = 1 << 20


class BadShare(VerificationError):
    """A file is no share, was cut off or altered."""

    code = "Share.Damaged"


class NotForUs(VerificationError):
    """No box of the share opens with the given identity."""

    code = "Share.NotForUs"


@dataclass(frozen=True)
class OpenedShare:
    """A share whose key was found; nothing in it is verified yet.

    Attributes:
        recipient: public key that the box was made for.
        token: 32 bytes that only this recipient and the owner know.
        share: bundle of the share record.
        subject: bundle of what is shared.
        content: reads the contents of the files, one after the other.
    """

    recipient: str
    token: bytes = field(repr=False)
    share: bytes = field(repr=False)
    subject: bytes = field(repr=False)
    content: "ShareStream" = field(repr=False)


class ShareStream:
    """Reads exact numbers of bytes from a decrypted stream; what it gives is authentic."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def take(self, count: int) -> Iterator[bytes]:
        """Yield exactly `count` bytes in pieces.

        Raises:
            BadShare: the stream ends before, or does not decrypt.
        """
        while count:
            piece = self._rest[:count] or self._next()
            if not piece:
                raise BadShare("the share ends before its content does", hint="fetch it again")
            self._rest = (self._rest or piece)[len(piece[:count]) :]
            yield piece[:count]
            count -= len(piece[:count])

    def part(self, max_bytes: int) -> bytes:
        """Return a part that stands after its length."""
        size = int.from_bytes(b"".join(self.take(4)), "big")
        if size > max_bytes:
            raise BadShare(f"got a part of {size} bytes, expected at most {max_bytes}")
        return b"".join(self.take(size))

    def require_end(self) -> None:
        """Refuse bytes after the last file.

        Raises:
            BadShare: there are some, or the stream was cut off.
        """
        if self._rest or self._next():
            raise BadShare("the share holds more than what it proves")

    def _next(self) -> bytes:
        try:
            return next((chunk for chunk in self._chunks if chunk), b"")
        except PrivateCorrupt:
            raise BadShare("the share was cut off or altered", hint="fetch it again") from None


def new_tokens(count: int) -> list[bytes]:
    """Return one random token per recipient."""
    return [secrets.token_bytes(_TOKEN) for _ in range(count)]


def write_share(
    target: BinaryIO,
    recipients: Sequence[tuple[Recipient, bytes]],
    bundles: tuple[bytes, bytes],
    content: Iterable[bytes],
) -> None:
    """Write a share.

    Args:
        target: where to.
        recipients: with the token of each.
        bundles: of the share record and of what is shared.
        content: of the files, in the order of the manifest.

    Raises:
        NeedsShareExtra: a library is not installed.
    """
    key = secrets.token_bytes(_KEY)
    boxes: list[JsonValue] = [
        {"box": b64encode(one.encrypt(key + token + one.text.encode())).decode(), "kind": one.kind}
        for one, token in recipients
    ]
    header = canonical_json({"boxes": boxes})
    head = MAGIC + len(header).to_bytes(4, "big") + header
    target.write(head)
    for sealed in encrypt_object(_stream_key(key, head), _plain(bundles, content)):
        target.write(sealed)


def open_share(source: BinaryIO, identity: Identity) -> OpenedShare:
    """Find the box of an identity and read the bundles; content is read by the caller.

    Raises:
        BadShare: it is no share, was cut off or altered.
        NotForUs: no box opens with this identity.
        NeedsShareExtra: a library is not installed.
    """
    head, boxes = _read_head(source)
    opened = next(
        (
            plain
            for kind, box in boxes
            if kind == identity.kind and (plain := identity.decrypt(box))
        ),
        None,
    )
    if opened is None:
        raise NotForUs(
            f"none of the {len(boxes)} boxes of this share opens with the given identity",
            hint="--identity FILE with the private key that belongs to the recipient",
        )
    if len(opened) <= _KEY + _TOKEN:
        raise BadShare("the box of this share is too short")
    key, token = opened[:_KEY], opened[_KEY : _KEY + _TOKEN]
    sealed = iter(lambda: source.read(_CHUNK_BYTES), b"")
    stream = ShareStream(decrypt_object(_stream_key(key, head), sealed))
    share = stream.part(MAX_BUNDLE_BYTES)
    subject = stream.part(MAX_BUNDLE_BYTES)
    recipient = opened[_KEY + _TOKEN :].decode(errors="replace")
    return OpenedShare(recipient, token, share, subject, stream)


def _read_head(source: BinaryIO) -> tuple[bytes, list[tuple[str, bytes]]]:
    start = source.read(len(MAGIC) + 4)
    size = int.from_bytes(start[len(MAGIC) :], "big")
    if not start.startswith(MAGIC) or size > _MAX_HEADER_BYTES:
        raise BadShare("the file is no share of this version")
    header = source.read(size)
    if len(header) != size:
        raise BadShare("the share ends within its header", hint="fetch it again")
    reader = ObjectReader(strict_json(header, max_bytes=_MAX_HEADER_BYTES, max_depth=4), "share")
    boxes = [
        (one.text("kind", max_characters=16), one.b64_bytes("box", max_bytes=_MAX_BOX_BYTES))
        for one in reader.objects("boxes", minimum=1, maximum=MAX_RECIPIENTS)
    ]
    return start + header, boxes


def _plain(bundles: tuple[bytes, bytes], content: Iterable[bytes]) -> Iterator[bytes]:
    for bundle in bundles:
        yield len(bundle).to_bytes(4, "big")
        yield bundle
    yield from content


def _stream_key(key: bytes, head: bytes) -> bytes:
    return hmac.digest(key, head, sha256)
