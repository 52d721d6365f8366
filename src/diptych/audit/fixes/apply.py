"""Writes fixed files, whole or not at all, and keeps what was there before."""

import stat
from pathlib import Path

from diptych.audit.fixes.errors import NothingToWrite
from diptych.core.files import naming, write_durably, writing

__all__ = ["write_fixed"]

_SUFFIX = ".bak"
_MAX_BACKUPS = 1000


def write_fixed(path: Path, before: bytes, after: bytes) -> Path:
    """Replace a file's text and keep the old one beside it.

    Args:
        path: the file; a link is followed.
        before: its text when it was scanned.
        after: its new text.

    Returns:
        The backup.

    Raises:
        NothingToWrite: the file changed in the meantime.
        CannotWrite: the file system refuses.
    """
    real = path.resolve()
    with writing(real), naming(real):
        if real.read_bytes() != before:
            raise NothingToWrite(
                f"{path}: got another text than the one that was scanned",
                hint="run the same command again",
            )
        mode = stat.S_IMODE(real.stat().st_mode)
        backup = _backup(real)
    write_durably(backup, before, mode=mode)
    write_durably(real, after, mode=mode)
    return backup


def _backup(path: Path) -> Path:
    """Return a name beside a file that nothing bears."""
    names = [path.with_name(path.name + _SUFFIX)]
    names += [path.with_name(f"{path.name}{_SUFFIX}{count}") for count in range(1, _MAX_BACKUPS)]
    return next((name for name in names if not name.exists()), names[-1])
