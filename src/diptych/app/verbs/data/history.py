"""`data history`: the versions of a name: who, when as claimed, what changed, which state."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from diptych.app.verbs.data.content import readable, version_files
from diptych.app.verbs.lineage import judge_records, opened_graph
from diptych.app.verbs.names import DATA, AssetReference, find_asset, newest_version
from diptych.app.verbs.records import NoSuchRecord, Record, record_at
from diptych.app.workspace import Workspace
from diptych.core.errors import DiptychError, JsonValue, UsageError
from diptych.data.compare import compare_files
from diptych.provenance.graph.states import Judged
from diptych.provenance.log import LogReader


class NotAName(UsageError):
    """A history was asked for of something that is no name of data."""

    code = "Data.NotAName"


@dataclass(frozen=True)
class HistoryEntry:
    """One version: its number, its record's state, and what changed since the one before."""

    version: int
    judged: Judged
    record: Record
    change: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        claim = self.record.statement.manifest
        return {
            "version": self.version,
            "index": self.record.index,
            "record": self.record.record,
            "claimed_time": self.record.statement.time,
            "signers": list(self.record.signers),
            "state": self.judged.state.value,
            "reason": self.judged.reason,
            "files": None if claim is None else claim.files,
            "bytes": None if claim is None else claim.total_bytes,
            "change": self.change,
        }


def history(workspace: Workspace, name: str, *, limit: int = 20) -> list[HistoryEntry]:
    """Return the versions of a name, newest first.

    Args:
        workspace: where the log stands.
        name: of the data.
        limit: most versions.

    Raises:
        NotAName: it cannot be a name.
        NoSuchRecord: no data has this name.
        Mislabelled: a label leads to a record that says it is something else.
    """
    reference = AssetReference.parse(name)
    if reference is None or reference.version or reference.alias:
        raise NotAName(f"got '{name[:200]}', expected the name of data", hint="diptych log")
    with opened_graph(workspace) as (log, graph):
        newest = newest_version(log, DATA, reference.name)
        if not newest:
            raise NoSuchRecord(f"no data is named '{reference.name}'", hint="diptych data add")
        numbers = range(newest, max(0, newest - limit), -1)
        versions = [(number, _version(log, reference.name, number)) for number in numbers]
        judged = judge_records(workspace, (log, graph), [one.index for _, one in versions])
        before = max(0, newest - limit)
        older = [record for _, record in versions[1:]]
        if before:
            older.append(_version(log, reference.name, before))
        changes = list(_changes(workspace, [record for _, record in versions], older))
        return [
            HistoryEntry(number, judged[record.index], record, change)
            for (number, record), change in zip(versions, changes, strict=True)
        ]


def _version(log: LogReader, name: str, number: int) -> Record:
    index = find_asset(log, AssetReference(DATA, name, number, ""))
    if index is None:
        raise NoSuchRecord(f"there is no {name}@{number}", hint="diptych log")
    return record_at(log, index)


def _changes(workspace: Workspace, records: list[Record], older: list[Record]) -> Iterator[str]:
    for position, record in enumerate(records):
        if position >= len(older):
            yield "first version"
            continue
        yield _change(workspace, older[position], record)


def _change(workspace: Workspace, old: Record, new: Record) -> str:
    try:
        with ExitStack() as stack:
            left = stack.enter_context(version_files(workspace, old))
            right = stack.enter_context(version_files(workspace, new))
            pair = (left.algorithms, right.algorithms)
            return compare_files(left.entries(), right.entries(), algorithms=pair).text()
    except DiptychError as error:
        return readable(error)
