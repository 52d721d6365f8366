"""Pins: tree heads that somebody outside has seen (an anchor or a witness).

A log that is shorter than a pin or contradicts it was restored from a backup or has a second
writer. `pins.json` stands beside `log.sqlite`, so that restoring only the database is noticed;
whoever removes both is still caught by the pins the caller brings from the chain.
"""

from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue
from diptych.core.files import write_durably
from diptych.provenance.log.errors import Corrupt
from diptych.provenance.log.tiles import TileTree
from diptych_verify.errors import MalformedError, Rollback, SplitView
from diptych_verify.jsonio import ObjectReader, strict_json
from diptych_verify.merkle import HASH_BYTES
from diptych_verify.note import Checkpoint

FORMAT = "diptych-pins/1"
_MAX_BYTES = 1 << 20
_MAX_PINS = 1024


def pins_path(log_path: Path) -> Path:
    """Return where the pins of a log stand."""
    return log_path.with_name("pins.json")


def read_pins(log_path: Path, origin: str) -> dict[str, Checkpoint]:
    """Return the newest pin of each source; none if the file does not exist.

    Raises:
        Corrupt: the file cannot be read or belongs to another log.
    """
    path = pins_path(log_path)
    try:
        payload = path.read_bytes()
    except FileNotFoundError:
        return {}
    try:
        document = strict_json(payload, max_bytes=_MAX_BYTES, max_depth=4)
        return _parse(document, origin)
    except MalformedError as error:
        raise Corrupt(
            f"cannot read {path}: {error.message}",
            hint="restore it from a backup; removing it makes a rolled back log unnoticed",
        ) from error


def _parse(document: JsonValue, origin: str) -> dict[str, Checkpoint]:
    reader = ObjectReader(document, "pins")
    for field, expected in (("format", FORMAT), ("origin", origin)):
        if reader.text(field) != expected:
            raise reader.wrong(field, expected)
    pins = {}
    for row in reader.objects("pins", maximum=_MAX_PINS):
        root = row.b64_bytes("root", size=HASH_BYTES)
        pins[row.text("by")] = Checkpoint(origin, row.integer("size"), root)
        row.done()
    reader.done()
    return pins


def write_pin(log_path: Path, by: str, pin: Checkpoint) -> None:
    """Remember `pin` durably as the newest one of its source.

    The caller holds the database's write lock, so that two processes do not undo each other.
    """
    pins = read_pins(log_path, pin.origin)
    if by in pins and pins[by].size >= pin.size:
        return
    pins[by] = pin
    rows: list[JsonValue] = [
        {"by": name, "size": one.size, "root": b64encode(one.root).decode()}
        for name, one in sorted(pins.items())
    ]
    document: JsonValue = {"format": FORMAT, "origin": pin.origin, "pins": rows}
    write_durably(pins_path(log_path), canonical_json(document) + b"\n")


def check_pins(tree: TileTree, head: Checkpoint, pins: Iterable[Checkpoint]) -> None:
    """Compare the local log with what was seen of it before.

    Raises:
        Rollback: a pin is ahead of the log.
        SplitView: the log had another root at a pin's size.
    """
    for pin in pins:
        if pin.origin != head.origin:
            raise SplitView(
                f"got a pin of {pin.origin}, expected {head.origin}", **_both(pin, head)
            )
        if pin.size > head.size:
            raise Rollback(
                f"the log has {head.size} entries, but {pin.size} were seen outside",
                hint="diptych restore a newer backup; appending now would fork the log",
                **_both(pin, head),
            )
        local = Checkpoint(head.origin, pin.size, tree.root(pin.size))
        if local != pin:
            raise SplitView(
                f"at size {pin.size} the log has root {local.root.hex()}, "
                f"but {pin.root.hex()} was seen outside",
                hint="keep both: together they show that the log was rewritten",
                **_both(pin, local),
            )


def _both(seen: Checkpoint, local: Checkpoint) -> Any:
    """Return both heads as an error's details."""
    return {
        "seen_size": seen.size,
        "seen_root": b64encode(seen.root).decode(),
        "local_size": local.size,
        "local_root": b64encode(local.root).decode(),
    }
