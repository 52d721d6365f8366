"""OpenLineage: RunEvents that other systems wrote, as runs and what they used and made.

Source: https://openlineage.io/spec/2-0-2/OpenLineage.json. A file holds one event, an array of
events, or one event a line (what OpenLineage's file transport writes). Events of one run are
merged; facets are kept as they are, secrets masked. What is reported is the other system's word.
"""

import json
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from diptych.core.clock import iso_utc
from diptych.core.errors import JsonValue, MalformedError
from diptych.provenance.activity.redact import MASK, Redactor, is_secret_name
from diptych_verify.jsonio import ObjectReader, strict_json

MAX_FILE_BYTES = 64 << 20
MAX_EVENT_BYTES = 2 << 20
MAX_EVENTS = 20_000
_MAX_DATASETS = 1_000
_MAX_DEPTH = 24
_MAX_VALUES = 100_000
_ENDS = {"COMPLETE": "completed", "FAIL": "failed", "ABORT": "interrupted"}
_TYPES = frozenset([*_ENDS, "START", "RUNNING", "OTHER"])
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
_MESSAGES = frozenset({"errorMessage", "extractionError"})


@dataclass(frozen=True)
class ReportedDataset:
    """A data set as another system names it; its content was never seen here."""

    namespace: str
    name: str
    facets: Mapping[str, JsonValue] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        """The name under which it is found."""
        return f"openlineage/{self.namespace}/{self.name}"

    def to_json(self) -> dict[str, JsonValue]:
        """Return the description that is sealed."""
        return {"namespace": self.namespace, "name": self.name, "facets": dict(self.facets)}


@dataclass(frozen=True)
class ReportedRun:
    """A run that has ended, put together from its events.

    Attributes:
        id: its UUID as 32 hex digits.
        namespace: of its job.
        job: name of its job.
        status: `completed`, `failed` or `interrupted`.
        started: RFC 3339, UTC: time of its first event.
        duration_s: from the first event to the one that ends it.
        inputs: what it read.
        outputs: what it wrote.
        reported: facets of run and job, and the types and times of its events.
    """

    id: str
    namespace: str
    job: str
    status: str
    started: str
    duration_s: float
    inputs: tuple[ReportedDataset, ...]
    outputs: tuple[ReportedDataset, ...]
    reported: Mapping[str, JsonValue]


@dataclass(frozen=True)
class _Event:
    kind: str
    time: datetime
    run: str
    namespace: str
    job: str
    run_facets: Mapping[str, JsonValue]
    job_facets: Mapping[str, JsonValue]
    inputs: tuple[ReportedDataset, ...]
    outputs: tuple[ReportedDataset, ...]
    producer: str


def read_openlineage(
    raw: bytes, redactor: Redactor, *, keep_messages: bool = False
) -> tuple[list[ReportedRun], int]:
    """Read a file of events.

    Args:
        raw: its bytes.
        redactor: masks secrets in facets.
        keep_messages: keep error messages and stack traces, which may hold personal data.

    Returns:
        The runs that have ended, by time of their first event, and how many have not.

    Raises:
        MalformedError: not OpenLineage RunEvents, or above a limit; names the event and field.
    """
    masking = _Masking(redactor, keep_messages)
    events = [_event(value, f"event {n}", masking) for n, value in enumerate(_values(raw))]
    by_run: dict[str, list[_Event]] = {}
    for one in events:
        by_run.setdefault(one.run, []).append(one)
    merged = [_merge(sorted(found, key=lambda one: one.time)) for found in by_run.values()]
    ended = [one for one in merged if one is not None]
    return sorted(ended, key=lambda one: (one.started, one.id)), len(merged) - len(ended)


def _values(raw: bytes) -> list[JsonValue]:
    if len(raw) > MAX_FILE_BYTES:
        raise MalformedError(f"got {len(raw)} bytes, expected at most {MAX_FILE_BYTES}")
    lines = [line for line in raw.splitlines() if line.strip()]
    if len(lines) > 1 and all(line.lstrip().startswith(b"{") for line in lines[:2]):
        values = [_parsed(line, MAX_EVENT_BYTES) for line in lines[: MAX_EVENTS + 1]]
    else:
        value = _parsed(raw, MAX_FILE_BYTES)
        values = value if isinstance(value, list) else [value]
    if not 1 <= len(values) <= MAX_EVENTS:
        raise MalformedError(f"got {len(values)} events, expected 1 to {MAX_EVENTS}")
    return values


def _parsed(raw: bytes, max_bytes: int) -> JsonValue:
    return strict_json(raw, max_bytes=max_bytes, max_depth=_MAX_DEPTH, max_values=_MAX_VALUES)


class _Masking:
    """Facets without secrets, and without messages unless they are allowed."""

    def __init__(self, redactor: Redactor, keep_messages: bool) -> None:
        self._redactor = redactor
        self._keep_messages = keep_messages

    def text(self, reader: ObjectReader, key: str) -> str:
        """Return a required text without secrets: namespaces may be addresses with a password."""
        return self._redactor.text(reader.text(key, max_characters=1_024))

    def facets(self, reader: ObjectReader, key: str) -> dict[str, JsonValue]:
        """Return an optional object of facets."""
        if not reader.has(key):
            return {}
        members = reader.object(key).members
        if not all(isinstance(value, dict) for value in members.values()):
            raise reader.wrong(key, "an object of facets")
        return {
            name: {"message": MASK}
            if name in _MESSAGES and not self._keep_messages
            else self._masked(value)
            for name, value in members.items()
        }

    def _masked(self, value: JsonValue) -> JsonValue:
        if isinstance(value, str):
            return self._redactor.text(value)
        if isinstance(value, list):
            return [self._masked(one) for one in value]
        if isinstance(value, dict):
            return {
                name: MASK if is_secret_name(name, one) else self._masked(one)
                for name, one in value.items()
            }
        return value


def _event(value: JsonValue, where: str, masking: _Masking) -> _Event:
    reader = ObjectReader(value, where)
    if not reader.has("run"):
        raise MalformedError(f"{where}: got no 'run', expected an OpenLineage RunEvent")
    kind = reader.text("eventType", max_characters=16) if reader.has("eventType") else "OTHER"
    if kind not in _TYPES:
        raise reader.wrong("eventType", ", ".join(sorted(_TYPES)))
    run, job = reader.object("run"), reader.object("job")
    made = _Event(
        kind,
        _time(reader),
        _run_id(run),
        masking.text(job, "namespace"),
        masking.text(job, "name"),
        masking.facets(run, "facets"),
        masking.facets(job, "facets"),
        _datasets(reader, "inputs", masking),
        _datasets(reader, "outputs", masking),
        masking.text(reader, "producer"),
    )
    if reader.has("schemaURL"):
        reader.text("schemaURL")
    reader.done()
    return made


def _time(reader: ObjectReader) -> datetime:
    text = reader.text("eventTime", max_characters=40)
    if _TIME.fullmatch(text) is None:
        raise reader.wrong("eventTime", "RFC 3339 with an offset")
    try:
        # Python reads six decimals; finer times are cut, not rounded.
        return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise reader.wrong("eventTime", "a time that exists") from None


def _run_id(run: ObjectReader) -> str:
    text = run.text("runId", max_characters=36)
    try:
        found = uuid.UUID(text)
    except ValueError:
        raise run.wrong("runId", "a UUID") from None
    if str(found) != text.lower():
        raise run.wrong("runId", "a UUID")
    return found.hex


def _datasets(reader: ObjectReader, key: str, masking: _Masking) -> tuple[ReportedDataset, ...]:
    if not reader.has(key):
        return ()
    found = []
    for one in reader.objects(key, maximum=_MAX_DATASETS):
        facets = masking.facets(one, "facets")
        own = "inputFacets" if key == "inputs" else "outputFacets"
        facets |= masking.facets(one, own)
        namespace, name = (masking.text(one, part) for part in ("namespace", "name"))
        one.done()
        if not (namespace + name).isprintable() or not (namespace and name):
            raise MalformedError(f"{one.where}: expected a namespace and a name of printable text")
        found.append(ReportedDataset(namespace, name, facets))
    return tuple(found)


def _merge(events: list[_Event]) -> ReportedRun | None:
    """Put the events of one run together; None if none of them ends it."""
    ending = next((one for one in reversed(events) if one.kind in _ENDS), None)
    if ending is None:
        return None
    first = events[0]
    if len({(one.namespace, one.job) for one in events}) > 1:
        raise MalformedError(f"run {first.run}: its events name several jobs")
    run_facets: dict[str, JsonValue] = {}
    job_facets: dict[str, JsonValue] = {}
    for one in events:
        run_facets |= one.run_facets
        job_facets |= one.job_facets
    reported: dict[str, JsonValue] = {
        "format": "openlineage",
        "producer": ending.producer,
        "job": {"namespace": first.namespace, "name": first.job, "facets": job_facets},
        "run": {"facets": run_facets},
        "events": [[one.kind, one.time.isoformat()] for one in events[:1_000]],
    }
    return ReportedRun(
        first.run,
        first.namespace,
        first.job,
        _ENDS[ending.kind],
        iso_utc(first.time.timestamp()),
        round(max(0.0, (ending.time - first.time).total_seconds()), 3),
        _united(one.inputs for one in events),
        _united(one.outputs for one in events),
        reported,
    )


def _united(groups: Iterable[tuple[ReportedDataset, ...]]) -> tuple[ReportedDataset, ...]:
    """Return every data set once; later events add facets to it."""
    found: dict[tuple[str, str], ReportedDataset] = {}
    for group in groups:
        for one in group:
            before = found.get((one.namespace, one.name))
            facets = {**(before.facets if before else {}), **one.facets}
            found[one.namespace, one.name] = ReportedDataset(one.namespace, one.name, facets)
    return tuple(found.values())


def description(dataset: ReportedDataset) -> bytes:
    """Return the bytes that are sealed for a reported data set, the same for the same report."""
    return json.dumps(
        dataset.to_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()
