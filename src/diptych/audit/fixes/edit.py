"""Edits of one file, and the unified diff that they make."""

import difflib
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Edit", "applied", "unified_diff"]


class Edit(NamedTuple):
    """Put `text` in the place of the bytes from `start` to `end`."""

    start: int
    end: int
    text: str


def applied(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Return a text with edits made; those at one place come in the order given.

    Raises:
        ValueError: two edits overlap.

    >>> applied(b"a b", [Edit(2, 3, "c"), Edit(0, 0, "(")])
    b'(a c'
    """
    parts: list[bytes] = []
    at = 0
    for edit in sorted(edits, key=lambda each: (each.start, each.end)):
        if edit.start < at:
            raise ValueError("two edits overlap")
        parts += [data[at : edit.start], edit.text.encode()]
        at = edit.end
    return b"".join([*parts, data[at:]])


def unified_diff(path: str, before: bytes, after: bytes) -> str:
    """Return the change as `git apply` and `patch -p1` take it."""
    old, new = (
        text.decode("utf-8", "replace").splitlines(keepends=True) for text in (before, after)
    )
    name = path.lstrip("/")
    found: list[str] = []
    for line in difflib.unified_diff(old, new, fromfile=f"a/{name}", tofile=f"b/{name}"):
        found.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(found)
