"""The server that owns an index: its `server.json`, and asking it from another process."""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import urllib3

from diptych.core.errors import EnvironmentFault
from diptych.core.files import write_durably
from diptych.index.engine.home import IndexHome
from diptych.index.query.held import Held
from diptych.index.store.errors import QueryRefused
from diptych.index.store.store import QueryLimits

if TYPE_CHECKING:
    import pyarrow as pa

_MAX_RECORD_BYTES = 4 << 10
_MAX_ANSWER_BYTES = 128 << 20
_OWNER_S = 2.0
_MORE_S = 5.0
_ARROW = "application/vnd.apache.arrow.stream"


class ServerFailed(EnvironmentFault):
    """The server that owns an index does not answer."""

    code = "Index.ServerFailed"


class Record(msgspec.Struct, frozen=True):
    """What `server.json` says, readable by its owner alone.

    Attributes:
        url: where the server is asked.
        pid: its process.
        token: what it asks of those who send SQL.
    """

    url: str
    pid: int
    token: str


@contextmanager
def recorded(home: IndexHome, url: str, token: str) -> Iterator[None]:
    """Keep `server.json` while a server runs."""
    record = Record(url, os.getpid(), token)
    write_durably(home.server, msgspec.json.encode(record), mode=0o600)
    try:
        yield
    finally:
        if read_record(home) == record:
            home.server.unlink(missing_ok=True)


def read_record(home: IndexHome) -> Record | None:
    """Return what `server.json` says, None if there is none that can be read."""
    with suppress(OSError, msgspec.MsgspecError), home.server.open("rb") as stream:
        found = os.fstat(stream.fileno())
        # Another user's file, or one that came with a copied folder, names no server of ours.
        if found.st_uid == os.getuid() and not found.st_mode & 0o077:
            return msgspec.json.decode(stream.read(_MAX_RECORD_BYTES), type=Record)
    return None


@dataclass(frozen=True)
class RunningServer:
    """A server that proved to own an index."""

    record: Record

    def query(self, sql: str, parameters: Sequence[object], limits: QueryLimits) -> "pa.Table":
        """Answer one SELECT.

        Raises:
            QueryRefused: it is no single SELECT, is wrong, or costs too much.
            ServerFailed: there is no answer.
        """
        import pyarrow as pa

        body = {"query": sql, "parameters": list(parameters), "limit": limits.rows}
        answer = self._ask("POST", "sql", json.dumps(body).encode(), timeout_s=limits.timeout_s)
        try:
            return pa.ipc.open_stream(answer).read_all()
        except (pa.ArrowException, OSError) as error:
            raise _failed("its answer cannot be read") from error

    def held(self, *, digest: bool) -> Held:
        """Return what the index holds.

        Raises:
            ServerFailed: there is no answer.
        """
        path = f"held?digest={int(digest)}"
        try:
            return msgspec.json.decode(self._ask("GET", path, timeout_s=600.0), type=Held)
        except msgspec.MsgspecError as error:
            raise _failed("its answer cannot be read") from error

    def _ask(self, method: str, path: str, body: bytes | None = None, *, timeout_s: float) -> bytes:
        headers = {"authorization": f"Bearer {self.record.token}", "accept": _ARROW}
        if body is not None:
            headers["content-type"] = "application/json"
        status, answer = _sent(
            method, self.record.url + path, headers, body, timeout_s=timeout_s + _MORE_S
        )
        if status != 200:
            raise _refusal(answer)
        return answer


def running_server(home: IndexHome) -> RunningServer | None:
    """Return the server that owns an index; None if there is none, or `server.json` is stale.

    The token is not sent before the server proved, by an HMAC over our nonce, that it knows it.
    """
    record = read_record(home)
    if record is None or not record.url.startswith("http://") or not _alive(record.pid):
        return None
    nonce = secrets.token_hex(16)
    expected = hmac.new(record.token.encode(), nonce.encode(), hashlib.sha256).hexdigest()
    url = f"{record.url}owner?nonce={nonce}"
    try:
        _, answer = _sent("GET", url, {}, None, timeout_s=_OWNER_S)
        given = msgspec.json.decode(answer, type=dict[str, str])
    except (ServerFailed, msgspec.MsgspecError):
        return None
    ours = given.get("index") == home.name
    proved = hmac.compare_digest(given.get("proof", "").encode(), expected.encode())
    return RunningServer(record) if ours and proved else None


def _sent(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None, *, timeout_s: float
) -> tuple[int, bytes]:
    try:
        answer = urllib3.request(
            method,
            url,
            body=body,
            headers=dict(headers),
            timeout=timeout_s,
            retries=False,
            redirect=False,
            preload_content=False,
        )
        try:
            raw = answer.read(_MAX_ANSWER_BYTES + 1)
        finally:
            answer.release_conn()
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise _failed("it does not answer") from error
    if len(raw) > _MAX_ANSWER_BYTES:
        raise _failed("its answer is too large")
    return answer.status, raw


def _refusal(answer: bytes) -> QueryRefused | ServerFailed:
    with suppress(msgspec.MsgspecError, LookupError, TypeError):
        found: Any = msgspec.json.decode(answer)["errors"][0]
        if str(found["extensions"]["code"]) != "Index.StoreFailed":
            return QueryRefused(str(found["message"])[:400])
    return _failed("it refuses to answer")


def _failed(what: str) -> ServerFailed:
    return ServerFailed(f"the server of the index: {what}", hint="look at what it prints")


def _alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True
