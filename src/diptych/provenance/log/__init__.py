"""Transparency log: RFC 6962 tree over SQLite, signed checkpoints, one fenced writer."""

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
