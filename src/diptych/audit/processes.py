"""A scan in several processes: the same findings in the same order as in one.

Processes are forked once all sources are read, so what was read is shared and not copied. Where a
system cannot fork, one process does all.
"""

import multiprocessing
import os
import signal
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess

from diptych.audit.contract_work import ContractFound, Place, Work, parted, scanned

__all__ = ["MAX_JOBS", "scanned_by"]

MAX_JOBS = 64
_ENDED = ContractFound((), ("its scan process ended before its analysis did",), lost=True)
_PATIENCE_S = 5


def scanned_by(work: Work, jobs: int) -> Generator[tuple[Place, ContractFound], None, None]:
    """Scan all contracts; yields what was found in each, in no order.

    Where a process ends before its time, as one that the system runs out of memory for, its
    contracts are told to be partial. However this generator is left, no process stays behind.

    Args:
        work: what is scanned.
        jobs: how many processes, at most.
    """
    shares = parted(work, min(jobs, MAX_JOBS)) if "fork" in _ways() else []
    if len(shares) < 2:
        yield from scanned(work)
        return
    started: list[ForkProcess] = []
    missing: dict[Connection, set[Place]] = {}
    try:
        for share in shares:
            process, pipe = _start(work, share, tuple(missing))
            started.append(process)
            missing[pipe] = {place for places in share for place in places}
        yield from _received(missing)
    finally:
        _end(started, tuple(missing))


def _ways() -> Sequence[str]:
    return multiprocessing.get_all_start_methods()


def _start(
    work: Work, share: list[list[Place]], others: tuple[Connection, ...]
) -> tuple[ForkProcess, Connection]:
    ours, theirs = multiprocessing.Pipe(duplex=False)
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_work, args=(work, share, theirs, (ours, *others)))
    process.daemon = True
    process.start()
    theirs.close()
    return process, ours


def _work(
    work: Work, share: list[list[Place]], pipe: Connection, others: tuple[Connection, ...]
) -> None:
    """Scan a share and tell what is found, in a process of its own; ends without cleaning up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started this ends it
    for other in others:
        other.close()
    with suppress(BrokenPipeError):
        for each in scanned(work, share):
            pipe.send(each)
    pipe.close()
    os._exit(0)  # what the parent has registered for its own end is not for us


def _received(missing: dict[Connection, set[Place]]) -> Iterator[tuple[Place, ContractFound]]:
    open_pipes = list(missing)
    while open_pipes:
        for pipe in wait(open_pipes):
            assert isinstance(pipe, Connection)
            try:
                place, found = pipe.recv()
            except (EOFError, OSError):
                open_pipes.remove(pipe)
                yield from ((place, _ENDED) for place in sorted(missing[pipe]))
                continue
            missing[pipe].discard(place)
            yield place, found


def _end(started: Sequence[ForkProcess], pipes: Sequence[Connection]) -> None:
    for pipe in pipes:
        pipe.close()
    for process in started:
        process.terminate()
    for process in started:
        process.join(_PATIENCE_S)
        if process.is_alive():
            process.kill()
            process.join()
        process.close()
