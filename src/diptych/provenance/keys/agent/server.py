"""The agent's socket: accepts connections of the same user until the vault is locked or expires."""

import contextlib
import fcntl
import os
import selectors
import socket
import threading
import time
from pathlib import Path

from diptych.core.errors import DiptychError, JsonValue
from diptych.provenance.keys.agent.vault import Vault
from diptych.provenance.keys.agent.wire import (
    peer_uid,
    receive_frame,
    require_private_folder,
    send_frame,
)
from diptych.provenance.keys.errors import AgentRefused, AgentRunning

MAX_CONNECTIONS = 32
CONNECTION_TIMEOUT_S = 10.0
_WAKE_EVERY_S = 60.0
_LAST_WORDS_S = 1.0


def clock_with_sleep() -> float:
    """Return monotonic seconds that go on while the machine is suspended, where offered."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class AgentServer:
    """Serves one vault on one Unix socket.

    Args:
        path: socket path; its folder becomes or must be mode 0700.
        vault: the keys.

    Raises:
        AgentRunning: another agent holds this path.
        ExposedKeyFile: the folder is open to other users.
    """

    def __init__(self, path: Path, vault: Vault) -> None:
        require_private_folder(path)
        self._path = path
        self._vault = vault
        self._slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._lock_descriptor = _claim(path)
        self._listener = _listen(path)
        self._wake_read, self._wake_write = socket.socketpair()

    def serve(self) -> None:
        """Answer until the vault is locked or its time is over, then remove the socket."""
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._listener, selectors.EVENT_READ)
                selector.register(self._wake_read, selectors.EVENT_READ)
                while (left_s := self._vault.remaining_s) > 0:
                    ready = selector.select(min(left_s, _WAKE_EVERY_S))
                    if any(key.fileobj is self._listener for key, _ in ready):
                        self._accept()
        finally:
            self.close()

    def close(self) -> None:
        """Wipe the keys and release socket and path."""
        self._vault.lock()
        with contextlib.suppress(OSError):
            self._path.unlink()
        self._finish_answers()
        for one in (self._listener, self._wake_read, self._wake_write):
            one.close()
        os.close(self._lock_descriptor)

    def _finish_answers(self) -> None:
        """Let whoever is being answered, also the one who locked, hear the end of it."""
        limit_s = time.monotonic() + _LAST_WORDS_S
        for _ in range(MAX_CONNECTIONS):
            if not self._slots.acquire(timeout=max(0.0, limit_s - time.monotonic())):
                return

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        if not self._slots.acquire(blocking=False):
            connection.close()
            return
        threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        try:
            with connection:
                connection.settimeout(CONNECTION_TIMEOUT_S)
                send_frame(connection, self._reply(connection))
        except (DiptychError, OSError):
            pass  # The peer is gone, slow or talks nonsense: there is nobody to tell.
        finally:
            self._slots.release()
            if self._vault.remaining_s == 0:
                with contextlib.suppress(OSError):
                    self._wake_write.send(b"x")

    def _reply(self, connection: socket.socket) -> dict[str, JsonValue]:
        try:
            # Read first: closing on unread data would reset the connection and lose the refusal.
            request = receive_frame(connection, "request")
            uid = peer_uid(connection)
            if uid != os.geteuid():
                raise AgentRefused(f"user {uid} may not use the keys of user {os.geteuid()}")
            return self._vault.answer(request)
        except DiptychError as error:
            return {"error": error.to_json()}


def _claim(path: Path) -> int:
    lock = os.open(
        path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
    )
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise AgentRunning(f"a key agent already listens on {path}") from None
    return lock


def _listen(path: Path) -> socket.socket:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()  # Left by an agent that was killed: nobody holds the lock any more.
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    listener.listen(MAX_CONNECTIONS)
    listener.setblocking(False)
    return listener
