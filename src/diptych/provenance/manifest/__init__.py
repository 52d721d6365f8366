"""Manifests: seal a file, folder or stream into one root; find out what changed since."""

from diptych.provenance.manifest.build import (
    BuildOptions,
    BuiltManifest,
    build_manifest,
    build_stream_manifest,
)
from diptych.provenance.manifest.ignore import ignore_rules
from diptych.provenance.manifest.journal import ScanJournal, journal_path
from diptych.provenance.manifest.payload import copy_payload
from diptych.provenance.manifest.status import tree_status

__all__ = [
    "BuildOptions",
    "BuiltManifest",
    "ScanJournal",
    "build_manifest",
    "build_stream_manifest",
    "copy_payload",
    "ignore_rules",
    "journal_path",
    "tree_status",
]
