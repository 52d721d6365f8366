"""Private seals: salted commitments, encrypted objects, and a store that can really forget."""

from diptych.provenance.private.commitments import FieldTree, disclosed_json
from diptych.provenance.private.opened import (
    OpenedFolder,
    erase_private,
    open_fields,
)
from diptych.provenance.private.seal import (
    PrivateOptions,
    PrivateSeal,
    commit_private_fields,
    seal_private,
)
from diptych.provenance.private.store import PrivateStore

__all__ = [
    "FieldTree",
    "OpenedFolder",
    "PrivateOptions",
    "PrivateSeal",
    "PrivateStore",
    "commit_private_fields",
    "disclosed_json",
    "erase_private",
    "open_fields",
    "seal_private",
]
