"""Readers of what devices send: frames, batches from a broker, shown readings, lists of a fleet."""

import io
import json
import sqlite3
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

from tests.property.fuzz.engine import Target
from tests.property.fuzz.mutate import cut_files, pack_files
from tests.property.fuzz.targets_verifier import flags
from tests.unit.sensors.maker import device, fleet_of, frame, keyid

from diptych.core.clock import fixed_clock
from diptych.core.database import Connection
from diptych.core.errors import MalformedError
from diptych.data.sensors.fleet import Change, change_list, parse_change_list, read_enrolment
from diptych.data.sensors.frame import MAX_FRAME_BYTES, SIGNATURE_BYTES, parse_frame, read_frames
from diptych.data.sensors.gateway import Spool
from diptych.data.sensors.mqtt import parse_broker
from diptych.data.sensors.series import read_csv
from diptych.data.sensors.store import ReadingStore
from diptych_verify.jsonio import strict_json
from diptych_verify.merkle import leaf_hash, merkle_root
from diptych_verify.readings import described, parse_reading, parse_shown, verify_shown

_FRAMES = [frame(1, [1]), frame(1, range(2, 40)), frame(2, [7, 9])]
_CSV = (b"time,value,counter\n2026-01-02T03:04:05,5.1,1\n1767323100,5.2,2\n", b"at,date\n1.5,0\n")
_CHANGES = (
    Change("enrol", "tag-1", keyid(1)),
    Change("rotate", "tag-1", keyid(2), keyid(1), 900),
    Change("revoke", "tag-1", keyid(2)),
)


def sensors_targets() -> list[Target]:
    """Return the targets of this module."""
    batches = [pack_files([(0, one) for one in _FRAMES]), pack_files([(1, _FRAMES[1])] * 2)]
    changes, _ = change_list("cold", _CHANGES)
    enrolment = f"device,keyid\ntag-1,{keyid(1)}\n\ntag-2,{keyid(2)}\n".encode()
    brokers = [b"mqtt://broker.example/fleet/+", b"mqtts://me@[::1]:8883/fleet/#"]
    return [
        Target("sensor_frames", _read_frames, [b"".join(_FRAMES), *_FRAMES], "binary", 30, 8 << 20),
        Target("sensor_batch", _take_batch, batches, "files", 10, MAX_FRAME_BYTES * 4),
        Target("shown_reading", _read_shown, _shown(), "json", 30, 64 << 10),
        Target("fleet_changes", _read_changes, [changes], "text", 20, 1 << 20),
        Target("fleet_enrolment", _read_text(read_enrolment), [enrolment], "text", 10, 1 << 20),
        Target("sensor_csv", _read_text(_series), list(_CSV), "text", 20, 1 << 20),
        Target("broker_address", _read_text(parse_broker), brokers, "text", 10, 4096),
    ]


def _read_frames(raw: bytes) -> object:
    for one in read_frames(io.BytesIO(raw)):
        parsed = parse_frame(one)
        parsed.message()
        list(map(parse_reading, parsed.readings))
    return parse_frame(raw).counters if len(raw) < 4096 and raw[:1] == b"\2" else None


def _take_batch(raw: bytes) -> object:
    """Do with a batch from a broker what a gateway and a store do; every other one is signed."""
    frames = [content for _, content in cut_files(raw)]
    if flags(raw) % 2:
        frames = [_signed(one) for one in frames]

    def connect(path: Path) -> Connection:
        return sqlite3.connect(":memory:", isolation_level=None)

    with Spool(Path("spool"), connect=connect) as spool:
        spool.take(frames)
        spool.forward(len)
    clock = fixed_clock(1.0)
    with ReadingStore(Path("readings"), clock=clock, connect=connect) as store:
        done = store.ingest(frames, fleet_of(1, 2))
        again = store.ingest(frames, fleet_of(1, 2))
    if again.accepted or len(done.refused) != len(again.refused):
        raise AssertionError(f"a batch taken twice: {done}, then {again}")
    if done.refused and len(done.refused) == len(frames):
        raise MalformedError(ascii(done.refused[0][1]))
    return done.to_json()


def _signed(raw: bytes) -> bytes:
    try:
        parse_frame(raw)
    except MalformedError:
        return raw
    key = device(raw[-1] % 2 + 1)
    whole = raw[:1] + key.public_key().public_bytes_raw() + raw[33:]
    return whole[:-SIGNATURE_BYTES] + key.sign(parse_frame(whole).message())


def _shown() -> list[bytes]:
    found = []
    for raw in (_FRAMES[0], _FRAMES[2]):
        parsed = parse_frame(raw)
        leaves = parsed.leaves()
        proof = b"" if len(leaves) == 1 else leaves[1]
        parts = [b64encode(one).decode() for one in (parsed.readings[0], proof, parsed.signature)]
        who = ["tag", f"ed25519:{parsed.key.hex()}"]
        found.append(json.dumps([*who, parts[0], 0, len(leaves), *parts[1:]]).encode())
    return found


def _read_shown(raw: bytes) -> object:
    shown = parse_shown(strict_json(raw, max_bytes=64 << 10, max_depth=4))
    described(shown)
    verify_shown(shown)
    return described(shown)


def _read_changes(raw: bytes) -> object:
    """Read a list under the root that it really has."""
    lines = raw.split(b"\n")[1:-1]
    root = merkle_root(map(leaf_hash, lines)) if lines else bytes(32)
    fleet = fleet_of()
    fleet.apply(parse_change_list(raw, fleet="cold", root=root))
    return fleet.active


def _read_text(read: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda raw: read(raw.decode(errors="replace"))


def _series(text: str) -> object:
    return len(read_csv(text, name="room"))
