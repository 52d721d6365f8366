"""Run anvil so that it never outlives the program that started it.

A guard shell waits on a pipe whose other end only the starting program holds. When that program
ends in any way, SIGKILL included, the pipe closes and the guard kills anvil. This works on every
POSIX system and from any thread, unlike Linux's parent-death signal, which is tied to one thread.
"""

import contextlib
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from diptych.ledger.devchain.errors import NodeFailed

# The shell becomes anvil (exec keeps the pid); the guard in the background gets that pid as `$$`.
# Descriptor 3, because a background command's own standard input is /dev/null.
_GUARD = 'exec 3<&0; (read -r _ <&3; kill -9 $$) & exec "$@" </dev/null 3<&-'


@dataclass(frozen=True)
class GuardedProcess:
    """A running anvil and the pipe that keeps it alive."""

    child: subprocess.Popen[bytes]
    log_path: Path

    @property
    def pid(self) -> int:
        """Process id of anvil itself."""
        return self.child.pid

    @property
    def running(self) -> bool:
        """Whether the process is still there."""
        return self.child.poll() is None

    def stop(self, *, grace_s: float = 0.0) -> None:
        """End the process: SIGTERM and `grace_s` seconds first if given, then SIGKILL."""
        if grace_s > 0 and self.running:
            self.child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.child.wait(grace_s)
        if self.running:
            self.child.kill()
        if self.child.stdin is not None:
            with contextlib.suppress(OSError):
                self.child.stdin.close()
        self.child.wait()

    def last_words(self) -> str:
        """Return the end of what anvil printed, for error messages."""
        try:
            with self.log_path.open("rb") as stream:
                stream.seek(max(0, os.fstat(stream.fileno()).st_size - 600))
                return stream.read(600).decode("utf-8", "replace").strip()
        except OSError:
            return ""


def launch(command: Sequence[str], *, log_path: Path) -> GuardedProcess:
    """Start `command` under a guard, its output going to `log_path`.

    Raises:
        NodeFailed: the shell could not be started.
    """
    try:
        with log_path.open("wb") as log:
            return GuardedProcess(_spawn(command, log), log_path)
    except OSError as error:
        raise NodeFailed(f"cannot start {command[0]}: {error}") from error


def _spawn(command: Sequence[str], log: BinaryIO) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["/bin/sh", "-c", _GUARD, "sh", *command],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def wait_for_line(process: GuardedProcess, marker: str, *, timeout_s: float) -> str:
    """Return the first line of the process's output that starts with `marker`.

    Raises:
        NodeFailed: the process ended or the time was up before the line appeared.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        alive = process.running
        text = process.log_path.read_text(encoding="utf-8", errors="replace")
        for line in text.split("\n")[:-1]:
            if line.startswith(marker):
                return line
        if not alive or time.monotonic() > deadline:
            process.stop()
            raise NodeFailed(
                f"anvil did not start: {process.last_words() or 'it printed nothing'}",
                hint="run `diptych chain doctor`",
            )
        time.sleep(0.005)
