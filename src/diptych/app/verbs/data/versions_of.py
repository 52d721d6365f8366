"""Which private tables are versions of one another: chains of `supersedes` edges."""

from diptych.app.verbs.data.table import TABLE_LABEL
from diptych.app.verbs.records import Record, record_at
from diptych.app.workspace import Workspace
from diptych.provenance.log import LogReader
from diptych.provenance.private.table import TableStores


def related_tables(
    workspace: Workspace, stores: TableStores, record: Record, *, everywhere: bool
) -> list[Record]:
    """Return the tables that can still be opened and are versions of one another, oldest first.

    Args:
        workspace: where the log stands.
        stores: of private tables.
        record: of a table, which is always in the answer.
        everywhere: all tables of the workspace instead.
    """
    with workspace.read_log() as log:
        places = (log.label(f"{TABLE_LABEL}{root.hex()}") for root in stores.keys.roots())
        found = {at: record_at(log, at) for at in places if at is not None}
        found[record.index] = record
        if not everywhere:
            mine = _chain(log, record)
            found = {at: one for at, one in found.items() if mine & _chain(log, one)}
    return [one for _, one in sorted(found.items())]


def _chain(log: LogReader, record: Record) -> set[str]:
    """Return the ids of a record and of all that it supersedes."""
    chain: set[str] = set()
    waiting = [record]
    while waiting:
        one = waiting.pop()
        chain.add(one.record)
        for edge in one.statement.edges:
            if edge.relation != "supersedes" or edge.record is None:
                continue
            index = None if edge.record.hex() in chain else log.find(edge.record)
            if index is not None:
                waiting.append(record_at(log, index))
    return chain
