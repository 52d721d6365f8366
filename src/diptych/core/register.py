"""Small private JSON files that several processes change: one at a time, and never by a guess.

What cannot be read is not overwritten: it may hold the only copy of what somebody needs.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from diptych.core.errors import EnvironmentFault, JsonValue, MalformedError
from diptych.core.files import system_error, write_durably
from diptych_verify.jsonio import strict_json

_MAX_BYTES = 256 << 20
_MAX_DEPTH = 32
_MAX_VALUES = 20_000_000


class DamagedRegister(EnvironmentFault):
    """A file of the workspace's private folder is not what was written there."""

    code = "Environment.DamagedRegister"


def read_register(path: Path) -> JsonValue:
    """Return what the file holds, None if there is none.

    Raises:
        DamagedRegister: it is no JSON.
        CannotUse: it cannot be read.
    """
    try:
        return strict_json(
            path.read_bytes(), max_bytes=_MAX_BYTES, max_depth=_MAX_DEPTH, max_values=_MAX_VALUES
        )
    except FileNotFoundError:
        return None
    except OSError as error:
        raise system_error(error) from error
    except MalformedError:
        raise DamagedRegister(
            f"{path} is damaged: expected JSON",
            hint="bring it back from a backup, or move it away and go on without what it held",
        ) from None


def change_register(path: Path, change: Callable[[JsonValue], JsonValue]) -> None:
    """Replace what the file holds; other processes that change one in its folder wait.

    Args:
        path: of the file; its folder must exist.
        change: gets what `read_register` returns, returns what the file shall hold.

    Raises:
        DamagedRegister: it is no JSON; it stays as it is.
        CannotWrite, DiskFull: it cannot be written.
    """
    with _alone(path.parent):
        text = json.dumps(change(read_register(path)), indent=1, sort_keys=True)
        write_durably(path, text.encode(), mode=0o600)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
