"""Work in threads that do not hold up the end of the process: Ctrl-C waits for no endpoint."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def in_background(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
    """Start work in a thread of its own, and return what will hold its result or error."""
    done: Future[T] = Future()
    done.set_running_or_notify_cancel()

    def run() -> None:
        try:
            done.set_result(work(*args, **kwargs))
        except BaseException as error:
            done.set_exception(error)

    Thread(target=run, name="diptych-fetch", daemon=True).start()
    return done
