"""What was read of a log, kept in a file for the next process; a cache that cannot lie.

The file holds how far the log was read, the right edge of the tree there, and the index. It stands
under HMAC-SHA-256 (RFC 2104) by a secret of this user outside the workspace, so that whoever can
write the workspace cannot leave a record out of it. Without the secret, or where anything is
wrong, the log is read again. `LogScan` holds the edge against the signed root on each use.
"""

import hmac
import os
import secrets
import stat
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from diptych.core.errors import DiptychError, MalformedError
from diptych.core.files import make_folder, write_durably
from diptych.models.registry.index import ROW_BYTES, RecordIndex
from diptych.models.registry.logged import KINDS
from diptych_verify.merkle import HASH_BYTES, Frontier

_MAGIC = b"diptych registry 1\n"
"""Its number is raised when `index` keys records, or the verifier reads statements, in another way;
the kinds that are indexed go into the tag by themselves."""
_TAG_BYTES = 32
_SECRET_BYTES = 32
_HEAD = struct.Struct(">QHH")
MAX_BYTES = 1 << 30


def secret_path(environ: Mapping[str, str]) -> Path:
    """Return where this user's secret for caches stands (honours `XDG_STATE_HOME`)."""
    base = environ.get("XDG_STATE_HOME")
    root = Path(base) if base else Path.home() / ".local" / "state"
    return root / "diptych" / "cache.secret"


@dataclass(frozen=True)
class KeptIndex:
    """The file of one workspace.

    Attributes:
        path: of the file.
        secret: path of the user's secret, made when first needed.
    """

    path: Path
    secret: Path

    def load(self, origin: str) -> tuple[Frontier, RecordIndex] | None:
        """Return edge and index as they were kept for a log; None if they cannot be relied on."""
        with suppress(OSError, MalformedError, struct.error):
            about = self.path.lstat()
            if not stat.S_ISREG(about.st_mode) or about.st_size > MAX_BYTES:
                return None
            raw = self.path.read_bytes()
            secret = self._read_secret() if raw.startswith(_MAGIC) else None
            at = len(_MAGIC) + _TAG_BYTES
            if secret is None or not hmac.compare_digest(
                raw[len(_MAGIC) : at], _tag(secret, raw[at:])
            ):
                return None
            return _parse(raw, at, origin)
        return None

    def save(self, origin: str, frontier: Frontier, index: RecordIndex) -> None:
        """Keep edge and index; where that cannot be, nothing is kept."""
        name = origin.encode()
        body = _HEAD.pack(frontier.size, len(name), len(frontier.nodes)) + name
        body += b"".join(frontier.nodes) + index.pack()
        with suppress(OSError, DiptychError):
            secret = self._read_secret() or self._make_secret()
            if secret is not None:
                write_durably(self.path, _MAGIC + _tag(secret, body) + body, mode=0o600)

    def drop(self) -> None:
        """Remove the file."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _read_secret(self) -> bytes | None:
        """Return the secret if it is a file of ours that nobody else can read or write."""
        try:
            descriptor = os.open(self.secret, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return None
        with os.fdopen(descriptor, "rb") as stream:
            about = os.fstat(stream.fileno())
            private = stat.S_ISREG(about.st_mode) and not stat.S_IMODE(about.st_mode) & 0o077
            found = stream.read(_SECRET_BYTES + 1) if private else b""
        owned = about.st_uid == os.geteuid()
        return found if owned and len(found) == _SECRET_BYTES else None

    def _make_secret(self) -> bytes | None:
        if self.secret.exists():  # not ours, or others can read it: then nothing is kept
            return None
        make_folder(self.secret.parent, mode=0o700)
        write_durably(self.secret, secrets.token_bytes(_SECRET_BYTES), mode=0o600)
        return self._read_secret()


def _tag(secret: bytes, body: bytes) -> bytes:
    tag = hmac.new(secret, _MAGIC + " ".join(sorted(KINDS)).encode() + b"\n", "sha256")
    tag.update(body)
    return tag.digest()


def _parse(raw: bytes, at: int, origin: str) -> tuple[Frontier, RecordIndex] | None:
    size, named, nodes = _HEAD.unpack_from(raw, at)
    at += _HEAD.size
    edge = at + named
    rows = edge + nodes * HASH_BYTES
    if raw[at:edge] != origin.encode() or (len(raw) - rows) % ROW_BYTES:
        return None
    hashes = [raw[one : one + HASH_BYTES] for one in range(edge, rows, HASH_BYTES)]
    return Frontier(size, hashes), RecordIndex(raw[rows:])
