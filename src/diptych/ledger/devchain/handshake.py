"""The starting side: spawn a supervisor, wait for its word, and know it when it answers."""

import http.client
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import urlsplit

from diptych.core.errors import DiptychError, EnvironmentFault, JsonValue, LedgerError
from diptych.core.progress import Progress, ProgressFactory
from diptych.ledger.devchain.errors import StartFailed
from diptych.ledger.devchain.place import Endpoint, Place

_MAX_LINE_BYTES = 65_536
_MAX_ANSWER_BYTES = 1 << 20
_MAX_LOG_BYTES = 1 << 20
_PROBE_TIMEOUT_S = 3.0


@dataclass(frozen=True)
class ServeOptions:
    """How one run of the supervisor behaves.

    Attributes:
        folder: the chain's folder.
        port: loopback port; 0 for the last one if it is free, else any.
        anvil: the binary; None to find or fetch it.
        idle_stop_s: end after that many seconds without a request; 0 for never.
    """

    folder: Path
    port: int = 0
    anvil: Path | None = None
    idle_stop_s: float = 0.0

    def command(self) -> list[str]:
        """Return the command line that runs it."""
        command = [sys.executable, "-P", "-m", "diptych.ledger.devchain", str(self.folder)]
        command += ["--port", str(self.port), "--idle-stop-s", str(self.idle_stop_s)]
        return command + (["--anvil", str(self.anvil)] if self.anvil is not None else [])


def start_supervisor(
    place: Place, options: ServeOptions, *, timeout_s: float, progress: ProgressFactory
) -> Endpoint:
    """Spawn a supervisor and return its endpoint once it serves.

    Args:
        place: the chain's folder.
        options: how to run.
        timeout_s: longest silence; blocks being replayed count as news.
        progress: reports replayed blocks.

    Raises:
        StartFailed: it ended or fell silent; the hint names its log.
        DiptychError: what the supervisor itself reports, as the same class.
    """
    hint = f"see {place.log}"
    with _log(place) as log:
        process = subprocess.Popen(
            options.command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    with process:
        output = cast(BinaryIO, process.stdout)
        with progress("replay blocks", unit="block") as task:
            line = _last_line(output, timeout_s, task)
    if not line:
        raise StartFailed("the chain's supervisor ended or fell silent at its start", hint=hint)
    try:
        news = json.loads(line)
        if "endpoint" in news:
            return Endpoint(**news["endpoint"])
        report = news["error"]
        raise _error(report["code"], report["message"], report["hint"] or hint)
    except (ValueError, KeyError, TypeError) as error:
        raise StartFailed(f"the chain's supervisor said {line[:200]!r}", hint=hint) from error


def _log(place: Place) -> BinaryIO:
    """Open the log to append to, and begin a new one when it has grown."""
    with_size = place.log.stat().st_size if place.log.exists() else 0
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    descriptor = os.open(
        place.log, flags | (os.O_TRUNC if with_size > _MAX_LOG_BYTES else 0), 0o600
    )
    return os.fdopen(descriptor, "ab")


def _last_line(output: BinaryIO, timeout_s: float, task: Progress) -> bytes:
    """Return the first line that is not about replay; empty on end or silence."""
    pending, done = b"", 0
    while True:
        ready, _, _ = select.select([output], [], [], timeout_s)
        chunk = os.read(output.fileno(), _MAX_LINE_BYTES) if ready else b""
        if not chunk or len(pending) > _MAX_LINE_BYTES:
            return b""
        pending += chunk
        while b"\n" in pending:
            line, _, pending = pending.partition(b"\n")
            if not line.startswith(b'{"replay"'):
                return line
            now_done = int(json.loads(line)["replay"][0])
            task.advance(now_done - done)
            done = now_done


def _error(code: str, message: str, hint: str) -> DiptychError:
    """Return the error class of that code, StartFailed for codes from elsewhere."""
    for family in (LedgerError, EnvironmentFault):
        for kind in family.__subclasses__():
            if kind.code == code:
                return kind(message, hint=hint)
    return StartFailed(f"{code}: {message}", hint=hint)


def ask(endpoint: Endpoint, method: str, params: Sequence[JsonValue] = ()) -> JsonValue:
    """Call a method at an endpoint; None if nobody answers sensibly there.

    This is for the supervisor's own methods; clients of the chain use a real RPC client.
    """
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
    try:
        parts = urlsplit(endpoint.url)
        connection = http.client.HTTPConnection(
            str(parts.hostname), parts.port, timeout=_PROBE_TIMEOUT_S
        )
        try:
            connection.request("POST", "/", json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse().read(_MAX_ANSWER_BYTES)
        finally:
            connection.close()
        result: JsonValue = json.loads(answer).get("result")
    except (OSError, ValueError, http.client.HTTPException, AttributeError, RecursionError):
        return None
    return result


def is_ours(endpoint: Endpoint) -> bool:
    """Return whether the supervisor that published this endpoint is the one that answers there."""
    session = ask(endpoint, "diptych_session")
    return isinstance(session, dict) and (
        session.get("session_id") == endpoint.session_id
        and session.get("chain_id") == endpoint.chain_id
        and session.get("genesis_hash") == endpoint.genesis_hash
    )


def somebody_listens(endpoint: Endpoint) -> bool:
    """Return whether anything answers HTTP or JSON-RPC there."""
    return ask(endpoint, "eth_chainId") is not None


def wait_until(condition_met: Callable[[], bool], *, timeout_s: float) -> bool:
    """Poll until the condition holds; return whether it does."""
    deadline = time.monotonic() + timeout_s
    while not condition_met():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
