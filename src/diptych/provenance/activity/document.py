"""The run document: one object of canonical JSON per run, named by its digest in the record.

`id` is 128 random bits, so that the digest in the public record confirms nothing about parameters
or notes to somebody who guesses them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue, MalformedError
from diptych.provenance.activity.capture import Capture
from diptych_verify.jsonio import ObjectReader, decode_hex, strict_json

FORMAT = "diptych-run/1"
STATUSES = ("completed", "failed", "interrupted")
MAX_BYTES = 8 << 20
MAX_EDGES = 1_000
_MAX_NAME = 8_192


@dataclass(frozen=True)
class RunInput:
    """One thing used: how it was named, its record id (hex), and its path if it has one."""

    reference: str
    record: str
    path: str = ""


@dataclass(frozen=True)
class RunOutput:
    """One thing made: its name, path, kind of record, and root (hex); a private one has none."""

    name: str
    path: str
    kind: str
    root: str = ""


@dataclass(frozen=True)
class RunDocument:
    """What is known of a run.

    Attributes:
        id: 32 hex digits, random.
        activity: what was done, for example `train`.
        status: `completed`, `failed` or `interrupted`.
        started: RFC 3339, UTC.
        duration_s: seconds; None if it was interrupted.
        seed: None if none was given.
        params: parameters, secrets masked.
        notes: results.
        inputs: what was used.
        outputs: what was made.
        capture: the circumstances; None for a run that another system reported.
        error: `type`, and `message` if that was allowed.
        reported: what another system said of the run, for example OpenLineage facets.
    """

    id: str
    activity: str
    status: str
    started: str
    duration_s: float | None = None
    seed: int | None = None
    params: Mapping[str, JsonValue] = field(default_factory=dict)
    notes: Mapping[str, JsonValue] = field(default_factory=dict)
    inputs: tuple[RunInput, ...] = ()
    outputs: tuple[RunOutput, ...] = ()
    capture: Capture | None = None
    error: Mapping[str, str] | None = None
    reported: Mapping[str, JsonValue] | None = None

    def to_json(self) -> dict[str, JsonValue]:
        """Return the document as JSON."""
        said: dict[str, Any] = {
            "format": FORMAT,
            "id": self.id,
            "activity": self.activity,
            "status": self.status,
            "started": self.started,
            "duration_s": self.duration_s,
            "seed": self.seed,
            "params": dict(self.params),
            "notes": dict(self.notes),
            "inputs": [dict(vars(one)) for one in self.inputs],
            "outputs": [dict(vars(one)) for one in self.outputs],
        }
        if self.capture is not None:
            said["capture"] = self.capture.to_json()
        if self.error is not None:
            said["error"] = dict(self.error)
        if self.reported is not None:
            said["reported"] = dict(self.reported)
        return said

    def dump(self) -> bytes:
        """Return the bytes that are stored and digested."""
        return canonical_json(self.to_json())

    @classmethod
    def parse(cls, raw: bytes) -> "RunDocument":
        """Read a document.

        Raises:
            MalformedError: not a run document.
        """
        reader = ObjectReader(strict_json(raw, max_bytes=MAX_BYTES, max_depth=24), "run")
        if reader.text("format", max_characters=64) != FORMAT:
            raise reader.wrong("format", FORMAT)
        made = cls(
            id=reader.hex_bytes("id", size=16).hex(),
            activity=reader.text("activity", max_characters=256),
            status=reader.text("status", max_characters=16),
            started=reader.text("started", max_characters=32),
            duration_s=_seconds(reader),
            seed=_seed(reader),
            params=reader.object("params").members,
            notes=reader.object("notes").members,
            inputs=tuple(map(_input, reader.objects("inputs", maximum=MAX_EDGES))),
            outputs=tuple(map(_output, reader.objects("outputs", maximum=MAX_EDGES))),
            capture=Capture.parse(reader.object("capture")) if reader.has("capture") else None,
            error=_error(reader),
            reported=reader.object("reported").members if reader.has("reported") else None,
        )
        if made.status not in STATUSES:
            raise reader.wrong("status", " / ".join(STATUSES))
        reader.done()
        return made


def _seconds(reader: ObjectReader) -> float | None:
    value = reader.raw("duration_s")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise reader.wrong("duration_s", "seconds")
    if not (math.isfinite(value) and value >= 0):
        raise reader.wrong("duration_s", "seconds")
    return float(value)


def _seed(reader: ObjectReader) -> int | None:
    value = reader.raw("seed")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise reader.wrong("seed", "a whole number")
    return value


def _input(reader: ObjectReader) -> RunInput:
    made = RunInput(
        reader.text("reference", max_characters=_MAX_NAME),
        reader.hex_bytes("record", size=32).hex(),
        reader.text("path", max_characters=_MAX_NAME),
    )
    reader.done()
    return made


def _output(reader: ObjectReader) -> RunOutput:
    made = RunOutput(
        reader.text("name", max_characters=_MAX_NAME),
        reader.text("path", max_characters=_MAX_NAME),
        reader.text("kind", max_characters=64),
        reader.text("root", max_characters=64),
    )
    decode_hex(made.root, where=f"{reader.where}.root")
    reader.done()
    return made


def _error(reader: ObjectReader) -> dict[str, str] | None:
    if not reader.has("error"):
        return None
    inner = reader.object("error")
    if not inner.members.keys() <= {"type", "message"}:
        raise MalformedError(f"{inner.where}: expected type and message")
    return {name: inner.text(name, max_characters=4_096) for name in inner.members}
