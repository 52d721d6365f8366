"""Durable files: written whole or not at all, even through a power cut.

Temporary file in the same folder, fsync, rename, fsync of the folder. A reader sees the old
content or the new content, never a mixture.
"""

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from diptych.core.errors import DiptychError, EnvironmentFault
from diptych_verify.errors import printable

_SHOWN_PATH = 400
_CHECK = "check that there is space, and who may write there; then run the same command again"


class DiskFull(EnvironmentFault):
    """The disk or quota is full; nothing was acknowledged and nothing was lost."""

    code = "Environment.DiskFull"


class CannotWrite(EnvironmentFault):
    """A file or folder cannot be written (permission, read-only file system, I/O error)."""

    code = "Environment.CannotWrite"


class CannotUse(EnvironmentFault):
    """The operating system refused a file or folder: wrong kind, no permission, broken disk."""

    code = "Environment.CannotUse"


def write_durably(path: Path, payload: bytes, *, mode: int = 0o644) -> None:
    """Replace `path` by `payload` atomically and durably.

    Args:
        path: target; its folder must exist.
        payload: complete content.
        mode: permission bits, 0o600 for anything secret.

    Raises:
        DiskFull: no space or quota left.
        CannotWrite: any other I/O failure.
    """
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")
    try:
        _write_and_sync(temporary, payload, mode)
        os.replace(temporary, path)
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise write_error(path, error) from error


def write_output(path: Path, payload: bytes) -> None:
    """Write what a person asked for where they said, as `write_durably` does.

    A link is followed; a pipe or device such as `/dev/stdout` is written to, never replaced.

    Raises:
        DiskFull: no space or quota left.
        CannotWrite: any other I/O failure.
    """
    try:
        if not path.exists() or path.is_file():
            write_durably(path.resolve(), payload)
            return
        with path.open("wb", buffering=0) as stream:
            stream.write(payload)
    except OSError as error:
        raise write_error(path, error) from error


def _write_and_sync(path: Path, payload: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(payload)
        stream.flush()
        os.fsync(stream.fileno())


def make_folder(folder: Path, *, mode: int = 0o777) -> None:
    """Make a folder if it is missing, parents too, and make its name durable whoever made it.

    Args:
        folder: what to make.
        mode: permission bits of every folder that is made, before the umask.

    Raises:
        OSError: it cannot be made, or something else has its name.
    """
    if not folder.parent.is_dir():
        make_folder(folder.parent, mode=mode)
    found = folder.is_dir()
    folder.mkdir(mode, exist_ok=True)
    try:
        sync_folder(folder.parent)
    except PermissionError:  # A parent that may only be passed through cannot be synced.
        if not found:
            raise


@contextlib.contextmanager
def staged_folder(target: Path, *, mode: int = 0o777) -> Iterator[Path]:
    """Give a hidden folder that becomes `target` if all goes well, and is removed if not.

    Nothing becomes of it if it stays empty.

    Args:
        target: what is not there yet, or an empty folder.
        mode: permission bits, before the umask.

    Raises:
        CannotWrite: it cannot be made, or something else took the name.
    """
    stage = target.with_name(f".{target.name}.{os.urandom(4).hex()}.tmp")
    with writing(target):
        make_folder(target.parent)
        stage.mkdir(mode)
    try:
        yield stage
        with writing(target):
            if any(stage.iterdir()):
                stage.rename(target)
                sync_folder(target.parent)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Translate operating-system errors, as `write_error` does.

    Raises:
        DiskFull: no space or quota left.
        CannotWrite: any other I/O failure.
    """
    try:
        yield
    except OSError as error:
        raise write_error(path, error) from error


def make_private_file(path: Path) -> None:
    """Create an empty file that only its owner may read, unless it is there.

    One that is there is not even opened: closing it would drop the locks that a database of this
    process holds on it (POSIX, fcntl).

    Raises:
        OSError: it cannot be created, or it is a link.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        os.close(os.open(path, flags, 0o600))
    except FileExistsError:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise
        path.chmod(0o600)


def sync_folder(folder: Path) -> None:
    """Make the directory entries of `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def naming(path: Path, kind: type[DiptychError] = DiptychError) -> Iterator[None]:
    """Put a file's name before what is wrong with it; parsers of bytes do not know the name.

    Args:
        path: what is read.
        kind: errors that are about the file, by default all of ours.

    Raises:
        CannotUse: it was read as text and is none.
    """
    try:
        yield
    except UnicodeDecodeError as error:
        encoding = error.encoding.upper()
        raise CannotUse(
            f"{path.name} is not {encoding} text", hint=f"save it as {encoding}"
        ) from None
    except kind as error:
        if path.name not in error.message:
            error.message = f"{printable(path.name)}: {error.message}"
            error.args = (error.message,)
        raise


def database_fault(path: Path, error: Exception) -> EnvironmentFault | None:
    """Translate what SQLite says of the disk; None if the file's content or a lock is to blame."""
    text = str(error)
    if "is full" in text or "No space left" in text:
        return write_error(path, OSError(errno.ENOSPC, text))
    if any(said in text for said in ("disk I/O error", "readonly database", "unable to open")):
        return CannotWrite(f"cannot use {path}: {text}", hint=_CHECK)
    return None


def system_error(error: OSError) -> EnvironmentFault:
    """Translate an operating-system error of which only the error itself is known."""
    name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}:
        return write_error(Path(name or "a file"), error)
    where = f"cannot use {name[:_SHOWN_PATH]}: " if name else ""
    forbidden = error.errno in {errno.EACCES, errno.EPERM}
    return CannotUse(
        f"{where}{error.strerror or error}",
        hint="check who owns it and who may read and write it" if forbidden else "",
    )


def write_error(path: Path, error: OSError) -> EnvironmentFault:
    """Translate an operating-system error met while writing `path`."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull(
            f"no space left while writing {path}",
            hint="free disk space and run the same command again",
        )
    return CannotWrite(f"cannot write {path}: {error.strerror}", hint=_CHECK)
