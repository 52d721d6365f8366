"""Content-addressed objects: manifests, ciphertexts and optional copies of what was sealed."""

from diptych.provenance.objects.local import LocalObjects
from diptych.provenance.objects.store import (
    BlobStore,
    ObjectCorrupt,
    ObjectMissing,
    object_bytes,
    object_stream,
)

__all__ = [
    "BlobStore",
    "LocalObjects",
    "ObjectCorrupt",
    "ObjectMissing",
    "object_bytes",
    "object_stream",
]
