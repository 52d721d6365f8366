"""Where groups are kept: one file for each folder that scans start in, under an HMAC.

The tag (HMAC-SHA-256, RFC 2104) is made with a secret of this user outside of every project, so
that nobody who can write the cache can hide a finding. What is wrong in any way is not used.
"""

import hashlib
import hmac
import json
import os
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from diptych.audit.cache.entry import KeptGroup, parse_group
from diptych.core.errors import DiptychError
from diptych.core.files import make_folder, write_durably
from diptych.core.user_secret import UserSecret

__all__ = ["ScanStore", "cache_folder"]

_MAGIC = b"diptych audit cache 1\n"
_TAG_BYTES = 32
MAX_BYTES = 64 << 20
MAX_FILES = 64


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Return where scans are kept (honours `XDG_CACHE_HOME`)."""
    base = environ.get("XDG_CACHE_HOME")
    root = Path(base) if base else Path.home() / ".cache"
    return root / "diptych" / "audit"


@dataclass(frozen=True)
class ScanStore:
    """What scans found that start in one folder.

    Attributes:
        folder: where files are kept.
        secret: of this user.
        start: the folder that scans start in.
        engine: digest of all else that results depend on.
    """

    folder: Path
    secret: UserSecret
    start: Path
    engine: str

    @property
    def path(self) -> Path:
        """The file of this folder."""
        name = hashlib.sha256(os.fsencode(self.start.resolve())).hexdigest()[:32]
        return self.folder / f"{name}.json"

    def load(self) -> tuple[KeptGroup, ...]:
        """Return what is kept; nothing where anything about it is wrong."""
        with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
            about = self.path.lstat()
            if not stat.S_ISREG(about.st_mode) or about.st_size > MAX_BYTES:
                return ()
            raw = self.path.read_bytes()
            at = len(_MAGIC) + _TAG_BYTES
            secret = self.secret.read() if raw.startswith(_MAGIC) else None
            if secret is None:
                return ()
            if not hmac.compare_digest(raw[len(_MAGIC) : at], self._tag(secret, raw[at:])):
                return ()
            return tuple(parse_group(one) for one in json.loads(raw[at:]))
        return ()

    def save(self, groups: Sequence[KeptGroup]) -> None:
        """Keep groups, as many as there is room for; where that cannot be, nothing is kept."""
        room = MAX_BYTES - len(_MAGIC) - _TAG_BYTES - 2
        parts: list[bytes] = []
        for group in groups:
            part = json.dumps(group.dump(), separators=(",", ":")).encode()
            room -= len(part) + 1
            if room < 0:
                break
            parts.append(part)
        body = b"[" + b",".join(parts) + b"]"
        with suppress(OSError, DiptychError):
            secret = self.secret.make()
            if secret is not None:
                make_folder(self.folder, mode=0o700)
                write_durably(self.path, _MAGIC + self._tag(secret, body) + body, mode=0o600)
                self._prune()

    def _tag(self, secret: bytes, body: bytes) -> bytes:
        """Return the tag of a body for this engine, so that another engine's does not pass."""
        tag = hmac.new(secret, _MAGIC + self.engine.encode() + b"\n", "sha256")
        tag.update(body)
        return tag.digest()

    def _prune(self) -> None:
        kept = sorted(self.folder.glob("*.json"), key=lambda each: -each.lstat().st_mtime)
        for old in kept[MAX_FILES:]:
            old.unlink(missing_ok=True)
