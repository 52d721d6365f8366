"""The runs of a log: list them, and read the document of one."""

from collections.abc import Iterator
from dataclasses import dataclass

from diptych.app.verbs.records import Record, find_record, record_at
from diptych.app.verbs.run_outputs import RUN_LABEL
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, MalformedError, UsageError
from diptych.provenance.activity.document import MAX_BYTES, RunDocument
from diptych.provenance.log import LogReader
from diptych.provenance.objects import object_bytes
from diptych_verify.jsonio import ObjectReader


class NoRun(UsageError):
    """A record is no run, and no run made it."""

    code = "Run.None"


@dataclass(frozen=True)
class LoggedRun:
    """A run as the log has it: its record, and its document from the object store."""

    record: Record
    document: RunDocument

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych run show --json` shows."""
        return {
            "record": self.record.record,
            "index": self.record.index,
            "claimed_time": self.record.statement.time,
            "run": self.document.to_json(),
        }


def read_run(workspace: Workspace, record: Record) -> LoggedRun:
    """Read the document of a run's record.

    Raises:
        NoRun: the record is no run.
        ObjectMissing: its document is not in the object store.
        MalformedError: record and document contradict each other.
    """
    if record.statement.kind != "run":
        raise NoRun(f"record {record.index} is a {record.statement.kind}", hint="diptych run list")
    said = ObjectReader(record.statement.predicate.get("run"), "statement.run")
    digest = said.hex_bytes("document", size=32).hex()
    document = RunDocument.parse(object_bytes(workspace.objects, digest, max_bytes=MAX_BYTES))
    used = [edge.record.hex() for edge in record.statement.edges if edge.record is not None]
    claimed = (said.text("activity"), said.text("status"), used)
    stated = (document.activity, document.status, [one.record for one in document.inputs])
    if claimed != stated:
        raise MalformedError(f"record {record.index} contradicts its run document {digest}")
    return LoggedRun(record, document)


def find_run(workspace: Workspace, reference: str) -> LoggedRun:
    """Return the run that a reference names, or the run that made what it names.

    Raises:
        NoSuchRecord: the reference names nothing.
        NoRun: it is no run and no run made it.
    """
    with workspace.read_log() as log:
        record = find_record(workspace, log, reference)
        if record.statement.kind != "run":
            record = _maker(log, record)
    return read_run(workspace, record)


def list_runs(workspace: Workspace, *, limit: int = 20) -> list[LoggedRun]:
    """Return the newest runs, newest first."""
    with workspace.read_log() as log:
        records = [record_at(log, index) for index in log.newest_labels(RUN_LABEL, limit)]
    return [read_run(workspace, record) for record in records]


def _maker(log: LogReader, record: Record) -> Record:
    for edge in record.statement.edges:
        if edge.relation == "generated" and edge.record is not None:
            index = log.find(edge.record)
            if index is not None:
                return record_at(log, index)
    raise NoRun(
        f"record {record.index} ({record.statement.kind} '{record.name}') says of no run that it "
        "made it",
        hint="with book.run('train') as run: …",
    )


def outputs_of(log: LogReader, run: Record) -> Iterator[Record]:
    """Yield what a run made: the records appended with it, which point back to it."""
    for index in range(run.index + 1, log.size):
        record = record_at(log, index)
        if not any(
            e.relation == "generated" and e.record and e.record.hex() == run.record
            for e in record.statement.edges
        ):
            return
        yield record
