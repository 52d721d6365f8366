"""Targets in `diptych.provenance`: key files, agent frames, private objects, exports, pins."""

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.golden.world import log_signer, open_world, seed
from tests.property.fuzz.engine import Target
from tests.property.fuzz.mutate import cut_files, pack_files
from tests.property.fuzz.targets_verifier import TOKENS, flags

from diptych.core.errors import JsonValue
from diptych.core.secret import Secret
from diptych.provenance.keys.agent.vault import Vault
from diptych.provenance.keys.agent.wire import MAX_FRAME_BYTES, receive_frame
from diptych.provenance.keys.key import Purpose, new_key
from diptych.provenance.keys.keyfile import read_key_file, write_key_file
from diptych.provenance.log import Log
from diptych.provenance.log.export import export_tiles
from diptych.provenance.log.exported import verify_export
from diptych.provenance.log.pins import pins_path, read_pins, write_pin
from diptych.provenance.private.framing import CHUNK_BYTES, decrypt_object, encrypt_object
from diptych.provenance.timestamp import token_of_response
from diptych_verify.note import Checkpoint, note_signature_line

_PASSPHRASE = Secret("fuzz")
_KEY = seed("object")


def provenance_targets(folder: Path) -> list[Target]:
    """Return the targets of the provenance package; `folder` is scratch space."""
    return [
        _key_files(folder / "keys"),
        Target("agent_frame", _agent_reader(), _frames(), "frame", 20, MAX_FRAME_BYTES),
        Target("private_object", _decrypt, _objects(), "binary", 20, 4 << 20),
        _exports(folder / "exports"),
        _pins(folder / "pins"),
        Target("timestamp_response", token_of_response, _responses(), "der", 20, 64 << 10),
    ]


def _key_files(folder: Path) -> Target:
    paths = [
        write_key_file(
            folder, new_key(purpose, label=label, seed=seed(label)), _PASSPHRASE, log2_n=14
        )
        for purpose, label in (
            (Purpose.STATEMENT, ""),
            (Purpose.STATEMENT, "secp256k1"),
            (Purpose.LOG, "diptych.log/0"),
            (Purpose.PRIVATE, ""),
        )
    ]
    target = paths[0].with_name("fuzzed.key.json")
    target.touch(mode=0o600)

    def read(raw: bytes) -> object:
        target.write_bytes(raw)
        locked = read_key_file(target)
        # Unlocking stretches the passphrase, which is slow on purpose: a few inputs get there.
        if locked.log2_n == 14 and flags(raw) % 128 == 0:
            return locked.unlock(_PASSPHRASE).keyid
        return locked.header()

    return Target("key_file", read, [path.read_bytes() for path in paths], "json", 20, 16_384)


class _Connection:
    """What `receive_frame` needs of a socket."""

    def __init__(self, raw: bytes) -> None:
        self._stream = io.BytesIO(raw)

    def recv(self, count: int) -> bytes:
        return self._stream.read(min(count, 4096))


def _agent_reader() -> Callable[[bytes], object]:
    from socket import socket

    def read(raw: bytes) -> object:
        vault = Vault(60.0, lambda: 0.0)
        for held in _HELD:
            vault.answer(receive_frame(cast(socket, _Connection(_frame(held))), "seed"))
        request = receive_frame(cast(socket, _Connection(raw)), "request")
        return json.dumps(vault.answer(request))

    return read


def _add(purpose: Purpose, label: str = "") -> dict[str, JsonValue]:
    key = new_key(purpose, label=label, seed=seed("agent"))
    encoded = base64.b64encode(key.seed).decode()
    return {"verb": "add", "purpose": str(purpose), "keyid": key.keyid, "seed": encoded}


_HELD = [_add(Purpose.STATEMENT), _add(Purpose.WITNESS, "witness.example"), _add(Purpose.PRIVATE)]


def _frame(request: dict[str, JsonValue]) -> bytes:
    body = json.dumps(request).encode()
    return len(body).to_bytes(4, "big") + body


def _frames() -> list[bytes]:
    statement, witness, private = (cast(str, held["keyid"]) for held in _HELD)
    pae = base64.b64encode(b"DSSEv1 28 application/vnd.in-toto+json 2 {}").decode()
    body = base64.b64encode(Checkpoint("o", 1, bytes(32)).body().encode()).decode()
    requests: list[dict[str, JsonValue]] = [
        {"verb": "list"},
        {"verb": "sign", "keyid": statement, "messages": [pae, pae]},
        {"verb": "sign", "keyid": witness, "messages": [body]},
        {"verb": "reveal", "keyid": private},
        {"verb": "lock"},
        *_HELD,
        _add(Purpose.LOG, "diptych.log/1"),
    ]
    return [_frame(request) for request in requests]


def _decrypt(raw: bytes) -> object:
    return sum(len(chunk) for chunk in decrypt_object(_KEY, [raw[:7], raw[7:]]))


def _objects() -> list[bytes]:
    plain = [b"", b"one small file", bytes(CHUNK_BYTES), bytes(CHUNK_BYTES + 1)]
    return [b"".join(encrypt_object(_KEY, [one])) for one in plain]


def _responses() -> list[bytes]:
    """Return tokens, bare and in a granted TimeStampResp."""
    granted = bytes.fromhex("3003020100")
    wrapped = [granted + token for token in TOKENS]
    return [*TOKENS, *(b"\x30\x82" + len(one).to_bytes(2, "big") + one for one in wrapped)]


def _exports(folder: Path) -> Target:
    """Return the reader of exported folders; in half of the inputs the log's owner lies."""
    signer = log_signer("export ")
    key = Ed25519PrivateKey.from_private_bytes(seed("export log"))
    seeds = []
    for size in (5, 260):
        folder.mkdir(parents=True, exist_ok=True)
        with Log.create(folder / f"{size}.sqlite", signer) as log, log.writer() as writer:
            writer.append([b"entry %d" % number for number in range(size)])
            export_tiles(log, folder / str(size))
    names = sorted({_name(path, folder) for path in folder.rglob("*") if path.is_file()})
    names = [name for name in names if not name.endswith("sqlite")]
    for export in (folder / "5", folder / "260"):
        present = [(at, export / name) for at, name in enumerate(names)]
        parts = [(at, path.read_bytes()) for at, path in present if path.is_file()]
        seeds.append(pack_files(parts))
    place = folder / "fuzzed"

    def read(raw: bytes) -> object:
        for name in names:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).unlink(missing_ok=True)
        for at, content in cut_files(raw)[:16]:
            name = names[at % len(names)]
            lying = name == "checkpoint" and flags(raw) & 1
            (place / name).write_bytes(_signed(content) if lying else content)
        return verify_export(place, signer.key)

    def _signed(note: bytes) -> bytes:
        body = note.partition(b"\n\n")[0] + b"\n"
        line = note_signature_line(signer.key.name, signer.key.key_hash, key.sign(body))
        return body + b"\n" + line.encode()

    return Target("log_export", read, seeds, "files", 10, 4 << 20)


def _name(path: Path, folder: Path) -> str:
    return "/".join(path.relative_to(folder).parts[1:]) or path.name


def _pins(folder: Path) -> Target:
    with open_world(folder) as world:
        world.notes(3)
        head = world.log.head()
    path = folder / "log.sqlite"
    write_pin(path, "anchor", head)
    write_pin(path, "witness.example", head)
    target = pins_path(path)

    def read(raw: bytes) -> object:
        target.write_bytes(raw)
        return read_pins(path, head.origin)

    return Target("pins", read, [target.read_bytes()], "json", 30, 1 << 20)
