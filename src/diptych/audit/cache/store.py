"""Where groups are kept: one file for each folder that scans start in, under an HMAC.

The tag (HMAC-SHA-256, RFC 2104) is made with a secret of this user outside of every project, so
that nobody who can write the cache can hide a finding. What is wrong in any way is not used.
"""

import hashlib
import hmac
import json
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from diptych.audit.cache.entry import KeptGroup, KeptLoaded, parse_group, parse_loaded
from diptych.core.errors import DiptychError
from diptych.core.files import make_folder, write_durably
from diptych.core.user_secret import UserSecret

__all__ = ["ScanStore", "cache_folder"]

_MAGIC = b"diptych audit cache 1\n"
_TAG_BYTES = 32
MAX_BYTES = 64 << 20
MAX_FILES = 64
_LOADED = "-loaded"
Kept = TypeVar("Kept")


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
        return self._file("")

    def _file(self, kind: str) -> Path:
        name = hashlib.sha256(os.fsencode(self.start.resolve())).hexdigest()[:32]
        return self.folder / f"{name}{kind}.json"

    def load(self) -> tuple[KeptGroup, ...]:
        """Return what is kept of files; nothing where anything about it is wrong."""
        return self._load("", parse_group)

    def load_loaded(self) -> tuple[KeptLoaded, ...]:
        """Return what is kept of programs that are no files, or that compilers spoke of."""
        return self._load(_LOADED, parse_loaded)

    def _load(self, kind: str, parse: Callable[[Any], Kept]) -> tuple[Kept, ...]:
        path = self._file(kind)
        with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
            about = path.lstat()
            if not stat.S_ISREG(about.st_mode) or about.st_size > MAX_BYTES:
                return ()
            raw = path.read_bytes()
            at = len(_MAGIC) + _TAG_BYTES
            secret = self.secret.read() if raw.startswith(_MAGIC) else None
            if secret is None:
                return ()
            if not hmac.compare_digest(raw[len(_MAGIC) : at], self._tag(secret, kind, raw[at:])):
                return ()
            return tuple(parse(one) for one in json.loads(raw[at:]))
        return ()

    def save(self, groups: Sequence[KeptGroup]) -> None:
        """Keep groups, as many as there is room for; where that cannot be, nothing is kept."""
        self._save("", groups)

    def save_loaded(self, groups: Sequence[KeptLoaded]) -> None:
        """Keep groups of programs that are no files, or that compilers spoke of, as `save` does."""
        self._save(_LOADED, groups)

    def _save(self, kind: str, groups: Sequence[KeptGroup | KeptLoaded]) -> None:
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
                tag = self._tag(secret, kind, body)
                write_durably(self._file(kind), _MAGIC + tag + body, mode=0o600)
                self._prune()

    def _tag(self, secret: bytes, kind: str, body: bytes) -> bytes:
        """Return the tag of a body for this engine, so that another engine's does not pass."""
        tag = hmac.new(secret, _MAGIC + f"{self.engine}{kind}\n".encode(), "sha256")
        tag.update(body)
        return tag.digest()

    def _prune(self) -> None:
        kept = sorted(self.folder.glob("*.json"), key=lambda each: -each.lstat().st_mtime)
        for old in kept[MAX_FILES:]:
            old.unlink(missing_ok=True)
