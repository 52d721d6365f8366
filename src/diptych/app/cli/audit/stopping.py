"""Ends work that takes long: by its budget of time, or by Ctrl-C, which keeps what is proven."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from diptych.audit.replay.budget import Budget

__all__ = ["INTERRUPTED", "budgeted", "stoppable"]

INTERRUPTED = 130
_DEFAULT_S = 900.0
_TOLD = b"\nending after this step, what is proven is kept; Ctrl-C again ends at once\n"


def budgeted(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--budget` to a command."""
    return click.option(
        "--budget",
        "budget_s",
        metavar="SECONDS",
        type=click.FloatRange(min=0),
        default=_DEFAULT_S,
        show_default=True,
        help="Try nothing more after so long; 0 sets no limit.",
    )(function)


@contextmanager
def stoppable(limit_s: float) -> "Iterator[Budget]":
    """Yield a budget that the first Ctrl-C spends; the second one ends everything."""
    from diptych.audit.replay.budget import Budget

    budget = Budget(limit_s or None)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if budget.interrupted:
            raise KeyboardInterrupt
        budget.interrupt()
        os.write(sys.stderr.fileno(), _TOLD)  # print is not safe in a handler

    if threading.current_thread() is not threading.main_thread():
        yield budget
        return
    before = signal.signal(signal.SIGINT, stop)
    try:
        yield budget
    finally:
        signal.signal(signal.SIGINT, before)
