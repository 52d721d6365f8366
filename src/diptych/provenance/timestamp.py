"""RFC 3161 time stamps of checkpoints: make the request, check the answer, keep the token.

diptych sends nothing itself: the request is a file for `curl` or `openssl ts`, for example
`curl -H 'Content-Type: application/timestamp-query' --data-binary @F.tsq URL > F.tsr`.
Requests and tokens stand in one folder beside the log: `<size>.tsq` and `<size>-<digest>.tst`.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from diptych.core.errors import MalformedError, ProvenanceError, UsageError
from diptych.core.files import make_folder, write_durably, write_error
from diptych.provenance.log import LogReader
from diptych_verify.der import (
    BOOLEAN,
    INTEGER,
    OBJECT_ID,
    OCTET_STRING,
    SEQUENCE,
    DerReader,
    der_integer,
    parse_der,
)
from diptych_verify.errors import DigestMismatch
from diptych_verify.note import Checkpoint

if TYPE_CHECKING:
    from diptych_verify.tsp import Timestamp

_SHA256_OID = bytes.fromhex("608648016503040201")
_GRANTED = (0, 1)
_NONCE_BYTES = 8
_MAX_TOKEN_BYTES = 64 << 10
_REQUEST, _TOKEN = ".tsq", ".tst"


class TimestampRefused(ProvenanceError):
    """The time-stamp authority answered without granting a token."""

    code = "Timestamp.Refused"


class UnknownTimestamp(UsageError):
    """A token stamps none of the checkpoints for which a request was made."""

    code = "Timestamp.Unknown"


@dataclass(frozen=True)
class StoredTimestamp:
    """A checked token beside the log.

    Attributes:
        size: the checkpoint's number of entries.
        token: DER.
        timestamp: what it proves, with the certificates given when it was read.
        path: where it stands.
    """

    size: int
    token: bytes
    timestamp: "Timestamp"
    path: Path


def timestamp_request(body: bytes, *, nonce: int | None = None) -> bytes:
    """Return a TimeStampReq (RFC 3161 section 2.4.1) for a checkpoint's note body.

    Args:
        body: text of the note before the blank line, final newline included.
        nonce: answered unchanged by the authority; random by default.

    Returns:
        DER; asks for SHA-256 and for the signing certificate.
    """
    if nonce is None:
        nonce = int.from_bytes(os.urandom(_NONCE_BYTES), "big")
    algorithm = _der(SEQUENCE, _der(OBJECT_ID, _SHA256_OID))
    imprint = _der(SEQUENCE, algorithm, _der(OCTET_STRING, hashlib.sha256(body).digest()))
    version = _der(INTEGER, b"\x01")
    return _der(SEQUENCE, version, imprint, _integer(nonce), _der(BOOLEAN, b"\xff"))


def token_of_response(raw: bytes) -> bytes:
    """Return the token in a TimeStampResp (RFC 3161 section 2.4.2), or `raw` if it is a token.

    Raises:
        TimestampRefused: the authority's status is not "granted".
        MalformedError: neither a response nor a token.
    """
    reader = DerReader.of(parse_der(raw, "timestamp"), "timestamp")
    if reader.peek() == OBJECT_ID:
        return raw
    status = reader.inside(SEQUENCE)
    code = der_integer(status.next(INTEGER), "timestamp")
    if code not in _GRANTED:
        raise TimestampRefused(
            f"the time-stamp authority answered with status {code}, expected 0 or 1",
            hint="ask it again, or ask another one",
        )
    token = reader.next(SEQUENCE).encoding
    reader.done()
    return token


def write_request(log: LogReader, folder: Path, *, size: int | None = None) -> Path:
    """Write the request for a checkpoint as `<size>.tsq`.

    Args:
        log: the log.
        folder: created when missing.
        size: at which a checkpoint was signed; default the newest.

    Raises:
        NoSuchEntry: no checkpoint was signed at this size.
        CannotWrite: the folder cannot be written.
    """
    size = log.size if size is None else size
    path = folder / f"{size}{_REQUEST}"
    payload = timestamp_request(_body(log, size))
    try:
        make_folder(folder)
    except OSError as error:
        raise write_error(folder, error) from error
    write_durably(path, payload)
    return path


def attach_timestamp(
    log: LogReader, folder: Path, answer: bytes, *, authorities: Sequence[str] = ()
) -> StoredTimestamp:
    """Check an authority's answer and keep its token.

    Args:
        log: the log.
        folder: where `write_request` wrote.
        answer: DER of the TimeStampResp or of the token alone.
        authorities: PEM certificates to pin; without any, the token is checked only in itself.

    Raises:
        TimestampRefused: the authority did not grant a token.
        UnknownTimestamp: the token is about none of the requested checkpoints, nor the newest.
        BadSignature: the token does not verify.
        UntrustedKey: no pinned certificate vouches for it.
        MalformedError: not RFC 3161.
    """
    token = token_of_response(answer)
    for size in _requested(log, folder):
        try:
            timestamp = _verified(log, size, token, authorities)
        except DigestMismatch:
            continue
        path = folder / f"{size}-{hashlib.sha256(token).hexdigest()[:16]}{_TOKEN}"
        make_folder(folder)
        write_durably(path, token)
        return StoredTimestamp(size, token, timestamp, path)
    raise UnknownTimestamp(
        "the token stamps no checkpoint that was asked for",
        hint="diptych checkpoint --timestamp-request, and send that file",
    )


def stored_timestamps(
    log: LogReader, folder: Path, *, authorities: Sequence[str] = ()
) -> list[StoredTimestamp]:
    """Return every kept token, checked again, by checkpoint size.

    Raises:
        VerificationError: a kept token does not verify.
    """
    found = []
    for path in sorted(folder.glob(f"*-*{_TOKEN}")):
        size = _size_in(path.name.partition("-")[0])
        if size is not None and size <= log.size:
            token = _read(path)
            stamp = _verified(log, size, token, authorities)
            found.append(StoredTimestamp(size, token, stamp, path))
    return sorted(found, key=lambda one: (one.size, one.path.name))


def _verified(log: LogReader, size: int, token: bytes, authorities: Sequence[str]) -> "Timestamp":
    from diptych_verify.tsp import verify_timestamp  # X.509: slow to import, and seldom needed

    return verify_timestamp(token, _body(log, size), authorities=authorities)


def _requested(log: LogReader, folder: Path) -> list[int]:
    sizes = {_size_in(path.stem) for path in folder.glob(f"*{_REQUEST}")} | {log.size}
    return sorted((one for one in sizes if one is not None and one <= log.size), reverse=True)


def _size_in(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _body(log: LogReader, size: int) -> bytes:
    return Checkpoint(log.origin, size, log.root(size)).body().encode()


def _read(path: Path) -> bytes:
    with path.open("rb") as stream:
        token = stream.read(_MAX_TOKEN_BYTES + 1)
    if len(token) > _MAX_TOKEN_BYTES:
        raise MalformedError(f"{path} is longer than {_MAX_TOKEN_BYTES} bytes")
    return token


def _der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _integer(value: int) -> bytes:
    return _der(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))
