"""How client and agent talk: one length-prefixed JSON object each way over a Unix socket.

Frame: 4-byte big-endian length, then UTF-8 JSON of at most 16 MiB. Only processes of the same user
may talk: both sides check the peer's uid (SO_PEERCRED), and the socket lies in a 0700 folder.
"""

import hashlib
import json
import os
import socket
import stat
import struct
from collections.abc import Mapping
from pathlib import Path

from diptych.core.errors import JsonValue, MalformedError
from diptych.core.files import write_error
from diptych.provenance.keys.errors import AgentUnavailable, ExposedKeyFile
from diptych_verify.jsonio import ObjectReader, strict_json

MAX_FRAME_BYTES = 16 << 20
MAX_MESSAGES = 10_000
_LENGTH = struct.Struct(">I")
_CREDENTIALS = struct.Struct("3i")
_MAX_SOCKET_PATH_BYTES = 100


def socket_path(keys_folder: Path, environ: Mapping[str, str]) -> Path:
    """Return where the agent of a key folder listens.

    `$XDG_RUNTIME_DIR/diptych/`, else `/tmp/diptych-<uid>/`; the name is a digest of the folder, so
    that each workspace has an agent of its own.
    """
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    folder = Path(runtime, "diptych") if runtime else Path(f"/tmp/diptych-{os.geteuid()}")
    name = hashlib.sha256(os.fsencode(os.path.realpath(keys_folder))).hexdigest()[:16]
    return folder / f"agent-{name}.sock"


def require_private_folder(path: Path) -> None:
    """Create the socket's folder with mode 0700, or check that it is ours alone.

    Raises:
        ExposedKeyFile: it is a link, belongs to another user, or is open to others.
        AgentUnavailable: the path is too long for a Unix socket.
    """
    if len(os.fsencode(path)) > _MAX_SOCKET_PATH_BYTES:
        raise AgentUnavailable(
            f"socket path {path} is longer than {_MAX_SOCKET_PATH_BYTES} bytes",
            hint="export XDG_RUNTIME_DIR=/run/user/$UID",
        )
    folder = path.parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
    except OSError as error:
        raise write_error(folder, error) from error
    ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
    if not ours or stat.S_IMODE(status.st_mode) & 0o077:
        raise ExposedKeyFile(
            f"the agent's folder {folder} is not private to user {os.geteuid()}",
            hint=f"remove {folder}, or export XDG_RUNTIME_DIR",
        )


def peer_uid(connection: socket.socket) -> int:
    """Return the user id of the process at the other end.

    Raises:
        AgentUnavailable: this system cannot tell (no SO_PEERCRED).
    """
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        raise AgentUnavailable(
            "this system cannot name the peer of a socket",
            hint="export DIPTYCH_KEYS__PASSPHRASE instead of using the agent",
        )
    credentials = connection.getsockopt(socket.SOL_SOCKET, option, _CREDENTIALS.size)
    return int(_CREDENTIALS.unpack(credentials)[1])


def send_frame(connection: socket.socket, message: dict[str, JsonValue]) -> None:
    """Send one object.

    Raises:
        MalformedError: the frame would be above the limit.
        OSError: the peer is gone or too slow.
    """
    payload = json.dumps(message, separators=(",", ":")).encode()
    if len(payload) > MAX_FRAME_BYTES:
        raise MalformedError(f"got a frame of {len(payload)} bytes, limit {MAX_FRAME_BYTES}")
    connection.sendall(_LENGTH.pack(len(payload)) + payload)


def receive_frame(connection: socket.socket, where: str) -> ObjectReader:
    """Receive one object.

    Raises:
        MalformedError: wrong length or JSON, or the peer closed in the middle.
        OSError: the peer is gone or too slow.
    """
    (length,) = _LENGTH.unpack(_receive_exactly(connection, _LENGTH.size))
    if length > MAX_FRAME_BYTES:
        raise MalformedError(f"got a frame of {length} bytes, limit {MAX_FRAME_BYTES}")
    payload = _receive_exactly(connection, length)
    value = strict_json(
        payload, max_bytes=MAX_FRAME_BYTES, max_depth=4, max_values=MAX_MESSAGES + 64
    )
    return ObjectReader(value, where)


def _receive_exactly(connection: socket.socket, length: int) -> bytes:
    parts: list[bytes] = []
    missing = length
    while missing:
        part = connection.recv(min(missing, 1 << 20))
        if not part:
            raise MalformedError("the peer closed the connection in the middle of a frame")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
