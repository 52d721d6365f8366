"""Transparency log: RFC 6962 tree over SQLite, signed checkpoints, one fenced writer."""

from typing import TYPE_CHECKING

from diptych.core.lazy import lazy_names

if TYPE_CHECKING:
    from diptych.provenance.log.export import export_tiles
    from diptych.provenance.log.exported import verify_export
    from diptych.provenance.log.lease import LeaseTerms
    from diptych.provenance.log.log import Log
    from diptych.provenance.log.reader import LogReader
    from diptych.provenance.log.writer import CheckpointSigner, Writer

__all__ = [
    "CheckpointSigner",
    "LeaseTerms",
    "Log",
    "LogReader",
    "Writer",
    "export_tiles",
    "verify_export",
]

__getattr__ = lazy_names(
    __name__,
    {
        "CheckpointSigner": "diptych.provenance.log.writer",
        "LeaseTerms": "diptych.provenance.log.lease",
        "Log": "diptych.provenance.log.log",
        "LogReader": "diptych.provenance.log.reader",
        "Writer": "diptych.provenance.log.writer",
        "export_tiles": "diptych.provenance.log.export",
        "verify_export": "diptych.provenance.log.exported",
    },
)
