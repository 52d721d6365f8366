"""What was read of a log, kept in a file for the next process; a cache that cannot lie.

The file holds how far the log was read, the right edge of the tree there, and the index. It stands
under HMAC-SHA-256 (RFC 2104) by a secret of this user outside the workspace, so that whoever can
write the workspace cannot leave a record out of it. Without the secret, or where anything is
wrong, the log is read again. `LogScan` holds the edge against the signed root on each use.
"""

import hmac
import stat
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from diptych.core.errors import DiptychError, MalformedError
from diptych.core.files import write_durably
from diptych.core.user_secret import UserSecret
from diptych.models.registry.index import ROW_BYTES, RecordIndex
from diptych.models.registry.logged import KINDS
from diptych_verify.merkle import HASH_BYTES, Frontier

_MAGIC = b"diptych registry 1\n"
"""Its number is raised when `index` keys records, or the verifier reads statements, in another way;
the kinds that are indexed go into the tag by themselves."""
_TAG_BYTES = 32
_HEAD = struct.Struct(">QHH")
MAX_BYTES = 1 << 30


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
            secret = UserSecret(self.secret).read() if raw.startswith(_MAGIC) else None
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
            secret = UserSecret(self.secret).make()
            if secret is not None:
                write_durably(self.path, _MAGIC + _tag(secret, body) + body, mode=0o600)

    def drop(self) -> None:
        """Remove the file."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


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
