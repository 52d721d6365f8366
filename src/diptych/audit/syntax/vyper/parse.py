"""One line of Vyper through Python's own parser, which never runs anything."""

import ast
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["parse_line", "quiet"]

_FAULTS = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Python from telling about escapes and numbers that only Python minds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def parse_line(text: bytes) -> list[ast.stmt] | None:
    """Parse one logical line; None where it is not Python.

    Args:
        text: the line; of headers with the colon, after which `pass` stands for the block.
    """
    try:
        return ast.parse(text.decode("utf-8", "replace")).body
    except _FAULTS:
        return None
