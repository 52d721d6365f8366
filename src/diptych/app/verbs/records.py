"""Records of the log as people see them, and how to name one."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from diptych.app.verbs.names import (
    AmbiguousName,
    AssetReference,
    find_asset,
    local_names,
    step_back,
)
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, UsageError
from diptych.provenance.log import LogReader
from diptych_verify.dsse import parse_envelope
from diptych_verify.merkle import leaf_hash
from diptych_verify.statement import Statement, statement_of

PATH_LABEL = "path/"
PRIVATE_LABEL = "private/"
STREAM_LABEL = "stream/"
_SHOWN = 200
_RECORD_ID = re.compile(r"[0-9a-f]{64}")
_INDEX = re.compile(r"#?([0-9]{1,18})")


class NoSuchRecord(UsageError):
    """A reference names no record of this log."""

    code = "Record.Missing"


class BadName(UsageError):
    """A path cannot be sealed or looked up by its name: it is not UTF-8, or holds NUL."""

    code = "Record.BadName"


@dataclass(frozen=True)
class Record:
    """One record of the log.

    Attributes:
        index: its place in the log.
        record: hex record id.
        envelope: its bytes.
        statement: what it says.
        signers: key ids.
        local_name: what this workspace calls it where the record hides it, else empty.
    """

    index: int
    record: str
    envelope: bytes
    statement: Statement
    signers: tuple[str, ...]
    local_name: str = ""

    @property
    def shown_name(self) -> str:
        """What to call it in this workspace; not for what leaves it."""
        return self.local_name or self.name

    @property
    def name(self) -> str:
        """Name of its first subject."""
        return self.statement.subjects[0].name

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych log --json` shows."""
        subject = self.statement.subjects[0]
        return {
            "index": self.index,
            "record": self.record,
            "kind": self.statement.kind,
            "name": subject.name,
            "local_name": self.local_name or None,
            "digests": dict(subject.digests),
            "claimed_time": self.statement.time,
            "signers": list(self.signers),
            "edges": [
                {"rel": edge.relation, "record": edge.record.hex() if edge.record else None}
                for edge in self.statement.edges
            ],
        }


def record_at(log: LogReader, index: int) -> Record:
    """Read one record without judging it."""
    raw = log.entry(index)
    envelope = parse_envelope(raw)
    return Record(
        index,
        leaf_hash(raw).hex(),
        raw,
        statement_of(envelope),
        tuple(one.keyid for one in envelope.signatures),
    )


def newest(workspace: Workspace, *, limit: int) -> list[Record]:
    """Return the newest records, newest first."""
    with workspace.read_log() as log:
        size = log.size
        found = (record_at(log, i) for i in range(size - 1, max(-1, size - 1 - limit), -1))
        return with_local_names(log, found)


def with_local_names(log: LogReader, records: Iterable[Record]) -> list[Record]:
    """Return records with what this workspace calls those that hide their names."""
    listed = list(records)
    names = local_names(log, {one.index for one in listed if one.statement.kind == "private"})
    return [replace(one, local_name=names.get(one.index, "")) for one in listed]


def find_record(
    workspace: Workspace,
    log: LogReader,
    what: str,
    *,
    private: bool = False,
    size: int | None = None,
) -> Record:
    """Resolve a reference: an index, a record id, a sealed path or stream, or an asset's name.

    A name is `NAME` (newest version), `NAME@3` or `NAME:alias`, with `data/` or `model/` before it
    where both have one; `./NAME` is always a path.

    Args:
        workspace: where the log stands.
        log: the opened log.
        what: the reference.
        private: of a path that was sealed both ways, take the private seal.
        size: answer as of this log size: the newest version, seal or alias then.

    Raises:
        NoSuchRecord: nothing of that name is in the log, or was then.
        BadName: nothing could have that name.
        AmbiguousName: it names two records, for example a path and the data of another path.
        Mislabelled: a label of the log leads to a record that says it is something else.
    """
    index = _find_index(workspace, log, what, private=private, size=size)
    if index is None or (size is not None and index >= size):
        shown = what if len(what) <= _SHOWN else f"{what[:_SHOWN]}…"
        then = f" among the first {size} records" if size is not None and size < log.size else ""
        raise NoSuchRecord(
            f"got '{shown}', expected an index, a record id, a sealed path or NAME{then}",
            hint="diptych log lists what is sealed",
        )
    return record_at(log, index)


def _find_index(
    workspace: Workspace, log: LogReader, what: str, *, private: bool, size: int | None
) -> int | None:
    labelled = _sealed_index(workspace, log, what, private=private)
    if labelled is not None and size is not None:
        labelled = step_back(log, labelled, size)
    reference = AssetReference.parse(what)
    named = None if reference is None else find_asset(log, reference, size=size)
    if labelled is not None and named is not None and labelled != named:
        raise AmbiguousName(
            f"'{what}' is a path sealed as record {labelled} and the name of record {named}",
            hint=f"write ./{what} for the path, {what}@newest or the index for the other",
        )
    if labelled is not None or named is not None:
        return named if labelled is None else labelled
    if _RECORD_ID.fullmatch(what):
        return log.find(bytes.fromhex(what))
    match = _INDEX.fullmatch(what)
    return int(match[1]) if match and int(match[1]) < log.size else None


def _sealed_index(workspace: Workspace, log: LogReader, what: str, *, private: bool) -> int | None:
    """Return the newest seal of a path; a private one is looked for only if none is public.

    Finding a private seal needs the private key, which public work must not ask for.
    """
    public = log.label(PATH_LABEL + sealed_name(workspace, what))
    if public is None:
        public = log.label(STREAM_LABEL + what)
    stores = ("private.sqlite", "tables.sqlite")
    sealed_privately = any((workspace.place.private / store).exists() for store in stores)
    unwanted = public is not None and not private
    if unwanted or not sealed_privately or not (workspace.start / what).exists():
        return public
    from diptych.app.verbs.private import private_label

    hidden = log.label(private_label(workspace, what))
    return public if hidden is None else hidden


def require_utf8(name: str) -> None:
    """Refuse what cannot stand in a record.

    Raises:
        BadName: it is not UTF-8 or holds NUL.
    """
    if "\0" in name or any("\ud800" <= char <= "\udfff" for char in name):
        raise BadName(f"got the name {name[:_SHOWN]!a}, expected UTF-8 without NUL")


def sealed_name(workspace: Workspace, path: str | Path) -> str:
    """Return the name under which a path is sealed: relative to the project folder if inside it.

    Raises:
        BadName: it is not UTF-8 or holds NUL.
    """
    require_utf8(os.fspath(path))
    resolved = (workspace.start / path).resolve()
    project = workspace.place.project.resolve()
    if resolved == project:
        return "."
    if resolved.is_relative_to(project):
        return resolved.relative_to(project).as_posix()
    return resolved.as_posix()
