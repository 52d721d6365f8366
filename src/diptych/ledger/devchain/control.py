"""Create, start, look at, stop and reset an embedded chain from any process."""

import contextlib
import os
import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diptych.core.clock import Clock, system_clock
from diptych.core.database import Connect, connect_reading, connect_sqlite
from diptych.core.files import make_folder, sync_folder, write_error
from diptych.core.progress import ProgressFactory, silent
from diptych.ledger.devchain.errors import (
    AlreadyCreated,
    ForeignChain,
    Locked,
    NotCreated,
    StartFailed,
)
from diptych.ledger.devchain.genesis import DEFAULT_BALANCE_WEI, ChainSpec, new_spec
from diptych.ledger.devchain.handshake import (
    ServeOptions,
    ask,
    is_ours,
    somebody_listens,
    start_supervisor,
    wait_until,
)
from diptych.ledger.devchain.place import (
    Endpoint,
    FolderLock,
    Place,
    lock_holder,
    locked,
    read_endpoint,
)
from diptych.ledger.devchain.snapshot import snapshots
from diptych.ledger.devchain.store import BlockStore

_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class ChainStatus:
    """What is known about a folder's chain, running or not.

    Attributes:
        chain_id: its chain id.
        running: whether a supervisor serves it now.
        endpoint: where; None if not running.
        number: height of the newest durable block.
        block_hash: its `0x` hash, empty at genesis or when only an intent stands there.
        waiting: accepted transactions in no block yet.
        funded: addresses that genesis funds.
        store_bytes: size of the block store.
        snapshot_numbers: heights of the snapshots, newest first.
        restarts: how often anvil was restarted in this run.
        refusal: why nothing is acknowledged at present (disk full), else empty.
        warnings: what the last start had to work around.
    """

    chain_id: int
    running: bool
    endpoint: Endpoint | None
    number: int
    block_hash: str
    waiting: int
    funded: tuple[str, ...]
    store_bytes: int
    snapshot_numbers: tuple[int, ...]
    restarts: int = 0
    refusal: str = ""
    warnings: tuple[str, ...] = ()


def create(
    folder: Path,
    funded: Sequence[str],
    *,
    balance_wei: int = DEFAULT_BALANCE_WEI,
    clock: Clock = system_clock,
    connect: Connect = connect_sqlite,
) -> ChainSpec:
    """Create a chain with a random chain id; nothing is started.

    Args:
        folder: made if missing (its parent must exist), readable by this user only.
        funded: addresses that hold ether from the start.
        balance_wei: how much each.
        clock: its time becomes the genesis time.
        connect: opens the database.

    Raises:
        AlreadyCreated: the folder holds a chain.
        BadFunding: an address is malformed.
        StoreFailed: the store cannot be written.
    """
    place = _own_folder(folder)
    with locked(place.starting, wait_s=_START_TIMEOUT_S):
        if place.store.exists():
            raise AlreadyCreated(f"{folder} holds a chain", hint="diptych chain reset")
        spec = new_spec(funded, clock=clock, balance_wei=balance_wei)
        new = place.store.with_suffix(".new")
        _remove(new)
        BlockStore.create(new, spec, connect=connect).close()
        try:
            os.replace(new, place.store)
            sync_folder(place.folder)
        except OSError as error:
            raise write_error(place.store, error) from error
    return spec


def _own_folder(folder: Path) -> Place:
    try:
        make_folder(folder, mode=0o700)
    except OSError as error:
        raise write_error(folder, error) from error
    return Place(folder.absolute())


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).unlink()


def ensure_running(
    folder: Path,
    *,
    port: int = 0,
    anvil: Path | None = None,
    idle_stop_s: float = 0.0,
    timeout_s: float = _START_TIMEOUT_S,
    progress: ProgressFactory = silent,
) -> Endpoint:
    """Return the chain's endpoint, starting its supervisor if none runs.

    Args:
        folder: a folder that `create` made.
        port: loopback port; 0 for the last one if it is free, else any.
        anvil: the binary; None to find or fetch it.
        idle_stop_s: the supervisor ends after that long without a request; 0 for never.
        timeout_s: longest silence while it starts.
        progress: reports replayed blocks.

    Raises:
        NotCreated: there is no chain in the folder.
        ForeignChain: somebody else answers where the supervisor should.
        Locked: another supervisor holds the folder and does not answer.
        StartFailed: the supervisor did not come up.
        PortTaken: `port` is in use.
        BinaryMissing: no anvil.
        BinaryMismatch: a wrong anvil.
        Diverged: the store does not replay to its own hashes.
        StoreCorrupt: the store is damaged.
        NewerFormat: a newer version wrote the folder.
    """
    place = Place(folder.absolute())
    if not place.store.is_file():
        raise NotCreated(f"no embedded chain in {folder}", hint="diptych chain up")
    running = _running(place)
    if running is not None:
        return running
    with locked(place.starting, wait_s=timeout_s):
        if not wait_until(
            lambda: _running(place) is not None or lock_holder(place.lock) is None,
            timeout_s=min(timeout_s, 10.0),
        ):
            raise _not_answering(place)
        options = ServeOptions(place.folder, port, anvil, idle_stop_s)
        return _running(place) or start_supervisor(
            place, options, timeout_s=timeout_s, progress=progress
        )


def _running(place: Place) -> Endpoint | None:
    endpoint = read_endpoint(place)
    return endpoint if endpoint is not None and is_ours(endpoint) else None


def _not_answering(place: Place) -> ForeignChain | Locked:
    endpoint, holder = read_endpoint(place), lock_holder(place.lock)
    if endpoint is not None and somebody_listens(endpoint):
        return ForeignChain(
            f"{endpoint.url} answers, but not as session {endpoint.session_id} of process {holder}",
            hint="diptych chain down, then diptych chain up",
        )
    return Locked(
        f"{place.folder} is held by process {holder}, which does not answer",
        hint=f"diptych chain down; its log is {place.log}",
    )


def status(folder: Path) -> ChainStatus:
    """Return what is known about the chain; starts nothing.

    Raises:
        NotCreated: there is no chain in the folder.
        StoreCorrupt: the store cannot be read.
        NewerFormat: a newer version wrote the folder.
    """
    place = Place(folder.absolute())
    endpoint = _running(place) if place.store.is_file() else None
    live = ask(endpoint, "diptych_status") if endpoint is not None else None
    fields = live if isinstance(live, dict) else {}
    store = BlockStore.open(place.store, connect=connect_reading, writing=False)
    try:
        head = store.block(store.head_number())
        warnings = fields.get("warnings")
        return ChainStatus(
            chain_id=store.spec.chain_id,
            running=bool(fields),
            endpoint=endpoint,
            number=head.number if head is not None else 0,
            block_hash=f"0x{head.block_hash.hex()}" if head and head.block_hash else "",
            waiting=len(store.waiting()),
            funded=store.spec.funded,
            store_bytes=_size_bytes(place.store),
            snapshot_numbers=tuple(s.number for s in snapshots(place.snapshots)),
            restarts=int(str(fields.get("restarts", 0))),
            refusal=str(fields.get("refusal", "")),
            warnings=tuple(str(w) for w in warnings) if isinstance(warnings, list) else (),
        )
    finally:
        store.close()


def _size_bytes(path: Path) -> int:
    size = 0
    for suffix in ("", "-wal"):
        with contextlib.suppress(OSError):
            size += path.with_name(path.name + suffix).stat().st_size
    return size


def stop(folder: Path, *, timeout_s: float = _STOP_TIMEOUT_S) -> bool:
    """End the supervisor cleanly, by force after `timeout_s`; nothing acknowledged is lost.

    Returns:
        Whether one was running.

    Raises:
        StartFailed: it could not be ended.
    """
    place = Place(folder.absolute())
    pid = lock_holder(place.lock)
    if pid is None:
        return False
    running = _running(place) if pid == 0 else None
    pid = running.pid if running is not None else pid
    if pid == 0:
        raise StartFailed(f"who holds {place.lock} is unknown", hint="end that process by hand")
    for number, wait_s in ((signal.SIGTERM, timeout_s), (signal.SIGKILL, 10.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        if wait_until(lambda: lock_holder(place.lock) is None, timeout_s=wait_s):
            return True
    raise StartFailed(f"process {pid} does not end", hint=f"see {place.log}")


def reset(
    folder: Path, *, funded: Sequence[str] | None = None, clock: Clock = system_clock
) -> ChainSpec:
    """Stop the chain, delete all its blocks, and create a new one with another chain id.

    Args:
        folder: the chain's folder.
        funded: addresses for the new genesis; None for the old ones.
        clock: its time becomes the genesis time.

    Raises:
        NotCreated: no chain to take the addresses from.
        StoreCorrupt: the old addresses cannot be read; give them.
    """
    place = _own_folder(folder)
    funded = status(folder).funded if funded is None else funded
    stop(folder)
    with locked(place.starting, wait_s=_START_TIMEOUT_S):
        lock = FolderLock.take(place.lock, wait_s=_START_TIMEOUT_S)
        try:
            _remove(place.store)
            shutil.rmtree(place.snapshots, ignore_errors=True)
            place.state.unlink(missing_ok=True)
        finally:
            lock.release()
    return create(folder, funded, clock=clock)
