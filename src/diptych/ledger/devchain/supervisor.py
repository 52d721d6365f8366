"""The supervisor's process: holds the folder, runs the engine, opens the door, ends cleanly."""

import contextlib
import logging
import os
import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from urllib.parse import urlsplit

from diptych.core.clock import Clock
from diptych.core.errors import DiptychError, EnvironmentFault, JsonValue
from diptych.ledger.binary import find_anvil
from diptych.ledger.devchain.door import LOOPBACK, Door
from diptych.ledger.devchain.engine import Engine
from diptych.ledger.devchain.errors import PortTaken
from diptych.ledger.devchain.handshake import ServeOptions
from diptych.ledger.devchain.node import start_node
from diptych.ledger.devchain.place import (
    Endpoint,
    FolderLock,
    Place,
    read_endpoint,
    write_endpoint,
)
from diptych.ledger.devchain.service import Service
from diptych.ledger.devchain.store import BlockStore

_LOG = logging.getLogger(__name__)
_TICK_S = 0.25
_REPORT_EVERY_S = 0.5
_LOCK_WAIT_S = 1.0

Tell = Callable[[Mapping[str, JsonValue]], None]
"""Sends one line to whoever started the supervisor; harmless after that one has gone."""


def serve(options: ServeOptions, *, tell: Tell, clock: Clock) -> int:
    """Run the chain until SIGTERM, SIGINT or idleness; return the exit status.

    `tell` gets `{"replay": [done, total]}` while blocks are replayed, then
    `{"endpoint": {...}}`, or `{"error": {...}}` if the chain cannot run.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        place = Place(options.folder)
        with _held(place), _engine(place, options, tell, clock) as engine:
            return _open_door(place, engine, options, (stop, tell))
    except DiptychError as error:
        _LOG.error("%s", error)
        tell({"error": error.to_json()})
        return error.exit_code


@contextmanager
def _held(place: Place) -> Iterator[None]:
    """Hold the folder, and end at once if it is deleted: what stands there then is not ours."""
    lock = FolderLock.take(place.lock, wait_s=_LOCK_WAIT_S)
    left = threading.Event()

    def watch() -> None:
        while not left.wait(_TICK_S):
            if not lock.holds(place.lock):
                _LOG.error("%s was deleted", place.folder)
                os._exit(EnvironmentFault.exit_code)

    thread = threading.Thread(target=watch, name="folder", daemon=True)
    thread.start()
    try:
        lock.sign()
        yield
    finally:
        left.set()
        thread.join()
        lock.release()


@contextmanager
def _engine(place: Place, options: ServeOptions, tell: Tell, clock: Clock) -> Iterator[Engine]:
    store = BlockStore.open(place.store)
    try:
        anvil = find_anvil(options.anvil)
        engine = Engine(
            store,
            place.snapshots,
            lambda: start_node(anvil, store.spec, place.folder),
            clock=clock,
        )
        engine.start(_reporter(tell))
    except BaseException:
        store.close()
        raise
    try:
        yield engine
    finally:
        engine.close()


def _reporter(tell: Tell) -> Callable[[int, int], None]:
    last_s = [time.monotonic()]

    def report(done: int, total: int) -> None:
        now_s = time.monotonic()
        if now_s - last_s[0] >= _REPORT_EVERY_S:
            last_s[0] = now_s
            tell({"replay": [done, total]})

    return report


def _open_door(
    place: Place, engine: Engine, options: ServeOptions, wires: tuple[threading.Event, Tell]
) -> int:
    stop, tell = wires
    chain_id = engine.spec.chain_id
    session_id = secrets.token_hex(16)
    identity: dict[str, JsonValue] = {
        "session_id": session_id,
        "chain_id": chain_id,
        "genesis_hash": engine.genesis_hash,
        "pid": os.getpid(),
    }
    door = _listen(place, options.port, lambda: Service(engine, identity))
    url = f"http://{LOOPBACK}:{door.port}"
    endpoint = Endpoint(url, chain_id, session_id, engine.genesis_hash, os.getpid())
    thread = threading.Thread(target=door.serve_forever, args=(_TICK_S,), daemon=True)
    thread.start()
    try:
        _publish(place, endpoint)
        tell({"endpoint": asdict(endpoint)})
        _LOG.info("chain %#x serves at %s", chain_id, url)
        _wait(engine, door, options, stop)
    finally:
        door.shutdown()
        door.server_close()  # the state file stays: the next run takes the same port from it
    if engine.fatal is not None:
        raise engine.fatal
    return 0


def _listen(place: Place, port: int, new_service: Callable[[], Service]) -> Door:
    """Listen on the port asked for; else on the last one, so that old URLs stay good."""
    last = read_endpoint(place)
    last_port = urlsplit(last.url).port if last is not None and port == 0 else None
    if last_port:
        with contextlib.suppress(PortTaken):
            return Door(last_port, new_service)
    return Door(port, new_service)


def _publish(place: Place, endpoint: Endpoint) -> None:
    try:
        write_endpoint(place, endpoint)
    except EnvironmentFault as error:  # who started us is told anyway
        _LOG.warning("%s", error)


def _wait(engine: Engine, door: Door, options: ServeOptions, stop: threading.Event) -> None:
    while not stop.wait(_TICK_S) and not engine.ended.is_set():
        idle_s = time.monotonic() - door.last_request_s
        if 0 < options.idle_stop_s < idle_s:
            _LOG.info("idle for %.0f s", idle_s)
            return
