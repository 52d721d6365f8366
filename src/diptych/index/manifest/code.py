"""The digest of a function's code, so that a changed handler is noticed."""

import hashlib
import inspect
from collections.abc import Callable
from pathlib import Path
from types import CodeType

_MAX_BYTES = 4 << 20


def code_digest(function: Callable[..., object]) -> str:
    """Return a digest of a function and of the file that it stands in.

    The whole file counts, for a handler may call what stands beside it. A function without a file
    counts with its compiled code. What other files it imports is not looked at.

    >>> code_digest(lambda: 1) == code_digest(lambda: 1)
    True
    """
    digest = hashlib.sha256(getattr(function, "__qualname__", "").encode())
    source = inspect.getsourcefile(inspect.unwrap(function))
    path = Path(source) if source else None
    if path is not None and path.is_file() and path.stat().st_size <= _MAX_BYTES:
        digest.update(path.read_bytes())
    else:
        _add_code(digest.update, getattr(inspect.unwrap(function), "__code__", None))
    return digest.hexdigest()


def _add_code(update: Callable[[bytes], None], code: CodeType | None) -> None:
    if code is None:
        return
    update(code.co_code)
    update(repr(code.co_names).encode())
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            _add_code(update, constant)
        else:
            update(repr(constant).encode())
