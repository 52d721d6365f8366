"""Garbage in circles: left alone while a scan runs, and swept at set points.

Graphs are full of circles, and a scan makes far more of them than Python's collector expects: it
would walk all that lives, syntax trees too, again and again.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["swept"]

_OPS = 500_000


@contextmanager
def swept(every_ops: int = _OPS) -> Iterator[Callable[[int], None]]:
    """Stop the collector; yields what to tell how many ops were made, and dropped, since.

    What lives already is not walked by the sweeps. Another scan round this one, or a host that
    froze objects of its own, keeps its say.

    Args:
        every_ops: after how many ops garbage is swept.
    """
    if not gc.isenabled():
        yield lambda ops: None
        return
    made = 0

    def sweep(ops: int) -> None:
        nonlocal made
        made += ops
        if made >= every_ops:
            made = 0
            gc.collect()

    freezes = gc.get_freeze_count() == 0
    gc.disable()
    if freezes:
        gc.freeze()
    try:
        yield sweep
    finally:
        if freezes:
            gc.freeze()  # what is left is old now: enabling the collector would walk it at once
            gc.unfreeze()
        gc.enable()
