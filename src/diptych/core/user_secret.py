"""A secret of this user for caches that must not lie, outside of every workspace and project."""

import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from diptych.core.files import make_folder, write_durably

__all__ = ["UserSecret", "secret_path"]

_SECRET_BYTES = 32


def secret_path(environ: Mapping[str, str]) -> Path:
    """Return where this user's secret for caches stands (honours `XDG_STATE_HOME`)."""
    base = environ.get("XDG_STATE_HOME")
    root = Path(base) if base else Path.home() / ".local" / "state"
    return root / "diptych" / "cache.secret"


@dataclass(frozen=True)
class UserSecret:
    """A file of 32 random bytes that only its owner can read; made when first needed."""

    path: Path

    def read(self) -> bytes | None:
        """Return the secret if it is a file of ours that nobody else can read or write."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return None
        with os.fdopen(descriptor, "rb") as stream:
            about = os.fstat(stream.fileno())
            private = stat.S_ISREG(about.st_mode) and not stat.S_IMODE(about.st_mode) & 0o077
            found = stream.read(_SECRET_BYTES + 1) if private else b""
        owned = about.st_uid == os.geteuid()
        return found if owned and len(found) == _SECRET_BYTES else None

    def make(self) -> bytes | None:
        """Return the secret, made if it is not there; None if what is there cannot be relied on.

        Raises:
            OSError: it cannot be made.
            CannotWrite: it cannot be written.
        """
        found = self.read()
        if found is not None or self.path.exists():
            return found
        make_folder(self.path.parent, mode=0o700)
        write_durably(self.path, secrets.token_bytes(_SECRET_BYTES), mode=0o600)
        return self.read()
