"""Manifests: seal a file, folder or stream into one root; find out what changed since."""

from typing import TYPE_CHECKING

from diptych.core.lazy import lazy_names

if TYPE_CHECKING:
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

_BUILD = "diptych.provenance.manifest.build"
_JOURNAL = "diptych.provenance.manifest.journal"
__getattr__ = lazy_names(
    __name__,
    {
        "BuildOptions": _BUILD,
        "BuiltManifest": _BUILD,
        "ScanJournal": _JOURNAL,
        "build_manifest": _BUILD,
        "build_stream_manifest": _BUILD,
        "copy_payload": "diptych.provenance.manifest.payload",
        "ignore_rules": "diptych.provenance.manifest.ignore",
        "journal_path": _JOURNAL,
        "tree_status": "diptych.provenance.manifest.status",
    },
)
