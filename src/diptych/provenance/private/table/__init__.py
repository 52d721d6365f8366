"""Tables sealed privately: each cell can be proven, each row or subject erased, alone."""

from diptych.provenance.private.table.erase import Erasure, TableEraser
from diptych.provenance.private.table.keys import DataKeys, SubjectEntry
from diptych.provenance.private.table.opened import OpenedRow, OpenedTable
from diptych.provenance.private.table.seal import TableContent, TableStores, seal_rows
from diptych.provenance.private.table.store import TableStore

__all__ = [
    "DataKeys",
    "Erasure",
    "OpenedRow",
    "OpenedTable",
    "SubjectEntry",
    "TableContent",
    "TableEraser",
    "TableStore",
    "TableStores",
    "seal_rows",
]
